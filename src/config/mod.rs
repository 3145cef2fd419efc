//! What did the user say about this estate? Reads `archlint.yaml`.
//!
//! The file's text goes in, a [`model::Config`] and all its mistakes come out. Knows no
//! disk and no rule by name: whether a rule or a parameter exists is asked where the rules
//! are loaded.

pub mod globs;
pub mod model;
pub mod problem;
pub mod read;
mod reader;
