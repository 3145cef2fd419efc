//! Objects that run pods: from Deployment to custom resources that hold a pod template.

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::value::{Form, Value};
use crate::facts::workload::{Label, Lifetime, Platform, Workload};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::containers;
use super::manifest::{Manifest, Section};
use super::object::{Object, annotations, literal_of};
use super::removals;
use super::security;
use super::upkeep;

/// Reads an object that runs pods; other objects say nothing here.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) {
    let Some((template, lifetime)) = pod_template(manifest, object) else { return };
    let spec = object.spec(manifest);
    let pod_metadata = template.and_then(|template| manifest.mapping(template, "metadata"));
    let missing = Section { node: None, anchor: object.span, closed: None, doubt: None };
    let pod = match template {
        Some(template) => manifest.section(Section::of(template, object.span), "spec"),
        None => missing,
    };
    let pod = Section { anchor: object.span, ..pod };

    let labels = object.labels(manifest);
    let mut all_annotations = object.annotations(manifest);
    let is_pod = template.is_some_and(|template| template.span() == object.node.span());
    let lifetime = if literal_of(&all_annotations, "helm.sh/hook").is_some() { Lifetime::Task } else { lifetime };
    let mut pod_labels = match pod_metadata {
        Some(metadata) => manifest.labels(metadata, "labels"),
        None => Vec::new(),
    };
    if let Some(metadata) = pod_metadata.filter(|_| !is_pod) {
        all_annotations.extend(annotations(manifest, metadata));
    }
    if object.group == "serving.knative.dev" {
        pod_labels.push(knative_label(object));
    }

    let replicas = match spec.filter(|_| !is_pod) {
        Some(spec) => manifest.integer(Section::of(spec, object.span), "replicas"),
        None => Answer::absent(object.span),
    };
    let service_account = service_account(manifest, pod);
    let mut ignored = match template {
        Some(template) => security::ignored_around(manifest, object.node, template),
        None => Vec::new(),
    };
    if let Some(node) = pod.node {
        ignored.extend(security::ignored_in_pod(node));
    }
    let pod_context = manifest.section(pod, "securityContext");
    let pod_security = security::read(manifest, pod_context, security::Level::Pod);
    let operating_system = operating_system(manifest, pod);
    let host_namespaces = host_namespaces(manifest, pod);
    let host_paths = pod.node.map_or_else(Vec::new, |node| upkeep::host_paths(manifest, node));
    let keeps_data = upkeep::keeps_data(manifest, object, pod);
    let grace_seconds = manifest.integer(pod, "terminationGracePeriodSeconds");
    let rollout = if is_pod { Answer::absent(object.span) } else { upkeep::rollout(manifest, object) };
    let mounts_token = manifest.flag(pod, "automountServiceAccountToken");
    let mut read_containers = Vec::new();
    if let Some(node) = pod.node {
        containers::read_all(manifest, node, pod, &mut read_containers, &mut ignored);
    } else if let Some(reason) = pod.closed {
        manifest.reading.unclear(object.span, "containers of a workload", &reason.0);
    }
    manifest.reading.add(Fact::Workload(Box::new(Workload {
        name: object.name.clone(),
        aliases: Vec::new(),
        kind: Symbol::new(object.kind),
        platform: Platform::Kubernetes,
        lifetime,
        namespace: object.namespace.clone(),
        labels,
        pod_labels,
        annotations: all_annotations,
        replicas,
        service_account,
        security: pod_security,
        operating_system,
        host_namespaces,
        host_paths,
        keeps_data,
        grace_seconds,
        rollout,
        mounts_token,
        networks: Vec::new(),
        depends_on: Vec::new(),
        profiles: Vec::new(),
        inherits: None,
        env_files: Vec::new(),
        containers: read_containers,
        ignored_settings: ignored,
        conditional: object.conditional,
        partial: false,
        span: object.span,
    })));
    removals::read(manifest, object, pod.node);
}

