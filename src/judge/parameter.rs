//! What a rule lets its users set: declared in the rule, checked by the rule itself.

use crate::infer::vocabulary::{Datum, Type};

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
}
