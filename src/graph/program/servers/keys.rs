//! Which functions read a key that makes a repeated request recognizable, and which read a body.

use rustc_hash::FxHashSet;

use crate::facts::contract::IdempotencyBasis;
use crate::facts::program::{Element, Expr, Module, NodeId};
use crate::graph::program::value::{ClassRef, FrameId, FunctionRef, Known, Value};
use crate::graph::program::walk::Walk;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::operations::{KeyPlace, operations};

use super::traces::{foreign_of, package_of, use_of};

/// How many classes are looked at for the fields of one request.
const CLASSES: usize = 16;
/// How many functions are read through for one operation.
const FUNCTIONS: usize = 600;

/// What the functions of an operation read of its request.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Reads {
    /// A key, and where it is read.
    pub key: Option<(IdempotencyBasis, Span)>,
    /// A body.
    pub body: bool,
}

/// What the functions that frames lead to read of a request. Of what runs `before` a handler only
/// names that leave no doubt count: a request's number is mostly written to logs there.
pub(super) fn reads(walk: &Walk<'_>, frames: &[FrameId], before: bool) -> Reads {
    let mut found = Reads::default();
    for function in functions(walk, frames) {
        let Some(module) = walk.modules().get(function.module) else { continue };
        let Some(summary) = module.functions.get(function.function.0 as usize) else { continue };
        let nodes = summary.first_node..summary.end_node.min(module.nodes.len() as u32);
        let set: FxHashSet<NodeId> = nodes
            .clone()
            .filter_map(|node| match &module.node(NodeId(node)).expr {
                Expr::Assign { target, .. } => Some(*target),
                _other => None,
            })
            .collect();
        for node in nodes.map(NodeId).filter(|node| !set.contains(node)) {
            if found.key.is_none()
                && let Some((basis, certain)) = key_at(module, node)
                && (certain || !before)
            {
                found.key = Some((basis, module.span(node)));
            }
            found.body |= is_body(module, node);
        }
    }
    found
}

/// The functions that frames lead to, each once.
fn functions(walk: &Walk<'_>, frames: &[FrameId]) -> Vec<FunctionRef> {
    let events = walk.events();
    let mut seen: FxHashSet<FrameId> = frames.iter().copied().collect();
    let mut queue: Vec<FrameId> = frames.to_vec();
    let mut found: Vec<FunctionRef> = Vec::new();
    let mut known: FxHashSet<FunctionRef> = FxHashSet::default();
    let mut at = 0;
    while let Some(frame) = queue.get(at).copied() {
        at += 1;
        let Some(info) = events.frames.get(frame.0 as usize) else { continue };
        // The body of a module is no part of a request.
        if info.function.function.0 != 0 && known.insert(info.function) {
            found.push(info.function);
        }
        if found.len() >= FUNCTIONS {
            break;
        }
        queue.extend(info.callees.iter().map(|(_, callee, _)| *callee).filter(|callee| seen.insert(*callee)));
    }
    found
}

/// A key that is read, and whether its name leaves no doubt.
fn key_at(module: &Module, node: NodeId) -> Option<(IdempotencyBasis, bool)> {
    match &module.node(node).expr {
        Expr::Member { object, name } => key_of(module, *object, *name),
        Expr::Index { object, key } => key_of(module, *object, text_at(module, *key)?),
        Expr::Call(call) => {
            let Expr::Member { name, .. } = &module.node(call.callee).expr else { return None };
            if !matches!(name.as_str(), "header" | "get" | "getHeader" | "headers") {
                return None;
            }
            let Some(Element::One(first)) = call.arguments.first() else { return None };
            let text = text_at(module, *first)?;
            operations().is_key(KeyPlace::Header, &text).then(|| (IdempotencyBasis::Header, says_so(&text)))
        }
        _other => None,
    }
}

/// A text, also of a constant of the file.
fn text_at(module: &Module, node: NodeId) -> Option<Symbol> {
    match &module.node(node).expr {
        Expr::Text(text) => Some(*text),
        Expr::Variable(variable) => match module.variables.get(variable.0 as usize)?.values.as_slice() {
            [only] => match &module.node(*only).expr {
                Expr::Text(text) => Some(*text),
                _other => None,
            },
            _several => None,
        },
        _other => None,
    }
}

