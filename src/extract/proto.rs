//! `.proto` files: the services they declare, what each method does, and whether its
//! request can be told from its repetition.

use rustc_hash::FxHashSet;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::contract::{Contract, ContractKind, Effect, EffectBasis, IdempotencyBasis, Operation};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::proto::{self, HttpRule, IdempotencyLevel, ProtoFile, ProtoMessage, ProtoMethod};
use crate::tables::operations::{KeyPlace, NamedEffect, operations};

/// True for `.proto` files but copies of those that come with the compiler and its
/// libraries: `third_party/google/api/http.proto`, `grpc/health/v1/health.proto`.
pub fn claims(path: EstatePath) -> bool {
    let path = path.as_str();
    path.ends_with(".proto")
        && !VENDORED.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")))
}

/// Folders by which such copies are imported. `google/` alone would take an estate's own
/// folder for one.
const VENDORED: &[&str] = &[
    "google/api/",
    "google/protobuf/",
    "google/rpc/",
    "google/type/",
    "google/longrunning/",
    "grpc/health/",
    "grpc/reflection/",
    "protoc-gen-openapiv2/",
    "protoc-gen-swagger/",
];

/// Packages of services that a server offers beside its own.
const STANDARD_PACKAGES: &[&str] = &["grpc.health.", "grpc.reflection.", "grpc.channelz.", "google."];

/// Adds one contract for each service.
pub fn read(reading: &mut Reading<'_>) {
    let file = proto::parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&file.problems, "correct the file so that protoc accepts it");
    let is_standard = STANDARD_PACKAGES.iter().any(|package| format!("{}.", file.package).starts_with(package));
    if is_standard {
        return;
    }
    for service in &file.services {
        let name = qualified(&file.package, &service.name);
        let operations = service.methods.iter().map(|method| operation(&file, &name, method)).collect();
        reading.add(Fact::Contract(Box::new(Contract {
            kind: ContractKind::Proto,
            name: Symbol::new(&name),
            servers: Vec::new(),
            operations,
            span: service.span,
        })));
    }
}

fn qualified(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}

fn operation(file: &ProtoFile, service: &str, method: &ProtoMethod) -> Operation {
    let (effect, effect_basis) = effect_of(method);
    Operation {
        name: Symbol::new(&format!("{service}/{}", method.name)),
        method: method.http.as_ref().map(|rule| Symbol::new(&rule.verb)),
        path: method.http.as_ref().map(|rule| Symbol::new(&rule.path)),
        effect,
        effect_basis,
        idempotency: idempotency_of(file, service, method),
        streaming: method.streaming,
        span: method.span,
    }
}

fn effect_of(method: &ProtoMethod) -> (Effect, EffectBasis) {
    if method.idempotency == Some(IdempotencyLevel::NoSideEffects) {
        return (Effect::Reads, EffectBasis::Declared);
    }
    let named = operations().effect_of_rpc(&method.name);
    let by_verb = method.http.as_ref().and_then(|rule| effect_of_rule(rule, named));
    by_verb.unwrap_or((effect_of_named(named), EffectBasis::Name))
}

/// What a verb says, unless it is POST and the name says that nothing is changed: a search
/// too big for a query string. `None` for verbs of one's own.
fn effect_of_rule(rule: &HttpRule, named: Option<NamedEffect>) -> Option<(Effect, EffectBasis)> {
    match &*rule.verb {
        "GET" | "HEAD" => Some((Effect::Reads, EffectBasis::Verb)),
        "PUT" | "DELETE" => Some((Effect::MutatesIdempotently, EffectBasis::Verb)),
        "PATCH" => Some((Effect::Mutates, EffectBasis::Verb)),
        "POST" => {
            let custom = rule.path.rsplit_once(':').and_then(|(_, word)| operations().effect_of_rpc(word));
            Some(match named.or(custom) {
                Some(NamedEffect::Reads) => (Effect::Reads, EffectBasis::Name),
                Some(NamedEffect::Session) => (Effect::Session, EffectBasis::Name),
                Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently) | None => {
                    (Effect::Mutates, EffectBasis::Verb)
                }
            })
        }
        _ => None,
    }
}

