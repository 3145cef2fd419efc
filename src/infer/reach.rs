//! Who can reach what over the network, as far as policies and networks let them.

use std::collections::{BTreeMap, BTreeSet};

use super::vocabulary::Datum;
use super::workloads::main_variants;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::policy::{Gate, Namespace, Peer, Policy, Says, Selector};
use crate::facts::workload::Platform;
use crate::graph::model::{Environment, InfraId, Target, WorkloadVariant};
use crate::graph::workloads::{Match, Wanted};
use crate::source::symbol::Symbol;

/// Workloads by the files they are deployed with, and what is known of namespaces.
pub struct Reach<'g> {
    of_scope: BTreeMap<u32, Vec<(Target, &'g WorkloadVariant)>>,
    of_target: BTreeMap<Target, Vec<&'g WorkloadVariant>>,
    namespaces: BTreeMap<Symbol, &'g Namespace>,
}

/// Which way a policy is asked about.
#[derive(Clone, Copy)]
enum Way {
    In,
    Out,
}

impl<'g> Reach<'g> {
    /// Sorts the workloads of the graph. Linear in them.
    pub fn new(estate: &Estate<'g>) -> Self {
        let mut of_scope: BTreeMap<u32, Vec<(Target, &WorkloadVariant)>> = BTreeMap::new();
        let mut of_target: BTreeMap<Target, Vec<&WorkloadVariant>> = BTreeMap::new();
        for workload in &estate.graph.workloads {
            for variant in main_variants(workload) {
                of_scope.entry(variant.scope).or_default().push((workload.owner, variant));
                of_target.entry(workload.owner).or_default().push(variant);
            }
        }
        let mut namespaces = BTreeMap::new();
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            if let Fact::Namespace(namespace) = fact
                && let Some(name) = namespace.name.as_literal()
            {
                namespaces.entry(name).or_insert(&**namespace);
            }
        }
        Self { of_scope, of_target, namespaces }
    }

    /// What the file is for that deploys a server of the estate.
    pub fn environment(&self, server: InfraId) -> Option<Environment> {
        self.of_target.get(&Target::Infra(server))?.first().map(|variant| variant.environment)
    }

    /// Services that can open a connection to a server of the estate and are not among its
    /// `users`; at most [`RELATED_LIMIT`]. Looks at each workload that is deployed with it.
    pub fn strangers(&self, estate: &Estate<'_>, server: InfraId, users: &BTreeSet<Symbol>) -> Answer<Datum> {
        let variants = self.of_target.get(&Target::Infra(server)).map_or(&[][..], Vec::as_slice);
        let Some(first) = variants.first() else { return Answer::unknown("nothing of the estate deploys it") };
        if users.is_empty() {
            return Answer::unknown(
                "nobody is known to use it, so everybody may be its owner; declare it under `databases` in the service.yaml of those who do",
            );
        }
        let mut found: BTreeSet<Symbol> = BTreeSet::new();
        let mut open = false;
        for (target, variant) in self.of_scope.get(&first.scope).into_iter().flatten() {
            let Target::Service(id) = target else { continue };
            let name = estate.graph.service(*id).name;
            if users.contains(&name) || found.contains(&name) || found.len() >= RELATED_LIMIT {
                continue;
            }
            match self.reaches(estate, variant, first) {
                Match::Yes => {
                    found.insert(name);
                }
                Match::Perhaps => open = true,
                Match::No => {}
            }
        }
        if found.is_empty() && open {
            return Answer::unknown("what its network policies let through cannot be told from the files");
        }
        Answer::present(Datum::List(found.into_iter().map(Datum::Text).collect()), first.span)
    }

    fn reaches(&self, estate: &Estate<'_>, from: &WorkloadVariant, to: &WorkloadVariant) -> Match {
        match (from.platform, to.platform) {
            (Platform::Compose, Platform::Compose) => {
                let (own, other) = (networks(estate, from), networks(estate, to));
                if own.intersection(&other).next().is_some() { Match::Yes } else { Match::No }
            }
            (Platform::Kubernetes, Platform::Kubernetes) => {
                let ports = ports(estate, to);
                let inwards = self.passes(estate, to, from, &ports, Way::In);
                inwards.min(self.passes(estate, from, to, &ports, Way::Out))
            }
            (Platform::Compose, Platform::Kubernetes) | (Platform::Kubernetes, Platform::Compose) => Match::No,
        }
    }

    /// Whether the policies of `pod` let it talk with `peer` in one direction. Without a policy
    /// for that direction everything passes; of several it is enough that one lets it through
    /// (kubernetes.io/docs/concepts/services-networking/network-policies, "The two sorts of pod
    /// isolation").
    fn passes(
        &self,
        estate: &Estate<'_>,
        pod: &WorkloadVariant,
        peer: &WorkloadVariant,
        ports: &[Symbol],
        way: Way,
    ) -> Match {
        let mut closed = Match::No;
        let mut passes = Match::No;
        for concern in &pod.concerns {
            let Some(policy) = estate.policy(*concern) else { continue };
            let Says::Traffic(traffic) = &policy.says else { continue };
            let gates = match way {
                Way::In => &traffic.ingress,
                Way::Out => &traffic.egress,
            };
            let Some(gates) = gates else { continue };
            closed = closed.max(if concern.sure { Match::Yes } else { Match::Perhaps });
            for gate in gates {
                let lets = self.lets(policy, gate, peer, ports);
                passes = passes.max(if concern.sure { lets } else { lets.min(Match::Perhaps) });
            }
        }
        match closed {
            Match::No => Match::Yes,
            Match::Perhaps => Match::Perhaps,
            Match::Yes => passes,
        }
    }

    fn lets(&self, policy: &Policy, gate: &Gate, peer: &WorkloadVariant, ports: &[Symbol]) -> Match {
        let on_port = match (gate.ports.is_empty(), ports.is_empty()) {
            (true, _) => Match::Yes,
            (false, true) => Match::Perhaps,
            (false, false) if gate.ports.iter().any(|port| ports.contains(port)) => Match::Yes,
            (false, false) => Match::No,
        };
        if gate.peers.is_empty() {
            return on_port;
        }
        let who = gate.peers.iter().map(|one| self.is(policy, one, peer)).max();
        on_port.min(who.unwrap_or(Match::No))
    }

    fn is(&self, policy: &Policy, stated: &Peer, peer: &WorkloadVariant) -> Match {
        match stated {
            Peer::Everybody => Match::Yes,
            Peer::Unclear(_) => Match::Perhaps,
            Peer::Addresses(range) => match range.as_str() {
                "0.0.0.0/0" => Match::Yes,
                // A range may hold the pods' own addresses; a name such as `world` does not.
                range if range.contains('/') || range.contains("CIDR") || range == "nets" => Match::Perhaps,
                _ => Match::No,
            },
            Peer::Pods { pods, namespaces } => {
                let picked = Wanted::literal(pods).picks(&peer.labels);
                picked.min(self.in_namespace(policy, namespaces.as_ref(), peer))
            }
        }
    }

    fn in_namespace(&self, policy: &Policy, selector: Option<&Selector>, peer: &WorkloadVariant) -> Match {
        let Some(selector) = selector else {
            return match (policy.namespace.as_ref(), peer.namespace) {
                (Some(own), Some(other)) => match own.as_literal() {
                    Some(own) if own == other => Match::Yes,
                    Some(_) => Match::No,
                    None => Match::Perhaps,
                },
                // Files that state no namespace are deployed into one.
                (None, None) => Match::Yes,
                (Some(_), None) | (None, Some(_)) => Match::Perhaps,
            };
        };
        let wanted = Wanted::literal(selector);
        if wanted.is_all() {
            return Match::Yes;
        }
        let Some(name) = peer.namespace else { return Match::Perhaps };
        let mut labels = vec![(Symbol::new("kubernetes.io/metadata.name"), Some(name))];
        let known = self.namespaces.get(&name);
        labels.extend(known.into_iter().flat_map(|one| &one.labels).map(|label| (label.key, label.value.as_literal())));
        match (wanted.picks(&labels), known.is_some()) {
            // The labels of a namespace that is not in the estate are not known.
            (Match::No, false) if !asks_for_name_only(selector) => Match::Perhaps,
            (answer, _) => answer,
        }
    }
}

fn asks_for_name_only(selector: &Selector) -> bool {
    let name = "kubernetes.io/metadata.name";
    selector.labels.iter().all(|label| label.key == name) && selector.expressions.iter().all(|one| one.key == name)
}

/// Ports that the containers of a workload list, by number and by name.
fn ports(estate: &Estate<'_>, variant: &WorkloadVariant) -> Vec<Symbol> {
    let layers = estate.layers(variant);
    let listed = layers.iter().flat_map(|layer| &layer.containers).flat_map(|container| &container.ports);
    listed
        .flat_map(|port| [Some(port.name), port.container_port.map(|number| Symbol::new(&number.to_string()))])
        .flatten()
        .filter(|port| !port.as_str().is_empty())
        .collect()
}

/// The networks that a compose service joins; without any it is in the default one.
fn networks(estate: &Estate<'_>, variant: &WorkloadVariant) -> BTreeSet<Symbol> {
    let layers = estate.layers(variant);
    let joined: BTreeSet<Symbol> = layers.iter().flat_map(|layer| &layer.networks).map(|network| network.key).collect();
    if joined.is_empty() { BTreeSet::from([Symbol::new("default")]) } else { joined }
}
