//! Workspaces of Node tools: `pnpm-workspace.yaml`, `lerna.json`, `nx.json`, and the
//! `project.json` of one Nx project.

use super::dependencies::{blank_unit, framework_entrances, named};
use super::package_json::workspace_of;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope};
use crate::facts::code::{Entrance, Runtime, Workspace};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Tree};
use crate::syntax::{json, yaml};
use crate::tables::frameworks::Ecosystem;

/// `pnpm-workspace.yaml`, `lerna.json`, `nx.json` and Nx's `project.json`.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "pnpm-workspace.yaml" | "pnpm-workspace.yml" | "lerna.json" | "nx.json" | "project.json")
}

/// Adds the workspace, or the project's unit.
pub fn read(reading: &mut Reading<'_>) {
    let name = reading.file.path.name();
    let parse: fn(_, &str) -> Tree = if name.ends_with("json") { json::parse } else { yaml::parse };
    let tree = parse(reading.file.id, reading.file.text);
    // A `project.json` may be anything; only what Nx reads is ours to complain about.
    if name != "project.json" {
        reading.syntax_problems(&tree.problems, "its tool refuses this file too; repair it");
    }
    let Some(root) = tree.documents().next().filter(|root| root.is_mapping()) else { return };
    match name {
        "nx.json" => nx_layout(reading, root),
        "project.json" => nx_project(reading, root),
        _ => {
            if let Some((key, list)) = root.entry("packages").filter(|(_, list)| list.is_sequence()) {
                let workspace = workspace_of(list, reading.file.path.parent(), key.span());
                reading.add(Fact::Workspace(Box::new(workspace)));
            }
        }
    }
}

/// `"workspaceLayout": {"appsDir": "apps", "libsDir": "libs"}`
fn nx_layout(reading: &mut Reading<'_>, root: Node<'_>) {
    let Some((key, layout)) = root.entry("workspaceLayout") else { return };
    let folders = ["appsDir", "libsDir"].into_iter().filter_map(|name| layout.get(name)?.text());
    let members = folders.map(|folder| Symbol::new(&format!("{}/*", folder.trim_end_matches('/')))).collect();
    let folder = reading.file.path.parent();
    reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded: Vec::new(), span: key.span() })));
}

/// A project that states `projectType`; what it runs on is in the executors of its targets
/// (`@nx/js:node`, `@nx/next:server`, before version 13 `@nrwl/node:execute`; nx.dev, project configuration, 2026).
fn nx_project(reading: &mut Reading<'_>, root: Node<'_>) {
    let Some((stated, kind)) = root.entry("projectType").and_then(|(key, kind)| Some((key, kind.text()?))) else {
        return;
    };
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Node, reading.file_start());
    if let Some((key, name)) = root.entry("name").and_then(|(key, value)| Some((key, value.text()?))) {
        unit.name = Some(Symbol::new(name));
        unit.span = key.span();
    }
    unit.library = kind == "library";
    let mut pages = false;
    let targets = root.get("targets").or_else(|| root.get("architect"));
    for (_, target) in targets.into_iter().flat_map(Node::own_entries) {
        let Some(executor) = target.get("executor").or_else(|| target.get("builder")) else { continue };
        let (package, action) = executor.text().unwrap_or_default().split_once(':').unwrap_or_default();
        let runs_node = is_started(action) || target.at(&["options", "target"]).and_then(Node::text) == Some("node");
        let package_evidence: [Dependency; 1] = [named(
            package.trim_start_matches("@nx/").trim_start_matches("@nrwl/"),
            "",
            DependencyScope::Runtime,
            executor.span(),
        )];
        if runs_node {
            unit.entrances.push((Entrance::StartScript, executor.span()));
        } else {
            unit.entrances.extend(framework_entrances(Ecosystem::Npm, &package_evidence));
        }
        pages |= matches!(action, "dev-server" | "browser" | "browser-esbuild") || package == "@nx/vite";
    }
    if unit.library {
        unit.entrances.clear();
    } else if pages && unit.entrances.is_empty() {
        unit.runtime = Runtime::Static;
    } else if unit.entrances.is_empty() {
        // Its targets may come from a plugin. Whether it serves is for its code to say.
        unit.entrances.push((Entrance::StartScript, stated.span()));
    }
    reading.add(Fact::Unit(Box::new(unit)));
}

