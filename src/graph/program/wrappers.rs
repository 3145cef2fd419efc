//! Calls through packages that no table knows: those that the user trusts, and those whose name
//! says that they send requests. What the latter do about time nobody can tell.

use std::rc::Rc;

use super::clients::{Client, OutgoingCall, answer_of, answer_to, unknown_layer};
use super::event::{Event, EventId};
use super::limits::{Amount, Limit};
use super::protection::{Ties, TrustedPackage};
use super::shapes::start_of;
use super::value::{Foreign, Known, Step, Value};
use crate::facts::answer::{Answer, Reason};
use crate::facts::call::{Layer, LayerKind};
use crate::source::symbol::Symbol;
use crate::tables::clients::Travel;
use crate::tables::wrappers::wrapper_names;

/// The call that a use is, if it is one: `http.get('/orders')` of `@acme/http`.
pub fn call(
    event: &Event,
    id: EventId,
    trace: &Rc<Foreign>,
    trusted: &[TrustedPackage],
    ties: &Ties<'_>,
) -> Option<OutgoingCall> {
    let package = start_of(trace)?;
    let trusted = trusted.iter().find(|trusted| trusted.is_of(package));
    if package == "global" || (trusted.is_none() && !wrapper_names().is_named_like_one(&package)) {
        return None;
    }
    let Step::Call(used) = &trace.step else { return None };
    let member = match &trace.before.as_ref()?.step {
        Step::Member(name) | Step::Import { name, .. } => *name,
        Step::Global(_)
        | Step::Injected(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => Symbol::new("default"),
    };
    let url = used.arguments.first().filter(|first| looks_like_url(first, 0))?;
    let direct = matches!(member.as_str(), "default") && used.arguments.len() <= 2;
    if !wrapper_names().sends(member) && !direct {
        return None;
    }
    let method = match member.as_str() {
        "get" | "head" | "post" | "put" | "patch" | "delete" => Some(Symbol::new(&member.to_uppercase())),
        _ => None,
    };
    let around = ties.around(id);
    let mut timeout: Vec<Layer<Amount>> = around
        .timeouts
        .iter()
        .map(|(limit, span)| Layer { kind: LayerKind::Wrapper, answer: answer_to(limit, *span) })
        .collect();
    let mut breakers = around.breakers.clone();
    match trusted {
        Some(trusted) => {
            if trusted.breaker {
                breakers.push(event.span);
            }
            if trusted.timeout {
                let known = Known::new(Value::Text(package), trusted.span.unwrap_or(event.span));
                let answer = answer_to(&Limit::Set(Amount::Unclear, known), event.span);
                timeout.push(Layer { kind: LayerKind::Wrapper, answer });
            } else {
                let reason = format!("`trusted_wrappers` does not say that {package} gives a timeout");
                timeout.push(unknown_layer(LayerKind::Client, Symbol::new(&reason)));
            }
        }
        None => timeout.push(unknown_layer(LayerKind::Client, not_read(package))),
    }
    Some(OutgoingCall {
        event: id,
        span: event.span,
        client: Client { library: package, package, made: None },
        travel: Travel::Http,
        method,
        mutating: method.map(|method| !matches!(method.as_str(), "GET" | "HEAD")),
        base: None,
        url: Some(url.clone()),
        host: None,
        port: None,
        service: None,
        operation: None,
        body: None,
        headers: None,
        timeout,
        retries: vec![unknown_layer(LayerKind::Client, not_read(package))],
        breaker: if breakers.is_empty() {
            Answer::Unknown(Reason(not_read(package)))
        } else {
            answer_of(breakers, event.span)
        },
        bulkhead: Answer::Unknown(Reason(not_read(package))),
        pool: None,
        streaming: false,
        unverified: None,
        encrypted: None,
        timeout_help: None,
        timeout_put: None,
    })
}

fn not_read(package: Symbol) -> Symbol {
    Symbol::new(&format!("the package {package} is not in the estate; `trusted_wrappers` can say what it gives"))
}

/// A URL, a path, or an address of the environment.
fn looks_like_url(known: &Known, depth: usize) -> bool {
    if depth > 6 {
        return false;
    }
    match &known.value {
        Value::Text(text) => text.starts_with('/') || text.contains("://"),
        Value::Concat(all) => all.first().is_some_and(|first| looks_like_url(first, depth + 1)),
        Value::FirstOf(all) | Value::OneOf(all) => all.iter().any(|one| looks_like_url(one, depth + 1)),
        Value::Env(name) | Value::Setting(name) => {
            let name = name.to_lowercase();
            ["url", "uri", "host", "endpoint", "address"].iter().any(|word| name.contains(word))
        }
        Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Foreign(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => false,
    }
}
