//! One thing that rules judge: its name, place and computed attributes.

use super::row::{Lookup, Row};
use super::subjects::SUBJECTS;
use super::vocabulary::{Datum, SubjectDef};
use crate::facts::answer::{Answer, Reason};
use crate::graph::model::Confidence;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// A subject ready to be judged.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What kind it is.
    pub def: &'static SubjectDef,
    /// As findings spell it: `cart -> catalogue`, `orders/app`, `shop`.
    pub name: String,
    /// Its identity in words for fingerprints: holds what `name` leaves out, such as the
    /// server of a database; no line, no absolute path.
    pub anchor: String,
    /// Where it is shown best.
    pub span: Span,
    /// Services it concerns, sorted.
    pub services: Vec<Symbol>,
    /// The weakest evidence on its way.
    pub confidence: Confidence,
    /// Attributes in the order of the definition.
    pub row: Row,
    /// Other places, in the order that explains best, each with its label.
    pub related: Vec<(Span, String)>,
}

impl Lookup for Subject {
    fn attribute(&self, slot: usize) -> &Answer<Datum> {
        self.row.attribute(slot)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// The name of a subject that stands for the estate as a whole.
pub const WHOLE_ESTATE: &str = "estate";

impl Subject {
    /// What it is about, for people and outputs: what the estate as a whole lacks is about the
    /// estate, whatever its attributes are.
    pub fn kind(&self) -> &'static str {
        if self.name == WHOLE_ESTATE { WHOLE_ESTATE } else { self.def.kind }
    }
}

/// Builds the row of one subject attribute by attribute; what is not set is unknown.
pub struct RowBuilder {
    def: &'static SubjectDef,
    values: Vec<Answer<Datum>>,
    place: Span,
}

impl RowBuilder {
    /// An empty row of a subject kind of [`SUBJECTS`]. `place` is the evidence of attributes
    /// that have none of their own. A kind that does not exist gives the first one, which
    /// the tests of each family would notice.
    pub fn new(kind: &str, place: Span) -> Self {
        let def = SUBJECTS.iter().find(|def| def.kind == kind).unwrap_or(&SUBJECTS[0]);
        let missing =
            Answer::Unknown(Reason(Symbol::new("archlint did not compute this attribute; please report it as a bug")));
        Self { def, values: vec![missing; def.attributes.len()], place }
    }

    /// Sets an attribute to an answer.
    pub fn set(mut self, name: &str, answer: Answer<Datum>) -> Self {
        if let Some((slot, _)) = self.def.attribute(name) {
            self.values[slot] = answer;
        }
        self
    }

    /// Sets a text.
    pub fn text(self, name: &str, text: &str) -> Self {
        let answer = Answer::present(Datum::Text(Symbol::new(text)), self.place);
        self.set(name, answer)
    }

    /// Sets a number.
    pub fn int(self, name: &str, number: i64) -> Self {
        let answer = Answer::present(Datum::Int(number), self.place);
        self.set(name, answer)
    }

    /// Sets a statement.
    pub fn bool(self, name: &str, holds: bool) -> Self {
        let answer = Answer::present(Datum::Bool(holds), self.place);
        self.set(name, answer)
    }

    /// Sets a list of texts.
    pub fn texts(self, name: &str, texts: impl Iterator<Item = Symbol>) -> Self {
        let answer = Answer::present(Datum::List(texts.map(Datum::Text).collect()), self.place);
        self.set(name, answer)
    }

    /// The finished row with its definition.
    pub fn finish(self) -> (&'static SubjectDef, Row) {
        (self.def, Row { values: self.values })
    }
}
