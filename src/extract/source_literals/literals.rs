//! The string literals of one line.

use super::Language;

/// A string literal that begins and ends on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'t> {
    /// What stands between the quotes, escapes as written.
    pub text: &'t str,
    /// First byte of the text in the line.
    pub start: usize,
    /// One past its last byte: the closing quote.
    pub end: usize,
    /// `"`, `'` or a backtick.
    pub quote: char,
}

/// The literals of a line in order. What a quote opens and nothing closes is none.
pub fn literals_of(line: &str, language: Language) -> Vec<Literal<'_>> {
    let quotes: &[char] = match language {
        Language::SingleCharacter => &['"', '`'],
        Language::Rust => &['"'],
        Language::Sql => &['\''],
        Language::Shell => &['"', '\''],
        Language::Other => &['"', '\'', '`'],
    };
    let mut literals = Vec::new();
    let mut open: Option<(char, usize)> = None;
    let mut escaped = false;
    for (at, sign) in line.char_indices() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if sign == '\\' => escaped = true,
            Some((quote, start)) if sign == quote => {
                if let Some(text) = line.get(start..at) {
                    literals.push(Literal { text, start, end: at, quote });
                }
                open = None;
            }
            Some(_) => {}
            None if quotes.contains(&sign) => open = Some((sign, at + sign.len_utf8())),
            None => {}
        }
    }
    literals
}
