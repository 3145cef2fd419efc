//! `report --format markdown`: the review of an estate, for a merge request or a wiki.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::answer::Answer;
use crate::graph::model::{Graph, Route, ServiceId};
use crate::graph::words::route_word;
use crate::judge::finding::Severity;
use crate::source::symbol::Symbol;

use super::beside::Beside;
use super::collapse::essential;
use super::doors::doors;
use super::mermaid::{MAX_CHARACTERS, flowchart};
use super::outcome::{Outcome, counted, counts};
use super::picture::{Picture, picture};
use super::themes::themes;
use super::trend::{Trend, change};

use inline::{code, fenced, text};

mod accepted;
mod findings;
mod gaps;
pub mod inline;

/// Above this the picture is no picture any more.
const MAX_PICTURE_NODES: usize = 60;
/// GitHub takes no comment of more (65,536), GitLab one of a million.
const MAX_CHARACTERS_OF_A_COMMENT: usize = 65_000;

/// How much of each list is written.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Findings of one rule that are shown with excerpt; the others are one line each.
    full: usize,
    /// Lines for further findings of one rule.
    compact: usize,
    /// Places under one finding.
    places: usize,
    /// Rows of the tables that rank.
    hot_spots: usize,
    /// Rows of the tables and lists that enumerate.
    rows: usize,
    /// Places named for one reason in what could not be verified.
    undecided: usize,
    /// Whether rules say why and how.
    about: bool,
}

/// From all that a reader may want to what fits always; the first that fits is taken.
const ROOMS: [Room; 4] = [
    Room { full: 10, compact: 100, places: 20, hot_spots: 15, rows: 200, undecided: 5, about: true },
    Room { full: 3, compact: 20, places: 6, hot_spots: 15, rows: 30, undecided: 2, about: true },
    Room { full: 1, compact: 10, places: 3, hot_spots: 10, rows: 20, undecided: 1, about: false },
    Room { full: 0, compact: 3, places: 0, hot_spots: 5, rows: 10, undecided: 0, about: false },
];

/// The whole report, as much of it as a comment takes. Sections without content say so in one
/// line, or are left out.
pub fn render(outcome: &Outcome<'_>, beside: &Beside<'_>) -> String {
    let mut out = String::new();
    for (at, room) in ROOMS.iter().enumerate() {
        out = with_room(outcome, beside, *room, at > 0);
        if out.chars().count() <= MAX_CHARACTERS_OF_A_COMMENT {
            break;
        }
    }
    out
}

fn with_room(outcome: &Outcome<'_>, beside: &Beside<'_>, room: Room, shortened: bool) -> String {
    let mut out = format!("# {}\n\n", text(&beside.heading()));
    gate(&mut out, outcome, beside);
    if let Some(trend) = beside.trend {
        changes(&mut out, outcome, trend, room);
    }
    summary(&mut out, outcome);
    if shortened {
        out.push_str("Shortened to fit into a comment: `archlint report -o report.html` shows everything.\n\n");
    }
    estate(&mut out, outcome.graph, room);
    findings::section(&mut out, outcome, room);
    coupling(&mut out, outcome.graph, room);
    databases(&mut out, outcome.graph, room);
    public_surface(&mut out, outcome, room);
    gaps::section(&mut out, outcome, room);
    accepted::section(&mut out, outcome, beside, room.rows);
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
fn changes(out: &mut String, outcome: &Outcome<'_>, trend: &Trend, room: Room) {
    let now = counts(outcome.judgement);
    out.push_str(&format!(
        "Since the earlier report: {} new, {} fixed, {} unchanged{}; errors {}, warnings {}, notes {}.\n\n",
        trend.new.len(),
        trend.fixed.len(),
        trend.unchanged,
        match trend.accepted {
            0 => String::new(),
            number => format!(", {number} accepted since and not counted any more"),
        },
        change(trend.before.errors, now.errors),
        change(trend.before.warnings, now.warnings),
        change(trend.before.notes, now.notes),
    ));
    let new: Vec<_> =
        outcome.judgement.findings.iter().filter(|finding| trend.new.contains(&finding.fingerprint)).collect();
    for finding in new.iter().take(room.hot_spots) {
        let place = code(&outcome.sources.place(finding.span));
        out.push_str(&format!("- new {}: {} at {place}\n", finding.severity.word(), text(&finding.message)));
    }
    more(out, new.len(), room.hot_spots, "new finding", "new findings");
    if !new.is_empty() {
        out.push('\n');
    }
}

fn summary(out: &mut String, outcome: &Outcome<'_>) {
    let themes = themes(&outcome.judgement.findings);
    if !themes.is_empty() {
        out.push_str("| theme | errors | warnings | notes |\n| --- | ---: | ---: | ---: |\n");
        for theme in &themes {
            let of = |severity| theme.count(severity);
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                text(&theme.name),
                of(Severity::Error),
                of(Severity::Warning),
                of(Severity::Note)
            ));
        }
        out.push('\n');
    }
    let (graph, coverage) = (outcome.graph, outcome.coverage);
    out.push_str(&format!(
        "Read: {}. Found: {}, {}, {}, {}.\n\n",
        coverage.words(),
        counted(graph.services.len(), "service", "services"),
        counted(graph.databases.len(), "database", "databases"),
        counted(graph.calls.len(), "call", "calls"),
        counted(graph.channels.len(), "channel", "channels"),
    ));
}

