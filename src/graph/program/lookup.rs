//! What does a settings object say under a key? Three answers, as everywhere.

use std::rc::Rc;

use super::value::{Known, Object, Step, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How deep values may lie in one another.
const DEEPEST: usize = 24;

/// The answer to a look-up.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// It is set, to this; the value may be unreadable.
    Present(Known),
    /// It is not set: everything that could say it was read.
    Absent,
    /// It may be set; the reason is for people.
    Unknown(Symbol),
}

impl Lookup {
    /// The value, where present.
    pub fn present(self) -> Option<Known> {
        match self {
            Self::Present(known) => Some(known),
            Self::Absent | Self::Unknown(_) => None,
        }
    }
}

/// What `known` says under `keys`; without keys: whether it is anything at all.
pub fn look_up(known: &Known, keys: &[Symbol]) -> Lookup {
    walk(known, keys, 0)
}

fn walk(known: &Known, keys: &[Symbol], depth: usize) -> Lookup {
    if depth > DEEPEST {
        return unknown("its settings lie too deep in one another");
    }
    let choices = |all: &[Known], first: bool| choose(all, keys, depth, first);
    let Some((key, rest)) = keys.split_first() else {
        return match &known.value {
            Value::Nothing => Lookup::Absent,
            Value::OneOf(all) => choices(all, false),
            Value::FirstOf(all) if all.iter().all(|one| matches!(one.value, Value::Nothing)) => Lookup::Absent,
            Value::FirstOf(_)
            | Value::Text(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::Function(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_)
            | Value::Foreign(_)
            | Value::Parameter(_)
            | Value::Computed(_)
            | Value::Unknown(_) => Lookup::Present(known.clone()),
        };
    };
    match &known.value {
        Value::Object(object) => in_object(object, *key, rest, depth),
        Value::Nothing | Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Function(_) => Lookup::Absent,
        Value::FirstOf(all) => choices(all, true),
        Value::OneOf(all) => choices(all, false),
        Value::Array(all) => choices(all, false),
        Value::Parameter(name) => Lookup::Unknown(Symbol::new(&format!("the settings come from {name}"))),
        Value::Unknown(reason) => Lookup::Unknown(*reason),
        Value::Env(name) => Lookup::Unknown(Symbol::new(&format!("the settings come from the variable {name}"))),
        Value::Setting(name) => Lookup::Unknown(Symbol::new(&format!("the settings come from the setting {name}"))),
        Value::Foreign(foreign) => in_foreign(&foreign.step, *key, rest, depth),
        Value::Instance(_) | Value::Class(_) | Value::Module(_) => unknown("the settings are an object of a class"),
        Value::Concat(_) | Value::Computed(_) => unknown("the settings are computed"),
    }
}

/// The settings with which something of a library was made stand below the name that the shape
/// of the row gives them; here it is enough to go through: `httpsAgent.options.…`.
fn in_foreign(step: &Step, key: Symbol, rest: &[Symbol], depth: usize) -> Lookup {
    match step {
        Step::New(used) | Step::Call(used) => {
            let settings = used.arguments.iter().find(|one| matches!(one.value, Value::Object(_)));
            match settings {
                Some(known) => match walk(known, rest, depth + 1) {
                    // Its own defaults are not known here.
                    Lookup::Absent => unknown(&format!("{key} is made by a library")),
                    found @ (Lookup::Present(_) | Lookup::Unknown(_)) => found,
                },
                None => unknown(&format!("{key} is made by a library")),
            }
        }
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => unknown("the settings come from a library"),
    }
}

fn in_object(object: &Object, key: Symbol, rest: &[Symbol], depth: usize) -> Lookup {
    let entry = object.entries.iter().enumerate().rev().find(|(_, (name, _))| *name == key);
    let may_change = |at: usize| object.open && at < object.unknown_after;
    match entry {
        // `{timeout: 5000, ...options}`: set, though a caller may set it otherwise.
        Some((at, (_, value))) => match walk(value, rest, depth + 1) {
            Lookup::Absent if may_change(at) => unknown("other settings are spread over it"),
            found @ (Lookup::Present(_) | Lookup::Absent | Lookup::Unknown(_)) => found,
        },
        None if object.open => unknown("other settings are spread into it"),
        None => Lookup::Absent,
    }
}

/// One answer for several values, of which one holds.
fn choose(all: &[Known], keys: &[Symbol], depth: usize, first: bool) -> Lookup {
    let mut present: Option<Known> = None;
    let mut many: Vec<Known> = Vec::new();
    let mut absent = false;
    for one in all {
        // `options ?? {}`: where nothing is given, the next counts.
        if first && matches!(one.value, Value::Nothing) {
            continue;
        }
        match walk(one, keys, depth + 1) {
            Lookup::Present(found) => {
                many.push(found.clone());
                present.get_or_insert(found);
            }
            Lookup::Absent => absent = true,
            Lookup::Unknown(reason) => return Lookup::Unknown(reason),
        }
    }
    match (present, absent) {
        (Some(_), true) => unknown("it is set under a condition only"),
        (Some(found), false) if many.len() > 1 => {
            let span = found.span;
            Lookup::Present(Known { value: Value::OneOf(Rc::from(many)), span, through: Rc::clone(&found.through) })
        }
        (Some(found), false) => Lookup::Present(found),
        (None, _) => Lookup::Absent,
    }
}

fn unknown(reason: &str) -> Lookup {
    Lookup::Unknown(Symbol::new(reason))
}

/// A number, where the value is one or clearly stands for one: `5000`, `'5000'`.
pub fn number_of(known: &Known) -> Option<f64> {
    match &known.value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Foreign(foreign) => match &foreign.step {
            Step::Global(name) if *name == "Infinity" => Some(f64::INFINITY),
            Step::Member(name) if *name == "POSITIVE_INFINITY" => Some(f64::INFINITY),
            Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Call(_)
            | Step::New(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => None,
        },
        Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    }
}

/// The word that a table compares with: the text, `5`, `true`, `KAFKA` for `Transport.KAFKA`.
pub fn word_of(known: &Known) -> Option<Symbol> {
    match &known.value {
        Value::Text(text) => Some(*text),
        Value::Number(number) => Some(Symbol::new(&number.to_string())),
        Value::Bool(value) => Some(Symbol::new(if *value { "true" } else { "false" })),
        Value::Nothing => Some(Symbol::new("nothing")),
        Value::Foreign(foreign) => match &foreign.step {
            Step::Member(name) | Step::Global(name) | Step::Import { name, .. } => Some(*name),
            Step::Injected(_)
            | Step::Call(_)
            | Step::New(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => None,
        },
        Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    }
}

/// The places that show a value, the best first.
pub fn places_of(known: &Known) -> Vec<Span> {
    std::iter::once(known.span).chain(known.through.iter().copied()).collect()
}
