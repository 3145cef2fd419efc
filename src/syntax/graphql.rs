//! GraphQL: what the type definitions of one document declare, per the specification of October
//! 2021 (spec.graphql.org). Requests in it (`query`, `fragment`) are passed over.

use super::tree::SyntaxProblem;
use crate::source::file::FileId;
use crate::source::span::Span;

mod tokens;

use tokens::{Kind, Token, tokens};

/// What a document declares.
#[derive(Debug, Default)]
pub struct GraphQlFile {
    /// Types with fields, in order of the text; extensions stand for themselves.
    pub types: Vec<GraphQlType>,
    /// Names of enums, scalars and unions.
    pub leaves: Vec<Box<str>>,
    /// `mutation: Changes` of a `schema { … }`: what is asked for, and the type.
    pub roots: Vec<(Box<str>, Box<str>)>,
    /// Text of the comments before the first definition, without `#`.
    pub opening: String,
    /// Directives that the document uses, without `@`.
    pub directives: Vec<Box<str>>,
    /// What could not be read.
    pub problems: Vec<SyntaxProblem>,
}

/// `type Query { … }`, `input Order { … }`, `extend type Query { … }`
#[derive(Debug)]
pub struct GraphQlType {
    /// `Query`
    pub name: Box<str>,
    /// True for `input`.
    pub is_input: bool,
    /// In order of the text.
    pub fields: Vec<GraphQlField>,
}

/// `placeOrder(input: PlaceOrder!): Order!`
#[derive(Debug)]
pub struct GraphQlField {
    /// `placeOrder`
    pub name: Box<str>,
    /// The name's place.
    pub span: Span,
    /// Innermost name of its type: `Order` of `[Order!]!`.
    pub type_name: Box<str>,
    /// In order of the text; empty for fields of inputs.
    pub arguments: Vec<GraphQlField>,
}

/// Words that begin a definition.
const DEFINITIONS: [&str; 13] = [
    "type",
    "input",
    "interface",
    "extend",
    "schema",
    "enum",
    "scalar",
    "union",
    "directive",
    "query",
    "mutation",
    "subscription",
    "fragment",
];

/// Reads a document. After a mistake it goes on with the next definition.
pub fn parse(file: FileId, text: &str) -> GraphQlFile {
    let (tokens, opening, mut problems) = tokens(file, text);
    let mut parser = Parser { tokens: &tokens, at: 0, file: GraphQlFile::default() };
    while parser.at < tokens.len() {
        let before = parser.at;
        parser.definition();
        if parser.at == before {
            parser.at += 1;
        }
    }
    if let Some(open) = unclosed(&tokens) {
        problems.push(SyntaxProblem { span: open.span, message: "this bracket is never closed".to_owned() });
    }
    let directives = tokens.windows(2).filter(|pair| pair[0].text == "@").map(|pair| pair[1].text.into());
    let mut file = parser.file;
    file.directives = directives.collect();
    file.directives.sort();
    file.directives.dedup();
    file.opening = opening;
    file.problems = problems;
    file
}

/// The outermost bracket that nothing closes.
fn unclosed<'t>(tokens: &[Token<'t>]) -> Option<Token<'t>> {
    let mut open: Vec<Token<'t>> = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Mark) {
        match token.text {
            "{" | "(" | "[" => open.push(*token),
            "}" | ")" | "]" => {
                open.pop();
            }
            _other => {}
        }
    }
    open.first().copied()
}

struct Parser<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    file: GraphQlFile,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn is(&self, text: &str) -> bool {
        self.peek().is_some_and(|token| token.kind != Kind::Text && token.text == text)
    }

    fn take(&mut self, text: &str) -> bool {
        let is = self.is(text);
        self.at += usize::from(is);
        is
    }

    fn name(&mut self) -> Option<Token<'t>> {
        let token = self.peek().filter(|token| token.kind == Kind::Name)?;
        self.at += 1;
        Some(token)
    }

    fn description(&mut self) {
        while self.peek().is_some_and(|token| token.kind == Kind::Text) {
            self.at += 1;
        }
    }

    fn definition(&mut self) {
        self.description();
        self.take("extend");
        let Some(word) = self.peek() else { return };
        match word.text {
            "type" | "interface" | "input" => {
                self.at += 1;
                let Some(name) = self.name() else { return };
                self.advance_to_body();
                let fields = if self.is("{") { self.fields("{", "}") } else { Vec::new() };
                let is_input = word.text == "input";
                self.file.types.push(GraphQlType { name: name.text.into(), is_input, fields });
            }
            "schema" => {
                self.at += 1;
                self.advance_to_body();
                for field in if self.is("{") { self.fields("{", "}") } else { Vec::new() } {
                    self.file.roots.push((field.name, field.type_name));
                }
            }
            "enum" | "scalar" | "union" => {
                self.at += 1;
                if let Some(name) = self.name() {
                    self.file.leaves.push(name.text.into());
                }
                self.skip();
            }
            _request => {
                self.at += usize::from(word.text != "{");
                self.skip();
            }
        }
    }

    /// Goes to the `{` of a definition's fields, or to the next definition.
    fn advance_to_body(&mut self) {
        while let Some(token) = self.peek() {
            if token.text == "{" && token.kind == Kind::Mark {
                return;
            }
            if token.text == "(" && token.kind == Kind::Mark {
                self.brackets();
                continue;
            }
            if token.kind == Kind::Text || (token.kind == Kind::Name && DEFINITIONS.contains(&token.text)) {
                return;
            }
            self.at += 1;
        }
    }

    /// Passes over the rest of a definition.
    fn skip(&mut self) {
        while let Some(token) = self.peek() {
            match (token.kind, token.text) {
                (Kind::Mark, "{") => {
                    self.brackets();
                    return;
                }
                (Kind::Mark, "(" | "[") => self.brackets(),
                (Kind::Name, word) if DEFINITIONS.contains(&word) => return,
                (Kind::Text, _) => return,
                (Kind::Name | Kind::Mark, _) => self.at += 1,
            }
        }
    }

    /// Passes over a bracket with all that is in it.
    fn brackets(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            self.at += 1;
            if token.kind != Kind::Mark {
                continue;
            }
            match token.text {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                _other => {}
            }
        }
    }

    fn fields(&mut self, open: &str, close: &str) -> Vec<GraphQlField> {
        let mut found = Vec::new();
        if !self.take(open) {
            return found;
        }
        while self.peek().is_some() && !self.take(close) {
            self.description();
            let Some(name) = self.name() else {
                // A directive's arguments, a default's object: parts of what was read already.
                if self.is("{") || self.is("(") || self.is("[") {
                    self.brackets();
                } else if !self.is(close) {
                    self.at += 1;
                }
                continue;
            };
            let arguments = if self.is("(") && open == "{" { self.fields("(", ")") } else { Vec::new() };
            if !self.take(":") {
                continue;
            }
            while self.take("[") {}
            let type_name = self.name().map_or("", |token| token.text);
            while self.take("]") || self.take("!") {}
            if self.take("=") {
                self.value();
            }
            while self.take("@") {
                self.name();
                if self.is("(") {
                    self.brackets();
                }
            }
            found.push(GraphQlField {
                name: name.text.into(),
                span: name.span,
                type_name: type_name.into(),
                arguments,
            });
        }
        found
    }

    fn value(&mut self) {
        self.take("$");
        if self.is("{") || self.is("[") {
            self.brackets();
        } else {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests;
