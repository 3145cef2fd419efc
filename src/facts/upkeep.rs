//! What keeps a workload well while it runs: room, probes, the way it is stopped and replaced,
//! and what of its host it sees.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::value::Value;

/// What a container asks of its node, and what it is held to: `requests` and `limits`.
#[derive(Clone, Debug)]
pub struct Resources {
    /// `requests.cpu`: `250m`. Kubernetes takes the limit where only that is stated.
    pub cpu_request: Answer<Symbol>,
    /// `requests.memory`: `64Mi`; likewise.
    pub memory_request: Answer<Symbol>,
    /// `limits.cpu`
    pub cpu_limit: Answer<Symbol>,
    /// `limits.memory`
    pub memory_limit: Answer<Symbol>,
}

/// What the platform asks a container to learn of its state: `http /healthz 8080`,
/// `tcp 5432`, `exec pg_isready`; empty where a part is computed. Equal probes have equal
/// texts; how often they are sent does not count.
pub type Probe = Symbol;

/// The state of a container, and how it is told to stop.
#[derive(Clone, Debug)]
pub struct Care {
    /// Whether requests may be sent to it: `readinessProbe`.
    pub readiness: Answer<Probe>,
    /// Whether it must be started anew: `livenessProbe`, compose `healthcheck`.
    pub liveness: Answer<Probe>,
    /// Whether something runs in it before it is told to stop: `lifecycle.preStop`.
    pub pre_stop: Answer<bool>,
}

/// A folder, file or socket of the host that a workload sees.
#[derive(Clone, Debug)]
pub struct HostPath {
    /// `/var/run/docker.sock`; a path relative to the estate's folder is not one.
    pub path: Value,
    /// True if nothing in the workload may write to it.
    pub read_only: bool,
    /// Where the path stands.
    pub span: Span,
}

/// How a new version takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rollout {
    /// `type: Recreate`: the old one is stopped first.
    Recreate,
    /// `type: RollingUpdate`, with the platform's own limits.
    Rolling,
    /// A rolling update with `maxUnavailable` or `maxSurge`.
    Bounded,
    /// `strategy.canary` of an Argo Rollout.
    Canary,
    /// `strategy.blueGreen` of an Argo Rollout.
    BlueGreen,
}
