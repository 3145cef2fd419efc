//! Files of the estate: their number, their path, their text while one of them is read.

use super::path::EstatePath;

/// Number of a file in the run: its place in the list sorted by path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// One file handed to extraction: valid UTF-8, at most `u32::MAX` bytes.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its number.
    pub id: FileId,
    /// Its path inside the estate.
    pub path: EstatePath,
    /// Its text as on disk, byte order mark included, so that spans are offsets on disk.
    pub text: &'a str,
}
