//! What lies on the way of an operation: its calls to others, what it publishes and stores, under
//! which conditions, and what is handed over.

use std::collections::{BTreeMap, BTreeSet};

use super::apart::Ways;
use super::model::{Operation, ServiceId};
use super::program::event::EventId;
use super::program::fingerprint::fingerprint;
use super::program::messages::Publish;
use super::program::modules::Modules;
use super::program::shapes::start_of;
use super::program::stores::{Statement, StatementKind};
use super::program::value::{FrameId, Known, Step, Value};
use super::sources::Source;
use crate::facts::program::{Around, Expr};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::brokers::brokers;
use crate::tables::engines::{EngineKind, engines};
use crate::tables::frameworks::{Ecosystem, Role, frameworks};
use crate::tables::stores::{EngineOf, stores as stores_table};
use crate::tables::workflows::is_workflow_engine;

/// How deep the parts of what is handed over are told apart.
const DEPTH: usize = 4;
/// Most parts of one body.
const PARTS: usize = 64;

/// A call to others, a message that is sent or rows that change, on the way of an operation.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The operation: a place in [`super::model::Graph::operations`].
    pub operation: u32,
    /// The place.
    pub site: Span,
    /// What is done there.
    pub act: Act,
    /// It is reached where something failed only: in a `catch`.
    pub only_in_catch: bool,
    /// It is reached under a condition only.
    pub only_in_branch: bool,
    /// Places of its way that are never reached in the same go, where it publishes; sorted.
    pub apart_from: Vec<Span>,
    /// What it hands over, each part by a number that is the same for the same value; sorted.
    pub parts: Vec<u64>,
}

/// What an operation does at one place of its way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It asks another one.
    Asks,
    /// It sends a message that nobody answers.
    Publishes {
        /// `kafka`; empty where the code does not tell.
        broker: Symbol,
        /// The topic or queue, where the code says it in words.
        channel: Option<Symbol>,
        /// True where the broker keeps it for consumers that are away.
        retained: bool,
    },
    /// It changes rows of these tables of a database; empty where they are not known.
    Stores(Vec<Symbol>),
}

/// The ways of all operations, sorted by operation and place, and for each service whether a
/// library of workflows or sagas is at work in it.
pub fn reaches(sources: &[Source], operations: &[Operation], modules: &Modules<'_>) -> Vec<Reach> {
    let mut found = Vec::new();
    for source in sources {
        let calls: BTreeMap<EventId, (Span, Vec<u64>)> = source
            .calls
            .iter()
            .map(|call| (call.event, (call.span, call.body.as_ref().map(parts_of).unwrap_or_default())))
            .collect();
        let events: BTreeMap<EventId, &Publish> =
            source.messages.publishes.iter().map(|publish| (publish.event, publish)).collect();
        let stored = stored(source);
        if calls.is_empty() && events.is_empty() && stored.is_empty() {
            continue;
        }
        for served in &source.served {
            let Some(root) = served.id.and_then(|id| source.events.operations.get(id.0 as usize)) else { continue };
            let place = operations.iter().position(|operation| {
                operation.service == source.service
                    && operation.span == served.span
                    && operation.name.ends_with(served.name().as_str())
            });
            let Some(place) = place else { continue };
            let way = on_the_way(source, modules, root.frame);
            let apart = apart_of(source, modules, root.frame, &way, &events, &stored);
            for (event, around) in way {
                let asked = calls.get(&event).map(|(span, parts)| (*span, parts.clone(), Act::Asks));
                // What Nest's clients emit is a request or a message, as their transport has it.
                let sent = events.get(&event).map(|publish| (publish.span, Vec::new(), act_of(publish)));
                let kept = stored.get(&event).map(|(span, tables)| (*span, Vec::new(), Act::Stores(tables.clone())));
                found.extend([asked, sent, kept].into_iter().flatten().map(|(site, parts, act)| Reach {
                    operation: place as u32,
                    site,
                    only_in_catch: around.in_catch,
                    only_in_branch: around.in_branch,
                    apart_from: match act {
                        Act::Publishes { .. } => apart.get(&event).cloned().unwrap_or_default(),
                        Act::Asks | Act::Stores(_) => Vec::new(),
                    },
                    act,
                    parts,
                }));
            }
        }
    }
    found.sort_by(|a, b| {
        let key = |one: &Reach| (one.operation, one.site, one.only_in_catch, one.only_in_branch);
        key(a).cmp(&key(b)).then_with(|| a.act.cmp(&b.act))
    });
    found.dedup_by(|again, kept| {
        let same = (again.operation, again.site, &again.act) == (kept.operation, kept.site, &kept.act);
        if same {
            kept.apart_from.retain(|site| again.apart_from.contains(site));
        }
        same
    });
    found
}

