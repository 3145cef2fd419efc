//! The words that rules may use: subjects, their attributes, and the values these take.

use crate::source::symbol::Symbol;

/// What values an attribute or a rule's parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `true`, `false`.
    Bool,
    /// A whole number: a count, milliseconds, a uid.
    Int,
    /// A name, a path, a word of a fixed set.
    Text,
    /// Several values of one type, in an order that the attribute's `doc` gives.
    List(&'static Type),
}

/// One attribute of a subject.
#[derive(Clone, Copy, Debug)]
pub struct AttributeDef {
    /// Its name after the dot, in snake_case: `timeout` of `call.timeout`.
    pub name: &'static str,
    /// What values it takes.
    pub ty: Type,
    /// `ms`, `services`; empty where the value counts nothing.
    pub unit: &'static str,
    /// One line for the reference page.
    pub doc: &'static str,
    /// True if it may be absent or unknown; false if every subject has it.
    pub optional: bool,
}

/// One kind of subject.
#[derive(Clone, Copy, Debug)]
pub struct SubjectDef {
    /// As in `subject.kind` of the JSON output, in snake_case: `call`, `database_server`.
    pub kind: &'static str,
    /// One line for the reference page.
    pub doc: &'static str,
    /// Its attributes; an attribute's position here is its slot in a row.
    pub attributes: &'static [AttributeDef],
}

impl SubjectDef {
    /// Slot and definition of the attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<(usize, &'static AttributeDef)> {
        self.attributes.iter().enumerate().find(|(_, attribute)| attribute.name == name)
    }
}

/// A computed value of an attribute, or the value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datum {
    /// Of [`Type::Bool`].
    Bool(bool),
    /// Of [`Type::Int`].
    Int(i64),
    /// Of [`Type::Text`]; never a secret.
    Text(Symbol),
    /// Of [`Type::List`]; all items have one type.
    List(Vec<Datum>),
}
