//! XML as build tools write it (`pom.xml`, `*.csproj`): a small tree of elements.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::tree::{Comment, SyntaxProblem};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Deepest nesting: whoever reads the tree may recurse over it, and so does its drop.
const DEPTH_LIMIT: usize = 255;

/// A parsed text. What could be read before a problem is in `root`.
#[derive(Debug)]
pub struct Xml {
    /// The outermost element; `None` where there is none.
    pub root: Option<Element>,
    /// In the order of the file.
    pub comments: Vec<Comment>,
    /// At most one: the first mistake ends the reading.
    pub problems: Vec<SyntaxProblem>,
}

/// An element with what stands in it.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// `dependency`, without a namespace's prefix.
    pub name: Box<str>,
    /// In the order of the file.
    pub attributes: Vec<Attribute>,
    /// Its own text, CDATA included, without that of its children, trimmed.
    pub text: Box<str>,
    /// From the first to the last byte of the own text; empty behind the opening tag where
    /// there is none.
    pub text_span: Span,
    /// From `<` of the opening tag to `>` of the closing one.
    pub span: Span,
    /// The child elements in the order of the file.
    pub children: Vec<Element>,
    /// True if the text broke inside of it: what is not found is unknown, not absent.
    pub cut_off: bool,
}

/// `Version="1.0"`
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `Version`, without a namespace's prefix.
    pub name: Box<str>,
    /// The value without quotes, entities replaced.
    pub value: Box<str>,
    /// The value with its quotes.
    pub span: Span,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| &*child.name == name)
    }

    /// All children of that name.
    pub fn children_named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| &*child.name == name)
    }

    /// The element at a path of first children: `at(&["parent", "version"])`.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }
}

/// Reads one XML document. Entities other than the five of XML and numbers stay as written
/// (`&name;`): nothing is ever expanded or fetched.
pub fn parse(file: FileId, text: &str) -> Xml {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shift = text.len() - body.len();
    let mut builder =
        Builder { file, text, open: Vec::new(), xml: Xml { root: None, comments: Vec::new(), problems: Vec::new() } };
    let mut reader = Reader::from_str(body);
    reader.config_mut().check_end_names = true;
    loop {
        let start = shift + position(reader.buffer_position());
        let event = reader.read_event();
        let end = shift + position(reader.buffer_position());
        let carry_on = match event {
            Ok(Event::Start(tag)) => builder.enter(&tag, start, end),
            Ok(Event::Empty(tag)) => {
                let carry_on = builder.enter(&tag, start, end);
                builder.leave(end, !carry_on);
                carry_on
            }
            Ok(Event::End(_)) => {
                builder.leave(end, false);
                true
            }
            Ok(Event::Text(_)) => {
                let written = text.get(start..end).unwrap_or_default();
                builder.write(written, start, end)
            }
            Ok(Event::CData(_)) => {
                let written = text.get(start..end).unwrap_or_default();
                let inner = written.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
                builder.write(inner.unwrap_or_default(), start, end)
            }
            Ok(Event::GeneralRef(_)) => {
                let written = text.get(start..end).unwrap_or_default();
                builder.write(&entity(written), start, end)
            }
            Ok(Event::Comment(_)) => {
                builder.comment(start, end);
                true
            }
            Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => true,
            Ok(Event::Eof) => {
                if let Some(open) = builder.open.last() {
                    let (name, at) = (open.element.name.clone(), open.element.span);
                    builder.problem(at.start as usize, at.end as usize, format!("this `<{name}>` is never closed"));
                } else if builder.xml.root.is_none() {
                    builder.problem(text.len(), text.len(), "the file holds no XML element".to_owned());
                }
                break;
            }
            Err(error) => {
                let at = shift + position(reader.error_position());
                builder.fail(&error, at, end);
                false
            }
        };
        if !carry_on {
            break;
        }
    }
    builder.finish(text.len())
}

struct Open {
    element: Element,
    /// The own text so far, and where it starts and ends.
    text: String,
    range: Option<(usize, usize)>,
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    open: Vec<Open>,
    xml: Xml,
}

