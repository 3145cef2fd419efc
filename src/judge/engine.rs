//! Asks every rule about every subject of its kind, and writes down what they answer.

mod folding;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::expression::evaluate::Verdict;
use super::finding::{Finding, Judgement, Related, Severity, Undecided};
use super::fingerprint::{fingerprint, first_name, number_equal_ones};
use super::rule::Rule;
use super::template::plain;
use crate::facts::answer::Answer;
use crate::graph::model::Confidence;
use crate::infer::next_step::with_step;
use crate::infer::row::Lookup;
use crate::infer::subject::Subject;
use crate::infer::vocabulary::{AttributeDef, Datum};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use folding::SameThing;

/// A rule of this run, configured.
#[derive(Debug)]
pub struct ActiveRule {
    /// The rule.
    pub rule: Rule,
    /// The folder of the rule: `resilience`.
    pub category: Symbol,
    /// What else holds for findings below some paths; of several, later ones win.
    pub local: Vec<LocalSetting>,
}

/// What holds for a rule below some paths.
#[derive(Clone)]
pub struct LocalSetting {
    /// True for the paths; the one of a finding's primary place counts.
    pub paths: Arc<dyn Fn(EstatePath) -> bool + Send + Sync>,
    /// The severity, where one is set; the inner `None` is `off`.
    pub severity: Option<Option<Severity>>,
    /// Values of parameters by their position.
    pub values: Vec<(usize, Datum)>,
}

impl fmt::Debug for LocalSetting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LocalSetting").field("severity", &self.severity).field("values", &self.values).finish()
    }
}

/// A rule as it holds for one path.
struct Applied<'r> {
    values: Cow<'r, [Datum]>,
    severity: Option<Option<Severity>>,
}

impl ActiveRule {
    /// What holds where a finding would be shown.
    fn at(&self, path: impl FnOnce() -> EstatePath) -> Applied<'_> {
        let mut applied = Applied { values: Cow::Borrowed(&self.rule.values), severity: None };
        if self.local.is_empty() {
            return applied;
        }
        let path = path();
        for setting in self.local.iter().filter(|setting| (setting.paths)(path)) {
            applied.severity = setting.severity.or(applied.severity);
            for (at, value) in &setting.values {
                if let Some(slot) = applied.values.to_mut().get_mut(*at) {
                    *slot = value.clone();
                }
            }
        }
        applied
    }
}

/// What a judgement has to write down beside findings and undecided subjects.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Fill [`Judgement::passed`]: only trials ask what was in order, and in a large estate
    /// that is nearly everything.
    pub passed: bool,
}

/// Judges every subject once by all rules of its kind. `path_of` gives the path of a file,
/// by which everything is sorted.
pub fn judge(
    subjects: &[Subject],
    rules: &[ActiveRule],
    path_of: &dyn Fn(FileId) -> EstatePath,
    options: Options,
) -> Judgement {
    let mut by_kind: BTreeMap<&str, Vec<(&ActiveRule, Symbol)>> = BTreeMap::new();
    for active in rules {
        by_kind.entry(active.rule.subject.kind).or_default().push((active, Symbol::new(&active.rule.id)));
    }
    let mut judgement = Judgement::default();
    let mut in_order: FxHashMap<Symbol, usize> = FxHashMap::default();
    let mut same = SameThing::default();
    for subject in subjects {
        for &(active, id) in by_kind.get(subject.def.kind).map_or(&[][..], Vec::as_slice) {
            let applied = active.at(|| path_of(place(&active.rule, subject).file));
            if applied.severity == Some(None) {
                continue;
            }
            let judged = active.rule.judges(subject, &applied.values);
            match (&judged, active.rule.verdict(subject, &applied.values)) {
                (Verdict::True, Verdict::True) => {
                    if let Some(thing) = thing(&active.rule, subject) {
                        same.insert((id, subject.anchor.clone()), thing);
                    }
                    judgement.findings.extend(finding(active, id, subject, &applied));
                }
                (Verdict::False, _) | (_, Verdict::False) => {
                    if options.passed {
                        judgement.passed.push((id, subject.span));
                    }
                    if matches!(judged, Verdict::True) {
                        *in_order.entry(id).or_default() += 1;
                    }
                }
                (Verdict::Unknown(slots), _) => judgement.undecided.push(undecided(id, subject, slots)),
                (Verdict::True, Verdict::Unknown(slots)) => {
                    judgement.undecided.push(undecided(id, subject, &slots));
                }
            }
        }
    }
    sort(&mut judgement, path_of);
    // The order of places decides which of several is the first.
    for active in rules.iter().filter(|active| active.rule.together.is_some()) {
        let id = Symbol::new(&active.rule.id);
        folding::fold(&mut judgement.findings, active, id, in_order.get(&id).copied().unwrap_or_default());
    }
    folding::fold_same(&mut judgement.findings, &same);
    sort(&mut judgement, path_of);
    number_equal_ones(&mut judgement.findings);
    judgement
}

/// The finding about a subject on which a rule fired; `None` where the rule is off for it.
fn finding(active: &ActiveRule, id: Symbol, subject: &Subject, applied: &Applied<'_>) -> Option<Finding> {
    let rule = &active.rule;
    let severity = applied.severity.unwrap_or_else(|| rule.severity_of(subject, &applied.values))?;
    let severity = sustained(severity, subject.confidence);
    let span = place(rule, subject);
    Some(Finding {
        rule: id,
        category: active.category,
        severity,
        confidence: subject.confidence,
        message: rule.message_of(subject, &applied.values),
        span,
        subject_kind: Symbol::new(subject.kind()),
        subject: subject.name.clone(),
        services: subject.services.clone(),
        related: related(rule, subject, span),
        help: rule.help_of(subject, &applied.values),
        anchor: subject.anchor.clone(),
        fingerprint: fingerprint(first_name(rule), &subject.anchor),
    })
}

