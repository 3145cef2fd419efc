//! What the packages that a service depends on promise, also through others of the estate.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Best;
use crate::facts::Fact;
use crate::facts::code::{Dependency, DependencyScope, Runtime, Unit};
use crate::graph::model::Service;
use crate::infer::Estate;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::frameworks::{Ecosystem, Role, frameworks};
use crate::tables::library::version_of;
use crate::tables::observability::{Aspect, Promise, observability};

/// Words in the name of a package that no table knows, which may do what they say.
const TRACING_WORDS: [&str; 8] =
    ["telemetry", "opentelemetry", "otel", "observability", "tracing", "tracer", "apm", "instrumentation"];
const METRICS_WORDS: [&str; 9] = [
    "telemetry",
    "opentelemetry",
    "otel",
    "observability",
    "metrics",
    "prometheus",
    "monitoring",
    "apm",
    "instrumentation",
];
/// Units that are walked for one service at most.
const MOST: usize = 500;

/// The manifests of the estate.
pub struct Packages<'a> {
    by_folder: FxHashMap<EstatePath, Vec<&'a Unit>>,
    by_name: FxHashMap<Symbol, &'a Unit>,
    /// Beginnings that names of the estate's own packages share: `@shop`, `github.com/shop`.
    families: FxHashSet<&'static str>,
    folders: BTreeSet<EstatePath>,
}

/// What is read of a service's dependencies.
pub struct Used<'a> {
    /// Its manifests and those of packages that it takes from the estate.
    pub units: Vec<&'a Unit>,
    /// True if some manifest names what it depends on.
    pub readable: bool,
    /// Why it is no service that could be watched, where its packages show that.
    pub apart: Option<&'static str>,
}

impl<'a> Packages<'a> {
    /// Sorts the manifests.
    pub fn new(estate: &Estate<'a>) -> Self {
        let mut all = Self {
            by_folder: FxHashMap::default(),
            by_name: FxHashMap::default(),
            families: FxHashSet::default(),
            folders: estate.graph.services.iter().filter_map(|service| service.folder).collect(),
        };
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            let Fact::Unit(unit) = fact else { continue };
            all.by_folder.entry(unit.folder).or_default().push(unit);
            if let Some(name) = unit.name {
                all.by_name.entry(name).or_insert(unit);
                all.families.extend(family(name));
            }
        }
        all
    }

    /// The manifests of a service: in its folder, in folders below that are no other service's,
    /// and in the folders above for what a workspace or a parent gives to all; then those of
    /// packages of the estate that they depend on.
    pub fn of(&self, service: &Service) -> Used<'a> {
        let mut units: Vec<&'a Unit> = Vec::new();
        let Some(folder) = service.folder else { return Used { units, readable: false, apart: None } };
        units.extend(self.by_folder.get(&folder).into_iter().flatten());
        if units.is_empty() {
            let below = |path: &EstatePath| {
                path.is_within(folder)
                    && !self
                        .folders
                        .iter()
                        .any(|other| *other != folder && other.is_within(folder) && path.is_within(*other))
            };
            let mut inside: Vec<_> = self.by_folder.iter().filter(|(path, _)| below(path)).collect();
            inside.sort_by_key(|(path, _)| **path);
            units.extend(inside.into_iter().flat_map(|(_, units)| units));
        }
        let mut at = folder;
        while at != EstatePath::root() {
            at = at.parent();
            let alike =
                |unit: &&&Unit| service.runtime.is_some_and(|runtime| ecosystem(runtime) == ecosystem(unit.runtime));
            units.extend(self.by_folder.get(&at).into_iter().flatten().filter(alike));
        }
        let own = units.len();
        let mut seen: FxHashSet<*const Unit> = units.iter().map(|unit| std::ptr::from_ref(*unit)).collect();
        let mut next = 0;
        while let Some(unit) = units.get(next).copied().filter(|_| next < MOST) {
            next += 1;
            for dependency in &unit.dependencies {
                let by_path = dependency.path.and_then(|path| self.by_folder.get(&path)).into_iter().flatten().copied();
                for found in by_path.chain(self.by_name.get(&dependency.name).copied()) {
                    if seen.insert(std::ptr::from_ref(found)) {
                        units.push(found);
                    }
                }
            }
        }
        let own = units.get(..own).unwrap_or_default();
        let roles: FxHashSet<Role> = own
            .iter()
            .flat_map(|unit| unit.dependencies.iter().map(|one| (ecosystem(unit.runtime), one)))
            .filter_map(|(of, dependency)| frameworks().role_of(of?, &dependency.name))
            .collect();
        let scopes: FxHashSet<DependencyScope> =
            own.iter().flat_map(|unit| unit.dependencies.iter().map(|dependency| dependency.scope)).collect();
        let readable = scopes.contains(&DependencyScope::Runtime);
        let serves = roles.contains(&Role::Server) || roles.contains(&Role::Worker);
        let apart = if roles.contains(&Role::Load) && !serves {
            Some("it only tries others out")
        } else if roles.contains(&Role::Browser) && !serves {
            Some("it runs in a browser")
        } else if !scopes.is_empty() && !readable && service.workloads.is_empty() {
            Some("nothing runs it, and it needs nothing at run time")
        } else {
            None
        };
        Used { units, readable, apart }
    }

    /// Adds what the dependencies promise of an aspect.
    pub fn promises(&self, used: &Used<'a>, aspect: Aspect, best: &mut Best) {
        for unit in &used.units {
            let Some(ecosystem) = ecosystem(unit.runtime) else { continue };
            for dependency in &unit.dependencies {
                let Some(promise) = self.promise(ecosystem, dependency, aspect) else { continue };
                best.hears_variables |= promise == Promise::Told && hears_variables(ecosystem, dependency);
                let at_work = match dependency.scope {
                    DependencyScope::Runtime => promise,
                    _ if promise == Promise::Told => promise,
                    // Hoisted to the root of a workspace, it may be there at run time, too.
                    DependencyScope::Development | DependencyScope::Build => Promise::Perhaps,
                };
                best.add(at_work, &dependency.name, dependency.span);
            }
        }
    }

    fn promise(&self, ecosystem: Ecosystem, dependency: &Dependency, aspect: Aspect) -> Option<Promise> {
        if let Some(row) = observability().package(ecosystem, &dependency.name) {
            return row.promise(aspect, version_of(&dependency.requirement).as_ref());
        }
        let name = dependency.name;
        let is_types = name.starts_with("@types/");
        let known =
            self.by_name.contains_key(&name) || dependency.path.is_some_and(|path| self.by_folder.contains_key(&path));
        if known || is_types || dependency.scope != DependencyScope::Runtime {
            return None;
        }
        let words = match aspect {
            Aspect::Tracing => &TRACING_WORDS[..],
            Aspect::Metrics | Aspect::Lag => &METRICS_WORDS[..],
        };
        let tells = name.to_lowercase().split(['/', '-', '_', '.', ':', '@']).any(|word| words.contains(&word));
        (tells || self.is_of_the_owners(dependency)).then_some(Promise::Perhaps)
    }

    /// Is it a package that the owners of the estate keep elsewhere? It may bring anything.
    pub fn is_of_the_owners(&self, dependency: &Dependency) -> bool {
        let here = self.by_name.contains_key(&dependency.name) || dependency.path.is_some();
        !here && family(dependency.name).is_some_and(|family| self.families.contains(family))
    }
}

