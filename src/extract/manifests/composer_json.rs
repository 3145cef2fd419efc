//! `composer.json` of PHP (getcomposer.org/doc/04-schema.md).

use super::credentials::note_credentials;
use super::dependencies::{blank_unit, framework_entrances, named};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{DependencyScope, Runtime};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::json;
use crate::syntax::tree::Node;
use crate::tables::frameworks::Ecosystem;

/// `composer.json` in any folder.
pub fn claims(path: EstatePath) -> bool {
    path.name() == "composer.json"
}

/// Adds the package. What it asks of the platform (`php`, `ext-*`) is no dependency.
pub fn read(reading: &mut Reading<'_>) {
    let tree = json::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "composer refuses this file too; repair the JSON");
    note_credentials(reading);
    let Some(root) = tree.documents().next().filter(|root| root.is_mapping()) else { return };
    let mut unit = blank_unit(reading.file.path.parent(), Runtime::Php, reading.file_start());
    if let Some((key, name)) = root.entry("name").and_then(|(key, value)| Some((key, value.text()?))) {
        // `vendor/name`
        unit.name = Some(Symbol::new(name.rsplit('/').next().unwrap_or(name)));
        unit.span = key.span();
    }
    for (key, scope) in [("require", DependencyScope::Runtime), ("require-dev", DependencyScope::Development)] {
        for (name, version) in root.get(key).into_iter().flat_map(Node::own_entries) {
            let Some(text) = name.raw().filter(|text| text.contains('/')) else { continue };
            unit.dependencies.push(named(text, version.text().unwrap_or_default(), scope, name.span()));
        }
    }
    unit.library = matches!(root.get("type").and_then(Node::text), Some("library" | "symfony-bundle" | "metapackage"));
    unit.entrances = framework_entrances(Ecosystem::Composer, &unit.dependencies);
    reading.add(Fact::Unit(Box::new(unit)));
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const RATES: &str = "{\n  \"name\": \"shop/rates\",\n  \"require\": {\n    \"php\": \">=8\",\n    \"slim/slim\": \"^4\"\n  },\n  \"require-dev\": { \"phpunit/phpunit\": \"^10\" }\n}";

    #[test]
    fn a_package_has_its_evidence_and_its_dependencies_in_place() {
        assert_eq!(
            sketch("rates/composer.json", RATES, read),
            [
                "unit rates in rates php at 2:3",
                "  entrance ServerFramework at 5:5",
                "  needs slim/slim ^4 Runtime at 5:5",
                "  needs phpunit/phpunit ^10 Development at 7:20",
            ]
        );
        survives_truncation("composer.json", RATES, read);
    }

    #[test]
    fn a_library_says_so() {
        let lines = sketch("composer.json", r#"{"type":"library","require":[]}"#, read);
        assert_eq!(lines, ["unit ? in . php library at 1:1"]);
    }
}