/// What the name of a part of a request says, by what it is a part of.
fn key_of(module: &Module, object: NodeId, name: Symbol) -> Option<(IdempotencyBasis, bool)> {
    let header = operations().is_key(KeyPlace::Header, &name);
    let field = operations().is_key(KeyPlace::Field, &name);
    if !header && !field {
        return None;
    }
    let of = match &module.node(object).expr {
        Expr::Member { name, .. } => Some(*name),
        Expr::Variable(variable) => module.variables.get(variable.0 as usize).map(|variable| variable.name),
        _other => None,
    };
    let of = of.map(|name| name.as_str().to_lowercase()).unwrap_or_default();
    if of.contains("header") || of == "metadata" {
        return header.then(|| (IdempotencyBasis::Header, says_so(&name)));
    }
    // A request's own number for logs is not what its sender repeats: `req.requestId`.
    let certain = says_so(&name);
    let is_message = ["body", "payload", "input", "data", "dto", "args", "value", "request", "command", "message"];
    let is_parsed = is_message.iter().any(|word| of.ends_with(word));
    let is_http =
        matches!(of.as_str(), "req" | "request" | "ctx" | "context" | "res" | "response" | "config" | "options");
    // `call.request.requestId` of an rpc is a field; `request.requestId` is the framework's.
    let is_rpc = of == "request" && matches!(module.node(object).expr, Expr::Member { .. });
    (certain || (field && is_parsed && !is_http) || (field && is_rpc)).then_some((IdempotencyBasis::Field, certain))
}

/// True for a name that is for nothing else.
fn says_so(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains("idempot") || name.contains("dedup")
}

fn is_body(module: &Module, node: NodeId) -> bool {
    let Expr::Member { object, name } = &module.node(node).expr else { return false };
    let of = match &module.node(*object).expr {
        Expr::Member { name, .. } => Some(*name),
        Expr::Variable(variable) => module.variables.get(variable.0 as usize).map(|variable| variable.name),
        _other => None,
    };
    let Some(of) = of else { return false };
    let is_request = matches!(of.trim_start_matches('_'), "req" | "request" | "ctx" | "context" | "c" | "event");
    match name.as_str() {
        "body" | "rawBody" | "payload" => is_request,
        "json" | "formData" | "parseBody" | "valid" | "text" | "arrayBuffer" => {
            matches!(of.as_str(), "req" | "request")
        }
        _other => false,
    }
}

/// True for a library's value whose package or names say that it is about idempotency:
/// `express-idempotency`, `idempotencyMiddleware`.
pub(super) fn is_for_keys(known: &Known) -> bool {
    foreign_of(known).is_some_and(|foreign| {
        package_of(foreign).is_some_and(|package| package.as_str().to_lowercase().contains("idempot"))
    })
}

/// The key that a class of a request declares: `idempotencyKey: string`, itself, in a class that
/// it is made of (`extends PartialType(PlaceOrder)`), or in what belongs to the request as such
/// (`meta: RequestMeta`).
pub(super) fn declared_key(walk: &mut Walk<'_>, class: &Known) -> Option<Span> {
    let mut seen: FxHashSet<ClassRef> = FxHashSet::default();
    let mut queue: Vec<Known> = vec![class.clone()];
    while let Some(known) = queue.pop() {
        let class = match &known.value {
            Value::Class(class) => *class,
            Value::Foreign(foreign) => {
                queue.extend(use_of(foreign).map(|used| used.arguments.clone()).unwrap_or_default());
                continue;
            }
            _other => continue,
        };
        if seen.len() >= CLASSES || !seen.insert(class) {
            continue;
        }
        let Some((module, summary)) = walk.class(class) else { continue };
        if let Some(field) = summary.fields.iter().find(|field| operations().is_key(KeyPlace::Field, &field.name)) {
            return Some(Span::new(module.file, field.start, field.end));
        }
        let envelopes = summary.fields.iter().filter(|field| operations().is_key(KeyPlace::Envelope, &field.name));
        let parts = envelopes.filter_map(|field| field.ty.as_ref()).map(|ty| ty.name).chain(summary.base);
        let body = walk.body(class.module);
        for part in parts {
            queue.push(walk.evaluate(class.module, &body, part));
        }
    }
    None
}
