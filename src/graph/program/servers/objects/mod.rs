//! Handlers that a framework is given by an object: `{ Query: { orders } }`,
//! `server.addService(definition, { place })`, `t.router({ place })`, clocks.
//!
//! In: the walk's events. Out: operations. Does not know what a schema or a contract says of
//! them.

mod declared;
mod graphql;
mod grpc;
mod moleculer;
mod platform;
mod trpc;

use std::rc::Rc;

use crate::graph::program::value::{Closure, Foreign, Known, ModuleId};

use super::operation::Kind;
use super::reader::{Entrance, Reader, meaning};
use super::traces::{called, functions_of};

/// Reads all events, and adds their operations.
pub(super) fn read(reader: &mut Reader<'_, '_>, own: &[ModuleId]) {
    let count = reader.walk.events().list.len();
    for number in 0..count {
        let Some(event) = reader.walk.events().list.get(number) else { break };
        let trace = Rc::clone(&event.trace);
        if let Some((export, used)) = called(&trace)
            && let Some(known) = meaning(&export)
        {
            let used = Rc::clone(used);
            graphql::by_call(reader, known.means, &used);
            platform::by_call(reader, &trace, &export, known.means, &used);
        }
        graphql::plugin(reader, &trace);
        grpc::by_method(reader, &trace);
    }
    trpc::read(reader, own);
    moleculer::read(reader, own);
    let declared = declared::read(reader, own);
    platform::by_export(reader, own, &declared);
}

/// Adds an operation whose handler is a value.
fn add(reader: &mut Reader<'_, '_>, kind: Kind, known: &Known, trace: Option<(&Rc<Foreign>, usize)>) {
    let handler: Option<Rc<Closure>> = functions_of(known).pop();
    if handler.is_none() {
        reader.unclear(known.span, "a handler cannot be followed");
    }
    let mut entrance = Entrance::new(kind, known.span, handler.clone());
    if let (Some((trace, place)), Some(closure)) = (trace, &handler) {
        entrance.arguments = reader.handed(trace, place, closure, known.span);
        entrance.registered = super::traces::use_of(trace).map(|used| used.event);
    }
    reader.add(entrance);
}
