//! What follows from the graph? Attributes of subjects, offered to all rules.
//!
//! The graph and the facts behind it go in, subjects with their rows come out. Knows no
//! rule: an attribute is never computed for, or keyed by, a rule.

mod attempts;
mod belonging;
pub mod calls;
mod certificates;
pub mod chains;
mod connections;
mod consumers;
pub mod containers;
mod contracts;
pub mod coupling;
pub mod data;
mod dead_letters;
mod declarations;
pub mod exposure;
mod flow;
mod functions;
pub mod hardening;
pub mod host_access;
mod images;
mod installs;
mod logging;
mod manifests;
pub mod mesh;
mod meshes;
mod migrations;
pub mod observability;
mod operations;
mod outboxes;
pub mod ownership;
mod pipelines;
mod pools;
mod pushes;
mod reach;
mod recipes;
mod repeating;
mod requests;
mod routes;
pub mod row;
mod splits;
mod stopping;
pub mod subject;
pub mod subjects;
mod tables;
pub mod timeouts;
mod traffic;
mod transactions;
pub mod users;
mod various;
pub mod vocabulary;
pub mod waits;
pub mod workloads;

use crate::facts::code::Recipe;
use crate::facts::workload::{Container, Workload};
use crate::facts::{Fact, Facts};
use crate::graph::model::{Graph, RecipeUse, Target, WorkloadRef};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::popular::PopularList;
use ownership::Owners;
use subject::Subject;

/// Most related places of one subject.
pub const RELATED_LIMIT: usize = 20;

/// What bounds the computation; set from what the enabled rules ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Chains of more services than this are worth telling.
    pub chain_services: usize,
}

/// The graph with the facts that it was linked from.
pub struct Estate<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// Facts in the order handed to the linker.
    pub facts: &'a [Facts],
    /// Their paths.
    pub paths: &'a [EstatePath],
    /// Services that the configuration lists as public: nothing else is then.
    pub public_services: Option<&'a [Symbol]>,
    /// Lists of popular packages that the configuration brings; of one registry the first counts.
    pub popular: &'a [PopularList],
}

impl<'a> Estate<'a> {
    /// The workload and container of a place; `None` where it does not exist.
    pub fn container(&self, place: WorkloadRef) -> Option<(&'a Workload, &'a Container)> {
        let Fact::Workload(workload) = self.facts.get(place.file as usize)?.facts.get(place.fact as usize)? else {
            return None;
        };
        Some((workload, workload.containers.get(place.container as usize)?))
    }

    /// A recipe.
    pub fn recipe(&self, place: RecipeUse) -> Option<&'a Recipe> {
        let Fact::Recipe(recipe) = self.facts.get(place.file as usize)?.facts.get(place.fact as usize)? else {
            return None;
        };
        Some(recipe)
    }

    /// The path of a file by its place in the facts.
    pub fn path(&self, file: u32) -> EstatePath {
        self.paths.get(file as usize).copied().unwrap_or_else(EstatePath::root)
    }

    /// The services that a target is: itself, or none for infrastructure.
    pub fn services_of(&self, target: Target) -> Vec<Symbol> {
        match target {
            Target::Service(id) => vec![self.graph.service(id).name],
            Target::Infra(_) => Vec::new(),
        }
    }
}

/// All subjects of the estate, in no order that matters.
pub fn subjects(estate: &Estate<'_>, limits: Limits) -> Vec<Subject> {
    let mut found = Vec::new();
    connections::subjects(estate, &mut found);
    pushes::subjects(estate, &mut found);
    consumers::subjects(estate, &mut found);
    calls::subjects(estate, limits, &mut found);
    requests::subjects(estate, &mut found);
    containers::subjects(estate, &mut found);
    data::subjects(estate, &mut found);
    dead_letters::subjects(estate, &mut found);
    functions::subjects(estate, &mut found);
    exposure::subjects(estate, &mut found);
    traffic::subjects(estate, &mut found);
    let owners = Owners::new(estate);
    various::subjects(estate, &owners, &mut found);
    ownership::subjects(estate, &owners, &mut found);
    certificates::subjects(estate, &mut found);
    migrations::subjects(estate, &mut found);
    tables::subjects(estate, &mut found);
    splits::subjects(estate, &owners, &mut found);
    images::subjects(estate, &mut found);
    installs::subjects(estate, &mut found);
    manifests::subjects(estate, &mut found);
    meshes::subjects(estate, &mut found);
    pipelines::subjects(estate, &mut found);
    recipes::subjects(estate, &mut found);
    operations::subjects(estate, &mut found);
    transactions::subjects(estate, &mut found);
    workloads::subjects(estate, &mut found);
    declarations::subjects(estate, &mut found);
    found
}