/// Where the finding is shown: at the first attribute of the rule's `at` that says
/// something, else at the first one that has a place.
fn place(rule: &Rule, subject: &Subject) -> Span {
    let answers = || rule.at.iter().map(|&slot| subject.attribute(slot));
    let evident = |answer: &Answer<Datum>| answer.evidence().first().copied();
    let telling = answers().filter(|answer| says_something(answer)).find_map(evident);
    telling.or_else(|| answers().find_map(evident)).unwrap_or(subject.span)
}

/// What several findings of a rule can be about; `None` where that is not known.
fn thing(rule: &Rule, subject: &Subject) -> Option<String> {
    let parts = rule.same.iter().map(|&slot| match subject.attribute(slot) {
        Answer::Present(value, _) => Some(plain(value)).filter(|text| !text.is_empty()),
        Answer::Absent(_) | Answer::Unknown(_) => None,
    });
    let parts: Vec<String> = parts.collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join("\n"))
}

/// False for what is not there, for `false` and for an empty list.
fn says_something(answer: &Answer<Datum>) -> bool {
    match answer {
        Answer::Present(Datum::Bool(holds), _) => *holds,
        Answer::Present(Datum::List(items), _) => !items.is_empty(),
        Answer::Present(Datum::Int(_) | Datum::Text(_), _) => true,
        Answer::Absent(_) | Answer::Unknown(_) => false,
    }
}

/// Errors need evidence that somebody saw or wrote: a finding that turns out wrong must not
/// break a build.
fn sustained(severity: Severity, confidence: Confidence) -> Severity {
    if confidence < Confidence::Observed { severity.min(Severity::Warning) } else { severity }
}

/// The evidence of the attributes that the rule shows, then the subject's own places; each
/// place once, without the primary one.
fn related(rule: &Rule, subject: &Subject, primary: Span) -> Vec<Related> {
    let shown = rule.show.iter().filter_map(|&slot| {
        let answer = subject.attribute(slot);
        let nothing = matches!(answer, Answer::Present(Datum::List(items), _) if items.is_empty());
        let definition = subject.def.attributes.get(slot).filter(|_| !nothing)?;
        Some((definition, answer))
    });
    let shown = shown
        .flat_map(|(definition, answer)| answer.evidence().iter().map(move |&span| (span, label(definition, answer))));
    let mut seen = FxHashSet::from_iter([primary]);
    let places = shown.chain(subject.related.iter().cloned());
    places.filter(|(span, _)| seen.insert(*span)).map(|(span, message)| Related { span, message }).collect()
}

/// What evidence of an attribute shows: `timeout: 3000 ms`, `no retries`.
fn label(definition: &AttributeDef, answer: &Answer<Datum>) -> String {
    let suffix = format!("_{}", definition.unit);
    let words = definition.name.strip_suffix(&suffix).unwrap_or(definition.name).replace('_', " ");
    match answer {
        Answer::Present(value, _) if definition.unit.is_empty() => format!("{words}: {}", plain(value)),
        Answer::Present(value, _) => format!("{words}: {} {}", plain(value), definition.unit),
        Answer::Absent(_) => format!("no {words}"),
        Answer::Unknown(reason) => format!("{words}: {}", reason.0),
    }
}

/// What nobody could tell, with the reason of each attribute that hid it; after a semicolon
/// the steps that would make it visible.
fn undecided(id: Symbol, subject: &Subject, slots: &[usize]) -> Undecided {
    let (mut reasons, mut steps): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for &slot in slots {
        let Answer::Unknown(reason) = subject.attribute(slot) else { continue };
        let (reason, step) = with_step(&reason.0);
        for (all, one) in [(&mut reasons, reason), (&mut steps, step)] {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    if reasons.is_empty() {
        reasons.push("the rule's arithmetic went out of bounds".to_owned());
        steps.push("look at the numbers that the rule names".to_owned());
    }
    Undecided {
        rule: id,
        subject_kind: Symbol::new(subject.def.kind),
        subject: subject.name.clone(),
        why: format!("{}; {}", reasons.join(", and "), steps.join(", and ")),
        span: subject.span,
    }
}

impl Judgement {
    /// Adds what another round gave; everything is in order again afterwards.
    pub fn join(&mut self, other: Self, path_of: &dyn Fn(FileId) -> EstatePath) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
        self.undecided.extend(other.undecided);
        self.passed.extend(other.passed);
        sort(self, path_of);
    }
}

/// By path, offset, rule and subject; file numbers do not count, since they are the run's.
fn sort(judgement: &mut Judgement, path_of: &dyn Fn(FileId) -> EstatePath) {
    let place = |span: Span| (path_of(span.file), span.start, span.end);
    judgement.findings.sort_by_cached_key(|finding| {
        (place(finding.span), finding.rule, finding.subject.clone(), finding.message.clone())
    });
    judgement.undecided.sort_by_cached_key(|undecided| {
        (place(undecided.span), undecided.rule, undecided.subject.clone(), undecided.why.clone())
    });
    judgement.passed.sort_by_cached_key(|&(rule, span)| (place(span), rule));
}

#[cfg(test)]
mod tests;
