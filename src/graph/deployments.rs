//! Which workload facts make one deployed workload, and which deployments belong together.
//!
//! Overrides and `extends` put several facts on top of each other; a scope is a set of files
//! that are deployed at once, so names in it mean the same thing.

use rustc_hash::FxHashMap;

use super::environments::environment_of;
use super::inputs::{Inputs, Located, nearest};
use super::model::{Environment, WorkloadRef};
use super::values::{Evaluator, Scope};
use crate::facts::workload::{Container, EnvVar, Label, Platform, Port, Workload};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Number of a deployed workload in [`Deployments::instances`].
pub type InstanceId = usize;

/// One workload as it would be deployed from one file: its fact, on top of those it inherits.
#[derive(Debug, Clone)]
pub struct Instance<'a> {
    /// The facts, the one that is overridden first; never empty.
    pub layers: Vec<Located<'a, Workload>>,
    /// The file that deploys it.
    pub path: EstatePath,
    /// Its name, where it is a literal or known from the chart's values.
    pub name: Option<Symbol>,
    /// The files deployed with it.
    pub scope: ScopeId,
    /// What the file is for.
    pub environment: Environment,
}

/// Files that are deployed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub u32);

/// All deployed workloads.
#[derive(Debug, Default)]
pub struct Deployments<'a> {
    /// In order of path and file.
    pub instances: Vec<Instance<'a>>,
    /// Scope of each file with workloads or compositions.
    pub scope_of: FxHashMap<EstatePath, ScopeId>,
    by_name: FxHashMap<(ScopeId, Symbol), Vec<InstanceId>>,
}

/// Deepest chain of `extends` followed.
const INHERITANCE_LIMIT: usize = 16;

impl<'a> Instance<'a> {
    /// The fact that deploys it.
    pub fn top(&self) -> &'a Workload {
        // Never empty by construction.
        self.layers[self.layers.len() - 1].fact
    }

    /// Who runs it.
    pub fn platform(&self) -> Platform {
        self.top().platform
    }

    /// The place to point to.
    pub fn span(&self) -> Span {
        self.top().span
    }

    /// Its containers, each as layers from the one that is overridden first. Kubernetes
    /// containers have one layer.
    pub fn containers(&self) -> Vec<ContainerLayers<'a>> {
        let mut merged: Vec<ContainerLayers<'a>> = Vec::new();
        for layer in &self.layers {
            for (index, container) in layer.fact.containers.iter().enumerate() {
                let place = WorkloadRef { file: layer.file, fact: layer.index, container: index as u32 };
                let same = self.platform() == Platform::Compose;
                match merged.first_mut().filter(|_| same) {
                    Some(known) => known.layers.push((container, place)),
                    None => merged.push(ContainerLayers { layers: vec![(container, place)] }),
                }
            }
        }
        merged
    }

    /// All layers' labels, `labels` and `pod_labels` as `pick` chooses.
    pub fn labels(&self, pick: impl Fn(&'a Workload) -> &'a [Label]) -> impl Iterator<Item = &'a Label> {
        self.layers.iter().flat_map(move |layer| pick(layer.fact).iter())
    }
}

/// One container of an instance: its layers, the one that is overridden first.
#[derive(Debug, Clone)]
pub struct ContainerLayers<'a> {
    /// Never empty.
    pub layers: Vec<(&'a Container, WorkloadRef)>,
}

impl<'a> ContainerLayers<'a> {
    /// The layer that is deployed.
    pub fn top(&self) -> &'a Container {
        self.layers[self.layers.len() - 1].0
    }

    /// The last layer's word on something that a later layer replaces.
    pub fn last<T>(&self, pick: impl Fn(&'a Container) -> Option<T>) -> Option<T> {
        self.layers.iter().rev().find_map(|(container, _)| pick(container))
    }

    /// Variables of all layers; a later one wins over an earlier one of the same name.
    pub fn env(&self) -> Vec<&'a EnvVar> {
        let mut merged: Vec<&EnvVar> = Vec::new();
        let mut known: FxHashMap<Symbol, usize> = FxHashMap::default();
        for variable in self.layers.iter().flat_map(|(container, _)| &container.env) {
            match known.get(&variable.name) {
                Some(&at) => merged[at] = variable,
                None => {
                    known.insert(variable.name, merged.len());
                    merged.push(variable);
                }
            }
        }
        merged
    }

    /// Ports of all layers.
    pub fn ports(&self) -> impl Iterator<Item = &'a Port> {
        self.layers.iter().flat_map(|(container, _)| &container.ports)
    }
}

