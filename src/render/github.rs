//! `--format github`: workflow commands of GitHub Actions, which become annotations.
//!
//! Limits and escapes are those of actions/runner (`ExecutionContext.cs`, `ActionCommand.cs`)
//! and @actions/core 3.0.1, read in August 2026.

use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::region;

/// Annotations of one level that the runner keeps of a step.
const PER_LEVEL: usize = 10;
/// Characters of a message that the runner keeps.
const MESSAGE_LIMIT: usize = 4096;

/// At most ten commands for each level, the surest findings first, and one that counts what
/// was left out. Nothing at all for a clean estate, and nothing that is no command: whatever
/// else stands in a log may be read as one.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    let mut left_out = 0;
    for (severity, level) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "notice")] {
        let mut findings: Vec<&Finding> =
            outcome.judgement.findings.iter().filter(|finding| finding.severity == severity).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.confidence));
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
