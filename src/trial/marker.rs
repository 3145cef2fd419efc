//! Markers: what an estate expects of the rules, written into its own comments.
//!
//! `expect: missing-timeout "part of the message"`, at the end of the line or alone above it.

use crate::source::path::EstatePath;

/// What a marker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkerKind {
    /// `expect: rule ["part"]`: a finding's primary place starts on this line.
    Expect,
    /// `related: rule`: a finding shows this line as a related place.
    Related,
    /// `ok: rule`: the rule judged a subject here and found it in order.
    Ok,
    /// `unknown: rule`: the rule judged a subject here and could not tell.
    Unknown,
}

impl MarkerKind {
    /// All, as they are spelt.
    pub const ALL: [(&'static str, Self); 4] =
        [("expect", Self::Expect), ("related", Self::Related), ("ok", Self::Ok), ("unknown", Self::Unknown)];

    /// As markers spell it: `expect`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Expect => "expect",
            Self::Related => "related",
            Self::Ok => "ok",
            Self::Unknown => "unknown",
        }
    }
}

/// A line of a file of the estate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The file.
    pub path: EstatePath,
    /// 1-based.
    pub line: u32,
}

/// One marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What it asks for.
    pub kind: MarkerKind,
    /// The rule it asks of.
    pub rule: String,
    /// What the message has to contain; `None`: anything.
    pub part: Option<String>,
    /// The line that it is about.
    pub about: Line,
    /// The line where it stands.
    pub written: Line,
}

/// A marker that cannot be read, or that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerProblem {
    /// Where it stands.
    pub line: Line,
    /// What is wrong, without a full stop.
    pub message: String,
}

/// What begins a comment in some language. A longer one stands before one that begins it.
const OPENERS: [&str; 9] = ["{{- /*", "{{/*", "<!--", "/*", "//", "--", "#", ";", "%"];
/// What ends one that does not end with its line. Likewise; and `-->` begins like `--`.
const CLOSERS: [&str; 4] = ["*/ -}}", "*/}}", "-->", "*/"];

/// The name of the file that holds markers for formats without comments.
pub const EXPECT_FILE: &str = "EXPECT";

/// The markers in the comments of a file, in its order. One that stands alone on its line is
/// about the next line that holds more than markers.
pub fn markers(path: EstatePath, text: &str) -> (Vec<Marker>, Vec<MarkerProblem>) {
    let mut markers = Vec::new();
    let mut problems = Vec::new();
    let mut waiting: Vec<Marker> = Vec::new();
    for (number, content) in lines(text) {
        let here = Line { path, line: number };
        let (found, alone) = match in_line(here, content) {
            Ok(None) => (Vec::new(), false),
            Ok(Some((found, alone))) => (found, alone),
            Err(problem) => {
                problems.push(problem);
                (Vec::new(), false)
            }
        };
        if alone {
            waiting.extend(found);
            continue;
        }
        markers.extend(waiting.drain(..).map(|marker| Marker { about: here, ..marker }));
        markers.extend(found);
    }
    problems.extend(waiting.into_iter().map(|marker| MarkerProblem {
        line: marker.written,
        message: "there is no line below this marker that it could be about".to_owned(),
    }));
    problems.sort_by_key(|problem| problem.line);
    (markers, problems)
}

/// The markers of an [`EXPECT_FILE`]: `package.json:3 expect: rule "part"`, one a line;
/// lines that begin with `#` are comments.
pub fn expect_file(path: EstatePath, text: &str) -> (Vec<Marker>, Vec<MarkerProblem>) {
    let mut markers = Vec::new();
    let mut problems = Vec::new();
    for (number, content) in lines(text) {
        let written = Line { path, line: number };
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        match expect_line(path.parent(), written, content) {
            Ok(found) => markers.extend(found),
            Err(message) => problems.push(MarkerProblem { line: written, message }),
        }
    }
    (markers, problems)
}

