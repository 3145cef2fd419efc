//! Is this condition true of this subject? CEL, compiled once into a typed tree over slots.
//!
//! In go an expression's text and the definitions it may name, out comes an `Expression`
//! that answers true, false or unknown for a row. `token` → `parse` → `check` → `evaluate`.
//! Knows no rule file and no estate.

pub mod check;
pub mod evaluate;
mod functions;
mod parse;
mod token;
mod typed;
mod value;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;