/// True for executors that start what they built: `@nx/js:node`, `@nrwl/node:execute`.
fn is_started(action: &str) -> bool {
    matches!(action, "node" | "execute")
}

/// Where the targets that Nx keeps in a `package.json` start a program: since version 20 new
/// projects have no `project.json` of their own (nx.dev, project configuration, 2026).
pub fn started_by_nx(root: Node<'_>) -> Option<Span> {
    let targets = root.at(&["nx", "targets"])?.own_entries();
    let executors = targets.into_iter().filter_map(|(_, target)| target.get("executor"));
    let mut starting = executors
        .filter(|it| it.text().and_then(|text| text.split_once(':')).is_some_and(|(_, action)| is_started(action)));
    starting.next().map(|it| it.span())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    #[test]
    fn every_tool_lists_its_members() {
        let cases = [
            (
                "pnpm-workspace.yaml",
                "packages:\n  - 'services/*'\n  - '!services/old'\n",
                "1:1",
                "services/*",
                "services/old",
            ),
            ("lerna.json", "{\n  \"packages\": [\"packages/*\"]\n}", "2:3", "packages/*", ""),
            (
                "nx.json",
                "{\"workspaceLayout\":{\"appsDir\":\"apps\",\"libsDir\":\"libs/\"}}",
                "1:2",
                "apps/* libs/*",
                "",
            ),
        ];
        for (path, text, at, members, excluded) in cases {
            assert_eq!(
                sketch(&format!("shop/{path}"), text, read),
                [format!("workspace shop [{members}] without [{excluded}] at {at}")]
            );
            survives_truncation(path, text, read);
        }
    }

    #[test]
    fn settings_without_members_are_no_workspace() {
        for (path, text) in [
            ("pnpm-workspace.yaml", "onlyBuiltDependencies:\n  - esbuild\n"),
            ("lerna.json", "{\"version\":\"1.0.0\"}"),
            ("nx.json", "{\"targetDefaults\":{}}"),
            ("project.json", "{\"name\":\"not of nx\"}"),
            ("project.json", "{not json"),
        ] {
            assert!(sketch(path, text, read).is_empty(), "{path} {text}");
        }
    }

    #[test]
    fn nx_projects_are_units_of_their_own() {
        let text = |kind: &str, target: &str| {
            format!(
                "{{\n \"name\": \"orders\",\n \"projectType\": \"{kind}\",\n \"targets\": {{\"serve\": {target}}}\n}}"
            )
        };
        let cases = [
            (text("application", r#"{"executor": "@nx/js:node"}"#), "node at 2:2", 1),
            (
                text("application", r#"{"executor": "@nx/webpack:webpack","options":{"target":"node"}}"#),
                "node at 2:2",
                1,
            ),
            (text("application", r#"{"executor": "@nx/next:server"}"#), "node at 2:2", 1),
            (text("application", r#"{"executor": "@nrwl/node:execute"}"#), "node at 2:2", 1),
            (text("application", "{}"), "node at 2:2", 1),
            (text("library", "{}"), "node library at 2:2", 0),
            (text("application", r#"{"executor": "@nx/webpack:dev-server"}"#), "static at 2:2", 0),
            (text("library", r#"{"executor": "@nx/js:node"}"#), "node library at 2:2", 0),
        ];
        for (text, expected, entrances) in cases {
            let lines = sketch("apps/orders/project.json", &text, read);
            assert_eq!(lines.first().map(String::as_str), Some(&*format!("unit orders in apps/orders {expected}")));
            assert_eq!(lines.len(), 1 + entrances, "{text}");
            survives_truncation("project.json", &text, read);
        }
    }
}
