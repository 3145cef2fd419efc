//! From an expression's text to its terms, by the grammar of CEL.
//!
//! By hand, since the parser of the `cel` crate overflows a thread's stack on some sixteen
//! nested brackets, and its positions and messages are made for other programs. The crate
//! is the reference in the tests: what we accept, it accepts, with the same value.
//! Grammar: CEL specification, "Syntax" (github.com/google/cel-spec, doc/langdef.md).

use std::ops::Range;

use super::token::{Placed, Token, tokens};
use crate::judge::problem::TextProblem;

/// A term with its bytes, from its first letter to its last bracket.
#[derive(Debug)]
pub(super) struct Term<'t> {
    pub kind: TermKind<'t>,
    pub range: Range<usize>,
    depth: usize,
}

/// What stands at a term.
#[derive(Debug)]
pub(super) enum TermKind<'t> {
    /// `call`
    Name(&'t str),
    /// `true`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `'text'`
    Text(String),
    /// `null`, which our rules do not have.
    Null,
    /// `[a, b]`
    List(Vec<Term<'t>>),
    /// `a.b`, with the bytes of `b`.
    Select(Box<Term<'t>>, &'t str, Range<usize>),
    /// `f(a)` and `a.f(b)`.
    Call(CallTerm<'t>),
    /// `a[b]`, which our rules do not have.
    Index,
    /// `!a`
    Not(Box<Term<'t>>),
    /// `-a`
    Negate(Box<Term<'t>>),
    /// `a && b && c`
    And(Vec<Term<'t>>),
    /// `a || b || c`
    Or(Vec<Term<'t>>),
    /// `a == b`, with the sign and its bytes.
    Binary(&'t str, Range<usize>, Box<[Term<'t>; 2]>),
    /// `a ? b : c`
    Choice(Box<[Term<'t>; 3]>),
}

/// A function's call.
#[derive(Debug)]
pub(super) struct CallTerm<'t> {
    pub name: &'t str,
    pub name_range: Range<usize>,
    /// What stands before the dot.
    pub target: Option<Box<Term<'t>>>,
    pub arguments: Vec<Term<'t>>,
}

/// Longest expression in bytes. More than three lines want to be an attribute.
const LONGEST: usize = 4096;
/// Deepest nesting of terms; bounds every recursion over them, here and later.
const DEEPEST: usize = 48;
/// Names that CEL keeps for itself (cel-spec, doc/langdef.md, "RESERVED").
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The one term that `text` is.
pub(super) fn parse(text: &str) -> Result<Term<'_>, Vec<TextProblem>> {
    if text.len() > LONGEST {
        let problem = TextProblem::new(0..text.len(), format!("the expression is longer than {LONGEST} bytes"));
        return Err(vec![problem.with_help("split the rule, or ask for an attribute that says it")]);
    }
    let (tokens, problems) = tokens(text);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut parser = Parser { text, tokens: &tokens, at: 0, depth: 0 };
    let parsed = parser.choice().and_then(|term| match parser.peek() {
        None => Ok(term),
        Some(_) => Err(parser.unexpected("the expression should end")),
    });
    parsed.map_err(|problem| vec![problem])
}

struct Parser<'t, 'p> {
    text: &'t str,
    tokens: &'p [Placed<'t>],
    at: usize,
    depth: usize,
}

type Parsed<'t> = Result<Term<'t>, TextProblem>;

impl<'t> Parser<'t, '_> {
    fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at).map(|placed| &placed.token)
    }

    /// The bytes of the next token; the end of the text behind the last one.
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |placed| placed.range.clone())
    }

    /// Where the token before the next one ends.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |placed| placed.range.end)
    }

    fn takes(&mut self, sign: &str) -> bool {
        let taken = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(taken);
        taken
    }

    fn demand(&mut self, sign: &str, why: &str) -> Result<(), TextProblem> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected(&format!("a `{sign}` {why}"))) }
    }

    /// The problem that something else than `wanted` stands here.
    fn unexpected(&self, wanted: &str) -> TextProblem {
        let found = self.tokens.get(self.at).and_then(|placed| self.text.get(placed.range.clone()));
        let Some(found) = found else {
            // The mark stands on the last word, since there is nothing to see behind it.
            let last = self.tokens.last().map_or(0..0, |placed| placed.range.clone());
            return TextProblem::new(last, format!("the expression ends here, where {wanted}"));
        };
        let problem = TextProblem::new(self.here(), format!("`{found}` stands here, where {wanted}"));
        match found {
            "and" => problem.with_help("\"and\" is written `&&`"),
            "or" => problem.with_help("\"or\" is written `||`"),
            "not" => problem.with_help("\"not\" is written `!`"),
            "is" => problem.with_help("equality is written `==`"),
            _ => problem,
        }
    }

    fn term(&self, kind: TermKind<'t>, range: Range<usize>) -> Parsed<'t> {
        let deepest = |terms: &[Term<'t>]| terms.iter().map(|term| term.depth).max().unwrap_or(0);
        let depth = 1 + match &kind {
            TermKind::Name(_) | TermKind::Bool(_) | TermKind::Int(_) | TermKind::Text(_) => 0,
            TermKind::Null | TermKind::Index => 0,
            TermKind::List(items) | TermKind::And(items) | TermKind::Or(items) => deepest(items),
            TermKind::Select(operand, ..) | TermKind::Not(operand) | TermKind::Negate(operand) => operand.depth,
            TermKind::Call(call) => deepest(&call.arguments).max(call.target.as_ref().map_or(0, |term| term.depth)),
            TermKind::Binary(_, _, operands) => deepest(operands.as_slice()),
            TermKind::Choice(operands) => deepest(operands.as_slice()),
        };
        if depth > DEEPEST { Err(too_deep(range)) } else { Ok(Term { kind, range, depth }) }
    }

    fn choice(&mut self) -> Parsed<'t> {
        if self.depth > DEEPEST {
            return Err(too_deep(self.here()));
        }
        self.depth += 1;
        let term = self.choice_within();
        self.depth -= 1;
        term
    }

    fn choice_within(&mut self) -> Parsed<'t> {
        let condition = self.any()?;
        if !self.takes("?") {
            return Ok(condition);
        }
        let yes = self.any()?;
        self.demand(":", "and the other value should follow")?;
        let no = self.choice()?;
        let range = condition.range.start..no.range.end;
        self.term(TermKind::Choice(Box::new([condition, yes, no])), range)
    }

    fn any(&mut self) -> Parsed<'t> {
        let mut terms = vec![self.every()?];
        while self.takes("||") {
            terms.push(self.every()?);
        }
        self.joined(terms, TermKind::Or)
    }

    fn every(&mut self) -> Parsed<'t> {
        let mut terms = vec![self.binary(0)?];
        while self.takes("&&") {
            terms.push(self.binary(0)?);
        }
        self.joined(terms, TermKind::And)
    }

    fn joined(&self, mut terms: Vec<Term<'t>>, kind: fn(Vec<Term<'t>>) -> TermKind<'t>) -> Parsed<'t> {
        match (terms.len(), terms.first(), terms.last()) {
            (2.., Some(first), Some(last)) => {
                let range = first.range.start..last.range.end;
                self.term(kind(terms), range)
            }
            _ => terms.pop().ok_or_else(|| self.unexpected("a value should stand")),
        }
    }

    /// Comparisons (level 0), sums (1), products (2); each groups to the left.
    fn binary(&mut self, level: usize) -> Parsed<'t> {
        const LEVELS: [&[&str]; 3] = [&["==", "!=", "<", "<=", ">", ">=", "in"], &["+", "-"], &["*", "/", "%"]];
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        loop {
            let range = self.here();
            let sign = self.text.get(range.clone()).filter(|text| signs.contains(text));
            let Some(sign) = sign.filter(|_| matches!(self.peek(), Some(Token::Sign(_) | Token::Name(_)))) else {
                return Ok(left);
            };
            self.at += 1;
            let right = self.binary(level + 1)?;
            let whole = left.range.start..right.range.end;
            left = self.term(TermKind::Binary(sign, range, Box::new([left, right])), whole)?;
        }
    }

    fn unary(&mut self) -> Parsed<'t> {
        let start = self.here().start;
        for (sign, kind) in [("!", TermKind::Not as fn(Box<Term<'t>>) -> TermKind<'t>), ("-", TermKind::Negate)] {
            let mut odd = false;
            let mut any = false;
            while self.takes(sign) {
                odd = !odd;
                any = true;
            }
            if !any {
                continue;
            }
            if sign == "-"
                && let Some(&Token::Int(value)) = self.peek()
            {
                return self.number(value, odd, start);
            }
            let operand = self.member()?;
            if !odd {
                return Ok(operand);
            }
            let range = start..operand.range.end;
            return self.term(kind(Box::new(operand)), range);
        }
        self.member()
    }

    /// Takes the number that comes next; `negative` if an odd number of signs precedes it.
    fn number(&mut self, value: u64, negative: bool, start: usize) -> Parsed<'t> {
        let range = start..self.here().end;
        self.at += 1;
        let signed = if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() };
        match signed {
            Some(value) => self.term(TermKind::Int(value), range),
            None => Err(TextProblem::new(range, format!("`{value}` is too large"))),
        }
    }

    fn member(&mut self) -> Parsed<'t> {
        let mut term = self.primary()?;
        loop {
            if self.takes("[") {
                self.choice()?;
                self.demand("]", "should close the index")?;
                term = self.term(TermKind::Index, term.range.start..self.end())?;
                continue;
            }
            if !self.takes(".") {
                return Ok(term);
            }
            let name_range = self.here();
            let Some(&Token::Name(name)) = self.peek() else {
                return Err(self.unexpected("a name should follow the dot"));
            };
            self.at += 1;
            let start = term.range.start;
            if self.takes("(") {
                let arguments = self.items(")")?;
                let target = Some(Box::new(term));
                let call = CallTerm { name, name_range, target, arguments };
                term = self.term(TermKind::Call(call), start..self.end())?;
            } else {
                let end = name_range.end;
                term = self.term(TermKind::Select(Box::new(term), name, name_range), start..end)?;
            }
        }
    }

    fn primary(&mut self) -> Parsed<'t> {
        let range = self.here();
        let kind = match self.peek() {
            Some(&Token::Int(value)) => return self.number(value, false, range.start),
            Some(Token::Text(text)) => TermKind::Text(text.clone()),
            Some(Token::Name("true")) => TermKind::Bool(true),
            Some(Token::Name("false")) => TermKind::Bool(false),
            Some(Token::Name("null")) => TermKind::Null,
            Some(&Token::Name(name)) if name != "in" => return self.name(name, range),
            Some(Token::Sign("(")) => {
                self.at += 1;
                let inner = self.choice()?;
                self.demand(")", "should close the bracket")?;
                return Ok(Term { range: range.start..self.end(), ..inner });
            }
            Some(Token::Sign("[")) => {
                self.at += 1;
                let items = self.items("]")?;
                return self.term(TermKind::List(items), range.start..self.end());
            }
            Some(Token::Sign("{")) => return Err(TextProblem::new(range, "maps are not offered")),
            Some(Token::Name(_) | Token::Sign(_)) | None => return Err(self.unexpected("a value should stand")),
        };
        self.at += 1;
        self.term(kind, range)
    }

    fn name(&mut self, name: &'t str, range: Range<usize>) -> Parsed<'t> {
        if RESERVED.contains(&name) {
            return Err(TextProblem::new(range, format!("`{name}` is a reserved word")));
        }
        self.at += 1;
        if self.takes("(") {
            let arguments = self.items(")")?;
            let end = self.end();
            let call = CallTerm { name, name_range: range.clone(), target: None, arguments };
            return self.term(TermKind::Call(call), range.start..end);
        }
        if name == "not" && self.peek().is_some() && !matches!(self.peek(), Some(Token::Sign(_))) {
            self.at -= 1;
            return Err(self.unexpected("a value should stand"));
        }
        self.term(TermKind::Name(name), range)
    }

    /// Terms with commas between them, up to `close`.
    fn items(&mut self, close: &str) -> Result<Vec<Term<'t>>, TextProblem> {
        let mut items = Vec::new();
        if self.takes(close) {
            return Ok(items);
        }
        loop {
            items.push(self.choice()?);
            if self.takes(close) {
                return Ok(items);
            }
            self.demand(",", &format!("or `{close}` should follow"))?;
        }
    }
}

fn too_deep(range: Range<usize>) -> TextProblem {
    TextProblem::new(range, format!("the expression is nested more than {DEEPEST} deep"))
}
