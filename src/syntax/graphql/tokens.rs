//! The words, marks and texts of a GraphQL document.

use crate::source::file::FileId;
use crate::source::span::Span;
use crate::syntax::tree::SyntaxProblem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a number.
    Name,
    /// `{`, `:`, `@`, `...`
    Mark,
    /// `"text"`, `"""text"""`
    Text,
}

/// A part of the document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind,
    pub text: &'t str,
    pub span: Span,
}

/// The tokens of a text, what the comments before the first one say, and what could not be read.
pub(super) fn tokens(file: FileId, text: &str) -> (Vec<Token<'_>>, String, Vec<SyntaxProblem>) {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut opening = String::new();
    let mut problems = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        let kind = match byte {
            b'#' => {
                at += bytes.get(at..).unwrap_or(&[]).iter().take_while(|byte| **byte != b'\n').count();
                if found.is_empty() {
                    opening.push_str(text.get(start + 1..at).unwrap_or(""));
                    opening.push('\n');
                }
                continue;
            }
            b'"' => {
                match end_of_text(bytes, at) {
                    Some(end) => at = end,
                    None => {
                        let span = Span::new(file, start as u32, start as u32 + 1);
                        problems.push(SyntaxProblem { span, message: "this text is never closed".to_owned() });
                        at = bytes.len();
                    }
                }
                Kind::Text
            }
            byte if is_word(byte) => {
                at += bytes.get(at..).unwrap_or(&[]).iter().take_while(|byte| is_word(**byte)).count();
                Kind::Name
            }
            byte if byte.is_ascii() && byte.is_ascii_punctuation() => {
                at += 1;
                Kind::Mark
            }
            _space => {
                at += 1;
                continue;
            }
        };
        let span = Span::new(file, start as u32, at as u32);
        found.push(Token { kind, text: text.get(start..at).unwrap_or(""), span });
    }
    (found, opening, problems)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Behind the closing quotes of a text that starts here.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start..start + 3) == Some(b"\"\"\"") {
        let mut at = start + 3;
        while at + 3 <= bytes.len() {
            if bytes.get(at..at + 4) == Some(b"\\\"\"\"") {
                at += 4;
            } else if bytes.get(at..at + 3) == Some(b"\"\"\"") {
                return Some(at + 3);
            } else {
                at += 1;
            }
        }
        return None;
    }
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            b'\n' => return None,
            _other => at += 1,
        }
    }
}
