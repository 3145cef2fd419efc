//! Who listens at which port of a developer's machine, as the code says it?

use std::collections::{BTreeMap, BTreeSet};

use super::code_calls::Answering;
use super::model::ServiceId;
use super::outgoing::resolve;
use super::program::address::stated;
use super::program::lookup::{Lookup, look_up};
use super::program::value::{Known, Value};
use super::sources::Source;
use super::values::{Evaluator, Resolved, Scope};
use crate::source::symbol::Symbol;

/// Adds the ports that code listens at, where nothing else is known to be there. A deployment may
/// set another one: the one that holds without it is what runs on a developer's machine.
pub fn ports_of_code(
    answering: &mut Answering,
    sources: &[Source],
    scopes: &BTreeMap<ServiceId, Vec<Scope<'_>>>,
    evaluator: &Evaluator<'_>,
) {
    let mut found: BTreeMap<u16, BTreeSet<ServiceId>> = BTreeMap::new();
    for source in sources {
        let own = scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
        for listening in &source.listening {
            let Some(port) = port_of(&listening.options) else { continue };
            let value = stated(&port);
            let alone = [Scope::default()];
            for scope in own.iter().chain(&alone) {
                if let Resolved::Text(text) = resolve(evaluator, &value, scope)
                    && let Some(port) = number_in(&text.text)
                {
                    found.entry(port).or_default().insert(source.service);
                }
            }
        }
    }
    for (port, services) in found {
        answering.by_port.entry(port).or_insert(services);
    }
}

/// `4001`, `{port: 4001}`, `{url: '0.0.0.0:50051'}`
fn port_of(options: &Known) -> Option<Known> {
    if !matches!(options.value, Value::Object(_)) {
        return Some(options.clone());
    }
    ["port", "url"].into_iter().find_map(|key| match look_up(options, &[Symbol::new(key)]) {
        Lookup::Present(known) => Some(known),
        Lookup::Absent | Lookup::Unknown(_) => None,
    })
}

fn number_in(text: &str) -> Option<u16> {
    let digits = text.rsplit(':').next()?.trim();
    digits.parse().ok().filter(|port| *port > 0)
}
