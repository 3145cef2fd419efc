//! Which variables an instruction of a Dockerfile sees, and what they hold.

use rustc_hash::FxHashMap;

use super::builder_arguments;
use crate::extract::interpolation::{Piece, Placed, pieces};
use crate::extract::reading::Reading;
use crate::extract::secrets;
use crate::facts::answer::Reason;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Deepest nesting of defaults, and longest chain of stages, that is followed.
const DEPTH_LIMIT: usize = 32;

/// Longest text that variables grow to: each may double the one before it.
const TEXT_LIMIT: usize = 64 * 1024;

/// What a variable holds, as far as the file tells.
#[derive(Clone, Debug)]
pub enum Known {
    /// This text.
    Text(String),
    /// A secret's text, which is not kept.
    Secret,
    /// Whoever builds decides.
    Open(Reason),
}

/// The variables of one stage.
#[derive(Debug, Default)]
struct Scope {
    base: Option<usize>,
    arguments: FxHashMap<Symbol, Known>,
    environment: FxHashMap<Symbol, Known>,
}

/// Global arguments and the variables of all stages so far.
#[derive(Debug, Default)]
pub struct Scopes {
    global: FxHashMap<Symbol, Known>,
    stages: Vec<Scope>,
}

impl Scopes {
    /// Begins a stage; `base`: the earlier stage that it is based on.
    pub fn enter(&mut self, base: Option<usize>) {
        self.stages.push(Scope { base, ..Scope::default() });
    }

    /// `ARG NAME` without default: the global one of that name holds, where there is one.
    pub fn declare(&mut self, name: Symbol) {
        let open = || Known::Open(Reason(Symbol::new(&format!("the build argument {name} has no default"))));
        let known = self.global.get(&name).cloned().unwrap_or_else(open);
        self.set(name, known, true);
    }

    /// `ARG NAME=…` or `ENV NAME=…`.
    pub fn set(&mut self, name: Symbol, known: Known, argument: bool) {
        match self.stages.last_mut() {
            None => self.global.insert(name, known),
            Some(stage) if argument => stage.arguments.insert(name, known),
            Some(stage) => stage.environment.insert(name, known),
        };
    }

    /// What a variable holds; `ENV` wins over `ARG`. `None`: nothing in the file sets it.
    fn look_up(&self, name: &str) -> Option<Known> {
        let symbol = Symbol::new(name);
        let Some(stage) = self.stages.last() else { return self.global_of(name) };
        let mut scope = Some(stage);
        for _ in 0..DEPTH_LIMIT {
            let Some(current) = scope else { break };
            if let Some(known) = current.environment.get(&symbol) {
                return Some(known.clone());
            }
            scope = current.base.and_then(|base| self.stages.get(base));
        }
        stage.arguments.get(&symbol).cloned()
    }

    fn global_of(&self, name: &str) -> Option<Known> {
        let open = || Known::Open(Reason(Symbol::new(&format!("the builder sets {name}"))));
        let known = self.global.get(&Symbol::new(name)).cloned();
        known.or_else(|| builder_arguments().contains(name).then(open))
    }

    /// The text with its variables replaced, for `FROM`, which sees global arguments only.
    pub fn resolved_in_from(&self, placed: Placed<'_>) -> Result<String, Reason> {
        let text = self.resolved_by(placed, &|name| self.global_of(name), 0)?;
        if text.trim().is_empty() {
            return Err(Reason(Symbol::new("its variables are empty")));
        }
        Ok(text)
    }

    /// The text with its variables replaced.
    pub fn resolved(&self, placed: Placed<'_>) -> Result<String, Reason> {
        self.resolved_by(placed, &|name| self.look_up(name), 0)
    }

    /// What a variable that is set to this text holds.
    pub fn known(&self, placed: Placed<'_>) -> Known {
        self.resolved(placed).map_or_else(Known::Open, Known::Text)
    }

