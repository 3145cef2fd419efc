//! A laid-out picture as SVG: alone for `graph --format svg`, or inside the report's page.

use super::collapse::{READABLE_EDGES, kind_word, strongest};
use super::doors::doors;
use super::html::markup::text;
use super::layout::{LABEL, Layout, Place, laid_out};
use super::outcome::counted;
use super::picture::{EdgeKind, NodeKind, Picture};
use super::twins::framed;

/// Labels of lines are drawn where there are at most this many; else they are titles only.
const LABELED_EDGES: usize = 30;

const STYLE: &str = include_str!("svg.css");

/// The picture as a file of its own. It must have been capped before.
pub fn render(picture: Picture) -> String {
    let (picture, _) = doors(picture);
    let (picture, frames) = framed(picture);
    let (picture, hidden_edges) = strongest(picture, READABLE_EDGES);
    let mut note = Vec::new();
    if picture.hidden > 0 {
        note.push(format!("{} boxes hidden", picture.hidden));
    }
    if hidden_edges > 0 {
        note.push(format!("{hidden_edges} lines hidden"));
    }
    let layout = laid_out(&picture, labeled(&picture), &frames);
    let note = note.join(", ");
    let height = layout.height + if note.is_empty() { 0.0 } else { 24.0 };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"estate\" viewBox=\"0 0 {0:.0} {height:.0}\" width=\"{0:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"The estate\">\n<style>{STYLE}</style>\n{1}\
         <text class=\"note\" x=\"12\" y=\"{2:.0}\">{note}</text>\n</svg>\n",
        layout.width.max(200.0),
        drawn(&picture, &layout, "a", false),
        layout.height + 14.0,
    )
}

/// Whether lines have their words beside them.
pub(super) fn labeled(picture: &Picture) -> bool {
    picture.edges.len() <= LABELED_EDGES
}

/// Markers, lines and boxes. `prefix` makes ids unique in a page; with `controls` each box
/// takes the keyboard's focus.
pub(super) fn drawn(picture: &Picture, layout: &Layout, prefix: &str, controls: bool) -> String {
    let mut out = format!(
        "<defs><marker id=\"{prefix}-call\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\"><path class=\"head\" d=\"M0 0 8 4 0 8z\"/></marker>\
         <marker id=\"{prefix}-message\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"9\" markerHeight=\"9\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto-start-reverse\"><path class=\"open\" d=\"M0 0 8 4 0 8\"/></marker></defs>\n<g class=\"edges\">\n"
    );
    let kind = |at: usize| picture.nodes.get(at).map_or("", |node| kind_word(node.kind));
    let id = |at: usize| picture.nodes.get(at).map_or("", |node| node.id.as_str());
    let name = |at: usize| match layout.frames.iter().find(|(_, inside)| inside.first() == Some(&at)) {
        Some((_, inside)) => counted(inside.len(), "box", "boxes"),
        None => picture.nodes.get(at).and_then(|node| node.label.first()).cloned().unwrap_or_default(),
    };
    for (around, inside) in &layout.frames {
        let kind = inside.first().map_or("", |at| kind(*at));
        out.push_str(&format!(
            "<rect class=\"frame k-{kind}\" x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\" rx=\"9\"/>\n",
            around.x - around.width / 2.0,
            around.y - around.height / 2.0,
            around.width,
            around.height
        ));
    }
    for (edge, line) in picture.edges.iter().zip(&layout.edges) {
        let path = line.path();
        if path.is_empty() {
            continue;
        }
        let (class, marker) = match edge.kind {
            EdgeKind::Synchronous => ("call", format!(" marker-end=\"url(#{prefix}-call)\"")),
            EdgeKind::Asynchronous => ("message", format!(" marker-end=\"url(#{prefix}-message)\"")),
            EdgeKind::Uses => ("use", String::new()),
        };
        let thick = if edge.count >= 20 {
            " thickest"
        } else if edge.count >= 5 {
            " thick"
        } else {
            ""
        };
        out.push_str(&format!(
            "<path class=\"edge {class}{thick} k-{} k-{}\" data-from=\"{}\" data-to=\"{}\" d=\"{path}\"{marker}>\
             <title>{} → {}{}{}</title></path>\n",
            kind(edge.from),
            kind(edge.to),
            id(edge.from),
            id(edge.to),
            text(&name(edge.from)),
            text(&name(edge.to)),
            if edge.label.is_empty() { "" } else { ": " },
            text(&edge.label),
        ));
    }
    for (edge, line) in picture.edges.iter().zip(&layout.edges) {
        let Some((x, y)) = line.words else { continue };
        let label = short(&edge.label);
        out.push_str(&format!("<text class=\"label\" x=\"{x:.0}\" y=\"{:.0}\">{label}</text>\n", y - 4.0));
    }
    if let Some((x, y)) = layout.alone {
        out.push_str(&format!(
            "<text class=\"note\" x=\"{x:.0}\" y=\"{y:.0}\">No call, message or database of these is known:</text>\n"
        ));
    }
    out.push_str("</g>\n<g class=\"nodes\">\n");
    for (node, place) in picture.nodes.iter().zip(&layout.nodes) {
        let kind = kind_word(node.kind);
        let label = text(&node.label.join(" "));
        let focus = if controls {
            format!(" tabindex=\"0\" role=\"button\" aria-label=\"{kind} {label}\"")
        } else {
            String::new()
        };
        out.push_str(&format!("<g class=\"node {kind} k-{kind}\" data-id=\"{}\"{focus}>", node.id));
        out.push_str(&shape(node.kind, *place));
        // The lid of a cylinder takes room above its words.
        let lid = if node.kind == NodeKind::Database { 3.0 } else { 0.0 };
        let first = place.y - (node.label.len() as f64 - 1.0) * 8.0 + 4.0 + lid;
        for (at, line) in node.label.iter().enumerate() {
            let class = if at == 0 { "name" } else { "detail" };
            out.push_str(&format!(
                " <text class=\"{class}\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
                place.x,
                first + at as f64 * 16.0,
                short(line)
            ));
        }
        if !controls {
            out.push_str(&format!("<title>{kind} {label}</title>"));
        }
        out.push_str("</g>\n");
    }
    out.push_str("</g>\n");
    out
}

