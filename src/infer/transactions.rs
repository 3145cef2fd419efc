//! Transactions that take in more than one database or service, as rules see them.

use std::collections::{BTreeMap, BTreeSet};

use super::observability::packages::Packages;
use super::operations::{Does, does};
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::Answer;
use crate::facts::code::DependencyScope;
use crate::graph::model::{Call, Confidence, ServiceId, Site};
use crate::graph::transactions::Partner;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::operation_steps::{Step, step_of};
use crate::tables::transactions::coordinator;

/// How a transaction leaves its database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It stays open while another service is asked.
    Open,
    /// It is prepared first and committed later.
    TwoPhase,
    /// A library coordinates it.
    Coordinator,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::TwoPhase => "two-phase",
            Self::Coordinator => "coordinator",
        }
    }
}

/// A call while a transaction is open.
struct Asked {
    to: Symbol,
    does: Does,
    span: Span,
    confidence: Confidence,
}

/// One for each transaction that code begins, and for each service that commits in two phases or
/// depends on a coordinator.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut sites: BTreeMap<(ServiceId, Span), Vec<(&Call, &Site)>> = BTreeMap::new();
    for call in graph.calls.iter().filter(|call| call.from != call.to && !graph.transactions.is_empty()) {
        for site in call.clients.iter().flat_map(|client| &client.sites) {
            sites.entry((call.from, site.span)).or_default().push((call, site));
        }
    }
    let mut open: BTreeMap<(ServiceId, Span), Vec<Asked>> = BTreeMap::new();
    let mut prepared: BTreeMap<ServiceId, Vec<Span>> = BTreeMap::new();
    for one in &graph.transactions {
        let asks = match one.partner {
            Partner::Prepared => {
                prepared.entry(one.service).or_default().push(one.begin);
                continue;
            }
            Partner::Nobody => {
                open.entry((one.service, one.begin)).or_default();
                continue;
            }
            Partner::Asked(asks) => asks,
        };
        let asked = open.entry((one.service, one.begin)).or_default();
        for (call, site) in sites.get(&(one.service, asks)).into_iter().flatten() {
            asked.push(Asked {
                to: graph.service(call.to).name,
                does: if only_tells(site) { Does::Reads } else { does(graph, call, site) },
                span: site.span,
                confidence: call.confidence,
            });
        }
    }
    found.extend(open.iter().map(|((service, begin), asked)| of_open(estate, *service, *begin, asked)));
    for (service, places) in &prepared {
        let what = "prepares transactions and commits them later";
        found.extend(of_places(estate, *service, Way::TwoPhase, what, places, Confidence::Observed));
    }
    let packages = Packages::new(estate);
    for (at, service) in graph.services.iter().enumerate() {
        let used = packages.of(service);
        let dependencies = used.units.iter().flat_map(|unit| &unit.dependencies);
        let mut running = dependencies.filter(|one| one.scope == DependencyScope::Runtime);
        let known = running.find_map(|one| Some((one, coordinator(&one.name)?)));
        if let Some((one, name)) = known {
            let what = format!("has {name} commit over several databases or services");
            let id = ServiceId(at as u32);
            found.extend(of_places(estate, id, Way::Coordinator, &what, &[one.span], Confidence::Inferred));
        }
    }
}

/// True for a request that only passes the news on.
fn only_tells(site: &Site) -> bool {
    site.operation.is_some_and(|name| step_of(&name) == Some(Step::Tells))
}

fn of_open(estate: &Estate<'_>, id: ServiceId, begin: Span, asked: &[Asked]) -> Subject {
    let changed: BTreeSet<Symbol> = asked.iter().filter(|one| one.does == Does::Writes).map(|one| one.to).collect();
    let first = asked.iter().find(|one| one.does == Does::Writes).or(asked.first()).map_or(begin, |one| one.span);
    let distributed = if !changed.is_empty() {
        Answer::present(Datum::Bool(true), first)
    } else if asked.iter().any(|one| one.does == Does::Unclear) {
        Answer::unknown("what is asked for while it is open could not be told")
    } else {
        Answer::present(Datum::Bool(false), first)
    };
    let all: BTreeSet<Symbol> = asked.iter().map(|one| one.to).collect();
    let names = if changed.is_empty() { &all } else { &changed };
    let list = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" and ");
    let what = format!("keeps a transaction open while it changes something at {list}");
    let mut related = vec![(begin, "the transaction begins here".to_owned())];
    for one in asked.iter().filter(|one| one.span != first) {
        related.push((one.span, format!("it asks {} here, too", one.to)));
    }
    related.truncate(RELATED_LIMIT);
    let confidence = asked.iter().map(|one| one.confidence).min().unwrap_or(Confidence::Observed);
    subject(estate, id, Way::Open, (&what, &list), first, distributed, confidence, related)
}

fn of_places(
    estate: &Estate<'_>,
    id: ServiceId,
    way: Way,
    what: &str,
    places: &[Span],
    confidence: Confidence,
) -> Option<Subject> {
    let first = *places.first()?;
    let related = places.iter().skip(1).take(RELATED_LIMIT).map(|span| (*span, "and here".to_owned())).collect();
    let distributed = Answer::present(Datum::Bool(true), first);
    Some(subject(estate, id, way, (what, ""), first, distributed, confidence, related))
}

#[expect(clippy::too_many_arguments, reason = "one row is put together from these parts and nothing else")]
fn subject(
    estate: &Estate<'_>,
    id: ServiceId,
    way: Way,
    (what, whom): (&str, &str),
    span: Span,
    distributed: Answer<Datum>,
    confidence: Confidence,
    related: Vec<(Span, String)>,
) -> Subject {
    let service = estate.graph.service(id).name;
    let (def, row) = RowBuilder::new("transaction", span)
        .text("service", &service)
        .text("way", way.word())
        .text("what", what)
        .set("distributed", distributed)
        .text("confidence", confidence.word())
        .finish();
    Subject {
        def,
        name: service.as_str().to_owned(),
        anchor: format!("transaction {service} {} {whom}", way.word()).trim_end().to_owned(),
        span,
        services: vec![service],
        confidence,
        row,
        related,
    }
}
