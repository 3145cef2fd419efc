//! From spans to lines: positions, and the one function that cuts excerpts out of files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex, Position};
use crate::source::path::EstatePath;
use crate::source::redactions::Redactions;
use crate::source::span::Span;

/// Longest piece of a line that an excerpt shows, in bytes; minified files have lines of
/// many megabytes.
const MAX_LINE_BYTES: usize = 200;
/// Bytes shown in front of the first marked byte of a line that is cut.
const LEAD_BYTES: usize = 60;
/// Columns from here on are counted from the place asked for last, in bytes.
const LONG_LINE_BYTES: u32 = 4096;
/// Most lines of one excerpt, context included.
const MAX_LINES: u32 = 24;
/// Texts kept at a time, in bytes; all are dropped when they exceed it.
const CACHED_BYTES: usize = 64 << 20;

/// Where renderers get the texts of files from.
pub trait Texts {
    /// The file's path inside the estate.
    fn path(&self, file: FileId) -> EstatePath;
    /// Its text exactly as it was read for extraction; `None` where it is gone or changed.
    fn text(&self, file: FileId) -> Option<Arc<str>>;
}

/// One line of an excerpt, with secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcerptLine {
    /// 1-based number.
    pub number: u32,
    /// Offset in the file of the first byte of `text`. Byte offsets inside `text` are those
    /// of the file: masking keeps lengths.
    pub start: u32,
    /// The line without its line break, or the piece of it around the marked range. It may
    /// hold control characters: it still has to pass [`super::escape`].
    pub text: String,
    /// True if the line has more text in front.
    pub cut_before: bool,
    /// True if the line has more text behind.
    pub cut_after: bool,
}

/// Texts with their line indices, and the ranges that no output may show.
pub struct Sources<'a> {
    texts: &'a dyn Texts,
    redactions: &'a Redactions,
    cache: RefCell<Cache>,
}

type Indexed = Option<(Arc<str>, Arc<LineIndex>)>;

#[derive(Default)]
struct Cache {
    files: BTreeMap<FileId, Indexed>,
    bytes: usize,
    counted: Option<Counted>,
}

/// A place on a long line whose column was counted.
#[derive(Clone, Copy)]
struct Counted {
    file: FileId,
    unit: ColumnUnit,
    offset: u32,
    position: Position,
}

impl<'a> Sources<'a> {
    /// Nothing is read before a renderer asks.
    pub fn new(texts: &'a dyn Texts, redactions: &'a Redactions) -> Self {
        Self { texts, redactions, cache: RefCell::default() }
    }

    /// The path of a file.
    pub fn path(&self, file: FileId) -> EstatePath {
        self.texts.path(file)
    }

    /// Start and exclusive end of a range. A file that is gone has line 1, column 1 only.
    pub fn position(&self, span: Span, unit: ColumnUnit) -> (Position, Position) {
        match self.indexed(span.file) {
            Some((text, index)) => {
                let at = |offset| self.counted(span.file, &text, &index, offset, unit);
                (at(span.start), at(span.end.max(span.start)))
            }
            None => (Position { line: 1, column: 1 }, Position { line: 1, column: 1 }),
        }
    }

    /// The position of an offset. On a long line, counts on from the place asked for last:
    /// findings come in order, and a line of 30 MB with thousands of them would otherwise be
    /// counted from its start for each.
    fn counted(&self, file: FileId, text: &str, index: &LineIndex, offset: u32, unit: ColumnUnit) -> Position {
        let bytes = index.position(text, offset, ColumnUnit::Bytes);
        if bytes.column < LONG_LINE_BYTES || unit == ColumnUnit::Bytes {
            return index.position(text, offset, unit);
        }
        let last = self.cache.borrow().counted;
        let onward = last.and_then(|last| {
            let same = last.file == file && last.unit == unit && last.position.line == bytes.line;
            let skipped = text.get(last.offset as usize..(offset as usize).min(text.len())).filter(|_| same)?;
            let columns = match unit {
                ColumnUnit::Characters => skipped.chars().count(),
                ColumnUnit::Bytes => skipped.len(),
                ColumnUnit::Utf16 => skipped.encode_utf16().count(),
            };
            Some(Position { line: bytes.line, column: last.position.column + columns as u32 })
        });
        let position = onward.unwrap_or_else(|| index.position(text, offset, unit));
        if text.is_char_boundary(offset as usize) {
            self.cache.borrow_mut().counted = Some(Counted { file, unit, offset, position });
        }
        position
    }

