//! The text of one suppression: rules, reason, and the day until which it holds.

use std::ops::Range;

use crate::facts::suppression::SuppressionFlaw;
use crate::syntax::spelling::nearest;

/// A suppression's text taken apart; ranges are bytes of that text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Statement<'t> {
    /// The ids between the brackets, trimmed, none empty.
    pub rules: Vec<(&'t str, Range<usize>)>,
    /// What is left of the text behind the brackets; empty where nothing is said.
    pub reason: String,
    /// The day as it was written; empty for `(expires)`.
    pub expires: Option<(&'t str, Range<usize>)>,
    /// What keeps it from being read.
    pub flaw: Option<SuppressionFlaw>,
}

/// Reads the text of a comment that begins with `archlint`; `None` where it is none of ours,
/// such as prose that begins so.
pub fn of_comment(text: &str) -> Option<Statement<'_>> {
    let rest = text.strip_prefix("archlint")?;
    let behind = rest.trim_start_matches([' ', '\t']);
    let (directive, has_colon) = match behind.strip_prefix(':') {
        Some(directive) => (directive.trim_start(), true),
        None => (rest.trim_start_matches([' ', '\t', '-']), false),
    };
    let end = directive.find(|letter: char| !letter.is_ascii_alphabetic() && letter != '-').unwrap_or(directive.len());
    let (word, behind) = directive.split_at_checked(end)?;
    let behind = behind.trim_start();
    if !has_colon {
        // `archlint ignores …` is prose; with a bracket it is meant for us.
        let meant = word == "ignore" && behind.starts_with('[');
        return meant.then(|| Statement { flaw: Some(SuppressionFlaw::NoColon), ..Statement::default() });
    }
    if word != "ignore" {
        // `# archlint: run it before you push` is prose, and so is `archlint: ignores …`.
        let slip = !word.starts_with("ignore") && nearest(word, &["ignore"]).is_some();
        let meant = behind.starts_with('[') || slip;
        return meant.then(|| Statement { flaw: Some(SuppressionFlaw::OtherWord), ..Statement::default() });
    }
    let Some(list) = behind.strip_prefix('[') else {
        return Some(Statement { flaw: Some(SuppressionFlaw::NoRule), ..Statement::default() });
    };
    let Some((list, reason)) = list.split_once(']') else {
        return Some(Statement { flaw: Some(SuppressionFlaw::NeverClosed), ..Statement::default() });
    };
    let mut statement = Statement::default();
    for id in list.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        statement.rules.push((id, range_of(id, text)));
    }
    if statement.rules.is_empty() {
        statement.flaw = Some(SuppressionFlaw::NoRule);
    }
    statement.explain(reason, text);
    Some(statement)
}

/// Reads a reason alone, as an annotation has it.
pub fn of_reason(text: &str) -> Statement<'_> {
    let mut statement = Statement::default();
    statement.explain(text, text);
    statement
}

impl<'t> Statement<'t> {
    /// Divides `reason`, a part of `whole`, into the reason proper and its end.
    fn explain(&mut self, reason: &'t str, whole: &'t str) {
        let (before, behind) = match expiry(reason) {
            Some((outer, day)) => {
                self.expires = Some((day, range_of(day, whole)));
                (reason.get(..outer.start).unwrap_or(""), reason.get(outer.end..).unwrap_or(""))
            }
            None => (reason, ""),
        };
        let separator = |letter: char| letter.is_whitespace() || matches!(letter, ':' | '-' | '–' | '—');
        let said = [before, behind].map(|part| part.trim_matches(separator)).join(" ").trim().to_owned();
        if said.chars().any(char::is_alphanumeric) {
            self.reason = said;
        }
    }
}

/// `(expires 2027-01-31)`, or the same without brackets where a digit follows: its range in
/// `text`, and the day. Whatever stands behind `(expires` is a day: one that cannot be read
/// must not hold for good.
fn expiry(text: &str) -> Option<(Range<usize>, &str)> {
    for (at, word) in text.match_indices("expires") {
        let before = text.get(..at)?;
        let bracket = before.trim_end().ends_with('(');
        if !bracket && before.ends_with(char::is_alphanumeric) {
            continue;
        }
        let behind = text.get(at + word.len()..)?;
        let day = behind.trim_start_matches([' ', '\t', ':']);
        if bracket {
            let (day, closed) = day.split_once(')').map_or((day, 0), |(day, _)| (day, 1));
            let start = before.trim_end().len() - 1;
            let end = range_of(day, text).end + closed;
            return Some((start..end, day.trim()));
        }
        let length = day.find(|letter: char| letter.is_whitespace() || letter == ')').unwrap_or(day.len());
        let day = day.get(..length)?;
        if behind.starts_with([' ', ':']) && day.starts_with(|letter: char| letter.is_ascii_digit()) {
            return Some((at..range_of(day, text).end, day.trim_end_matches(['.', ',', ';'])));
        }
    }
    None
}

/// Where `part`, a slice of `whole`, stands in it.
fn range_of(part: &str, whole: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}
