//! Database engines, caches and brokers: schemes, default ports, default databases, prefixes.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::connection::{self, ConnectionText};
use crate::syntax::tree::Node;
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/engines/engines.yaml");

/// What an engine is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EngineKind {
    /// Keeps a service's own data.
    Database,
    /// Keeps copies for speed: Redis, Memcached.
    Cache,
    /// Passes messages: RabbitMQ, NATS.
    Broker,
    /// Answers searches over copies: Elasticsearch.
    Search,
}

/// The database that a connection uses which names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultDatabase {
    /// The one of this name: `0` for Redis.
    Named(Symbol),
    /// The one named like the login: PostgreSQL.
    User,
    /// There is none: MySQL.
    None,
}

/// One engine.
#[derive(Debug)]
pub struct Engine {
    /// Canonical: `postgresql`.
    pub name: Symbol,
    /// What it is used for.
    pub kind: EngineKind,
    /// `5432`; 0 for engines without a server.
    pub port: u16,
    /// What a connection uses that names no database.
    pub default_database: DefaultDatabase,
    /// Of environment variables, upper case: `POSTGRES`.
    pub prefixes: Vec<Symbol>,
    /// `user:password` that it takes from its own machine alone, whoever installed it.
    pub local: Option<Symbol>,
    schemes: Vec<Symbol>,
    aliases: Vec<Symbol>,
}

/// All engines.
#[derive(Debug)]
pub struct Engines {
    engines: Vec<Engine>,
    by_scheme: FxHashMap<Symbol, usize>,
    by_alias: FxHashMap<Symbol, usize>,
    relational: Vec<Symbol>,
}

/// The engines known, in order of the table.
pub fn engines() -> &'static Engines {
    static ENGINES: LazyLock<Engines> = LazyLock::new(|| Engines::read(TABLE));
    &ENGINES
}

/// The connection that `text` states in any of the forms of [`mod@connection`], of an engine
/// of the table; `None` for every other text, `http://…` among them.
pub fn connection_of(text: &str) -> Option<ConnectionText> {
    connection::parse(text, &|scheme| engines().by_scheme(scheme).map(|engine| engine.name))
}

impl Engines {
    /// True for engines whose tables have columns that migrations change.
    pub fn is_relational(&self, name: Symbol) -> bool {
        self.relational.contains(&name)
    }

    fn read(text: &str) -> Self {
        let tree = yaml::parse(FileId(0), text);
        let rows = tree.documents().next().and_then(|root| root.get("engines"));
        let relational = tree.documents().next().and_then(|root| root.get("relational"));
        let relational = relational.and_then(Node::text).unwrap_or_default();
        let relational = relational.split_whitespace().map(Symbol::new).collect();
        let engines: Vec<Engine> = rows.into_iter().flat_map(Node::items).filter_map(engine).collect();
        let mut by_scheme = FxHashMap::default();
        let mut by_alias = FxHashMap::default();
        for (at, engine) in engines.iter().enumerate() {
            by_scheme.extend(engine.schemes.iter().map(|&scheme| (scheme, at)));
            by_alias.extend(engine.aliases.iter().map(|&alias| (alias, at)));
            by_alias.insert(engine.name, at);
        }
        Self { engines, by_scheme, by_alias, relational }
    }

    /// All, in order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Engine> {
        self.engines.iter()
    }

    /// The engine of a canonical name: `postgresql`.
    pub fn by_name(&self, name: Symbol) -> Option<&Engine> {
        self.engines.iter().find(|engine| engine.name == name)
    }

    /// The engine of a URL's scheme in any case: `postgres`, `postgresql+asyncpg`, `rediss`.
    pub fn by_scheme(&self, scheme: &str) -> Option<&Engine> {
        let lower = scheme.to_ascii_lowercase();
        let bare = lower.split('+').next().unwrap_or("");
        let at = self.by_scheme.get(&Symbol::new(&lower)).or_else(|| self.by_scheme.get(&Symbol::new(bare)))?;
        self.engines.get(*at)
    }

    /// The engine that a dialect, client or driver names: `pg`, `mysql2`,
    /// `django.db.backends.postgresql`, `org.mariadb.jdbc.Driver`, `ODBC Driver 17 for SQL
    /// Server`. `None` where no part of the text is an engine's name.
    pub fn by_alias(&self, text: &str) -> Option<&Engine> {
        if text.len() > 128 {
            return None;
        }
        let lower = text.to_ascii_lowercase();
        if lower.contains("sql server") {
            return self.by_name(Symbol::new("sqlserver"));
        }
        let find = |word: &str| self.by_alias.get(&Symbol::new(word)).and_then(|&at| self.engines.get(at));
        find(&lower).or_else(|| lower.split(|c: char| !c.is_ascii_alphanumeric()).find_map(find))
    }

    /// The engine whose default port this is, where only one has it.
    pub fn by_port(&self, port: u16) -> Option<&Engine> {
        // Engines that speak another one's protocol share its port; the table names the
        // older one first.
        self.engines.iter().find(|engine| engine.port == port && port != 0)
    }
}

