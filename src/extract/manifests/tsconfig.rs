//! `tsconfig.json` and `jsconfig.json`: how module names are mapped to files.

use super::dependencies::texts;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::program::ModulePaths;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::json;
use crate::syntax::tree::Node;

/// `tsconfig.json`, `tsconfig.base.json`, `tsconfig-paths.json`, `jsconfig.json`.
pub fn claims(path: EstatePath) -> bool {
    let name = path.name();
    (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json")
}

/// Adds the mapping, where the file states one or takes it from another.
pub fn read(reading: &mut Reading<'_>) {
    let tree = json::parse(reading.file.id, reading.file.text);
    if !tree.problems.is_empty() {
        let start = reading.file_start();
        reading.unclear(start, "paths of modules", "the file is no JSON");
    }
    let Some(root) = tree.documents().next().filter(|root| root.is_mapping()) else { return };
    let folder = reading.file.path.parent();
    let options = root.get("compilerOptions");
    let base = options.and_then(|options| options.get("baseUrl")?.text()).and_then(|base| folder.join(base));
    let stated = options.and_then(|options| options.entry("paths"));
    let mut aliases = Vec::new();
    for (pattern, targets) in stated.into_iter().flat_map(|(_, paths)| paths.own_entries()) {
        let Some(pattern) = pattern.raw() else { continue };
        // Without `baseUrl`, from where the file stands (TypeScript 4.1).
        let from = base.unwrap_or(folder);
        let targets: Vec<EstatePath> = texts(Some(targets)).filter_map(|(target, _)| from.join(target)).collect();
        if !targets.is_empty() {
            aliases.push((Symbol::new(pattern), targets));
        }
    }
    let extends: Vec<EstatePath> = root.get("extends").map(|others| extended(others, folder)).unwrap_or_default();
    if base.is_some() || !aliases.is_empty() || !extends.is_empty() {
        let span = stated.map_or_else(|| reading.file_start(), |(key, _)| key.span());
        reading.add(Fact::ModulePaths(Box::new(ModulePaths { folder, base, aliases, extends, span })));
    }
}

/// One file, or a list (TypeScript 5.0). Names without a dot are packages: from outside.
fn extended(others: Node<'_>, folder: EstatePath) -> Vec<EstatePath> {
    let all = others.text().into_iter().chain(others.items().filter_map(Node::text));
    all.filter(|path| path.starts_with('.'))
        .filter_map(
            |path| {
                if path.ends_with(".json") { folder.join(path) } else { folder.join(&format!("{path}.json")) }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{claims, read};
    use crate::extract::manifests::sketch::{sketch, survives_truncation};
    use crate::source::path::EstatePath;

    const SHOP: &str = r#"{
  // The base of all.
  "extends": ["./tsconfig.base", "@tsconfig/node22/tsconfig.json", "../tsconfig.json"],
  "compilerOptions": {
    "baseUrl": "src",
    "paths": { "@shop/*": ["../libs/*/src", "../gen/*"], "money": ["money/index.ts"], "odd": 3, },
  },
}"#;

    #[test]
    fn paths_are_relative_to_the_estate() {
        assert_eq!(
            sketch("shop/orders/tsconfig.json", SHOP, read),
            ["paths in shop/orders base shop/orders/src extends [shop/orders/tsconfig.base.json shop/tsconfig.json] \
                 @shop/*=[shop/orders/libs/*/src shop/orders/gen/*] money=[shop/orders/src/money/index.ts] at 6:5"]
        );
        survives_truncation("tsconfig.json", SHOP, read);
    }

    #[test]
    fn without_a_base_paths_start_where_the_file_stands() {
        let text = r#"{"compilerOptions":{"paths":{"~/*":["./src/*"],"away":["../../x"]}}}"#;
        assert_eq!(
            sketch("shop/jsconfig.json", text, read),
            ["paths in shop base - extends [] ~/*=[shop/src/*] at 1:21"]
        );
    }

    #[test]
    fn settings_without_paths_say_nothing() {
        for text in [r#"{"compilerOptions":{"strict":true}}"#, "{}", "[]", r#"{"extends":"@tsconfig/node22"}"#] {
            assert!(sketch("tsconfig.json", text, read).is_empty(), "{text}");
        }
        assert_eq!(sketch("tsconfig.json", "{", read), ["unclear at 1:1: paths of modules"]);
    }

    #[test]
    fn settings_are_told_by_their_name() {
        for (path, yes) in [
            ("tsconfig.json", true),
            ("a/tsconfig.build.json", true),
            ("jsconfig.json", true),
            ("package.json", false),
            ("tsconfig.ts", false),
        ] {
            assert_eq!(claims(EstatePath::new(path)), yes, "{path}");
        }
    }
}
