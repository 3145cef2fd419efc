//! YAML as Kubernetes, Compose and their kin write it: all documents of a text, with
//! comments, on the event parser `granit-parser`, which goes on after a broken document.

use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, options};
use rustc_hash::FxHashMap;

use super::tree::{Comment, Content, NodeId, Style, SyntaxProblem, Tree};
use crate::source::file::FileId;
use crate::source::span::Span;

/// Most collections open at a time. Whoever reads the tree may recurse over it, so what is
/// nested deeper is cut off with a problem.
const DEPTH_LIMIT: usize = 255;

/// Reads all documents of `text`. A document that breaks keeps what was read before the
/// problem (see [`Node::is_cut_off`](super::tree::Node::is_cut_off)); the documents after
/// it are read as usual. Spans are offsets in `text`, byte order mark included.
pub fn parse(file: FileId, text: &str) -> Tree {
    let options = options! {
        emit_unresolved_aliases: true,
        // Licence headers are comments too; the text is in memory already, so the buffer
        // adds nothing that its length does not bound.
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: DEPTH_LIMIT,
        block_nesting_limit: DEPTH_LIMIT,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder::new(file, text);
    loop {
        let carry_on = match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or_default();
                builder.take(event, offset(range.start)..offset(range.end))
            }
            Some(Err(error)) => {
                builder.fail(&error);
                builder.cut_off();
                false
            }
        };
        if carry_on {
            continue;
        }
        match parser.proceed_next_document() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                builder.fail(&error);
                break;
            }
        }
    }
    builder.finish()
}

/// Texts are at most `u32::MAX` bytes (see `SourceFile`).
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// A collection whose end was not met yet.
struct Open {
    node: NodeId,
    /// `[` or `{` and their closing signs belong to the collection's range.
    bracketed: bool,
    /// Covers what was read so far.
    range: Range<u32>,
    items: Items,
}

enum Items {
    Sequence(Vec<NodeId>),
    /// The entries, and the key whose value was not met yet.
    Mapping(Vec<(NodeId, NodeId)>, Option<NodeId>),
}

struct Builder<'t> {
    file: FileId,
    text: &'t str,
    tree: Tree,
    open: Vec<Open>,
    root: Option<NodeId>,
    /// By granit's number, which is unique across documents.
    anchors: FxHashMap<usize, NodeId>,
}

impl<'t> Builder<'t> {
    fn new(file: FileId, text: &'t str) -> Self {
        Self { file, text, tree: Tree::new(file), open: Vec::new(), root: None, anchors: FxHashMap::default() }
    }

