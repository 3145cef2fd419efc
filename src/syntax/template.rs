//! Go templates in YAML, as Helm charts hold them: hides the actions from the YAML parser
//! without moving a byte, and says what was hidden.

mod blocks;
mod conditions;

use std::ops::Range;

use blocks::Blocks;
pub use conditions::{Operand, Values};

/// A text whose template actions are hidden.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// As long as the original, with every byte outside of actions in its place.
    pub text: String,
    /// Actions that write something, and silent ones amid a scalar (`a{{ if .b }}c{{ end }}`),
    /// in the order of the file.
    pub holes: Vec<Hole>,
    /// From `{{ if … }}`, `{{ with … }}` or `{{ range … }}` to the end of its `{{ end }}`,
    /// ordered by start; one that is never closed reaches to the end of the text. Those that
    /// the values decide are not among them.
    pub conditionals: Vec<Range<u32>>,
    /// What the values leave out, blank now; ordered, without overlaps.
    pub left_out: Vec<Range<u32>>,
    /// Where whole objects stand that the values leave out; these are conditional too, since
    /// somebody meant them to be there.
    pub switched_off: Vec<Range<u32>>,
}

/// An action that decides about text which is not known here.
#[derive(Debug, PartialEq, Eq)]
pub struct Hole {
    /// The action with its braces.
    pub range: Range<u32>,
    /// `.Values.image.tag | quote`, without braces, trim signs and outer blanks.
    pub expression: Box<str>,
    /// What stands in its place now.
    pub place: HolePlace,
}

/// What stands in the masked text where an action was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolePlace {
    /// Letters within a scalar: `image: shop/cart:{{ .Values.tag }}`.
    Scalar,
    /// Blanks on lines of its own: `{{ include "labels" . | nindent 4 }}`. What it writes may
    /// add entries to the mapping or sequence around it.
    Lines,
}

/// A reference to a value that a chart's values or its release can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuePath<'e> {
    /// `Values.image.tag`, `Release.Name`: parts joined by dots, without the leading one.
    pub path: &'e str,
    /// The literal of `| default "latest"`, without its quotes.
    pub default: Option<&'e str>,
}

/// Hides the actions of `text`; `None` where it has no `{{`.
///
/// Actions that write nothing (`if`, `end`, comments, assignments) and those alone on
/// their lines become blanks; those within a line become letters, which are legal inside
/// and outside of quotes, in keys, in flow collections and in block texts. Line breaks stay.
pub fn masked(text: &str) -> Option<Masked> {
    masked_by(text, &|_| None)
}

/// As [`masked`], with the conditions that `values` decide: what they leave out becomes blank,
/// what they put in is there without condition.
pub fn masked_by(text: &str, values: &Values<'_>) -> Option<Masked> {
    let actions = actions(text);
    if actions.is_empty() && !text.contains("{{") {
        return None;
    }
    let mut out = text.as_bytes().to_vec();
    let mut holes = Vec::new();
    let mut at = 0;
    while let Some(first) = actions.get(at) {
        let count = actions[at..].iter().zip(actions[at..].iter().skip(1)).take_while(|(one, next)| {
            text.get(one.range.end..next.range.start).is_some_and(|between| !between.contains(['\n', '\r']))
        });
        let row = &actions[at..at + 1 + count.count()];
        at += row.len();
        hide_row(text, row, first.range.start, &mut out, &mut holes);
    }
    let blocks = blocks::blocks(text, &actions, values);
    for range in &blocks.left_out {
        fill(&mut out, range.start as usize..range.end as usize, b' ');
    }
    holes.retain(|hole| !lies_in(&blocks.left_out, hole.range.start) && !writes_nothing(hole, values));
    // Only whole characters were replaced, and by ASCII.
    let text = String::from_utf8(out).ok()?;
    let Blocks { conditionals, left_out, switched_off } = blocks;
    Some(Masked { text, holes, conditionals, left_out, switched_off })
}

/// True if `offset` lies in one of the ranges, which are ordered and do not overlap.
fn lies_in(ranges: &[Range<u32>], offset: u32) -> bool {
    let before = ranges.partition_point(|range| range.start <= offset);
    before.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| range.contains(&offset))
}

/// True for `{{ toYaml .Values.affinity | nindent 8 }}` of a value without entries.
fn writes_nothing(hole: &Hole, values: &Values<'_>) -> bool {
    let path = || {
        let (value, indent) = hole.expression.strip_prefix("toYaml ")?.split_once('|')?;
        let indent = indent.trim();
        (indent.starts_with("nindent ") || indent.starts_with("indent ")).then_some(())?;
        let path = Masked::value_path(value.trim()).filter(|path| path.default.is_none())?.path;
        path.strip_prefix("Values.")
    };
    hole.place == HolePlace::Lines && path().and_then(values) == Some(Operand::Empty)
}

