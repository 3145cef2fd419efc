//! Databases, their servers and logins as rules see them.

use std::collections::{BTreeMap, BTreeSet};

use super::containers::environment_word;
use super::reach::Reach;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::graph::model::{
    Access, Confidence, Database, Environment, InfraId, Route, Server, Service, ServiceId, Target,
};
use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Databases, then servers, then credentials.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    found.extend(estate.graph.databases.iter().filter_map(|database| of_database(estate, database)));
    servers(estate, found);
    credentials(estate, found);
}

/// The best access of each service, in order of services.
fn best_accesses(database: &Database) -> Vec<&Access> {
    let mut best: BTreeMap<ServiceId, &Access> = BTreeMap::new();
    for access in &database.accesses {
        let known = best.entry(access.service).or_insert(access);
        if access.confidence > known.confidence {
            *known = access;
        }
    }
    best.into_values().collect()
}

/// The weakest of the confidences that make a database shared: it is as sure as its second
/// surest user.
fn shared_confidence(accesses: &[&Access]) -> Confidence {
    let mut all: Vec<Confidence> = accesses.iter().map(|access| access.confidence).collect();
    all.sort_by(|a, b| b.cmp(a));
    all.get(1).or(all.first()).copied().unwrap_or(Confidence::Inferred)
}

fn connects_here(estate: &Estate<'_>, accesses: &[&Access]) -> Vec<(Span, String)> {
    let mut places = Vec::new();
    for access in accesses {
        let name = estate.graph.service(access.service).name;
        places.extend(access.evidence.0.first().map(|span| (*span, format!("{name} connects here"))));
    }
    for access in accesses {
        if places.len() >= RELATED_LIMIT {
            break;
        }
        let name = estate.graph.service(access.service).name;
        for span in access.evidence.0.iter().skip(1) {
            if !places.iter().any(|(known, _)| known == span) {
                places.push((*span, format!("what {name} connects with is set here")));
            }
        }
    }
    places.truncate(RELATED_LIMIT);
    places
}

fn of_database(estate: &Estate<'_>, database: &Database) -> Option<Subject> {
    let graph = estate.graph;
    let best = best_accesses(database);
    let places = connects_here(estate, &best);
    let place = places.first()?.0;
    let services: Vec<Symbol> = best.iter().map(|access| graph.service(access.service).name).collect();
    let server = graph.server_name(database.server);
    let key_space = match database.kind.as_str() {
        "cache" => Answer::unknown(
            "which keys the services use is not known; give each service a database number or a prefix of its own",
        ),
        _ => Answer::present(Datum::Bool(services.len() > 1), place),
    };
    let confidence = shared_confidence(&best);
    let (scope, inside, outside) = divided_scope(estate, &best);
    let (def, row) = RowBuilder::new("database", place)
        .text("name", &database.name)
        .text("engine", &database.engine)
        .text("kind", &database.kind)
        .text("server", &server)
        .texts("services", services.iter().copied())
        .int("users", services.len() as i64)
        .set("key_space_shared", key_space)
        .text("scope", &scope)
        .texts("inside_scope", inside.into_iter())
        .texts("outside_scope", outside.into_iter())
        .text("confidence", confidence.word())
        .finish();
    let schema = database.schema.map_or(String::new(), |schema| format!(" {schema}"));
    Some(Subject {
        def,
        name: database.name.as_str().to_owned(),
        anchor: format!("database {} {server} {}{schema}", database.engine, database.name),
        span: place,
        services,
        confidence,
        row,
        related: places,
    })
}

/// A compliance scope that divides services: its name, who is in it and who is not.
fn divided_scope(estate: &Estate<'_>, accesses: &[&Access]) -> (Symbol, Vec<Symbol>, Vec<Symbol>) {
    let services: Vec<_> = accesses.iter().map(|access| estate.graph.service(access.service)).collect();
    let scopes: BTreeSet<Symbol> = services.iter().flat_map(|service| service.scopes.iter().copied()).collect();
    for scope in scopes {
        let (inside, outside): (Vec<_>, Vec<_>) = services.iter().partition(|service| service.scopes.contains(&scope));
        if !outside.is_empty() {
            let names = |of: Vec<_>| of.into_iter().map(|service: &&Service| service.name).collect();
            return (scope, names(inside), names(outside));
        }
    }
    (Symbol::new(""), Vec::new(), Vec::new())
}

