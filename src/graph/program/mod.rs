//! What does the code of a service do? Follows values through the summaries of its files and
//! walks its functions from the entrances, handing in arguments, so that each use of a library
//! is seen with the values it really gets.
//!
//! In: summaries of files. Out: [`event::Event`]s, one for each use of something outside the
//! estate's own code, with symbolic values and the way that led there.
//!
//! Knows the language's own semantics and no library: which use is a call to another service,
//! a message or a query is read from events by their recognizers.

pub mod address;
mod arms;
mod builtins;
pub mod clients;
pub mod configuration;
pub mod consumers;
mod decorators;
pub mod delivery;
mod dispatch;
pub mod encryption;
pub mod evaluate;
pub mod event;
mod files;
pub mod fingerprint;
mod generated;
mod implied;
mod imports;
mod known;
pub mod limits;
pub mod loaded;
pub mod lookup;
pub mod messages;
pub mod modules;
pub mod pools;
pub mod protection;
mod provision;
pub mod recognize;
mod registrations;
pub mod servers;
pub mod shapes;
#[cfg(test)]
mod sources;
pub mod stores;
pub mod value;
pub mod walk;
mod wrappers;
