//! What a chart is installed with, as far as the conditions of its templates ask.

use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// The values of one file.
#[derive(Debug, Default)]
pub struct ChartValues {
    /// By path, `image.tag`; mappings and lists have an entry too, what is in lists has none.
    pub values: Vec<(Symbol, Given)>,
}

/// The charts that a chart takes in from other folders.
#[derive(Debug)]
pub struct ChartParts {
    /// The key below which the chart's values hold those of the part, and the part's folder.
    pub parts: Vec<(Symbol, EstatePath)>,
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `3`
    Number(f64),
    /// A text that is no secret.
    Text(Symbol),
    /// A text that is not kept, since it may be secret or is long.
    Kept,
    /// A mapping, and whether it has entries.
    Mapping(bool),
    /// A list, and whether it has entries.
    List(bool),
}
