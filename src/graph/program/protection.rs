//! What stands around a use of a library: deadlines, repetitions, breakers, as far as a chain
//! of calls, an argument or a callback ties them to it.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::event::{Event, EventId, Events};
use super::limits::{Amount, Limit, Repeats, holds, limit_of, repeats_of};
use super::shapes::{Bound, Match, find_match, start_of};
use super::value::{Foreign, Known, Step, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::library::matches_package;
use crate::tables::resilience::{Meets, Protection, ResilienceRow, resilience};

/// How many uses around one call are looked at.
const MOST: usize = 64;

/// A package whose clients come with protection, as the user's configuration says.
#[derive(Clone, Debug, Default)]
pub struct TrustedPackage {
    /// As code imports it: `@acme/http`; what lies below it counts as well.
    pub import: String,
    /// It limits the time of calls.
    pub timeout: bool,
    /// It repeats idempotent calls, not without end.
    pub retry: bool,
    /// It breaks circuits.
    pub breaker: bool,
    /// Where the configuration says so.
    pub span: Option<Span>,
}

impl TrustedPackage {
    /// True for the package itself and for what lies below it: `@acme/http/node`.
    pub fn is_of(&self, package: Symbol) -> bool {
        let below = package.strip_prefix(self.import.as_str()).is_some_and(|rest| rest.starts_with('/'));
        below || matches_package(&self.import, &package)
    }
}

/// What was found around a call.
#[derive(Debug, Default, Clone)]
pub struct Around {
    /// Limits, innermost first, with their places.
    pub timeouts: Vec<(Limit, Span)>,
    /// Repetitions, innermost first.
    pub repeats: Vec<Repeats>,
    /// Breakers.
    pub breakers: Vec<Span>,
    /// Limits of how many run at once.
    pub bulkheads: Vec<Span>,
}

impl Around {
    /// Adds what stands further out.
    pub fn append(&mut self, mut outer: Self) {
        self.timeouts.append(&mut outer.timeouts);
        self.repeats.append(&mut outer.repeats);
        self.breakers.append(&mut outer.breakers);
        self.bulkheads.append(&mut outer.bulkheads);
    }
}

/// All uses by what they are tied to.
pub struct Ties<'e> {
    events: &'e Events,
    trusted: &'e [TrustedPackage],
    /// Uses further along the chain of a use.
    followers: FxHashMap<EventId, Vec<EventId>>,
    /// Uses that take what a use gives as an argument.
    carriers: FxHashMap<EventId, Vec<EventId>>,
    /// Uses in a callback that a use took.
    within: FxHashMap<EventId, Vec<EventId>>,
}

impl<'e> Ties<'e> {
    /// Ties all uses.
    pub fn new(events: &'e Events, trusted: &'e [TrustedPackage]) -> Self {
        let mut ties = Self {
            events,
            trusted,
            followers: FxHashMap::default(),
            carriers: FxHashMap::default(),
            within: FxHashMap::default(),
        };
        for (at, event) in events.list.iter().enumerate() {
            let id = EventId(at as u32);
            let mut before = event.trace.before.as_ref();
            while let Some(foreign) = before {
                if let Some(earlier) = event_of(foreign) {
                    ties.followers.entry(earlier).or_default().push(id);
                }
                before = foreign.before.as_ref();
            }
            for argument in event.arguments() {
                let mut bases = Vec::new();
                gather_bases(argument, 0, &mut bases);
                for base in bases {
                    ties.carriers.entry(base).or_default().push(id);
                }
            }
            for outer in event.inside.iter() {
                ties.within.entry(*outer).or_default().push(id);
            }
        }
        ties
    }

    /// Uses further along the chain of `of`, in order of the walk.
    pub fn followers(&self, of: EventId) -> impl Iterator<Item = (EventId, &'e Event)> {
        let all = self.followers.get(&of).into_iter().flatten();
        all.filter_map(|id| Some((*id, self.events.event(*id)?)))
    }

    /// What stands around a use, innermost first.
    pub fn around(&self, of: EventId) -> Around {
        let mut found = Around::default();
        let mut seen = FxHashSet::from_iter([of]);
        self.gather(of, &mut seen, &mut found);
        found
    }