    /// Takes one event; false where the rest of the document is not to be read.
    fn take(&mut self, event: Event<'_>, range: Range<u32>) -> bool {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let (style, range) = match style {
                    ScalarStyle::Plain => (Style::Plain, range),
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (Style::Quoted, range),
                    // granit ends a block scalar behind the empty lines that follow it.
                    ScalarStyle::Literal | ScalarStyle::Folded => (Style::Block, self.without_blank_end(range)),
                };
                // granit's text for a value that is not there is `~`.
                let written_nowhere = range.is_empty() && style == Style::Plain;
                let value = if written_nowhere { "".into() } else { Box::from(value) };
                if written_nowhere && self.open.is_empty() && tag.is_none() && anchor == 0 {
                    return true;
                }
                let node = self.tree.push(Content::Scalar(value, style), range.clone(), tag.is_some());
                self.name(anchor, node);
                self.add(node, range);
            }
            Event::Alias(anchor) => {
                let content = match self.anchors.get(&anchor) {
                    Some(&target) => Content::Alias(target),
                    None => null(),
                };
                let node = self.tree.push(content, range.clone(), false);
                self.add(node, range);
            }
            Event::UnresolvedAlias(name) => {
                self.problem(range.clone(), format!("no anchor `&{name}` stands before its alias `*{name}`"));
                let node = self.tree.push(null(), range.clone(), false);
                self.add(node, range);
            }
            Event::SequenceStart(_, anchor, tag) => {
                return self.enter(Items::Sequence(Vec::new()), range, anchor, tag.is_some());
            }
            Event::MappingStart(_, anchor, tag) => {
                return self.enter(Items::Mapping(Vec::new(), None), range, anchor, tag.is_some());
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(Some(range)),
            Event::Comment(text, _) => self.comment(&text, range),
            Event::DocumentEnd => self.end_document(),
            // Anchor names are not asked for; the stream's and a document's start say nothing.
            _ => {}
        }
        true
    }

    fn name(&mut self, anchor: usize, node: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    fn enter(&mut self, items: Items, range: Range<u32>, anchor: usize, tagged: bool) -> bool {
        if self.open.len() >= DEPTH_LIMIT {
            self.problem(range, format!("more than {DEPTH_LIMIT} levels of nesting"));
            self.cut_off();
            return false;
        }
        let node = self.tree.push(null(), range.clone(), tagged);
        self.name(anchor, node);
        self.open.push(Open { node, bracketed: !range.is_empty(), range, items });
        true
    }

    /// Closes the innermost collection; without `end` the parser stopped inside of it.
    fn leave(&mut self, end: Option<Range<u32>>) {
        let Some(mut open) = self.open.pop() else { return };
        if let (Some(end), true) = (&end, open.bracketed) {
            open.range.end = open.range.end.max(end.end);
        }
        let content = match open.items {
            Items::Sequence(items) => Content::Sequence(items),
            Items::Mapping(mut entries, key) => {
                if let Some(key) = key {
                    let value = self.tree.push(null(), open.range.end..open.range.end, false);
                    self.tree.cut_off(value);
                    entries.push((key, value));
                }
                Content::Mapping(entries)
            }
        };
        self.tree.fill(open.node, content, open.range.clone());
        if end.is_none() {
            self.tree.cut_off(open.node);
        }
        self.add(open.node, open.range);
    }

    /// Puts a finished node into the collection that is open.
    fn add(&mut self, node: NodeId, range: Range<u32>) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        let empty = match &mut open.items {
            Items::Sequence(items) => {
                items.push(node);
                items.len() == 1
            }
            Items::Mapping(entries, pending) => match pending.take() {
                Some(key) => {
                    entries.push((key, node));
                    false
                }
                None => {
                    *pending = Some(node);
                    entries.is_empty()
                }
            },
        };
        if empty && !open.bracketed {
            open.range = range;
        } else {
            open.range.end = open.range.end.max(range.end);
        }
    }

    fn comment(&mut self, text: &str, range: Range<u32>) {
        let before = self.text.get(..range.start as usize).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t', '\u{feff}']);
        let trailing = !before.is_empty() && !before.ends_with(['\n', '\r']);
        let span = Span::new(self.file, range.start, range.end);
        self.tree.comments.push(Comment { text: text.trim().into(), span, trailing });
    }

    fn end_document(&mut self) {
        if let Some(root) = self.root.take() {
            self.tree.push_root(root);
        }
    }

    /// Ends a document that is not read to its end: what was read of it stays.
    fn cut_off(&mut self) {
        while !self.open.is_empty() {
            self.leave(None);
        }
        self.end_document();
    }

    fn problem(&mut self, range: Range<u32>, message: String) {
        self.tree.problems.push(SyntaxProblem { span: Span::new(self.file, range.start, range.end), message });
    }

    fn fail(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        let rest = self.text.get(at..).unwrap_or_default();
        let range = match rest.chars().next() {
            Some(character) if !matches!(character, '\n' | '\r') => at..at + character.len_utf8(),
            Some(_) => at..at,
            // Behind the last line break there is nothing to show: the last words are nearer.
            None => {
                let end = self.text.trim_end().len();
                end..end
            }
        };
        self.problem(offset(range.start)..offset(range.end), message(error.kind()));
    }

    fn without_blank_end(&self, range: Range<u32>) -> Range<u32> {
        let written = self.text.get(range.start as usize..range.end as usize).unwrap_or_default();
        range.start..range.start + offset(written.trim_end_matches([' ', '\n', '\r']).len())
    }

    fn finish(mut self) -> Tree {
        // granit reports some comments and unknown aliases after what follows them.
        self.tree.comments.sort_by_key(|comment| comment.span.start);
        self.tree.problems.sort_by_key(|problem| problem.span.start);
        self.tree
    }
}