fn expect_line(folder: EstatePath, written: Line, content: &str) -> Result<Vec<Marker>, String> {
    let usage = "a line is `path:line marker`, as in `cart/items.json:3 expect: some-rule`";
    let start = MarkerKind::ALL.iter().filter_map(|(word, _)| content.find(&format!(" {word}:"))).min();
    let (place, marker) = start.and_then(|at| content.split_at_checked(at)).ok_or(usage)?;
    let (file, line) = place.trim_end().rsplit_once(':').ok_or(usage)?;
    let line: u32 = line.parse().map_err(|_| usage)?;
    let path = folder.join(file).ok_or("the path leaves the estate")?;
    let about = Line { path, line };
    read(marker, about, written)
}

fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines())
}

/// The markers of a line, and whether nothing else stands on it. `None`: there are none.
fn in_line(here: Line, content: &str) -> Result<Option<(Vec<Marker>, bool)>, MarkerProblem> {
    let Some((before, comment)) = split_at_marker(content) else { return Ok(None) };
    let found = read(comment, here, here).map_err(|message| MarkerProblem { line: here, message })?;
    Ok(Some((found, before.trim().is_empty())))
}

/// What stands before the comment that begins with a marker, and the comment's text.
fn split_at_marker(content: &str) -> Option<(&str, &str)> {
    for (at, _) in content.char_indices() {
        let rest = content.get(at..)?;
        let Some(opener) = OPENERS.iter().find(|opener| rest.starts_with(**opener)) else { continue };
        let comment = rest.get(opener.len()..)?;
        if starts_with_marker(comment.trim_start()) {
            return Some((content.get(..at)?, comment));
        }
    }
    None
}

fn starts_with_marker(text: &str) -> bool {
    MarkerKind::ALL.iter().any(|(word, _)| text.strip_prefix(word).is_some_and(|rest| rest.starts_with(':')))
}

/// Reads markers up to the end of the comment; several may follow each other, each behind
/// a comment's beginning of its own or not.
fn read(comment: &str, about: Line, written: Line) -> Result<Vec<Marker>, String> {
    let mut found = Vec::new();
    let mut rest = comment.trim();
    while !rest.is_empty() {
        let bracket = CLOSERS.iter().chain(&OPENERS).find_map(|bracket| rest.strip_prefix(*bracket));
        if let Some(behind) = bracket {
            rest = behind.trim_start();
            continue;
        }
        let marker = MarkerKind::ALL.iter().find_map(|&(word, kind)| {
            let behind = rest.strip_prefix(word)?.strip_prefix(':')?;
            Some((kind, behind.trim_start()))
        });
        let Some((kind, behind)) = marker else {
            return Err(format!("`{rest}` is no marker; write `expect: some-rule \"part of the message\"`"));
        };
        let end = behind.find(|letter: char| !is_of_id(letter)).unwrap_or(behind.len());
        let (rule, behind) = behind.split_at_checked(end).unwrap_or((behind, ""));
        // `-->` touches an id that nothing separates from it.
        let (rule, behind) = match rule.strip_suffix("--") {
            Some(rule) if behind.starts_with('>') => (rule, behind.get(1..).unwrap_or("")),
            _ => (rule, behind),
        };
        if rule.is_empty() {
            return Err(format!("`{}:` needs the id of a rule", kind.word()));
        }
        let (part, behind) = quoted(behind.trim_start())?;
        if part.is_some() && kind != MarkerKind::Expect {
            return Err(format!("a text is for `expect`, not for `{}`", kind.word()));
        }
        found.push(Marker { kind, rule: rule.to_owned(), part, about, written });
        rest = behind.trim_start();
    }
    Ok(found)
}

fn is_of_id(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
}

/// A text in double quotes at the beginning, and what follows it.
fn quoted(text: &str) -> Result<(Option<String>, &str), String> {
    let Some(inner) = text.strip_prefix('"') else { return Ok((None, text)) };
    let (part, behind) = inner.split_once('"').ok_or("the text is never closed with `\"`")?;
    if part.is_empty() {
        return Err("an empty text says nothing; leave it out".to_owned());
    }
    Ok((Some(part.to_owned()), behind))
}

#[cfg(test)]
mod tests {
    use super::{EXPECT_FILE, Marker, MarkerProblem, expect_file, markers};
    use crate::source::path::EstatePath;

