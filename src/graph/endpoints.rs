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

/// What makes two contracts copies of one: kind, name, and the folder where names repeat.
type Identity = (ContractKind, Symbol, Option<EstatePath>);

/// All operations of the estate's contracts, copies of one contract folded.
///
/// A contract belongs to the service of its name (`shop.CartService` to `cart`); else, where
/// only one service holds a copy and the contract is no gRPC one, to that service. A gRPC
/// contract in a caller's folder says who may be called, not who answers.
pub fn endpoints(
    inputs: &Inputs<'_>,
    services: &[Service],
    affixes: &Affixes,
    owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
) -> Vec<Endpoint> {
    let mut by_key: BTreeMap<String, BTreeSet<ServiceId>> = BTreeMap::new();
    for (id, service) in services.iter().enumerate() {
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            by_key.entry(affixes.key(name)).or_default().insert(ServiceId(id as u32));
        }
    }
    let mut copies: BTreeMap<Identity, Vec<&Located<'_, Contract>>> = BTreeMap::new();
    for contract in &inputs.contracts {
        if environment_of(contract.path) == Environment::Test {
            continue;
        }
        // Two OpenAPI documents of one title in different folders are two interfaces.
        let place = (contract.fact.kind == ContractKind::OpenApi).then(|| contract.path.parent());
        copies.entry((contract.fact.kind, contract.fact.name, place)).or_default().push(contract);
    }
    let mut endpoints = Vec::new();
    for ((kind, name, _), all) in copies {
        let holders: BTreeSet<ServiceId> = all.iter().flat_map(|contract| owners_of(contract.path)).collect();
        let short = name.rsplit('.').next().unwrap_or(&name);
        let namesakes = by_key.get(&affixes.key(short)).filter(|found| found.len() == 1);
        let service = match (namesakes.and_then(|found| found.first()), kind) {
            (Some(id), _) => Some(*id),
            (None, ContractKind::OpenApi) if holders.len() == 1 => holders.first().copied(),
            (None, ContractKind::Proto | ContractKind::OpenApi) => None,
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
                    EffectBasis::Declared | EffectBasis::Verb => Confidence::Observed,
                    EffectBasis::Name => Confidence::Inferred,
                },
                evidence: Evidence(evidence),
            });
        }
    }
    endpoints.sort_by_key(|endpoint| (endpoint.service, endpoint.name, endpoint.evidence.0.first().copied()));
    endpoints
}
