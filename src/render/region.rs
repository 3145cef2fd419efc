//! Where a finding stands, as CI services want it: the path from the repository's root, and a
//! range within one line.

use crate::source::line_index::{ColumnUnit, Position};
use crate::source::span::Span;

use super::outcome::Outcome;

/// A place for machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// `services/orders/.env`: from the repository's root, not escaped.
    pub path: String,
    /// Where it starts.
    pub start: Position,
    /// Its exclusive end, on the same line.
    pub end: Position,
}

/// Where a range stands: its part on its first line.
pub fn region(outcome: &Outcome<'_>, span: Span, unit: ColumnUnit) -> Region {
    let (start, end) = outcome.sources.first_line(span, unit);
    Region { path: path(outcome, span), start, end }
}

/// The path from the repository's root of the file in which a range lies, not escaped.
pub fn path(outcome: &Outcome<'_>, span: Span) -> String {
    format!("{}{}", outcome.prefix, outcome.sources.path(span.file))
}
