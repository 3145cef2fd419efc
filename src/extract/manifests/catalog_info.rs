//! Entities of a Backstage catalog (backstage.io/docs/features/software-catalog/descriptor-format, 2026).

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::declaration::{Declaration, Stated};
use crate::facts::watch::{Objective, Runbook, Watch};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::syntax::yaml;

/// Words of `spec.type` that stand for something that runs; `library`, `documentation` and
/// types of an organization's own do not.
const RUNNING_TYPES: [&str; 14] = [
    "service",
    "website",
    "backend",
    "frontend",
    "api",
    "worker",
    "job",
    "app",
    "application",
    "function",
    "gateway",
    "bff",
    "microservice",
    "webapp",
];

/// Names of compliance regimes that a tag may begin with: `pci`, `pci-dss`.
const REGIMES: [&str; 9] = ["pci", "hipaa", "phi", "sox", "gdpr", "pii", "fedramp", "glba", "ccpa"];

/// Bytes from which on a file is taken to describe many components without counting them.
const LARGE_FILE: usize = 1 << 16;

/// `catalog-info.yaml`, as the catalog itself looks for. Entities in files of other names
/// are for whoever reads those to hand to [`read_document`].
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "catalog-info.yaml" | "catalog-info.yml")
}

/// Adds what each entity of the file declares.
pub fn read(reading: &mut Reading<'_>) {
    let tree = yaml::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&tree.problems, "repair the YAML; the other documents were read");
    for document in tree.documents().filter(|document| claims_document(*document)) {
        read_document(reading, document);
    }
}

/// True for `apiVersion: backstage.io/v1alpha1` and other versions.
pub fn claims_document(document: Node<'_>) -> bool {
    document.get("apiVersion").and_then(Node::text).is_some_and(|version| version.starts_with("backstage.io/"))
}

/// Adds what an entity declares: a component in full, of other kinds the owner. What a
/// component depends on is noted as unclear, since the catalog does not say whether it is
/// a call, an event or a library.
pub fn read_document(reading: &mut Reading<'_>, document: Node<'_>) {
    let metadata = document.get("metadata");
    let Some(name) = metadata.and_then(|metadata| stated(metadata.get("name")?)) else {
        let help = "an entity of the catalog needs `metadata.name`";
        reading.problem(document.span(), "the catalog entity has no name", help);
        return;
    };
    let is_component = document.get("kind").and_then(Node::text) == Some("Component");
    let spec = document.get("spec");
    let owners: Vec<_> = spec.and_then(|spec| reference(spec.get("owner")?)).into_iter().collect();
    if !is_component && owners.is_empty() {
        return;
    }
    let kind = spec.and_then(|spec| spec.get("type")?.text()).unwrap_or_default();
    let is_service = is_component && kind.split(['-', '_', ' ']).any(|word| RUNNING_TYPES.contains(&word));
    // One file may describe a whole repository; then the entities' folders are elsewhere.
    let text = reading.file.text;
    let alone = || text.len() < LARGE_FILE && text.matches("kind: Component").nth(1).is_none();
    let folder = (is_component && alone()).then(|| reading.file.path.parent());
    let declaration = Declaration {
        name,
        aliases: metadata.map(aliases).unwrap_or_default(),
        folder,
        owners,
        exposure: None,
        scopes: metadata.map(scopes).unwrap_or_default(),
        justification: None,
        databases: Vec::new(),
        publishes: Vec::new(),
        consumes: Vec::new(),
        idempotent: Vec::new(),
        is_service,
        span: name.span,
    };
    reading.add(Fact::Declaration(Box::new(declaration)));
    if !is_component {
        return;
    }
    for watch in metadata.map(|metadata| watched(name, metadata)).unwrap_or_default() {
        reading.add(Fact::Watch(Box::new(watch)));
    }
    for key in ["dependsOn", "consumesApis"] {
        for target in spec.and_then(|spec| spec.get(key)).into_iter().flat_map(Node::items) {
            let what = format!("dependency of {} on {}", name.text.as_str(), target.text().unwrap_or("something"));
            reading.unclear(target.span(), &what, "the catalog does not say how it is used");
        }
    }
}

