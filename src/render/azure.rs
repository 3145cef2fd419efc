//! `--format azure`: logging commands of Azure Pipelines, which show findings on the run's page
//! (learn.microsoft.com, "Logging commands"; escapes as in azure-pipelines-task-lib 5).

use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::gcc::finding_line;
use super::outcome::Outcome;
use super::region::region;

/// One command for each error and warning. There is no level for notes: they are lines of
/// the log.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    for finding in &outcome.judgement.findings {
        match finding.severity {
            Severity::Error => out.push_str(&issue(outcome, finding, "error")),
            Severity::Warning => out.push_str(&issue(outcome, finding, "warning")),
            Severity::Note => out.push_str(&finding_line(finding, outcome.sources)),
        }
        out.push('\n');
    }
    out
}

fn issue(outcome: &Outcome<'_>, finding: &Finding, level: &str) -> String {
    let place = region(outcome, finding.span, ColumnUnit::Characters);
    format!(
        "##vso[task.logissue type={level};sourcepath={};linenumber={};columnnumber={};code={};]{}",
        property(&place.path),
        place.start.line,
        place.start.column,
        property(&finding.rule),
        data(&finding.message),
    )
}

/// Line breaks were written out before, so of the escapes only the sign itself is left.
fn data(text: &str) -> String {
    escape::line(text).replace('%', "%AZP25")
}

fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
