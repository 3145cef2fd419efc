//! From terms to the typed tree: every name is found, every type is right, or it is said.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use super::evaluate::Expression;
use super::parse::{Term, TermKind, parse};
use super::typed::{Arithmetic, Comparison, Typed};
use crate::infer::vocabulary::{Datum, SubjectDef, Type};
use crate::judge::parameter::Parameter;
use crate::judge::problem::{TextProblem, suggestion};
use crate::source::symbol::Symbol;

/// What an expression or a template may name.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The subject that the rule judges.
    pub subject: &'s SubjectDef,
    /// All subjects, for better messages.
    pub vocabulary: &'s [SubjectDef],
    /// The rule's parameters, named `params.x`.
    pub parameters: &'s [Parameter],
}

/// Compiles a condition. All mistakes are returned, in the order of the text; of a text
/// that is no expression, the first one.
pub fn compile(text: &str, scope: Scope<'_>) -> Result<Expression, Vec<TextProblem>> {
    let term = parse(text)?;
    let mut checker = Checker { text, scope, variables: Vec::new(), problems: Vec::new() };
    let (root, kind) = checker.check(&term);
    if !kind.fits(&Kind::Bool) {
        let message = format!("the condition is {kind}, not true or false");
        checker.problems.push(TextProblem::new(term.range, message).with_help("compare it with something"));
    }
    if !checker.problems.is_empty() {
        checker.problems.sort_by_key(|problem| problem.range.start);
        return Err(checker.problems);
    }
    let mut slots = BTreeSet::new();
    root.collect_slots(&mut slots);
    Ok(Expression { root, slots: slots.into_iter().collect() })
}

/// The type of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Text,
    List(Box<Kind>),
    /// The items of `[]`, and whatever has a mistake in it: fits everything, so that one
    /// mistake is reported once.
    Any,
}

impl Kind {
    pub(super) fn of(ty: Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Text => Self::Text,
            Type::List(item) => Self::List(Box::new(Self::of(*item))),
        }
    }

    pub(super) fn fits(&self, other: &Kind) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::List(left), Self::List(right)) => left.fits(right),
            _ => self == other,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => out.write_str("true or false"),
            Self::Int => out.write_str("a number"),
            Self::Text => out.write_str("a text"),
            Self::List(item) => match item.as_ref() {
                Self::Int => out.write_str("a list of numbers"),
                Self::Text => out.write_str("a list of texts"),
                Self::Bool | Self::List(_) | Self::Any => out.write_str("a list"),
            },
            Self::Any => out.write_str("anything"),
        }
    }
}

pub(super) struct Checker<'s> {
    pub(super) text: &'s str,
    pub(super) scope: Scope<'s>,
    /// The loop variables in sight, the outermost first.
    pub(super) variables: Vec<(&'s str, Kind)>,
    pub(super) problems: Vec<TextProblem>,
}

pub(super) type Checked = (Typed, Kind);

impl<'s> Checker<'s> {
    pub(super) fn check(&mut self, term: &Term<'s>) -> Checked {
        match &term.kind {
            TermKind::Bool(value) => (Typed::Literal(Datum::Bool(*value)), Kind::Bool),
            TermKind::Int(value) => (Typed::Literal(Datum::Int(*value)), Kind::Int),
            TermKind::Text(value) => (Typed::Literal(Datum::Text(Symbol::new(value))), Kind::Text),
            TermKind::Null => {
                self.wrong(&term.range, "there is no `null`", Some("ask `absent(x)`, `present(x)` or `unknown(x)`"))
            }
            TermKind::Index => self.wrong(&term.range, "items have no numbers here", Some("use `exists` or `in`")),
            TermKind::Name(name) => self.name(name, &term.range),
            TermKind::Select(operand, name, name_range) => self.select(operand, name, name_range),
            TermKind::List(items) => self.list(items),
            TermKind::Call(call) => self.call(call, &term.range),
            TermKind::Not(operand) => {
                let operand = self.wanted(operand, &Kind::Bool, "`!` needs true or false");
                (Typed::Not(Box::new(operand)), Kind::Bool)
            }
            TermKind::Negate(operand) => {
                let (typed, kind) = self.check(operand);
                if !kind.fits(&Kind::Int) {
                    let shown = self.shown(&operand.range);
                    return self.wrong(&operand.range, format!("`-` needs a number, and {shown} is {kind}"), None);
                }
                (Typed::Negate(Box::new(typed)), Kind::Int)
            }
            TermKind::And(operands) => (Typed::And(self.conditions(operands, "&&")), Kind::Bool),
            TermKind::Or(operands) => (Typed::Or(self.conditions(operands, "||")), Kind::Bool),
            TermKind::Binary(sign, sign_range, operands) => self.binary(term, sign, sign_range, operands),
            TermKind::Choice(operands) => self.choice(term, operands),
        }
    }

