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
mod families;
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
pub mod next_step;
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

pub use families::{Asked, subjects};

/// Most related places of one subject.
pub const RELATED_LIMIT: usize = 20;

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