    fn resolved_by(
        &self,
        placed: Placed<'_>,
        look_up: &dyn Fn(&str) -> Option<Known>,
        depth: usize,
    ) -> Result<String, Reason> {
        let unknown = |text: String| Err(Reason(Symbol::new(&text)));
        if depth >= DEPTH_LIMIT {
            return unknown("its defaults are nested too deep".to_owned());
        }
        let cut = pieces(placed);
        if cut.stray.iter().any(|span| span.end > span.start + 1) {
            return unknown("it changes a variable's text by a pattern".to_owned());
        }
        let mut out = String::new();
        for piece in cut.pieces {
            match piece {
                Piece::Text(text, _) => out.push_str(&text),
                Piece::Variable { name, default, .. } => match (look_up(name), default) {
                    (Some(Known::Text(text)), _) if !text.is_empty() => out.push_str(&text),
                    (Some(Known::Secret), _) => return unknown(format!("{name} holds a secret")),
                    (_, Some(default)) => out.push_str(&self.resolved_by(default, look_up, depth + 1)?),
                    (Some(Known::Text(_)), None) => {}
                    (Some(Known::Open(reason)), None) => return Err(reason),
                    (None, None) => return unknown(format!("nothing in the file sets {name}")),
                },
                Piece::Alternative { name, text, .. } => match look_up(name) {
                    Some(Known::Text(set)) if !set.is_empty() => {
                        out.push_str(&self.resolved_by(text, look_up, depth + 1)?);
                    }
                    Some(Known::Text(_)) | None => {}
                    Some(Known::Secret) => out.push_str(&self.resolved_by(text, look_up, depth + 1)?),
                    Some(Known::Open(reason)) => return Err(reason),
                },
            }
            if out.len() > TEXT_LIMIT {
                return unknown("its variables make it too long".to_owned());
            }
        }
        Ok(out)
    }

    /// The value that `key` is set to: known variables as their text, those of the base
    /// image as variables, secrets noted.
    pub fn value(&self, reading: &mut Reading<'_>, key: &str, placed: Placed<'_>) -> Value {
        let cut = pieces(placed);
        if cut.pieces.is_empty() {
            return Value::literal("", placed.span);
        }
        let mut parts = Vec::with_capacity(cut.pieces.len());
        for piece in &cut.pieces {
            parts.push(match piece {
                Piece::Text(text, span) => secrets::Piece::Literal(text, *span),
                Piece::Variable { name, default, span } => {
                    secrets::Piece::Other(self.variable(reading, key, name, *default, *span))
                }
                Piece::Alternative { name, text, span } => {
                    let chosen = match self.look_up(name) {
                        Some(Known::Open(reason)) => Err(reason),
                        Some(Known::Text(set)) if set.is_empty() => Ok(String::new()),
                        Some(Known::Text(_) | Known::Secret) => self.resolved(*text),
                        None => Ok(String::new()),
                    };
                    secrets::Piece::Other(configured(reading, key, chosen, *span))
                }
            });
        }
        secrets::configured_pieces(reading, key, parts, placed.span, SecretPlace::Recipe)
    }

    fn variable(
        &self,
        reading: &mut Reading<'_>,
        key: &str,
        name: &str,
        default: Option<Placed<'_>>,
        span: Span,
    ) -> Value {
        match (self.look_up(name), default) {
            (Some(Known::Text(text)), _) if !text.is_empty() => configured(reading, key, Ok(text), span),
            (Some(Known::Secret), _) | (None, None) => Value { form: Form::Env(Symbol::new(name)), span },
            (Some(Known::Text(_)), None) => Value::literal("", span),
            (Some(Known::Open(reason)), None) => Value { form: Form::Unknown(reason), span },
            (_, Some(default)) => {
                let key = if secrets::is_secret_key(name) { name } else { key };
                configured(reading, key, self.resolved(default), default.span)
            }
        }
    }
}

fn configured(reading: &mut Reading<'_>, key: &str, text: Result<String, Reason>, span: Span) -> Value {
    match text {
        Ok(text) => secrets::configured(reading, key, &text, span, SecretPlace::Recipe),
        Err(reason) => Value { form: Form::Unknown(reason), span },
    }
}
