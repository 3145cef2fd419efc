//! Traefik's own routes.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Route, RouteKind};
use crate::facts::value::Value;
use crate::source::symbol::Symbol;

use super::manifest::{Manifest, text_span};
use super::object::Object;

/// Most hosts and paths of one rule that are combined.
const MATCH_LIMIT: usize = 64;

/// Reads an IngressRoute: one way in for each host, path and service of its rules.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    for rule in manifest.mappings(spec, "routes") {
        let matching = rule.get("match").and_then(|node| Some((manifest.text(node)?, text_span(node))));
        let (hosts, paths) = match matching {
            Some((text, span)) => {
                let values = |names: &[&str]| -> Vec<Option<Value>> {
                    let found = arguments(text, names);
                    let found: Vec<_> =
                        found.iter().take(MATCH_LIMIT).map(|text| Some(Value::literal(text, span))).collect();
                    if found.is_empty() { vec![None] } else { found }
                };
                (values(&["Host", "HostSNI"]), values(&["PathPrefix", "Path"]))
            }
            None => (vec![None], vec![None]),
        };
        for service in manifest.mappings(rule, "services") {
            // `api@internal` and middlewares' services are Traefik's own.
            if manifest.text_at(service, "kind").is_some_and(|kind| kind != "Service") {
                continue;
            }
            let Some(backend) = manifest.value_at(service, "name") else { continue };
            let backend_namespace = manifest.value_at(service, "namespace");
            let port = manifest.symbol_at(service, "port");
            let grpc = manifest.text_at(service, "scheme") == Some("h2c");
            for host in &hosts {
                for path in &paths {
                    manifest.reading.add(Fact::Route(Box::new(Route {
                        kind: RouteKind::Ingress,
                        name: object.name.clone(),
                        namespace: object.namespace.clone(),
                        host: host.clone().filter(|host| host.as_literal() != Some(Symbol::new("*"))),
                        path: path.clone(),
                        backend: backend.clone(),
                        backend_namespace: backend_namespace.clone(),
                        port,
                        gateways: Vec::new(),
                        public: Answer::present(true, object.span),
                        grpc,
                        cors: Answer::absent(object.span),
                        conditional: object.conditional || manifest.template.is_conditional(backend.span.start),
                        span: backend.span,
                    })));
                }
            }
        }
    }
}

/// The quoted arguments of a rule's matchers: ``Host(`a.example`, `b.example`)``.
fn arguments<'t>(rule: &'t str, matchers: &[&str]) -> Vec<&'t str> {
    let mut found = Vec::new();
    for call in rule.split(')') {
        let Some((before, inner)) = call.rsplit_once('(') else { continue };
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let negated = before.strip_suffix(name).is_some_and(|rest| rest.trim_end().ends_with('!'));
        if negated || !matchers.contains(&name) {
            continue;
        }
        let parts = inner.split(['`', '"', '\'']).enumerate().filter(|(at, _)| at % 2 == 1);
        found.extend(parts.map(|(_, text)| text));
    }
    found
}
