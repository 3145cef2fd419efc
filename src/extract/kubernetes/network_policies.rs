//! Network policies: of Kubernetes, Cilium and Calico.

use crate::facts::answer::Reason;
use crate::facts::policy::{Gate, Operator, Peer, Requirement, Says, Selector, Subjects, Traffic};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::Manifest;
use super::object::Object;
use super::policies::add;
use super::selectors;

/// Reads a network policy; false for an object of another kind.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) -> bool {
    match (object.group, object.kind) {
        ("networking.k8s.io" | "extensions", "NetworkPolicy") => kubernetes(manifest, object),
        ("cilium.io", "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy") => cilium(manifest, object),
        ("projectcalico.org" | "crd.projectcalico.org", "NetworkPolicy" | "GlobalNetworkPolicy") => {
            calico(manifest, object);
        }
        ("policy.networking.k8s.io", "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy") => {
            let unclear = Some(Reason(Symbol::new("an AdminNetworkPolicy decides before network policies do")));
            let selector = Selector { unclear, ..Selector::default() };
            let gates = Some(Vec::new());
            add(
                manifest,
                object,
                Subjects::SelectedAnywhere(selector),
                Says::Traffic(Traffic { ingress: gates, egress: None }),
            );
        }
        _ => return false,
    }
    true
}

/// kubernetes.io/docs/reference/kubernetes-api, NetworkPolicySpec of networking.k8s.io/v1:
/// without `policyTypes` it is about ingress, and about egress where it has such rules.
fn kubernetes(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let selector = selectors::read(manifest, spec, "podSelector");
    let mut types: Vec<String> = Vec::new();
    for item in manifest.items(spec, "policyTypes") {
        types.extend(manifest.text(item).map(str::to_owned));
    }
    let stated = |name: &str| types.iter().any(|kind| kind == name);
    let has_egress = spec.get("egress").is_some_and(|node| node.items().next().is_some());
    let ingress = types.is_empty() || stated("Ingress");
    let egress = stated("Egress") || types.is_empty() && has_egress;
    let traffic = Traffic {
        ingress: ingress.then(|| kubernetes_gates(manifest, spec, "ingress", "from")),
        egress: egress.then(|| kubernetes_gates(manifest, spec, "egress", "to")),
    };
    add(manifest, object, Subjects::Selected(selector), Says::Traffic(traffic));
}

fn kubernetes_gates(manifest: &mut Manifest<'_, '_>, spec: Node<'_>, key: &str, side: &str) -> Vec<Gate> {
    let mut gates = unseen(manifest, spec, key);
    for item in manifest.items(spec, key) {
        // `- {}` lets everybody through.
        if !item.is_mapping() {
            continue;
        }
        let mut gate = Gate { ports: ports(manifest, item, "ports"), ..Gate::default() };
        for peer in manifest.mappings(item, side) {
            gate.peers.push(kubernetes_peer(manifest, peer));
        }
        gate.peers.extend(gap(manifest, item, side));
        gates.push(gate);
    }
    gates
}

fn kubernetes_peer(manifest: &mut Manifest<'_, '_>, peer: Node<'_>) -> Peer {
    if let Some(block) = manifest.mapping(peer, "ipBlock") {
        return Peer::Addresses(manifest.symbol_at(block, "cidr"));
    }
    let namespaces =
        peer.get("namespaceSelector").is_some().then(|| selectors::read(manifest, peer, "namespaceSelector"));
    let pods = if peer.get("podSelector").is_some() {
        selectors::read(manifest, peer, "podSelector")
    } else {
        Selector::default()
    };
    match manifest.gap(peer) {
        Some(reason) => Peer::Unclear(reason),
        None => Peer::Pods { pods, namespaces },
    }
}

/// A gate of which nothing is known, where a template adds rules that are not seen.
fn unseen(manifest: &Manifest<'_, '_>, spec: Node<'_>, key: &str) -> Vec<Gate> {
    let reason = gap(manifest, spec, key);
    reason.into_iter().map(|peer| Gate { peers: vec![peer], ports: Vec::new() }).collect()
}

