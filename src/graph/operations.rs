//! Operations that code shows, beside those of contracts: endpoints, and where requests land.

use std::collections::{BTreeMap, BTreeSet};

use super::code_calls::{Answering, Asked};
use super::model::{Confidence, Endpoint, Entry, Operation, ServiceId};
use super::program::modules::Modules;
use super::program::servers::operation::{Kind, Operation as Served};
use super::program::value::{Known, Value};
use super::refusals::{Keys, repetition};
use super::sources::{Source, answers};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::contract::{ContractKind, Effect, EffectBasis};
use crate::source::symbol::Symbol;
use crate::tables::operations::{NamedEffect, operations};

/// An operation as the graph holds it; `None` for what no request or message starts.
pub fn operation_of(service: ServiceId, served: &Served) -> Option<Operation> {
    let (kind, name) = match &served.kind {
        Kind::Http { .. } | Kind::Procedure { .. } | Kind::Function { .. } => (Entry::Http, served.name()),
        Kind::Grpc { .. } => (Entry::Grpc, served.name()),
        Kind::GraphQl { .. } => (Entry::GraphQl, served.name()),
        Kind::Message { answers: true, .. } => (Entry::Request, message_name(served)),
        Kind::Message { answers: false, .. } => (Entry::Message, message_name(served)),
        Kind::Job { .. } => (Entry::Timer, served.name()),
        Kind::Socket { .. } | Kind::Start => return None,
    };
    Some(Operation { service, name, kind, followed: served.id.is_some(), whole: served.whole, span: served.span })
}

fn message_name(served: &Served) -> Symbol {
    Symbol::new(&format!("message {}", served.name()))
}

/// Notes what a service answers to, so that callers who know only the name find it.
pub fn note_answers(answering: &mut Answering, service: ServiceId, served: &Served) {
    match &served.kind {
        Kind::Grpc { package, service: rpc, .. } => {
            answers(answering, rpc.as_str(), service);
            if let Some(package) = package {
                answers(answering, &format!("{package}.{rpc}"), service);
            }
        }
        // Nobody answers an event.
        Kind::Message { pattern, answers: true, .. } => {
            if let Value::Text(text) = &pattern.value {
                answering.by_name.entry(Asked::Pattern(*text)).or_default().insert(service);
            }
        }
        Kind::Http { .. }
        | Kind::Message { answers: false, .. }
        | Kind::GraphQl { .. }
        | Kind::Procedure { .. }
        | Kind::Socket { .. }
        | Kind::Function { .. }
        | Kind::Job { .. }
        | Kind::Start => {}
    }
}

/// What a service answers to, with what its database makes of repetitions.
pub fn protected(source: &Source, modules: &Modules<'_>, keys: &Keys) -> Vec<Served> {
    let mut all = source.served.clone();
    for one in &mut all {
        let root = one.id.and_then(|id| source.events.operations.get(id.0 as usize));
        let Some(root) = root.filter(|_| one.idempotency.is_absent()) else { continue };
        let repeated = repetition(source, modules, keys, root.frame, updates(&one.kind));
        one.adds = repeated.adds;
        one.removes = repeated.removes;
        if let Some(answer) = repeated.answer {
            one.idempotency = answer;
        }
    }
    all
}

/// True for what changes something that is there already, by its verb.
fn updates(kind: &Kind) -> bool {
    matches!(kind, Kind::Http { method, .. } if matches!(method.as_str(), "PATCH" | "PUT" | "DELETE"))
}

