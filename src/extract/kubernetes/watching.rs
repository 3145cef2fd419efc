//! Objects that watch services: monitors and rules of the Prometheus operator, objectives of
//! OpenSLO, Sloth, Pyrra and Nobl9, and annotations that ask for scraping.

use crate::extract::watching::{alerts, clipped, read_inner};
use crate::facts::Fact;
use crate::facts::watch::{Objective, Runbook, Scrape, Scraped, Watch};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, place};
use super::object::{Object, literal_of};
use super::selectors;

/// Reads one of them; false for an object that says something else, too.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) -> bool {
    match (object.group, object.kind) {
        ("monitoring.coreos.com", "ServiceMonitor") => scrape(manifest, object, Scraped::Addresses),
        ("monitoring.coreos.com" | "monitoring.googleapis.com", "PodMonitor" | "PodMonitoring") => {
            scrape(manifest, object, Scraped::Pods)
        }
        ("monitoring.coreos.com" | "monitoring.googleapis.com", "PrometheusRule" | "Rules") => {
            let mut found = Vec::new();
            if let Some(spec) = object.spec(manifest) {
                alerts(spec, &place, &mut found);
            }
            for watch in found {
                add(manifest, watch);
            }
        }
        ("openslo", "SLO") => objective(manifest, object, "OpenSLO", &["service"], &["indicator"]),
        ("n9", "SLO") => objective(manifest, object, "Nobl9", &["service"], &["objectives"]),
        ("sloth.slok.dev", "PrometheusServiceLevel") => objective(manifest, object, "Sloth", &["service"], &["slos"]),
        ("pyrra.dev", "ServiceLevelObjective") => objective(manifest, object, "Pyrra", &[], &["indicator"]),
        ("", "Service") => {
            annotated(manifest, object);
            runbook(manifest, object);
            return false;
        }
        ("", "ConfigMap") => {
            for (key, node) in manifest.entries_of(object.node, "data") {
                if let Some(text) = node.raw().filter(|text| text.contains('\n')) {
                    read_inner(manifest.reading, text, key.span());
                }
            }
            return false;
        }
        _ => {
            runbook(manifest, object);
            return false;
        }
    }
    true
}

fn add(manifest: &mut Manifest<'_, '_>, watch: Watch) {
    manifest.reading.add(Fact::Watch(Box::new(watch)));
}

fn scrape(
    manifest: &mut Manifest<'_, '_>,
    object: &Object<'_>,
    of: impl FnOnce(crate::facts::policy::Selector) -> Scraped,
) {
    let Some(spec) = object.spec(manifest) else { return };
    let of = of(selectors::read(manifest, spec, "selector"));
    add(manifest, Watch::Scrape(Scrape { kind: Symbol::new(object.kind), of, span: object.span }));
}

/// `prometheus.io/scrape: "true"` at a Service: its pods are scraped.
fn annotated(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let annotations = object.annotations(manifest);
    if let Some((text, span)) = literal_of(&annotations, "prometheus.io/scrape")
        && text == "true"
    {
        let of = Scraped::Host(object.name.clone());
        add(manifest, Watch::Scrape(Scrape { kind: Symbol::new("prometheus.io/scrape"), of, span }));
    }
}

fn objective(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, kind: &str, service: &[&str], query: &[&str]) {
    let Some(spec) = object.spec(manifest) else { return };
    let labels = object.labels(manifest);
    let by_label = ["pyrra.dev/service", "service", "app.kubernetes.io/name", "app"]
        .iter()
        .find_map(|key| Some(literal_of(&labels, key)?.0))
        .map_or("", |text| text.as_str());
    let stated = spec.at(service).filter(|_| !service.is_empty()).and_then(|node| manifest.text(node));
    let mut texts = String::new();
    let mut left = VISITS;
    for node in query.iter().filter_map(|key| spec.get(key)) {
        gather(node, &mut texts, &mut left, 0);
    }
    let objective = Objective {
        kind: Symbol::new(kind),
        service: Symbol::new(stated.unwrap_or(by_label)),
        query: clipped(&texts),
        span: object.span,
    };
    add(manifest, Watch::Objective(objective));
}

/// Nodes that a query is looked for in; aliases can make a small text large.
const VISITS: usize = 2_000;
/// No honest query is deeper.
const DEEPEST: usize = 12;

/// All texts below a node, as far as `left` nodes reach.
fn gather(node: Node<'_>, out: &mut String, left: &mut usize, depth: usize) {
    let Some(fewer) = left.checked_sub(1).filter(|_| depth < DEEPEST) else { return };
    *left = fewer;
    if let Some(text) = node.raw() {
        out.push_str(text);
        out.push(' ');
    }
    for item in node.items().chain(node.own_entries().map(|(_, value)| value)) {
        gather(item, out, left, depth + 1);
    }
}

/// Annotations such as `a8r.io/runbook` (a8r.io, 2026) that lead to a runbook.
fn runbook(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(name) = object.name.as_literal() else { return };
    let annotations = object.annotations(manifest);
    let link: Option<Span> = annotations.iter().find_map(|label| {
        let key = label.key.as_str().rsplit('/').next()?.to_ascii_lowercase();
        let text = label.value.as_literal().filter(|text| !text.is_empty())?;
        (key.contains("runbook") && !text.is_empty()).then_some(label.span)
    });
    if let Some(span) = link {
        let (path, title) = (None, Symbol::new(""));
        let linked =
            Runbook { service: name, path, title, modes: Vec::new(), words: Vec::new(), headings: Vec::new(), span };
        add(manifest, Watch::Runbook(linked));
    }
}
