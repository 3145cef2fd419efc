//! Whether the certificates of servers are checked: by clients, by connections to databases, and
//! by variables that decide for a whole process.

use std::collections::BTreeMap;

use super::Estate;
use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::data::SettingsKind;
use crate::facts::value::{Form, Value};
use crate::graph::environments::environment_of;
use crate::graph::model::{Confidence, Environment, Server};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::certificates::lax_variables;

/// One subject for each connection that code opens, each client that checks nothing, each
/// text of a connection that says how it is encrypted, and each variable that decides.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    for connection in &graph.connections {
        if connection.library.is_empty() {
            continue;
        }
        let name = graph.service(connection.service).name;
        found.push(subject(&One {
            service: Some(name),
            kind: "connection",
            what: format!("{name}'s connection to {}", word_or(&connection.engine, "its database")),
            lax: connection.unverified.clone(),
            place: "unknown",
            environment: Environment::Unknown,
            span: connection.span,
        }));
    }
    for (service, library, span) in &graph.lax_clients {
        let name = graph.service(*service).name;
        found.push(subject(&One {
            service: Some(name),
            kind: "call",
            what: format!("{name}'s client {}", word_or(library, "of HTTP")),
            lax: Answer::present(true, *span),
            place: "unknown",
            environment: Environment::Unknown,
            span: *span,
        }));
    }
    let owners = owners(estate);
    for (at, facts) in estate.facts.iter().enumerate() {
        let path = estate.path(at as u32);
        let environment = environment_of(path);
        if environment == Environment::Test {
            continue;
        }
        for (index, fact) in facts.facts.iter().enumerate() {
            let owner = owners.get(&(at as u32, index as u32)).copied().or_else(|| of_path(estate, path));
            let mut variable = |name: Symbol, value: &Value| {
                found.extend(of_variable(owner, environment, name, value));
            };
            match fact {
                Fact::Workload(workload) => {
                    workload.containers.iter().flat_map(|one| &one.env).for_each(|one| variable(one.name, &one.value));
                }
                Fact::Recipe(recipe) => {
                    recipe.stages.iter().flat_map(|one| &one.env).for_each(|one| variable(one.name, &one.value));
                }
                Fact::ConfigObject(object) => {
                    object.entries.iter().for_each(|one| variable(one.key, &one.value));
                }
                Fact::Settings(settings) if settings.kind == SettingsKind::DotEnv => {
                    settings.entries.iter().for_each(|one| variable(one.key, &one.value));
                }
                Fact::Connection(connection) => {
                    let off = connection.options.iter().find(|(key, _)| key.eq_ignore_ascii_case("sslmode"));
                    let Some((_, mode)) = off else { continue };
                    let place = match server_of(estate, connection.span) {
                        Some(Server::Inside(_)) => "inside",
                        Some(Server::Outside(_)) => "outside",
                        Some(Server::Hidden(_) | Server::Unknown) | None => "unknown",
                    };
                    found.push(subject(&One {
                        service: owner,
                        kind: "text",
                        what: format!("the connection to {}", word_or(&connection.engine, "a database")),
                        lax: Answer::present(mode == "disable", connection.span),
                        place,
                        environment,
                        span: connection.span,
                    }));
                }
                _other => {}
            }
        }
    }
}

/// What a subject is made of.
struct One {
    service: Option<Symbol>,
    kind: &'static str,
    what: String,
    lax: Answer<bool>,
    place: &'static str,
    environment: Environment,
    span: Span,
}

fn subject(one: &One) -> Subject {
    let service = one.service.unwrap_or_else(|| Symbol::new(""));
    let (def, row) = RowBuilder::new("certificate_check", one.span)
        .text("service", &service)
        .text("kind", one.kind)
        .text("what", &one.what)
        .set("switched_off", one.lax.clone().map(Datum::Bool))
        .text("server", one.place)
        .text("environment", environment_word(one.environment))
        .finish();
    Subject {
        def,
        name: one.what.clone(),
        anchor: format!("certificates {} {}", one.kind, one.what),
        span: one.span,
        services: one.service.into_iter().collect(),
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}

fn of_variable(owner: Option<Symbol>, environment: Environment, name: Symbol, value: &Value) -> Option<Subject> {
    let known = lax_variables().iter().find(|row| row.name == name)?;
    let lax = match &value.form {
        Form::Literal(text) => {
            let word = Symbol::new(&text.trim().to_ascii_lowercase());
            Answer::present(known.off.contains(&word), value.span)
        }
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Concat(_)
        | Form::FirstOf(_)
        | Form::Unknown(_) => Answer::unknown("its value is set by whoever deploys"),
    };
    let of = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
    Some(subject(&One {
        service: owner,
        kind: "variable",
        what: format!("{}{of}", known.what),
        lax,
        place: "unknown",
        environment,
        span: value.span,
    }))
}

/// The service that each workload belongs to, by the place of its fact.
fn owners(estate: &Estate<'_>) -> BTreeMap<(u32, u32), Symbol> {
    let mut owners = BTreeMap::new();
    for workload in &estate.graph.workloads {
        let name = estate.graph.target_name(workload.owner);
        for layer in workload.variants.iter().flat_map(|variant| &variant.layers) {
            owners.insert((layer.file, layer.fact), name);
        }
    }
    owners
}

/// The service whose folder a file lies in; the deepest.
fn of_path(estate: &Estate<'_>, path: EstatePath) -> Option<Symbol> {
    let within = estate.graph.services.iter().filter_map(|service| Some((service.folder?, service.name)));
    let deepest = within.filter(|(folder, _)| *folder != EstatePath::root() && path.is_within(*folder));
    deepest.max_by_key(|(folder, _)| folder.depth()).map(|(_, name)| name)
}

/// The server behind a connection's place.
fn server_of(estate: &Estate<'_>, span: Span) -> Option<Server> {
    let here = |database: &&crate::graph::model::Database| {
        database.accesses.iter().any(|access| access.evidence.0.contains(&span))
    };
    estate.graph.databases.iter().find(here).map(|database| database.server)
}

fn word_or<'w>(word: &'w Symbol, otherwise: &'w str) -> &'w str {
    if word.is_empty() { otherwise } else { word.as_str() }
}
