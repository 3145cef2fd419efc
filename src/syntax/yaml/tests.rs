//! YAML as people write it, break it and booby-trap it.

use std::time::{Duration, Instant};

use super::parse;
use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::span::Span;
use crate::syntax::tree::{Node, Scalar, Style, Tree};

fn read(text: &str) -> Tree {
    parse(FileId(0), text)
}

/// `2:3-2:8`, the end exclusive.
fn place(text: &str, span: Span) -> String {
    let index = LineIndex::new(text);
    let start = index.position(text, span.start, ColumnUnit::Characters);
    let end = index.position(text, span.end, ColumnUnit::Characters);
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}

fn places(text: &str, path: &[&str]) -> String {
    let tree = read(text);
    let node = tree.documents().next().expect("a document").at(path).expect("the path");
    place(text, node.span())
}

fn problems(text: &str) -> Vec<String> {
    let tree = read(text);
    tree.problems.iter().map(|problem| format!("{} {}", place(text, problem.span), problem.message)).collect()
}

/// The tree in one line: quoted text in quotes, what is cut off with `…`.
fn shape(node: Node<'_>, depth: usize) -> String {
    if depth > 300 {
        return "deep".to_owned();
    }
    let end = if node.is_cut_off() { "…" } else { "" };
    if node.is_mapping() {
        let entries: Vec<_> = node
            .own_entries()
            .map(|(key, value)| format!("{}: {}", shape(key, depth + 1), shape(value, depth + 1)))
            .collect();
        return format!("{{{}{end}}}", entries.join(", "));
    }
    if node.is_sequence() {
        let items: Vec<_> = node.items().map(|item| shape(item, depth + 1)).collect();
        return format!("[{}{end}]", items.join(", "));
    }
    match node.scalar() {
        Some(Scalar::Text(text)) if node.style() == Some(Style::Plain) => format!("{text}{end}"),
        Some(Scalar::Text(text)) => format!("{text:?}{end}"),
        Some(Scalar::Null) => format!("null{end}"),
        Some(Scalar::Bool(value)) => format!("{value}"),
        Some(Scalar::Int(value)) => format!("{value}"),
        Some(Scalar::Float(value)) => format!("{value}"),
        None => String::new(),
    }
}

fn shapes(text: &str) -> Vec<String> {
    read(text).documents().map(|root| shape(root, 0)).collect()
}

