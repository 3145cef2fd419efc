//! INI files (`setup.cfg`, `*.conf`): sections of keys and values.

use std::ops::Range;

use super::tree::{Comment, Content, NodeId, Style, SyntaxProblem, Tree};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Reads sections `[name]` with `key = value` or `key: value` lines, as Python's
/// `configparser` does by default (Python 3.13 documentation): `#` and `;` start a comment
/// at a line's beginning only, an indented line continues the value above it, a key alone
/// has null. The root is a mapping of the keys before the first section, then of a mapping
/// for each section; there is none where nothing was read. Sections that stand twice are
/// both kept. Values are [`Style::Quoted`], and quotes belong to them. Other lines become
/// problems.
pub fn parse(file: FileId, text: &str) -> Tree {
    let mut reader = Reader { file, tree: Tree::new(file), root: Vec::new(), whole: None, section: None, key: None };
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        reader.line(at, rest.get(..length).unwrap_or_default());
        at += length + if rest.get(length..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { 1 };
    }
    reader.finish()
}

struct Section {
    name: NodeId,
    entries: Vec<(NodeId, NodeId)>,
    range: Range<u32>,
}

/// A key whose value may go on in the next line.
struct Key {
    node: NodeId,
    range: Range<u32>,
    value: Option<(String, Range<u32>)>,
}

struct Reader {
    file: FileId,
    tree: Tree,
    root: Vec<(NodeId, NodeId)>,
    whole: Option<Range<u32>>,
    section: Option<Section>,
    key: Option<Key>,
}

impl Reader {
    fn line(&mut self, at: usize, line: &str) {
        let words = line.trim();
        let start = at + line.len() - line.trim_start().len();
        let range = offset(start)..offset(start + words.len());
        if words.is_empty() {
            return;
        }
        if words.starts_with(['#', ';']) {
            let span = Span::new(self.file, range.start, range.end);
            let text = words.trim_start_matches(['#', ';']).trim().into();
            self.tree.comments.push(Comment { text, span, trailing: false });
            return;
        }
        if start > at
            && let Some(Key { value: Some((value, place)), .. }) = &mut self.key
        {
            if value.is_empty() {
                place.start = range.start;
            } else {
                value.push('\n');
            }
            value.push_str(words);
            place.end = range.end;
            return;
        }
        self.end_key();
        if let Some(inner) = words.strip_prefix('[') {
            let Some(name) = inner.strip_suffix(']') else {
                self.problem(range, "a section's name must end in `]`");
                return;
            };
            self.end_section();
            let name = self.scalar(name.trim(), range.start + 1..range.end - 1);
            self.section = Some(Section { name, entries: Vec::new(), range });
            return;
        }
        let (key, value) = match words.split_once(['=', ':']) {
            Some((key, value)) => (key.trim_end(), Some(value.trim_start())),
            None => (words, None),
        };
        if key.is_empty() {
            self.problem(range, "the line has a value but no key");
            return;
        }
        let key_range = range.start..range.start + offset(key.len());
        let node = self.scalar(key, key_range.clone());
        let value = value.map(|value| (value.to_owned(), range.end - offset(value.len())..range.end));
        self.key = Some(Key { node, range: key_range, value });
    }

    fn scalar(&mut self, text: &str, range: Range<u32>) -> NodeId {
        self.tree.push(Content::Scalar(text.into(), Style::Quoted), range, false)
    }

    fn problem(&mut self, range: Range<u32>, message: &str) {
        let span = Span::new(self.file, range.start, range.end);
        self.tree.problems.push(SyntaxProblem { span, message: message.to_owned() });
    }

    fn end_key(&mut self) {
        let Some(key) = self.key.take() else { return };
        let (value, end) = match key.value {
            Some((text, range)) => (self.scalar(&text, range.clone()), range.end),
            None => {
                let range = key.range.end..key.range.end;
                (self.tree.push(Content::Scalar("".into(), Style::Plain), range, false), key.range.end)
            }
        };
        match &mut self.section {
            Some(section) => {
                section.entries.push((key.node, value));
                section.range.end = end;
            }
            None => {
                self.root.push((key.node, value));
                self.cover(key.range.start..end);
            }
        }
    }