/// Links and annotations that lead to a runbook or to objectives.
fn watched(name: Stated, metadata: Node<'_>) -> Vec<Watch> {
    let has_word = |text: &str, word: &str| {
        text.to_ascii_lowercase().split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == word)
    };
    let links = metadata.get("links").into_iter().flat_map(Node::items).flat_map(|link| {
        let texts = ["title", "type", "icon"].into_iter().filter_map(move |key| link.get(key)?.text());
        texts.map(move |text| (text, link.span())).collect::<Vec<_>>()
    });
    let annotations = metadata.get("annotations").into_iter().flat_map(Node::own_entries);
    let annotations = annotations.filter_map(|(key, _)| Some((key.raw()?, key.span())));
    let mut found = Vec::new();
    for (text, span) in links.chain(annotations) {
        if ["runbook", "runbooks"].iter().any(|word| has_word(text, word)) {
            let (path, title) = (None, Symbol::new(""));
            let runbook = Runbook {
                service: name.text,
                path,
                title,
                modes: Vec::new(),
                words: Vec::new(),
                headings: Vec::new(),
                span,
            };
            found.push(Watch::Runbook(runbook));
        } else if ["slo", "slos", "nobl9"].iter().any(|word| has_word(text, word)) {
            let (kind, query) = (Symbol::new("the catalog"), Symbol::new(""));
            found.push(Watch::Objective(Objective { kind, service: name.text, query, span }));
        }
    }
    found
}

fn stated(node: Node<'_>) -> Option<Stated> {
    Some(Stated { text: Symbol::new(node.text()?), span: node.span() })
}

/// `shop` of `group:default/shop`.
fn reference(node: Node<'_>) -> Option<Stated> {
    let text = node.text()?;
    let name = text.rsplit(['/', ':']).next().filter(|name| !name.is_empty())?;
    Some(Stated { text: Symbol::new(name), span: node.span() })
}

fn aliases(metadata: Node<'_>) -> Vec<Stated> {
    let places = [
        ["annotations", "backstage.io/kubernetes-id"],
        ["annotations", "archlint.dev/service"],
        ["labels", "archlint.dev/service"],
    ];
    let mut aliases: Vec<Stated> = Vec::new();
    for alias in places.iter().filter_map(|path| stated(metadata.at(path)?)) {
        if aliases.iter().all(|known| known.text != alias.text) {
            aliases.push(alias);
        }
    }
    aliases
}

fn scopes(metadata: Node<'_>) -> Vec<Stated> {
    let tags = metadata.get("tags").into_iter().flat_map(Node::items).filter_map(stated);
    let is_regime = |tag: &Stated| {
        let first: &str = tag.text.as_str().split(['-', '_', ':']).next().unwrap_or_default();
        REGIMES.iter().any(|regime| regime.eq_ignore_ascii_case(first))
    };
    tags.filter(is_regime).collect()
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::manifests::sketch::{sketch, survives_truncation};

    const ORDERS: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  annotations:
    backstage.io/kubernetes-id: orders-svc
  tags: [java, pci-dss]
spec:
  type: service
  owner: group:default/shop
  dependsOn: [component:billing]
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: shop}
spec: {type: team}
---
apiVersion: v1
kind: Service
";

    #[test]
    fn a_component_declares_a_service() {
        assert_eq!(
            sketch("services/orders/catalog-info.yaml", ORDERS, read),
            [
                "service orders@4:9 in services/orders at 4:9",
                "  aliases orders-svc@6:33",
                "  owners shop@10:10",
                "  scopes pci-dss@7:16",
                "unclear at 11:15: dependency of orders on component:billing",
            ]
        );
        survives_truncation("catalog-info.yaml", ORDERS, read);
    }

    #[test]
    fn libraries_and_other_kinds_only_have_owners() {
        let entity = |kind: &str, spec: &str| {
            format!("apiVersion: backstage.io/v1beta1\nkind: {kind}\nmetadata: {{name: money}}\nspec: {{{spec}}}\n")
        };
        for (text, expected) in [
            (
                entity("Component", "type: library, owner: shop"),
                vec!["entity money@3:18 in . at 3:18", "  owners shop@4:30"],
            ),
            (
                entity("API", "type: grpc, owner: user:ann"),
                vec!["entity money@3:18 in nowhere at 3:18", "  owners ann@4:27"],
            ),
            (entity("System", ""), vec![]),
        ] {
            assert_eq!(sketch("catalog-info.yaml", &text, read), expected, "{text}");
        }
    }

    #[test]
    fn several_components_in_one_file_have_no_folder() {
        let one = "apiVersion: backstage.io/v1\nkind: Component\nmetadata: {name: a}\nspec: {type: service}\n";
        let lines = sketch("catalog-info.yaml", &format!("{one}---\n{one}"), read);
        assert!(lines.iter().all(|line| line.contains("in nowhere")), "{lines:?}");
        let nameless = "apiVersion: backstage.io/v1\nkind: Component\n";
        assert_eq!(sketch("catalog-info.yaml", nameless, read), ["problem at 1:1: the catalog entity has no name"]);
    }
}
