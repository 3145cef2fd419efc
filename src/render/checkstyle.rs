//! `--format checkstyle`: Checkstyle's XML, which reviewdog, Jenkins and many others read.

use std::collections::BTreeMap;

use crate::judge::finding::{Finding, Severity};
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::region;
use super::xml;

/// One `file` for each path, sorted; its findings in their own order.
pub fn render(outcome: &Outcome<'_>) -> String {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in &outcome.judgement.findings {
        let place = region(outcome, finding.span, ColumnUnit::Characters);
        files.entry(place.path).or_default().push(error(finding, place.start.line, place.start.column));
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (path, errors) in &files {
        out.push_str(&format!("  <file name=\"{}\">\n{}  </file>\n", xml::text(path), errors.concat()));
    }
    out.push_str("</checkstyle>\n");
    out
}

fn error(finding: &Finding, line: u32, column: u32) -> String {
    let severity = match finding.severity {
        Severity::Note => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let (message, rule) = (xml::text(&escape::line(&finding.message)), xml::text(&finding.rule));
    format!(
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"{rule}\"/>\n"
    )
}
