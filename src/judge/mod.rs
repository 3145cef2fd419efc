//! Which rule fires on which subject?
//!
//! Attributes and rules go in, findings come out. Computes nothing but the expressions of
//! the rules, and knows no rule by name.

pub mod baseline;
pub mod builtin;
pub mod day;
pub mod engine;
pub mod expression;
pub mod finding;
pub mod fingerprint;
pub mod load;
pub mod parameter;
mod places;
pub mod problem;
pub mod rule;
pub mod rules;
#[cfg(test)]
mod sample;
pub mod suppression;
pub mod template;
