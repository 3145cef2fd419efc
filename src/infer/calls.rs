//! Calls as rules see them.

use std::collections::{BTreeMap, BTreeSet};

use super::contracts::Contracts;
use super::repeating::Repetition;
use super::subject::{RowBuilder, Subject};
use super::timeouts::{client_retries, client_timeout, effective_retries, effective_timeout};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::LayerKind;
use crate::facts::contract::Effect;
use crate::graph::model::{Call, ClientUse, Confidence, DanglingCall, Endpoint, Graph, ServiceId, Site};
use crate::graph::words::protocol_word;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Calls, then calls that nothing answers.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut endpoints: BTreeMap<ServiceId, Vec<&Endpoint>> = BTreeMap::new();
    for endpoint in &graph.endpoints {
        if let Some(service) = endpoint.service {
            endpoints.entry(service).or_default().push(endpoint);
        }
    }
    let of_callee = |call: &Call| endpoints.get(&call.to).map_or(&[][..], Vec::as_slice);
    let waits = longest_waits(graph);
    let contracts = Contracts::new(estate);
    let mut callers: BTreeMap<ServiceId, BTreeSet<ServiceId>> = BTreeMap::new();
    for call in &graph.calls {
        callers.entry(call.to).or_default().insert(call.from);
    }
    for call in &graph.calls {
        let mut of_to = waits.get(&call.to).cloned().unwrap_or_else(CalleeWait::none);
        let place = call.evidence.0.first().copied();
        if let Some(place) = place {
            of_to.contract = contracts.of(estate, call, of_callee(call), place);
        }
        of_to.callers = callers.get(&call.to).map_or(1, |all| all.len() as i64);
        of_call(estate, call, of_callee(call), &of_to, found);
    }
    found.extend(graph.dangling.iter().filter_map(|call| of_dangling(estate, call)));
}

/// The call; where code shows it, once for each client that it goes through.
fn of_call(estate: &Estate<'_>, call: &Call, endpoints: &[&Endpoint], waits: &CalleeWait, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let (from, to) = (graph.service(call.from).name, graph.service(call.to).name);
    let Some(place) = call.evidence.0.first().copied() else { return };
    let address = |shown: &[Span]| -> Vec<(Span, String)> {
        let others = call.evidence.0.iter().skip(1).filter(|span| !shown.contains(*span));
        others.take(RELATED_LIMIT).map(|span| (*span, "the address leads here".to_owned())).collect()
    };
    if call.clients.is_empty() {
        let told = Told {
            timeout: effective_timeout(call),
            retries: effective_retries(call),
            limited: Vec::new(),
            breaker: breaker(
                call,
                &Answer::unknown("the caller's code was not read; a breaker in the mesh would be seen"),
            ),
            library: Symbol::new(""),
            fix: timeout_fix("", ""),
            knob: Symbol::new(""),
            leading: true,
            repetition: Repetition::unknown("the caller's code was not read; look there for what repeats the call"),
            anchor: String::new(),
            mutating: call.mutating.clone(),
            idempotent: call.idempotent.clone(),
        };
        found.push(call_subject(call, (from, to), (place, waits.clone()), endpoints, told, address(&[place])));
        return;
    }
    let mut seen: BTreeMap<Symbol, usize> = BTreeMap::new();
    for (at, client) in call.clients.iter().enumerate() {
        let number = seen.entry(client.library).or_default();
        *number += 1;
        // The first client of a library is the call as a whole, whatever else comes along.
        let anchor = if *number == 1 { String::new() } else { format!(" {} {number}", client.library) };
        let mut shown: Vec<Span> = client.sites.iter().map(|site| site.span).collect();
        let mut related: Vec<(Span, String)> = Vec::new();
        if client.shared {
            related.extend(shown.iter().take(RELATED_LIMIT).map(|span| (*span, format!("{from} calls {to} here"))));
        }
        shown.push(client.place);
        let others = call.clients.iter().flat_map(|other| other.sites.iter().map(|site| site.span));
        shown.extend(others);
        related.extend(address(&shown));
        let (timeout, retries) = (client_timeout(call, client), client_retries(client));
        let asked = asked_for(graph, client, endpoints);
        let told = Told {
            repetition: Repetition::of(client, &retries, &timeout),
            timeout,
            retries,
            limited: client.limited.clone(),
            fix: timeout_fix(&client.knob, &client.knob_place),
            breaker: breaker(call, &client.breaker),
            library: client.library,
            knob: client.knob,
            leading: at == 0,
            anchor,
            mutating: mutating(call, client),
            idempotent: idempotent(call, client, &asked),
        };
        found.push(call_subject(call, (from, to), (client.place, waits.clone()), &asked, told, related));
    }
}

