//! All facts of the run, sorted by kind, each with the file that states it.

use std::collections::BTreeMap;

use crate::facts::code::{EntryPoint, ImageBuild, Recipe, Unit, Workspace};
use crate::facts::contract::Contract;
use crate::facts::data::{ConfigObject, Connection, CreatedDatabase, SecretUse, Settings, TableDefinition};
use crate::facts::declaration::{Declaration, Ownership};
use crate::facts::function::Function;
use crate::facts::network::{Address, Gateway, Route, TrafficPolicy};
use crate::facts::overlay::Overlay;
use crate::facts::policy::{Account, MeshPart, Namespace, Policy};
use crate::facts::program::{Module, ModulePaths, PackageEntry};
use crate::facts::workload::{Composition, Workload};
use crate::facts::{Fact, Facts, call};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// A fact with its place among the facts of the run.
#[derive(Debug)]
pub struct Located<'a, T: ?Sized> {
    /// The fact.
    pub fact: &'a T,
    /// The file that states it.
    pub path: EstatePath,
    /// Index of the file's facts in the slice handed to the linker.
    pub file: u32,
    /// Index of the fact in that file.
    pub index: u32,
}

impl<T: ?Sized> Clone for Located<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Located<'_, T> {}

/// The facts of the run by kind, each list in the order of paths and then of the file.
#[derive(Debug, Default)]
pub struct Inputs<'a> {
    /// Paths by file number, for places in explanations.
    paths: BTreeMap<FileId, EstatePath>,
    /// Manifests.
    pub units: Vec<Located<'a, Unit>>,
    /// Workspaces.
    pub workspaces: Vec<Located<'a, Workspace>>,
    /// Files that start a process.
    pub entry_points: Vec<Located<'a, EntryPoint>>,
    /// Image recipes.
    pub recipes: Vec<Located<'a, Recipe>>,
    /// Image names and their folders.
    pub image_builds: Vec<Located<'a, ImageBuild>>,
    /// Workloads.
    pub workloads: Vec<Located<'a, Workload>>,
    /// Includes and overrides.
    pub compositions: Vec<Located<'a, Composition>>,
    /// Files that deploy what others describe.
    pub overlays: Vec<Located<'a, Overlay>>,
    /// ConfigMaps and Secrets.
    pub objects: Vec<Located<'a, ConfigObject>>,
    /// Configuration files.
    pub settings: Vec<Located<'a, Settings>>,
    /// Connections stated in one place.
    pub connections: Vec<Located<'a, Connection>>,
    /// Databases that scripts create.
    pub created_databases: Vec<Located<'a, CreatedDatabase>>,
    /// Tables that scripts and schemas create, change or fill.
    pub table_definitions: Vec<Located<'a, TableDefinition>>,
    /// Variables that source files speak of.
    pub mentions: Vec<Located<'a, [Symbol]>>,
    /// Secrets.
    pub secrets: Vec<Located<'a, SecretUse>>,
    /// Addresses.
    pub addresses: Vec<Located<'a, Address>>,
    /// Routes.
    pub routes: Vec<Located<'a, Route>>,
    /// Gateways.
    pub gateways: Vec<Located<'a, Gateway>>,
    /// Mesh policies.
    pub policies: Vec<Located<'a, TrafficPolicy>>,
    /// What is said of workloads from outside them.
    pub guards: Vec<Located<'a, Policy>>,
    /// Namespaces.
    pub namespaces: Vec<Located<'a, Namespace>>,
    /// Service accounts.
    pub accounts: Vec<Located<'a, Account>>,
    /// Parts of meshes.
    pub mesh_parts: Vec<Located<'a, MeshPart>>,
    /// Calls.
    pub calls: Vec<Located<'a, call::Call>>,
    /// Contracts.
    pub contracts: Vec<Located<'a, Contract>>,
    /// Declarations.
    pub declarations: Vec<Located<'a, Declaration>>,
    /// Ownership lines.
    pub ownerships: Vec<Located<'a, Ownership>>,
    /// Functions that a platform starts.
    pub functions: Vec<Located<'a, Function>>,
    /// Summaries of source files.
    pub modules: Vec<Located<'a, Module>>,
    /// How module names are mapped to files.
    pub module_paths: Vec<Located<'a, ModulePaths>>,
    /// Files that packages are entered by.
    pub package_entries: Vec<Located<'a, PackageEntry>>,
}