/// The mapping that holds a pod's `metadata` and `spec`, and how the pods live. Without the
/// mapping: a patch of something else in the object.
fn pod_template<'t>(manifest: &mut Manifest<'_, '_>, object: &Object<'t>) -> Option<(Option<Node<'t>>, Lifetime)> {
    let lifetime = match (object.group, object.kind) {
        ("" | "apps" | "extensions", "Deployment" | "ReplicaSet" | "ReplicationController")
        | ("apps.openshift.io" | "", "DeploymentConfig")
        | ("argoproj.io", "Rollout")
        | ("serving.knative.dev", "Service") => Lifetime::Replicated,
        ("apps" | "", "StatefulSet") => Lifetime::Stateful,
        ("apps" | "extensions" | "", "DaemonSet") => Lifetime::PerNode,
        ("batch" | "", "Job") => Lifetime::Task,
        ("batch" | "", "CronJob") => {
            return Some((
                Some(manifest.mapping_at(object.node, &["spec", "jobTemplate", "spec", "template"])?),
                Lifetime::Task,
            ));
        }
        ("", "Pod") => {
            let policy = object.spec(manifest).and_then(|spec| manifest.text_at(spec, "restartPolicy"));
            let task = matches!(policy, Some("Never" | "OnFailure"));
            return Some((Some(object.node), if task { Lifetime::Task } else { Lifetime::Replicated }));
        }
        _ => {
            // A custom resource; only one that plainly holds a pod template is a workload.
            let template = object.node.at(&["spec", "template"])?;
            let holds_pods = template.at(&["spec", "containers"]).is_some_and(Node::is_sequence);
            return holds_pods.then_some((Some(template), Lifetime::Replicated));
        }
    };
    let spec = object.spec(manifest)?;
    let template = manifest.mapping(spec, "template");
    if template.is_none() {
        let section = Section::of(spec, object.span);
        let open = manifest.section(section, "template").closed;
        if let Some(reason) = open {
            manifest.reading.unclear(object.span, &format!("pods of a {}", object.kind), &reason.0);
            return None;
        }
    }
    // What states neither pods nor what picks them only changes what does.
    if template.is_none() && (spec.entry("template").is_some() || spec.entry("selector").is_some()) {
        return None;
    }
    Some((template, lifetime))
}

/// Knative puts this label on the pods itself (knative.dev/docs, "Configuring ... labels").
pub(super) fn knative_label(object: &Object<'_>) -> Label {
    Label { key: Symbol::new("serving.knative.dev/service"), value: object.name.clone(), span: object.span }
}

fn service_account(manifest: &mut Manifest<'_, '_>, pod: Section<'_>) -> Answer<Value> {
    let key = match pod.node {
        // `serviceAccount` is the old name of the field, still accepted (v1 API reference).
        Some(node) if node.entry("serviceAccountName").is_none() && node.entry("serviceAccount").is_some() => {
            "serviceAccount"
        }
        Some(_) | None => "serviceAccountName",
    };
    // A computed name is a value like any other, not an unknown answer.
    if let Some((_, node)) = pod.node.and_then(|node| node.entry(key)) {
        let value = manifest.value(node);
        if !matches!(value.form, Form::Literal(_) | Form::Unknown(_)) {
            let span = value.span;
            return Answer::present(value, span);
        }
    }
    manifest.answer(pod, key, "a text", |manifest, node| Some(manifest.value(node)).filter(|_| node.text().is_some()))
}

fn operating_system(manifest: &mut Manifest<'_, '_>, pod: Section<'_>) -> Answer<Symbol> {
    let windows = Symbol::new("windows");
    let sections = ["os", "nodeSelector", "securityContext"].map(|key| manifest.section(pod, key));
    let [os, selector, context] = sections;
    let options = manifest.section(context, "windowsOptions");
    let stated = [
        manifest.word(os, "name"),
        manifest.word(selector, "kubernetes.io/os"),
        manifest.word(selector, "beta.kubernetes.io/os"),
        match manifest.flag(options, "hostProcess") {
            Answer::Present(true, evidence) => Answer::Present(windows, evidence),
            Answer::Present(false, _) | Answer::Absent(_) => Answer::absent(pod.anchor),
            // Whatever it is, only Windows pods may have it.
            Answer::Unknown(reason) => Answer::Unknown(reason),
        },
    ];
    let mut answer = Answer::absent(pod.anchor);
    for one in stated {
        match one {
            Answer::Present(..) => return one,
            Answer::Unknown(_) => answer = one,
            Answer::Absent(_) => {}
        }
    }
    answer
}

fn host_namespaces(manifest: &mut Manifest<'_, '_>, pod: Section<'_>) -> Vec<(Symbol, Span)> {
    let mut shared = Vec::new();
    for (key, name) in [("hostNetwork", "network"), ("hostPID", "pid"), ("hostIPC", "ipc")] {
        match manifest.flag(pod, key) {
            Answer::Present(true, evidence) => {
                if let Some(&span) = evidence.0.first() {
                    shared.push((Symbol::new(name), span));
                }
            }
            Answer::Unknown(reason) if pod.closed.is_none() => {
                manifest.reading.unclear(pod.anchor, &format!("{key} of a workload"), &reason.0);
            }
            Answer::Present(false, _) | Answer::Absent(_) | Answer::Unknown(_) => {}
        }
    }
    shared
}
