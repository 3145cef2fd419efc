//! ConfigMaps.

use crate::facts::Fact;
use crate::facts::data::{ConfigObject, Entry};
use crate::facts::value::{ObjectKind, Value};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, text_span};
use super::object::Object;
use super::parts::{References, SETTING_LIMIT};

/// Endings of keys whose text is a configuration file of its own.
const FILE_ENDINGS: &[&str] =
    &[".yml", ".yaml", ".properties", ".json", ".env", ".toml", ".ini", ".conf", ".xml", ".sh", ".sql", ".js"];

/// Reads a ConfigMap's `data`.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let mut entries = Vec::new();
    for (key_node, node) in manifest.entries_of(object.node, "data") {
        let Some(key) = manifest.text(key_node) else { continue };
        let value = if is_file(key, node) {
            let what = format!("{key} in a ConfigMap");
            manifest.reading.unclear(key_node.span(), &what, "it is a file inside a manifest");
            Value::unknown("it is a file inside a manifest", text_span(node))
        } else if node.is_null() {
            Value::literal("", key_node.span())
        } else {
            manifest.configured(key, node, References::Literal)
        };
        entries.push(Entry { key: Symbol::new(key), value, span: key_node.span() });
    }
    for (key_node, node) in manifest.entries_of(object.node, "binaryData") {
        let Some(key) = manifest.text(key_node) else { continue };
        let value = Value::unknown("it is a file inside a manifest", text_span(node));
        entries.push(Entry { key: Symbol::new(key), value, span: key_node.span() });
    }
    note_open_data(manifest, object, "data");
    manifest.reading.add(Fact::ConfigObject(Box::new(ConfigObject {
        kind: ObjectKind::Config,
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        entries,
        external: false,
        span: object.span,
    })));
}

/// True for a text that is a file of its own; its settings are not those of a variable.
pub(super) fn is_file(key: &str, node: Node<'_>) -> bool {
    let lower = key.to_ascii_lowercase();
    let text = node.raw().unwrap_or_default();
    FILE_ENDINGS.iter().any(|ending| lower.ends_with(ending))
        || text.len() > SETTING_LIMIT
        || text.trim_end().contains('\n')
}

/// Notes keys that a template adds and that are not seen.
pub(super) fn note_open_data(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, key: &str) {
    let open = match object.node.entry(key) {
        Some((name, value)) => {
            let own = if value.raw().is_some() { name.span() } else { value.span() };
            let inline = manifest.template.hole_in(value.span()).filter(|_| value.raw().is_some());
            let filler = manifest.template.fillers(own).first().copied();
            filler.or_else(|| inline.map(|hole| Symbol::new(&hole.expression)))
        }
        None => manifest.template.fillers(object.node.definition()).first().copied(),
    };
    if let Some(expression) = open {
        let reason = super::template::computed(&expression);
        manifest.reading.unclear(object.span, &format!("keys of a {}", object.kind), &reason.0);
    }
}
