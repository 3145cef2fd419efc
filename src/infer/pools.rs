//! Do the calls of one service to several others go through connections that nothing limits?

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::answer::{Answer, Evidence, Reason};
use crate::graph::model::{Call, ClientUse, Graph, ServiceId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What the calls of one service share.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// Whether every callee has a share that the others cannot take. Absent where several are
    /// called through one pool without a limit; the evidence is where the pool is made, then its
    /// clients.
    pub bulkhead: Answer<()>,
    /// The pool, for people; empty where the answer is not absent.
    pub pool: Symbol,
    /// The services called through it, sorted.
    pub callees: Vec<Symbol>,
    /// A line that helps.
    pub help: Symbol,
}

impl Sharing {
    /// Of a service that calls nobody.
    pub fn unknown() -> Self {
        Self {
            bulkhead: Answer::unknown("it is not seen to call others"),
            pool: Symbol::new(""),
            callees: Vec::new(),
            help: Symbol::new(""),
        }
    }
}

/// One pool without a limit.
#[derive(Default)]
struct Unlimited {
    callees: BTreeSet<ServiceId>,
    places: Vec<Span>,
    help: Option<Symbol>,
}

/// What each service that calls others shares among them. Linear in calls and clients.
pub fn sharing(graph: &Graph) -> BTreeMap<ServiceId, Sharing> {
    let mut calls: BTreeMap<ServiceId, Vec<&Call>> = BTreeMap::new();
    for call in &graph.calls {
        calls.entry(call.from).or_default().push(call);
    }
    calls.into_iter().map(|(service, calls)| (service, of_service(graph, &calls))).collect()
}

fn of_service(graph: &Graph, calls: &[&Call]) -> Sharing {
    let mut pools: BTreeMap<(Symbol, Option<Span>), Unlimited> = BTreeMap::new();
    let mut limited: Vec<Span> = Vec::new();
    // What one callee has for itself it need not share, whatever its size.
    let mut alone: Vec<Span> = Vec::new();
    let mut unknown: Option<Reason> = None;
    for call in calls {
        for client in &call.clients {
            match protected(call, client) {
                Answer::Present((), places) => limited.extend(places.0.first()),
                Answer::Unknown(reason) => unknown = unknown.or(Some(reason)),
                Answer::Absent(_) => {
                    let Some(pool) = &client.pool else { continue };
                    alone.push(client.place);
                    let known = pools.entry((pool.name, pool.made)).or_default();
                    known.callees.insert(call.to);
                    known.places.push(client.place);
                    known.help = Some(pool.help);
                }
            }
        }
    }
    let shared = pools.into_iter().find(|(_, pool)| pool.callees.len() > 1);
    if let Some(((name, made), pool)) = shared {
        let mut places: Vec<Span> = made.into_iter().collect();
        for place in pool.places {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let mut callees: Vec<Symbol> = pool.callees.iter().map(|id| graph.service(*id).name).collect();
        callees.sort();
        let help = pool.help.unwrap_or_else(|| Symbol::new(""));
        return Sharing { bulkhead: Answer::Absent(Evidence(places)), pool: name, callees, help };
    }
    let bulkhead = match unknown {
        Some(reason) => Answer::Unknown(reason),
        None if limited.is_empty() => Answer::Present((), Evidence(alone)),
        None => Answer::Present((), Evidence(limited)),
    };
    Sharing { bulkhead, pool: Symbol::new(""), callees: Vec::new(), help: Symbol::new("") }
}

/// Whether something keeps a client's calls from taking all there is.
fn protected(call: &Call, client: &ClientUse) -> Answer<()> {
    if let Answer::Present(..) = client.bulkhead {
        return client.bulkhead.clone();
    }
    let Some(pool) = &client.pool else {
        return Answer::unknown("whether its client shares connections is not known");
    };
    match (&pool.limited, &client.bulkhead, &call.ejects) {
        (Answer::Present(..), _, _) => pool.limited.clone(),
        (Answer::Unknown(reason), _, _) | (_, Answer::Unknown(reason), _) => Answer::Unknown(*reason),
        (_, _, Answer::Present(true, _)) => Answer::unknown("the mesh may limit its connections"),
        (Answer::Absent(_), _, _) => pool.limited.clone(),
    }
}
