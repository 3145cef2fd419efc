//! `graph --format mermaid`: a flowchart that Git forges draw inside Markdown.

use crate::graph::model::Graph;

use super::escape;
use super::picture::{EdgeKind, NodeKind, Picture, picture};

/// Above this many nodes nobody can read the picture, and Mermaid's layout takes minutes.
const MAX_NODES: usize = 150;
/// Mermaid refuses to draw more (`maxEdges`, default of Mermaid 11).
const MAX_EDGES: usize = 500;
/// Mermaid refuses to read more (`maxTextSize`, default of Mermaid 11).
pub(super) const MAX_CHARACTERS: usize = 50_000;
/// Boxes that are drawn however long their names are: with labels at their longest, and a line
/// between any two, they stay below.
const FEWEST: usize = 8;
/// Longest label, in characters.
const MAX_LABEL: usize = 80;

/// The estate as a Mermaid flowchart; the best connected nodes where it has too many.
pub fn render(graph: &Graph) -> String {
    of_picture(picture(graph))
}

/// A picture that was made before; its best connected nodes where it has too many, or where
/// their names are too long.
pub fn of_picture(picture: Picture) -> String {
    let mut most = MAX_NODES;
    loop {
        let chart = flowchart(&picture.clone().capped(most));
        if most <= FEWEST || chart.chars().count() < MAX_CHARACTERS {
            return chart;
        }
        most = most * 3 / 4;
    }
}

/// A picture as a flowchart: calls solid, messages dashed, databases as cylinders.
pub(super) fn flowchart(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for node in &picture.nodes {
        let label: Vec<String> = node.label.iter().map(|line| label(line)).collect();
        let label = label.join("<br/>");
        let (open, close) = match node.kind {
            NodeKind::World => ("((", "))"),
            NodeKind::Service => ("[", "]"),
            NodeKind::Database => ("[(", ")]"),
            NodeKind::Infrastructure => ("[[", "]]"),
            NodeKind::Channel => ("{{", "}}"),
            NodeKind::Group => ("[/", "/]"),
        };
        out.push_str(&format!("  {}{open}\"{label}\"{close}\n", node.id));
    }
    for edge in picture.edges.iter().take(MAX_EDGES) {
        let (Some(from), Some(to)) = (picture.nodes.get(edge.from), picture.nodes.get(edge.to)) else { continue };
        let arrow = match edge.kind {
            EdgeKind::Synchronous => "-->",
            EdgeKind::Asynchronous => "-.->",
            EdgeKind::Uses => "---",
        };
        let text = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", label(&edge.label)) };
        out.push_str(&format!("  {} {arrow}{text} {}\n", from.id, to.id));
    }
    let mut hidden = Vec::new();
    if picture.hidden > 0 {
        hidden.push(format!("{} hidden", picture.hidden));
    }
    if picture.edges.len() > MAX_EDGES {
        hidden.push(format!("{} lines hidden", picture.edges.len() - MAX_EDGES));
    }
    if !hidden.is_empty() {
        out.push_str(&format!("  hidden[\"{}\"]\n", hidden.join("<br/>")));
        out.push_str("  style hidden stroke-dasharray: 5 5\n");
    }
    out
}

/// Text for a label between double quotes. What is neither letter, digit nor harmless
/// becomes Mermaid's own entity (`#96;`), so that no text can end the label, be HTML, or be
/// read as Markdown; Mermaid 11 reads a label that begins with `1.` or `-` as a list.
fn label(text: &str) -> String {
    let mut out = String::new();
    let mut begun = false;
    let escaped = escape::line(text);
    for (at, character) in escaped.chars().enumerate() {
        if at == MAX_LABEL {
            out.push('…');
            break;
        }
        let harmless = match character {
            ' ' | '_' | '/' | ',' | ':' | '…' => true,
            '.' | '-' => begun,
            other => other.is_alphanumeric(),
        };
        begun = begun || character.is_alphabetic();
        if harmless {
            out.push(character);
        } else {
            out.push_str(&format!("#{};", character as u32));
        }
    }
    out
}
