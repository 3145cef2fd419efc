//! What a container's manifest leaves open: rights that it could give up, resources, probes.

use std::collections::BTreeMap;

use super::Estate;
use super::subject::RowBuilder;
use super::vocabulary::Datum;
use super::workloads::said_by;
use crate::facts::answer::{Answer, Evidence, Reason};
use crate::facts::policy::Says;
use crate::facts::workload::{Container, ContainerRole, Platform, Workload};
use crate::graph::model::{ContainerVariant, WorkloadVariant};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Workload variants by the fact that deploys them.
pub type ByFact<'g> = BTreeMap<(u32, u32), &'g WorkloadVariant>;

/// The workload variants of the graph by their top fact.
pub fn by_fact<'g>(estate: &Estate<'g>) -> ByFact<'g> {
    let variants = estate.graph.workloads.iter().flat_map(|workload| &workload.variants);
    variants.filter_map(|variant| variant.layers.last().map(|top| ((top.file, top.fact), variant))).collect()
}

/// One thing a container may state or not.
struct Finding {
    /// As messages say it: `a memory limit`.
    words: &'static str,
    answer: Answer<bool>,
}

/// Sets the attributes of a container that its first variant decides, or the first one that is
/// deployed in any case; later variants that
/// only change it may state what the first does not.
pub fn set(estate: &Estate<'_>, by_fact: &ByFact<'_>, variants: &[&ContainerVariant], row: RowBuilder) -> RowBuilder {
    let described: Vec<(&ContainerVariant, &Workload, &Container)> = variants
        .iter()
        .filter_map(|variant| {
            let (workload, container) = estate.container(*variant.layers.last()?)?;
            Some((*variant, workload, container))
        })
        .collect();
    let runs = |container: &Container| container.image.is_some() || container.build.is_some();
    // What is deployed in any case tells more than what a template's condition includes.
    let first =
        described.iter().filter(|(_, _, container)| runs(container)).min_by_key(|(_, of, _)| of.conditional).copied();
    let Some((variant, workload, container)) = first else {
        let reason = Reason(Symbol::new("only a change of the container is in the estate, not what it changes"));
        let optional = ["hardening_missing", "resources_missing", "readiness", "liveness", "routed"];
        return optional.iter().fold(row, |row, name| row.set(name, Answer::Unknown(reason)));
    };
    let changes: Vec<&Container> =
        described.iter().map(|(_, _, container)| *container).filter(|container| !runs(container)).collect();
    let top = variant.layers.last().and_then(|top| by_fact.get(&(top.file, top.fact)).copied());
    row.set("hardening_missing", missing(rights(workload, container, &changes), container.span))
        .set("resources_missing", missing(resources(estate, top, container, &changes), container.span))
        .set("readiness", probe(container, &changes, |one| &one.care.readiness))
        .set("liveness", probe(container, &changes, |one| &one.care.liveness))
        .set("routed", routed(estate, top, workload, container))
}

/// The first container's answer; where it has none, what changes of it say leaves it open.
fn stated<T: Clone>(
    container: &Container,
    changes: &[&Container],
    pick: impl Fn(&Container) -> &Answer<T>,
) -> Answer<T> {
    let own = pick(container);
    if own.is_absent() && changes.iter().any(|change| !pick(change).is_absent()) {
        return Answer::unknown("another file that changes the container states it");
    }
    own.clone()
}

fn probe(container: &Container, changes: &[&Container], pick: impl Fn(&Container) -> &Answer<Symbol>) -> Answer<Datum> {
    stated(container, changes, pick).map(Datum::Text)
}

/// Rights that a container keeps unless it gives them up (kubernetes.io/docs/concepts/security,
/// "Pod Security Standards", profile Restricted; and a root file system that is not writable).
fn rights(workload: &Workload, container: &Container, changes: &[&Container]) -> Vec<Finding> {
    // None of them exists on Windows (kubernetes.io/docs/concepts/windows/intro).
    if workload.operating_system.value().is_some_and(|system| *system == "windows") {
        return Vec::new();
    }
    let escalation = stated(container, changes, |one| &one.security.privilege_escalation);
    let seccomp = match stated(container, changes, |one| &one.security.seccomp) {
        Answer::Absent(_) => workload.security.seccomp.clone(),
        own => own,
    };
    vec![
        Finding { words: "a ban on escalation", answer: escalation.map(|allowed| !allowed) },
        Finding { words: "dropped capabilities", answer: stated(container, changes, |one| &one.security.drops_all) },
        Finding { words: "a seccomp profile", answer: seccomp.map(|profile| profile != "Unconfined") },
        Finding { words: "a read-only root", answer: stated(container, changes, |one| &one.security.read_only_root) },
    ]
}

