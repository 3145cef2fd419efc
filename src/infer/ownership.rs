//! Who answers for a service, and for the estate as a whole.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::workload::Label;
use crate::graph::inputs::Inputs;
use crate::graph::model::{Confidence, ServiceId, Target};
use crate::graph::owners::Owners as Lines;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Last words of labels and annotations of workloads that name who answers for them: `a8r.io/owner`
/// (a8r.io, "Annotations for Kubernetes services"), `shop.example/team`; 2026-11.
const OWNER_WORDS: [&str; 4] = ["owner", "team", "squad", "maintainer"];

/// The owners of each service, with the places that name them.
pub struct Owners {
    of: Vec<(Vec<Symbol>, Answer<Datum>)>,
}

impl Owners {
    /// Looks at the graph's owners, at lines about the files that deploy a service, and at the
    /// labels of its workloads.
    pub fn new(estate: &Estate<'_>) -> Self {
        let places = places_of_owners(estate);
        let inputs = Inputs::new(estate.facts, estate.paths);
        let lines = Lines::new(&inputs);
        let mut of_deployment: FxHashMap<ServiceId, (BTreeSet<Symbol>, Option<Span>)> = FxHashMap::default();
        for workload in &estate.graph.workloads {
            let Target::Service(id) = workload.owner else { continue };
            let known = of_deployment.entry(id).or_default();
            for variant in &workload.variants {
                for layer in estate.layers(variant) {
                    for (owner, span) in layer.labels.iter().chain(&layer.annotations).filter_map(label_owner) {
                        known.0.insert(owner);
                        known.1.get_or_insert(span);
                    }
                }
                let path = variant.layers.first().map(|layer| estate.path(layer.file));
                known.0.extend(path.into_iter().flat_map(|path| lines.of(path).iter().copied()));
            }
        }
        let of = estate.graph.services.iter().enumerate().map(|(at, service)| {
            let deployed = of_deployment.get(&ServiceId(at as u32));
            let (owners, span) = if service.owners.is_empty() {
                deployed.map_or((Vec::new(), None), |(owners, span)| (owners.iter().copied().collect(), *span))
            } else {
                (service.owners.clone(), None)
            };
            let answer = match owners.first() {
                Some(first) => {
                    let place = span.or_else(|| places.get(first).copied()).unwrap_or(service.span);
                    Answer::present(Datum::Text(*first), place)
                }
                None if service.folder.is_none() => {
                    Answer::unknown("its code is not in the estate, and the repository that holds it may name an owner; check both together")
                }
                None => Answer::absent(service.span),
            };
            (owners, answer)
        });
        Self { of: of.collect() }
    }

    /// The first owner of a service, with the place that names it.
    pub fn answer(&self, id: ServiceId) -> Answer<Datum> {
        self.of.get(id.0 as usize).map_or_else(|| Answer::unknown("the service is gone"), |(_, answer)| answer.clone())
    }

    /// All owners of a service, sorted.
    pub fn of(&self, id: ServiceId) -> &[Symbol] {
        self.of.get(id.0 as usize).map_or(&[], |(owners, _)| owners)
    }
}

/// Where each owner is named first.
fn places_of_owners(estate: &Estate<'_>) -> FxHashMap<Symbol, Span> {
    let mut places = FxHashMap::default();
    for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
        if let Fact::Ownership(line) = fact {
            for owner in &line.owners {
                places.entry(*owner).or_insert(line.span);
            }
        } else if let Fact::Declaration(declaration) = fact {
            for owner in &declaration.owners {
                places.entry(owner.text).or_insert(owner.span);
            }
        }
    }
    places
}

fn label_owner(label: &Label) -> Option<(Symbol, Span)> {
    let last = label.key.as_str().rsplit(['/', '.']).next()?;
    let text = label.value.as_literal().filter(|text| !text.is_empty())?;
    OWNER_WORDS.iter().any(|word| word.eq_ignore_ascii_case(last)).then_some((text, label.span))
}

/// The estate as a whole, where it has services.
pub fn subjects(estate: &Estate<'_>, owners: &Owners, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let Some(first) = graph.services.first() else { return };
    let ids = || (0..graph.services.len()).map(|at| ServiceId(at as u32));
    let all: BTreeSet<Symbol> = ids().flat_map(|id| owners.of(id).iter().copied()).collect();
    let unowned = ids().filter(|id| owners.of(*id).is_empty()).count();
    let named =
        ids().find_map(|id| owners.answer(id).evidence().first().copied().filter(|_| !owners.of(id).is_empty()));
    let place = named.unwrap_or(first.span);
    let (def, row) = RowBuilder::new("estate", place)
        .int("services", graph.services.len() as i64)
        .texts("owners", all.into_iter())
        .int("unowned", unowned as i64)
        .finish();
    let related = graph.services.iter().filter(|service| service.span != place).take(RELATED_LIMIT);
    found.push(Subject {
        def,
        name: "estate".to_owned(),
        anchor: "estate".to_owned(),
        span: place,
        services: graph.services.iter().map(|service| service.name).collect(),
        confidence: Confidence::Observed,
        row,
        related: related.map(|service| (service.span, service.name.as_str().to_owned())).collect(),
    });
}
