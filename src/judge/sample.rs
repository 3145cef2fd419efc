//! A small vocabulary for the tests of the judge, and rows of it written as text.

use crate::facts::answer::{Answer, Evidence};
use crate::infer::row::Row;
use crate::infer::vocabulary::{AttributeDef, Datum, SubjectDef, Type};
use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

const fn attribute(name: &'static str, ty: Type, optional: bool) -> AttributeDef {
    AttributeDef { name, ty, unit: "", doc: "for tests", optional }
}

/// Two subjects; `call` has attributes of every type.
pub const VOCABULARY: &[SubjectDef] = &[
    SubjectDef {
        kind: "call",
        doc: "for tests",
        attributes: &[
            attribute("from", Type::Text, false),
            attribute("to", Type::Text, false),
            attribute("synchronous", Type::Bool, false),
            attribute("timeout", Type::Int, true),
            attribute("hops", Type::Int, false),
            attribute("tags", Type::List(&Type::Text), true),
            attribute("attempts", Type::List(&Type::Int), true),
            attribute("traced", Type::Bool, true),
            attribute("retried", Type::Bool, true),
            attribute("knob", Type::Text, true),
        ],
    },
    SubjectDef { kind: "service", doc: "for tests", attributes: &[attribute("name", Type::Text, false)] },
];

/// The subject `call`.
pub fn call() -> &'static SubjectDef {
    &VOCABULARY[0]
}

/// The slot of an attribute of `call`.
pub fn slot(name: &str) -> usize {
    call().attribute(name).unwrap_or_else(|| panic!("no attribute {name}")).0
}

/// Shorthand for a text value.
pub fn text(value: &str) -> Datum {
    Datum::Text(Symbol::new(value))
}

/// A `call` where everything is present: cart → catalogue, synchronous, timeout 1500,
/// hops 3, tags a and bc, attempts 1 2 3, traced, not retried, knob `t`.
pub fn full_row() -> Row {
    let values = [
        text("cart"),
        text("catalogue"),
        Datum::Bool(true),
        Datum::Int(1500),
        Datum::Int(3),
        Datum::List(vec![text("a"), text("bc")]),
        Datum::List(vec![Datum::Int(1), Datum::Int(2), Datum::Int(3)]),
        Datum::Bool(true),
        Datum::Bool(false),
        text("t"),
    ];
    Row { values: values.into_iter().map(|value| Answer::Present(value, Evidence::default())).collect() }
}

/// [`full_row`] with other answers, as in `"timeout=?, tags=-"`: `?` is unknown, `-` is
/// absent, `true` and `false` are what they say.
pub fn row(changes: &str) -> Row {
    let mut row = full_row();
    for change in changes.split(',').map(str::trim).filter(|change| !change.is_empty()) {
        let (name, answer) = change.split_once('=').unwrap_or_else(|| panic!("no `=` in {change}"));
        row.values[slot(name)] = match answer {
            "?" => Answer::unknown("for tests"),
            "-" => Answer::Absent(Evidence::default()),
            "[]" => Answer::Present(Datum::List(Vec::new()), Evidence::default()),
            "true" | "false" => Answer::Present(Datum::Bool(answer == "true"), Evidence::default()),
            other => panic!("no answer {other}"),
        };
    }
    row
}

/// `line:column-line:column` of a span of `text`.
pub fn place(text: &str, span: Span) -> String {
    let index = LineIndex::new(text);
    let start = index.position(text, span.start, ColumnUnit::Characters);
    let end = index.position(text, span.end, ColumnUnit::Characters);
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}

/// The file that tests load.
pub const FILE: FileId = FileId(7);
