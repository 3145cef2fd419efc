//! The estate's picture: as a whole where it can be read, else by groups that open on demand.
//!
//! Pictures that everybody sees are laid out here, by dagre. Parts are laid out by the page's
//! script, since there are too many to be laid out before anybody asks for one: each service
//! with one, two or three hops, each chain, each group. The groups alone of 1,000 services are
//! 117 parts of 42 boxes and 74 lines; dagre takes 7 seconds for them, against one second that
//! the whole page may take, and their lines 0.5 MB of the 3 MB that it may have (December
//! 2026, dagre 0.1.2). A library of layouts inside the page would be code of others in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::judge::finding::Severity;
use crate::render::collapse::{By, Groups, READABLE_EDGES, READABLE_NODES, collapsed, essential, groups, strongest};
use crate::render::doors::doors;
use crate::render::layout::laid_out;
use crate::render::outcome::counted;
use crate::render::picture::{EdgeKind, NodeKind, Picture, picture};
use crate::render::svg::{drawn, labeled};
use crate::render::twins::framed;
use crate::source::symbol::Symbol;

use super::Page;
use super::markup;

/// One picture of the page.
struct View {
    /// `all`, `owner`
    id: &'static str,
    /// `by owner`
    title: String,
    /// What was left out on purpose.
    without: &'static str,
    picture: Picture,
}

/// The pictures with their controls.
pub(super) fn section(page: &Page<'_>) -> String {
    let graph = page.outcome.graph;
    if graph.services.is_empty() {
        return "<p>No service was found.</p>\n".to_owned();
    }
    let whole = with_findings(page, picture(graph));
    let mut out = String::new();
    let views = views(page, &whole);
    out.push_str(&controls(&views, &whole));
    out.push_str(&not_offered(page, &whole));
    for (at, view) in views.into_iter().enumerate() {
        let (picture, open) = doors(view.picture);
        let (picture, frames) = framed(picture);
        let (picture, lines) = strongest(picture, READABLE_EDGES);
        let layout = laid_out(&picture, labeled(&picture), &frames);
        let hidden = if at == 0 { "" } else { " hidden" };
        let boxes = match picture.hidden {
            0 => counted(picture.nodes.len(), "box", "boxes"),
            left_out => format!("{} of {} boxes", picture.nodes.len(), picture.nodes.len() + left_out),
        };
        let open = if open == 0 {
            String::new()
        } else {
            format!(" {} marked as public or perhaps public instead of {open} lines from outside.", are(open))
        };
        out.push_str(&format!(
            "<figure class=\"view\" data-view=\"{0}\"{hidden}><figcaption>The estate, {1}: {boxes}.{2}{3}{open}</figcaption>\n\
             <div class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"Picture of the estate, {1}\">\
             <svg class=\"estate\" viewBox=\"0 0 {4:.0} {5:.0}\" width=\"{4:.0}\" height=\"{5:.0}\" role=\"group\" \
             aria-label=\"The estate, {1}\">\n",
            view.id,
            view.title,
            view.without,
            cap(lines, "thinner line is", "thinner lines are"),
            layout.width,
            layout.height,
        ));
        out.push_str(&drawn(&picture, &layout, view.id, true));
        out.push_str("</svg></div></figure>\n");
    }
    out.push_str(
        "<figure class=\"view\" data-view=\"part\" hidden><figcaption id=\"part-caption\">A part of the estate</figcaption>\n\
         <div class=\"canvas\" tabindex=\"0\" role=\"region\" aria-label=\"A part of the estate\">\
         <svg class=\"estate\" id=\"part\" role=\"group\" aria-label=\"A part of the estate\"></svg></div></figure>\n\
         <div id=\"selected\" aria-live=\"polite\"></div>\n",
    );
    out
}

