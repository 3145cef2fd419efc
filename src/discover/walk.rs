//! The walk: from roots to the list of files worth reading.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use walkdir::{DirEntry, WalkDir};

use super::ignored::IgnoreStack;
use super::read::{ReadProblem, read_text};
use super::roots::Roots;
use crate::source::file::FileId;
use crate::source::path::EstatePath;

/// Folders with other people's code or with build results.
const SKIPPED: &[&str] = &["node_modules", "target", "dist", "vendor", "venv", "__pycache__"];
/// Folders that are read although their names hide them.
const SHOWN: &[&str] = &[".github", ".gitlab", ".circleci", ".archlint", ".devcontainer"];

/// What to walk for.
pub struct Options<'a> {
    /// True for paths that some artifact kind reads.
    pub claims: &'a dyn Fn(EstatePath) -> bool,
    /// True for files and folders that the user leaves out.
    pub left_out: &'a dyn Fn(EstatePath) -> bool,
}

/// A file of the estate.
#[derive(Clone, Debug)]
pub struct FoundFile {
    /// Its path in outputs. Bytes that are no UTF-8 are written `%FF`, and a backslash in a
    /// Unix name `%5C`, since `/` is the only separator in outputs.
    pub path: EstatePath,
    /// Its size in bytes when it was listed: for starting with the big ones.
    pub size: u64,
    /// Where it lies, absolute.
    pub disk: PathBuf,
    /// Set where it is known already that it cannot be read: a folder that cannot be listed.
    problem: Option<ReadProblem>,
}

/// The files of the estate.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Sorted by path; a file's place here is its [`FileId`].
    pub files: Vec<FoundFile>,
    /// Files that some kind would read and that are left out: by an ignore file, by the
    /// user, as a link out of the root or to nowhere, as a FIFO or device. Files in skipped
    /// folders are not counted, since they are not listed.
    pub ignored: usize,
}

impl Discovery {
    /// Adds a file that is read for other reasons, the configuration, where it is not in the
    /// list already. Gives its number; numbers given before are void.
    pub fn insert(&mut self, path: EstatePath, disk: PathBuf) -> FileId {
        if let Some(at) = self.files.iter().position(|file| file.disk == disk) {
            return FileId(at as u32);
        }
        let at = self.files.partition_point(|file| (file.path, &file.disk) < (path, &disk));
        self.files.insert(at, FoundFile { path, size: 0, disk, problem: None });
        FileId(at as u32)
    }

    /// Reads a file again each time: texts are not kept.
    pub fn read(&self, file: FileId) -> Result<Arc<str>, ReadProblem> {
        let found = self.files.get(file.0 as usize).ok_or(ReadProblem::Gone)?;
        match &found.problem {
            Some(problem) => Err(problem.clone()),
            None => read_text(&found.disk),
        }
    }
}

/// Lists the files below `roots` that a kind claims. Links are not followed; a link to a
/// file of the estate counts as that file, and is read itself only where no kind claims
/// its target.
pub fn discover(roots: &Roots, options: &Options<'_>) -> Discovery {
    let mut walk = Walk { roots, options, files: Vec::new(), links: Vec::new(), ignored: 0 };
    for start in &roots.starts {
        walk.start(start);
    }
    walk.finish()
}

struct Walk<'a> {
    roots: &'a Roots,
    options: &'a Options<'a>,
    files: Vec<FoundFile>,
    /// Links to regular files inside the estate: the link, and what it leads to.
    links: Vec<(FoundFile, PathBuf)>,
    ignored: usize,
}

