//! `graph --format graphml`: the estate for yEd, Gephi and other tools (GraphML 1.0).

use super::collapse::kind_word;
use super::html::markup::text;
use super::picture::{EdgeKind, Picture};

/// All nodes and edges with name, kind and label.
pub fn render(picture: &Picture) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (id, of, name, kind) in [
        ("name", "node", "label", "string"),
        ("detail", "node", "detail", "string"),
        ("kind", "node", "kind", "string"),
        ("how", "edge", "kind", "string"),
        ("label", "edge", "label", "string"),
        ("count", "edge", "weight", "int"),
    ] {
        out.push_str(&format!("  <key id=\"{id}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>\n"));
    }
    out.push_str("  <graph id=\"estate\" edgedefault=\"directed\">\n");
    for node in &picture.nodes {
        let name = node.label.first().map_or("", String::as_str);
        let detail = node.label.get(1..).unwrap_or_default().join(", ");
        out.push_str(&format!("    <node id=\"{}\">", node.id));
        for (key, value) in [("name", name), ("detail", &detail), ("kind", kind_word(node.kind))] {
            if !value.is_empty() {
                out.push_str(&format!("<data key=\"{key}\">{}</data>", text(value)));
            }
        }
        out.push_str("</node>\n");
    }
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (picture.nodes.get(edge.from), picture.nodes.get(edge.to)) else { continue };
        let how = match edge.kind {
            EdgeKind::Synchronous => "synchronous",
            EdgeKind::Asynchronous => "asynchronous",
            EdgeKind::Uses => "uses",
        };
        out.push_str(&format!("    <edge source=\"{}\" target=\"{}\"><data key=\"how\">{how}</data>", from.id, to.id));
        if !edge.label.is_empty() {
            out.push_str(&format!("<data key=\"label\">{}</data>", text(&edge.label)));
        }
        out.push_str(&format!("<data key=\"count\">{}</data></edge>\n", edge.count));
    }
    out.push_str("  </graph>\n</graphml>\n");
    out
}
