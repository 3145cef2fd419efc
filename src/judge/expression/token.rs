//! From an expression's text to its words and signs, each with its bytes.

use std::ops::Range;

use crate::judge::problem::TextProblem;

/// A word or sign of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// `call`, `in`, `true`.
    Name(&'t str),
    /// `42`, `0x1F`: its value without a sign, so that the least number can be written.
    Int(u64),
    /// `'text'`, unescaped.
    Text(String),
    /// `&&`, `(`.
    Sign(&'static str),
}

/// A token and its bytes.
#[derive(Clone, Debug)]
pub(super) struct Placed<'t> {
    pub token: Token<'t>,
    pub range: Range<usize>,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 23] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]", ",", ".",
    "{",
];

/// All tokens of `text`, and everything in it that is none.
pub(super) fn tokens(text: &str) -> (Vec<Placed<'_>>, Vec<TextProblem>) {
    let mut lexer = Lexer { at: 0, tokens: Vec::new(), problems: Vec::new() };
    while let Some(rest) = text.get(lexer.at..)
        && let Some(first) = rest.chars().next()
    {
        lexer.next(rest, first);
    }
    (lexer.tokens, lexer.problems)
}

struct Lexer<'t> {
    at: usize,
    tokens: Vec<Placed<'t>>,
    problems: Vec<TextProblem>,
}

impl<'t> Lexer<'t> {
    fn next(&mut self, rest: &'t str, first: char) {
        let start = self.at;
        if first.is_whitespace() {
            self.at += first.len_utf8();
        } else if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some((raw, bytes, quote)) = opening_quote(rest) {
            self.text_literal(rest, raw, bytes, quote);
        } else if first == '_' || first.is_ascii_alphabetic() {
            let name = leading(rest, |c| c == '_' || c.is_ascii_alphanumeric());
            self.push(Token::Name(name), name.len());
        } else if first.is_ascii_digit() {
            self.number(rest);
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.push(Token::Sign(sign), sign.len());
        } else {
            self.at += first.len_utf8();
            let problem = TextProblem::new(start..self.at, format!("`{first}` is no part of an expression"));
            self.problems.push(match first {
                '=' => problem.with_help("equality is written `==`"),
                '&' => problem.with_help("\"and\" is written `&&`"),
                '|' => problem.with_help("\"or\" is written `||`"),
                '’' | '‘' | '“' | '”' => problem.with_help("text stands in straight quotes: 'text'"),
                _ => problem,
            });
        }
    }

    fn push(&mut self, token: Token<'t>, len: usize) {
        self.tokens.push(Placed { token, range: self.at..self.at + len });
        self.at += len;
    }

    fn number(&mut self, rest: &'t str) {
        let mut written = leading(rest, |c| c == '_' || c.is_ascii_alphanumeric());
        if let Some(behind) = rest.get(written.len() + 1..)
            && rest.get(written.len()..).is_some_and(|tail| tail.starts_with('.'))
            && behind.starts_with(|c: char| c.is_ascii_digit())
        {
            let fraction = leading(behind, |c| c.is_ascii_alphanumeric());
            written = rest.get(..written.len() + 1 + fraction.len()).unwrap_or(written);
        }
        let value = match written.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => written.parse().ok(),
        };
        // Every number that is stored is an i64; its negation may be one more.
        let Some(value) = value.filter(|&value| value <= i64::MAX as u64 + 1) else {
            let range = self.at..self.at + written.len();
            self.at = range.end;
            let all_digits = written.bytes().all(|b| b.is_ascii_digit());
            let problem = if all_digits {
                TextProblem::new(range, format!("`{written}` is too large"))
            } else {
                TextProblem::new(range, format!("`{written}` is no whole number"))
                    .with_help("numbers are whole, without a unit: `1500`")
            };
            self.problems.push(problem);
            self.tokens.push(Placed { token: Token::Int(0), range: self.at - written.len()..self.at });
            return;
        };
        self.push(Token::Int(value), written.len());
    }

    fn text_literal(&mut self, rest: &'t str, raw: bool, bytes: bool, quote: &'static str) {
        let start = self.at;
        let prefix = rest.find(quote).unwrap_or(0);
        let body = rest.get(prefix + quote.len()..).unwrap_or("");
        let mut value = String::new();
        let mut characters = body.char_indices();
        let mut problem = None;
        let length = loop {
            let Some((at, character)) = characters.next() else { break None };
            if body.get(at..).is_some_and(|tail| tail.starts_with(quote)) {
                break Some(at);
            }
            if character == '\n' && quote.len() == 1 {
                break None;
            }
            if character != '\\' || raw {
                value.push(character);
                continue;
            }
            match unescaped(&mut characters) {
                Some(escaped) => value.push(escaped),
                None => {
                    let at = start + prefix + quote.len() + at;
                    problem.get_or_insert_with(|| {
                        TextProblem::new(at..at + 1, "this escape is not known")
                            .with_help("a backslash is written `\\\\`, or the text as r'…'")
                    });
                }
            }
        };
        let Some(length) = length else {
            let line = body.find('\n').unwrap_or(body.len());
            self.at = start + prefix + quote.len() + if quote.len() == 1 { line } else { body.len() };
            let range = start..start + prefix + quote.len();
            self.problems.push(TextProblem::new(range, "this text has no closing quote"));
            self.tokens.push(Placed { token: Token::Text(value), range: start..self.at });
            return;
        };
        let whole = prefix + quote.len() + length + quote.len();
        if bytes {
            let range = start..start + whole;
            self.problems.push(TextProblem::new(range, "bytes are not offered").with_help("write text: '…'"));
        }
        self.problems.extend(problem);
        self.push(Token::Text(value), whole);
    }
}

/// Whether a text starts here: raw (`r'…'`), bytes (`b'…'`), and its quote.
fn opening_quote(rest: &str) -> Option<(bool, bool, &'static str)> {
    let quoted = rest.trim_start_matches(['r', 'R', 'b', 'B']);
    let prefix = rest.get(..rest.len() - quoted.len())?;
    if prefix.len() > 2 {
        return None;
    }
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| quoted.starts_with(quote))?;
    Some((prefix.contains(['r', 'R']), prefix.contains(['b', 'B']), quote))
}

/// The character that the escape behind a backslash stands for (CEL specification,
/// "Lexis": `\n`, `\x41`, `\u00e4`, `\U0001F600`, `\101`).
fn unescaped(characters: &mut std::str::CharIndices<'_>) -> Option<char> {
    let (_, kind) = characters.next()?;
    let (digits, radix, first) = match kind {
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'v' => return Some('\u{b}'),
        '\\' | '\'' | '"' | '`' | '?' => return Some(kind),
        'x' | 'X' => (2, 16, 0),
        'u' => (4, 16, 0),
        'U' => (8, 16, 0),
        '0'..='3' => (2, 8, kind.to_digit(8)?),
        _ => return None,
    };
    let mut code = first;
    for _ in 0..digits {
        let (_, digit) = characters.clone().next()?;
        code = code.checked_mul(radix)?.checked_add(digit.to_digit(radix)?)?;
        characters.next();
    }
    char::from_u32(code)
}

/// The longest beginning of `text` whose characters all satisfy `belongs`.
fn leading(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}
