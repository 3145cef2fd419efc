//! Which way requests go: from the handler that a request reaches to the calls that it makes, and
//! on to the handlers that these land in. Where a handler is not known, its service stands for it.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::CallGraph;
use super::timeouts::{client_retries, effective_retries};
use crate::facts::answer::Answer;
use crate::graph::model::{Call, Confidence, Graph, Operation, ServiceId, Site};
use crate::source::span::Span;

/// Above so many steps the estate is followed from service to service only.
const MOST_STEPS: usize = 400_000;

/// Where a request is. In the order of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// In which service.
    pub service: ServiceId,
    /// In which of its handlers.
    pub handler: Handler,
}

/// What of a service handles a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handler {
    /// Nobody knows which: all that the service calls may follow.
    Any,
    /// What the service does by itself: at its start, or for a message that nobody waits for.
    Own,
    /// A place in [`Graph::operations`].
    Operation(u32),
    /// None: the service has nothing of that name.
    Nothing,
}

/// One call from one stop to the next.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The line that sends it.
    pub span: Span,
    /// True if the handler at its beginning was followed to this call.
    pub followed: bool,
    /// How sure.
    pub confidence: Confidence,
    /// How often it is tried at most; 1 where nothing is known to repeat it, or without end.
    pub attempts: u64,
}

/// All stops and steps of an estate.
pub struct Flow {
    stops: Vec<Stop>,
    steps: BTreeMap<(u32, u32), Step>,
}

/// How far the handlers of a chain were followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Through all of them: one request travels it.
    Request,
    /// Through some; at the others only services are known to call each other.
    Mixed,
    /// Through none.
    Service,
}

impl Level {
    /// As attributes spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Mixed => "mixed",
            Self::Service => "service",
        }
    }
}

type Steps = BTreeMap<(Stop, Stop), Step>;

impl Flow {
    /// Follows all requests of a graph. Linear in calls and in the operations that reach them.
    pub fn new(graph: &Graph) -> Self {
        let steps = followed(graph).unwrap_or_else(|| by_service(graph));
        let stops: BTreeSet<Stop> = steps.keys().flat_map(|(from, to)| [*from, *to]).collect();
        let stops: Vec<Stop> = stops.into_iter().collect();
        let number = |stop: &Stop| stops.binary_search(stop).ok().map(|at| at as u32);
        let steps = steps.iter().filter_map(|((from, to), step)| Some(((number(from)?, number(to)?), *step))).collect();
        Self { stops, steps }
    }

    /// The stops as a call graph; a chain through it is one of stops.
    pub fn calls(&self) -> CallGraph {
        CallGraph::new(self.stops.len(), self.steps.keys().copied())
    }

    /// A stop by its number.
    pub fn stop(&self, number: u32) -> Option<Stop> {
        self.stops.get(number as usize).copied()
    }

    /// The service of a stop.
    pub fn service_of(&self, number: u32) -> u32 {
        self.stop(number).map_or(u32::MAX, |stop| stop.service.0)
    }

    /// The step between two stops.
    pub fn step(&self, from: u32, to: u32) -> Option<&Step> {
        self.steps.get(&(from, to))
    }

    /// All steps with their ends, sorted.
    pub fn steps(&self) -> impl Iterator<Item = ((u32, u32), &Step)> {
        self.steps.iter().map(|(ends, step)| (*ends, step))
    }

    /// How far handlers were followed along stops.
    pub fn level(&self, stops: &[u32]) -> Level {
        let is_followed = |from: u32, to: u32| self.step(from, to).is_some_and(|step| step.followed);
        let between: Vec<bool> = stops
            .windows(3)
            .map(|three| match three {
                [_, at, next] => self.is_handler(*at) && is_followed(*at, *next),
                _other => false,
            })
            .collect();
        if between.is_empty() {
            let all = stops.windows(2).all(|pair| matches!(pair, [from, to] if is_followed(*from, *to)));
            return if all { Level::Request } else { Level::Service };
        }
        match (between.iter().all(|known| *known), between.iter().any(|known| *known)) {
            (true, _) => Level::Request,
            (false, true) => Level::Mixed,
            (false, false) => Level::Service,
        }
    }

    fn is_handler(&self, number: u32) -> bool {
        self.stop(number).is_some_and(|stop| matches!(stop.handler, Handler::Operation(_)))
    }

    /// True if one request is known to go from service to service along `services` and into
    /// the last one. Linear in steps for each.
    pub fn is_travelled(&self, services: &[u32]) -> bool {
        let Some((first, rest)) = services.split_first() else { return false };
        let of = |service: u32| (0..self.stops.len() as u32).filter(move |stop| self.service_of(*stop) == service);
        let mut at: BTreeSet<u32> = of(*first).collect();
        for (hop, service) in rest.iter().enumerate() {
            let mut next = BTreeSet::new();
            for from in at {
                if hop > 0 && !self.is_handler(from) {
                    continue;
                }
                let onwards = self.steps.range((from, 0)..=(from, u32::MAX));
                let known = onwards.filter(|((_, to), step)| step.followed && self.service_of(*to) == *service);
                next.extend(known.map(|((_, to), _)| *to));
            }
            at = next;
        }
        !at.is_empty()
    }
}

