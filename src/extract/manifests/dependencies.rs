//! What all manifests have in common: dependencies, and what they show about a unit.

use crate::facts::code::{Dependency, DependencyScope, Entrance, Runtime, Unit};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::tables::frameworks::{Ecosystem, Role, frameworks};

/// Evidence that a unit with these dependencies serves or consumes: those that it needs at
/// run time and that the tables call a server, a worker or a load generator.
pub fn framework_entrances(ecosystem: Ecosystem, dependencies: &[Dependency]) -> Vec<(Entrance, Span)> {
    let known = frameworks();
    let at_run_time = dependencies.iter().filter(|dependency| dependency.scope == DependencyScope::Runtime);
    let evidence = at_run_time.filter_map(|dependency| {
        let entrance = match known.role_of(ecosystem, dependency.name.as_str())? {
            Role::Server | Role::Worker => Entrance::ServerFramework,
            Role::Load => Entrance::LoadGenerator,
            Role::Client | Role::Browser | Role::Test => return None,
        };
        Some((entrance, dependency.span))
    });
    evidence.collect()
}

/// True if a dependency of any scope plays `role`.
pub fn has_role(ecosystem: Ecosystem, dependencies: &[Dependency], role: Role) -> bool {
    dependencies.iter().any(|dependency| frameworks().role_of(ecosystem, dependency.name.as_str()) == Some(role))
}

/// A unit of which only the place is known yet.
pub fn blank_unit(folder: EstatePath, runtime: Runtime, span: Span) -> Unit {
    Unit {
        name: None,
        folder,
        runtime,
        entrances: Vec::new(),
        dependencies: Vec::new(),
        library: false,
        private: false,
        bundler: None,
        span,
    }
}

/// A dependency from nowhere in the estate. An address instead of a version is left out of
/// the requirement: it may hold a token, and interned text lives as long as the process.
pub fn named(name: &str, requirement: &str, scope: DependencyScope, span: Span) -> Dependency {
    let requirement = if requirement.contains("://") { "" } else { requirement };
    Dependency { name: Symbol::new(name), requirement: Symbol::new(requirement), scope, path: None, span }
}

/// The texts of a list, with the place of each.
pub fn texts<'t>(list: Option<Node<'t>>) -> impl Iterator<Item = (&'t str, Span)> {
    list.into_iter().flat_map(Node::items).filter_map(|item| Some((item.text()?, item.span())))
}
