//! Files that map an image's name to the folder it is built from: Skaffold, Bake, Tilt.

use regex::Regex;

use super::interpolation::Placed;
use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::ImageBuild;
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::syntax::tree::Node;

/// True for a document of `skaffold.yaml`, also under another name.
pub fn claims(document: Node<'_>) -> bool {
    document.get("apiVersion").and_then(Node::text).is_some_and(|version| version.starts_with("skaffold/"))
}

/// Adds the artifacts of a Skaffold document, those of its profiles as well
/// (skaffold.dev/docs/references/yaml).
pub fn read(reading: &mut Reading<'_>, document: Node<'_>) {
    artifacts(reading, document);
    for profile in document.get("profiles").into_iter().flat_map(Node::items) {
        artifacts(reading, profile);
    }
}

fn artifacts(reading: &mut Reading<'_>, holder: Node<'_>) {
    for artifact in holder.at(&["build", "artifacts"]).into_iter().flat_map(Node::items) {
        let Some(image) = artifact.get("image") else {
            reading.problem(artifact.span(), "this artifact has no `image`", "add `image:` with the image's name");
            continue;
        };
        let Some(image) = Placed::of(reading, image) else {
            reading.problem(image.span(), "`image` is no text", "write the image's name");
            continue;
        };
        // The workspace is the file's folder where no context is given.
        let context = artifact.get("context").map_or(Some("."), Node::text);
        // Jib builds one module of the workspace, Bazel one package, ko one folder.
        let module = artifact.at(&["jib", "project"]).and_then(Node::text).map(module_folder);
        let package = artifact.at(&["bazel", "target"]).and_then(Node::text).and_then(package_folder);
        let below = module.or(package).or_else(|| artifact.at(&["ko", "dir"]).and_then(Node::text).map(str::to_owned));
        let context = match (context, below) {
            (Some(context), Some(below)) => Some(format!("{context}/{below}")),
            (context, _) => context.map(str::to_owned),
        };
        let context = context.as_deref();
        let dockerfile = artifact.at(&["docker", "dockerfile"]).or_else(|| artifact.at(&["kaniko", "dockerfile"]));
        add(reading, image.text, image.span, context, dockerfile.and_then(Node::text));
    }
}

/// The folder of a Jib project: Maven writes `services/orders` or `:orders`, Gradle
/// `:services:orders`.
fn module_folder(project: &str) -> String {
    project.trim_start_matches(':').replace(':', "/")
}

/// The folder of a Bazel target of the workspace: `//services/orders:image.tar` is built in
/// `services/orders`. Nothing for targets of other workspaces.
fn package_folder(target: &str) -> Option<String> {
    let package = target.strip_prefix("//")?.split(':').next()?;
    Some(package.to_owned()).filter(|package| !package.is_empty())
}

/// True for `docker-bake.json` and `docker-bake.override.json`.
pub fn claims_bake(path: EstatePath) -> bool {
    matches!(path.name(), "docker-bake.json" | "docker-bake.override.json")
}

/// Adds the targets of a Bake document (docs.docker.com/build/bake/reference).
pub fn read_bake(reading: &mut Reading<'_>, document: Node<'_>) {
    for (_, target) in document.get("target").map_or_else(Vec::new, Node::entries) {
        let context = target.get("context").map_or(Some("."), Node::text);
        let dockerfile = target.get("dockerfile").and_then(Node::text);
        for tag in target.get("tags").into_iter().flat_map(Node::items) {
            if let Some(tag) = Placed::of(reading, tag) {
                add(reading, tag.text, tag.span, context, dockerfile);
            }
        }
    }
}

/// True for `Tiltfile`, `Tiltfile.orders`, `orders.tiltfile`.
pub fn claims_tilt(path: EstatePath) -> bool {
    let name = path.name().to_ascii_lowercase();
    name == "tiltfile" || name.starts_with("tiltfile.") || name.ends_with(".tiltfile")
}

