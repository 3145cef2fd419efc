//! From byte offsets to lines and columns; built when a renderer first asks.

/// A place for people: line and column, both 1-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line; `\n`, `\r\n` and a lone `\r` each end a line.
    pub line: u32,
    /// 1-based column in Unicode characters; a byte order mark does not count.
    pub column: u32,
}

/// How a format counts columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnUnit {
    /// Unicode characters: text, JSON, gcc lines.
    Characters,
    /// UTF-8 bytes: rdjson.
    Bytes,
    /// UTF-16 code units: SARIF, the language server protocol.
    Utf16,
}

/// Where the lines of one text start.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Scans `text` once.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(at as u32 + 1);
        }
        Self { starts }
    }

    /// Line and column of a byte offset of `text`; an offset inside a character counts as
    /// the character's start, one behind the end as the end.
    pub fn position(&self, text: &str, offset: u32, unit: ColumnUnit) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|&start| start as usize <= offset).max(1);
        let start = self.starts[line - 1] as usize;
        let before = text[start..offset].trim_start_matches('\u{feff}');
        let column = match unit {
            ColumnUnit::Characters => before.chars().count(),
            ColumnUnit::Bytes => before.len(),
            ColumnUnit::Utf16 => before.encode_utf16().count(),
        };
        Position { line: line as u32, column: column as u32 + 1 }
    }

    /// Byte range of a 1-based line, without its line break. `None` behind the last line.
    pub fn line_range(&self, text: &str, line: u32) -> Option<(u32, u32)> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(text.len(), |&next| next as usize);
        let trimmed = text[start as usize..end].trim_end_matches(['\n', '\r']).len();
        Some((start, start + trimmed as u32))
    }

    /// Number of lines; a text that ends in a line break has an empty last line.
    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnUnit, LineIndex, Position};

    fn at(text: &str, offset: u32, unit: ColumnUnit) -> (u32, u32) {
        let Position { line, column } = LineIndex::new(text).position(text, offset, unit);
        (line, column)
    }

    #[test]
    fn every_line_break_counts_once() {
        let text = "a\r\nb\rc\nd";
        assert_eq!(at(text, 3, ColumnUnit::Characters), (2, 1));
        assert_eq!(at(text, 5, ColumnUnit::Characters), (3, 1));
        assert_eq!(at(text, 7, ColumnUnit::Characters), (4, 1));
        assert_eq!(LineIndex::new(text).line_range(text, 1), Some((0, 1)));
    }

    #[test]
    fn columns_count_in_the_unit_asked_for() {
        let text = "\u{feff}ä😀x";
        let offset = text.find('x').expect("present") as u32;
        assert_eq!(at(text, offset, ColumnUnit::Characters), (1, 3));
        assert_eq!(at(text, offset, ColumnUnit::Bytes), (1, 7));
        assert_eq!(at(text, offset, ColumnUnit::Utf16), (1, 4));
    }

    #[test]
    fn offsets_behind_the_end_are_the_end() {
        assert_eq!(at("ab", 99, ColumnUnit::Characters), (1, 3));
    }
}
