//! What is deployed: workloads, their containers, and how deployment files belong together.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::upkeep::{Care, HostPath, Resources, Rollout};
use super::value::Value;

/// Who runs a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Kubernetes and what builds on it (OpenShift, Knative, Argo Rollouts).
    Kubernetes,
    /// Compose.
    Compose,
}

/// How a workload lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lifetime {
    /// Runs until replaced, any number of equal replicas: Deployment, compose service.
    Replicated,
    /// Runs until replaced, each replica with an identity: StatefulSet.
    Stateful,
    /// One on every node: DaemonSet.
    PerNode,
    /// Runs to its end: Job, CronJob, bare Pod with `restartPolicy: Never`, Helm hook.
    Task,
}

/// Something that is deployed, as one file describes it.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name: `orders`. Unknown where a template computes it.
    pub name: Value,
    /// Other names: `container_name`, `hostname`; network aliases are in `aliases` too.
    pub aliases: Vec<Value>,
    /// As the format spells its kind, for people: `Deployment`, `compose service`.
    pub kind: Symbol,
    /// Who runs it.
    pub platform: Platform,
    /// How it lives.
    pub lifetime: Lifetime,
    /// The namespace, where the file states one.
    pub namespace: Option<Value>,
    /// Labels of the object itself, in order of the file.
    pub labels: Vec<Label>,
    /// Labels of the pods it makes; what a Service's selector matches. For compose: its labels.
    pub pod_labels: Vec<Label>,
    /// Annotations of object and pod template.
    pub annotations: Vec<Label>,
    /// Replicas asked for; absent means the platform's default of one.
    pub replicas: Answer<i64>,
    /// The service account's name; absent means `default`.
    pub service_account: Answer<Value>,
    /// Security settings that hold for all containers unless they say otherwise.
    pub security: Security,
    /// `linux`, `windows`; absent: not stated.
    pub operating_system: Answer<Symbol>,
    /// Host namespaces that it shares: `network`, `pid`, `ipc`, each with its place.
    pub host_namespaces: Vec<(Symbol, Span)>,
    /// What of its host it sees, in order of the file.
    pub host_paths: Vec<HostPath>,
    /// Whether it mounts a volume that outlives its pods: `persistentVolumeClaim`.
    pub keeps_data: Answer<bool>,
    /// How long it may take to stop, in seconds; absent: the platform's default.
    pub grace_seconds: Answer<i64>,
    /// How a new version takes the place of the old one; absent: the platform's default.
    pub rollout: Answer<Rollout>,
    /// Whether it gets the token of its service account; absent: as the account says.
    pub mounts_token: Answer<bool>,
    /// Networks it joins: names; empty means the deployment's one default network.
    pub networks: Vec<Label>,
    /// Workloads of the same deployment that it is started after, by name.
    pub depends_on: Vec<(Symbol, Span)>,
    /// Profiles that switch it on; empty: always on.
    pub profiles: Vec<Symbol>,
    /// Another workload whose settings it takes over before its own apply.
    pub inherits: Option<Inherits>,
    /// Files with variables for its containers, relative to the estate: (path, place).
    pub env_files: Vec<(EstatePath, Span)>,
    /// Main, init, sidecar and ephemeral containers.
    pub containers: Vec<Container>,
    /// Security settings that stand where the platform ignores them: (key, place).
    pub ignored_settings: Vec<(Symbol, Span)>,
    /// True if only some condition of a template includes it.
    pub conditional: bool,
    /// True for a file that only changes workloads described elsewhere: `compose.override.yml`.
    pub partial: bool,
    /// Its name in the file: what a finding about the workload as a whole points to.
    pub span: Span,
}

/// `extends: {file: common.yml, service: base}`.
#[derive(Clone, Debug)]
pub struct Inherits {
    /// The file that holds it; `None`: the same file.
    pub file: Option<EstatePath>,
    /// The workload's name there.
    pub name: Symbol,
    /// Where it is said.
    pub span: Span,
}

/// A label, annotation, network or other named text.
#[derive(Clone, Debug)]
pub struct Label {
    /// `app.kubernetes.io/name`; `{{ include "shop.labels" . }}` for labels that a template
    /// adds unseen: what has the same such key has these labels in common.
    pub key: Symbol,
    /// `orders`
    pub value: Value,
    /// Key and value.
    pub span: Span,
}

/// What role a container plays in its workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContainerRole {
    /// Runs the workload.
    Main,
    /// Runs to its end before the main ones start.
    Init,
    /// An init container with `restartPolicy: Always`.
    Sidecar,
    /// Put into a running pod for debugging.
    Ephemeral,
}

