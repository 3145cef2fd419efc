//! JavaScript and TypeScript: one file to the summary of what its code does.
//!
//! Text goes in, a [`Module`](crate::facts::program::Module) comes out: names are resolved as far as one file can, statements
//! are kept as calls with their surroundings. The only place that knows the parsing library;
//! its tree dies here. Knows no library and no other file.

mod annotations;
mod arm;
mod chain;
mod class;
mod commonjs;
mod expression;
mod function;
mod jsx;
mod lowering;
mod migration_keys;
mod migrations;
mod names;
mod nesting;
mod pattern;
mod read;
mod script;
mod statement;
#[cfg(test)]
mod tests;

pub use nesting::runs_on_stack_of;
pub use read::{claims, read};
