//! `pyproject.toml` (PEP 621, Poetry, PDM), `Pipfile` and `setup.py`.

use std::sync::LazyLock;

use regex::Regex;

use super::credentials::note_credentials;
use super::dependencies::{blank_unit, framework_entrances, named, pin_of_table, texts};
use super::requirements::requirement;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Entrance, Runtime, Unit, Workspace};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::toml;
use crate::syntax::tree::Node;
use crate::tables::frameworks::Ecosystem;

/// `pyproject.toml`, `Pipfile` and `setup.py` in any folder.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "pyproject.toml" | "Pipfile" | "setup.py")
}

/// Adds the unit, and a workspace where uv lists members.
pub fn read(reading: &mut Reading<'_>) {
    note_credentials(reading);
    if reading.file.path.name() == "setup.py" {
        setup(reading);
        return;
    }
    let tree = toml::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "Python's tools refuse this file too; repair the TOML");
    let Some(root) = tree.documents().next() else { return };
    let folder = reading.file.path.parent();
    let mut unit = blank_unit(folder, Runtime::Python, reading.file_start());
    if reading.file.path.name() == "Pipfile" {
        table(root.get("packages"), DependencyScope::Runtime, folder, &mut unit.dependencies);
        table(root.get("dev-packages"), DependencyScope::Development, folder, &mut unit.dependencies);
        finish(reading, unit);
        return;
    }
    if let Some((key, members)) = root.at(&["tool", "uv", "workspace"]).and_then(|space| space.entry("members")) {
        let excluded =
            texts(root.at(&["tool", "uv", "workspace", "exclude"])).map(|(text, _)| Symbol::new(text)).collect();
        let members = texts(Some(members)).map(|(text, _)| Symbol::new(text)).collect();
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded, span: key.span() })));
    }
    // A file that only configures linters and test runners describes no unit.
    let (project, poetry) = (root.get("project"), root.at(&["tool", "poetry"]));
    if project.is_none() && poetry.is_none() {
        return;
    }
    for section in [project, poetry].into_iter().flatten() {
        if let Some((key, name)) = section.entry("name").and_then(|(key, value)| Some((key, value.text()?))) {
            unit.name.get_or_insert(Symbol::new(name));
            unit.span = key.span();
            break;
        }
    }
    if let Some(project) = project {
        listed(reading, project.get("dependencies"), DependencyScope::Runtime, &mut unit.dependencies);
        groups(reading, project.get("optional-dependencies"), DependencyScope::Development, &mut unit.dependencies);
        scripts(project.get("scripts"), &mut unit);
    }
    groups(reading, root.get("dependency-groups"), DependencyScope::Development, &mut unit.dependencies);
    sources(root.at(&["tool", "uv", "sources"]), folder, &mut unit.dependencies);
    if let Some(poetry) = poetry {
        table(poetry.get("dependencies"), DependencyScope::Runtime, folder, &mut unit.dependencies);
        table(poetry.get("dev-dependencies"), DependencyScope::Development, folder, &mut unit.dependencies);
        for (name, group) in poetry.get("group").into_iter().flat_map(Node::own_entries) {
            let scope =
                if name.raw() == Some("main") { DependencyScope::Runtime } else { DependencyScope::Development };
            table(group.get("dependencies"), scope, folder, &mut unit.dependencies);
        }
        scripts(poetry.get("scripts"), &mut unit);
    }
    finish(reading, unit);
}

fn finish(reading: &mut Reading<'_>, mut unit: Unit) {
    let scripts = std::mem::take(&mut unit.entrances);
    unit.entrances = framework_entrances(Ecosystem::Pypi, &unit.dependencies);
    unit.entrances.extend(scripts);
    reading.add(Fact::Unit(Box::new(unit)));
}

/// `[project.scripts]`: commands that the package installs.
fn scripts(table: Option<Node<'_>>, unit: &mut Unit) {
    for (key, _) in table.into_iter().flat_map(Node::own_entries) {
        unit.entrances.push((Entrance::Binary, key.span()));
    }
}

fn groups(reading: &Reading<'_>, table: Option<Node<'_>>, scope: DependencyScope, into: &mut Vec<Dependency>) {
    for (_, list) in table.into_iter().flat_map(Node::own_entries) {
        listed(reading, Some(list), scope, into);
    }
}

/// A list of requirements; the place of each is its name.
fn listed(reading: &Reading<'_>, list: Option<Node<'_>>, scope: DependencyScope, into: &mut Vec<Dependency>) {
    for (text, span) in texts(list) {
        // The name stands behind the quotes; where the text was escaped the whole is its place.
        let written = reading.text_of(span);
        let at = span.start as usize + written.find(text).unwrap_or(0);
        into.extend(requirement(span, text, at, scope));
    }
}

/// `[tool.uv.sources]`: where packages that are asked for by name come from
/// (docs.astral.sh/uv/concepts/projects/dependencies, "Dependency sources").
fn sources(table: Option<Node<'_>>, folder: EstatePath, dependencies: &mut [Dependency]) {
    for (key, source) in table.into_iter().flat_map(Node::own_entries) {
        let Some(name) = key.raw() else { continue };
        for one in dependencies.iter_mut().filter(|one| one.name.as_str() == name) {
            one.address = one.address.or_else(|| pin_of_table(source));
            let path = source.get("path").and_then(Node::text).and_then(|path| folder.join(path));
            let member = source.get("workspace").and_then(Node::bool) == Some(true);
            one.path = one.path.or(path).or(member.then_some(folder));
        }
    }
}

