//! Whether the certificates of servers are checked: by clients, by connections to databases, and
//! by variables that decide for a whole process.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

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
    for lax in &graph.lax_clients {
        let name = graph.service(lax.service).name;
        let what = if lax.whole {
            format!("{} of {name}", lax.what)
        } else {
            format!("{name}'s client {}", word_or(&lax.what, "of HTTP"))
        };
        found.push(subject(&One {
            service: Some(name),
            kind: if lax.whole { "variable" } else { "call" },
            what,
            lax: Answer::present(true, lax.span),
            place: "unknown",
            environment: Environment::Unknown,
            span: lax.span,
        }));
    }
    let owners = owners(estate);
    let folders = folders(estate);
    let servers = servers(estate);
    for (at, facts) in estate.facts.iter().enumerate() {
        let path = estate.path(at as u32);
        let environment = environment_of(path);
        if environment == Environment::Test {
            continue;
        }
        let of_path = of_path(&folders, path);
        for (index, fact) in facts.facts.iter().enumerate() {
            let owner = owners.get(&(at as u32, index as u32)).copied().or(of_path);
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
                    let place = match servers.get(&connection.span) {
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

/// The services by their folders; of several in one folder the last. What lies at the root
/// lies in no service's folder.
fn folders(estate: &Estate<'_>) -> FxHashMap<&'static str, Symbol> {
    let services = estate.graph.services.iter();
    let folders = services.filter_map(|service| Some((service.folder?.as_str(), service.name)));
    folders.filter(|(folder, _)| !folder.is_empty()).collect()
}

/// The service whose folder a file lies in; the deepest.
fn of_path(folders: &FxHashMap<&'static str, Symbol>, path: EstatePath) -> Option<Symbol> {
    let mut rest = path.as_str();
    loop {
        if let Some(name) = folders.get(rest) {
            return Some(*name);
        }
        (rest, _) = rest.rsplit_once('/')?;
    }
}

/// The servers behind the places of connections; of several databases at one place the first.
fn servers(estate: &Estate<'_>) -> FxHashMap<Span, Server> {
    let mut servers = FxHashMap::default();
    for database in &estate.graph.databases {
        for span in database.accesses.iter().flat_map(|access| &access.evidence.0) {
            servers.entry(*span).or_insert(database.server);
        }
    }
    servers
}

fn word_or<'w>(word: &'w Symbol, otherwise: &'w str) -> &'w str {
    if word.is_empty() { otherwise } else { word.as_str() }
}
