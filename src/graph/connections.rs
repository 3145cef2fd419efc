//! Connections and references that a service's variables and files state: the raw material of
//! databases, calls and dangling names.

use std::collections::BTreeMap;

use super::databases::Found;
use super::directory::{Directory, Lead};
use super::model::{Confidence, Environment, InfraId, Server, ServiceId, Target};
use super::values::{Evaluator, Known, Resolved, SECRET_TEXT, Scope};
use crate::facts::data::Connection;
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
            if used[at] {
                continue;
            }
            if let Some(connection) =
                connection_of(&known.text).filter(|_| known.text.contains("://") || known.text.contains('='))
            {
                let found = self.of_text(service, &connection, known, path, environment, confidence);
                stated.connections.extend(found);
                continue;
            }
            if let Some((scheme, host, port)) = host_in(name, &known.text) {
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
                    continue;
                }
                stated.references.push(Reference {
                    service,
                    key: *name,
                    scheme,
                    host,
                    port,
                    lead,
                    evidence: known.trail.clone(),
                    environment,
                });
            }
        }
        stated
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
                    if let Some(connection) = connection_of(&known.text) {
                        let mut found = self.of_text(service, &connection, known, path, environment, confidence)?;
                        found.user = found.user.or(symbol(Role::User));
                        found.database = found.database.or(symbol(Role::Database));
                        found.schema = found.schema.or(symbol(Role::Schema));
                        self.add_password(&mut found, get(Role::Password));
                        return Some(found);
                    }
                    // `REDIS_URL=cache:6379`: a host after all.
                    let (_, host, port) = host_in(&Symbol::new("URL"), &known.text)?;
                    let engine = of_group.engine?;
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
    fn server(
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
        let host =
            connection.hosts.first().and_then(|host| host.name.known.clone()).filter(|host| !host.contains("${?}"));
        let (server, server_scope) = match host {
            Some(host) => self.server(&host, true, path, &mut evidence)?,
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

/// A read-only endpoint is a door to the same data: `shop.cluster-ro-x.example` is
/// `shop.cluster-x.example`, `shop-replica.example` is `shop.example`.
fn primary_of(host: Symbol) -> Symbol {
    let mut labels: Vec<String> = host.split('.').map(str::to_owned).collect();
    for label in &mut labels {
        if let Some(rest) = label.strip_prefix("cluster-ro-") {
            *label = format!("cluster-{rest}");
        }
        for ending in ["-ro", "-read", "-reader", "-readonly", "-replica", "-readreplica", "-secondary"] {
            if let Some(rest) = label.strip_suffix(ending).filter(|rest| !rest.is_empty()) {
                *label = rest.to_owned();
                break;
            }
        }
    }
    Symbol::new(&labels.join("."))
}

/// Endings of variables whose value may be a bare host name.
const HOST_KEYS: &[&str] = &["HOST", "HOSTNAME", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "UPSTREAM", "BACKEND"];

/// Variables that name the world or the program itself rather than whom it calls.
const NOT_CALLED: &[&str] = &[
    "CORS",
    "ORIGIN",
    "PUBLIC",
    "EXTERNAL",
    "REDIRECT",
    "CALLBACK",
    "ISSUER",
    "AUDIENCE",
    "OTEL",
    "OTLP",
    "COLLECTOR",
    "TRACING",
    "JAEGER",
    "ZIPKIN",
    "SENTRY",
    "PROXY",
    "LISTEN",
    "BIND",
];

/// (scheme, host, port) of a value that names a host: a URL, `host:port`, or a bare name
/// under a key that asks for one.
fn host_in(key: &Symbol, text: &str) -> Option<(String, String, Option<u16>)> {
    let upper = key.to_ascii_uppercase();
    if text.len() > 512
        || text.contains(['\n', ' ', ','])
        || upper.split(['_', '.', '-']).any(|word| NOT_CALLED.contains(&word))
    {
        return None;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "grpc" | "grpcs" | "ws" | "wss" | "tcp" | "h2c" | "dns") {
            return None;
        }
        let rest = rest.trim_start_matches('/');
        let authority = rest.split(['/', '?', '#']).next()?;
        let host_port = authority.rsplit('@').next()?;
        let (host, port) = split_port(host_port);
        return plain_host(&host).then_some((scheme, host, port));
    }
    let bare = text.split('/').next()?;
    let (host, port) = split_port(bare);
    if !plain_host(&host) || host.parse::<f64>().is_ok() {
        return None;
    }
    let asks = upper.split(['_', '.', '-']).next_back().is_some_and(|last| HOST_KEYS.contains(&last));
    (asks || (port.is_some() && bare.len() == text.len())).then_some((String::new(), host, port))
}

fn split_port(text: &str) -> (String, Option<u16>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host.to_owned(), port.parse().ok()),
        _ => (text.to_owned(), None),
    }
}

fn plain_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() < 254
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// References of one service to one host, best evidence first, for calls.
pub fn by_service_and_host(references: Vec<Reference>) -> BTreeMap<(ServiceId, String), Vec<Reference>> {
    let mut sorted: BTreeMap<(ServiceId, String), Vec<Reference>> = BTreeMap::new();
    for reference in references {
        sorted.entry((reference.service, reference.host.clone())).or_default().push(reference);
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::{host_in, primary_of};
    use crate::source::symbol::Symbol;

    #[test]
    fn hosts_are_read_from_addresses_and_not_from_words() {
        for (key, text, expected) in [
            ("ORDERS_URL", "http://orders:8080/api", Some(("http", "orders", Some(8080)))),
            ("ORDERS_ADDR", "orders:50051", Some(("", "orders", Some(50051)))),
            ("ORDERS_HOST", "orders", Some(("", "orders", None))),
            ("LOG_LEVEL", "info", None),
            ("LISTEN_ADDR", "0.0.0.0:80", None),
            ("TIMEOUT", "10:30", None),
            ("CORS_ORIGIN", "https://shop.example", None),
            ("GREETING", "hello world", None),
        ] {
            let found = host_in(&Symbol::new(key), text);
            let found = found.as_ref().map(|(scheme, host, port)| (scheme.as_str(), host.as_str(), *port));
            assert_eq!(found, expected, "{key}={text}");
        }
    }

    #[test]
    fn read_only_endpoints_fold_into_their_primary() {
        assert_eq!(primary_of(Symbol::new("shop.cluster-ro-abc.db.example")).as_str(), "shop.cluster-abc.db.example");
        assert_eq!(primary_of(Symbol::new("shop-replica.db.example")).as_str(), "shop.db.example");
        assert_eq!(primary_of(Symbol::new("shop.db.example")).as_str(), "shop.db.example");
    }
}