    fn gather(&self, of: EventId, seen: &mut FxHashSet<EventId>, found: &mut Around) {
        if seen.len() > MOST {
            return;
        }
        let Some(event) = self.events.event(of) else { return };
        for (id, follower) in self.followers(of) {
            let Some(member) = carrying_member(&follower.trace, of) else { continue };
            if seen.insert(id) {
                if member == "pipe" {
                    self.operators(follower, 0, found);
                }
                self.gather(id, seen, found);
            }
        }
        for id in self.carriers.get(&of).into_iter().flatten() {
            let Some(carrier) = self.events.event(*id) else { continue };
            if seen.insert(*id) && self.carries(carrier, of, found) {
                self.gather(*id, seen, found);
            }
        }
        for id in event.inside.iter().rev() {
            let Some(outer) = self.events.event(*id) else { continue };
            if seen.insert(*id) && self.runs(outer, found) {
                self.gather(*id, seen, found);
            }
        }
    }

    /// What `carrier`, which takes a call as an argument, gives to it. False: it only takes the
    /// call's result.
    fn carries(&self, carrier: &Event, of: EventId, found: &mut Around) -> bool {
        if self.trust(carrier, found) {
            return true;
        }
        // `source.pipe(switchMap(…), timeout(2000))`: what stands after the operator counts.
        if last_member(&carrier.trace).is_some_and(|member| member == "pipe") {
            let at = carrier.arguments().iter().position(|argument| {
                let mut bases = Vec::new();
                gather_bases(argument, 0, &mut bases);
                bases.contains(&of)
            });
            self.operators(carrier, at.map_or(0, |at| at + 1), found);
            return true;
        }
        for row in resilience() {
            for gives in &row.gives {
                let (Meets::Around(name) | Meets::Race(name)) = gives.meets else { continue };
                let Some(matched) = find_match(&gives.shape, &row.library, &carrier.trace) else { continue };
                let Some(Bound::Value(value)) = matched.bound(name) else { continue };
                let mut bases = Vec::new();
                gather_bases(value, 0, &mut bases);
                if bases.contains(&of) {
                    if matches!(gives.meets, Meets::Race(_)) {
                        self.race(&bases, of, carrier.span, found);
                    } else {
                        self.apply(gives, row, &matched, carrier.span, found);
                    }
                    return true;
                }
            }
        }
        self.passes(carrier)
    }

    /// What `outer`, which took a function in which a call stands, gives to it. False: it has
    /// nothing to do with the call's time.
    fn runs(&self, outer: &Event, found: &mut Around) -> bool {
        if self.trust(outer, found) {
            return true;
        }
        let mut met = false;
        for row in resilience() {
            for gives in &row.gives {
                match gives.meets {
                    Meets::Around(name) => {
                        let Some(matched) = find_match(&gives.shape, &row.library, &outer.trace) else { continue };
                        if matches!(matched.bound(name), Some(Bound::Value(known)) if matches!(known.value, Value::Function(_)))
                        {
                            self.apply(gives, row, &matched, outer.span, found);
                            met = true;
                        }
                    }
                    Meets::Runs(_) => {
                        let Some(matched) = find_match(&gives.shape, &row.library, &outer.trace) else { continue };
                        if let Some(made) = &matched.made {
                            self.policies(row, &made.from, 0, outer.span, found);
                            met = true;
                        }
                    }
                    Meets::Operator
                    | Meets::Client(_)
                    | Meets::Policy
                    | Meets::Combines(_)
                    | Meets::Race(_)
                    | Meets::Timer
                    | Meets::Signal => {}
                }
            }
        }
        met || self.passes(outer) || last_member(&outer.trace).is_some_and(is_carrying) || self.is_operator(outer)
    }

    /// An operator of a chain takes part in the chain: `switchMap(() => call)`.
    fn is_operator(&self, event: &Event) -> bool {
        let operator = |row: &&ResilienceRow| row.gives.iter().any(|gives| gives.meets == Meets::Operator);
        let package = start_of(&event.trace);
        resilience().iter().filter(operator).any(|row| package.is_some_and(|package| row.library.is_of(package)))
    }

