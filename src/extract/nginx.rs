//! nginx as a reverse proxy: which locations lead to which services, with which timeouts
//! and retries (nginx.org/en/docs/http/ngx_http_proxy_module.html and its kin, 1.27).

mod target;

use rustc_hash::FxHashMap;

use self::target::{Target, Upstreams};
use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::call::{Call, CallSource, Caller, Layer, LayerKind, Protocol};
use crate::facts::network::{Retries, Route, RouteKind};
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::nginx::{Directive, Word, parse};

/// Directives that hand a request on: name, protocol, the directive of the read timeout and
/// its default in ms, the prefix of the retry directives.
const PASSES: &[(&str, Protocol, &str, u64, &str)] = &[
    ("proxy_pass", Protocol::Http, "proxy_read_timeout", 60_000, "proxy"),
    ("grpc_pass", Protocol::Grpc, "grpc_read_timeout", 60_000, "grpc"),
    ("uwsgi_pass", Protocol::Http, "uwsgi_read_timeout", 60_000, "uwsgi"),
    ("fastcgi_pass", Protocol::Http, "fastcgi_read_timeout", 60_000, "fastcgi"),
];

/// True for names that nginx configuration has; [`read`] looks into the file.
pub fn claims(path: EstatePath) -> bool {
    let name = path.name().to_ascii_lowercase();
    [".conf", ".conf.template", ".conf.tpl", ".conf.tmpl", ".nginx", ".vhost"].iter().any(|end| name.ends_with(end))
        || (name.starts_with("nginx") && name.contains(".conf"))
}

/// Adds the calls and routes of a file that hands requests on; others are left alone.
pub fn read(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    if !PASSES.iter().any(|(name, ..)| text.contains(name)) {
        return;
    }
    let (directives, problems) = parse(reading.file.id, text);
    if ["{{", "{%", "<%"].iter().any(|sign| text.contains(sign)) {
        let start = reading.file_start();
        reading.unclear(start, "nginx configuration", "it is a template that another program fills in");
    } else {
        reading.syntax_problems(&problems, "`nginx -t` shows where the file breaks");
    }
    let upstreams = Upstreams::of(&directives);
    walk(reading, &directives, &upstreams, &Scope::default());
}

/// Most names of a server, servers of an upstream and variables in one place: what a file
/// gives is their product with its locations.
const LIST_LIMIT: usize = 64;

/// True for the directives that [`timeout`] and [`retries`] look for.
fn is_setting(name: &str) -> bool {
    name == "proxy_timeout"
        || PASSES.iter().any(|&(_, _, timeout, _, prefix)| {
            let rest = name.strip_prefix(prefix);
            name == timeout || matches!(rest, Some("_next_upstream" | "_next_upstream_tries"))
        })
}

/// What blocks hand down to the blocks in them.
#[derive(Clone, Default)]
struct Scope<'t> {
    hosts: Vec<&'t Word>,
    location: Option<Value>,
    /// Timeouts and retry settings by directive; inner ones win.
    settings: FxHashMap<&'t str, &'t Directive>,
    /// `set $name value;`
    variables: FxHashMap<&'t str, &'t Word>,
    stream: bool,
}

fn walk<'t>(reading: &mut Reading<'_>, block: &'t [Directive], upstreams: &Upstreams<'t>, outer: &Scope<'t>) {
    let mut scope = outer.clone();
    for directive in block {
        match (directive.name.text.as_str(), directive.arguments.as_slice()) {
            ("server_name", names) => scope.hosts = names.iter().take(LIST_LIMIT).collect(),
            ("set", [name, value]) if scope.variables.len() < LIST_LIMIT => {
                scope.variables.insert(name.text.trim_start_matches('$'), value);
            }
            (name, [_, ..]) if is_setting(name) => {
                scope.settings.insert(name, directive);
            }
            _ => {}
        }
    }
    for directive in block {
        if let Some(&(_, protocol, timeout, default, prefix)) =
            PASSES.iter().find(|(name, ..)| *name == directive.name.text)
        {
            let pass = if scope.stream {
                Pass { protocol: Protocol::Tcp, timeout: "proxy_timeout", default: 600_000, prefix }
            } else {
                Pass { protocol, timeout, default, prefix }
            };
            hand_on(reading, directive, &pass, upstreams, &scope);
        }
        if directive.block.is_empty() || directive.name.text == "upstream" {
            continue;
        }
        let mut inner = scope.clone();
        inner.stream |= directive.name.text == "stream";
        if directive.name.text == "location" {
            inner.location = location(&directive.arguments);
        }
        walk(reading, &directive.block, upstreams, &inner);
    }
}

/// One row of [`PASSES`].
struct Pass {
    protocol: Protocol,
    timeout: &'static str,
    default: u64,
    prefix: &'static str,
}

