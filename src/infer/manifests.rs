//! What services are built with, and whether its versions are fixed.

use std::collections::{BTreeMap, BTreeSet};

use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::code::{Dependency, DependencyScope, Pin, Runtime, Unit};
use crate::graph::environments::environment_of;
use crate::graph::model::{Confidence, Environment, Service};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::interfaces::interfaces;
use crate::tables::popular::{Edit, PopularList, Registry, shipped};

/// The packages of one ecosystem: word, and the command that locks them. `None` for those
/// that are not locked by custom.
fn ecosystem(runtime: Runtime) -> Option<(&'static str, &'static str)> {
    match runtime {
        Runtime::Node | Runtime::Static => Some(("node", "npm install --package-lock-only")),
        Runtime::Go => Some(("go", "go mod tidy")),
        Runtime::Python => Some(("python", "uv lock")),
        Runtime::Rust => Some(("rust", "cargo generate-lockfile")),
        Runtime::Php => Some(("php", "composer update --lock")),
        Runtime::Ruby => Some(("ruby", "bundle lock")),
        Runtime::Java | Runtime::Kotlin | Runtime::Dotnet | Runtime::Cpp | Runtime::Elixir => None,
    }
}

/// One subject for each folder of a service and ecosystem whose manifests ask for packages,
/// in order of folders. Libraries have none: who uses them locks.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let services: BTreeMap<EstatePath, &Service> =
        estate.graph.services.iter().filter_map(|service| Some((service.folder?, service))).collect();
    let mut units: BTreeMap<(EstatePath, &str), Vec<(&Unit, EstatePath)>> = BTreeMap::new();
    let mut locks: BTreeMap<(EstatePath, &str), Span> = BTreeMap::new();
    let mut workspaces: BTreeSet<EstatePath> = BTreeSet::new();
    for (facts, &path) in estate.facts.iter().zip(estate.paths) {
        for fact in &facts.facts {
            match fact {
                Fact::Unit(unit) => {
                    if let Some((word, _)) = ecosystem(unit.runtime) {
                        units.entry((unit.folder, word)).or_default().push((unit, path));
                    }
                }
                Fact::Lockfile(lock) => {
                    if let Some((word, _)) = ecosystem(lock.runtime) {
                        locks.entry((lock.folder, word)).or_insert(lock.span);
                    }
                }
                Fact::Workspace(workspace) => {
                    workspaces.insert(workspace.folder);
                }
                _ => {}
            }
        }
    }
    let named: BTreeSet<(&str, Symbol)> = units
        .iter()
        .flat_map(|((_, word), of_folder)| of_folder.iter().filter_map(|(unit, _)| Some((*word, unit.name?))))
        .collect();
    let secluded = private_packages(&units);
    let folders: BTreeSet<EstatePath> = units.keys().map(|(folder, _)| *folder).collect();
    let mut of_root: BTreeMap<(EstatePath, &str), usize> = BTreeMap::new();
    for ((folder, word), of_folder) in &units {
        let Some(service) = service_of(*folder, &services, &folders) else { continue };
        // Members of a workspace ask for each other by name, and get the code of the estate.
        let foreign = |one: &Dependency| is_foreign(one) && !named.contains(&(*word, one.name));
        // The one that asks for most is the one that a person would lock.
        let asked = |unit: &Unit| unit.dependencies.iter().filter(|one| foreign(one)).count();
        let best = of_folder.iter().filter(|(unit, _)| !unit.library && asked(unit) > 0).max_by_key(|(unit, path)| {
            let runs = unit.dependencies.iter().any(|one| one.scope == DependencyScope::Runtime);
            (runs, asked(unit), std::cmp::Reverse(*path))
        });
        let Some(&(unit, path)) = best else { continue };
        let locked = locked(*folder, word, of_folder, &locks, &workspaces, unit.span);
        let popular = registry(unit.runtime).map(|registry| {
            let own = estate.popular.iter().find(|list| list.registry == registry);
            own.unwrap_or_else(|| shipped(registry))
        });
        let manifest = Manifest { service, unit, path, word, locked: &locked, popular };
        for one in &unit.dependencies {
            if foreign(one) {
                found.push(manifest.dependency(one, false));
            } else if is_confusable(one, *folder, &secluded, &workspaces) && locked.is_absent() {
                found.push(manifest.dependency(one, true));
            }
        }
        let is_absent = locked.is_absent();
        let subject = subject(service, unit, path, word, asked(unit), locked);
        // One lock file would do for all members of a workspace: what lacks it is one thing.
        let root = is_absent.then(|| root_of(*folder, &workspaces)).flatten();
        let first = root.and_then(|root| of_root.get(&(root, *word))).and_then(|at| found.get_mut(*at));
        if let Some(first) = first {
            if first.related.len() < RELATED_LIMIT {
                first.related.push((subject.span, format!("{} has none either", subject.name)));
            }
            first.services.extend(subject.services);
            first.services.sort();
            first.services.dedup();
            continue;
        }
        if let Some(root) = root {
            of_root.insert((root, word), found.len());
        }
        found.push(subject);
    }
}

