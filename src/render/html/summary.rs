//! The page's head: verdict, counts by theme and severity, what changed, where to begin.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::judge::finding::{Finding, Severity};
use crate::render::outcome::{counted, counts};
use crate::render::trend::change;
use crate::source::symbol::Symbol;

use super::markup::{code, sentence, text};
use super::{Page, Table, findings, more};

/// Findings named as those to begin with.
const FIRST: usize = 10;
/// Fixed findings that are listed.
const FIXED: usize = 100;

/// The setting of the check that the verdict is that of.
const GATE: &str = "<code>archlint check --fail-on error</code>";
/// Why more checks than calls or services may be undecided.
const HINT: &str = "<p class=\"made\">A check is one rule asked of one subject: ten rules about a call whose code was not \
                    read are ten undecided checks.</p>\n";

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

/// Title and verdict.
pub(super) fn header(page: &Page<'_>) -> String {
    let counts = counts(page.outcome.judgement);
    let graph = page.outcome.graph;
    let verdict = if counts.errors > 0 {
        format!("<strong class=\"fails\">Fails</strong> {GATE}: {}", counted(counts.errors, "error", "errors"))
    } else {
        format!("<strong class=\"passes\">Passes</strong> {GATE}: no errors")
    };
    let accepted = match page.outcome.judgement.suppressed.len() + page.outcome.judgement.baselined.len() {
        0 => String::new(),
        number => format!(", <a href=\"#accepted\">{number} accepted</a>"),
    };
    let not_verified = page.outcome.judgement.undecided.len();
    let hint = if not_verified == 0 { "" } else { HINT };
    let commit = page.beside.commit.as_ref().map_or_else(String::new, |commit| format!(" at commit {}", code(commit)));
    format!(
        "<header><h1>{}</h1>\n<p class=\"verdict\">{verdict}, {}, {} in {}; \
         <a href=\"#gaps\">{}</a>{accepted}.</p>\n{hint}\
         <p class=\"made\">archlint {}{commit}. Read: {}.</p></header>\n",
        text(&page.beside.heading()),
        counted(counts.warnings, "warning", "warnings"),
        counted(counts.notes, "note", "notes"),
        counted(graph.services.len(), "service", "services"),
        counted(not_verified, "check could not be decided", "checks could not be decided"),
        text(page.outcome.version),
        page.outcome.coverage.words(),
    )
}

/// Counts, trend and the findings to begin with.
pub(super) fn section(page: &Page<'_>) -> String {
    let graph = page.outcome.graph;
    let mut out = String::from("<ul class=\"figures\">");
    for (number, one, many, link) in [
        (graph.services.len(), "service", "services", "services"),
        (graph.databases.len(), "database", "databases", "data"),
        (graph.channels.len(), "channel", "channels", "data"),
        (graph.calls.len(), "call", "calls", "coupling"),
        (crate::infer::coupling::public_surface(graph).len(), "way in", "ways in", "surface"),
    ] {
        let what = if number == 1 { one } else { many };
        out.push_str(&format!("<li><a href=\"#{link}\"><b>{number}</b> {what}</a></li>"));
    }
    out.push_str("</ul>\n");
    out.push_str(&by_theme(page));
    out.push_str(&trend(page));
    out.push_str(&first(page));
    out
}

fn by_theme(page: &Page<'_>) -> String {
    if page.themes.is_empty() {
        return "<p>No rule found anything.</p>\n".to_owned();
    }
    let mut table = Table::new("Findings by theme and severity", &["Theme", "#Errors", "#Warnings", "#Notes", "Asks"]);
    for theme in &page.themes {
        let mut cells = vec![format!("<a href=\"#theme-{}\">{}</a>", findings::slug(&theme.name), text(&theme.name))];
        for severity in SEVERITIES {
            let now = theme.count(severity);
            let before = page.beside.trend.and_then(|trend| trend.before_in(&theme.name, severity));
            cells.push(before.map_or_else(|| now.to_string(), |before| format!("{now} ({})", change(before, now))));
        }
        cells.push(text(theme.asks()));
        table.row(&cells);
    }
    table.finish(page.themes.len(), "theme", "themes")
        + "<p class=\"more\">An error breaks a rule on evidence that was seen in code or deployed configuration. \
           A warning is weaker evidence or a weaker rule. A note is advice for a review.</p>\n"
}

