//! A section for each service: who owns it, where it runs, whom it needs, what is known.

use std::collections::BTreeMap;

use crate::facts::answer::Answer;
use crate::graph::model::{Call, Endpoint, ServiceId};
use crate::graph::words::{protocol_word, runtime_word};
use crate::infer::timeouts::{effective_retries, effective_timeout};
use crate::judge::finding::{Finding, Severity, Undecided};
use crate::render::outcome::{counted, exposure_word, publicly_routed};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

use super::chains::{attempts_words, timeout_words};
use super::markup::{code, sentence, text};
use super::{Page, findings, gaps};

/// Entries of one list of one service, and of large estates; the JSON report has all.
const MOST: usize = 12;
const MOST_IN_LARGE: usize = 5;
/// Findings of one severity of one service in a large estate.
const FOUND_IN_LARGE: usize = 4;
/// More services than this make an estate large.
const LARGE: usize = 200;
/// Characters of a finding's sentence; the whole one stands where the link leads.
const SENTENCE: usize = 80;

/// Everything about services, sorted to them once.
#[derive(Default)]
struct Of<'a> {
    calls: Vec<&'a Call>,
    called: Vec<&'a Call>,
    databases: Vec<usize>,
    produces: Vec<usize>,
    consumes: Vec<usize>,
    endpoints: Vec<&'a Endpoint>,
    findings: Vec<&'a Finding>,
    undecided: Vec<&'a Undecided>,
}

/// All services, in the graph's order.
pub(super) fn section(page: &Page<'_>) -> String {
    let graph = page.outcome.graph;
    if graph.services.is_empty() {
        return "<p>No service was found.</p>\n".to_owned();
    }
    let all = sorted(page);
    let large = graph.services.len() > LARGE;
    let most = if large { MOST_IN_LARGE } else { MOST };
    let entry = |out: &mut String, term: &str, values: &[String], none: &str| entry(out, term, values, none, most);
    let optional = |out: &mut String, term: &str, values: &[String]| {
        if !values.is_empty() {
            entry(out, term, values, "");
        }
    };
    let routed = publicly_routed(graph);
    let mut out = String::from(
        "<form class=\"tools\"><label>Filter services <input type=\"search\" id=\"service-filter\" \
         placeholder=\"name, owner, folder\"></label> <output id=\"service-count\"></output></form>\n",
    );
    for (at, service) in graph.services.iter().enumerate() {
        let id = ServiceId(at as u32);
        let Some(of) = all.get(at) else { continue };
        out.push_str(&format!("<details class=\"service\" id=\"s{at}\"><summary><h3>{}</h3>", text(&service.name)));
        if !of.findings.is_empty() {
            out.push_str(&format!(" {}", counted(of.findings.len(), "finding", "findings")));
        }
        out.push_str("</summary>\n<dl>");
        let names = |list: &[Symbol]| list.iter().map(|one| text(one)).collect::<Vec<_>>();
        entry(&mut out, "Owner", &names(&service.owners), "nobody is named");
        entry(
            &mut out,
            "Runtime",
            &service.runtime.map(runtime_word).map(str::to_owned).into_iter().collect::<Vec<_>>(),
            "not known",
        );
        entry(
            &mut out,
            "Code",
            &service.folder.map(|folder| code(folder.as_str())).into_iter().collect::<Vec<_>>(),
            "not in the estate",
        );
        entry(&mut out, "Exposure", &[exposure_word(graph, id, &routed).to_owned()], "");
        let workloads: Vec<String> = service.workloads.iter().map(|one| workload(one, service.folder, large)).collect();
        entry(&mut out, "Deployed", &workloads, "no deployment was found");
        if !service.aliases.is_empty() {
            entry(&mut out, "Also called", &names(&service.aliases), "");
        }
        let calls: Vec<_> = of.calls.iter().map(|call| (*call, call.to)).collect();
        entry(&mut out, "Calls", &lines(page, &calls, most), "nobody that is known");
        let called: Vec<_> = of.called.iter().map(|call| (*call, call.from)).collect();
        entry(&mut out, "Called by", &lines(page, &called, most), "nobody that is known");
        if let Some(dependents) = page.coupling.services.get(at).and_then(|one| one.dependents).filter(|one| *one > 0) {
            entry(&mut out, "Falls with it", &[counted(dependents, "service", "services")], "");
        }
        let databases = of.databases.iter().filter_map(|at| graph.databases.get(*at));
        let databases: Vec<String> =
            databases.map(|one| format!("{} ({})", code(&one.name), text(&one.engine))).collect();
        optional(&mut out, "Databases", &databases);
        let channels = |list: &[usize]| {
            list.iter().filter_map(|at| graph.channels.get(*at)).map(|one| code(&one.name)).collect::<Vec<_>>()
        };
        optional(&mut out, "Publishes", &channels(&of.produces));
        optional(&mut out, "Consumes", &channels(&of.consumes));
        let mut operations: Vec<String> = of.endpoints.iter().take(most).map(|one| text(&one.name)).collect();
        if of.endpoints.len() > most {
            operations.push(format!("{} more", of.endpoints.len() - most));
        }
        if !operations.is_empty() {
            out.push_str(&format!("<dt>Operations<dd><code>{}</code>\n", operations.join("<br>")));
        }
        let found = found(page, &of.findings, if large { FOUND_IN_LARGE } else { MOST }, large);
        entry(&mut out, "Findings", &found, "none");
        let undecided: Vec<String> = unknown(page, &of.undecided, large);
        optional(&mut out, "Not known", &undecided);
        out.push_str("</dl></details>\n");
    }
    out
}