/// `flask = "^3"` or `money = {path = "../money"}`. `python` itself is no dependency.
fn table(table: Option<Node<'_>>, scope: DependencyScope, folder: EstatePath, into: &mut Vec<Dependency>) {
    for (key, value) in table.into_iter().flat_map(Node::own_entries) {
        let Some(name) = key.raw().filter(|name| *name != "python") else { continue };
        let version = value.text().or_else(|| value.get("version")?.text()).unwrap_or_default();
        let mut dependency = named(name, version, scope, key.span());
        dependency.address = dependency.address.or_else(|| pin_of_table(value));
        dependency.path = value.get("path").and_then(Node::text).and_then(|path| folder.join(path));
        into.push(dependency);
    }
}

static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"\bname\s*=\s*["']([^"'\n]+)["']"#).ok());
static REQUIRES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(install_requires|tests_require)\s*=\s*\[((?:[^\]\[]|\[[^\]\[]*\])*)\]").ok());
static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"["']([^"'\n]+)["']"#).ok());

/// `setup.py` is a program; what is read are literal arguments of `setup(…)`.
fn setup(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let Some(start) = text.find("setup(") else { return };
    let call = text.get(start..).unwrap_or_default();
    let mut unit = blank_unit(reading.file.path.parent(), Runtime::Python, reading.file_start());
    if let Some(name) = NAME.as_ref().and_then(|name| name.captures(call)?.get(1)) {
        unit.name = Some(Symbol::new(name.as_str()));
        unit.span = reading.span(start + name.start(), start + name.end());
    }
    for captures in REQUIRES.as_ref().into_iter().flat_map(|requires| requires.captures_iter(call)) {
        let (Some(key), Some(list)) = (captures.get(1), captures.get(2)) else { continue };
        let scope = match key.as_str() {
            "install_requires" => DependencyScope::Runtime,
            _ => DependencyScope::Development,
        };
        for item in QUOTED.as_ref().into_iter().flat_map(|quoted| quoted.captures_iter(list.as_str())) {
            let Some(item) = item.get(1) else { continue };
            let at = start + list.start() + item.start();
            unit.dependencies.extend(requirement(reading.file_start(), item.as_str(), at, scope));
        }
    }
    if unit.name.is_some() || !unit.dependencies.is_empty() {
        finish(reading, unit);
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const STANDARD: &str = "[project]
name = \"orders\"
dependencies = [\"FastAPI>=0.110\", 'requests']
optional-dependencies.dev = [\"pytest\"]
[project.scripts]
orders = \"orders:main\"
[dependency-groups]
lint = [\"ruff\", {include-group = \"x\"}]
[tool.uv.workspace]
members = [\"libs/*\"]
";

    #[test]
    fn standard_projects_are_units() {
        assert_eq!(
            sketch("orders/pyproject.toml", STANDARD, read),
            [
                "workspace orders [libs/*] without [] at 10:1",
                "unit orders in orders python at 2:1",
                "  entrance ServerFramework at 3:18",
                "  entrance Binary at 6:1",
                "  needs FastAPI >=0.110 Runtime at 3:18",
                "  needs requests Runtime at 3:36",
                "  needs pytest Development at 4:31",
                "  needs ruff Development at 8:10",
            ]
        );
        survives_truncation("pyproject.toml", STANDARD, read);
    }

    const POETRY: &str = "[tool.poetry]
name = \"orders\"
[tool.poetry.dependencies]
python = \"^3.12\"
flask = \"^3\"
money = {path = \"../money\"}
[tool.poetry.group.dev.dependencies]
pytest = \"*\"
";

    #[test]
    fn poetry_projects_are_units() {
        assert_eq!(
            sketch("services/orders/pyproject.toml", POETRY, read),
            [
                "unit orders in services/orders python at 2:1",
                "  entrance ServerFramework at 5:1",
                "  needs flask ^3 Runtime at 5:1",
                "  needs money Runtime from services/money at 6:1",
                "  needs pytest * Development at 8:1",
            ]
        );
        survives_truncation("pyproject.toml", POETRY, read);
        assert!(sketch("pyproject.toml", "[tool.ruff]\nline-length = 100\n", read).is_empty());
    }

    #[test]
    fn pipfiles_and_setup_programs_are_units() {
        assert_eq!(
            sketch("Pipfile", "[packages]\ncelery = \"*\"\n[dev-packages]\npytest = \"*\"\n", read),
            [
                "unit ? in . python at 1:1",
                "  entrance ServerFramework at 2:1",
                "  needs celery * Runtime at 2:1",
                "  needs pytest * Development at 4:1",
            ]
        );
        let setup = "from setuptools import setup\nsetup(\n  name='orders',\n  install_requires=['uvicorn[standard]>=0.2', \"x\"],\n)\n";
        assert_eq!(
            sketch("setup.py", setup, read),
            [
                "unit orders in . python at 3:9",
                "  entrance ServerFramework at 4:22",
                "  needs uvicorn >=0.2 Runtime at 4:22",
                "  needs x Runtime at 4:48",
            ]
        );
        survives_truncation("setup.py", setup, read);
        assert!(sketch("setup.py", "print('hi')\n", read).is_empty());
    }
}