    fn passes(&self, event: &Event) -> bool {
        resilience()
            .iter()
            .any(|row| row.passes.iter().any(|(shape, _)| find_match(shape, &row.library, &event.trace).is_some()))
    }

    /// Operators of a pipe, from the one at `from` on.
    fn operators(&self, pipe: &Event, from: usize, found: &mut Around) {
        for argument in pipe.arguments().iter().skip(from) {
            let Value::Foreign(foreign) = &argument.value else { continue };
            for row in resilience() {
                let operators = row.gives.iter().filter(|gives| gives.meets == Meets::Operator);
                for gives in operators {
                    if let Some(matched) = find_match(&gives.shape, &row.library, foreign) {
                        self.apply(gives, row, &matched, argument.span, found);
                    }
                }
            }
        }
    }

    /// What the policy `policy` does, and those that it is made of.
    fn policies(&self, row: &ResilienceRow, policy: &Match, depth: u8, span: Span, found: &mut Around) {
        let Some(used) = &policy.last else { return };
        let Some(event) = self.events.event(used.event) else { return };
        self.policy(row, &event.trace, depth, span, found);
    }

    fn policy(&self, row: &ResilienceRow, trace: &Rc<Foreign>, depth: u8, span: Span, found: &mut Around) {
        if depth > 8 {
            return;
        }
        for gives in &row.gives {
            match gives.meets {
                Meets::Policy => {
                    if let Some(matched) = find_match(&gives.shape, &row.library, trace) {
                        let place = matched.last.as_ref().map_or(span, |last| last.span);
                        self.apply(gives, row, &matched, place, found);
                    }
                }
                Meets::Combines(name) => {
                    let Some(matched) = find_match(&gives.shape, &row.library, trace) else { continue };
                    if let Some(Bound::Rest(all, _)) = matched.bound(name) {
                        for one in all.iter().take(MOST) {
                            if let Value::Foreign(foreign) = &one.value {
                                self.policy(row, foreign, depth + 1, span, found);
                            }
                        }
                    }
                }
                Meets::Around(_)
                | Meets::Operator
                | Meets::Client(_)
                | Meets::Runs(_)
                | Meets::Race(_)
                | Meets::Timer
                | Meets::Signal => {}
            }
        }
    }

    /// A race of a call with a timer limits it; with other calls it does not; with anything
    /// else nobody can tell.
    fn race(&self, bases: &[EventId], of: EventId, span: Span, found: &mut Around) {
        let mut others = bases.iter().filter(|base| **base != of).peekable();
        if others.peek().is_none() {
            found.timeouts.push((Limit::Unknown(Symbol::new("what it races with was not followed")), span));
            return;
        }
        for other in others {
            if let Some(limit) = self.timer(*other) {
                found.timeouts.push((limit, span));
                return;
            }
        }
        found.timeouts.push((Limit::Unknown(Symbol::new("it races with something that may end it")), span));
    }

    /// How long a promise takes that a timer ends.
    pub fn timer(&self, event: EventId) -> Option<Limit> {
        let candidates =
            std::iter::once(event).chain(self.within.get(&event).into_iter().flatten().copied()).take(MOST);
        for candidate in candidates {
            let Some(event) = self.events.event(candidate) else { continue };
            for row in resilience() {
                for gives in row.gives.iter().filter(|gives| gives.meets == Meets::Timer) {
                    let Some(matched) = find_match(&gives.shape, &row.library, &event.trace) else { continue };
                    let (knobs, _) = gives.timeout.as_ref()?;
                    return limit_of(&matched, knobs, &gives.off, &row.library);
                }
            }
        }
        None
    }

    /// How long a signal of a controller lets a call run, where a timer aborts the controller.
    pub fn aborted_after(&self, signal: &Known) -> Option<Amount> {
        let Value::Foreign(foreign) = &signal.value else { return None };
        let controller = event_of(foreign.before.as_ref()?)?;
        for (_, follower) in self.followers(controller) {
            if last_member(&follower.trace).is_some_and(|member| member == "abort") {
                for outer in follower.inside.iter().rev() {
                    if let Some(Limit::Set(amount, _)) = self.timer(*outer) {
                        return Some(amount);
                    }
                }
            }
        }
        None
    }

