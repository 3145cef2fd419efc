//! What a rule lets its users set: declared in the rule, checked by the rule itself.

use super::problem::RuleProblem;
use crate::infer::vocabulary::{Datum, Type};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Scalar};

/// A declared parameter of a rule; its present value stands in the rule's `values`.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// In snake_case: `max_services`.
    pub name: String,
    /// [`Type::Bool`], [`Type::Int`], [`Type::Text`] or a list of texts.
    pub ty: Type,
    /// The value where the configuration gives none.
    pub default: Datum,
    /// Least value of a number; `None` where there is no limit.
    pub min: Option<i64>,
    /// Greatest value of a number; `None` where there is no limit.
    pub max: Option<i64>,
    /// `ms`, `services`; empty where the value counts nothing.
    pub unit: String,
    /// One line for the reference page.
    pub doc: String,
}

/// The type of a list parameter.
pub const TEXTS: Type = Type::List(&Type::Text);

impl Parameter {
    /// What is wrong with `value`, in words: "must be at least 2". `None` where it is allowed.
    /// The type is checked where the value is read.
    pub fn out_of_range(&self, value: &Datum) -> Option<String> {
        let Datum::Int(value) = value else { return None };
        match (self.min, self.max) {
            (Some(min), Some(max)) if *value < min || *value > max => Some(format!("must lie in {min}…{max}")),
            (Some(min), None) if *value < min => Some(format!("must be at least {min}")),
            (None, Some(max)) if *value > max => Some(format!("must be at most {max}")),
            _ => None,
        }
    }

    /// The value that `node` gives the parameter, checked for type and range.
    pub fn read(&self, node: Node<'_>) -> Result<Datum, RuleProblem> {
        let value = datum(node, self.ty)
            .map_err(|span| RuleProblem::new(span, format!("`{}` must be {}", self.name, described(self.ty))))?;
        match self.out_of_range(&value) {
            None => Ok(value),
            Some(range) if self.unit.is_empty() => {
                Err(RuleProblem::new(node.span(), format!("`{}` {range}", self.name)))
            }
            Some(range) => Err(RuleProblem::new(node.span(), format!("`{}` {range} {}", self.name, self.unit))),
        }
    }
}

/// The value at `node`, or the place of what is not of type `ty`.
fn datum(node: Node<'_>, ty: Type) -> Result<Datum, Span> {
    let found = match ty {
        Type::Bool => node.bool().map(Datum::Bool),
        Type::Int => node.int().map(Datum::Int),
        Type::Text => match node.scalar() {
            Some(Scalar::Text(text)) => Some(Datum::Text(Symbol::new(text))),
            Some(Scalar::Null | Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_)) | None => None,
        },
        Type::List(item) if node.is_sequence() => {
            return node.items().map(|node| datum(node, *item)).collect::<Result<_, _>>().map(Datum::List);
        }
        Type::List(_) => None,
    };
    found.ok_or(node.span())
}

/// A type in words for messages.
fn described(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Int => "a whole number",
        Type::Text => "a text (in quotes, if it looks like a number)",
        Type::List(_) => "a list of texts",
    }
}
