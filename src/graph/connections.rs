//! Connections and references that a service's variables and files state: the raw material of
//! databases, calls and dangling names.

use super::databases::Found;
use super::directory::{Directory, Lead};
use super::hosts::{host_in, is_of_platform, primary_of, without_namespaces};
use super::model::{Confidence, Environment, InfraId, Server, ServiceId, Target};
use super::values::{Evaluator, Known, Resolved, SECRET_TEXT, Scope};
use crate::facts::data::{Connection, Entry};
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::connection::{ConnectionText, Part};
use crate::tables::connection_keys::{KeyGroup, Role, group};
use crate::tables::engines::{EngineKind, connection_of, engines};

/// A variable of a service that names a host.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Whose variable.
    pub service: ServiceId,
    /// Its name.
    pub key: Symbol,
    /// `http`, `grpc`; empty for `host:port`.
    pub scheme: String,
    /// The host.
    pub host: String,
    /// The port, where given.
    pub port: Option<u16>,
    /// Where the host leads.
    pub lead: Lead,
    /// The variable, then where its value was defined.
    pub evidence: Vec<Span>,
    /// What the file is for.
    pub environment: Environment,
}

/// All that one set of variables states.
#[derive(Default)]
pub struct Stated {
    /// Connections to databases.
    pub connections: Vec<Found>,
    /// Hosts named otherwise.
    pub references: Vec<Reference>,
}

/// What reading variables needs.
pub struct VariableReader<'a, 'e> {
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// Host names.
    pub directory: &'e Directory<'a>,
    /// Whether an infrastructure is a database or cache, with its engine.
    pub is_store: &'e dyn Fn(InfraId) -> Option<Symbol>,
    /// Number of the deployment a file belongs to.
    pub scope_of: &'e dyn Fn(EstatePath) -> Option<u32>,
}

