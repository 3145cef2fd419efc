//! How is it written down? One file for each format.
//!
//! A judged estate goes in, text comes out. Renderers lay out and write no prose about
//! findings: messages and repairs are made by `judge`. They know no rule by name, print
//! nothing, and see source lines only through [`sources::Sources::excerpt`], which masks
//! secrets. Text from files passes [`escape`] or the escaping of its format.

pub mod escape;
pub mod gcc;
pub mod json;
pub mod outcome;
pub mod sources;
pub mod vscode;