fn gap(manifest: &Manifest<'_, '_>, parent: Node<'_>, key: &str) -> Option<Peer> {
    let Some((name, value)) = parent.entry(key) else { return manifest.gap(parent).map(Peer::Unclear) };
    let open = if value.raw().is_some() { name.span() } else { value.span() };
    let expression = manifest.template.fillers(open).first().copied();
    let inline = manifest.template.hole_in(value.span()).filter(|_| value.raw().is_some());
    let reason = expression.map(|expression| super::template::computed(&expression));
    reason.or_else(|| inline.map(|hole| super::template::computed(&hole.expression))).map(Peer::Unclear)
}

/// Ports of a list of `{port: 5432}`; a range, and one that is computed, is all of them.
fn ports(manifest: &mut Manifest<'_, '_>, parent: Node<'_>, key: &str) -> Vec<Symbol> {
    let mut found = Vec::new();
    for item in manifest.mappings(parent, key) {
        match manifest.text_at(item, "port") {
            Some(port) if item.get("endPort").is_none() => found.push(Symbol::new(port)),
            Some(_) | None => return Vec::new(),
        }
    }
    found
}

/// docs.cilium.io, "Layer 3/4 Policy": a direction with rules is closed but for them; a rule
/// of nothing lets nobody through; several selectors of one rule add up.
fn cilium(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let mut specs: Vec<Node<'_>> = object.spec(manifest).into_iter().collect();
    specs.extend(manifest.mappings(object.node, "specs"));
    for spec in specs {
        let selector = selectors::read(manifest, spec, "endpointSelector");
        if spec.get("endpointSelector").is_none() {
            continue;
        }
        let subjects = match object.kind {
            "CiliumClusterwideNetworkPolicy" => Subjects::SelectedAnywhere(selector),
            _ => Subjects::Selected(selector),
        };
        let traffic = Traffic {
            ingress: cilium_gates(manifest, spec, "ingress", "from"),
            egress: cilium_gates(manifest, spec, "egress", "to"),
        };
        add(manifest, object, subjects, Says::Traffic(traffic));
    }
}

fn cilium_gates(manifest: &mut Manifest<'_, '_>, spec: Node<'_>, key: &str, side: &str) -> Option<Vec<Gate>> {
    let denies = spec.get(&format!("{key}Deny")).is_some();
    let listed = spec.get(key).filter(|node| node.is_sequence());
    if listed.is_none_or(|node| node.items().next().is_none()) && !denies {
        return None;
    }
    let mut gates = unseen(manifest, spec, key);
    for rule in manifest.mappings(spec, key) {
        let mut gate = Gate::default();
        for to in manifest.mappings(rule, "toPorts") {
            gate.ports.extend(ports(manifest, to, "ports"));
        }
        for (name, value) in manifest.entries(rule) {
            let name = name.raw().unwrap_or_default();
            if name == "toPorts" || !name.starts_with(side) {
                continue;
            }
            if name.ends_with("Endpoints") {
                for index in 0..value.items().count() {
                    gate.peers.extend(cilium_peer(manifest, rule, name, index));
                }
            } else if name.ends_with("Entities") {
                for item in manifest.items(rule, name) {
                    gate.peers.push(match manifest.text(item) {
                        Some("all" | "cluster") => Peer::Everybody,
                        Some(entity) => Peer::Addresses(Symbol::new(entity)),
                        None => Peer::Unclear(Reason(Symbol::new("a template computes an entity"))),
                    });
                }
            } else if name.contains("CIDR") || name.contains("FQDNs") {
                gate.peers.push(Peer::Addresses(Symbol::new(name)));
            } else {
                gate.peers.push(Peer::Unclear(Reason(Symbol::new("the policy names its peers in another way"))));
            }
        }
        // Neither peers nor ports: the rule only closes the direction.
        if !gate.peers.is_empty() || rule.get("toPorts").is_some() {
            gates.push(gate);
        }
    }
    Some(gates)
}

