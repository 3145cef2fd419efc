//! `service.yaml`: what a person declares for archlint about a service. The format is our
//! own, so what is misspelt is a problem; `docs/schemas/service.schema.json` describes it.

use crate::extract::reading::Reading;
use crate::extract::secrets::configured;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::call::{Call, CallSource, Caller, Layer, LayerKind, Protocol};
use crate::facts::data::SecretPlace;
use crate::facts::declaration::{Declaration, DeclaredDatabase, Exposure, Stated};
use crate::facts::network::Retries;
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::spelling::nearest;
use crate::syntax::tree::{Node, Scalar};
use crate::syntax::yaml;

const SERVICE_KEYS: [&str; 10] = [
    "name",
    "owner",
    "exposure",
    "scope",
    "justification",
    "databases",
    "calls",
    "publishes",
    "consumes",
    "idempotent",
];
const DATABASE_KEYS: [&str; 3] = ["name", "engine", "server"];
const CALL_KEYS: [&str; 5] = ["to", "protocol", "timeout_ms", "retries", "idempotent"];
const EXPOSURES: [(&str, Exposure); 2] = [("public", Exposure::Public), ("internal", Exposure::Internal)];
const PROTOCOLS: [(&str, Protocol); 6] = [
    ("http", Protocol::Http),
    ("grpc", Protocol::Grpc),
    ("graphql", Protocol::GraphQl),
    ("tcp", Protocol::Tcp),
    ("websocket", Protocol::WebSocket),
    ("rpc-over-broker", Protocol::RpcOverBroker),
];

/// `service.yaml` is a common name; [`read`] looks closer. `archlint.service.yaml` is ours.
pub fn claims(path: EstatePath) -> bool {
    matches!(path.name(), "service.yaml" | "service.yml") || is_named_for_us(path)
}

fn is_named_for_us(path: EstatePath) -> bool {
    matches!(path.name(), "archlint.service.yaml" | "archlint.service.yml")
}

/// Adds a declaration, and a call for each that it lists, of every document that is one.
pub fn read(reading: &mut Reading<'_>) {
    let tree = yaml::parse(reading.file.id, reading.file.text);
    let ours = is_named_for_us(reading.file.path);
    let documents: Vec<_> = tree.documents().filter(|document| ours || is_declaration(*document)).collect();
    if ours || !documents.is_empty() {
        reading.syntax_problems(&tree.problems, "repair the YAML; what stands before the mistake was read");
    }
    for document in documents {
        declaration(reading, document);
    }
}

/// True for a mapping that is no object of Kubernetes and speaks our words: `name` and
/// nothing strange, or more words of ours than strange ones. A slip of the pen is not strange.
pub fn is_declaration(document: Node<'_>) -> bool {
    let (mut known, mut strange) = (0, 0);
    for (key, _) in document.own_entries() {
        let Some(key) = key.raw() else { return false };
        match key {
            "apiVersion" | "kind" => return false,
            _ if SERVICE_KEYS.contains(&key) => known += 1,
            _ if nearest(key, &SERVICE_KEYS).is_some() => {}
            _ => strange += 1,
        }
    }
    let named = document.get("name").is_some();
    if named { strange == 0 || known > strange + 1 } else { known > 1 && known > strange + 1 }
}

