//! What is said of workloads from outside them: who may reach them, how many there are, how
//! many may be missing, who they are.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::{Answer, Reason};
use super::value::Value;
use super::workload::Label;

/// An object that concerns workloads which it names or selects.
#[derive(Debug)]
pub struct Policy {
    /// As the format spells its kind, for people: `NetworkPolicy`.
    pub kind: Symbol,
    /// Its own name.
    pub name: Value,
    /// Its namespace, where stated.
    pub namespace: Option<Value>,
    /// Whom it concerns.
    pub subjects: Subjects,
    /// What it says of them.
    pub says: Says,
    /// True if only some condition of a template includes it.
    pub conditional: bool,
    /// Its name's place.
    pub span: Span,
}

/// Whom a policy concerns.
#[derive(Debug)]
pub enum Subjects {
    /// Pods of its namespace that the selector picks.
    Selected(Selector),
    /// Pods of all namespaces that the selector picks: `CiliumClusterwideNetworkPolicy`.
    SelectedAnywhere(Selector),
    /// The workload of this kind and name: `scaleTargetRef`.
    Named {
        /// `Deployment`; empty where not stated.
        kind: Symbol,
        /// `orders`
        name: Value,
    },
}

/// Labels that pods must have.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    /// Labels that must be equal; a template's own entries as in [`Label::key`].
    pub labels: Vec<Label>,
    /// Further conditions: `matchExpressions`.
    pub expressions: Vec<Requirement>,
    /// Why nobody can tell whom it picks.
    pub unclear: Option<Reason>,
}

/// `{key: tier, operator: In, values: [web, api]}`
#[derive(Clone, Debug)]
pub struct Requirement {
    /// `tier`
    pub key: Symbol,
    /// How its value is held against `values`.
    pub operator: Operator,
    /// `web`, `api`
    pub values: Vec<Symbol>,
}

/// Operators of a label selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `In`
    In,
    /// `NotIn`: also where the label is missing.
    NotIn,
    /// `Exists`
    Exists,
    /// `DoesNotExist`
    Missing,
}

/// What a policy says of its workloads.
#[derive(Debug)]
pub enum Says {
    /// Who may reach them, and whom they may reach.
    Traffic(Traffic),
    /// How many of them may be missing at once.
    Disruption {
        /// `minAvailable`: `1`, `50%`.
        min_available: Answer<Symbol>,
        /// `maxUnavailable`: `1`, `30%`.
        max_unavailable: Answer<Symbol>,
    },
    /// Their number follows their load: HorizontalPodAutoscaler, ScaledObject.
    Scaling {
        /// The smallest number of replicas; absent: the platform's default of one.
        min: Answer<i64>,
    },
    /// Peers must speak mutual TLS: `STRICT`, `PERMISSIVE`, `DISABLE`; absent: inherits.
    PeerTls {
        /// The mode of the workload as a whole.
        mode: Answer<Symbol>,
        /// Modes of single ports: (port, mode).
        ports: Vec<(Symbol, Symbol)>,
    },
    /// Who may ask what is decided before a request reaches them: AuthorizationPolicy.
    Authorization,
    /// New versions get a growing share of the traffic: Flagger's Canary.
    Canary,
    /// Containers that state no resources get these: LimitRange.
    Defaults {
        /// A request for CPU is set.
        cpu_request: bool,
        /// A request for memory is set.
        memory_request: bool,
        /// A limit of memory is set.
        memory_limit: bool,
    },
}

/// What a network policy lets through. A direction that is `None` is not restricted by it.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Who may come in; an empty list: nobody.
    pub ingress: Option<Vec<Gate>>,
    /// Where they may go; an empty list: nowhere.
    pub egress: Option<Vec<Gate>>,
}

/// One rule of a network policy: these peers on these ports.
#[derive(Debug, Default)]
pub struct Gate {
    /// Who; empty: everybody.
    pub peers: Vec<Peer>,
    /// Ports by number or name; empty: all.
    pub ports: Vec<Symbol>,
}

/// Who stands on the other side of a gate.
#[derive(Debug)]
pub enum Peer {
    /// Pods that `pods` picks, in namespaces that `namespaces` picks (`None`: the policy's own).
    Pods {
        /// `podSelector`; without any labels all pods.
        pods: Selector,
        /// `namespaceSelector`; without any labels all namespaces.
        namespaces: Option<Selector>,
    },
    /// Addresses outside: `ipBlock`.
    Addresses(Symbol),
    /// Everybody in the cluster, or everybody at all: Cilium's entities `cluster`, `all`.
    Everybody,
    /// It cannot be told who.
    Unclear(Reason),
}

/// A namespace and what its labels switch on.
#[derive(Debug)]
pub struct Namespace {
    /// `shop`
    pub name: Value,
    /// Labels.
    pub labels: Vec<Label>,
    /// Annotations.
    pub annotations: Vec<Label>,
    /// Its name's place.
    pub span: Span,
}

/// A service account.
#[derive(Debug)]
pub struct Account {
    /// `orders`
    pub name: Value,
    /// Its namespace, where stated.
    pub namespace: Option<Value>,
    /// Annotations, such as those that give it a cloud identity.
    pub annotations: Vec<Label>,
    /// Whether its token is put into pods; absent: it is.
    pub mounts_token: Answer<bool>,
    /// Its name's place.
    pub span: Span,
}

/// Something that belongs to a mesh and to no workload: its installation or its settings.
#[derive(Debug)]
pub struct MeshPart {
    /// `istio`, `linkerd`
    pub mesh: Symbol,
    /// `telemetry`, where that is what the part is for; `None` for the installation.
    pub used_for: Option<Symbol>,
    /// Where it is said.
    pub span: Span,
}