/// The service that is built from a manifest's folder, or whose folder holds this manifest
/// and no other.
fn service_of<'a>(
    folder: EstatePath,
    services: &BTreeMap<EstatePath, &'a Service>,
    folders: &BTreeSet<EstatePath>,
) -> Option<&'a Service> {
    let mut at = folder;
    loop {
        if let Some(service) = services.get(&at) {
            let alone = at == folder || folders.iter().filter(|other| other.is_within(at)).count() == 1;
            return alone.then_some(*service);
        }
        if at == EstatePath::root() {
            return None;
        }
        at = at.parent();
    }
}

/// The nearest workspace that a folder lies in or is the root of.
fn root_of(folder: EstatePath, workspaces: &BTreeSet<EstatePath>) -> Option<EstatePath> {
    let mut at = folder;
    loop {
        if workspaces.contains(&at) {
            return Some(at);
        }
        if at == EstatePath::root() {
            return None;
        }
        at = at.parent();
    }
}

/// True for a unit whose name says that it tries others out: `shop-api-test`.
fn is_test(unit: &Unit) -> bool {
    unit.name.is_some_and(|name| name.split(['-', '_', '/', '.']).any(|word| matches!(word, "test" | "tests" | "e2e")))
}

/// True for a package that somebody else publishes.
fn is_foreign(dependency: &Dependency) -> bool {
    dependency.path.is_none() && !dependency.requirement.as_str().starts_with("workspace:")
}

fn locked(
    folder: EstatePath,
    word: &str,
    of_folder: &[(&Unit, EstatePath)],
    locks: &BTreeMap<(EstatePath, &str), Span>,
    workspaces: &BTreeSet<EstatePath>,
    place: Span,
) -> Answer<Datum> {
    if let Some(span) = locks.get(&(folder, word)) {
        return Answer::present(Datum::Bool(true), *span);
    }
    let mut above = folder;
    while above != EstatePath::root() {
        above = above.parent();
        match locks.get(&(above, word)) {
            Some(span) if workspaces.contains(&above) => return Answer::present(Datum::Bool(true), *span),
            Some(_) => return Answer::unknown("a folder above has a lock file, and does not say whom it is for"),
            None => {}
        }
    }
    // A list of requirements that names one version of everything is its own lock.
    let pinned = |(unit, path): &&(&Unit, EstatePath)| {
        path.name().ends_with(".txt")
            && unit.dependencies.iter().any(is_foreign)
            && unit.dependencies.iter().all(is_fixed)
    };
    if let Some((unit, _)) = of_folder.iter().find(pinned) {
        return Answer::present(Datum::Bool(true), unit.span);
    }
    let addressed = of_folder.iter().any(|(_, path)| path.name().ends_with(".txt"))
        && of_folder
            .iter()
            .flat_map(|(unit, _)| &unit.dependencies)
            .all(|one| one.requirement.as_str().is_empty() || one.requirement.as_str().starts_with("=="))
        && of_folder
            .iter()
            .flat_map(|(unit, _)| &unit.dependencies)
            .any(|one| one.requirement.as_str().starts_with("=="));
    if addressed {
        return Answer::unknown("all versions are fixed but those that are taken from an address or not stated");
    }
    Answer::absent(place)
}

