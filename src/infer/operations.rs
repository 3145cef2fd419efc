//! Operations of services with what they ask of others, store and publish on their way, as rules
//! see them.

use std::collections::{BTreeMap, BTreeSet};

use super::outboxes::{Outboxes, Twice};
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::Protocol;
use crate::facts::contract::Effect;
use crate::graph::flows::{Act, Reach};
use crate::graph::model::{Call, Confidence, Entry, Graph, Operation, ServiceId, Site};
use crate::graph::operations::effect_of_pattern;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::operation_steps::{Step, step_of};
use crate::tables::operations::{NamedEffect, operations};

/// What one call does at its callee.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Reads,
    Writes,
    Unclear,
}

/// A call on an operation's way.
struct Asked<'g> {
    to: ServiceId,
    site: &'g Site,
    reach: &'g Reach,
    does: Does,
    confidence: Confidence,
}

/// One subject for each operation that asks something of another service, stores or publishes.
/// Linear in calls and
/// what operations reach.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut sites: BTreeMap<(ServiceId, Span), Vec<(&Call, &Site)>> = BTreeMap::new();
    for call in graph.calls.iter().filter(|call| call.from != call.to) {
        for site in call.clients.iter().flat_map(|client| &client.sites) {
            sites.entry((call.from, site.span)).or_default().push((call, site));
        }
    }
    let mut of: BTreeMap<u32, Vec<Asked<'_>>> = BTreeMap::new();
    let mut events: BTreeMap<u32, Vec<&Reach>> = BTreeMap::new();
    let mut stored: BTreeMap<u32, Vec<&Reach>> = BTreeMap::new();
    for reach in &graph.reaches {
        let Some(operation) = graph.operations.get(reach.operation as usize) else { continue };
        match reach.act {
            Act::Publishes { .. } => events.entry(reach.operation).or_default().push(reach),
            Act::Stores(_) => stored.entry(reach.operation).or_default().push(reach),
            Act::Asks => {}
        }
        for (call, site) in sites.get(&(operation.service, reach.site)).into_iter().flatten() {
            let does = does(graph, call, site);
            of.entry(reach.operation).or_default().push(Asked {
                to: call.to,
                site,
                reach,
                does,
                confidence: call.confidence,
            });
        }
    }
    let outboxes = Outboxes::new(estate);
    let numbers: BTreeSet<u32> = of.keys().chain(stored.keys()).chain(events.keys()).copied().collect();
    for number in numbers {
        let Some(operation) = graph.operations.get(number as usize) else { continue };
        let asked = of.get(&number).map_or(&[][..], Vec::as_slice);
        let sent = events.get(&number).map_or(&[][..], Vec::as_slice);
        let stored = stored.get(&number).map_or(&[][..], Vec::as_slice);
        found.push(subject(estate, &outboxes, operation, asked, sent, stored));
    }
}

fn subject(
    estate: &Estate<'_>,
    outboxes: &Outboxes,
    operation: &Operation,
    asked: &[Asked<'_>],
    sent: &[&Reach],
    stored: &[&Reach],
) -> Subject {
    let graph = estate.graph;
    let twice = Twice::of(operation, sent, stored);
    let service = graph.service(operation.service).name;
    let always = |does: Does| {
        asked.iter().filter(move |one| one.does == does && !one.reach.only_in_catch && !one.reach.only_in_branch)
    };
    let names = |services: &BTreeSet<ServiceId>| -> BTreeSet<Symbol> {
        services.iter().map(|id| graph.service(*id).name).collect()
    };
    let written = always(Does::Writes).filter(|one| step(one) != Some(Step::Tells));
    let written = names(&written.map(|one| one.to).collect());
    let read = names(&always(Does::Reads).map(|one| one.to).collect());
    let told = names(&told(always(Does::Writes)));
    let compensated = compensated(graph, operation, asked, sent);
    let confidence = asked.iter().map(|one| one.confidence).min().unwrap_or(Confidence::Observed);
    let (def, row) = RowBuilder::new("operation", operation.span)
        .text("service", &service)
        .text("operation", &operation.name)
        .text("entry", entry_word(operation.kind))
        .texts("written", written.iter().copied())
        .int("writes", written.len() as i64)
        .texts("asked", read.iter().copied())
        .int("reads", read.len() as i64)
        .texts("told", told.iter().copied())
        .int("listeners", told.len() as i64)
        .set("reads_only", reads_only(operation, asked))
        .set("compensated", compensated)
        .texts("stores", twice.tables.iter().copied())
        .texts("publishes", twice.channels.iter().copied())
        .set("stores_and_publishes", twice.happens.clone())
        .set("outbox", outboxes.of(estate, operation, &twice))
        .text("confidence", confidence.word())
        .finish();
    let mut places: BTreeMap<Span, String> = BTreeMap::new();
    for one in asked.iter().filter(|one| !one.reach.only_in_catch) {
        let verb = match one.does {
            Does::Writes => "changes something at",
            Does::Reads => "asks",
            Does::Unclear => "calls",
        };
        places.entry(one.site.span).or_insert_with(|| format!("it {verb} {} here", graph.service(one.to).name));
    }
    for (at, said) in twice.places() {
        places.entry(at).or_insert(said);
    }
    Subject {
        def,
        name: format!("{service} {}", operation.name),
        anchor: format!("operation {service} {}", operation.name),
        span: operation.span,
        services: vec![service],
        confidence,
        row,
        related: places.into_iter().take(RELATED_LIMIT).collect(),
    }
}

/// The services that are told of one and the same thing: the largest set of callees that some
/// part of what is handed over goes to.
fn told<'a>(writes: impl Iterator<Item = &'a Asked<'a>>) -> BTreeSet<ServiceId> {
    let mut of_part: BTreeMap<u64, BTreeSet<ServiceId>> = BTreeMap::new();
    for one in writes {
        for part in &one.reach.parts {
            of_part.entry(*part).or_default().insert(one.to);
        }
    }
    let mut largest = BTreeSet::new();
    for services in of_part.into_values() {
        if services.len() > largest.len() {
            largest = services;
        }
    }
    largest
}

