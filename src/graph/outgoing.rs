//! Calls that the walk through a service's code recognized, as the linker takes them.

use std::collections::BTreeMap;

use super::code_calls::{Asked, CodeCall};
use super::model::{ClientUse, Operation, Site};
use super::program::address::{addresses, stated};
use super::program::clients::OutgoingCall;
use super::program::event::{EventId, Events};
use super::program::limits::{Amount, Count, Repeats};
use super::program::modules::Modules;
use super::program::servers::nest::methods::canonical;
use super::program::value::{Known, Value};
use super::repeating::repeating;
use super::sources::Source;
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::{Answer, Reason};
use crate::facts::call::{Layer, Protocol};
use crate::facts::network::Retries;
use crate::facts::value::{Form, Value as Symbolic};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::clients::Travel;
use crate::tables::library::Unit;
use crate::tables::operations::{KeyPlace, operations};

/// What turning calls into facts needs.
pub struct CallReader<'a, 'e> {
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// Environments of the service's code.
    pub scopes: &'e [Scope<'a>],
    /// Operations of the estate, sorted.
    pub operations: &'e [Operation],
    /// All modules.
    pub modules: &'e Modules<'e>,
}

impl CallReader<'_, '_> {
    /// The calls of one service.
    pub fn calls(&self, source: &Source) -> Vec<CodeCall> {
        let reached = self.reached(source);
        let mut found = Vec::new();
        for call in &source.calls {
            self.add(source, call, &reached, &mut found);
        }
        found
    }

    /// Operations, by their places in the graph, on whose way an event lies.
    fn reached(&self, source: &Source) -> BTreeMap<EventId, Vec<u32>> {
        let mut reached: BTreeMap<EventId, Vec<u32>> = BTreeMap::new();
        for served in &source.served {
            let Some(root) = served.id.and_then(|id| source.events.operations.get(id.0 as usize)) else { continue };
            let place = self.operations.iter().position(|operation| {
                operation.service == source.service
                    && operation.span == served.span
                    && operation.name.ends_with(served.name().as_str())
            });
            let Some(place) = place else { continue };
            for (event, _) in source.events.reached(root.frame) {
                let known = reached.entry(event).or_default();
                if known.last() != Some(&(place as u32)) {
                    known.push(place as u32);
                }
            }
        }
        for known in reached.values_mut() {
            known.sort_unstable();
            known.dedup();
        }
        reached
    }

    fn add(
        &self,
        source: &Source,
        call: &OutgoingCall,
        reached: &BTreeMap<EventId, Vec<u32>>,
        found: &mut Vec<CodeCall>,
    ) {
        let Some(protocol) = protocol_of(call.travel) else { return };
        let Some(path) = path_of(&source.events, self.modules, call.event) else { return };
        let operation = call.operation.as_ref().map(canonical).and_then(|known| text_of(&known));
        // Clients of messages have no service beside the pattern.
        let service = call.service.as_ref().and_then(text_of).filter(|_| protocol == Protocol::Grpc);
        let asks = match protocol {
            Protocol::Grpc => service.map(Asked::Rpc),
            Protocol::Tcp | Protocol::RpcOverBroker => operation.map(Asked::Pattern),
            Protocol::Http | Protocol::GraphQl | Protocol::WebSocket => None,
        };
        let mut all: Vec<Option<Symbolic>> = addresses(call).into_iter().map(Some).collect();
        if all.is_empty() {
            all.push(None);
        }
        // The alternatives of one call are the same call.
        for address in all {
            let asked_for = match (service, operation) {
                (Some(service), Some(operation)) => Some(Symbol::new(&format!("{service}/{operation}"))),
                (None, Some(operation)) => Some(operation),
                (_, None) => address.as_ref().and_then(path_in),
            };
            let site = Site {
                span: call.span,
                method: call.method,
                operation: asked_for,
                reached_by: reached.get(&call.event).cloned().unwrap_or_default(),
                anywhere: is_unreached(&source.events, call.event),
                lands_in: Answer::unknown("it was not looked for"),
                mutating: call.mutating,
                key: key_of(call),
            };
            let retries = self.retries(call);
            // A broker's own address is not the callee's.
            let address = if protocol == Protocol::RpcOverBroker { None } else { address };
            let client = ClientUse {
                library: call.client.library,
                place: call.client.made.unwrap_or(call.span),
                shared: call.client.made.is_some(),
                knob: call.timeout_help.unwrap_or_else(|| Symbol::new("")),
                knob_place: call.timeout_put.unwrap_or_else(|| Symbol::new("")),
                timeout: if call.streaming { streaming() } else { self.timeouts(call) },
                limited: if call.streaming { Vec::new() } else { self.limited(call) },
                repeating: repeating(&call.retries, &retries),
                retries,
                breaker: match &call.breaker {
                    Answer::Present((), evidence) => Answer::Present(call.client.library, evidence.clone()),
                    Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
                    Answer::Unknown(reason) => Answer::Unknown(*reason),
                },
                bulkhead: call.bulkhead.clone(),
                pool: call.pool.clone(),
                sites: Vec::new(),
            };
            found.push(CodeCall {
                from: source.service,
                path,
                protocol,
                address,
                asks: asks.clone(),
                site,
                client,
                mutating: call.mutating,
                encrypted: call.encrypted,
                key: key_of(call),
            });
        }
    }

