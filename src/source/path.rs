//! Paths inside the estate: relative to its root, with `/` on every system.

use std::fmt;

use super::symbol::Symbol;

/// A path relative to the estate's root, for example `services/orders/Dockerfile`.
/// The root itself is the empty path. Never absolute, never with `.` or `..` parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EstatePath(Symbol);

impl EstatePath {
    /// Normalises `path`: `\` becomes `/`; empty and `.` parts go; `..` takes one part back.
    /// What would leave the root stays at the root.
    pub fn new(path: &str) -> Self {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop();
                }
                name => parts.push(name),
            }
        }
        Self(Symbol::new(&parts.join("/")))
    }

    /// The estate's root.
    pub fn root() -> Self {
        Self(Symbol::new(""))
    }

    /// The text, for example `deploy/compose.yaml`; empty for the root.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }

    /// The folder that holds this path; the root's parent is the root.
    pub fn parent(self) -> Self {
        match self.as_str().rsplit_once('/') {
            Some((folder, _)) => Self(Symbol::new(folder)),
            None => Self::root(),
        }
    }

    /// The last part, for example `compose.yaml`; empty for the root.
    pub fn name(self) -> &'static str {
        self.as_str().rsplit('/').next().unwrap_or("")
    }

    /// This folder with `relative` applied: `a/b` joined with `../c` is `a/c`.
    /// `None` where `relative` is absolute or leaves the estate.
    pub fn join(self, relative: &str) -> Option<Self> {
        if relative.starts_with('/') || relative.starts_with('~') {
            return None;
        }
        let mut parts: Vec<&str> = self.as_str().split('/').filter(|part| !part.is_empty()).collect();
        for part in relative.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(Self(Symbol::new(&parts.join("/"))))
    }

    /// True if this path is `folder` or lies below it.
    pub fn is_within(self, folder: Self) -> bool {
        let folder = folder.as_str();
        folder.is_empty()
            || self.as_str().strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Number of parts; the root has none.
    pub fn depth(self) -> usize {
        self.as_str().split('/').filter(|part| !part.is_empty()).count()
    }
}

impl fmt::Display for EstatePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for EstatePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::EstatePath;

    #[test]
    fn joins_stay_inside_the_estate() {
        let folder = EstatePath::new("deploy/dev");
        assert_eq!(folder.join("../base").map(EstatePath::as_str), Some("deploy/base"));
        assert_eq!(folder.join("../../..").map(EstatePath::as_str), None);
        assert_eq!(folder.join("/etc"), None);
        assert_eq!(folder.join(".").map(EstatePath::as_str), Some("deploy/dev"));
    }

    #[test]
    fn a_folder_contains_itself_but_not_its_namesakes() {
        let folder = EstatePath::new("services/cart");
        assert!(EstatePath::new("services/cart/server.js").is_within(folder));
        assert!(folder.is_within(folder));
        assert!(!EstatePath::new("services/cart-ui/x").is_within(folder));
        assert!(folder.is_within(EstatePath::root()));
    }
}
