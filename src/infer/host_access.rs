//! What of its host a workload sees and may change.

use super::Estate;
use super::vocabulary::Datum;
use super::workloads::listed;
use crate::facts::answer::Answer;
use crate::facts::workload::Lifetime;
use crate::graph::model::WorkloadVariant;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What is seen, from the worst to what an agent needs.
pub struct HostAccess {
    /// `the host's network`, `/var/run/docker.sock`: ways to take the host over.
    pub serious: Answer<Datum>,
    /// `/var/log (read-only)`: what collectors read.
    pub glimpses: Answer<Datum>,
    /// All of it in words; empty where there is none.
    pub words: String,
}

/// Folders whose contents are the host, with all below them.
const WHOLE: &[&str] = &["/proc", "/sys", "/root", "/var/lib/kubelet", "/var/lib/docker", "/var/lib/containerd"];
/// Folders that are the host themselves, though single files in them are not.
const THEMSELVES: &[&str] =
    &["/", "/etc", "/var", "/var/run", "/run", "/var/lib", "/home", "/usr", "/boot", "/etc/kubernetes"];
/// Who talks to one of these starts any container that it likes.
const SOCKETS: &[&str] =
    &["docker.sock", "containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock", "dockershim.sock"];
/// What collectors on every node read.
const READABLE: &[&str] = &["/var/log", "/proc", "/sys", "/var/lib/docker/containers"];

/// Over all variants that matter. `infrastructure` is the kind of known software.
pub fn of(
    estate: &Estate<'_>,
    variants: &[&WorkloadVariant],
    infrastructure: Option<Symbol>,
    lifetime: Lifetime,
) -> HostAccess {
    let is_agent = lifetime == Lifetime::PerNode || infrastructure.is_some_and(|kind| kind == "observability");
    let place = variants.first().map(|variant| variant.span);
    let mut serious: Vec<(String, Span)> = Vec::new();
    let mut glimpses: Vec<(String, Span)> = Vec::new();
    for layer in variants.iter().flat_map(|variant| estate.layers(variant)) {
        for (namespace, span) in &layer.host_namespaces {
            let words = match namespace.as_str() {
                "network" => "the host's network".to_owned(),
                "pid" => "the host's processes".to_owned(),
                "ipc" => "the host's shared memory".to_owned(),
                other => format!("the host's {other}"),
            };
            serious.push((words, *span));
        }
        for mount in &layer.host_paths {
            let Some(text) = mount.path.as_literal() else { continue };
            let path = normal(text.as_str());
            let below = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
            let is_socket = SOCKETS.iter().any(|socket| path.ends_with(&format!("/{socket}")));
            let readable = mount.read_only && READABLE.iter().any(|folder| below(folder));
            if readable && !is_socket && (is_agent || below("/var/log")) {
                if is_agent {
                    glimpses.push((format!("{path} (read-only)"), mount.span));
                }
            } else if is_socket || THEMSELVES.contains(&path.as_str()) || WHOLE.iter().any(|folder| below(folder)) {
                serious.push((path, mount.span));
            }
        }
    }
    let mut all: Vec<&str> = Vec::new();
    for (text, _) in serious.iter().chain(&glimpses) {
        if !all.contains(&text.as_str()) {
            all.push(text);
        }
    }
    let words = match all.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    };
    match place {
        Some(place) => HostAccess { serious: listed(serious, place), glimpses: listed(glimpses, place), words },
        None => HostAccess {
            serious: Answer::unknown("nothing deploys it"),
            glimpses: Answer::unknown("nothing deploys it"),
            words,
        },
    }
}

/// Without doubled and closing slashes.
fn normal(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}