/// One container of a workload.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name; for compose the service's.
    pub name: Value,
    /// Its role.
    pub role: ContainerRole,
    /// `registry.example/shop/orders:1.4`; `None` where it is only built.
    pub image: Option<Value>,
    /// How the image is built, where the file says so.
    pub build: Option<Build>,
    /// Overrides the image's entrypoint: its words in order.
    pub command: Vec<Value>,
    /// Overrides the image's arguments.
    pub arguments: Vec<Value>,
    /// Environment variables in order of the file; a later one wins.
    pub env: Vec<EnvVar>,
    /// Objects whose keys all become variables; `env` wins over them.
    pub env_from: Vec<EnvFrom>,
    /// Ports it listens on or publishes.
    pub ports: Vec<Port>,
    /// Its own security settings.
    pub security: Security,
    /// What it asks of its node and is held to.
    pub resources: Resources,
    /// Probes, and what runs in it before it stops.
    pub care: Care,
    /// The container's name key, or the item's start.
    pub span: Span,
}

/// `build: {context: ./orders, dockerfile: Dockerfile.prod, target: app}`.
#[derive(Clone, Debug)]
pub struct Build {
    /// The folder handed to the builder; `None` where it is remote or computed.
    pub context: Option<EstatePath>,
    /// The Dockerfile, relative to the estate; `None`: `Dockerfile` in the context, unless it
    /// is computed.
    pub dockerfile: Option<EstatePath>,
    /// The Dockerfile, relative to the context, where variables without default name it:
    /// `${ORDERS_DOCKERFILE}`.
    pub computed_dockerfile: Option<Value>,
    /// The stage that is built; `None`: the last.
    pub target: Option<Symbol>,
    /// Build arguments.
    pub arguments: Vec<EnvVar>,
    /// Where it is said.
    pub span: Span,
}

/// One environment variable.
#[derive(Clone, Debug)]
pub struct EnvVar {
    /// `ORDERS_URL`
    pub name: Symbol,
    /// What it is set to.
    pub value: Value,
    /// The name's place; the value has its own.
    pub span: Span,
}

/// `envFrom`: all keys of an object become variables.
#[derive(Clone, Debug)]
pub struct EnvFrom {
    /// ConfigMap or Secret.
    pub kind: super::value::ObjectKind,
    /// The object's name.
    pub object: Value,
    /// Put before each key.
    pub prefix: Symbol,
    /// Where it is said.
    pub span: Span,
}

/// A port that a container listens on.
#[derive(Clone, Debug)]
pub struct Port {
    /// `http`; empty where it has no name.
    pub name: Symbol,
    /// The port in the container; `None` where it is computed.
    pub container_port: Option<u16>,
    /// Set where the port is published on the host.
    pub published: Option<Published>,
    /// Where it is said.
    pub span: Span,
}

/// A port that is published on the host.
#[derive(Clone, Debug)]
pub struct Published {
    /// The port on the host; `None` where the platform picks one or it is computed.
    pub host_port: Option<u16>,
    /// The address it is bound to. Absent: all interfaces.
    pub host_address: Answer<Symbol>,
}

/// The user that a process runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum User {
    /// `1000`; 0 is root.
    Id(i64),
    /// `app`; `root` is root.
    Name(Symbol),
}

/// Security settings of a pod or a container. Absent: the file does not set it here.
#[derive(Clone, Debug)]
pub struct Security {
    /// `runAsUser`, compose `user`.
    pub user: Answer<User>,
    /// `runAsGroup`, or the group of compose's `user: "1000:0"`.
    pub group: Answer<User>,
    /// `runAsNonRoot`: the platform refuses to start it as root.
    pub non_root: Answer<bool>,
    /// `privileged`
    pub privileged: Answer<bool>,
    /// `capabilities.add`, `cap_add`, upper case without `CAP_`: (name, place).
    pub added_capabilities: Vec<(Symbol, Span)>,
    /// `capabilities.drop`, `cap_drop`, likewise.
    pub dropped_capabilities: Vec<(Symbol, Span)>,
    /// Whether all capabilities are dropped: `drop: [ALL]`.
    pub drops_all: Answer<bool>,
    /// `allowPrivilegeEscalation`, `no-new-privileges` turned round.
    pub privilege_escalation: Answer<bool>,
    /// `readOnlyRootFilesystem`, `read_only`.
    pub read_only_root: Answer<bool>,
    /// `seccompProfile.type`: `RuntimeDefault`.
    pub seccomp: Answer<Symbol>,
}

/// How the files of one deployment belong together: includes and overrides.
#[derive(Debug)]
pub struct Composition {
    /// The deployment's own name, where the file states one.
    pub name: Option<Symbol>,
    /// Files that this one takes in whole: (path, place).
    pub includes: Vec<(EstatePath, Span)>,
    /// The file that this one overrides when both are used: `compose.yaml` for
    /// `compose.override.yaml`.
    pub overrides: Option<EstatePath>,
    /// Networks that it declares: (name in the file, name outside where shared, place).
    pub networks: Vec<(Symbol, Option<Symbol>, Span)>,
}
