//! What follows from the graph? Attributes of subjects, offered to all rules.
//!
//! Knows no rule: an attribute is never computed for, or keyed by, a rule.

pub mod chains;
pub mod row;
pub mod subject;
pub mod subjects;
pub mod timeouts;
pub mod vocabulary;