    /// Reports a mistake and stands in for the term that has it.
    pub(super) fn wrong(&mut self, range: &Range<usize>, message: impl Into<String>, help: Option<&str>) -> Checked {
        let problem = TextProblem { range: range.clone(), message: message.into(), help: help.map(str::to_owned) };
        self.problems.push(problem);
        (Typed::Literal(Datum::Bool(false)), Kind::Any)
    }

    /// The term, which must be of `kind`; `need` begins the message where it is not.
    pub(super) fn wanted(&mut self, term: &Term<'s>, kind: &Kind, need: &str) -> Typed {
        let (typed, found) = self.check(term);
        if !found.fits(kind) {
            let shown = self.shown(&term.range);
            self.wrong(&term.range, format!("{need}, and {shown} is {found}"), None);
        }
        typed
    }

    /// A term's own text in backquotes, for messages.
    pub(super) fn shown(&self, range: &Range<usize>) -> String {
        const LONGEST: usize = 40;
        let text = self.text.get(range.clone()).unwrap_or("");
        let cut: String = text.chars().take(LONGEST).collect();
        let dots = if cut.len() < text.len() { "…" } else { "" };
        format!("`{}{dots}`", cut.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn conditions(&mut self, operands: &[Term<'s>], sign: &str) -> Vec<Typed> {
        let need = format!("`{sign}` joins conditions");
        operands.iter().map(|operand| self.wanted(operand, &Kind::Bool, &need)).collect()
    }

    fn name(&mut self, name: &str, range: &Range<usize>) -> Checked {
        if let Some((number, kind)) = self.variable(name) {
            return (Typed::Variable(number), kind);
        }
        let subject = self.scope.subject;
        if name == subject.kind || name == "params" {
            let example = subject.attributes.first().map_or("name", |attribute| attribute.name);
            let help = if name == "params" {
                "name a parameter: `params.x`".to_owned()
            } else {
                format!("name an attribute: `{name}.{example}`")
            };
            return self.wrong(range, format!("`{name}` alone is no value"), Some(&help));
        }
        if subject.attribute(name).is_some() {
            let help = format!("did you mean `{}.{name}`?", subject.kind);
            return self.wrong(range, format!("`{name}` is not known here"), Some(&help));
        }
        self.unknown_name(name, range)
    }

    fn variable(&self, name: &str) -> Option<(usize, Kind)> {
        let found = self.variables.iter().enumerate().rev().find(|(_, (known, _))| *known == name);
        found.map(|(number, (_, kind))| (number, kind.clone()))
    }

    fn unknown_name(&mut self, name: &str, range: &Range<usize>) -> Checked {
        let subject = self.scope.subject;
        if self.scope.vocabulary.iter().any(|other| other.kind == name) {
            let message = format!("this rule judges `{}`, so there is no `{name}` here", subject.kind);
            return self.wrong(range, message, None);
        }
        let names = [subject.kind, "params"].into_iter().chain(self.variables.iter().map(|(name, _)| *name));
        let help = suggestion(name, names, "known are");
        self.wrong(range, format!("`{name}` is not known here"), help.as_deref())
    }

    fn select(&mut self, operand: &Term<'s>, name: &str, name_range: &Range<usize>) -> Checked {
        let root = match operand.kind {
            TermKind::Name(root) if self.variable(root).is_none() => root,
            _ => {
                let (_, kind) = self.check(operand);
                if kind == Kind::Any {
                    return (Typed::Literal(Datum::Bool(false)), Kind::Any);
                }
                let shown = self.shown(&operand.range);
                return self.wrong(name_range, format!("{shown} is {kind} and has no part `{name}`"), None);
            }
        };
        if root == self.scope.subject.kind {
            return self.attribute(name, name_range);
        }
        if root == "params" {
            return self.parameter(name, name_range);
        }
        self.unknown_name(root, &operand.range)
    }

    fn attribute(&mut self, name: &str, range: &Range<usize>) -> Checked {
        let subject = self.scope.subject;
        if let Some((slot, attribute)) = subject.attribute(name) {
            return (Typed::Attribute(slot), Kind::of(attribute.ty));
        }
        let problem = unknown_attribute(subject, name, range.clone());
        self.wrong(range, problem.message, problem.help.as_deref())
    }

    fn parameter(&mut self, name: &str, range: &Range<usize>) -> Checked {
        match find_parameter(self.scope.parameters, name, range.clone()) {
            Ok((number, parameter)) => (Typed::Parameter(number), Kind::of(parameter.ty)),
            Err(problem) => self.wrong(range, problem.message, problem.help.as_deref()),
        }
    }

    fn list(&mut self, items: &[Term<'s>]) -> Checked {
        let mut kind = Kind::Any;
        let mut typed = Vec::with_capacity(items.len());
        for item in items {
            let (one, found) = self.check(item);
            if !found.fits(&kind) {
                let shown = self.shown(&item.range);
                self.wrong(&item.range, format!("{shown} is {found}, and what stands before it is {kind}"), None);
            } else if kind == Kind::Any {
                kind = found;
            }
            typed.push(one);
        }
        let literals: Option<Vec<Datum>> =
            typed.iter().map(|one| if let Typed::Literal(datum) = one { Some(datum.clone()) } else { None }).collect();
        let typed = literals.map_or(Typed::List(typed), |items| Typed::Literal(Datum::List(items)));
        (typed, Kind::List(Box::new(kind)))
    }

    fn binary(&mut self, term: &Term<'s>, sign: &str, sign_range: &Range<usize>, operands: &[Term<'s>; 2]) -> Checked {
        let [left_term, right_term] = operands;
        let (left, left_kind) = self.check(left_term);
        let (right, right_kind) = self.check(right_term);
        let fits = left_kind.fits(&right_kind);
        let both = |wanted: &Kind| left_kind.fits(wanted) && right_kind.fits(wanted);
        let mismatch = format!(
            "{} is {left_kind} and {} is {right_kind}",
            self.shown(&left_term.range),
            self.shown(&right_term.range)
        );
        let comparison = match sign {
            "==" => Some(Comparison::Equal),
            "!=" => Some(Comparison::NotEqual),
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::AtMost),
            ">" => Some(Comparison::Greater),
            ">=" => Some(Comparison::AtLeast),
            _ => None,
        };
        if let Some(comparison) = comparison {
            if !fits {
                return self.wrong(&term.range, format!("{mismatch}: they cannot be compared"), None);
            }
            let ordered = both(&Kind::Int) || both(&Kind::Text);
            if !ordered && !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
                return self.wrong(&term.range, format!("`{sign}` compares numbers or texts, and {mismatch}"), None);
            }
            return (Typed::Compare(comparison, Box::new([left, right])), Kind::Bool);
        }
        if sign == "in" {
            if !Kind::List(Box::new(left_kind.clone())).fits(&right_kind) {
                return self.wrong(&term.range, format!("`in` looks for an item in a list, and {mismatch}"), None);
            }
            return (Typed::In(Box::new([left, right])), Kind::Bool);
        }
        let arithmetic = match sign {
            "+" => Arithmetic::Add,
            "-" => Arithmetic::Subtract,
            "*" => Arithmetic::Multiply,
            _ => return self.wrong(sign_range, format!("`{sign}` is not offered"), Some("multiply the other side")),
        };
        if both(&Kind::Int) {
            return (Typed::Arithmetic(arithmetic, Box::new([left, right])), Kind::Int);
        }
        if both(&Kind::Text) && arithmetic == Arithmetic::Add {
            return (Typed::Arithmetic(arithmetic, Box::new([left, right])), Kind::Text);
        }
        let needs = if sign == "+" { "two numbers or two texts" } else { "two numbers" };
        self.wrong(&term.range, format!("`{sign}` needs {needs}, and {mismatch}"), None)
    }

    fn choice(&mut self, term: &Term<'s>, operands: &[Term<'s>; 3]) -> Checked {
        let [condition, yes, no] = operands;
        let condition = self.wanted(condition, &Kind::Bool, "`?` needs a condition before it");
        let (yes_typed, yes_kind) = self.check(yes);
        let (no_typed, no_kind) = self.check(no);
        if !yes_kind.fits(&no_kind) {
            let (yes, no) = (self.shown(&yes.range), self.shown(&no.range));
            let message = format!("both values need one type, and {yes} is {yes_kind} and {no} is {no_kind}");
            return self.wrong(&term.range, message, None);
        }
        let kind = if yes_kind == Kind::Any { no_kind } else { yes_kind };
        (Typed::Choice(Box::new([condition, yes_typed, no_typed])), kind)
    }
}

/// The problem that `subject` has no attribute `name`.
pub(in crate::judge) fn unknown_attribute(subject: &SubjectDef, name: &str, range: Range<usize>) -> TextProblem {
    let names = subject.attributes.iter().map(|attribute| attribute.name);
    let help = suggestion(name, names, &format!("`{}` has", subject.kind));
    TextProblem { range, message: format!("`{}` has no attribute `{name}`", subject.kind), help }
}

/// Number and declaration of the parameter `name`.
pub(in crate::judge) fn find_parameter<'s>(
    parameters: &'s [Parameter],
    name: &str,
    range: Range<usize>,
) -> Result<(usize, &'s Parameter), TextProblem> {
    if let Some(found) = parameters.iter().enumerate().find(|(_, parameter)| parameter.name == name) {
        return Ok(found);
    }
    let names = parameters.iter().map(|parameter| parameter.name.as_str());
    let help = suggestion(name, names, "declared are").or_else(|| Some("declare it under `parameters:`".to_owned()));
    Err(TextProblem { range, message: format!("the rule declares no parameter `{name}`"), help })
}
