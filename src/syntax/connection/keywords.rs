//! Connection texts made of keys and values: ADO.NET, ODBC, libpq, StackExchange.Redis.

use std::ops::Range;

use super::parts::Masked;
use super::{ConnectionText, EngineOf};

/// Keys of libpq's connection strings (PostgreSQL 17, §32.1.2) that tell them apart from
/// other texts full of `=`.
const LIBPQ: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "connect_timeout",
    "application_name",
    "options",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "target_session_attrs",
    "TimeZone",
    "timezone",
    "search_path",
    "client_encoding",
    "passfile",
    "sslnegotiation",
    "pool_max_conns",
    "default_query_exec_mode",
    "binary_parameters",
];

/// Options of StackExchange.Redis (2.8 documentation) in lower case.
const REDIS: &[&str] = &[
    "password",
    "ssl",
    "abortconnect",
    "defaultdatabase",
    "connecttimeout",
    "synctimeout",
    "allowadmin",
    "user",
    "name",
    "connectretry",
    "keepalive",
    "servicename",
    "channelprefix",
    "resolvedns",
    "responsetimeout",
];

pub fn parse(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    if !text.contains('=') {
        return None;
    }
    if text.contains(';') {
        return ado(masked, engine_of);
    }
    if text.contains(',')
        && let Some(found) = redis(masked, engine_of)
    {
        return Some(found);
    }
    libpq(masked, engine_of).or_else(|| sqlite_file(masked, engine_of))
}

/// Takes one `key=value` into `found`.
pub fn pair(masked: &Masked<'_>, range: Range<usize>, found: &mut ConnectionText) {
    let Some((key, value)) = key_and_value(masked, range) else { return };
    let flat = flat(key);
    match flat.as_str() {
        "host" | "server" | "datasource" | "address" | "addr" | "networkaddress" | "servername" | "hostname"
        | "hostaddr" => {
            let mut value = value;
            for net in ["tcp:", "np:", "lpc:"] {
                if masked.at(value.clone()).starts_with(net) {
                    value.start += net.len();
                }
            }
            // A socket has no host; a named instance (`db\SQLEXPRESS`) is part of the server.
            if masked.at(value.clone()).starts_with('/') {
                return;
            }
            let comma = masked.at(value.clone()).contains(',');
            let listed = comma && flat == "host";
            let hosts = if listed { masked.split(value, &[',']) } else { vec![value] };
            for host in hosts {
                found.hosts.extend(masked.host(host, if comma && !listed { ',' } else { ':' }));
            }
        }
        "port" => {
            if let (Ok(port), Some(host)) = (masked.at(value).parse(), found.hosts.first_mut()) {
                host.port = host.port.or(Some(port));
            }
        }
        _ => found.parameter(key, masked.plain(value)),
    }
}

fn key_and_value<'m>(masked: &'m Masked<'_>, range: Range<usize>) -> Option<(&'m str, Range<usize>)> {
    let text = masked.at(range.clone());
    let equals = text.find('=')?;
    let key = text.get(..equals)?.trim();
    let mut value = masked.trimmed(range.start + equals + 1..range.end);
    let quoted = masked.at(value.clone());
    let quotes = [('\'', '\''), ('"', '"'), ('{', '}')];
    if quoted.len() >= 2 && quotes.iter().any(|(open, close)| quoted.starts_with(*open) && quoted.ends_with(*close)) {
        value = value.start + 1..value.end - 1;
    }
    Some((key, value))
}

fn flat(key: &str) -> String {
    key.to_ascii_lowercase().replace(['_', '-', ' '], "")
}

