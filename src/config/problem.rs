//! A mistake in the configuration.

use crate::source::span::Span;

/// One mistake with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The key or value that is wrong.
    pub span: Span,
    /// One sentence without a full stop: `archlint.yaml has no key "rulez"`.
    pub message: String,
    /// How to repair it: `did you mean "rules"?`
    pub help: Option<String>,
}
