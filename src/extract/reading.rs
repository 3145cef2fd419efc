//! One file being read: the facts so far, and what all readers need to add to them.

use crate::facts::Fact;
use crate::facts::Facts;
use crate::facts::problem::{Problem, Unclear};
use crate::source::file::SourceFile;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::template::Values;
use crate::syntax::tree::SyntaxProblem;

/// A file on its way to facts.
pub struct Reading<'a> {
    /// The file.
    pub file: SourceFile<'a>,
    /// What was found so far.
    pub facts: Facts,
    /// What its chart is installed with, where it is a template of one.
    pub values: Option<&'a Values<'a>>,
}

impl<'a> Reading<'a> {
    /// Nothing read yet.
    pub fn new(file: SourceFile<'a>) -> Self {
        Self { file, facts: Facts::new(file.id), values: None }
    }

    /// Nothing read yet of a template whose chart is installed with `values`.
    pub fn of_template(file: SourceFile<'a>, values: &'a Values<'a>) -> Self {
        Self { values: Some(values), ..Self::new(file) }
    }

    /// The result.
    pub fn into_facts(self) -> Facts {
        self.facts
    }

    /// Adds a fact.
    pub fn add(&mut self, fact: Fact) {
        self.facts.facts.push(fact);
    }

    /// The span of bytes `start..end` of this file.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file.id, start as u32, end as u32)
    }

    /// The file's start: for what is true of the file as a whole.
    pub fn file_start(&self) -> Span {
        Span::file_start(self.file.id)
    }

    /// The bytes of a span of this file; empty where it does not fit.
    pub fn text_of(&self, span: Span) -> &'a str {
        self.file.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Notes what could not be read.
    pub fn problem(&mut self, span: Span, message: &str, help: &str) {
        self.facts.problems.push(Problem { span, message: message.to_owned(), help: help.to_owned() });
    }

    /// Notes what a parser could not read.
    pub fn syntax_problems(&mut self, problems: &[SyntaxProblem], help: &str) {
        for problem in problems {
            self.problem(problem.span, &problem.message, help);
        }
    }

    /// Notes what was recognized and not understood.
    pub fn unclear(&mut self, span: Span, what: &str, why: &str) {
        self.facts.unclear.push(Unclear { span, what: Symbol::new(what), why: Symbol::new(why) });
    }
}