/// `Server=db;Database=shop;User Id=shop;Password=…`. Which engine it is, only its keys tell:
/// each driver has words that the others do not know.
fn ado(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    let pairs: Vec<Range<usize>> = masked
        .split(0..text.len(), &[';'])
        .into_iter()
        .filter(|pair| !masked.at(pair.clone()).trim().is_empty())
        .collect();
    let keys: Vec<(String, &str)> = pairs
        .iter()
        .map_while(|pair| key_and_value(masked, pair.clone()).map(|(key, value)| (flat(key), masked.at(value))))
        .collect();
    // Each pair must be one: CSS, cookies and code have semicolons too.
    if keys.len() != pairs.len() || keys.iter().any(|(key, _)| !key.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return None;
    }
    let value_of = |names: &[&str]| keys.iter().find(|(key, _)| names.contains(&key.as_str())).map(|(_, value)| *value);
    let endpoint = pairs.iter().filter_map(|pair| key_and_value(masked, pair.clone()));
    if let Some((_, endpoint)) = endpoint.into_iter().find(|(key, _)| flat(key) == "accountendpoint") {
        let mut found = ConnectionText::new(engine_of("cosmosdb")?);
        for pair_range in &pairs {
            pair(masked, pair_range.clone(), &mut found);
        }
        let host = endpoint.start + masked.at(endpoint.clone()).find("://").map_or(0, |at| at + 3);
        let length = masked.at(host..endpoint.end).find(['/', ':']).unwrap_or(endpoint.end - host);
        found.hosts.extend(masked.host(host..host + length, ':'));
        return Some(found);
    }
    const SERVERS: &[&str] =
        &["server", "datasource", "host", "address", "addr", "networkaddress", "servername", "hostname"];
    const LOGINS: &[&str] = &[
        "database",
        "initialcatalog",
        "dbname",
        "db",
        "userid",
        "uid",
        "user",
        "username",
        "pwd",
        "password",
        "trustedconnection",
        "integratedsecurity",
        "defaultdatabase",
    ];
    let server = value_of(SERVERS)?;
    let is_file =
        [".db", ".sqlite", ".sqlite3", ".db3"].iter().any(|end| server.ends_with(end)) || server == ":memory:";
    if is_file {
        return sqlite_file(masked, engine_of);
    }
    value_of(LOGINS)?;
    let has = |names: &[&str]| value_of(names).is_some();
    let port = value_of(&["port"]);
    let name = if let Some(driver) = value_of(&["driver", "provider"]) {
        // The braces around an ODBC driver's name look like a placeholder.
        let lower = masked.text.to_ascii_lowercase();
        let odbc = [
            ("postgres", "postgresql"),
            ("mysql", "mysql"),
            ("mariadb", "mariadb"),
            ("oracle", "oracle"),
            ("sqlite", "sqlite"),
        ];
        let named = odbc.iter().find(|(word, _)| {
            lower.contains(&format!("driver={{{word}")) || driver.to_ascii_lowercase().contains(word)
        });
        named.map_or("sqlserver", |(_, engine)| engine)
    } else if server.starts_with("tcp:")
        || server.contains(',')
        || has(&[
            "initialcatalog",
            "trustedconnection",
            "integratedsecurity",
            "trustservercertificate",
            "multipleactiveresultsets",
            "encrypt",
            "applicationintent",
            "persistsecurityinfo",
        ])
    {
        "sqlserver"
    } else if port == Some("5432") || (has(&["host"]) && !has(&["uid"]) && port != Some("3306")) {
        "postgresql"
    } else if port == Some("3306")
        || has(&["uid", "allowpublickeyretrieval", "sslmode", "allowuservariables", "convertzerodatetime", "charset"])
    {
        "mysql"
    } else if has(&["datasource"]) && !has(&["database"]) {
        "oracle"
    } else if has(&["userid", "user"]) && port.is_none() {
        "sqlserver"
    } else {
        "mysql"
    };
    let mut found = ConnectionText::new(engine_of(name)?);
    // The port may stand before its host.
    let ordered =
        pairs.iter().filter(|pair| !is_port(masked, pair)).chain(pairs.iter().filter(|pair| is_port(masked, pair)));
    for pair_range in ordered {
        pair(masked, pair_range.clone(), &mut found);
    }
    Some(found)
}

fn is_port(masked: &Masked<'_>, range: &Range<usize>) -> bool {
    key_and_value(masked, range.clone()).is_some_and(|(key, _)| flat(key) == "port")
}

/// `Data Source=shop.db` of Microsoft.Data.Sqlite.
fn sqlite_file(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let first = masked.split(0..masked.hidden.len(), &[';']).into_iter().next()?;
    let (key, value) = key_and_value(masked, first)?;
    let path = masked.at(value.clone());
    let is_file =
        [".db", ".sqlite", ".sqlite3", ".db3"].iter().any(|ending| path.ends_with(ending)) || path == ":memory:";
    if !is_file || !matches!(flat(key).as_str(), "datasource" | "filename") {
        return None;
    }
    let mut found = ConnectionText::new(engine_of("sqlite")?);
    found.database = Some(masked.plain(value));
    Some(found)
}

/// `host=db port=5432 dbname=shop user=shop`.
fn libpq(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    let mut pairs: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    let mut quote = false;
    for (at, sign) in text.char_indices() {
        match sign {
            '\'' => quote = !quote,
            ' ' if !quote => pairs.extend(start.take().map(|start| start..at)),
            _ => {
                start.get_or_insert(at);
            }
        }
    }
    pairs.extend(start.map(|start| start..text.len()));
    let mut found = ConnectionText::new(engine_of("postgresql")?);
    let mut known = 0;
    for range in &pairs {
        let (key, _) = key_and_value(masked, range.clone())?;
        if !LIBPQ.contains(&key) {
            return None;
        }
        known += 1;
    }
    let ordered =
        pairs.iter().filter(|pair| !is_port(masked, pair)).chain(pairs.iter().filter(|pair| is_port(masked, pair)));
    for range in ordered {
        pair(masked, range.clone(), &mut found);
    }
    (known >= 2 && (!found.hosts.is_empty() || found.database.is_some())).then_some(found)
}

/// `cache:6379,password=…,defaultDatabase=1`.
fn redis(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let mut found = ConnectionText::new(engine_of("redis")?);
    let mut options = 0;
    for range in masked.split(0..masked.hidden.len(), &[',']) {
        let range = masked.trimmed(range);
        match key_and_value(masked, range.clone()) {
            Some((key, _)) if REDIS.contains(&key.to_ascii_lowercase().as_str()) => {
                options += 1;
                pair(masked, range, &mut found);
            }
            Some(_) => return None,
            None => {
                let host = masked.at(range.clone());
                if host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '(' | '"')) {
                    return None;
                }
                found.hosts.extend(masked.host(range, ':'));
            }
        }
    }
    (options > 0 && !found.hosts.is_empty()).then_some(found)
}
