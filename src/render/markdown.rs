//! `report --format markdown`: the review of an estate, for a merge request or a wiki.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::answer::Answer;
use crate::graph::model::{Graph, Route, ServiceId};
use crate::graph::words::route_word;
use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::beside::Beside;
use super::escape;
use super::mermaid::{MAX_CHARACTERS, flowchart};
use super::outcome::{Outcome, counted, counts};
use super::picture::picture;
use super::sources::Sources;
use super::trend::{Trend, change};

use inline::{code, fenced, text};

mod accepted;
pub mod inline;

/// Above this the picture is no picture any more.
const MAX_PICTURE_NODES: usize = 60;
/// Findings of one rule that are shown with excerpt; the others are one line each.
const FULL_FINDINGS: usize = 10;
/// Lines for further findings of one rule; errors are never left out.
const COMPACT_FINDINGS: usize = 100;
/// Places under one finding.
const EVIDENCE_PLACES: usize = 20;
/// Rows of the tables and lists that rank or enumerate.
const HOT_SPOTS: usize = 15;
const MAX_ROWS: usize = 200;
/// Places named for one reason in what could not be verified.
const UNDECIDED_PLACES: usize = 5;

/// The whole report. Sections without content say so in one line, or are left out.
pub fn render(outcome: &Outcome<'_>, beside: &Beside<'_>) -> String {
    let mut out = format!("# {}\n\n", text(&beside.heading()));
    gate(&mut out, outcome, beside);
    if let Some(trend) = beside.trend {
        changes(&mut out, outcome, trend);
    }
    summary(&mut out, outcome);
    estate(&mut out, outcome.graph);
    findings(&mut out, outcome);
    coupling(&mut out, outcome.graph);
    databases(&mut out, outcome.graph);
    public_surface(&mut out, outcome);
    unverified(&mut out, outcome);
    accepted::section(&mut out, outcome, beside);
    out
}

fn gate(out: &mut String, outcome: &Outcome<'_>, beside: &Beside<'_>) {
    let counts = counts(outcome.judgement);
    let word = if counts.errors > 0 { "Fails" } else { "Passes" };
    out.push_str(&format!(
        "**{word}** `archlint check --fail-on error`: {}, {}, {} in {}; {}{}.\n\n",
        counted(counts.errors, "error", "errors"),
        counted(counts.warnings, "warning", "warnings"),
        counted(counts.notes, "note", "notes"),
        counted(outcome.graph.services.len(), "service", "services"),
        counted(
            outcome.judgement.undecided.len(),
            "check of a rule could not be decided",
            "checks of rules could not be decided"
        ),
        beside.commit.as_ref().map_or_else(String::new, |commit| format!(" (at commit {})", code(commit))),
    ));
}

/// What is new and what is fixed since an earlier report.
fn changes(out: &mut String, outcome: &Outcome<'_>, trend: &Trend) {
    let now = counts(outcome.judgement);
    out.push_str(&format!(
        "Since the earlier report: {} new, {} fixed, {} unchanged; errors {}, warnings {}, notes {}.\n\n",
        trend.new.len(),
        trend.fixed.len(),
        trend.unchanged,
        change(trend.before.errors, now.errors),
        change(trend.before.warnings, now.warnings),
        change(trend.before.notes, now.notes),
    ));
    let new: Vec<_> =
        outcome.judgement.findings.iter().filter(|finding| trend.new.contains(&finding.fingerprint)).collect();
    for finding in new.iter().take(HOT_SPOTS) {
        let place = code(&outcome.sources.place(finding.span));
        out.push_str(&format!("- new {}: {} at {place}\n", finding.severity.word(), text(&finding.message)));
    }
    more(out, new.len(), HOT_SPOTS, "new finding", "new findings");
    if !new.is_empty() {
        out.push('\n');
    }
}

fn summary(out: &mut String, outcome: &Outcome<'_>) {
    let themes = themes(&outcome.judgement.findings);
    if !themes.is_empty() {
        out.push_str("| theme | errors | warnings | notes |\n| --- | ---: | ---: | ---: |\n");
        for (theme, rules) in &themes {
            let of = |severity| rules.values().flatten().filter(|finding| finding.severity == severity).count();
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                text(theme),
                of(Severity::Error),
                of(Severity::Warning),
                of(Severity::Note)
            ));
        }
        out.push('\n');
    }
    let (graph, coverage) = (outcome.graph, outcome.coverage);
    out.push_str(&format!(
        "Read: {}, {} unreadable, {} ignored. Found: {}, {}, {}, {}.\n\n",
        counted(coverage.files_read, "file", "files"),
        coverage.files_unreadable,
        coverage.files_ignored,
        counted(graph.services.len(), "service", "services"),
        counted(graph.databases.len(), "database", "databases"),
        counted(graph.calls.len(), "call", "calls"),
        counted(graph.channels.len(), "channel", "channels"),
    ));
}

