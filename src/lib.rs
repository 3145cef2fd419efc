//! archlint: an architecture linter for microservice estates.

#![forbid(unsafe_code)]
// Here and not in Cargo.toml, where they would hold for the tests' own crates as well.
#![warn(clippy::unwrap_used, clippy::expect_used)]

pub mod commands;
pub mod config;
pub mod discover;
pub mod extract;
pub mod facts;
pub mod graph;
pub mod infer;
pub mod judge;
pub mod pipeline;
pub mod render;
pub mod source;
pub mod syntax;
pub mod tables;
pub mod trial;
