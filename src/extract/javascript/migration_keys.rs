//! Which columns a step of a migration tool makes unique together, where the step is code:
//! `t.string('number').unique()`, `{ number: { unique: true } }`, `new Table({ columns: [{ name:
//! 'number', isUnique: true }] })`, `addIndex('orders', ['number'], { unique: true })`.

use crate::facts::program::{Call, Element, Expr, Module, NodeId, Property};
use crate::source::symbol::Symbol;

/// Most keys of one step.
const LIMIT: usize = 64;
/// Longest chain of calls on a column.
const CHAIN: usize = 16;

/// The keys that a call makes which creates or changes a table. `node` is the call.
pub(super) fn unique_in(module: &Module, node: NodeId, call: &Call) -> Vec<Vec<Symbol>> {
    let mut found = Vec::new();
    let arguments: Vec<NodeId> = call.arguments.iter().filter_map(one).collect();
    // An index of its own: the columns stand before the options.
    if let [_, columns, options, ..] = arguments.as_slice()
        && is_set(module, *options, &["unique"])
    {
        found.extend(names(module, *columns));
    }
    let (start, end) = (module.node(node).start, module.node(node).end);
    for (at, inner) in module.nodes.iter().enumerate().filter(|(_, inner)| inner.start >= start && inner.end <= end) {
        if found.len() >= LIMIT {
            break;
        }
        let inner_id = NodeId(at as u32);
        match &inner.expr {
            Expr::Call(inner) => found.extend(of_builder(module, inner)),
            Expr::Object(properties) => {
                found.extend(of_description(module, inner_id));
                found.extend(properties.iter().filter_map(|property| match property {
                    Property::Named { name, value, .. } if is_set(module, *value, &["unique", "primaryKey"]) => {
                        (!is_text(module, *value, "name")).then(|| vec![*name])
                    }
                    Property::Named { .. } | Property::Computed { .. } | Property::Spread(_) => None,
                }));
            }
            _other => {}
        }
    }
    found
}

/// `t.unique(['a', 'b'])`, `t.string('number').notNullable().unique()`
fn of_builder(module: &Module, call: &Call) -> Option<Vec<Symbol>> {
    let Expr::Member { object, name } = &module.node(call.callee).expr else { return None };
    if *name != "unique" {
        return None;
    }
    if let Some(columns) = call.arguments.first().and_then(one).and_then(|first| names(module, first)) {
        return Some(columns);
    }
    let mut at = *object;
    for _ in 0..CHAIN {
        let Expr::Call(call) = &module.node(at).expr else { return None };
        let Expr::Member { object, .. } = &module.node(call.callee).expr else { return None };
        if !matches!(module.node(*object).expr, Expr::Call(_)) {
            return names(module, call.arguments.first().and_then(one)?);
        }
        at = *object;
    }
    None
}

/// `{ name: 'number', isUnique: true }`, `{ columnNames: ['a', 'b'], isUnique: true }`, `{ fields:
/// ['a'], type: 'unique' }`
fn of_description(module: &Module, node: NodeId) -> Option<Vec<Symbol>> {
    let listed =
        ["columnNames", "fields", "columns"].iter().find_map(|key| names(module, value_of(module, node, key)?));
    if is_set(module, node, &["isUnique", "isPrimary"]) {
        return listed.or_else(|| names(module, value_of(module, node, "name")?));
    }
    let kind = value_of(module, node, "type");
    let is_unique = kind.is_some_and(|kind| matches!(&module.node(kind).expr, Expr::Text(text) if *text == "unique"));
    listed.filter(|_| is_unique)
}

fn one(element: &Element) -> Option<NodeId> {
    match element {
        Element::One(node) => Some(*node),
        Element::Spread(_) => None,
    }
}

fn value_of(module: &Module, node: NodeId, key: &str) -> Option<NodeId> {
    let Expr::Object(properties) = &module.node(node).expr else { return None };
    properties.iter().find_map(|property| match property {
        Property::Named { name, value, .. } if *name == key => Some(*value),
        Property::Named { .. } | Property::Computed { .. } | Property::Spread(_) => None,
    })
}

fn is_set(module: &Module, node: NodeId, keys: &[&str]) -> bool {
    keys.iter()
        .any(|key| value_of(module, node, key).is_some_and(|value| matches!(module.node(value).expr, Expr::Bool(true))))
}

fn is_text(module: &Module, node: NodeId, key: &str) -> bool {
    value_of(module, node, key).is_some_and(|value| matches!(module.node(value).expr, Expr::Text(_)))
}

/// `'number'`, `['number', 'buyer']`
fn names(module: &Module, node: NodeId) -> Option<Vec<Symbol>> {
    match &module.node(node).expr {
        Expr::Text(text) => Some(vec![*text]),
        Expr::Array(elements) => {
            let texts = elements.iter().map(|element| match &module.node(one(element)?).expr {
                Expr::Text(text) => Some(*text),
                _other => None,
            });
            texts.collect::<Option<Vec<Symbol>>>().filter(|names| !names.is_empty())
        }
        _other => None,
    }
}
