//! JSON as tools write it and people edit it: comments and trailing commas are accepted.

use jsonc_parser::ast::{Comment as AstComment, ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::tree::{Comment, Content, NodeId, Style, SyntaxProblem, Tree};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Deepest nesting: whoever reads the tree may recurse over it.
const DEPTH_LIMIT: usize = 255;

/// Reads one JSON value. The first mistake ends the reading: the tree then has a problem
/// and no document. Duplicate keys are all kept. Strings are [`Style::Quoted`], the rest is
/// [`Style::Plain`].
pub fn parse(file: FileId, text: &str) -> Tree {
    let mut reader = Reader { file, tree: Tree::new(file), shift: 0 };
    // The parser knows no byte order mark.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    reader.shift = text.len() - body.len();
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    match parse_to_ast(body, &collect, &options()) {
        Err(error) => reader.fail(&error, body),
        Ok(parsed) => {
            if let Some(comments) = parsed.comments {
                let comments = comments.values().flat_map(|list| list.iter());
                comments.for_each(|comment| reader.comment(comment, body));
                // The parser lists a comment with the token before it and the one after it.
                reader.tree.comments.sort_by_key(|comment| comment.span.start);
                reader.tree.comments.dedup_by_key(|comment| comment.span.start);
            }
            match &parsed.value {
                Some(value) => {
                    if let Some(root) = reader.value(value, 0) {
                        reader.tree.push_root(root);
                    }
                }
                None => reader.problem(text.len(), text.len(), "the file holds no JSON value".to_owned()),
            }
        }
    }
    reader.tree
}

/// What JSON5 adds beyond comments and trailing commas is a mistake for those who read
/// these files in earnest.
fn options() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

struct Reader {
    file: FileId,
    tree: Tree,
    /// Bytes of the byte order mark.
    shift: usize,
}

impl Reader {
    /// `None` where the nesting is too deep; the problem is noted. The parser's own limit of
    /// 512 levels bounds the recursion.
    fn value(&mut self, value: &Value<'_>, depth: usize) -> Option<NodeId> {
        let range = value.range();
        if depth >= DEPTH_LIMIT && matches!(value, Value::Object(_) | Value::Array(_)) {
            let message = format!("more than {DEPTH_LIMIT} levels of nesting");
            self.problem(range.start + self.shift, range.start + self.shift + 1, message);
            return None;
        }
        let content = match value {
            Value::StringLit(string) => Content::Scalar((*string.value).into(), Style::Quoted),
            Value::NumberLit(number) => Content::Scalar(number.value.into(), Style::Plain),
            Value::BooleanLit(boolean) => {
                Content::Scalar(if boolean.value { "true" } else { "false" }.into(), Style::Plain)
            }
            Value::NullKeyword(_) => Content::Scalar("null".into(), Style::Plain),
            Value::Array(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    items.push(self.value(element, depth + 1)?);
                }
                Content::Sequence(items)
            }
            Value::Object(object) => {
                let mut entries = Vec::with_capacity(object.properties.len());
                for property in &object.properties {
                    let (name, range) = match &property.name {
                        ObjectPropName::String(name) => (&*name.value, name.range),
                        ObjectPropName::Word(name) => (name.value, name.range),
                    };
                    let key = self.push(Content::Scalar(name.into(), Style::Quoted), range.start, range.end);
                    entries.push((key, self.value(&property.value, depth + 1)?));
                }
                Content::Mapping(entries)
            }
        };
        Some(self.push(content, range.start, range.end))
    }

    fn push(&mut self, content: Content, start: usize, end: usize) -> NodeId {
        let range = offset(start + self.shift)..offset(end + self.shift);
        self.tree.push(content, range, false)
    }

    fn comment(&mut self, comment: &AstComment<'_>, body: &str) {
        let range = comment.range();
        let before = body.get(..range.start).unwrap_or_default().trim_end_matches([' ', '\t']);
        let trailing = !before.is_empty() && !before.ends_with(['\n', '\r']);
        let span = Span::new(self.file, offset(range.start + self.shift), offset(range.end + self.shift));
        self.tree.comments.push(Comment { text: comment.text().trim().into(), span, trailing });
    }

    fn fail(&mut self, error: &ParseError, body: &str) {
        let range = error.range();
        let (start, end) = if range.start >= body.len() {
            let end = body.trim_end().len();
            (end, end)
        } else {
            (range.start, range.end.max(range.start))
        };
        self.problem(start + self.shift, end + self.shift, message(error.kind()));
    }

    fn problem(&mut self, start: usize, end: usize, message: String) {
        let span = Span::new(self.file, offset(start), offset(end));
        self.tree.problems.push(SyntaxProblem { span, message });
    }
}