fn trend(page: &Page<'_>) -> String {
    let Some(trend) = page.beside.trend else { return String::new() };
    let now = counts(page.outcome.judgement);
    let mut out = format!(
        "<h3>Since the earlier report</h3>\n<ul class=\"figures\"><li><b>{}</b> new</li><li><b>{}</b> fixed</li>\
         <li><b>{}</b> unchanged</li>{}</ul>\n<p>Errors {} ({}), warnings {} ({}), notes {} ({}).</p>\n",
        trend.new.len(),
        trend.fixed.len(),
        trend.unchanged,
        match trend.accepted {
            0 => String::new(),
            number => format!("<li><a href=\"#accepted\"><b>{number}</b> accepted since</a></li>"),
        },
        now.errors,
        change(trend.before.errors, now.errors),
        now.warnings,
        change(trend.before.warnings, now.warnings),
        now.notes,
        change(trend.before.notes, now.notes),
    );
    if trend.accepted > 0 {
        out.push_str(
            "<p class=\"more\">What is accepted since is there still: it is not fixed, and not counted any more.</p>\n",
        );
    }
    let fresh = page.outcome.judgement.findings.iter().filter(|one| trend.new.contains(&one.fingerprint));
    let fresh: Vec<&Finding> = fresh.collect();
    if !fresh.is_empty() {
        out.push_str("<details open><summary>New</summary><ul>\n");
        for finding in fresh.iter().take(FIXED) {
            out.push_str(&format!(
                "<li>{} {}</li>\n",
                findings::badge(finding.severity),
                findings::link(page, finding)
            ));
        }
        out.push_str("</ul>");
        out.push_str(&more(fresh.len(), FIXED, "finding", "findings"));
        out.push_str("</details>\n");
    }
    if !trend.fixed.is_empty() {
        out.push_str("<details><summary>Fixed</summary><ul>\n");
        for one in trend.fixed.iter().take(FIXED) {
            let (message, place, rule) = (sentence(&one.message), code(&one.place), code(&one.rule));
            out.push_str(&format!("<li>{} {message}, {place} {rule}</li>\n", findings::badge(one.severity)));
        }
        out.push_str("</ul>");
        out.push_str(&more(trend.fixed.len(), FIXED, "finding", "findings"));
        out.push_str("</details>\n");
    }
    out
}

/// Errors first, then by the services that fail with those concerned.
fn first(page: &Page<'_>) -> String {
    let reach = |finding: &Finding| {
        let of = |name| page.names.get(name).and_then(|id| page.coupling.services.get(id.0 as usize));
        let dependents = finding.services.iter().filter_map(of).filter_map(|one| one.dependents).max();
        finding.services.len().max(dependents.map_or(0, |count| count + 1))
    };
    let mut ranked: Vec<&Finding> = page.outcome.judgement.findings.iter().collect();
    ranked.sort_by_cached_key(|one| (Reverse(one.severity), Reverse(one.confidence), Reverse(reach(one))));
    // One of each rule: ten times the same says no more than once.
    let mut number: BTreeMap<Symbol, usize> = BTreeMap::new();
    ranked.retain(|one| {
        let known = number.entry(one.rule).or_default();
        *known += 1;
        *known == 1
    });
    if ranked.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<h3>Where to begin</h3>\n<p class=\"more\">One finding of each rule, the one that concerns most services: \
         those that it names and those that wait for them. Errors come first, then warnings; of equal ones that with the \
         surest evidence.</p>\n<ol>\n",
    );
    for finding in ranked.iter().take(FIRST) {
        out.push_str(&format!(
            "<li>{} {} <span class=\"more\">({}{}{})</span></li>\n",
            findings::badge(finding.severity),
            findings::link(page, finding),
            format_args!(
                "<a href=\"#{}\">{}</a>",
                findings::rule_anchor(&finding.rule, finding.severity),
                text(&finding.rule)
            ),
            match number.get(&finding.rule) {
                None | Some(0 | 1) => String::new(),
                Some(all) => format!(", one of {all}"),
            },
            match reach(finding) {
                0 => String::new(),
                number => format!(", concerns {}", counted(number, "service", "services")),
            },
        ));
    }
    out.push_str("</ol>\n");
    out
}
