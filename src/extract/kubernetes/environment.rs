//! The environment of a container: literals, references between variables, keys of objects.

use crate::facts::value::{Form, ObjectKey, ObjectKind, Value};
use crate::facts::workload::{EnvFrom, EnvVar};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, place, text_span};
use super::parts::References;
use super::template::computed;

/// What sets a container's variables.
pub(super) struct Environment {
    /// In order of the file.
    pub variables: Vec<EnvVar>,
    /// Objects whose keys all become variables.
    pub objects: Vec<EnvFrom>,
}

/// Reads `env` and `envFrom` of a container.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, container: Node<'_>, name: Span) -> Environment {
    for key in ["env", "envFrom"] {
        let Some((key_node, value)) = container.entry(key) else { continue };
        let own = if value.raw().is_some() { key_node.span() } else { value.span() };
        let inline = manifest.template.hole_in(value.span()).filter(|_| value.raw().is_some());
        let reason = match (manifest.template.fillers(own).first(), inline) {
            (Some(expression), _) => computed(expression),
            (None, Some(hole)) => computed(&hole.expression),
            (None, None) => continue,
        };
        manifest.reading.unclear(key_node.span(), "environment of a container", &reason.0);
    }
    if let Some(reason) = manifest.gap(container).filter(|_| container.entry("env").is_none()) {
        manifest.reading.unclear(name, "environment of a container", &reason.0);
    }
    let mut variables = Vec::new();
    for node in manifest.mappings(container, "env") {
        let Some(name_node) = node.get("name").filter(|name| name.raw().is_some()) else {
            manifest.complain(place(node), "an entry of `env` has no `name`", "name the variable: `name: PORT`");
            continue;
        };
        let Some(name) = manifest.text(name_node) else {
            manifest.reading.unclear(name_node.span(), "variable of a container", "a template computes its name");
            continue;
        };
        let value = variable(manifest, name, node, name_node);
        variables.push(EnvVar { name: Symbol::new(name), value, span: text_span(name_node) });
    }
    let mut objects = Vec::new();
    for node in manifest.mappings(container, "envFrom") {
        let prefix = manifest.symbol_at(node, "prefix");
        for (key, kind) in [("configMapRef", ObjectKind::Config), ("secretRef", ObjectKind::Secret)] {
            let Some(reference) = manifest.mapping(node, key) else { continue };
            let Some(object) = manifest.value_at(reference, "name") else { continue };
            let span = object.span;
            objects.push(EnvFrom { kind, object, prefix, span });
        }
    }
    Environment { variables, objects }
}

fn variable(manifest: &mut Manifest<'_, '_>, name: &str, node: Node<'_>, name_node: Node<'_>) -> Value {
    if let Some(source) = manifest.mapping(node, "valueFrom") {
        return from_source(manifest, source, name_node.span());
    }
    let Some((key, value)) = node.entry("value") else {
        if let Some((key, _)) = node.entry("valueFrom") {
            return Value::unknown("the manifest does not show where the value comes from", key.span());
        }
        return match manifest.gap(node) {
            Some(reason) => Value { form: Form::Unknown(reason), span: text_span(name_node) },
            // A variable without value is empty (core/v1, EnvVar).
            None => Value::literal("", text_span(name_node)),
        };
    };
    if value.is_null() {
        return manifest.value_at(node, "value").unwrap_or_else(|| Value::literal("", key.span()));
    }
    if value.raw().is_none() {
        let message = format!("the value of `{name}` is no text");
        manifest.complain(place(value), &message, "put the value in quotes on one line");
        return Value::unknown("the value is no text", place(value));
    }
    manifest.configured(name, value, References::Expanded)
}

fn from_source(manifest: &mut Manifest<'_, '_>, source: Node<'_>, name: Span) -> Value {
    for (key, kind) in [("configMapKeyRef", ObjectKind::Config), ("secretKeyRef", ObjectKind::Secret)] {
        let Some((key_node, _)) = source.entry(key) else { continue };
        let Some(reference) = manifest.mapping(source, key) else { continue };
        let object = manifest
            .value_at(reference, "name")
            .unwrap_or_else(|| Value::unknown("the reference names no object", key_node.span()));
        let Some(key_in_object) = reference.get("key").filter(|key| !key.is_null()) else {
            return Value::unknown("the reference names no key", key_node.span());
        };
        let span = text_span(key_in_object);
        let Some(text) = manifest.text(key_in_object) else {
            return Value::unknown("a template computes the key in the object", span);
        };
        let form = Form::ObjectKey(Box::new(ObjectKey { kind, object, key: Symbol::new(text) }));
        return Value { form, span };
    }
    for (key, what) in [
        ("fieldRef", "a field of the running pod"),
        ("resourceFieldRef", "the container's resources"),
        ("fileKeyRef", "a file of the running pod"),
    ] {
        if let Some((key_node, _)) = source.entry(key) {
            return Value::unknown(&format!("the value comes from {what}"), key_node.span());
        }
    }
    Value::unknown("the manifest does not show where the value comes from", name)
}
