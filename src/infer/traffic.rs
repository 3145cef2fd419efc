//! What services send each other, and whether it is encrypted on its way.

use std::collections::BTreeMap;

use super::containers::environment_word;
use super::mesh::{self, Mesh, Namespaces};
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::workloads::main_variants;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::workload::Platform;
use crate::graph::model::{Call, Environment, ServiceId, Target};
use crate::graph::words::protocol_word;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What meshes do for the workloads of one service.
struct Receiver {
    /// One for each that Kubernetes runs.
    meshes: Vec<Mesh>,
    environment: Environment,
}

/// One subject for each pair of services and protocol.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let receivers = receivers(estate);
    found.extend(estate.graph.calls.iter().filter_map(|call| subject(estate, call, receivers.get(&call.to))));
}

fn receivers(estate: &Estate<'_>) -> BTreeMap<ServiceId, Receiver> {
    let namespaces = Namespaces::new(estate);
    let mut receivers: BTreeMap<ServiceId, Receiver> = BTreeMap::new();
    for workload in &estate.graph.workloads {
        let Target::Service(id) = workload.owner else { continue };
        for variant in main_variants(workload) {
            let receiver = receivers
                .entry(id)
                .or_insert_with(|| Receiver { meshes: Vec::new(), environment: variant.environment });
            receiver.environment = receiver.environment.min(variant.environment);
            if variant.platform == Platform::Kubernetes
                && let Some(top) = estate.layers(variant).last()
            {
                receiver.meshes.push(mesh::of(estate, &namespaces, variant, top));
            }
        }
    }
    receivers
}

fn subject(estate: &Estate<'_>, call: &Call, receiver: Option<&Receiver>) -> Option<Subject> {
    let (from, to) = (estate.graph.service(call.from).name, estate.graph.service(call.to).name);
    let (answer, reason) = encryption(call, receiver);
    let place = match &answer {
        Answer::Absent(evidence) => evidence.0.first(),
        Answer::Present(..) | Answer::Unknown(_) => None,
    };
    let place = *place.or(call.evidence.0.first())?;
    let protocol = protocol_word(call.protocol);
    let environment = receiver.map_or(Environment::Unknown, |receiver| receiver.environment);
    let (def, row) = RowBuilder::new("traffic", place)
        .text("from", &from)
        .text("to", &to)
        .text("protocol", protocol)
        .text("confidence", call.confidence.word())
        .text("environment", environment_word(environment))
        .set("encryption", answer.clone())
        .text("encryption_reason", &reason)
        .finish();
    let others: Vec<Span> = match &answer {
        Answer::Absent(evidence) => evidence.0.clone(),
        Answer::Present(..) | Answer::Unknown(_) => Vec::new(),
    };
    let others = others.into_iter().filter(|span| *span != place);
    let mut services = vec![from, to];
    services.sort();
    Some(Subject {
        def,
        name: format!("{from} -> {to}"),
        anchor: format!("traffic {from} -> {to} {protocol}"),
        span: place,
        services,
        confidence: call.confidence,
        row,
        related: others.take(RELATED_LIMIT).map(|span| (span, format!("{from} sends to {to} here"))).collect(),
    })
}

/// What encrypts the requests on their way: the two themselves, or a mesh around the callee; and
/// why nothing does.
fn encryption(call: &Call, receiver: Option<&Receiver>) -> (Answer<Datum>, String) {
    if let Answer::Present(true, evidence) = &call.encrypted {
        return (Answer::Present(Datum::Text(Symbol::new("TLS")), evidence.clone()), String::new());
    }
    let meshes = receiver.map_or(&[][..], |receiver| receiver.meshes.as_slice());
    if let Some(open) = meshes.iter().find(|mesh| !mesh.mutual_tls.is_absent()) {
        return (open.mutual_tls.clone(), String::new());
    }
    let of_mesh = meshes.first();
    match (&call.encrypted, of_mesh) {
        (Answer::Present(_, evidence), None) => {
            (Answer::Absent(evidence.clone()), "it is sent as plain text".to_owned())
        }
        (Answer::Present(_, evidence), Some(mesh)) => {
            (Answer::Absent(evidence.clone()), format!("it is sent as plain text, and {}", of(mesh)))
        }
        // Code was read that encrypts in a way of its own, for all that is known.
        (Answer::Absent(_) | Answer::Unknown(_), Some(mesh)) if call.clients.is_empty() => {
            (Answer::Absent(Evidence(call.evidence.0.iter().take(1).copied().collect())), of(mesh))
        }
        (Answer::Absent(_) | Answer::Unknown(_), _) => (
            Answer::unknown(
                "neither the address nor the client tells whether it is encrypted; an https address or mutual TLS of a mesh would be seen",
            ),
            String::new(),
        ),
    }
}

fn of(mesh: &Mesh) -> String {
    mesh.reason.replacen("it is", "the callee is", 1)
}