/// Everything where that can be read, else what matters most; and the estate by groups.
fn views(page: &Page<'_>, whole: &Picture) -> Vec<View> {
    let mut views = Vec::new();
    if whole.nodes.len() <= READABLE_NODES {
        let picture = whole.clone();
        views.push(View { id: "all", title: "everything".to_owned(), without: "", picture });
    } else if let Some(essential) = essential(whole) {
        views.push(View {
            id: "services",
            title: "services and what they share".to_owned(),
            without: " Without databases of one service alone, and servers.",
            picture: essential,
        });
    }
    for (by, groups) in grouped(page, whole) {
        let title = format!("by {}", by.word());
        views.push(View { id: by.word(), title, without: "", picture: collapsed(whole, &groups) });
    }
    if views.is_empty() {
        let most = whole.clone().capped(READABLE_NODES);
        let without = " Without those that have fewer lines.";
        views.push(View { id: "most", title: "the best connected".to_owned(), without, picture: most });
    }
    views
}

/// Why services are not put together by owner, namespace or folder; empty where they are.
fn not_offered(page: &Page<'_>, whole: &Picture) -> String {
    let why = |by: &By| {
        let why = groups(page.outcome.graph, whole, *by).err()?;
        Some(format!("by {}, since {}", by.word(), markup::text(&why.words(*by))))
    };
    let whys: Vec<String> = By::ALL.iter().filter_map(why).collect();
    if whys.is_empty() || page.outcome.graph.services.len() < 2 {
        return String::new();
    }
    format!("<p class=\"more\">Not offered: {}.</p>\n", whys.join("; "))
}

fn are(number: usize) -> String {
    if number == 1 { "1 is".to_owned() } else { format!("{number} are") }
}

fn cap(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => String::new(),
        1 => format!(" 1 {one} not drawn."),
        _ => format!(" {number} {many} not drawn."),
    }
}

fn controls(views: &[View], whole: &Picture) -> String {
    let mut out = String::from(
        "<form class=\"tools\" id=\"picture-tools\" aria-label=\"Picture\"><label>Show <select id=\"view\">",
    );
    for view in views {
        out.push_str(&format!("<option value=\"{}\">{}</option>", view.id, view.title));
    }
    out.push_str(
        "</select></label> <label>Find <input type=\"search\" id=\"find\" list=\"names\" placeholder=\"service, database\">\
         </label><datalist id=\"names\"></datalist> \
         <label>Hops <select id=\"hops\"><option>1</option><option>2</option><option>3</option></select></label> ",
    );
    let nodes = |kind| whole.nodes.iter().any(|node| node.kind == kind);
    let edges = |kind| whole.edges.iter().any(|edge| edge.kind == kind);
    let kinds = [
        ("database", "databases", nodes(NodeKind::Database)),
        ("channel", "channels", nodes(NodeKind::Channel)),
        ("infrastructure", "infrastructure", nodes(NodeKind::Infrastructure)),
        ("world", "entrances", nodes(NodeKind::World)),
        ("call", "calls", edges(EdgeKind::Synchronous)),
        ("message", "messages", edges(EdgeKind::Asynchronous)),
    ];
    let there: Vec<String> = kinds
        .into_iter()
        .filter(|(_, _, is_there)| *is_there)
        .map(|(value, word, _)| {
            format!("<label><input type=\"checkbox\" class=\"hide\" value=\"{value}\"> {word}</label>")
        })
        .collect();
    if !there.is_empty() {
        out.push_str(&format!("<fieldset><legend>Hide</legend>{}</fieldset> ", there.join(" ")));
    }
    out.push_str(
        "<span class=\"zoom\"><button type=\"button\" id=\"smaller\" aria-label=\"Zoom out\">−</button>\
         <button type=\"button\" id=\"larger\" aria-label=\"Zoom in\">+</button>\
         <button type=\"button\" id=\"fit\">Fit</button> <button type=\"button\" id=\"back\">Back</button></span></form>\n\
         <ul class=\"legend\"><li><svg class=\"estate\" width=\"46\" height=\"12\" aria-hidden=\"true\">\
         <path class=\"edge call\" d=\"M2 6H38\"/><path class=\"head\" d=\"M36 2 44 6 36 10z\"/></svg> waits for the answer</li>\
         <li><svg class=\"estate\" width=\"46\" height=\"12\" aria-hidden=\"true\"><path class=\"edge message\" d=\"M2 6H42\"/>\
         <path class=\"open\" d=\"M36 2 44 6 36 10\"/></svg> message, nobody waits</li>\
         <li><svg class=\"estate\" width=\"46\" height=\"12\" aria-hidden=\"true\"><path class=\"edge use\" d=\"M2 6H44\"/></svg> \
         uses, is held by</li><li>thicker: more of them</li><li>rounded box: service; cylinder: database; \
         hexagon: channel; box with bars: infrastructure; two boxes: a group, opens when chosen; \
         frame: its line leads to each box inside</li></ul>\n",
    );
    out
}