/// Adds what the code of services answers to: to the endpoint of a contract what its handler
/// shows, and endpoints that no contract has.
pub fn add_endpoints(endpoints: &mut Vec<Endpoint>, served: &[(ServiceId, Vec<Served>)]) {
    let mut by_name: BTreeMap<(ServiceId, String), usize> = BTreeMap::new();
    for (place, endpoint) in endpoints.iter().enumerate() {
        if let Some(service) = endpoint.service {
            by_name.entry((service, key(endpoint.name.as_str()))).or_insert(place);
        }
    }
    for (service, all) in served {
        for one in all {
            let name = one.name();
            // The braces of a message's pattern are no parameter.
            let key = match &one.kind {
                Kind::Message { .. } => message_name(one).as_str().to_owned(),
                _path => key(name.as_str()),
            };
            let found = by_name
                .get(&(*service, key.clone()))
                .copied()
                .or_else(|| by_short(endpoints, *service, one))
                .or_else(|| by_template(endpoints, *service, one));
            if let Some(endpoint) = found.and_then(|place| endpoints.get_mut(place)) {
                if !endpoint.evidence.0.contains(&one.span) && !endpoint.handlers.contains(&one.span) {
                    endpoint.handlers.push(one.span);
                }
                // A key that the handler reads is one, whatever the contract says of it.
                match (&endpoint.idempotency, &one.idempotency) {
                    (Answer::Present(..), _) => {}
                    (_, Answer::Present(..)) => endpoint.idempotency = one.idempotency.clone(),
                    // The contract has no key, and the handler may do without one.
                    (Answer::Absent(_), Answer::Unknown(_)) if one.id.is_some() => {
                        endpoint.idempotency = one.idempotency.clone();
                    }
                    (Answer::Absent(_) | Answer::Unknown(_), Answer::Absent(_) | Answer::Unknown(_)) => {}
                }
                by_code(endpoint, one);
                continue;
            }
            if let Some(mut endpoint) = endpoint_of(*service, one, name) {
                by_code(&mut endpoint, one);
                by_name.insert((*service, key), endpoints.len());
                endpoints.push(endpoint);
            }
        }
    }
    of_nobody(endpoints, served);
    endpoints.sort_by_key(|endpoint| (endpoint.service, endpoint.name, endpoint.evidence.0.first().copied()));
}

/// Documents of HTTP beside code that answers other requests only: nobody may answer them any more.
fn of_nobody(endpoints: &mut [Endpoint], served: &[(ServiceId, Vec<Served>)]) {
    let is_http = |one: &Served| matches!(one.kind, Kind::Http { .. } | Kind::Function { .. });
    let other: BTreeSet<ServiceId> = served
        .iter()
        .filter(|(_, all)| !all.is_empty() && !all.iter().any(is_http))
        .map(|(service, _)| *service)
        .collect();
    for endpoint in endpoints {
        let of_other = endpoint.service.is_some_and(|service| other.contains(&service));
        if of_other && endpoint.contract == ContractKind::OpenApi && endpoint.idempotency.is_absent() {
            endpoint.idempotency = Answer::unknown("nothing in its code answers requests over HTTP");
        }
    }
}

/// What an operation does whose verb and name do not tell, where its handler adds something; and
/// what its verb or name says too much of, where its handler takes something away and that is all.
fn by_code(endpoint: &mut Endpoint, served: &Served) {
    if endpoint.effect == Effect::Mutates
        && matches!(endpoint.effect_basis, EffectBasis::Verb | EffectBasis::Name)
        && served.removes
    {
        endpoint.effect = Effect::MutatesIdempotently;
        endpoint.effect_basis = EffectBasis::Code;
    }
    if endpoint.effect == Effect::Unclear && served.adds {
        endpoint.effect = Effect::Mutates;
        endpoint.effect_basis = EffectBasis::Code;
        endpoint.confidence = Confidence::Observed;
    }
}

/// An rpc by the last part of its service's name, where the code leaves out the package.
fn by_short(endpoints: &[Endpoint], service: ServiceId, served: &Served) -> Option<usize> {
    let Kind::Grpc { service: rpc, method, .. } = &served.kind else { return None };
    let short = key(&format!("{}/{method}", rpc.rsplit('.').next().unwrap_or(rpc)));
    let mut found = endpoints.iter().enumerate().filter(|(_, endpoint)| {
        let name = endpoint.name.as_str();
        let last =
            name.rsplit_once('/').map(|(of, method)| format!("{}/{method}", of.rsplit('.').next().unwrap_or(of)));
        endpoint.contract == ContractKind::Proto
            && endpoint.service.is_none_or(|owner| owner == service)
            && last.is_some_and(|last| key(&last) == short)
    });
    let first = found.next()?;
    found.next().is_none().then_some(first.0)
}

