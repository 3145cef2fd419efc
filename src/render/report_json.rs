//! `report --format json`: `archlint.report/v1`, which a later report takes with
//! `--previous`. A change of meaning is a new version.

use serde::Serialize;

use crate::facts::answer::Answer;
use crate::graph::model::{Graph, ServiceId};
use crate::graph::words::{protocol_word, route_word};
use crate::infer::coupling::{Coupling, ServiceCoupling, coupling, public_surface};
use crate::infer::waits::{Hop, Wait, Waits, attempts_at_end};
use crate::judge::finding::Severity;
use crate::source::line_index::ColumnUnit;

use super::beside::Beside;
use super::json::{JsonFinding, JsonUnresolved, finding, unresolved, written};
use super::outcome::{Outcome, counts};
use super::suppressions::{Entry, entries};
use super::themes::themes;
use super::trend::PreviousFinding;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    summary: Summary,
    themes: Vec<Theme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trend: Option<JsonTrend>,
    findings: Vec<Finding>,
    coupling: JsonCoupling,
    databases: Vec<Database>,
    public_surface: Vec<Way>,
    not_verified: Vec<NotVerified>,
    unresolved: Vec<JsonUnresolved>,
    unreadable: Vec<Unreadable>,
    suppressions: Vec<Entry>,
    baselined: Vec<Baselined>,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    not_verified: usize,
    services: usize,
    databases: usize,
    channels: usize,
    calls: usize,
    files: Files,
}

#[derive(Serialize)]
struct Files {
    read: usize,
    unreadable: usize,
    ignored: usize,
    left_out: usize,
}

#[derive(Serialize)]
struct Theme {
    theme: &'static str,
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct JsonTrend {
    new: usize,
    fixed: Vec<Fixed>,
    unchanged: usize,
    accepted: usize,
    errors_before: usize,
    warnings_before: usize,
    notes_before: usize,
}

#[derive(Serialize)]
struct Fixed {
    rule: String,
    severity: &'static str,
    message: String,
    place: String,
    fingerprint: String,
}

#[derive(Serialize)]
struct Finding {
    theme: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<bool>,
    #[serde(flatten)]
    finding: JsonFinding,
}

#[derive(Serialize)]
struct JsonCoupling {
    services: Vec<Service>,
    carriers: Vec<Carrier>,
    chains: Vec<Chain>,
    cycles: Vec<Chain>,
}

#[derive(Serialize)]
struct Service {
    service: &'static str,
    callers: Vec<&'static str>,
    callees: Vec<&'static str>,
    dependents: Option<usize>,
    instability_percent: Option<usize>,
}

#[derive(Serialize)]
struct Carrier {
    from: &'static str,
    to: &'static str,
    chains: u64,
    of: u64,
    longest: usize,
    longest_without: usize,
}

#[derive(Serialize)]
struct Chain {
    services: Vec<&'static str>,
    hops: Vec<JsonHop>,
    attempts_at_end: Option<u64>,
}

#[derive(Serialize)]
struct JsonHop {
    from: &'static str,
    to: &'static str,
    protocol: &'static str,
    timeout: State,
    attempts: Option<u64>,
    wait: State,
}

#[derive(Serialize)]
struct State {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
}

#[derive(Serialize)]
struct Database {
    name: &'static str,
    engine: &'static str,
    server: &'static str,
    services: Vec<&'static str>,
}

#[derive(Serialize)]
struct Way {
    to: &'static str,
    kind: &'static str,
    host: Option<&'static str>,
    path: Option<&'static str>,
    port: Option<u16>,
    public: Option<bool>,
}

#[derive(Serialize)]
struct NotVerified {
    rule: &'static str,
    subject: String,
    why: String,
    path: &'static str,
    line: u32,
}

#[derive(Serialize)]
struct Unreadable {
    path: &'static str,
    line: u32,
    message: String,
    help: String,
}

#[derive(Serialize)]
struct Baselined {
    rule: &'static str,
    message: String,
    path: &'static str,
    line: u32,
    fingerprint: String,
    since: Option<String>,
    age_days: Option<i64>,
}

/// The report as one JSON document, indented, with a line break at the end.
pub fn render(outcome: &Outcome<'_>, beside: &Beside<'_>) -> String {
    let trend = beside.trend;
    let (graph, sources, judgement) = (outcome.graph, outcome.sources, outcome.judgement);
    let counts = counts(judgement);
    let line = |span| sources.position(span, ColumnUnit::Characters).0.line;
    written(&Document {
        schema: "archlint.report/v1",
        version: outcome.version,
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            not_verified: judgement.undecided.len(),
            services: graph.services.len(),
            databases: graph.databases.len(),
            channels: graph.channels.len(),
            calls: graph.calls.len(),
            files: Files {
                read: outcome.coverage.files_read,
                unreadable: outcome.coverage.files_unreadable,
                ignored: outcome.coverage.files_ignored,
                left_out: outcome.coverage.files_left_out,
            },
        },
        themes: themes(&judgement.findings)
            .iter()
            .map(|theme| Theme {
                theme: theme.name.as_str(),
                errors: theme.count(Severity::Error),
                warnings: theme.count(Severity::Warning),
                notes: theme.count(Severity::Note),
            })
            .collect(),
        trend: trend.map(|trend| JsonTrend {
            new: trend.new.len(),
            fixed: trend.fixed.iter().map(fixed).collect(),
            unchanged: trend.unchanged,
            accepted: trend.accepted,
            errors_before: trend.before.errors,
            warnings_before: trend.before.warnings,
            notes_before: trend.before.notes,
        }),
        findings: judgement
            .findings
            .iter()
            .map(|one| Finding {
                theme: one.category.as_str(),
                new: trend.map(|trend| trend.new.contains(&one.fingerprint)),
                finding: finding(one, sources),
            })
            .collect(),
        coupling: coupled(graph, &coupling(graph)),
        databases: databases(graph),
        public_surface: public_surface(graph)
            .into_iter()
            .map(|route| Way {
                to: graph.target_name(route.target).as_str(),
                kind: route_word(route.kind),
                host: route.host.map(|host| host.as_str()),
                path: route.path.map(|path| path.as_str()),
                port: route.port,
                public: route.way_in().value().copied(),
            })
            .collect(),
        not_verified: judgement
            .undecided
            .iter()
            .map(|one| NotVerified {
                rule: one.rule.as_str(),
                subject: one.subject.clone(),
                why: one.why.clone(),
                path: sources.path(one.span.file).as_str(),
                line: line(one.span),
            })
            .collect(),
        unresolved: unresolved(graph, sources),
        unreadable: graph
            .problems
            .iter()
            .map(|one| Unreadable {
                path: sources.path(one.span.file).as_str(),
                line: line(one.span),
                message: one.message.clone(),
                help: one.help.clone(),
            })
            .collect(),
        suppressions: entries(&beside.suppressions, sources, beside.today),
        baselined: judgement
            .baselined
            .iter()
            .map(|one| {
                let since = beside.baselined.get(&one.fingerprint).copied();
                Baselined {
                    rule: one.rule.as_str(),
                    message: one.message.clone(),
                    path: sources.path(one.span.file).as_str(),
                    line: line(one.span),
                    fingerprint: one.fingerprint.clone(),
                    since: since.map(|day| day.to_string()),
                    age_days: beside.age_days(since),
                }
            })
            .collect(),
    })
}

