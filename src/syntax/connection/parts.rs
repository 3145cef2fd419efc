//! A text whose placeholders are hidden, so that `:` and `/` in `${HOST:-a/b}` split nothing.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::{Host, Part};

/// Stands for each byte of a placeholder. Callers use it for variables, too.
const HIDDEN: u8 = 0x1a;

/// A text and the same text with every byte of its placeholders replaced.
pub struct Masked<'t> {
    /// As written.
    pub text: &'t str,
    /// As long as the text; valid UTF-8, since placeholders are replaced as a whole.
    pub hidden: Cow<'t, str>,
}

impl<'t> Masked<'t> {
    /// Hides `${X}`, `$(X)`, `$X`, `{{ x }}`, `{x}`, `#{x}`, `%s`, `%(x)s`, `%X%` and `<x>`.
    pub fn new(text: &'t str) -> Self {
        if memchr::memchr3(b'$', b'{', b'%', text.as_bytes()).is_none() && !text.contains('<') {
            return Self { text, hidden: Cow::Borrowed(text) };
        }
        let bytes = text.as_bytes();
        let mut out = bytes.to_vec();
        let mut at = 0;
        while at < bytes.len() {
            let length = placeholder_at(text, at);
            for byte in out.iter_mut().skip(at).take(length) {
                *byte = HIDDEN;
            }
            at += length.max(1);
        }
        match String::from_utf8(out) {
            Ok(hidden) => Self { text, hidden: Cow::Owned(hidden) },
            Err(_) => Self { text, hidden: Cow::Borrowed(text) },
        }
    }

    /// The masked text of a range; empty where it does not fit.
    pub fn at(&self, range: Range<usize>) -> &str {
        self.hidden.get(range).unwrap_or("")
    }

    /// A part, URL-decoded.
    pub fn decoded(&self, range: Range<usize>) -> Part {
        let known = self.known(range.clone()).map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        Part { range, known }
    }

    /// A part as it stands.
    pub fn plain(&self, range: Range<usize>) -> Part {
        let known = self.known(range.clone()).map(str::to_owned);
        Part { range, known }
    }

    fn known(&self, range: Range<usize>) -> Option<&'t str> {
        let text = self.text.get(range.clone())?;
        (!self.at(range).as_bytes().contains(&HIDDEN)).then_some(text)
    }

    /// `range` without blanks at its ends.
    pub fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.at(range.clone());
        let start = range.start + text.len() - text.trim_start().len();
        start..start + text.trim().len()
    }

    /// A host with its port: `db`, `db:5432`, `[::1]:5432`, `db,1433`. `None` if empty.
    pub fn host(&self, range: Range<usize>, port_sign: char) -> Option<Host> {
        let range = self.trimmed(range);
        let text = self.at(range.clone());
        if let Some(rest) = text.strip_prefix('[') {
            let close = rest.find(']')?;
            let port = rest.get(close + 1..).and_then(|port| port.strip_prefix(':')).and_then(|port| port.parse().ok());
            return Some(Host { name: self.plain(range.start + 1..range.start + 1 + close), port });
        }
        let (length, port) = match text.split_once(port_sign) {
            Some((name, port)) => (name.len(), port.trim().parse().ok()),
            None => (text.len(), None),
        };
        if length == 0 {
            return None;
        }
        Some(Host { name: self.plain(range.start..range.start + length), port })
    }

    /// The ranges between separators within `range`.
    pub fn split(&self, range: Range<usize>, separators: &[char]) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut start = range.start;
        for (at, sign) in self.at(range.clone()).char_indices().filter(|(_, sign)| separators.contains(sign)) {
            ranges.push(start..range.start + at);
            start = range.start + at + sign.len_utf8();
        }
        ranges.push(start..range.end);
        ranges
    }
}

/// Length of the placeholder that begins at byte `at`; 0 where none does.
fn placeholder_at(text: &str, at: usize) -> usize {
    let Some(rest) = text.get(at..) else { return 0 };
    let bytes = rest.as_bytes();
    match (bytes.first(), bytes.get(1)) {
        (Some(b'$' | b'#'), Some(b'{')) => bracketed(rest, 1, '{', '}'),
        (Some(b'$'), Some(b'(')) => bracketed(rest, 1, '(', ')'),
        (Some(b'$'), Some(next)) if next.is_ascii_alphabetic() || *next == b'_' => 1 + name_length(rest.get(1..)),
        (Some(b'{'), _) => {
            let length = bracketed(rest, 0, '{', '}');
            // `{hun;ter2}` is how ODBC quotes a value.
            let inner = rest.get(1..length.saturating_sub(1)).unwrap_or("");
            if length <= 128 && !inner.contains(';') { length } else { 0 }
        }
        (Some(b'%'), Some(b'(')) => {
            let length = bracketed(rest, 1, '(', ')');
            let typed = length > 0 && bytes.get(length).is_some_and(u8::is_ascii_alphabetic);
            if typed { length + 1 } else { 0 }
        }
        // No hexadecimal digit follows: then it would be an escaped byte.
        (Some(b'%'), Some(b's' | b'v' | b'q')) => 2,
        (Some(b'%'), Some(b'd')) if !bytes.get(2).is_some_and(u8::is_ascii_hexdigit) => 2,
        (Some(b'%'), Some(next)) if next.is_ascii_uppercase() || *next == b'_' => {
            let length = name_length(rest.get(1..));
            if length > 2 && bytes.get(length + 1) == Some(&b'%') { length + 2 } else { 0 }
        }
        (Some(b'<'), Some(next)) if next.is_ascii_alphabetic() => {
            let length = bracketed(rest, 0, '<', '>');
            if length <= 64 { length } else { 0 }
        }
        _ => 0,
    }
}

fn name_length(text: Option<&str>) -> usize {
    text.unwrap_or("").bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

/// Bytes up to and with the bracket that closes the one at `open_at`; 0 if none does.
fn bracketed(text: &str, open_at: usize, open: char, close: char) -> usize {
    let mut depth = 0_u32;
    for (at, character) in text.char_indices().skip(open_at).take(512) {
        if character == open {
            depth += 1;
        } else if character == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + close.len_utf8();
            }
        }
    }
    0
}
