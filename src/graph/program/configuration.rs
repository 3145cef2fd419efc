//! Values that a library reads from the application's configuration.

use std::rc::Rc;

use super::lookup::{Lookup, look_up, word_of};
use super::shapes::{Bound, Match, find_match, start_of};
use super::value::{Foreign, Injection, Instance, Known, Step, Value};
use super::walk::pushed;
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::configuration::{NameOf, Read, configuration};

/// What a use of a library reads: a variable or a setting, else its fallback. `None`: it is no
/// reading of the configuration, or its name cannot be told.
pub fn configured(trace: &Rc<Foreign>) -> Option<Value> {
    let package = start_of(trace)?;
    for row in configuration().iter().filter(|row| row.library.is_of(package)) {
        for read in &row.reads {
            if let Some(found) = find_match(&read.shape, &row.library, trace) {
                let named = found.bound(Symbol::new("member"));
                let is_none = |name: &Symbol| {
                    let first = name.split('.').next().unwrap_or(name);
                    read.except.iter().any(|none| none == first)
                };
                if !matches!(named, Some(Bound::Name(name)) if is_none(name)) {
                    return value_of(read, &found);
                }
            }
        }
    }
    None
}

fn value_of(read: &Read, found: &Match) -> Option<Value> {
    if read.of == NameOf::Container {
        return given(&found.find(&read.name)?.present()?);
    }
    let place = found.chain().find_map(|level| level.last.as_ref()).map(|last| last.span);
    let place = place.unwrap_or(Span::file_start(FileId(0)));
    let name = word_of(&found.find(&read.name)?.present()?)?;
    let value = match &read.of {
        NameOf::Variable => Value::Env(name),
        NameOf::Setting => Value::Setting(name),
        NameOf::Either if is_variable(&name) => Value::Env(name),
        NameOf::Either => Value::Setting(name),
        NameOf::Schema(schema) => return of_schema(*schema, name, found),
        NameOf::Container => return None,
    };
    let fallback = read.fallback.as_ref().and_then(|path| found.find(path)?.present());
    let validators = || read.defaults.as_ref().and_then(|path| found.find(path)?.present());
    let fallback = fallback.or_else(|| default_of(&validators()?, name));
    match fallback.filter(|fallback| !matches!(fallback.value, Value::Object(_))) {
        Some(fallback) => Some(Value::FirstOf(Rc::from([Known::new(value, place), fallback]))),
        None => Some(value),
    }
}

/// What validators by name say where nothing is set: `{ORDERS_URL: z.string().default('…')}`.
pub(super) fn default_of(validators: &Known, name: Symbol) -> Option<Known> {
    let Lookup::Present(validator) = look_up(validators, &[name]) else { return None };
    let Value::Foreign(foreign) = &validator.value else { return None };
    let default = Symbol::new("default");
    let mut at = Some(foreign);
    while let Some(step) = at {
        if let Step::Call(used) = &step.step {
            let member = step.before.as_ref().map(|before| &before.step);
            let is_default = matches!(member, Some(Step::Member(name)) if *name == default);
            let given = if is_default { used.arguments.first().cloned() } else { None };
            // `url({default: 'http://orders'})`
            let stated = || used.arguments.iter().find_map(|one| look_up(one, &[default]).present());
            let found = given.or_else(stated).filter(|known| !matches!(known.value, Value::Function(_)));
            if found.is_some() {
                return found;
            }
        }
        at = step.before.as_ref();
    }
    None
}

/// `app.get(Settings)`: an object of the class, made of what the container injects.
fn given(token: &Known) -> Option<Value> {
    match &token.value {
        Value::Class(class) => Some(Value::Instance(Rc::new(Instance { class: *class, arguments: None, made: None }))),
        Value::Foreign(class) => {
            let injection = Injection { tokens: Vec::new(), types: Vec::new(), span: token.span };
            pushed(class, Step::Injected(Rc::new(injection))).map(Value::Foreign)
        }
        _token => None,
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
