//! Files of Prometheus: what it scrapes, and rules that raise alerts
//! (prometheus.io/docs/prometheus/latest/configuration, 2026); objectives of Sloth
//! (sloth.dev/specs/default, 2026).

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::policy::Selector;
use crate::facts::value::Value;
use crate::facts::watch::{Alert, Objective, Scrape, Scraped, Watch};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::syntax::yaml;

/// Longest text of an alert's condition or of an objective's query that is kept, in bytes.
const LONGEST: usize = 4_096;
/// Most alerts and targets that are read of one document.
const MOST: usize = 10_000;

/// True for a configuration of Prometheus, a file of its rules, or one of Sloth.
pub fn claims_document(document: Node<'_>) -> bool {
    document.get("scrape_configs").is_some_and(Node::is_sequence) || has_rules(document) || is_sloth(document)
}

fn has_rules(document: Node<'_>) -> bool {
    let groups = document.get("groups").into_iter().flat_map(Node::items);
    let mut rules = groups.flat_map(|group| group.get("rules").into_iter().flat_map(Node::items)).take(MOST);
    rules.any(|rule| rule.get("alert").is_some())
}

fn is_sloth(document: Node<'_>) -> bool {
    let version = document.get("version").and_then(Node::text).unwrap_or_default();
    version.starts_with("prometheus/") && document.get("slos").is_some_and(Node::is_sequence)
}

/// Adds what a document says.
pub fn read_document(reading: &mut Reading<'_>, document: Node<'_>) {
    add(reading, document, None);
}

/// Adds what a file says that is a value of another one; everything in it is shown at `place`.
pub fn read_inner(reading: &mut Reading<'_>, text: &str, place: Span) {
    if !["scrape_configs", "alert:"].iter().any(|word| text.contains(word)) {
        return;
    }
    let tree = yaml::parse(reading.file.id, text);
    for document in tree.documents().filter(|document| claims_document(*document)) {
        add(reading, document, Some(place));
    }
}

fn add(reading: &mut Reading<'_>, document: Node<'_>, place: Option<Span>) {
    let at = |node: Node<'_>| place.unwrap_or_else(|| node.span());
    let mut found = Vec::new();
    alerts(document, &at, &mut found);
    for job in document.get("scrape_configs").into_iter().flat_map(Node::items) {
        scrapes(job, &at, &mut found);
    }
    if is_sloth(document)
        && let Some(service) = document.get("service")
    {
        found.push(Watch::Objective(Objective {
            kind: Symbol::new("Sloth"),
            service: symbol(Some(service)),
            query: Symbol::new(""),
            span: at(service),
        }));
    }
    for watch in found.into_iter().take(MOST) {
        reading.add(Fact::Watch(Box::new(watch)));
    }
}

/// The alerts of `groups`, as in a file of rules and in a `PrometheusRule`.
pub fn alerts(node: Node<'_>, at: &dyn Fn(Node<'_>) -> Span, found: &mut Vec<Watch>) {
    let groups = node.get("groups").into_iter().flat_map(Node::items).take(MOST);
    for rule in groups.flat_map(|group| group.get("rules").into_iter().flat_map(Node::items)).take(MOST) {
        let Some(name) = rule.get("alert") else { continue };
        let runbook = ["runbook_url", "runbook", "runbook_link"]
            .iter()
            .find_map(|key| rule.at(&["annotations", key]).or_else(|| rule.at(&["labels", key]))?.text());
        found.push(Watch::Alert(Alert {
            name: symbol(Some(name)),
            expression: symbol(rule.get("expr")),
            runbook: runbook.filter(|text| !text.trim().is_empty()).map(clipped),
            span: at(name),
        }));
    }
}

fn scrapes(job: Node<'_>, at: &dyn Fn(Node<'_>) -> Span, found: &mut Vec<Watch>) {
    for config in job.get("static_configs").into_iter().flat_map(Node::items).take(MOST) {
        for target in config.get("targets").into_iter().flat_map(Node::items).take(MOST - found.len().min(MOST)) {
            let Some(text) = target.text() else { continue };
            let host = text.rsplit("://").next().unwrap_or(text).split([':', '/']).next().unwrap_or(text);
            found.push(Watch::Scrape(Scrape {
                kind: Symbol::new("Prometheus target"),
                of: Scraped::Host(Value::literal(host, at(target))),
                span: at(target),
            }));
        }
    }
    let discovers = job.get("kubernetes_sd_configs").into_iter().flat_map(Node::items).find(|config| {
        config
            .get("role")
            .and_then(Node::text)
            .is_some_and(|role| matches!(role, "pod" | "endpoints" | "endpointslice"))
    });
    let narrows =
        job.get("relabel_configs").into_iter().flat_map(Node::items).any(|rule| {
            rule.get("action").and_then(Node::text).is_some_and(|action| matches!(action, "keep" | "drop"))
        });
    if let Some(config) = discovers.filter(|_| !narrows) {
        found.push(Watch::Scrape(Scrape {
            kind: Symbol::new("discovery of Prometheus"),
            of: Scraped::Pods(Selector::default()),
            span: at(config),
        }));
    }
}

fn symbol(node: Option<Node<'_>>) -> Symbol {
    clipped(node.and_then(Node::raw).unwrap_or_default())
}

/// A text that is no longer than what is kept.
pub fn clipped(text: &str) -> Symbol {
    let text = text.trim();
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Symbol::new(text.get(..end).unwrap_or_default())
}
