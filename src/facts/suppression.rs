//! What a file says about findings that its owners accept.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::declaration::Stated;

/// A statement that findings are accepted, as it was written: whether it holds is decided
/// where findings are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The statement: from the word `archlint` of a comment to its end, an annotation's key
    /// and value, an item of the configuration.
    pub span: Span,
    /// How it was written.
    pub form: SuppressionForm,
    /// What it covers: findings that begin in it. Of a comment the line it ends, or the line
    /// below it; of an annotation the whole object; of the configuration the whole file.
    pub scope: Span,
    /// The rules, in the order of the text; empty where none is named.
    pub rules: Vec<Stated>,
    /// `the vendor ships it so, JIRA-12`; `None` where nothing is said.
    pub reason: Option<Symbol>,
    /// The day as it was written, `2027-01-31`; `None`: for good.
    pub expires: Option<Stated>,
    /// What keeps it from being read at all.
    pub flaw: Option<SuppressionFlaw>,
}

/// How a suppression was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SuppressionForm {
    /// `# archlint: ignore[rule-id] the reason`
    Comment,
    /// `archlint.dev/ignore.rule-id: the reason`
    Annotation,
    /// `suppressions: [{rules: …, paths: …, reason: …}]`
    Configuration,
}

impl SuppressionForm {
    /// As outputs spell it: `comment`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Annotation => "annotation",
            Self::Configuration => "configuration",
        }
    }
}

/// What is wrong with the text of a suppression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuppressionFlaw {
    /// `archlint: ignore the reason`: no rule in brackets.
    NoRule,
    /// `archlint: ignore[rule-id`: no `]` on the line.
    NeverClosed,
    /// `archlint: disable[rule-id]`: a word that says nothing to archlint.
    OtherWord,
    /// `archlint ignore[rule-id]`: no colon.
    NoColon,
}
