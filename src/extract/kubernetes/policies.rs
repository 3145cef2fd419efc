//! Objects that concern workloads from outside: autoscalers, disruption budgets, mesh
//! policies, namespaces, service accounts.

use crate::facts::Fact;
use crate::facts::policy::{Account, MeshPart, Namespace, Policy, Says, Selector, Subjects};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, Section};
use super::object::Object;
use super::selectors;

/// The namespace whose mesh policies hold for all (istio.io, `rootNamespace` of MeshConfig).
const MESH_ROOT: &str = "istio-system";

/// Reads one of them; false for an object of another kind.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) -> bool {
    match (object.group, object.kind) {
        ("autoscaling", "HorizontalPodAutoscaler") => scaler(manifest, object, "minReplicas"),
        ("keda.sh", "ScaledObject") => scaler(manifest, object, "minReplicaCount"),
        ("policy", "PodDisruptionBudget") => disruption(manifest, object),
        ("", "LimitRange") => defaults(manifest, object),
        ("", "Namespace") => namespace(manifest, object),
        ("", "ServiceAccount") => account(manifest, object),
        ("security.istio.io", "PeerAuthentication") => peer_tls(manifest, object),
        ("security.istio.io", "AuthorizationPolicy") => {
            let Some(selector) = spec_selector(manifest, object, "selector") else { return true };
            add(manifest, object, mesh_subjects(object, selector), Says::Authorization);
        }
        ("policy.linkerd.io", "Server") => {
            let Some(selector) = spec_selector(manifest, object, "podSelector") else { return true };
            add(manifest, object, Subjects::Selected(selector), Says::Authorization);
        }
        ("flagger.app", "Canary") => {
            if let Some(subjects) = named(manifest, object, "targetRef") {
                add(manifest, object, subjects, Says::Canary);
            }
        }
        ("install.istio.io", "IstioOperator") | ("sailoperator.io", "Istio") => {
            mesh_part(manifest, object, None);
        }
        ("telemetry.istio.io", "Telemetry") => mesh_part(manifest, object, Some("telemetry")),
        _ => return false,
    }
    true
}

fn mesh_part(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, used_for: Option<&str>) {
    let part = MeshPart { mesh: Symbol::new("istio"), used_for: used_for.map(Symbol::new), span: object.span };
    manifest.reading.add(Fact::MeshPart(Box::new(part)));
}

/// Adds a policy of an object.
pub(super) fn add(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, subjects: Subjects, says: Says) {
    manifest.reading.add(Fact::Policy(Box::new(Policy {
        kind: Symbol::new(object.kind),
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        subjects,
        says,
        conditional: object.conditional,
        span: object.span,
    })));
}

fn named(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, key: &str) -> Option<Subjects> {
    let spec = object.spec(manifest)?;
    let target = manifest.mapping(spec, key)?;
    Some(Subjects::Named { kind: manifest.symbol_at(target, "kind"), name: manifest.value_at(target, "name")? })
}

fn scaler(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, key: &str) {
    let Some(subjects) = named(manifest, object, "scaleTargetRef") else { return };
    let Some(spec) = object.spec(manifest) else { return };
    let min = manifest.integer(Section::of(spec, object.span), key);
    add(manifest, object, subjects, Says::Scaling { min });
}

fn spec_selector(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, key: &str) -> Option<Selector> {
    match object.node.get("spec") {
        // Without a spec it is what it would be with an empty one.
        None => Some(Selector::default()),
        Some(node) if node.is_null() => Some(Selector::default()),
        Some(_) => object.spec(manifest).map(|spec| selectors::read(manifest, spec, key)),
    }
}

fn disruption(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    let selector = selectors::read(manifest, spec, "selector");
    let section = Section::of(spec, object.span);
    let says = Says::Disruption {
        min_available: manifest.word(section, "minAvailable"),
        max_unavailable: manifest.word(section, "maxUnavailable"),
    };
    add(manifest, object, Subjects::Selected(selector), says);
}

/// A selector of Istio, which holds in its namespace, or everywhere in the root namespace.
fn mesh_subjects(object: &Object<'_>, selector: Selector) -> Subjects {
    let root = object.namespace.as_ref().and_then(|namespace| namespace.as_literal()).is_some_and(|it| it == MESH_ROOT);
    if root { Subjects::SelectedAnywhere(selector) } else { Subjects::Selected(selector) }
}

fn peer_tls(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(selector) = spec_selector(manifest, object, "selector") else { return };
    let spec = object.spec(manifest);
    let section = Section { node: spec, ..Section::of(object.node, object.span) };
    let tls = manifest.section(section, "mtls");
    let mode = manifest.word(tls, "mode");
    let mut ports = Vec::new();
    if let Some(spec) = spec {
        for (port, settings) in manifest.entries_of(spec, "portLevelMtls") {
            ports.push((Symbol::new(port.raw().unwrap_or_default()), manifest.symbol_at(settings, "mode")));
        }
    }
    add(manifest, object, mesh_subjects(object, selector), Says::PeerTls { mode, ports });
}

/// Only what a LimitRange says of containers; pods and volumes have entries of their own.
fn defaults(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some(spec) = object.spec(manifest) else { return };
    for limit in manifest.mappings(spec, "limits") {
        if manifest.text_at(limit, "type") != Some("Container") {
            continue;
        }
        let states = |mapping: &str, resource: &str| {
            limit.at(&[mapping, resource]).is_some_and(|node: Node<'_>| !node.is_null())
        };
        // A default limit is the default request where no other is stated.
        let request = |resource: &str| states("defaultRequest", resource) || states("default", resource);
        let says = Says::Defaults {
            cpu_request: request("cpu"),
            memory_request: request("memory"),
            memory_limit: states("default", "memory"),
        };
        add(manifest, object, Subjects::Selected(Selector::default()), says);
    }
}

fn namespace(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let (labels, annotations) = (object.labels(manifest), object.annotations(manifest));
    manifest.reading.add(Fact::Namespace(Box::new(Namespace {
        name: object.name.clone(),
        labels,
        annotations,
        span: object.span,
    })));
}

fn account(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let annotations = object.annotations(manifest);
    let mounts_token = manifest.flag(Section::of(object.node, object.span), "automountServiceAccountToken");
    manifest.reading.add(Fact::Account(Box::new(Account {
        name: object.name.clone(),
        namespace: object.namespace.clone(),
        annotations,
        mounts_token,
        span: object.span,
    })));
}
