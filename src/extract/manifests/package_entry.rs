//! `package.json`: the files that a package of the estate is entered by.

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::program::PackageEntry;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::json;
use crate::syntax::tree::Node;

/// Conditions of `exports` that lead to sources before what was built of them; others follow
/// in order of the text (Node 24, Packages, "Conditional exports").
const BEST_CONDITIONS: &[&str] = &["source", "development", "node", "import", "require", "default"];

/// Keys that name the main file, best first.
const MAIN_KEYS: &[&str] = &["source", "module", "main", "types", "typings"];

/// Conditions in conditions; nobody writes more.
const DEPTH_LIMIT: usize = 4;

/// Adds the package, where it has a name. That its JSON is broken is told by its other reader.
pub fn read(reading: &mut Reading<'_>) {
    let tree = json::parse(reading.file.id, reading.file.text);
    let Some(root) = tree.documents().next().filter(|root| root.is_mapping()) else { return };
    let Some((key, name)) = root.entry("name").and_then(|(key, name)| Some((key, name.text()?))) else { return };
    let folder = reading.file.path.parent();
    let mut entries: Vec<(Symbol, Vec<EstatePath>)> = Vec::new();
    if let Some(exports) = root.get("exports") {
        let subpaths: Vec<(&str, Node<'_>)> = exports
            .own_entries()
            .filter_map(|(key, value)| Some((key.raw()?, value)))
            .filter(|(key, _)| key.starts_with('.'))
            .collect();
        if subpaths.is_empty() {
            entries.push((Symbol::new("."), files(exports, folder)));
        }
        for (subpath, value) in subpaths {
            entries.push((Symbol::new(subpath), files(value, folder)));
        }
    }
    let main: Vec<EstatePath> =
        MAIN_KEYS.iter().filter_map(|key| root.get(key)?.text()).filter_map(|file| folder.join(file)).collect();
    match entries.iter_mut().find(|(subpath, _)| subpath == ".") {
        Some((_, files)) => files.extend(main),
        None if main.is_empty() => {}
        None => entries.push((Symbol::new("."), main)),
    }
    for (_, files) in &mut entries {
        let mut seen: Vec<EstatePath> = Vec::with_capacity(files.len());
        files.retain(|file| {
            !seen.contains(file) && {
                seen.push(*file);
                true
            }
        });
    }
    entries.retain(|(_, files)| !files.is_empty());
    let entry = PackageEntry { name: Symbol::new(name), folder, entries, span: key.span() };
    reading.add(Fact::PackageEntry(Box::new(entry)));
}

/// The files that a target of `exports` may lead to, best first.
fn files(target: Node<'_>, folder: EstatePath) -> Vec<EstatePath> {
    let mut found = Vec::new();
    collect(target, folder, DEPTH_LIMIT, &mut found);
    found
}

fn collect(target: Node<'_>, folder: EstatePath, depth: usize, found: &mut Vec<EstatePath>) {
    let Some(below) = depth.checked_sub(1) else { return };
    if let Some(file) = target.text() {
        found.extend(folder.join(file));
    }
    for item in target.items() {
        collect(item, folder, below, found);
    }
    for condition in BEST_CONDITIONS {
        if let Some(value) = target.get(condition) {
            collect(value, folder, below, found);
        }
    }
    for (key, value) in target.own_entries() {
        if key.raw().is_some_and(|key| !BEST_CONDITIONS.contains(&key)) {
            collect(value, folder, below, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const HTTP: &str = r#"{
  "name": "@shop/http",
  "main": "./dist/index.js",
  "types": "dist/index.d.ts",
  "exports": {
    ".": { "types": "./dist/index.d.ts", "import": { "default": "./src/index.ts" }, "require": ["./dist/index.js"] },
    "./client": "./src/client.ts",
    "./away": "../../../x.js"
  }
}"#;

    #[test]
    fn entries_are_the_files_named_best_first() {
        let cases = [
            (
                HTTP,
                "package @shop/http in libs/http .=[libs/http/src/index.ts libs/http/dist/index.js libs/http/dist/index.d.ts] \
                 ./client=[libs/http/src/client.ts] at 2:3",
            ),
            (r#"{"name":"a","main":"a.js"}"#, "package a in libs/http .=[libs/http/a.js] at 1:2"),
            (r#"{"name":"a","exports":"./a.js"}"#, "package a in libs/http .=[libs/http/a.js] at 1:2"),
            (r#"{"name":"a","exports":{"default":"./a.js"}}"#, "package a in libs/http .=[libs/http/a.js] at 1:2"),
            (r#"{"name":"a"}"#, "package a in libs/http at 1:2"),
        ];
        for (text, expected) in cases {
            assert_eq!(sketch("libs/http/package.json", text, read), [expected], "{text}");
        }
        survives_truncation("package.json", HTTP, read);
    }

    #[test]
    fn a_package_without_a_name_is_taken_by_nobody() {
        for text in [r#"{"main":"a.js"}"#, "[]", "{"] {
            assert!(sketch("package.json", text, read).is_empty(), "{text}");
        }
    }
}
