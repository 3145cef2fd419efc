//! `graph --format dot`: the estate for Graphviz.

use crate::graph::model::Graph;

use super::escape;
use super::picture::{EdgeKind, NodeKind, Picture, picture};

/// All nodes and edges, whatever their number: Graphviz is the tool for large pictures.
pub fn render(graph: &Graph) -> String {
    of_picture(&picture(graph))
}

/// A picture that was made before.
pub fn of_picture(picture: &Picture) -> String {
    let mut out = String::from(
        "digraph estate {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", shape=box];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
    );
    for node in &picture.nodes {
        let shape = match node.kind {
            NodeKind::World => "shape=circle",
            NodeKind::Service => "shape=box, style=rounded",
            NodeKind::Database => "shape=cylinder",
            NodeKind::Infrastructure => "shape=component",
            NodeKind::Channel => "shape=hexagon",
            NodeKind::Group => "shape=folder",
        };
        let label: Vec<String> = node.label.iter().map(|line| quoted(line)).collect();
        out.push_str(&format!("  {} [label=\"{}\", {shape}];\n", node.id, label.join("\\n")));
    }
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (picture.nodes.get(edge.from), picture.nodes.get(edge.to)) else { continue };
        let mut attributes = Vec::new();
        if !edge.label.is_empty() {
            attributes.push(format!("label=\"{}\"", quoted(&edge.label)));
        }
        match edge.kind {
            EdgeKind::Synchronous => {}
            EdgeKind::Asynchronous => attributes.push("style=dashed".to_owned()),
            EdgeKind::Uses => attributes.push("dir=none".to_owned()),
        }
        let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        out.push_str(&format!("  {} -> {}{attributes};\n", from.id, to.id));
    }
    out.push_str("}\n");
    out
}

/// Text inside double quotes. A backslash is doubled, since labels have escapes of their
/// own (`\N` is the node's name), and `&` is written out, since labels know HTML entities.
fn quoted(text: &str) -> String {
    escape::line(text).replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}
