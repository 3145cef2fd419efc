//! What could not be verified, and the step that would make it visible.

use std::collections::BTreeMap;

use crate::judge::finding::Undecided;
use crate::source::symbol::Symbol;

use super::markup::{code, text};
use super::{Page, more};

/// Subjects named for one reason.
const SUBJECTS: usize = 8;
/// Rows of a list.
const ROWS: usize = 200;

/// Undecided rules by reason, gaps in the graph, files that were not understood.
pub(super) fn section(page: &Page<'_>) -> String {
    let (judgement, graph) = (page.outcome.judgement, page.outcome.graph);
    if judgement.undecided.is_empty() && graph.unresolved.is_empty() && graph.problems.is_empty() {
        return "<p>Everything that was judged could be decided.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<p>No rule fires on what is not known. Each reason below names what archlint did not see; what no file shows \
         can be declared in a <code>service.yaml</code> beside the service's code.</p>\n",
    );
    let mut reasons: BTreeMap<Symbol, BTreeMap<&str, Vec<&Undecided>>> = BTreeMap::new();
    for undecided in &judgement.undecided {
        reasons.entry(undecided.rule).or_default().entry(&undecided.why).or_default().push(undecided);
    }
    for (rule, whys) in reasons {
        let number: usize = whys.values().map(Vec::len).sum();
        out.push_str(&format!("<h3>{} ({number})</h3>\n<ul>\n", code(&rule)));
        for (why, subjects) in whys {
            out.push_str(&format!("<li><b>{}</b> ({}): ", text(why), subjects.len()));
            let named = subjects.iter().take(SUBJECTS);
            let named: Vec<String> =
                named.map(|one| format!("{} at {}", text(&one.subject), page.place(one.span))).collect();
            out.push_str(&named.join("; "));
            if subjects.len() > SUBJECTS {
                out.push_str(&format!("; {} more", subjects.len() - SUBJECTS));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul>\n");
    }
    if !graph.unresolved.is_empty() {
        out.push_str(&format!("<h3>Not resolved ({})</h3>\n<ul>\n", graph.unresolved.len()));
        for gap in graph.unresolved.iter().take(ROWS) {
            let place = page.place(gap.span);
            out.push_str(&format!("<li>{place}: {} ({})</li>\n", text(&gap.what), text(&gap.why)));
        }
        out.push_str("</ul>\n");
        out.push_str(&more(graph.unresolved.len(), ROWS, "gap", "gaps"));
    }
    if !graph.problems.is_empty() {
        out.push_str(&format!("<h3>Not readable in full ({})</h3>\n<ul>\n", graph.problems.len()));
        for problem in graph.problems.iter().take(ROWS) {
            let place = page.place(problem.span);
            out.push_str(&format!("<li>{place}: {}; {}</li>\n", text(&problem.message), text(&problem.help)));
        }
        out.push_str("</ul>\n");
        out.push_str(&more(graph.problems.len(), ROWS, "file", "files"));
    }
    out
}