/// What one client of a call was told.
struct Told {
    breaker: Answer<Datum>,
    timeout: Answer<u64>,
    limited: Vec<Span>,
    retries: Answer<u64>,
    library: Symbol,
    knob: Symbol,
    /// True for the first of the call's clients, where what holds for all of them is said.
    leading: bool,
    fix: String,
    repetition: Repetition,
    anchor: String,
    mutating: Answer<bool>,
    idempotent: Answer<bool>,
}

/// What a timeout is set with, and where.
fn timeout_fix(knob: &str, place: &str) -> String {
    match (knob, place) {
        ("", _) => "a timeout on the call, its client or the route".to_owned(),
        (knob, "") => format!("`{knob}` on the call or its client"),
        (knob, place) => format!("`{knob}` {place}"),
    }
}

fn call_subject(
    call: &Call,
    (from, to): (Symbol, Symbol),
    (place, waits): (Span, CalleeWait),
    endpoints: &[&Endpoint],
    told: Told,
    related: Vec<(Span, String)>,
) -> Subject {
    // What is absent was to be said at the call; layers that were looked at are related.
    let number = |answer: Answer<u64>| match answer {
        Answer::Absent(evidence) => {
            let mut places = vec![place];
            places.extend(evidence.0.into_iter().filter(|span| *span != place));
            Answer::Absent(Evidence(places))
        }
        other => other.map(|number| Datum::Int(i64::try_from(number).unwrap_or(i64::MAX))),
    };
    let timeout = match number(told.timeout.clone()) {
        Answer::Unknown(_) if !told.limited.is_empty() => Answer::Present(Datum::Bool(true), Evidence(told.limited)),
        other => other.map(|_| Datum::Bool(true)),
    };
    let (def, row) = RowBuilder::new("call", place)
        .text("from", &from)
        .text("to", &to)
        .text("protocol", protocol_word(call.protocol))
        .text("confidence", call.confidence.word())
        .bool("resolved", true)
        .text("target_clue", "")
        .bool("leading", told.leading)
        .text("library", &told.library)
        .text("timeout_knob", &told.knob)
        .text("timeout_fix", &told.fix)
        .bool("retry_chosen", told.repetition.chosen)
        .set("retry_spread", told.repetition.spread)
        .text("retry_pace", &told.repetition.pace)
        .text("retry_fix", &told.repetition.fix)
        .set("retry_limit", told.repetition.limit)
        .text("retry_extent", &told.repetition.extent)
        .set("breaker", told.breaker)
        .int("callers", waits.callers)
        .set("contract", waits.contract)
        .bool("by_proxy", by_proxy(call))
        .set("callee_waits_ms", waits.answer)
        .text("callee_waits_for", &waits.callee)
        .set("timeout", timeout)
        .set("timeout_ms", number(told.timeout))
        .set("retries", number(told.retries))
        .set("mutating", or_else(&told.mutating, || may_mutate(endpoints)).map(Datum::Bool))
        .set("idempotent", or_else(&told.idempotent, || is_idempotent(endpoints)).map(Datum::Bool))
        .finish();
    Subject {
        def,
        name: format!("{from} -> {to}"),
        anchor: format!("call {from} -> {to} {}{}", protocol_word(call.protocol), told.anchor),
        span: place,
        services: sorted(vec![from, to]),
        confidence: call.confidence,
        row,
        related,
    }
}

/// Requests of a client that change something, and not by a method that may be repeated as it is
/// (RFC 9110, section 9.2.2).
fn at_risk(client: &ClientUse) -> impl Iterator<Item = &Site> {
    let repeatable = |site: &&Site| site.method.is_some_and(|method| matches!(method.as_str(), "PUT" | "DELETE"));
    client.sites.iter().filter(move |site| site.mutating == Some(true) && !repeatable(site))
}

/// What a client asks of its callee; all that the callee offers, where one of its requests does
/// not tell.
fn asked_for<'e>(graph: &Graph, client: &ClientUse, endpoints: &[&'e Endpoint]) -> Vec<&'e Endpoint> {
    let mut places: BTreeSet<Span> = BTreeSet::new();
    for site in &client.sites {
        match &site.lands_in {
            Answer::Present(operations, evidence) => {
                places.extend(evidence.0.iter().copied().filter(|_| operations.is_empty()));
                let operations = operations.iter().filter_map(|at| graph.operations.get(*at as usize));
                places.extend(operations.map(|operation| operation.span));
            }
            Answer::Absent(_) | Answer::Unknown(_) => return endpoints.to_vec(),
        }
    }
    let is_asked =
        |endpoint: &&&Endpoint| endpoint.evidence.0.iter().chain(&endpoint.handlers).any(|span| places.contains(span));
    let asked: Vec<&Endpoint> = endpoints.iter().filter(is_asked).copied().collect();
    if asked.is_empty() { endpoints.to_vec() } else { asked }
}

