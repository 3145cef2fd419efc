//! Settings as people write them by hand, with every habit of quoting.

use super::{parse_env, parse_properties};
use crate::source::file::FileId;
use crate::source::line_index::{ColumnUnit, LineIndex, Position};
use crate::source::span::Span;
use crate::syntax::tree::{Node, Style, Tree};

fn place(text: &str, span: Span) -> String {
    let index = LineIndex::new(text);
    let at = |offset| {
        let Position { line, column } = index.position(text, offset, ColumnUnit::Characters);
        format!("{line}:{column}")
    };
    format!("{}-{}", at(span.start), at(span.end))
}

/// `KEY@1:1-1:4 = "value"@1:5-1:10`, one line for each entry.
fn entries(text: &str, tree: &Tree) -> Vec<String> {
    let root = tree.documents().next();
    root.iter()
        .flat_map(|root| root.own_entries())
        .map(|(key, value)| {
            let written = if value.is_null() { "null".to_owned() } else { format!("{:?}", value.raw().unwrap_or("?")) };
            let (key_place, value_place) = (place(text, key.span()), place(text, value.span()));
            format!("{}@{key_place} = {written}@{value_place}", key.raw().unwrap_or("?"))
        })
        .collect()
}

fn problems(text: &str, tree: &Tree) -> Vec<String> {
    tree.problems.iter().map(|problem| format!("{} {}", place(text, problem.span), problem.message)).collect()
}

