//! Label selectors: of Kubernetes, Cilium and Calico.

use crate::facts::answer::Reason;
use crate::facts::policy::{Operator, Requirement, Selector};
use crate::facts::value::Value;
use crate::facts::workload::Label;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, text_span};

/// The label selector at `key`: `matchLabels` and `matchExpressions`. Without any it picks all.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, parent: Node<'_>, key: &str) -> Selector {
    let mut selector = Selector::default();
    let Some((name, value)) = parent.entry(key) else {
        selector.unclear = manifest.gap(parent);
        return selector;
    };
    if let Some(hole) = manifest.template.hole_in(value.span()).filter(|_| value.raw().is_some()) {
        selector.unclear = Some(super::template::computed(&hole.expression));
    } else if let Some(expression) = manifest.template.fillers(name.span()).first() {
        selector.unclear = Some(super::template::computed(expression));
    }
    let Some(node) = manifest.mapping(parent, key) else { return selector };
    let unclear = selector.unclear;
    selector = of(manifest, node);
    selector.unclear = unclear.or(selector.unclear);
    selector
}

/// A label selector: `matchLabels` and `matchExpressions`.
pub(super) fn of(manifest: &mut Manifest<'_, '_>, node: Node<'_>) -> Selector {
    let mut selector =
        Selector { labels: manifest.labels(node, "matchLabels"), unclear: manifest.gap(node), ..Selector::default() };
    for label in &mut selector.labels {
        label.key = unprefixed(label.key);
    }
    for expression in manifest.mappings(node, "matchExpressions") {
        let operator = match manifest.text_at(expression, "operator") {
            Some("In") => Operator::In,
            Some("NotIn") => Operator::NotIn,
            Some("Exists") => Operator::Exists,
            Some("DoesNotExist") => Operator::Missing,
            Some(_) | None => {
                selector.unclear = Some(Reason(Symbol::new("the operator of a selector is not known")));
                continue;
            }
        };
        let mut values = Vec::new();
        for item in manifest.items(expression, "values") {
            values.push(manifest.text(item).map(Symbol::new));
        }
        let Some(values) = values.into_iter().collect() else {
            selector.unclear = Some(Reason(Symbol::new("a template computes values of a selector")));
            continue;
        };
        selector.expressions.push(Requirement {
            key: unprefixed(manifest.symbol_at(expression, "key")),
            operator,
            values,
        });
    }
    selector
}

/// Cilium writes where a label comes from in front of it: `k8s:app`, `any:app`.
fn unprefixed(key: Symbol) -> Symbol {
    let text = key.as_str();
    ["k8s:", "any:"].iter().find_map(|prefix| text.strip_prefix(prefix)).map_or(key, Symbol::new)
}

/// A Calico selector: `app == 'db' && has(tier)`. What is not a conjunction of comparisons is
/// unclear (docs.tigera.io/calico, "Selectors").
pub(super) fn calico(manifest: &Manifest<'_, '_>, parent: Node<'_>, key: &str) -> Selector {
    let mut selector = Selector::default();
    let Some(node) = parent.get(key).filter(|node| !node.is_null()) else { return selector };
    let Some(text) = manifest.text(node) else {
        selector.unclear = Some(Reason(Symbol::new("a template computes the selector")));
        return selector;
    };
    for part in text.split("&&").map(str::trim).filter(|part| !part.is_empty() && *part != "all()") {
        if !condition(part, text_span(node), &mut selector) {
            selector.unclear = Some(Reason(Symbol::new("the selector holds more than equal labels")));
        }
    }
    selector
}

fn condition(part: &str, span: Span, selector: &mut Selector) -> bool {
    let inside = |name: &str| part.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim);
    if let Some(key) = inside("has") {
        let key = Symbol::new(key);
        selector.expressions.push(Requirement { key, operator: Operator::Exists, values: Vec::new() });
        return true;
    }
    if let Some(key) = inside("!has") {
        let key = Symbol::new(key);
        selector.expressions.push(Requirement { key, operator: Operator::Missing, values: Vec::new() });
        return true;
    }
    let quoted = |text: &str| {
        let text = text.trim();
        let inner = text.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])?;
        (!inner.contains(['\'', '"'])).then(|| inner.to_owned())
    };
    let word = |text: &str| (!text.trim().contains([' ', '(', '|', '!'])).then(|| Symbol::new(text.trim()));
    if let Some((key, value)) = part.split_once("!=")
        && let (Some(key), Some(value)) = (word(key), quoted(value))
    {
        let values = vec![Symbol::new(&value)];
        selector.expressions.push(Requirement { key, operator: Operator::NotIn, values });
        return true;
    }
    if let Some((key, value)) = part.split_once("==")
        && let (Some(key), Some(value)) = (word(key), quoted(value))
    {
        selector.labels.push(Label { key, value: Value::literal(&value, span), span });
        return true;
    }
    false
}
