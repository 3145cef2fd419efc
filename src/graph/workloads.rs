//! Workloads in all their variants, with the addresses that lead to them and the policies
//! that concern them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::deployments::{Deployments, Instance, InstanceId, ScopeId};
use super::inputs::{Inputs, Located};
use super::model::{Concern, Environment, Target, Workload, WorkloadRef, WorkloadVariant};
use super::values::{Evaluator, Scope};
use crate::facts::policy::{Operator, Requirement, Selector, Subjects};
use crate::facts::value::Value;
use crate::facts::workload::{Label, Platform};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// What finding workloads needs.
pub struct WorkloadLinker<'a, 'e> {
    /// All facts.
    pub inputs: &'e Inputs<'a>,
    /// Workloads as files describe them.
    pub deployments: &'e Deployments<'a>,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// What a file is for.
    pub environment: &'e dyn Fn(EstatePath) -> Environment,
    /// What an instance belongs to.
    pub target_of: &'e dyn Fn(InstanceId) -> Option<Target>,
    /// The name of a service or of infrastructure.
    pub name_of: &'e dyn Fn(Target) -> Symbol,
}

/// Whether something concerns a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// It does not.
    No,
    /// Something that is not known decides.
    Perhaps,
    /// It does.
    Yes,
}

/// Pod labels of an instance, evaluated: a value that is not known is `None`.
pub type PodLabels = Vec<(Symbol, Option<Symbol>)>;

/// A selector whose labels are evaluated.
#[derive(Clone, Debug)]
pub struct Wanted<'s> {
    labels: PodLabels,
    expressions: &'s [Requirement],
    unclear: bool,
}

impl<'s> Wanted<'s> {
    /// With the values that literals state.
    pub fn literal(selector: &'s Selector) -> Self {
        Self::new(&selector.labels, selector, &|value| value.as_literal())
    }

