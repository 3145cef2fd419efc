//! Files that deploy what other files describe, changed: overlays and their patches.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::data::ConfigObject;
use super::value::Value;
use super::workload::{Label, Workload};

/// A file that deploys what other files describe, with its changes: a Kustomize overlay.
#[derive(Debug)]
pub struct Overlay {
    /// True for a part that only other overlays take in: `kind: Component`.
    pub optional: bool,
    /// Files, and folders with an overlay of their own, that it deploys: (path, place). What
    /// lies outside of the estate is left out.
    pub takes: Vec<(EstatePath, Span)>,
    /// Folders whose changes apply to all that it deploys.
    pub components: Vec<(EstatePath, Span)>,
    /// Into which namespace it deploys, where it says so.
    pub namespace: Option<Value>,
    /// Put before every name: `eu-`.
    pub prefix: Symbol,
    /// Put behind every name: `-eu`.
    pub suffix: Symbol,
    /// Labels that it adds.
    pub labels: Vec<AddedLabel>,
    /// Images that it runs instead.
    pub images: Vec<ImageChange>,
    /// Replicas by the workload's name: (`orders`, 3, place).
    pub replicas: Vec<(Symbol, i64, Span)>,
    /// Its patches, in the order in which they apply.
    pub patches: Vec<Patch>,
    /// Objects that it makes of literals and files.
    pub generated: Vec<Generated>,
}

/// A label that an overlay adds.
#[derive(Clone, Debug)]
pub struct AddedLabel {
    /// Key and value.
    pub label: Label,
    /// True if the pods get it as well.
    pub pods: bool,
}

/// `images: [{name: shop/orders, newTag: "1.4"}]`
#[derive(Clone, Debug)]
pub struct ImageChange {
    /// The image meant, without tag and digest.
    pub name: Symbol,
    /// The name that takes its place, and where it stands.
    pub new_name: Option<(Symbol, Span)>,
    /// `1.4`
    pub tag: Option<(Symbol, Span)>,
    /// `sha256:…`; wins over a tag.
    pub digest: Option<(Symbol, Span)>,
}

/// A patch as an overlay names it.
#[derive(Debug)]
pub struct Patch {
    /// What it applies to; `None`: its own kind and name say so.
    pub target: Option<PatchTarget>,
    /// Where its changes stand.
    pub source: PatchSource,
}

/// Where the changes of a patch stand.
#[derive(Debug)]
pub enum PatchSource {
    /// In a file of its own.
    File(EstatePath),
    /// In the overlay.
    Inline(Vec<TargetedChange>),
}

/// Which objects a patch applies to. Empty parts accept anything.
#[derive(Clone, Debug)]
pub struct PatchTarget {
    /// `Deployment`
    pub kind: Symbol,
    /// `orders`, `orders|billing`, `.*-worker`
    pub name: Symbol,
    /// `tier=backend`
    pub labels: Symbol,
}

/// A change and what it applies to.
#[derive(Debug)]
pub struct TargetedChange {
    /// `None`: whoever names the patch says.
    pub target: Option<PatchTarget>,
    /// What it does.
    pub change: Change,
}

/// One change of a workload, or of an object with variables.
#[derive(Debug)]
pub enum Change {
    /// What the workload states takes the place of what was stated before. With a position,
    /// its one container stands for the container there.
    Set(Box<Workload>, Option<ContainerAt>),
    /// Its keys are added, or take the place of those before.
    Keys(Box<ConfigObject>),
    /// The variable with this number, counted from 0, of a container gets a value.
    Variable(ContainerAt, usize, Value),
    /// Something is taken out; the place is where the patch says so.
    Clear(Option<ContainerAt>, Part, Span),
}

/// Which container of a workload a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerAt {
    /// `name: orders`
    Name(Symbol),
    /// `/spec/template/spec/containers/0`
    Main(usize),
    /// `/spec/template/spec/initContainers/0`
    Init(usize),
}

/// What a patch can take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `$patch: delete` of the whole object.
    Workload,
    /// `replicas`
    Replicas,
    /// The pod's or container's security settings.
    Security,
    /// `runAsUser`
    User,
    /// `runAsNonRoot`
    NonRoot,
    /// `privileged`
    Privileged,
    /// `capabilities`
    Capabilities,
    /// `allowPrivilegeEscalation`
    Escalation,
    /// `readOnlyRootFilesystem`
    ReadOnly,
    /// `seccompProfile`
    Seccomp,
    /// The container itself.
    Container,
    /// `resources`
    Resources,
    /// `resources.limits`
    Limits,
    /// `resources.limits.cpu`
    CpuLimit,
    /// `resources.limits.memory`
    MemoryLimit,
    /// `resources.requests`
    Requests,
    /// `readinessProbe`
    Readiness,
    /// `livenessProbe`
    Liveness,
    /// `lifecycle`
    PreStop,
    /// `command`
    Command,
    /// `args`
    Arguments,
    /// `env`
    Env,
    /// One variable of `env`.
    Variable(Symbol),
    /// `envFrom`
    EnvFrom,
    /// `hostNetwork`, `hostPID`, `hostIPC`: `network`, `pid`, `ipc`.
    HostNamespace(Symbol),
}

/// An object with variables that an overlay makes: `configMapGenerator`.
#[derive(Debug)]
pub struct Generated {
    /// What its literals say.
    pub object: ConfigObject,
    /// Files with variables: `envs: [orders.env]`.
    pub files: Vec<EstatePath>,
    /// True if what other files say of the object holds as well: `behavior: merge`.
    pub merges: bool,
}