    fn timeouts(&self, call: &OutgoingCall) -> Vec<Layer<u64>> {
        call.timeout.iter().map(|layer| Layer { kind: layer.kind, answer: self.timeout(&layer.answer) }).collect()
    }

    /// Where a limit is set whose length is not known.
    fn limited(&self, call: &OutgoingCall) -> Vec<Span> {
        let unclear = |answer: &Answer<Amount>| match answer {
            Answer::Present(Amount::Unclear | Amount::Stated(..), evidence) => evidence.0.first().copied(),
            Answer::Present(Amount::Millis(_) | Amount::Off, _) | Answer::Absent(_) | Answer::Unknown(_) => None,
        };
        let layers = call.timeout.iter();
        let unread = layers.filter(|layer| !self.timeout(&layer.answer).is_present() && !self.is_off(&layer.answer));
        unread.filter_map(|layer| unclear(&layer.answer)).collect()
    }

    /// True where a variable says that there is none: `TIMEOUT_MS=0`.
    fn is_off(&self, answer: &Answer<Amount>) -> bool {
        matches!(answer, Answer::Present(Amount::Stated(known, _), _) if self.number(known).is_some_and(|ms| ms <= 0.0))
    }

    fn timeout(&self, answer: &Answer<Amount>) -> Answer<u64> {
        match answer {
            Answer::Present(Amount::Millis(ms), evidence) => Answer::Present(*ms, evidence.clone()),
            Answer::Present(Amount::Off, evidence) => Answer::Absent(evidence.clone()),
            Answer::Present(Amount::Unclear, _) => Answer::unknown("a limit is set, and the code does not tell which"),
            Answer::Present(Amount::Stated(known, unit), evidence) => match (self.number(known), unit) {
                (Some(number), Unit::Seconds) if number > 0.0 => {
                    Answer::Present((number * 1000.0) as u64, evidence.clone())
                }
                (Some(number), Unit::Millis) if number > 0.0 => Answer::Present(number as u64, evidence.clone()),
                _other => Answer::unknown("a limit is set, and nothing in the estate tells its value"),
            },
            Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
            Answer::Unknown(reason) => Answer::Unknown(*reason),
        }
    }

    /// The number that a value is in the service's environments; `None` where they differ.
    fn number(&self, known: &Known) -> Option<f64> {
        let value = stated(known);
        let mut found: Option<f64> = None;
        let fallback = [Scope::default()];
        let scopes = if self.scopes.is_empty() { &fallback[..] } else { self.scopes };
        for scope in scopes {
            let number = match resolve(self.evaluator, &value, scope) {
                Resolved::Text(text) if !text.partial => text.text.trim().parse::<f64>().ok()?,
                Resolved::Text(_) | Resolved::Hidden { .. } | Resolved::Unknown(_) => return None,
            };
            // The longest wait is the one that counts.
            found = Some(found.map_or(number, |known| known.max(number)));
        }
        found
    }

    fn retries(&self, call: &OutgoingCall) -> Vec<Layer<Retries>> {
        call.retries.iter().map(|layer| Layer { kind: layer.kind, answer: self.repeats(&layer.answer, call) }).collect()
    }

