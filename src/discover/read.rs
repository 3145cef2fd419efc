//! One file's bytes as text, or why there is no text.

use std::fs::Metadata;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Largest file read, in bytes. Generated bundles and dumps are larger, manifests are not.
pub const LARGEST: u64 = 32 << 20;

/// Why a file gives no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadProblem {
    /// Larger than [`LARGEST`]; its size in bytes.
    TooLarge(u64),
    /// The first byte that is no UTF-8, and its line (1-based).
    NotUtf8(u8, usize),
    /// UTF-16, with byte order mark or without.
    Utf16,
    /// A NUL byte: its line (1-based).
    Binary(usize),
    /// The user that runs archlint may not read it.
    Denied,
    /// It was there when the folder was listed.
    Gone,
    /// It became a FIFO, a socket or a device since the folder was listed.
    Special,
    /// A folder that cannot be listed: the system's reason.
    Folder(String),
    /// Anything else: the system's reason.
    System(String),
}

impl ReadProblem {
    /// One sentence without a full stop: `the file is UTF-16, not UTF-8`.
    pub fn message(&self) -> String {
        match self {
            Self::TooLarge(bytes) => {
                format!("the file has {} MiB; files larger than {} MiB are not read", bytes >> 20, LARGEST >> 20)
            }
            Self::NotUtf8(byte, line) => format!("the file is not UTF-8: byte 0x{byte:02X} on line {line}"),
            Self::Utf16 => "the file is UTF-16, not UTF-8".to_owned(),
            Self::Binary(line) => format!("the file is not text: a NUL byte on line {line}"),
            Self::Denied => "the file may not be read: permission denied".to_owned(),
            Self::Gone => "the file disappeared while archlint was running".to_owned(),
            Self::Special => "the file is a FIFO, a socket or a device".to_owned(),
            Self::Folder(reason) => format!("the folder cannot be listed: {reason}"),
            Self::System(reason) => format!("the file cannot be read: {reason}"),
        }
    }

    /// What to do about it: `save the file as UTF-8`.
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "split the file, or list it under `ignore` in archlint.yaml",
            Self::NotUtf8(..) | Self::Utf16 => "save the file as UTF-8",
            Self::Binary(_) => "if the file is binary, list it under `ignore` in archlint.yaml",
            Self::Denied | Self::Folder(_) => "let the user that runs archlint read it",
            Self::Gone => "run archlint again",
            Self::Special => "replace it with a regular file",
            Self::System(_) => "repair what the system names",
        }
    }
}

impl From<io::Error> for ReadProblem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Gone,
            io::ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::System(error.to_string()),
        }
    }
}

/// Reads a file as text, byte order mark included. Never waits: what is no regular file is
/// not opened.
pub fn read_text(path: &Path) -> Result<Arc<str>, ReadProblem> {
    let bytes = read_bytes(path)?;
    text_of(bytes).map(Arc::from)
}

#[expect(clippy::disallowed_methods, reason = "discover is where the disk is read")]
fn read_bytes(path: &Path) -> Result<Vec<u8>, ReadProblem> {
    // A FIFO that replaces the file between these two lines would be waited for; whoever can
    // do that can stop archlint anyway.
    regular(&std::fs::metadata(path)?)?;
    let file = std::fs::File::open(path)?;
    let size = regular(&file.metadata()?)?;
    let mut bytes = Vec::with_capacity(size as usize);
    // A file may grow, and some file systems state no sizes: the limit holds for what is read.
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(ReadProblem::TooLarge(bytes.len() as u64)) } else { Ok(bytes) }
}

/// The size of a regular file within the limit.
fn regular(metadata: &Metadata) -> Result<u64, ReadProblem> {
    match metadata.len() {
        _ if !metadata.is_file() => Err(ReadProblem::Special),
        size if size > LARGEST => Err(ReadProblem::TooLarge(size)),
        size => Ok(size),
    }
}

fn text_of(bytes: Vec<u8>) -> Result<String, ReadProblem> {
    if is_utf16(&bytes) {
        return Err(ReadProblem::Utf16);
    }
    let line_of = |bytes: &[u8], at: usize| 1 + bytes.iter().take(at).filter(|&&byte| byte == b'\n').count();
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(ReadProblem::Binary(line_of(&bytes, at)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        ReadProblem::NotUtf8(bytes.get(at).copied().unwrap_or(0), line_of(bytes, at))
    })
}

/// A byte order mark of UTF-16, or two characters of which every second byte is NUL.
fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [a, 0, b, 0, ..] | [0, a, 0, b, ..] => *a != 0 && *b != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{ReadProblem, text_of};

    #[test]
    fn text_is_utf_8_and_everything_else_says_what_it_is() {
        for (bytes, expected) in [
            (&b"a: 1\n"[..], Ok("a: 1\n")),
            (b"", Ok("")),
            (b"\xEF\xBB\xBFa", Ok("\u{feff}a")),
            (b"a: 1\nb: \xE4\n", Err(ReadProblem::NotUtf8(0xE4, 2))),
            (b"a: \xC3", Err(ReadProblem::NotUtf8(0xC3, 1))),
            (b"\xFF\xFEa\0", Err(ReadProblem::Utf16)),
            (b"\xFE\xFF\0a", Err(ReadProblem::Utf16)),
            (b"k\0e\0", Err(ReadProblem::Utf16)),
            (b"\0k\0e", Err(ReadProblem::Utf16)),
            (b"a\nb\0", Err(ReadProblem::Binary(2))),
            (b"\0\0\0\0", Err(ReadProblem::Binary(1))),
        ] {
            assert_eq!(text_of(bytes.to_vec()), expected.map(str::to_owned), "{bytes:?}");
        }
    }
}