fn sorted<'a>(page: &Page<'a>) -> Vec<Of<'a>> {
    let graph = page.outcome.graph;
    let mut all: Vec<Of<'a>> = graph.services.iter().map(|_| Of::default()).collect();
    let mut with = |id: ServiceId, add: &mut dyn FnMut(&mut Of<'a>)| {
        if let Some(of) = all.get_mut(id.0 as usize) {
            add(of);
        }
    };
    for call in &graph.calls {
        with(call.from, &mut |of| of.calls.push(call));
        with(call.to, &mut |of| of.called.push(call));
    }
    for (at, database) in graph.databases.iter().enumerate() {
        for access in &database.accesses {
            with(access.service, &mut |of| {
                if of.databases.last() != Some(&at) {
                    of.databases.push(at);
                }
            });
        }
    }
    for (at, channel) in graph.channels.iter().enumerate() {
        for id in &channel.producers {
            with(*id, &mut |of| of.produces.push(at));
        }
        for id in &channel.consumers {
            with(*id, &mut |of| of.consumes.push(at));
        }
    }
    for endpoint in &graph.endpoints {
        if let Some(id) = endpoint.service {
            with(id, &mut |of| of.endpoints.push(endpoint));
        }
    }
    for finding in &page.outcome.judgement.findings {
        for name in &finding.services {
            if let Some(id) = page.names.get(name) {
                with(*id, &mut |of| of.findings.push(finding));
            }
        }
    }
    for undecided in &page.outcome.judgement.undecided {
        // Subjects begin with their service: `cart -> catalogue`, `orders/app`, `orders POST /x`.
        let whole = undecided.subject.as_str();
        let first = whole.split(" -> ").next().unwrap_or(whole);
        let parts = [first, first.split(['/', ' ']).next().unwrap_or(first)];
        if let Some(id) = parts.iter().find_map(|part| page.names.get(&Symbol::new(part))) {
            with(*id, &mut |of| of.undecided.push(undecided));
        }
    }
    all
}

/// Reasons with the rules that they keep from judging; in large estates the numbers of the
/// reasons, since the words are the same for most services.
fn unknown(page: &Page<'_>, undecided: &[&Undecided], large: bool) -> Vec<String> {
    if large {
        let links = gaps::linked(page, undecided);
        return if links.is_empty() { Vec::new() } else { vec![format!("reasons {links}")] };
    }
    let mut whys: BTreeMap<&str, (usize, Vec<Symbol>)> = BTreeMap::new();
    for one in undecided {
        let (count, rules) = whys.entry(&one.why).or_default();
        *count += 1;
        if !rules.contains(&one.rule) {
            rules.push(one.rule);
        }
    }
    let told = |(why, (count, rules)): (&str, (usize, Vec<Symbol>))| {
        let rules: Vec<String> = rules.iter().map(|rule| code(rule)).collect();
        format!("{} ({count}: {})", sentence(why), rules.join(", "))
    };
    whys.into_iter().map(told).collect()
}

/// Neighbors of calls that are alike, in one entry: `orders, mail (http, timeout 2 s)`.
fn lines(page: &Page<'_>, calls: &[(&Call, ServiceId)], most: usize) -> Vec<String> {
    let mut alike: BTreeMap<String, Vec<ServiceId>> = BTreeMap::new();
    for (call, other) in calls {
        alike.entry(words(call)).or_default().push(*other);
    }
    alike.into_iter().map(|(words, others)| format!("{} ({words})", page.services(&others, most))).collect()
}

fn words(call: &Call) -> String {
    let attempts = match effective_retries(call) {
        Answer::Present(retries, _) => Some(retries.saturating_add(1)),
        Answer::Absent(_) => Some(1),
        Answer::Unknown(_) => None,
    };
    let timeout = timeout_words(&effective_timeout(call));
    let known = match attempts {
        Some(_) => format!("{timeout}, {}", attempts_words(attempts)),
        None => timeout,
    };
    format!("{}, {known}, {}", protocol_word(call.protocol), call.confidence.word())
}

/// One entry for each severity, the worst first; in large estates by rule.
fn found(page: &Page<'_>, findings: &[&Finding], most: usize, large: bool) -> Vec<String> {
    let linked =
        |one: &Finding| if large { findings::rule_link(page, one) } else { findings::short_link(page, one, SENTENCE) };
    let between = if large { ", " } else { "<br>" };
    let mut entries = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let all: Vec<&&Finding> = findings.iter().filter(|one| one.severity == severity).collect();
        let mut links: Vec<String> = all.iter().take(most).map(|one| linked(one)).collect();
        if all.len() > most {
            links.push(format!("{} more", all.len() - most));
        }
        if !links.is_empty() {
            entries.push(format!("{} {}", findings::badge(severity), links.join(between)));
        }
    }
    entries
}

/// `Deployment cart (deploy/cart.yaml)`; in large estates the service's own folder is left out
/// of the path, which stands a line above: `Deployment cart (…/cart.yaml)`.
fn workload(named: &str, folder: Option<EstatePath>, large: bool) -> String {
    let folder = folder.filter(|folder| large && !folder.as_str().is_empty());
    text(&folder.map_or_else(|| named.to_owned(), |folder| named.replace(&format!("({}/", folder.as_str()), "(…/")))
}

/// One line of the list; `none` where there is nothing. A term and its description end where
/// the next begins, so their end tags are left out: they were a tenth of a large page.
fn entry(out: &mut String, term: &str, values: &[String], none: &str, most: usize) {
    out.push_str(&format!("<dt>{term}"));
    if values.is_empty() {
        out.push_str(&format!("<dd class=\"more\">{none}"));
    }
    for value in values.iter().take(most) {
        out.push_str(&format!("<dd>{value}"));
    }
    if values.len() > most {
        out.push_str(&format!("<dd class=\"more\">{} more", values.len() - most));
    }
    out.push('\n');
}