impl Masked {
    /// The holes that overlap `range`, or touch it where it is empty: a scalar with one is
    /// no literal, a collection with one may have more entries than are seen.
    pub fn holes_within(&self, range: Range<u32>) -> impl Iterator<Item = &Hole> {
        let from = self.holes.partition_point(|hole| hole.range.end <= range.start);
        self.holes.iter().skip(from).take_while(move |hole| hole.range.start < range.end)
    }

    /// True if `offset` lies in a part that the values leave out.
    pub fn is_left_out(&self, offset: u32) -> bool {
        lies_in(&self.left_out, offset)
    }

    /// True if `offset` lies in an object that the values leave out.
    pub fn is_switched_off(&self, offset: u32) -> bool {
        lies_in(&self.switched_off, offset)
    }

    /// True if `offset` lies in a part that is written only under a condition, or repeated.
    pub fn is_conditional(&self, offset: u32) -> bool {
        self.conditionals.iter().any(|range| range.contains(&offset))
    }

    /// The value that an expression stands for: `.Values.a.b`, `$.Values.a.b`,
    /// `.Release.Name`, `.Release.Namespace`, `.Chart.Name`, `.Chart.Version`,
    /// `.Chart.AppVersion`, also with `| quote`, `| squote`, `| toString`, `| default "x"`
    /// or as `default "x" .Values.a.b`. `None` for everything else, since functions may
    /// change the value.
    pub fn value_path(expression: &str) -> Option<ValuePath<'_>> {
        let mut words = words(expression)?.into_iter();
        let mut default = None;
        let mut first = words.next()?;
        if first == "default" {
            default = Some(literal(words.next()?)?);
            first = words.next()?;
        } else if matches!(first, "quote" | "squote" | "toString") {
            first = words.next()?;
        }
        let path = reference(first)?;
        while let Some(word) = words.next() {
            if word != "|" {
                return None;
            }
            match words.next()? {
                "quote" | "squote" | "toString" => {}
                "default" if default.is_none() => default = Some(literal(words.next()?)?),
                _ => return None,
            }
        }
        Some(ValuePath { path, default })
    }
}

/// What an action does to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// `if`, `with`, `range`.
    Conditional,
    /// `define`, `block`: closed by an `end` too.
    Definition,
    End,
    /// `else`, `else if …`.
    Else,
    /// Comments, assignments and other silent actions.
    Silent,
    /// Everything that writes.
    Output,
}

struct Action<'t> {
    range: Range<usize>,
    expression: &'t str,
    role: Role,
}

/// All closed actions. What follows an action that is never closed is left as it is.
fn actions(text: &str) -> Vec<Action<'_>> {
    let mut actions = Vec::new();
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("{{")) {
        let start = from + found;
        let Some(inner) = text.get(start + 2..) else { break };
        let Some(length) = action_length(inner) else { break };
        let inner = inner.get(..length).unwrap_or_default();
        let end = start + 2 + length + 2;
        let body = inner.strip_prefix('-').unwrap_or(inner);
        let body = body.strip_suffix('-').unwrap_or(body).trim();
        actions.push(Action { range: start..end, expression: body, role: role(body) });
        from = end;
    }
    actions
}

/// Bytes between `{{` and its `}}`; `}}` in a string or a comment does not count. `None`
/// where there is no end.
fn action_length(inner: &str) -> Option<usize> {
    let bytes = inner.as_bytes();
    let comment = inner.strip_prefix('-').unwrap_or(inner).trim_start();
    if comment.starts_with("/*") {
        let close = inner.find("*/")?;
        return Some(close + inner.get(close..)?.find("}}")?);
    }
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'}', b'"', b'`', bytes.get(at..)?) {
        at += found;
        match bytes.get(at..)? {
            [b'}', b'}', ..] => return Some(at),
            [b'"', rest @ ..] => at += 1 + string_length(rest).unwrap_or(0),
            [b'`', rest @ ..] => at += 1 + raw_string_length(rest).unwrap_or(0),
            _ => at += 1,
        }
    }
    None
}