impl<'a> Deployments<'a> {
    /// Puts the layers together and files into scopes. Linear in facts, apart from chains
    /// of `extends`, which are cut at `INHERITANCE_LIMIT`.
    pub fn new(inputs: &Inputs<'a>, evaluator: &Evaluator<'a>) -> Self {
        let scope_of = scopes(inputs);
        let mut by_file: FxHashMap<(EstatePath, Symbol), Located<'a, Workload>> = FxHashMap::default();
        for workload in &inputs.workloads {
            if let Some(name) = workload.fact.name.as_literal() {
                by_file.entry((workload.path, name)).or_insert(*workload);
            }
        }
        let overrides: FxHashMap<EstatePath, EstatePath> = inputs
            .compositions
            .iter()
            .filter_map(|composition| Some((composition.path, composition.fact.overrides?)))
            .collect();
        let mut instances: Vec<Instance<'a>> = Vec::new();
        for workload in inputs.workloads.iter().filter(|workload| !is_template(workload.fact)) {
            let mut layers = inherited(*workload, &by_file);
            if workload.fact.partial
                && let Some(name) = workload.fact.name.as_literal()
                && let Some(base) = overrides.get(&workload.path).and_then(|base| by_file.get(&(*base, name)))
            {
                let mut below = inherited(*base, &by_file);
                below.append(&mut layers);
                layers = below;
            }
            instances.push(Instance {
                layers,
                path: workload.path,
                name: name_of(workload, evaluator),
                scope: scope_of.get(&workload.path).copied().unwrap_or(ScopeId(u32::MAX)),
                environment: environment_of(workload.path),
            });
        }
        let mut by_name: FxHashMap<(ScopeId, Symbol), Vec<InstanceId>> = FxHashMap::default();
        for (id, instance) in instances.iter().enumerate() {
            if let Some(name) = instance.name {
                by_name.entry((instance.scope, name)).or_default().push(id);
            }
        }
        Self { instances, scope_of, by_name }
    }

    /// Instances of `scope` by name, nearest file first where several files have one.
    pub fn named(&self, from: EstatePath, name: Symbol, scope: ScopeId) -> Option<InstanceId> {
        let candidates = self.by_name.get(&(scope, name))?.iter().map(|id| (self.instances[*id].path, *id));
        nearest(from, candidates).first().copied()
    }
}

/// True for what has nothing to run and is there to be extended.
fn is_template(workload: &Workload) -> bool {
    let runs = |container: &Container| container.image.is_some() || container.build.is_some();
    workload.platform == Platform::Compose
        && !workload.partial
        && workload.inherits.is_none()
        && !workload.containers.iter().any(runs)
}

/// A workload's name as its own file and its chart's values tell it.
fn name_of<'a>(workload: &Located<'a, Workload>, evaluator: &Evaluator<'a>) -> Option<Symbol> {
    let scope = Scope { path: Some(workload.path), ..Scope::default() };
    evaluator.text(&workload.fact.name, &scope).filter(|text| !text.is_empty()).as_deref().map(Symbol::new)
}

/// A workload's layers by `extends`, the farthest ancestor first.
fn inherited<'a>(
    workload: Located<'a, Workload>,
    by_file: &FxHashMap<(EstatePath, Symbol), Located<'a, Workload>>,
) -> Vec<Located<'a, Workload>> {
    let mut layers = vec![workload];
    let mut current = workload;
    while let Some(inherits) = &current.fact.inherits {
        let file = inherits.file.unwrap_or(current.path);
        let Some(parent) = by_file.get(&(file, inherits.name)) else { break };
        if layers.len() >= INHERITANCE_LIMIT || layers.iter().any(|layer| std::ptr::eq(layer.fact, parent.fact)) {
            break;
        }
        layers.push(*parent);
        current = *parent;
    }
    layers.reverse();
    layers
}

