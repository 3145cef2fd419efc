//! Values while an expression is evaluated, and their three-valued logic.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::typed::Comparison;
use crate::infer::vocabulary::Datum;

/// A value, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'v> {
    Bool(bool),
    Int(i64),
    Text(Cow<'v, str>),
    /// Items straight from a row, a parameter or a literal.
    Data(&'v [Datum]),
    /// Items that the expression made.
    Built(Vec<Value<'v>>),
    /// Something that the value rests on is absent.
    Absent,
    /// The value rests on what these slots could not tell; in no order, with repetitions.
    Unknown(Vec<usize>),
}

/// True, false, or unknown because of these slots.
#[derive(Debug, PartialEq)]
pub(super) enum Truth {
    True,
    False,
    Unknown(Vec<usize>),
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Bool(true),
            Truth::False => Self::Bool(false),
            Truth::Unknown(slots) => Self::Unknown(slots),
        }
    }
}

impl<'v> Value<'v> {
    pub(super) fn of(datum: &'v Datum) -> Self {
        match datum {
            Datum::Bool(value) => Self::Bool(*value),
            Datum::Int(value) => Self::Int(*value),
            Datum::Text(value) => Self::Text(Cow::Borrowed(value.as_str())),
            Datum::List(items) => Self::Data(items),
        }
    }

    /// The value as a condition: a statement about something absent is false.
    pub(super) fn truth(self) -> Truth {
        match self {
            Self::Bool(value) => value.into(),
            Self::Unknown(slots) => Truth::Unknown(slots),
            // The checker lets no other type stand where a condition is wanted.
            Self::Absent | Self::Int(_) | Self::Text(_) | Self::Data(_) | Self::Built(_) => Truth::False,
        }
    }

    /// The items of a list; none for other values.
    pub(super) fn into_items(self) -> Vec<Value<'v>> {
        match self {
            Self::Data(items) => items.iter().map(Value::of).collect(),
            Self::Built(items) => items,
            Self::Bool(_) | Self::Int(_) | Self::Text(_) | Self::Absent | Self::Unknown(_) => Vec::new(),
        }
    }

    /// Code points of a text, items of a list; none for other values.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.chars().count(),
            Self::Data(items) => items.len(),
            Self::Built(items) => items.len(),
            Self::Bool(_) | Self::Int(_) | Self::Absent | Self::Unknown(_) => 0,
        }
    }

    /// True if both are the same value; lists by their items, whoever made them.
    pub(super) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Bool(left), Value::Bool(right)) => left == right,
            (Self::Int(left), Value::Int(right)) => left == right,
            (Self::Text(left), Value::Text(right)) => left == right,
            (Self::Data(_) | Self::Built(_), Value::Data(_) | Value::Built(_)) => {
                let (left, right) = (self.clone().into_items(), other.clone().into_items());
                left.len() == right.len() && left.iter().zip(&right).all(|(left, right)| left.equals(right))
            }
            _ => false,
        }
    }

    fn order(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Value::Int(right)) => Some(left.cmp(right)),
            (Self::Text(left), Value::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
            _ => None,
        }
    }
}

/// Both operands where they have values; else what the operation on them is: absent wins
/// over unknown, since whatever the other one is, this one is not there.
pub(super) fn both<'v>(left: Value<'v>, right: Value<'v>) -> Result<(Value<'v>, Value<'v>), Value<'v>> {
    match (left, right) {
        (Value::Absent, _) | (_, Value::Absent) => Err(Value::Absent),
        (Value::Unknown(mut slots), Value::Unknown(more)) => {
            slots.extend(more);
            Err(Value::Unknown(slots))
        }
        (Value::Unknown(slots), _) | (_, Value::Unknown(slots)) => Err(Value::Unknown(slots)),
        pair => Ok(pair),
    }
}

/// `left == right` and the like. Compared with something absent everything is false,
/// also `!=`.
pub(super) fn compare(comparison: Comparison, left: Value<'_>, right: Value<'_>) -> Truth {
    let (left, right) = match both(left, right) {
        Ok(pair) => pair,
        Err(neither) => return neither.truth(),
    };
    let order = left.order(&right);
    match comparison {
        Comparison::Equal => left.equals(&right),
        Comparison::NotEqual => !left.equals(&right),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::AtMost => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::AtLeast => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
    .into()
}

/// False if one is false; else unknown if one is; else true. All of nothing is true.
pub(super) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut unknown = Vec::new();
    let mut seen = false;
    for truth in truths {
        match truth {
            Truth::True => {}
            Truth::False => return Truth::False,
            Truth::Unknown(slots) => {
                seen = true;
                unknown.extend(slots);
            }
        }
    }
    if seen { Truth::Unknown(unknown) } else { Truth::True }
}

/// True if one is true; else unknown if one is; else false. Any of nothing is false.
pub(super) fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    not(all(truths.into_iter().map(not)))
}

pub(super) fn not(truth: Truth) -> Truth {
    match truth {
        Truth::True => Truth::False,
        Truth::False => Truth::True,
        Truth::Unknown(slots) => Truth::Unknown(slots),
    }
}

/// True if exactly one is true; false as soon as two are, whatever is unknown.
pub(super) fn one(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut found = 0;
    let mut unknown = Vec::new();
    let mut seen = false;
    for truth in truths {
        match truth {
            Truth::True => found += 1,
            Truth::False => {}
            Truth::Unknown(slots) => {
                seen = true;
                unknown.extend(slots);
            }
        }
        if found > 1 {
            return Truth::False;
        }
    }
    if seen { Truth::Unknown(unknown) } else { (found == 1).into() }
}