impl<'a> Inputs<'a> {
    /// Sorts the facts by kind. `paths` gives the path of each entry of `facts`.
    pub fn new(facts: &'a [Facts], paths: &[EstatePath]) -> Self {
        let mut inputs = Self::default();
        for (file, (of_file, &path)) in facts.iter().zip(paths).enumerate() {
            inputs.paths.insert(of_file.file, path);
            for (index, fact) in of_file.facts.iter().enumerate() {
                inputs.add(fact, path, file as u32, index as u32);
            }
        }
        inputs
    }

    fn add(&mut self, fact: &'a Fact, path: EstatePath, file: u32, index: u32) {
        macro_rules! to {
            ($list:ident, $fact:expr) => {
                self.$list.push(Located { fact: $fact, path, file, index })
            };
        }
        match fact {
            Fact::Unit(fact) => to!(units, fact),
            Fact::Workspace(fact) => to!(workspaces, fact),
            Fact::EntryPoint(fact) => to!(entry_points, fact),
            Fact::Recipe(fact) => to!(recipes, fact),
            Fact::ImageBuild(fact) => to!(image_builds, fact),
            Fact::Workload(fact) => to!(workloads, fact),
            Fact::Composition(fact) => to!(compositions, fact),
            Fact::Overlay(fact) => to!(overlays, fact),
            // Applied before linking.
            Fact::Change(_) | Fact::ChartValues(_) | Fact::ChartParts(_) => {}
            Fact::ConfigObject(fact) => to!(objects, fact),
            // What is built how matters to rules, and links nothing.
            Fact::Pipeline(_) | Fact::Lockfile(_) => {}
            Fact::Function(fact) => to!(functions, fact),
            Fact::Settings(fact) => to!(settings, fact),
            Fact::Mentions(fact) => to!(mentions, fact),
            Fact::Connection(fact) => to!(connections, fact),
            Fact::CreatedDatabase(fact) => to!(created_databases, fact),
            Fact::TableDefinition(fact) => to!(table_definitions, fact),
            Fact::Secret(fact) => to!(secrets, fact),
            Fact::Address(fact) => to!(addresses, fact),
            Fact::Route(fact) => to!(routes, fact),
            Fact::Gateway(fact) => to!(gateways, fact),
            Fact::TrafficPolicy(fact) => to!(policies, fact),
            Fact::Policy(fact) => to!(guards, fact),
            Fact::Namespace(fact) => to!(namespaces, fact),
            Fact::Account(fact) => to!(accounts, fact),
            Fact::MeshPart(fact) => to!(mesh_parts, fact),
            Fact::Call(fact) => to!(calls, fact),
            Fact::Contract(fact) => to!(contracts, fact),
            Fact::Declaration(fact) => to!(declarations, fact),
            Fact::Ownership(fact) => to!(ownerships, fact),
            Fact::Module(fact) => to!(modules, fact),
            Fact::ModulePaths(fact) => to!(module_paths, fact),
            // What watches services joins nothing: `infer` reads it.
            Fact::Watch(_) => {}
            Fact::PackageEntry(fact) => to!(package_entries, fact),
        }
    }

    /// The path of a file number; the root for one that is not known.
    pub fn path_of(&self, file: FileId) -> EstatePath {
        self.paths.get(&file).copied().unwrap_or_else(EstatePath::root)
    }
}

/// Of several candidates at paths, those that share the longest run of leading folders with
/// `from`; a file is nearest to itself, then to its folder's files. Order is kept.
pub fn nearest<T: Copy>(from: EstatePath, candidates: impl Iterator<Item = (EstatePath, T)>) -> Vec<T> {
    let mut best = (0, Vec::new());
    for (path, candidate) in candidates {
        let shared = closeness(from, path);
        if shared > best.0 {
            best = (shared, Vec::new());
        }
        if shared == best.0 {
            best.1.push(candidate);
        }
    }
    best.1
}

