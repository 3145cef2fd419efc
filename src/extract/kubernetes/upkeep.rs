//! Resources, probes, hooks, host folders and the way pods are replaced.

use crate::facts::answer::Answer;
use crate::facts::upkeep::{Care, HostPath, Probe, Resources, Rollout};
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, Section, text_span};
use super::object::Object;

/// `resources` of a container.
pub(super) fn resources(manifest: &mut Manifest<'_, '_>, container: Section<'_>) -> Resources {
    let anchor = container.anchor;
    let resources = manifest.section(container, "resources");
    let requests = manifest.section(resources, "requests");
    let limits = manifest.section(resources, "limits");
    let [requests, limits] = [requests, limits].map(|section| Section { anchor, ..section });
    Resources {
        cpu_request: manifest.word(requests, "cpu"),
        memory_request: manifest.word(requests, "memory"),
        cpu_limit: manifest.word(limits, "cpu"),
        memory_limit: manifest.word(limits, "memory"),
    }
}

/// Probes and hooks of a container.
pub(super) fn care(manifest: &mut Manifest<'_, '_>, container: Section<'_>) -> Care {
    let anchor = container.anchor;
    let lifecycle = manifest.section(container, "lifecycle");
    let lifecycle = Section { anchor, ..lifecycle };
    Care {
        readiness: probe(manifest, container, "readinessProbe"),
        liveness: probe(manifest, container, "livenessProbe"),
        pre_stop: manifest.answer(lifecycle, "preStop", "a mapping", |_, node| node.is_mapping().then_some(true)),
    }
}

fn probe(manifest: &mut Manifest<'_, '_>, container: Section<'_>, key: &str) -> Answer<Probe> {
    manifest.answer(container, key, "a mapping", |manifest, node| {
        node.is_mapping().then(|| Symbol::new(&spelled(manifest, node).unwrap_or_default()))
    })
}

/// The probe as [`Probe`] spells it; `None` where a part is computed.
fn spelled(manifest: &Manifest<'_, '_>, probe: Node<'_>) -> Option<String> {
    let text = |node: Node<'_>, key: &str| match node.get(key) {
        Some(value) if !value.is_null() => manifest.text(value).map(str::to_owned),
        Some(_) | None => Some(String::new()),
    };
    if let Some(http) = probe.get("httpGet") {
        return Some(format!("http {} {}", text(http, "path")?, text(http, "port")?));
    }
    if let Some(socket) = probe.get("tcpSocket") {
        return Some(format!("tcp {}", text(socket, "port")?));
    }
    if let Some(grpc) = probe.get("grpc") {
        return Some(format!("grpc {} {}", text(grpc, "port")?, text(grpc, "service")?));
    }
    let command = probe.get("exec")?.get("command")?;
    let words: Option<Vec<&str>> = command.items().map(|word| manifest.text(word)).collect();
    Some(format!("exec {}", words?.join(" ")))
}

/// Folders, files and sockets of the host that containers of the pod mount. A volume that no
/// container mounts shows nothing to anybody.
pub(super) fn host_paths(manifest: &mut Manifest<'_, '_>, pod: Node<'_>) -> Vec<HostPath> {
    let mut mounts: Vec<(Symbol, bool)> = Vec::new();
    let mut all_seen = true;
    for key in ["initContainers", "containers", "ephemeralContainers"] {
        for container in manifest.mappings(pod, key) {
            all_seen &= manifest.gap(container).is_none();
            for mount in manifest.mappings(container, "volumeMounts") {
                let read_only = matches!(manifest.text_at(mount, "readOnly"), Some("true"));
                mounts.push((manifest.symbol_at(mount, "name"), read_only));
            }
        }
    }
    let mut paths = Vec::new();
    for volume in manifest.mappings(pod, "volumes") {
        let Some(host) = manifest.mapping(volume, "hostPath") else { continue };
        let Some(path) = manifest.value_at(host, "path") else { continue };
        let name = manifest.symbol_at(volume, "name");
        let mut of_volume = mounts.iter().filter(|(mounted, _)| *mounted == name).peekable();
        if of_volume.peek().is_none() && all_seen {
            continue;
        }
        let read_only = all_seen && of_volume.all(|(_, read_only)| *read_only);
        let span = host.get("path").map_or(path.span, text_span);
        paths.push(HostPath { path, read_only, span });
    }
    paths
}

/// Whether a volume of the pod outlives it: a claim, or a StatefulSet's template of one.
pub(super) fn keeps_data(manifest: &mut Manifest<'_, '_>, object: &Object<'_>, pod: Section<'_>) -> Answer<bool> {
    let templates = object.spec(manifest).map_or_else(Vec::new, |spec| manifest.mappings(spec, "volumeClaimTemplates"));
    if let Some(first) = templates.first() {
        return Answer::present(true, super::manifest::place(*first));
    }
    let Some(node) = pod.node else { return Answer::absent(pod.anchor) };
    for volume in manifest.mappings(node, "volumes") {
        if let Some((key, _)) = volume.entry("persistentVolumeClaim") {
            return Answer::present(true, key.span());
        }
    }
    Answer::absent(pod.anchor)
}

/// `spec.strategy` of a Deployment, a Rollout, an OpenShift DeploymentConfig; `updateStrategy`
/// of a StatefulSet or DaemonSet.
pub(super) fn rollout(manifest: &mut Manifest<'_, '_>, object: &Object<'_>) -> Answer<Rollout> {
    let Some(spec) = object.spec(manifest) else { return Answer::absent(object.span) };
    let key = if spec.get("updateStrategy").is_some() { "updateStrategy" } else { "strategy" };
    manifest.answer(Section::of(spec, object.span), key, "a mapping", |manifest, node| {
        if !node.is_mapping() {
            return None;
        }
        if node.get("canary").is_some() {
            return Some(Rollout::Canary);
        }
        if node.get("blueGreen").is_some() {
            return Some(Rollout::BlueGreen);
        }
        let rolling = node.get("rollingUpdate").or_else(|| node.get("rollingParams"));
        let bounded = rolling.is_some_and(|rolling| {
            ["maxUnavailable", "maxSurge", "partition"].iter().any(|key| rolling.get(key).is_some())
        });
        match manifest.text_at(node, "type") {
            Some("Recreate" | "OnDelete") => Some(Rollout::Recreate),
            Some(_) | None if bounded => Some(Rollout::Bounded),
            Some(_) | None => Some(Rollout::Rolling),
        }
    })
}
