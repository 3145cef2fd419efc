//! Who connects to which database.
//!
//! A connection is put together from a service's variables, its configuration files and the
//! literals in its code; its server is a host of the estate or outside; a name that is
//! missing takes the engine's default.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::model::{Access, Confidence, Credential, Database, Environment, Server, ServiceId};
use crate::facts::answer::Evidence;
use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::engines::{DefaultDatabase, EngineKind, engines};

/// One connection of one service, as far as it could be put together.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who connects.
    pub service: ServiceId,
    /// Canonical engine, where known.
    pub engine: Option<Symbol>,
    /// The server.
    pub server: Server,
    /// Distinguishes hosts of one name that nothing in the estate answers, by deployment.
    pub server_scope: Option<u32>,
    /// The logical database, where stated.
    pub database: Option<Symbol>,
    /// True where a missing name means the default: the connection is stated, not guessed.
    pub default_applies: bool,
    /// The schema, where stated.
    pub schema: Option<Symbol>,
    /// The login's name.
    pub user: Option<Symbol>,
    /// The password, where it stands in the estate.
    pub password: Option<Secret>,
    /// Where the login is stated, if it is.
    pub login: Option<Span>,
    /// How sure.
    pub confidence: Confidence,
    /// What the file is for.
    pub environment: Environment,
    /// The connection's place, then where its values came from.
    pub evidence: Vec<Span>,
}

/// What is known of a server of the estate.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServerFacts {
    /// Its engine, by its image.
    pub engine: Option<Symbol>,
    /// The one database that it is set up with: `POSTGRES_DB`.
    pub initial: Option<Symbol>,
}

/// Engines whose servers and databases cannot be told apart by their URLs.
pub fn family(engine: Symbol) -> Symbol {
    match engine.as_str() {
        "mariadb" => Symbol::new("mysql"),
        "cockroachdb" => Symbol::new("postgresql"),
        "valkey" => Symbol::new("redis"),
        "opensearch" => Symbol::new("elasticsearch"),
        _ => engine,
    }
}

/// Puts the connections of all services together to databases. `facts_of` tells what is
/// known of a server in the estate, `name_of` its name.
pub fn databases(
    mut found: Vec<Found>,
    facts_of: &dyn Fn(Server) -> ServerFacts,
    name_of: &dyn Fn(Server) -> Symbol,
) -> Vec<Database> {
    for one in &mut found {
        let facts = facts_of(one.server);
        one.engine = match (one.engine, facts.engine) {
            // The server's image tells MariaDB from MySQL; a URL's scheme does not. And
            // `Server=db;Username=shop` is text of more than one driver.
            (_, Some(of_server)) => Some(of_server),
            (stated, None) => stated,
        };
    }
    named_once_connected(&mut found);
    for one in &mut found {
        let facts = facts_of(one.server);
        if one.database.is_none() && one.default_applies {
            one.database = default_database(one, facts.initial);
        }
    }
    found.retain(|one| one.engine.is_none_or(|engine| kind_of(engine) != Some(EngineKind::Broker)));
    let found = best_known(found);
    let mut by_key: BTreeMap<Key, Vec<Found>> = BTreeMap::new();
    for (at, one) in found.into_iter().enumerate() {
        let engine = one.engine.unwrap_or(Symbol::new("sql"));
        let known = one.server != Server::Unknown && one.database.is_some();
        let key = Key {
            engine: family(engine),
            server: one.server,
            server_scope: one.server_scope,
            database: one.database,
            schema: one.schema,
            // What is not known in full is nobody else's; a service's own repetitions of it
            // are one.
            owner: (!known)
                .then_some((one.service, if one.server == Server::Unknown && one.database.is_none() { at } else { 0 })),
        };
        by_key.entry(key).or_default().push(one);
    }
    let mut databases: Vec<Database> = by_key.into_iter().map(|(key, all)| database(key, all, name_of)).collect();
    databases.sort_by_key(|one| (one.engine, name_of(one.server), one.name, one.schema));
    databases
}

