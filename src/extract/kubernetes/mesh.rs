//! Istio and Linkerd: gateways, ways in, and what the mesh does to calls of a host.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Cors, Gateway, Retries, Route, RouteKind, TrafficPolicy};
use crate::facts::value::Value;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::durations::milliseconds;
use super::ingresses::is_internal;
use super::manifest::{Manifest, Section, text_span};
use super::object::Object;

/// Hosts times matches times destinations of one object that are kept; honest ones have a
/// few dozen.
const ROUTE_LIMIT: usize = 2_048;

/// Reads an Istio Gateway. Its selector picks the pods that listen; those of the default
/// installation are known by their label (istio.io/docs, "Gateway").
pub(super) fn read_gateway(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let selector = manifest.labels(spec, "selector");
    let mut public = Answer::unknown("whether the gateway's pods are open to the world stands elsewhere");
    for label in &selector {
        let Some(text) = label.value.as_literal() else { continue };
        if is_internal(&text) || text.contains("egress") || text.contains("eastwest") {
            public = Answer::absent(label.value.span);
            break;
        }
        if text.contains("ingress") {
            public = Answer::present(true, label.value.span);
        }
    }
    manifest.reading.add(Fact::Gateway(Box::new(Gateway {
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        public,
        span: object.span,
    })));
}

/// What the rules of one VirtualService have in common.
struct VirtualService<'o, 't> {
    object: &'o Object<'t>,
    hosts: Vec<Value>,
    /// The gateways that it is bound to; empty means `mesh`.
    gateways: Vec<Value>,
    left: usize,
    /// The CORS policy of the rule that is being read.
    cors: Answer<Cors>,
}

/// Reads a VirtualService: ways in where it hangs on gateways, and timeouts and retries.
pub(super) fn read_virtual_service(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let hosts = values(manifest, spec, "hosts");
    let gateways = values(manifest, spec, "gateways");
    let mut service = VirtualService { object, hosts, gateways, left: ROUTE_LIMIT, cors: Answer::absent(object.span) };
    for rule in manifest.mappings(spec, "http") {
        service.read_http(manifest, rule);
    }
    for key in ["tls", "tcp"] {
        for rule in manifest.mappings(spec, key) {
            service.read_opaque(manifest, rule);
        }
    }
    if let Some(reason) = manifest.gap(spec) {
        manifest.reading.unclear(object.span, "rules of a VirtualService", &reason.0);
    }
}

fn values(manifest: &mut Manifest<'_, '_>, parent: Node<'_>, key: &str) -> Vec<Value> {
    let items = manifest.items(parent, key);
    items.into_iter().map(|item| manifest.value(item)).collect()
}

/// What an HTTP rule is limited to.
struct Match {
    path: Option<Value>,
    method: Option<Symbol>,
    gateways: Vec<Value>,
}

impl VirtualService<'_, '_> {
    fn read_http(&mut self, manifest: &mut Manifest<'_, '_>, rule: Node<'_>) {
        let mut matches = Vec::new();
        for node in manifest.mappings(rule, "match") {
            let gateways = values(manifest, node, "gateways");
            matches.push(Match {
                path: string_match(manifest, node, "uri"),
                method: string_match(manifest, node, "method")
                    .and_then(|method| Some(Symbol::new(&method.as_literal()?.to_ascii_uppercase()))),
                gateways,
            });
        }
        let conditional = manifest.template.is_conditional(rule.span().start);
        self.cors = cors(manifest, rule, self.object.span);
        let destinations = destinations(manifest, rule);
        for (backend, port) in &destinations {
            if matches.is_empty() {
                self.add_routes(manifest, backend, *port, None, &self.gateways.clone(), conditional);
            }
            for one in &matches {
                let gateways = if one.gateways.is_empty() { self.gateways.clone() } else { one.gateways.clone() };
                self.add_routes(manifest, backend, *port, one.path.as_ref(), &gateways, conditional);
            }
        }
        // A redirect or a delegate forwards nothing itself.
        if destinations.is_empty() {
            return;
        }
        let anchor = destinations.first().map_or(self.object.span, |(backend, _)| backend.span);
        let section = Section::of(rule, anchor);
        let timeout = duration(manifest, section, "timeout");
        let (retries, retry_on) = retries(manifest, section);
        let literal = |value: &Value| value.as_literal();
        let limited = |part: fn(&Match) -> bool| !matches.is_empty() && matches.iter().all(part);
        let paths: Vec<Symbol> = if limited(|one| one.path.is_some()) {
            matches.iter().filter_map(|one| one.path.as_ref().and_then(literal)).collect()
        } else {
            Vec::new()
        };
        let methods = if limited(|one| one.method.is_some()) {
            matches.iter().filter_map(|one| one.method).collect()
        } else {
            Vec::new()
        };
        let own: Vec<Value> = matches.iter().flat_map(|one| one.gateways.iter().cloned()).collect();
        let gateways = if own.is_empty() { self.gateways.clone() } else { own };
        let timeout = if conditional { doubtful(timeout) } else { timeout };
        let retries = if conditional { doubtful(retries) } else { retries };
        for host in &self.hosts {
            let Some(left) = self.left.checked_sub(1) else { return };
            self.left = left;
            manifest.reading.add(Fact::TrafficPolicy(Box::new(TrafficPolicy {
                host: host.clone(),
                namespace: self.object.namespace.clone(),
                paths: paths.clone(),
                methods: methods.clone(),
                gateways: gateways.clone(),
                timeout_ms: timeout.clone(),
                retries: retries.clone(),
                retry_on,
                outlier_detection: Answer::absent(anchor),
                tls_mode: Answer::absent(anchor),
                span: host.span,
            })));
        }
    }

