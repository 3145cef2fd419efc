//! What could not be read, and what was read and not understood.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// A file, or a part of one, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where reading stopped; the file's start where there is no better place.
    pub span: Span,
    /// What is wrong, without a full stop: `the mapping on line 3 is never closed`.
    pub message: String,
    /// What to do about it: `save the file as UTF-8`.
    pub help: String,
}

/// Something recognized and not understood: no defect, but a gap in what is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear {
    /// Where it stands.
    pub span: Span,
    /// What it is: `image of container web`.
    pub what: Symbol,
    /// Why it is not understood: `the chart's values do not set image.tag`.
    pub why: Symbol,
}
