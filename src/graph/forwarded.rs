//! Operations that only ask others: where those recognize a repetition, it does no harm.

use std::collections::{BTreeMap, BTreeSet};

use super::flows::{Act, Reach};
use super::model::{Call, Endpoint, Operation, ServiceId};
use crate::facts::answer::Answer;
use crate::facts::contract::{Effect, IdempotencyBasis};
use crate::source::span::Span;

/// How many services may stand behind each other.
const HOPS: usize = 4;

/// What becomes of a repetition at those who are asked.
enum Behind {
    /// They recognize it.
    Recognized(usize),
    /// Whether they do could not be told.
    Open(usize),
    /// They do not, or nobody knows who is asked.
    Repeated,
}

/// Takes the protection of those who are asked for that of who asks them. Linear in calls and
/// what operations reach.
pub fn forwarded(endpoints: &mut [Endpoint], operations: &[Operation], calls: &[Call], reaches: &[Reach]) {
    let by_place = places(endpoints, operations);
    let busy: BTreeSet<u32> =
        reaches.iter().filter(|reach| reach.act != Act::Asks).map(|reach| reach.operation).collect();
    let mut asked: BTreeMap<u32, Vec<&Answer<Vec<u32>>>> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.from != call.to) {
        for site in call.clients.iter().flat_map(|client| &client.sites) {
            for operation in &site.reached_by {
                asked.entry(*operation).or_default().push(&site.lands_in);
            }
        }
    }
    for _hop in 0..HOPS {
        let mut found: Vec<(usize, Answer<IdempotencyBasis>)> = Vec::new();
        for (operation, sites) in asked.iter().filter(|(operation, _)| !busy.contains(operation)) {
            let Some(place) = by_place.get(operation).copied() else { continue };
            let is_open = endpoints
                .get(place)
                .is_some_and(|endpoint| endpoint.idempotency.is_absent() && endpoint.effect == Effect::Mutates);
            if !is_open {
                continue;
            }
            match behind(endpoints, &by_place, sites) {
                Behind::Recognized(callee) => {
                    let evidence = endpoints.get(callee).map(|callee| callee.evidence.clone());
                    found.extend(evidence.map(|at| (place, Answer::Present(IdempotencyBasis::Callee, at))));
                }
                Behind::Open(callee) => {
                    let name = endpoints.get(callee).map_or("another service", |callee| callee.name.as_str());
                    let why = format!("whether {name}, which it asks, recognizes a repetition could not be told");
                    found.push((place, Answer::unknown(&why)));
                }
                Behind::Repeated => {}
            }
        }
        if found.is_empty() {
            break;
        }
        for (place, answer) in found {
            if let Some(endpoint) = endpoints.get_mut(place) {
                endpoint.idempotency = answer;
            }
        }
    }
}

/// The endpoint that each operation is, by its number.
fn places(endpoints: &[Endpoint], operations: &[Operation]) -> BTreeMap<u32, usize> {
    let mut at: BTreeMap<(ServiceId, Span), Vec<usize>> = BTreeMap::new();
    for (place, endpoint) in endpoints.iter().enumerate() {
        let Some(service) = endpoint.service else { continue };
        for span in endpoint.evidence.0.iter().chain(&endpoint.handlers) {
            at.entry((service, *span)).or_default().push(place);
        }
    }
    let mut found = BTreeMap::new();
    for (number, operation) in operations.iter().enumerate() {
        let all = at.get(&(operation.service, operation.span)).map_or(&[][..], Vec::as_slice);
        let named = all.iter().find(|place| endpoints.get(**place).is_some_and(|one| one.name == operation.name));
        let place = named.or(if all.len() == 1 { all.first() } else { None });
        found.extend(place.map(|place| (number as u32, *place)));
    }
    found
}

fn behind(endpoints: &[Endpoint], by_place: &BTreeMap<u32, usize>, sites: &[&Answer<Vec<u32>>]) -> Behind {
    let mut recognized = None;
    let mut open = None;
    for site in sites {
        let Answer::Present(operations, _) = site else { return Behind::Repeated };
        if operations.is_empty() {
            return Behind::Repeated;
        }
        for operation in operations {
            let known = by_place.get(operation).and_then(|place| Some((*place, endpoints.get(*place)?)));
            let Some((place, endpoint)) = known else { return Behind::Repeated };
            match (endpoint.effect, &endpoint.idempotency) {
                (Effect::Reads | Effect::Session, _) => {}
                (Effect::MutatesIdempotently, _) | (_, Answer::Present(..)) => recognized = Some(place),
                (Effect::Mutates | Effect::Unclear, Answer::Unknown(_)) => open = Some(place),
                (Effect::Mutates | Effect::Unclear, Answer::Absent(_)) => return Behind::Repeated,
            }
        }
    }
    match (open, recognized) {
        (Some(place), _) => Behind::Open(place),
        (None, Some(place)) => Behind::Recognized(place),
        (None, None) => Behind::Repeated,
    }
}
