//! The findings by theme and rule: evidence, why it matters, the repair.

use crate::judge::finding::Finding;
use crate::render::escape;
use crate::render::html::markup::text as markup;
use crate::render::outcome::{Outcome, counted};
use crate::render::sources::Sources;
use crate::render::themes::themes;
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;

use super::inline::{code, fenced, text};
use super::{Room, more};

/// All of them by theme and rule, folded by rule.
pub(super) fn section(out: &mut String, outcome: &Outcome<'_>, room: Room) {
    out.push_str("## Findings\n\n");
    if outcome.judgement.findings.is_empty() {
        out.push_str("None.\n\n");
        return;
    }
    for theme in themes(&outcome.judgement.findings) {
        out.push_str(&format!("### {}\n\n", text(&theme.name)));
        for (rule, severity, findings) in theme.rules {
            let about = outcome.rules.get(&rule);
            let title = about.filter(|about| !about.title.is_empty());
            let title = title.map_or_else(String::new, |about| format!(", {}", markup(&about.title)));
            out.push_str(&format!(
                "<details>\n<summary>{} <code>{}</code>{title}: {}</summary>\n\n",
                severity.word(),
                markup(&rule),
                counted(findings.len(), "finding", "findings"),
            ));
            if let Some(about) = about.filter(|_| room.about) {
                paragraphs(out, &about.why);
                paragraphs(out, &about.fix);
            }
            for finding in findings.iter().take(room.full) {
                full(out, finding, outcome.sources, room);
            }
            let rest = findings.get(room.full..).unwrap_or_default();
            let shown = rest.len().min(room.compact);
            for finding in rest.iter().take(shown) {
                let place = code(&outcome.sources.place(finding.span));
                out.push_str(&format!("- {} at {place}\n", text(&finding.message)));
            }
            more(out, rest.len(), shown, "finding", "findings");
            out.push_str(if rest.is_empty() { "</details>\n\n" } else { "\n</details>\n\n" });
        }
    }
}

fn full(out: &mut String, finding: &Finding, sources: &Sources<'_>, room: Room) {
    out.push_str(&format!(
        "**{}** ({}) at {}\n\n",
        text(&finding.message),
        finding.confidence.word(),
        code(&sources.place(finding.span))
    ));
    let excerpt = excerpt(finding.span, sources);
    if !excerpt.is_empty() {
        out.push_str(&fenced("", &excerpt));
        out.push('\n');
    }
    for place in finding.related.iter().take(room.places) {
        out.push_str(&format!("- {}: {}\n", code(&sources.place(place.span)), text(&place.message)));
    }
    more(out, finding.related.len(), room.places, "place", "places");
    if !finding.related.is_empty() {
        out.push('\n');
    }
    if !finding.help.is_empty() {
        out.push_str(&format!("Repair: {}\n\n", text(&finding.help)));
    }
}

/// Numbered lines of a place; empty where the file is gone.
fn excerpt(span: Span, sources: &Sources<'_>) -> String {
    let (start, _) = sources.position(span, ColumnUnit::Characters);
    let lines = sources.excerpt(span, 1);
    let width = lines.last().map_or(1, |line| line.number.to_string().len());
    let mut out = String::new();
    for line in &lines {
        let mark = if line.number == start.line { '>' } else { ' ' };
        let (before, after) = (if line.cut_before { "…" } else { "" }, if line.cut_after { "…" } else { "" });
        let row = format!("{mark} {:width$} | {before}{}{after}", line.number, escape::source(&line.text));
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// A rule's own text: paragraphs stay, all else is text.
fn paragraphs(out: &mut String, about: &str) {
    for line in about.trim().lines() {
        // Four spaces make code, in which nothing is markup.
        if line.starts_with("    ") {
            out.push_str(&escape::line(line.trim_end()));
        } else {
            out.push_str(&text(line.trim()));
        }
        out.push('\n');
    }
    if !about.trim().is_empty() {
        out.push('\n');
    }
}
