//! Chains and cycles as rules see them, with the line of every call and handler on the way.

use std::collections::BTreeMap;

use super::calls::sorted;
use super::chains::{COUNT_LIMIT, CallGraph, ChainGroup, Circle};
use super::flow::{Flow, Handler, Level};
use super::subject::{RowBuilder, Subject};
use super::{Asked, Estate, RELATED_LIMIT, attempts};
use crate::graph::model::{Call, Confidence, ServiceId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Calls by their ends, the surest of each pair.
type Best<'c> = BTreeMap<(u32, u32), &'c Call>;

/// Chains, cycles and chains of retries, of these what is asked for.
pub fn subjects(estate: &Estate<'_>, asked: &Asked, found: &mut Vec<Subject>) {
    let flow = Flow::new(estate.graph);
    if asked.wants("retry_chain") {
        attempts::subjects(estate, &flow, found);
    }
    if asked.wants("chain") {
        chains(estate, &flow, asked.chain_services, found);
    }
    if asked.wants("cycle") {
        circles(estate, &flow, found);
    }
}

fn circles(estate: &Estate<'_>, flow: &Flow, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut best: Best<'_> = BTreeMap::new();
    for call in &graph.calls {
        let known = best.entry((call.from.0, call.to.0)).or_insert(call);
        if call.confidence > known.confidence {
            *known = call;
        }
    }
    let calls = CallGraph::new(graph.services.len(), best.keys().copied());
    found.extend(calls.circles().iter().filter_map(|circle| of_circle(estate, circle, &best, flow)));
}

/// Chains of more than `limit` services.
fn chains(estate: &Estate<'_>, flow: &Flow, limit: usize, found: &mut Vec<Subject>) {
    let groups = flow.calls().chains_by(limit, &|stop| flow.service_of(stop));
    found.extend(groups.iter().filter_map(|group| of_chain(estate, flow, group)));
}

fn of_chain(estate: &Estate<'_>, flow: &Flow, group: &ChainGroup) -> Option<Subject> {
    let graph = estate.graph;
    let name = |id: u32| graph.services.get(id as usize).map(|service| service.name);
    let level = flow.level(&group.hops);
    let mut confidence = Confidence::Declared;
    let mut places: Vec<(Span, String)> = Vec::new();
    let mut place = None;
    for pair in group.hops.windows(2) {
        let [from, to] = *pair else { continue };
        let (Some(step), Some(stop)) = (flow.step(from, to), flow.stop(to)) else { continue };
        confidence = confidence.min(step.confidence);
        let ends = (flow.service_of(from), flow.service_of(to));
        if ends == group.carrier {
            place = place.or(Some(step.span));
        }
        let (caller, callee) = (name(ends.0)?, name(ends.1)?);
        let last = group.hops.last() == Some(&to);
        let unknown = level == Level::Mixed && !last && stop.handler == Handler::Any;
        let rest = if unknown { ", and nobody can tell which handler answers" } else { "" };
        places.push((step.span, format!("{caller} calls {callee}{rest}")));
        if let Handler::Operation(number) = stop.handler
            && let Some(operation) = graph.operations.get(number as usize)
        {
            places.push((operation.span, format!("{callee} answers: {}", operation.name)));
        }
    }
    let place = place.or(places.first().map(|(span, _)| *span))?;
    let names: Vec<Symbol> = group.hops.iter().filter_map(|stop| name(flow.service_of(*stop))).collect();
    let carrier = format!("{} -> {}", name(group.carrier.0)?, name(group.carrier.1)?);
    let text = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" -> ");
    let services = sorted(names.clone());
    let (def, row) = RowBuilder::new("chain", place)
        .int("services", services.len() as i64)
        .texts("hops", names.iter().copied())
        .text("carrier", &carrier)
        .int("chains", group.chains.min(COUNT_LIMIT) as i64)
        .text("level", level.word())
        .text("confidence", confidence.word())
        .finish();
    Some(Subject {
        def,
        anchor: format!("chain {text}"),
        name: text,
        span: place,
        services,
        confidence,
        row,
        related: places.into_iter().take(RELATED_LIMIT).collect(),
    })
}

/// A circle of services, whether one request travels it or several close it.
fn of_circle(estate: &Estate<'_>, circle: &Circle, best: &Best<'_>, flow: &Flow) -> Option<Subject> {
    let name = |id: u32| estate.graph.service(ServiceId(id)).name;
    let mut hops = circle.hops.clone();
    hops.extend(circle.hops.first());
    let mut confidence = Confidence::Declared;
    let mut places = Vec::new();
    for pair in hops.windows(2) {
        let [from, to] = *pair else { continue };
        let Some(call) = best.get(&(from, to)) else { continue };
        confidence = confidence.min(call.confidence);
        if let Some(span) = call.evidence.0.first() {
            places.push((*span, format!("{} calls {}", name(from), name(to))));
        }
    }
    let place = places.first()?.0;
    let names: Vec<Symbol> = hops.iter().map(|id| name(*id)).collect();
    let text = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" -> ");
    let level = if flow.is_travelled(&hops) { Level::Request } else { Level::Service };
    let (def, row) = RowBuilder::new("cycle", place)
        .int("services", circle.hops.len() as i64)
        .texts("hops", names.iter().copied())
        .int("entangled", circle.entangled as i64)
        .text("level", level.word())
        .text("confidence", confidence.word())
        .finish();
    Some(Subject {
        def,
        anchor: format!("cycle {text}"),
        name: text,
        span: place,
        services: sorted(names),
        confidence,
        row,
        related: places.into_iter().take(RELATED_LIMIT).collect(),
    })
}
