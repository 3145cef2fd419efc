//! Which findings are accepted, by whom and until when; and what rules ask about the
//! statements that say so.
//!
//! Rules judge in two rounds: first the estate, then the subject `suppression`, whose
//! attributes are known only when the findings of the first round were matched.

use rustc_hash::{FxHashMap, FxHashSet};

use super::day::Day;
use super::engine::{ActiveRule, Options, judge};
use super::finding::{Judgement, Suppressed, SuppressionState, SuppressionUse};
use super::problem::suggestion;
use super::rules::RuleNames;
use crate::facts::answer::Answer;
use crate::facts::suppression::{Suppression, SuppressionFlaw, SuppressionForm};
use crate::graph::model::Confidence;
use crate::infer::subject::{RowBuilder, Subject};
use crate::infer::vocabulary::Datum;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// The kind of subject that is judged in the second round.
pub const KIND: &str = "suppression";

/// Whether a statement covers a finding at a path about a subject of that name.
pub type Covers<'a> = &'a dyn Fn(EstatePath, &str) -> bool;

/// A statement that findings are accepted.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// What was written.
    pub suppression: &'a Suppression,
    /// For statements that do not speak of a place of their own: whether they cover a path and
    /// a subject's name.
    pub covers: Option<Covers<'a>>,
}

/// All that decides whether statements hold.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// All rules by name, asked or not.
    pub names: &'a RuleNames,
    /// Statements hold up to their last day, and that day too.
    pub today: Day,
}

/// One rule of one statement.
struct Item<'a> {
    statement: Statement<'a>,
    /// As it was written; empty where no rule is named.
    written: Symbol,
    /// Its present id; likewise.
    rule: Symbol,
    span: Span,
    /// What is wrong, and the repair.
    problem: Option<(String, String)>,
    expired: bool,
    /// The rule was asked, and a round follows in which it can be seen to find nothing.
    asked: bool,
    /// Findings that it covers.
    findings: usize,
}

impl Item<'_> {
    /// True for what begins in the statement's scope, or matches it.
    fn covers(&self, span: Span, subject: &str, path_of: &dyn Fn(FileId) -> EstatePath) -> bool {
        let scope = self.statement.suppression.scope;
        match self.statement.covers {
            Some(covers) => covers(path_of(span.file), subject),
            None => span.file == scope.file && (scope.start..=scope.end).contains(&span.start),
        }
    }
}

