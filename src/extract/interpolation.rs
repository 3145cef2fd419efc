//! Texts with variables in them, `${ORDERS_HOST:-orders}`, as symbolic values with places.
//!
//! The syntax is that of Compose (docs.docker.com/reference/compose-file/interpolation),
//! which shells and `envsubst` share as far as they go.

use std::borrow::Cow;
use std::ops::Range;

use super::reading::Reading;
use super::secrets;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Deepest nesting of defaults that is followed: `${A:-${B:-${C}}}` has three levels.
const DEPTH_LIMIT: usize = 16;

/// A text after unquoting and where it stands. Parts of it have places of their own where
/// the file holds the same bytes, bare or between quotes; otherwise they share the whole's.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'t> {
    /// `${ORDERS_HOST:-orders}`
    pub text: &'t str,
    /// Its bytes without quotes.
    pub span: Span,
    exact: bool,
}

impl<'t> Placed<'t> {
    /// `text` as a parser gave it, and `span` as the file holds it, quotes included.
    pub fn new(reading: &Reading<'_>, text: &'t str, span: Span) -> Self {
        let written = reading.text_of(span);
        if written == text {
            return Self { text, span, exact: true };
        }
        let inner = ['"', '\''].iter().find_map(|&quote| written.strip_prefix(quote)?.strip_suffix(quote));
        if inner == Some(text) {
            let span = Span::new(span.file, span.start + 1, span.end - 1);
            return Self { text, span, exact: true };
        }
        Self { text, span, exact: false }
    }

    /// The text of a scalar; `None` for null and for collections.
    pub fn of(reading: &Reading<'_>, node: Node<'t>) -> Option<Self> {
        Some(Self::new(reading, node.text()?, node.span()))
    }

    /// The bytes `range` of the text; empty where it does not fit.
    pub fn part(self, range: Range<usize>) -> Self {
        let text = self.text.get(range.clone()).unwrap_or("");
        Self { text, span: self.part_span(range), exact: self.exact }
    }

    /// Before and behind the first `sign`.
    pub fn split_once(self, sign: char) -> Option<(Self, Self)> {
        let at = self.text.find(sign)?;
        Some((self.part(0..at), self.part(at + sign.len_utf8()..self.text.len())))
    }

    /// Without white space around it.
    pub fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        self.part(start..start + self.text.trim().len())
    }

    fn part_span(self, range: Range<usize>) -> Span {
        if !self.exact {
            return self.span;
        }
        Span::new(self.span.file, self.span.start + range.start as u32, self.span.start + range.end as u32)
    }
}

/// A stretch of a text with variables.
#[derive(Debug)]
pub enum Piece<'t> {
    /// Text as it is; `$$` has become `$`.
    Text(Cow<'t, str>, Span),
    /// `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`.
    Variable {
        /// `NAME`
        name: &'t str,
        /// Taken where the variable is not set; may hold variables itself.
        default: Option<Placed<'t>>,
        /// All of it.
        span: Span,
    },
    /// `${NAME:+text}`: the text where the variable is set, else nothing.
    Alternative {
        /// `NAME`
        name: &'t str,
        /// Taken where the variable is set; may hold variables itself.
        text: Placed<'t>,
        /// All of it.
        span: Span,
    },
}

/// A text cut into its pieces.
#[derive(Debug)]
pub struct Pieces<'t> {
    /// In order; empty for the empty text.
    pub pieces: Vec<Piece<'t>>,
    /// Dollar signs that begin no variable; they stay text.
    pub stray: Vec<Span>,
}

