//! `archlint.dev/ignore.rule-id: reason` among the annotations of an object in YAML or JSON.

use super::LIMIT;
use super::statement::of_reason;
use crate::extract::reading::Reading;
use crate::facts::declaration::Stated;
use crate::facts::suppression::{Suppression, SuppressionForm};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::template::masked;
use crate::syntax::tree::Node;
use crate::syntax::{json, yaml};

/// What the keys begin with; the rule's id follows.
pub const PREFIX: &str = "archlint.dev/ignore.";

/// Adds the suppressions of all annotations. The file is parsed once more: it is rare that a
/// file has one, and its readers need not know.
pub fn read(reading: &mut Reading<'_>) {
    let (id, text) = (reading.file.id, reading.file.text);
    let name = reading.file.path.name().to_ascii_lowercase();
    let tree = if name.ends_with(".json") {
        json::parse(id, text)
    } else if name.ends_with(".yaml") || name.ends_with(".yml") {
        let tree = yaml::parse(id, text);
        match masked(text).filter(|_| !tree.problems.is_empty()) {
            Some(hidden) => yaml::parse(id, &hidden.text),
            None => tree,
        }
    } else {
        return;
    };
    for document in tree.documents() {
        walk(reading, document);
    }
}

/// Looks through a document without following aliases.
fn walk(reading: &mut Reading<'_>, document: Node<'_>) {
    let mut pending = vec![(document, document.span())];
    while let Some((node, object)) = pending.pop() {
        if node.span() != node.definition() || reading.facts.suppressions.len() > LIMIT {
            continue;
        }
        // A finding about a pod is shown somewhere in the object that starts it.
        let object = if node.is_mapping() && node.get("kind").is_some() { node.span() } else { object };
        if let Some(annotations) = node.get("metadata").and_then(|metadata| metadata.get("annotations")) {
            for (key, value) in annotations.own_entries() {
                add(reading, key, value, object);
            }
        }
        pending.extend(node.items().map(|item| (item, object)));
        pending.extend(node.own_entries().map(|(_, value)| (value, object)));
    }
}

fn add(reading: &mut Reading<'_>, key: Node<'_>, value: Node<'_>, object: Span) {
    let Some(rule) = key.raw().and_then(|key| key.strip_prefix(PREFIX)) else { return };
    let statement = of_reason(value.text().unwrap_or(""));
    let span = key.span().cover(value.span());
    reading.facts.suppressions.push(Suppression {
        span,
        form: SuppressionForm::Annotation,
        scope: object,
        rules: vec![Stated { text: Symbol::new(rule), span: key.span() }],
        reason: (!statement.reason.is_empty()).then(|| Symbol::new(&statement.reason)),
        expires: statement.expires.map(|(day, _)| Stated { text: Symbol::new(day), span: value.span() }),
        flaw: None,
    });
}