/// `/api` of `location /api` and `location = /api`; unknown for a pattern, nothing for a
/// named location.
fn location(arguments: &[Word]) -> Option<Value> {
    match arguments {
        [path] if path.text.starts_with('@') => None,
        [path] => Some(Value::literal(&path.text, path.span)),
        [sign, path] if matches!(sign.text.as_str(), "=" | "^~") => Some(Value::literal(&path.text, path.span)),
        [_, path] => Some(Value::unknown("the location is a pattern", path.span)),
        _ => None,
    }
}

fn hand_on(
    reading: &mut Reading<'_>,
    directive: &Directive,
    pass: &Pass,
    upstreams: &Upstreams<'_>,
    scope: &Scope<'_>,
) {
    let Some(argument) = directive.arguments.first() else { return };
    let span = directive.name.span.cover(argument.span);
    let targets = target::targets(reading, argument, upstreams, &scope.variables);
    let (timeout, retries) = (timeout(scope, pass, span), retries(scope, pass, targets.len(), span));
    for Target { value, host, port } in targets {
        reading.add(Fact::Call(Box::new(Call {
            caller: Caller::ThisFile,
            target: value,
            protocol: pass.protocol,
            method: None,
            path: scope.location.clone(),
            source: CallSource::Proxy,
            timeout_ms: vec![timeout.clone()],
            retries: vec![retries.clone()],
            idempotent: Answer::unknown("the proxy hands on requests of every kind"),
            span,
        })));
        // `localhost` is what the packaged configuration says; such a server answers all.
        let named = scope.hosts.iter().filter(|name| !matches!(name.text.as_str(), "_" | "" | "localhost"));
        let named: Vec<&&Word> = named.collect();
        let hosts: Vec<Option<Value>> = if named.is_empty() {
            vec![None]
        } else {
            named.iter().map(|name| Some(target::host_value(name))).collect()
        };
        for route_host in hosts {
            reading.add(Fact::Route(Box::new(Route {
                kind: RouteKind::Proxy,
                name: scope.location.clone().unwrap_or_else(|| Value::literal("/", span)),
                namespace: None,
                host: route_host,
                path: scope.location.clone(),
                backend: host.clone(),
                backend_namespace: None,
                port,
                gateways: Vec::new(),
                public: Answer::unknown("the file does not tell who reaches the proxy"),
                grpc: pass.protocol == Protocol::Grpc,
                cors: Answer::absent(span),
                conditional: false,
                span,
            })));
        }
    }
}

/// The longest pause between two reads; nginx waits a minute where nothing is set.
fn timeout(scope: &Scope<'_>, pass: &Pass, span: Span) -> Layer<u64> {
    let Some(argument) = scope.settings.get(pass.timeout).and_then(|directive| directive.arguments.first()) else {
        return Layer { kind: LayerKind::LibraryDefault, answer: Answer::present(pass.default, span) };
    };
    let answer = match milliseconds(&argument.text) {
        Some(ms) => Answer::present(ms, argument.span),
        None => Answer::unknown(&format!("`{}` is computed", pass.timeout)),
    };
    Layer { kind: LayerKind::Proxy, answer }
}

/// `30`, `30s`, `500ms`, `1m30s` (nginx.org/en/docs/syntax.html); a bare number is seconds.
fn milliseconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit_end = rest.find(|sign: char| sign.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match rest.get(..unit_end)?.trim() {
            "" | "s" => 1_000,
            "ms" => 1,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        rest = rest.get(unit_end..)?;
        total = total.checked_add(number.checked_mul(factor)?)?;
    }
    Some(total)
}

/// A request that fails with an error or a timeout is sent to the upstream's next server,
/// unless it is not idempotent; with one server there is none.
fn retries(scope: &Scope<'_>, pass: &Pass, servers: usize, span: Span) -> Layer<Retries> {
    let name = format!("{}_next_upstream", pass.prefix);
    let set = scope.settings.get(name.as_str()).copied();
    let tries = scope.settings.get(format!("{name}_tries").as_str()).copied();
    let set_span = set.or(tries).map(|directive| directive.name.span);
    let kind = if set_span.is_some() { LayerKind::Proxy } else { LayerKind::LibraryDefault };
    let place = set_span.unwrap_or(span);
    if set.is_some_and(|directive| directive.arguments.iter().any(|word| word.text == "off")) || servers < 2 {
        return Layer { kind, answer: Answer::absent(place) };
    }
    let others = u32::try_from(servers - 1).unwrap_or(u32::MAX);
    let limit = match tries.and_then(|directive| directive.arguments.first()).map(|word| word.text.parse::<u32>()) {
        None | Some(Ok(0)) => others,
        Some(Ok(tries)) => others.min(tries - 1),
        Some(Err(_)) => return Layer { kind, answer: Answer::unknown("the number of tries is computed") },
    };
    if limit == 0 {
        return Layer { kind, answer: Answer::absent(place) };
    }
    Layer { kind, answer: Answer::present(Retries { retries: limit, per_try_ms: None }, place) }
}

/// The empty symbol, for a port that is not stated.
fn no_port() -> Symbol {
    Symbol::new("")
}

#[cfg(test)]
mod tests;
