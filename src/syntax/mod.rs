//! What tree does this text have? Thin wrappers that carry spans, one file for each parser.
//!
//! Text goes in, a tree and problems come out; no type of a parsing library leaves this
//! folder, so swapping a parser touches one file. Knows no artifact: that a mapping is a
//! Deployment is `extract`'s business.

pub mod connection;
pub mod dockerfile;
pub mod graphql;
pub mod ini;
pub mod json;
pub mod keyvalue;
pub mod nginx;
pub mod proto;
pub mod shell;
pub mod spelling;
pub mod sql;
pub mod template;
pub mod toml;
pub mod tree;
pub mod words;
pub mod xml;
pub mod yaml;