fn fixed(one: &PreviousFinding) -> Fixed {
    Fixed {
        rule: one.rule.clone(),
        severity: one.severity.word(),
        message: one.message.clone(),
        place: one.place.clone(),
        fingerprint: one.fingerprint.clone(),
    }
}

fn coupled(graph: &Graph, coupling: &Coupling) -> JsonCoupling {
    let waits = Waits::new(graph);
    let service = |(one, coupled): (&crate::graph::model::Service, &ServiceCoupling)| Service {
        service: one.name.as_str(),
        callers: names(graph, &coupled.callers),
        callees: names(graph, &coupled.callees),
        dependents: coupled.dependents,
        instability_percent: coupled.instability_percent(),
    };
    JsonCoupling {
        services: graph.services.iter().zip(&coupling.services).map(service).collect(),
        carriers: coupling
            .carriers
            .iter()
            .map(|one| Carrier {
                from: name(graph, ServiceId(one.call.0)),
                to: name(graph, ServiceId(one.call.1)),
                chains: one.chains,
                of: one.of,
                longest: one.longest.0,
                longest_without: one.longest.1,
            })
            .collect(),
        chains: coupling.chains.iter().map(|group| chain(graph, &waits, &group.hops)).collect(),
        cycles: coupling
            .circles
            .iter()
            .map(|circle| {
                let mut hops = circle.hops.clone();
                hops.extend(circle.hops.first());
                chain(graph, &waits, &hops)
            })
            .collect(),
    }
}

fn chain(graph: &Graph, waits: &Waits<'_>, hops: &[u32]) -> Chain {
    let services: Vec<ServiceId> = hops.iter().map(|hop| ServiceId(*hop)).collect();
    let hops = waits.hops(&services);
    Chain {
        services: names(graph, &services),
        attempts_at_end: attempts_at_end(&hops),
        hops: hops.iter().map(|one| hop(graph, one)).collect(),
    }
}

fn hop(graph: &Graph, hop: &Hop<'_>) -> JsonHop {
    JsonHop {
        from: name(graph, hop.call.from),
        to: name(graph, hop.call.to),
        protocol: protocol_word(hop.call.protocol),
        timeout: match &hop.timeout {
            Answer::Present(ms, _) => State { state: "present", ms: Some(*ms) },
            Answer::Absent(_) => State { state: "absent", ms: None },
            Answer::Unknown(_) => State { state: "unknown", ms: None },
        },
        attempts: hop.attempts,
        wait: match hop.wait {
            Wait::AtMost(ms) => State { state: "at-most", ms: Some(ms) },
            Wait::Unlimited => State { state: "unlimited", ms: None },
            Wait::Unknown => State { state: "unknown", ms: None },
        },
    }
}

fn databases(graph: &Graph) -> Vec<Database> {
    let one = |database: &crate::graph::model::Database| {
        let mut users: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        users.dedup();
        Database {
            name: database.name.as_str(),
            engine: database.engine.as_str(),
            server: graph.server_name(database.server).as_str(),
            services: names(graph, &users),
        }
    };
    graph.databases.iter().map(one).collect()
}

fn name(graph: &Graph, id: ServiceId) -> &'static str {
    graph.services.get(id.0 as usize).map_or("", |one| one.name.as_str())
}

fn names(graph: &Graph, services: &[ServiceId]) -> Vec<&'static str> {
    services.iter().map(|&id| name(graph, id)).collect()
}