/// For each message, where the operation stores what it never stores in the same go.
fn apart_of(
    source: &Source,
    modules: &Modules<'_>,
    from: FrameId,
    way: &BTreeMap<EventId, Around>,
    events: &BTreeMap<EventId, &Publish>,
    stored: &BTreeMap<EventId, (Span, Vec<Symbol>)>,
) -> BTreeMap<EventId, Vec<Span>> {
    let sent = || way.keys().filter(|id| events.contains_key(id));
    let kept = || way.keys().filter(|id| stored.contains_key(id));
    if sent().next().is_none() || kept().next().is_none() {
        return BTreeMap::new();
    }
    let both: BTreeSet<EventId> = sent().chain(kept()).copied().collect();
    let Some(ways) = Ways::new(source, modules, from, &both) else { return BTreeMap::new() };
    let of = |sent: &EventId| {
        // A place may be reached with other values as well.
        let (mut apart, mut together) = (BTreeSet::new(), BTreeSet::new());
        for id in kept() {
            let Some((span, _)) = stored.get(id) else { continue };
            if ways.are_apart(*sent, *id) {
                apart.insert(*span)
            } else {
                together.insert(*span)
            };
        }
        (*sent, apart.difference(&together).copied().collect())
    };
    sent().map(of).collect()
}

fn act_of(publish: &Publish) -> Act {
    let channel = match &publish.channel.value {
        Value::Text(text) => Some(Symbol::new(brokers().name_of(&publish.broker, text))),
        _computed => None,
    };
    Act::Publishes { broker: publish.broker, channel, retained: publish.retained }
}

/// The statements that change rows of a database; what a cache keeps may be lost.
fn stored(source: &Source) -> BTreeMap<EventId, (Span, Vec<Symbol>)> {
    let changes = source.stores.statements.iter().filter(|statement| match statement.kind {
        StatementKind::Write | StatementKind::Upsert => !is_cache(statement),
        StatementKind::Read | StatementKind::Define | StatementKind::Other => false,
    });
    changes
        .map(|statement| {
            let tables = statement.tables.iter().filter(|table| table.writes).map(|table| table.name).collect();
            (statement.event, (statement.span, tables))
        })
        .collect()
}

/// True for statements of an engine that may lose what it holds.
pub fn is_cache(statement: &Statement) -> bool {
    let row = stores_table().iter().find(|row| row.library.name == statement.library);
    let engine = row.and_then(|row| match row.engine {
        EngineOf::Named(engine) => engines().by_name(engine),
        EngineOf::Said(_) | EngineOf::Elsewhere => None,
    });
    engine.is_some_and(|engine| engine.kind == EngineKind::Cache)
}

/// A framework that answers requests, as the code of a service uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedFramework {
    /// Whose code.
    pub service: ServiceId,
    /// As its package is called: `express`.
    pub package: Symbol,
    /// The first use.
    pub span: Span,
}

/// The frameworks of all services' code, sorted, each once for a service.
pub fn used_frameworks(sources: &[Source]) -> Vec<UsedFramework> {
    let mut found: Vec<UsedFramework> = Vec::new();
    for source in sources {
        for event in &source.events.list {
            let Some(package) = start_of(&event.trace) else { continue };
            let known = found.iter_mut().find(|one| one.service == source.service && one.package == package);
            match known {
                Some(known) => known.span = known.span.min(event.span),
                None if frameworks().role_of(Ecosystem::Npm, &package) == Some(Role::Server) => {
                    found.push(UsedFramework { service: source.service, package, span: event.span });
                }
                None => {}
            }
        }
    }
    found.sort();
    found
}