    fn end_section(&mut self) {
        let Some(Section { name, entries, range }) = self.section.take() else { return };
        let mapping = self.tree.push(Content::Mapping(entries), range.clone(), false);
        self.root.push((name, mapping));
        self.cover(range);
    }

    fn cover(&mut self, range: Range<u32>) {
        self.whole = Some(self.whole.take().map_or(range.clone(), |whole| whole.start..range.end));
    }

    fn finish(mut self) -> Tree {
        self.end_key();
        self.end_section();
        if let Some(range) = self.whole {
            let root = self.tree.push(Content::Mapping(self.root), range, false);
            self.tree.push_root(root);
        }
        self.tree
    }
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::source::file::FileId;
    use crate::source::line_index::{ColumnUnit, LineIndex, Position};
    use crate::source::span::Span;
    use crate::syntax::tree::Node;

    fn place(text: &str, span: Span) -> String {
        let index = LineIndex::new(text);
        let at = |offset| {
            let Position { line, column } = index.position(text, offset, ColumnUnit::Characters);
            format!("{line}:{column}")
        };
        format!("{}-{}", at(span.start), at(span.end))
    }

    const SETTINGS: &str = "\u{feff}debug = 1\r\n# one\r\n[ db ]\r\nurl: postgres://h/😀 ; kept\r\nalone\r\nlist =\r\n  a\r\n  # two\r\n  b\r\n\r\n[db.x]\r\n= 1\r\n[open\r\nü=2";

    #[test]
    fn sections_become_mappings() {
        let tree = parse(FileId(0), SETTINGS);
        let root = tree.documents().next().expect("entries");
        for (path, expected, where_) in [
            (&["debug"][..], Some("1"), "1:9-1:10"),
            (&["db", "url"], Some("postgres://h/😀 ; kept"), "4:6-4:27"),
            (&["db", "alone"], None, "5:6-5:6"),
            (&["db", "list"], Some("a\nb"), "7:3-9:4"),
            (&["db.x", "ü"], Some("2"), "14:3-14:4"),
        ] {
            let node = root.at(path).expect("the path");
            assert_eq!((node.text(), place(SETTINGS, node.span())), (expected, where_.into()), "{path:?}");
        }
        assert_eq!(root.get("db").map(|db| place(SETTINGS, db.span())), Some("3:1-9:4".into()));
        assert!(root.at(&["db", "alone"]).is_some_and(Node::is_null));
        assert_eq!(tree.comments.iter().map(|one| &*one.text).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn bad_lines_are_named_and_the_others_kept() {
        let tree = parse(FileId(0), SETTINGS);
        let problems: Vec<_> =
            tree.problems.iter().map(|one| (place(SETTINGS, one.span), one.message.as_str())).collect();
        assert_eq!(
            problems,
            [
                ("12:1-12:4".into(), "the line has a value but no key"),
                ("13:1-13:6".into(), "a section's name must end in `]`"),
            ]
        );
    }

    #[test]
    fn every_truncation_is_read_without_a_panic() {
        for (at, _) in SETTINGS.char_indices() {
            for cut in [SETTINGS.get(..at), SETTINGS.get(at..)] {
                let cut = cut.expect("a boundary");
                let tree = parse(FileId(0), cut);
                let mut nodes: Vec<Node<'_>> = tree.documents().collect();
                while let Some(node) = nodes.pop() {
                    let span = node.span();
                    assert!(cut.get(span.start as usize..span.end as usize).is_some(), "{cut:?}");
                    nodes.extend(node.own_entries().flat_map(|(key, value)| [key, value]));
                }
            }
        }
    }
}
