//! Values that a library reads from the application's configuration.

use std::rc::Rc;

use super::lookup::{Lookup, look_up, word_of};
use super::shapes::{Bound, Match, find_match, start_of};
use super::value::{Foreign, Known, Value};
use crate::source::symbol::Symbol;
use crate::tables::configuration::{NameOf, Read, configuration};

/// What a use of a library reads: a variable or a setting, else its fallback. `None`: it is no
/// reading of the configuration, or its name cannot be told.
pub fn configured(trace: &Rc<Foreign>) -> Option<Value> {
    let package = start_of(trace)?;
    for row in configuration().iter().filter(|row| row.library.is_of(package)) {
        for read in &row.reads {
            if let Some(found) = find_match(&read.shape, &row.library, trace) {
                return value_of(read, &found);
            }
        }
    }
    None
}

fn value_of(read: &Read, found: &Match) -> Option<Value> {
    let place = found.last.as_ref()?.span;
    let name = word_of(&found.find(&read.name)?.present()?)?;
    let value = match &read.of {
        NameOf::Variable => Value::Env(name),
        NameOf::Setting => Value::Setting(name),
        NameOf::Either if is_variable(&name) => Value::Env(name),
        NameOf::Either => Value::Setting(name),
        NameOf::Schema(schema) => return of_schema(*schema, name, found),
    };
    let fallback = read.fallback.as_ref().and_then(|path| found.find(path)?.present());
    match fallback.filter(|fallback| !matches!(fallback.value, Value::Object(_))) {
        Some(fallback) => Some(Value::FirstOf(Rc::from([Known::new(value, place), fallback]))),
        None => Some(value),
    }
}

/// `{orders: {url: {env: 'ORDERS_URL', default: 'http://orders'}}}` under `orders.url`.
fn of_schema(schema: Symbol, name: Symbol, found: &Match) -> Option<Value> {
    let schema = found.chain().find_map(|level| match level.bound(schema) {
        Some(Bound::Value(known)) => Some(known),
        Some(Bound::Missing | Bound::Unclear | Bound::Rest(..) | Bound::Name(_)) | None => None,
    })?;
    let entry = |last: &str| {
        let keys: Vec<Symbol> = name.split('.').chain([last]).map(Symbol::new).collect();
        match look_up(schema, &keys) {
            Lookup::Present(known) => Some(known),
            Lookup::Absent | Lookup::Unknown(_) => None,
        }
    };
    let variable = entry("env").and_then(|env| Some(Known::new(Value::Env(word_of(&env)?), env.span)));
    match (variable, entry("default")) {
        (Some(variable), Some(default)) => Some(Value::FirstOf(Rc::from([variable, default]))),
        (Some(variable), None) => Some(variable.value),
        (None, Some(default)) => {
            let setting = Known::new(Value::Setting(name), default.span);
            Some(Value::FirstOf(Rc::from([setting, default])))
        }
        (None, None) => Some(Value::Setting(name)),
    }
}

/// `ORDERS_URL`
fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}
