//! What does one Kubernetes object say? An API object in, facts about workloads, addresses,
//! ways in, mesh policies and configuration out.
//!
//! Reads plain manifests and templates of charts, whose open places stay open. Objects that
//! state nothing asked for are left alone. Does not know which selector finds which pods, what
//! the chart's values are, nor which overlay changes an object: that is `graph`'s question.

mod config;
mod containers;
mod durations;
mod environment;
mod gateway_api;
mod ingresses;
mod manifest;
mod mesh;
mod network_policies;
mod object;
mod openshift;
mod parts;
mod policies;
pub mod removals;
mod secret_objects;
mod security;
mod selectors;
mod services;
mod template;
mod traefik;
mod upkeep;
mod watching;
mod workloads;

#[cfg(test)]
mod tests;

use rustc_hash::FxHashSet;

use crate::extract::reading::Reading;
use crate::extract::secrets::configured;
use crate::facts::Fact;
use crate::facts::data::{SecretPlace, SecretUse};
use crate::facts::value::Value;
use crate::source::span::Span;
use crate::syntax::template::Masked;
use crate::syntax::tree::Node;

use manifest::Manifest;
use object::Object;
use template::Template;

/// True for a document that states `apiVersion` and `kind` as every API object does.
pub fn claims(document: Node<'_>) -> bool {
    let is_scalar = |key| document.get(key).is_some_and(|node| node.text().is_some());
    is_scalar("apiVersion") && is_scalar("kind")
}

/// Adds what an API object says; a `List` says what its items say. `template`: what was hidden
/// of the file's template actions, where it is a chart's.
pub fn read(reading: &mut Reading<'_>, document: Node<'_>, template: Option<&Masked>) {
    let known = reading.facts.facts.len();
    read_document(reading, document, template);
    // What an alias repeats is still one secret.
    let mut seen = FxHashSet::default();
    let mut added = reading.facts.facts.split_off(known);
    added.retain(|fact| match fact_secret(fact) {
        Some(secret) => seen.insert((secret.span, secret.key)),
        None => true,
    });
    reading.facts.facts.append(&mut added);
}

/// What a document says, taken out of the reading again: for parts of patches. Secrets stay.
pub fn read_apart(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<Fact> {
    let known = reading.facts.facts.len();
    read(reading, document, None);
    let added = reading.facts.facts.split_off(known);
    let (secrets, others): (Vec<Fact>, Vec<Fact>) = added.into_iter().partition(|fact| fact_secret(fact).is_some());
    reading.facts.facts.extend(secrets);
    others
}

/// The value of a variable that a ConfigMap is to hold, as a text of its own.
pub fn config_value(reading: &mut Reading<'_>, key: &str, text: &str, span: Span) -> Value {
    configured(reading, key, text, span, SecretPlace::Manifest)
}

/// The value of a variable that a Secret is to hold; `document` is where it stands.
pub fn secret_value(reading: &mut Reading<'_>, document: Node<'_>, key: &str, text: &str, span: Span) -> Value {
    let template = Template::new(None, document, reading.file.text);
    secret_objects::value_of(&mut Manifest::new(reading, template, document), key, text, span)
}

fn fact_secret(fact: &Fact) -> Option<&SecretUse> {
    if let Fact::Secret(secret) = fact { Some(secret) } else { None }
}

fn read_document(reading: &mut Reading<'_>, document: Node<'_>, template: Option<&Masked>) {
    let template = Template::new(template, document, reading.file.text);
    let mut manifest = Manifest::new(reading, template, document);
    let is_list = document.get("kind").and_then(Node::text).is_some_and(|kind| kind.ends_with("List"));
    if !is_list || !document.get("items").is_some_and(Node::is_sequence) {
        return read_object(&mut manifest, document);
    }
    for item in manifest.mappings(document, "items") {
        read_object(&mut manifest, item);
    }
}

fn read_object(manifest: &mut Manifest<'_, '_>, node: Node<'_>) {
    let Some(object) = Object::new(manifest, node) else { return };
    let known = manifest.reading.facts.facts.len();
    if watching::read(manifest, &object)
        || policies::read(manifest, &object)
        || network_policies::read(manifest, &object)
    {
        // What the values switch off guards and watches nothing. Workloads and ways to them
        // that a chart can install stay: others may speak of them.
        if manifest.template.is_switched_off(object.span.start) {
            manifest.reading.facts.facts.truncate(known);
        }
        return;
    }
    match (object.group, object.kind) {
        ("", "Service") => services::read(manifest, &object),
        ("serving.knative.dev", "Service") => {
            workloads::read(manifest, &object);
            services::read_knative(manifest, &object);
        }
        ("networking.k8s.io" | "extensions", "Ingress") => ingresses::read(manifest, &object),
        ("gateway.networking.k8s.io" | "networking.x-k8s.io", "Gateway") => {
            gateway_api::read_gateway(manifest, &object)
        }
        (
            "gateway.networking.k8s.io" | "networking.x-k8s.io",
            "HTTPRoute" | "GRPCRoute" | "TLSRoute" | "TCPRoute" | "UDPRoute",
        ) => gateway_api::read_route(manifest, &object),
        ("route.openshift.io" | "", "Route") => openshift::read(manifest, &object),
        ("traefik.io" | "traefik.containo.us", "IngressRoute" | "IngressRouteTCP") => traefik::read(manifest, &object),
        ("networking.istio.io", "Gateway") => mesh::read_gateway(manifest, &object),
        ("networking.istio.io", "VirtualService") => mesh::read_virtual_service(manifest, &object),
        ("networking.istio.io", "DestinationRule") => mesh::read_destination_rule(manifest, &object),
        ("linkerd.io", "ServiceProfile") => mesh::read_service_profile(manifest, &object),
        ("", "ConfigMap") => config::read(manifest, &object),
        ("", "Secret") => secret_objects::read(manifest, &object),
        ("bitnami.com", "SealedSecret") => secret_objects::read_sealed(manifest, &object),
        ("external-secrets.io" | "kubernetes-client.io", "ExternalSecret") => {
            secret_objects::read_external(manifest, &object);
        }
        _ => workloads::read(manifest, &object),
    }
}
