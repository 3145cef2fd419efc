//! Every output format over fixed findings: snapshots in `fixtures/renders`, and what must
//! hold for all of them.

mod estate;
mod formats;
mod matchers;
mod safety;
mod schemas;