    /// Notes what the user says that a package gives. True if it gives anything.
    fn trust(&self, event: &Event, found: &mut Around) -> bool {
        let Some(package) = start_of(&event.trace) else { return false };
        let Some(trusted) = self.trusted.iter().find(|trusted| trusted.is_of(package)) else { return false };
        let known = Known::new(Value::Text(Symbol::new(&trusted.import)), event.span);
        if trusted.timeout {
            found.timeouts.push((Limit::Set(Amount::Unclear, known), event.span));
        }
        if trusted.breaker {
            found.breakers.push(event.span);
        }
        true
    }

    /// What is done to a client as a whole: `axiosRetry(client, {…})`. `is_client` tells whether
    /// a value is the client in question.
    pub fn on_client(&self, is_client: &dyn Fn(&Known) -> bool) -> Around {
        let mut found = Around::default();
        for event in &self.events.list {
            let Some(package) = start_of(&event.trace) else { continue };
            for row in resilience().iter().filter(|row| row.library.is_of(package)) {
                for gives in &row.gives {
                    let Meets::Client(name) = gives.meets else { continue };
                    let Some(matched) = find_match(&gives.shape, &row.library, &event.trace) else { continue };
                    if matches!(matched.bound(name), Some(Bound::Value(known)) if is_client(known)) {
                        self.apply(gives, row, &matched, event.span, &mut found);
                    }
                }
            }
        }
        found
    }

    fn apply(&self, gives: &Protection, row: &ResilienceRow, matched: &Match, span: Span, found: &mut Around) {
        if !gives.only.iter().all(|condition| holds(matched, condition, &row.library)) {
            return;
        }
        if let Some((knobs, default)) = &gives.timeout {
            let limit = match limit_of(matched, knobs, &gives.off, &row.library) {
                Some(Limit::NotSet) | None => default.map(|millis| {
                    let known = Known::new(Value::Number(millis as f64), span);
                    Limit::Set(Amount::Millis(millis), known)
                }),
                Some(limit @ (Limit::Set(..) | Limit::Unknown(_))) => Some(limit),
            };
            if let Some(limit) = limit.filter(|limit| !matches!(limit, Limit::Set(Amount::Off, _))) {
                found.timeouts.push((limit, span));
            }
        }
        if let Some(retry) = &gives.retry {
            found.repeats.extend(repeats_of(matched, retry, &row.library, span));
        }
        if gives.breaker {
            found.breakers.push(span);
        }
        if gives.bulkhead {
            found.bulkheads.push(span);
        }
    }
}

/// The event of a step that is a call.
pub fn event_of(foreign: &Foreign) -> Option<EventId> {
    match &foreign.step {
        Step::Call(used) | Step::New(used) => Some(used.event),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    }
}

/// `then` of `….then(…)`
fn last_member(trace: &Foreign) -> Option<Symbol> {
    match &trace.before.as_ref()?.step {
        Step::Member(name) => Some(*name),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    }
}

fn is_carrying(member: Symbol) -> bool {
    resilience().iter().any(|row| row.carried_by.contains(&member))
}

/// The last member of a way from the call `of`, where all steps after it only hand it on.
fn carrying_member(trace: &Rc<Foreign>, of: EventId) -> Option<Symbol> {
    let last = last_member(trace)?;
    let mut at = trace;
    loop {
        if event_of(at) == Some(of) {
            return Some(last);
        }
        if !is_carrying(last_member(at)?) {
            return None;
        }
        at = at.before.as_ref()?.before.as_ref()?;
    }
}

/// The calls whose promise a value is; not those whose result it was made of.
fn gather_bases(known: &Known, depth: usize, found: &mut Vec<EventId>) {
    if depth > 8 || found.len() > MOST {
        return;
    }
    match &known.value {
        Value::Foreign(foreign) => found.extend(event_of(foreign)),
        Value::Array(all) | Value::OneOf(all) | Value::FirstOf(all) => {
            for one in all.iter() {
                gather_bases(one, depth + 1, found);
            }
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Object(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => {}
    }
}
