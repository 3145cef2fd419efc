//! Configuration files that code takes as values: `import settings from './config.json'`, and those
//! that it reads itself.

use std::rc::Rc;

use super::modules::SettingsId;
use super::value::{Known, Object, Value};
use super::walk::Walk;
use crate::facts::value::{Form, Value as Stated};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How deep keys may lie in one another.
const DEEPEST: usize = 16;

impl Walk<'_> {
    /// The object that a configuration file is. `asked_at` is where code takes it.
    pub(super) fn settings_value(&self, id: SettingsId, asked_at: Span) -> Known {
        let Some(settings) = self.modules.settings(id) else {
            return Known::unknown("a configuration file that is not there", asked_at);
        };
        let entries: Vec<(Vec<Symbol>, Known)> = settings
            .entries
            .iter()
            .map(|entry| {
                let keys = entry.key.split('.').map(Symbol::new).collect();
                (keys, value_of(&entry.value))
            })
            .collect();
        nested(&entries, 0, asked_at)
    }
}

/// Entries that begin alike are an object of their own.
fn nested(entries: &[(Vec<Symbol>, Known)], depth: usize, span: Span) -> Known {
    let mut object = Object::default();
    let mut at = 0;
    while let Some((keys, value)) = entries.get(at) {
        let Some(key) = keys.get(depth).copied() else {
            at += 1;
            continue;
        };
        let same = entries.get(at..).unwrap_or(&[]).iter().take_while(|(keys, _)| keys.get(depth) == Some(&key));
        let end = at + same.count();
        let is_leaf = keys.len() == depth + 1;
        let known = if is_leaf || depth >= DEEPEST {
            value.clone()
        } else {
            nested(entries.get(at..end).unwrap_or(&[]), depth + 1, span)
        };
        object.entries.push((key, known));
        at = if is_leaf { at + 1 } else { end };
    }
    Known::new(Value::Object(Rc::new(object)), span)
}

fn value_of(stated: &Stated) -> Known {
    let value = match &stated.form {
        Form::Literal(text) => Value::Text(*text),
        Form::Env(name) | Form::DeployVariable(name) => Value::Env(*name),
        Form::Setting(name) => Value::Setting(*name),
        Form::Concat(parts) => Value::Concat(parts.iter().map(value_of).collect()),
        Form::FirstOf(all) => Value::FirstOf(all.iter().map(value_of).collect()),
        Form::Secret(_) => Value::Unknown(Symbol::new("the value is a secret")),
        Form::ChartValue(_) | Form::ObjectKey(_) => Value::Unknown(Symbol::new("the value is set by the deployment")),
        Form::Unknown(reason) => Value::Unknown(reason.0),
    };
    Known::new(value, stated.span)
}
