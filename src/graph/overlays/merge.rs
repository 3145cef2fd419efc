//! What a patch makes of a workload: what it states takes the place of what was stated, lists
//! with names are joined by them (kubernetes.io/docs/tasks/manage-kubernetes-objects,
//! "strategic merge patch").

use crate::facts::answer::Answer;
use crate::facts::overlay::{Change, ContainerAt, Part};
use crate::facts::upkeep::{Care, Probe, Resources};
use crate::facts::workload::{Container, ContainerRole, EnvVar, Label, Security, Workload};
use crate::source::span::Span;

/// Applies one change; `false` where it takes the workload out.
pub(super) fn apply(workload: &mut Workload, change: &Change) -> bool {
    match change {
        Change::Set(patch, at) => set(workload, patch, *at),
        Change::Keys(_) => {}
        Change::Variable(at, number, value) => {
            let container = container_at(workload, *at);
            if let Some(variable) = container.and_then(|container| container.env.get_mut(*number)) {
                variable.value = value.clone();
            }
        }
        Change::Clear(_, Part::Workload, _) => return false,
        Change::Clear(at, part, span) => match at {
            Some(at) => clear_in_container(workload, *at, *part, *span),
            None => clear(workload, *part, *span),
        },
    }
    true
}

/// Adds labels; one of the same key takes the place of the one before.
pub(super) fn add_labels(labels: &mut Vec<Label>, added: impl IntoIterator<Item = Label>) {
    for label in added {
        match labels.iter_mut().find(|known| known.key == label.key) {
            Some(known) => *known = label,
            None => labels.push(label),
        }
    }
}

fn container_at(workload: &mut Workload, at: ContainerAt) -> Option<&mut Container> {
    let is_init = |role| matches!(role, ContainerRole::Init | ContainerRole::Sidecar);
    let mut containers = workload.containers.iter_mut();
    match at {
        ContainerAt::Name(name) => containers.find(|container| container.name.as_literal() == Some(name)),
        ContainerAt::Main(number) => containers.filter(|one| one.role == ContainerRole::Main).nth(number),
        ContainerAt::Init(number) => containers.filter(|one| is_init(one.role)).nth(number),
    }
}

fn take<T: Clone>(own: &mut Answer<T>, patch: &Answer<T>) {
    if !patch.is_absent() {
        *own = patch.clone();
    }
}

fn take_list<T: Clone>(own: &mut Vec<T>, patch: &[T]) {
    if !patch.is_empty() {
        *own = patch.to_vec();
    }
}

fn set(workload: &mut Workload, patch: &Workload, at: Option<ContainerAt>) {
    add_labels(&mut workload.labels, patch.labels.iter().cloned());
    add_labels(&mut workload.pod_labels, patch.pod_labels.iter().cloned());
    add_labels(&mut workload.annotations, patch.annotations.iter().cloned());
    take(&mut workload.replicas, &patch.replicas);
    take(&mut workload.service_account, &patch.service_account);
    security(&mut workload.security, &patch.security);
    take(&mut workload.operating_system, &patch.operating_system);
    for space in &patch.host_namespaces {
        workload.host_namespaces.retain(|(known, _)| *known != space.0);
        workload.host_namespaces.push(*space);
    }
    workload.host_paths.extend(patch.host_paths.iter().cloned());
    take(&mut workload.keeps_data, &patch.keeps_data);
    take(&mut workload.grace_seconds, &patch.grace_seconds);
    take(&mut workload.rollout, &patch.rollout);
    take(&mut workload.mounts_token, &patch.mounts_token);
    workload.ignored_settings.extend(&patch.ignored_settings);
    for change in &patch.containers {
        let at = at.or_else(|| change.name.as_literal().map(ContainerAt::Name));
        match at.map(|at| container_at(workload, at)) {
            Some(Some(known)) => container(known, change),
            Some(None) if matches!(at, Some(ContainerAt::Name(_))) => workload.containers.push(change.clone()),
            Some(None) | None => {}
        }
    }
}

fn container(own: &mut Container, patch: &Container) {
    if patch.image.is_some() {
        own.image.clone_from(&patch.image);
    }
    take_list(&mut own.command, &patch.command);
    take_list(&mut own.arguments, &patch.arguments);
    for variable in &patch.env {
        set_variable(&mut own.env, variable);
    }
    take_list(&mut own.env_from, &patch.env_from);
    for port in &patch.ports {
        own.ports.retain(|known| known.container_port.is_none() || known.container_port != port.container_port);
        own.ports.push(port.clone());
    }
    security(&mut own.security, &patch.security);
    resources(&mut own.resources, &patch.resources);
    care(&mut own.care, &patch.care);
}

