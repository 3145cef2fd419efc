//! Sameness of values: two calls of a function with the same arguments are walked once.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::FxHasher;

use super::value::{Closure, Foreign, FrameId, Known, Step, Value};

/// How deep values are looked at; what lies deeper counts as the same.
const DEPTH: usize = 6;

/// A number that is the same for the same value, wherever it is written.
pub fn fingerprint(value: &Value) -> u64 {
    let mut hasher = FxHasher::default();
    add(value, DEPTH, &mut hasher);
    hasher.finish()
}

/// The same for a function, the frame around it and its arguments.
pub fn of_arguments(closure: &Closure, outer: FrameId, arguments: Option<&[Known]>) -> u64 {
    let mut hasher = FxHasher::default();
    closure.function.hash(&mut hasher);
    outer.hash(&mut hasher);
    if let Some(this) = &closure.this {
        add(&this.value, DEPTH, &mut hasher);
    }
    match arguments {
        None => 0_u8.hash(&mut hasher),
        Some(arguments) => {
            arguments.len().hash(&mut hasher);
            for argument in arguments {
                add(&argument.value, DEPTH, &mut hasher);
            }
        }
    }
    hasher.finish()
}

fn add(value: &Value, depth: usize, hasher: &mut FxHasher) {
    std::mem::discriminant(value).hash(hasher);
    let Some(below) = depth.checked_sub(1) else { return };
    let all = |several: &Rc<[Known]>, hasher: &mut FxHasher| {
        several.len().hash(hasher);
        for known in several.iter().take(32) {
            add(&known.value, below, hasher);
        }
    };
    match value {
        Value::Text(text) | Value::Env(text) | Value::Setting(text) | Value::Parameter(text) | Value::Unknown(text) => {
            text.hash(hasher);
        }
        Value::Number(number) => number.to_bits().hash(hasher),
        Value::Bool(yes) => yes.hash(hasher),
        Value::Nothing => {}
        Value::Concat(several)
        | Value::FirstOf(several)
        | Value::OneOf(several)
        | Value::Array(several)
        | Value::Computed(several) => all(several, hasher),
        Value::Object(object) => {
            object.open.hash(hasher);
            object.entries.len().hash(hasher);
            for (key, known) in object.entries.iter().take(64) {
                key.hash(hasher);
                add(&known.value, below, hasher);
            }
        }
        Value::Function(closure) => {
            closure.function.hash(hasher);
            closure.frame.as_ref().map(|frame| frame.id).hash(hasher);
        }
        Value::Class(class) => class.hash(hasher),
        Value::Instance(instance) => {
            instance.class.hash(hasher);
            instance.made.map(|span| (span.file, span.start)).hash(hasher);
            match &instance.arguments {
                None => 0_u8.hash(hasher),
                Some(arguments) => {
                    for argument in arguments {
                        add(&argument.value, below, hasher);
                    }
                }
            }
        }
        Value::Module(module) => module.hash(hasher),
        Value::Foreign(foreign) => add_foreign(foreign, below, hasher),
    }
}

fn add_foreign(foreign: &Foreign, depth: usize, hasher: &mut FxHasher) {
    let mut at = Some(foreign);
    while let Some(one) = at {
        std::mem::discriminant(&one.step).hash(hasher);
        match &one.step {
            Step::Import { package, name } => (package, name).hash(hasher),
            Step::Global(name) | Step::Member(name) => name.hash(hasher),
            Step::Injected(injection) => {
                for known in injection.tokens.iter().chain(&injection.types) {
                    add(&known.value, depth, hasher);
                }
            }
            // An event stands for all that leads to it.
            Step::Call(used) | Step::New(used) => {
                used.event.hash(hasher);
                return;
            }
            Step::Subclass(class) => class.hash(hasher),
            Step::Element => {}
            Step::Handed { argument, parameter } => (argument, parameter).hash(hasher),
        }
        at = one.before.as_deref();
    }
}
