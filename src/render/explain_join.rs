//! `graph --explain NAME`: why things were joined under this name, or kept apart.

use std::collections::BTreeSet;

use crate::graph::model::Graph;
use crate::source::symbol::Symbol;

use super::escape;
use super::sources::Sources;

/// All joins about `name` or about what has it as another name, each with its place:
///
/// ```text
/// orders (service)
///   deploy/orders.yaml:4:9
///     workload orders is the code in services/orders: the image shop/orders is built there
/// ```
///
/// `None` where nothing in the estate has this name.
pub fn render(graph: &Graph, sources: &Sources<'_>, name: &str) -> Option<String> {
    let mut titles: Vec<String> = Vec::new();
    let mut names: BTreeSet<Symbol> = BTreeSet::new();
    let mut add = |kind: &str, own: Symbol, aliases: &[Symbol]| {
        if own != name && !aliases.iter().any(|alias| *alias == name) {
            return;
        }
        let mut title = format!("{} ({kind})", escape::line(&own));
        if !aliases.is_empty() {
            let aliases: Vec<String> = aliases.iter().map(|alias| escape::line(alias)).collect();
            title.push_str(&format!(", also known as {}", aliases.join(", ")));
        }
        titles.push(title);
        names.insert(own);
        names.extend(aliases);
    };
    for service in &graph.services {
        add("service", service.name, &service.aliases);
    }
    for infra in &graph.infrastructure {
        add(infra.kind.as_str(), infra.name, &infra.aliases);
    }
    for database in &graph.databases {
        add("database", database.name, &[]);
    }
    names.insert(Symbol::new(name));
    let joins: Vec<_> = graph.joins.iter().filter(|join| names.contains(&join.subject)).collect();
    if titles.is_empty() && joins.is_empty() {
        return None;
    }
    let mut out = String::new();
    for title in titles {
        out.push_str(&title);
        out.push('\n');
    }
    if joins.is_empty() {
        out.push_str("  nothing was joined under this name\n");
    }
    for join in joins {
        let place = escape::line(&sources.place(join.span));
        out.push_str(&format!("  {place}\n    {}\n", escape::line(&join.text)));
    }
    Some(escape::log_safe(&out))
}
