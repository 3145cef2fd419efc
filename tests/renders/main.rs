//! Every output format over fixed findings: snapshots in `fixtures/renders`, and what must
//! hold for all of them.

mod estate;
mod formats;
mod machines;
mod matchers;
mod page;
mod safety;
mod sarif;
mod schemas;