    fn new(labels: &'s [Label], selector: &'s Selector, text: &dyn Fn(&'s Value) -> Option<Symbol>) -> Self {
        let labels = labels.iter().map(|label| (label.key, text(&label.value))).collect();
        Self { labels, expressions: &selector.expressions, unclear: selector.unclear.is_some() }
    }

    /// True if it picks whatever there is.
    pub fn is_all(&self) -> bool {
        self.labels.is_empty() && self.expressions.is_empty() && !self.unclear
    }

    /// Whether it picks pods with these labels. Keys of a template's own entries
    /// (`{{ include … }}`) equal each other; labels that one hides may hold any key.
    pub fn picks(&self, labels: &[(Symbol, Option<Symbol>)]) -> Match {
        let hidden = labels.iter().any(|(key, _)| is_included(*key));
        let missing = if hidden { Match::Perhaps } else { Match::No };
        let mut sure = if self.unclear { Match::Perhaps } else { Match::Yes };
        for (key, wanted) in &self.labels {
            let mut found = labels.iter().filter(|(own, _)| own == key).peekable();
            let one = match (found.peek().is_some(), is_included(*key)) {
                (true, true) => Match::Yes,
                (false, true) => Match::Perhaps,
                (false, false) => missing,
                (true, false) => found.map(|(_, value)| same(*wanted, *value)).max().unwrap_or(Match::No),
            };
            sure = sure.min(one);
        }
        for requirement in self.expressions {
            sure = sure.min(fulfils(requirement, labels, missing));
        }
        sure
    }
}

fn fulfils(requirement: &Requirement, labels: &[(Symbol, Option<Symbol>)], missing: Match) -> Match {
    let found = labels.iter().find(|(key, _)| *key == requirement.key);
    let inverse = |one: Match| match one {
        Match::No => Match::Yes,
        Match::Perhaps => Match::Perhaps,
        Match::Yes => Match::No,
    };
    let listed = || match found {
        None => missing,
        Some((_, None)) => Match::Perhaps,
        Some((_, Some(value))) if requirement.values.contains(value) => Match::Yes,
        Some(_) => Match::No,
    };
    match requirement.operator {
        Operator::In => listed(),
        Operator::NotIn => inverse(listed()),
        Operator::Exists => found.map_or(missing, |_| Match::Yes),
        Operator::Missing => inverse(found.map_or(missing, |_| Match::Yes)),
    }
}

fn same(wanted: Option<Symbol>, value: Option<Symbol>) -> Match {
    match (wanted, value) {
        (Some(wanted), Some(value)) if wanted == value => Match::Yes,
        (Some(_), Some(_)) => Match::No,
        (None, _) | (_, None) => Match::Perhaps,
    }
}

fn is_included(key: Symbol) -> bool {
    key.as_str().starts_with("{{")
}

/// Instances by what policies find them by.
struct Index {
    labels: Vec<PodLabels>,
    namespaces: Vec<Option<Symbol>>,
    by_label: FxHashMap<(Symbol, Symbol), Vec<InstanceId>>,
    by_scope: FxHashMap<(ScopeId, Option<Symbol>), Vec<InstanceId>>,
    of_scope: FxHashMap<ScopeId, BTreeSet<Option<Symbol>>>,
    /// Instances with labels or names that are not known, which any selector may mean.
    open: FxHashMap<ScopeId, Vec<InstanceId>>,
    by_name: FxHashMap<Symbol, Vec<InstanceId>>,
}

impl<'a> WorkloadLinker<'a, '_> {
    /// Sorted by name; policies of each variant in the order of files.
    pub fn workloads(&self) -> Vec<Workload> {
        let index = self.index();
        let concerns = self.concerns(&index);
        let addresses = self.addresses(&index);
        let mut by_name: BTreeMap<(Symbol, Target), Vec<WorkloadVariant>> = BTreeMap::new();
        for (id, instance) in self.deployments.instances.iter().enumerate() {
            let Some(owner) = (self.target_of)(id) else { continue };
            let of_owner = (self.name_of)(owner);
            let name = match instance.name {
                Some(own) if own != of_owner => Symbol::new(&format!("{of_owner}/{own}")),
                Some(_) | None => of_owner,
            };
            let runs_something = instance
                .containers()
                .iter()
                .any(|one| one.layers.iter().any(|(one, _)| one.image.is_some() || one.build.is_some()));
            by_name.entry((name, owner)).or_default().push(WorkloadVariant {
                layers: instance
                    .layers
                    .iter()
                    .map(|layer| WorkloadRef { file: layer.file, fact: layer.index, container: 0 })
                    .collect(),
                environment: (self.environment)(instance.path),
                platform: instance.platform(),
                patch: instance.platform() == Platform::Kubernetes && !runs_something,
                scope: instance.scope.0,
                namespace: index.namespaces.get(id).copied().flatten(),
                labels: index.labels.get(id).cloned().unwrap_or_default(),
                addresses: addresses.get(&id).cloned().unwrap_or_default(),
                concerns: concerns.get(&id).cloned().unwrap_or_default(),
                span: instance.span(),
            });
        }
        let workloads = by_name.into_iter().map(|((name, owner), mut variants)| {
            variants.sort_by_key(|variant| {
                let path = self.inputs.path_of(variant.span.file);
                (variant.environment, path.depth(), path, variant.span)
            });
            Workload { owner, name, variants }
        });
        workloads.collect()
    }

    fn index(&self) -> Index {
        let mut index = Index {
            labels: Vec::new(),
            namespaces: Vec::new(),
            by_label: FxHashMap::default(),
            by_scope: FxHashMap::default(),
            of_scope: FxHashMap::default(),
            open: FxHashMap::default(),
            by_name: FxHashMap::default(),
        };
        for (id, instance) in self.deployments.instances.iter().enumerate() {
            let labels = self.labels(instance);
            let top = instance.top();
            let namespace = top.namespace.as_ref().and_then(|value| self.text(value, instance.path));
            if instance.platform() == Platform::Kubernetes {
                for (key, value) in &labels {
                    if let Some(value) = value {
                        index.by_label.entry((*key, *value)).or_default().push(id);
                    }
                }
                index.by_scope.entry((instance.scope, namespace)).or_default().push(id);
                index.of_scope.entry(instance.scope).or_default().insert(namespace);
                if instance.name.is_none() || labels.iter().any(|(key, value)| value.is_none() || is_included(*key)) {
                    index.open.entry(instance.scope).or_default().push(id);
                }
                if let Some(name) = instance.name {
                    index.by_name.entry(name).or_default().push(id);
                }
            }
            index.labels.push(labels);
            index.namespaces.push(namespace);
        }
        index
    }

