//! Which columns are unique together, where a table's shape is an object in a call: `define('order',
//! { number: { unique: true } })`, `new Schema({ … })`, `pgTable('orders', { number: text().unique() })`.

use std::rc::Rc;

use super::entities::Entity;
use super::statements::unique_index;
use crate::graph::program::event::{EventId, events_of};
use crate::graph::program::shapes::steps_of;
use crate::graph::program::value::{ClassRef, Foreign, Known, Object, Step, Value};
use crate::graph::program::walk::Walk;
use crate::source::symbol::Symbol;

/// How deep what a call is handed is looked into.
const DEPTH: usize = 3;
/// Members that make a column unique.
const MEMBERS: [&str; 2] = ["unique", "primaryKey"];

/// What the arguments of a call that makes a model say: unique columns, and the calls that made
/// the shape.
pub(super) fn shape_of(trace: &Rc<Foreign>) -> (Vec<Vec<Symbol>>, Vec<EventId>) {
    let (mut unique, mut made) = (Vec::new(), Vec::new());
    if let Step::Call(used) | Step::New(used) = &trace.step {
        for argument in &used.arguments {
            in_value(argument, DEPTH, &mut unique, &mut made);
        }
    }
    (unique, made)
}

fn in_value(known: &Known, depth: usize, unique: &mut Vec<Vec<Symbol>>, made: &mut Vec<EventId>) {
    let Some(below) = depth.checked_sub(1) else { return };
    match &known.value {
        Value::Object(object) => in_object(object, unique),
        Value::Foreign(foreign) => {
            let mut at = Some(foreign);
            while let Some(way) = at {
                if let Step::Call(used) | Step::New(used) = &way.step {
                    made.push(used.event);
                    for argument in &used.arguments {
                        in_value(argument, below, unique, made);
                    }
                }
                at = way.before.as_ref();
            }
        }
        _other => {}
    }
}

fn in_object(object: &Object, unique: &mut Vec<Vec<Symbol>>) {
    for (name, known) in &object.entries {
        match &known.value {
            Value::Object(column) if MEMBERS.iter().any(|member| is_set(column, member)) => unique.push(vec![*name]),
            Value::Foreign(column) if calls_one(column) => unique.push(vec![*name]),
            Value::Array(indexes) if *name == "indexes" => {
                unique.extend(indexes.iter().filter_map(|index| match &index.value {
                    Value::Object(index) if is_set(index, "unique") => names_of(index.get("fields")?.0),
                    _other => None,
                }));
            }
            _other => {}
        }
    }
}

/// `unique: true`, `unique: 'number_of_shop'`, `unique: { msg: '…' }`
fn is_set(object: &Object, name: &str) -> bool {
    object.get(name).is_some_and(|(known, _)| {
        matches!(known.value, Value::Bool(true) | Value::Text(_) | Value::Object(_) | Value::Array(_))
    })
}

fn names_of(known: &Known) -> Option<Vec<Symbol>> {
    let Value::Array(all) = &known.value else { return None };
    let names: Option<Vec<Symbol>> = all
        .iter()
        .map(|one| match &one.value {
            Value::Text(name) => Some(*name),
            _other => None,
        })
        .collect();
    names.filter(|names| !names.is_empty())
}

fn calls_one(column: &Rc<Foreign>) -> bool {
    let steps = steps_of(column).unwrap_or_default();
    steps.iter().any(|step| matches!(&step.step, Step::Member(name) if MEMBERS.contains(&name.as_str())))
}

/// Adds what is said of a shape afterwards: `schema.index({ number: 1 }, { unique: true })`.
pub(super) fn add_indexes(walk: &Walk<'_>, entities: &mut [Entity]) {
    for event in &walk.events().list {
        let columns = unique_index(&event.trace);
        if columns.is_empty() {
            continue;
        }
        let through = events_of(&Value::Foreign(Rc::clone(&event.trace)));
        let classes = classes_of(&event.trace);
        for entity in entities.iter_mut() {
            let is_of = entity.made_of.iter().any(|made| through.contains(made))
                || entity.class.is_some_and(|class| classes.contains(&class));
            if is_of {
                entity
                    .unique
                    .extend(columns.iter().filter(|one| !entity.unique.contains(one)).cloned().collect::<Vec<_>>());
            }
        }
    }
}

/// Classes that calls on a way are handed: of `SchemaFactory.createForClass(Order)`.
fn classes_of(trace: &Rc<Foreign>) -> Vec<ClassRef> {
    let mut found = Vec::new();
    let mut at = Some(trace);
    while let Some(way) = at {
        if let Step::Call(used) | Step::New(used) = &way.step {
            found.extend(used.arguments.iter().filter_map(|argument| match &argument.value {
                Value::Class(class) => Some(*class),
                _other => None,
            }));
        }
        at = way.before.as_ref();
    }
    found
}
