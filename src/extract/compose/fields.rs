//! The shapes that fields of a Compose file take: texts with variables, lists, flags, pairs.

use crate::extract::interpolation::{self, Placed};
use crate::extract::reading::Reading;
use crate::extract::secrets;
use crate::facts::answer::Answer;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// True for null, also behind a tag: `!reset null`.
pub fn is_nothing(node: Node<'_>) -> bool {
    matches!(node.raw(), Some("" | "~" | "null" | "Null" | "NULL")) && !is_quoted(node)
}

fn is_quoted(node: Node<'_>) -> bool {
    node.style() == Some(crate::syntax::tree::Style::Quoted)
}

/// A scalar's text; a problem for collections, nothing for null. Dollar signs that begin no
/// variable are problems too, since Compose refuses the file for them.
pub fn text<'t>(reading: &mut Reading<'_>, node: Node<'t>, what: &str) -> Option<Placed<'t>> {
    if is_nothing(node) {
        return None;
    }
    let Some(raw) = node.raw() else {
        reading.problem(node.span(), &format!("{what} is no text"), "write a single text or number here");
        return None;
    };
    let placed = Placed::new(reading, raw, node.span());
    for stray in interpolation::pieces(placed).stray {
        reading.problem(
            stray,
            "a dollar sign begins no variable",
            "write `$$` for a dollar sign, `${NAME}` for a variable",
        );
    }
    Some(placed)
}

/// A scalar's text as a symbolic value.
pub fn value(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Option<Value> {
    text(reading, node, what).map(literal)
}

/// A text as a symbolic value.
pub fn literal(placed: Placed<'_>) -> Value {
    interpolation::value(placed, Form::DeployVariable)
}

/// What `key` is set to, with its secrets noted.
pub fn configured(reading: &mut Reading<'_>, key: &str, placed: Placed<'_>) -> Value {
    interpolation::configured(reading, key, placed, Form::DeployVariable, SecretPlace::Manifest)
}

/// The text with defaults in place of variables; `None` and a note where one has none.
pub fn resolved(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Option<String> {
    let placed = text(reading, node, what)?;
    match interpolation::with_defaults(placed) {
        Ok(text) => Some(text),
        Err(name) => {
            reading.unclear(placed.span, what, &format!("the variable {name} has no default"));
            None
        }
    }
}

/// A path relative to `folder`, after defaults. `None` and a note where it is computed,
/// absolute or outside of the estate.
pub fn path(reading: &mut Reading<'_>, folder: EstatePath, node: Node<'_>, what: &str) -> Option<EstatePath> {
    let relative = resolved(reading, node, what)?;
    let found = folder.join(&relative);
    if found.is_none() {
        reading.unclear(node.span(), what, "it lies outside of the estate");
    }
    found
}

/// The items of a list; a scalar counts as a list of one where Compose says so. Nothing for
/// null, a problem for a mapping.
pub fn items<'t>(reading: &mut Reading<'_>, node: Node<'t>, what: &str, scalar_allowed: bool) -> Vec<Node<'t>> {
    if node.is_sequence() {
        return node.items().collect();
    }
    if is_nothing(node) {
        return Vec::new();
    }
    if scalar_allowed && !node.is_mapping() {
        return vec![node];
    }
    reading.problem(node.span(), &format!("{what} is no list"), "begin each item on its own line with `- `");
    Vec::new()
}

/// Names with a place, from a list of names or from a mapping's keys.
pub fn names<'t>(reading: &mut Reading<'_>, node: Node<'t>, what: &str) -> Vec<(Placed<'t>, Option<Node<'t>>)> {
    if node.is_mapping() {
        let entries = node.entries();
        return entries.into_iter().filter_map(|(key, value)| Some((Placed::of(reading, key)?, Some(value)))).collect();
    }
    let items = items(reading, node, what, false);
    items.into_iter().filter_map(|item| Some((text(reading, item, what)?, None))).collect()
}

/// A name and what it is set to.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'t> {
    /// `ORDERS_URL`
    pub name: Placed<'t>,
    /// `None`: the name alone.
    pub value: Option<Placed<'t>>,
}

impl Pair<'_> {
    /// Name and value.
    pub fn span(&self) -> Span {
        match self.value {
            Some(value) => self.name.span.cover(value.span),
            None => self.name.span,
        }
    }
}

