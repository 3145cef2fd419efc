//! `--format github`: workflow commands of GitHub Actions, which become annotations.
//!
//! Limits and escapes are those of actions/runner (`ExecutionContext.cs`, `ActionCommand.cs`)
//! and @actions/core 3.0.1, read in August 2026.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::graph::model::Confidence;
use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::region;

/// Annotations of one level that the runner keeps of a step.
const PER_LEVEL: usize = 10;
/// Characters of a message that the runner keeps.
const MESSAGE_LIMIT: usize = 4096;

/// At most ten commands for each level, of as many rules as there are, and one that counts
/// what was left out. Nothing at all for a clean estate, and nothing that is no command: whatever
/// else stands in a log may be read as one.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    let mut left_out = 0;
    for (severity, level) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")] {
        let findings = telling_first(&outcome.judgement.findings, severity);
        // What counts the others is a notice itself.
        let room = if severity == Severity::Note && (left_out > 0 || findings.len() > PER_LEVEL) {
            PER_LEVEL - 1
        } else {
            PER_LEVEL
        };
        left_out += findings.len().saturating_sub(room);
        for finding in findings.iter().take(room) {
            out.push_str(&annotation(outcome, finding, level));
            out.push('\n');
        }
    }
    if left_out > 0 {
        let findings = if left_out == 1 { "finding is" } else { "findings are" };
        out.push_str(&format!(
            "::notice title=archlint::{left_out} more {findings} not shown here; the step summary and --format sarif have them\n"
        ));
    }
    out
}

/// The findings of a severity: the first of each rule, then the second of each, and so on,
/// so that one rule does not take all the room; the surest ones before the others.
fn telling_first(findings: &[Finding], severity: Severity) -> Vec<&Finding> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, Reverse<Confidence>, &Finding)> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity == severity) {
        let count = seen.entry(finding.rule.as_str()).or_default();
        ranked.push((*count, Reverse(finding.confidence), finding));
        *count += 1;
    }
    ranked.sort_by_key(|&(rank, confidence, _)| (rank, confidence));
    ranked.into_iter().map(|(_, _, finding)| finding).collect()
}

fn annotation(outcome: &Outcome<'_>, finding: &Finding, level: &str) -> String {
    let place = region(outcome, finding.span, ColumnUnit::Characters);
    let mut properties = format!("file={},line={line},endLine={line}", property(&place.path), line = place.start.line);
    // A range without width is no range to the runner.
    if place.end.column > place.start.column {
        properties.push_str(&format!(",col={},endColumn={}", place.start.column, place.end.column));
    }
    let title = property(&finding.rule);
    let message: String = escape::line(&finding.message).chars().take(MESSAGE_LIMIT).collect();
    format!("::{level} {properties},title={title}::{}", data(&message))
}

/// Line breaks were written out before, so of the escapes only the sign itself is left.
fn data(text: &str) -> String {
    text.replace('%', "%25")
}

fn property(text: &str) -> String {
    data(&escape::line(text)).replace(':', "%3A").replace(',', "%2C")
}
