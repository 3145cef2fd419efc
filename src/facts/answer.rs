//! Present, absent, unknown: three answers, never two.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// The places that an answer rests on; the first shows it best. Never empty for facts.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Evidence(pub Vec<Span>);

/// Why something is unknown, in words that its reader can act on:
/// `the value comes from Secret orders-db, which is not in the estate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason(pub Symbol);

/// The answer to a question about the estate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// It is there, with this value.
    Present(T, Evidence),
    /// Every place that could say it was read, and none does. Points to what should have.
    Absent(Evidence),
    /// A place that could say it could not be read or understood.
    Unknown(Reason),
}

impl<T> Answer<T> {
    /// It is there, and `span` shows it.
    pub fn present(value: T, span: Span) -> Self {
        Self::Present(value, Evidence(vec![span]))
    }

    /// It is not there; `span` should have said it.
    pub fn absent(span: Span) -> Self {
        Self::Absent(Evidence(vec![span]))
    }

    /// Nobody can tell, because of `reason`.
    pub fn unknown(reason: &str) -> Self {
        Self::Unknown(Reason(Symbol::new(reason)))
    }

    /// The value, where present.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Present(value, _) => Some(value),
            Self::Absent(_) | Self::Unknown(_) => None,
        }
    }

    /// The places it rests on; none for unknown.
    pub fn evidence(&self) -> &[Span] {
        match self {
            Self::Present(_, evidence) | Self::Absent(evidence) => &evidence.0,
            Self::Unknown(_) => &[],
        }
    }

    /// The same answer about something computed from the value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Present(value, evidence) => Answer::Present(change(value), evidence),
            Self::Absent(evidence) => Answer::Absent(evidence),
            Self::Unknown(reason) => Answer::Unknown(reason),
        }
    }

    /// True for [`Answer::Present`].
    pub fn is_present(&self) -> bool {
        matches!(self, Self::Present(..))
    }

    /// True for [`Answer::Absent`].
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent(_))
    }
}
