//! `--format gcc`: `path:line:column: severity: message [rule-id]`, one line a finding, which
//! VS Code's `$gcc`, vim, emacs and JetBrains understand.

use crate::judge::finding::Finding;
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::sources::Sources;

/// One line for each finding; nothing at all for a clean estate.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    for finding in &outcome.judgement.findings {
        out.push_str(&finding_line(finding, outcome.sources));
        out.push('\n');
    }
    out
}

/// One finding as one line, without a line break.
pub(super) fn finding_line(finding: &Finding, sources: &Sources<'_>) -> String {
    let (start, _) = sources.position(finding.span, ColumnUnit::Characters);
    format!(
        "{}:{}:{}: {}: {} [{}]",
        escape::leading_path(sources.path(finding.span.file).as_str()),
        start.line,
        start.column,
        finding.severity.word(),
        escape::line(&finding.message),
        escape::line(finding.rule.as_str()),
    )
}
