//! A scalar's text, cut at what is not literal: what a template puts there, and references
//! to the container's other variables.

use crate::extract::secrets::{Piece, configured_pieces, is_secret_key};
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Style};

use super::manifest::{Manifest, definition_text_span, text_span};
use super::template::{computed, value_of};

/// Longer texts are files or scripts; interned text lives as long as the process.
pub(super) const SETTING_LIMIT: usize = 4_096;

/// One part of a text.
pub(super) enum Part {
    /// Text, and its place.
    Text(String, Span),
    /// A hole or a reference.
    Other(Value),
}

/// Whether `$(NAME)` means a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    /// In `env`, `command` and `args` (core/v1, EnvVar and Container).
    Expanded,
    /// Everywhere else.
    Literal,
}

impl Manifest<'_, '_> {
    /// A scalar as a value: the literal, or what a template puts there. For texts that cannot
    /// be secret; others go through [`Manifest::configured`].
    pub fn value(&self, node: Node<'_>) -> Value {
        if node.raw().is_none() {
            return Value::unknown("there is no text here", node.span());
        }
        let span = text_span(node);
        let mut values: Vec<Value> = Vec::new();
        for part in self.parts(node, References::Literal) {
            values.push(match part {
                Part::Text(text, span) => Value::literal(&text, span),
                Part::Other(value) => value,
            });
        }
        match values.len() {
            0 => Value::literal("", span),
            1 => Value { span, ..values.remove(0) },
            _ => Value { form: Form::Concat(values), span },
        }
    }

    /// The value that `key` is set to, with secrets taken out.
    pub fn configured(&mut self, key: &str, node: Node<'_>, references: References) -> Value {
        if node.raw().is_none() {
            return Value::unknown("there is no text here", node.span());
        }
        if node.raw().is_some_and(|text| text.len() > SETTING_LIMIT) && !is_secret_key(key) {
            return Value::unknown("the text is too long for a setting", text_span(node));
        }
        let parts = self.parts(node, references);
        let value = self.configured_parts(key, &parts, definition_text_span(node));
        Value { span: text_span(node), ..value }
    }

    /// As [`Manifest::configured`] for a text that is cut already.
    pub fn configured_parts(&mut self, key: &str, parts: &[Part], span: Span) -> Value {
        let piece = |part| match part {
            &Part::Text(ref text, span) => Piece::Literal(text, span),
            Part::Other(value) => Piece::Other(value.clone()),
        };
        let pieces = parts.iter().map(piece).collect();
        configured_pieces(self.reading, key, pieces, span, SecretPlace::Manifest)
    }

    /// The parts of a scalar's text.
    pub fn parts(&self, node: Node<'_>, references: References) -> Vec<Part> {
        let span = definition_text_span(node);
        let holes = self.template.holes_in(node.definition());
        let Some(first) = holes.first() else {
            return self.literal_parts(node.text().unwrap_or_default(), span, references);
        };
        if node.style() == Some(Style::Block) {
            return vec![Part::Other(Value { form: Form::Unknown(computed(&first.expression)), span })];
        }
        let mut parts = Vec::new();
        let mut at = span.start;
        for hole in holes {
            let before = Span::new(span.file, at, hole.range.start);
            parts.extend(self.literal_parts(self.reading.text_of(before), before, references));
            parts.push(Part::Other(value_of(hole, Span::new(span.file, hole.range.start, hole.range.end))));
            at = hole.range.end;
        }
        if at < span.end {
            let rest = Span::new(span.file, at, span.end);
            parts.extend(self.literal_parts(self.reading.text_of(rest), rest, references));
        }
        parts
    }

    /// The parts of a text without holes, which stands at `span`.
    pub fn literal_parts(&self, text: &str, span: Span, references: References) -> Vec<Part> {
        if text.is_empty() {
            return Vec::new();
        }
        if references == References::Literal || !text.contains('$') {
            return vec![Part::Text(text.to_owned(), span)];
        }
        // Offsets in the text are offsets in the file only where nothing was unescaped.
        let exact = self.reading.text_of(span) == text;
        let span_of = |from: usize, to: usize| {
            if exact { Span::new(span.file, span.start + from as u32, span.start + to as u32) } else { span }
        };
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut literal_start = 0;
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find('$')) {
            let dollar = at + found;
            literal.push_str(text.get(at..dollar).unwrap_or_default());
            let rest = text.get(dollar..).unwrap_or_default();
            if !rest.starts_with("$(") {
                // `$$` is one dollar, also before a parenthesis.
                literal.push('$');
                at = dollar + if rest.starts_with("$$") { 2 } else { 1 };
                continue;
            }
            let Some(close) = rest.find(')') else {
                at = dollar;
                break;
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal), span_of(literal_start, dollar)));
            }
            at = dollar + close + 1;
            literal_start = at;
            let name = Symbol::new(rest.get(2..close).unwrap_or_default());
            parts.push(Part::Other(Value { form: Form::Env(name), span: span_of(dollar, at) }));
        }
        literal.push_str(text.get(at..).unwrap_or_default());
        if !literal.is_empty() {
            parts.push(Part::Text(literal, span_of(literal_start, text.len())));
        }
        parts
    }
}