#[test]
fn env_values_lose_their_quotes_and_keep_their_place() {
    for (text, expected) in [
        ("A=b", "A@1:1-1:2 = \"b\"@1:3-1:4"),
        ("\u{feff}  export  A = b c  \r\n", "A@1:11-1:12 = \"b c\"@1:15-1:18"),
        ("A=\"b # c\" # d\n", "A@1:1-1:2 = \"b # c\"@1:3-1:10"),
        ("A='b\\n${C}'\n", "A@1:1-1:2 = \"b\\\\n${C}\"@1:3-1:12"),
        ("A=\"b\\n\\\"\\$C\"\n", "A@1:1-1:2 = \"b\\n\\\"\\\\$C\"@1:3-1:13"),
        ("A=\"b\nc\"\n", "A@1:1-1:2 = \"b\\nc\"@1:3-2:3"),
        ("A=b#c # d\n", "A@1:1-1:2 = \"b#c\"@1:3-1:6"),
        ("A= # d\n", "A@1:1-1:2 = \"\"@1:3-1:3"),
        ("A=#d\n", "A@1:1-1:2 = \"#d\"@1:3-1:5"),
        ("A=\n", "A@1:1-1:2 = \"\"@1:3-1:3"),
        ("A\n", "A@1:1-1:2 = null@1:2-1:2"),
        ("A=null\n", "A@1:1-1:2 = \"null\"@1:3-1:7"),
        ("a.b-c=postgres://u:p@h:1/d?x=y\n", "a.b-c@1:1-1:6 = \"postgres://u:p@h:1/d?x=y\"@1:7-1:31"),
        ("exported=1\n", "exported@1:1-1:9 = \"1\"@1:10-1:11"),
        ("😀=ü\n", "😀@1:1-1:2 = \"ü\"@1:3-1:4"),
    ] {
        let tree = parse_env(FileId(0), text);
        assert_eq!(entries(text, &tree), [expected], "{text:?}");
        assert_eq!(problems(text, &tree), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn single_quotes_alone_forbid_interpolation() {
    let tree = parse_env(FileId(0), "A='x'\nB=\"x\"\nC=x\n");
    let root = tree.documents().next().expect("entries");
    let styles: Vec<_> = root.own_entries().filter_map(|(_, value)| value.style()).collect();
    assert_eq!(styles, [Style::Literal, Style::Quoted, Style::Quoted]);
    assert_eq!(root.get("A").and_then(Node::text), Some("x"));
}

#[test]
fn bad_env_lines_are_named_and_the_others_kept() {
    let text = "A=1\nthis is prose\nB=\"open\nC='2'\n=x\nD=\"a\"b\nA=3\nE='never\nF=4\n";
    let tree = parse_env(FileId(0), text);
    assert_eq!(
        problems(text, &tree),
        [
            "2:1-2:14 the line is neither `KEY=value` nor a comment",
            "3:3-3:4 this quote is not closed on its line",
            "5:1-5:3 the line is neither `KEY=value` nor a comment",
            "8:3-8:4 this quote is never closed",
        ]
    );
    let root = tree.documents().next().expect("entries");
    let values: Vec<_> = root.own_entries().filter_map(|(_, value)| value.text()).collect();
    assert_eq!(values, ["1", "2", "\"a\"b", "3", "4"]);
    assert_eq!(place(text, root.span()), "1:1-9:4");
}

#[test]
fn comments_are_kept_with_their_place() {
    let text = "# one\nA=b # two\nB='c' #three\n";
    let tree = parse_env(FileId(0), text);
    let comments: Vec<_> = tree.comments.iter().map(|one| (place(text, one.span), &*one.text, one.trailing)).collect();
    assert_eq!(
        comments,
        [("1:1-1:6".into(), "one", false), ("2:5-2:10".into(), "two", true), ("3:7-3:13".into(), "three", true)]
    );
    let text = "! one\n  # two \na=b # no comment\n";
    let tree = parse_properties(FileId(0), text);
    let comments: Vec<_> = tree.comments.iter().map(|one| (place(text, one.span), &*one.text)).collect();
    assert_eq!(comments, [("1:1-1:6".into(), "one"), ("2:3-2:8".into(), "two")]);
    assert_eq!(entries(text, &tree), ["a@3:1-3:2 = \"b # no comment\"@3:3-3:17"]);
}

#[test]
fn properties_follow_the_java_rules() {
    for (text, expected) in [
        ("a=b", "a@1:1-1:2 = \"b\"@1:3-1:4"),
        ("\u{feff}a.b : c = d\r\n", "a.b@1:1-1:4 = \"c = d\"@1:7-1:12"),
        ("a b c\n", "a@1:1-1:2 = \"b c\"@1:3-1:6"),
        ("  a\n", "a@1:3-1:4 = \"\"@1:4-1:4"),
        ("a\\=b\\ c=d\n", "a=b c@1:1-1:8 = \"d\"@1:9-1:10"),
        ("a=b,\\\n   c,\\\r\n d\n", "a@1:1-1:2 = \"b,c,d\"@1:3-3:3"),
        ("a=\\u00e4\\uD83D\\uDE00\\t\\q\n", "a@1:1-1:2 = \"ä😀\\tq\"@1:3-1:25"),
        ("a = \\\n  b\n", "a@1:1-1:2 = \"b\"@2:3-2:4"),
        ("a=${b:c}\n", "a@1:1-1:2 = \"${b:c}\"@1:3-1:9"),
        ("=b\n", "@1:1-1:1 = \"b\"@1:2-1:3"),
    ] {
        let tree = parse_properties(FileId(0), text);
        assert_eq!(entries(text, &tree), [expected], "{text:?}");
        assert_eq!(problems(text, &tree), Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn bad_unicode_escapes_are_named_and_kept_as_written() {
    let text = "a=\\u00g0\nb=1\n";
    let tree = parse_properties(FileId(0), text);
    assert_eq!(problems(text, &tree), ["1:3-1:5 `\\u` needs four hexadecimal digits of a character"]);
    assert_eq!(entries(text, &tree), ["a@1:1-1:2 = \"\\\\u00g0\"@1:3-1:9", "b@2:1-2:2 = \"1\"@2:3-2:4"]);
}

#[test]
fn files_without_keys_have_no_document() {
    for text in ["", "\u{feff}", "# only\n\n"] {
        assert_eq!(parse_env(FileId(0), text).documents().count(), 0);
        assert_eq!(parse_properties(FileId(0), text).documents().count(), 0);
    }
}

#[test]
fn every_truncation_is_read_without_a_panic() {
    let text = "\u{feff}export A = \"ü\\\"\n😀\" # c\r\nB='x'y\nC\\u00e4\\\r\n : d\\\\\\\n=e\\uD83D\\uDE00\n\0=1";
    for (at, _) in text.char_indices() {
        for cut in [text.get(..at), text.get(at..)] {
            let cut = cut.expect("a boundary");
            for tree in [parse_env(FileId(0), cut), parse_properties(FileId(0), cut)] {
                for (key, value) in tree.documents().flat_map(|root| root.own_entries()) {
                    for span in [key.span(), value.span()] {
                        assert!(cut.get(span.start as usize..span.end as usize).is_some(), "{cut:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn hostile_files_take_linear_time() {
    for part in ["A=\"\n", "A='\"\n", "A=\"\\\"", "A=b #", "#", "\\\n", "\\u", "A=\"x\"y\n", "A = # # #\n"] {
        let text = part.repeat(200_000);
        parse_env(FileId(0), &text);
        parse_properties(FileId(0), &text);
    }
}
