//! Connection texts that begin with a scheme: URLs, JDBC, R2DBC, PDO names, Go's MySQL DSN.

use std::ops::Range;

use super::parts::Masked;
use super::{ConnectionText, EngineOf};
use crate::source::symbol::Symbol;

/// Words between `jdbc:` and the engine that name a wrapper around the driver.
const JDBC_WRAPPERS: &[&str] =
    &["p6spy", "tracing", "log4jdbc", "aws-wrapper", "otel", "datadog", "pool", "jtds", "tc"];

/// Words between the engine and `//` that name a way to pick a host.
const JDBC_MODES: &[&str] = &[
    "loadbalance",
    "replication",
    "sequential",
    "failover",
    "aurora",
    "thin",
    "thin-style",
    "oci",
    "tcp",
    "ssl",
    "net",
];

pub fn parse(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    if text.starts_with("jdbc:") || text.starts_with("r2dbc:") {
        return jdbc(masked, engine_of);
    }
    if let Some(found) = go_mysql(masked, engine_of) {
        return Some(found);
    }
    let colon = text.find(':')?;
    let scheme = text.get(..colon)?;
    let valid = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-_".contains(&b));
    if !valid || scheme.len() < 2 {
        return None;
    }
    let rest = colon + 1..text.len();
    if masked.at(rest.clone()).starts_with("//") {
        let engine = engine_of(scheme)?;
        return Some(url(masked, engine, rest.start + 2));
    }
    if scheme == "file" {
        return file(masked, engine_of("sqlite")?, rest);
    }
    let engine = engine_of(scheme)?;
    if engine.as_str() == "sqlite" {
        let mut found = ConnectionText::new(engine);
        let end = text.find('?').unwrap_or(text.len());
        found.database = (rest.start < end).then(|| masked.plain(rest.start..end));
        return Some(found);
    }
    // PDO: `pgsql:host=db;dbname=shop`.
    if masked.at(rest.clone()).contains('=') {
        let mut found = ConnectionText::new(engine);
        let blank = scheme == "pgsql" && !masked.at(rest.clone()).contains(';');
        for pair in masked.split(rest, if blank { &[' '] } else { &[';'] }) {
            super::keywords::pair(masked, pair, &mut found);
        }
        return (!found.hosts.is_empty() || found.database.is_some()).then_some(found);
    }
    None
}

/// `file:./dev.db`, where the ending says that it is a database.
fn file(masked: &Masked<'_>, engine: Symbol, rest: Range<usize>) -> Option<ConnectionText> {
    let path = masked.at(rest.clone());
    let path = path.split('?').next().unwrap_or("");
    if ![".db", ".sqlite", ".sqlite3", ".db3"].iter().any(|ending| path.ends_with(ending)) {
        return None;
    }
    let mut found = ConnectionText::new(engine);
    found.database = Some(masked.plain(rest.start..rest.start + path.len()));
    Some(found)
}

/// What follows `scheme://`, from byte `start` on.
fn url(masked: &Masked<'_>, engine: Symbol, start: usize) -> ConnectionText {
    let mut found = ConnectionText::new(engine);
    let text = masked.hidden.as_ref();
    let rest = masked.at(start..text.len());
    let end = start + rest.find(['/', '?', '#', ';']).unwrap_or(rest.len());
    // A password may hold an unescaped `/` or `?`; then the `@` comes later, before the path.
    let end = match masked.at(end..text.len()).find('@') {
        Some(at) if !masked.at(start..end).contains('@') && masked.at(start..end).contains(':') => {
            let after = end + at;
            let tail = masked.at(after..text.len());
            if masked.at(end..after).contains('=') {
                end
            } else {
                after + tail.find(['/', '?', '#', ';']).unwrap_or(tail.len())
            }
        }
        _ => end,
    };
    authority(masked, &mut found, start..end);
    let query = end + masked.at(end..text.len()).find(['?', ';', '#']).unwrap_or(text.len() - end);
    path(masked, &mut found, end..query);
    parameters(masked, &mut found, query..text.len());
    found
}

