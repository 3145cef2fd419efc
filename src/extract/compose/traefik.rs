//! Labels by which Traefik routes to a Compose service
//! (doc.traefik.io/traefik/routing/providers/docker, v3; `traefik.frontend.rule` is v1's).

use super::fields::{self, Pair};
use crate::extract::interpolation::Placed;
use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Route, RouteKind};
use crate::facts::value::Value;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Most routes that one rule is written out to.
const ROUTE_LIMIT: usize = 64;

/// Adds a route for each host and path that the service's labels name.
pub fn routes(reading: &mut Reading<'_>, backend: &Value, service: Node<'_>) {
    let mut labels = Vec::new();
    for node in [service.get("labels"), service.at(&["deploy", "labels"])].into_iter().flatten() {
        // What is wrong with the labels is noted where they are read as labels.
        let known = reading.facts.problems.len();
        labels.extend(fields::pairs(reading, node, "`labels`"));
        reading.facts.problems.truncate(known);
    }
    let text_of = |name: &str| labels.iter().find(|pair| pair.name.text.eq_ignore_ascii_case(name));
    if text_of("traefik.enable").and_then(|pair| pair.value).is_some_and(|value| value.text == "false") {
        return;
    }
    for pair in &labels {
        let Some(rule) = pair.value else { continue };
        let Some(name) = router_of(pair.name.text) else { continue };
        let port = port_of(&labels, name);
        let (hosts, paths) = matchers(rule);
        let all = cross_product(hosts, paths);
        for (host, path) in all.into_iter().take(ROUTE_LIMIT) {
            reading.add(Fact::Route(Box::new(Route {
                kind: RouteKind::TraefikLabel,
                name: Value::literal(name, pair.name.span),
                namespace: None,
                host,
                path,
                backend: backend.clone(),
                backend_namespace: None,
                port,
                gateways: Vec::new(),
                public: Answer::present(true, rule.span),
                grpc: false,
                cors: Answer::absent(rule.span),
                conditional: false,
                span: rule.span,
            })));
        }
    }
}

/// `shop` of `traefik.http.routers.shop.rule`; `default` for the form of v1.
fn router_of(label: &str) -> Option<&str> {
    if label.eq_ignore_ascii_case("traefik.frontend.rule") {
        return Some("default");
    }
    let rest = ["traefik.http.routers.", "traefik.tcp.routers."].iter().find_map(|start| label.strip_prefix(start))?;
    rest.strip_suffix(".rule")
}

/// The port of the service that the router leads to; of the only one where none is named.
fn port_of(labels: &[Pair<'_>], router: &str) -> Symbol {
    let wanted = format!("traefik.http.routers.{router}.service");
    let service = labels.iter().find(|pair| pair.name.text == wanted).and_then(|pair| pair.value);
    let service = service.map_or(router, |value| value.text);
    let exact = format!("traefik.http.services.{service}.loadbalancer.server.port");
    let found = labels.iter().find(|pair| pair.name.text.eq_ignore_ascii_case(&exact)).or_else(|| {
        labels.iter().find(|pair| {
            let name = pair.name.text.to_ascii_lowercase();
            name.ends_with(".loadbalancer.server.port") || name == "traefik.port"
        })
    });
    Symbol::new(found.and_then(|pair| pair.value).map_or("", |value| value.text))
}

fn cross_product(hosts: Vec<Value>, paths: Vec<Value>) -> Vec<(Option<Value>, Option<Value>)> {
    let optional = |values: Vec<Value>| -> Vec<Option<Value>> {
        if values.is_empty() { vec![None] } else { values.into_iter().take(ROUTE_LIMIT).map(Some).collect() }
    };
    let (hosts, paths) = (optional(hosts), optional(paths));
    let mut all = Vec::new();
    for host in &hosts {
        all.extend(paths.iter().map(|path| (host.clone(), path.clone())));
    }
    all
}

/// The hosts and the path prefixes of a rule. Alternatives are not kept apart: a rule with
/// two hosts and two paths gives four routes.
fn matchers(rule: Placed<'_>) -> (Vec<Value>, Vec<Value>) {
    let (mut hosts, mut paths) = (Vec::new(), Vec::new());
    let mut from = 0;
    while let Some((name, arguments, end)) = next_matcher(rule, from) {
        let negated = rule.part(0..name.0).text.trim_end().ends_with('!');
        from = end;
        if negated {
            continue;
        }
        match rule.part(name.0..name.1).text {
            "Host" | "HostSNI" => {
                let known = arguments.into_iter().filter(|host| host.text != "*");
                hosts.extend(known.map(fields::literal));
            }
            "HostRegexp" | "HostSNIRegexp" => {
                hosts.extend(arguments.first().map(|host| Value::unknown("the host is a pattern", host.span)));
            }
            "Path" | "PathPrefix" => paths.extend(arguments.into_iter().map(fields::literal)),
            "PathRegexp" => {
                paths.extend(arguments.first().map(|path| Value::unknown("the path is a pattern", path.span)));
            }
            _ => {}
        }
    }
    if from == 0 {
        old_matchers(rule, &mut hosts, &mut paths);
    }
    (hosts, paths)
}

/// The range of a name, its quoted arguments, and where they end.
type Matcher<'t> = ((usize, usize), Vec<Placed<'t>>, usize);

/// The next `Name(…)` at or behind `from`.
fn next_matcher(rule: Placed<'_>, from: usize) -> Option<Matcher<'_>> {
    let text = rule.text;
    let mut from = from;
    loop {
        let open = from + text.get(from..)?.find('(')?;
        let before = text.get(..open)?;
        let start = open - before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        if start < open {
            let (arguments, end) = arguments(rule, open + 1);
            return Some(((start, open), arguments, end));
        }
        from = open + 1;
    }
}

/// Arguments in quotes or backticks up to the closing parenthesis, and where that is.
fn arguments(rule: Placed<'_>, from: usize) -> (Vec<Placed<'_>>, usize) {
    let mut found = Vec::new();
    let mut open = None;
    for (at, sign) in rule.text.char_indices().skip_while(|&(at, _)| at < from) {
        match open {
            Some((quote, start)) if sign == quote => {
                found.push(rule.part(start..at));
                open = None;
            }
            Some(_) => {}
            None if matches!(sign, '`' | '"' | '\'') => open = Some((sign, at + 1)),
            None if sign == ')' => return (found, at + 1),
            None => {}
        }
    }
    (found, rule.text.len())
}

/// `Host:shop.example,www.shop.example;PathPrefix:/api`, as v1 has it.
fn old_matchers(rule: Placed<'_>, hosts: &mut Vec<Value>, paths: &mut Vec<Value>) {
    let mut start = 0;
    for clause in rule.text.split(';') {
        let part = rule.part(start..start + clause.len());
        start += clause.len() + 1;
        let Some((name, mut rest)) = part.split_once(':') else { continue };
        let target = match name.text.trim() {
            "Host" => &mut *hosts,
            "Path" | "PathPrefix" | "PathPrefixStrip" => &mut *paths,
            _ => continue,
        };
        while let Some((first, others)) = rest.split_once(',') {
            target.push(fields::literal(first.trimmed()));
            rest = others;
        }
        target.push(fields::literal(rest.trimmed()));
    }
}