/// Whether something takes back what was done when a later step fails: a write or a message
/// where the operation catches, an operation under a condition whose name says so, a library of
/// sagas.
fn compensated(graph: &Graph, operation: &Operation, asked: &[Asked<'_>], sent: &[&Reach]) -> Answer<Datum> {
    let yes = |span: Span| Answer::present(Datum::Bool(true), span);
    if graph.workflows.binary_search(&operation.service).is_ok() {
        return yes(operation.span);
    }
    let undoing = asked.iter().find(|one| {
        let named = step(one) == Some(Step::Undoes) || one.site.method.is_some_and(|it| it == "DELETE");
        (one.reach.only_in_catch && one.does == Does::Writes) || (one.reach.only_in_branch && named)
    });
    if let Some(one) = undoing {
        return yes(one.site.span);
    }
    if let Some(one) = sent.iter().find(|one| one.only_in_catch) {
        return yes(one.site);
    }
    if asked.iter().any(|one| one.reach.only_in_catch && one.does == Does::Unclear) {
        return Answer::unknown("it calls others when something fails, and what that does could not be told");
    }
    let mut writes: Vec<Span> = asked.iter().filter(|one| one.does == Does::Writes).map(|one| one.site.span).collect();
    writes.sort();
    writes.dedup();
    if writes.is_empty() {
        writes.push(operation.span);
    }
    Answer::Absent(Evidence(writes))
}

/// Whether it only reads, by its verb or its name and what it asks of others.
fn reads_only(operation: &Operation, asked: &[Asked<'_>]) -> Answer<Datum> {
    let name = operation.name.as_str();
    let by_name = |words: &str| match operations().effect_of_rpc(words) {
        Some(NamedEffect::Reads) => Some(true),
        Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently | NamedEffect::Session) => Some(false),
        None => None,
    };
    let own = match operation.kind {
        Entry::Http => Some(name.starts_with("GET ") || name.starts_with("HEAD ")),
        Entry::GraphQl => Some(!name.starts_with("Mutation.")),
        Entry::Grpc => by_name(name.rsplit('/').next().unwrap_or(name)),
        Entry::Request => by_name(name.rsplit(['.', '/', ' ']).next().unwrap_or(name)),
        Entry::Message | Entry::Timer => Some(false),
    };
    let writes = asked.iter().any(|one| one.does == Does::Writes);
    let unclear = asked.iter().any(|one| one.does == Does::Unclear);
    match own {
        Some(false) => Answer::absent(operation.span),
        _ if writes => Answer::absent(operation.span),
        Some(true) if !unclear => Answer::present(Datum::Bool(true), operation.span),
        Some(true) => Answer::unknown("what some of its calls do could not be told"),
        None => Answer::unknown("its name does not tell whether it changes something"),
    }
}

/// Which part a call has in a process of several steps, by what it asks for.
fn step(asked: &Asked<'_>) -> Option<Step> {
    asked.site.operation.and_then(|name| step_of(&name))
}

pub(super) fn does(graph: &Graph, call: &Call, site: &Site) -> Does {
    let named = |effect: Option<NamedEffect>| match effect {
        Some(NamedEffect::Reads | NamedEffect::Session) => Does::Reads,
        Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently) => Does::Writes,
        None => Does::Unclear,
    };
    match call.protocol {
        Protocol::Http => match site.method.as_ref().map(|method| method.as_str()) {
            Some("GET" | "HEAD" | "OPTIONS") => Does::Reads,
            Some("PUT" | "DELETE" | "PATCH") => Does::Writes,
            Some("POST") => {
                let path = site.operation.as_ref().map_or("", |path| path.as_str());
                let last = path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{')).unwrap_or("");
                match operations().effect_of_endpoint(last) {
                    Some(NamedEffect::Reads | NamedEffect::Session) => Does::Reads,
                    Some(NamedEffect::Mutates | NamedEffect::MutatesIdempotently) | None => Does::Writes,
                }
            }
            Some(_) | None => Does::Unclear,
        },
        Protocol::Grpc => {
            let Some(name) = site.operation else { return Does::Unclear };
            let method = name.rsplit('/').next().unwrap_or(&name);
            let is_it = |endpoint: &&crate::graph::model::Endpoint| {
                let own = endpoint.name.rsplit('/').next().unwrap_or(&endpoint.name);
                endpoint.service == Some(call.to) && own.eq_ignore_ascii_case(method)
            };
            match graph.endpoints.iter().find(is_it).map(|endpoint| endpoint.effect) {
                Some(Effect::Reads | Effect::Session) => Does::Reads,
                Some(Effect::Mutates | Effect::MutatesIdempotently) => Does::Writes,
                Some(Effect::Unclear) | None => named(operations().effect_of_rpc(method)),
            }
        }
        Protocol::Tcp | Protocol::RpcOverBroker => {
            named(site.operation.as_ref().and_then(|pattern| effect_of_pattern(pattern)))
        }
        Protocol::GraphQl | Protocol::WebSocket => Does::Unclear,
    }
}

fn entry_word(entry: Entry) -> &'static str {
    match entry {
        Entry::Http => "http",
        Entry::Grpc => "grpc",
        Entry::GraphQl => "graphql",
        Entry::Request => "request",
        Entry::Message => "message",
        Entry::Timer => "timer",
    }
}
