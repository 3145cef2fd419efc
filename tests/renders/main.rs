//! Every output format over fixed findings: snapshots in `fixtures/renders`, and what must
//! hold for all of them.

mod estate;
mod formats;
mod graphs;
mod machines;
mod matchers;
mod page;
mod safety;
mod sarif;
mod schemas;
mod structurizr;
#[path = "../tools/mod.rs"]
mod tools;
