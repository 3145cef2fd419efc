//! Whether traffic to a workload is encrypted by a mesh.

use std::collections::BTreeMap;

use super::Estate;
use super::vocabulary::Datum;
use super::workloads::said_by;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::policy::{Namespace, Policy, Says, Subjects};
use crate::facts::workload::{Label, Workload};
use crate::graph::model::WorkloadVariant;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What a mesh does for one workload.
pub struct Mesh {
    /// `istio`, `linkerd`; absent where nothing puts it into one.
    pub name: Answer<Datum>,
    /// Present where peers must, or always do, speak mutual TLS.
    pub mutual_tls: Answer<Datum>,
    /// Why not, in words.
    pub reason: String,
}

/// Labels and annotations that put pods into a mesh, with the values that do
/// (istio.io, "Installing the Sidecar" and "Ambient mode"; linkerd.io, "Automatic Proxy
/// Injection"; 2026-11).
const INJECTION: &[(&str, &[&str], &str)] = &[
    ("istio-injection", &["enabled"], "istio"),
    ("istio.io/dataplane-mode", &["ambient"], "istio"),
    ("sidecar.istio.io/inject", &["true"], "istio"),
    ("linkerd.io/inject", &["enabled", "ingress"], "linkerd"),
];
/// Names the revision of Istio that is injected, whatever it is called.
const REVISION: &str = "istio.io/rev";

/// What is known of one variant.
pub fn of(estate: &Estate<'_>, namespaces: &Namespaces<'_>, variant: &WorkloadVariant, top: &Workload) -> Mesh {
    let name = member_of(namespaces, variant, top);
    let mode = peer_mode(estate, variant);
    let strict = match &mode {
        Answer::Present(mode, evidence) if *mode != "STRICT" => Answer::Absent(evidence.clone()),
        mode => mode.clone(),
    };
    let (mutual_tls, reason) = match (&strict, &name) {
        (Answer::Present(mode, evidence), _) => (Answer::Present(Datum::Text(*mode), evidence.clone()), String::new()),
        (Answer::Unknown(reason), _) => (Answer::Unknown(*reason), String::new()),
        (Answer::Absent(_), Answer::Present((mesh, _), evidence)) if *mesh == "linkerd" => {
            (Answer::Present(Datum::Text(*mesh), evidence.clone()), String::new())
        }
        (Answer::Absent(_), Answer::Unknown(reason)) => (Answer::Unknown(*reason), String::new()),
        (Answer::Absent(_), _) if encrypts_itself(top) => {
            (Answer::unknown("its ports look as if the application encrypted by itself"), String::new())
        }
        (Answer::Absent(evidence), Answer::Present((mesh, _), _)) => {
            let stated = mode.value().map_or("PERMISSIVE by default", |mode| mode.as_str());
            (Answer::Absent(evidence.clone()), format!("{mesh} is {stated}"))
        }
        (Answer::Absent(evidence), Answer::Absent(_)) => {
            (Answer::Absent(evidence.clone()), "it is in no mesh".to_owned())
        }
    };
    Mesh { name: name.map(|(mesh, _)| Datum::Text(mesh)), mutual_tls, reason }
}

/// The mode that peers must keep to: the narrowest policy wins, of the workload, of its
/// namespace, of the mesh; one without a mode leaves it to the next (istio.io,
/// "PeerAuthentication").
fn peer_mode(estate: &Estate<'_>, variant: &WorkloadVariant) -> Answer<Symbol> {
    let width = |policy: &Policy| match &policy.subjects {
        Subjects::Selected(selector) if selector.labels.is_empty() && selector.expressions.is_empty() => 1,
        Subjects::Selected(_) => 0,
        Subjects::SelectedAnywhere(_) | Subjects::Named { .. } => 2,
    };
    let mut answer = Answer::absent(variant.span);
    for wanted in 0..3 {
        let of_width = said_by(estate, &variant.concerns, variant.span, |policy| {
            let Says::PeerTls { mode, .. } = &policy.says else { return None };
            mode.value().copied().filter(|mode| *mode != "UNSET" && width(policy) == wanted)
        });
        if !of_width.is_absent() {
            answer = of_width;
            break;
        }
    }
    answer
}

fn member_of(namespaces: &Namespaces<'_>, variant: &WorkloadVariant, top: &Workload) -> Answer<(Symbol, Span)> {
    let own = top.pod_labels.iter().chain(&top.annotations);
    if let Some(answer) = stated(own) {
        return answer;
    }
    for namespace in namespaces.of(variant) {
        if let Some(answer) = stated(namespace.labels.iter().chain(&namespace.annotations)) {
            return answer;
        }
    }
    Answer::absent(variant.span)
}

/// The namespace objects of the estate.
#[derive(Debug, Default)]
pub struct Namespaces<'a> {
    by_name: BTreeMap<Symbol, Vec<&'a Namespace>>,
}

impl<'a> Namespaces<'a> {
    /// All whose name is known.
    pub fn new(estate: &Estate<'a>) -> Self {
        let mut by_name: BTreeMap<Symbol, Vec<&Namespace>> = BTreeMap::new();
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            if let Fact::Namespace(namespace) = fact
                && let Some(name) = namespace.name.as_literal()
            {
                by_name.entry(name).or_default().push(namespace);
            }
        }
        Self { by_name }
    }

    /// Those that a workload may lie in: that of its name; the only one where it states none.
    fn of(&self, variant: &WorkloadVariant) -> &[&'a Namespace] {
        let found = match variant.namespace {
            Some(name) => self.by_name.get(&name),
            None if self.by_name.len() == 1 => self.by_name.values().next(),
            None => None,
        };
        found.map_or(&[], Vec::as_slice)
    }
}

/// What labels say of injection; a value of a template is unknown.
fn stated<'l>(labels: impl Iterator<Item = &'l Label>) -> Option<Answer<(Symbol, Span)>> {
    let mut answer = None;
    for label in labels {
        if label.key == REVISION {
            return Some(Answer::present((Symbol::new("istio"), label.span), label.span));
        }
        let Some((_, values, mesh)) = INJECTION.iter().find(|(key, _, _)| label.key == *key) else { continue };
        match label.value.as_literal() {
            Some(value) if values.contains(&value.as_str()) => {
                return Some(Answer::present((Symbol::new(mesh), label.span), label.span));
            }
            Some(_) => answer = Some(Answer::absent(label.span)),
            None => answer = Some(Answer::unknown("a template decides whether it is in the mesh")),
        }
    }
    answer
}

/// True where a port says that what is spoken on it is encrypted.
fn encrypts_itself(top: &Workload) -> bool {
    let mut ports = top.containers.iter().flat_map(|container| &container.ports);
    ports.any(|port| {
        matches!(port.container_port, Some(443 | 8443 | 9443))
            || port.name.contains("https")
            || port.name.contains("tls")
    })
}
