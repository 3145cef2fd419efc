//! Tables that services read and write, and whose they are.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::graph::model::{Confidence, Database, Graph, ServiceId};
use crate::graph::tables::{TableRole, TableUse, same_table};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::migrations::migrations;

/// Definitions by the table's name in lower case, without its schema.
pub(super) struct Definitions<'g> {
    by_name: BTreeMap<String, Vec<&'g TableUse>>,
}

impl<'g> Definitions<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut by_name: BTreeMap<String, Vec<&TableUse>> = BTreeMap::new();
        for one in &graph.tables {
            match one.role {
                TableRole::Migrates | TableRole::Models | TableRole::Creates => {
                    by_name.entry(one.table.to_ascii_lowercase()).or_default().push(one);
                }
                TableRole::Alters | TableRole::Fills | TableRole::Writes | TableRole::Reads => {}
            }
        }
        Self { by_name }
    }

    /// What may define the table of that name, in order of services and places.
    pub(super) fn of<'s>(&'s self, one: &'s TableUse) -> impl Iterator<Item = &'g TableUse> + 's {
        let found = self.by_name.get(&one.table.to_ascii_lowercase()).map_or(&[][..], Vec::as_slice);
        found.iter().copied().filter(|other| same_table((other.table, other.schema), (one.table, one.schema)))
    }
}

/// One subject for each service and table that its statements name. Linear in statements, times
/// the definitions of one name.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let definitions = Definitions::new(graph);
    let mut uses: BTreeMap<(ServiceId, Symbol), Vec<&TableUse>> = BTreeMap::new();
    for one in &graph.tables {
        let counts = match one.role {
            TableRole::Reads | TableRole::Writes => true,
            TableRole::Alters => one.file.is_some_and(|file| migrations().holds(file)) && !one.shared,
            TableRole::Migrates | TableRole::Models | TableRole::Creates | TableRole::Fills => false,
        };
        if let Some(service) = one.service.filter(|_| counts) {
            uses.entry((service, one.table)).or_default().push(one);
        }
    }
    for ((service, table), all) in uses {
        found.extend(subject(graph, &definitions, service, table, &all));
    }
}

fn subject(
    graph: &Graph,
    definitions: &Definitions<'_>,
    service: ServiceId,
    table: Symbol,
    all: &[&TableUse],
) -> Option<Subject> {
    let first = all.first()?;
    let (owner, defined) = owner(graph, definitions, service, first);
    let has = |role: TableRole| all.iter().any(|one| one.role == role);
    let access = if has(TableRole::Alters) {
        "alters"
    } else if has(TableRole::Writes) {
        "writes"
    } else {
        "reads"
    };
    let name = graph.service(service).name;
    let mut related: Vec<(Span, String)> = Vec::new();
    related.extend(defined.map(|(id, span)| (span, format!("{} defines {table} here", graph.service(id).name))));
    related.extend(all.iter().skip(1).map(|one| (one.span, format!("{name} uses {table} here"))));
    related.dedup_by_key(|(span, _)| *span);
    related.retain(|(span, _)| *span != first.span);
    let services: BTreeSet<Symbol> =
        std::iter::once(name).chain(defined.map(|(id, _)| graph.service(id).name)).collect();
    let (def, row) = RowBuilder::new("table_use", first.span)
        .text("service", &name)
        .text("table", &table)
        .text("access", access)
        .set("owner", owner.map(|id| Datum::Text(graph.service(id).name)))
        .finish();
    Some(Subject {
        def,
        name: format!("{name} {table}"),
        anchor: format!("table {table} of {name}"),
        span: first.span,
        services: services.into_iter().collect(),
        confidence: Confidence::Observed,
        row,
        related: related.into_iter().take(RELATED_LIMIT).collect(),
    })
}

/// The other service that alone defines a table which a service uses, with the place. Absent
/// where the service defines it itself, or where no other user of its databases does.
fn owner(
    graph: &Graph,
    definitions: &Definitions<'_>,
    service: ServiceId,
    one: &TableUse,
) -> (Answer<ServiceId>, Option<(ServiceId, Span)>) {
    let nobody = || (Answer::absent(one.span), None);
    let all: Vec<&TableUse> = definitions.of(one).collect();
    if all.iter().any(|other| other.service == Some(service)) {
        return nobody();
    }
    if all.is_empty() {
        return (Answer::unknown("nothing in the estate defines the table"), None);
    }
    let own: Vec<&Database> = databases_of(graph, service).collect();
    let uses = |database: &Database, id: ServiceId| database.accesses.iter().any(|access| access.service == id);
    let near: Vec<&TableUse> = all
        .iter()
        .copied()
        .filter(|other| other.service.is_some_and(|id| own.iter().any(|database| uses(database, id))))
        .collect();
    if near.is_empty() {
        return nobody();
    }
    let owners: BTreeSet<Option<ServiceId>> = all.iter().map(|other| other.service).collect();
    // A name that follows from a class by a rule is a guess, and one of several databases another.
    let sure = near.iter().copied().find(|other| !other.by_convention && !other.shared);
    let everywhere = |id: ServiceId| own.iter().all(|database| uses(database, id) && is_sure(database, [service, id]));
    match sure.and_then(|other| Some((other.service?, other.span))) {
        Some((id, span)) if owners.len() == 1 && everywhere(id) => {
            (Answer::Present(id, Evidence(vec![one.span, span])), Some((id, span)))
        }
        Some(_) | None => (Answer::unknown("it is not known whose table of that name it is"), None),
    }
}

/// Databases of tables that a service uses.
pub(super) fn databases_of(graph: &Graph, service: ServiceId) -> impl Iterator<Item = &Database> {
    let uses = move |database: &&Database| database.accesses.iter().any(|access| access.service == service);
    graph.databases.iter().filter(|database| database.kind == "database").filter(uses)
}

/// True where nobody guessed that the services use it.
fn is_sure(database: &Database, services: [ServiceId; 2]) -> bool {
    services.iter().all(|id| {
        let of_service = database.accesses.iter().filter(|access| access.service == *id);
        of_service.map(|access| access.confidence).max().is_some_and(|best| best >= Confidence::Observed)
    })
}
