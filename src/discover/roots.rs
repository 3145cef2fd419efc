//! From the paths on the command line to the folder that all output paths are relative to.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What the user asked to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// The estate's root: the first common ancestor of all starts, absolute, without links.
    /// For one file its folder.
    pub root: PathBuf,
    /// Where walking starts: files and folders, absolute, without links, sorted; none lies
    /// within another.
    pub starts: Vec<PathBuf>,
}

/// A path that cannot be walked. The user's mistake, so the run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootProblem {
    /// `archlint check no-such-folder`
    Missing(PathBuf),
    /// It is there and may not be looked at: path and the system's reason.
    Unreadable(PathBuf, String),
    /// A FIFO, a socket, a device.
    Special(PathBuf),
    /// Paths on different drives have no common ancestor.
    Apart(PathBuf, PathBuf),
}

impl fmt::Display for RootProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(out, "there is no file or folder {path:?}"),
            Self::Unreadable(path, reason) => write!(out, "{path:?} cannot be read: {reason}"),
            Self::Special(path) => write!(out, "{path:?} is neither a file nor a folder"),
            Self::Apart(one, other) => write!(out, "{one:?} and {other:?} have no folder in common"),
        }
    }
}

impl Roots {
    /// Looks the paths up. No path means the working directory.
    #[expect(clippy::disallowed_methods, reason = "discover is where the disk is looked at")]
    pub fn new(paths: &[PathBuf]) -> Result<Self, RootProblem> {
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let mut starts = Vec::new();
        let mut root: Option<PathBuf> = None;
        for path in paths {
            let full = std::fs::canonicalize(path).map_err(|error| problem(path, &error))?;
            let kind = std::fs::metadata(&full).map_err(|error| problem(path, &error))?.file_type();
            if !kind.is_dir() && !kind.is_file() {
                return Err(RootProblem::Special(path.clone()));
            }
            let folder = if kind.is_dir() { full.as_path() } else { full.parent().unwrap_or(&full) };
            root = match root {
                None => Some(folder.to_path_buf()),
                Some(root) => match common(&root, folder) {
                    Some(common) => Some(common),
                    None => return Err(RootProblem::Apart(root, full)),
                },
            };
            starts.push(full);
        }
        starts.sort();
        starts.dedup();
        let all = starts.clone();
        starts.retain(|start| !all.iter().any(|other| other != start && start.starts_with(other)));
        Ok(Self { root: root.unwrap_or_default(), starts })
    }
}

fn problem(path: &Path, error: &io::Error) -> RootProblem {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RootProblem::Missing(path.to_path_buf()),
        _ => RootProblem::Unreadable(path.to_path_buf(), error.to_string()),
    }
}

fn common(one: &Path, other: &Path) -> Option<PathBuf> {
    one.ancestors().find(|ancestor| other.starts_with(ancestor)).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests lay out folders")]

    use std::fs;
    use std::path::PathBuf;

    use super::{RootProblem, Roots};

    #[test]
    fn the_root_is_the_first_common_ancestor() {
        let folder = tempfile::tempdir().expect("a folder");
        let base = fs::canonicalize(folder.path()).expect("a path");
        fs::create_dir_all(base.join("a/x")).expect("written");
        fs::create_dir_all(base.join("ab")).expect("written");
        fs::write(base.join("a/f.yaml"), "").expect("written");
        for (paths, root, starts) in [
            (&["a"][..], "a", &["a"][..]),
            (&["a/f.yaml"], "a", &["a/f.yaml"]),
            (&["a", "ab"], "", &["a", "ab"]),
            (&["a/x", "a/f.yaml"], "a", &["a/f.yaml", "a/x"]),
            (&["a/x", "a", "a"], "a", &["a"]),
        ] {
            let paths: Vec<PathBuf> = paths.iter().map(|path| base.join(path)).collect();
            let starts: Vec<PathBuf> = starts.iter().map(|path| base.join(path)).collect();
            let found = Roots::new(&paths).expect("roots");
            assert_eq!(found.root.join(""), base.join(root).join(""), "{paths:?}");
            assert_eq!(found.starts, starts, "{paths:?}");
        }
        let missing = base.join("none");
        assert_eq!(Roots::new(std::slice::from_ref(&missing)), Err(RootProblem::Missing(missing)));
    }
}
