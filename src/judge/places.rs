//! Where in a rule file does a word of an expression stand?

use std::ops::Range;

use crate::source::span::Span;
use crate::syntax::tree::{Node, Style};

/// Where the letters of a scalar's value stand in the file.
pub struct Places {
    whole: Span,
    /// For each character of the value that is no blank: its offset in the value, and its
    /// bytes in the file. Empty where the value was written with escapes.
    letters: Vec<(usize, Range<usize>)>,
}

impl Places {
    /// Walks the value and its source side by side, blind to blanks: plain, quoted and
    /// block scalars all keep their letters, and differ in blanks and quotes
    /// (a block scalar's range has no header line).
    pub fn of(node: Node<'_>, text: &str) -> Self {
        let definition = node.definition();
        let (start, end) = (definition.start as usize, definition.end as usize);
        let source = text.get(start..end).unwrap_or("");
        let value = node.raw().unwrap_or("");
        let quote = usize::from(node.style() == Some(Style::Quoted));
        let mut letters = Vec::new();
        let mut written = source.char_indices().filter(|(at, letter)| *at >= quote && !letter.is_whitespace());
        for (offset, letter) in value.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
            match written.next() {
                Some((at, found)) if found == letter => {
                    letters.push((offset, start + at..start + at + letter.len_utf8()));
                }
                _ => return Self { whole: definition, letters: Vec::new() },
            }
        }
        Self { whole: definition, letters }
    }

    /// The bytes in the file of a range of the value; the whole scalar where it is not known.
    pub fn span(&self, range: Range<usize>) -> Span {
        let first = self.letters.iter().find(|(offset, _)| *offset >= range.start);
        let last = self.letters.iter().rev().find(|(offset, _)| *offset < range.end.max(range.start + 1));
        match (first, last) {
            (Some((_, first)), Some((_, last))) if first.start < last.end => {
                Span::new(self.whole.file, first.start as u32, last.end as u32)
            }
            _ => self.whole,
        }
    }
}