fn declaration(reading: &mut Reading<'_>, document: Node<'_>) {
    if !document.is_mapping() {
        reading.problem(document.span(), "a declaration is a mapping of keys to values", "begin with `name: orders`");
        return;
    }
    known_keys(reading, document, &SERVICE_KEYS);
    let name = required(reading, document, "name", "name: orders");
    let caller = name.map_or(Caller::ThisFile, |name| Caller::Named(name.text));
    let owners = match document.get("owner") {
        Some(owner) if owner.is_sequence() => list(reading, document, "owner", "owner: [shop, payments]"),
        Some(_) => text(reading, document, "owner", "owner: shop").into_iter().collect(),
        None => Vec::new(),
    };
    let exposure = word(reading, document, "exposure", &EXPOSURES);
    let scopes = list(reading, document, "scope", "scope: [pci]");
    let justification = text(reading, document, "justification", "justification: \"scales on its own\"");
    let databases = databases(reading, document);
    let publishes = list(reading, document, "publishes", "publishes: [order-placed]");
    let consumes = list(reading, document, "consumes", "consumes: [payment-made]");
    let idempotent = list(reading, document, "idempotent", "idempotent: [\"PUT /orders/{id}\"]");
    if let Some(name) = name {
        reading.add(Fact::Declaration(Box::new(Declaration {
            name,
            aliases: Vec::new(),
            folder: Some(reading.file.path.parent()),
            owners,
            exposure,
            scopes,
            justification,
            databases,
            publishes,
            consumes,
            idempotent,
            is_service: true,
            span: name.span,
        })));
    }
    for item in items(reading, document, "calls", "calls: [{to: billing, timeout_ms: 800}]") {
        call(reading, caller, item);
    }
}

fn databases(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<DeclaredDatabase> {
    let mut databases = Vec::new();
    for item in items(reading, document, "databases", "databases: [{name: shop, engine: postgresql, server: pg}]") {
        known_keys(reading, item, &DATABASE_KEYS);
        let name = required(reading, item, "name", "{name: shop, engine: postgresql}");
        let engine = text(reading, item, "engine", "engine: postgresql");
        let server = item.get("server").and_then(|value| {
            let text = stated_text(reading, value, "server", "server: pg.example")?;
            Some(configured(reading, "server", text, value.span(), SecretPlace::Configuration))
        });
        databases.extend(name.map(|name| DeclaredDatabase { name, engine, server }));
    }
    databases
}

fn call(reading: &mut Reading<'_>, caller: Caller, item: Node<'_>) {
    known_keys(reading, item, &CALL_KEYS);
    let to = item.get("to");
    if to.is_none() {
        reading.problem(item.span(), "the call has no `to`", "write for example `{to: billing}`");
    }
    let protocol = word(reading, item, "protocol", &PROTOCOLS).map_or(Protocol::Http, |(protocol, _)| protocol);
    let timeout_ms = item.get("timeout_ms").and_then(|value| match value.scalar() {
        Some(Scalar::Text("none")) => Some(Answer::absent(value.span())),
        Some(_) | None => {
            let number = number(reading, value, "timeout_ms", 1, i64::from(u32::MAX), "timeout_ms: 800")?;
            Some(Answer::present(number, value.span()))
        }
    });
    let retries = item.get("retries").and_then(|value| {
        let retries = number(reading, value, "retries", 0, 1000, "retries: 2")?;
        let retries = u32::try_from(retries).unwrap_or(u32::MAX);
        Some(Answer::present(Retries { retries, per_try_ms: None }, value.span()))
    });
    let idempotent = item.get("idempotent").and_then(|value| {
        if value.bool().is_none() {
            reading.problem(value.span(), "`idempotent` of a call is true or false", "write `idempotent: true`");
        }
        Some(Answer::present(value.bool()?, value.span()))
    });
    let Some((text, span)) = to.and_then(|to| Some((stated_text(reading, to, "to", "to: billing")?, to.span()))) else {
        return;
    };
    let target: Value = configured(reading, "to", text, span, SecretPlace::Configuration);
    // A key that is left out says nothing: whoever wrote the file need not know.
    let unsaid = |key: &str| format!("service.yaml does not state {key} of this call");
    let layer = LayerKind::Declaration;
    reading.add(Fact::Call(Box::new(Call {
        caller,
        target,
        protocol,
        method: None,
        path: None,
        source: CallSource::Declared,
        timeout_ms: vec![Layer {
            kind: layer,
            answer: timeout_ms.unwrap_or_else(|| Answer::unknown(&unsaid("timeout_ms"))),
        }],
        retries: vec![Layer { kind: layer, answer: retries.unwrap_or_else(|| Answer::unknown(&unsaid("retries"))) }],
        idempotent: idempotent.unwrap_or_else(|| Answer::unknown(&unsaid("idempotent"))),
        span,
    })));
}

fn known_keys(reading: &mut Reading<'_>, node: Node<'_>, known: &[&str]) {
    for (key, _) in node.own_entries() {
        let name = key.raw().unwrap_or("this");
        if known.contains(&name) {
            continue;
        }
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("keys here are {}", known.join(", ")),
        };
        reading.problem(key.span(), &format!("`{name}` is no key of a service declaration"), &help);
    }
}

