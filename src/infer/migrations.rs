//! How the tables of services come to be, and where the migrations lie that make them.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::{RowBuilder, Subject};
use super::tables::{Definitions, databases_of};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::graph::environments::environment_of;
use crate::graph::model::{CodeConnection, Confidence, Environment, ServiceId};
use crate::graph::tables::{TableRole, TableUse};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::engines::engines;
use crate::tables::migrations::migrations;

/// Services with tables of their own, then folders of migrations. Linear in uses of tables and
/// in files, times the definitions of one name.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let definitions = Definitions::new(estate.graph);
    let steps: Vec<EstatePath> =
        estate.paths.iter().copied().filter(|path| migrations().holds(*path) && is_real(*path)).collect();
    let mut seen: BTreeSet<ServiceId> = BTreeSet::new();
    for connection in estate.graph.connections.iter().filter(|one| !one.library.is_empty()) {
        let Some(engine) = engine_of(estate, connection) else { continue };
        if seen.insert(connection.service) {
            found.extend(of_service(estate, &definitions, &steps, connection, engine));
        }
    }
    folders(estate, found);
}

/// The relational engine that a connection is to: what the code says, else what the service's
/// databases are.
fn engine_of(estate: &Estate<'_>, connection: &CodeConnection) -> Option<Symbol> {
    if !connection.engine.is_empty() {
        return Some(connection.engine).filter(|engine| engines().is_relational(*engine));
    }
    let engines_used = databases_of(estate.graph, connection.service).map(|database| database.engine);
    let mut relational = engines_used.filter(|engine| engines().is_relational(*engine));
    let first = relational.next()?;
    relational.all(|other| other == first).then_some(first)
}

fn is_real(path: EstatePath) -> bool {
    environment_of(path) != Environment::Test
}

/// The tables that a service's code defines or changes, and what makes them. `None`: it only
/// reads, or nobody saw it.
fn of_service(
    estate: &Estate<'_>,
    definitions: &Definitions<'_>,
    steps: &[EstatePath],
    connection: &CodeConnection,
    engine: Symbol,
) -> Option<Subject> {
    let graph = estate.graph;
    let service = connection.service;
    let own: Vec<&TableUse> = graph.tables.iter().filter(|one| one.service == Some(service)).collect();
    let keeps: BTreeSet<Symbol> = own
        .iter()
        .filter(|one| matches!(one.role, TableRole::Models | TableRole::Writes))
        .map(|one| one.table)
        .collect();
    if keeps.is_empty() {
        return None;
    }
    let known = graph.service(service);
    let name = known.name;
    let (def, row) = RowBuilder::new("schema", connection.span)
        .text("service", &name)
        .text("engine", &engine)
        .texts("tables", keeps.iter().copied())
        .set("made_by", made_by(estate, definitions, steps, connection, &own))
        .finish();
    let mut related: Vec<(Span, String)> = own
        .iter()
        .filter(|one| matches!(one.role, TableRole::Models | TableRole::Writes))
        .map(|one| (one.span, format!("{name} keeps {} here", one.table)))
        .collect();
    let synced = graph.connections.iter().filter(|one| one.service == service);
    let synced =
        synced.filter_map(|one| one.synchronizes.value().filter(|yes| **yes).and(one.synchronizes.evidence().first()));
    related.splice(0..0, synced.map(|span| (*span, format!("{name} changes its tables when it starts"))));
    related.dedup_by_key(|(span, _)| *span);
    Some(Subject {
        def,
        name: format!("{name} {engine}"),
        anchor: format!("schema of {name} {engine}"),
        span: connection.span,
        services: vec![name],
        confidence: Confidence::Observed,
        row,
        related: related.into_iter().take(RELATED_LIMIT).collect(),
    })
}

fn made_by(
    estate: &Estate<'_>,
    definitions: &Definitions<'_>,
    steps: &[EstatePath],
    connection: &CodeConnection,
    own: &[&TableUse],
) -> Answer<Datum> {
    let graph = estate.graph;
    let service = connection.service;
    let present = |word: &str, span: Span| Answer::present(Datum::Text(Symbol::new(word)), span);
    // A call that changes tables is no connection of its own.
    let of_service = || graph.connections.iter().filter(|one| one.service == service && !one.library.is_empty());
    // Another service's table of the same name is another table.
    let may_be_own = |one: &&TableUse| one.service.is_none_or(|of| of == service);
    let defined: Vec<&TableUse> = own.iter().flat_map(|one| definitions.of(one)).filter(may_be_own).collect();
    if let Some(step) = defined.iter().find(|one| one.role == TableRole::Migrates) {
        return present("migrations", step.span);
    }
    if of_service().any(|one| matches!(one.migrates, Answer::Present(true, _))) {
        return present("migrations", connection.span);
    }
    let folder = graph.service(service).folder;
    if folder.is_some_and(|folder| steps.iter().any(|step| step.is_within(folder))) {
        return present("migrations", connection.span);
    }
    if let Some(script) = defined.iter().find(|one| one.role == TableRole::Creates) {
        return present("scripts", script.span);
    }
    if of_service().any(|one| matches!(one.migrates, Answer::Unknown(_))) {
        return Answer::unknown("which migrations the connection has is only known when it runs");
    }
    if folder.is_none() || !steps.is_empty() && own.iter().any(|one| one.by_convention) {
        // Steps of nobody may make tables whose names are guesses.
        let of_nobody = |step: &&EstatePath| {
            !graph.services.iter().any(|other| other.folder.is_some_and(|folder| step.is_within(folder)))
        };
        if folder.is_none() || steps.iter().any(|step| of_nobody(&step)) {
            return Answer::unknown("migrations elsewhere in the estate may make its tables");
        }
    }
    Answer::absent(connection.span)
}