/// `new MongoClient(url)` and then `client.db('orders')`: what the address does not name is what
/// the code names later, not the engine's default.
fn named_once_connected(found: &mut Vec<Found>) {
    let whose = |one: &Found| (one.service, one.engine.map(family), one.server);
    let has_names =
        |one: &Found| one.server != Server::Unknown && one.engine.and_then(kind_of) != Some(EngineKind::Cache);
    let mut named: BTreeMap<(ServiceId, Option<Symbol>, Server), BTreeSet<Symbol>> = BTreeMap::new();
    for one in found.iter().filter(|one| has_names(one)) {
        named.entry(whose(one)).or_default().extend(one.database);
    }
    found.retain_mut(|one| {
        let names = named.get(&whose(one)).filter(|_| one.database.is_none() && one.default_applies);
        match names.and_then(|names| names.first().map(|first| (first, names.len()))) {
            Some((only, 1)) => one.database = Some(*only),
            Some(_) => return false,
            None => {}
        }
        true
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    engine: Symbol,
    server: Server,
    server_scope: Option<u32>,
    database: Option<Symbol>,
    schema: Option<Symbol>,
    owner: Option<(ServiceId, usize)>,
}

fn kind_of(engine: Symbol) -> Option<EngineKind> {
    engines().by_name(engine).map(|engine| engine.kind)
}

/// The database of a connection that names none: the one its server is set up with, else the
/// engine's default.
fn default_database(one: &Found, initial: Option<Symbol>) -> Option<Symbol> {
    if matches!(one.server, Server::Hidden(_)) {
        return None;
    }
    let engine = engines().by_name(one.engine?)?;
    match engine.default_database {
        DefaultDatabase::Named(name) if engine.kind == EngineKind::Cache => Some(name),
        DefaultDatabase::Named(name) => Some(initial.unwrap_or(name)),
        DefaultDatabase::User => initial.or(one.user),
        DefaultDatabase::None => initial,
    }
}

/// Drops what says less about a service's database than something else does: a hidden or
/// unknown server where one is known, development where there is better, a default beside a
/// stated name on the same server.
fn best_known(found: Vec<Found>) -> Vec<Found> {
    let mut by_service: BTreeMap<(ServiceId, Option<Symbol>), Vec<Found>> = BTreeMap::new();
    for one in found {
        by_service.entry((one.service, one.engine.map(family))).or_default().push(one);
    }
    let mut kept = Vec::new();
    for mut all in by_service.into_values() {
        let is_known = |one: &Found| matches!(one.server, Server::Inside(_) | Server::Outside(_));
        if all.iter().any(|one| is_known(one) && one.database.is_some()) {
            // A literal in code whose host is computed still names its database.
            let named: Vec<Symbol> = all.iter().filter(|one| is_known(one)).filter_map(|one| one.database).collect();
            all.retain(|one| {
                is_known(one)
                    || (one.server == Server::Unknown && one.database.is_some_and(|name| !named.contains(&name)))
            });
        }
        let deployed = all.iter().any(|one| is_known(one) && one.environment < Environment::Development);
        if deployed {
            all.retain(|one| one.environment < Environment::Development);
        } else {
            all.retain(|one| one.environment < Environment::Test);
        }
        let best: Vec<(Server, Confidence)> = all.iter().map(|one| (one.server, one.confidence)).collect();
        all.retain(|one| {
            one.confidence > Confidence::Configured
                || !best.iter().any(|(server, confidence)| *server == one.server && *confidence > one.confidence)
        });
        for one in &mut all {
            if one.environment == Environment::Development {
                one.confidence = one.confidence.min(Confidence::Inferred);
            }
        }
        kept.extend(all);
    }
    kept
}

fn database(key: Key, mut all: Vec<Found>, name_of: &dyn Fn(Server) -> Symbol) -> Database {
    all.sort_by(|a, b| {
        (a.service, std::cmp::Reverse(a.confidence), a.environment, a.evidence.first()).cmp(&(
            b.service,
            std::cmp::Reverse(b.confidence),
            b.environment,
            b.evidence.first(),
        ))
    });
    let engine = all.iter().find_map(|one| one.engine).unwrap_or(Symbol::new("sql"));
    let kind = match kind_of(engine) {
        Some(EngineKind::Cache) => "cache",
        Some(EngineKind::Search) => "search",
        Some(EngineKind::Database | EngineKind::Broker) | None => "database",
    };
    let server = name_of(key.server);
    let name = match key.database {
        Some(name) if kind == "cache" => {
            Symbol::new(&format!("{}/{name}", if server.is_empty() { engine } else { server }))
        }
        Some(name) => name,
        None if server.is_empty() => engine,
        None => server,
    };
    let mut accesses: Vec<Access> = Vec::new();
    let mut seen: FxHashSet<(ServiceId, Option<Span>)> = FxHashSet::default();
    for one in all {
        if !seen.insert((one.service, one.evidence.first().copied())) {
            continue;
        }
        let credential = one.user.map(|user| Credential {
            name: user,
            password: one.password,
            span: one
                .login
                .or(one.evidence.first().copied())
                .unwrap_or(Span::file_start(crate::source::file::FileId(0))),
        });
        accesses.push(Access {
            service: one.service,
            confidence: one.confidence,
            evidence: Evidence(one.evidence),
            credential,
            environment: one.environment,
        });
    }
    Database { name, engine, kind: Symbol::new(kind), server: key.server, schema: key.schema, accesses }
}