/// Whether a variable can tell it to do what it does only when told.
fn hears_variables(ecosystem: Ecosystem, dependency: &Dependency) -> bool {
    let version = version_of(&dependency.requirement);
    observability().package(ecosystem, &dependency.name).is_none_or(|row| row.hears_variables(version.as_ref()))
}

/// `@shop` of `@shop/orders`, `com.shop` of `com.shop:orders`, `github.com/shop` of a module.
fn family(name: Symbol) -> Option<&'static str> {
    let name = name.as_str();
    if name.starts_with('@') {
        return name.split_once('/').map(|(scope, _)| scope);
    }
    if let Some((group, _)) = name.split_once(':') {
        return Some(group).filter(|group| !group.is_empty());
    }
    let (host, rest) = name.split_once('/')?;
    let owner = rest.split('/').next().filter(|owner| !owner.is_empty())?;
    host.contains('.').then(|| name.get(..host.len() + 1 + owner.len())).flatten()
}

/// Where the packages of a runtime come from; `None`: nowhere that is read.
fn ecosystem(runtime: Runtime) -> Option<Ecosystem> {
    match runtime {
        Runtime::Node | Runtime::Static => Some(Ecosystem::Npm),
        Runtime::Go => Some(Ecosystem::Go),
        Runtime::Java | Runtime::Kotlin => Some(Ecosystem::Maven),
        Runtime::Python => Some(Ecosystem::Pypi),
        Runtime::Rust => Some(Ecosystem::Cargo),
        Runtime::Dotnet => Some(Ecosystem::Nuget),
        Runtime::Php => Some(Ecosystem::Composer),
        Runtime::Ruby => Some(Ecosystem::Rubygems),
        Runtime::Elixir => Some(Ecosystem::Hex),
        Runtime::Cpp => None,
    }
}
