//! Operations of contracts, and which service answers for them.

use std::collections::{BTreeMap, BTreeSet};

use super::environments::environment_of;
use super::inputs::{Inputs, Located};
use super::model::{Confidence, Endpoint, Environment, Service, ServiceId};
use super::names::Affixes;
use crate::facts::answer::Evidence;
use crate::facts::contract::{Contract, ContractKind, EffectBasis};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// `orders` and `order` are one word.
fn stem(key: &str) -> String {
    key.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with('s')).unwrap_or(key).to_owned()
}

/// What makes two contracts copies of one: kind, name, and the folder where names repeat.
type Identity = (ContractKind, Symbol, Option<EstatePath>);

/// All operations of the estate's contracts, copies of one contract folded.
///
/// A contract belongs to the service of its name (`shop.CartService` to `cart`); else, where
/// only one service holds a copy, to that service. A gRPC contract in several folders says who
/// may be called, not who answers. A schema of GraphQL says who answers where `no_graphql` does
/// not know better of a service: those who ask keep copies of schemas as well.
pub fn endpoints(
    inputs: &Inputs<'_>,
    services: &[Service],
    affixes: &Affixes,
    owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
    no_graphql: &dyn Fn(ServiceId) -> bool,
) -> Vec<Endpoint> {
    let mut by_key: BTreeMap<String, BTreeSet<ServiceId>> = BTreeMap::new();
    for (id, service) in services.iter().enumerate() {
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            by_key.entry(stem(&affixes.key(name))).or_default().insert(ServiceId(id as u32));
        }
    }
    let mut copies: BTreeMap<Identity, Vec<&Located<'_, Contract>>> = BTreeMap::new();
    for contract in &inputs.contracts {
        if environment_of(contract.path) == Environment::Test {
            continue;
        }
        // Two OpenAPI documents of one title in different folders are two interfaces, and schemas
        // of GraphQL have no title at all.
        let place = match contract.fact.kind {
            ContractKind::OpenApi => Some(contract.path.parent()),
            ContractKind::GraphQl => Some(contract.path),
            ContractKind::Proto | ContractKind::Code => None,
        };
        copies.entry((contract.fact.kind, contract.fact.name, place)).or_default().push(contract);
    }
    let mut endpoints = Vec::new();
    for ((kind, name, _), all) in copies {
        let mut holders: BTreeSet<ServiceId> = all.iter().flat_map(|contract| owners_of(contract.path)).collect();
        if kind == ContractKind::GraphQl {
            holders.retain(|id| !no_graphql(*id));
        }
        let short = name.rsplit('.').next().unwrap_or(&name);
        let namesakes = by_key.get(&stem(&affixes.key(short))).filter(|found| found.len() == 1);
        let by_name = namesakes.and_then(|found| found.first()).copied();
        let alone = holders.first().copied().filter(|_| holders.len() == 1);
        let (service, sure) = match (by_name, kind) {
            (_, ContractKind::GraphQl) => (alone, true),
            (Some(id), _) => (Some(id), true),
            (None, ContractKind::OpenApi | ContractKind::Code) => (alone, true),
            // Of a gRPC contract that one folder alone holds, that folder's service is the only
            // one that can answer; but who answers may be outside of the estate.
            (None, ContractKind::Proto) => (alone, false),
        };
        // The owner's own copy speaks first, then the one nearest to the root.
        let mut ordered = all.clone();
        ordered.sort_by_key(|contract| {
            let own = service.is_some_and(|id| owners_of(contract.path).contains(&id));
            (!own, contract.path.depth(), contract.path)
        });
        let Some(first) = ordered.first() else { continue };
        for operation in &first.fact.operations {
            let mut evidence = vec![operation.span];
            for other in ordered.iter().skip(1) {
                evidence.extend(
                    other.fact.operations.iter().find(|copy| copy.name == operation.name).map(|copy| copy.span),
                );
            }
            endpoints.push(Endpoint {
                service,
                name: operation.name,
                contract: kind,
                effect: operation.effect,
                effect_basis: operation.effect_basis,
                idempotency: operation.idempotency.clone(),
                confidence: match operation.effect_basis {
                    EffectBasis::Declared | EffectBasis::Verb | EffectBasis::Code if sure => Confidence::Observed,
                    EffectBasis::Declared | EffectBasis::Verb | EffectBasis::Code | EffectBasis::Name => {
                        Confidence::Inferred
                    }
                },
                evidence: Evidence(evidence),
                handlers: Vec::new(),
            });
        }
    }
    fold_copies(&mut endpoints);
    endpoints.sort_by_key(|endpoint| (endpoint.service, endpoint.name, endpoint.evidence.0.first().copied()));
    endpoints
}

/// A service has one field of a name, in however many files its schema stands.
fn fold_copies(endpoints: &mut Vec<Endpoint>) {
    let mut first: BTreeMap<(ServiceId, Symbol), usize> = BTreeMap::new();
    let mut kept: Vec<Endpoint> = Vec::with_capacity(endpoints.len());
    for endpoint in endpoints.drain(..) {
        let Some(service) = endpoint.service.filter(|_| endpoint.contract == ContractKind::GraphQl) else {
            kept.push(endpoint);
            continue;
        };
        let at = first.get(&(service, endpoint.name)).and_then(|at| kept.get_mut(*at));
        match at {
            Some(known) => known.evidence.0.extend(endpoint.evidence.0),
            None => {
                first.insert((service, endpoint.name), kept.len());
                kept.push(endpoint);
            }
        }
    }
    *endpoints = kept;
}
