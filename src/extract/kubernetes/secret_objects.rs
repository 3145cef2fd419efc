//! Secrets, and the objects that Secrets are made from. No text of a secret leaves this file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::extract::secrets::{configured, is_public_key, is_secret_key, look_of};
use crate::facts::Fact;
use crate::facts::data::{ConfigObject, Entry, SecretPlace, SecretUse};
use crate::facts::value::{Form, ObjectKind, Value};
use crate::source::secret::{Secret, SecretLook};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::config::{is_file, note_open_data};
use super::manifest::{Manifest, definition_text_span, text_span};
use super::object::Object;

/// Last words of keys whose values are no secrets even in a Secret.
const HARMLESS: &[&str] = &[
    "host",
    "hostname",
    "hosts",
    "port",
    "ports",
    "name",
    "user",
    "username",
    "login",
    "schema",
    "database",
    "db",
    "dbname",
    "dsn",
    "region",
    "bucket",
    "endpoint",
    "endpoints",
    "enabled",
    "disabled",
    "enable",
    "debug",
    "flag",
    "mode",
    "level",
    "env",
    "environment",
    "driver",
    "dialect",
    "engine",
    "protocol",
    "scheme",
    "version",
    "namespace",
    "email",
    "issuer",
    "audience",
    "domain",
    "realm",
    "type",
    "timeout",
    "url",
    "uri",
    "addr",
    "address",
    "server",
    "servers",
    "brokers",
    "topic",
    "queue",
    "path",
    "crt",
    "cert",
    "certificate",
    "id",
    "ssl",
    "tls",
    "sslmode",
    "adapter",
    "size",
    "ttl",
    "provider",
    "tenant",
    "account",
    "group",
    "role",
    "zone",
    "locale",
];

/// Reads a Secret's `data` and `stringData`.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    // Tools keep the whole object in annotations, values included.
    if let Some(metadata) = manifest.mapping(object.node, "metadata") {
        for (_, node) in manifest.entries_of(metadata, "annotations") {
            if node.raw().is_some_and(|text| text.contains('{')) {
                manifest.reading.facts.redactions.push(node.definition());
            }
        }
    }
    let mut entries = Vec::new();
    for (section, encoded) in [("data", true), ("stringData", false)] {
        for (key_node, node) in manifest.entries_of(object.node, section) {
            let Some(key) = manifest.text(key_node) else { continue };
            let value = if encoded { encoded_value(manifest, key, node) } else { plain_value(manifest, key, node) };
            entries.push(Entry { key: Symbol::new(key), value, span: key_node.span() });
        }
        if object.node.entry(section).is_some() {
            note_open_data(manifest, object, section);
        }
    }
    add(manifest, object, object.name.clone(), entries, false);
}

/// Reads a SealedSecret: its keys, which stay encrypted.
pub(super) fn read_sealed(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let named = manifest.mapping_at(spec, &["template", "metadata"]);
    let name = named.and_then(|metadata| manifest.value_at(metadata, "name"));
    let mut entries = Vec::new();
    for (key_node, node) in manifest.entries_of(spec, "encryptedData") {
        let Some(key) = manifest.text(key_node) else { continue };
        let form = Form::Secret(Secret::new(node.raw().unwrap_or_default(), SecretLook::Sealed));
        entries.push(Entry {
            key: Symbol::new(key),
            value: Value { form, span: text_span(node) },
            span: key_node.span(),
        });
    }
    let name = name.unwrap_or_else(|| object.name.clone());
    add(manifest, object, name, entries, true);
}

/// Reads an ExternalSecret: the keys that it fetches. `dataFrom` adds keys that nobody sees.
pub(super) fn read_external(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let target = manifest.mapping(spec, "target");
    let name = target.and_then(|target| manifest.value_at(target, "name"));
    let mut entries = Vec::new();
    for node in manifest.mappings(spec, "data") {
        // `name` is the key's name in the old form (kubernetes-client.io/v1).
        let Some(key_node) = node.get("secretKey").or_else(|| node.get("name")) else { continue };
        let Some(key) = manifest.text(key_node) else { continue };
        entries.push(external_entry(key, text_span(key_node)));
    }
    if let Some(template) = target.and_then(|target| manifest.mapping(target, "template")) {
        for (key_node, _) in manifest.entries_of(template, "data") {
            let Some(key) = manifest.text(key_node) else { continue };
            entries.push(external_entry(key, key_node.span()));
        }
    }
    let name = name.unwrap_or_else(|| object.name.clone());
    add(manifest, object, name, entries, true);
}

fn external_entry(key: &str, span: Span) -> Entry {
    let value = Value::unknown("the value is kept in an external secret store", span);
    Entry { key: Symbol::new(key), value, span }
}

fn add(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, name: Value, entries: Vec<Entry>, external: bool) {
    manifest.reading.add(Fact::ConfigObject(Box::new(ConfigObject {
        kind: ObjectKind::Secret,
        name,
        namespace: object.namespace.clone(),
        entries,
        external,
        span: object.span,
    })));
}

