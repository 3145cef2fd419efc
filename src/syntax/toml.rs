//! TOML as manifests and settings use it, on `toml_edit`'s read-only document.

use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Key, Table, Value};

use super::tree::{Comment, Content, NodeId, Style, SyntaxProblem, Tree};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Reads one TOML document; its root is a mapping. The first mistake ends the reading: the
/// tree then has a problem and no document. Tables and dotted keys become nested mappings,
/// arrays of tables sequences. Strings, dates and keys are [`Style::Quoted`], numbers and
/// booleans [`Style::Plain`]. A table covers its entries, also where others stand between.
pub fn parse(file: FileId, text: &str) -> Tree {
    let mut reader = Reader { file, tree: Tree::new(file) };
    match Document::parse(text) {
        Err(error) => {
            let range = error.span().unwrap_or(text.len()..text.len());
            // The parser points behind the text where it ends too early.
            let range = if range.start >= text.len() { text.trim_end().len()..text.trim_end().len() } else { range };
            let span = Span::new(file, offset(range.start), offset(range.end));
            reader.tree.problems.push(SyntaxProblem { span, message: error.message().replace('\n', "; ") });
        }
        Ok(document) => {
            let (root, _) = reader.table(document.as_table(), None);
            reader.tree.push_root(root);
            reader.comments(text);
        }
    }
    reader.tree
}

struct Reader {
    file: FileId,
    tree: Tree,
}

impl Reader {
    /// The parser refuses more than 80 levels of nesting, in values and in dotted keys, which
    /// bounds this recursion.
    fn item(&mut self, item: &Item, near: &Range<u32>) -> (NodeId, Range<u32>) {
        match item {
            Item::Value(value) => self.value(value, near),
            Item::Table(table) => self.table(table, Some(near)),
            Item::ArrayOfTables(tables) => {
                let (items, ranges): (Vec<_>, Vec<_>) =
                    tables.iter().map(|table| self.table(table, Some(near))).unzip();
                self.push(Content::Sequence(items), ranges.into_iter().reduce(cover).unwrap_or(near.clone()))
            }
            Item::None => self.push(Content::Scalar("".into(), Style::Plain), near.clone()),
        }
    }

    fn value(&mut self, value: &Value, near: &Range<u32>) -> (NodeId, Range<u32>) {
        let range = value.span().map_or(near.clone(), convert);
        let (text, style) = match value {
            Value::String(text) => (text.value().clone(), Style::Quoted),
            Value::Integer(number) => (number.value().to_string(), Style::Plain),
            Value::Float(number) => (float(*number.value()), Style::Plain),
            Value::Boolean(boolean) => (boolean.value().to_string(), Style::Plain),
            Value::Datetime(date) => (date.value().to_string(), Style::Quoted),
            Value::Array(array) => {
                let items = array.iter().map(|value| self.value(value, &range).0).collect();
                return self.push(Content::Sequence(items), range);
            }
            Value::InlineTable(table) => return self.inline_table(table, near),
        };
        self.push(Content::Scalar(text.into(), style), range)
    }

    fn inline_table(&mut self, table: &InlineTable, near: &Range<u32>) -> (NodeId, Range<u32>) {
        // A table that dotted keys make has no braces of its own.
        let written = table.span().map(convert);
        let mut entries = Vec::with_capacity(table.len());
        let mut whole = written.clone();
        for (name, value) in table.iter() {
            let Some((key, _)) = table.get_key_value(name) else { continue };
            let (key, place) = self.key(key, near);
            let (value, range) = self.value(value, &place);
            if written.is_none() {
                whole = Some(whole.into_iter().fold(cover(place, range), cover));
            }
            entries.push((key, value));
        }
        self.push(Content::Mapping(entries), whole.unwrap_or(near.clone()))
    }

    fn table(&mut self, table: &Table, near: Option<&Range<u32>>) -> (NodeId, Range<u32>) {
        let mut whole = table.span().map(convert);
        let near = whole.clone().or(near.cloned()).unwrap_or(0..0);
        let mut entries = Vec::with_capacity(table.len());
        for (name, item) in table.iter() {
            let Some((key, _)) = table.get_key_value(name) else { continue };
            let (key, place) = self.key(key, &near);
            let (value, range) = self.item(item, &place);
            whole = Some(whole.into_iter().fold(cover(place, range), cover));
            entries.push((key, value));
        }
        self.push(Content::Mapping(entries), whole.unwrap_or(near))
    }

    fn key(&mut self, key: &Key, near: &Range<u32>) -> (NodeId, Range<u32>) {
        let range = key.span().map_or(near.clone(), convert);
        self.push(Content::Scalar(key.get().into(), Style::Quoted), range)
    }

    fn push(&mut self, content: Content, range: Range<u32>) -> (NodeId, Range<u32>) {
        (self.tree.push(content, range.clone(), false), range)
    }

    /// `text` is well-formed, so a `#` outside of strings starts a comment.
    fn comments(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'#', b'"', b'\'', rest)) {
            at += found;
            let rest = text.get(at..).unwrap_or_default();
            if rest.starts_with('#') {
                let written = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or(rest);
                let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', '\t', '\u{feff}']);
                let trailing = !before.is_empty() && !before.ends_with(['\n', '\r']);
                let span = Span::new(self.file, offset(at), offset(at + written.len()));
                let words = written.trim_start_matches('#').trim();
                self.tree.comments.push(Comment { text: words.into(), span, trailing });
                at += written.len();
            } else {
                at += string_length(rest);
            }
        }
    }
}

