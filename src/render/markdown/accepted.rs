//! What the estate's owners accept, with age and reason.

use crate::judge::finding::Finding;
use crate::render::beside::Beside;
use crate::render::outcome::{Outcome, counted};
use crate::render::suppressions::{Listed, state};

use super::inline::{code, text};

/// The section, at most `rows` lines of each list; nothing where nothing is accepted.
pub(super) fn section(out: &mut String, outcome: &Outcome<'_>, beside: &Beside<'_>, rows: usize) {
    let baselined = &outcome.judgement.baselined;
    if beside.suppressions.is_empty() && baselined.is_empty() {
        return;
    }
    out.push_str("## Accepted\n\n");
    let mut listed: Vec<&Listed<'_>> = beside.suppressions.iter().collect();
    listed.sort_by_key(|one| (one.since.is_none(), one.since));
    for Listed { suppression, since } in listed.iter().take(rows) {
        let rule = if suppression.rule.is_empty() { "no rule".to_owned() } else { code(&suppression.rule) };
        let mut parts = vec![text(&state(&suppression.state))];
        parts.extend(beside.age(*since).map(|age| format!("since {age}")));
        parts.extend(suppression.expires.map(|day| format!("until {}", text(&day))));
        let reason = suppression.reason.map_or("no reason given".to_owned(), |reason| text(&reason));
        let place = code(&outcome.sources.place(suppression.span));
        out.push_str(&format!("- {rule} at {place}: {}: {reason}\n", parts.join(", ")));
    }
    super::more(out, listed.len(), rows, "suppression", "suppressions");
    if !baselined.is_empty() {
        if !listed.is_empty() {
            out.push('\n');
        }
        let since = |one: &Finding| beside.baselined.get(&one.fingerprint).copied();
        let mut all: Vec<&Finding> = baselined.iter().collect();
        all.sort_by_key(|one| (since(one).is_none(), since(one)));
        out.push_str(&format!("In the baseline, the oldest first: {}.\n\n", counted(all.len(), "finding", "findings")));
        for one in all.iter().take(rows) {
            let age = beside.age(since(one)).map_or_else(String::new, |age| format!(", since {age}"));
            let place = code(&outcome.sources.place(one.span));
            out.push_str(&format!("- {} {} at {place}{age}\n", code(&one.rule), text(&one.message)));
        }
        super::more(out, all.len(), rows, "finding", "findings");
    }
    out.push('\n');
}
