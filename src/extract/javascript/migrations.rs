//! Which tables the steps of a migration tool create and change, where the steps are code. The
//! tool hands its builder in without a type, so calls are told by their names alone, in files of
//! steps only.

use super::migration_keys::unique_in;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{TableChange, TableDefinition};
use crate::facts::program::{Element, Expr, Module, NodeId, Property};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::sql::{self, Dialect, HOLE};
use crate::tables::migrations::migrations;

/// Adds what a step does, back and forth.
pub(super) fn add_tables(reading: &mut Reading<'_>, module: &Module) {
    let known = migrations();
    for (at, node) in module.nodes.iter().enumerate() {
        let Expr::Call(call) = &node.expr else { continue };
        let Expr::Member { name, .. } = &module.node(call.callee).expr else { continue };
        let Some(Element::One(argument)) = call.arguments.first() else { continue };
        if known.sql.contains(name) {
            of_sql(reading, module, *argument);
        }
        let change = if known.creates.contains(name) {
            TableChange::Creates
        } else if known.drops.contains(name) {
            TableChange::Drops
        } else if known.alters.contains(name) {
            TableChange::Alters
        } else {
            continue;
        };
        if let Some((table, span)) = name_of(module, *argument, 3) {
            let unique = match change {
                TableChange::Creates | TableChange::Alters => unique_in(module, NodeId(at as u32), call),
                TableChange::Drops | TableChange::Fills => Vec::new(),
            };
            add(reading, (table, None), change, unique, span);
        }
    }
}

fn add(
    reading: &mut Reading<'_>,
    (table, schema): (Symbol, Option<Symbol>),
    change: TableChange,
    unique: Vec<Vec<Symbol>>,
    span: Span,
) {
    reading.add(Fact::TableDefinition(Box::new(TableDefinition {
        table,
        schema,
        model: None,
        change,
        columns: Vec::new(),
        unique,
        references: Vec::new(),
        in_migration: true,
        span,
    })));
}

/// The name that an argument is or holds: `'orders'`, `{ tableName: 'orders' }`,
/// `new Table({ name: 'orders' })`.
fn name_of(module: &Module, node: NodeId, depth: usize) -> Option<(Symbol, Span)> {
    let below = depth.checked_sub(1)?;
    match &module.node(node).expr {
        Expr::Text(text) => Some((*text, module.span(node))),
        Expr::Object(properties) => properties.iter().find_map(|property| match property {
            Property::Named { name, value, .. } if matches!(name.as_str(), "name" | "tableName") => {
                name_of(module, *value, below)
            }
            Property::Named { .. } | Property::Computed { .. } | Property::Spread(_) => None,
        }),
        Expr::Call(call) => match call.arguments.first() {
            Some(Element::One(argument)) => name_of(module, *argument, below),
            Some(Element::Spread(_)) | None => None,
        },
        // A constant of the step itself.
        Expr::Variable(variable) => {
            let values = &module.variables.get(variable.0 as usize)?.values;
            values.first().and_then(|value| name_of(module, *value, below))
        }
        _other => None,
    }
}

fn of_sql(reading: &mut Reading<'_>, module: &Module, node: NodeId) {
    let text = match &module.node(node).expr {
        Expr::Text(text) => text.to_string(),
        Expr::Concat(parts) => parts
            .iter()
            .map(|part| match &module.node(*part).expr {
                Expr::Text(text) => text.as_str(),
                _other => HOLE,
            })
            .collect(),
        _other => return,
    };
    let span = module.span(node);
    for statement in sql::parse(&text, Dialect::Generic).statements {
        let Some(change) = crate::extract::sql::change_of(&statement) else { continue };
        for table in statement.writes.iter().filter(|table| !table.is_computed()) {
            let named = (Symbol::new(&table.name), table.schema.as_deref().map(Symbol::new));
            let unique = statement.definition.iter().flat_map(|definition| &definition.unique);
            let unique = unique.map(|all| all.iter().map(|name| Symbol::new(name)).collect()).collect();
            add(reading, named, change, unique, span);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;
    use crate::source::symbol::Symbol;

    fn lines(path: &str, text: &str) -> Vec<String> {
        let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new(path), text });
        crate::extract::javascript::read(&mut reading);
        let told = |fact: &Fact| match fact {
            Fact::TableDefinition(it) => {
                let words = |all: &Vec<Symbol>| all.iter().map(|word| word.as_str()).collect::<Vec<_>>().join("+");
                let unique: Vec<String> = it.unique.iter().map(words).collect();
                let unique = if unique.is_empty() { String::new() } else { format!(" unique {}", unique.join(" ")) };
                Some(format!("{:?} {}{unique}", it.change, it.table))
            }
            _other => None,
        };
        reading.facts.facts.iter().filter_map(told).collect()
    }

    #[test]
    fn steps_of_code_tell_their_tables() {
        for (text, expected) in [
            (
                "exports.up = (knex) => knex.schema.createTable('orders', (t) => { t.increments(); });\nexports.down = (knex) => knex.schema.dropTable('orders');",
                vec!["Creates orders", "Drops orders"],
            ),
            (
                "module.exports = { up: async (queryInterface, Sequelize) => { await queryInterface.addColumn('orders', 'x', {}); } };",
                vec!["Alters orders"],
            ),
            (
                "exports.up = (knex) => knex.schema.createTable('orders', (t) => { t.string('number').notNullable().unique(); t.string('item'); t.unique(['buyer', 'item']); });",
                vec!["Creates orders unique number buyer+item"],
            ),
            (
                "module.exports = { up: async (q, S) => { await q.createTable('orders', { id: { type: S.INTEGER, primaryKey: true }, number: { type: S.STRING, unique: true }, item: {} }); await q.addIndex('orders', ['buyer', 'day'], { unique: true }); await q.addConstraint('orders', { fields: ['code'], type: 'unique' }); } };",
                vec!["Creates orders unique id number", "Alters orders unique buyer+day", "Alters orders unique code"],
            ),
            (
                "export class A2 { async up(r) { await r.createTable(new Table({ name: 'lines', columns: [{ name: 'id', isPrimary: true }, { name: 'number', isUnique: true }, { name: 'item' }] })); await r.query('CREATE UNIQUE INDEX x ON lines (item)'); } }",
                vec!["Creates lines unique id number", "Alters lines unique item"],
            ),
            (
                "export class A1 { async up(queryRunner) { await queryRunner.query(`CREATE TABLE \"orders\" (\"id\" uuid)`); await queryRunner.createTable(new Table({ name: 'lines' })); } }",
                vec!["Creates orders", "Creates lines"],
            ),
        ] {
            assert_eq!(lines("orders/src/migrations/1.ts", text), expected, "{text}");
            assert!(lines("orders/src/a.ts", text).is_empty(), "{text}");
        }
    }
}