/// Every call from service to service.
fn by_service(graph: &Graph) -> Steps {
    let mut steps = Steps::new();
    for call in &graph.calls {
        if let Some(span) = call.evidence.0.first() {
            let step = Step {
                span: *span,
                followed: false,
                confidence: call.confidence,
                attempts: attempts(&effective_retries(call)),
            };
            keep(&mut steps, any(call.from), any(call.to), step);
        }
    }
    steps
}

fn any(service: ServiceId) -> Stop {
    Stop { service, handler: Handler::Any }
}

/// Keeps the better one of two steps: what is followed, then what is surer.
fn keep(steps: &mut Steps, from: Stop, to: Stop, step: Step) {
    let known = steps.entry((from, to)).or_insert(step);
    if (step.followed, step.confidence, step.attempts) > (known.followed, known.confidence, known.attempts) {
        *known = step;
    }
}

/// One place that sends requests, with where they land.
struct Sender<'g> {
    site: Option<&'g Site>,
    span: Span,
    confidence: Confidence,
    attempts: u64,
    targets: Vec<Stop>,
}

/// How often something is tried that is repeated so often.
fn attempts(retries: &Answer<u64>) -> u64 {
    retries.value().filter(|retries| **retries < u64::from(u32::MAX)).map_or(1, |retries| retries + 1)
}

/// All steps from handler to handler. `None`: there are too many.
fn followed(graph: &Graph) -> Option<Steps> {
    let mut senders: BTreeMap<ServiceId, Vec<Sender<'_>>> = BTreeMap::new();
    for call in &graph.calls {
        let own = senders.entry(call.from).or_default();
        let sites = call.clients.iter().flat_map(|client| {
            let attempts = attempts(&client_retries(client));
            client.sites.iter().map(move |site| (site, attempts))
        });
        own.extend(sites.map(|(site, attempts)| Sender {
            attempts,
            site: Some(site),
            span: site.span,
            confidence: call.confidence,
            targets: targets(graph, call, site),
        }));
        if let (true, Some(span)) = (call.clients.is_empty(), call.evidence.0.first()) {
            let (span, confidence) = (*span, call.confidence);
            let attempts = attempts(&effective_retries(call));
            own.push(Sender { site: None, span, confidence, attempts, targets: vec![any(call.to)] });
        }
    }
    let entered: BTreeSet<Stop> =
        senders.values().flatten().flat_map(|sender| sender.targets.iter().copied()).collect();
    let mut followed_all: BTreeMap<ServiceId, bool> = BTreeMap::new();
    for operation in &graph.operations {
        *followed_all.entry(operation.service).or_insert(true) &= operation.followed;
    }
    let mut steps = Steps::new();
    for (service, own) in &senders {
        let handlers: Vec<Stop> =
            entered.range(any(*service)..).take_while(|stop| stop.service == *service).copied().collect();
        let unknown = entered.contains(&any(*service));
        let in_handlers = handlers.iter().any(|stop| matches!(stop.handler, Handler::Operation(_)));
        for sender in own {
            let mut from: Vec<(Stop, bool)> = Vec::new();
            let reached = sender.site.map_or(&[][..], |site| site.reached_by.as_slice());
            for operation in reached {
                from.push((Stop { service: *service, handler: Handler::Operation(*operation) }, true));
            }
            if reached.is_empty() {
                let known = followed_all.get(service).copied().unwrap_or(false);
                let by_itself = known && sender.site.is_some_and(|site| !site.anywhere);
                if by_itself {
                    from.push((Stop { service: *service, handler: Handler::Own }, true));
                } else if in_handlers {
                    let entered = handlers.iter().filter(|stop| matches!(stop.handler, Handler::Operation(_)));
                    from.extend(entered.map(|stop| (*stop, false)));
                } else {
                    from.push((any(*service), false));
                }
            }
            if unknown && !from.iter().any(|(stop, _)| *stop == any(*service)) {
                from.push((any(*service), false));
            }
            for (from, is_followed) in from {
                for to in &sender.targets {
                    let step = Step {
                        span: sender.span,
                        followed: is_followed,
                        confidence: sender.confidence,
                        attempts: sender.attempts,
                    };
                    keep(&mut steps, from, *to, step);
                }
            }
            if steps.len() > MOST_STEPS {
                return None;
            }
        }
    }
    Some(steps)
}

/// Where a request of code arrives.
fn targets(graph: &Graph, call: &Call, site: &Site) -> Vec<Stop> {
    let landed = |place: &u32| {
        let operation: Option<&Operation> = graph.operations.get(*place as usize);
        match operation {
            Some(operation) if operation.followed => Stop { service: call.to, handler: Handler::Operation(*place) },
            Some(_) | None => any(call.to),
        }
    };
    match &site.lands_in {
        Answer::Present(places, _) if places.is_empty() => vec![any(call.to)],
        Answer::Present(places, _) => places.iter().map(landed).collect(),
        Answer::Absent(_) => vec![Stop { service: call.to, handler: Handler::Nothing }],
        Answer::Unknown(_) => vec![any(call.to)],
    }
}