    /// A rule for TLS or TCP: hosts by SNI, no paths, no timeouts.
    fn read_opaque(&mut self, manifest: &mut Manifest<'_, '_>, rule: Node<'_>) {
        let conditional = manifest.template.is_conditional(rule.span().start);
        self.cors = Answer::absent(self.object.span);
        for (backend, port) in destinations(manifest, rule) {
            self.add_routes(manifest, &backend, port, None, &self.gateways.clone(), conditional);
        }
    }

    fn add_routes(
        &mut self,
        manifest: &mut Manifest<'_, '_>,
        backend: &Value,
        port: Symbol,
        path: Option<&Value>,
        gateways: &[Value],
        conditional: bool,
    ) {
        let is_mesh = |gateway: &Value| gateway.as_literal().is_some_and(|name| name == "mesh");
        if gateways.iter().all(is_mesh) {
            return;
        }
        for host in &self.hosts {
            let Some(left) = self.left.checked_sub(1) else {
                manifest.reading.unclear(self.object.span, "routes of one object", "there are too many of them");
                return;
            };
            self.left = left;
            manifest.reading.add(Fact::Route(Box::new(Route {
                kind: RouteKind::IstioGateway,
                name: self.object.name.clone(),
                namespace: self.object.namespace.clone(),
                host: Some(host.clone()).filter(|host| host.as_literal().is_none_or(|name| name != "*")),
                path: path.cloned(),
                backend: backend.clone(),
                backend_namespace: None,
                port,
                gateways: gateways.to_vec(),
                public: Answer::present(true, self.object.span),
                grpc: false,
                cors: self.cors.clone(),
                conditional: self.object.conditional || conditional,
                span: backend.span,
            })));
        }
    }
}

/// `corsPolicy` of a rule; `*`, an empty prefix and an expression for everything are any origin
/// (istio.io, "Virtual Service", CorsPolicy).
fn cors(manifest: &mut Manifest<'_, '_>, rule: Node<'_>, anchor: Span) -> Answer<Cors> {
    let Some(policy) = manifest.mapping(rule, "corsPolicy") else { return Answer::absent(anchor) };
    let mut any = None;
    for origin in manifest.mappings(policy, "allowOrigins") {
        for (kind, all) in [("exact", "*"), ("regex", ".*"), ("prefix", "")] {
            let node = origin.get(kind).filter(|node| manifest.text(*node) == Some(all));
            any = any.or(node.map(text_span));
        }
    }
    for origin in manifest.items(policy, "allowOrigin") {
        any = any.or((manifest.text(origin) == Some("*")).then(|| text_span(origin)));
    }
    let place = policy.own_entries().next().map_or(anchor, |(key, _)| key.span());
    match manifest.flag(Section::of(policy, place), "allowCredentials") {
        Answer::Unknown(reason) => Answer::Unknown(reason),
        Answer::Absent(_) => {
            Answer::present(Cors { any_origin: any.is_some(), credentials: false }, any.unwrap_or(place))
        }
        Answer::Present(credentials, _) => {
            Answer::present(Cors { any_origin: any.is_some(), credentials }, any.unwrap_or(place))
        }
    }
}

fn doubtful<T>(answer: Answer<T>) -> Answer<T> {
    match answer {
        Answer::Present(..) | Answer::Unknown(_) => {
            Answer::unknown("only some condition of the template includes the rule")
        }
        Answer::Absent(evidence) => Answer::Absent(evidence),
    }
}

/// Host and port of a rule's destinations.
fn destinations(manifest: &mut Manifest<'_, '_>, rule: Node<'_>) -> Vec<(Value, Symbol)> {
    let mut found = Vec::new();
    for route in manifest.mappings(rule, "route") {
        let Some(destination) = manifest.mapping(route, "destination") else { continue };
        let Some(host) = manifest.value_at(destination, "host") else { continue };
        let port = manifest.mapping(destination, "port");
        found.push((host, port.map_or(Symbol::new(""), |port| manifest.symbol_at(port, "number"))));
    }
    found
}

/// `{exact: /a}`, `{prefix: /a}`, `{regex: …}`: the text.
fn string_match(manifest: &mut Manifest<'_, '_>, matching: Node<'_>, key: &str) -> Option<Value> {
    let node = manifest.mapping(matching, key)?;
    ["exact", "prefix", "regex"].iter().find_map(|kind| manifest.value_at(node, kind))
}