fn authority(masked: &Masked<'_>, found: &mut ConnectionText, range: Range<usize>) {
    let text = masked.at(range.clone());
    let hosts = match text.rfind('@') {
        Some(at) => {
            login(masked, found, range.start..range.start + at, ':');
            range.start + at + 1..range.end
        }
        None => range,
    };
    for host in masked.split(hosts, &[',']) {
        found.hosts.extend(masked.host(host, ':'));
    }
}

fn login(masked: &Masked<'_>, found: &mut ConnectionText, range: Range<usize>, sign: char) {
    let text = masked.at(range.clone());
    let user = text.find(sign).unwrap_or(text.len());
    if user > 0 {
        found.user = Some(masked.decoded(range.start..range.start + user));
    }
    let password = range.start + user + sign.len_utf8()..range.end;
    if password.start < password.end {
        found.password = Some(password);
    }
}

fn path(masked: &Masked<'_>, found: &mut ConnectionText, range: Range<usize>) {
    let text = masked.at(range.clone());
    let Some(path) = text.strip_prefix('/') else { return };
    if found.engine.as_str() == "sqlite" {
        // `sqlite:///shop.db` is relative, `sqlite:////var/shop.db` absolute.
        if !path.is_empty() {
            found.database = Some(masked.plain(range.start + 1..range.end));
        }
        return;
    }
    let length = path.find('/').unwrap_or(path.len());
    if length > 0 {
        found.database = Some(masked.decoded(range.start + 1..range.start + 1 + length));
    }
    // Snowflake's and ClickHouse's second part; for others a path that nothing is known of.
    let second = path.get(length + 1..).unwrap_or("");
    if found.engine.as_str() == "snowflake" && !second.is_empty() {
        found.schema = Some(masked.decoded(range.start + length + 2..range.end));
    }
}

/// `?a=b&c=d` or `;a=b;c=d`.
fn parameters(masked: &Masked<'_>, found: &mut ConnectionText, range: Range<usize>) {
    let text = masked.at(range.clone());
    let separators: &[char] = if text.starts_with(';') { &[';'] } else { &['&', ';'] };
    if text.is_empty() {
        return;
    }
    for pair in masked.split(range.start + 1..range.end, separators) {
        let pair_text = masked.at(pair.clone());
        let Some(equals) = pair_text.find('=') else { continue };
        let key = pair_text.get(..equals).unwrap_or("").trim();
        let value = masked.trimmed(pair.start + equals + 1..pair.end);
        if matches!(key.to_ascii_lowercase().as_str(), "host" | "servername") {
            // libpq's `postgresql:///shop?host=db`; a path is a socket.
            if !masked.at(value.clone()).starts_with(['/', '%']) {
                found.hosts.extend(masked.host(value, ':'));
            }
        } else {
            found.parameter(key, masked.decoded(value));
        }
    }
}

/// `jdbc:NAME:…`.
fn jdbc(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    let mut at = text.find(':')? + 1;
    let mut container = false;
    let (engine, word) = loop {
        let rest = masked.at(at..text.len());
        let colon = rest.find(':')?;
        let word = rest.get(..colon)?;
        if word.contains(['/', '@', ';']) || word.is_empty() {
            return None;
        }
        at += colon + 1;
        container |= word == "tc";
        if JDBC_WRAPPERS.contains(&word) {
            continue;
        }
        break (engine_of(word)?, word.to_owned());
    };
    if container {
        // Testcontainers starts a server of its own: `jdbc:tc:postgresql:16:///shop`.
        let mut found = ConnectionText::new(engine);
        let slashes = at + masked.at(at..text.len()).find("//")?;
        let path_start = slashes + 2 + masked.at(slashes + 2..text.len()).find('/')?;
        let end = path_start + masked.at(path_start..text.len()).find('?').unwrap_or(text.len() - path_start);
        path(masked, &mut found, path_start..end);
        return Some(found);
    }
    loop {
        let rest = masked.at(at..text.len());
        let Some((mode, _)) = rest.split_once(':') else { break };
        if !JDBC_MODES.contains(&mode) {
            break;
        }
        at += mode.len() + 1;
    }
    let rest = masked.at(at..text.len());
    if word == "oracle" {
        return oracle(masked, engine, at);
    }
    if rest.starts_with("//") {
        return Some(url(masked, engine, at + 2));
    }
    // Embedded: `jdbc:h2:mem:shop;MODE=PostgreSQL`, `jdbc:sqlite:shop.db`.
    let mut found = ConnectionText::new(engine);
    let end = at + rest.find([';', '?']).unwrap_or(rest.len());
    if at < end {
        found.database = Some(masked.plain(at..end));
    }
    parameters(masked, &mut found, end..text.len());
    Some(found)
}

