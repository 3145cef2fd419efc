//! Chains and circles drawn as the hops they are, with what the caller of each waits for.

use std::collections::BTreeMap;

use crate::facts::answer::Answer;
use crate::graph::model::ServiceId;
use crate::graph::words::protocol_word;
use crate::infer::chains::COUNT_LIMIT;
use crate::infer::waits::{Hop, Wait, attempts_at_end};
use crate::judge::finding::Finding;
use crate::render::outcome::{counted, time_words};
use crate::source::symbol::Symbol;

use super::Page;
use super::markup::sentence;

/// Hops drawn of one chain.
const HOPS: usize = 12;
/// Hops named beside one reason.
const NAMED: usize = 6;

/// The longest chains by carrier, and the circles.
pub(super) fn section(page: &Page<'_>) -> String {
    let coupling = &page.coupling;
    if coupling.chains.is_empty() && coupling.circles.is_empty() {
        return "<p>No service waits for one that waits for another.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<p>Each box calls the next and waits for it. What a caller waits at worst is the timeout times the attempts; \
         a call without a limit may hold its caller for ever.</p>\n",
    );
    let mut chains: Vec<_> = coupling.chains.iter().collect();
    chains.sort_by_key(|group| std::cmp::Reverse(group.hops.len()));
    for group in chains {
        let services: Vec<ServiceId> = group.hops.iter().map(|hop| ServiceId(*hop)).collect();
        let (from, to) = (ServiceId(group.carrier.0), ServiceId(group.carrier.1));
        out.push_str(&format!(
            "<article class=\"chain\"><h3>{} through {} → {}</h3><p>{} in a row. \
             <button type=\"button\" class=\"show\" data-chain=\"{}\">Show in the picture</button></p>\n",
            counted_chains(group.chains),
            page.service(from),
            page.service(to),
            counted(services.len(), "service", "services"),
            ids(&services),
        ));
        out.push_str(&drawn(page, &services));
        out.push_str(&not_known(page, &services));
        out.push_str("</article>\n");
    }
    if !coupling.circles.is_empty() {
        out.push_str("<h3>Circles</h3>\n");
    }
    for circle in &coupling.circles {
        let mut services: Vec<ServiceId> = circle.hops.iter().map(|hop| ServiceId(*hop)).collect();
        services.extend(services.first().copied());
        out.push_str(&format!(
            "<article class=\"chain\"><p>{} call each other in a circle; {} reach each other. \
             <button type=\"button\" class=\"show\" data-chain=\"{}\">Show in the picture</button></p>\n",
            counted(circle.hops.len(), "service", "services"),
            circle.entangled,
            ids(&services),
        ));
        out.push_str(&drawn(page, &services));
        out.push_str("</article>\n");
    }
    out
}

/// The hops of a finding whose subject is a chain or a circle of known services; else nothing.
pub(super) fn of_finding(page: &Page<'_>, finding: &Finding) -> String {
    if !["chain", "cycle"].contains(&finding.subject_kind.as_str()) {
        return String::new();
    }
    let services: Option<Vec<ServiceId>> =
        finding.subject.split(" -> ").map(|name| page.names.get(&Symbol::new(name)).copied()).collect();
    services.filter(|services| services.len() > 1).map_or_else(String::new, |services| drawn(page, &services))
}

fn drawn(page: &Page<'_>, services: &[ServiceId]) -> String {
    let hops = page.waits.hops(services);
    let shown = services.get(..=HOPS).unwrap_or(services);
    let mut out = String::from("<ol class=\"hops\">");
    for (at, id) in shown.iter().enumerate() {
        out.push_str(&format!("<li><span class=\"box\">{}</span>", page.service(*id)));
        let next = shown.get(at + 1);
        let hop = hops.iter().find(|hop| hop.call.from == *id && Some(&hop.call.to) == next);
        if let Some(hop) = hop {
            out.push_str(&one(hop));
        }
        out.push_str("</li>");
    }
    out.push_str("</ol>\n");
    out.push_str(&super::more(services.len(), shown.len(), "service", "services"));
    if let Some(first) = hops.first() {
        out.push_str(&format!("<p class=\"waits\">The first caller waits {}.", wait_words(first.wait)));
        match attempts_at_end(&hops) {
            Some(attempts) if attempts > 1 => {
                out.push_str(&format!(" One request can become {attempts} at the end."));
            }
            Some(_) => {}
            None => out.push_str(" How many requests one becomes at the end is not known."),
        }
        out.push_str("</p>\n");
    }
    out
}

/// Why timeouts of these hops are not known, once for each reason.
fn not_known(page: &Page<'_>, services: &[ServiceId]) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let hops = page.waits.hops(services);
    for hop in &hops {
        if let Answer::Unknown(why) = &hop.timeout {
            let ends = format!("{} → {}", page.service(hop.call.from), page.service(hop.call.to));
            reasons.entry(why.0.as_str()).or_default().push(ends);
        }
    }
    let mut out = String::new();
    for (why, hops) in reasons {
        let named: Vec<&str> = hops.iter().take(NAMED).map(String::as_str).collect();
        let rest = hops.len() - named.len();
        let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        out.push_str(&format!(
            "<p class=\"waits\">Timeout of {}{rest} not known: {}.</p>\n",
            named.join(", "),
            sentence(why)
        ));
    }
    out
}

fn one(hop: &Hop<'_>) -> String {
    let timeout = timeout_words(&hop.timeout);
    let attempts = attempts_words(hop.attempts);
    let early = if hop.gives_up_first { "<br><b>gives up before its callee does</b>" } else { "" };
    format!(
        "<span class=\"hop\"><span aria-hidden=\"true\">→</span> {}<br>{timeout}<br>{attempts}<br>waits {}{early}</span>",
        protocol_word(hop.call.protocol),
        wait_words(hop.wait)
    )
}

/// `timeout 1,500 ms`
pub(super) fn timeout_words(timeout: &Answer<u64>) -> String {
    match timeout {
        Answer::Present(ms, _) => format!("timeout {}", time_words(*ms)),
        Answer::Absent(_) => "<b>no timeout</b>".to_owned(),
        Answer::Unknown(_) => "timeout not known".to_owned(),
    }
}

/// `3 attempts`
pub(super) fn attempts_words(attempts: Option<u64>) -> String {
    attempts.map_or_else(
        || "attempts not known".to_owned(),
        |attempts| format!("{attempts} {}", if attempts == 1 { "attempt" } else { "attempts" }),
    )
}

/// `at most 3 s`
pub(super) fn wait_words(wait: Wait) -> String {
    match wait {
        Wait::AtMost(ms) => format!("at most {}", time_words(ms)),
        Wait::Unlimited => "without limit".to_owned(),
        Wait::Unknown => "for an unknown time".to_owned(),
    }
}

fn counted_chains(chains: u64) -> String {
    match chains {
        1 => "1 chain".to_owned(),
        COUNT_LIMIT => "a million chains or more".to_owned(),
        other => format!("{other} chains"),
    }
}

fn ids(services: &[ServiceId]) -> String {
    services.iter().map(|id| format!("s{}", id.0)).collect::<Vec<_>>().join(" ")
}
