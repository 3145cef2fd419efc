//! What connecting to databases, querying them and defining their tables look like in source
//! code, library by library: `tables/stores/`.

use std::sync::LazyLock;

use super::library::{Condition, Library, conditions, paths, read_rows, shapes};
use super::row::RowReader;
use super::shape::{Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

const FILES: &[&str] =
    &[include_str!("../../tables/stores/drivers.yaml"), include_str!("../../tables/stores/mappers.yaml")];

/// Which engine a library speaks to.
#[derive(Clone, Debug)]
pub enum EngineOf {
    /// One of `tables/engines`: `postgresql`.
    Named(Symbol),
    /// What its settings say: `options.type`.
    Said(Path),
    /// Something else tells: a schema, a driver handed in.
    Elsewhere,
}

/// A library that speaks to databases.
#[derive(Clone, Debug)]
pub struct StoreRow {
    /// Its packages, versions and what it makes.
    pub library: Library,
    /// Which engine.
    pub engine: EngineOf,
    /// What opens a connection; the first that matches counts.
    pub connects: Vec<Connects>,
    /// What reads and writes; the first that matches counts.
    pub statements: Vec<StatementShape>,
    /// Calls that take a function whose statements are one transaction.
    pub transactions: Vec<Shape>,
    /// Decorators of methods that are one transaction.
    pub surrounds: Vec<Shape>,
    /// Calls that open a transaction.
    pub begins: Vec<Shape>,
    /// Calls that end it.
    pub commits: Vec<Shape>,
    /// Calls that undo it.
    pub rollbacks: Vec<Shape>,
    /// What names the table of a class, or of a thing.
    pub entities: Vec<EntityShape>,
    /// Decorators by which columns are unique.
    pub unique: Vec<UniqueShape>,
    /// Calls that change tables to fit the code.
    pub syncs: Vec<Shape>,
    /// Calls that run migrations.
    pub migrations: Vec<Shape>,
}

/// What opens a connection, and where its parts stand.
#[derive(Clone, Debug)]
pub struct Connects {
    /// What it looks like.
    pub shapes: Vec<Shape>,
    /// An engine other than the row's.
    pub engine: Option<Symbol>,
    /// A connection text.
    pub url: Vec<Path>,
    /// The server.
    pub host: Vec<Path>,
    /// Its port.
    pub port: Vec<Path>,
    /// The logical database.
    pub database: Vec<Path>,
    /// The schema.
    pub schema: Vec<Path>,
    /// The login.
    pub user: Vec<Path>,
    /// Its password.
    pub password: Vec<Path>,
    /// TLS accepts any certificate where one holds.
    pub unverified: Vec<Condition>,
    /// A function that gives the settings.
    pub factory: Vec<Path>,
    /// A class whose method `method` gives the settings.
    pub class: Vec<Path>,
    /// That method: `createTypeOrmOptions`.
    pub method: Option<Symbol>,
    /// It changes tables to fit the code where one holds.
    pub sync: Vec<Condition>,
    /// Where migrations are named.
    pub migrates: Vec<Path>,
    /// What stands in front of keys or tables.
    pub prefix: Vec<Path>,
}

/// What reads and writes.
#[derive(Clone, Debug)]
pub struct StatementShape {
    /// What it looks like.
    pub shapes: Vec<Shape>,
    /// Where a text of SQL is.
    pub sql: Vec<Path>,
    /// Where the table, or what stands for it, is.
    pub table: Vec<Path>,
    /// Members that read.
    pub reads: Vec<Symbol>,
    /// Members that write.
    pub writes: Vec<Symbol>,
    /// Members that write in a way that may be repeated.
    pub upserts: Vec<Symbol>,
    /// Where one of these holds, what writes may be repeated: `options.upsert is true`.
    pub upserts_when: Vec<Condition>,
    /// Members that define.
    pub schema: Vec<Symbol>,
}

/// What a class or thing becomes where its table has no name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// `OrderLine` → `OrderLine`
    Same,
    /// `OrderLine` → `order_line`
    Snake,
    /// `OrderLine` → `OrderLines`
    Plural,
    /// `OrderLine` → `orderlines`
    LowerPlural,
}

const NAMINGS: [(&str, Naming); 4] = [
    ("same", Naming::Same),
    ("snake", Naming::Snake),
    ("plural", Naming::Plural),
    ("lower-plural", Naming::LowerPlural),
];

/// What names a table.
#[derive(Clone, Debug)]
pub struct EntityShape {
    /// A decorator, a call or what made a thing.
    pub shapes: Vec<Shape>,
    /// Where the name is.
    pub table: Vec<Path>,
    /// Where the name of the model is, which is no table's; its table follows from it.
    pub model: Vec<Path>,
    /// A static member of the class that holds the name: `tableName`.
    pub member: Option<Symbol>,
    /// What it is otherwise.
    pub naming: Naming,
}

