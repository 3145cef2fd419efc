//! What the language itself does to values: numbers of texts, methods of texts and lists,
//! `Object.assign`, `bind`.

use std::rc::Rc;

use super::evaluate::spread_into;
use super::value::{Closure, Foreign, Frame, Known, ModuleId, Object, Step, Value};
use super::walk::Walk;
use crate::facts::program::Call;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

impl<'a> Walk<'a> {
    /// A function of the language, called with arguments. `None`: it is none.
    pub(super) fn builtin_function(
        &mut self,
        callee: &Known,
        arguments: &[Known],
        constructs: bool,
        span: Span,
    ) -> Option<Known> {
        let Value::Foreign(foreign) = &callee.value else { return None };
        let first = || arguments.first().cloned().unwrap_or_else(|| Known::new(Value::Nothing, span));
        match (global_of(foreign)?, constructs) {
            (Global::Plain("Number" | "parseInt" | "parseFloat" | "BigInt"), _) => {
                let first = first();
                Some(self.number_of(&first, span))
            }
            (Global::Plain("String" | "encodeURIComponent" | "encodeURI" | "decodeURIComponent"), _) => Some(first()),
            (Global::Of("Object", "freeze" | "seal"), _) => Some(first()),
            (Global::Of("Number", "parseInt" | "parseFloat"), _) => {
                let first = first();
                Some(self.number_of(&first, span))
            }
            (Global::Of("Object", "assign"), _) => {
                let mut object = Object::default();
                for argument in arguments {
                    spread_into(&mut object, &argument.value);
                }
                Some(Known::new(Value::Object(Rc::new(object)), span))
            }
            (Global::Of("Object", "values"), _) => match first().value {
                Value::Object(object) if !object.open => {
                    let values: Vec<Known> = object.entries.iter().map(|(_, known)| known.clone()).collect();
                    Some(Known::new(Value::Array(values.into()), span))
                }
                _other => None,
            },
            (Global::Of("Array", "from"), _) => match first().value {
                Value::Array(several) => Some(Known::new(Value::Array(several), span)),
                _other => None,
            },
            (Global::Of("Math", "min" | "max" | "round" | "floor" | "ceil"), _) => {
                match (first().value, arguments.len()) {
                    (Value::Number(number), 1) => Some(Known::new(Value::Number(number.round()), span)),
                    _other => Some(Known::new(Value::Computed(arguments.to_vec().into()), span)),
                }
            }
            (Global::Plain(_) | Global::Of(..), _) => None,
        }
    }

    /// A text as a number: of a literal its value, of a variable the variable.
    pub(super) fn number_of(&mut self, known: &Known, span: Span) -> Known {
        match &known.value {
            Value::Text(text) => match text.as_str().trim().parse::<f64>() {
                Ok(number) => Known { value: Value::Number(number), ..known.clone() },
                Err(_) => Known::new(Value::Computed(Rc::from([known.clone()])), span),
            },
            Value::FirstOf(several) => {
                let several = Rc::clone(several);
                let mut all = Vec::new();
                for one in several.iter() {
                    all.push(self.number_of(one, span));
                }
                Known::new(Value::FirstOf(all.into()), span)
            }
            Value::OneOf(several) => {
                let several = Rc::clone(several);
                let mut all = Vec::new();
                for one in several.iter() {
                    all.push(self.number_of(one, span));
                }
                Known::join(all, span)
            }
            _other => known.clone(),
        }
    }

    /// A method of a plain value, called. `None`: it is none that the language gives.
    pub(super) fn builtin_method(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        object: &Known,
        name: Symbol,
        call: &'a Call,
        span: Span,
    ) -> Option<Known> {
        match &object.value {
            Value::Text(_)
            | Value::Number(_)
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Parameter(_)
            | Value::Computed(_) => self.text_method(id, frame, object, name, call, span),
            Value::FirstOf(several) | Value::OneOf(several) => {
                let plain = several.iter().all(|one| {
                    matches!(
                        one.value,
                        Value::Text(_) | Value::Number(_) | Value::Env(_) | Value::Setting(_) | Value::Concat(_)
                    )
                });
                if plain { self.text_method(id, frame, object, name, call, span) } else { None }
            }
            Value::Array(several) => {
                let several = Rc::clone(several);
                self.list_method(id, frame, &several, name, call, span)
            }
            Value::Function(closure) => {
                let closure = Rc::clone(closure);
                self.function_method(id, frame, &closure, name, call, span)
            }
            Value::Module(_) | Value::Object(_) if name == "then" => self.then(id, frame, object, call, span),
            Value::Bool(_)
            | Value::Nothing
            | Value::Object(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_)
            | Value::Foreign(_)
            | Value::Unknown(_) => None,
        }
    }

    /// `import('./settings').then(({ url }) => …)`: a promise of the estate's own is its value.
    fn then(&mut self, id: ModuleId, frame: &Rc<Frame>, object: &Known, call: &'a Call, span: Span) -> Option<Known> {
        let own = matches!(&object.value, Value::Object(all) if all.get("then").is_some());
        let (arguments, _) = self.arguments(id, frame, call);
        let Some(Value::Function(closure)) = arguments.first().map(|one| &one.value).filter(|_| !own) else {
            return None;
        };
        let entered = self.enter(closure, Some(vec![object.clone()]), frame.depth + 1)?;
        self.edge(frame, span, &entered, None);
        Some(self.result(&entered, span))
    }