fn estate(out: &mut String, graph: &Graph, room: Room) {
    if graph.services.is_empty() {
        return;
    }
    out.push_str("## The estate\n\n");
    let whole = picture(graph);
    let small = if whole.nodes.len() <= MAX_PICTURE_NODES { Some(whole) } else { essential(&whole) };
    if let Some(picture) = small {
        let hidden = picture.hidden;
        // What was left out on purpose stands below, not in a box.
        let (picture, open) = doors(Picture { hidden: 0, ..picture });
        let chart = flowchart(&picture);
        if chart.chars().count() < MAX_CHARACTERS {
            out.push_str(&fenced("mermaid", &chart));
            out.push('\n');
            if hidden > 0 {
                let boxes = counted(hidden, "box is", "boxes are");
                out.push_str(&format!("{boxes} left out: databases of one service alone, and servers.\n\n"));
            }
            if open > 0 {
                out.push_str(&format!("{open} lines from outside are left out; the word public stands instead.\n\n"));
            }
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
    for (at, service) in graph.services.iter().enumerate().take(room.rows) {
        let id = ServiceId(at as u32);
        let row = format!("| {} | {} | {} |\n", code(&service.name), names(callees.get(&id)), names(stores.get(&id)));
        out.push_str(&row);
    }
    more(out, graph.services.len(), room.rows, "service", "services");
    out.push('\n');
}

fn coupling(out: &mut String, graph: &Graph, room: Room) {
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
    for (id, callers, callees) in fans.iter().take(room.hot_spots) {
        let name = code(&graph.service(*id).name);
        out.push_str(&format!("| {name} | {} | {} |\n", callers.len(), callees.len()));
    }
    more(out, fans.len(), room.hot_spots, "service", "services");
    out.push('\n');
}

fn databases(out: &mut String, graph: &Graph, room: Room) {
    if graph.databases.is_empty() {
        return;
    }
    let mut rows: Vec<(usize, usize, String)> = Vec::new();
    for (at, database) in graph.databases.iter().enumerate() {
        let mut users: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        users.dedup();
        let names: Vec<String> = users.iter().take(room.rows).map(|&id| code(&graph.service(id).name)).collect();
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
    for (_, _, row) in rows.iter().take(room.rows) {
        out.push_str(row);
    }
    more(out, rows.len(), room.rows, "database", "databases");
    out.push('\n');
}

fn public_surface(out: &mut String, outcome: &Outcome<'_>, room: Room) {
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
    for route in routes.iter().take(room.rows) {
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
    more(out, routes.len(), room.rows, "route", "routes");
    out.push('\n');
}

/// A line for what a list or table left out.
fn more(out: &mut String, all: usize, shown: usize, one: &str, many: &str) {
    if all > shown {
        let rest = all - shown;
        out.push_str(&format!("\n{rest} more {} not shown.\n", if rest == 1 { one } else { many }));
    }
}
