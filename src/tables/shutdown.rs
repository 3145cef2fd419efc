//! What ends a process without breaking the requests that it answers: `tables/shutdown/`.

use std::sync::LazyLock;

use super::signs::{Sign, Signs};

pub(super) const NPM: &str = include_str!("../../tables/shutdown/npm.yaml");

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownSign {
    /// `package`: a dependency that does it by being there.
    Package,
    /// `option`: a dependency that does it where it is asked to.
    Option,
    /// `name`: a name or text in code that asks for it.
    Name,
    /// `launcher`: a word of the command that starts the process.
    Launcher,
}

impl Sign for ShutdownSign {
    const WORDS: &'static [(&'static str, Self)] =
        &[("package", Self::Package), ("option", Self::Option), ("name", Self::Name), ("launcher", Self::Launcher)];
}

/// What archlint ships.
pub fn shutdown() -> &'static Signs<ShutdownSign> {
    static TABLE: LazyLock<Signs<ShutdownSign>> = LazyLock::new(|| Signs::shipped(NPM));
    &TABLE
}
