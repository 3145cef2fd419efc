//! The step summary of GitHub Actions: all findings as one table, where `--format github`
//! shows the first of them only.

use crate::judge::finding::{Finding, Severity};

use super::markdown::inline::{code, text};
use super::outcome::Outcome;
use super::sources::Sources;
use super::text::summary;

/// GitHub refuses a summary above 1 MiB (docs.github.com, "Workflow commands", read in August
/// 2026), and other tools of the same step may write to it too.
const SIZE_LIMIT: usize = 900 << 10;

/// A heading that counts, and a table of findings, the worst first; cut where it would be
/// refused, with a sentence about what is missing.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut findings: Vec<&Finding> = outcome.judgement.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut out = format!("### archlint: {}\n\n", summary(outcome));
    if findings.is_empty() {
        return out;
    }
    out.push_str("| | rule | finding | place |\n|---|---|---|---|\n");
    for (number, finding) in findings.iter().enumerate() {
        let row = row(finding, outcome.prefix, outcome.sources);
        if out.len() + row.len() > SIZE_LIMIT {
            out.push_str(&format!(
                "\n{} more are not shown: the summary of a step has a limit.\n",
                findings.len() - number
            ));
            break;
        }
        out.push_str(&row);
    }
    out.push('\n');
    out
}

fn row(finding: &Finding, prefix: &str, sources: &Sources<'_>) -> String {
    let sign = match finding.severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        Severity::Note => "ℹ️ note",
    };
    let place = format!("{prefix}{}", sources.place(finding.span));
    format!("| {sign} | {} | {} | {} |\n", code(&finding.rule), text(&finding.message), code(&place))
}
