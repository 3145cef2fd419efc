//! Ingresses: ways in by host and path.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Cors, Route, RouteKind};
use crate::facts::value::Value;
use crate::facts::workload::Label;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, Section};
use super::object::{Object, literal_of};

/// Annotations that keep an ingress inside the owner's network, by controller: AWS Load
/// Balancer Controller ("Ingress annotations"), Azure AGIC ("Annotations"); 2026-11.
const INTERNAL: &[(&str, &str)] =
    &[("alb.ingress.kubernetes.io/scheme", "internal"), ("appgw.ingress.kubernetes.io/use-private-ip", "true")];

/// Annotations that name the protocol of the backend.
const BACKEND_PROTOCOL: &[&str] = &[
    "nginx.ingress.kubernetes.io/backend-protocol",
    "alb.ingress.kubernetes.io/backend-protocol-version",
    "haproxy.org/server-proto",
    "traefik.ingress.kubernetes.io/service.serversscheme",
];

/// Reads an Ingress of any version: `networking.k8s.io/v1` and the older ones, whose backend
/// is `serviceName` and `servicePort`.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let annotations = object.annotations(manifest);
    let public = public(manifest, object, spec, &annotations);
    let grpc = BACKEND_PROTOCOL.iter().any(|key| {
        literal_of(&annotations, key)
            .is_some_and(|(text, _)| matches!(&*text.to_ascii_lowercase(), "grpc" | "grpcs" | "h2c"))
    });
    let ingress = Ingress { object, public, grpc, cors: cors(object, &annotations) };
    for key in ["defaultBackend", "backend"] {
        if let Some(backend) = manifest.mapping(spec, key) {
            ingress.add(manifest, backend, None, None);
        }
    }
    for rule in manifest.mappings(spec, "rules") {
        let host = manifest.value_at(rule, "host").filter(|host| host.as_literal().is_none_or(|text| !text.is_empty()));
        let Some(http) = manifest.mapping(rule, "http") else { continue };
        for path in manifest.mappings(http, "paths") {
            let Some(backend) = manifest.mapping(path, "backend") else { continue };
            let path = manifest.value_at(path, "path");
            ingress.add(manifest, backend, host.clone(), path);
        }
    }
    let open = manifest.gap(spec).or_else(|| spec.get("rules").and_then(|rules| manifest.gap(rules)));
    if let Some(reason) = open {
        manifest.reading.unclear(object.span, "rules of an Ingress", &reason.0);
    }
}

/// What ingress-nginx is told of other sites' pages: switched on, it lets any origin in, with
/// credentials, unless it is told otherwise (kubernetes.github.io/ingress-nginx, "Annotations",
/// section "Enable CORS"; 2026-11).
fn cors(object: &Object<'_>, annotations: &[Label]) -> Answer<Cors> {
    const PREFIX: &str = "nginx.ingress.kubernetes.io/";
    let stated = |key: &str| {
        let key = format!("{PREFIX}{key}");
        annotations.iter().rev().find(|label| label.key == *key).map(|label| &label.value)
    };
    let Some(enabled) = stated("enable-cors") else { return Answer::absent(object.span) };
    let origin = stated("cors-allow-origin");
    let credentials = stated("cors-allow-credentials");
    let all = [Some(enabled), origin, credentials].into_iter().flatten();
    if all.clone().any(|value| value.as_literal().is_none()) {
        return Answer::unknown("a template decides which origins are let in");
    }
    if enabled.as_literal().is_none_or(|text| text != "true") {
        return Answer::absent(enabled.span);
    }
    let is = |value: Option<&Value>, text: &str| value.and_then(Value::as_literal).is_none_or(|own| own == text);
    let cors = Cors { any_origin: is(origin, "*"), credentials: is(credentials, "true") };
    Answer::present(cors, origin.unwrap_or(enabled).span)
}

struct Ingress<'o, 't> {
    object: &'o Object<'t>,
    public: Answer<bool>,
    grpc: bool,
    cors: Answer<Cors>,
}

impl Ingress<'_, '_> {
    fn add(&self, manifest: &mut Manifest<'_, '_>, backend: Node<'_>, host: Option<Value>, path: Option<Value>) {
        let service = manifest.mapping(backend, "service");
        let (name_node, key) = match service {
            Some(service) => (service, "name"),
            None => (backend, "serviceName"),
        };
        // A backend that is a `resource` leads to a bucket or the like, not to a service.
        let Some(name) = manifest.value_at(name_node, key) else { return };
        let port = match service.and_then(|service| manifest.mapping(service, "port")) {
            Some(port) if port.get("number").is_some() => manifest.symbol_at(port, "number"),
            Some(port) => manifest.symbol_at(port, "name"),
            None => manifest.symbol_at(backend, "servicePort"),
        };
        let span = name.span;
        let conditional = self.object.conditional || manifest.template.is_conditional(span.start);
        manifest.reading.add(Fact::Route(Box::new(Route {
            kind: RouteKind::Ingress,
            name: self.object.name.clone(),
            namespace: self.object.namespace.clone(),
            host,
            path,
            backend: name,
            backend_namespace: None,
            port,
            gateways: Vec::new(),
            public: self.public.clone(),
            grpc: self.grpc,
            cors: self.cors.clone(),
            conditional,
            span,
        })));
    }
}

fn public(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, spec: Node<'_>, annotations: &[Label]) -> Answer<bool> {
    for (key, value) in INTERNAL {
        match annotations.iter().rev().find(|label| label.key == *key).map(|label| &label.value) {
            Some(stated) if stated.as_literal().is_none() => {
                return Answer::unknown("a template decides whether the load balancer is internal");
            }
            Some(stated) if stated.as_literal().is_some_and(|text| text == *value) => {
                return Answer::absent(stated.span);
            }
            Some(_) | None => {}
        }
    }
    let class = manifest.value_at(spec, "ingressClassName");
    let class = class.or_else(|| {
        let named = annotations.iter().rev().find(|label| label.key == "kubernetes.io/ingress.class");
        named.map(|label| label.value.clone())
    });
    if let Some(class) = class {
        match class.as_literal() {
            None => return Answer::unknown("a template decides the ingress class, which may be an internal one"),
            Some(name) if is_internal(&name) => return Answer::absent(class.span),
            // The AWS controller makes internal load balancers unless it is told otherwise.
            Some(name) if name == "alb" && literal_of(annotations, "alb.ingress.kubernetes.io/scheme").is_none() => {
                return Answer::unknown("the parameters of the ingress class decide whether it is internal");
            }
            Some(_) => {}
        }
    }
    // Annotations that are not seen may still make it internal.
    let metadata = Section { node: object.node.get("metadata"), ..Section::of(object.node, object.span) };
    let shown = manifest.section(metadata, "annotations");
    match shown.closed.or_else(|| shown.node.and_then(|node| manifest.gap(node))) {
        Some(reason) => Answer::Unknown(reason),
        None => Answer::present(true, object.span),
    }
}

/// True for classes whose name says that they are not for the world: `nginx-internal`.
pub(super) fn is_internal(class: &str) -> bool {
    let lower = class.to_ascii_lowercase();
    ["internal", "private", "intranet"].iter().any(|word| lower.contains(word))
}