/// Adds each `docker_build('image', 'context')` whose arguments are literal
/// (docs.tilt.dev/api.html#api.docker_build).
pub fn read_tilt(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let Ok(call) = Regex::new(
        r#"(?m)^[^#\n]*?\bdocker_build(?:_with_restart)?\(\s*(?:ref\s*=\s*)?["']([^"'\n]+)["']\s*,\s*(?:context\s*=\s*)?["']([^"'\n]*)["']([^)]*)"#,
    ) else {
        return;
    };
    let Ok(dockerfile) = Regex::new(r#"\bdockerfile\s*=\s*["']([^"'\n]+)["']"#) else { return };
    for found in call.captures_iter(text) {
        let (Some(image), Some(context), Some(rest)) = (found.get(1), found.get(2), found.get(3)) else { continue };
        let span = reading.span(image.start(), image.end());
        let named = dockerfile.captures(rest.as_str()).and_then(|found| found.get(1)).map(|name| name.as_str());
        // Tilt takes the Dockerfile relative to the Tiltfile, the others relative to the context.
        let folder = reading.file.path.parent();
        let named = named.and_then(|name| folder.join(name));
        push(reading, image.as_str(), span, folder.join(context.as_str()), named);
    }
}

fn add(reading: &mut Reading<'_>, image: &str, span: Span, context: Option<&str>, dockerfile: Option<&str>) {
    let folder = reading.file.path.parent();
    let context = context.and_then(|context| folder.join(context));
    let dockerfile = dockerfile.and_then(|name| context?.join(name));
    push(reading, image, span, context, dockerfile);
}

fn push(
    reading: &mut Reading<'_>,
    image: &str,
    span: Span,
    context: Option<EstatePath>,
    dockerfile: Option<EstatePath>,
) {
    // `{{.TAG}}`, `${TAG}`: who builds fills in.
    let image = if image.contains(['{', '$']) {
        Value::unknown("the image's name is computed", span)
    } else {
        Value::literal(image, span)
    };
    reading.add(Fact::ImageBuild(Box::new(ImageBuild { image, context, dockerfile, span })));
}

#[cfg(test)]
mod tests {
    use super::{claims, claims_bake, claims_tilt, read, read_bake, read_tilt};
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::line_index::{ColumnUnit, LineIndex};
    use crate::source::path::EstatePath;
    use crate::syntax::yaml;

    fn lines(path: &str, text: &str) -> Vec<String> {
        let path = EstatePath::new(path);
        let mut reading = Reading::new(SourceFile { id: FileId(0), path, text });
        if claims_tilt(path) {
            read_tilt(&mut reading);
        } else {
            // JSON is YAML as far as these files go.
            let tree = yaml::parse(FileId(0), text);
            for document in tree.documents() {
                if claims_bake(path) {
                    read_bake(&mut reading, document);
                } else if claims(document) {
                    read(&mut reading, document);
                }
            }
        }
        let index = LineIndex::new(text);
        let mut out: Vec<String> = reading
            .facts
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::ImageBuild(build) => {
                    let at = index.position(text, build.span.start, ColumnUnit::Characters);
                    let image = build.image.as_literal().map_or("?", |image| image.as_str());
                    Some(format!("{image} {:?} {:?}@{}:{}", build.context, build.dockerfile, at.line, at.column))
                }
                _ => None,
            })
            .collect();
        out.extend(reading.facts.problems.iter().map(|problem| problem.message.clone()));
        out
    }

    #[test]
    fn skaffold_maps_images_to_folders() {
        assert_eq!(
            lines(
                "deploy/skaffold.yaml",
                "apiVersion: skaffold/v4beta6\nkind: Config\nbuild:\n  artifacts:\n    - image: shop/orders\n      context: ../orders\n      docker: {dockerfile: ops/Dockerfile}\n    - image: shop/web\n    - context: x\nprofiles:\n  - build: {artifacts: [{image: dev, context: d}]}\n"
            ),
            [
                "shop/orders Some(\"orders\") Some(\"orders/ops/Dockerfile\")@5:14",
                "shop/web Some(\"deploy\") None@8:14",
                "dev Some(\"deploy/d\") None@11:33",
                "this artifact has no `image`",
            ]
        );
        assert!(lines("pod.yaml", "apiVersion: v1\nbuild: {artifacts: [{image: a}]}\n").is_empty());
    }

    #[test]
    fn skaffold_builders_of_one_module_map_to_its_folder() {
        for (builder, folder) in [
            ("jib: {project: services/orders, type: maven}", "services/orders"),
            ("jib: {project: ':services:orders', type: gradle}", "services/orders"),
            ("jib: {type: maven}", ""),
            ("bazel: {target: '//services/orders:image.tar'}", "services/orders"),
            ("bazel: {target: ':image.tar'}", ""),
            ("bazel: {target: '@other//orders:image.tar'}", ""),
            ("ko: {dir: cmd/orders}", "cmd/orders"),
        ] {
            let text = format!(
                "apiVersion: skaffold/v4beta6\nbuild:\n  artifacts:\n  - image: orders\n    context: ../..\n    {builder}\n"
            );
            let expected = format!("orders Some({folder:?}) None@4:12");
            assert_eq!(lines("services/orders/skaffold.yaml", &text), [expected], "{builder}");
        }
    }

    #[test]
    fn bake_maps_tags_to_folders() {
        assert_eq!(
            lines(
                "docker-bake.json",
                "{\"target\": {\"orders\": {\"context\": \"orders\", \"dockerfile\": \"D\", \"tags\": [\"shop/orders:1\", \"a:${T}\"]}}}"
            ),
            ["shop/orders:1 Some(\"orders\") Some(\"orders/D\")@1:74", "? Some(\"orders\") Some(\"orders/D\")@1:91",]
        );
    }

    #[test]
    fn tilt_calls_with_literal_arguments_count() {
        assert_eq!(
            lines(
                "ops/Tiltfile",
                "docker_build('shop/orders', '../orders', dockerfile='../orders/D.dev')\n# docker_build('no', '.')\ndocker_build(\n  \"shop/web\",\n  context=\"web\",\n)\ndocker_build(name, '.')\n"
            ),
            ["shop/orders Some(\"orders\") Some(\"orders/D.dev\")@1:15", "shop/web Some(\"ops/web\") None@4:4"]
        );
    }
}
