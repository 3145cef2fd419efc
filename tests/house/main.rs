//! The invariants of ARCHITECTURE.md, executable: who may know whom, which words stand
//! where, and that what is written about the code is still true.

mod code;
mod docs;
mod files;
mod imports;
mod readme;
mod rules;
mod tables;
mod tree;
mod words;
