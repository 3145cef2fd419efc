//! JSON patches of API objects (RFC 6902): each operation as the change that it makes.
//!
//! What an operation sets is put where its path says, as a patch of the other kind would
//! write it, and is read by the reader of such objects; so both kinds say the same.

use crate::extract::kubernetes::{self, removals};
use crate::extract::reading::Reading;
use crate::facts::overlay::{Change, ContainerAt, Part, PatchTarget, TargetedChange};
use crate::source::span::Span;
use crate::syntax::tree::{Content, Node, NodeId, Style, Tree};

use super::change_of;

/// Most operations of one patch that are read.
const OPERATION_LIMIT: usize = 1_000;

/// Longest path that is followed; those of workloads have a dozen steps.
const STEP_LIMIT: usize = 24;

/// One operation, taken apart.
struct Operation {
    removes: bool,
    /// Steps of the path, unescaped.
    path: Vec<String>,
    value: Option<NodeId>,
    /// The path's place.
    place: Span,
    span: Span,
}

/// The changes of a patch, in order. `target`: what the overlay says that it is applied to.
pub(super) fn changes(reading: &mut Reading<'_>, mut tree: Tree, target: Option<&PatchTarget>) -> Vec<TargetedChange> {
    let operations: Vec<Operation> = tree.documents().flat_map(Node::items).filter_map(operation).collect();
    let mut found = Vec::new();
    for operation in operations.iter().take(OPERATION_LIMIT) {
        let change = match operation.removes {
            true => removed(operation),
            false => set(reading, &mut tree, operation, target),
        };
        found.extend(change.map(|change| TargetedChange { target: None, change }));
    }
    found
}

fn operation(node: Node<'_>) -> Option<Operation> {
    let path = node.get("path")?;
    let text = path.text()?.strip_prefix('/')?;
    let removes = match node.get("op")?.text()? {
        "remove" => true,
        "add" | "replace" => false,
        // `test` changes nothing; where `copy` and `move` lead is not followed.
        _ => return None,
    };
    // ~1 stands for /, ~0 for ~ (RFC 6901, 4).
    let path_steps: Vec<String> = text.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    let short = path_steps.len() <= STEP_LIMIT;
    short.then(|| Operation {
        removes,
        path: path_steps,
        value: node.get("value").map(Node::id),
        place: path.span(),
        span: node.span(),
    })
}

/// The pod's part of a path: the kind of object that has it there, and the steps in the pod's
/// `spec`.
fn in_pod(path: &[String]) -> Option<(&'static str, &[String])> {
    const PODS: &[(&str, &[&str])] = &[
        ("Deployment", &["spec", "template", "spec"]),
        ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
        ("Pod", &["spec"]),
    ];
    let of_pod = |step: Option<&String>| {
        step.is_some_and(|step| {
            matches!(
                step.as_str(),
                "containers" | "initContainers" | "securityContext" | "hostNetwork" | "hostPID" | "hostIPC"
            )
        })
    };
    PODS.iter().find_map(|(kind, steps)| {
        let rest = path.get(steps.len()..)?;
        let fits = path.iter().zip(*steps).all(|(step, known)| step == known);
        (fits && (*kind != "Pod" || of_pod(rest.first()))).then_some((*kind, rest))
    })
}

/// The container that the first steps in a pod lead to, and the steps behind it.
fn in_container(steps: &[String]) -> Option<(ContainerAt, &[String])> {
    let number = steps.get(1)?.parse().ok()?;
    let at = match steps.first()?.as_str() {
        "containers" => ContainerAt::Main(number),
        "initContainers" => ContainerAt::Init(number),
        _ => return None,
    };
    Some((at, steps.get(2..)?))
}

