//! `--format rdjson` and `rdjsonl`: reviewdog's diagnostics (its `proto/rdf/reviewdog.proto`).

use serde::Serialize;

use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::{ColumnUnit, Position};
use crate::source::span::Span;

use super::escape;
use super::json::{on_one_line, written};
use super::outcome::Outcome;
use super::region::region;

#[derive(Serialize)]
struct DiagnosticResult {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    source: Source,
    code: Code,
    #[serde(rename = "relatedLocations", skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

const NAME: &str = "archlint";

/// All findings in one document. Columns count UTF-8 bytes, ends are exclusive.
pub fn render(outcome: &Outcome<'_>) -> String {
    let diagnostics = outcome.judgement.findings.iter().map(|finding| diagnostic(outcome, finding)).collect();
    written(&DiagnosticResult { source: Source { name: NAME }, diagnostics })
}

/// One finding a line.
pub fn render_lines(outcome: &Outcome<'_>) -> String {
    let mut out = String::new();
    for finding in &outcome.judgement.findings {
        out.push_str(&on_one_line(&diagnostic(outcome, finding)));
        out.push('\n');
    }
    out
}

fn diagnostic(outcome: &Outcome<'_>, finding: &Finding) -> Diagnostic {
    Diagnostic {
        message: escape::line(&finding.message),
        location: location(outcome, finding.span),
        severity: match finding.severity {
            Severity::Note => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        },
        source: Source { name: NAME },
        code: Code { value: finding.rule.as_str() },
        related: finding
            .related
            .iter()
            .map(|place| Related { message: escape::line(&place.message), location: location(outcome, place.span) })
            .collect(),
    }
}

fn location(outcome: &Outcome<'_>, span: Span) -> Location {
    let place = region(outcome, span, ColumnUnit::Bytes);
    let point = |position: Position| Point { line: position.line, column: position.column };
    Location { path: place.path, range: Range { start: point(place.start), end: point(place.end) } }
}
