//! The list of suppressions, as text and as `archlint.suppressions/v1`.

use serde::Serialize;

use crate::judge::day::Day;
use crate::judge::finding::{SuppressionState, SuppressionUse};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::json::written;
use super::outcome::counted;
use super::sources::Sources;

/// A suppression with its age.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// The suppression.
    pub suppression: &'a SuppressionUse,
    /// When its line was last changed; `None` where nobody knows.
    pub since: Option<Day>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    suppressions: Vec<Entry>,
}

/// A suppression as JSON has it.
#[derive(Serialize)]
pub(super) struct Entry {
    path: &'static str,
    line: u32,
    form: &'static str,
    rule: &'static str,
    state: &'static str,
    findings: usize,
    reason: &'static str,
    expires: Option<&'static str>,
    since: Option<String>,
    age_days: Option<i64>,
    problem: Option<String>,
}

/// One line for each, in the order given, and one that sums up:
/// `deploy/probe.yaml:9: privileged-container: covers 1 finding, since 2026-01-31 (296 days): reason`
pub fn text(listed: &[Listed<'_>], sources: &Sources<'_>, today: Day) -> String {
    let mut out = String::new();
    for Listed { suppression, since } in listed {
        let place = sources.place(suppression.span);
        let rule = if suppression.rule.is_empty() { "no rule" } else { suppression.rule.as_str() };
        let mut parts = vec![state(&suppression.state)];
        if let Some(day) = since {
            let age = usize::try_from(day.days_until(today)).unwrap_or(0);
            parts.push(format!("since {day} ({})", counted(age, "day", "days")));
        }
        if let Some(day) = suppression.expires {
            parts.push(format!("until {day}"));
        }
        let reason = suppression.reason.map_or(String::new(), |reason| format!(": {reason}"));
        let line = format!("{rule}: {}{reason}", parts.join(", "));
        out.push_str(&format!("{}: {}\n", escape::leading_path(&place), escape::line(&line)));
    }
    let count =
        |wanted: fn(&SuppressionState) -> bool| listed.iter().filter(|one| wanted(&one.suppression.state)).count();
    out.push_str(&format!(
        "{}: {} used, {} unused, {} expired, {} invalid\n",
        counted(listed.len(), "suppression", "suppressions"),
        count(|state| matches!(state, SuppressionState::Used(_))),
        count(|state| matches!(state, SuppressionState::Unused)),
        count(|state| matches!(state, SuppressionState::Expired)),
        count(|state| matches!(state, SuppressionState::Invalid(_))),
    ));
    escape::log_safe(&out)
}

/// The same as one JSON document.
pub fn json(listed: &[Listed<'_>], sources: &Sources<'_>, today: Day, version: &'static str) -> String {
    let suppressions = entries(listed, sources, Some(today));
    written(&Document { schema: "archlint.suppressions/v1", version, suppressions })
}

/// The list as JSON has it; no ages without a day.
pub(super) fn entries(listed: &[Listed<'_>], sources: &Sources<'_>, today: Option<Day>) -> Vec<Entry> {
    let entry = |Listed { suppression, since }: &Listed<'_>| {
        let (word, findings, problem) = match &suppression.state {
            SuppressionState::Used(findings) => ("used", *findings, None),
            SuppressionState::Unused => ("unused", 0, None),
            SuppressionState::Expired => ("expired", 0, None),
            SuppressionState::NotAsked => ("not-asked", 0, None),
            SuppressionState::Invalid(problem) => ("invalid", 0, Some(problem.clone())),
        };
        Entry {
            path: sources.path(suppression.span.file).as_str(),
            line: sources.position(suppression.span, ColumnUnit::Characters).0.line,
            form: suppression.form.word(),
            rule: suppression.rule.as_str(),
            state: word,
            findings,
            reason: suppression.reason.map_or("", |reason| reason.as_str()),
            expires: suppression.expires.map(|day| day.as_str()),
            since: since.map(|day| day.to_string()),
            age_days: since.zip(today).map(|(day, today)| day.days_until(today)),
            problem,
        }
    };
    listed.iter().map(entry).collect()
}

/// `covers 2 findings`, `expired`
pub(super) fn state(state: &SuppressionState) -> String {
    match state {
        SuppressionState::Used(findings) => format!("covers {}", counted(*findings, "finding", "findings")),
        SuppressionState::Unused => "unused".to_owned(),
        SuppressionState::Expired => "expired".to_owned(),
        SuppressionState::NotAsked => "not looked at".to_owned(),
        SuppressionState::Invalid(problem) => format!("invalid ({problem})"),
    }
}
