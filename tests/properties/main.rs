//! What holds for every estate: all of `fixtures/` and a few invented ones are changed in
//! ways that must not matter, or only in one way. Samples are taken by counting, so that
//! each run takes the same.

#[path = "../memory/mod.rs"]
mod memory;

mod cuts;
mod estates;
mod fingerprints;
mod lines;
mod noise;
mod schemas;
mod secrets;
mod surroundings;
