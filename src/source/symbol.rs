//! Interned text: copied like a number, compared by pointer, ordered by its letters.

use std::fmt;
use std::ops::Deref;

use ustr::Ustr;

/// An interned string, for example a service's name or an environment variable.
///
/// Equality is a pointer comparison. `Ord` compares the text, so a list sorted by
/// symbols does not depend on the order in which threads met them.
/// Interned text lives as long as the process: never intern a secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(Ustr);

impl Symbol {
    /// The one symbol of `text`.
    pub fn new(text: &str) -> Self {
        Self(Ustr::from(text))
    }

    /// The interned text.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl From<&str> for Symbol {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Deref for Symbol {
    type Target = str;

    fn deref(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.as_str(), out)
    }
}

impl PartialEq<str> for Symbol {
    fn eq(&self, other: &str) -> bool {
        self.0.as_str() == other
    }
}

impl PartialEq<&str> for Symbol {
    fn eq(&self, other: &&str) -> bool {
        self.0.as_str() == *other
    }
}