/// Length of the string that `rest` starts with, quotes included.
fn string_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let Some(&quote) = bytes.first() else { return 0 };
    let width = if bytes.get(..3) == Some(&[quote; 3]) { 3 } else { 1 };
    let mut at = width;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && quote == b'"' {
            at += 2;
        } else if bytes.get(at..at + width).is_some_and(|end| end.iter().all(|&byte| byte == quote)) {
            // `""""` ends a text of several lines that itself ends in a quote.
            let more =
                if width == 3 { bytes.iter().skip(at + 3).take(2).take_while(|&&b| b == quote).count() } else { 0 };
            return at + width + more;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// A float in the spelling that the tree's core schema reads as one.
fn float(value: f64) -> String {
    if value.is_nan() {
        ".nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        format!("{value:?}")
    }
}

fn cover(one: Range<u32>, other: Range<u32>) -> Range<u32> {
    one.start.min(other.start)..one.end.max(other.end)
}

fn convert(range: Range<usize>) -> Range<u32> {
    offset(range.start)..offset(range.end)
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
    use crate::syntax::tree::{Node, Scalar};

    fn place(text: &str, span: Span) -> String {
        let index = LineIndex::new(text);
        let at = |offset| {
            let Position { line, column } = index.position(text, offset, ColumnUnit::Characters);
            format!("{line}:{column}")
        };
        format!("{}-{}", at(span.start), at(span.end))
    }

    const MANIFEST: &str = "\u{feff}# head\r\n[package]\r\nname = \"cart😀\" # why\r\nlinks.home = 'x#y'\r\n\r\n[dependencies]\r\nhttp = { version = \"1\", optional = true }\r\n\r\n[dependencies.queue]\r\nport = 0x1F90\r\n\r\n[[bin]]\r\nname = \"a\"\r\n[[bin]]\r\nname = \"b\"\r\nsince = 2024-01-31\r\nratio = 1e3\r\ntext = \"\"\"\r\n# no \\\" comment\"\"\"\"\r\n";

    #[test]
    fn tables_and_dotted_keys_become_mappings() {
        let tree = parse(FileId(0), MANIFEST);
        assert_eq!(tree.problems, []);
        let root = tree.documents().next().expect("a document");
        for (path, expected, where_) in [
            (&["package", "name"][..], Scalar::Text("cart😀"), "3:8-3:15"),
            (&["package", "links", "home"], Scalar::Text("x#y"), "4:14-4:19"),
            (&["dependencies", "http", "version"], Scalar::Text("1"), "7:20-7:23"),
            (&["dependencies", "http", "optional"], Scalar::Bool(true), "7:36-7:40"),
            (&["dependencies", "queue", "port"], Scalar::Int(8080), "10:8-10:14"),
        ] {
            let node = root.at(path).expect("the path");
            assert_eq!((node.scalar(), place(MANIFEST, node.span())), (Some(expected), where_.into()), "{path:?}");
        }
        let bins = root.get("bin").expect("bins");
        assert_eq!(bins.items().filter_map(|bin| bin.get("name")?.text()).collect::<Vec<_>>(), ["a", "b"]);
        let second = bins.items().last().expect("two");
        assert_eq!(second.get("since").and_then(Node::text), Some("2024-01-31"));
        assert_eq!(second.get("ratio").and_then(Node::scalar), Some(Scalar::Float(1000.0)));
        assert_eq!(place(MANIFEST, root.get("dependencies").expect("present").span()), "6:1-10:14");
        let (key, _) = root.get("dependencies").and_then(|all| all.entry("queue")).expect("queue");
        assert_eq!(place(MANIFEST, key.span()), "9:15-9:20");
    }

    #[test]
    fn comments_are_found_outside_of_strings() {
        let tree = parse(FileId(0), MANIFEST);
        let comments: Vec<_> =
            tree.comments.iter().map(|one| (place(MANIFEST, one.span), &*one.text, one.trailing)).collect();
        assert_eq!(comments, [("1:1-1:7".into(), "head", false), ("3:16-3:21".into(), "why", true)]);
    }

    #[test]
    fn a_mistake_leaves_a_problem_and_no_document() {
        for (text, expected) in
            [("a = 1\na = 2\n", "2:1-2:2"), ("a = \n", "1:5-1:5"), ("a = \"x\n", "1:7-1:7"), ("= 1", "1:1-1:1")]
        {
            let tree = parse(FileId(0), text);
            let places: Vec<_> = tree.problems.iter().map(|problem| place(text, problem.span)).collect();
            assert_eq!(places, [expected], "{text:?} {:?}", tree.problems);
            assert_eq!(tree.documents().count(), 0, "{text:?}");
        }
    }

    #[test]
    fn an_empty_file_is_an_empty_mapping() {
        let tree = parse(FileId(0), "# nothing\n");
        assert!(tree.documents().next().is_some_and(|root| root.is_mapping() && root.own_entries().count() == 0));
    }

    #[test]
    fn deep_nesting_ends_in_a_problem() {
        for text in [
            format!("a = {}", "[".repeat(200_000)),
            format!("a = {}", "{a = ".repeat(100_000)),
            format!("{} = 1", vec!["a"; 100_000].join(".")),
            format!("[{}]\n", vec!["a"; 100_000].join(".")),
        ] {
            let tree = parse(FileId(0), &text);
            assert_eq!(tree.documents().count(), 0);
            assert!(!tree.problems.is_empty());
        }
    }

    #[test]
    fn every_truncation_is_read_without_a_panic() {
        for (at, _) in MANIFEST.char_indices() {
            for cut in [MANIFEST.get(..at), MANIFEST.get(at..)] {
                let cut = cut.expect("a boundary");
                for problem in parse(FileId(0), cut).problems {
                    assert!(problem.span.end as usize <= cut.len(), "{cut:?}");
                }
            }
        }
    }
}
