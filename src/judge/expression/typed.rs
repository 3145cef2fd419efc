//! The typed tree that an expression becomes: names are slots, all types are right.

use std::collections::BTreeSet;

use regex::Regex;

use crate::infer::vocabulary::Datum;

/// A term whose names are resolved and whose operands have the right types.
#[derive(Debug)]
pub(super) enum Typed {
    /// A literal.
    Literal(Datum),
    /// The attribute in a slot.
    Attribute(usize),
    /// The rule's parameter of this number.
    Parameter(usize),
    /// The loop variable of this number, the outermost loop's is 0.
    Variable(usize),
    /// `[a, b]` with at least one item that is no literal.
    List(Vec<Typed>),
    Not(Box<Typed>),
    And(Vec<Typed>),
    Or(Vec<Typed>),
    Compare(Comparison, Box<[Typed; 2]>),
    /// `a in b`
    In(Box<[Typed; 2]>),
    Arithmetic(Arithmetic, Box<[Typed; 2]>),
    Negate(Box<Typed>),
    Choice(Box<[Typed; 3]>),
    Size(Box<Typed>),
    TextTest(TextTest, Box<[Typed; 2]>),
    Matches(Box<Typed>, Regex),
    /// `present(a)` and the like.
    State(State, usize),
    /// `or_default(a, b)`
    OrDefault(Box<[Typed; 2]>),
    /// `list.exists(x, condition)`; the second operand sees one more variable.
    Loop(Loop, Box<[Typed; 2]>),
}

/// The signs `==`, `!=`, `<`, `<=`, `>`, `>=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// `+` of numbers and texts; the others of numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
}

/// `startsWith`, `endsWith`, `contains`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// `present`, `absent`, `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Present,
    Absent,
    Unknown,
}

/// `exists`, `all`, `exists_one`, `filter`, `map`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
}

impl Typed {
    /// Adds the slots that the term reads.
    pub(super) fn collect_slots(&self, slots: &mut BTreeSet<usize>) {
        match self {
            Self::Attribute(slot) | Self::State(_, slot) => {
                slots.insert(*slot);
            }
            Self::Literal(_) | Self::Parameter(_) | Self::Variable(_) => {}
            Self::Not(operand) | Self::Negate(operand) | Self::Size(operand) | Self::Matches(operand, _) => {
                operand.collect_slots(slots);
            }
            Self::List(operands) | Self::And(operands) | Self::Or(operands) => collect(operands, slots),
            Self::Compare(_, operands)
            | Self::In(operands)
            | Self::Arithmetic(_, operands)
            | Self::TextTest(_, operands)
            | Self::OrDefault(operands)
            | Self::Loop(_, operands) => collect(operands.as_slice(), slots),
            Self::Choice(operands) => collect(operands.as_slice(), slots),
        }
    }
}

fn collect(operands: &[Typed], slots: &mut BTreeSet<usize>) {
    for operand in operands {
        operand.collect_slots(slots);
    }
}