/// What a container asks for, and the memory that it may not exceed. A limit is the request
/// where no other is stated; a LimitRange gives what the container does not state.
fn resources(
    estate: &Estate<'_>,
    top: Option<&WorkloadVariant>,
    container: &Container,
    changes: &[&Container],
) -> Vec<Finding> {
    let defaults = |pick: fn(&Says) -> Option<bool>| -> Answer<bool> {
        let Some(top) = top else { return Answer::absent(container.span) };
        said_by(estate, &top.concerns, container.span, |policy| pick(&policy.says).filter(|set| *set))
    };
    let first = |answers: [Answer<bool>; 3]| {
        let [own, other, default] = answers;
        [own, other, default].into_iter().reduce(|known, next| if known.is_absent() { next } else { known })
    };
    let holds = |answer: Answer<Symbol>| answer.map(|_| true);
    let own = |pick: fn(&Container) -> &Answer<Symbol>| holds(stated(container, changes, pick));
    let cpu = first([
        own(|one| &one.resources.cpu_request),
        own(|one| &one.resources.cpu_limit),
        defaults(|says| {
            let Says::Defaults { cpu_request, .. } = says else { return None };
            Some(*cpu_request)
        }),
    ]);
    let memory = first([
        own(|one| &one.resources.memory_request),
        own(|one| &one.resources.memory_limit),
        defaults(|says| {
            let Says::Defaults { memory_request, .. } = says else { return None };
            Some(*memory_request)
        }),
    ]);
    let limit = first([
        own(|one| &one.resources.memory_limit),
        Answer::absent(container.span),
        defaults(|says| {
            let Says::Defaults { memory_limit, .. } = says else { return None };
            Some(*memory_limit)
        }),
    ]);
    let named = [("a CPU request", cpu), ("a memory request", memory), ("a memory limit", limit)];
    named.into_iter().filter_map(|(words, answer)| Some(Finding { words, answer: answer? })).collect()
}

/// The words of what is absent or switched off; unknown where nothing is, and something is
/// not known.
fn missing(findings: Vec<Finding>, place: Span) -> Answer<Datum> {
    let mut words = Vec::new();
    let mut spans = Vec::new();
    let mut unknown = None;
    for Finding { words: of_one, answer } in findings {
        match answer {
            Answer::Present(true, _) => {}
            Answer::Present(false, evidence) => {
                words.push(Datum::Text(Symbol::new(of_one)));
                spans.extend(evidence.0);
            }
            Answer::Absent(_) => words.push(Datum::Text(Symbol::new(of_one))),
            Answer::Unknown(reason) => unknown = Some(reason),
        }
    }
    match unknown.filter(|_| words.is_empty()) {
        Some(reason) => Answer::Unknown(reason),
        None => {
            spans.insert(0, place);
            Answer::Present(Datum::List(words), Evidence(spans))
        }
    }
}

/// Whether a Service sends requests to this container: the one of its pod that listens on the
/// port, or the only one.
fn routed(
    estate: &Estate<'_>,
    top: Option<&WorkloadVariant>,
    workload: &Workload,
    container: &Container,
) -> Answer<Datum> {
    if !matches!(container.role, ContainerRole::Main | ContainerRole::Sidecar) {
        return Answer::present(Datum::Bool(false), container.span);
    }
    let Some(top) = top.filter(|top| top.platform == Platform::Kubernetes) else {
        return Answer::present(Datum::Bool(false), container.span);
    };
    let alone = workload.containers.iter().filter(|one| one.role == ContainerRole::Main).count() == 1
        && container.role == ContainerRole::Main;
    let mut answer = Answer::present(Datum::Bool(false), container.span);
    for concern in &top.addresses {
        let Some(address) = estate.address(*concern) else { continue };
        let mut listens = alone;
        for port in &address.ports {
            let number = port.port.map(|port| port.to_string()).unwrap_or_default();
            let target = if port.target.as_str().is_empty() { number.as_str() } else { port.target.as_str() };
            listens |= container
                .ports
                .iter()
                .any(|own| own.name == target || own.container_port.is_some_and(|port| port.to_string() == target));
        }
        match (listens, concern.sure) {
            (false, _) => {}
            (true, true) => return Answer::present(Datum::Bool(true), address.span),
            (true, false) => {
                answer = Answer::unknown(
                    "a template or another deployment decides whether a Service leads to it; render what is deployed, and check that",
                )
            }
        }
    }
    answer
}
