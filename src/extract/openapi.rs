//! OpenAPI 2 and 3: the operations that a document offers, what each does, and whether its
//! request can be told from its repetition. Webhooks and callbacks are calls the other way
//! and no operations.

use rustc_hash::FxHashSet;

use super::proto::effect_of_named;
use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::contract::{Contract, ContractKind, Effect, EffectBasis, IdempotencyBasis, Operation};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::syntax::words::words_of;
use crate::tables::operations::{KeyPlace, NamedEffect, operations};

/// True for a document that says which version of OpenAPI it is in: `openapi: 3.1.0`,
/// `swagger: "2.0"`. False for a setting of that name: `swagger: true`.
pub fn claims_document(document: Node<'_>) -> bool {
    version_key(document).is_some()
}

fn version_key(document: Node<'_>) -> Option<Node<'_>> {
    ["openapi", "swagger"].into_iter().find_map(|name| {
        let (key, version) = document.entry(name)?;
        let is_version = version.raw().is_some_and(|text| text.starts_with("2.") || text.starts_with("3."));
        is_version.then_some(key)
    })
}

/// Adds the contract that the document is.
pub fn read_document(reading: &mut Reading<'_>, document: Node<'_>) {
    let Some(version) = version_key(document) else { return };
    let title = document.at(&["info", "title"]).filter(|title| title.text().is_some_and(|text| !text.is_empty()));
    let name = title.and_then(Node::text).unwrap_or(reading.file.path.name());
    let mut found = Vec::new();
    for (key, item) in document.get("paths").map(Node::entries).unwrap_or_default() {
        let Some(path) = key.raw().filter(|path| path.starts_with('/')) else { continue };
        match resolve(document, item) {
            Some(item) => path_operations(document, path, item, &mut found),
            None => reading.unclear(key.span(), &format!("path {path}"), "its operations are in another file"),
        }
    }
    reading.add(Fact::Contract(Box::new(Contract {
        kind: ContractKind::OpenApi,
        name: Symbol::new(name),
        servers: servers(document),
        operations: found,
        span: title.unwrap_or(version).span(),
    })));
}

fn servers(document: Node<'_>) -> Vec<Symbol> {
    let listed = document.get("servers").into_iter().flat_map(Node::items);
    let urls = listed.filter_map(|server| server.get("url")?.text());
    urls.chain(document.get("basePath").and_then(Node::text)).map(Symbol::new).collect()
}

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

fn path_operations(document: Node<'_>, path: &str, item: Node<'_>, found: &mut Vec<Operation>) {
    let shared = item.get("parameters");
    for (key, operation) in item.entries() {
        let Some(method) = key.raw().filter(|name| METHODS.contains(name)) else { continue };
        let verb = method.to_ascii_uppercase();
        let (effect, effect_basis) = effect_of(&verb, path, operation);
        found.push(Operation {
            name: Symbol::new(&format!("{verb} {path}")),
            method: Some(Symbol::new(&verb)),
            path: Some(Symbol::new(path)),
            effect,
            effect_basis,
            idempotency: idempotency_of(document, shared, key, operation),
            streaming: false,
            span: key.span(),
        });
    }
}

fn effect_of(verb: &str, path: &str, operation: Node<'_>) -> (Effect, EffectBasis) {
    match verb {
        "PUT" | "DELETE" => (Effect::MutatesIdempotently, EffectBasis::Verb),
        "PATCH" => (Effect::Mutates, EffectBasis::Verb),
        "POST" => match effect_of_post(path, operation) {
            Some(named @ (NamedEffect::Reads | NamedEffect::Session)) => {
                (effect_of_named(Some(named)), EffectBasis::Name)
            }
            Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently) | None => {
                (Effect::Mutates, EffectBasis::Verb)
            }
        },
        _ => (Effect::Reads, EffectBasis::Verb),
    }
}

/// What the last part of the path says (`/orders/search`, `/orders:validate`), else the
/// operation's id, else a part of the path before the last that is about sessions (`/auth/…`).
fn effect_of_post(path: &str, operation: Node<'_>) -> Option<NamedEffect> {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let last = last.rsplit_once(':').map_or(last, |(_, verb)| verb);
    let by_path = || (!last.contains('{')).then(|| operations().effect_of_endpoint(last)).flatten();
    let by_id = || {
        let id = operation.get("operationId")?.text()?;
        // Generators add the verb, which says nothing new: `post_orders_search`.
        let words = words_of(id);
        let words = words.strip_prefix(&["post".to_owned()]).unwrap_or(&words);
        let words = words.strip_suffix(&["post".to_owned()]).unwrap_or(words);
        operations().effect_of_endpoint(&words.join(" "))
    };
    let by_folder = || {
        let is_session = |part: &str| operations().effect_of_endpoint(part) == Some(NamedEffect::Session);
        path.split('/').any(is_session).then_some(NamedEffect::Session)
    };
    by_path().or_else(by_id).or_else(by_folder)
}

/// Most references followed, one leading to the next.
const REFERENCE_LIMIT: usize = 16;

