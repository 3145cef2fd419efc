//! What becomes of a message that is handled twice: rows that are added twice, amounts that are
//! counted twice.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::flows::on_the_way;
use super::program::event::{Event, EventId};
use super::program::modules::Modules;
use super::program::shapes::start_of;
use super::program::stores::{Statement, StatementKind};
use super::program::value::{Foreign, FrameId, Known, Object, Step, Value};
use super::sources::Source;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::program::Around;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::adding::adds_rows;
use crate::tables::drivers::speaks;

/// Whether handling a message twice leaves what handling it once does. Absent with the writes
/// that leave their mark twice; `Unknown` where something may recognize the message. `frame` is
/// where the handler's work begins, `taken` where it takes messages.
pub fn idempotent(source: &Source, modules: &Modules<'_>, frame: Option<FrameId>, taken: Span) -> Answer<()> {
    let Some(frame) = frame else { return Answer::unknown("its handler was not found") };
    let way = on_the_way(source, modules, frame);
    let statements: Vec<(&Statement, Around)> = source
        .stores
        .statements
        .iter()
        .filter_map(|statement| Some((statement, *way.get(&statement.event)?)))
        .collect();
    let writes = || statements.iter().filter(|(statement, _)| statement.kind == StatementKind::Write);
    if writes().any(|(statement, _)| statement.is_sql && !statement.counts) {
        return Answer::unknown("whether the tables of its statements have a key that is unique is not known");
    }
    let adding: Vec<&(&Statement, Around)> = writes()
        .filter(|(statement, _)| statement.counts || source.events.event(statement.event).is_some_and(adds))
        .collect();
    let Some(first) = adding.iter().map(|(statement, _)| statement.event).min() else {
        return Answer::present((), taken);
    };
    let looks = statements.iter().any(|(statement, _)| {
        (statement.kind == StatementKind::Read && statement.event < first) || statement.kind == StatementKind::Upsert
    });
    if looks || asks_a_cache(source, &way) {
        return Answer::unknown("what it reads before it writes may tell that the message was there already");
    }
    let mut doubled: Vec<Span> = Vec::new();
    let mut unknown = None;
    for (statement, around) in adding {
        if around.in_branch || around.in_catch {
            unknown = unknown.or(Some("the condition that it writes under may tell a message that was there already"));
            continue;
        }
        match statement.counts.then_some(false).or_else(|| refused(source, statement)) {
            Some(false) => doubled.push(statement.span),
            Some(true) => {}
            None => unknown = unknown.or(Some("whether a key that is unique refuses a second row is not known")),
        }
    }
    match unknown {
        _ if !doubled.is_empty() => Answer::Absent(Evidence(doubled)),
        Some(why) => Answer::unknown(why),
        None => Answer::present((), taken),
    }
}

/// Whether the second row would be refused: columns that are unique together are all written.
/// `None`: the table's keys or the columns are not known.
fn refused(source: &Source, statement: &Statement) -> Option<bool> {
    let table = statement.tables.first()?.name;
    // Only of classes every key is seen.
    let entity = source.stores.entities.iter().find(|entity| entity.table == table && entity.class.is_some())?;
    let object = written(&source.events.event(statement.event)?.trace)?;
    let is_written = |column: &Symbol| object.entries.iter().any(|(name, _)| name == column);
    Some(entity.unique.iter().any(|columns| columns.iter().all(is_written)))
}

/// What is written, where it is put together in the code: of `create({…})`, `save(repository.
/// create({…}))`, `new Order({…}).save()`.
fn written(trace: &Rc<Foreign>) -> Option<Rc<Object>> {
    let mut at = Some(trace);
    while let Some(way) = at {
        if let Step::Call(used) | Step::New(used) = &way.step {
            let found = used.arguments.iter().rev().find_map(|argument| object_of(argument, 3));
            if let Some(object) = found {
                return (!object.open).then_some(object);
            }
        }
        at = way.before.as_ref();
    }
    None
}

fn object_of(known: &Known, depth: usize) -> Option<Rc<Object>> {
    let below = depth.checked_sub(1)?;
    match &known.value {
        Value::Object(object) => Some(Rc::clone(object)),
        Value::Foreign(made) => match &made.step {
            Step::Call(used) | Step::New(used) => used.arguments.iter().find_map(|one| object_of(one, below)),
            Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => None,
        },
        _other => None,
    }
}

/// True if the member that is called adds a row.
fn adds(event: &Event) -> bool {
    let Some(before) = &event.trace.before else { return false };
    matches!(&before.step, Step::Member(name) if adds_rows(name))
}

/// True where a handler speaks to a cache: that is where keys of messages are often kept.
fn asks_a_cache(source: &Source, way: &BTreeMap<EventId, Around>) -> bool {
    way.keys().any(|id| {
        let package = source.events.event(*id).and_then(|event| start_of(&event.trace));
        package.is_some_and(|package| speaks(&package, "redis"))
    })
}
