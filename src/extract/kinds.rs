//! The list of artifact kinds: which paths each claims, and its entry.

use super::reading::Reading;
use crate::source::path::EstatePath;

/// A kind of artifact.
pub struct Kind {
    /// For people: `Dockerfile`, `YAML manifest`.
    pub name: &'static str,
    /// True if files of this path are worth reading. A path may be claimed by several
    /// kinds; a path that none claims is not read.
    pub claims: fn(EstatePath) -> bool,
    /// Adds what the file says to the reading.
    pub read: fn(&mut Reading<'_>),
}

/// All kinds, in the order in which they read a file.
pub const KINDS: &[Kind] = &[];
