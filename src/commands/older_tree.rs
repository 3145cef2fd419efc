//! The estate as it was in a commit: what archlint would read of it, in a temporary folder
//! that is gone when the run ends.
#![expect(clippy::disallowed_methods, reason = "lays the older tree out on the disk")]

use std::path::{Component, Path, PathBuf};

use super::console::os_string;
use super::failure::Failure;
use super::git::Git;
use crate::discover::read::LARGEST;
use crate::discover::roots::Roots;
use crate::extract::kinds::KINDS;
use crate::source::path::EstatePath;

/// An estate out of git.
pub struct OlderTree {
    /// Removed on drop.
    folder: PathBuf,
    /// The repository's root as it is now.
    top: PathBuf,
    /// The same in the folder.
    copy: PathBuf,
    roots: Option<Roots>,
}

/// A file of a commit.
struct Blob {
    id: String,
    is_link: bool,
    size: u64,
    path: PathBuf,
}

impl OlderTree {
    /// Reads the part of a commit that `roots` look at now.
    pub fn read(git: &Git, commit: &str, roots: &Roots) -> Result<Self, Failure> {
        let folder = temporary()?;
        // The repository's folder keeps its name: nothing may depend on another one.
        let copy = folder.join(git.top.file_name().unwrap_or(std::ffi::OsStr::new("repository")));
        let mut tree = Self { folder, top: git.top.clone(), copy, roots: None };
        make_folder(&tree.copy)?;
        let list = git
            .ask(&["ls-tree", "-r", "-l", "-z", "--full-tree", commit])
            .map_err(|reason| Failure::Git("the older revision cannot be listed".to_owned(), reason))?;
        let below = |start: &PathBuf| start.strip_prefix(&git.top).map(Path::to_path_buf).ok();
        let starts: Vec<PathBuf> = roots.starts.iter().filter_map(below).collect();
        let root = below(&roots.root).unwrap_or_default();
        let wanted = |blob: &Blob| {
            let name = blob.path.file_name().unwrap_or_default();
            let seen = blob.path.strip_prefix(&root).unwrap_or(&blob.path).to_string_lossy().replace('\\', "/");
            let path = EstatePath::new(&seen);
            let claimed = blob.is_link || KINDS.iter().any(|kind| (kind.claims)(path));
            (claimed || name == ".gitignore" || name == ".ignore")
                && starts.iter().any(|start| blob.path.starts_with(start))
        };
        let blobs: Vec<Blob> = list.split(|byte| *byte == 0).filter_map(blob).filter(wanted).collect();
        tree.lay_out(git, &blobs)?;
        let starts: Vec<PathBuf> =
            starts.iter().map(|start| tree.copy.join(start)).filter(|start| start.exists()).collect();
        let root = tree.copy.join(root);
        tree.roots = (!starts.is_empty() && root.is_dir()).then_some(Roots { root, starts, listed: false });
        Ok(tree)
    }

    /// Where to walk; `None` where nothing of it was there.
    pub fn roots(&self) -> Option<&Roots> {
        self.roots.as_ref()
    }

    /// Where a file of today lay; `None` where it was not there.
    pub fn path_of(&self, today: &Path) -> Option<PathBuf> {
        let path = self.copy.join(today.strip_prefix(&self.top).ok()?);
        path.is_file().then_some(path)
    }

    fn lay_out(&self, git: &Git, blobs: &[Blob]) -> Result<(), Failure> {
        let mut failed = None;
        // A file that is too large to be read is as large there, and as empty as it can be.
        for large in blobs.iter().filter(|blob| blob.size > LARGEST) {
            self.place(large).and_then(|path| {
                let made = std::fs::File::create(&path).and_then(|file| file.set_len(large.size));
                made.map_err(|error| Failure::Unwritable(path, error.to_string()))
            })?;
        }
        // Links come last, so that nothing is ever written through one.
        for links in [false, true] {
            let some: Vec<&Blob> = blobs.iter().filter(|blob| blob.is_link == links && blob.size <= LARGEST).collect();
            let ids: Vec<String> = some.iter().map(|blob| blob.id.clone()).collect();
            git.blobs(&ids, |at, bytes| {
                let Some(blob) = some.get(at).filter(|_| failed.is_none()) else { return };
                let written = self.place(blob).and_then(|path| {
                    let written = if links { link(&bytes, &path) } else { std::fs::write(&path, bytes) };
                    written.map_err(|error| Failure::Unwritable(path, error.to_string()))
                });
                failed = written.err();
            })?;
        }
        failed.map_or(Ok(()), Err)
    }

    fn place(&self, blob: &Blob) -> Result<PathBuf, Failure> {
        let path = self.copy.join(&blob.path);
        make_folder(path.parent().unwrap_or(&self.copy))?;
        Ok(path)
    }
}

impl Drop for OlderTree {
    fn drop(&mut self) {
        // What cannot be removed is left to the system, which cleans that place up.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `100644 blob <id> <size>\t<path>`; nothing for submodules and for paths that leave the tree.
fn blob(line: &[u8]) -> Option<Blob> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = (line.get(..tab)?, line.get(tab + 1..)?);
    let head = String::from_utf8_lossy(head);
    let mut words = head.split_whitespace();
    let (mode, kind, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let path = PathBuf::from(os_string(path));
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (kind == "blob" && inside).then_some(Blob {
        id: id.to_owned(),
        is_link: mode == "120000",
        size: size.parse().ok()?,
        path,
    })
}

#[cfg(unix)]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(os_string(target), path)
}

/// As git does where there are no links: a file that holds the way to the other.
#[cfg(not(unix))]
fn link(target: &[u8], path: &Path) -> std::io::Result<()> {
    std::fs::write(path, target)
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(|error| Failure::Unwritable(path.to_path_buf(), error.to_string()))
}

/// A new folder that nobody else may look into.
fn temporary() -> Result<PathBuf, Failure> {
    let base = std::env::temp_dir();
    let base = std::fs::canonicalize(&base).unwrap_or(base);
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let mut last = String::new();
    for number in 0..1000 {
        let folder = base.join(format!("archlint-{}-{number}", std::process::id()));
        match builder.create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) => last = error.to_string(),
        }
    }
    Err(Failure::Unwritable(base, last))
}