/// A path of OpenAPI that has a parameter where the code has a word: `/{version}/orders` is
/// `/v1/orders`.
fn by_template(endpoints: &[Endpoint], service: ServiceId, served: &Served) -> Option<usize> {
    let Kind::Http { .. } = &served.kind else { return None };
    let own = key(&served.name());
    let fits = |template: &str| {
        let template = key(template);
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), template.split('/').collect());
        let last = ours.len().saturating_sub(1);
        // The last word says what is asked for.
        let is_one = |(place, (our, their)): (usize, (&&str, &&str))| {
            our == their || (*their == "{}" && place < last && !our.is_empty())
        };
        ours.len() == theirs.len() && ours.iter().zip(&theirs).enumerate().all(is_one)
    };
    let mut found = endpoints.iter().enumerate().filter(|(_, endpoint)| {
        endpoint.contract == ContractKind::OpenApi && endpoint.service == Some(service) && fits(&endpoint.name)
    });
    let first = found.next()?;
    found.next().is_none().then_some(first.0)
}

/// Names of operations that mean the same: whatever the parameters of a path are called, and
/// however the first letter of an rpc is written.
fn key(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0_usize;
    for letter in name.chars() {
        match letter {
            '{' => {
                depth += 1;
                out.push_str("{}");
            }
            '}' => depth = depth.saturating_sub(1),
            _inside if depth > 0 => {}
            letter => out.extend(letter.to_lowercase()),
        }
    }
    out.trim_end_matches('/').to_owned()
}

/// An endpoint that only code shows: requests over HTTP, fields of GraphQL's root types,
/// procedures, and messages whose sender waits. The effect of rpcs is known from their contracts,
/// and an event is no request.
fn endpoint_of(service: ServiceId, served: &Served, name: Symbol) -> Option<Endpoint> {
    if !served.whole || served.id.is_none() {
        return None;
    }
    let (method, path) = match &served.kind {
        Kind::Http { method, path } => (method, path),
        Kind::Message { answers: true, pattern, .. } => return request_of(service, served, pattern),
        Kind::GraphQl { of, name: field } => {
            let what = Root::of_type(of)?;
            return Some(field_of(service, served, name, what, field));
        }
        Kind::Procedure { what, name: procedure } => {
            let what = Root::of_procedure(what)?;
            let last = procedure.rsplit('.').next().unwrap_or(procedure);
            return Some(field_of(service, served, name, what, last));
        }
        Kind::Message { answers: false, .. }
        | Kind::Grpc { .. }
        | Kind::Socket { .. }
        | Kind::Function { .. }
        | Kind::Job { .. }
        | Kind::Start => return None,
    };
    let last = path.as_str().rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{')).unwrap_or("");
    let named = operations().effect_of_endpoint(last);
    let (effect, basis) = match method.as_str() {
        "GET" | "HEAD" | "OPTIONS" => (Effect::Reads, EffectBasis::Verb),
        "PUT" | "DELETE" => (Effect::MutatesIdempotently, EffectBasis::Verb),
        "POST" | "PATCH" => match named {
            Some(NamedEffect::Reads) => (Effect::Reads, EffectBasis::Name),
            Some(NamedEffect::Session) => (Effect::Session, EffectBasis::Name),
            Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently) | None => {
                (Effect::Mutates, EffectBasis::Verb)
            }
        },
        _other => (Effect::Unclear, EffectBasis::Name),
    };
    Some(endpoint(service, served, name, (effect, basis)))
}