/// An entry of `fromEndpoints`: a selector whose namespace is a label like others.
fn cilium_peer(manifest: &mut Manifest<'_, '_>, rule: Node<'_>, key: &str, index: usize) -> Option<Peer> {
    const NAMESPACE: &str = "io.kubernetes.pod.namespace";
    let item = manifest.items(rule, key).get(index).copied()?;
    let mut pods = if item.is_mapping() { selectors::of(manifest, item) } else { Selector::default() };
    let mut namespaces: Option<Selector> = None;
    pods.labels.retain(|label| {
        if label.key != NAMESPACE {
            return true;
        }
        let mut of_namespace = label.clone();
        of_namespace.key = Symbol::new("kubernetes.io/metadata.name");
        namespaces = Some(Selector { labels: vec![of_namespace], ..Selector::default() });
        false
    });
    pods.expressions.retain(|one: &Requirement| {
        if one.key != NAMESPACE {
            return true;
        }
        let key = Symbol::new("kubernetes.io/metadata.name");
        let any = one.operator == Operator::Exists;
        let expressions = if any { Vec::new() } else { vec![Requirement { key, ..one.clone() }] };
        namespaces = Some(Selector { expressions, ..Selector::default() });
        false
    });
    Some(Peer::Pods { pods, namespaces })
}

/// docs.tigera.io/calico, "Network policy": without `types` it is about ingress, and about
/// egress where it has such rules. Rules other than `Allow` let nobody through.
fn calico(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let selector = selectors::calico(manifest, spec, "selector");
    let subjects = match object.kind {
        "GlobalNetworkPolicy" => Subjects::SelectedAnywhere(selector),
        _ => Subjects::Selected(selector),
    };
    let mut types: Vec<String> = Vec::new();
    for item in manifest.items(spec, "types") {
        types.extend(manifest.text(item).map(str::to_owned));
    }
    let has = |key: &str| spec.get(key).is_some_and(|node| node.items().next().is_some());
    let about = |key: &str, name: &str| {
        types.iter().any(|kind| kind == name) || types.is_empty() && (has(key) || name == "Ingress" && !has("egress"))
    };
    let (ingress, egress) = (about("ingress", "Ingress"), about("egress", "Egress"));
    let traffic = Traffic {
        ingress: ingress.then(|| calico_gates(manifest, spec, "ingress", "source")),
        egress: egress.then(|| calico_gates(manifest, spec, "egress", "destination")),
    };
    add(manifest, object, subjects, Says::Traffic(traffic));
}

fn calico_gates(manifest: &mut Manifest<'_, '_>, spec: Node<'_>, key: &str, side: &str) -> Vec<Gate> {
    let mut gates = unseen(manifest, spec, key);
    for rule in manifest.mappings(spec, key) {
        if !matches!(manifest.text_at(rule, "action"), Some("Allow" | "Pass")) {
            continue;
        }
        let mut gate = Gate::default();
        if let Some(destination) = manifest.mapping(rule, "destination") {
            for item in manifest.items(destination, "ports") {
                gate.ports.extend(manifest.text(item).filter(|port| !port.contains(':')).map(Symbol::new));
            }
        }
        if let Some(peer) = manifest.mapping(rule, side) {
            if peer.get("nets").is_some() {
                gate.peers.push(Peer::Addresses(Symbol::new("nets")));
            } else if ["selector", "namespaceSelector"].iter().any(|key| peer.get(key).is_some()) {
                let namespaces =
                    peer.get("namespaceSelector").map(|_| selectors::calico(manifest, peer, "namespaceSelector"));
                gate.peers.push(Peer::Pods { pods: selectors::calico(manifest, peer, "selector"), namespaces });
            } else if peer.entries().iter().any(|(name, _)| name.raw() != Some("ports")) {
                gate.peers.push(Peer::Unclear(Reason(Symbol::new("the policy names its peers in another way"))));
            }
        }
        gates.push(gate);
    }
    gates
}