fn estate(out: &mut String, graph: &Graph) {
    if graph.services.is_empty() {
        return;
    }
    out.push_str("## The estate\n\n");
    let picture = picture(graph);
    if picture.nodes.len() <= MAX_PICTURE_NODES {
        let chart = flowchart(&picture);
        if chart.chars().count() < MAX_CHARACTERS {
            out.push_str(&fenced("mermaid", &chart));
            out.push('\n');
            return;
        }
    }
    let mut callees: BTreeMap<ServiceId, Vec<Symbol>> = BTreeMap::new();
    for call in &graph.calls {
        callees.entry(call.from).or_default().push(graph.service(call.to).name);
    }
    let mut stores: BTreeMap<ServiceId, Vec<Symbol>> = BTreeMap::new();
    for database in &graph.databases {
        for access in &database.accesses {
            stores.entry(access.service).or_default().push(database.name);
        }
    }
    let names = |list: Option<&Vec<Symbol>>| {
        let mut names = list.cloned().unwrap_or_default();
        names.sort_unstable();
        names.dedup();
        let names: Vec<String> = names.iter().map(|name| code(name)).collect();
        if names.is_empty() { "–".to_owned() } else { names.join(", ") }
    };
    out.push_str("Too large for a picture; `archlint graph` writes it for other tools.\n\n");
    out.push_str("| service | calls | databases |\n| --- | --- | --- |\n");
    for (at, service) in graph.services.iter().enumerate().take(MAX_ROWS) {
        let id = ServiceId(at as u32);
        let row = format!("| {} | {} | {} |\n", code(&service.name), names(callees.get(&id)), names(stores.get(&id)));
        out.push_str(&row);
    }
    more(out, graph.services.len(), MAX_ROWS, "service", "services");
    out.push('\n');
}

type Themes<'a> = BTreeMap<Symbol, BTreeMap<(std::cmp::Reverse<Severity>, Symbol), Vec<&'a Finding>>>;

/// Findings by theme, then by severity and rule.
fn themes(findings: &[Finding]) -> Themes<'_> {
    let mut themes: Themes<'_> = BTreeMap::new();
    for finding in findings {
        let key = (std::cmp::Reverse(finding.severity), finding.rule);
        themes.entry(finding.category).or_default().entry(key).or_default().push(finding);
    }
    themes
}

fn findings(out: &mut String, outcome: &Outcome<'_>) {
    out.push_str("## Findings\n\n");
    if outcome.judgement.findings.is_empty() {
        out.push_str("None.\n\n");
        return;
    }
    for (theme, rules) in themes(&outcome.judgement.findings) {
        out.push_str(&format!("### {}\n\n", text(&theme)));
        for ((severity, rule), findings) in rules {
            let about = outcome.rules.get(&rule);
            let title = about.filter(|about| !about.title.is_empty());
            let title = title.map_or_else(String::new, |about| format!(": {}", text(&about.title)));
            let number = findings.len();
            out.push_str(&format!("#### {}{title} ({}, {number})\n\n", code(&rule), severity.0.word()));
            if let Some(about) = about {
                paragraphs(out, &about.why);
                paragraphs(out, &about.fix);
            }
            for finding in findings.iter().take(FULL_FINDINGS) {
                full(out, finding, outcome.sources);
            }
            let rest = findings.get(FULL_FINDINGS..).unwrap_or_default();
            let shown = if severity.0 == Severity::Error { rest.len() } else { rest.len().min(COMPACT_FINDINGS) };
            for finding in rest.iter().take(shown) {
                let place = code(&outcome.sources.place(finding.span));
                out.push_str(&format!("- {} at {place}\n", text(&finding.message)));
            }
            more(out, rest.len(), shown, "finding", "findings");
            if !rest.is_empty() {
                out.push('\n');
            }
        }
    }
}