#[test]
fn documents_become_trees() {
    for (text, expected) in [
        ("a: 1\nb: [x, 'y', {z: true}]\n", &[r#"{a: 1, b: [x, "y", {z: true}]}"#][..]),
        ("a:\nb: ~\nc: ''\n", &[r#"{a: null, b: null, c: ""}"#]),
        ("a: |\n  x\n  y\n\nb: >-\n  x\n  y\n", &[r#"{a: "x\ny\n", b: "x y"}"#]),
        ("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n...\n", &["{a: 1}", "{b: 2}"]),
        ("a: 1\na: 2\n", &["{a: 1, a: 2}"]),
        ("[a: b, {}, c: ]", &["[{a: b}, {}, {c: null}]"]),
        ("a: !!str 1\nb: !Ref x\n", &["{a: 1, b: x}"]),
        ("", &[]),
        ("# only a comment\n", &[]),
        ("---\n~\n", &["null"]),
        ("key with spaces: yes\n", &["{key with spaces: yes}"]),
    ] {
        assert_eq!(shapes(text), expected, "{text:?}");
        assert_eq!(problems(text), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn spans_cover_what_is_written() {
    let text = "# head\nspec:\n  image: \"a:1\" # why\n  args: [x, y]\n  env:\n    - name: A\n      value: 'b\n        c'\n  none:\n  run: |\n    one\n    two\n\nlast: plain text  \n";
    for (path, expected) in [
        (&["spec"][..], "3:3-12:8"),
        (&["spec", "image"], "3:10-3:15"),
        (&["spec", "args"], "4:9-4:15"),
        (&["spec", "env"], "6:7-8:11"),
        (&["spec", "none"], "9:7-9:7"),
        (&["spec", "run"], "11:5-12:8"),
        (&["last"], "14:7-14:17"),
        (&[], "2:1-14:17"),
    ] {
        assert_eq!(places(text, path), expected, "{path:?}");
    }
}

#[test]
fn marks_and_line_ends_keep_offsets() {
    for text in ["\u{feff}a: 😀\r\nb: ü x\r\n", "\u{feff}a: 😀\nb: ü x\n", "a: 😀\rb: ü x\r"] {
        assert_eq!(places(text, &["b"]), "2:4-2:7", "{text:?}");
        let tree = read(text);
        let span = tree.documents().next().and_then(|root| root.get("a")).expect("a").span();
        assert_eq!(text.get(span.start as usize..span.end as usize), Some("😀"), "{text:?}");
    }
}

#[test]
fn comments_are_kept_with_their_place() {
    let text = "# one\na: 1 # two\n  #three\nb: '#no'\n---\n# four\n";
    let tree = read(text);
    let comments: Vec<_> = tree
        .comments
        .iter()
        .map(|comment| format!("{} {} {}", place(text, comment.span), comment.text, comment.trailing))
        .collect();
    assert_eq!(comments, ["1:1-1:6 one false", "2:6-2:11 two true", "3:3-3:9 three false", "6:1-6:7 four false"]);
}

#[test]
fn long_headers_do_not_end_the_reading() {
    let text = format!("{}a:\n{}  - 1\n", "# licence\n".repeat(5_000), "# more\n".repeat(5_000));
    assert_eq!(shapes(&text), ["{a: [1]}"]);
    assert_eq!(read(&text).comments.len(), 10_000);
    let text = format!("a: [1\n---\n{}b: 1\n", "# licence\n".repeat(5_000));
    assert_eq!(shapes(&text), ["{a: […]…}", "{b: 1}"]);
}

#[test]
fn aliases_point_to_their_use_and_their_definition() {
    let text = "base: &b\n  image: x\nuse: *b\nmerged:\n  <<: *b\n  tag: 2\n";
    let tree = read(text);
    let root = tree.documents().next().expect("a document");
    let used = root.get("use").expect("the alias");
    assert_eq!(place(text, used.span()), "3:6-3:8");
    assert_eq!(place(text, used.definition()), "2:3-2:11");
    let image = root.at(&["merged", "image"]).expect("merged in");
    assert_eq!(place(text, image.span()), "2:10-2:11");
}

#[test]
fn anchors_do_not_reach_into_the_next_document() {
    let text = "a: &x 1\n---\na: *x\nb: &y 1\nc: *y\n";
    assert_eq!(shapes(text), ["{a: 1}", "{a: null, b: 1, c: 1}"]);
    assert_eq!(problems(text), ["3:4-3:6 no anchor `&x` stands before its alias `*x`"]);
}

#[test]
fn a_broken_document_keeps_its_beginning_and_its_neighbours() {
    let text = "a: 1\n---\nkind: X\nspec:\n  b: [1, 2\n---\nc: 1\n";
    assert_eq!(shapes(text), ["{a: 1}", "{kind: X, spec: {b: [1…]…}…}", "{c: 1}"]);
    assert_eq!(problems(text), ["5:6-5:7 this `[` is never closed"]);
    let text = "kind: X\nimage:   \"a\n---\nb: 1\n";
    assert_eq!(shapes(text), ["{kind: X, image: null……}", "{b: 1}"]);
}

#[test]
fn problems_stand_where_the_eye_looks() {
    for (text, expected) in [
        ("a: b: c\n", "1:5-1:6 a `:` stands where no key can be: wrong indentation, or a value that needs quotes"),
        ("a: \"x\nb: c\n", "1:4-1:5 this quote is never closed"),
        ("a: b\n\tc: d\n", "1:4-1:5 a tab stands in the indentation"),
        ("a: b\0c\n", "1:5-1:6 a NUL byte stands in the text"),
        ("a: [b}\n", "1:4-1:5 a `[` is closed by a `}`"),
        ("a: @b\n", "1:4-1:5 no value can start with `@`; quotes are missing"),
        ("a: *\n", "1:4-1:5 `&` or `*` without a name; quotes are missing"),
    ] {
        assert_eq!(problems(text), [expected], "{text:?}");
    }
}

/// What the parser is built for here is no release build; the bound is generous, since
/// what it guards against takes minutes.
#[expect(clippy::disallowed_methods, reason = "a bound on time needs a clock")]
fn in_time(text: &str) -> Tree {
    let start = Instant::now();
    let tree = read(text);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    tree
}

#[test]
fn deep_nesting_ends_in_one_problem() {
    let flow = "[".repeat(200_000);
    let block = (0..400).map(|level| format!("{}a:\n", " ".repeat(level))).collect::<String>();
    let dashes = "- ".repeat(200_000);
    let mixed = format!("{}{}{}", "- ".repeat(200), "[".repeat(200), "]".repeat(200));
    for text in [flow, block, dashes, mixed, "{a: ".repeat(100_000)] {
        let text = format!("{text}\n---\nb: 1\n");
        let tree = in_time(&text);
        let shapes: Vec<_> = tree.documents().map(|root| shape(root, 0)).collect();
        assert!(!shapes.iter().any(|shape| shape.contains("deep")));
        assert_eq!(shapes.last().map(String::as_str), Some("{b: 1}"));
        let messages: Vec<_> = tree.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["more than 255 levels of nesting"]);
    }
}

#[test]
fn aliases_are_not_expanded() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        let items = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(in_time(&text).len() < 500);
    assert_eq!(in_time("&a [x, *a]").len(), 3);
}

#[test]
fn long_lines_take_linear_time() {
    let text = format!("a: {}\nb: [{}]\n", "x ".repeat(1_000_000), "\"y\", ".repeat(300_000));
    assert_eq!(in_time(&text).len(), 5 + 300_000);
}

#[test]
fn every_truncation_is_read_without_a_panic() {
    let text = "\u{feff}%YAML 1.2\n---\n# ü\na: &x !t \"😀\\u00e4\"\r\nb: *x\nc: [1, {d: 'e'}, *x]\n? f\n: |+2\n   g\n\n---\n\th: >-\n i\n...\n<<: *x\n";
    for (at, _) in text.char_indices() {
        for cut in [text.get(..at), text.get(at..)] {
            let cut = cut.expect("a boundary");
            let tree = read(cut);
            let mut nodes = tree.documents().collect::<Vec<_>>();
            while let Some(node) = nodes.pop() {
                let (start, end) = (node.span().start as usize, node.span().end as usize);
                assert!(cut.get(start..end).is_some(), "{start}..{end} of {cut:?}");
                nodes.extend(node.items());
                nodes.extend(node.own_entries().flat_map(|(key, value)| [key, value]));
            }
        }
    }
}
