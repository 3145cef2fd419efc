//! What could not be decided, by the step that would make it visible.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::judge::finding::{Judgement, Undecided};
use crate::source::symbol::Symbol;

/// How a step begins that only says why there is none to take.
const NOTHING: &str = "nothing has to be done";

/// Reasons that ask for one step.
pub struct Step<'a> {
    /// `declare the call in its service.yaml`
    pub step: &'a str,
    /// How many checks it would decide.
    pub number: usize,
    /// The most frequent first.
    pub reasons: Vec<Reason<'a>>,
}

/// Why something was not decided.
pub struct Reason<'a> {
    /// The reason with its step, as checks have it.
    pub why: &'a str,
    /// `the caller's code was not read`
    pub what: &'a str,
    /// How often.
    pub number: usize,
    /// The rules that it keeps from judging, and how often each.
    pub rules: BTreeMap<Symbol, usize>,
}

/// The step that decides most checks first, those last that have none to take; equal ones in
/// the alphabet's order.
pub fn steps(judgement: &Judgement) -> Vec<Step<'_>> {
    let mut whys: BTreeMap<&str, Reason<'_>> = BTreeMap::new();
    for Undecided { why, rule, .. } in &judgement.undecided {
        let what = parted(why).0;
        let reason = whys.entry(why).or_insert_with(|| Reason { why, what, number: 0, rules: BTreeMap::new() });
        reason.number += 1;
        *reason.rules.entry(*rule).or_default() += 1;
    }
    let mut by_step: BTreeMap<&str, Step<'_>> = BTreeMap::new();
    for reason in whys.into_values() {
        let step = parted(reason.why).1;
        let one = by_step.entry(step).or_insert(Step { step, number: 0, reasons: Vec::new() });
        one.number += reason.number;
        one.reasons.push(reason);
    }
    let mut all: Vec<Step<'_>> = by_step.into_values().collect();
    all.sort_by_key(|one| (one.step.starts_with(NOTHING), Reverse(one.number)));
    for step in &mut all {
        step.reasons.sort_by_key(|reason| Reverse(reason.number));
    }
    all
}

/// Reason and step.
fn parted(why: &str) -> (&str, &str) {
    why.split_once("; ").unwrap_or((why, "look at it where it stands"))
}

#[cfg(test)]
mod tests {
    use super::steps;
    use crate::judge::finding::{Judgement, Undecided};
    use crate::source::file::FileId;
    use crate::source::span::Span;
    use crate::source::symbol::Symbol;

    #[test]
    fn the_step_that_decides_most_comes_first_and_none_last() {
        let one = |rule: &str, why: &str| Undecided {
            rule: Symbol::new(rule),
            subject_kind: Symbol::new("call"),
            subject: "a".to_owned(),
            why: why.to_owned(),
            span: Span::new(FileId(0), 0, 0),
        };
        let judgement = Judgement {
            undecided: vec![
                one("r", "it is quiet; nothing has to be done: it may be so"),
                one("r", "it is quiet; nothing has to be done: it may be so"),
                one("r", "it is quiet; nothing has to be done: it may be so"),
                one("r", "b is hidden; look there"),
                one("r", "a is hidden; look there"),
                one("q", "a is hidden; look there"),
                one("q", "c is hidden; declare it"),
            ],
            ..Judgement::default()
        };
        let steps = steps(&judgement);
        let told: Vec<_> = steps.iter().map(|one| (one.step, one.number, one.reasons.len())).collect();
        let quiet = ("nothing has to be done: it may be so", 3, 1);
        assert_eq!(told, [("look there", 3, 2), ("declare it", 1, 1), quiet]);
        assert_eq!((steps[0].reasons[0].what, steps[0].reasons[0].rules.len()), ("a is hidden", 2));
    }
}
