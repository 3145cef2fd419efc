//! What the estate's owners accept: statements in files and the baseline, with age and reason.

use std::cmp::Reverse;

use crate::judge::finding::{Finding, SuppressionState};
use crate::render::outcome::counted;
use crate::render::suppressions::{Listed, state};

use super::markup::{code, sentence, text};
use super::{Page, Table, findings, more};

/// Rows of a table.
const ROWS: usize = 300;
/// Findings under the table of statements that cover them.
const COVERED: usize = 300;

/// Statements, what they cover, and the baseline.
pub(super) fn section(page: &Page<'_>) -> String {
    let judgement = page.outcome.judgement;
    if judgement.suppressions.is_empty() && judgement.suppressed.is_empty() && judgement.baselined.is_empty() {
        return "<p>No finding is accepted: nothing is suppressed, and no baseline was compared with.</p>\n".to_owned();
    }
    let mut out = String::new();
    statements(&mut out, page);
    covered(&mut out, page);
    baselined(&mut out, page);
    out
}

/// The oldest first, those of unknown age last.
fn statements(out: &mut String, page: &Page<'_>) {
    let mut listed: Vec<&Listed<'_>> = page.beside.suppressions.iter().collect();
    if listed.is_empty() {
        return;
    }
    listed.sort_by_key(|one| (one.since.is_none(), one.since));
    out.push_str(
        "<h3>Suppressions</h3>\n<p class=\"more\">Statements in files and in the configuration that findings are \
         accepted, the oldest first. The age is that of the line in git.</p>\n",
    );
    let columns = ["Rule", "Where", "Reason", "State", "Since", "Until"];
    let mut table = Table::new("Suppressions by age", &columns);
    for Listed { suppression, since } in listed.iter().take(ROWS) {
        let works = matches!(suppression.state, SuppressionState::Used(_) | SuppressionState::NotAsked);
        let state = text(&state(&suppression.state));
        table.row(&[
            if suppression.rule.is_empty() { "none named".to_owned() } else { code(&suppression.rule) },
            page.place(suppression.span),
            suppression.reason.map_or("<b>none given</b>".to_owned(), |reason| text(&reason)),
            if works { state } else { format!("<b>{state}</b>") },
            page.beside.age(*since).unwrap_or_else(|| "not known".to_owned()),
            suppression.expires.map_or("for good".to_owned(), |day| code(&day)),
        ]);
    }
    out.push_str(&table.finish(listed.len(), "suppression", "suppressions"));
}

fn covered(out: &mut String, page: &Page<'_>) {
    let mut all: Vec<_> = page.outcome.judgement.suppressed.iter().collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_cached_key(|one| {
        (Reverse(one.finding.severity), page.outcome.sources.place(one.finding.span), one.finding.rule, one.span.start)
    });
    let count = counted(all.len(), "finding is", "findings are");
    out.push_str(&format!("<details><summary>{count} suppressed</summary><ul class=\"compact\">\n"));
    for one in all.iter().take(COVERED) {
        let until = one.expires.map_or_else(String::new, |day| format!(", until {}", text(&day)));
        let reason = text(&one.reason);
        out.push_str(&line(page, &one.finding, &format!("accepted at {}{until}: {reason}", page.place(one.span))));
    }
    out.push_str("</ul>");
    out.push_str(&more(all.len(), COVERED, "finding", "findings"));
    out.push_str("</details>\n");
}

/// The oldest first, of one day the worst.
fn baselined(out: &mut String, page: &Page<'_>) {
    let since = |one: &Finding| page.beside.baselined.get(&one.fingerprint).copied();
    let mut all: Vec<&Finding> = page.outcome.judgement.baselined.iter().collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_key(|one| (since(one).is_none(), since(one), Reverse(one.severity)));
    out.push_str(&format!(
        "<h3>Baseline</h3>\n<p class=\"more\">{} there when the baseline was written, the oldest first. A baseline \
         gives no reasons: what is to stay wants a suppression with one.</p>\n<details><summary>{}</summary>\
         <ul class=\"compact\">\n",
        counted(all.len(), "finding was", "findings were"),
        counted(all.len(), "baselined finding", "baselined findings"),
    ));
    for one in all.iter().take(ROWS) {
        let age = page.beside.age(since(one)).map_or_else(String::new, |age| format!("since {age}"));
        out.push_str(&line(page, one, &age));
    }
    out.push_str("</ul>");
    out.push_str(&more(all.len(), ROWS, "finding", "findings"));
    out.push_str("</details>\n");
}

fn line(page: &Page<'_>, finding: &Finding, how: &str) -> String {
    format!(
        "<li>{} {}, {} {}<br><span class=\"more\">{how}</span></li>\n",
        findings::badge(finding.severity),
        sentence(&finding.message),
        page.place(finding.span),
        code(&finding.rule),
    )
}