fn endpoint(service: ServiceId, served: &Served, name: Symbol, (effect, basis): (Effect, EffectBasis)) -> Endpoint {
    Endpoint {
        service: Some(service),
        name,
        contract: ContractKind::Code,
        effect,
        effect_basis: basis,
        idempotency: served.idempotency.clone(),
        confidence: match basis {
            EffectBasis::Declared | EffectBasis::Verb | EffectBasis::Code => Confidence::Observed,
            EffectBasis::Name => Confidence::Inferred,
        },
        evidence: Evidence(vec![served.span]),
        handlers: Vec::new(),
    }
}

/// The type at a schema's root that an operation is a field of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Root {
    Reads,
    Mutation,
}

impl Root {
    fn of_type(name: &str) -> Option<Self> {
        match name {
            "Query" | "Subscription" => Some(Self::Reads),
            "Mutation" => Some(Self::Mutation),
            _other => None,
        }
    }

    fn of_procedure(what: &str) -> Option<Self> {
        match what {
            "query" | "subscription" => Some(Self::Reads),
            "mutation" => Some(Self::Mutation),
            _other => None,
        }
    }
}

/// A field of GraphQL's root types, or a procedure. The root is what a verb is to HTTP.
fn field_of(service: ServiceId, served: &Served, name: Symbol, root: Root, field: &str) -> Endpoint {
    let effect = match root {
        Root::Reads => (Effect::Reads, EffectBasis::Verb),
        Root::Mutation => effect_of_mutation(field),
    };
    endpoint(service, served, name, effect)
}

fn effect_of_mutation(field: &str) -> (Effect, EffectBasis) {
    match operations().effect_of_mutation(field) {
        Some(NamedEffect::Reads) => (Effect::Reads, EffectBasis::Name),
        Some(NamedEffect::Session) => (Effect::Session, EffectBasis::Name),
        Some(NamedEffect::MutatesIdempotently) => (Effect::MutatesIdempotently, EffectBasis::Name),
        Some(NamedEffect::Mutates) | None => (Effect::Mutates, EffectBasis::Verb),
    }
}

/// A message whose sender waits for the answer. What it does is told by its pattern's words.
fn request_of(service: ServiceId, served: &Served, pattern: &Known) -> Option<Endpoint> {
    let Value::Text(text) = &pattern.value else { return None };
    let effect = match effect_of_pattern(text) {
        Some(NamedEffect::Reads) => Effect::Reads,
        Some(NamedEffect::Mutates) => Effect::Mutates,
        Some(NamedEffect::MutatesIdempotently) => Effect::MutatesIdempotently,
        Some(NamedEffect::Session) => Effect::Session,
        None => Effect::Unclear,
    };
    Some(endpoint(service, served, message_name(served), (effect, EffectBasis::Name)))
}

/// What the pattern of a message says that it asks for: `{"cmd":"create"}`, `orders.create`.
pub fn effect_of_pattern(pattern: &str) -> Option<NamedEffect> {
    said_in(pattern).into_iter().find_map(|words| operations().effect_of_rpc(words))
}

/// The words of a pattern that may say what is asked for: of `{"cmd":"create","of":"order"}` both
/// values, and of what has several parts the last one, as of `orders.create`.
fn said_in(pattern: &str) -> Vec<&str> {
    let values: Vec<&str> = match pattern.strip_prefix('{') {
        Some(object) => {
            let texts: Vec<&str> = object.split('"').skip(1).step_by(2).collect();
            texts.chunks_exact(2).filter_map(|pair| pair.get(1).copied()).collect()
        }
        None => vec![pattern],
    };
    values.into_iter().filter_map(|value| value.rsplit(['.', '/', ':']).next()).collect()
}

#[cfg(test)]
mod tests {
    use super::said_in;

    #[test]
    fn the_last_part_of_a_pattern_says_what_is_asked_for() {
        for (pattern, expected) in [
            ("orders.create", &["create"][..]),
            ("user_create", &["user_create"]),
            ("{\"cmd\":\"create-order\"}", &["create-order"]),
            ("{\"cmd\":\"sum\",\"role\":\"math\"}", &["sum", "math"]),
            ("{", &[]),
            ("", &[""]),
        ] {
            assert_eq!(said_in(pattern), expected, "{pattern}");
        }
    }
}
