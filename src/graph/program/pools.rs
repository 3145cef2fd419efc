//! Which connections do calls share with others, and has somebody limited them?

use super::limits::seek_all;
use super::lookup::{Lookup, number_of};
use super::protection::event_of;
use super::shapes::{Match, find_match};
use super::value::{Known, Step, Value};
use crate::facts::answer::{Answer, Reason};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::library::Library;
use crate::tables::pools::PoolRow;

/// The connections that a call goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// For people: `Node's global agent`, `one agent`.
    pub name: Symbol,
    /// Where it is made; `None`: it is the library's own.
    pub made: Option<Span>,
    /// Whether the number of its connections is limited.
    pub limited: Answer<()>,
    /// A line that gives a pool of its own with a limit, for people.
    pub help: Symbol,
}

/// The pool of a call at `span`.
pub fn pool_of(row: &PoolRow, found: &Match, library: &Library, span: Span) -> Pool {
    let own = |limited: Answer<()>| Pool { name: row.otherwise, made: None, limited, help: row.help };
    let limit = row.limit.iter().map(|path| seek_all(found, path, library)).find(|it| !matches!(it, Lookup::Absent));
    let limited = match limit {
        Some(Lookup::Present(known)) => limited_by(&known),
        Some(Lookup::Unknown(reason)) => Answer::Unknown(Reason(reason)),
        Some(Lookup::Absent) | None => Answer::absent(span),
    };
    let at = row.at.iter().map(|path| seek_all(found, path, library)).find(|it| !matches!(it, Lookup::Absent));
    match at {
        Some(Lookup::Present(known)) => match made_of(&known, library) {
            Some(made) => {
                let limited = if limited.is_absent() { Answer::absent(made) } else { limited };
                Pool { name: Symbol::new("one agent"), made: Some(made), limited, help: row.help }
            }
            None => own(Answer::unknown("what its connections come from was not followed")),
        },
        Some(Lookup::Unknown(reason)) => own(Answer::Unknown(Reason(reason))),
        Some(Lookup::Absent) | None => own(limited),
    }
}

/// Where a pool that the row knows how to make is made.
fn made_of(known: &Known, library: &Library) -> Option<Span> {
    let Value::Foreign(foreign) = &known.value else { return None };
    library.makes.iter().find_map(|(_, shape)| find_match(shape, library, foreign))?;
    event_of(foreign)?;
    match &foreign.step {
        Step::New(used) | Step::Call(used) => Some(used.span),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    }
}

fn limited_by(known: &Known) -> Answer<()> {
    match number_of(known) {
        Some(number) if number.is_finite() && number > 0.0 => Answer::present((), known.span),
        // `Infinity`, and 0 where that means the same.
        Some(_) => Answer::absent(known.span),
        None if matches!(known.value, Value::Nothing) => Answer::absent(known.span),
        // Set, to whatever it is.
        None => Answer::present((), known.span),
    }
}
