//! Findings that a file's owners accept: `archlint: ignore[rule-id] reason` in a comment of
//! whatever syntax the file has, and `archlint.dev/ignore.rule-id` among annotations.
//!
//! Says what is written; whether it holds, and for which findings, is not known here.

mod annotations;
mod comments;
mod statement;

use memchr::memmem;

use super::reading::Reading;

/// Most suppressions of one file; a hostile file can have one in each line.
const LIMIT: usize = 10_000;

/// Adds the file's suppressions, in the order of the text.
pub fn read(reading: &mut Reading<'_>) {
    let bytes = reading.file.text.as_bytes();
    if memmem::find(bytes, b"archlint").is_none() {
        return;
    }
    comments::read(reading);
    if memmem::find(bytes, annotations::PREFIX.as_bytes()).is_some() {
        annotations::read(reading);
    }
    let found = &mut reading.facts.suppressions;
    found.sort_by_key(|suppression| suppression.span);
    found.truncate(LIMIT);
}

#[cfg(test)]
mod tests;
