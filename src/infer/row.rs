//! One subject with its computed attributes, as rules see it.

use std::sync::LazyLock;

use super::vocabulary::Datum;
use crate::facts::answer::Answer;

/// The attributes of one subject, by slot.
pub trait Lookup {
    /// The answer of the attribute at `slot`: its position in the subject's definition.
    fn attribute(&self, slot: usize) -> &Answer<Datum>;

    /// The subject's name as findings spell it: `cart -> catalogue`.
    fn name(&self) -> &str;
}

/// A judged subject: one answer for each attribute of its definition, in that order.
#[derive(Clone, Debug)]
pub struct Row {
    /// As many as the subject's definition has attributes.
    pub values: Vec<Answer<Datum>>,
}

/// A slot without a value is our mistake; it must not become a finding.
static NOT_COMPUTED: LazyLock<Answer<Datum>> =
    LazyLock::new(|| Answer::unknown("archlint did not compute this attribute; please report it as a bug"));

impl Lookup for Row {
    fn attribute(&self, slot: usize) -> &Answer<Datum> {
        self.values.get(slot).unwrap_or(&NOT_COMPUTED)
    }

    /// A row alone has no name.
    fn name(&self) -> &str {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::{Lookup, Row};
    use crate::facts::answer::Answer;

    #[test]
    fn a_slot_without_a_value_is_unknown() {
        assert!(matches!(Row { values: Vec::new() }.attribute(3), Answer::Unknown(_)));
    }
}
