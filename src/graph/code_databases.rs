//! Connections that the walk through a service's code recognized, as the linker of databases
//! takes them.

use std::collections::{BTreeMap, BTreeSet};

use super::connections::VariableReader;
use super::databases::{Found, family};
use super::model::{Environment, Server, ServiceId, Unresolved};
use super::program::address::stated;
use super::program::stores::Connection as Opened;
use super::program::value::{Known, Value as Said};
use super::sources::Source;
use super::values::Scope;
use crate::facts::data::Connection;
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::engines::{EngineKind, engines};

/// The connections of all services' code, each in every environment that it runs in. `found`
/// is what manifests and files say: where they name a service's database, code that leaves a
/// part open adds nothing. Of a connection of which all is computed only the place is kept.
pub fn of_code<'a>(
    sources: &[Source],
    scopes: &BTreeMap<ServiceId, Vec<Scope<'a>>>,
    reader: &VariableReader<'a, '_>,
    folder_of: &dyn Fn(ServiceId) -> Option<EstatePath>,
    found: &[Found],
    unresolved: &mut Vec<Unresolved>,
) -> Vec<Found> {
    let named: BTreeSet<(ServiceId, Option<Symbol>)> = found
        .iter()
        .filter(|one| one.database.is_some() && one.server != Server::Unknown)
        .map(|one| (one.service, one.engine.map(family)))
        .collect();
    let mut all = Vec::new();
    for source in sources {
        let own = [Scope { path: folder_of(source.service), ..Scope::default() }];
        let of_service = scopes.get(&source.service).filter(|scopes| !scopes.is_empty());
        for opened in source.stores.connections.iter().filter(|opened| !is_in_memory(opened)) {
            let fact = fact_of(opened);
            for scope in of_service.map_or(&own[..], Vec::as_slice) {
                let path = scope.path.or(folder_of(source.service)).unwrap_or_else(EstatePath::root);
                let one = in_scope(source.service, opened, &fact, scope, path, reader);
                let complete = |one: &Found| one.database.is_some() && one.server != Server::Unknown;
                let known = |one: &Found| {
                    named.contains(&(one.service, one.engine.map(family))) || named.contains(&(one.service, None))
                };
                let Some(one) = one.filter(|one| complete(one) || !known(one)) else { continue };
                // Which database it is would be a guess altogether.
                if one.server == Server::Unknown && one.database.is_none() && !one.default_applies {
                    if !unresolved.iter().any(|other| other.span == opened.span) {
                        unresolved.push(Unresolved {
                            span: opened.span,
                            what: Symbol::new("database connection"),
                            why: Symbol::new("its server and its database are computed"),
                        });
                    }
                    continue;
                }
                all.push(one);
            }
        }
    }
    all
}

fn in_scope<'v>(
    service: ServiceId,
    opened: &Opened,
    fact: &'v Connection,
    scope: &Scope<'v>,
    path: EstatePath,
    reader: &VariableReader<'v, '_>,
) -> Option<Found> {
    let mut found = reader.of_fact(service, fact, scope, path, Environment::Unknown)?;
    // A name that is computed is not the default.
    let says_all = opened.url.as_ref().is_some_and(|_| found.server != Server::Unknown);
    let is_cache = found
        .engine
        .and_then(|engine| engines().by_name(engine))
        .is_some_and(|engine| engine.kind == EngineKind::Cache);
    let stated_apart = opened.database.is_some() || (opened.host.is_none() && !is_cache);
    if found.database.is_none() && !says_all && stated_apart {
        found.default_applies = false;
    }
    Some(found)
}

/// As a file would state it. A whole text stands for the server, as in a schema file.
fn fact_of(opened: &Opened) -> Connection {
    let value = |part: &Option<Known>| part.as_ref().map(stated);
    Connection {
        engine: opened.engine.unwrap_or_else(|| Symbol::new("sql")),
        server: value(&opened.url).or_else(|| value(&opened.host)),
        port: None,
        database: value(&opened.database).map(|name| of_file(opened, name)).filter(is_name),
        schema: value(&opened.schema),
        user: value(&opened.user),
        password: None,
        options: Vec::new(),
        in_code: true,
        read_only: false,
        span: opened.span,
    }
}

/// `new Database(':memory:')` keeps nothing.
fn is_in_memory(opened: &Opened) -> bool {
    let name = opened.database.as_ref().map(|name| &name.value);
    matches!(name, Some(Said::Text(text)) if text.as_str() == ":memory:")
}

/// An engine without a port keeps a database in a file: `data/shop.db` is `shop.db`.
fn of_file(opened: &Opened, name: Value) -> Value {
    let engine = opened.engine.and_then(|engine| engines().by_name(engine));
    match &name.form {
        Form::Literal(text) if engine.is_some_and(|engine| engine.port == 0) => {
            let file = text.rsplit('/').next().unwrap_or(text);
            Value { form: Form::Literal(Symbol::new(file)), ..name }
        }
        _said => name,
    }
}

/// The number of a cache's database is a name too; a file's path is one of its server.
fn is_name(value: &Value) -> bool {
    match &value.form {
        Form::Literal(text) => !text.contains('/'),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Concat(_)
        | Form::FirstOf(_)
        | Form::Unknown(_) => true,
    }
}
