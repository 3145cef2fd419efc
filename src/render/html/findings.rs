//! The findings by theme and rule: evidence, why it matters, the repair.

use crate::judge::finding::{Finding, Severity};
use crate::render::outcome::counted;
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;

use super::markup::{code, paragraphs, sentence, source, text};
use super::{Page, chains, digest, more};

/// Findings of one rule that are shown with their excerpt; the others are one line each.
const FULL: usize = 12;
/// Those of them that are open at first: what a rule means is seen from a few.
const OPEN: usize = 3;
/// Lines for further findings of one rule, and where there are very many findings in all.
const COMPACT: usize = 1_000;
const COMPACT_OF_MANY: usize = 20;
const MANY: usize = 2_000;
/// Places under one finding.
const PLACES: usize = 12;
/// Services linked under one finding.
const SERVICES: usize = 8;

/// How many findings of one rule the page shows; the JSON report has all.
pub(super) fn most_of_a_rule(all: usize) -> usize {
    FULL + if all > MANY { COMPACT_OF_MANY } else { COMPACT }
}

/// All themes.
pub(super) fn section(page: &Page<'_>) -> String {
    if page.themes.is_empty() {
        return "<p>None.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<form class=\"tools\" id=\"finding-tools\"><label>Filter findings <input type=\"search\" id=\"finding-filter\" \
         placeholder=\"service, file, rule\"></label> \
         <fieldset><legend>Show</legend><label><input type=\"checkbox\" value=\"error\" checked> errors</label> \
         <label><input type=\"checkbox\" value=\"warning\" checked> warnings</label> \
         <label><input type=\"checkbox\" value=\"note\" checked> notes</label></fieldset> \
         <output id=\"finding-count\"></output></form>\n",
    );
    for theme in &page.themes {
        let name = text(&theme.name);
        out.push_str(&format!(
            "<h3 id=\"theme-{}\">{name}</h3>\n<p class=\"more\">{}</p>\n",
            slug(&theme.name),
            text(theme.asks())
        ));
        for (rule, severity, findings) in &theme.rules {
            of_rule(&mut out, page, rule, *severity, findings);
        }
    }
    out
}

fn of_rule(
    out: &mut String,
    page: &Page<'_>,
    rule: &crate::source::symbol::Symbol,
    severity: Severity,
    findings: &[&Finding],
) {
    let about = page.outcome.rules.get(rule);
    let title = about.map_or("", |about| about.title.as_str());
    let title = if title.is_empty() { String::new() } else { format!(": {}", text(title)) };
    out.push_str(&format!(
        "<details class=\"rule\" id=\"{anchor}\" data-severity=\"{0}\" open><summary><h4>{1}{title}</h4> {2} {number}</summary>\n",
        severity.word(),
        code(rule),
        badge(severity),
        number = counted(findings.len(), "finding", "findings"),
        anchor = rule_anchor(rule, severity),
    ));
    if let Some(about) = about {
        // Each finding says its own repair; that of the rule, with its examples, is folded.
        out.push_str("<div class=\"about\">");
        out.push_str(&paragraphs(&about.why));
        out.push_str("<details><summary>How to repair it in general</summary>");
        out.push_str(&paragraphs(&about.fix));
        out.push_str("</details></div>\n");
    }
    for (at, finding) in findings.iter().take(FULL).enumerate() {
        full(out, page, finding, at >= OPEN);
    }
    let rest = findings.get(FULL..).unwrap_or_default();
    if !rest.is_empty() {
        out.push_str(&format!(
            "<details><summary>{} of the same rule</summary><ul class=\"compact\">\n",
            counted(rest.len(), "more finding", "more findings")
        ));
        let most = most_of_a_rule(page.outcome.judgement.findings.len()) - FULL;
        for finding in rest.iter().take(most) {
            out.push_str(&format!(
                "<li id=\"{}\" class=\"finding\">{}{} {}</li>\n",
                anchor(finding),
                sentence(&finding.message),
                new_mark(page, finding),
                page.place(finding.span),
            ));
        }
        out.push_str("</ul>");
        out.push_str(&more(rest.len(), most, "finding", "findings"));
        out.push_str("</details>\n");
    }
    out.push_str("</details>\n");
}