impl Walk<'_> {
    fn start(&mut self, start: &Path) {
        let mut ignores = IgnoreStack::default();
        let between: Vec<&Path> = start.ancestors().skip(1).take_while(|at| at.starts_with(&self.roots.root)).collect();
        if self.roots.listed && self.lies_in_skipped_folder(start) {
            return;
        }
        let depth = between.len();
        let mut entries = WalkDir::new(start).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unlisted(&error);
                    continue;
                }
            };
            if entry.depth() == 0 && entry.file_type().is_dir() {
                // Ignore files between the estate's root and where the walk starts hold as well.
                for (at, folder) in between.iter().rev().enumerate() {
                    ignores.enter(at, folder);
                }
            }
            let level = depth + entry.depth();
            ignores.leave(level);
            if !self.take(&entry, &ignores) && entry.file_type().is_dir() {
                entries.skip_current_dir();
            } else if entry.file_type().is_dir() {
                ignores.enter(level, entry.path());
            }
        }
    }

    /// Takes one entry; false for a folder that is not walked.
    fn take(&mut self, entry: &DirEntry, ignores: &IgnoreStack) -> bool {
        let kind = entry.file_type();
        let explicit = entry.depth() == 0;
        if kind.is_dir() {
            return explicit || !self.skips(entry, ignores);
        }
        let Some(path) = self.estate_path(entry.path()) else { return false };
        if !(self.options.claims)(path) {
            return false;
        }
        let named = explicit && !self.roots.listed;
        if !named && ((!explicit && ignores.ignores(entry.path(), false)) || (self.options.left_out)(path)) {
            self.ignored += 1;
            return false;
        }
        if kind.is_symlink() {
            self.link(entry, path);
        } else if kind.is_file() {
            let size = entry.metadata().map_or(0, |metadata| metadata.len());
            self.files.push(FoundFile { path, size, disk: entry.path().to_path_buf(), problem: None });
        } else {
            self.ignored += 1;
        }
        false
    }

    fn skips(&self, entry: &DirEntry, ignores: &IgnoreStack) -> bool {
        is_skipped(entry.file_name())
            || ignores.ignores(entry.path(), true)
            || self.estate_path(entry.path()).is_none_or(|path| (self.options.left_out)(path))
    }

    /// True for what a walk from the root would not reach: a list of all files of a repository
    /// names those of others as well.
    fn lies_in_skipped_folder(&self, start: &Path) -> bool {
        let below = start.parent().and_then(|folder| folder.strip_prefix(&self.roots.root).ok());
        below.is_some_and(|below| below.iter().any(is_skipped))
    }

    #[expect(clippy::disallowed_methods, reason = "discover is where the disk is looked at")]
    fn link(&mut self, entry: &DirEntry, path: EstatePath) {
        let target = std::fs::canonicalize(entry.path()).ok().filter(|target| target.starts_with(&self.roots.root));
        let metadata = target.as_deref().and_then(|target| std::fs::metadata(target).ok());
        match (target, metadata) {
            (Some(target), Some(metadata)) if metadata.is_file() => {
                let file = FoundFile { path, size: metadata.len(), disk: target.clone(), problem: None };
                self.links.push((file, target));
            }
            // A folder's files are found where the folder lies.
            (Some(_), Some(metadata)) if metadata.is_dir() => {}
            _ => self.ignored += 1,
        }
    }

    fn unlisted(&mut self, error: &walkdir::Error) {
        let Some(disk) = error.path() else { return };
        let Some(path) = self.estate_path(disk) else { return };
        let reason = error.io_error().map_or_else(|| error.to_string(), system_reason);
        let problem = Some(ReadProblem::Folder(reason));
        self.files.push(FoundFile { path, size: 0, disk: disk.to_path_buf(), problem });
    }

    fn estate_path(&self, disk: &Path) -> Option<EstatePath> {
        let relative = disk.strip_prefix(&self.roots.root).ok()?;
        let mut text = String::new();
        for component in relative.components() {
            let Component::Normal(name) = component else { return None };
            if !text.is_empty() {
                text.push('/');
            }
            for chunk in name.as_encoded_bytes().utf8_chunks() {
                text.push_str(&chunk.valid().replace('\\', "%5C"));
                for byte in chunk.invalid() {
                    text.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        Some(EstatePath::new(&text))
    }

    fn finish(mut self) -> Discovery {
        let mut known: BTreeSet<PathBuf> = self.files.iter().map(|file| file.disk.clone()).collect();
        for (file, target) in self.links {
            // Several links to one file are one file.
            if known.insert(target) {
                self.files.push(file);
            }
        }
        self.files.sort_by(|one, other| (one.path, &one.disk).cmp(&(other.path, &other.disk)));
        // Numbers of files are 32 bits wide.
        self.files.truncate(u32::MAX as usize - 1);
        Discovery { files: self.files, ignored: self.ignored }
    }
}

/// True for names of folders that are not walked.
fn is_skipped(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    SKIPPED.contains(&&*name) || (name.starts_with('.') && !SHOWN.contains(&&*name))
}

/// The system's words without its number, which differs between systems.
fn system_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