    fn text_method(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        object: &Known,
        name: Symbol,
        call: &'a Call,
        span: Span,
    ) -> Option<Known> {
        let same = |change: &dyn Fn(&str) -> String| match &object.value {
            Value::Text(text) => Known { value: Value::Text(Symbol::new(&change(text.as_str()))), ..object.clone() },
            _other => object.clone(),
        };
        match name.as_str() {
            "trim" | "trimEnd" | "trimStart" => Some(same(&|text| text.trim().to_owned())),
            "toLowerCase" => Some(same(&str::to_lowercase)),
            "toUpperCase" => Some(same(&str::to_uppercase)),
            "toString" | "valueOf" | "normalize" => Some(object.clone()),
            "replace" | "replaceAll" => {
                let (arguments, _) = self.arguments(id, frame, call);
                match (arguments.first().map(|one| &one.value), arguments.get(1).map(|one| &one.value)) {
                    (Some(Value::Text(from)), Some(Value::Text(to))) => {
                        Some(same(&|text| text.replacen(from.as_str(), to.as_str(), 1)))
                    }
                    // Patterns mostly take off what stands at the end: `.replace(/\/$/, '')`.
                    _pattern => Some(object.clone()),
                }
            }
            "concat" => {
                let (mut arguments, _) = self.arguments(id, frame, call);
                arguments.insert(0, object.clone());
                Some(Known::concat(arguments, span))
            }
            "split" => match (&object.value, self.arguments(id, frame, call).0.first().map(|one| &one.value)) {
                (Value::Text(text), Some(Value::Text(by))) if !by.as_str().is_empty() => {
                    let parts: Vec<Known> = text
                        .as_str()
                        .split(by.as_str())
                        .map(|part| Known { value: Value::Text(Symbol::new(part)), ..object.clone() })
                        .collect();
                    Some(Known::new(Value::Array(parts.into()), span))
                }
                // A list of a variable: the variable stands for any of its elements.
                (Value::Env(_) | Value::Setting(_) | Value::FirstOf(_), _) => {
                    Some(Known::new(Value::Array(Rc::from([object.clone()])), span))
                }
                _other => None,
            },
            _other => None,
        }
    }

    fn list_method(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        several: &Rc<[Known]>,
        name: Symbol,
        call: &'a Call,
        span: Span,
    ) -> Option<Known> {
        match name.as_str() {
            "map" | "forEach" | "filter" | "flatMap" | "find" | "some" | "every" | "reduce" => {
                let (arguments, _) = self.arguments(id, frame, call);
                let closure = match arguments.first().map(|one| &one.value) {
                    Some(Value::Function(closure)) => Rc::clone(closure),
                    _other if name.as_str() == "filter" => {
                        return Some(Known::new(Value::Array(Rc::clone(several)), span));
                    }
                    _other => return None,
                };
                let mut results = Vec::new();
                for one in several.iter().take(16) {
                    if let Some(entered) = self.enter(&closure, Some(vec![one.clone()]), frame.depth + 1) {
                        self.edge(frame, span, &entered, None);
                        results.push(self.result(&entered, span));
                    }
                }
                match name.as_str() {
                    "map" | "flatMap" => Some(Known::new(Value::Array(results.into()), span)),
                    "filter" => Some(Known::new(Value::Array(Rc::clone(several)), span)),
                    "find" => Some(Known::join(several.to_vec(), span)),
                    _other => Some(Known::unknown("a value gathered from a list", span)),
                }
            }
            "join" => {
                let (arguments, _) = self.arguments(id, frame, call);
                let mut parts = Vec::new();
                for (place, one) in several.iter().enumerate() {
                    if place > 0 {
                        match arguments.first() {
                            Some(between) => parts.push(between.clone()),
                            None => parts.push(Known::new(Value::Text(Symbol::new(",")), span)),
                        }
                    }
                    parts.push(one.clone());
                }
                Some(Known::concat(parts, span))
            }
            "concat" => {
                let mut all = several.to_vec();
                for argument in self.arguments(id, frame, call).0 {
                    match &argument.value {
                        Value::Array(more) => all.extend(more.iter().cloned()),
                        _one => all.push(argument),
                    }
                }
                Some(Known::new(Value::Array(all.into()), span))
            }
            "slice" | "reverse" | "sort" | "flat" => Some(Known::new(Value::Array(Rc::clone(several)), span)),
            _other => None,
        }
    }

    fn function_method(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        closure: &Rc<Closure>,
        name: Symbol,
        call: &'a Call,
        span: Span,
    ) -> Option<Known> {
        let (arguments, open) = self.arguments(id, frame, call);
        let this = arguments.first().cloned().filter(|one| !matches!(one.value, Value::Nothing));
        let bound = Closure { this: this.or_else(|| closure.this.clone()), ..(**closure).clone() };
        match name.as_str() {
            "bind" => Some(Known::new(Value::Function(Rc::new(bound)), span)),
            "call" => {
                let rest = (!open).then(|| arguments.get(1..).unwrap_or(&[]).to_vec());
                let entered = self.enter(&bound, rest, frame.depth + 1)?;
                self.edge(frame, span, &entered, None);
                Some(self.result(&entered, span))
            }
            "apply" => {
                let list = match arguments.get(1).map(|one| &one.value) {
                    Some(Value::Array(several)) => Some(several.to_vec()),
                    _other => None,
                };
                let entered = self.enter(&bound, list, frame.depth + 1)?;
                self.edge(frame, span, &entered, None);
                Some(self.result(&entered, span))
            }
            _other => None,
        }
    }
}

/// A name of the language's environment.
enum Global {
    /// `Number`
    Plain(&'static str),
    /// `Object.assign`
    Of(&'static str, &'static str),
}

fn global_of(foreign: &Foreign) -> Option<Global> {
    match (&foreign.step, foreign.before.as_deref()) {
        (Step::Global(name), None) => Some(Global::Plain(name.as_str())),
        (Step::Member(name), Some(Foreign { step: Step::Global(of), before: None, .. })) => {
            Some(Global::Of(of.as_str(), name.as_str()))
        }
        _other => None,
    }
}
