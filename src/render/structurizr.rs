//! `graph --format structurizr`: a workspace in Structurizr's language (docs.structurizr.com/dsl).

use super::collapse::kind_word;
use super::escape;
use super::picture::{EdgeKind, NodeKind, Picture};

/// Everything as one model with one view of its containers.
pub fn render(picture: &Picture) -> String {
    let mut out = String::from("workspace \"Estate\" {\n  model {\n");
    for node in picture.nodes.iter().filter(|node| node.kind == NodeKind::World) {
        out.push_str(&format!("    {} = person \"{}\"\n", node.id, quoted(&name(&node.label))));
    }
    out.push_str("    estate = softwareSystem \"Estate\" {\n");
    let mut seen = std::collections::BTreeSet::new();
    for node in picture.nodes.iter().filter(|node| node.kind != NodeKind::World) {
        // Names of containers are unique in this language, whatever they are.
        let mut name = quoted(&name(&node.label));
        if !seen.insert(name.to_lowercase()) {
            name = format!("{name} ({} {})", kind_word(node.kind), node.id);
            seen.insert(name.to_lowercase());
        }
        let technology = node.label.get(1..).unwrap_or_default().join(", ");
        out.push_str(&format!(
            "      {} = container \"{}\" \"\" \"{}\" \"{}\"\n",
            node.id,
            name,
            quoted(&technology),
            kind_word(node.kind)
        ));
    }
    out.push_str("    }\n");
    // A second relationship of the same words between the same two is an error there.
    let mut told = std::collections::BTreeSet::new();
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (picture.nodes.get(edge.from), picture.nodes.get(edge.to)) else { continue };
        let (verb, tag) = match edge.kind {
            EdgeKind::Synchronous => ("calls", ""),
            EdgeKind::Asynchronous => ("sends to", " \"asynchronous\""),
            EdgeKind::Uses => ("uses", ""),
        };
        let words = if edge.label.is_empty() { verb.to_owned() } else { format!("{verb}: {}", edge.label) };
        let words = quoted(&words);
        if from.id != to.id && told.insert((&from.id, &to.id, words.clone())) {
            out.push_str(&format!("    {} -> {} \"{words}\" \"\"{tag}\n", from.id, to.id));
        }
    }
    out.push_str(
        "  }\n  views {\n    container estate \"estate\" {\n      include *\n      autoLayout lr\n    }\n    styles {\n      \
         element \"database\" {\n        shape cylinder\n      }\n      element \"channel\" {\n        shape pipe\n      }\n      \
         element \"infrastructure\" {\n        shape component\n      }\n      relationship \"asynchronous\" {\n        \
         style dashed\n      }\n    }\n  }\n}\n",
    );
    out
}

fn name(label: &[String]) -> String {
    let name = label.first().map_or("", String::as_str);
    if name.trim().is_empty() { "without a name".to_owned() } else { name.to_owned() }
}

/// Text between double quotes. The language takes `\"` and, before it, `${…}` for constants,
/// so quotes become apostrophes and the dollar sign is parted from its brace.
fn quoted(text: &str) -> String {
    escape::line(text).replace('"', "'").replace('\\', "/").replace("${", "$ {")
}
