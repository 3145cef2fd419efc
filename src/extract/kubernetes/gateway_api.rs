//! The Gateway API: gateways and the routes that hang on them.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Gateway, Route, RouteKind};
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::ingresses::is_internal;
use super::manifest::{Manifest, Section, text_span};
use super::object::Object;
use super::services::internal_annotation;

/// Hosts times paths times backends of one object that are kept. An honest route has a few
/// dozen; the API server takes at most 16 rules of 64 matches and 16 hosts.
const ROUTE_LIMIT: usize = 2_048;

/// Gateway classes that are internal without saying it in words (Google Kubernetes Engine,
/// "GatewayClass capabilities"; 2026-11).
const INTERNAL_CLASSES: &[&str] = &["gke-l7-rilb", "gke-l7-rilb-mc", "gke-l7-cross-regional-internal-managed-mc"];

/// Reads a Gateway.
pub(super) fn read_gateway(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let mut annotations = object.annotations(manifest);
    if let Some(infrastructure) = manifest.mapping(spec, "infrastructure") {
        annotations.extend(manifest.labels(infrastructure, "annotations"));
    }
    let class = manifest.word(Section::of(spec, object.span), "gatewayClassName");
    let public = match (internal_annotation(&annotations), class) {
        (Some(span), _) => Answer::absent(span),
        (None, Answer::Present(class, evidence))
            if is_internal(&class) || INTERNAL_CLASSES.contains(&class.as_str()) =>
        {
            Answer::Absent(evidence)
        }
        (None, Answer::Present(..) | Answer::Absent(_)) => Answer::present(true, object.span),
        (None, Answer::Unknown(reason)) => Answer::Unknown(reason),
    };
    manifest.reading.add(Fact::Gateway(Box::new(Gateway {
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        public,
        span: object.span,
    })));
}

/// Reads an HTTPRoute, GRPCRoute, TLSRoute, TCPRoute or UDPRoute: one route for each host,
/// match and backend.
pub(super) fn read_route(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let gateways = gateways(manifest, spec);
    let mut hosts = Vec::new();
    for node in manifest.items(spec, "hostnames") {
        hosts.push(Some(manifest.value(node)));
    }
    if hosts.is_empty() {
        hosts.push(None);
    }
    // A route that hangs on Services only shapes traffic inside (GAMMA).
    let inside =
        !gateways.is_empty() && gateways.iter().all(|gateway| gateway.as_literal().is_some_and(|name| name == "mesh"));
    let public = if inside { Answer::absent(object.span) } else { Answer::present(true, object.span) };
    let mut left = ROUTE_LIMIT;
    for rule in manifest.mappings(spec, "rules") {
        let mut paths = Vec::new();
        for node in manifest.mappings(rule, "matches") {
            paths.push(path_of(manifest, node));
        }
        if paths.is_empty() {
            paths.push(None);
        }
        for reference in manifest.mappings(rule, "backendRefs") {
            if manifest.text_at(reference, "kind").is_some_and(|kind| kind != "Service") {
                continue;
            }
            let Some(backend) = manifest.value_at(reference, "name") else { continue };
            let backend_namespace = manifest.value_at(reference, "namespace");
            let port = manifest.symbol_at(reference, "port");
            for host in &hosts {
                for path in &paths {
                    let Some(rest) = left.checked_sub(1) else {
                        manifest.reading.unclear(object.span, "routes of one object", "there are too many of them");
                        return;
                    };
                    left = rest;
                    manifest.reading.add(Fact::Route(Box::new(Route {
                        kind: RouteKind::GatewayRoute,
                        name: object.name.clone(),
                        namespace: object.namespace.clone(),
                        host: host.clone(),
                        path: path.clone(),
                        backend: backend.clone(),
                        backend_namespace: backend_namespace.clone(),
                        port,
                        gateways: gateways.clone(),
                        public: public.clone(),
                        grpc: object.kind == "GRPCRoute",
                        cors: Answer::absent(object.span),
                        conditional: object.conditional || manifest.template.is_conditional(backend.span.start),
                        span: backend.span,
                    })));
                }
            }
        }
    }
    if let Some(reason) = manifest.gap(spec).or_else(|| spec.get("rules").and_then(|rules| manifest.gap(rules))) {
        manifest.reading.unclear(object.span, &format!("rules of a {}", object.kind), &reason.0);
    }
}

/// The gateways of `parentRefs`; a Service as parent is traffic inside, spelled `mesh`.
fn gateways(manifest: &mut Manifest<'_, '_>, spec: Node<'_>) -> Vec<Value> {
    let mut gateways = Vec::new();
    for reference in manifest.mappings(spec, "parentRefs") {
        let Some(name) = manifest.value_at(reference, "name") else { continue };
        let kind = manifest.text_at(reference, "kind");
        gateways.push(match kind {
            Some("Service" | "ServiceEntry") => Value::literal("mesh", name.span),
            Some(_) | None => with_namespace(manifest.value_at(reference, "namespace"), name),
        });
    }
    gateways
}

/// `namespace/name`
pub(super) fn with_namespace(namespace: Option<Value>, name: Value) -> Value {
    let Some(namespace) = namespace else { return name };
    let span = name.span;
    match (namespace.as_literal(), name.as_literal()) {
        (Some(namespace), Some(name)) => Value::literal(&format!("{namespace}/{name}"), span),
        _ => Value { form: Form::Concat(vec![namespace, Value::literal("/", span), name]), span },
    }
}

/// The path that a match is limited to: `/api`, for gRPC `/shop.Orders/Place`.
fn path_of(manifest: &mut Manifest<'_, '_>, matching: Node<'_>) -> Option<Value> {
    if let Some(path) = manifest.mapping(matching, "path") {
        return manifest.value_at(path, "value");
    }
    let method = matching.get("method").filter(|method| method.is_mapping())?;
    let service = method.get("service")?;
    let name = manifest.text(service)?;
    let span: Span = text_span(service);
    let path = match manifest.text_at(method, "method") {
        Some(method) => format!("/{name}/{method}"),
        None => format!("/{name}/"),
    };
    Some(Value { form: Form::Literal(Symbol::new(&path)), span })
}