/// Whether a request of the client changes something; where its requests do not tell, what is
/// known of the call as a whole.
fn mutating(call: &Call, client: &ClientUse) -> Answer<bool> {
    let places = |sites: Vec<&Site>| Evidence(sites.into_iter().map(|site| site.span).collect());
    let changing: Vec<&Site> = at_risk(client).collect();
    if !changing.is_empty() {
        return Answer::Present(true, places(changing));
    }
    if !client.sites.is_empty() && client.sites.iter().all(|site| site.mutating.is_some()) {
        return Answer::Present(false, places(client.sites.iter().collect()));
    }
    call.mutating.clone()
}

/// Whether all of its requests that change something may be repeated. Absent where one carries no
/// key and nobody says that its callee needs none.
fn idempotent(call: &Call, client: &ClientUse, endpoints: &[&Endpoint]) -> Answer<bool> {
    let mut sites = at_risk(client).peekable();
    if sites.peek().is_none() || matches!(call.idempotent, Answer::Absent(_)) {
        return call.idempotent.clone();
    }
    let mut unknown = None;
    let mut bare = Vec::new();
    let mut keyed = Vec::new();
    for site in sites {
        match &site.key {
            Answer::Present(_, evidence) => keyed.extend(evidence.0.iter().copied()),
            Answer::Absent(_) => bare.push(site.span),
            Answer::Unknown(reason) => unknown = unknown.or(Some(*reason)),
        }
    }
    match (bare.is_empty(), unknown) {
        // What its contract or a declaration says counts before what nobody says.
        (false, _) => match (&call.idempotent, is_idempotent(endpoints)) {
            (_, Some(stated)) => stated,
            (Answer::Present(true, _), None) if declared(call) => call.idempotent.clone(),
            (_, None) => Answer::Absent(Evidence(bare)),
        },
        (true, Some(reason)) => Answer::Unknown(reason),
        (true, None) => Answer::Present(true, Evidence(keyed)),
    }
}

/// True where a person declared the call.
fn declared(call: &Call) -> bool {
    call.confidence == Confidence::Declared
}

/// Whether something breaks the circuit: the client, or the mesh.
fn breaker(call: &Call, of_client: &Answer<Symbol>) -> Answer<Datum> {
    let place = |evidence: &Evidence| {
        Evidence(if evidence.0.is_empty() { call.evidence.0.clone() } else { evidence.0.clone() })
    };
    match (of_client, &call.ejects) {
        (Answer::Present(_, evidence), _) | (_, Answer::Present(true, evidence)) => {
            Answer::Present(Datum::Bool(true), evidence.clone())
        }
        (Answer::Unknown(reason), _) | (_, Answer::Unknown(reason)) => Answer::Unknown(*reason),
        (Answer::Absent(evidence), Answer::Absent(_) | Answer::Present(false, _)) => Answer::Absent(place(evidence)),
    }
}

/// What a callee does: how long it waits for its own calls at most, and who calls it.
#[derive(Clone)]
struct CalleeWait {
    answer: Answer<Datum>,
    callee: Symbol,
    callers: i64,
    /// What states the interface of the callee.
    contract: Answer<Datum>,
}

impl CalleeWait {
    fn none() -> Self {
        Self {
            contract: Answer::unknown("it was not looked for"),
            answer: Answer::unknown("the callee is not known to call others; declare its calls in its service.yaml"),
            callee: Symbol::new(""),
            callers: 1,
        }
    }
}

/// The longest known wait of each service for one of its own calls: timeout times attempts.
fn longest_waits(graph: &Graph) -> BTreeMap<ServiceId, CalleeWait> {
    let mut longest: BTreeMap<ServiceId, (u64, &Call, Evidence)> = BTreeMap::new();
    for call in &graph.calls {
        let Answer::Present(timeout, evidence) = effective_timeout(call) else { continue };
        let attempts = match effective_retries(call) {
            Answer::Present(retries, _) => retries.saturating_add(1),
            Answer::Absent(_) | Answer::Unknown(_) => 1,
        };
        let wait = timeout.saturating_mul(attempts);
        if longest.get(&call.from).is_none_or(|(known, _, _)| wait > *known) {
            longest.insert(call.from, (wait, call, evidence));
        }
    }
    longest
        .into_iter()
        .map(|(service, (wait, call, evidence))| {
            let number = Datum::Int(i64::try_from(wait).unwrap_or(i64::MAX));
            let callee = graph.service(call.to).name;
            (
                service,
                CalleeWait {
                    contract: Answer::unknown("it was not looked for"),
                    answer: Answer::Present(number, evidence),
                    callee,
                    callers: 1,
                },
            )
        })
        .collect()
}

