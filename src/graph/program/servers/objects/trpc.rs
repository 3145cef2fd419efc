//! Routers of tRPC: `t.router({ place: t.procedure.input(…).mutation(…) })`.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::graph::program::event::EventId;
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Reader, meaning};
use crate::graph::program::servers::traces::{called, foreign_of, method_of, object_of, use_of};
use crate::graph::program::value::{Foreign, Known, ModuleId, Step};
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::add;

/// How deep routers are nested.
const DEPTH: usize = 8;

/// Reads all routers that no other one has.
pub(super) fn read(reader: &mut Reader<'_, '_>, _: &[ModuleId]) {
    let routers: Vec<Rc<Foreign>> = reader
        .walk
        .events()
        .list
        .iter()
        .filter(|event| is_router(&event.trace))
        .map(|event| Rc::clone(&event.trace))
        .collect();
    let mut inner: BTreeSet<EventId> = BTreeSet::new();
    for router in &routers {
        for one in fields(router) {
            let nested = foreign_of(&one.1).filter(|nested| is_router(nested)).and_then(|nested| use_of(nested));
            inner.extend(nested.map(|nested| nested.event));
        }
    }
    for router in &routers {
        if use_of(router).is_some_and(|used| !inner.contains(&used.event)) {
            procedures(reader, router, "", DEPTH);
        }
    }
}

/// True for `t.router(…)`, and for `router(…)` where that was taken out of `t`.
fn is_router(foreign: &Foreign) -> bool {
    method_of(foreign).is_some_and(|(receiver, name, _)| {
        matches!(name.as_str(), "router" | "createTRPCRouter" | "mergeRouters") && is_trpc(receiver)
    })
}

/// True for what `initTRPC.create()` gives, also `initTRPC.context<…>().create()`.
fn is_trpc(foreign: &Foreign) -> bool {
    let mut at = Some(foreign);
    while let Some(one) = at {
        if let Some((export, _)) = called(one) {
            return meaning(&export).is_some_and(|known| known.means == Means::Trpc)
                || (export.package == "@trpc/server" && export.name.starts_with("initTRPC"));
        }
        at = one.before.as_deref();
    }
    false
}

fn fields(router: &Foreign) -> Vec<(Symbol, Known)> {
    let Some(used) = use_of(router) else { return Vec::new() };
    used.arguments.iter().filter_map(object_of).flat_map(|object| object.entries.iter().cloned()).collect()
}

fn procedures(reader: &mut Reader<'_, '_>, router: &Rc<Foreign>, above: &str, depth: usize) {
    let Some(below) = depth.checked_sub(1) else { return };
    // Routers that are merged are arguments themselves.
    let merged: Vec<Rc<Foreign>> = use_of(router)
        .map(|used| used.arguments.iter().filter_map(foreign_of).filter(|one| is_router(one)).cloned().collect())
        .unwrap_or_default();
    for one in merged {
        procedures(reader, &one, above, below);
    }
    for (name, value) in fields(router) {
        let name = if above.is_empty() { name.as_str().to_owned() } else { format!("{above}.{name}") };
        let Some(foreign) = foreign_of(&value).cloned() else {
            if let Some(object) = object_of(&value).cloned() {
                for (inner, known) in &object.entries {
                    if let Some(foreign) = foreign_of(known) {
                        procedure(reader, &format!("{name}.{inner}"), &foreign.clone());
                    }
                }
            }
            continue;
        };
        if is_router(&foreign) {
            procedures(reader, &foreign, &name, below);
        } else {
            procedure(reader, &name, &foreign);
        }
    }
}

fn procedure(reader: &mut Reader<'_, '_>, name: &str, foreign: &Rc<Foreign>) {
    let Some((_, what, used)) = method_of(foreign) else { return };
    if !matches!(what.as_str(), "query" | "mutation" | "subscription") || !matches!(foreign.step, Step::Call(_)) {
        return;
    }
    if let Some(handler) = used.arguments.first().cloned() {
        add(reader, Kind::Procedure { what, name: Symbol::new(name) }, &handler, Some((foreign, 0)));
    }
}