/// One finding with its evidence; `folded`: its sentence and its place are seen at first.
fn full(out: &mut String, page: &Page<'_>, finding: &Finding, folded: bool) {
    let (anchor, message, new) = (anchor(finding), sentence(&finding.message), new_mark(page, finding));
    let place = page.place(finding.span);
    let severity = badge(finding.severity);
    if folded {
        out.push_str(&format!(
            "<article class=\"finding\" id=\"{anchor}\"><details><summary><h5>{message}{new}</h5> {place}</summary>\n\
             <p class=\"where\">{severity} {}",
            finding.confidence.word(),
        ));
    } else {
        out.push_str(&format!(
            "<article class=\"finding\" id=\"{anchor}\"><h5>{message}{new}</h5>\n\
             <p class=\"where\">{severity} {place} · {}",
            finding.confidence.word(),
        ));
    }
    if !finding.services.is_empty() {
        let links: Vec<String> = finding.services.iter().take(SERVICES).map(|name| page.named(name)).collect();
        let rest = finding.services.len().saturating_sub(SERVICES);
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        out.push_str(&format!(" · {}{rest}", links.join(", ")));
    }
    out.push_str("</p>\n");
    out.push_str(&chains::of_finding(page, finding));
    out.push_str(&excerpt(page, finding.span));
    if !finding.related.is_empty() {
        out.push_str("<ul class=\"places\">");
        for place in finding.related.iter().take(PLACES) {
            out.push_str(&format!("<li>{}: {}</li>\n", page.place(place.span), text(&place.message)));
        }
        out.push_str("</ul>");
        out.push_str(&more(finding.related.len(), PLACES, "place", "places"));
    }
    if !finding.help.is_empty() {
        out.push_str(&format!("<p><b>Repair</b> {}</p>", sentence(&finding.help)));
    }
    out.push_str(if folded { "</details></article>\n" } else { "</article>\n" });
}

/// Numbered lines of a place with secrets masked; empty where the file is gone.
fn excerpt(page: &Page<'_>, span: Span) -> String {
    let sources = page.outcome.sources;
    let (start, _) = sources.position(span, ColumnUnit::Characters);
    let lines = sources.excerpt(span, 1);
    if lines.is_empty() {
        return String::new();
    }
    let width = lines.last().map_or(1, |line| line.number.to_string().len());
    let mut out = String::from("<pre tabindex=\"0\"><code>");
    for line in &lines {
        let marked = line.number == start.line;
        let (open, close) = if marked { ("<mark>", "</mark>") } else { ("", "") };
        let (before, after) = (if line.cut_before { "…" } else { "" }, if line.cut_after { "…" } else { "" });
        let mark = if marked { '>' } else { ' ' };
        let text = source(&line.text);
        out.push_str(&format!("{open}{mark} {:width$} | {before}{text}{after}{close}\n", line.number));
    }
    out.push_str("</code></pre>\n");
    out
}

/// The severity in a box, as a word.
pub(super) fn badge(severity: Severity) -> String {
    format!("<b class=\"{0}\">{0}</b>", severity.word())
}

/// A finding's sentence as a link to it.
pub(super) fn link(page: &Page<'_>, finding: &Finding) -> String {
    linked(page, finding, &sentence(&finding.message))
}

/// As [`link`], the sentence cut to so many characters.
pub(super) fn short_link(page: &Page<'_>, finding: &Finding, most: usize) -> String {
    if finding.message.chars().count() <= most {
        return link(page, finding);
    }
    let cut: String = finding.message.chars().take(most).collect();
    linked(page, finding, &sentence(&format!("{}…", cut.trim_end())))
}

/// The id of a rule's findings of one severity.
pub(super) fn rule_anchor(rule: &str, severity: Severity) -> String {
    format!("rule-{}-{}", severity.word(), slug(rule))
}

/// A finding's rule as a link to it.
pub(super) fn rule_link(page: &Page<'_>, finding: &Finding) -> String {
    linked(page, finding, &text(&finding.rule))
}

/// Words without a link where the page does not show the finding.
fn linked(page: &Page<'_>, finding: &Finding, words: &str) -> String {
    if page.shown.contains(finding.fingerprint.as_str()) {
        format!("<a href=\"#{}\">{words}</a>", anchor(finding))
    } else {
        words.to_owned()
    }
}

fn new_mark(page: &Page<'_>, finding: &Finding) -> &'static str {
    match page.beside.trend {
        Some(trend) if trend.new.contains(&finding.fingerprint) => " <b class=\"new\">new</b>",
        Some(_) | None => "",
    }
}

/// The same in each report of the estate. Short, since large pages have ten thousand links.
fn anchor(finding: &Finding) -> String {
    format!("f{}", digest::short(&finding.fingerprint))
}

/// Letters and digits of a text, the rest as hyphens: for ids.
pub(super) fn slug(text: &str) -> String {
    text.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect()
}
