//! Whose code a source file is.

use rustc_hash::FxHashMap;

use super::Estate;
use super::observability::packages::Used;
use crate::facts::Fact;
use crate::facts::program::{Module, Stage};
use crate::graph::model::ServiceId;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Whose code a file is, for one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The service's, or that of a package which it takes from the estate.
    Own,
    /// No service's: what several may use.
    Shared,
}

/// Services by their folders.
pub struct Folders {
    of: FxHashMap<EstatePath, Vec<(ServiceId, Symbol)>>,
}

impl Folders {
    /// Sorts the services.
    pub fn new(estate: &Estate<'_>) -> Self {
        let mut of: FxHashMap<EstatePath, Vec<(ServiceId, Symbol)>> = FxHashMap::default();
        for (at, service) in estate.graph.services.iter().enumerate() {
            if let Some(folder) = service.folder {
                of.entry(folder).or_default().push((ServiceId(at as u32), service.name));
            }
        }
        Self { of }
    }

    /// The names of the services in whose folders `path` lies, in the order of services.
    pub fn services_around(&self, path: EstatePath) -> Vec<Symbol> {
        let mut found: Vec<(ServiceId, Symbol)> =
            upwards(path).filter_map(|folder| self.of.get(&folder)).flatten().copied().collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// The deepest folder of a service that holds `path`.
    fn deepest(&self, path: EstatePath) -> Option<EstatePath> {
        upwards(path).find(|folder| self.of.contains_key(folder))
    }
}

/// The path, then the folders around it, the root last.
pub fn upwards(path: EstatePath) -> impl Iterator<Item = EstatePath> {
    std::iter::successors(Some(path), |at| (*at != EstatePath::root()).then(|| at.parent()))
}

/// What source files say, by whose they are.
pub struct Placed<T> {
    of: FxHashMap<EstatePath, Vec<(EstatePath, T)>>,
    shared: Vec<(EstatePath, T)>,
}

impl<T: Copy> Placed<T> {
    /// Sorts what `says` finds in the estate's source files, those of tests and pages left out, by the
    /// folders of services.
    pub fn new(estate: &Estate<'_>, folders: &Folders, says: impl Fn(&Module) -> Option<T>) -> Self {
        let mut placed = Self { of: FxHashMap::default(), shared: Vec::new() };
        for (facts, path) in estate.facts.iter().zip(estate.paths) {
            for fact in &facts.facts {
                let Fact::Module(module) = fact else { continue };
                let Some(what) = says(module).filter(|_| matches!(module.stage, Stage::Service | Stage::Script)) else {
                    continue;
                };
                match folders.deepest(*path) {
                    Some(folder) => placed.of.entry(folder).or_default().push((*path, what)),
                    None => placed.shared.push((*path, what)),
                }
            }
        }
        placed
    }

    /// What the code says that the service in `folder` runs or may run: its own first. Files of other
    /// services are left out.
    pub fn of<'p>(
        &'p self,
        folder: EstatePath,
        used: &'p Used<'_>,
    ) -> impl Iterator<Item = (EstatePath, Whose, T)> + use<'p, T> {
        let own = self.of.get(&folder).into_iter().flatten().map(|(path, what)| (*path, Whose::Own, *what));
        let at_root = self.of.get(&EstatePath::root()).filter(|_| folder != EstatePath::root());
        let shared = self.shared.iter().chain(at_root.into_iter().flatten()).map(|(path, what)| {
            let is_used =
                used.units.iter().any(|unit| unit.folder != EstatePath::root() && path.is_within(unit.folder));
            (*path, if is_used { Whose::Own } else { Whose::Shared }, *what)
        });
        own.chain(shared)
    }
}