/// A third line for services with findings, so that the picture shows where they are.
fn with_findings(page: &Page<'_>, mut picture: Picture) -> Picture {
    let counts = findings(page);
    let mut at = 0;
    for node in &mut picture.nodes {
        if node.kind == NodeKind::Service {
            let service = page.outcome.graph.services.get(at);
            at += 1;
            if let Some((errors, warnings)) = service.and_then(|service| counts.get(&service.name)) {
                let note = found(*errors, *warnings);
                if !note.is_empty() {
                    node.label.push(note);
                }
            }
        }
    }
    picture
}

fn found(errors: usize, warnings: usize) -> String {
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(counted(errors, "error", "errors"));
    }
    if warnings > 0 {
        parts.push(counted(warnings, "warning", "warnings"));
    }
    parts.join(", ")
}

/// Errors and warnings by service.
fn findings(page: &Page<'_>) -> BTreeMap<Symbol, (usize, usize)> {
    let mut counts: BTreeMap<Symbol, (usize, usize)> = BTreeMap::new();
    for finding in &page.outcome.judgement.findings {
        for service in &finding.services {
            let (errors, warnings) = counts.entry(*service).or_default();
            match finding.severity {
                Severity::Error => *errors += 1,
                Severity::Warning => *warnings += 1,
                Severity::Note => {}
            }
        }
    }
    counts
}

fn grouped(page: &Page<'_>, picture: &Picture) -> Vec<(By, Groups)> {
    By::ALL.iter().filter_map(|by| Some((*by, groups(page.outcome.graph, picture, *by).ok()?))).collect()
}

/// What the script draws parts from: nodes as `[id, name, [group by kind of group], detail]`,
/// edges as `[from, to, kind, place of the label]` with 0 for a call, 1 for a message and 2 for a
/// use, the labels, and the names of groups. What is empty at an end is left out. The kind of a
/// node is the first letter of its id.
pub(super) fn data(page: &Page<'_>) -> String {
    let picture = with_findings(page, picture(page.outcome.graph));
    let groups = grouped(page, &picture);
    let nodes: Vec<Value> = picture
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| {
            let of: Vec<Option<usize>> =
                groups.iter().map(|(_, groups)| groups.of.get(at).copied().flatten()).collect();
            let detail = node.label.get(1..).unwrap_or_default().join(", ");
            let mut one = vec![json!(node.id), json!(node.label.first()), json!(of)];
            if !detail.is_empty() {
                one.push(json!(detail));
            }
            Value::Array(one)
        })
        .collect();
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in &picture.edges {
        labels.insert(&edge.label, 0);
    }
    for (at, place) in labels.values_mut().enumerate() {
        *place = at;
    }
    let edges: Vec<Value> = picture
        .edges
        .iter()
        .map(|edge| {
            let kind = match edge.kind {
                EdgeKind::Synchronous => 0,
                EdgeKind::Asynchronous => 1,
                EdgeKind::Uses => 2,
            };
            let label = labels.get(edge.label.as_str()).filter(|_| !edge.label.is_empty());
            let numbers = [Some(&edge.from), Some(&edge.to), Some(&kind), label];
            json!(numbers.into_iter().flatten().collect::<Vec<_>>())
        })
        .collect();
    let groups: Vec<Value> = groups.iter().map(|(by, groups)| json!([by.word(), groups.names])).collect();
    let all = json!({ "nodes": nodes, "edges": edges, "labels": labels.keys().collect::<Vec<_>>(), "groups": groups, "most": READABLE_NODES });
    markup::json(&all.to_string())
}