/// The node that `node` means: itself, or what its `$ref` leads to within the document.
/// `None` where that is another file or is not there.
fn resolve<'t>(document: Node<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let mut node = node;
    for _ in 0..REFERENCE_LIMIT {
        let Some(reference) = node.get("$ref").and_then(Node::text) else { return Some(node) };
        let pointer = reference.strip_prefix("#/")?;
        node = pointer.split('/').try_fold(document, |node, part| {
            // JSON pointers write `/` as `~1` and `~` as `~0` (RFC 6901, section 4).
            let part = part.replace("~1", "/").replace("~0", "~");
            if node.is_sequence() { node.items().nth(part.parse().ok()?) } else { node.get(&part) }
        })?;
    }
    None
}

/// Most properties looked at for one request. Where many operations share a large schema,
/// looking through all of it for each would take the square of the file's length.
const PROPERTY_LIMIT: usize = 2_000;

/// What was found of a key so far.
struct Search {
    properties: usize,
    key: Option<(IdempotencyBasis, Span)>,
    /// Why not everything was looked at.
    not_read: Option<String>,
}

impl Search {
    fn found(&mut self, basis: IdempotencyBasis, span: Span) {
        self.key.get_or_insert((basis, span));
    }

    fn not_read(&mut self, node: Node<'_>) {
        let reference = node.get("$ref").and_then(Node::text);
        self.not_read.get_or_insert_with(|| match reference {
            Some(reference) => format!("the request refers to {reference}, which is not in this file"),
            None => "the file is broken within the request".to_owned(),
        });
    }
}

fn idempotency_of(
    document: Node<'_>,
    shared: Option<Node<'_>>,
    key: Node<'_>,
    operation: Node<'_>,
) -> Answer<IdempotencyBasis> {
    if let Some((key, _)) = operation.entry("x-idempotent").filter(|(_, value)| value.bool() == Some(true)) {
        return Answer::present(IdempotencyBasis::Declared, key.span());
    }
    let mut search = Search { properties: 0, key: None, not_read: None };
    let own = operation.get("parameters");
    for parameter in own.into_iter().chain(shared).flat_map(Node::items) {
        match resolve(document, parameter) {
            Some(parameter) => search_parameter(document, parameter, &mut search),
            None => search.not_read(parameter),
        }
    }
    if let Some(body) = operation.get("requestBody") {
        match resolve(document, body) {
            Some(resolved) => {
                for (_, media) in resolved.get("content").map(Node::entries).unwrap_or_default() {
                    search_schema(document, media.get("schema"), &mut search);
                }
                if resolved.is_cut_off() {
                    search.not_read(resolved);
                }
            }
            None => search.not_read(body),
        }
    }
    if operation.is_cut_off() {
        search.not_read(operation);
    }
    match (search.key, search.not_read) {
        (Some((basis, span)), _) => Answer::present(basis, span),
        (None, Some(reason)) => Answer::unknown(&reason),
        (None, None) => Answer::absent(key.span()),
    }
}

fn search_parameter(document: Node<'_>, parameter: Node<'_>, search: &mut Search) {
    let name = parameter.get("name");
    let is = |place| name.and_then(Node::text).is_some_and(|name| operations().is_key(place, name));
    let span = name.unwrap_or(parameter).span();
    match parameter.get("in").and_then(Node::text) {
        Some("header") if is(KeyPlace::Header) => search.found(IdempotencyBasis::Header, span),
        Some("query" | "formData") if is(KeyPlace::Field) => search.found(IdempotencyBasis::Field, span),
        Some("body") => search_schema(document, parameter.get("schema"), search),
        _ if parameter.is_cut_off() => search.not_read(parameter),
        _ => {}
    }
}

/// How deep objects within the request's body are searched.
const SCHEMA_DEPTH: usize = 3;

/// Looks for a property that carries a key in a schema, its alternatives and the objects
/// within it, the outer ones first.
fn search_schema(document: Node<'_>, schema: Option<Node<'_>>, search: &mut Search) {
    // Each schema is looked at once, so that the work is bounded by the file's length.
    let mut seen: FxHashSet<Span> = FxHashSet::default();
    let mut level: Vec<(Node<'_>, bool)> = schema.map(|schema| (schema, true)).into_iter().collect();
    for _ in 0..SCHEMA_DEPTH {
        let mut next = Vec::new();
        while let Some((node, matters)) = level.pop() {
            let Some(schema) = resolve(document, node) else {
                if matters {
                    search.not_read(node);
                }
                continue;
            };
            if !seen.insert(schema.definition()) {
                continue;
            }
            if schema.is_cut_off() {
                search.not_read(schema);
            }
            for keyword in ["allOf", "oneOf", "anyOf"] {
                level.extend(schema.get(keyword).into_iter().flat_map(Node::items).map(|part| (part, matters)));
            }
            for (name, property) in schema.get("properties").map(Node::entries).unwrap_or_default() {
                let Some(text) = name.raw() else { continue };
                search.properties += 1;
                if search.properties > PROPERTY_LIMIT {
                    search.not_read.get_or_insert_with(|| "the request has too many properties".to_owned());
                    return;
                }
                if operations().is_key(KeyPlace::Field, text) {
                    search.found(IdempotencyBasis::Field, name.span());
                }
                next.push((property, operations().is_key(KeyPlace::Envelope, text)));
            }
        }
        level = next;
    }
}

#[cfg(test)]
mod tests;