/// True where a library of workflows or sagas is at work in the code of a service.
pub fn has_workflows(source: &Source) -> bool {
    source.events.list.iter().any(|event| start_of(&event.trace).is_some_and(|package| is_workflow_engine(&package)))
}

/// The uses that a frame leads to, with what all ways there have in common: under a condition
/// only, after a failure only.
pub fn on_the_way(source: &Source, modules: &Modules<'_>, from: FrameId) -> BTreeMap<EventId, Around> {
    let mut found: BTreeMap<EventId, Around> = BTreeMap::new();
    let mut seen: BTreeMap<FrameId, Vec<(bool, bool)>> = BTreeMap::new();
    let mut queue = vec![(from, false, false)];
    while let Some((frame, in_catch, in_branch)) = queue.pop() {
        let known = seen.entry(frame).or_default();
        // A way with fewer conditions was there before.
        if known.iter().any(|(catch, branch)| *catch <= in_catch && *branch <= in_branch) {
            continue;
        }
        known.push((in_catch, in_branch));
        let Some(info) = source.events.frames.get(frame.0 as usize) else { continue };
        for event in &info.events {
            let Some(own) = source.events.event(*event).map(|event| event.around) else { continue };
            let (in_catch, in_branch) = (in_catch || own.in_catch, in_branch || own.in_branch);
            let around = found.entry(*event).or_insert(Around { in_catch, in_branch, ..Around::default() });
            around.in_catch &= in_catch;
            around.in_branch &= in_branch;
        }
        let module = modules.get(info.function.module);
        let function = module.and_then(|module| module.functions.get(info.function.function.0 as usize));
        for (span, callee, _) in &info.callees {
            let own = module.zip(function).and_then(|(module, function)| {
                function.calls.iter().find(|node| module.span(**node) == *span).and_then(|node| {
                    match &module.node(*node).expr {
                        Expr::Call(call) => Some(call.around),
                        _other => None,
                    }
                })
            });
            let own = own.unwrap_or_default();
            queue.push((*callee, in_catch || own.in_catch, in_branch || own.in_branch));
        }
    }
    found
}

/// What a body hands over: each value in it that is not written down in the code.
fn parts_of(body: &Known) -> Vec<u64> {
    let mut found = Vec::new();
    add_parts(body, DEPTH, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn add_parts(known: &Known, depth: usize, found: &mut Vec<u64>) {
    let Some(below) = depth.checked_sub(1).filter(|_| found.len() < PARTS) else { return };
    match &known.value {
        Value::Object(object) => {
            for (_, value) in &object.entries {
                add_parts(value, below, found);
            }
        }
        Value::Array(all) | Value::OneOf(all) | Value::FirstOf(all) | Value::Concat(all) | Value::Computed(all) => {
            for one in all.iter() {
                add_parts(one, below, found);
            }
        }
        Value::Foreign(foreign) => {
            // `JSON.stringify(order)` hands over the order.
            if let Step::Call(used) = &foreign.step
                && foreign.length <= 3
                && !used.arguments.is_empty()
                && is_of_the_language(known)
            {
                for argument in &used.arguments {
                    add_parts(argument, below, found);
                }
                return;
            }
            // Of a request its parts count, and what they are parts of, but not the request.
            let mut at = Some(foreign);
            while let Some(way) = at {
                match &way.step {
                    Step::Handed { .. } | Step::Import { .. } | Step::Global(_) | Step::Injected(_) => break,
                    Step::Member(_) | Step::Call(_) | Step::New(_) | Step::Subclass(_) | Step::Element => {
                        found.push(fingerprint(&Value::Foreign(std::rc::Rc::clone(way))));
                        if !matches!(way.step, Step::Member(_)) {
                            break;
                        }
                    }
                }
                at = way.before.as_ref();
            }
        }
        Value::Parameter(_) => found.push(fingerprint(&known.value)),
        Value::Instance(_) => found.push(fingerprint(&known.value)),
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Module(_)
        | Value::Unknown(_) => {}
    }
}

fn is_of_the_language(known: &Known) -> bool {
    let Value::Foreign(foreign) = &known.value else { return false };
    let mut at = foreign;
    while let Some(before) = &at.before {
        at = before;
    }
    matches!(&at.step, Step::Global(name) if *name == "JSON")
}
