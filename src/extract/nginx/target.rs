//! Where `proxy_pass` and its kin lead: through upstreams and variables of the same file.

use rustc_hash::FxHashMap;

use super::{LIST_LIMIT, no_port};
use crate::extract::interpolation::{Piece, Placed, pieces};
use crate::extract::reading::Reading;
use crate::facts::value::{Form, Value};
use crate::source::symbol::Symbol;
use crate::syntax::nginx::{Directive, Word};

/// Longest chain of `set` that is followed.
const DEPTH_LIMIT: usize = 8;

/// One server that requests are handed to.
pub struct Target {
    /// As a URL or `host:port`.
    pub value: Value,
    /// The host alone.
    pub host: Value,
    /// The port; empty where not stated.
    pub port: Symbol,
}

/// The servers of each `upstream` of the file.
#[derive(Default)]
pub struct Upstreams<'t> {
    servers: FxHashMap<&'t str, Vec<&'t Word>>,
}

impl<'t> Upstreams<'t> {
    /// Those at the top and those in `http` and `stream`.
    pub fn of(directives: &'t [Directive]) -> Self {
        let mut found = Self::default();
        let inner = directives.iter().filter(|directive| matches!(directive.name.text.as_str(), "http" | "stream"));
        for directive in directives.iter().chain(inner.flat_map(|directive| &directive.block)) {
            let ("upstream", Some(name)) = (directive.name.text.as_str(), directive.arguments.first()) else {
                continue;
            };
            let servers = directive.block.iter().filter(|server| {
                server.name.text == "server" && !server.arguments.iter().any(|word| word.text == "down")
            });
            let servers = servers.filter_map(|server| server.arguments.first());
            found.servers.entry(name.text.as_str()).or_default().extend(servers.take(LIST_LIMIT));
        }
        found
    }
}

/// Where `argument` leads: one target, or one for each server of its upstream.
pub fn targets(
    reading: &Reading<'_>,
    argument: &Word,
    upstreams: &Upstreams<'_>,
    variables: &FxHashMap<&str, &Word>,
) -> Vec<Target> {
    let mut word = argument;
    // `set $orders http://orders; proxy_pass $orders;` means what it was set to.
    for _ in 0..DEPTH_LIMIT {
        let Some(set) = word.text.strip_prefix('$').and_then(|name| variables.get(name)) else { break };
        word = set;
    }
    let name = authority(&word.text);
    if let Some(servers) = upstreams.servers.get(name).filter(|servers| !servers.is_empty()) {
        return servers.iter().map(|server| target(reading, server, variables)).collect();
    }
    vec![target(reading, word, variables)]
}

fn target(reading: &Reading<'_>, word: &Word, variables: &FxHashMap<&str, &Word>) -> Target {
    let placed = Placed::new(reading, &word.text, word.span);
    let value = evaluated(reading, placed, variables, 0);
    let host_text = authority(&word.text);
    let start = word.text.find(host_text).unwrap_or(0);
    let (host, port) = match host_text.rsplit_once(':') {
        Some((host, port)) if !host.contains('$') || host.ends_with('}') => (host, Symbol::new(port)),
        Some(_) | None => (host_text, no_port()),
    };
    let host = evaluated(reading, placed.part(start..start + host.len()), variables, 0);
    let port = if port.contains('$') { no_port() } else { port };
    Target { value, host, port }
}

/// `orders:8080` of `http://orders:8080/api` and of itself.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(authority, _)| authority)
}

/// A server's name as a value; a pattern is none.
pub fn host_value(name: &Word) -> Value {
    if name.text.starts_with('~') || name.text.contains('*') {
        return Value::unknown("the host is a pattern", name.span);
    }
    if name.text.contains('$') {
        return Value::unknown("the host is computed", name.span);
    }
    Value::literal(&name.text, name.span)
}

/// Variables of the file as what they are set to, those in capitals as the environment's
/// (`envsubst` fills them in when the container starts), all others as unknown.
fn evaluated(reading: &Reading<'_>, placed: Placed<'_>, variables: &FxHashMap<&str, &Word>, depth: usize) -> Value {
    let parts = pieces(placed).pieces.into_iter().map(|piece| match piece {
        Piece::Text(text, span) => Value::literal(&text, span),
        Piece::Variable { name, span, .. } | Piece::Alternative { name, span, .. } => match variables.get(name) {
            Some(set) if depth < DEPTH_LIMIT => {
                evaluated(reading, Placed::new(reading, &set.text, set.span), variables, depth + 1)
            }
            Some(_) => Value::unknown("its variables are set in a circle", span),
            None if !name.contains(|sign: char| sign.is_ascii_lowercase()) => {
                Value { form: Form::Env(Symbol::new(name)), span }
            }
            None => Value::unknown(&format!("nginx knows ${name} at run time only"), span),
        },
    });
    let mut parts: Vec<Value> = parts.collect();
    match parts.len() {
        0 => Value::literal("", placed.span),
        1 => parts.remove(0),
        _ => Value { form: Form::Concat(parts), span: placed.span },
    }
}