fn engine(row: Node<'_>) -> Option<Engine> {
    let text = |key: &str| row.get(key).and_then(Node::text);
    let list = |key: &str| -> Vec<Symbol> {
        row.get(key).into_iter().flat_map(Node::items).filter_map(Node::text).map(Symbol::new).collect()
    };
    let kind = match text("kind")? {
        "database" => EngineKind::Database,
        "cache" => EngineKind::Cache,
        "broker" => EngineKind::Broker,
        "search" => EngineKind::Search,
        _ => return None,
    };
    let default_database = match text("database")? {
        "<user>" => DefaultDatabase::User,
        "<none>" => DefaultDatabase::None,
        name => DefaultDatabase::Named(Symbol::new(name)),
    };
    Some(Engine {
        name: Symbol::new(text("name")?),
        kind,
        port: row.get("port").and_then(Node::int).and_then(|port| u16::try_from(port).ok())?,
        default_database,
        prefixes: list("prefixes"),
        local: text("local").map(Symbol::new),
        schemes: list("schemes"),
        aliases: list("aliases"),
    })
}

#[cfg(test)]
mod tests {
    use super::{DefaultDatabase, TABLE, engines};
    use crate::source::file::FileId;
    use crate::source::symbol::Symbol;
    use crate::syntax::tree::Node;
    use crate::syntax::yaml;

    #[test]
    fn every_row_of_the_table_is_read_and_complete() {
        let tree = yaml::parse(FileId(0), TABLE);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        let rows: Vec<_> = tree.documents().flat_map(|root| root.get("engines")).flat_map(Node::items).collect();
        assert_eq!(rows.len(), engines().iter().count());
        const KEYS: [&str; 9] =
            ["name", "kind", "schemes", "aliases", "port", "database", "prefixes", "source", "checked"];
        for row in rows {
            let keys = row.entries().into_iter().filter_map(|(key, _)| key.text());
            let keys: Vec<_> = keys.filter(|key| *key != "local").collect();
            assert_eq!(keys, KEYS);
            assert!(row.get("source").and_then(Node::text).is_some_and(|page| page.starts_with("https://")));
        }
    }

    #[test]
    fn no_two_engines_share_a_scheme_an_alias_or_a_prefix() {
        let mut seen = std::collections::BTreeSet::new();
        for engine in engines().iter() {
            for (sort, names) in [(0, &engine.schemes), (1, &engine.aliases), (2, &engine.prefixes)] {
                for name in names {
                    assert!(seen.insert((sort, *name)), "{name}");
                }
            }
        }
    }

    #[test]
    fn engines_are_found_by_scheme_alias_and_port() {
        for (scheme, name) in [("postgresql+asyncpg", "postgresql"), ("MongoDB+srv", "mongodb"), ("rediss", "redis")] {
            assert_eq!(engines().by_scheme(scheme).map(|engine| engine.name.as_str()), Some(name), "{scheme}");
        }
        assert!(engines().by_scheme("http").is_none());
        for (alias, name) in [
            ("pg", "postgresql"),
            ("django.db.backends.mysql", "mysql"),
            ("org.mariadb.jdbc.Driver", "mariadb"),
            ("{ODBC Driver 17 for SQL Server}", "sqlserver"),
            ("oracle.jdbc.OracleDriver", "oracle"),
        ] {
            assert_eq!(engines().by_alias(alias).map(|engine| engine.name.as_str()), Some(name), "{alias}");
        }
        assert!(engines().by_alias("memory").is_none());
        assert_eq!(engines().by_port(3306).map(|engine| engine.name.as_str()), Some("mysql"));
        assert!(engines().by_port(8080).is_none());
    }

    #[test]
    fn defaults_differ_by_engine() {
        let default = |name: &str| engines().by_name(Symbol::new(name)).map(|engine| engine.default_database);
        assert_eq!(default("postgresql"), Some(DefaultDatabase::User));
        assert_eq!(default("mysql"), Some(DefaultDatabase::None));
        assert_eq!(default("redis"), Some(DefaultDatabase::Named(Symbol::new("0"))));
    }
}
