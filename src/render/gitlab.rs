//! `--format gitlab`: GitLab's Code Quality report, a subset of Code Climate's
//! (docs.gitlab.com, "Code Quality report format", read in August 2026).

use serde::Serialize;

use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::json::written;
use super::outcome::Outcome;
use super::region::region;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// A list of issues; an empty one for a clean estate. GitLab compares fingerprints between
/// branches, so they are those that survive moved lines.
pub fn render(outcome: &Outcome<'_>) -> String {
    let issues: Vec<Issue> = outcome.judgement.findings.iter().map(|finding| issue(outcome, finding)).collect();
    written(&issues)
}

fn issue(outcome: &Outcome<'_>, finding: &Finding) -> Issue {
    let place = region(outcome, finding.span, ColumnUnit::Characters);
    Issue {
        // The name of the check is not shown, so the text repeats it.
        description: escape::line(&format!("{} [{}]", finding.message, finding.rule)),
        check_name: finding.rule.as_str(),
        fingerprint: finding.fingerprint.clone(),
        severity: match finding.severity {
            Severity::Note => "info",
            Severity::Warning => "minor",
            Severity::Error => "major",
        },
        location: Location { path: place.path, lines: Lines { begin: place.start.line, end: place.end.line } },
    }
}
