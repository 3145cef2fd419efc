//! `--format junit`: JUnit's XML, as Jenkins, GitLab and Azure Pipelines read test reports.

use std::collections::BTreeMap;

use crate::judge::finding::Finding;
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::{Region, region};
use super::xml;

/// One suite for each file, one failed case for each finding. A clean estate is one case that
/// passed: readers take a report without cases for a mistake.
pub fn render(outcome: &Outcome<'_>) -> String {
    let findings = &outcome.judgement.findings;
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut names: BTreeMap<(String, String), usize> = BTreeMap::new();
    for finding in findings {
        let place = region(outcome, finding.span, ColumnUnit::Characters);
        // The subject stands in the name: GitLab tells cases apart by class and name, and one
        // rule may fire on several subjects of a file.
        let mut name = format!("{} ({})", finding.rule, finding.subject);
        let count = names.entry((place.path.clone(), name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            name.push_str(&format!(" {count}"));
        }
        let text = case(finding, &name, &place);
        files.entry(place.path).or_default().push(text);
    }
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"archlint\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
        findings.len().max(1),
        findings.len()
    );
    if files.is_empty() {
        out.push_str("  <testsuite name=\"archlint\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n");
        out.push_str("    <testcase name=\"no findings\" classname=\"archlint\"/>\n  </testsuite>\n");
    }
    for (path, cases) in &files {
        let (path, count) = (xml::text(path), cases.len());
        out.push_str(&format!(
            "  <testsuite name=\"{path}\" tests=\"{count}\" failures=\"{count}\" errors=\"0\" skipped=\"0\">\n{}  </testsuite>\n",
            cases.concat()
        ));
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(finding: &Finding, name: &str, place: &Region) -> String {
    let name = xml::text(&escape::line(name));
    let (path, line, column) = (xml::text(&place.path), place.start.line, place.start.column);
    let message = xml::text(&escape::line(&finding.message));
    let mut body = format!("{path}:{line}:{column}: {message}");
    if !finding.help.is_empty() {
        body.push_str(&format!("\nhelp: {}", xml::text(&escape::line(&finding.help))));
    }
    format!(
        "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">\n      <failure type=\"{}\" message=\"{message}\">{body}</failure>\n    </testcase>\n",
        finding.severity.word()
    )
}
