//! What all manifests have in common: dependencies, and what they show about a unit.

use crate::facts::code::{Dependency, DependencyScope, Entrance, Pin, Runtime, Unit};
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
    let address = requirement.contains("://").then(|| pin_of(requirement));
    let requirement = if address.is_some() { "" } else { requirement };
    Dependency { name: Symbol::new(name), requirement: Symbol::new(requirement), scope, path: None, address, span }
}

/// Fewest letters of a commit's name that nobody takes for a branch: what git shows.
const SHORT_COMMIT: usize = 7;

/// What an address names: a commit behind `#` or `@` or in its path, or the digest of a file.
pub fn pin_of(address: &str) -> Pin {
    // What stands before the last `@` of the host is a login.
    let place = address.split_once("://").map_or(address, |(_, rest)| rest);
    let place = place.split_once('/').map_or(place, |(_, path)| path);
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let digest = ["sha256=", "sha384=", "sha512="].iter().any(|word| place.contains(word));
    let full = place.split(['/', '#', '@', '?', '&', '=', '.']).any(|part| part.len() == 40 && is_hex(part));
    let short =
        place.rsplit_once('#').is_some_and(|(_, rest)| (SHORT_COMMIT..=40).contains(&rest.len()) && is_hex(rest));
    if digest || full || short { Pin::Commit } else { Pin::Moving }
}

/// What keys beside a version say of where a dependency comes from: `{git = "…", rev = "…"}`,
/// of Cargo, Poetry and uv; `None` for one from a registry.
pub fn pin_of_table(value: Node<'_>) -> Option<Pin> {
    let address = ["git", "url"].iter().find_map(|key| value.get(key))?;
    let named = value.get("rev").and_then(Node::raw).is_some();
    Some(if named || address.text().is_some_and(|text| pin_of(text) == Pin::Commit) {
        Pin::Commit
    } else {
        Pin::Moving
    })
}

/// The texts of a list, with the place of each.
pub fn texts<'t>(list: Option<Node<'t>>) -> impl Iterator<Item = (&'t str, Span)> {
    list.into_iter().flat_map(Node::items).filter_map(|item| Some((item.text()?, item.span())))
}
