//! A range of bytes in one file, as they lie on disk.

use super::file::FileId;

/// Half-open byte range `start..end` in a file. 12 bytes, copied freely.
///
/// A span never points into text that archlint made up; where a value was moved by an
/// anchor, an overlay or a chart, the use is primary and the definition is related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file that holds the bytes.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

const _: () = assert!(size_of::<Span>() == 12);

impl Span {
    /// The range `start..end` of `file`; a range turned round is closed at `start`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// The first byte of a file: for what is true of the file as a whole.
    pub fn file_start(file: FileId) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// The smallest range that covers both. Both must lie in one file; otherwise `self`.
    pub fn cover(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True if `other` lies within this range.
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}
