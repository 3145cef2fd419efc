//! The invariants of ARCHITECTURE.md, executable: who may know whom, which words stand
//! where, and that what is written about the code is still true.
#![expect(clippy::disallowed_methods, reason = "these tests read the repository and run the program")]

mod code;
mod docs;
mod files;
mod imports;
mod outputs;
mod readme;
mod rules;
mod schemas;
mod tables;
mod tree;
mod words;