    /// As [`Sources::position`], but no further than to the end of the line on which the range
    /// starts: what shows findings beside changed lines shows none that reach beyond them.
    pub fn first_line(&self, span: Span, unit: ColumnUnit) -> (Position, Position) {
        let (start, end) = self.position(span, unit);
        if end.line == start.line {
            return (start, end);
        }
        let line_end = self.indexed(span.file).and_then(|(text, index)| index.line_range(&text, start.line));
        let line_end = line_end.map_or(span.start, |(_, end)| end.max(span.start));
        (start, self.position(Span::new(span.file, line_end, line_end), unit).0.max(start))
    }

    /// A file's whole text, with secrets masked; `None` where it is gone. For hashes only:
    /// what is shown passes [`Sources::excerpt`].
    pub(super) fn masked(&self, file: FileId) -> Option<String> {
        let (text, _) = self.indexed(file)?;
        Some(self.redactions.masked(file, 0, &text))
    }

    /// `path:line:column`, not escaped.
    pub fn place(&self, span: Span) -> String {
        let (start, _) = self.position(span, ColumnUnit::Characters);
        format!("{}:{}:{}", self.path(span.file), start.line, start.column)
    }

    /// The lines of a range with `context_lines` around them, secrets masked, long lines and
    /// long ranges cut. Empty where the file is gone. This is the only way from a file's
    /// text to an output.
    pub fn excerpt(&self, span: Span, context_lines: u32) -> Vec<ExcerptLine> {
        self.excerpt_around(span, span, context_lines)
    }

    /// As [`Sources::excerpt`], where long lines are cut around `marked` instead, which lies
    /// in the same file.
    pub fn excerpt_around(&self, span: Span, marked: Span, context_lines: u32) -> Vec<ExcerptLine> {
        let Some((text, index)) = self.indexed(span.file) else { return Vec::new() };
        let first = index.position(&text, span.start, ColumnUnit::Bytes).line;
        // An exclusive end right behind a line break does not touch the next line.
        let last = index.position(&text, span.end.saturating_sub(1).max(span.start), ColumnUnit::Bytes).line;
        let from = first.saturating_sub(context_lines).max(1);
        let to = last.saturating_add(context_lines).min(from.saturating_add(MAX_LINES - 1)).min(index.lines());
        let mut lines: Vec<ExcerptLine> =
            (from..=to).filter_map(|number| self.line(marked, number, &text, &index)).collect();
        // What follows the last line break of a file is no line to a reader.
        if to == index.lines() && to > last && lines.last().is_some_and(|line| line.text.is_empty()) {
            lines.pop();
        }
        lines
    }

    fn line(&self, marked: Span, number: u32, text: &str, index: &LineIndex) -> Option<ExcerptLine> {
        let (line_start, line_end) = index.line_range(text, number)?;
        let (mut start, line_end) = (line_start as usize, line_end as usize);
        if text.get(start..).is_some_and(|rest| rest.starts_with('\u{feff}')) {
            start += '\u{feff}'.len_utf8();
        }
        let begin = start.min(line_end);
        let (mut from, mut to) = (begin, line_end);
        if to - from > MAX_LINE_BYTES {
            let mark = marked.start as usize;
            if mark < line_end && mark.saturating_sub(begin) > LEAD_BYTES {
                from = mark - LEAD_BYTES;
            }
            to = line_end.min(from + MAX_LINE_BYTES);
        }
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        Some(ExcerptLine {
            number,
            start: from as u32,
            text: self.redactions.masked(marked.file, from as u32, text.get(from..to)?),
            cut_before: from > begin,
            cut_after: to < line_end,
        })
    }

    fn indexed(&self, file: FileId) -> Indexed {
        if let Some(known) = self.cache.borrow().files.get(&file) {
            return known.clone();
        }
        let indexed = self.texts.text(file).map(|text| {
            let index = Arc::new(LineIndex::new(&text));
            (text, index)
        });
        let mut cache = self.cache.borrow_mut();
        let bytes = indexed.as_ref().map_or(0, |(text, _)| text.len());
        if cache.bytes + bytes > CACHED_BYTES {
            *cache = Cache::default();
        }
        cache.bytes += bytes;
        cache.files.insert(file, indexed.clone());
        indexed
    }
}