/// Folder names under which one deployment is spread over several folders.
const DEPLOYMENT_WORDS: &[&str] = &[
    "k8s",
    "kubernetes",
    "manifests",
    "manifest",
    "deploy",
    "deployment",
    "deployments",
    "kustomize",
    "helm",
    "openshift",
    "infra",
    "infrastructure",
    "gitops",
    "argocd",
    "release",
    "cluster",
    "clusters",
];

/// Gives each file with workloads, addresses or objects its scope: a compose file with what
/// it includes and overrides; a chart; otherwise the deployment's topmost folder.
fn scopes(inputs: &Inputs<'_>) -> FxHashMap<EstatePath, ScopeId> {
    let mut roots: FxHashMap<EstatePath, EstatePath> = FxHashMap::default();
    for composition in &inputs.compositions {
        roots.entry(composition.path).or_insert(composition.path);
    }
    for workload in &inputs.workloads {
        let root = match workload.fact.platform {
            Platform::Compose => workload.path,
            Platform::Kubernetes => cluster_root(workload.path),
        };
        roots.entry(workload.path).or_insert(root);
    }
    let others = inputs
        .addresses
        .iter()
        .map(|address| address.path)
        .chain(inputs.routes.iter().map(|route| route.path))
        .chain(inputs.objects.iter().map(|object| object.path))
        .chain(inputs.policies.iter().map(|policy| policy.path))
        .chain(inputs.guards.iter().map(|policy| policy.path))
        .chain(inputs.overlays.iter().map(|overlay| overlay.path));
    for path in others {
        roots.entry(path).or_insert_with(|| cluster_root(path));
    }
    // Includes and overrides tie compose files together, overlays what they deploy: the
    // smallest path names the group. A root that became part of another's group points to a
    // smaller one.
    let mut above: FxHashMap<EstatePath, EstatePath> = FxHashMap::default();
    let mut tie = |one: EstatePath, other: EstatePath| {
        let (Some(&a), Some(&b)) = (roots.get(&one), roots.get(&other)) else { return };
        let (a, b) = (topmost(a, &mut above), topmost(b, &mut above));
        if a != b {
            above.insert(a.max(b), a.min(b));
        }
    };
    for composition in &inputs.compositions {
        let linked = composition.fact.includes.iter().map(|(path, _)| *path).chain(composition.fact.overrides);
        linked.for_each(|other| tie(composition.path, other));
    }
    let in_folder: FxHashMap<EstatePath, EstatePath> =
        inputs.overlays.iter().map(|overlay| (overlay.path.parent(), overlay.path)).collect();
    for overlay in &inputs.overlays {
        for (path, _) in overlay.fact.takes.iter().chain(&overlay.fact.components) {
            tie(overlay.path, in_folder.get(path).copied().unwrap_or(*path));
        }
    }
    for root in roots.values_mut() {
        *root = topmost(*root, &mut above);
    }
    let mut names: Vec<EstatePath> = roots.values().copied().collect();
    names.sort();
    names.dedup();
    roots
        .into_iter()
        .map(|(path, root)| (path, ScopeId(names.binary_search(&root).unwrap_or(usize::MAX) as u32)))
        .collect()
}

/// The end of the way from `root`, which becomes shorter for the next one who asks.
fn topmost(root: EstatePath, above: &mut FxHashMap<EstatePath, EstatePath>) -> EstatePath {
    let mut top = root;
    while let Some(&next) = above.get(&top) {
        top = next;
    }
    let mut at = root;
    while at != top {
        at = above.insert(at, top).unwrap_or(top);
    }
    top
}

/// The topmost folder of the deployment that a manifest belongs to: the chart around
/// `templates/`, else the path up to the first folder whose name says that it deploys,
/// else the file's own folder.
fn cluster_root(path: EstatePath) -> EstatePath {
    let folder = path.parent().as_str();
    let parts: Vec<&str> = folder.split('/').collect();
    if let Some(at) = parts.iter().position(|part| *part == "templates") {
        return EstatePath::new(&parts[..at].join("/"));
    }
    let found = parts.iter().position(|part| {
        let lower = part.to_ascii_lowercase();
        lower.split(['-', '_']).any(|word| DEPLOYMENT_WORDS.contains(&word))
    });
    match found {
        Some(at) => EstatePath::new(&parts[..=at].join("/")),
        None => path.parent(),
    }
}