/// Cuts a text into text and variables.
pub fn pieces(placed: Placed<'_>) -> Pieces<'_> {
    let text = placed.text;
    let mut found = Pieces { pieces: Vec::new(), stray: Vec::new() };
    let mut plain = 0;
    let mut from = 0;
    while let Some(dollar) = text.get(from..).and_then(|rest| rest.find('$')).map(|at| from + at) {
        let rest = text.get(dollar + 1..).unwrap_or("");
        let length = if rest.starts_with('{') { braced_length(rest) } else { name_length(rest) };
        if rest.starts_with('$') {
            found.push_text(placed, plain..dollar + 1);
            plain = dollar + 2;
            from = plain;
        } else if length == 0 {
            found.stray.push(placed.part_span(dollar..dollar + 1));
            // An unclosed brace has none behind it either, so the search ends here.
            from = if rest.starts_with('{') { text.len() } else { dollar + 1 };
        } else {
            let end = dollar + 1 + length;
            found.push_text(placed, plain..dollar);
            let inner = if rest.starts_with('{') { dollar + 2..end - 1 } else { dollar + 1..end };
            match variable(placed.part(inner), placed.part_span(dollar..end)) {
                Some(piece) => found.pieces.push(piece),
                None => {
                    found.stray.push(placed.part_span(dollar..end));
                    found.push_text(placed, dollar..end);
                }
            }
            plain = end;
            from = end;
        }
    }
    found.push_text(placed, plain..text.len());
    found
}

impl<'t> Pieces<'t> {
    fn push_text(&mut self, placed: Placed<'t>, range: Range<usize>) {
        let part = placed.part(range);
        if part.text.is_empty() {
            return;
        }
        match self.pieces.last_mut() {
            Some(Piece::Text(text, span)) => {
                text.to_mut().push_str(part.text);
                *span = span.cover(part.span);
            }
            Some(Piece::Variable { .. } | Piece::Alternative { .. }) | None => {
                self.pieces.push(Piece::Text(Cow::Borrowed(part.text), part.span));
            }
        }
    }
}

/// Length of the name that `text` begins with; 0 where it begins with none.
fn name_length(text: &str) -> usize {
    if text.starts_with(|sign: char| sign.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// Length of `{…}` with the braces; 0 where it is never closed.
fn braced_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut before = b'$';
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if before == b'$' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        before = byte;
    }
    0
}

fn variable(inner: Placed<'_>, span: Span) -> Option<Piece<'_>> {
    let length = name_length(inner.text);
    if length == 0 {
        return None;
    }
    let name = inner.text.get(..length)?;
    let rest = inner.text.get(length..)?;
    let operator = rest.strip_prefix(':').unwrap_or(rest).chars().next();
    let colon = usize::from(rest.starts_with(':'));
    let default = || inner.part(length + colon + 1..inner.text.len());
    match operator {
        None if colon == 0 => Some(Piece::Variable { name, default: None, span }),
        Some('-') => Some(Piece::Variable { name, default: Some(default()), span }),
        Some('?') => Some(Piece::Variable { name, default: None, span }),
        Some('+') => Some(Piece::Alternative { name, text: default(), span }),
        None | Some(_) => None,
    }
}

/// The symbolic value of a text without secrets in it; `variable` makes the form of a
/// variable, such as [`Form::DeployVariable`].
pub fn value(placed: Placed<'_>, variable: fn(Symbol) -> Form) -> Value {
    value_within(placed, variable, 0)
}

fn value_within(placed: Placed<'_>, variable: fn(Symbol) -> Form, depth: usize) -> Value {
    if depth >= DEPTH_LIMIT {
        return too_deep(placed.span);
    }
    let parts = pieces(placed).pieces.into_iter().map(|piece| match piece {
        Piece::Text(text, span) => Value::literal(&text, span),
        Piece::Variable { name, default, span } => {
            let default = default.map(|default| value_within(default, variable, depth + 1));
            variable_value(name, default, span, variable)
        }
        Piece::Alternative { name, span, .. } => alternative(name, span),
    });
    joined(parts.collect(), placed.span)
}

/// The symbolic value that `key` is set to: like [`value`], with secret parts noted as
/// [`secrets::configured`] does. A default is judged by the variable's name as well:
/// `DSN=${DB_PASSWORD:-hunter2}`.
pub fn configured(
    reading: &mut Reading<'_>,
    key: &str,
    placed: Placed<'_>,
    variable: fn(Symbol) -> Form,
    place: SecretPlace,
) -> Value {
    configured_within(reading, key, placed, variable, place, 0)
}

fn configured_within(
    reading: &mut Reading<'_>,
    key: &str,
    placed: Placed<'_>,
    variable: fn(Symbol) -> Form,
    place: SecretPlace,
    depth: usize,
) -> Value {
    if depth >= DEPTH_LIMIT {
        return too_deep(placed.span);
    }
    let found = pieces(placed).pieces;
    if found.is_empty() {
        return Value::literal("", placed.span);
    }
    let mut parts = Vec::with_capacity(found.len());
    for piece in &found {
        parts.push(match piece {
            Piece::Text(text, span) => secrets::Piece::Literal(text, *span),
            Piece::Variable { name, default, span } => {
                let key = if secrets::is_secret_key(name) { name } else { key };
                let default =
                    default.map(|default| configured_within(reading, key, default, variable, place, depth + 1));
                secrets::Piece::Other(variable_value(name, default, *span, variable))
            }
            Piece::Alternative { name, span, .. } => secrets::Piece::Other(alternative(name, *span)),
        });
    }
    secrets::configured_pieces(reading, key, parts, placed.span, place)
}

fn variable_value(name: &str, default: Option<Value>, span: Span, variable: fn(Symbol) -> Form) -> Value {
    let set = Value { form: variable(Symbol::new(name)), span };
    match default {
        None => set,
        Some(default) => Value { form: Form::FirstOf(vec![set, default]), span },
    }
}

fn alternative(name: &str, span: Span) -> Value {
    Value::unknown(&format!("it depends on whether {name} is set"), span)
}

fn too_deep(span: Span) -> Value {
    Value::unknown("its defaults are nested too deep", span)
}

/// One value of the parts one after the other.
fn joined(mut parts: Vec<Value>, span: Span) -> Value {
    match parts.len() {
        0 => Value::literal("", span),
        1 => parts.remove(0),
        _ => Value { form: Form::Concat(parts), span },
    }
}

/// The text with each variable replaced by its default: what the file says where nothing
/// else is set. The name of the first variable without default where there is one.
pub fn with_defaults(placed: Placed<'_>) -> Result<String, Symbol> {
    let mut out = String::new();
    push_defaults(placed, &mut out, 0)?;
    Ok(out)
}

fn push_defaults(placed: Placed<'_>, out: &mut String, depth: usize) -> Result<(), Symbol> {
    for piece in pieces(placed).pieces {
        match piece {
            Piece::Text(text, _) => out.push_str(&text),
            Piece::Variable { default: Some(default), .. } if depth < DEPTH_LIMIT => {
                push_defaults(default, out, depth + 1)?;
            }
            Piece::Variable { name, .. } | Piece::Alternative { name, .. } => return Err(Symbol::new(name)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