    fn shown(path: &str, (markers, problems): (Vec<Marker>, Vec<MarkerProblem>)) -> Vec<String> {
        let marker = |one: &Marker| {
            let path = if one.about.path.as_str() == path { "" } else { one.about.path.as_str() };
            let part = one.part.as_ref().map_or(String::new(), |part| format!(" {part:?}"));
            format!("{path}{} {} {}{part}", one.about.line, one.kind.word(), one.rule)
        };
        let problem = |one: &MarkerProblem| format!("{}! {}", one.line.line, one.message);
        markers.iter().map(marker).chain(problems.iter().map(problem)).collect()
    }

    fn read(text: &str) -> Vec<String> {
        shown("f", markers(EstatePath::new("f"), text))
    }

    #[test]
    fn markers_are_read_in_every_comment_syntax() {
        for text in [
            "a: 1 # expect: some-rule",
            "a: 1   #expect: some-rule",
            "get(url); // expect: some-rule",
            "SELECT 1; -- expect: some-rule",
            "int a; /* expect: some-rule */",
            "int a; /* expect: some-rule*/",
            "<a/> <!-- expect: some-rule -->",
            "<a/> <!--expect: some-rule-->",
            "a {{/* expect: some-rule */}}",
            "a {{- /* expect: some-rule */ -}}",
            "a = 1 ; expect: some-rule",
            "url: http://cart#1 # expect: some-rule",
            "\u{feff}a # expect: some-rule",
            "a: 1 # expect: some-rule\r",
        ] {
            assert_eq!(read(text), ["1 expect some-rule"], "{text}");
        }
    }

    #[test]
    fn a_marker_alone_is_about_the_next_line_that_is_more_than_markers() {
        let text = "# expect: a \"x # y\"\n  // ok: b\na: 1 # related: c # unknown: d\n# a comment\n\
                    <!-- expect: e -->\n# a comment\nf";
        assert_eq!(read(text), ["3 expect a \"x # y\"", "3 ok b", "3 related c", "3 unknown d", "6 expect e"]);
    }

    #[test]
    fn several_markers_may_share_a_comment() {
        assert_eq!(read("x /* expect: a \"m\" ok: b */"), ["1 expect a \"m\"", "1 ok b"]);
        assert_eq!(read("x <!-- expect: a --> <!-- ok: b -->"), ["1 expect a", "1 ok b"]);
    }

    #[test]
    fn other_comments_are_none_of_ours() {
        for text in
            ["# unexpected: a", "# this is ok: a", "expect: a", "a: 'expect: b'", "# expect a", "# expected: a", ""]
        {
            assert_eq!(read(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, expected) in [
            ("a # ok: some rule", "1! `rule` is no marker; write `expect: some-rule \"part of the message\"`"),
            ("a # ok:", "1! `ok:` needs the id of a rule"),
            ("a # expect: x \"y", "1! the text is never closed with `\"`"),
            ("a # expect: x \"\"", "1! an empty text says nothing; leave it out"),
            ("a # ok: x \"y\"", "1! a text is for `expect`, not for `ok`"),
            ("# ok: x", "1! there is no line below this marker that it could be about"),
        ] {
            assert_eq!(read(text), [expected], "{text}");
        }
    }

    #[test]
    fn formats_without_comments_are_marked_from_a_file_beside_them() {
        let text = "# for JSON\n\ncart/package.json:3 expect: a \"b: c\"\na b.json:12 ok: d unknown: e\n";
        let read = |text: &str| shown("", expect_file(EstatePath::new(EXPECT_FILE), text));
        assert_eq!(read(text), ["cart/package.json3 expect a \"b: c\"", "a b.json12 ok d", "a b.json12 unknown e"]);
        let usage = "1! a line is `path:line marker`, as in `cart/items.json:3 expect: some-rule`";
        for text in ["a.json expect: b", "a.json:x expect: b", "a.json:3", "a.json:3 expect b"] {
            assert_eq!(read(text), [usage], "{text}");
        }
        assert_eq!(read("../a:1 ok: b"), ["1! the path leaves the estate"]);
    }

    #[test]
    fn every_beginning_of_a_text_is_read_without_harm() {
        let text = "ä # expect: a-b \"ö\" /* ok: c */\n{{- /* unknown: d */ -}}\nx <!-- related: e-->";
        for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
            markers(EstatePath::new("f"), &text[..end]);
            expect_file(EstatePath::new("f"), &text[..end]);
        }
    }
}
