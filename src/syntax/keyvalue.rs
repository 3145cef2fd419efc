//! Flat files of keys and values: `.env` and Java's `.properties`.

use super::tree::{Comment, Content, NodeId, Style, SyntaxProblem, Tree};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Reads a `.env` file as Compose and the dotenv libraries do (docs.docker.com, "Set
/// environment variables", read in 2026): `KEY=value`, `export KEY=value`, `KEY="a\nb"`,
/// `KEY='as it stands'`, `# comment`, and ` # comment` behind a value.
///
/// The root is one mapping; there is none where no key was read. Values are
/// [`Style::Quoted`], those in single quotes [`Style::Literal`]; `${X}` and `\$` stay as
/// written. A key without `=` has null: it is taken from the environment. A line that is
/// neither becomes a problem, the others are kept. A value's span has its quotes.
pub fn parse_env(file: FileId, text: &str) -> Tree {
    let mut reader = Reader::new(file, text);
    while reader.at < text.len() {
        let line = reader.line();
        let start = reader.at + line.len() - line.trim_start_matches(is_space).len();
        let line = line.trim_matches(is_space);
        let end = start + line.len();
        if line.is_empty() {
            reader.next_line();
        } else if line.starts_with('#') {
            reader.comment(start, end, 1, false);
            reader.next_line();
        } else {
            reader.at = start;
            reader.env_entry(line);
        }
    }
    reader.finish()
}

/// Reads a `.properties` file as `java.util.Properties.load` does (Java SE 21 API): `=`,
/// `:` or a blank between key and value, `#` and `!` comments, `\` escapes and
/// continuation. The root is one mapping; there is none where no key was read. Values are
/// [`Style::Quoted`]; a key alone has the empty text. `${x}` stays as written.
pub fn parse_properties(file: FileId, text: &str) -> Tree {
    let mut reader = Reader::new(file, text);
    while reader.at < text.len() {
        let line = reader.line();
        let blanks = line.len() - line.trim_start_matches(is_space).len();
        let line = line.get(blanks..).unwrap_or_default();
        let start = reader.at + blanks;
        if line.is_empty() {
            reader.next_line();
        } else if line.starts_with(['#', '!']) {
            let end = start + line.trim_end_matches(is_space).len();
            reader.comment(start, end, 1, false);
            reader.next_line();
        } else {
            reader.at = start;
            reader.property();
        }
    }
    reader.finish()
}

/// The two formats know no other blanks.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    /// Next byte to read.
    at: usize,
    tree: Tree,
    entries: Vec<(NodeId, NodeId)>,
    /// From the first key to the end of the last value.
    range: Option<(u32, u32)>,
}

impl<'t> Reader<'t> {
    fn new(file: FileId, text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { file, text, at, tree: Tree::new(file), entries: Vec::new(), range: None }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What is left of the line, without its break.
    fn line(&self) -> &'t str {
        let rest = self.rest();
        rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or_default()
    }

    fn next_line(&mut self) {
        self.at += self.line().len();
        self.line_break();
    }

