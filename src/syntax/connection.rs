//! Connection texts: the URLs, DSNs and key-value strings with which programs reach
//! databases, caches and brokers, down to the byte ranges of host, database and login.

mod keywords;
mod parts;
#[cfg(test)]
mod tests;
mod url;

use std::ops::Range;

use crate::source::symbol::Symbol;
use parts::Masked;

/// Longest text looked at; connection texts are far shorter.
const TEXT_LIMIT: usize = 4096;

/// Finds the canonical name of the engine that a scheme, a dialect or a driver names.
pub type EngineOf<'a> = &'a dyn Fn(&str) -> Option<Symbol>;

/// One part of a connection text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Bytes of the text, still encoded.
    pub range: Range<usize>,
    /// What it says after URL decoding; `None` where a placeholder (`%s`, `${X}`, `{host}`)
    /// stands for it or for some of it.
    pub known: Option<String>,
}

/// A server of a connection text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The host's name or address, without port and brackets.
    pub name: Part,
    /// The port; `None` where none is stated or a placeholder stands for it.
    pub port: Option<u16>,
}

/// What a connection text states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionText {
    /// Canonical engine.
    pub engine: Symbol,
    /// Servers in order; empty for files, sockets and what is in memory.
    pub hosts: Vec<Host>,
    /// The logical database: name, Redis' number, Oracle's service or SID, a broker's
    /// virtual host, a file's path.
    pub database: Option<Part>,
    /// `currentSchema`, `search_path`, Prisma's `schema`, Snowflake's `schema`.
    pub schema: Option<Part>,
    /// The login's name.
    pub user: Option<Part>,
    /// The login's password. Never to be interned or printed.
    pub password: Option<Range<usize>>,
    /// Parameters that matter for safety and routing, key and value as written, in order:
    /// `sslmode` and `disable`.
    pub options: Vec<(String, String)>,
    /// True where host or parameters say that only reading is meant.
    pub read_only: bool,
}

impl ConnectionText {
    fn new(engine: Symbol) -> Self {
        Self {
            engine,
            hosts: Vec::new(),
            database: None,
            schema: None,
            user: None,
            password: None,
            options: Vec::new(),
            read_only: false,
        }
    }

    /// True where the text says nothing but the engine: `startsWith("redis://")`.
    fn is_bare(&self) -> bool {
        self.hosts.is_empty() && self.database.is_none() && self.user.is_none() && self.password.is_none()
    }

    /// Takes a parameter of a query string or a key-value text, whatever the case of its key.
    fn parameter(&mut self, key: &str, value: Part) {
        let flat = key.to_ascii_lowercase().replace(['_', '-', ' '], "");
        if value.range.is_empty() {
            return;
        }
        match flat.as_str() {
            "user" | "username" | "userid" | "uid" | "accountname" => self.user = self.user.take().or(Some(value)),
            "password" | "pwd" | "passwd" | "accountkey" => {
                self.password = self.password.take().or(Some(value.range));
            }
            "database" | "databasename" | "dbname" | "initialcatalog" | "db" | "defaultdatabase" | "servicename"
            | "sid" => self.database = self.database.take().or(Some(value)),
            "schema" | "currentschema" | "searchpath" => self.schema = self.schema.take().or(Some(value)),
            "options" => self.search_path_option(value),
            _ if MATTERING.contains(&flat.as_str()) => {
                let Some(known) = value.known else { return };
                let lower = known.to_ascii_lowercase();
                self.read_only |= match flat.as_str() {
                    "readpreference" | "targetservertype" => lower.contains("secondary") || lower.contains("slave"),
                    "targetsessionattrs" => matches!(lower.as_str(), "read-only" | "standby" | "prefer-standby"),
                    "applicationintent" => lower == "readonly",
                    "readonly" => lower == "true",
                    _ => false,
                };
                self.options.push((key.trim().to_owned(), known));
            }
            _ => {}
        }
    }

    /// libpq's `options=-c search_path=orders`.
    fn search_path_option(&mut self, value: Part) {
        let Some(known) = &value.known else { return };
        if let Some((_, path)) = known.split_once("search_path=") {
            let path: String = path.chars().take_while(|c| !c.is_whitespace() && *c != ',').collect();
            self.schema = self.schema.take().or(Some(Part { range: value.range, known: Some(path) }));
        }
    }

    fn read_only_by_host(&mut self) {
        const MARKS: &[&str] = &[
            "-ro.",
            ".ro.",
            "-replica",
            "replica-",
            "replica.",
            "-reader",
            "reader.",
            ".cluster-ro-",
            "readonly",
            "read-only",
            "-slave",
            "slave.",
        ];
        let reads = |host: &Host| {
            let name = host.name.known.as_deref().unwrap_or("").to_ascii_lowercase();
            name.ends_with("-ro") || name.ends_with("-read") || MARKS.iter().any(|mark| name.contains(mark))
        };
        self.read_only |= !self.hosts.is_empty() && self.hosts.iter().all(reads);
    }
}

/// Parameters kept as options: encryption, which member of a cluster is meant. Lower case,
/// without separators.
const MATTERING: &[&str] = &[
    "sslmode",
    "ssl",
    "usessl",
    "tls",
    "encrypt",
    "trustservercertificate",
    "requiressl",
    "sslaccept",
    "readpreference",
    "targetservertype",
    "targetsessionattrs",
    "applicationintent",
    "readonly",
    "replicaset",
    "authsource",
];

/// The connection that `text` states; `None` where it states none, or only an engine.
/// `engine_of` decides which schemes are engines, so `http://db/x` is none.
///
/// Read are URLs (RFC 3986 with the liberties that drivers take: several hosts, a `+driver`
/// in the scheme, unescaped `@` in passwords), JDBC's and R2DBC's forms, ADO.NET and ODBC
/// key-value texts, libpq's keywords, PHP's PDO names and the DSN of Go's MySQL driver.
pub fn parse(text: &str, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    if text.len() > TEXT_LIMIT || text.len() < 6 || text.contains(['\n', '\r']) {
        return None;
    }
    let masked = Masked::new(text);
    let mut found = url::parse(&masked, engine_of).or_else(|| keywords::parse(&masked, engine_of))?;
    found.read_only_by_host();
    (!found.is_bare()).then_some(found)
}