/// Pairs from a mapping or from a list of `NAME=value`. Wrong items are problems.
pub fn pairs<'t>(reading: &mut Reading<'_>, node: Node<'t>, what: &str) -> Vec<Pair<'t>> {
    if node.is_mapping() {
        let mut found = Vec::new();
        for (key, value) in node.entries() {
            let Some(name) = Placed::of(reading, key) else { continue };
            let wrong = value.is_mapping() || value.is_sequence();
            let value = text(reading, value, &format!("the value of {} in {what}", name.text));
            if !wrong {
                found.push(Pair { name, value });
            }
        }
        return found;
    }
    let mut found = Vec::new();
    for item in items(reading, node, what, false) {
        let Some(whole) = text(reading, item, &format!("an item of {what}")) else { continue };
        found.push(match whole.split_once('=') {
            Some((name, value)) => Pair { name, value: Some(value) },
            None => Pair { name: whole, value: None },
        });
    }
    found
}

/// A yes or no, also as text with a variable. `None` where the node is neither.
pub fn flag(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Option<Answer<bool>> {
    let placed = text(reading, node, what)?;
    match interpolation::with_defaults(placed) {
        Err(name) => Some(Answer::unknown(&format!("the variable {name} decides"))),
        Ok(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Some(Answer::present(true, placed.span)),
            "false" | "no" | "off" | "n" | "0" => Some(Answer::present(false, placed.span)),
            _ => {
                reading.problem(placed.span, &format!("{what} is neither true nor false"), "write `true` or `false`");
                None
            }
        },
    }
}

/// Words of a command, from a list or from a text that is split as a shell would. What
/// follows a flag such as `--password` is secret.
pub fn words(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Vec<Value> {
    let mut flag = String::new();
    let mut values = Vec::new();
    for item in items(reading, node, what, true) {
        let Some(whole) = text(reading, item, what) else { continue };
        let words = if node.is_sequence() { vec![whole] } else { split_words(whole) };
        for word in words {
            values.push(word_value(reading, &flag, word));
            flag = word.text.trim_start_matches('-').to_owned();
            if flag.len() == word.text.len() {
                flag.clear();
            }
        }
    }
    values
}

fn word_value(reading: &mut Reading<'_>, flag: &str, word: Placed<'_>) -> Value {
    if let Some((name, value)) = word.split_once('=')
        && secrets::is_secret_key(name.text.trim_start_matches('-'))
    {
        let name_with_sign = word.part(0..name.text.len() + 1);
        let secret = configured(reading, name.text.trim_start_matches('-'), value);
        if secret.as_literal().is_some() {
            return literal(word);
        }
        return Value { form: Form::Concat(vec![literal(name_with_sign), secret]), span: word.span };
    }
    configured(reading, flag, word)
}

/// Words of a shell command; quotes around a whole word go, quotes inside of one stay, and
/// variables are not cut.
fn split_words(whole: Placed<'_>) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut braces = 0_usize;
    let text = whole.text;
    let mut close = |start: usize, end: usize| {
        let word = whole.part(start..end);
        let quoted = ['"', '\''].iter().any(|&sign| {
            word.text.len() > 1
                && word.text.starts_with(sign)
                && word.text.ends_with(sign)
                && word.text.matches(sign).count() == 2
        });
        found.push(if quoted { word.part(1..word.text.len() - 1) } else { word });
    };
    for (at, sign) in text.char_indices() {
        match quote {
            Some(open) if sign == open => quote = None,
            Some(_) => {}
            None if sign == '"' || sign == '\'' => quote = Some(sign),
            None => {}
        }
        match sign {
            '{' if text.get(..at).is_some_and(|before| before.ends_with('$')) => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        let blank = sign.is_whitespace() && quote.is_none() && braces == 0;
        match (blank, start) {
            (true, Some(from)) => {
                close(from, at);
                start = None;
            }
            (false, None) => start = Some(at),
            (true, None) | (false, Some(_)) => {}
        }
    }
    if let Some(from) = start {
        close(from, text.len());
    }
    found
}

/// A symbol of a scalar's text as it is written, without looking into variables.
pub fn symbol(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Option<(Symbol, Span)> {
    text(reading, node, what).map(|placed| (Symbol::new(placed.text), placed.span))
}