/// Candidates by path, for many searches for the nearest one.
#[derive(Debug)]
pub struct Near<T> {
    /// Sorted by path; equal paths keep the order in which they were given.
    sorted: Vec<(EstatePath, T)>,
}

impl<T> Default for Near<T> {
    fn default() -> Self {
        Self { sorted: Vec::new() }
    }
}

impl<T: Copy> Near<T> {
    /// Sorts the candidates.
    pub fn new(mut candidates: Vec<(EstatePath, T)>) -> Self {
        candidates.sort_by_key(|(path, _)| *path);
        Self { sorted: candidates }
    }

    /// All candidates, in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.sorted.iter().map(|(_, candidate)| *candidate)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// What [`nearest`] finds among those that `fits` accepts, in the order of paths. Its
    /// time goes with the depth of `from` and with what lies near it, not with the number of
    /// candidates.
    pub fn nearest(&self, from: EstatePath, fits: impl Fn(T) -> bool) -> impl Iterator<Item = T> {
        let around = self.around(from, &fits);
        around.iter().map(|(_, candidate)| *candidate).filter(move |candidate| fits(*candidate))
    }

    /// The candidates in the deepest folder above `from` that holds a fitting one.
    fn around(&self, from: EstatePath, fits: &impl Fn(T) -> bool) -> &[(EstatePath, T)] {
        let some_fit = |found: &[(EstatePath, T)]| found.iter().any(|(_, candidate)| fits(*candidate));
        let itself = self.between(|path| path < from.as_str(), |path| path <= from.as_str());
        if some_fit(itself) {
            return itself;
        }
        let mut folder = from.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            // A folder's files are one run of the sorted paths, behind `folder-x`.
            let (start, end) = (format!("{folder}/"), format!("{folder}0"));
            let within = self.between(|path| path < start.as_str(), |path| path < end.as_str());
            if some_fit(within) {
                return within;
            }
        }
        &self.sorted
    }

    fn between(&self, before: impl Fn(&str) -> bool, until: impl Fn(&str) -> bool) -> &[(EstatePath, T)] {
        let start = self.sorted.partition_point(|(path, _)| before(path.as_str()));
        let end = self.sorted.partition_point(|(path, _)| until(path.as_str()));
        self.sorted.get(start..end).unwrap_or(&[])
    }
}

/// Number of leading folders that two files share, one more for the same file.
fn closeness(a: EstatePath, b: EstatePath) -> usize {
    if a == b {
        return usize::MAX;
    }
    let (a, b) = (a.parent(), b.parent());
    a.as_str().split('/').zip(b.as_str().split('/')).take_while(|(x, y)| x == y && !x.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::{Near, nearest};
    use crate::source::path::EstatePath;

    #[test]
    fn sorted_candidates_give_the_same_nearest_ones() {
        let paths = ["a/b/c.yaml", "a/b-x/c.yaml", "a/b.yaml", "a/b/d/e.yaml", "ab/c.yaml", "top.yaml", "z/y/x.yaml"];
        let mut sorted: Vec<(EstatePath, usize)> =
            paths.iter().enumerate().map(|(at, path)| (EstatePath::new(path), at)).collect();
        sorted.sort();
        let near = Near::new(sorted.clone());
        let froms = paths.iter().chain(&["a/b/x.yaml", "a/b/d/f/g.yaml", "a/x", "none", "a/b0/x", "z/x.yaml", ""]);
        for from in froms.map(|from| EstatePath::new(from)) {
            for left_out in 0..=paths.len() {
                let fits = |at: usize| at != left_out;
                let expected = nearest(from, sorted.iter().copied().filter(|(_, at)| fits(*at)));
                assert_eq!(near.nearest(from, fits).collect::<Vec<_>>(), expected, "{from} without {left_out}");
            }
        }
    }
}