/// A decorator by which columns are unique.
#[derive(Clone, Debug)]
pub struct UniqueShape {
    /// What it looks like.
    pub shapes: Vec<Shape>,
    /// Where the columns are listed; empty or absent: the member it stands on.
    pub columns: Vec<Path>,
    /// Only where one of these holds; empty: always.
    pub when: Vec<Condition>,
}

const ROW_KEYS: [&str; 11] = [
    "engine",
    "connects",
    "statements",
    "transactions",
    "surrounds",
    "begins",
    "commits",
    "rollbacks",
    "entities",
    "unique",
    "syncs",
];
const CONNECT_KEYS: [&str; 16] = [
    "shapes",
    "engine",
    "url",
    "host",
    "port",
    "database",
    "schema",
    "user",
    "password",
    "unverified",
    "factory",
    "class",
    "method",
    "sync",
    "migrates",
    "prefix",
];
const STATEMENT_KEYS: [&str; 8] = ["shapes", "sql", "table", "reads", "writes", "upserts", "schema", "upserts_when"];

fn shapes_of(node: Node<'_>, key: &str, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Shape> {
    let found = node.get(key).map(|value| shapes(value, reader)).unwrap_or_default();
    for shape in &found {
        library.check(shape, reader);
    }
    found
}

fn connects(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Connects {
    let engine = reader.optional("engine").map(Symbol::new);
    let method = reader.optional("method").map(Symbol::new);
    Connects {
        shapes: shapes_of(node, "shapes", library, reader),
        engine,
        url: paths(node, "url", reader),
        host: paths(node, "host", reader),
        port: paths(node, "port", reader),
        database: paths(node, "database", reader),
        schema: paths(node, "schema", reader),
        user: paths(node, "user", reader),
        password: paths(node, "password", reader),
        unverified: conditions(node, "unverified", reader),
        factory: paths(node, "factory", reader),
        class: paths(node, "class", reader),
        method,
        sync: conditions(node, "sync", reader),
        migrates: paths(node, "migrates", reader),
        prefix: paths(node, "prefix", reader),
    }
}

fn statement(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> StatementShape {
    let mut names = |key: &str| reader.list(key).iter().map(|name| Symbol::new(name)).collect();
    let (reads, writes, upserts, schema) = (names("reads"), names("writes"), names("upserts"), names("schema"));
    StatementShape {
        shapes: shapes_of(node, "shapes", library, reader),
        sql: paths(node, "sql", reader),
        table: paths(node, "table", reader),
        reads,
        writes,
        upserts,
        upserts_when: conditions(node, "upserts_when", reader),
        schema,
    }
}

fn entity(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Option<EntityShape> {
    let words: Vec<&str> = NAMINGS.iter().map(|(word, _)| *word).collect();
    reader.required("naming");
    let naming =
        reader.word("naming", &words, |text| NAMINGS.iter().find(|(word, _)| *word == text).map(|(_, it)| *it));
    let (table, model) = (paths(node, "table", reader), paths(node, "model", reader));
    let member = reader.optional("member").map(Symbol::new);
    Some(EntityShape { shapes: shapes_of(node, "shapes", library, reader), table, model, member, naming: naming? })
}

fn list<T>(
    node: Node<'_>,
    key: &str,
    keys: &[&str],
    problems: &mut Vec<SyntaxProblem>,
    mut read: impl FnMut(Node<'_>, &mut RowReader<'_, '_>) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    for item in node.get(key).into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(item, keys, problems);
        let one = read(item, &mut reader);
        if item.get("shapes").is_none() {
            reader.problem_here("there are no shapes".to_owned());
        }
        if reader.is_sound() {
            found.extend(one);
        }
    }
    found
}

fn row(node: Node<'_>, reader: &mut RowReader<'_, '_>, problems: &mut Vec<SyntaxProblem>) -> Option<StoreRow> {
    let library = Library::read(node, reader)?;
    let engine = match reader.required("engine")? {
        "" => EngineOf::Elsewhere,
        text if text.contains('.') => EngineOf::Said(Path::parse(text)?),
        text => EngineOf::Named(Symbol::new(text)),
    };
    Some(StoreRow {
        engine,
        connects: list(node, "connects", &CONNECT_KEYS, problems, |node, reader| {
            Some(connects(node, &library, reader))
        }),
        statements: list(node, "statements", &STATEMENT_KEYS, problems, |node, reader| {
            Some(statement(node, &library, reader))
        }),
        transactions: shapes_of(node, "transactions", &library, reader),
        surrounds: shapes_of(node, "surrounds", &library, reader),
        begins: shapes_of(node, "begins", &library, reader),
        commits: shapes_of(node, "commits", &library, reader),
        rollbacks: shapes_of(node, "rollbacks", &library, reader),
        entities: list(
            node,
            "entities",
            &["shapes", "table", "model", "member", "naming"],
            problems,
            |node, reader| entity(node, &library, reader),
        ),
        unique: list(node, "unique", &["shapes", "columns", "when"], problems, |node, reader| {
            Some(UniqueShape {
                shapes: shapes_of(node, "shapes", &library, reader),
                columns: paths(node, "columns", reader),
                when: conditions(node, "when", reader),
            })
        }),
        syncs: shapes_of(node, "syncs", &library, reader),
        migrations: shapes_of(node, "migrations", &library, reader),
        library,
    })
}

/// Reads the texts of a table, and what is wrong with them.
fn read(texts: &[&str]) -> (Vec<StoreRow>, Vec<SyntaxProblem>) {
    let mut inner = Vec::new();
    let keys: Vec<&str> = ROW_KEYS.iter().copied().chain(["migrations"]).collect();
    let (rows, mut problems) = read_rows(texts, &keys, |node, reader| row(node, reader, &mut inner));
    problems.append(&mut inner);
    (rows, problems)
}

/// The rows that archlint ships.
pub fn stores() -> &'static [StoreRow] {
    static ROWS: LazyLock<Vec<StoreRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

impl StoreRow {
    /// Every shape of the row but what it makes.
    pub fn shapes(&self) -> Vec<&Shape> {
        let mut all: Vec<&Shape> = Vec::new();
        all.extend(self.connects.iter().flat_map(|one| &one.shapes));
        all.extend(self.statements.iter().flat_map(|one| &one.shapes));
        all.extend(self.entities.iter().flat_map(|one| &one.shapes));
        all.extend(self.unique.iter().flat_map(|one| &one.shapes));
        let lists = [
            &self.transactions,
            &self.surrounds,
            &self.begins,
            &self.commits,
            &self.rollbacks,
            &self.syncs,
            &self.migrations,
        ];
        for list in lists {
            all.extend(list);
        }
        all
    }
}

/// Endings of English words that take another ending than `s` in the plural.
const PLURALS: &[(&str, &str)] = &[
    ("s", "ses"),
    ("x", "xes"),
    ("ch", "ches"),
    ("sh", "shes"),
    ("quy", "quies"),
    ("person", "people"),
    ("child", "children"),
];

/// The table of a class without a name of its own.
pub fn table_of(class: &str, naming: Naming) -> String {
    match naming {
        Naming::Same => class.to_owned(),
        Naming::Snake => snake(class),
        Naming::Plural => plural(class),
        Naming::LowerPlural => plural(&class.to_ascii_lowercase()),
    }
}

fn snake(class: &str) -> String {
    let mut out = String::with_capacity(class.len() + 4);
    let mut before = '_';
    for letter in class.chars() {
        if letter.is_uppercase() && before != '_' && !before.is_uppercase() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
        before = letter;
    }
    out
}

fn plural(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    if let Some(stem) = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    for (ending, instead) in PLURALS {
        if let Some(stem) = lower.strip_suffix(ending).and_then(|stem| word.get(..stem.len())) {
            return format!("{stem}{instead}");
        }
    }
    format!("{word}s")
}

#[cfg(test)]
mod tests {
    use super::{FILES, Naming, read, stores, table_of};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(stores().len() > 15);
    }

    #[test]
    fn paths_start_with_a_name_of_a_shape_or_a_word_for_what_was_injected() {
        for row in stores() {
            let names = row.library.makes.iter().flat_map(|(_, shape)| shape.names());
            let known: Vec<_> = names.chain(row.shapes().into_iter().flat_map(|shape| shape.names())).collect();
            let statements = row.statements.iter().flat_map(|one| one.table.iter().chain(&one.sql));
            let connects = row.connects.iter().flat_map(|one| one.url.iter().chain(&one.host).chain(&one.database));
            for path in statements.chain(connects) {
                assert!(
                    path.name.starts_with('$') || known.contains(&path.name),
                    "{}: {}",
                    row.library.name,
                    path.name
                );
            }
        }
    }

    #[test]
    fn classes_become_tables() {
        for (class, naming, expected) in [
            ("OrderLine", Naming::Snake, "order_line"),
            ("HTTPRequest", Naming::Snake, "httprequest"),
            ("Order", Naming::Plural, "Orders"),
            ("Category", Naming::LowerPlural, "categories"),
            ("Address", Naming::LowerPlural, "addresses"),
            ("Day", Naming::LowerPlural, "days"),
            ("orders", Naming::Same, "orders"),
        ] {
            assert_eq!(table_of(class, naming), expected, "{class}");
        }
    }
}
