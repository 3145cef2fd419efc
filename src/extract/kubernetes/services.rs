//! Services: the host names that lead to pods, and how far they reach.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::network::{Address, AddressPort, Reach, Route, RouteKind};
use crate::facts::workload::Label;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, place, text_span};
use super::object::{Object, literal_of};
use super::workloads::knative_label;

/// Annotations that keep a load balancer inside the owner's network, with the values that do
/// (empty: any), as kubernetes.io/docs/concepts/services-networking/service (section
/// "Internal load balancer") and the providers' own pages list them; 2026-11.
const INTERNAL: &[(&str, &[&str])] = &[
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &["true", "0.0.0.0/0"]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("networking.gke.io/load-balancer-type", &["Internal", "internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("service.beta.kubernetes.io/cce-load-balancer-internal-vpc", &["true"]),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", &["intranet"]),
    ("service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", &["private"]),
    ("service.kubernetes.io/qcloud-loadbalancer-internal-subnetid", &[]),
];

/// Reads a Service of the core group.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let annotations = object.annotations(manifest);
    let (reach, only_sometimes) = reach(manifest, object, spec, &annotations);
    let labels = object.labels(manifest);
    let selector = manifest.labels(spec, "selector");
    let external_name = manifest.value_at(spec, "externalName");
    let ports = ports(manifest, spec);
    manifest.reading.add(Fact::Address(Box::new(Address {
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        selector,
        labels,
        reach,
        external_name,
        ports,
        conditional: object.conditional || only_sometimes,
        span: object.span,
    })));
}

/// The literal annotation that keeps a load balancer internal.
pub(super) fn internal_annotation(annotations: &[Label]) -> Option<Span> {
    INTERNAL.iter().find_map(|(key, values)| {
        let (text, span) = literal_of(annotations, key)?;
        (values.is_empty() || values.contains(&text.as_str())).then_some(span)
    })
}

/// How far the Service reaches, and whether only one branch of a template says so. Where
/// branches differ, the widest counts.
fn reach(manifest: &Manifest<'_, '_>, object: &Object<'_>, spec: Node<'_>, annotations: &[Label]) -> (Reach, bool) {
    let types: Vec<_> =
        spec.own_entries().filter(|(key, _)| key.raw() == Some("type")).map(|(_, value)| value).collect();
    let types = if types.is_empty() { spec.get("type").into_iter().collect() } else { types };
    let internal = internal_annotation(annotations);
    let mut widest: Option<Reach> = None;
    let mut branches = 0;
    let mut inside = 0;
    for node in &types {
        let span = text_span(*node);
        let one = match manifest.text(*node) {
            Some("LoadBalancer") => internal.map_or(Reach::LoadBalancer(span), Reach::InternalLoadBalancer),
            Some("NodePort") => Reach::NodePort(span),
            Some(_) => Reach::Inside,
            None if node.is_null() => Reach::Inside,
            None => Reach::Unknown(span),
        };
        branches += usize::from(manifest.template.is_conditional_within(node.span().start, object.span.start));
        inside += usize::from(one == Reach::Inside);
        if widest.as_ref().is_none_or(|known| width(&one) > width(known)) {
            widest = Some(one);
        }
    }
    let Some(widest) = widest else {
        let open = manifest.gap(spec).is_some();
        return (if open { Reach::Unknown(object.span) } else { Reach::Inside }, false);
    };
    // One branch without an `else` leaves the default, which is inside.
    let sometimes = widest != Reach::Inside && branches > 0 && (branches == 1 || inside > 0);
    (widest, sometimes)
}

fn width(reach: &Reach) -> u8 {
    match reach {
        Reach::Inside => 0,
        Reach::Unknown(_) => 1,
        Reach::InternalLoadBalancer(_) => 2,
        Reach::NodePort(_) => 3,
        Reach::LoadBalancer(_) => 4,
    }
}

fn ports(manifest: &mut Manifest<'_, '_>, spec: Node<'_>) -> Vec<AddressPort> {
    let mut ports = Vec::new();
    for node in manifest.mappings(spec, "ports") {
        let number = node.get("port");
        ports.push(AddressPort {
            name: manifest.symbol_at(node, "name"),
            port: number.and_then(|number| manifest.port(number)),
            target: manifest.symbol_at(node, "targetPort"),
            protocol: manifest.symbol_at(node, "appProtocol"),
            span: number.map_or(place(node), text_span),
        });
    }
    ports
}

/// A Knative Service is an address of its name and, unless labelled as local to the cluster,
/// a way in (knative.dev/docs, "Private services").
pub(super) fn read_knative(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let labels = object.labels(manifest);
    let local = literal_of(&labels, "networking.knative.dev/visibility")
        .or_else(|| literal_of(&labels, "serving.knative.dev/visibility"))
        .filter(|(text, _)| text == "cluster-local");
    manifest.reading.add(Fact::Address(Box::new(Address {
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        selector: vec![knative_label(object)],
        labels,
        reach: Reach::Inside,
        external_name: None,
        ports: Vec::new(),
        conditional: object.conditional,
        span: object.span,
    })));
    manifest.reading.add(Fact::Route(Box::new(Route {
        kind: RouteKind::GatewayRoute,
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        host: None,
        path: None,
        backend: object.name.clone(),
        backend_namespace: None,
        port: Symbol::new(""),
        gateways: Vec::new(),
        public: local.map_or_else(|| Answer::present(true, object.span), |(_, span)| Answer::absent(span)),
        grpc: false,
        cors: Answer::absent(object.span),
        conditional: object.conditional,
        span: object.span,
    })));
}