    fn line_break(&mut self) {
        let rest = self.rest();
        self.at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) };
    }

    fn comment(&mut self, start: usize, end: usize, sign: usize, trailing: bool) {
        let words = self.text.get(start + sign..end).unwrap_or_default().trim_start_matches('#').trim();
        let span = Span::new(self.file, offset(start), offset(end));
        self.tree.comments.push(Comment { text: words.into(), span, trailing });
    }

    fn problem(&mut self, start: usize, end: usize, message: &str) {
        let span = Span::new(self.file, offset(start), offset(end));
        self.tree.problems.push(SyntaxProblem { span, message: message.to_owned() });
    }

    fn add(&mut self, key: (usize, &str), value: (usize, usize), content: Content) {
        let key_range = offset(key.0)..offset(key.0 + key.1.len());
        let key = self.tree.push(Content::Scalar(key.1.into(), Style::Quoted), key_range.clone(), false);
        self.add_value(key, key_range.start, value, content);
    }

    fn add_value(&mut self, key: NodeId, start: u32, value: (usize, usize), content: Content) {
        let end = offset(value.1);
        let value = self.tree.push(content, offset(value.0)..end, false);
        self.entries.push((key, value));
        self.range = Some(self.range.map_or((start, end), |(first, _)| (first, end)));
    }

    fn finish(mut self) -> Tree {
        if let Some((start, end)) = self.range {
            let root = self.tree.push(Content::Mapping(self.entries), start..end, false);
            self.tree.push_root(root);
        }
        self.tree
    }

    /// One entry of a `.env` file; `line` is trimmed and starts at `self.at`.
    fn env_entry(&mut self, line: &'t str) {
        let start = self.at;
        let unexported = match line.strip_prefix("export") {
            Some(rest) if rest.starts_with(is_space) => rest.trim_start_matches(is_space),
            Some(_) | None => line,
        };
        let key_start = start + line.len() - unexported.len();
        let (key, value) = match unexported.split_once('=') {
            Some((key, value)) => (key.trim_end_matches(is_space), Some(value)),
            None => {
                let (key, comment) = split_comment(unexported);
                if let Some(comment) = comment {
                    self.comment(key_start + comment, start + line.len(), 1, true);
                }
                (key, None)
            }
        };
        if key.is_empty() || key.contains(|c: char| c.is_whitespace() || matches!(c, '#' | '"' | '\'' | '\0')) {
            self.problem(start, start + line.len(), "the line is neither `KEY=value` nor a comment");
            self.next_line();
            return;
        }
        let Some(value) = value else {
            let end = key_start + key.len();
            self.add((key_start, key), (end, end), Content::Scalar("".into(), Style::Plain));
            self.next_line();
            return;
        };
        let after_sign = start + line.len() - value.len();
        let value_text = value.trim_start_matches(is_space);
        let value_start = after_sign + value.len() - value_text.len();
        match value_text.chars().next() {
            Some(quote @ ('"' | '\'')) => self.env_quoted((key_start, key), value_start, quote),
            // A `#` right behind `=` belongs to the value, one behind a blank does not.
            _ if value_text.starts_with('#') && value_start > after_sign => {
                self.add((key_start, key), (after_sign, after_sign), Content::Scalar("".into(), Style::Quoted));
                self.comment(value_start, start + line.len(), 1, true);
                self.next_line();
            }
            _ => {
                let (written, comment) = split_comment(value_text);
                let range = (value_start, value_start + written.len());
                self.add((key_start, key), range, Content::Scalar(written.into(), Style::Quoted));
                if let Some(comment) = comment {
                    self.comment(value_start + comment, start + line.len(), 1, true);
                }
                self.next_line();
            }
        }
    }

    fn env_quoted(&mut self, key: (usize, &'t str), start: usize, quote: char) {
        let rest = self.text.get(start + 1..).unwrap_or_default();
        let Some(length) = quoted_length(rest, quote) else {
            self.problem(start, start + 1, "this quote is never closed");
            self.next_line();
            return;
        };
        let written = rest.get(..length).unwrap_or_default();
        let end = start + 1 + length + 1;
        let behind = self.text.get(end..).unwrap_or_default();
        let behind = behind.get(..behind.find(['\n', '\r']).unwrap_or(behind.len())).unwrap_or_default();
        let tail = behind.trim_start_matches(is_space);
        if !tail.is_empty() && !tail.starts_with('#') {
            // A quote that seems to close lines later more likely opens another value.
            if written.contains(['\n', '\r']) {
                self.problem(start, start + 1, "this quote is not closed on its line");
            } else {
                // `FROM="Shop" <shop@example.org>`: readers that accept it take it as written.
                let line = self.text.get(start..end + behind.trim_end_matches(is_space).len()).unwrap_or_default();
                let range = (start, start + line.len());
                self.add(key, range, Content::Scalar(line.into(), Style::Quoted));
            }
            self.next_line();
            return;
        }
        let content = match quote {
            '\'' => Content::Scalar(written.into(), Style::Literal),
            _ => Content::Scalar(unescape_env(written).into(), Style::Quoted),
        };
        self.add(key, (start, end), content);
        if !tail.is_empty() {
            let at = end + behind.len() - tail.len();
            self.comment(at, at + tail.trim_end_matches(is_space).len(), 1, true);
        }
        self.at = end;
        self.next_line();
    }

    /// One entry of a `.properties` file, over all of its continuation lines.
    fn property(&mut self) {
        let start = self.at;
        let (key, key_end) = self.property_part(true);
        let key_range = offset(start)..offset(key_end);
        let key = self.tree.push(Content::Scalar(key.into(), Style::Quoted), key_range.clone(), false);
        self.skip_property_blanks();
        if self.rest().starts_with(['=', ':']) {
            self.at += 1;
            self.skip_property_blanks();
        }
        let value_start = self.at;
        let (value, value_end) = self.property_part(false);
        let content = Content::Scalar(value.into(), Style::Quoted);
        self.add_value(key, key_range.start, (value_start, value_end), content);
        self.line_break();
    }

    fn skip_property_blanks(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(is_space).len();
            if !self.rest().starts_with("\\\n") && !self.rest().starts_with("\\\r") {
                return;
            }
            self.at += 1;
            self.line_break();
        }
    }

    /// Reads up to the line's end, a key only up to its separator: the unescaped text and
    /// where it ends.
    fn property_part(&mut self, is_key: bool) -> (String, usize) {
        let mut out = String::new();
        while let Some(character) = self.rest().chars().next() {
            match character {
                '\n' | '\r' => break,
                '=' | ':' if is_key => break,
                _ if is_key && is_space(character) => break,
                '\\' => self.property_escape(&mut out),
                _ => {
                    out.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
        (out, self.at)
    }

    fn property_escape(&mut self, out: &mut String) {
        let start = self.at;
        self.at += 1;
        let Some(character) = self.rest().chars().next() else { return };
        match character {
            '\n' | '\r' => {
                self.line_break();
                let rest = self.rest();
                self.at += rest.len() - rest.trim_start_matches(is_space).len();
                return;
            }
            't' => out.push('\t'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'f' => out.push('\u{c}'),
            'u' => {
                if let Some((decoded, length)) = utf16_escape(self.rest()) {
                    out.push(decoded);
                    self.at += length;
                    return;
                }
                self.problem(start, self.at + 1, "`\\u` needs four hexadecimal digits of a character");
                out.push_str("\\u");
            }
            other => out.push(other),
        }
        self.at += character.len_utf8();
    }
}

/// Decodes `uXXXX`, or the pair `uD83D\uDE00`; with the number of bytes read.
fn utf16_escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix('u')?.get(..4)?;
        let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if plain { u16::from_str_radix(digits, 16).ok() } else { None }
    };
    let first = unit(text)?;
    if let Some(Ok(character)) = char::decode_utf16([first]).next() {
        return Some((character, 5));
    }
    let second = unit(text.get(5..)?.strip_prefix('\\')?)?;
    char::decode_utf16([first, second]).next()?.ok().map(|character| (character, 11))
}

/// Splits ` # comment` off; with where its sign stands.
fn split_comment(text: &str) -> (&str, Option<usize>) {
    let found = text
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| text.get(..at).is_some_and(|before| before.ends_with(is_space)));
    let written = found.and_then(|at| text.get(..at)).unwrap_or(text);
    (written.trim_end_matches(is_space), found)
}

/// Bytes before the closing quote; `\"` does not close a double quote.
fn quoted_length(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return Some(at);
        }
    }
    None
}

/// Unescapes what double quotes hide; `\$` stays, since interpolation has to see it.
fn unescape_env(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some(other @ ('"' | '\\')) => out.push(other),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
