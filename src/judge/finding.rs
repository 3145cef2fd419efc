//! A finding: one subject on which one rule fired, with all that renderers lay out.

use crate::facts::suppression::SuppressionForm;
use crate::graph::model::Confidence;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Advice for reviews; not printed by `check` unless asked.
    Note,
    /// Printed; fails only with `--fail-on warning`.
    Warning,
    /// Fails the check.
    Error,
}

impl Severity {
    /// As outputs spell it: `error`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of a word; `None` for other words.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "note" => Some(Self::Note),
            "warning" => Some(Self::Warning),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}

/// A place that helps to understand a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What it shows: `billing connects here`.
    pub message: String,
}

/// One subject on which one rule fired. Its place is not optional: a finding without a
/// place cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `shared-database`
    pub rule: Symbol,
    /// The folder of the rule: `data`; themes of the report.
    pub category: Symbol,
    /// How bad.
    pub severity: Severity,
    /// The weakest evidence on its way.
    pub confidence: Confidence,
    /// One sentence without a full stop; makes sense alone.
    pub message: String,
    /// The shortest range that shows it.
    pub span: Span,
    /// `database`
    pub subject_kind: Symbol,
    /// `shop`, `cart -> catalogue`
    pub subject: String,
    /// Services it concerns, sorted.
    pub services: Vec<Symbol>,
    /// Other places, in the order that explains best.
    pub related: Vec<Related>,
    /// The repair.
    pub help: String,
    /// What it is about in words, `call cart -> catalogue http`: all that its fingerprint
    /// holds beside the rule. No line; a path only for files, secrets and recipes.
    pub anchor: String,
    /// 32 hex digits and perhaps `:2`: identity over runs, independent of lines, indentation
    /// and folders. See [`super::fingerprint`].
    pub fingerprint: String,
}

/// Something that could not be judged: what `--strict-unknown` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The rule.
    pub rule: Symbol,
    /// The subject's kind.
    pub subject_kind: Symbol,
    /// The subject.
    pub subject: String,
    /// Why nobody can tell; after the first `; ` the step that would make it visible.
    pub why: String,
    /// The subject's place.
    pub span: Span,
}

/// A finding that the estate's owners accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// The statement that accepts it.
    pub span: Span,
    /// How that was written.
    pub form: SuppressionForm,
    /// Why.
    pub reason: Symbol,
    /// The last day on which the statement holds: `2027-01-31`; `None`: for good.
    pub expires: Option<Symbol>,
}

/// One rule of one statement that findings are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionUse {
    /// The rule's id in the statement.
    pub span: Span,
    /// How it was written.
    pub form: SuppressionForm,
    /// The rule as it was written; empty where none is named.
    pub rule: Symbol,
    /// Why; `None` where nothing is said.
    pub reason: Option<Symbol>,
    /// The last day on which it holds, as it was written; `None`: for good.
    pub expires: Option<Symbol>,
    /// What it does.
    pub state: SuppressionState,
}

/// What a statement that findings are accepted does in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressionState {
    /// It covers so many findings.
    Used(usize),
    /// The rule was asked and finds nothing there.
    Unused,
    /// Its last day has passed.
    Expired,
    /// The rule was not asked in this run, or could not decide.
    NotAsked,
    /// What keeps it from holding, without a full stop.
    Invalid(String),
}

/// What a run of all rules gave.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Sorted by path, line, column, rule, subject.
    pub findings: Vec<Finding>,
    /// Accepted by statements of the estate's owners; in no order.
    pub suppressed: Vec<Suppressed>,
    /// Known from a baseline and not told again; sorted like `findings`.
    pub baselined: Vec<Finding>,
    /// Every statement that findings are accepted, in the order of paths and places; those of
    /// the configuration come last.
    pub suppressions: Vec<SuppressionUse>,
    /// Likewise.
    pub undecided: Vec<Undecided>,
    /// For `archlint test`: (rule, place) of every subject that was judged and found in order.
    pub passed: Vec<(Symbol, Span)>,
}
