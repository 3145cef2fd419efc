//! Do the rules answer on fixed estates as the estates themselves say?
//!
//! Estates with markers in their comments and the answers of a run go in, mismatches come
//! out. The one harness of archlint's own tests and of `archlint test`. Touches no disk
//! itself, and knows no rule by name and no file format: comments are recognized in all
//! syntaxes alike.

pub mod case;
pub mod compare;
pub mod excerpt;
pub mod marker;
pub mod suite;
