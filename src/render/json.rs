//! `--format json`: `archlint.findings/v1`. A change of meaning is a new version.

use serde::Serialize;

use crate::graph::model::Graph;
use crate::judge::finding::{Finding, Related};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::{Outcome, counts};
use super::sources::Sources;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    findings: Vec<JsonFinding>,
    summary: Summary,
    coverage: JsonCoverage,
}

/// A finding, as both JSON and JSON lines write it.
#[derive(Serialize)]
pub(super) struct JsonFinding {
    rule: &'static str,
    severity: &'static str,
    confidence: &'static str,
    message: String,
    path: &'static str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    subject: Subject,
    services: Vec<&'static str>,
    related: Vec<JsonRelated>,
    help: String,
    fingerprint: String,
}

#[derive(Serialize)]
struct Subject {
    kind: &'static str,
    name: String,
}

#[derive(Serialize)]
struct JsonRelated {
    path: &'static str,
    line: u32,
    column: u32,
    message: String,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
    baselined: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct JsonCoverage {
    files: Files,
    services: usize,
    calls: Calls,
    unresolved: Vec<JsonUnresolved>,
}

#[derive(Serialize)]
struct Files {
    read: usize,
    unreadable: usize,
    ignored: usize,
    left_out: usize,
}

#[derive(Serialize)]
struct Calls {
    total: usize,
    resolved: usize,
}

/// Something that could not be resolved, as both JSON documents list it.
#[derive(Serialize)]
pub(super) struct JsonUnresolved {
    path: &'static str,
    line: u32,
    what: &'static str,
    why: &'static str,
}

/// The findings as one JSON document, indented, with a line break at the end.
pub fn render(outcome: &Outcome<'_>) -> String {
    let counts = counts(outcome.judgement);
    let graph = outcome.graph;
    let document = Document {
        schema: "archlint.findings/v1",
        version: outcome.version,
        findings: outcome.judgement.findings.iter().map(|one| finding(one, outcome.sources)).collect(),
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            suppressed: outcome.judgement.suppressed.len(),
            baselined: outcome.judgement.baselined.len(),
            unknown: outcome.judgement.undecided.len(),
        },
        coverage: JsonCoverage {
            files: Files {
                read: outcome.coverage.files_read,
                unreadable: outcome.coverage.files_unreadable,
                ignored: outcome.coverage.files_ignored,
                left_out: outcome.coverage.files_left_out,
            },
            services: graph.services.len(),
            calls: Calls { total: graph.calls.len() + graph.dangling.len(), resolved: graph.calls.len() },
            unresolved: unresolved(graph, outcome.sources),
        },
    };
    written(&document)
}

/// What could not be resolved, in the graph's order.
pub(super) fn unresolved(graph: &Graph, sources: &Sources<'_>) -> Vec<JsonUnresolved> {
    let one = |gap: &crate::graph::model::Unresolved| JsonUnresolved {
        path: sources.path(gap.span.file).as_str(),
        line: sources.position(gap.span, ColumnUnit::Characters).0.line,
        what: gap.what.as_str(),
        why: gap.why.as_str(),
    };
    graph.unresolved.iter().map(one).collect()
}

/// A document on one line, without a line break.
pub(super) fn on_one_line(document: &impl Serialize) -> String {
    match serde_json::to_string(document) {
        Ok(text) => escape::json(&text),
        Err(error) => serde_json::json!({ "error": format!("archlint bug: {error}") }).to_string(),
    }
}

/// A document as text. Our own structs hold only strings, numbers and lists of them, so
/// writing cannot fail; if it did, the text would say so as JSON.
pub(super) fn written(document: &impl Serialize) -> String {
    let mut text = match serde_json::to_string_pretty(document) {
        Ok(text) => escape::json(&text),
        Err(error) => serde_json::json!({ "error": format!("archlint bug: {error}") }).to_string(),
    };
    text.push('\n');
    text
}

/// A finding in the shape of the contract.
pub(super) fn finding(finding: &Finding, sources: &Sources<'_>) -> JsonFinding {
    let (start, end) = sources.position(finding.span, ColumnUnit::Characters);
    JsonFinding {
        rule: finding.rule.as_str(),
        severity: finding.severity.word(),
        confidence: finding.confidence.word(),
        message: finding.message.clone(),
        path: sources.path(finding.span.file).as_str(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        subject: Subject { kind: finding.subject_kind.as_str(), name: finding.subject.clone() },
        services: finding.services.iter().map(|service| service.as_str()).collect(),
        related: finding.related.iter().map(|place| related(place, sources)).collect(),
        help: finding.help.clone(),
        fingerprint: finding.fingerprint.clone(),
    }
}

fn related(place: &Related, sources: &Sources<'_>) -> JsonRelated {
    let (start, _) = sources.position(place.span, ColumnUnit::Characters);
    JsonRelated {
        path: sources.path(place.span.file).as_str(),
        line: start.line,
        column: start.column,
        message: place.message.clone(),
    }
}