/// `user/password@//host:1521/service`, `@host:1521:SID`, `@(DESCRIPTION=…)`, `@alias`.
fn oracle(masked: &Masked<'_>, engine: Symbol, start: usize) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    let mut found = ConnectionText::new(engine);
    let sign = start + masked.at(start..text.len()).find('@')?;
    login(masked, &mut found, start..sign, '/');
    let mut at = sign + 1;
    let rest = masked.at(at..text.len());
    if rest.starts_with('(') {
        let value_of = |name: &str| -> Option<Range<usize>> {
            let lower = rest.to_ascii_lowercase().replace(' ', "\u{0}");
            let key = lower.find(&format!("({name}="))? + name.len() + 2;
            let length = rest.get(key..)?.find(')')?;
            Some(masked.trimmed(at + key..at + key + length))
        };
        if let Some(host) = value_of("host") {
            let port = value_of("port").and_then(|port| masked.at(port).parse().ok());
            found.hosts.push(super::Host { name: masked.plain(host), port });
        }
        found.database = value_of("service_name").or_else(|| value_of("sid")).map(|range| masked.plain(range));
        return Some(found);
    }
    for prefix in ["tcps:", "tcp:", "//"] {
        if masked.at(at..text.len()).starts_with(prefix) {
            at += prefix.len();
        }
    }
    let end = at + masked.at(at..text.len()).find('?').unwrap_or(text.len() - at);
    let body = masked.at(at..end);
    match body.find('/') {
        Some(slash) => {
            found.hosts.extend(masked.host(at..at + slash, ':'));
            let service = body.get(slash + 1..).unwrap_or("");
            let length = service.find([':', '/']).unwrap_or(service.len());
            if length > 0 {
                found.database = Some(masked.plain(at + slash + 1..at + slash + 1 + length));
            }
        }
        None => {
            let colons: Vec<usize> = body.match_indices(':').map(|(colon, _)| colon).collect();
            match colons.as_slice() {
                // A name that a tnsnames.ora file explains.
                [] => found.database = (!body.is_empty()).then(|| masked.plain(at..end)),
                [first, .., last] if first < last => {
                    found.hosts.extend(masked.host(at..at + last, ':'));
                    found.database = Some(masked.plain(at + last + 1..end));
                }
                _ => found.hosts.extend(masked.host(at..end, ':')),
            }
        }
    }
    Some(found)
}

/// `user:password@tcp(db:3306)/shop?parseTime=true` of github.com/go-sql-driver/mysql.
fn go_mysql(masked: &Masked<'_>, engine_of: EngineOf<'_>) -> Option<ConnectionText> {
    let text = masked.hidden.as_ref();
    let (open, net) = ["tcp(", "tcp6(", "unix("].iter().find_map(|net| text.find(net).map(|at| (at, *net)))?;
    let before = text.get(..open)?;
    let close = open + text.get(open..)?.find(")/")?;
    if !(before.is_empty() || before.ends_with('@')) {
        return None;
    }
    let mut found = ConnectionText::new(engine_of("mysql")?);
    if !before.is_empty() {
        login(masked, &mut found, 0..open - 1, ':');
    }
    if !net.starts_with("unix") {
        found.hosts.extend(masked.host(open + net.len()..close, ':'));
    }
    let end = close + masked.at(close..text.len()).find('?').unwrap_or(text.len() - close);
    path(masked, &mut found, close + 1..end);
    parameters(masked, &mut found, end..text.len());
    Some(found)
}