/// The effect that a name stands for; [`Effect::Unclear`] where it says nothing.
pub fn effect_of_named(named: Option<NamedEffect>) -> Effect {
    match named {
        Some(NamedEffect::Reads) => Effect::Reads,
        Some(NamedEffect::Mutates) => Effect::Mutates,
        Some(NamedEffect::MutatesIdempotently) => Effect::MutatesIdempotently,
        Some(NamedEffect::Session) => Effect::Session,
        None => Effect::Unclear,
    }
}

fn idempotency_of(file: &ProtoFile, service: &str, method: &ProtoMethod) -> Answer<IdempotencyBasis> {
    if method.idempotency.is_some() {
        return Answer::present(IdempotencyBasis::Declared, method.span);
    }
    let Some(message) = file.find_message(service, &method.request) else {
        return match fields_elsewhere(&method.request) {
            Some(fields) if fields.iter().any(|field| operations().is_key(KeyPlace::Field, field)) => {
                Answer::present(IdempotencyBasis::Field, method.span)
            }
            Some(_) => Answer::absent(method.span),
            None => Answer::unknown(&declared_elsewhere(file, &method.request)),
        };
    };
    match key_in(file, message) {
        Found::Key(span) => Answer::present(IdempotencyBasis::Field, span),
        Found::Nothing => Answer::absent(method.span),
        Found::NotRead(type_name) => Answer::unknown(&declared_elsewhere(file, &type_name)),
        Found::TooLarge => Answer::unknown("the request has too many fields"),
    }
}

/// Fields of a message that comes with the compiler. `None` for others, and for those that
/// can hold anything.
fn fields_elsewhere(type_name: &str) -> Option<Vec<String>> {
    match type_name.trim_start_matches('.') {
        "google.protobuf.Any" | "google.protobuf.Struct" | "google.protobuf.Value" => None,
        name => proto::well_known_fields(name),
    }
}

fn declared_elsewhere(file: &ProtoFile, type_name: &str) -> String {
    let imports: Vec<&str> =
        file.imports.iter().map(|path| &**path).filter(|path| !path.starts_with("google/")).collect();
    if imports.is_empty() {
        return format!("the fields of {type_name} are not declared in this file");
    }
    format!("the fields of {type_name} are declared in a file that this one imports: {}", imports.join(", "))
}

/// How deep messages within the request are searched: request, its subject, one more.
const MESSAGE_DEPTH: usize = 3;

enum Found {
    Key(Span),
    Nothing,
    /// A part that may hold it is declared in another file: its type.
    NotRead(Box<str>),
    TooLarge,
}

/// Most fields looked at for one request. Where many methods share a large message, looking
/// through all of it for each would take the square of the file's length.
const FIELD_LIMIT: usize = 2_000;

/// Looks for a key in a message and the messages within it, the outer ones first.
fn key_in(file: &ProtoFile, message: &ProtoMessage) -> Found {
    let mut not_read = None;
    let mut seen: FxHashSet<&str> = FxHashSet::from_iter([&*message.name]);
    let mut level = vec![message];
    let mut fields_seen = 0;
    for _ in 0..MESSAGE_DEPTH {
        fields_seen += level.iter().map(|message| message.fields.len()).sum::<usize>();
        if fields_seen > FIELD_LIMIT {
            return Found::TooLarge;
        }
        let mut fields = level.iter().flat_map(|message| &message.fields);
        if let Some(field) = fields.find(|field| operations().is_key(KeyPlace::Field, &field.name)) {
            return Found::Key(field.span);
        }
        let mut next = Vec::new();
        for message in level {
            for field in &message.fields {
                let Some(type_name) = &field.type_name else { continue };
                match file.find_message(&message.name, type_name) {
                    Some(part) if seen.insert(&part.name) => next.push(part),
                    Some(_) => {}
                    None => {
                        let may_hold_it = operations().is_key(KeyPlace::Envelope, &field.name)
                            && fields_elsewhere(type_name).is_none();
                        if may_hold_it {
                            not_read.get_or_insert_with(|| type_name.clone());
                        }
                    }
                }
            }
        }
        level = next;
    }
    not_read.map_or(Found::Nothing, Found::NotRead)
}

#[cfg(test)]
mod tests;
