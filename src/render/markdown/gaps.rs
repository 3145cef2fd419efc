//! What could not be verified, and why.

use std::collections::BTreeMap;

use crate::render::outcome::{Outcome, counted};
use crate::render::steps::steps;
use crate::source::symbol::Symbol;

use super::inline::{code, text};
use super::{Room, more};

/// Reasons named for one step.
const REASONS: usize = 3;

/// What no rule could decide, by rule and reason; gaps in the graph; files not understood.
pub(super) fn section(out: &mut String, outcome: &Outcome<'_>, room: Room) {
    out.push_str("## What could not be verified\n\n");
    let (judgement, graph, sources) = (outcome.judgement, outcome.graph, outcome.sources);
    if judgement.undecided.is_empty() && graph.unresolved.is_empty() && graph.problems.is_empty() {
        out.push_str("Everything that was judged could be decided.\n");
        return;
    }
    let all = steps(judgement);
    for step in all.iter().take(room.hot_spots) {
        let what: Vec<String> =
            step.reasons.iter().take(REASONS).map(|one| format!("{} ({})", text(one.what), one.number)).collect();
        let rest = if step.reasons.len() > REASONS {
            format!(", and {} more", step.reasons.len() - REASONS)
        } else {
            String::new()
        };
        let checks = counted(step.number, "check", "checks");
        out.push_str(&format!("- **{}**, {checks}: {}{rest}\n", text(step.step), what.join(", ")));
    }
    more(out, all.len(), room.hot_spots, "step", "steps");
    if !all.is_empty() {
        out.push('\n');
    }
    let mut reasons: BTreeMap<Symbol, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
    for undecided in &judgement.undecided {
        let subject = format!("{} at {}", code(&undecided.subject), code(&sources.place(undecided.span)));
        reasons.entry(undecided.rule).or_default().entry(&undecided.why).or_default().push(subject);
    }
    if !reasons.is_empty() {
        let checks = counted(judgement.undecided.len(), "check", "checks");
        out.push_str(&format!("<details>\n<summary>{checks} by rule and reason</summary>\n\n"));
    }
    let folded = !reasons.is_empty();
    for (rule, whys) in reasons {
        let number: usize = whys.values().map(Vec::len).sum();
        out.push_str(&format!("### {} ({number})\n\n", code(&rule)));
        for (why, subjects) in whys {
            let mut named: Vec<String> = subjects.iter().take(room.undecided).cloned().collect();
            let rest = subjects.len() - named.len();
            if rest > 0 && named.is_empty() {
                named.push(counted(rest, "place", "places"));
            } else if rest > 0 {
                named.push(format!("and {rest} more"));
            }
            out.push_str(&format!("- {}: {}\n", text(why), named.join(", ")));
        }
        out.push('\n');
    }
    if folded {
        out.push_str("</details>\n\n");
    }
    if !graph.unresolved.is_empty() {
        out.push_str(&format!("### Not resolved ({})\n\n", graph.unresolved.len()));
        out.push_str("What no file shows can be declared in a `service.yaml` beside the service's code.\n\n");
        for gap in graph.unresolved.iter().take(room.rows) {
            let place = code(&sources.place(gap.span));
            out.push_str(&format!("- {place}: {} ({})\n", text(&gap.what), text(&gap.why)));
        }
        more(out, graph.unresolved.len(), room.rows, "gap", "gaps");
        out.push('\n');
    }
    if !graph.problems.is_empty() {
        out.push_str(&format!("### Not readable in full ({})\n\n", graph.problems.len()));
        for problem in graph.problems.iter().take(room.rows) {
            let place = code(&sources.place(problem.span));
            out.push_str(&format!("- {place}: {}; {}\n", text(&problem.message), text(&problem.help)));
        }
        more(out, graph.problems.len(), room.rows, "file", "files");
    }
}