fn null() -> Content {
    Content::Scalar("".into(), Style::Plain)
}

/// granit's messages name the grammar's parts; these name what the file's owner sees.
fn message(kind: &ErrorKind) -> String {
    let words = match kind {
        ErrorKind::UnclosedFlowCollection { open } => return format!("this `{open}` is never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("a `{open}` is closed by a `{close}`");
        }
        ErrorKind::UnexpectedCharacter { character: '\0' } => "a NUL byte stands in the text",
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            return format!("the control character U+{:04X} stands in the text", u32::from(*character));
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return format!("no value can start with `{character}`; quotes are missing");
        }
        ErrorKind::MisplacedFlowCollectionEnd => "a bracket is closed that was never opened",
        ErrorKind::UnexpectedEofFlowSequence => "the text ends inside a `[ … ]` list",
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            "the text ends inside a `{ … }` mapping"
        }
        ErrorKind::UnexpectedEofBlockSequence | ErrorKind::UnexpectedEofBlockMapping | ErrorKind::UnexpectedEof => {
            "the text ends too early"
        }
        ErrorKind::ExpectedDocumentStart => "something follows the document's end without a `---` line between them",
        ErrorKind::MissingDocumentEndBeforeDirective => "a `%` directive needs a `...` line before it",
        ErrorKind::ExpectedNodeContent => "a value is missing",
        ErrorKind::ExpectedBlockMappingKey => "a key is expected here: the line's indentation fits no mapping above it",
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a `- ` is expected here: the line's indentation fits no list above it"
        }
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or `}` is missing",
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or `]` is missing",
        ErrorKind::UndeclaredTagHandle => "the tag's prefix is declared nowhere",
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => "a `:` is missing after this key",
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => "the indentation is wrong",
        ErrorKind::BomInsideDocument => "a byte order mark stands inside the text",
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => "a tab stands in the indentation",
        ErrorKind::CommentInterceptedScalar => "a comment stands inside a value of several lines",
        ErrorKind::CommentNotSeparated => "a `#` comment needs a space before it",
        ErrorKind::MissingAnchorOrAliasName => "`&` or `*` without a name; quotes are missing",
        ErrorKind::RecursionLimitExceeded => return format!("more than {DEPTH_LIMIT} levels of nesting"),
        ErrorKind::BlockEntryInFlowCollection => "a `-` list entry stands inside brackets",
        ErrorKind::BlockSequenceEntryNotAllowed => "a `-` list entry cannot stand here",
        ErrorKind::InvalidBlockScalarHeader | ErrorKind::ZeroBlockScalarIndent => {
            "what follows `|` or `>` on its line is no block header"
        }
        ErrorKind::InvalidBlockScalarIndent => "a line of the block text is indented less than its first line",
        ErrorKind::DocumentIndicatorInQuotedScalar => "a quote is still open where the next document starts",
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed",
        ErrorKind::InvalidQuotedScalarIndent => "a line of the quoted text is indented too little",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "something follows the closing quote"
        }
        ErrorKind::UnknownQuotedScalarEscape => "YAML knows no such `\\` escape",
        ErrorKind::MappingKeyNotAllowed => "a key cannot stand here",
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            "a `:` stands where no key can be: wrong indentation, or a value that needs quotes"
        }
        ErrorKind::FlowMappingValueAdjacentCollection | ErrorKind::InvalidMappingValueWhitespace => {
            "a space is missing after `:`"
        }
        other => return other.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests;
