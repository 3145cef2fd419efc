//! Which service's code, scripts and schemas define, read and write which table.

use super::inputs::Inputs;
use super::model::ServiceId;
use super::program::stores::{Statement, StatementKind, Stores};
use super::sources::Source;
use crate::facts::data::TableChange;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What one place of code, of a script or of a schema does with a table.
#[derive(Debug, Clone)]
pub struct TableUse {
    /// Whose place it is; `None` for files of no service.
    pub service: Option<ServiceId>,
    /// True where the file belongs to several services.
    pub shared: bool,
    /// `orders`
    pub table: Symbol,
    /// `sales` of `sales.orders`, where stated.
    pub schema: Option<Symbol>,
    /// The name that code knows it by, where a schema gives it another one: `Order`.
    pub model: Option<Symbol>,
    /// What is done.
    pub role: TableRole,
    /// True where the name follows from a class or model by a library's rule.
    pub by_convention: bool,
    /// Columns that are unique together, where the place defines the table.
    pub unique: Vec<Vec<Symbol>>,
    /// The script or schema, where it is one.
    pub file: Option<EstatePath>,
    /// The connection that it goes through, where code shows it: the place of a
    /// [`super::model::CodeConnection`].
    pub connection: Option<Span>,
    /// The table's name, or the statement.
    pub span: Span,
}

/// What is done with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableRole {
    /// A step of a migration tool creates it.
    Migrates,
    /// A class or model of a mapper stands for it.
    Models,
    /// A script outside of migrations, or code, creates it.
    Creates,
    /// A script changes its columns or indexes.
    Alters,
    /// A script fills or repairs its rows.
    Fills,
    /// Code changes its rows.
    Writes,
    /// Code reads its rows.
    Reads,
}

/// All uses of tables, sorted by service, table, role and place. `owners_of` tells whose a file
/// is, `is_test` which files are no evidence.
pub fn tables(
    inputs: &Inputs<'_>,
    sources: &[Source],
    owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
    is_test: &dyn Fn(EstatePath) -> bool,
) -> Vec<TableUse> {
    let mut found = Vec::new();
    for located in inputs.table_definitions.iter().filter(|located| !is_test(located.path)) {
        let fact = located.fact;
        let role = match (fact.change, fact.in_migration) {
            (TableChange::Creates, true) => TableRole::Migrates,
            (TableChange::Creates, false) if fact.model.is_some() => TableRole::Models,
            (TableChange::Creates, false) => TableRole::Creates,
            (TableChange::Alters, _) => TableRole::Alters,
            (TableChange::Fills, _) => TableRole::Fills,
            (TableChange::Drops, _) => continue,
        };
        let owners = owners_of(located.path);
        let one = |service: Option<ServiceId>| TableUse {
            service,
            shared: owners.len() > 1,
            table: fact.table,
            schema: fact.schema,
            model: fact.model,
            role,
            by_convention: false,
            unique: fact.unique.clone(),
            file: Some(located.path),
            connection: None,
            span: fact.span,
        };
        if owners.is_empty() {
            found.push(one(None));
        }
        found.extend(owners.iter().map(|service| one(Some(*service))));
    }
    for source in sources {
        of_code(source.service, &source.stores, &mut found);
    }
    found.sort_by_key(|one| (one.service, one.table, one.role, one.span));
    found.dedup_by_key(|one| (one.service, one.table, one.role, one.span));
    found
}

fn of_code(service: ServiceId, stores: &Stores, found: &mut Vec<TableUse>) {
    for entity in &stores.entities {
        found.push(TableUse {
            service: Some(service),
            shared: false,
            table: entity.table,
            schema: None,
            model: None,
            role: TableRole::Models,
            by_convention: entity.by_convention,
            unique: entity.unique.clone(),
            file: None,
            connection: None,
            span: entity.span,
        });
    }
    for statement in &stores.statements {
        let connection = through(stores, statement);
        for table in &statement.tables {
            let role = match (statement.kind, table.writes) {
                (StatementKind::Define, _) => TableRole::Creates,
                (StatementKind::Read | StatementKind::Write | StatementKind::Upsert, true) => TableRole::Writes,
                (StatementKind::Read | StatementKind::Write | StatementKind::Upsert, false) => TableRole::Reads,
                (StatementKind::Other, _) => continue,
            };
            found.push(TableUse {
                service: Some(service),
                shared: false,
                table: table.name,
                schema: table.schema,
                model: None,
                role,
                // A repository's table follows from its class.
                by_convention: !statement.is_sql,
                unique: statement.unique.clone(),
                file: None,
                connection,
                span: statement.span,
            });
        }
    }
}

/// The place of the connection that a statement goes through, where the code shows it.
fn through(stores: &Stores, statement: &Statement) -> Option<Span> {
    let event = statement.through?;
    stores.connections.iter().find(|connection| connection.event == event).map(|connection| connection.span)
}

/// Whether two names may mean one table: letters' case does not count, a schema only where both
/// have one.
pub fn same_table(a: (Symbol, Option<Symbol>), b: (Symbol, Option<Symbol>)) -> bool {
    let schemas = match (a.1, b.1) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b),
        (_, None) | (None, _) => true,
    };
    schemas && a.0.eq_ignore_ascii_case(&b.0)
}
