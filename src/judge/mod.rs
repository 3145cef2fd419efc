//! Which rule fires on which subject?
//!
//! Attributes and rules go in, findings come out. Computes nothing but the expressions of
//! the rules, and knows no rule by name.

pub mod expression;
pub mod finding;
pub mod parameter;
pub mod problem;
#[cfg(test)]
mod sample;
