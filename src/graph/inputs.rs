//! All facts of the run, sorted by kind, each with the file that states it.

use std::collections::BTreeMap;

use crate::facts::code::{EntryPoint, ImageBuild, Recipe, Unit, Workspace};
use crate::facts::contract::Contract;
use crate::facts::data::{ConfigObject, Connection, CreatedDatabase, SecretUse, Settings};
use crate::facts::declaration::{Declaration, Ownership};
use crate::facts::network::{Address, Gateway, Route, TrafficPolicy};
use crate::facts::workload::{Composition, Workload};
use crate::facts::{Fact, Facts, call};
use crate::source::file::FileId;
use crate::source::path::EstatePath;

/// A fact with its place among the facts of the run.
#[derive(Debug)]
pub struct Located<'a, T> {
    /// The fact.
    pub fact: &'a T,
    /// The file that states it.
    pub path: EstatePath,
    /// Index of the file's facts in the slice handed to the linker.
    pub file: u32,
    /// Index of the fact in that file.
    pub index: u32,
}

impl<T> Clone for Located<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Located<'_, T> {}

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
    /// ConfigMaps and Secrets.
    pub objects: Vec<Located<'a, ConfigObject>>,
    /// Configuration files.
    pub settings: Vec<Located<'a, Settings>>,
    /// Connections stated in one place.
    pub connections: Vec<Located<'a, Connection>>,
    /// Databases that scripts create.
    pub created_databases: Vec<Located<'a, CreatedDatabase>>,
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
    /// Calls.
    pub calls: Vec<Located<'a, call::Call>>,
    /// Contracts.
    pub contracts: Vec<Located<'a, Contract>>,
    /// Declarations.
    pub declarations: Vec<Located<'a, Declaration>>,
    /// Ownership lines.
    pub ownerships: Vec<Located<'a, Ownership>>,
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
            Fact::ConfigObject(fact) => to!(objects, fact),
            Fact::Settings(fact) => to!(settings, fact),
            Fact::Connection(fact) => to!(connections, fact),
            Fact::CreatedDatabase(fact) => to!(created_databases, fact),
            Fact::Secret(fact) => to!(secrets, fact),
            Fact::Address(fact) => to!(addresses, fact),
            Fact::Route(fact) => to!(routes, fact),
            Fact::Gateway(fact) => to!(gateways, fact),
            Fact::TrafficPolicy(fact) => to!(policies, fact),
            Fact::Call(fact) => to!(calls, fact),
            Fact::Contract(fact) => to!(contracts, fact),
            Fact::Declaration(fact) => to!(declarations, fact),
            Fact::Ownership(fact) => to!(ownerships, fact),
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

/// Number of leading folders that two files share, one more for the same file.
fn closeness(a: EstatePath, b: EstatePath) -> usize {
    if a == b {
        return usize::MAX;
    }
    let (a, b) = (a.parent(), b.parent());
    a.as_str().split('/').zip(b.as_str().split('/')).take_while(|(x, y)| x == y && !x.is_empty()).count()
}
