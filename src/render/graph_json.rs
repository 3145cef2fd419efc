//! `graph --format json`: `archlint.graph/v1`. A change of meaning is a new version.

use serde::Serialize;

use crate::facts::answer::Answer;
use crate::graph::model::{Access, Call, Database, Graph, Service, ServiceId, Target};
use crate::graph::words::{protocol_word, route_word, runtime_word};
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::json::{JsonUnresolved, unresolved, written};
use super::outcome::{Timeout, effective, exposure_word, publicly_routed};
use super::sources::Sources;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    version: &'static str,
    services: Vec<JsonService>,
    infrastructure: Vec<JsonInfrastructure>,
    databases: Vec<JsonDatabase>,
    calls: Vec<JsonCall>,
    channels: Vec<JsonChannel>,
    routes: Vec<JsonRoute>,
    unresolved: Vec<JsonUnresolved>,
}

#[derive(Serialize)]
struct JsonService {
    name: &'static str,
    aliases: Vec<&'static str>,
    path: Option<&'static str>,
    runtime: Option<&'static str>,
    exposure: &'static str,
    owners: Vec<&'static str>,
    workloads: Vec<&'static str>,
}

#[derive(Serialize)]
struct JsonInfrastructure {
    name: &'static str,
    kind: &'static str,
    engine: &'static str,
}

#[derive(Serialize)]
struct JsonDatabase {
    name: &'static str,
    engine: &'static str,
    server: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    services: Vec<&'static str>,
    accesses: Vec<JsonAccess>,
}

#[derive(Serialize)]
struct JsonAccess {
    service: &'static str,
    #[serde(flatten)]
    place: Place,
    confidence: &'static str,
}

#[derive(Serialize)]
struct JsonCall {
    from: &'static str,
    to: &'static str,
    protocol: &'static str,
    confidence: &'static str,
    timeout: JsonTimeout,
    evidence: Vec<Place>,
}

#[derive(Serialize)]
struct JsonTimeout {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
}

#[derive(Serialize)]
struct JsonChannel {
    name: &'static str,
    broker: &'static str,
    kind: &'static str,
    producers: Vec<&'static str>,
    consumers: Vec<&'static str>,
}

#[derive(Serialize)]
struct JsonRoute {
    service: &'static str,
    kind: &'static str,
    host: Option<&'static str>,
    path: Option<&'static str>,
    public: bool,
}

#[derive(Serialize)]
struct Place {
    path: &'static str,
    line: u32,
}

/// The graph as one JSON document, indented, with a line break at the end. `host` and
/// `path` of a route are null where it takes every host or path; `public` is true only
/// where that is known.
pub fn render(graph: &Graph, sources: &Sources<'_>, version: &'static str) -> String {
    let routed = publicly_routed(graph);
    let exposure = |index: usize| exposure_word(graph, ServiceId(index as u32), &routed);
    written(&Document {
        schema: "archlint.graph/v1",
        version,
        services: graph.services.iter().enumerate().map(|(at, one)| service(one, exposure(at))).collect(),
        infrastructure: graph
            .infrastructure
            .iter()
            .map(|one| JsonInfrastructure {
                name: one.name.as_str(),
                kind: one.kind.as_str(),
                engine: one.engine.as_str(),
            })
            .collect(),
        databases: graph.databases.iter().map(|one| database(graph, one, sources)).collect(),
        calls: graph.calls.iter().map(|one| call(graph, one, sources)).collect(),
        channels: graph
            .channels
            .iter()
            .map(|one| JsonChannel {
                name: one.name.as_str(),
                broker: one.broker.as_str(),
                kind: one.kind.as_str(),
                producers: names(graph, &one.producers),
                consumers: names(graph, &one.consumers),
            })
            .collect(),
        routes: graph
            .routes
            .iter()
            // Doors of servers are no ways into a service; the findings tell of them.
            .filter(|one| matches!(one.target, Target::Service(_)))
            .map(|one| JsonRoute {
                service: graph.target_name(one.target).as_str(),
                kind: route_word(one.kind),
                host: one.host.map(Symbol::as_str),
                path: one.path.map(Symbol::as_str),
                public: matches!(one.way_in(), Answer::Present(true, _)),
            })
            .collect(),
        unresolved: unresolved(graph, sources),
    })
}

fn service(service: &Service, exposure: &'static str) -> JsonService {
    JsonService {
        name: service.name.as_str(),
        aliases: words(&service.aliases),
        path: service.folder.map(|folder| folder.as_str()),
        runtime: service.runtime.map(runtime_word),
        exposure,
        owners: words(&service.owners),
        workloads: words(&service.workloads),
    }
}

fn database(graph: &Graph, database: &Database, sources: &Sources<'_>) -> JsonDatabase {
    // Accesses are sorted by service, so equal ones are neighbours.
    let mut services: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
    services.dedup();
    let access = |access: &Access| {
        let place = access.evidence.0.first().map(|&span| place(span, sources))?;
        Some(JsonAccess {
            service: graph.service(access.service).name.as_str(),
            place,
            confidence: access.confidence.word(),
        })
    };
    JsonDatabase {
        name: database.name.as_str(),
        engine: database.engine.as_str(),
        server: graph.server_name(database.server).as_str(),
        schema: database.schema.map(Symbol::as_str),
        services: names(graph, &services),
        accesses: database.accesses.iter().filter_map(access).collect(),
    }
}

fn call(graph: &Graph, call: &Call, sources: &Sources<'_>) -> JsonCall {
    JsonCall {
        from: graph.service(call.from).name.as_str(),
        to: graph.service(call.to).name.as_str(),
        protocol: protocol_word(call.protocol),
        confidence: call.confidence.word(),
        timeout: match effective(call) {
            Timeout::Present(ms) => JsonTimeout { state: "present", ms: Some(ms) },
            Timeout::Absent => JsonTimeout { state: "absent", ms: None },
            Timeout::Unknown => JsonTimeout { state: "unknown", ms: None },
        },
        evidence: call.evidence.0.iter().map(|&span| place(span, sources)).collect(),
    }
}

fn place(span: Span, sources: &Sources<'_>) -> Place {
    let (start, _) = sources.position(span, ColumnUnit::Characters);
    Place { path: sources.path(span.file).as_str(), line: start.line }
}

fn names(graph: &Graph, services: &[ServiceId]) -> Vec<&'static str> {
    services.iter().map(|&id| graph.service(id).name.as_str()).collect()
}

fn words(symbols: &[Symbol]) -> Vec<&'static str> {
    symbols.iter().map(|symbol| symbol.as_str()).collect()
}