/// True where only proxies' configuration shows the call.
fn by_proxy(call: &Call) -> bool {
    let proxies =
        call.timeout.iter().filter(|layer| matches!(layer.kind, LayerKind::Proxy | LayerKind::LibraryDefault)).count();
    call.clients.is_empty() && proxies > 0
}

/// The answer, or where it is unknown what the callee's contract says, if it says anything.
fn or_else(answer: &Answer<bool>, contract: impl FnOnce() -> Option<Answer<bool>>) -> Answer<bool> {
    match answer {
        Answer::Present(..) | Answer::Absent(_) => answer.clone(),
        Answer::Unknown(_) => contract().unwrap_or_else(|| answer.clone()),
    }
}

/// Whether some operation of the callee changes something, so that a request of a caller
/// that is not known better may. `None`: there is no contract, or it does not tell of all.
fn may_mutate(endpoints: &[&Endpoint]) -> Option<Answer<bool>> {
    let changes = |endpoint: &&&Endpoint| matches!(endpoint.effect, Effect::Mutates);
    if let Some(endpoint) = endpoints.iter().find(changes) {
        return Some(Answer::Present(true, endpoint.evidence.clone()));
    }
    let tells = |endpoint: &&Endpoint| match endpoint.effect {
        Effect::Reads | Effect::MutatesIdempotently | Effect::Session => true,
        Effect::Mutates | Effect::Unclear => false,
    };
    let first = endpoints.first()?;
    endpoints.iter().all(tells).then(|| Answer::Present(false, first.evidence.clone()))
}

/// Whether all that the callee changes may be repeated; absent where an operation is known
/// that has nothing for it.
fn is_idempotent(endpoints: &[&Endpoint]) -> Option<Answer<bool>> {
    let changing = || endpoints.iter().filter(|endpoint| matches!(endpoint.effect, Effect::Mutates));
    if let Some(bare) = changing().find(|endpoint| endpoint.idempotency.is_absent()) {
        return Some(Answer::Absent(bare.evidence.clone()));
    }
    let first = changing().next()?;
    changing().all(|endpoint| endpoint.idempotency.is_present()).then(|| Answer::Present(true, first.evidence.clone()))
}

fn of_dangling(estate: &Estate<'_>, call: &DanglingCall) -> Option<Subject> {
    let from = estate.graph.service(call.from).name;
    let place = *call.evidence.0.first()?;
    let none = || Answer::unknown("nothing in the estate answers to the target");
    let (def, row) = RowBuilder::new("call", place)
        .text("from", &from)
        .text("to", &call.host)
        .text("protocol", "")
        .text("confidence", call.confidence.word())
        .bool("resolved", false)
        .text("target_clue", &call.why)
        .bool("leading", true)
        .text("library", "")
        .text("timeout_knob", "")
        .text("timeout_fix", "")
        .bool("retry_chosen", false)
        .set("retry_spread", none())
        .text("retry_pace", "")
        .text("retry_fix", "")
        .set("retry_limit", none())
        .text("retry_extent", "")
        .set("breaker", none())
        .int("callers", 1)
        .set("contract", Answer::unknown("nobody answers"))
        .bool("by_proxy", false)
        .set("callee_waits_ms", none())
        .text("callee_waits_for", "")
        .set("timeout", none())
        .set("timeout_ms", none())
        .set("retries", none())
        .set("mutating", none())
        .set("idempotent", none())
        .finish();
    let related = call
        .evidence
        .0
        .iter()
        .skip(1)
        .take(RELATED_LIMIT)
        .map(|span| (*span, "the host is named here".to_owned()))
        .collect();
    Some(Subject {
        def,
        name: format!("{from} -> {}", call.host),
        anchor: format!("dangling {from} -> {}", call.host),
        span: place,
        services: vec![from],
        confidence: call.confidence,
        row,
        related,
    })
}

/// Sorted, each once.
pub fn sorted(mut names: Vec<Symbol>) -> Vec<Symbol> {
    names.sort();
    names.dedup();
    names
}
