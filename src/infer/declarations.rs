//! What people declared and files say otherwise, as rules see it.

use super::Estate;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::{Layer, LayerKind};
use crate::graph::databases::family;
use crate::graph::model::{Access, Call, Confidence, Database, Graph, Server, ServiceId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What a setting is that nothing sets.
const NOTHING: &str = "none";

/// One statement of a declaration that files can confirm or refute.
struct Statement {
    service: ServiceId,
    /// `the timeout of its calls to billing`
    what: String,
    /// `800 ms`
    stated: String,
    span: Span,
    seen: Seen,
}

/// What files say of it.
enum Seen {
    Same(Vec<Span>),
    /// Something else: what, and where.
    Other(String, Vec<Span>),
    Unknown(&'static str),
}

/// One subject for each declared timeout, number of retries, and database. Linear in calls;
/// databases are compared with those of their name.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    for call in &graph.calls {
        let to = graph.service(call.to).name;
        if let Some((stated, span)) = declared(&call.timeout) {
            let seen = of_layers(
                *stated,
                &layers(call, &call.timeout, |client| &client.timeout),
                |ms| format!("{ms} ms"),
                NOTHING,
            );
            add(
                graph,
                found,
                Statement {
                    service: call.from,
                    what: format!("the timeout of its calls to {to}"),
                    stated: format!("{stated} ms"),
                    span,
                    seen,
                },
            );
        }
        if let Some((stated, span)) = declared(&call.retries) {
            let of_code = layers(call, &call.retries, |client| &client.retries);
            let counts: Vec<Vec<Layer<u32>>> =
                of_code.iter().map(|layers| layers.iter().map(counted).collect()).collect();
            let seen = of_layers(stated.retries, &counts, |retries| retries.to_string(), "0");
            add(
                graph,
                found,
                Statement {
                    service: call.from,
                    what: format!("the retries of its calls to {to}"),
                    stated: stated.retries.to_string(),
                    span,
                    seen,
                },
            );
        }
    }
    for database in &graph.databases {
        for access in database.accesses.iter().filter(|access| access.confidence == Confidence::Declared) {
            let Some(span) = access.evidence.0.first().copied() else { continue };
            let what = format!("its database {}", database.name);
            let stated = described(graph, database);
            let seen = of_database(graph, database, access);
            add(graph, found, Statement { service: access.service, what, stated, span, seen });
        }
    }
}

/// What a person said, and where.
fn declared<T>(layers: &[Layer<T>]) -> Option<(&T, Span)> {
    layers.iter().filter(|layer| layer.kind == LayerKind::Declaration).find_map(|layer| match &layer.answer {
        Answer::Present(value, evidence) => Some((value, evidence.0.first().copied()?)),
        Answer::Absent(_) | Answer::Unknown(_) => None,
    })
}

/// The layers that files show, for each client of the caller; those of a proxy where no code
/// shows the call. A mesh comes on top of what the caller does.
fn layers<'g, T: Clone>(
    call: &'g Call,
    of_call: &'g [Layer<T>],
    of_client: impl Fn(&'g crate::graph::model::ClientUse) -> &'g Vec<Layer<T>>,
) -> Vec<Vec<Layer<T>>> {
    let is_code =
        |layer: &&Layer<T>| !matches!(layer.kind, LayerKind::Mesh | LayerKind::Proxy | LayerKind::Declaration);
    if call.clients.is_empty() {
        let of_proxy: Vec<Layer<T>> = of_call.iter().filter(|layer| layer.kind == LayerKind::Proxy).cloned().collect();
        return if of_proxy.is_empty() { Vec::new() } else { vec![of_proxy] };
    }
    call.clients.iter().map(|client| of_client(client).iter().filter(is_code).cloned().collect()).collect()
}

fn counted(layer: &Layer<crate::facts::network::Retries>) -> Layer<u32> {
    let answer = match &layer.answer {
        Answer::Present(retries, evidence) => Answer::Present(retries.retries, evidence.clone()),
        Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
        Answer::Unknown(reason) => Answer::Unknown(*reason),
    };
    Layer { kind: layer.kind, answer }
}