fn set_variable(variables: &mut Vec<EnvVar>, variable: &EnvVar) {
    match variables.iter_mut().find(|known| known.name == variable.name) {
        Some(known) => *known = variable.clone(),
        None => variables.push(variable.clone()),
    }
}

fn security(own: &mut Security, patch: &Security) {
    take(&mut own.user, &patch.user);
    take(&mut own.group, &patch.group);
    take(&mut own.non_root, &patch.non_root);
    take(&mut own.privileged, &patch.privileged);
    take_list(&mut own.added_capabilities, &patch.added_capabilities);
    take_list(&mut own.dropped_capabilities, &patch.dropped_capabilities);
    take(&mut own.drops_all, &patch.drops_all);
    take(&mut own.privilege_escalation, &patch.privilege_escalation);
    take(&mut own.read_only_root, &patch.read_only_root);
    take(&mut own.seccomp, &patch.seccomp);
}

fn resources(own: &mut Resources, patch: &Resources) {
    // A request that a reader took from the limit beside it is none of the patch's.
    let from_limit =
        |request: &Answer<_>, limit: &Answer<_>| request.is_present() && request.evidence() == limit.evidence();
    if !own.cpu_request.is_present() || !from_limit(&patch.cpu_request, &patch.cpu_limit) {
        take(&mut own.cpu_request, &patch.cpu_request);
    }
    if !own.memory_request.is_present() || !from_limit(&patch.memory_request, &patch.memory_limit) {
        take(&mut own.memory_request, &patch.memory_request);
    }
    take(&mut own.cpu_limit, &patch.cpu_limit);
    take(&mut own.memory_limit, &patch.memory_limit);
}

fn care(own: &mut Care, patch: &Care) {
    // A patch of a probe's times says nothing of what is asked.
    let probe = |own: &mut Answer<Probe>, patch: &Answer<Probe>| {
        let only_times = patch.value().is_some_and(|text| text.as_str().is_empty());
        if !(only_times && own.is_present()) {
            take(own, patch);
        }
    };
    probe(&mut own.readiness, &patch.readiness);
    probe(&mut own.liveness, &patch.liveness);
    take(&mut own.pre_stop, &patch.pre_stop);
}

fn clear_security(security: &mut Security, part: Part, span: Span) {
    let all = part == Part::Security;
    if all || part == Part::User {
        security.user = Answer::absent(span);
        security.group = Answer::absent(span);
    }
    if all || part == Part::NonRoot {
        security.non_root = Answer::absent(span);
    }
    if all || part == Part::Privileged {
        security.privileged = Answer::absent(span);
    }
    if all || part == Part::Capabilities {
        security.added_capabilities.clear();
        security.dropped_capabilities.clear();
        security.drops_all = Answer::absent(span);
    }
    if all || part == Part::Escalation {
        security.privilege_escalation = Answer::absent(span);
    }
    if all || part == Part::ReadOnly {
        security.read_only_root = Answer::absent(span);
    }
    if all || part == Part::Seccomp {
        security.seccomp = Answer::absent(span);
    }
}

fn clear(workload: &mut Workload, part: Part, span: Span) {
    clear_security(&mut workload.security, part, span);
    if part == Part::Replicas {
        workload.replicas = Answer::absent(span);
    }
    if let Part::HostNamespace(space) = part {
        workload.host_namespaces.retain(|(known, _)| *known != space);
    }
}

fn clear_in_container(workload: &mut Workload, at: ContainerAt, part: Part, span: Span) {
    if part == Part::Container {
        let gone = container_at(workload, at).map(|container| container.span);
        workload.containers.retain(|container| Some(container.span) != gone);
        return;
    }
    let Some(container) = container_at(workload, at) else { return };
    clear_security(&mut container.security, part, span);
    let all = part == Part::Resources;
    if all || part == Part::Limits || part == Part::CpuLimit {
        container.resources.cpu_limit = Answer::absent(span);
    }
    if all || part == Part::Limits || part == Part::MemoryLimit {
        container.resources.memory_limit = Answer::absent(span);
    }
    if all || part == Part::Requests {
        container.resources.cpu_request = Answer::absent(span);
        container.resources.memory_request = Answer::absent(span);
    }
    if part == Part::Readiness {
        container.care.readiness = Answer::absent(span);
    }
    if part == Part::Liveness {
        container.care.liveness = Answer::absent(span);
    }
    if part == Part::PreStop {
        container.care.pre_stop = Answer::absent(span);
    }
    if part == Part::Command {
        container.command.clear();
    }
    if part == Part::Arguments {
        container.arguments.clear();
    }
    if part == Part::Env {
        container.env.clear();
    }
    if let Part::Variable(name) = part {
        container.env.retain(|variable| variable.name != name);
    }
    if part == Part::EnvFrom {
        container.env_from.clear();
    }
}
