//! What does this Compose file say? Services, and how it belongs to its neighbors.
//!
//! One YAML document goes in; workloads, routes of Traefik labels, image builds and one
//! composition come out. Knows no other file: `extends`, `include`, overrides and `.env`
//! are named, not followed, and variables stay variables with their defaults.

mod composition;
mod environment;
mod fields;
mod mounts;
mod ports;
mod recognition;
mod security;
mod service;
mod traefik;

use super::reading::Reading;
use crate::source::path::EstatePath;
use crate::syntax::tree::Node;

/// True if the document is a Compose file, by the file's name or by what stands in it.
pub fn claims(path: EstatePath, document: Node<'_>) -> bool {
    recognition::is_compose(path, document)
}

/// Adds what the document says.
pub fn read(reading: &mut Reading<'_>, document: Node<'_>) {
    composition::read(reading, document);
}

#[cfg(test)]
mod tests;