    fn labels(&self, instance: &Instance<'a>) -> PodLabels {
        let mut labels: PodLabels = Vec::new();
        for label in instance.labels(|workload| &workload.pod_labels) {
            let known = (label.key, self.text(&label.value, instance.path));
            if !labels.contains(&known) {
                labels.push(known);
            }
        }
        labels
    }

    fn text(&self, value: &'a Value, path: EstatePath) -> Option<Symbol> {
        let scope = Scope { path: Some(path), ..Scope::default() };
        self.evaluator.text(value, &scope).as_deref().map(Symbol::new)
    }

    /// Which policies concern which instances.
    fn concerns(&self, index: &Index) -> BTreeMap<InstanceId, Vec<Concern>> {
        let mut found: BTreeMap<InstanceId, Vec<Concern>> = BTreeMap::new();
        for policy in &self.inputs.guards {
            let place = Place {
                path: policy.path,
                scope: self.deployments.scope_of.get(&policy.path).copied(),
                namespace: policy.fact.namespace.as_ref().and_then(|value| self.text(value, policy.path)),
                conditional: policy.fact.conditional,
                anywhere: matches!(policy.fact.subjects, Subjects::SelectedAnywhere(_)),
            };
            let matched: Vec<(InstanceId, Match)> = match &policy.fact.subjects {
                Subjects::Selected(selector) | Subjects::SelectedAnywhere(selector) => {
                    let wanted = Wanted::new(&selector.labels, selector, &|value| self.text(value, policy.path));
                    self.candidates(&wanted, &place, index)
                        .into_iter()
                        .map(|id| (id, wanted.picks(index.labels.get(id).map_or(&[], Vec::as_slice))))
                        .collect()
                }
                Subjects::Named { kind, name } => self.named(*kind, name, policy, &place, index),
            };
            for (id, sure) in matched {
                let sure = sure.min(self.in_place(&place, id, index));
                if sure != Match::No {
                    let concern = Concern { file: policy.file, fact: policy.index, sure: sure == Match::Yes };
                    found.entry(id).or_default().push(concern);
                }
            }
        }
        found
    }

    fn named(
        &self,
        kind: Symbol,
        name: &'a Value,
        policy: &Located<'a, crate::facts::policy::Policy>,
        place: &Place,
        index: &Index,
    ) -> Vec<(InstanceId, Match)> {
        let is_kind = |id: InstanceId| {
            let own = self.deployments.instances.get(id).map(|instance| instance.top().kind);
            kind.as_str().is_empty() || own == Some(kind)
        };
        let open = place.scope.and_then(|scope| index.open.get(&scope)).map_or(&[][..], Vec::as_slice);
        match self.text(name, policy.path) {
            Some(text) => {
                let known = index.by_name.get(&text).map_or(&[][..], Vec::as_slice).iter();
                let known = known.copied().filter(|id| is_kind(*id)).map(|id| (id, Match::Yes));
                let nameless = open.iter().copied().filter(|id| is_kind(*id) && self.is_nameless(*id));
                known.chain(nameless.map(|id| (id, Match::Perhaps))).collect()
            }
            // The same template gives the same name.
            None => open
                .iter()
                .copied()
                .filter(|id| is_kind(*id) && self.is_nameless(*id))
                .map(|id| {
                    let own = self.deployments.instances.get(id).map(|instance| &instance.top().name.form);
                    (id, if own == Some(&name.form) { Match::Yes } else { Match::Perhaps })
                })
                .collect(),
        }
    }

    fn is_nameless(&self, id: InstanceId) -> bool {
        self.deployments.instances.get(id).is_some_and(|instance| instance.name.is_none())
    }

