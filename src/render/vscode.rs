//! `--format vscode`: as gcc lines, with the range's end, for `editors/vscode-matcher.json`.
//!
//! The first and last line tell a background task when a run begins and ends.

use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::{Outcome, counted};

/// `path:line:column-line:column: severity: message [rule-id]`; the end is exclusive.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::from("archlint: checking\n");
    for finding in &outcome.judgement.findings {
        let (start, end) = outcome.sources.position(finding.span, ColumnUnit::Characters);
        out.push_str(&format!(
            "{}:{}:{}-{}:{}: {}: {} [{}]\n",
            escape::leading_path(outcome.sources.path(finding.span.file).as_str()),
            start.line,
            start.column,
            end.line,
            end.column,
            finding.severity.word(),
            escape::line(&finding.message),
            escape::line(finding.rule.as_str()),
        ));
    }
    match outcome.judgement.findings.len() {
        0 => out.push_str("archlint: clean\n"),
        findings => out.push_str(&format!("archlint: {}\n", counted(findings, "finding", "findings"))),
    }
    out
}
