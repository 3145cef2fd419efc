//! Services of Moleculer: `broker.createService({ name, actions, events })`, or the same exported.

use std::rc::Rc;

use crate::facts::program::Export;
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Reader, meaning};
use crate::graph::program::servers::traces::{called, key, method_of, object_of, package_of, text_of};
use crate::graph::program::value::{Foreign, Known, ModuleId, Value};
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::add;

/// `broker.createService({ … })`
pub(super) fn by_method(reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>) {
    let Some((receiver, name, used)) = method_of(trace) else { return };
    let is_broker = name == "createService"
        && (called(receiver)
            .and_then(|(export, _)| meaning(&export))
            .is_some_and(|known| known.means == Means::MoleculerBroker)
            || package_of(receiver).is_some_and(|package| package == "moleculer"));
    if let Some(schema) = used.arguments.first().cloned().filter(|_| is_broker) {
        service(reader, &schema);
    }
}

/// `module.exports = { name: 'orders', actions: { … } }` of a file called `*.service.js`.
pub(super) fn by_export(reader: &mut Reader<'_, '_>, own: &[ModuleId]) {
    for &id in own {
        if !reader.walk.modules().path(id).name().contains(".service.") {
            continue;
        }
        let Some(module) = reader.walk.modules().get(id) else { continue };
        let node = module.exports.iter().find_map(|export| match export {
            Export::Whole(node) => Some(*node),
            Export::Value { name, value } if *name == "default" => Some(*value),
            Export::Value { .. } | Export::From { .. } | Export::All(_) => None,
        });
        let Some(node) = node else { continue };
        let body = reader.walk.body(id);
        let schema = reader.walk.evaluate(id, &body, node);
        let is_service =
            key(&schema, "name").is_some() && (key(&schema, "actions").or(key(&schema, "events"))).is_some();
        if is_service && matches!(schema.value, Value::Object(_)) {
            service(reader, &schema);
        }
    }
}

fn service(reader: &mut Reader<'_, '_>, schema: &Known) {
    let Some(name) = key(schema, "name").and_then(text_of) else {
        reader.unclear(schema.span, "a service whose name cannot be followed");
        return;
    };
    let version = key(schema, "version").map(|version| match &version.value {
        Value::Number(number) => format!("v{number}."),
        Value::Text(text) => format!("{text}."),
        _other => String::new(),
    });
    let full = format!("{}{name}", version.unwrap_or_default());
    for (group, answers) in [("actions", true), ("events", false)] {
        let Some(entries) = key(schema, group).and_then(object_of).cloned() else { continue };
        for (entry, value) in &entries.entries {
            let handler = key(value, "handler").cloned().unwrap_or_else(|| value.clone());
            if matches!(handler.value, Value::Bool(_)) {
                continue;
            }
            let pattern = if answers { format!("{full}.{entry}") } else { entry.as_str().to_owned() };
            let pattern = Known { value: Value::Text(Symbol::new(&pattern)), ..value.clone() };
            let kind = Kind::Message { transports: vec![Symbol::new("moleculer")], pattern, answers };
            add(reader, kind, &handler, None);
        }
    }
}