fn servers(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let reach = Reach::new(estate);
    let mut on_server: BTreeMap<Server, Vec<&Database>> = BTreeMap::new();
    for database in &graph.databases {
        if matches!(database.server, Server::Inside(_) | Server::Outside(_)) {
            on_server.entry(database.server).or_default().push(database);
        }
    }
    for (at, infra) in graph.infrastructure.iter().enumerate() {
        if matches!(infra.kind.as_str(), "database" | "cache" | "broker" | "search" | "object-store") {
            on_server.entry(Server::Inside(InfraId(at as u32))).or_default();
        }
    }
    let mut open_doors: BTreeMap<InfraId, Vec<&Route>> = BTreeMap::new();
    for route in &graph.routes {
        if let Target::Infra(id) = route.target
            && route.environment < Environment::Test
            && matches!(route.public, Answer::Present(true, _))
        {
            open_doors.entry(id).or_default().push(route);
        }
    }
    for (server, databases) in on_server {
        let name = graph.server_name(server);
        let mut accesses: BTreeMap<ServiceId, &Access> = BTreeMap::new();
        for access in databases.iter().flat_map(|database| best_accesses(database)) {
            accesses.entry(access.service).or_insert(access);
        }
        let accesses: Vec<&Access> = accesses.into_values().collect();
        let mut related = connects_here(estate, &accesses);
        let (place, engine, kind, inside) = match server {
            Server::Inside(id) => {
                let infra = graph.infra(id);
                (infra.span, infra.engine, infra.kind, true)
            }
            Server::Outside(_) | Server::Hidden(_) | Server::Unknown => {
                let Some((place, _)) = related.first() else { continue };
                let engine = databases.first().map_or(Symbol::new("sql"), |database| database.engine);
                let kind = databases.first().map_or(Symbol::new("database"), |database| database.kind);
                (*place, engine, kind, false)
            }
        };
        let open = match server {
            Server::Inside(id) => open_doors.remove(&id).unwrap_or_default(),
            Server::Outside(_) | Server::Hidden(_) | Server::Unknown => Vec::new(),
        };
        let has_door = !open.is_empty();
        let doors = doors(open, place);
        let environment = match server {
            Server::Inside(id) if !has_door => reach.environment(id).unwrap_or(doors.environment),
            Server::Inside(_) | Server::Outside(_) | Server::Hidden(_) | Server::Unknown => doors.environment,
        };
        related.truncate(RELATED_LIMIT);
        let confidence = shared_confidence(&accesses);
        let services: Vec<Symbol> = accesses.iter().map(|access| graph.service(access.service).name).collect();
        let users: BTreeSet<Symbol> = services.iter().copied().collect();
        let strangers = match server {
            Server::Inside(id) => reach.strangers(estate, id, &users),
            Server::Outside(_) | Server::Hidden(_) | Server::Unknown => {
                Answer::unknown("who can reach a server outside of the estate is not in its files")
            }
        };
        let (def, row) = RowBuilder::new("database_server", place)
            .text("name", &name)
            .text("engine", &engine)
            .text("kind", &kind)
            .texts("services", services.iter().copied())
            .int("users", services.len() as i64)
            .int("databases", databases.len() as i64)
            .bool("inside", inside)
            .set("exposed", doors.exposed)
            .set("strangers", strangers)
            .text("door", &doors.words)
            .text("environment", environment_word(environment))
            .text("confidence", confidence.word())
            .finish();
        found.push(Subject {
            def,
            name: name.as_str().to_owned(),
            anchor: format!("server {engine} {name}"),
            span: place,
            services,
            // What a door shows needs no connection to be sure of.
            confidence: if inside { Confidence::Observed } else { confidence },
            row,
            related,
        });
    }
}

struct Doors {
    exposed: Answer<Datum>,
    words: String,
    environment: Environment,
}

/// The ways in from outside to a server of the estate: what is deployed before what is for
/// development, every door as evidence.
fn doors(mut open: Vec<&Route>, place: Span) -> Doors {
    open.sort_by_key(|route| (route.environment, route.evidence.0.first().copied()));
    let Some(first) = open.first() else {
        return Doors { exposed: Answer::absent(place), words: String::new(), environment: Environment::Unknown };
    };
    let environment = first.environment;
    let spans: Vec<Span> = open
        .iter()
        .filter(|route| route.environment == environment)
        .filter_map(|route| route.evidence.0.first().copied())
        .collect();
    let words = super::exposure::door_words(first);
    Doors { exposed: Answer::Present(Datum::Bool(true), Evidence(spans)), words, environment }
}

/// A login: where, who, with which password, and the services that use it.
type Login<'g> = (Server, Symbol, Option<Secret>, BTreeMap<ServiceId, (&'g Access, Span)>);

/// Logins by server and name; the same name with another password is another login.
fn credentials(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let mut by_name: BTreeMap<(Server, Symbol), Vec<usize>> = BTreeMap::new();
    let mut logins: Vec<Login<'_>> = Vec::new();
    for database in &graph.databases {
        if !matches!(database.server, Server::Inside(_) | Server::Outside(_)) {
            continue;
        }
        for access in &database.accesses {
            let Some(credential) = &access.credential else { continue };
            let of_name = by_name.entry((database.server, credential.name)).or_default();
            let known = of_name.iter().copied().find(|at| {
                logins.get(*at).is_some_and(|(_, _, password, _)| {
                    *password == credential.password || password.is_none() || credential.password.is_none()
                })
            });
            match known.and_then(|at| logins.get_mut(at)) {
                Some((_, _, _, users)) => {
                    users.entry(access.service).or_insert((access, credential.span));
                }
                None => {
                    let users = BTreeMap::from([(access.service, (access, credential.span))]);
                    of_name.push(logins.len());
                    logins.push((database.server, credential.name, credential.password, users));
                }
            }
        }
    }
    for (server, name, _, users) in logins {
        let server = graph.server_name(server);
        let accesses: Vec<&Access> = users.values().map(|(access, _)| *access).collect();
        let Some((_, place)) = users.values().next() else { continue };
        let confidence = shared_confidence(&accesses);
        let services: BTreeSet<Symbol> = users.keys().map(|id| graph.service(*id).name).collect();
        let related =
            users.iter().map(|(id, (_, span))| (*span, format!("{} logs in with it here", graph.service(*id).name)));
        let (def, row) = RowBuilder::new("credential", *place)
            .text("name", &name)
            .text("server", &server)
            .texts("services", services.iter().copied())
            .int("users", services.len() as i64)
            .text("confidence", confidence.word())
            .finish();
        found.push(Subject {
            def,
            name: format!("{name} at {server}"),
            anchor: format!("credential {name} {server}"),
            span: *place,
            services: services.into_iter().collect(),
            confidence,
            row,
            related: related.take(RELATED_LIMIT).collect(),
        });
    }
}