/// The text of `value`; a problem where it is a number, a list or nothing.
fn stated_text<'t>(reading: &mut Reading<'_>, value: Node<'t>, key: &str, example: &str) -> Option<&'t str> {
    if let Some(Scalar::Text(text)) = value.scalar().filter(|scalar| *scalar != Scalar::Text("")) {
        return Some(text);
    }
    let quotes = if value.text().is_some_and(|text| !text.is_empty()) { "; put quotes around it" } else { "" };
    reading.problem(
        value.span(),
        &format!("`{key}` must be a text{quotes}"),
        &format!("write for example `{example}`"),
    );
    None
}

fn text(reading: &mut Reading<'_>, node: Node<'_>, key: &str, example: &str) -> Option<Stated> {
    let value = node.get(key)?;
    let text = stated_text(reading, value, key, example)?;
    Some(Stated { text: Symbol::new(text), span: value.span() })
}

fn required(reading: &mut Reading<'_>, node: Node<'_>, key: &str, example: &str) -> Option<Stated> {
    if node.is_mapping() && node.get(key).is_none() {
        reading.problem(node.span(), &format!("`{key}` is missing"), &format!("write for example `{example}`"));
    }
    text(reading, node, key, example)
}

fn list(reading: &mut Reading<'_>, node: Node<'_>, key: &str, example: &str) -> Vec<Stated> {
    let Some(value) = node.get(key) else { return Vec::new() };
    if !value.is_sequence() {
        reading.problem(value.span(), &format!("`{key}` must be a list"), &format!("write for example `{example}`"));
    }
    let mut stated = Vec::new();
    for item in value.items() {
        let text = stated_text(reading, item, &format!("an item of {key}"), example);
        stated.extend(text.map(|text| Stated { text: Symbol::new(text), span: item.span() }));
    }
    stated
}

/// The mappings of a list.
fn items<'t>(reading: &mut Reading<'_>, node: Node<'t>, key: &str, example: &str) -> Vec<Node<'t>> {
    let Some(value) = node.get(key) else { return Vec::new() };
    let help = format!("write for example `{example}`");
    if !value.is_sequence() {
        reading.problem(value.span(), &format!("`{key}` must be a list"), &help);
    }
    let mut mappings = Vec::new();
    for item in value.items() {
        if item.is_mapping() {
            mappings.push(item);
        } else {
            reading.problem(item.span(), &format!("an item of `{key}` must be a mapping"), &help);
        }
    }
    mappings
}

fn word<T: Copy>(reading: &mut Reading<'_>, node: Node<'_>, key: &str, words: &[(&str, T)]) -> Option<(T, Span)> {
    let value = node.get(key)?;
    let written = value.raw().unwrap_or_default();
    let found = words.iter().find(|(word, _)| *word == written);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
        let help = match nearest(written, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "take one of these words".to_owned(),
        };
        reading.problem(value.span(), &format!("`{key}` must be one of {}", known.join(", ")), &help);
    }
    found.map(|&(_, meaning)| (meaning, value.span()))
}

fn number(reading: &mut Reading<'_>, value: Node<'_>, key: &str, least: i64, most: i64, example: &str) -> Option<u64> {
    let number = value.int().filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let message = format!("`{key}` must be a whole number from {least} to {most}");
        reading.problem(value.span(), &message, &format!("write for example `{example}`"));
    }
    number.and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests;
