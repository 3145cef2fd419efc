//! The byte ranges that no excerpt may show.

use std::collections::BTreeMap;

use super::file::FileId;
use super::span::Span;

/// Ranges of secrets in the estate's files. Every excerpt of a source line passes
/// through [`Redactions::masked`], so a secret is not printed even where a finding on the
/// same line is about something else.
#[derive(Debug, Default)]
pub struct Redactions {
    by_file: BTreeMap<FileId, Vec<(u32, u32)>>,
}

impl Redactions {
    /// Adds one secret's range.
    pub fn add(&mut self, span: Span) {
        self.by_file.entry(span.file).or_default().push((span.start, span.end));
    }

    /// `text`, whose first byte is byte `offset` of `file`, with every byte of a secret
    /// replaced by `*`; line breaks stay, so that lines keep their numbers. A character is
    /// replaced by as many stars as it has bytes, so that byte offsets keep their meaning.
    pub fn masked(&self, file: FileId, offset: u32, text: &str) -> String {
        let end = offset as usize + text.len();
        let touches = |range: &&(u32, u32)| (range.0 as usize) < end && range.1 > offset;
        let mut ranges: Vec<(u32, u32)> =
            self.by_file.get(&file).into_iter().flatten().filter(touches).copied().collect();
        if ranges.is_empty() {
            return text.to_owned();
        }
        ranges.sort_unstable();
        let mut coming = ranges.into_iter().peekable();
        // Where the ranges that began so far end: they may overlap.
        let mut hidden_until = 0;
        let mut out = String::with_capacity(text.len());
        for (at, character) in text.char_indices() {
            let at = offset as usize + at;
            while let Some((_, end)) = coming.next_if(|range| range.0 as usize <= at) {
                hidden_until = hidden_until.max(end as usize);
            }
            if at < hidden_until && character != '\n' && character != '\r' {
                out.extend(std::iter::repeat_n('*', character.len_utf8()));
            } else {
                out.push(character);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Redactions;
    use crate::source::file::FileId;
    use crate::source::span::Span;

    #[test]
    fn masks_secrets_and_keeps_offsets() {
        let mut redactions = Redactions::default();
        redactions.add(Span::new(FileId(3), 10, 16));
        assert_eq!(redactions.masked(FileId(3), 6, "url=päßx/db"), "url=******/db");
        assert_eq!(redactions.masked(FileId(4), 6, "url=secret"), "url=secret");
        redactions.add(Span::new(FileId(3), 2, 3));
        redactions.add(Span::new(FileId(3), 11, 12));
        redactions.add(Span::new(FileId(3), 15, 18));
        assert_eq!(redactions.masked(FileId(3), 0, "abcd  url=päßx/db\r\nx"), "ab*d  url=********b\r\nx");
    }
}