/// Length of what follows an opening `"` up to and with its closing one, which must stand
/// on the same line; a quote without one is taken for a letter.
fn string_length(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match rest.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// As [`string_length`] for `` ` ``, which may span lines, but not the action's plausible end.
fn raw_string_length(rest: &[u8]) -> Option<usize> {
    const LIMIT: usize = 16 * 1024;
    let rest = rest.get(..LIMIT.min(rest.len()))?;
    memchr::memchr(b'`', rest).map(|at| at + 1)
}

fn role(body: &str) -> Role {
    if body.starts_with("/*") || body.is_empty() {
        return Role::Silent;
    }
    let word = body.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or(body);
    match word {
        "if" | "with" | "range" => Role::Conditional,
        "define" | "block" => Role::Definition,
        "end" => Role::End,
        "else" => Role::Else,
        "break" | "continue" | "fail" => Role::Silent,
        _ if word.starts_with('$') => {
            let rest = body.get(word.len()..).unwrap_or_default().trim_start();
            if rest.starts_with(":=") || rest.starts_with('=') { Role::Silent } else { Role::Output }
        }
        _ => Role::Output,
    }
}

/// Hides the actions that share lines: each begins on the line on which the one before ends.
fn hide_row(text: &str, row: &[Action<'_>], start: usize, out: &mut [u8], holes: &mut Vec<Hole>) {
    let end = row.last().map_or(start, |action| action.range.end);
    let before = text.get(..start).unwrap_or_default();
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = before.get(line_start..).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let after = after.get(..after.find(['\n', '\r']).unwrap_or(after.len())).unwrap_or_default();
    // Silent actions at the row's end, each with a blank before it, are no part of a scalar.
    let ends_line = is_blank(after) || after.trim_start().starts_with('#');
    let mut silent_tail = row.len();
    if ends_line {
        for (at, action) in row.iter().enumerate().rev() {
            let next = row.get(at + 1).map_or(end, |next| next.range.start);
            let gap = text.get(action.range.end..next).unwrap_or_default();
            if action.role == Role::Output || !is_blank(gap) {
                break;
            }
            let previous = text.get(..action.range.start).unwrap_or_default();
            if previous.is_empty() || previous.ends_with([' ', '\t', '\n', '\r']) {
                silent_tail = at;
            }
        }
    }
    let alone = ends_line
        && is_blank(before.trim_start_matches('\u{feff}'))
        && row
            .iter()
            .zip(row.iter().skip(1))
            .all(|(one, next)| is_blank(text.get(one.range.end..next.range.start).unwrap_or_default()));
    let mut quotes = Quotes::default();
    let mut seen = line_start;
    for (at, action) in row.iter().enumerate() {
        quotes.read(text.get(seen..action.range.start).unwrap_or_default());
        seen = action.range.end;
        let lines = alone || at >= silent_tail;
        // Behind a closing quote a letter would break the scalar, a blank does not.
        let blank = lines || quotes.just_closed;
        fill(out, action.range.clone(), if blank { b' ' } else { b'x' });
        // A silent action amid a scalar makes its text conditional, so it is no literal.
        if action.role == Role::Output || !blank {
            holes.push(Hole {
                range: offset(action.range.start)..offset(action.range.end),
                expression: action.expression.into(),
                place: if lines { HolePlace::Lines } else { HolePlace::Scalar },
            });
        }
    }
}

/// Which quote is open within one line, as far as the line itself tells.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    just_closed: bool,
}

impl Quotes {
    fn read(&mut self, text: &str) {
        let mut previous = ' ';
        for character in text.chars() {
            self.just_closed = false;
            match self.open {
                Some(quote) if quote == character && !(quote == '"' && previous == '\\') => {
                    self.open = None;
                    self.just_closed = true;
                }
                Some(_) => {}
                // Within a plain scalar a quote is a letter: `it's`.
                None if matches!(character, '"' | '\'') && matches!(previous, ' ' | '\t' | '[' | '{' | ',') => {
                    self.open = Some(character);
                }
                None => {}
            }
            previous = character;
        }
    }
}

/// Replaces an action; its line breaks stay, and what it has on further lines becomes
/// blanks, since letters there would start another scalar.
fn fill(out: &mut [u8], range: Range<usize>, letter: u8) {
    let mut letter = letter;
    for byte in out.get_mut(range).unwrap_or_default() {
        if matches!(*byte, b'\n' | b'\r') {
            letter = b' ';
        } else {
            *byte = letter;
        }
    }
}

/// Splits at blanks and `|`, keeping strings whole; `None` for what is no plain pipeline.
fn words(expression: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '|' => 1,
            '"' => 1 + string_length(rest.get(1..)?.as_bytes())?,
            '`' => 1 + raw_string_length(rest.get(1..)?.as_bytes())?,
            '(' | ')' => return None,
            _ => rest.find(|c: char| c.is_whitespace() || matches!(c, '|' | '(' | ')')).unwrap_or(rest.len()),
        };
        words.push(rest.get(..length)?);
        rest = rest.get(length..)?.trim_start();
    }
    Some(words)
}

fn literal(word: &str) -> Option<&str> {
    for quote in ['"', '`'] {
        if let Some(text) = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (!text.contains('\\')).then_some(text);
        }
    }
    let is_literal = word.parse::<f64>().is_ok() || matches!(word, "true" | "false");
    is_literal.then_some(word)
}

fn reference(word: &str) -> Option<&str> {
    let path = word.strip_prefix('$').unwrap_or(word).strip_prefix('.')?;
    let mut parts = path.split('.');
    let root = parts.next()?;
    let known = match root {
        "Values" => path.len() > root.len(),
        "Release" => matches!(path, "Release.Name" | "Release.Namespace"),
        "Chart" => matches!(path, "Chart.Name" | "Chart.Version" | "Chart.AppVersion"),
        _ => false,
    };
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    (known && parts.all(plain)).then_some(path)
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
