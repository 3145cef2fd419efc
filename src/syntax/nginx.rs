//! nginx configuration as a tree of directives (nginx.org/en/docs/beginners_guide.html,
//! "Configuration File's Structure").

use super::tree::SyntaxProblem;
use crate::source::file::FileId;
use crate::source::span::Span;

/// Deepest nesting that is read; nginx itself has about five levels.
const DEPTH_LIMIT: usize = 64;

/// A name or an argument and its place without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without quotes.
    pub text: String,
    /// As the file holds it, without quotes.
    pub span: Span,
}

/// `proxy_pass http://orders;`, `location /api { … }`.
#[derive(Debug)]
pub struct Directive {
    /// `proxy_pass`
    pub name: Word,
    /// In order.
    pub arguments: Vec<Word>,
    /// What stands between its braces, where it has any.
    pub block: Vec<Directive>,
}

/// Reads a text: its directives, and what is wrong with it.
pub fn parse(file: FileId, text: &str) -> (Vec<Directive>, Vec<SyntaxProblem>) {
    let mut reader = Reader { file, text, at: 0, problems: Vec::new() };
    let directives = reader.read();
    (directives, reader.problems)
}

enum Token {
    Word(Word),
    End,
    Open,
    Close,
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    problems: Vec<SyntaxProblem>,
}

impl Reader<'_> {
    fn read(&mut self) -> Vec<Directive> {
        let mut open: Vec<(Vec<Word>, Vec<Directive>)> = Vec::new();
        let mut current = Vec::new();
        let mut words = Vec::new();
        while let Some((token, span)) = self.token() {
            match token {
                Token::Word(word) => words.push(word),
                Token::End => push(&mut current, &mut words, Vec::new()),
                Token::Open if words.first().is_some_and(|word: &Word| word.text.ends_with("_by_lua_block")) => {
                    self.skip_block();
                    push(&mut current, &mut words, Vec::new());
                }
                Token::Open if open.len() >= DEPTH_LIMIT => {
                    self.problem(span, "the blocks are nested too deep");
                    break;
                }
                Token::Open => open.push((std::mem::take(&mut words), std::mem::take(&mut current))),
                Token::Close => {
                    if !words.is_empty() {
                        self.problem(span, "a `;` is missing before this brace");
                        push(&mut current, &mut words, Vec::new());
                    }
                    match open.pop() {
                        None => self.problem(span, "this brace closes nothing"),
                        Some((mut head, before)) => {
                            let block = std::mem::replace(&mut current, before);
                            push(&mut current, &mut head, block);
                        }
                    }
                }
            }
        }
        push(&mut current, &mut words, Vec::new());
        if let Some((head, _)) = open.last() {
            let span = head.first().map_or(Span::new(self.file, 0, 0), |word| word.span);
            self.problem(span, "the block that begins here is never closed");
        }
        while let Some((mut head, before)) = open.pop() {
            let block = std::mem::replace(&mut current, before);
            push(&mut current, &mut head, block);
        }
        current
    }

    fn problem(&mut self, span: Span, message: &str) {
        self.problems.push(SyntaxProblem { span, message: message.to_owned() });
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn token(&mut self) -> Option<(Token, Span)> {
        loop {
            let first = self.rest().chars().next()?;
            let start = self.at;
            if first.is_whitespace() || first == '\u{feff}' {
                self.at += first.len_utf8();
                continue;
            }
            if first == '#' {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                continue;
            }
            let sign = match first {
                ';' => Token::End,
                '{' => Token::Open,
                '}' => Token::Close,
                '"' | '\'' => {
                    let word = self.quoted(first);
                    let span = word.span;
                    return Some((Token::Word(word), span));
                }
                _ => {
                    let word = self.bare();
                    let span = word.span;
                    return Some((Token::Word(word), span));
                }
            };
            self.at += 1;
            return Some((sign, self.span(start, start + 1)));
        }
    }

    fn quoted(&mut self, quote: char) -> Word {
        let start = self.at + 1;
        let mut text = String::new();
        let mut signs = self.text.get(start..).unwrap_or("").char_indices();
        while let Some((offset, sign)) = signs.next() {
            if sign == quote {
                self.at = start + offset + 1;
                return Word { text, span: self.span(start, start + offset) };
            }
            match sign {
                '\\' => text.extend(signs.next().map(|(_, escaped)| escaped)),
                _ => text.push(sign),
            }
        }
        self.at = self.text.len();
        let span = self.span(start, self.at);
        self.problem(self.span(start - 1, start), "this quote is never closed");
        Word { text, span }
    }

    /// Up to a blank, `;` or a brace; `${name}` belongs to the word, also with a backslash
    /// in front of a sign.
    fn bare(&mut self) -> Word {
        let start = self.at;
        let mut before = ' ';
        let mut variable = false;
        let mut end = self.text.len();
        for (offset, sign) in self.rest().char_indices() {
            let opens = sign == '{' && before == '$';
            let stops = sign.is_whitespace() || matches!(sign, ';' | '{') || (sign == '}' && !variable);
            if stops && !opens && before != '\\' {
                end = start + offset;
                break;
            }
            variable = (variable || opens) && sign != '}';
            before = sign;
        }
        self.at = end;
        Word { text: self.text.get(start..end).unwrap_or("").to_owned(), span: self.span(start, end) }
    }

    /// Lua between balanced braces.
    fn skip_block(&mut self) {
        let mut depth = 1_usize;
        for (offset, byte) in self.rest().bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += offset + 1;
                return;
            }
        }
        self.at = self.text.len();
    }
}

fn push(current: &mut Vec<Directive>, words: &mut Vec<Word>, block: Vec<Directive>) {
    let mut words = std::mem::take(words).into_iter();
    if let Some(name) = words.next() {
        current.push(Directive { name, arguments: words.collect(), block });
    }
}