impl Builder<'_> {
    fn enter(&mut self, tag: &BytesStart<'_>, start: usize, end: usize) -> bool {
        if self.open.len() >= DEPTH_LIMIT {
            self.problem(start, end, format!("more than {DEPTH_LIMIT} levels of nesting"));
            return false;
        }
        if self.open.is_empty() && self.xml.root.is_some() {
            self.problem(start, end, "a second element follows the outermost one".to_owned());
            return false;
        }
        let name = String::from_utf8_lossy(tag.local_name().as_ref()).into();
        let attributes = self.attributes(tag, start + 1);
        let span = Span::new(self.file, offset(start), offset(end));
        let text_span = Span::new(self.file, offset(end), offset(end));
        let element =
            Element { name, attributes, text: "".into(), text_span, span, children: Vec::new(), cut_off: false };
        self.open.push(Open { element, text: String::new(), range: None });
        true
    }

    /// `start`: where the tag's content begins. Attributes that cannot be read are left out.
    fn attributes(&self, tag: &BytesStart<'_>, start: usize) -> Vec<Attribute> {
        let content: &[u8] = tag;
        let base = content.as_ptr() as usize;
        let mut found = Vec::new();
        // Checking for duplicates would compare each attribute with all others.
        for attribute in tag.attributes().with_checks(false).flatten() {
            // The value is a part of the tag's bytes, so its address gives its place.
            let at = start + (attribute.value.as_ptr() as usize).saturating_sub(base);
            let written = self.text.get(at..at + attribute.value.len()).unwrap_or_default();
            let value = unescape(written).map_or_else(|_| written.into(), |value| value.into_owned().into_boxed_str());
            let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into();
            let span = Span::new(self.file, offset(at.saturating_sub(1)), offset(at + written.len() + 1));
            found.push(Attribute { name, value, span });
        }
        found
    }

    fn leave(&mut self, end: usize, cut_off: bool) {
        let Some(open) = self.open.pop() else { return };
        let Open { mut element, text, range } = open;
        element.text = text.trim().into();
        if let Some((start, end)) = range {
            element.text_span = Span::new(self.file, offset(start), offset(end));
        }
        element.span.end = offset(end);
        element.cut_off = cut_off;
        match self.open.last_mut() {
            Some(parent) => parent.element.children.push(element),
            None => self.xml.root = Some(element),
        }
    }

    fn write(&mut self, written: &str, start: usize, end: usize) -> bool {
        let blank = written.trim().is_empty();
        let Some(open) = self.open.last_mut() else {
            if !blank {
                let at = start + written.len() - written.trim_start().len();
                self.problem(at, at, "text stands outside of the outermost element".to_owned());
            }
            return blank;
        };
        open.text.push_str(written);
        if !blank {
            // Entities and CDATA are shorter unescaped; they hold no blanks at their ends
            // that matter for a place.
            let same = end - start == written.len();
            let first = start + if same { written.len() - written.trim_start().len() } else { 0 };
            let last = end - if same { written.len() - written.trim_end().len() } else { 0 };
            open.range = Some(open.range.map_or((first, last), |(known, _)| (known, last)));
        }
        true
    }

    fn comment(&mut self, start: usize, end: usize) {
        let written = self.text.get(start..end).unwrap_or_default();
        let words = written.trim_start_matches("<!--").trim_end_matches("-->").trim();
        let before = self.text.get(..start).unwrap_or_default().trim_end_matches([' ', '\t', '\u{feff}']);
        let trailing = !before.is_empty() && !before.ends_with(['\n', '\r']);
        let span = Span::new(self.file, offset(start), offset(end));
        self.xml.comments.push(Comment { text: words.into(), span, trailing });
    }

    fn problem(&mut self, start: usize, end: usize, message: String) {
        let span = Span::new(self.file, offset(start), offset(end));
        self.xml.problems.push(SyntaxProblem { span, message });
    }

    fn fail(&mut self, error: &Error, at: usize, end: usize) {
        let words = match error {
            Error::Syntax(SyntaxError::UnclosedComment) => "this `<!--` is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedCData) => "this `<![CDATA[` is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedTag) => "this `<` is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedPIOrXmlDecl) => "this `<?` is never closed".to_owned(),
            Error::Syntax(SyntaxError::UnclosedDoctype) => "this `<!DOCTYPE` is never closed".to_owned(),
            Error::Syntax(SyntaxError::InvalidBangMarkup) => "XML knows no such `<!`".to_owned(),
            Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                format!("`</{found}>` stands where `</{expected}>` is due")
            }
            Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => format!("`</{name}>` closes nothing"),
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                "a `&` starts no entity; it must be written `&amp;`".to_owned()
            }
            other => other.to_string(),
        };
        let at = at.min(self.text.len());
        self.problem(at, if end > at { end.min(self.text.len()) } else { at }, words);
    }

    fn finish(mut self, end: usize) -> Xml {
        let end = self.text.get(..end).map_or(end, |text| text.trim_end().len());
        while !self.open.is_empty() {
            self.leave(end, true);
        }
        self.xml
    }
}