fn subject(
    service: &Service,
    unit: &Unit,
    path: EstatePath,
    word: &str,
    packages: usize,
    locked: Answer<Datum>,
) -> Subject {
    let environment = if is_test(unit) { Environment::Test } else { environment_of(path) };
    let fix = ecosystem(unit.runtime).map_or("", |(_, fix)| fix);
    let (def, row) = RowBuilder::new("manifest", unit.span)
        .text("file", path.as_str())
        .text("service", &service.name)
        .text("runtime", word)
        .int("packages", i64::try_from(packages).unwrap_or(i64::MAX))
        .text("environment", environment_word(environment))
        .set("locked", locked)
        .text("fix", fix)
        .finish();
    Subject {
        def,
        name: path.as_str().to_owned(),
        anchor: format!("manifest {path}"),
        span: unit.span,
        services: vec![service.name],
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}

/// True for a requirement of pip that one release alone fits.
fn is_fixed(one: &Dependency) -> bool {
    one.requirement.as_str().starts_with("==") || one.address == Some(Pin::Commit)
}

/// The unscoped names of packages of Node that nobody may publish, with their folders.
fn private_packages<'a>(
    units: &BTreeMap<(EstatePath, &str), Vec<(&'a Unit, EstatePath)>>,
) -> BTreeMap<&'a str, EstatePath> {
    let all = units.iter().filter(|((_, word), _)| *word == "node").flat_map(|(_, of_folder)| of_folder);
    let private = all.filter(|(unit, _)| unit.private && unit.runtime == Runtime::Node);
    private
        .filter_map(|(unit, _)| Some((unit.name?.as_str(), unit.folder)))
        .filter(|(name, _)| !name.starts_with('@'))
        .collect()
}

/// True for a private package of the estate that npm would ask a registry for, where whoever
/// registers the name is asked: it lies in no workspace with the folder that asks.
fn is_confusable(
    one: &Dependency,
    folder: EstatePath,
    secluded: &BTreeMap<&str, EstatePath>,
    workspaces: &BTreeSet<EstatePath>,
) -> bool {
    let Some(&home) = secluded.get(one.name.as_str()) else { return false };
    let by_name = is_foreign(one) && one.address.is_none() && !one.requirement.contains(':');
    let shared = root_of(folder, workspaces).is_some_and(|root| root_of(home, workspaces) == Some(root));
    by_name && home != folder && !shared
}

/// What a requirement leaves open.
enum Open {
    /// Any release ever published fits, or whatever is newest on the day.
    AnyRelease,
    /// What lies at an address today.
    Address,
    /// Whatever is on a branch today.
    Branch,
}

/// What is left open by a requirement; unknown where something else states the version.
fn left_open(runtime: Runtime, one: &Dependency, unit: &Unit) -> Answer<Option<Open>> {
    let text = one.requirement.trim();
    let is_php = runtime == Runtime::Php;
    let is_node = matches!(runtime, Runtime::Node | Runtime::Static);
    let say = |open| Answer::present(open, one.span);
    match (one.address, text) {
        (Some(Pin::Commit), _) => say(None),
        (Some(Pin::Moving), _) => say(Some(Open::Address)),
        (None, "") if is_node || runtime == Runtime::Python => say(Some(Open::AnyRelease)),
        (None, "") => Answer::unknown("no version is stated here; state one beside the name"),
        (None, "*" | "latest" | "x" | "X") if is_php && interfaces().lists(&one.name) => {
            let bounds = |other: &Dependency| other.name != one.name && !other.requirement.starts_with('*');
            if unit.dependencies.iter().any(bounds) {
                Answer::unknown(
                    "it holds interfaces alone, and a package that implements them may name their release; commit a lock file",
                )
            } else {
                say(Some(Open::AnyRelease))
            }
        }
        (None, "*" | "latest" | "x" | "X" | ">=0" | ">=0.0.0" | ">= 0") => say(Some(Open::AnyRelease)),
        // `next`, `beta`: what a tag of the registry is put on.
        (None, tag) if is_node && tag.bytes().all(|byte| byte.is_ascii_alphabetic()) => say(Some(Open::AnyRelease)),
        (None, text) if is_node && text.starts_with("catalog:") => {
            Answer::unknown("the workspace's catalog states it; commit a lock file")
        }
        (None, text) if is_php && (text.starts_with("dev-") || text.ends_with("-dev")) => {
            let commit = text.split_once('#').is_some_and(|(_, commit)| commit.len() >= 7);
            say((!commit).then_some(Open::Branch))
        }
        (None, _) => say(None),
    }
}

