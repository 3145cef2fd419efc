//! `--format junit`: JUnit's XML, as Jenkins, GitLab and Azure Pipelines read test reports.

use std::collections::BTreeMap;

use crate::judge::finding::Finding;
use crate::source::line_index::ColumnUnit;

use super::escape;
use super::outcome::Outcome;
use super::region::{Region, region};
use super::xml;

/// One suite for each file, one failed case for each finding and one skipped case for each
/// that is accepted. A clean estate is one case that passed: readers take a report without
/// cases for a mistake.
pub fn render(outcome: &Outcome<'_>) -> String {
    let judgement = outcome.judgement;
    let failed = judgement.findings.iter().map(|finding| (finding, None));
    let baselined = judgement.baselined.iter().map(|finding| (finding, Some("known, and not told again".to_owned())));
    let suppressed = judgement.suppressed.iter().map(|one| (&one.finding, Some(format!("suppressed: {}", one.reason))));
    let mut files: BTreeMap<String, Suite> = BTreeMap::new();
    let mut names: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut all = Suite::default();
    for (finding, accepted) in failed.chain(baselined).chain(suppressed) {
        let place = region(outcome, finding.span, ColumnUnit::Characters);
        // The subject stands in the name: GitLab tells cases apart by class and name, and one
        // rule may fire on several subjects of a file.
        let mut name = format!("{} ({})", finding.rule, finding.subject);
        let count = names.entry((place.path.clone(), name.clone())).or_default();
        *count += 1;
        if *count > 1 {
            name.push_str(&format!(" {count}"));
        }
        let text = case(finding, &name, &place, accepted.as_deref());
        let of_file = files.entry(place.path).or_default();
        of_file.cases.push_str(&text);
        for suite in [&mut all, of_file] {
            suite.tests += 1;
            *if accepted.is_some() { &mut suite.skipped } else { &mut suite.failures } += 1;
        }
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuites name=\"archlint\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
        all.tests.max(1),
        all.failures,
    ));
    if files.is_empty() {
        out.push_str("  <testsuite name=\"archlint\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n");
        out.push_str("    <testcase name=\"no findings\" classname=\"archlint\"/>\n  </testsuite>\n");
    }
    for (path, Suite { tests, failures, skipped, cases }) in &files {
        let path = xml::text(path);
        out.push_str(&format!(
            "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n{cases}  </testsuite>\n"
        ));
    }
    out.push_str("</testsuites>\n");
    out
}

/// The cases of a file, and how many there are of each kind.
#[derive(Default)]
struct Suite {
    tests: usize,
    failures: usize,
    skipped: usize,
    cases: String,
}

/// A finding as a case: failed, or skipped for a reason.
fn case(finding: &Finding, name: &str, place: &Region, accepted: Option<&str>) -> String {
    let name = xml::text(&escape::line(name));
    let (path, line, column) = (xml::text(&place.path), place.start.line, place.start.column);
    let message = xml::text(&escape::line(&finding.message));
    let outcome = if let Some(reason) = accepted {
        format!("<skipped message=\"{}\"/>", xml::text(&escape::line(reason)))
    } else {
        let mut body = format!("{path}:{line}:{column}: {message}");
        if !finding.help.is_empty() {
            body.push_str(&format!("\nhelp: {}", xml::text(&escape::line(&finding.help))));
        }
        format!("<failure type=\"{}\" message=\"{message}\">{body}</failure>", finding.severity.word())
    };
    format!(
        "    <testcase name=\"{name}\" classname=\"{path}\" file=\"{path}\" line=\"{line}\">\n      {outcome}\n    </testcase>\n"
    )
}