    /// Instances that these labels may pick: those with the rarest label that is known, and
    /// those with labels that are not; without labels all of the same files or namespace.
    fn candidates(&self, wanted: &Wanted<'_>, place: &Place, index: &Index) -> Vec<InstanceId> {
        let known = wanted.labels.iter().filter_map(|(key, value)| {
            let list = index.by_label.get(&(*key, (*value)?));
            Some(list.map_or(&[][..], Vec::as_slice))
        });
        let mut found: Vec<InstanceId> = match known.min_by_key(|list| list.len()) {
            Some(rarest) => {
                let open = place.scope.and_then(|scope| index.open.get(&scope)).map_or(&[][..], Vec::as_slice);
                rarest.iter().chain(open).copied().collect()
            }
            None if place.anywhere => (0..index.labels.len()).collect(),
            None => {
                let of_scope = place.scope.and_then(|scope| index.of_scope.get(&scope));
                let namespaces = of_scope
                    .into_iter()
                    .flatten()
                    .filter(|own| own.is_none() || place.namespace.is_none() || **own == place.namespace);
                namespaces
                    .filter_map(|namespace| index.by_scope.get(&(place.scope?, *namespace)))
                    .flatten()
                    .copied()
                    .collect()
            }
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether a policy of this place holds where the instance is deployed. What is deployed
    /// from other files, under a condition or for another environment may not meet it.
    fn in_place(&self, place: &Place, id: InstanceId, index: &Index) -> Match {
        let Some(instance) = self.deployments.instances.get(id) else { return Match::No };
        if instance.platform() != Platform::Kubernetes {
            return Match::No;
        }
        let own = index.namespaces.get(id).copied().flatten();
        if !place.anywhere && own.is_some() && place.namespace.is_some() && own != place.namespace {
            return Match::No;
        }
        let (mine, theirs) = ((self.environment)(instance.path), (self.environment)(place.path));
        if theirs == Environment::Test && mine != Environment::Test {
            return Match::No;
        }
        let together = Some(instance.scope) == place.scope;
        let holds = theirs <= Environment::Unknown || mine == theirs;
        let condition = place.conditional && !(together && instance.top().conditional);
        let optional = is_optional(place.path) && !is_optional(instance.path);
        match together && holds && !condition && !optional {
            true => Match::Yes,
            false => Match::Perhaps,
        }
    }

    /// Which addresses lead to which instances.
    fn addresses(&self, index: &Index) -> BTreeMap<InstanceId, Vec<Concern>> {
        let mut found: BTreeMap<InstanceId, Vec<Concern>> = BTreeMap::new();
        for address in &self.inputs.addresses {
            if address.fact.selector.is_empty() {
                continue;
            }
            let place = Place {
                path: address.path,
                scope: self.deployments.scope_of.get(&address.path).copied(),
                namespace: address.fact.namespace.as_ref().and_then(|value| self.text(value, address.path)),
                conditional: false,
                anywhere: false,
            };
            let all = Selector::default();
            let wanted = Wanted::new(&address.fact.selector, &all, &|value| self.text(value, address.path));
            for id in self.candidates(&wanted, &place, index) {
                let labels = index.labels.get(id).map_or(&[][..], Vec::as_slice);
                let sure = wanted.picks(labels).min(self.in_place(&place, id, index));
                if sure != Match::No {
                    let concern = Concern { file: address.file, fact: address.index, sure: sure == Match::Yes };
                    found.entry(id).or_default().push(concern);
                }
            }
        }
        found
    }
}

/// Where a policy stands.
struct Place {
    path: EstatePath,
    scope: Option<ScopeId>,
    namespace: Option<Symbol>,
    conditional: bool,
    anywhere: bool,
}

/// True for parts of a deployment that are taken in only where somebody asks for them:
/// a folder `components`, `optional`, `examples`.
fn is_optional(path: EstatePath) -> bool {
    path.parent().as_str().split('/').any(|folder| matches!(folder, "components" | "optional" | "examples" | "samples"))
}
