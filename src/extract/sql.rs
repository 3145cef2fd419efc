//! SQL scripts: the databases that they create, and the tables that they create, change and fill.

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{CreatedDatabase, TableChange, TableDefinition};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::sql::{self, Dialect, Kind, Statement};
use crate::tables::migrations::migrations;

/// `CREATE DATABASE [IF NOT EXISTS] name`, with any of the quotes that dialects use. A comment
/// or a string before it on its line is what no script of this kind has.
static CREATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?im)^[ \t]*create[ \t]+database[ \t]+(?:if[ \t]+not[ \t]+exists[ \t]+)?[`"\[]?([A-Za-z_][A-Za-z0-9_-]*)"#,
    )
    .ok()
});

/// Most statements read of one script.
const LIMIT: usize = 1_000;

/// `*.sql`
pub fn claims(path: EstatePath) -> bool {
    path.name().to_ascii_lowercase().ends_with(".sql")
}

/// Adds the databases that the script creates, and what it does to tables.
pub fn read(reading: &mut Reading<'_>) {
    databases(reading);
    // Editors of Windows begin files with a mark that is no part of the script.
    let text = reading.file.text;
    let script_text = text.trim_start_matches('\u{feff}');
    let mark = text.len() - script_text.len();
    let script = sql::parse(script_text, Dialect::Generic);
    let in_migration = migrations().holds(reading.file.path);
    let mut filled: Vec<(Option<String>, String)> = Vec::new();
    for statement in &script.statements {
        let Some(change) = change_of(statement) else { continue };
        for table in statement.writes.iter().filter(|table| !table.is_computed()) {
            // Dumps fill one table a thousand times.
            let key = (table.schema.clone(), table.name.clone());
            if change == TableChange::Fills && filled.contains(&key) {
                continue;
            }
            if change == TableChange::Fills {
                filled.push(key);
            }
            let symbols = |names: &[String]| names.iter().map(|name| Symbol::new(name)).collect::<Vec<_>>();
            let shape = statement.definition.as_ref();
            let definition = TableDefinition {
                table: Symbol::new(&table.name),
                schema: table.schema.as_deref().map(Symbol::new),
                model: None,
                change,
                columns: shape.map(|shape| symbols(&shape.columns)).unwrap_or_default(),
                unique: shape.map(|shape| shape.unique.iter().map(|all| symbols(all)).collect()).unwrap_or_default(),
                references: shape
                    .map(|shape| shape.references.iter().map(|table| Symbol::new(&table.name)).collect())
                    .unwrap_or_default(),
                in_migration,
                span: reading.span(mark + table.start, mark + table.end),
            };
            reading.add(Fact::TableDefinition(Box::new(definition)));
        }
    }
    if let Some(why) = script.cut {
        let end = reading.span(0, 0);
        reading.unclear(end, "SQL script", why);
    }
}

/// What a statement does to the tables that it writes; `None`: nothing to any.
pub(super) fn change_of(statement: &Statement) -> Option<TableChange> {
    match statement.kind {
        Kind::CreateTable => Some(TableChange::Creates),
        Kind::AlterTable | Kind::CreateIndex => Some(TableChange::Alters),
        Kind::DropTable => Some(TableChange::Drops),
        Kind::Insert | Kind::Update | Kind::Delete | Kind::Merge => Some(TableChange::Fills),
        Kind::Select
        | Kind::Begin
        | Kind::Commit
        | Kind::Rollback
        | Kind::PrepareTransaction
        | Kind::Lock
        | Kind::Other => None,
    }
}

fn databases(reading: &mut Reading<'_>) {
    let Some(create) = CREATE.as_ref() else { return };
    let text = reading.file.text;
    let found: Vec<(&str, usize, usize)> = create
        .captures_iter(text)
        .take(LIMIT)
        .filter_map(|captures| captures.get(1))
        .map(|name| (name.as_str(), name.start(), name.end()))
        .collect();
    for (name, start, end) in found {
        let span = reading.span(start, end);
        reading.add(Fact::CreatedDatabase(Box::new(CreatedDatabase { name: Symbol::new(name), span })));
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    #[test]
    fn scripts_say_what_they_do_to_tables() {
        let text = "CREATE TABLE shop.orders (id int PRIMARY KEY, customer int REFERENCES customers (id));\nALTER TABLE orders ADD UNIQUE (number);\nINSERT INTO orders VALUES (1);\nINSERT INTO orders VALUES (2);\nDROP TABLE old;\nSELECT 1;\n";
        let path = EstatePath::new("orders/migrations/1.sql");
        let mut reading = Reading::new(SourceFile { id: FileId(0), path, text });
        super::read(&mut reading);
        let told: Vec<String> = reading
            .facts
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::TableDefinition(it) => Some(format!(
                    "{:?} {} {:?} {:?} {} {}",
                    it.change,
                    it.table,
                    it.unique.iter().flatten().map(|one| one.as_str()).collect::<Vec<_>>(),
                    it.references.iter().map(|one| one.as_str()).collect::<Vec<_>>(),
                    it.in_migration,
                    &text[it.span.start as usize..it.span.end as usize]
                )),
                _ => None,
            })
            .collect();
        assert_eq!(
            told,
            [
                "Creates orders [\"id\"] [\"customers\"] true shop.orders",
                "Alters orders [\"number\"] [] true orders",
                "Fills orders [] [] true orders",
                "Drops old [] [] true old",
            ]
        );
    }

    #[test]
    fn scripts_name_the_databases_they_create() {
        let text = "-- CREATE DATABASE commented;\nCREATE DATABASE orders;\r\ncreate database if not exists `billing_db`;\nCREATE TABLE t (database int);\n";
        let path = EstatePath::new("db/init.sql");
        let mut reading = Reading::new(SourceFile { id: FileId(0), path, text });
        super::read(&mut reading);
        let names: Vec<(&str, &str)> = reading
            .facts
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::CreatedDatabase(created) => {
                    Some((created.name.as_str(), &text[created.span.start as usize..created.span.end as usize]))
                }
                _ => None,
            })
            .collect();
        assert_eq!(names, [("orders", "orders"), ("billing_db", "billing_db")]);
    }
}
