//! Making and joining of values.

use std::rc::Rc;

use super::fingerprint::fingerprint;
use super::value::{Foreign, Known, Object, Step, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How many alternatives a value keeps.
const ALTERNATIVES: usize = 8;

impl Known {
    /// A value written at `span`.
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, through: Rc::from([]) }
    }

    /// What cannot be followed, with the reason.
    pub fn unknown(reason: &str, span: Span) -> Self {
        Self::new(Value::Unknown(Symbol::new(reason)), span)
    }

    /// The start of a library's value.
    pub fn foreign(step: Step, span: Span) -> Self {
        Self::new(Value::Foreign(Rc::new(Foreign { before: None, step, length: 1 })), span)
    }

    /// The same value with one more place that it came through.
    pub fn via(mut self, span: Span) -> Self {
        if self.span != span && self.through.len() < 4 && !self.through.contains(&span) {
            let mut through = vec![span];
            through.extend(self.through.iter().copied());
            self.through = through.into();
        }
        self
    }

    /// True where a value is certainly set, so that nothing behind `??` counts.
    pub fn is_set(&self) -> bool {
        match &self.value {
            Value::Text(text) => !text.as_str().is_empty(),
            Value::Number(_)
            | Value::Bool(true)
            | Value::Concat(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::Function(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_) => true,
            Value::FirstOf(several) => several.last().is_some_and(Self::is_set),
            Value::OneOf(several) => several.iter().all(Self::is_set),
            Value::Bool(false)
            | Value::Nothing
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Foreign(_)
            | Value::Parameter(_)
            | Value::Computed(_)
            | Value::Unknown(_) => false,
        }
    }

    /// `a ?? b`
    pub fn or_else(self, other: Self) -> Self {
        if self.is_set() || matches!(other.value, Value::Nothing) {
            return self;
        }
        if matches!(self.value, Value::Nothing | Value::Bool(false))
            || matches!(&self.value, Value::Text(text) if text.as_str().is_empty())
        {
            return other;
        }
        let span = self.span;
        let mut all: Vec<Self> = Vec::new();
        for one in [self, other] {
            match one.value {
                Value::FirstOf(several) => all.extend(several.iter().cloned()),
                value => all.push(Self { value, span: one.span, through: one.through }),
            }
        }
        all.truncate(ALTERNATIVES);
        Self::new(Value::FirstOf(all.into()), span)
    }

    /// One of several, whichever: equal ones once, what is not set only where nothing else is.
    /// `span` is for the case that there is none.
    pub fn join(several: Vec<Self>, span: Span) -> Self {
        let mut found: Vec<(u64, Self)> = Vec::new();
        let mut nothing = None;
        for one in several {
            let parts: Vec<Self> = match &one.value {
                Value::OneOf(parts) => parts.to_vec(),
                Value::Nothing => {
                    nothing = nothing.or(Some(one));
                    continue;
                }
                _one => vec![one],
            };
            for part in parts {
                let print = fingerprint(&part.value);
                if found.len() < ALTERNATIVES && !found.iter().any(|(other, _)| *other == print) {
                    found.push((print, part));
                }
            }
        }
        match found.len() {
            0 => nothing.unwrap_or_else(|| Self::new(Value::Nothing, span)),
            1 => found.swap_remove(0).1,
            _more => {
                let all: Vec<Self> = found.into_iter().map(|(_, known)| known).collect();
                let span = all.first().map_or(span, |first| first.span);
                Self::new(Value::OneOf(all.into()), span)
            }
        }
    }

    /// One of two by a condition; that it may be nothing is kept, unlike what several ways give back.
    pub fn either(then: Self, otherwise: Self, span: Span) -> Self {
        match (&then.value, &otherwise.value) {
            (Value::Nothing, Value::Nothing) => then,
            (Value::Nothing, _) => Self::new(Value::OneOf([otherwise, then].into()), span),
            (_, Value::Nothing) => Self::new(Value::OneOf([then, otherwise].into()), span),
            (_, _) => Self::join(vec![then, otherwise], span),
        }
    }

    /// Parts one after the other; texts that meet become one.
    pub fn concat(parts: Vec<Self>, span: Span) -> Self {
        let mut all: Vec<Self> = Vec::new();
        for part in parts {
            let inner: Vec<Self> = match &part.value {
                Value::Concat(inner) => inner.to_vec(),
                Value::Number(number) => vec![Self { value: Value::Text(Symbol::new(&number.to_string())), ..part }],
                _part => vec![part],
            };
            for one in inner {
                let joined = match (all.last().map(|last| &last.value), &one.value) {
                    (Some(Value::Text(a)), Value::Text(b)) => Some(Symbol::new(&format!("{a}{b}"))),
                    _other => None,
                };
                match (joined, all.last_mut()) {
                    (Some(text), Some(last)) => last.value = Value::Text(text),
                    _apart => all.push(one),
                }
            }
        }
        all.truncate(64);
        match all.len() {
            0 => Self::new(Value::Text(Symbol::new("")), span),
            1 if matches!(all.first().map(|one| &one.value), Some(Value::Text(_))) => {
                Self { span, ..all.swap_remove(0) }
            }
            _more => Self::new(Value::Concat(all.into()), span),
        }
    }
}

impl Object {
    /// The value of a key, with whether something that is not known may overwrite it.
    /// `None`: there is no such key among those known.
    pub fn get(&self, name: &str) -> Option<(&Known, bool)> {
        let place = self.entries.iter().rposition(|(key, _)| key.as_str() == name)?;
        let (_, known) = self.entries.get(place)?;
        Some((known, place < self.unknown_after))
    }
}