fn duration(manifest: &mut Manifest<'_, '_>, section: Section<'_>, key: &str) -> Answer<u64> {
    let expected = "a duration such as 500ms or 2s";
    manifest.answer(section, key, expected, |manifest, node| milliseconds(manifest.text(node)?))
}

/// Retries of an HTTP rule, and on what. `attempts` counts those after the first
/// (istio.io/docs/reference, HTTPRetry); a policy without it retries as often as the mesh's
/// default does.
fn retries(manifest: &mut Manifest<'_, '_>, rule: Section<'_>) -> (Answer<Retries>, Symbol) {
    let policy = manifest.section(rule, "retries");
    let retry_on = policy.node.map_or(Symbol::new(""), |node| manifest.symbol_at(node, "retryOn"));
    let attempts = manifest
        .answer(policy, "attempts", "a whole number", |manifest, node| u32::try_from(manifest.number(node)?).ok());
    let per_try_ms = match duration(manifest, policy, "perTryTimeout") {
        Answer::Present(time, _) => Some(time),
        Answer::Absent(_) | Answer::Unknown(_) => None,
    };
    let answer = match attempts {
        Answer::Absent(_) if policy.node.is_some() => {
            Answer::unknown("the retry policy leaves the number of attempts to the mesh")
        }
        attempts => attempts.map(|retries| Retries { retries, per_try_ms }),
    };
    (answer, retry_on)
}

/// Reads a DestinationRule: outlier detection and TLS towards a host.
pub(super) fn read_destination_rule(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let Some(host) = manifest.value_at(spec, "host") else { return };
    let span = host.span;
    let section = manifest.section(Section::of(spec, span), "trafficPolicy");
    let policy = Section { anchor: span, ..section };
    let mut outlier_detection = match manifest.section(policy, "outlierDetection") {
        Section { node: Some(node), anchor, .. } if node.own_entries().next().is_some() => {
            Answer::present(true, anchor)
        }
        Section { closed: Some(reason), .. } => Answer::Unknown(reason),
        Section { .. } => Answer::absent(span),
    };
    let tls = manifest.section(policy, "tls");
    let mut tls_mode = manifest.word(Section { anchor: span, ..tls }, "mode");
    // Where only some subsets or ports have it, it depends on where a call is routed.
    let mut narrower: Vec<Node<'_>> = Vec::new();
    for subset in manifest.mappings(spec, "subsets") {
        narrower.extend(manifest.mapping(subset, "trafficPolicy"));
    }
    if let Some(node) = policy.node {
        narrower.extend(manifest.mappings(node, "portLevelSettings"));
    }
    let partly = |key| narrower.iter().any(|node| node.get(key).is_some_and(|node| !node.is_null()));
    if outlier_detection.is_absent() && partly("outlierDetection") {
        outlier_detection = Answer::unknown("only some subsets or ports of the host have outlier detection");
    }
    if tls_mode.is_absent() && partly("tls") {
        tls_mode = Answer::unknown("only some subsets or ports of the host have a TLS mode");
    }
    manifest.reading.add(Fact::TrafficPolicy(Box::new(TrafficPolicy {
        host,
        namespace: object.namespace.clone(),
        paths: Vec::new(),
        methods: Vec::new(),
        gateways: Vec::new(),
        timeout_ms: Answer::absent(span),
        retries: Answer::absent(span),
        retry_on: Symbol::new(""),
        outlier_detection,
        tls_mode,
        span,
    })));
}

/// Reads a Linkerd ServiceProfile, whose name is the host in full (linkerd.io, "Service
/// Profiles"): one policy for each of its routes.
pub(super) fn read_service_profile(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    for route in manifest.mappings(spec, "routes") {
        let anchor = route.get("name").map_or(object.span, text_span);
        let condition = manifest.mapping(route, "condition");
        let stated = |key| condition.and_then(|condition| manifest.text_at(condition, key)).map(Symbol::new);
        let paths: Vec<_> = stated("pathRegex").into_iter().collect();
        let methods: Vec<_> = stated("method").into_iter().collect();
        let section = Section::of(route, anchor);
        let retries = match manifest.flag(section, "isRetryable") {
            Answer::Present(true, _) => Answer::unknown("Linkerd retries within a budget, not a number of times"),
            Answer::Present(false, evidence) | Answer::Absent(evidence) => Answer::Absent(evidence),
            Answer::Unknown(reason) => Answer::Unknown(reason),
        };
        let timeout_ms = duration(manifest, section, "timeout");
        let span: Span = anchor;
        manifest.reading.add(Fact::TrafficPolicy(Box::new(TrafficPolicy {
            host: object.name.clone(),
            namespace: object.namespace.clone(),
            paths,
            methods,
            gateways: Vec::new(),
            timeout_ms,
            retries,
            retry_on: Symbol::new(""),
            outlier_detection: Answer::absent(anchor),
            tls_mode: Answer::absent(anchor),
            span,
        })));
    }
}
