//! What could not be verified, and the step that would make it visible.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::judge::finding::Undecided;
use crate::render::outcome::counted;
use crate::render::steps::Reason;
use crate::source::symbol::Symbol;

use super::markup::{code, sentence, text};
use super::{Page, more};

/// Subjects named for one reason.
const SUBJECTS: usize = 8;
/// Rows of a list.
const ROWS: usize = 200;

/// The numbers under which the section lists reasons, as links, the most frequent first.
pub(super) fn linked(page: &Page<'_>, undecided: &[&Undecided]) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for one in undecided {
        *numbers.entry(&one.why).or_default() += 1;
    }
    let listed = reasons(page).enumerate().filter_map(|(at, reason)| Some((at + 1, numbers.get(reason.why)?)));
    let mut listed: Vec<(usize, &usize)> = listed.collect();
    listed.sort_by_key(|(_, number)| Reverse(*number));
    let links = listed.iter().map(|(at, number)| format!("<a href=\"#w{at}\">{at}</a> ({number})"));
    links.collect::<Vec<_>>().join(", ")
}

/// In the order in which the section lists them.
fn reasons<'a>(page: &'a Page<'_>) -> impl Iterator<Item = &'a Reason<'a>> {
    page.steps.iter().flat_map(|step| &step.reasons)
}

/// Steps, each with its reasons and their numbers.
fn ranking(page: &Page<'_>) -> String {
    if page.steps.is_empty() {
        return String::new();
    }
    let mut out = String::from("<h3>Steps, the one that decides most checks first</h3>\n<ol class=\"steps\">\n");
    let mut at = 0;
    for step in &page.steps {
        let checks = counted(step.number, "check", "checks");
        out.push_str(&format!("<li>{checks}\n<ul class=\"compact\">\n"));
        for reason in &step.reasons {
            at += 1;
            let rules = reason.rules.iter().map(|(rule, number)| format!("{} {number}", code(rule)));
            let rules = rules.collect::<Vec<_>>().join(", ");
            out.push_str(&format!(
                "<li id=\"w{at}\"><b>{}</b> ({}): {rules}</li>\n",
                sentence(reason.what),
                reason.number
            ));
        }
        out.push_str(&format!("</ul><p>→ {}</p></li>\n", sentence(&capital(step.step))));
    }
    out.push_str("</ol>\n");
    out
}

fn capital(step: &str) -> String {
    let mut letters = step.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Undecided rules by reason, gaps in the graph, files that were not understood.
pub(super) fn section(page: &Page<'_>) -> String {
    let (judgement, graph) = (page.outcome.judgement, page.outcome.graph);
    if judgement.undecided.is_empty() && graph.unresolved.is_empty() && graph.problems.is_empty() {
        return "<p>Everything that was judged could be decided.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<p>No rule fires on what is not known. Each reason names what archlint did not see, and stands under the step \
         that makes it visible; what no file shows can be declared in a <code>service.yaml</code> beside the service's \
         code.</p>\n",
    );
    out.push_str(&ranking(page));
    if !judgement.undecided.is_empty() {
        out.push_str("<h3>Where, by rule</h3>\n");
    }
    let mut reasons: BTreeMap<Symbol, BTreeMap<&str, Vec<&Undecided>>> = BTreeMap::new();
    for undecided in &judgement.undecided {
        reasons.entry(undecided.rule).or_default().entry(&undecided.why).or_default().push(undecided);
    }
    for (rule, whys) in reasons {
        let number: usize = whys.values().map(Vec::len).sum();
        out.push_str(&format!("<details><summary><h4>{}</h4> {number}</summary><ul>\n", code(&rule)));
        for (why, subjects) in whys {
            out.push_str(&format!("<li><b>{}</b> ({}): ", sentence(why), subjects.len()));
            let named = subjects.iter().take(SUBJECTS);
            let named: Vec<String> =
                named.map(|one| format!("{} at {}", text(&one.subject), page.place(one.span))).collect();
            out.push_str(&named.join("; "));
            if subjects.len() > SUBJECTS {
                out.push_str(&format!("; {} more", subjects.len() - SUBJECTS));
            }
            out.push_str("</li>\n");
        }
        out.push_str("</ul></details>\n");
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
