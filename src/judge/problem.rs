//! Mistakes in what users write for the judge: where, what, and how to repair them.

use std::ops::Range;

use crate::source::span::Span;

/// A mistake in one expression or template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextProblem {
    /// Bytes of the expression's or template's own text.
    pub range: Range<usize>,
    /// One sentence without a full stop: "`call` has no attribute `timeot`".
    pub message: String,
    /// How to repair it: "did you mean `timeout`?".
    pub help: Option<String>,
}

impl TextProblem {
    /// A mistake without advice.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    /// Adds the advice.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A mistake in a rule file, or in what a configuration says about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// The shortest range that shows it: one key, one word of an expression.
    pub span: Span,
    /// One sentence without a full stop.
    pub message: String,
    /// How to repair it.
    pub help: Option<String>,
}

impl RuleProblem {
    /// A mistake without advice.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Adds the advice.
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// "did you mean `timeout`?" where a candidate is near enough to `name`, else the whole
/// list after `else_list` ("a call has: …"), shortened where it is long.
pub fn suggestion<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>, else_list: &str) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    if candidates.is_empty() {
        return None;
    }
    let mut shown: Vec<String> = candidates.iter().take(LISTED).map(|candidate| format!("`{candidate}`")).collect();
    if candidates.len() > LISTED {
        shown.push("…".to_owned());
    }
    Some(format!("{else_list}: {}", shown.join(", ")))
}

/// Longest list of names in an advice: more than a dozen is not read.
const LISTED: usize = 12;

/// The candidate that was most likely meant: at most a third of its letters differ, or it
/// begins with `name`. The first one where several are equally near.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let mut best: Option<(usize, &'c str)> = None;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
        let letters = name.chars().count().max(candidate.chars().count());
        let begins = name.len() >= 3 && candidate.starts_with(name);
        if (distance * 3 <= letters || begins) && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::{nearest, suggestion};

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["timeout", "timeout_ms", "synchronous", "to"];
        for (name, expected) in [
            ("timeot", Some("timeout")),
            ("Timeout", Some("timeout")),
            ("time_out", Some("timeout")),
            ("sync", Some("synchronous")),
            ("t", None),
            ("latency", None),
        ] {
            assert_eq!(nearest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn a_far_name_gets_the_list_and_a_long_list_is_cut() {
        assert_eq!(suggestion("x", ["aaa", "bbb"], "there are").as_deref(), Some("there are: `aaa`, `bbb`"));
        let many: Vec<String> = (0..40).map(|n| format!("name{n}")).collect();
        let help = suggestion("zzz", many.iter().map(String::as_str), "there are").unwrap_or_default();
        assert!(help.ends_with("`name11`, …"), "{help}");
        assert_eq!(suggestion("x", [], "there are"), None);
    }
}