impl<'a> VariableReader<'a, '_> {
    /// Reads the variables `entries` (name and value, any order) of `service` as a file at
    /// `path` sets them. `confidence` is that of a connection stated in full.
    pub fn read(
        &self,
        service: ServiceId,
        entries: &[(Symbol, &'a Value)],
        scope: &Scope<'a>,
        path: EstatePath,
        environment: Environment,
        confidence: Confidence,
    ) -> Stated {
        let mut sorted: Vec<(Symbol, &'a Value)> = entries.to_vec();
        sorted.sort_by_key(|(name, _)| *name);
        let resolved: Vec<(Symbol, Resolved)> =
            sorted.iter().map(|(name, value)| (*name, self.evaluator.resolve(value, scope))).collect();
        let texts: Vec<Option<&str>> = resolved.iter().map(|(_, resolved)| text_of(resolved)).collect();
        let mut stated = Stated::default();
        let mut used = vec![false; resolved.len()];
        let keys = resolved.iter().zip(&texts).map(|((name, _), text)| (name.as_str(), *text));
        for of_group in group(keys) {
            let found = self.of_group(service, &of_group, &resolved, path, environment, confidence);
            if let Some(found) = found {
                for (_, index) in &of_group.keys {
                    used[*index] = true;
                }
                stated.connections.push(found);
            }
        }
        for (at, (name, resolved)) in resolved.iter().enumerate() {
            let Resolved::Text(known) = resolved else { continue };
            if !used[at] {
                self.of_variable(service, (*name, &known.text), known, path, environment, confidence, &mut stated);
            }
        }
        stated
    }

    /// Reads the words of a command line: `--orders-url=http://orders`, or an option and its
    /// value. A word without an option says what the program does, not whom it asks, unless
    /// it is a connection.
    pub fn read_words(
        &self,
        service: ServiceId,
        words: &[&'a Value],
        scope: &Scope<'a>,
        path: EstatePath,
        environment: Environment,
    ) -> Stated {
        let mut stated = Stated::default();
        let mut option = String::new();
        for word in words {
            let Resolved::Text(known) = self.evaluator.resolve(word, scope) else {
                option.clear();
                continue;
            };
            let text = known.text.as_str();
            let flag = text.strip_prefix('-').map(|rest| rest.trim_start_matches('-'));
            let (key, value) = match flag {
                Some(flag) => match flag.split_once('=') {
                    Some((key, value)) => (key.to_owned(), value),
                    None => {
                        option = flag.to_owned();
                        continue;
                    }
                },
                None => (std::mem::take(&mut option), text),
            };
            if !value.contains(char::is_whitespace) && (!key.is_empty() || value.contains("://")) {
                let key = Symbol::new(&key);
                let named = (key, value);
                self.of_variable(service, named, &known, path, environment, Confidence::Observed, &mut stated);
            }
            option.clear();
        }
        stated.references.retain(|reference| !reference.key.is_empty());
        stated
    }

    /// Other services whose addresses an application's settings state. Hosts that are
    /// something else say nothing: settings name much that nobody asks.
    pub fn addresses(
        &self,
        service: ServiceId,
        entries: &'a [Entry],
        scope: &Scope<'a>,
        path: EstatePath,
        environment: Environment,
    ) -> Vec<Reference> {
        let mut stated = Vec::new();
        for entry in entries.iter().filter(|entry| !is_of_platform(&entry.key)) {
            let Resolved::Text(known) = self.evaluator.resolve(&entry.value, scope) else { continue };
            let Some((scheme, host, port)) = host_in(&entry.key, &known.text) else { continue };
            let lead = self.directory.look_up(&host, path);
            if matches!(lead, Lead::Inside(Target::Service(_), _)) {
                let evidence = known.trail.clone();
                let key = entry.key;
                stated.push(Reference { service, key, scheme, host, port, lead, evidence, environment });
            }
        }
        stated
    }

    /// What one variable of a service states by its name and text; `known` tells where the
    /// text comes from.
    #[expect(clippy::too_many_arguments, reason = "a connection is put together from these parts and nothing else")]
    fn of_variable(
        &self,
        service: ServiceId,
        (name, text): (Symbol, &str),
        known: &Known,
        path: EstatePath,
        environment: Environment,
        confidence: Confidence,
        stated: &mut Stated,
    ) {
        let text: &str = &without_namespaces(text);
        let says = ["://", "=", "@tcp("].iter().any(|sign| text.contains(sign));
        if let Some(connection) = connection_of(text).filter(|_| says) {
            let found = self.of_text(service, &connection, known, path, environment, confidence);
            stated.connections.extend(found);
            return;
        }
        let Some((scheme, host, port)) = host_in(&name, text) else { return };
        let lead = self.directory.look_up(&host, path);
        if let Lead::Inside(Target::Infra(id), span) = lead
            && let Some(engine) = (self.is_store)(id)
        {
            let mut evidence = known.trail.clone();
            evidence.push(span);
            stated.connections.push(Found {
                engine: Some(engine),
                server: Server::Inside(id),
                confidence: Confidence::Configured.min(confidence),
                ..blank(service, environment, evidence)
            });
            return;
        }
        stated.references.push(Reference {
            service,
            key: name,
            scheme,
            host,
            port,
            lead,
            evidence: known.trail.clone(),
            environment,
        });
    }

    fn of_group(
        &self,
        service: ServiceId,
        of_group: &KeyGroup,
        resolved: &[(Symbol, Resolved)],
        path: EstatePath,
        environment: Environment,
        confidence: Confidence,
    ) -> Option<Found> {
        let get = |role: Role| of_group.key(role).and_then(|at| resolved.get(at)).map(|(_, resolved)| resolved);
        let symbol = |role: Role| {
            get(role)
                .and_then(text_of)
                .filter(|text| !text.is_empty() && !text.contains("${?}") && *text != SECRET_TEXT)
                .map(Symbol::new)
        };
        let is_broker = |engine: Option<Symbol>| {
            engine.and_then(|engine| engines().by_name(engine)).is_some_and(|engine| engine.kind == EngineKind::Broker)
        };
        if is_broker(of_group.engine) {
            return None;
        }
        if let Some(url) = get(Role::Url) {
            match url {
                Resolved::Text(known) => {
                    if let Some(connection) = connection_of(&without_namespaces(&known.text)) {
                        let mut found = self.of_text(service, &connection, known, path, environment, confidence)?;
                        found.user = found.user.or(symbol(Role::User));
                        found.database = found.database.or(symbol(Role::Database));
                        found.schema = found.schema.or(symbol(Role::Schema));
                        self.add_password(&mut found, get(Role::Password));
                        return Some(found);
                    }
                    // `REDIS_URL=cache:6379`: a host after all.
                    let (_, host, port) = host_in(&Symbol::new("URL"), &known.text)?;
                    // Some relational engine, or the one that listens at the port.
                    let engine = of_group.engine.filter(|engine| *engine != "sql" || port.is_none());
                    let engine = engine.or_else(|| engines().by_port(port?).map(|engine| engine.name));
                    let engine = engine.or(of_group.engine)?;
                    return self.of_host(service, &host, port, Some(engine), known, path, environment, confidence);
                }
                Resolved::Hidden { identity, trail } => {
                    return Some(Found {
                        engine: of_group.engine,
                        server: Server::Hidden(*identity),
                        database: Some(*identity),
                        confidence,
                        ..blank(service, environment, trail.clone())
                    });
                }
                Resolved::Unknown(_) => {}
            }
        }
        // `PG_DBNAME` and `PG_USER` without a host: the server is somewhere else.
        let host = get(Role::Host).or_else(|| {
            let stated = get(Role::Database).filter(|_| get(Role::User).is_some() && of_group.engine.is_some());
            stated.filter(|database| matches!(database, Resolved::Text(_)))
        })?;
        let hostless = get(Role::Host).is_none();
        let mut found = match host {
            Resolved::Text(known) if hostless => Found {
                engine: of_group.engine,
                confidence: Confidence::Configured.min(confidence),
                ..blank(service, environment, known.trail.clone())
            },
            Resolved::Text(known) => {
                let (_, host, port) = host_in(&Symbol::new("HOST"), &known.text)?;
                self.of_host(service, &host, port, of_group.engine, known, path, environment, confidence)?
            }
            Resolved::Hidden { identity, trail } => Found {
                engine: of_group.engine,
                server: Server::Hidden(*identity),
                confidence,
                ..blank(service, environment, trail.clone())
            },
            Resolved::Unknown(_) => return None,
        };
        found.database = symbol(Role::Database).or_else(|| match get(Role::Database) {
            Some(Resolved::Hidden { identity, .. }) => Some(*identity),
            Some(Resolved::Text(_) | Resolved::Unknown(_)) | None => None,
        });
        // MySQL calls a database a schema.
        let is_mysql = found.engine.is_some_and(|engine| super::databases::family(engine) == "mysql");
        match symbol(Role::Schema) {
            Some(schema) if is_mysql => found.database = found.database.or(Some(schema)),
            schema => found.schema = schema,
        }
        found.user = symbol(Role::User).or_else(|| match get(Role::User) {
            Some(Resolved::Hidden { identity, .. }) => Some(*identity),
            Some(Resolved::Text(_) | Resolved::Unknown(_)) | None => None,
        });
        self.add_password(&mut found, get(Role::Password));
        if found.database.is_none() && found.user.is_none() {
            // A host alone: a variable that may go unused.
            found.confidence = found.confidence.min(Confidence::Configured);
        }
        if let Some(Resolved::Text(known)) = get(Role::Database) {
            found.evidence.extend(known.trail.first());
        }
        Some(found)
    }

    fn add_password(&self, found: &mut Found, password: Option<&Resolved>) {
        match password {
            Some(Resolved::Text(known)) => {
                found.password = found.password.or(known.secrets.first().copied());
                found.login = found.login.or(known.trail.first().copied());
            }
            Some(Resolved::Hidden { identity, trail }) => {
                // Two services that take their password from one key log in alike.
                found.user = Some(found.user.map_or(*identity, |user| Symbol::new(&format!("{user} ({identity})"))));
                found.login = trail.first().copied();
            }
            Some(Resolved::Unknown(_)) | None => {}
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a connection is put together from these parts and nothing else")]
    fn of_host(
        &self,
        service: ServiceId,
        host: &str,
        port: Option<u16>,
        engine: Option<Symbol>,
        known: &Known,
        path: EstatePath,
        environment: Environment,
        confidence: Confidence,
    ) -> Option<Found> {
        let mut evidence = known.trail.clone();
        let engine = engine.or_else(|| port.and_then(|port| engines().by_port(port)).map(|engine| engine.name));
        let (server, server_scope) = self.server(host, engine.is_some(), path, &mut evidence)?;
        Some(Found { engine, server, server_scope, confidence, ..blank(service, environment, evidence) })
    }

    /// The server that a host is; `None` where it is no database server.
    pub fn server(
        &self,
        host: &str,
        sure: bool,
        path: EstatePath,
        evidence: &mut Vec<Span>,
    ) -> Option<(Server, Option<u32>)> {
        match self.directory.look_up(host, path) {
            Lead::Inside(Target::Infra(id), span) => {
                evidence.push(span);
                let is_store = (self.is_store)(id).is_some();
                (is_store || sure).then_some((Server::Inside(id), None))
            }
            Lead::Inside(Target::Service(_), _) => None,
            Lead::Outside(host) => Some((Server::Outside(primary_of(host)), None)),
            Lead::Nowhere(host, _) => Some((Server::Outside(host), (self.scope_of)(path).or(Some(u32::MAX)))),
            Lead::Ambiguous(_) | Lead::Loopback | Lead::None => Some((Server::Unknown, None)),
        }
    }

    /// A connection that one text states.
    fn of_text(
        &self,
        service: ServiceId,
        connection: &ConnectionText,
        known: &Known,
        path: EstatePath,
        environment: Environment,
        confidence: Confidence,
    ) -> Option<Found> {
        let part = |part: &Option<Part>| {
            part.as_ref()
                .and_then(|part| part.known.as_deref())
                .filter(|text| !text.contains("${?}") && !text.is_empty())
                .map(Symbol::new)
        };
        let mut evidence = known.trail.clone();
        let host = connection.hosts.first().and_then(|host| host.name.known.as_deref());
        let host = host.filter(|host| !host.contains("${?}"));
        let (server, server_scope) = match host {
            Some(host) => self.server(host, true, path, &mut evidence)?,
            None => (Server::Unknown, None),
        };
        Some(Found {
            engine: Some(connection.engine),
            server,
            server_scope,
            database: part(&connection.database),
            schema: part(&connection.schema),
            user: part(&connection.user),
            password: known.secrets.first().copied(),
            confidence,
            ..blank(service, environment, evidence)
        })
    }

    /// A connection that a file states as a fact, evaluated in the environment of a service.
    pub fn of_fact(
        &self,
        service: ServiceId,
        fact: &'a Connection,
        scope: &Scope<'a>,
        path: EstatePath,
        environment: Environment,
    ) -> Option<Found> {
        let symbol = |value: &'a Option<Value>| {
            let text = self.evaluator.text(value.as_ref()?, scope)?;
            (!text.is_empty() && text != SECRET_TEXT).then(|| Symbol::new(&text))
        };
        let mut evidence = vec![fact.span];
        let mut database = symbol(&fact.database);
        let mut password = fact.password;
        let mut user = symbol(&fact.user);
        let mut engine = Some(fact.engine).filter(|engine| !engine.is_empty() && engine != "sql");
        let confidence = match environment {
            Environment::Production | Environment::Unknown => Confidence::Observed,
            Environment::Development | Environment::Test => Confidence::Inferred,
        };
        let (server, server_scope) = match fact.server.as_ref().map(|server| self.evaluator.resolve(server, scope)) {
            Some(Resolved::Text(known)) if !known.partial => {
                evidence.extend(known.trail.iter().filter(|span| !fact.span.contains(**span)));
                // The whole URL may hide in the variable that a schema file names.
                if let Some(connection) = connection_of(&known.text) {
                    let found = self.of_text(service, &connection, &known, path, environment, confidence)?;
                    evidence.extend(found.evidence);
                    database = found.database.or(database);
                    user = found.user.or(user);
                    password = found.password.or(password);
                    engine = found.engine.or(engine);
                    (found.server, found.server_scope)
                } else if known.text.trim().is_empty() || known.text.contains(char::is_whitespace) {
                    // A remark where a value was to be filled in: `MONGO_URI=your own address`.
                    (Server::Unknown, None)
                } else {
                    let (_, host, _) = host_in(&Symbol::new("HOST"), &known.text)?;
                    self.server(&host, true, path, &mut evidence)?
                }
            }
            Some(Resolved::Hidden { identity, trail }) => {
                evidence.extend(trail);
                database = database.or(Some(identity));
                (Server::Hidden(identity), None)
            }
            Some(Resolved::Text(_) | Resolved::Unknown(_)) | None => (Server::Unknown, None),
        };
        Some(Found {
            engine,
            server,
            server_scope,
            database,
            schema: symbol(&fact.schema),
            user,
            password,
            confidence,
            ..blank(service, environment, evidence)
        })
    }
}

/// A connection of which nothing is known yet.
pub fn blank(service: ServiceId, environment: Environment, evidence: Vec<Span>) -> Found {
    Found {
        service,
        engine: None,
        server: Server::Unknown,
        server_scope: None,
        database: None,
        default_applies: true,
        schema: None,
        user: None,
        password: None,
        login: None,
        confidence: Confidence::Observed,
        environment,
        evidence,
    }
}

fn text_of(resolved: &Resolved) -> Option<&str> {
    match resolved {
        Resolved::Text(known) => Some(&known.text),
        Resolved::Hidden { .. } | Resolved::Unknown(_) => None,
    }
}
