//! Reading the way from a library's export to a value.

use std::rc::Rc;

use crate::graph::program::value::{Closure, Foreign, Known, Object, Step, Use, Value};
use crate::source::symbol::Symbol;

/// How deep values within values are looked at.
const DEPTH: usize = 6;

/// An export of a library: the package, and the names on the way below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    /// `express`
    pub package: Symbol,
    /// `Router`; `initTRPC.create`; empty for what the package gives as a whole.
    pub name: String,
}

/// The export that a value is, where nothing was called on the way.
pub(super) fn export_of(foreign: &Foreign) -> Option<Export> {
    let mut names: Vec<Symbol> = Vec::new();
    let mut at = Some(foreign);
    while let Some(one) = at {
        match &one.step {
            Step::Import { package, name } => {
                if !matches!(name.as_str(), "default" | "*") {
                    names.push(*name);
                }
                names.reverse();
                let names: Vec<&str> =
                    names.iter().map(|name| name.as_str()).filter(|name| *name != "default").collect();
                return Some(Export { package: *package, name: names.join(".") });
            }
            Step::Member(name) => names.push(*name),
            Step::Global(_)
            | Step::Injected(_)
            | Step::Call(_)
            | Step::New(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => return None,
        }
        at = one.before.as_deref();
    }
    None
}

/// The call of an export: `express.Router(…)`, `new Hono(…)`.
pub(super) fn called(foreign: &Foreign) -> Option<(Export, &Rc<Use>)> {
    let used = use_of(foreign)?;
    Some((export_of(foreign.before.as_deref()?)?, used))
}

/// The call that a value comes of at once.
pub(super) fn use_of(foreign: &Foreign) -> Option<&Rc<Use>> {
    match &foreign.step {
        Step::Call(used) | Step::New(used) => Some(used),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    }
}

/// The call of a method: receiver, name and call.
pub(super) fn method_of(foreign: &Foreign) -> Option<(&Rc<Foreign>, Symbol, &Rc<Use>)> {
    let used = use_of(foreign)?;
    let member = foreign.before.as_deref()?;
    let Step::Member(name) = &member.step else { return None };
    Some((member.before.as_ref()?, *name, used))
}

/// The package that a value comes of.
pub(super) fn package_of(foreign: &Foreign) -> Option<Symbol> {
    let mut at = Some(foreign);
    while let Some(one) = at {
        if let Step::Import { package, .. } = &one.step {
            return Some(*package);
        }
        at = one.before.as_deref();
    }
    None
}

/// The foreign value that a value is.
pub(super) fn foreign_of(known: &Known) -> Option<&Rc<Foreign>> {
    match &known.value {
        Value::Foreign(foreign) => Some(foreign),
        _other => None,
    }
}

/// The object that a value is; of several the first.
pub(super) fn object_of(known: &Known) -> Option<&Rc<Object>> {
    match &known.value {
        Value::Object(object) => Some(object),
        Value::FirstOf(several) | Value::OneOf(several) => several.iter().find_map(object_of),
        _other => None,
    }
}

/// A key of an object.
pub(super) fn key<'k>(known: &'k Known, name: &str) -> Option<&'k Known> {
    object_of(known)?.get(name).map(|(value, _)| value).filter(|value| !matches!(value.value, Value::Nothing))
}

/// The text that a value is; the standard of a variable counts: `process.env.PREFIX ?? 'api'`.
pub(super) fn text_of(known: &Known) -> Option<Symbol> {
    match &known.value {
        Value::Text(text) => Some(*text),
        Value::FirstOf(several) => several.iter().rev().find_map(text_of),
        _other => None,
    }
}

/// The parts of a list, or the value alone; alternatives count as parts.
pub(super) fn parts_of(known: &Known) -> Vec<Known> {
    let mut found = Vec::new();
    collect_parts(known, DEPTH, &mut found);
    found
}

fn collect_parts(known: &Known, depth: usize, found: &mut Vec<Known>) {
    match (&known.value, depth.checked_sub(1)) {
        (Value::Array(several) | Value::OneOf(several) | Value::FirstOf(several), Some(below)) => {
            for one in several.iter().take(512) {
                collect_parts(one, below, found);
            }
        }
        (Value::Nothing, _) => {}
        _one => found.push(known.clone()),
    }
}

/// The functions of the estate that a value is, or that a library's function was given to make
/// it: `asyncHandler(place)`.
pub(super) fn functions_of(known: &Known) -> Vec<Rc<Closure>> {
    let mut found = Vec::new();
    collect_functions(known, DEPTH, &mut found);
    found
}

fn collect_functions(known: &Known, depth: usize, found: &mut Vec<Rc<Closure>>) {
    let Some(below) = depth.checked_sub(1) else { return };
    match &known.value {
        Value::Function(closure) => found.push(Rc::clone(closure)),
        Value::Array(several) | Value::OneOf(several) | Value::FirstOf(several) => {
            for one in several.iter().take(64) {
                collect_functions(one, below, found);
            }
        }
        Value::Foreign(foreign) => {
            if let Some(used) = use_of(foreign) {
                for one in &used.arguments {
                    collect_functions(one, below, found);
                }
            }
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Object(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => {}
    }
}

/// `placeOrder` is `PlaceOrder` in the contract.
pub(super) fn upper_first(name: Symbol) -> Symbol {
    let mut letters = name.as_str().chars();
    match letters.next() {
        Some(first) => Symbol::new(&format!("{}{}", first.to_uppercase(), letters.as_str())),
        None => name,
    }
}
