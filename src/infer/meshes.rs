//! Meshes of the estate, and what they are used for.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::mesh::{self, Namespaces};
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::workloads::main_variants;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::policy::Says;
use crate::graph::model::Confidence;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// One subject for each mesh that workloads are put into or that is installed.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let mut places: BTreeMap<Symbol, (Span, BTreeSet<Symbol>)> = BTreeMap::new();
    let mut uses: BTreeSet<&str> = BTreeSet::new();
    for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
        if let Fact::MeshPart(part) = fact {
            places.entry(part.mesh).or_insert((part.span, BTreeSet::new()));
            uses.extend(part.used_for.as_ref().map(|used| used.as_str()));
        } else if let Fact::TrafficPolicy(policy) = fact {
            uses.insert("routing");
            if policy.retries.is_present() {
                uses.insert("retries");
            }
            if policy.timeout_ms.is_present() {
                uses.insert("timeouts");
            }
        } else if let Fact::Policy(policy) = fact {
            uses.extend(used_by(&policy.says));
        }
    }
    let namespaces = Namespaces::new(estate);
    for workload in &estate.graph.workloads {
        let Some(variant) = main_variants(workload).first().copied() else { continue };
        let Some(top) = estate.layers(variant).last().copied() else { continue };
        if let Answer::Present(Datum::Text(name), evidence) = mesh::of(estate, &namespaces, variant, top).name {
            let place = evidence.0.first().copied().unwrap_or(variant.span);
            let services = &mut places.entry(name).or_insert((place, BTreeSet::new())).1;
            services.insert(estate.graph.target_name(workload.owner));
        }
    }
    for (name, (place, members)) in places {
        // Linkerd encrypts between its members without being told (linkerd.io, "Automatic mTLS").
        let mut of_mesh = uses.clone();
        if name == "linkerd" {
            of_mesh.insert("mutual TLS");
        }
        let (def, row) = RowBuilder::new("mesh", place)
            .text("name", &name)
            .int("members", members.len() as i64)
            .texts("uses", of_mesh.into_iter().map(Symbol::new))
            .finish();
        found.push(Subject {
            def,
            name: name.as_str().to_owned(),
            anchor: format!("mesh {name}"),
            span: place,
            services: members.into_iter().collect(),
            confidence: Confidence::Observed,
            row,
            related: Vec::new(),
        });
    }
}

/// What a policy uses a mesh for.
fn used_by(says: &Says) -> Option<&'static str> {
    match says {
        Says::PeerTls { mode, .. } => mode.value().filter(|mode| **mode == "STRICT").map(|_| "mutual TLS"),
        Says::Authorization => Some("authorization"),
        Says::Traffic(_) | Says::Disruption { .. } | Says::Scaling { .. } | Says::Canary | Says::Defaults { .. } => {
            None
        }
    }
}
