//! Secret values: comparable, countable, and impossible to print.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// What a secret's text looks like; decided where it is read, since the text is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretLook {
    /// Text that may be a real value: `s3cr3t-Xy`, also weak ones such as `changeme`.
    Value,
    /// Text to be filled in: `<token>`, `xxx`, `REPLACE_ME`, `your-password-here`, the empty string.
    Placeholder,
    /// Encrypted or sealed: `ENC[…]`, `AgB…` of a SealedSecret, `vault:…`.
    Sealed,
}

/// A secret's value without its text.
///
/// There is no `Display`, no `Serialize` and no way back: what is kept is a hash with a key
/// made afresh in each run, so two secrets can be compared within the run and nothing that
/// leaves the process says more. `Debug` prints the look only, so that facts that hold a
/// secret can be compared in tests.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Secret {
    hash: u64,
    look: SecretLook,
}

impl Secret {
    /// Takes the value's hash and forgets the text.
    pub fn new(text: &str, look: SecretLook) -> Self {
        static KEY: OnceLock<RandomState> = OnceLock::new();
        Self { hash: KEY.get_or_init(RandomState::new).hash_one(text), look }
    }

    /// What the text looked like.
    pub fn look(self) -> SecretLook {
        self.look
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Secret({:?})", self.look)
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, SecretLook};

    #[test]
    fn equal_texts_are_equal_secrets() {
        assert!(Secret::new("a", SecretLook::Value) == Secret::new("a", SecretLook::Value));
        assert!(Secret::new("a", SecretLook::Value) != Secret::new("b", SecretLook::Value));
    }
}