/// The registry whose names are compared; `None` for those of which no list is known.
fn registry(runtime: Runtime) -> Option<Registry> {
    match runtime {
        Runtime::Node | Runtime::Static => Some(Registry::Npm),
        Runtime::Python => Some(Registry::Pypi),
        Runtime::Go
        | Runtime::Rust
        | Runtime::Php
        | Runtime::Ruby
        | Runtime::Java
        | Runtime::Kotlin
        | Runtime::Dotnet
        | Runtime::Cpp
        | Runtime::Elixir => None,
    }
}

/// The popular package that a dependency may be meant to pass for. What comes from an address
/// has no name in a registry.
fn imitated<'l>(list: &'l PopularList, one: &Dependency) -> Option<(&'l str, Edit)> {
    match list.registry {
        Registry::Npm if one.address.is_some() => None,
        Registry::Npm => list.names.imitated(&one.name),
        // PEP 503: case, and which separators a name has, make no difference.
        Registry::Pypi => list.names.imitated(&one.name.to_ascii_lowercase().replace(['_', '.'], "-")),
    }
}

/// What one manifest's dependencies have in common.
struct Manifest<'a> {
    service: &'a Service,
    unit: &'a Unit,
    path: EstatePath,
    word: &'a str,
    locked: &'a Answer<Datum>,
    /// The popular names that its packages may pass for.
    popular: Option<&'a PopularList>,
}

impl Manifest<'_> {
    fn dependency(&self, one: &Dependency, confusable: bool) -> Subject {
        let (unit, path) = (self.unit, self.path);
        let environment = if is_test(unit) { Environment::Test } else { environment_of(path) };
        let imitated = self.popular.filter(|_| !confusable).and_then(|list| imitated(list, one));
        let (looks_like, edit) = imitated.map_or(("", None), |(name, edit)| (name, Some(edit)));
        let (bounded, words) = self.bounded(one, confusable);
        let (def, row) = RowBuilder::new("dependency", one.span)
            .text("file", path.as_str())
            .text("service", &self.service.name)
            .text("runtime", self.word)
            .text("requirement", &one.requirement)
            .text("environment", environment_word(environment))
            .set("bounded", bounded)
            .text("left_open", &words)
            .text("looks_like", looks_like)
            .text("difference", edit.map_or("", Edit::words))
            .bool("lacks_scope", edit == Some(Edit::Scope))
            .text("list_month", self.popular.map_or("", |list| list.as_of.as_str()))
            .finish();
        Subject {
            def,
            name: one.name.as_str().to_owned(),
            anchor: format!("dependency {} of {path}", one.name),
            span: one.span,
            services: vec![self.service.name],
            confidence: Confidence::Observed,
            row,
            related: Vec::new(),
        }
    }

    /// Whether code that was seen is what is installed, and what is open where it is not.
    fn bounded(&self, one: &Dependency, confusable: bool) -> (Answer<Datum>, String) {
        let name = one.name;
        if confusable {
            let words = format!(
                "asks a registry for {name}, a private package of the estate: whoever registers the name is installed"
            );
            return (Answer::absent(one.span), words);
        }
        let words = match left_open(self.unit.runtime, one, self.unit) {
            Answer::Present(None, _) | Answer::Absent(_) => {
                return (Answer::present(Datum::Bool(true), one.span), String::new());
            }
            Answer::Unknown(reason) => return (Answer::Unknown(reason), String::new()),
            Answer::Present(Some(open), _) => match (open, one.requirement.as_str()) {
                (Open::AnyRelease, "") => format!("takes any release of {name}, and no lock file names one"),
                (Open::AnyRelease, text) => {
                    format!("takes any release of {name} (`{text}`), and no lock file names one")
                }
                (Open::Address, _) => {
                    format!("takes {name} from an address that names no commit, nor does a lock file")
                }
                (Open::Branch, text) => {
                    format!("takes what is on a branch of {name} (`{text}`), and no lock file names a commit")
                }
            },
        };
        match self.locked {
            Answer::Absent(_) => (Answer::absent(one.span), words),
            Answer::Present(..) | Answer::Unknown(_) => (self.locked.clone(), words),
        }
    }
}
