//! `Cargo.toml`: a package, a workspace, or both (doc.rust-lang.org/cargo/reference/manifest.html).

use super::dependencies::{blank_unit, framework_entrances, named, pin_of_table, texts};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Entrance, Runtime, Unit, Workspace};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::toml;
use crate::syntax::tree::Node;
use crate::tables::frameworks::Ecosystem;

/// `Cargo.toml` in any folder.
pub fn claims(path: EstatePath) -> bool {
    path.name() == "Cargo.toml"
}

/// Adds the workspace and the package.
pub fn read(reading: &mut Reading<'_>) {
    let tree = toml::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "cargo refuses this file too; repair the TOML");
    let Some(root) = tree.documents().next() else { return };
    let folder = reading.file.path.parent();
    if let Some((key, workspace)) = root.entry("workspace") {
        let patterns = |name| texts(workspace.get(name)).map(|(text, _)| Symbol::new(text)).collect();
        let span = workspace.entry("members").map_or(key.span(), |(members, _)| members.span());
        let (members, excluded) = (patterns("members"), patterns("exclude"));
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded, span })));
    }
    if let Some((_, package)) = root.entry("package") {
        let unit = unit(reading, root, package);
        reading.add(Fact::Unit(Box::new(unit)));
    }
}

fn unit(reading: &Reading<'_>, root: Node<'_>, package: Node<'_>) -> Unit {
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Rust, reading.file_start());
    if let Some((key, name)) = package.entry("name").and_then(|(key, value)| Some((key, value.text()?))) {
        unit.name = Some(Symbol::new(name));
        unit.span = key.span();
    }
    // `publish = []` allows no registry at all; `publish.workspace = true` says nothing here.
    unit.private = package
        .get("publish")
        .is_some_and(|publish| publish.bool() == Some(false) || publish.is_sequence() && publish.items().count() == 0);
    all_dependencies(root, folder, &mut unit.dependencies);
    for (_, target) in root.get("target").into_iter().flat_map(Node::own_entries) {
        all_dependencies(target, folder, &mut unit.dependencies);
    }
    unit.entrances = framework_entrances(Ecosystem::Cargo, &unit.dependencies);
    let binaries: Vec<_> = root.get("bin").into_iter().flat_map(Node::items).collect();
    for binary in &binaries {
        let span = binary.entry("name").map_or(binary.span(), |(_, name)| name.span());
        unit.entrances.push((Entrance::Binary, span));
    }
    // Whether there is a `src/main.rs` is not in the manifest, unless it says not to look.
    let looks_for_binaries = package.get("autobins").and_then(Node::bool) != Some(false);
    let plugin = root.at(&["lib", "proc-macro"]).and_then(Node::bool) == Some(true);
    unit.library = binaries.is_empty() && (plugin || root.get("lib").is_some() && !looks_for_binaries);
    unit
}

fn all_dependencies(node: Node<'_>, folder: EstatePath, into: &mut Vec<Dependency>) {
    for (keys, scope) in [
        (["dependencies", "dependencies"], DependencyScope::Runtime),
        (["dev-dependencies", "dev_dependencies"], DependencyScope::Development),
        (["build-dependencies", "build_dependencies"], DependencyScope::Build),
    ] {
        let Some(list) = keys.iter().find_map(|key| node.get(key)) else { continue };
        for (key, value) in list.own_entries() {
            let Some(name) = key.raw() else { continue };
            // A renamed dependency is known to the registry and to the tables by its own name.
            let name = value.get("package").and_then(Node::text).unwrap_or(name);
            let requirement = value.text().or_else(|| value.get("version")?.text()).unwrap_or_default();
            let mut dependency = named(name, requirement, scope, key.span());
            dependency.address = dependency.address.or_else(|| pin_of_table(value));
            dependency.path = value.get("path").and_then(Node::text).and_then(|path| folder.join(path));
            into.push(dependency);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const ORDERS: &str = r#"[package]
name = "orders"
publish = false

[[bin]]
name = "orders-worker"
path = "src/worker.rs"

[dependencies]
axum = "0.8"
tokio = { workspace = true }
money = { path = "../money", version = "1" }
http = { package = "reqwest", version = "0.12" }

[target.'cfg(unix)'.dependencies]
nix = "0.29"

[dev-dependencies]
warp = "0.3"

[build-dependencies]
tonic-build = "0.12"
"#;

    #[test]
    fn a_package_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("services/orders/Cargo.toml", ORDERS, read),
            [
                "unit orders in services/orders rust private at 2:1",
                "  entrance ServerFramework at 10:1",
                "  entrance Binary at 6:8",
                "  needs axum 0.8 Runtime at 10:1",
                "  needs tokio Runtime at 11:1",
                "  needs money 1 Runtime from services/money at 12:1",
                "  needs reqwest 0.12 Runtime at 13:1",
                "  needs warp 0.3 Development at 19:1",
                "  needs tonic-build 0.12 Build at 22:1",
                "  needs nix 0.29 Runtime at 16:1",
            ]
        );
        survives_truncation("Cargo.toml", ORDERS, read);
    }

    #[test]
    fn a_workspace_lists_members_and_may_be_a_package_too() {
        let text = "[workspace]\nmembers = [\"services/*\", \"tools/x\"]\nexclude = [\"old\"]\n[workspace.dependencies]\naxum = \"0.8\"\n";
        assert_eq!(sketch("Cargo.toml", text, read), ["workspace . [services/* tools/x] without [old] at 2:1"]);
        let both = "[package]\nname = \"root\"\n[workspace]\n";
        assert_eq!(
            sketch("Cargo.toml", both, read),
            ["workspace . [] without [] at 3:2", "unit root in . rust at 2:1"]
        );
    }

    #[test]
    fn only_a_manifest_that_excludes_binaries_is_a_library() {
        let cases = [
            ("[package]\nname = \"a\"\nautobins = false\n[lib]\n", true),
            ("[package]\nname = \"a\"\n[lib]\nproc-macro = true\n", true),
            ("[package]\nname = \"a\"\n[lib]\npath = \"a.rs\"\n", false),
            ("[package]\nname = \"a\"\nautobins = false\n[lib]\n[[bin]]\nname = \"b\"\n", false),
            ("[package]\nname = \"a\"\n", false),
        ];
        for (text, library) in cases {
            let lines = sketch("Cargo.toml", text, read);
            assert_eq!(lines.first().is_some_and(|line| line.contains(" library ")), library, "{text}");
        }
    }

    #[test]
    fn odd_manifests_are_read_as_far_as_they_go() {
        let text = "[package]\nname.workspace = true\npublish = []\n[dependencies]\na = 3\nb = [\"x\"]\n";
        assert_eq!(
            sketch("Cargo.toml", text, read),
            ["unit ? in . rust private at 1:1", "  needs a 3 Runtime at 5:1", "  needs b Runtime at 6:1"]
        );
        assert_eq!(sketch("Cargo.toml", "[package\n", read).len(), 1);
        assert!(sketch("Cargo.toml", "package = 1\n", read).len() <= 1);
    }
}
