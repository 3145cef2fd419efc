//! What the code of services writes to its log: through which library, in which form, and what it
//! prints beside it while it answers requests.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::model::ServiceId;
use super::program::event::Events;
use super::program::lookup::Lookup;
use super::program::recognize::{find, match_of, may_be_of};
use super::program::shapes::{Match, start_of};
use super::program::value::{Foreign, FrameId, Known, Step, Value};
use super::sources::Source;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::logging::{LogForm, LogRow, logging};

/// How deep values lie in one another that are searched for a word.
const DEEPEST: usize = 6;

/// What the code of one service writes.
#[derive(Debug, Clone)]
pub struct CodeLog {
    /// Whose code.
    pub service: ServiceId,
    /// Its loggers, each library and form once, sorted by form: the best of them first.
    pub loggers: Vec<Logger>,
    /// What is printed on the way of a request or message, sorted by place.
    pub prints: Vec<Span>,
    /// Packages that its code uses, sorted.
    pub packages: Vec<Symbol>,
}

/// A library that writes to a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Logger {
    /// How its lines look.
    pub form: LogForm,
    /// The first use.
    pub span: Span,
    /// As its package is called: `pino`.
    pub library: Symbol,
}

/// Those of all services whose code was read, sorted by service.
pub fn code_logs(sources: &[Source]) -> Vec<CodeLog> {
    let rows: Vec<_> = logging().iter().map(|row| (row.library.starts(&row.shapes), row)).collect();
    let mut found: Vec<CodeLog> = sources.iter().map(|source| of_source(source, &rows)).collect();
    found.sort_by_key(|one| one.service);
    found
}

fn of_source(source: &Source, rows: &[(Vec<Symbol>, &LogRow)]) -> CodeLog {
    let roots = source.served.iter().filter_map(|served| {
        let root = source.events.operations.get(served.id?.0 as usize)?;
        Some(root.frame)
    });
    let answering = reached(&source.events, roots.chain(source.handled.iter().copied().flatten()));
    let mut loggers: Vec<Logger> = Vec::new();
    let mut prints = Vec::new();
    let mut packages: Vec<Symbol> = Vec::new();
    for event in &source.events.list {
        packages.extend(start_of(&event.trace));
        for (starts, row) in rows {
            if !may_be_of(starts, &event.trace) {
                continue;
            }
            let Some(matched) = match_of(&row.shapes, &row.library, &event.trace) else { continue };
            match form_of(row, &matched, &event.trace) {
                LogForm::Print if answering.contains(&event.frame) => prints.push(event.span),
                LogForm::Print | LogForm::Nothing => {}
                form @ (LogForm::Json | LogForm::Text | LogForm::Unknown) => {
                    add(&mut loggers, Logger { form, span: event.span, library: row.library.name });
                }
            }
        }
    }
    loggers.sort();
    prints.sort();
    prints.dedup();
    packages.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    packages.dedup();
    CodeLog { service: source.service, loggers, prints, packages }
}

fn add(loggers: &mut Vec<Logger>, logger: Logger) {
    match loggers.iter_mut().find(|known| (known.form, known.library) == (logger.form, logger.library)) {
        Some(known) => known.span = known.span.min(logger.span),
        None => loggers.push(logger),
    }
}

/// The frames that are walked while something is answered.
fn reached(events: &Events, roots: impl Iterator<Item = FrameId>) -> FxHashSet<FrameId> {
    let mut queue: Vec<FrameId> = roots.collect();
    let mut seen: FxHashSet<FrameId> = queue.iter().copied().collect();
    while let Some(at) = queue.pop() {
        let Some(info) = events.frames.get(at.0 as usize) else { continue };
        queue.extend(info.callees.iter().map(|(_, callee, _)| *callee).filter(|callee| seen.insert(*callee)));
    }
    seen
}

fn form_of(row: &LogRow, matched: &Match, trace: &Rc<Foreign>) -> LogForm {
    let told = row.told.iter().find(|told| match find(&told.at, matched, trace) {
        Some(Lookup::Present(known)) => told.words.iter().any(|word| says(&known, *word)),
        Some(Lookup::Absent | Lookup::Unknown(_)) | None => false,
    });
    told.map_or(row.form, |told| told.form)
}

/// Whether a word is written in a value or called in it, whatever holds; `*`: anything but no.
fn says(known: &Known, word: Symbol) -> bool {
    match &known.value {
        Value::OneOf(all) | Value::FirstOf(all) => all.iter().all(|one| says(one, word)),
        Value::Nothing => false,
        Value::Bool(false) if word == "*" => false,
        _something if word == "*" => true,
        _something => contains(known, word, DEEPEST),
    }
}

fn contains(known: &Known, word: Symbol, depth: usize) -> bool {
    let Some(below) = depth.checked_sub(1) else { return false };
    match &known.value {
        Value::Text(text) => *text == word,
        Value::Bool(value) => word == if *value { "true" } else { "false" },
        Value::Array(all) => all.iter().any(|one| contains(one, word, below)),
        Value::OneOf(all) | Value::FirstOf(all) => all.iter().all(|one| contains(one, word, below)),
        Value::Foreign(foreign) => is_on_the_way(foreign, word, below),
        Value::Number(_)
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
        | Value::Unknown(_) => false,
    }
}

/// `json` of `format.combine(format.timestamp(), format.json())`.
fn is_on_the_way(foreign: &Rc<Foreign>, word: Symbol, below: usize) -> bool {
    let mut at = Some(foreign);
    while let Some(way) = at {
        let here = match &way.step {
            Step::Member(name) | Step::Global(name) | Step::Import { name, .. } => *name == word,
            Step::Call(used) | Step::New(used) => used.arguments.iter().any(|one| contains(one, word, below)),
            Step::Injected(_) | Step::Subclass(_) | Step::Element | Step::Handed { .. } => false,
        };
        if here {
            return true;
        }
        at = way.before.as_ref();
    }
    false
}
