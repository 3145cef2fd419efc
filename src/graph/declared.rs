//! What people declare of a service's databases, channels and operations, where it joins what
//! files show.

use super::connections::{VariableReader, blank};
use super::databases::Found;
use super::hosts::host_in;
use super::inputs::Inputs;
use super::model::{Channel, Confidence, Endpoint, Environment, Server, ServiceId, Unresolved};
use super::values::{Evaluator, Scope};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::contract::IdempotencyBasis;
use crate::facts::declaration::{Declaration, DeclaredDatabase, Stated};
use crate::source::symbol::Symbol;
use crate::tables::engines::engines;

/// Declarations with the services that they speak of, in the order of services.
pub struct Declared<'a> {
    of: Vec<(ServiceId, &'a Declaration)>,
}

impl<'a> Declared<'a> {
    /// Takes declarations by service.
    pub fn new(of: Vec<(ServiceId, &'a Declaration)>) -> Self {
        Self { of }
    }

    /// The databases that are declared. Where no server is, it is not known which one holds
    /// them.
    pub fn databases(
        &self,
        inputs: &Inputs<'a>,
        evaluator: &Evaluator<'a>,
        reader: &VariableReader<'a, '_>,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        for (service, declaration) in &self.of {
            let path = inputs.path_of(declaration.span.file);
            let scope = Scope { path: Some(path), ..Scope::default() };
            for database in &declaration.databases {
                let mut evidence = vec![database.name.span];
                let text = database.server.as_ref().and_then(|server| evaluator.text(server, &scope));
                let host = text.and_then(|text| host_in(&Symbol::new("HOST"), &text));
                let (server, server_scope) = host
                    .and_then(|(_, host, _)| reader.server(&host, true, path, &mut evidence))
                    .unwrap_or((Server::Unknown, None));
                found.push(Found {
                    engine: engine_of(database),
                    server,
                    server_scope,
                    database: Some(database.name.text),
                    confidence: Confidence::Declared,
                    ..blank(*service, Environment::Unknown, evidence)
                });
            }
        }
        found
    }

    /// Adds declared producers and consumers. A declaration names no broker: where one channel
    /// has the name, it is meant.
    pub fn add_channels(&self, channels: &mut Vec<Channel>) {
        for (service, declaration) in &self.of {
            let sent = declaration.publishes.iter().map(|stated| (stated, true));
            for (stated, produces) in sent.chain(declaration.consumes.iter().map(|stated| (stated, false))) {
                add_use(channels, *service, stated, produces);
            }
        }
        channels.sort_by_key(|channel| (channel.broker, channel.name));
    }

    /// Takes the word of declarations for operations whose repetition is safe, and gives those
    /// that no contract knows.
    pub fn mark_idempotent(&self, endpoints: &mut [Endpoint]) -> Vec<Unresolved> {
        let mut unknown = Vec::new();
        for (service, declaration) in &self.of {
            for stated in &declaration.idempotent {
                let is_meant = |endpoint: &&mut Endpoint| {
                    let method = endpoint.name.rsplit_once('/').map(|(_, method)| method);
                    endpoint.service == Some(*service)
                        && (endpoint.name == stated.text || method == Some(stated.text.as_str()))
                };
                let mut any = false;
                for endpoint in endpoints.iter_mut().filter(is_meant) {
                    any = true;
                    endpoint.idempotency = Answer::present(IdempotencyBasis::Declared, stated.span);
                }
                if !any {
                    unknown.push(Unresolved {
                        span: stated.span,
                        what: Symbol::new(&format!("{}, declared idempotent", stated.text)),
                        why: Symbol::new("no contract and no code of the service has an operation of that name"),
                    });
                }
            }
        }
        unknown
    }
}

fn engine_of(database: &DeclaredDatabase) -> Option<Symbol> {
    let stated = database.engine.as_ref()?.text;
    let known = engines().by_name(stated).or_else(|| engines().by_alias(&stated));
    Some(known.map_or(stated, |engine| engine.name))
}

fn add_use(channels: &mut Vec<Channel>, service: ServiceId, stated: &Stated, produces: bool) {
    let mut named = channels.iter().enumerate().filter(|(_, channel)| channel.name == stated.text);
    let at = match (named.next(), named.next()) {
        (Some((at, _)), None) => at,
        (Some(_), Some(_)) | (None, _) => {
            let at = channels.iter().position(|one| one.name == stated.text && one.broker.is_empty());
            at.unwrap_or_else(|| {
                channels.push(Channel {
                    name: stated.text,
                    broker: Symbol::new(""),
                    kind: Symbol::new(""),
                    producers: Vec::new(),
                    consumers: Vec::new(),
                    evidence: Evidence(Vec::new()),
                });
                channels.len() - 1
            })
        }
    };
    let Some(channel) = channels.get_mut(at) else { return };
    let users = if produces { &mut channel.producers } else { &mut channel.consumers };
    if let Err(place) = users.binary_search(&service) {
        users.insert(place, service);
    }
    channel.evidence.0.push(stated.span);
}