/// A line's label cut to what its box has room for, escaped.
fn short(line: &str) -> String {
    if line.chars().count() <= LABEL {
        return text(line);
    }
    let cut: String = line.chars().take(LABEL - 1).collect();
    text(&format!("{cut}…"))
}

fn shape(kind: NodeKind, place: Place) -> String {
    let Place { x, y, width, height } = place;
    let (left, top) = (x - width / 2.0, y - height / 2.0);
    let (right, bottom) = (left + width, top + height);
    let rect = |left: f64, top: f64, radius: f64| {
        format!(
            "<rect class=\"body\" x=\"{left:.0}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"{radius:.0}\"/>"
        )
    };
    match kind {
        NodeKind::World => {
            format!(
                "<ellipse class=\"body\" cx=\"{x:.0}\" cy=\"{y:.0}\" rx=\"{:.0}\" ry=\"{:.0}\"/>",
                width / 2.0,
                height / 2.0
            )
        }
        NodeKind::Service => rect(left, top, 7.0),
        NodeKind::Database => format!(
            "<path class=\"body\" d=\"M{left:.0} {0:.0}A{1:.0} 5 0 0 1 {right:.0} {0:.0}V{2:.0}A{1:.0} 5 0 0 1 {left:.0} {2:.0}z\
             M{left:.0} {0:.0}A{1:.0} 5 0 0 0 {right:.0} {0:.0}\"/>",
            top + 4.0,
            width / 2.0,
            bottom - 4.0
        ),
        NodeKind::Infrastructure => format!(
            "{}<path class=\"body\" d=\"M{1:.0} {top:.0}V{bottom:.0}M{2:.0} {top:.0}V{bottom:.0}\"/>",
            rect(left, top, 0.0),
            left + 5.0,
            right - 5.0
        ),
        NodeKind::Channel => format!(
            "<path class=\"body\" d=\"M{left:.0} {y:.0}L{0:.0} {top:.0}H{1:.0}L{right:.0} {y:.0}L{1:.0} {bottom:.0}H{0:.0}z\"/>",
            left + 9.0,
            right - 9.0
        ),
        NodeKind::Group => format!("{}{}", rect(left + 4.0, top + 4.0, 4.0), rect(left, top, 4.0)),
    }
}
