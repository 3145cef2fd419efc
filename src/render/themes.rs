//! Findings by theme, in the order in which a review goes through them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::judge::finding::{Finding, Severity};
use crate::source::symbol::Symbol;

/// Themes in the order of a review; others follow by name.
const ORDER: &[&str] = &[
    "boundaries",
    "communication",
    "data",
    "resilience",
    "observability",
    "security",
    "deployment",
    "supply-chain",
    "analysis",
];

/// The findings of one theme, by severity (worst first) and rule.
pub struct Theme<'a> {
    /// `data`
    pub name: Symbol,
    /// Rules with their findings, in the judgement's order.
    pub rules: Vec<(Symbol, Severity, Vec<&'a Finding>)>,
}

impl Theme<'_> {
    /// The question of a review that its rules answer; empty for a theme of the user's own.
    pub fn asks(&self) -> &'static str {
        match self.name.as_str() {
            "boundaries" => "Is each service one thing, with one owner?",
            "communication" => "Do calls reach who they are meant for, in a form both sides agree on?",
            "data" => "Does each service own its data, and stay consistent where it does not?",
            "resilience" => "What happens when a callee is slow or gone?",
            "observability" => "Does anybody see what goes wrong, and where?",
            "security" => "Who can reach it, and with which rights?",
            "deployment" => "Does it start, scale, and stop without losing requests?",
            "supply-chain" => "Is what runs what was built and looked at?",
            "analysis" => "Does archlint see what it is asked to judge?",
            _ => "",
        }
    }

    /// Its findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.rules.iter().filter(|(_, of, _)| *of == severity).map(|(_, _, findings)| findings.len()).sum()
    }
}

/// Findings of one theme by severity, worst first, and rule.
type ByRule<'f> = BTreeMap<(Reverse<Severity>, Symbol), Vec<&'f Finding>>;

/// All themes that have findings.
pub fn themes(findings: &[Finding]) -> Vec<Theme<'_>> {
    let mut sorted: BTreeMap<(usize, Symbol), ByRule<'_>> = BTreeMap::new();
    for finding in findings {
        let place = ORDER.iter().position(|name| finding.category == *name).unwrap_or(ORDER.len());
        let rules = sorted.entry((place, finding.category)).or_default();
        rules.entry((Reverse(finding.severity), finding.rule)).or_default().push(finding);
    }
    let theme = |((_, name), rules): ((usize, Symbol), BTreeMap<_, Vec<_>>)| Theme {
        name,
        rules: rules
            .into_iter()
            .map(|((severity, rule), of): ((Reverse<Severity>, Symbol), _)| (rule, severity.0, of))
            .collect(),
    };
    sorted.into_iter().map(theme).collect()
}