    fn repeats(&self, answer: &Answer<Repeats>, call: &OutgoingCall) -> Answer<Retries> {
        match answer {
            Answer::Present(repeats, evidence) => {
                let applies =
                    repeats.methods.is_empty() || call.method.is_none_or(|method| repeats.methods.contains(&method));
                if !applies && !repeats.widened {
                    return Answer::Absent(evidence.clone());
                }
                let times = match &repeats.count {
                    Count::Times(times) => Some(*times),
                    Count::Unlimited => Some(u32::MAX),
                    Count::Stated(known) => self.number(known).map(|number| number.max(0.0) as u32),
                    Count::Unclear => None,
                };
                match times {
                    Some(retries) => Answer::Present(Retries { retries, per_try_ms: None }, evidence.clone()),
                    None => Answer::unknown("it is repeated, and the code does not tell how often"),
                }
            }
            Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
            Answer::Unknown(reason) => Answer::Unknown(*reason),
        }
    }
}

/// A value that does not live as long as the facts, in a scope that does.
pub fn resolve<'s>(evaluator: &Evaluator<'s>, value: &'s Symbolic, scope: &Scope<'s>) -> Resolved {
    evaluator.resolve(value, scope)
}

/// What is kept open wants no deadline.
fn streaming() -> Vec<Layer<u64>> {
    let why = Reason(Symbol::new("it is kept open, so no deadline is wanted"));
    vec![Layer { kind: crate::facts::call::LayerKind::CallSite, answer: Answer::Unknown(why) }]
}

fn protocol_of(travel: Travel) -> Option<Protocol> {
    match travel {
        Travel::Http => Some(Protocol::Http),
        Travel::Grpc => Some(Protocol::Grpc),
        Travel::GraphQl => Some(Protocol::GraphQl),
        Travel::Tcp => Some(Protocol::Tcp),
        Travel::WebSocket => Some(Protocol::WebSocket),
        Travel::RpcOverBroker => Some(Protocol::RpcOverBroker),
        Travel::Message => None,
    }
}

/// True for a use in code that no entrance is seen to lead to.
fn is_unreached(events: &Events, event: EventId) -> bool {
    let frame = events.event(event).and_then(|event| events.frames.get(event.frame.0 as usize));
    frame.is_some_and(|frame| frame.unreached)
}

fn path_of(events: &Events, modules: &Modules<'_>, event: EventId) -> Option<EstatePath> {
    events.event(event).map(|event| modules.path(event.module))
}

fn text_of(known: &Known) -> Option<Symbol> {
    match &known.value {
        Value::Text(text) => Some(*text),
        Value::FirstOf(several) | Value::OneOf(several) => several.iter().find_map(text_of),
        Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Foreign(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    }
}

/// The path in an address, with `{}` for what is not known: `/orders/{}`.
fn path_in(address: &Symbolic) -> Option<Symbol> {
    let text = sketch(address, 8);
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let at = rest.find('/')?;
    let path = rest.get(at..)?.split(['?', '#']).next()?;
    (path.len() > 1).then(|| Symbol::new(path))
}

fn sketch(value: &Symbolic, depth: usize) -> String {
    let Some(below) = depth.checked_sub(1) else { return "{}".to_owned() };
    match &value.form {
        Form::Literal(text) => text.as_str().to_owned(),
        Form::Concat(parts) => parts.iter().map(|part| sketch(part, below)).collect(),
        Form::FirstOf(parts) => parts.last().map_or_else(|| "{}".to_owned(), |part| sketch(part, below)),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => "{}".to_owned(),
    }
}

/// What a call carries so that it can be repeated: a header or a field of its body.
fn key_of(call: &OutgoingCall) -> Answer<Symbol> {
    let header = call.headers.as_ref().map(|headers| key_in(headers, KeyPlace::Header));
    let field = call.body.as_ref().map(|body| key_in(body, KeyPlace::Field));
    let mut unknown = None;
    for answer in [header, field].into_iter().flatten() {
        match answer {
            Answer::Present(..) => return answer,
            Answer::Unknown(_) => unknown = unknown.or(Some(answer)),
            Answer::Absent(_) => {}
        }
    }
    unknown.unwrap_or_else(|| Answer::absent(call.span))
}

fn key_in(known: &Known, place: KeyPlace) -> Answer<Symbol> {
    match &known.value {
        Value::Object(object) => match object.entries.iter().find(|(name, _)| operations().is_key(place, name)) {
            Some((name, found)) => Answer::present(*name, found.span),
            None if object.open => Answer::unknown("more may be spread into what the call carries"),
            None => Answer::absent(known.span),
        },
        Value::Nothing | Value::Text(_) | Value::Number(_) | Value::Bool(_) => Answer::absent(known.span),
        _other => Answer::unknown("what the call carries is put together elsewhere"),
    }
}