/// The folder that holds all steps of one history: `db/migrations` of
/// `db/migrations/2026_init/migration.sql`.
fn history_of(path: EstatePath) -> EstatePath {
    let parent = path.parent();
    let mut history = parent;
    let mut at = parent;
    while at != EstatePath::root() {
        let inside = at.join("x").is_some_and(|step| migrations().holds(step));
        if inside {
            history = at;
        }
        at = at.parent();
    }
    history
}

/// One subject for each folder of migrations whose tables are known.
fn folders(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut of_folder: BTreeMap<EstatePath, Vec<&TableUse>> = BTreeMap::new();
    for one in graph.tables.iter().filter(|one| one.role == TableRole::Migrates) {
        if let Some(file) = one.file {
            of_folder.entry(history_of(file)).or_default().push(one);
        }
    }
    // Who names which table in code.
    let mut users_of: BTreeMap<String, BTreeMap<ServiceId, Span>> = BTreeMap::new();
    let mut read: BTreeSet<ServiceId> = graph.operations.iter().map(|operation| operation.service).collect();
    for one in graph.tables.iter().filter(|one| one.file.is_none()) {
        if let Some(service) = one.service {
            read.insert(service);
            if one.role != TableRole::Creates {
                let users = users_of.entry(one.table.to_ascii_lowercase()).or_default();
                users.entry(service).or_insert(one.span);
            }
        }
    }
    for (folder, steps) in of_folder {
        let Some(first) = steps.iter().min_by_key(|one| (one.file, one.span)) else { continue };
        let owners: BTreeSet<ServiceId> = steps.iter().filter_map(|one| one.service).collect();
        let users: BTreeMap<ServiceId, Span> = steps
            .iter()
            .filter_map(|one| users_of.get(&one.table.to_ascii_lowercase()))
            .flatten()
            .map(|(service, span)| (*service, *span))
            .collect();
        let strangers: BTreeMap<ServiceId, Span> =
            users.iter().filter(|(service, _)| !owners.contains(service)).map(|(id, span)| (*id, *span)).collect();
        let shared = owners.len() != 1;
        let outside = if users.is_empty() {
            Answer::unknown("no code is seen to use the tables; check them together with the code that does")
        } else if shared {
            Answer::Present(Datum::Bool(true), Evidence(vec![first.span]))
        } else if owners.iter().any(|owner| users.contains_key(owner)) || strangers.len() != 1 {
            Answer::Present(Datum::Bool(false), Evidence(vec![first.span]))
        } else if owners.iter().all(|owner| read.contains(owner) && databases_of(graph, *owner).next().is_none()) {
            Answer::Present(Datum::Bool(true), Evidence(vec![first.span]))
        } else {
            Answer::unknown("the service whose folder it is may use the tables")
        };
        let name_of = |id: &ServiceId| graph.service(*id).name;
        let place = match owners.first().filter(|_| !shared) {
            Some(owner) => format!("in the folder of {}", name_of(owner)),
            None => "in a folder that belongs to none of them alone".to_owned(),
        };
        let path = Symbol::new(folder.as_str());
        let (def, row) = RowBuilder::new("migration_folder", first.span)
            .text("path", &path)
            .text("place", &place)
            .texts("users", users.keys().map(name_of))
            .set("outside", outside)
            .finish();
        let services: BTreeSet<Symbol> = owners.iter().chain(users.keys()).map(name_of).collect();
        let related = users.iter().map(|(id, span)| (*span, format!("{} uses a table of it here", name_of(id))));
        found.push(Subject {
            def,
            name: folder.as_str().to_owned(),
            anchor: format!("migrations {folder}"),
            span: first.span,
            services: services.into_iter().collect(),
            confidence: Confidence::Observed,
            row,
            related: related.take(RELATED_LIMIT).collect(),
        });
    }
}