/// A value of `data`.
fn encoded_value(manifest: &mut Manifest<'_, '_>, key: &str, node: Node<'_>) -> Value {
    let span = definition_text_span(node);
    if node.is_null() {
        return Value::literal("", span);
    }
    let Some(text) = manifest.text(node) else { return opened(manifest, node) };
    let packed: String = text.split_whitespace().collect();
    let decoded = STANDARD.decode(&packed).ok().map(String::from_utf8);
    match decoded {
        Some(Ok(decoded)) => {
            let plain = decoded.strip_suffix('\n').unwrap_or(&decoded);
            let known = manifest.reading.facts.facts.len();
            let redactions = manifest.reading.facts.redactions.len();
            let mut value = value_of(manifest, key, plain, span);
            // Places in the decoded text are no places in the file.
            if manifest.reading.facts.redactions.len() > redactions || holds_secret(&value) {
                manifest.reading.facts.redactions.truncate(redactions);
                manifest.reading.facts.redactions.push(span);
                move_to(&mut value, span);
                for fact in manifest.reading.facts.facts.iter_mut().skip(known) {
                    if let Fact::Secret(secret) = fact {
                        secret.span = span;
                    } else if let Fact::Connection(connection) = fact {
                        connection.span = span;
                    }
                }
            }
            value
        }
        // Bytes that are no text: a key store.
        Some(Err(_)) => hidden(manifest, key, &packed, SecretLook::Value, span),
        // A placeholder, a sealed value, or what nobody meant to be base64.
        None => value_of(manifest, key, text, span),
    }
}

/// A value of `stringData`.
fn plain_value(manifest: &mut Manifest<'_, '_>, key: &str, node: Node<'_>) -> Value {
    let span = definition_text_span(node);
    if node.is_null() {
        return Value::literal("", span);
    }
    let Some(text) = manifest.text(node) else { return opened(manifest, node) };
    if is_file(key, node) && !text.contains("PRIVATE KEY") {
        manifest.reading.facts.redactions.push(span);
        manifest.reading.unclear(span, &format!("{key} in a Secret"), "it is a file inside a manifest");
        return Value::unknown("it is a file inside a manifest", span);
    }
    value_of(manifest, key, text, span)
}

/// A computed value: what a template puts there is no secret of this file, but a literal
/// default in it may be, and so may the text around it.
fn opened(manifest: &mut Manifest<'_, '_>, node: Node<'_>) -> Value {
    let span = definition_text_span(node);
    if node.raw().is_none() {
        return Value::unknown("the value is no text", node.span());
    }
    manifest.reading.facts.redactions.push(span);
    let holes = manifest.template.holes_in(node.definition());
    match holes.as_slice() {
        [hole] if hole.range.start <= span.start && hole.range.end >= span.end => {
            match crate::syntax::template::Masked::value_path(&hole.expression) {
                Some(path) if path.default.is_none() => manifest.value(node),
                Some(_) | None => Value::unknown("the template computes it", span),
            }
        }
        _ => Value::unknown("the template computes it", span),
    }
}

/// A value of a Secret in the open: a secret unless its key or its text says otherwise.
pub(super) fn value_of(manifest: &mut Manifest<'_, '_>, key: &str, text: &str, span: Span) -> Value {
    if text.is_empty() {
        return Value::literal("", span);
    }
    if is_public_key(text) && !text.contains("PRIVATE KEY") {
        return Value::unknown("it is a certificate or a public key", span);
    }
    if is_secret_key(key) || is_harmless(key, text) {
        return configured(manifest.reading, key, text, span, SecretPlace::Manifest);
    }
    hidden(manifest, key, text, look_of(text), span)
}

fn hidden(manifest: &mut Manifest<'_, '_>, key: &str, text: &str, look: SecretLook, span: Span) -> Value {
    let secret = Secret::new(text, look);
    manifest.reading.facts.redactions.push(span);
    let place = SecretPlace::Manifest;
    manifest.reading.add(Fact::Secret(Box::new(SecretUse { key: Symbol::new(key), secret, place, span })));
    Value { form: Form::Secret(secret), span }
}

/// True for `DB_HOST`, `spring.datasource.url`, `userName`, and for texts such as `true`.
fn is_harmless(key: &str, text: &str) -> bool {
    if matches!(text, "true" | "false" | "yes" | "no") || text.contains('\n') && !text.contains("://") {
        return !text.contains('\n');
    }
    let mut spaced = String::new();
    let mut after_lower = false;
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && after_lower {
            spaced.push(' ');
        }
        after_lower = letter.is_ascii_lowercase();
        spaced.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { ' ' });
    }
    if spaced.contains("webhook") {
        return false;
    }
    spaced.split(' ').rfind(|word| !word.is_empty()).is_some_and(|word| HARMLESS.contains(&word))
}

fn holds_secret(value: &Value) -> bool {
    match &value.form {
        Form::Secret(_) => true,
        Form::Concat(parts) | Form::FirstOf(parts) => parts.iter().any(holds_secret),
        Form::Literal(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => false,
    }
}

fn move_to(value: &mut Value, span: Span) {
    value.span = span;
    match &mut value.form {
        Form::Concat(parts) | Form::FirstOf(parts) => parts.iter_mut().for_each(|part| move_to(part, span)),
        Form::Literal(_)
        | Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => {}
    }
}
