//! Security contexts of pods and containers, and security settings in places where
//! Kubernetes ignores them.

use crate::facts::answer::Answer;
use crate::facts::workload::{Security, User};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, Section, text_span};

/// Fields of both contexts (kubernetes.io/docs/reference/kubernetes-api/workload-resources,
/// `PodSecurityContext` and `SecurityContext` of core/v1, v1.34).
const SHARED: &[&str] = &["runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile"];

/// Fields that only a container's context has.
const CONTAINER_ONLY: &[&str] =
    &["privileged", "capabilities", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "procMount"];

/// Fields that only a pod's context has.
const POD_ONLY: &[&str] = &["fsGroup", "fsGroupChangePolicy", "supplementalGroups", "sysctls"];

/// Fields of a pod's spec.
const POD_FLAGS: &[&str] = &["hostNetwork", "hostPID", "hostIPC"];

/// Whose context it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// `spec.securityContext` of a pod.
    Pod,
    /// `securityContext` of a container.
    Container,
}

/// What a security context sets. Fields that the level does not have are absent.
pub(super) fn read(manifest: &mut Manifest<'_, '_>, context: Section<'_>, level: Level) -> Security {
    let profile = manifest.section(context, "seccompProfile");
    let profile = Section { anchor: context.anchor, ..profile };
    let mut security = Security {
        user: user(manifest, context, "runAsUser"),
        group: user(manifest, context, "runAsGroup"),
        non_root: manifest.flag(context, "runAsNonRoot"),
        privileged: Answer::absent(context.anchor),
        added_capabilities: Vec::new(),
        dropped_capabilities: Vec::new(),
        drops_all: Answer::absent(context.anchor),
        privilege_escalation: Answer::absent(context.anchor),
        read_only_root: Answer::absent(context.anchor),
        seccomp: manifest.word(profile, "type"),
    };
    if level == Level::Pod {
        return security;
    }
    security.privileged = manifest.flag(context, "privileged");
    security.privilege_escalation = manifest.flag(context, "allowPrivilegeEscalation");
    security.read_only_root = manifest.flag(context, "readOnlyRootFilesystem");
    let capabilities = manifest.section(context, "capabilities");
    if let Some(reason) = capabilities.closed.filter(|_| context.closed.is_none()) {
        manifest.reading.unclear(capabilities.anchor, "capabilities of a container", &reason.0);
    }
    if let Some(reason) = capabilities.closed.or(capabilities.doubt) {
        security.drops_all = Answer::Unknown(reason);
    }
    if let Some(node) = capabilities.node {
        security.added_capabilities = capability_names(manifest, node, "add");
        security.dropped_capabilities = capability_names(manifest, node, "drop");
        let all = security.dropped_capabilities.iter().find(|(name, _)| *name == "ALL");
        if let (Some((_, span)), false) = (all, matches!(security.drops_all, Answer::Unknown(_))) {
            security.drops_all = Answer::present(true, *span);
        } else if let Some(reason) = manifest.gap(node).or_else(|| node.get("drop").and_then(|drop| manifest.gap(drop)))
        {
            security.drops_all = Answer::Unknown(reason);
        }
    }
    security
}

fn user(manifest: &mut Manifest<'_, '_>, context: Section<'_>, key: &str) -> Answer<User> {
    manifest.answer(context, key, "a numeric id", |manifest, node| manifest.number(node).map(User::Id))
}

fn capability_names(manifest: &mut Manifest<'_, '_>, capabilities: Node<'_>, key: &str) -> Vec<(Symbol, Span)> {
    let mut names = Vec::new();
    for item in manifest.items(capabilities, key) {
        let Some(text) = manifest.text(item) else { continue };
        let upper = text.to_ascii_uppercase();
        names.push((Symbol::new(upper.strip_prefix("CAP_").unwrap_or(&upper)), text_span(item)));
    }
    names
}

/// Security settings around a pod's spec, where nothing reads them: contexts below
/// `metadata`, below the template and below the object's own `spec`.
pub(super) fn ignored_around(
    manifest: &mut Manifest<'_, '_>,
    object: Node<'_>,
    template: Node<'_>,
) -> Vec<(Symbol, Span)> {
    let mut ignored = Vec::new();
    let context = |node: Option<Node<'_>>, ignored: &mut Vec<(Symbol, Span)>| {
        ignored.extend(node.and_then(|node| node.entry("securityContext")).map(stated));
    };
    context(Some(object), &mut ignored);
    context(manifest.mapping(object, "metadata"), &mut ignored);
    if template.span() != object.span() {
        context(manifest.mapping(object, "spec"), &mut ignored);
        context(Some(template), &mut ignored);
        context(manifest.mapping(template, "metadata"), &mut ignored);
    }
    ignored
}

/// Settings that stand directly in a pod's spec, or in its context though only a
/// container's has them.
pub(super) fn ignored_in_pod(pod: Node<'_>) -> Vec<(Symbol, Span)> {
    let mut ignored = Vec::new();
    for key in [SHARED, CONTAINER_ONLY, POD_ONLY].into_iter().flatten() {
        ignored.extend(pod.entry(key).map(stated));
    }
    let context = pod.get("securityContext");
    for key in CONTAINER_ONLY {
        ignored.extend(context.and_then(|context| context.entry(key)).map(stated));
    }
    ignored
}

/// Settings that stand beside a container's image, or in its context though only a pod's
/// has them.
pub(super) fn ignored_in_container(container: Node<'_>) -> Vec<(Symbol, Span)> {
    let mut ignored = Vec::new();
    for key in [SHARED, CONTAINER_ONLY, POD_ONLY, POD_FLAGS].into_iter().flatten() {
        ignored.extend(container.entry(key).map(stated));
    }
    let context = container.get("securityContext");
    for key in [POD_ONLY, POD_FLAGS].into_iter().flatten() {
        ignored.extend(context.and_then(|context| context.entry(key)).map(stated));
    }
    ignored
}

fn stated((key, _): (Node<'_>, Node<'_>)) -> (Symbol, Span) {
    (Symbol::new(key.raw().unwrap_or_default()), key.span())
}
