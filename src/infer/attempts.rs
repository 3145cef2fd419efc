//! How often a request is tried at worst, where several calls on its way are repeated.

use std::collections::BTreeMap;

use super::calls::sorted;
use super::flow::{Flow, Level};
use super::subject::{RowBuilder, Subject};
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::Answer;
use crate::facts::call::LayerKind;
use crate::graph::model::{Call, ClientUse, Confidence};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Calls that follow one another and are looked at together.
const MOST_HOPS: usize = 8;
/// Chains told at most, those with most attempts.
const MOST_CHAINS: usize = 20;

/// Chains with two repeated calls or more, then calls that two layers repeat.
pub fn subjects(estate: &Estate<'_>, flow: &Flow, found: &mut Vec<Subject>) {
    let mut chains = worst(flow);
    let all: Vec<Vec<u32>> = chains.iter().map(|(_, stops)| services(flow, stops)).collect();
    let mut number = 0;
    // A part of a longer chain is told with it.
    chains.retain(|_| {
        let own = all.get(number).map_or(&[][..], Vec::as_slice);
        number += 1;
        !all.iter().any(|other| other.len() > own.len() && other.windows(own.len().max(1)).any(|part| part == own))
    });
    chains.truncate(MOST_CHAINS);
    found.extend(chains.iter().filter_map(|(attempts, stops)| of_chain(estate, flow, *attempts, stops)));
    for call in &estate.graph.calls {
        found.extend(call.clients.iter().find_map(|client| of_layers(estate, call, client)));
    }
}

fn services(flow: &Flow, stops: &[u32]) -> Vec<u32> {
    stops.iter().map(|stop| flow.service_of(*stop)).collect()
}

/// For each call that is repeated the way to it on which attempts multiply most; those with most
/// first. Linear in steps for each hop.
fn worst(flow: &Flow) -> Vec<(u64, Vec<u32>)> {
    let mut levels: Vec<BTreeMap<u32, (u64, u32)>> = Vec::new();
    let mut best: BTreeMap<(u32, u32), (u64, Vec<u32>)> = BTreeMap::new();
    for hop in 0..MOST_HOPS {
        let mut level: BTreeMap<u32, (u64, u32)> = BTreeMap::new();
        for ((from, to), step) in flow.steps() {
            // What stands before the first repeated call multiplies nothing.
            let before = match levels.last() {
                None if step.attempts > 1 => 1,
                None => continue,
                Some(last) => match last.get(&from) {
                    Some((attempts, _)) => *attempts,
                    None => continue,
                },
            };
            let attempts = before.saturating_mul(step.attempts);
            if level.get(&to).is_none_or(|(known, _)| attempts > *known) {
                level.insert(to, (attempts, from));
            }
            if hop > 0
                && step.attempts > 1
                && let Some(stops) = way(&levels, from, to)
            {
                let ends = (flow.service_of(from), flow.service_of(to));
                if best.get(&ends).is_none_or(|(known, _)| attempts > *known) {
                    best.insert(ends, (attempts, stops));
                }
            }
        }
        if level.is_empty() {
            break;
        }
        levels.push(level);
    }
    let mut found: Vec<(u64, Vec<u32>)> = best.into_values().collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found
}

/// The stops on the way to a step; `None` where it goes in a circle.
fn way(levels: &[BTreeMap<u32, (u64, u32)>], from: u32, to: u32) -> Option<Vec<u32>> {
    let mut stops = vec![to, from];
    let mut at = from;
    for level in levels.iter().rev() {
        let (_, before) = level.get(&at)?;
        if stops.contains(before) {
            return None;
        }
        stops.push(*before);
        at = *before;
    }
    stops.reverse();
    Some(stops)
}

fn of_chain(estate: &Estate<'_>, flow: &Flow, attempts: u64, stops: &[u32]) -> Option<Subject> {
    let name = |stop: u32| estate.graph.services.get(flow.service_of(stop) as usize).map(|service| service.name);
    let mut confidence = Confidence::Declared;
    let mut words: Vec<String> = Vec::new();
    let mut places: Vec<(Span, String)> = Vec::new();
    for pair in stops.windows(2) {
        let [from, to] = *pair else { continue };
        let step = flow.step(from, to)?;
        let (caller, callee) = (name(from)?, name(to)?);
        confidence = confidence.min(step.confidence);
        if step.attempts > 1 {
            words.push(format!("{caller} tries {callee} {} times", step.attempts));
        }
        places.push((step.span, format!("{caller} calls {callee}, {} attempts", step.attempts)));
    }
    let told = Told { attempts, doubled: false, words: words.join(", "), level: flow.level(stops), confidence };
    let names: Vec<Symbol> = stops.iter().filter_map(|stop| name(*stop)).collect();
    subject(names, told, places, "attempts")
}

/// A call that a mesh and the code both repeat.
fn of_layers(estate: &Estate<'_>, call: &Call, client: &ClientUse) -> Option<Subject> {
    let (mut of_mesh, mut of_code) = (1_u64, 1_u64);
    let mut places = vec![(client.place, "the code repeats it".to_owned())];
    for layer in &client.retries {
        let Answer::Present(retries, evidence) = &layer.answer else { continue };
        if retries.retries == 0 || retries.retries == u32::MAX {
            continue;
        }
        let attempts = u64::from(retries.retries) + 1;
        if layer.kind == LayerKind::Mesh {
            of_mesh = of_mesh.saturating_mul(attempts);
            places.extend(evidence.0.first().map(|span| (*span, "the mesh repeats it".to_owned())));
        } else {
            of_code = of_code.saturating_mul(attempts);
        }
    }
    if of_mesh < 2 || of_code < 2 {
        return None;
    }
    let (from, to) = (estate.graph.service(call.from).name, estate.graph.service(call.to).name);
    let words = format!("the code of {from} tries {of_code} times, and the mesh each of these {of_mesh} times");
    let attempts = of_mesh.saturating_mul(of_code);
    let told = Told { attempts, doubled: true, words, level: Level::Request, confidence: call.confidence };
    subject(vec![from, to], told, places, "layers")
}

/// What is said of a chain.
struct Told {
    attempts: u64,
    doubled: bool,
    words: String,
    level: Level,
    confidence: Confidence,
}

fn subject(names: Vec<Symbol>, told: Told, places: Vec<(Span, String)>, kind: &str) -> Option<Subject> {
    let place = if told.doubled { places.first()?.0 } else { places.last()?.0 };
    let text = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" -> ");
    let (def, row) = RowBuilder::new("retry_chain", place)
        .int("attempts", i64::try_from(told.attempts).unwrap_or(i64::MAX))
        .texts("hops", names.iter().copied())
        .bool("doubled", told.doubled)
        .text("words", &told.words)
        .text("level", told.level.word())
        .text("confidence", told.confidence.word())
        .finish();
    Some(Subject {
        def,
        anchor: format!("retry {kind} {text}"),
        name: text,
        span: place,
        services: sorted(names),
        confidence: told.confidence,
        row,
        related: places.into_iter().filter(|(span, _)| *span != place).take(RELATED_LIMIT).collect(),
    })
}
