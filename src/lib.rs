//! archlint: an architecture linter for microservice estates.

#![forbid(unsafe_code)]

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
