//! What a strategic merge patch takes out of a workload: nulls and `$patch: delete`.

use crate::facts::Fact;
use crate::facts::overlay::{Change, ContainerAt, Part, PatchTarget, TargetedChange};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::Manifest;
use super::object::Object;

/// What can be taken out of a container, by its path in it.
const OF_CONTAINERS: &[(&[&str], Part)] = &[
    (&["securityContext"], Part::Security),
    (&["securityContext", "runAsUser"], Part::User),
    (&["securityContext", "runAsNonRoot"], Part::NonRoot),
    (&["securityContext", "privileged"], Part::Privileged),
    (&["securityContext", "capabilities"], Part::Capabilities),
    (&["securityContext", "allowPrivilegeEscalation"], Part::Escalation),
    (&["securityContext", "readOnlyRootFilesystem"], Part::ReadOnly),
    (&["securityContext", "seccompProfile"], Part::Seccomp),
    (&["resources"], Part::Resources),
    (&["resources", "limits"], Part::Limits),
    (&["resources", "limits", "cpu"], Part::CpuLimit),
    (&["resources", "limits", "memory"], Part::MemoryLimit),
    (&["resources", "requests"], Part::Requests),
    (&["readinessProbe"], Part::Readiness),
    (&["livenessProbe"], Part::Liveness),
    (&["lifecycle"], Part::PreStop),
    (&["command"], Part::Command),
    (&["args"], Part::Arguments),
    (&["env"], Part::Env),
    (&["envFrom"], Part::EnvFrom),
];

/// What can be taken out of a pod, by its path in its `spec`.
const OF_PODS: &[(&[&str], Part)] = &[
    (&["securityContext"], Part::Security),
    (&["securityContext", "runAsUser"], Part::User),
    (&["securityContext", "runAsNonRoot"], Part::NonRoot),
    (&["securityContext", "seccompProfile"], Part::Seccomp),
];

/// Switches of a pod that open namespaces of its host.
const HOST_SWITCHES: &[(&str, &str)] = &[("hostNetwork", "network"), ("hostPID", "pid"), ("hostIPC", "ipc")];

/// The part of a container at `path`, such as `resources`, `limits`.
pub fn part_of_container(path: &[&str]) -> Option<Part> {
    if path.is_empty() {
        return Some(Part::Container);
    }
    OF_CONTAINERS.iter().find(|(known, _)| *known == path).map(|(_, part)| *part)
}

/// The part of a pod at `path` of its `spec`.
pub fn part_of_pod(path: &[&str]) -> Option<Part> {
    let switch = HOST_SWITCHES.iter().find(|(name, _)| path == [*name].as_slice());
    let switch = switch.map(|(_, space)| Part::HostNamespace(Symbol::new(space)));
    switch.or_else(|| OF_PODS.iter().find(|(known, _)| *known == path).map(|(_, part)| *part))
}

/// Notes what the object takes out of the one that it changes.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, pod: Option<Node<'_>>) {
    let text = manifest.reading.text_of(object.node.span());
    if !text.contains("null") && !text.contains("$patch") {
        return;
    }
    let mut found: Vec<(Option<ContainerAt>, Part, Span)> = Vec::new();
    if let Some(span) = deletes(object.node) {
        found.push((None, Part::Workload, span));
    }
    if let Some(span) = null_at(object.node, &["spec", "replicas"]) {
        found.push((None, Part::Replicas, span));
    }
    if let Some(pod) = pod {
        for (path, part) in OF_PODS {
            found.extend(null_at(pod, path).map(|span| (None, *part, span)));
        }
        for (name, space) in HOST_SWITCHES {
            let part = Part::HostNamespace(Symbol::new(space));
            found.extend(null_at(pod, &[*name]).map(|span| (None, part, span)));
        }
        for key in ["initContainers", "containers"] {
            for container in manifest.mappings(pod, key) {
                of_container(manifest, container, &mut found);
            }
        }
    }
    let target = PatchTarget {
        kind: Symbol::new(object.kind),
        name: object.name.as_literal().unwrap_or(Symbol::new("")),
        labels: Symbol::new(""),
    };
    for (at, part, span) in found {
        let change = TargetedChange { target: Some(target.clone()), change: Change::Clear(at, part, span) };
        manifest.reading.add(Fact::Change(Box::new(change)));
    }
}

fn of_container(
    manifest: &mut Manifest<'_, '_>,
    container: Node<'_>,
    found: &mut Vec<(Option<ContainerAt>, Part, Span)>,
) {
    let Some(name) = manifest.text_at(container, "name") else { return };
    let at = Some(ContainerAt::Name(Symbol::new(name)));
    found.extend(deletes(container).map(|span| (at, Part::Container, span)));
    for (path, part) in OF_CONTAINERS {
        found.extend(null_at(container, path).map(|span| (at, *part, span)));
    }
    for variable in manifest.mappings(container, "env") {
        if let (Some(name), Some(span)) = (manifest.text_at(variable, "name"), deletes(variable)) {
            found.push((at, Part::Variable(Symbol::new(name)), span));
        }
    }
}

/// `$patch: delete`
fn deletes(node: Node<'_>) -> Option<Span> {
    let (key, value) = node.entry("$patch")?;
    (value.text() == Some("delete")).then(|| key.span().cover(value.span()))
}

/// The key at the end of `path`, where its value is a null that is written out.
fn null_at(node: Node<'_>, path: &[&str]) -> Option<Span> {
    let (last, above) = path.split_last()?;
    let (key, value) = node.at(above)?.entry(last)?;
    (value.is_null() && value.raw().is_some_and(|text| !text.is_empty())).then(|| key.span())
}
