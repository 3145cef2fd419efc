//! YAML and JSON files: one parse, and each document goes to the reader that knows it.

use memchr::memmem;

use super::manifests::catalog_info;
use super::reading::Reading;
use super::{chart_values, compose, functions, image_builds, kubernetes, kustomize, openapi, settings, watching};
use crate::facts::Fact;
use crate::source::path::EstatePath;
use crate::syntax::template::{Masked, masked, masked_by};
use crate::syntax::tree::{Node, Tree};
use crate::syntax::{json, yaml};

/// Most problems of one file that are told; a hostile file can have one in each document.
const PROBLEM_LIMIT: usize = 20;

/// `*.yaml`, `*.yml`; `*.json` apart from files that only tools write.
pub fn claims(path: EstatePath) -> bool {
    let name = path.name();
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".yaml") || lower.ends_with(".yml") {
        return !matches!(lower.as_str(), "pnpm-lock.yaml" | "pubspec.lock.yaml");
    }
    // Kustomize takes its file under this name as well.
    if name == "Kustomization" {
        return true;
    }
    lower.ends_with(".json")
        && !matches!(
            lower.as_str(),
            "package.json" | "package-lock.json" | "npm-shrinkwrap.json" | "composer.lock" | "lerna.json" | "nx.json"
        )
        && !lower.starts_with("tsconfig")
}

/// Reads the file's documents.
pub fn read(reading: &mut Reading<'_>) {
    if reading.file.path.name().to_ascii_lowercase().ends_with(".json") {
        read_json(reading);
    } else {
        read_yaml(reading);
    }
}

/// Words without which a JSON file is nothing that is read here.
const JSON_WORDS: [&[u8]; 7] = [
    b"\"op\"",
    b"\"apiVersion\"",
    b"\"openapi\"",
    b"\"swagger\"",
    b"\"services\"",
    b"\"functions\"",
    b"AWS::Serverless::Function",
];

fn read_json(reading: &mut Reading<'_>) {
    let bytes = reading.file.text.as_bytes();
    let is_bake = image_builds::claims_bake(reading.file.path);
    let has_word = JSON_WORDS.iter().any(|word| memmem::find(bytes, word).is_some());
    if settings::claims(reading.file.path) || !(is_bake || has_word) {
        return;
    }
    let tree = json::parse(reading.file.id, reading.file.text);
    let known = tree.documents().any(|document| is_known(reading.file.path, document));
    if known {
        reading.syntax_problems(&tree.problems, "repair the JSON, or exclude the file");
    }
    for document in tree.documents() {
        dispatch(reading, document, None);
    }
}

fn read_yaml(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let id = reading.file.id;
    let is_chart = reading.file.path.as_str().split('/').rev().skip(1).any(|folder| folder == "templates");
    let hidden = match reading.values {
        Some(values) => masked_by(text, values),
        None if is_chart => masked(text),
        None => None,
    };
    let (tree, hidden) = match hidden {
        Some(hidden) => (yaml::parse(id, &hidden.text), Some(hidden)),
        None => plain_or_masked(reading),
    };
    // Templates of other engines (`{% … %}`, `<% … %>`, Terraform's `%{ … }`) are no YAML
    // before they are rendered.
    let foreign = !tree.problems.is_empty() && ["{%", "<%", "%{", "{{"].iter().any(|sign| text.contains(sign));
    if foreign {
        let span = tree.problems.first().map_or_else(|| reading.file_start(), |problem| problem.span);
        reading.unclear(span, "file with template actions", "it is no YAML before it is rendered");
    } else {
        let told = tree.problems.get(..PROBLEM_LIMIT.min(tree.problems.len())).unwrap_or(&[]);
        reading.syntax_problems(told, "repair the YAML; the documents before and after the mistake were read");
    }
    for document in tree.documents() {
        dispatch(reading, document, hidden.as_ref());
    }
    if let Some(hidden) = hidden.filter(|hidden| !hidden.left_out.is_empty()) {
        read_secrets_left_out(reading, &hidden);
    }
}

/// What the chart's values leave out stands in the file all the same: its secrets are committed.
fn read_secrets_left_out(reading: &mut Reading<'_>, hidden: &Masked) {
    let mut whole = Reading::new(reading.file);
    read_yaml(&mut whole);
    reading.facts.redactions.extend(whole.facts.redactions);
    let is_secret = |fact: &Fact| matches!(fact, Fact::Secret(secret) if hidden.is_left_out(secret.span.start));
    reading.facts.facts.extend(whole.facts.facts.into_iter().filter(is_secret));
}

/// Outside of a chart's folder a file is plain YAML unless only hiding its template actions
/// makes it so.
fn plain_or_masked(reading: &Reading<'_>) -> (Tree, Option<Masked>) {
    let (id, text) = (reading.file.id, reading.file.text);
    let plain = yaml::parse(id, text);
    if plain.problems.is_empty() {
        return (plain, None);
    }
    let Some(hidden) = masked(text) else { return (plain, None) };
    let tree = yaml::parse(id, &hidden.text);
    if tree.problems.is_empty() { (tree, Some(hidden)) } else { (plain, None) }
}

fn is_known(path: EstatePath, document: Node<'_>) -> bool {
    kubernetes::claims(document)
        || kustomize::claims(path, document)
        || image_builds::claims_bake(path)
        || image_builds::claims(document)
        || compose::claims(path, document)
        || openapi::claims_document(document)
        || functions::claims_document(path, document)
        || settings::claims_document(path)
}

fn dispatch(reading: &mut Reading<'_>, document: Node<'_>, hidden: Option<&Masked>) {
    let path = reading.file.path;
    if matches!(path.name(), "Chart.yaml" | "Chart.yml" | "requirements.yaml") {
        chart_values::read_parts(reading, document);
    } else if chart_values::claims_releases(document) {
        chart_values::read_releases(reading, document);
    } else if catalog_info::claims_document(document) {
        // `catalog-info.yaml` is read by its name.
        if !catalog_info::claims(path) {
            catalog_info::read_document(reading, document);
        }
    } else if kustomize::claims(path, document) {
        kustomize::read(reading, document);
    } else if kustomize::claims_patch(document) {
        kustomize::read_patch(reading);
    } else if image_builds::claims_bake(path) {
        image_builds::read_bake(reading, document);
    } else if image_builds::claims(document) {
        // Has `apiVersion` and `kind` and is no object of Kubernetes.
        image_builds::read(reading, document);
    } else if kubernetes::claims(document) {
        chart_values::read_release(reading, document);
        kubernetes::read(reading, document, hidden);
    } else if openapi::claims_document(document) {
        openapi::read_document(reading, document);
    } else if compose::claims(path, document) {
        compose::read(reading, document);
    } else if functions::claims_document(path, document) {
        functions::read_document(reading, document);
    } else if watching::claims_document(document) {
        watching::read_document(reading, document);
    } else if settings::claims_document(path) {
        settings::read_document(reading, document);
    }
}