fn removed(operation: &Operation) -> Option<Change> {
    if operation.path == ["spec", "replicas"] {
        return Some(Change::Clear(None, Part::Replicas, operation.place));
    }
    let (_, steps) = in_pod(&operation.path)?;
    let (at, rest) = match in_container(steps) {
        Some((at, rest)) => (Some(at), rest),
        None => (None, steps),
    };
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    let part = match at {
        Some(_) => removals::part_of_container(&words),
        None => removals::part_of_pod(&words),
    };
    Some(Change::Clear(at, part?, operation.place))
}

fn set(
    reading: &mut Reading<'_>,
    tree: &mut Tree,
    operation: &Operation,
    target: Option<&PatchTarget>,
) -> Option<Change> {
    let value = operation.value?;
    let pod = in_pod(&operation.path);
    let at = pod.and_then(|(_, steps)| in_container(steps)).map(|(at, _)| at);
    let within = pod.and_then(|(_, steps)| in_container(steps)).map_or(&[][..], |(_, rest)| rest);
    // Single words of a command line say nothing without the others.
    if matches!(within.first().map(String::as_str), Some("command" | "args")) && within.len() > 1 {
        return None;
    }
    let asked = target.map(|target| target.kind.as_str()).filter(|kind| !kind.is_empty());
    let kind = asked.unwrap_or_else(|| pod.map_or("Deployment", |(kind, _)| kind));
    let variable = match within {
        [env, number, last] if env == "env" && last == "value" => number.parse::<usize>().ok(),
        _ => None,
    };
    let root = wrapped(tree, operation, kind, value, variable.is_some());
    tree.push_root(root);
    let document = tree.documents().last()?;
    let change = kubernetes::read_apart(reading, document).into_iter().find_map(change_of)?.change;
    match (change, at) {
        (Change::Set(workload, None), Some(at)) => match variable {
            Some(number) => {
                let set = workload.containers.first()?.env.first()?;
                Some(Change::Variable(at, number, set.value.clone()))
            }
            None => Some(Change::Set(workload, Some(at))),
        },
        (change, _) => Some(change),
    }
}

/// An object of `kind` that states nothing but `value` at the operation's path.
fn wrapped(tree: &mut Tree, operation: &Operation, kind: &str, value: NodeId, names_variable: bool) -> NodeId {
    let place = operation.place.start..operation.place.end;
    let whole = operation.span.start..operation.span.end;
    let mut below = value;
    let mut last = true;
    for step in operation.path.iter().rev() {
        let is_number = step == "-" || step.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            below = tree.push(Content::Sequence(vec![below]), whole.clone(), false);
        } else {
            let key = tree.push(Content::Scalar(step.as_str().into(), Style::Quoted), place.clone(), false);
            let mut entries = Vec::new();
            // A variable is read by its name, which only the object that is changed knows.
            if last && names_variable {
                entries.push(text_entry(tree, "name", "VARIABLE", &place));
            }
            entries.push((key, below));
            below = tree.push(Content::Mapping(entries), whole.clone(), false);
        }
        last = false;
    }
    let mut entries = vec![text_entry(tree, "apiVersion", version_of(kind), &place)];
    entries.push(text_entry(tree, "kind", kind, &place));
    // The path's own mapping is the object, but for what every object states.
    let inner = tree.entries_of(below);
    entries.extend(inner);
    tree.push(Content::Mapping(entries), whole, false)
}

fn text_entry(tree: &mut Tree, key: &str, text: &str, place: &std::ops::Range<u32>) -> (NodeId, NodeId) {
    let key = tree.push(Content::Scalar(key.into(), Style::Quoted), place.clone(), false);
    let value = tree.push(Content::Scalar(text.into(), Style::Quoted), place.clone(), false);
    (key, value)
}

/// A group in which the kind is known.
fn version_of(kind: &str) -> &'static str {
    match kind {
        "Job" | "CronJob" => "batch/v1",
        "Pod" | "ConfigMap" | "Secret" | "Service" => "v1",
        "Rollout" => "argoproj.io/v1alpha1",
        "Ingress" => "networking.k8s.io/v1",
        _ => "apps/v1",
    }
}
