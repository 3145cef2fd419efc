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
    /// The starts come from a list that a program wrote: what the user leaves out elsewhere is
    /// left out of it as well. A file that a person names is read in any case.
    pub listed: bool,
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
    pub fn new(paths: &[PathBuf]) -> Result<Self, RootProblem> {
        let here = [PathBuf::from(".")];
        let mut roots = Self { root: PathBuf::new(), starts: Vec::new(), listed: false };
        for path in if paths.is_empty() { &here[..] } else { paths } {
            roots.add(path)?;
        }
        roots.starts = outermost(roots.starts);
        Ok(roots)
    }

    /// Looks up the paths of a list, and counts those that are not there: lists of changed
    /// files name removed ones too. The working directory is the root where all lie below it,
    /// so that paths in outputs do not depend on which files are listed.
    pub fn listed(paths: &[PathBuf]) -> Result<(Self, usize), RootProblem> {
        let mut roots = Self { root: PathBuf::new(), starts: Vec::new(), listed: true };
        roots.add(Path::new("."))?;
        roots.starts.clear();
        let mut missing = 0;
        for path in paths {
            match roots.add(path) {
                Err(RootProblem::Missing(_)) => missing += 1,
                other => other?,
            }
        }
        roots.starts = outermost(roots.starts);
        Ok((roots, missing))
    }

    #[expect(clippy::disallowed_methods, reason = "discover is where the disk is looked at")]
    fn add(&mut self, path: &Path) -> Result<(), RootProblem> {
        let full = std::fs::canonicalize(path).map_err(|error| problem(path, &error))?;
        let kind = std::fs::metadata(&full).map_err(|error| problem(path, &error))?.file_type();
        if !kind.is_dir() && !kind.is_file() {
            return Err(RootProblem::Special(path.to_path_buf()));
        }
        let folder = if kind.is_dir() { full.as_path() } else { full.parent().unwrap_or(&full) };
        self.root = if self.root.as_os_str().is_empty() {
            folder.to_path_buf()
        } else {
            common(&self.root, folder).ok_or_else(|| RootProblem::Apart(self.root.clone(), full.clone()))?
        };
        self.starts.push(full);
        Ok(())
    }
}

/// The paths that lie within no other one, sorted. What lies within a folder follows it.
fn outermost(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    let mut kept: Vec<PathBuf> = Vec::new();
    for path in paths {
        if kept.last().is_none_or(|last| !path.starts_with(last)) {
            kept.push(path);
        }
    }
    kept
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
