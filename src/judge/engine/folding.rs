//! Which findings are said as one: those that most of what is judged has in common, and those
//! about one and the same thing.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ActiveRule;
use crate::infer::RELATED_LIMIT;
use crate::judge::finding::{Finding, Related, Severity};
use crate::judge::fingerprint::{fingerprint, first_name};
use crate::source::symbol::Symbol;

/// As few findings of one rule stand alone in any case.
const FOLDED_FROM: usize = 3;

/// What findings are about where several can be about the same thing, by rule and anchor.
pub(super) type SameThing = FxHashMap<(Symbol, String), String>;

/// Puts findings of one rule and severity together where at least [`FOLDED_FROM`] fired, and
/// more of them than were found in order: one finding says so, at the first place, with the
/// others as related ones. Errors stand alone, so that the next one is seen as new; so do notes of
/// a rule whose findings are errors by default, which are exceptions that each have their own
/// reason. `findings` are sorted.
pub(super) fn fold(findings: &mut Vec<Finding>, active: &ActiveRule, id: Symbol, in_order: usize) {
    let Some(together) = &active.rule.together else { return };
    let fired = findings.iter().filter(|finding| finding.rule == id).count();
    let foldable: &[Severity] = match active.rule.severity {
        Some(Severity::Error) => &[Severity::Warning],
        Some(Severity::Warning | Severity::Note) | None => &[Severity::Warning, Severity::Note],
    };
    for &severity in foldable {
        let alike = |finding: &Finding| finding.rule == id && finding.severity == severity;
        let count = findings.iter().filter(|finding| alike(finding)).count();
        if count < FOLDED_FROM || fired <= in_order {
            continue;
        }
        let (folded, others): (Vec<Finding>, Vec<Finding>) =
            std::mem::take(findings).into_iter().partition(|finding| alike(finding));
        *findings = others;
        let anchor = format!("estate {}", severity.word());
        let folded = one_of(folded, |first, _| Finding {
            message: together.render(count, fired + in_order),
            subject_kind: Symbol::new("estate"),
            subject: "estate".to_owned(),
            fingerprint: fingerprint(first_name(&active.rule), &anchor),
            anchor,
            ..first
        });
        findings.extend(folded);
    }
}

/// Puts findings of one rule and severity together that are about one and the same thing, such
/// as an image that many manifests name, as [`fold`] does it.
pub(super) fn fold_same(findings: &mut Vec<Finding>, same: &SameThing) {
    let mut groups: BTreeMap<(Symbol, Severity, &str), Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.severity != Severity::Error) {
        if let Some(thing) = same.get(&(finding.rule, finding.anchor.clone())) {
            groups.entry((finding.rule, finding.severity, thing)).or_default().push(at);
        }
    }
    groups.retain(|_, group| group.len() >= FOLDED_FROM);
    if groups.is_empty() {
        return;
    }
    let mut left: Vec<Option<Finding>> = std::mem::take(findings).into_iter().map(Some).collect();
    for group in groups.into_values() {
        let folded: Vec<Finding> = group.into_iter().filter_map(|at| left.get_mut(at)?.take()).collect();
        findings.extend(one_of(folded, |first, others| Finding {
            message: format!("{}, here and in {others} other places", first.message),
            ..first
        }));
    }
    findings.extend(left.into_iter().flatten());
}

/// The first finding in the words of `told`, with the places of the others; these are counted.
fn one_of(folded: Vec<Finding>, told: impl FnOnce(Finding, usize) -> Finding) -> Option<Finding> {
    let confidence = folded.iter().map(|finding| finding.confidence).min();
    let mut services: Vec<Symbol> = folded.iter().flat_map(|finding| finding.services.iter().copied()).collect();
    services.sort();
    services.dedup();
    let mut seen = FxHashSet::from_iter(folded.first().map(|first| first.span));
    let rest: Vec<&Finding> = folded.iter().skip(1).filter(|finding| seen.insert(finding.span)).collect();
    let mut related: Vec<Related> = rest
        .iter()
        .take(RELATED_LIMIT)
        .map(|finding| Related { span: finding.span, message: finding.subject.clone() })
        .collect();
    if let (Some(last), Some(more)) = (related.last_mut(), rest.len().checked_sub(RELATED_LIMIT + 1)) {
        last.message.push_str(&format!(", and {} more", more + 1));
    }
    let others = folded.len().saturating_sub(1);
    let first = folded.into_iter().next()?;
    let confidence = confidence.unwrap_or(first.confidence);
    Some(told(Finding { confidence, services, related, ..first }, others))
}
