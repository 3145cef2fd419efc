//! `nest-cli.json` of a Nest monorepo: one unit for each application and library
//! (docs.nestjs.com/cli/monorepo, 2026).

use super::dependencies::blank_unit;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::code::{Entrance, Runtime, Workspace};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::json;
use crate::syntax::tree::Node;

/// `nest-cli.json`, and `.nest-cli.json` of older projects.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "nest-cli.json" | ".nest-cli.json")
}

/// Adds a unit for each entry of `projects`; without them the `package.json` beside it is
/// the unit.
pub fn read(reading: &mut Reading<'_>) {
    let tree = json::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "the Nest CLI refuses this file too; repair the JSON");
    let folder = reading.file.path.parent();
    let projects = tree.documents().next().and_then(|root| root.entry("projects"));
    let mut members: Vec<Symbol> = Vec::new();
    for (key, project) in projects.into_iter().flat_map(|(_, projects)| projects.own_entries()) {
        let Some(name) = key.raw() else { continue };
        let root = project.get("root").and_then(Node::text);
        let root = root
            .or_else(|| project.get("sourceRoot").and_then(Node::text).map(|source| source.trim_end_matches("/src")));
        let Some(root) = root.and_then(|root| folder.join(root)) else { continue };
        let mut unit = blank_unit(root, Runtime::Node, key.span());
        unit.name = Some(Symbol::new(name));
        match project.entry("type").map(|(_, value)| (value.text().unwrap_or_default(), value.span())) {
            Some(("library", _)) => unit.library = true,
            stated => {
                // The default is an application, and `nest start NAME` runs it.
                let span = stated.map_or(key.span(), |(_, span)| span);
                unit.entrances.extend([(Entrance::ServerFramework, span), (Entrance::StartScript, span)]);
            }
        }
        if root != folder {
            let below = root.as_str().strip_prefix(folder.as_str()).unwrap_or(root.as_str());
            members.push(Symbol::new(below.trim_start_matches('/')));
        }
        reading.add(Fact::Unit(Box::new(unit)));
    }
    if let Some((key, _)) = projects.filter(|_| !members.is_empty()) {
        let span = key.span();
        reading.add(Fact::Workspace(Box::new(Workspace { folder, members, excluded: Vec::new(), span })));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const SHOP: &str = r#"{
  "monorepo": true,
  "projects": {
    "orders": { "type": "application", "root": "apps/orders", "sourceRoot": "apps/orders/src" },
    "money": { "type": "library", "sourceRoot": "libs/money/src" },
    "mail": { "root": "apps/mail" },
    "away": { "type": "application", "root": "../../.." }
  }
}"#;

    #[test]
    fn each_application_and_library_is_a_unit() {
        assert_eq!(
            sketch("shop/nest-cli.json", SHOP, read),
            [
                "unit orders in shop/apps/orders node at 4:5",
                "  entrance ServerFramework at 4:25",
                "  entrance StartScript at 4:25",
                "unit money in shop/libs/money node library at 5:5",
                "unit mail in shop/apps/mail node at 6:5",
                "  entrance ServerFramework at 6:5",
                "  entrance StartScript at 6:5",
                "workspace shop [apps/orders libs/money apps/mail] without [] at 3:3",
            ]
        );
        survives_truncation("nest-cli.json", SHOP, read);
    }

    #[test]
    fn a_single_application_says_nothing_here() {
        assert!(sketch("nest-cli.json", r#"{"sourceRoot":"src","projects":{}}"#, read).is_empty());
        assert!(sketch("nest-cli.json", r#"{"projects":[1]}"#, read).is_empty());
    }
}