/// Takes accepted findings out of the judgement and judges the statements. Statements are
/// tried in their order; the first one that covers a finding is told as the reason.
pub fn apply(
    judgement: &mut Judgement,
    statements: &[Statement<'_>],
    circumstances: Circumstances<'_>,
    rules: &[ActiveRule],
    path_of: &dyn Fn(FileId) -> EstatePath,
    options: Options,
) {
    if statements.is_empty() {
        return;
    }
    let asked: FxHashSet<&str> = rules.iter().map(|active| active.rule.id.as_str()).collect();
    let second: FxHashSet<&str> =
        rules.iter().filter(|active| active.rule.subject.kind == KIND).map(|active| active.rule.id.as_str()).collect();
    let mut items: Vec<Item<'_>> =
        statements.iter().flat_map(|statement| items_of(*statement, circumstances)).collect();
    for item in &mut items {
        item.asked = asked.contains(item.rule.as_str()) && !second.contains(item.rule.as_str());
    }
    let index = Index::of(&items);
    index.suppress(judgement, &mut items, path_of);

    let subjects: Vec<Subject> = items.iter().map(|item| subject(item, path_of)).collect();
    let mut round = judge(&subjects, rules, path_of, options);
    index.suppress(&mut round, &mut items, path_of);
    judgement.suppressions = items.iter().map(used).collect();
    judgement.join(round, path_of);
}

fn items_of<'a>(statement: Statement<'a>, circumstances: Circumstances<'_>) -> Vec<Item<'a>> {
    let suppression = statement.suppression;
    let day = suppression.expires.map(|stated| Day::from_text(&stated.text));
    let expired = day.flatten().is_some_and(|day| day < circumstances.today);
    let item = |written: Symbol, span: Span| {
        let current = circumstances.names.current(&written).map(Symbol::new);
        Item {
            statement,
            written,
            rule: current.unwrap_or(written),
            span,
            problem: problem(suppression, written, current.is_some(), circumstances.names),
            expired,
            asked: false,
            findings: 0,
        }
    };
    if suppression.rules.is_empty() {
        return vec![item(Symbol::new(""), suppression.span)];
    }
    suppression.rules.iter().map(|stated| item(stated.text, stated.span)).collect()
}

/// What keeps a statement from holding for one rule, and the repair.
fn problem(suppression: &Suppression, rule: Symbol, known: bool, names: &RuleNames) -> Option<(String, String)> {
    const FORM: &str = "write `archlint: ignore[rule-id] the reason`";
    let (message, help) = match suppression.flaw {
        Some(SuppressionFlaw::NoRule) => ("this suppression names no rule in brackets".to_owned(), FORM.to_owned()),
        Some(SuppressionFlaw::NeverClosed) => {
            ("the bracket of this suppression is never closed".to_owned(), FORM.to_owned())
        }
        Some(SuppressionFlaw::OtherWord) => ("archlint knows no such instruction".to_owned(), FORM.to_owned()),
        Some(SuppressionFlaw::NoColon) => ("a colon is missing behind `archlint`".to_owned(), FORM.to_owned()),
        None if rule.is_empty() => ("this suppression names no rule".to_owned(), "add `rules: …`".to_owned()),
        None if !known => {
            let help = suggestion(&rule, names.ids(), "there are");
            (format!("this suppression names `{rule}`, and there is no such rule"), help.unwrap_or_default())
        }
        None if suppression.reason.is_none() => {
            let help = match suppression.form {
                SuppressionForm::Comment => format!("write `archlint: ignore[{rule}] the reason`"),
                SuppressionForm::Annotation => format!("write the reason as the value of `archlint.dev/ignore.{rule}`"),
                SuppressionForm::Configuration => "add `reason: …`".to_owned(),
            };
            (format!("this suppression of {rule} gives no reason"), help)
        }
        None => {
            let day = suppression.expires.filter(|day| Day::from_text(&day.text).is_none())?;
            let help = "write the last day on which it holds, as in `expires 2027-01-31`";
            (format!("this suppression of {rule} expires on `{}`, which is no day", day.text), help.to_owned())
        }
    };
    Some((message, help))
}

/// Statements by what they may cover, so that findings and statements are not compared each
/// with each.
struct Index {
    /// By rule and file; those that cover a place.
    local: FxHashMap<(Symbol, FileId), Vec<usize>>,
    /// By rule; the others.
    wide: FxHashMap<Symbol, Vec<usize>>,
}

impl Index {
    fn of(items: &[Item<'_>]) -> Self {
        let mut index = Self { local: FxHashMap::default(), wide: FxHashMap::default() };
        for (at, item) in items.iter().enumerate().filter(|(_, item)| item.problem.is_none()) {
            match item.statement.covers {
                None => index.local.entry((item.rule, item.statement.suppression.scope.file)).or_default().push(at),
                Some(_) => index.wide.entry(item.rule).or_default().push(at),
            }
        }
        index
    }

    /// The items that speak of what a rule says about a place.
    fn near(&self, rule: Symbol, file: FileId) -> impl Iterator<Item = usize> {
        let local = self.local.get(&(rule, file)).into_iter().flatten();
        local.chain(self.wide.get(&rule).into_iter().flatten()).copied()
    }

    /// Takes the findings out that are covered.
    fn suppress(&self, judgement: &mut Judgement, items: &mut [Item<'_>], path_of: &dyn Fn(FileId) -> EstatePath) {
        let mut left = Vec::with_capacity(judgement.findings.len());
        for finding in std::mem::take(&mut judgement.findings) {
            let mut by: Option<Suppressed> = None;
            for at in self.near(finding.rule, finding.span.file) {
                let Some(item) = items.get_mut(at).filter(|item| item.covers(finding.span, &finding.subject, path_of))
                else {
                    continue;
                };
                item.findings += 1;
                if !item.expired && by.is_none() {
                    let suppression = item.statement.suppression;
                    by = Some(Suppressed {
                        finding: finding.clone(),
                        span: suppression.span,
                        form: suppression.form,
                        reason: suppression.reason.unwrap_or_else(|| Symbol::new("")),
                        expires: suppression.expires.map(|day| day.text),
                    });
                }
            }
            match by {
                Some(suppressed) => judgement.suppressed.push(suppressed),
                None => left.push(finding),
            }
        }
        judgement.findings = left;
        // Where a rule cannot tell, nobody can say that the statement is not needed.
        for undecided in &judgement.undecided {
            for at in self.near(undecided.rule, undecided.span.file) {
                if let Some(item) = items.get_mut(at) {
                    item.asked &= !item.covers(undecided.span, &undecided.subject, path_of);
                }
            }
        }
    }
}

/// One rule of one statement as rules of the second round see it.
fn subject(item: &Item<'_>, path_of: &dyn Fn(FileId) -> EstatePath) -> Subject {
    let suppression = item.statement.suppression;
    let path = path_of(item.span.file);
    let (message, repair) = item.problem.clone().unwrap_or_default();
    let expires = match suppression.expires {
        Some(day) => Answer::present(Datum::Text(day.text), day.span),
        None => Answer::absent(item.span),
    };
    let (def, row) = RowBuilder::new(KIND, item.span)
        .text("rule", &item.written)
        .text("current_rule", &item.rule)
        .text("form", suppression.form.word())
        .text("reason", suppression.reason.as_ref().map_or("", |reason| reason.as_str()))
        .text("problem", &message)
        .text("repair", &repair)
        .set("expires", expires)
        .bool("expired", item.expired)
        .bool("asked", item.asked)
        .int("findings", i64::try_from(item.findings).unwrap_or(i64::MAX))
        .finish();
    Subject {
        def,
        name: if item.written.is_empty() { path.as_str().to_owned() } else { item.written.as_str().to_owned() },
        anchor: format!("{KIND} {path} {}", item.written),
        span: item.span,
        services: Vec::new(),
        confidence: Confidence::Declared,
        row,
        related: Vec::new(),
    }
}

/// One rule of one statement as it is listed.
fn used(item: &Item<'_>) -> SuppressionUse {
    let suppression = item.statement.suppression;
    SuppressionUse {
        span: item.span,
        form: suppression.form,
        rule: item.written,
        reason: suppression.reason,
        expires: suppression.expires.map(|day| day.text),
        state: match &item.problem {
            Some((message, _)) => SuppressionState::Invalid(message.clone()),
            None if item.expired => SuppressionState::Expired,
            None if item.findings > 0 => SuppressionState::Used(item.findings),
            None if item.asked => SuppressionState::Unused,
            None => SuppressionState::NotAsked,
        },
    }
}