fn full(out: &mut String, finding: &Finding, sources: &Sources<'_>) {
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
    for place in finding.related.iter().take(EVIDENCE_PLACES) {
        out.push_str(&format!("- {}: {}\n", code(&sources.place(place.span)), text(&place.message)));
    }
    more(out, finding.related.len(), EVIDENCE_PLACES, "place", "places");
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

fn coupling(out: &mut String, graph: &Graph) {
    let mut fans: Vec<(ServiceId, BTreeSet<ServiceId>, BTreeSet<ServiceId>)> =
        (0..graph.services.len()).map(|at| (ServiceId(at as u32), BTreeSet::new(), BTreeSet::new())).collect();
    for call in &graph.calls {
        if let Some((_, callers, _)) = fans.get_mut(call.to.0 as usize) {
            callers.insert(call.from);
        }
        if let Some((_, _, callees)) = fans.get_mut(call.from.0 as usize) {
            callees.insert(call.to);
        }
    }
    fans.retain(|(_, callers, callees)| !callers.is_empty() || !callees.is_empty());
    if fans.is_empty() {
        return;
    }
    fans.sort_by_key(|(id, callers, callees)| (std::cmp::Reverse(callers.len() + callees.len()), *id));
    out.push_str("## Coupling\n\n| service | called by | calls |\n| --- | ---: | ---: |\n");
    for (id, callers, callees) in fans.iter().take(HOT_SPOTS) {
        let name = code(&graph.service(*id).name);
        out.push_str(&format!("| {name} | {} | {} |\n", callers.len(), callees.len()));
    }
    more(out, fans.len(), HOT_SPOTS, "service", "services");
    out.push('\n');
}

fn databases(out: &mut String, graph: &Graph) {
    if graph.databases.is_empty() {
        return;
    }
    let mut rows: Vec<(usize, usize, String)> = Vec::new();
    for (at, database) in graph.databases.iter().enumerate() {
        let mut users: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        users.dedup();
        let names: Vec<String> = users.iter().take(MAX_ROWS).map(|&id| code(&graph.service(id).name)).collect();
        let row = format!(
            "| {} | {} | {} | {} | {} |\n",
            code(&database.name),
            code(&database.engine),
            code(&graph.server_name(database.server)),
            users.len(),
            names.join(", ")
        );
        rows.push((users.len(), at, row));
    }
    rows.sort_by_key(|(users, at, _)| (std::cmp::Reverse(*users), *at));
    out.push_str("## Databases\n\n| database | engine | server | services | used by |\n");
    out.push_str("| --- | --- | --- | ---: | --- |\n");
    for (_, _, row) in rows.iter().take(MAX_ROWS) {
        out.push_str(row);
    }
    more(out, rows.len(), MAX_ROWS, "database", "databases");
    out.push('\n');
}

fn public_surface(out: &mut String, outcome: &Outcome<'_>) {
    let open = |route: &&Route| match route.way_in() {
        Answer::Present(public, _) => public,
        Answer::Absent(_) => false,
        Answer::Unknown(_) => true,
    };
    let routes: Vec<&Route> = outcome.graph.routes.iter().filter(open).collect();
    out.push_str("## Public surface\n\n");
    if routes.is_empty() {
        out.push_str("No route from outside was found.\n\n");
        return;
    }
    out.push_str("| leads to | kind | host | path | port | at | reachable |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for route in routes.iter().take(MAX_ROWS) {
        let place = route.evidence.0.first().map_or_else(String::new, |&span| outcome.sources.place(span));
        let reachable = if route.way_in().is_present() { "by the world" } else { "not known" };
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {reachable} |\n",
            code(&outcome.graph.target_name(route.target)),
            route_word(route.kind),
            route.host.map_or("any".to_owned(), |host| code(&host)),
            route.path.map_or("any".to_owned(), |path| code(&path)),
            route.port.map_or("–".to_owned(), |port| port.to_string()),
            code(&place),
        ));
    }
    more(out, routes.len(), MAX_ROWS, "route", "routes");
    out.push('\n');
}

fn unverified(out: &mut String, outcome: &Outcome<'_>) {
    out.push_str("## What could not be verified\n\n");
    let (judgement, graph, sources) = (outcome.judgement, outcome.graph, outcome.sources);
    if judgement.undecided.is_empty() && graph.unresolved.is_empty() && graph.problems.is_empty() {
        out.push_str("Everything that was judged could be decided.\n");
        return;
    }
    let mut reasons: BTreeMap<Symbol, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for undecided in &judgement.undecided {
        let subject = format!("{} at {}", code(&undecided.subject), code(&sources.place(undecided.span)));
        reasons.entry(undecided.rule).or_default().entry(&undecided.why).or_default().push(subject);
    }
    for (rule, whys) in reasons {
        let number: usize = whys.values().map(Vec::len).sum();
        out.push_str(&format!("### {} ({number})\n\n", code(&rule)));
        for (why, subjects) in whys {
            let named: Vec<&str> = subjects.iter().take(UNDECIDED_PLACES).map(String::as_str).collect();
            let rest = subjects.len() - named.len();
            let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
            out.push_str(&format!("- {}: {}{rest}\n", text(why), named.join(", ")));
        }
        out.push('\n');
    }
    if !graph.unresolved.is_empty() {
        out.push_str(&format!("### Not resolved ({})\n\n", graph.unresolved.len()));
        out.push_str("What no file shows can be declared in a `service.yaml` beside the service's code.\n\n");
        for gap in graph.unresolved.iter().take(MAX_ROWS) {
            let place = code(&sources.place(gap.span));
            out.push_str(&format!("- {place}: {} ({})\n", text(&gap.what), text(&gap.why)));
        }
        more(out, graph.unresolved.len(), MAX_ROWS, "gap", "gaps");
        out.push('\n');
    }
    if !graph.problems.is_empty() {
        out.push_str(&format!("### Not readable in full ({})\n\n", graph.problems.len()));
        for problem in graph.problems.iter().take(MAX_ROWS) {
            let place = code(&sources.place(problem.span));
            out.push_str(&format!("- {place}: {}; {}\n", text(&problem.message), text(&problem.help)));
        }
        more(out, graph.problems.len(), MAX_ROWS, "file", "files");
    }
}

/// A line for what a list or table left out.
fn more(out: &mut String, all: usize, shown: usize, one: &str, many: &str) {
    if all > shown {
        let rest = all - shown;
        out.push_str(&format!("\n{rest} more {} not shown.\n", if rest == 1 { one } else { many }));
    }
}