fn message(kind: &ParseErrorKind) -> String {
    let words = match kind {
        ParseErrorKind::ExpectedColonAfterObjectKey => "a `:` is missing after this key",
        ParseErrorKind::ExpectedObjectValue => "a value is missing after `:`",
        ParseErrorKind::ExpectedStringObjectProperty => "a key must stand in double quotes",
        ParseErrorKind::ExpectedComma => "a `,` is missing",
        ParseErrorKind::MultipleRootJsonValues => "something follows the end of the JSON value",
        ParseErrorKind::SingleQuotedStringsNotAllowed => "JSON knows no single quotes",
        ParseErrorKind::UnexpectedCloseBrace => "this `}` closes nothing",
        ParseErrorKind::UnexpectedCloseBracket => "this `]` closes nothing",
        ParseErrorKind::UnexpectedColon => "this `:` follows no key",
        ParseErrorKind::UnexpectedComma => "this `,` follows no value",
        ParseErrorKind::UnexpectedToken | ParseErrorKind::UnexpectedTokenInObject | ParseErrorKind::UnexpectedWord => {
            "no JSON value can look like this; quotes are missing"
        }
        ParseErrorKind::UnterminatedArray => "this `[` is never closed",
        ParseErrorKind::UnterminatedCommentBlock => "this `/*` is never closed",
        ParseErrorKind::UnterminatedObject => "this `{` is never closed",
        ParseErrorKind::NestingDepthExceeded => return format!("more than {DEPTH_LIMIT} levels of nesting"),
        ParseErrorKind::String(_) => "the string is never closed, or holds an escape that JSON does not know",
        ParseErrorKind::ExpectedDigit
        | ParseErrorKind::ExpectedDigitFollowingNegativeSign
        | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral
        | ParseErrorKind::BareDecimalPointNumbersNotAllowed
        | ParseErrorKind::HexadecimalNumbersNotAllowed
        | ParseErrorKind::NonFiniteNumbersNotAllowed
        | ParseErrorKind::UnaryPlusNumbersNotAllowed => "JSON knows no number of this form",
        other => return other.to_string(),
    };
    words.to_owned()
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

    #[test]
    fn values_keep_their_type_and_place() {
        let text = "\u{feff}{\r\n  \"n😀\": [1, \"2\", true, null,], // why\r\n  \"a\": {\"b\": -1.5e3}\r\n}";
        let tree = parse(FileId(0), text);
        assert_eq!(tree.problems, []);
        let root = tree.documents().next().expect("a document");
        let scalars: Vec<_> = root.get("n😀").expect("the list").items().filter_map(Node::scalar).collect();
        assert_eq!(scalars, [Scalar::Int(1), Scalar::Text("2"), Scalar::Bool(true), Scalar::Null]);
        let (key, value) = root.get("a").and_then(|a| a.entry("b")).expect("b");
        assert_eq!((place(text, key.span()), place(text, value.span())), ("3:9-3:12".into(), "3:14-3:20".into()));
        assert_eq!(value.scalar(), Some(Scalar::Float(-1500.0)));
        assert_eq!(place(text, root.span()), "1:1-4:2");
        let comment = tree.comments.first().expect("a comment");
        assert_eq!((&*comment.text, comment.trailing), ("why", true));
        assert_eq!((place(text, comment.span), tree.comments.len()), ("2:32-2:38".into(), 1));
    }

    #[test]
    fn duplicate_keys_are_kept_and_the_last_one_wins() {
        let tree = parse(FileId(0), "/* head */ {\"a\": 1, \"a\": 2}");
        let root = tree.documents().next().expect("a document");
        assert_eq!((root.own_entries().count(), root.get("a").and_then(Node::int)), (2, Some(2)));
        assert_eq!(tree.comments.iter().map(|comment| comment.trailing).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn a_mistake_leaves_a_problem_and_no_document() {
        for (text, expected) in [
            ("{\"a\": 1\n \"b\": 2}", "1:8-1:8 a `,` is missing"),
            ("{\"a\" 1}", "1:6-1:7 a `:` is missing after this key"),
            ("{\"a\": x}", "1:7-1:8 no JSON value can look like this; quotes are missing"),
            ("{\"a\": [1", "1:7-1:9 this `[` is never closed"),
            ("{} {}", "1:4-1:5 something follows the end of the JSON value"),
            ("\u{feff}{\"a\": 'b'}", "1:7-1:8 JSON knows no single quotes"),
            ("", "1:1-1:1 the file holds no JSON value"),
        ] {
            let tree = parse(FileId(0), text);
            let problems: Vec<_> = tree
                .problems
                .iter()
                .map(|problem| format!("{} {}", place(text, problem.span), problem.message))
                .collect();
            assert_eq!(problems, [expected], "{text:?}");
            assert_eq!(tree.documents().count(), 0, "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_ends_in_one_problem() {
        for depth in [256, 400, 600, 200_000] {
            let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let tree = parse(FileId(0), &text);
            assert_eq!(tree.documents().count(), 0);
            let messages: Vec<_> = tree.problems.iter().map(|problem| problem.message.as_str()).collect();
            assert_eq!(messages, ["more than 255 levels of nesting"]);
        }
        assert_eq!(parse(FileId(0), &format!("{}{}", "[".repeat(255), "]".repeat(255))).problems, []);
    }

    #[test]
    fn every_truncation_is_read_without_a_panic() {
        let text = "\u{feff}{\"ü\\u00e4\": [1.5e-3, \"😀\", null], // x\n/* y */ \"b\": {\"c\": false},\0}";
        for (at, _) in text.char_indices() {
            for cut in [text.get(..at), text.get(at..)] {
                let cut = cut.expect("a boundary");
                for problem in parse(FileId(0), cut).problems {
                    assert!(problem.span.end as usize <= cut.len(), "{cut:?}");
                }
            }
        }
    }
}
