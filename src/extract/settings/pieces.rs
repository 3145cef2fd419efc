//! Variables in values: `${DB_HOST:db}` of Spring, `${DB_HOST:-db}` of shells and Compose,
//! `<%= ENV['DB_HOST'] %>` of Rails.

use crate::extract::secrets::Piece;
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Style;

/// Defaults may hold variables with defaults; nobody nests deeper.
const DEPTH_LIMIT: u8 = 6;

/// True unless the value is written so that nothing in it is replaced.
pub fn interpolates(style: Option<Style>) -> bool {
    style != Some(Style::Literal)
}

/// The pieces of a value, whose text stands at `span`.
pub fn pieces_of(text: &str, span: Span, interpolated: bool) -> Vec<Piece<'_>> {
    if !interpolated || !(text.contains('$') || text.contains("<%=")) {
        return vec![Piece::Literal(text, span)];
    }
    // Where escapes make the text shorter than its range, its parts have no places.
    let exact = (span.end - span.start) as usize == text.len();
    Cutter { span, exact }.pieces(text, 0, 0)
}

struct Cutter {
    span: Span,
    exact: bool,
}

impl Cutter {
    /// `offset`: where `text` begins in the whole value.
    fn pieces<'t>(&self, text: &'t str, offset: usize, depth: u8) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let mut done = 0;
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find(['$', '<'])) {
            let start = at + found;
            let rest = text.get(start..).unwrap_or("");
            let Some((length, value)) = self.variable(rest, offset + start, depth) else {
                at = start + 1;
                continue;
            };
            if let Some(before) = text.get(done..start).filter(|before| !before.is_empty()) {
                pieces.push(Piece::Literal(before, self.place(offset + done, offset + start)));
            }
            pieces.push(Piece::Other(value));
            done = start + length;
            at = done;
        }
        if let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty() || pieces.is_empty()) {
            pieces.push(Piece::Literal(rest, self.place(offset + done, offset + text.len())));
        }
        pieces
    }

    /// The variable that `text` begins with, and its length.
    fn variable(&self, text: &str, offset: usize, depth: u8) -> Option<(usize, Value)> {
        if let Some(code) = text.strip_prefix("<%=") {
            let length = code.find("%>")? + 5;
            let code = code.split_once("ENV")?.1;
            let name = code.split(['\'', '"']).nth(1).filter(|name| is_name(name))?;
            return Some((length, self.named(name, offset, length)));
        }
        if let Some(inner) = text.strip_prefix("${") {
            let close = closing(inner)?;
            let inner = inner.get(..close)?;
            let length = close + 3;
            let (name, default_at) = match inner.find([':', '-', '?', '+']) {
                Some(sign) => {
                    let signs = inner.get(sign..)?;
                    let skip = if [":-", ":?", ":+"].iter().any(|two| signs.starts_with(two)) { 2 } else { 1 };
                    let is_default =
                        signs.starts_with([':', '-']) && !signs.starts_with(":?") && !signs.starts_with(":+");
                    (inner.get(..sign)?, is_default.then_some(sign + skip))
                }
                None => (inner, None),
            };
            // Kebab-case settings: `${orders.db-host}` is one name.
            let (name, default_at) =
                if inner.contains('.') && !inner.contains(':') { (inner, None) } else { (name, default_at) };
            if !is_name(name) {
                return Some((
                    length,
                    Value::unknown(
                        "an expression is evaluated when the program runs",
                        self.place(offset, offset + length),
                    ),
                ));
            }
            let variable = self.named(name, offset, length);
            let Some(default_at) = default_at else { return Some((length, variable)) };
            let default = inner.get(default_at..)?;
            let default_offset = offset + 2 + default_at;
            let default = if depth >= DEPTH_LIMIT {
                Value::unknown("defaults are nested too deep", variable.span)
            } else {
                self.joined(default, default_offset, depth + 1)
            };
            let span = variable.span;
            return Some((length, Value { form: Form::FirstOf(vec![variable, default]), span }));
        }
        let name = text.strip_prefix('$')?;
        let length = name.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
        let name = name.get(..length).filter(|name| name.len() > 1 && is_name(name))?;
        // `$2a$…` and `pa$Word` are no variables.
        let next_is_lower = text.as_bytes().get(length + 1).is_some_and(u8::is_ascii_lowercase);
        (!next_is_lower).then(|| (length + 1, self.named(name, offset, length + 1)))
    }

    fn joined(&self, text: &str, offset: usize, depth: u8) -> Value {
        let mut values: Vec<Value> = self
            .pieces(text, offset, depth)
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(text, span) => Value::literal(text, span),
                Piece::Other(value) => value,
            })
            .collect();
        if values.len() == 1 {
            return values.swap_remove(0);
        }
        Value { form: Form::Concat(values), span: self.place(offset, offset + text.len()) }
    }

    /// Environment variables are written in capitals, settings are not.
    fn named(&self, name: &str, offset: usize, length: usize) -> Value {
        let symbol = Symbol::new(name);
        let is_environment = name.bytes().all(|b| !b.is_ascii_lowercase() && b != b'.');
        let form = if is_environment { Form::Env(symbol) } else { Form::Setting(symbol) };
        Value { form, span: self.place(offset, offset + length) }
    }

    fn place(&self, start: usize, end: usize) -> Span {
        if !self.exact {
            return self.span;
        }
        Span::new(self.span.file, self.span.start + start as u32, self.span.start + end as u32)
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]".contains(&b))
}

/// Where the brace that is open before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_u32;
    for (at, sign) in text.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
