//! The top level of a Compose file: its services, includes, networks, and the file that it
//! overrides.

use super::fields;
use super::recognition;
use super::service::{self, FileRole, Place};
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::workload::Composition;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Adds the document's workloads and its composition.
pub fn read(reading: &mut Reading<'_>, document: Node<'_>) {
    let path = reading.file.path;
    let place = Place { folder: path.parent(), role: recognition::role_of(path) };
    let composition_at = reading.facts.facts.len();
    let first_version = recognition::is_first_version(document);
    let services = if first_version { Some(document) } else { document.get("services") };
    let mut partial = place.role == FileRole::Override;
    if let Some(services) = services {
        if !services.is_mapping() && !fields::is_nothing(services) {
            reading.problem(
                services.span(),
                "`services` is no mapping",
                "name each service below `services:`, without `- ` in front",
            );
        }
        for (key, service) in services.entries() {
            partial |= service::read(reading, place, key, service);
        }
    }
    let top = (!first_version).then_some(document);
    let composition = Composition {
        name: top.and_then(|top| top.get("name")).and_then(|node| name(reading, node)),
        includes: top.and_then(|top| top.get("include")).map_or_else(Vec::new, |node| includes(reading, place, node)),
        overrides: if partial { recognition::base_of(path) } else { None },
        networks: top.and_then(|top| top.get("networks")).map_or_else(Vec::new, |node| networks(reading, node)),
    };
    reading.facts.facts.insert(composition_at, Fact::Composition(Box::new(composition)));
}

fn name(reading: &mut Reading<'_>, node: Node<'_>) -> Option<Symbol> {
    fields::resolved(reading, node, "the name of the deployment").as_deref().map(Symbol::new)
}

/// `include: common.yml`, a list of paths, or a list of `{path: …}` with one path or more.
fn includes(reading: &mut Reading<'_>, place: Place, node: Node<'_>) -> Vec<(EstatePath, Span)> {
    let mut found = Vec::new();
    for item in fields::items(reading, node, "`include`", true) {
        let path = if item.is_mapping() { item.get("path") } else { Some(item) };
        let Some(path) = path else {
            reading.problem(item.span(), "this `include` has no `path`", "add `path:` with the file to include");
            continue;
        };
        for path in fields::items(reading, path, "`path`", true) {
            if let Some(file) = fields::path(reading, place.folder, path, "an included file") {
                found.push((file, path.span()));
            }
        }
    }
    found
}

/// Networks with the name that they have outside of the deployment: their `name`, or for
/// an external one its key.
fn networks(reading: &mut Reading<'_>, node: Node<'_>) -> Vec<(Symbol, Option<Symbol>, Span)> {
    let mut found = Vec::new();
    for (key, settings) in node.entries() {
        let Some(name) = key.raw().map(Symbol::new) else { continue };
        let external = settings.get("external");
        // `external: {name: shop}` is how version 2 wrote it.
        let named = settings.get("name").or_else(|| external.and_then(|external| external.get("name")));
        let outside = named.and_then(|node| fields::resolved(reading, node, "the name of a network"));
        let is_external = external.is_some_and(|external| external.is_mapping() || external.raw() == Some("true"));
        let outside = outside.as_deref().map(Symbol::new).or_else(|| is_external.then_some(name));
        found.push((name, outside, key.span()));
    }
    found
}