/// `&lt;`, `&#228;`; others as they are written.
fn entity(written: &str) -> String {
    let name = written.strip_prefix('&').and_then(|rest| rest.strip_suffix(';')).unwrap_or_default();
    if let Some(text) = resolve_predefined_entity(name) {
        return text.to_owned();
    }
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    });
    match number.and_then(char::from_u32) {
        Some(character) => character.to_string(),
        None => written.to_owned(),
    }
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Element, Xml, parse};
    use crate::source::file::FileId;
    use crate::source::line_index::{ColumnUnit, LineIndex, Position};
    use crate::source::span::Span;

    fn place(text: &str, span: Span) -> String {
        let index = LineIndex::new(text);
        let at = |offset| {
            let Position { line, column } = index.position(text, offset, ColumnUnit::Characters);
            format!("{line}:{column}")
        };
        format!("{}-{}", at(span.start), at(span.end))
    }

    fn problems(text: &str, xml: &Xml) -> Vec<String> {
        xml.problems.iter().map(|problem| format!("{} {}", place(text, problem.span), problem.message)).collect()
    }

    const BUILD: &str = "\u{feff}<?xml version=\"1.0\"?>\r\n<!-- head -->\r\n<m:project xmlns:m=\"x\">\r\n  <name> cart &amp; 😀&#228;&own; </name> <!-- why -->\r\n  <dependency Include=\"Http&lt;1\" Version='2' />\r\n  <dependency><version><![CDATA[ 3 ]]></version></dependency>\r\n</m:project>\r\n";

    #[test]
    fn elements_keep_text_attributes_and_place() {
        let xml = parse(FileId(0), BUILD);
        assert_eq!(problems(BUILD, &xml), Vec::<String>::new());
        let root = xml.root.expect("an element");
        assert_eq!((&*root.name, place(BUILD, root.span)), ("project", "3:1-7:13".into()));
        let name = root.child("name").expect("name");
        assert_eq!((&*name.text, place(BUILD, name.text_span)), ("cart & 😀ä&own;", "4:10-4:33".into()));
        assert_eq!(place(BUILD, name.span), "4:3-4:41");
        let dependencies: Vec<&Element> = root.children_named("dependency").collect();
        let include = dependencies.first().and_then(|one| one.attribute("Include")).expect("Include");
        assert_eq!((&*include.value, place(BUILD, include.span)), ("Http<1", "5:23-5:34".into()));
        let version = dependencies.last().and_then(|one| one.at(&["version"])).expect("version");
        assert_eq!(&*version.text, "3");
        let comments: Vec<_> =
            xml.comments.iter().map(|one| (place(BUILD, one.span), &*one.text, one.trailing)).collect();
        assert_eq!(comments, [("2:1-2:14".into(), "head", false), ("4:42-4:54".into(), "why", true)]);
    }

    #[test]
    fn broken_texts_keep_their_beginning() {
        for (text, expected, children) in [
            ("<a><b>1</b><c></a>", "1:15-1:19 `</a>` stands where `</c>` is due", 2),
            ("<a><b>1</b>\n<c>", "2:1-2:4 this `<c>` is never closed", 2),
            ("<a><b/><!-- ", "1:8-1:13 this `<!--` is never closed", 1),
            ("<a/><b/>", "1:5-1:9 a second element follows the outermost one", 0),
            ("<a/> x", "1:6-1:6 text stands outside of the outermost element", 0),
            ("<a><b>1 & 2</b></a>", "1:9-1:12 a `&` starts no entity; it must be written `&amp;`", 1),
        ] {
            let xml = parse(FileId(0), text);
            assert_eq!(problems(text, &xml), [expected], "{text:?}");
            assert_eq!(xml.root.map(|root| root.children.len()), Some(children), "{text:?}");
        }
        let xml = parse(FileId(0), "<a><b>1</b><c></a>");
        assert!(xml.root.is_some_and(|root| root.cut_off && root.child("b").is_some_and(|b| !b.cut_off)));
    }

    #[test]
    fn files_without_an_element_say_so() {
        for text in ["", "\u{feff}", "<!-- only -->\n"] {
            let xml = parse(FileId(0), text);
            assert_eq!((xml.root, xml.problems.len()), (None, 1), "{text:?}");
        }
    }

    #[test]
    fn deep_nesting_ends_in_one_problem() {
        let text = "<a>".repeat(200_000);
        let xml = parse(FileId(0), &text);
        let messages: Vec<_> = xml.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, ["more than 255 levels of nesting"]);
    }

    #[test]
    fn entities_are_never_expanded() {
        let text = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c SYSTEM \"file:///etc/hosts\">]><a d=\"&b;\">&b;&c;</a>";
        let xml = parse(FileId(0), text);
        let root = xml.root.expect("an element");
        assert_eq!((&*root.text, root.attribute("d").map(|d| &*d.value)), ("&b;&c;", Some("&b;")));
    }

    #[test]
    fn every_truncation_is_read_without_a_panic() {
        for (at, _) in BUILD.char_indices() {
            for cut in [BUILD.get(..at), BUILD.get(at..)] {
                let cut = cut.expect("a boundary");
                let xml = parse(FileId(0), cut);
                let mut elements: Vec<Element> = xml.root.into_iter().collect();
                while let Some(element) = elements.pop() {
                    let spans = [element.span, element.text_span];
                    for span in spans.into_iter().chain(element.attributes.iter().map(|one| one.span)) {
                        assert!(cut.get(span.start as usize..span.end as usize).is_some(), "{cut:?}");
                    }
                    elements.extend(element.children);
                }
                for problem in xml.problems {
                    assert!(problem.span.end as usize <= cut.len(), "{cut:?}");
                }
            }
        }
    }
}
