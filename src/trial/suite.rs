//! All estates of a folder: which rules each is for, and what they have to prove together.
//!
//! `rules/<id>/<estate>/` runs one rule, `estates/<estate>/` all of them.

use std::collections::BTreeMap;

use super::case::Verdict;
use super::marker::MarkerKind;

/// One estate of a suite.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Case {
    /// Its folder below the suite's: `rules/run-as-root/bad-pod-level`; the test's name too.
    pub name: String,
    /// The one rule that is asked; `None`: all.
    pub rule: Option<String>,
}

/// The folders of a suite that hold estates, to be listed by whoever may touch the disk:
/// with `true` their sub-folders hold the estates.
pub const FOLDERS: [(&str, bool); 2] = [("estates", false), ("rules", true)];

impl Case {
    /// The case of an estate's folder, given relative to the suite's with `/`; `None` for
    /// folders that are none.
    pub fn of(folder: &str) -> Option<Self> {
        let parts: Vec<&str> = folder.split('/').collect();
        let rule = match parts.as_slice() {
            ["estates", _] => None,
            ["rules", rule, _] => Some((*rule).to_owned()),
            _ => return None,
        };
        Some(Self { name: folder.to_owned(), rule })
    }

    /// True for an estate that its name calls in order.
    fn is_good(&self) -> bool {
        self.name.rsplit('/').next().is_some_and(|folder| folder == "good" || folder.starts_with("good-"))
    }
}

/// What is missing from the estates of each rule, whatever they answered: a rule that is
/// never seen to report, or never to find something in order, may see nothing at all.
/// `always` tells a rule that reports every subject it gets, and so can find none in order.
pub fn gaps(results: &[(Case, Verdict)], always: &dyn Fn(&str) -> bool) -> BTreeMap<String, Vec<String>> {
    let mut gaps: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (case, verdict) in results {
        let Some(rule) = &case.rule else { continue };
        let of_rule = gaps.entry(rule.clone()).or_default();
        if case.is_good() && !always(rule) && !asks(rule, MarkerKind::Ok, verdict) {
            of_rule.push(format!("{} has no `ok: {rule}`, so it proves nothing", case.name));
        }
    }
    for (rule, of_rule) in &mut gaps {
        let any = |kind| {
            let of_the_rule = results.iter().filter(|(case, _)| case.rule.as_ref() == Some(rule));
            of_the_rule.into_iter().any(|(_, verdict)| asks(rule, kind, verdict))
        };
        if !any(MarkerKind::Expect) {
            of_rule.push(format!("no estate has an `expect: {rule}`"));
        }
        if !always(rule) && !any(MarkerKind::Ok) {
            of_rule.push(format!("no estate has an `ok: {rule}`"));
        }
    }
    gaps
}

fn asks(rule: &str, kind: MarkerKind, verdict: &Verdict) -> bool {
    verdict.asked.contains_key(&(rule.to_owned(), kind))
}

#[cfg(test)]
mod tests {
    use super::{Case, gaps};
    use crate::trial::case::Verdict;
    use crate::trial::marker::MarkerKind;

    fn result(name: &str, asked: &[MarkerKind]) -> (Case, Verdict) {
        let case = Case::of(name).expect("a case");
        let rule = case.rule.clone().unwrap_or_default();
        let asked = asked.iter().map(|&kind| ((rule.clone(), kind), 1)).collect();
        (case, Verdict { asked, ..Verdict::default() })
    }

    #[test]
    fn folders_tell_which_rules_are_asked() {
        assert_eq!(Case::of("rules/slow/bad-a").and_then(|case| case.rule), Some("slow".to_owned()));
        assert_eq!(Case::of("estates/shop").map(|case| case.rule), Some(None));
        for other in ["", "rules", "rules/slow", "rules/slow/bad/cart", "renders/one", "estates/a/b"] {
            assert_eq!(Case::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_rule_has_to_be_seen_on_both_sides() {
        let shown = |results: &[_]| gaps(results, &|rule| rule == "always").into_values().flatten().collect::<Vec<_>>();
        let both = [result("rules/a/bad", &[MarkerKind::Expect]), result("rules/a/good-b", &[MarkerKind::Ok])];
        assert_eq!(shown(&both), [""; 0]);
        assert_eq!(shown(&[result("rules/a/mixed", &[MarkerKind::Expect, MarkerKind::Ok])]), [""; 0]);
        assert_eq!(shown(&both[..1]), ["no estate has an `ok: a`"]);
        assert_eq!(shown(&both[1..]), ["no estate has an `expect: a`"]);
        assert_eq!(
            shown(&[both[0].clone(), both[1].clone(), result("rules/a/good", &[])]),
            ["rules/a/good has no `ok: a`, so it proves nothing"]
        );
        assert_eq!(shown(&[result("rules/always/bad", &[MarkerKind::Expect])]), [""; 0]);
        assert_eq!(shown(&[result("estates/goods", &[])]), [""; 0]);
    }
}