/// Compares what is declared with what each client was told; `none` is how nothing is called.
fn of_layers<T: Copy + Ord>(stated: T, clients: &[Vec<Layer<T>>], said: impl Fn(T) -> String, none: &str) -> Seen {
    let mut same = Vec::new();
    for layers in clients.iter().filter(|layers| !layers.is_empty()) {
        let present = layers.iter().filter_map(|layer| match &layer.answer {
            Answer::Present(value, evidence) => Some((*value, evidence.0.first().copied())),
            Answer::Absent(_) | Answer::Unknown(_) => None,
        });
        let unknown = layers.iter().any(|layer| matches!(layer.answer, Answer::Unknown(_)));
        match present.min() {
            Some((value, place)) if value == stated => same.extend(place),
            Some(_) | None if unknown => {}
            Some((value, place)) => return Seen::Other(said(value), place.into_iter().collect()),
            None if said(stated) == none => same.extend(absent_at(layers)),
            None => return Seen::Other(none.to_owned(), absent_at(layers)),
        }
    }
    if same.is_empty() { Seen::Unknown("no file shows what the caller does") } else { Seen::Same(same) }
}

fn absent_at<T>(layers: &[Layer<T>]) -> Vec<Span> {
    let places = layers.iter().filter_map(|layer| match &layer.answer {
        Answer::Absent(evidence) => evidence.0.first().copied(),
        Answer::Present(..) | Answer::Unknown(_) => None,
    });
    places.take(1).collect()
}

/// `shop (postgresql on db)`
fn described(graph: &Graph, database: &Database) -> String {
    let server = match database.server {
        Server::Inside(id) => graph.infrastructure.get(id.0 as usize).map(|infra| infra.name),
        Server::Outside(host) | Server::Hidden(host) => Some(host),
        Server::Unknown => None,
    };
    match server {
        Some(server) => format!("{} on {server}", database.engine),
        None => database.engine.as_str().to_owned(),
    }
}

/// Looks for another database of the name that the same service is seen to use.
fn of_database(graph: &Graph, database: &Database, access: &Access) -> Seen {
    let own = |other: &Database| -> Vec<Span> {
        let seen =
            other.accesses.iter().filter(|one| one.service == access.service && one.confidence == Confidence::Observed);
        seen.filter_map(|one| one.evidence.0.first().copied()).collect()
    };
    let mut namesakes =
        graph.databases.iter().filter(|other| other.name == database.name && !std::ptr::eq(*other, database));
    let refuted = namesakes.find_map(|other| {
        let places = own(other);
        let both_known = other.server != Server::Unknown && database.server != Server::Unknown;
        let differs =
            family(other.engine) != family(database.engine) || (both_known && other.server != database.server);
        (differs && !places.is_empty()).then(|| Seen::Other(described(graph, other), places))
    });
    refuted.unwrap_or_else(|| match own(database) {
        places if places.is_empty() => {
            Seen::Unknown("no file shows a connection of the service to a database of that name")
        }
        places => Seen::Same(places),
    })
}

fn add(graph: &Graph, found: &mut Vec<Subject>, statement: Statement) {
    let service = graph.service(statement.service).name;
    let (seen, holds) = match statement.seen {
        Seen::Same(places) => (statement.stated.clone(), Answer::Present(Datum::Bool(true), Evidence(places))),
        Seen::Other(said, places) => (said, Answer::Absent(Evidence(places))),
        Seen::Unknown(why) => (String::new(), Answer::unknown(why)),
    };
    let related = match &holds {
        Answer::Absent(evidence) => evidence
            .0
            .iter()
            .map(|place| {
                (*place, if seen == NOTHING { "nothing sets it here".to_owned() } else { format!("it is {seen} here") })
            })
            .collect(),
        Answer::Present(..) | Answer::Unknown(_) => Vec::new(),
    };
    let (def, row) = RowBuilder::new("declaration", statement.span)
        .text("service", &service)
        .text("what", &statement.what)
        .text("stated", &statement.stated)
        .text("seen", &seen)
        .set("holds", holds)
        .finish();
    found.push(Subject {
        def,
        name: format!("{} of {service}", statement.what),
        anchor: format!("declaration {service} {}", statement.what),
        span: statement.span,
        services: vec![Symbol::new(&service)],
        confidence: Confidence::Observed,
        row,
        related,
    });
}
