//! `--format teamcity`: service messages that TeamCity lists as inspections
//! (jetbrains.com/help/teamcity, "Service Messages", 2022.12).

use std::collections::BTreeMap;

use crate::judge::finding::Severity;
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::region;

/// Longest id, name or category, in characters.
const NAME_LIMIT: usize = 255;
/// Longest description or message, in characters.
const TEXT_LIMIT: usize = 4000;

/// The rules that fired as types of inspections, then the findings.
pub fn render(outcome: &Outcome<'_>) -> String {
    let findings = &outcome.judgement.findings;
    let rules: BTreeMap<&str, &str> = findings.iter().map(|one| (one.rule.as_str(), one.category.as_str())).collect();
    let mut out = String::new();
    for (rule, category) in rules {
        let why = outcome.rules.iter().find(|(id, _)| id.as_str() == rule).map_or("", |(_, text)| text.why.as_str());
        // Both are required, and a description may be HTML.
        let description =
            if why.is_empty() { rule.to_owned() } else { why.split_whitespace().collect::<Vec<_>>().join(" ") };
        let description = description.replace('&', "&amp;").replace('<', "&lt;");
        out.push_str(&format!(
            "##teamcity[inspectionType id='{id}' name='{id}' category='{}' description='{}']\n",
            value(category, NAME_LIMIT),
            value(&description, TEXT_LIMIT),
            id = value(rule, NAME_LIMIT),
        ));
    }
    for finding in findings {
        let place = region(outcome, finding.span, ColumnUnit::Characters);
        let severity = match finding.severity {
            Severity::Note => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        };
        out.push_str(&format!(
            "##teamcity[inspection typeId='{}' message='{}' file='{}' line='{}' SEVERITY='{severity}']\n",
            value(&finding.rule, NAME_LIMIT),
            value(&finding.message, TEXT_LIMIT),
            value(&place.path, TEXT_LIMIT),
            place.start.line,
        ));
    }
    out
}

/// At most `limit` characters of `text`, escaped for a value in single quotes. Hidden
/// characters, line breaks among them, are written out.
fn value(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let shown = escape::line(text);
    for character in shown.chars().take(limit) {
        if matches!(character, '|' | '\'' | '[' | ']') {
            out.push('|');
        }
        out.push(character);
    }
    out
}
