//! One tree for YAML, JSON, TOML and flat key-value files: mappings, sequences, scalars,
//! each with its place.
//!
//! Nodes lie in one vector and refer to each other by number. Aliases stay references, so
//! that an alias bomb costs nothing; [`Node`] follows them when asked, within a budget.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::file::FileId;
use crate::source::span::Span;

/// What a scalar is by the YAML 1.2 core schema. Quoted scalars are always text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `42`, `0x1F`; what does not fit is [`Scalar::Float`].
    Int(i64),
    /// `1.5`, `.inf`.
    Float(f64),
    /// Everything else.
    Text(&'t str),
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `value`
    Plain,
    /// `'value'` or `"value"`; also every text of formats without typed plain values, such
    /// as `.env` and `.properties`.
    Quoted,
    /// `'value'` of a `.env` file: the only place where `${X}` is no variable.
    Literal,
    /// `|` or `>`
    Block,
}

/// Number of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What stands at a node, as a parser hands it to [`Tree::push`].
#[derive(Debug)]
pub enum Content {
    /// A scalar's text after unescaping.
    Scalar(Box<str>, Style),
    /// Items in order.
    Sequence(Vec<NodeId>),
    /// Key and value in order of the file; duplicate keys are both kept.
    Mapping(Vec<(NodeId, NodeId)>),
    /// `*name`, resolved to the node that carries `&name`.
    Alias(NodeId),
}

#[derive(Debug)]
struct Stored {
    content: Content,
    range: (u32, u32),
    tagged: bool,
    cut_off: bool,
}

/// A comment: its text without the comment sign, and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Comment {
    /// `archlint: ignore[run-as-root] reason`, trimmed.
    pub text: Box<str>,
    /// The comment with its sign.
    pub span: Span,
    /// True if something stands before it on its line.
    pub trailing: bool,
}

/// Something in a text that its grammar does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Where the parser stopped.
    pub span: Span,
    /// What was wrong in words for the file's owner: `a tab stands in the indentation`.
    pub message: String,
}

/// A parsed text: its documents, comments and problems. What could be read before a
/// problem, and the documents after it where the format allows, are in `roots`.
#[derive(Debug)]
pub struct Tree {
    file: FileId,
    nodes: Vec<Stored>,
    roots: Vec<NodeId>,
    /// In the order of the file.
    pub comments: Vec<Comment>,
    /// In the order of the file; empty for a well-formed text.
    pub problems: Vec<SyntaxProblem>,
}

impl Tree {
    /// A tree without documents, to be filled by a parser.
    pub fn new(file: FileId) -> Self {
        Self { file, nodes: Vec::new(), roots: Vec::new(), comments: Vec::new(), problems: Vec::new() }
    }

    /// Adds a node that covers `range` in bytes of the file. `tagged`: it has an explicit
    /// tag (`!Ref`, `!!str`), so its scalar is text.
    pub fn push(&mut self, content: Content, range: Range<u32>, tagged: bool) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Stored { content, range: (range.start, range.end), tagged, cut_off: false });
        id
    }

    /// Marks a node whose rest the parser could not read.
    pub fn cut_off(&mut self, node: NodeId) {
        if let Some(stored) = self.nodes.get_mut(node.0 as usize) {
            stored.cut_off = true;
        }
    }

    /// Replaces a node's content: for collections whose items are known only at their end.
    pub fn fill(&mut self, node: NodeId, content: Content, range: Range<u32>) {
        if let Some(stored) = self.nodes.get_mut(node.0 as usize) {
            stored.content = content;
            stored.range = (range.start, range.end);
        }
    }

    /// Declares a node to be the root of the next document.
    pub fn push_root(&mut self, node: NodeId) {
        self.roots.push(node);
    }

    /// Key and value of a mapping by number; nothing for other nodes.
    pub fn entries_of(&self, node: NodeId) -> Vec<(NodeId, NodeId)> {
        match self.nodes.get(node.0 as usize).map(|stored| &stored.content) {
            Some(Content::Mapping(entries)) => entries.clone(),
            Some(Content::Scalar(..) | Content::Sequence(_) | Content::Alias(_)) | None => Vec::new(),
        }
    }

    /// The documents in the order of the file; a document without content is left out.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|&id| Node { tree: self, id })
    }

    /// The same tree where its text begins at byte `offset` of the file: for a text inside
    /// of another, parsed by itself.
    pub fn moved_by(mut self, offset: u32) -> Self {
        let moved =
            |span: Span| Span::new(span.file, span.start.saturating_add(offset), span.end.saturating_add(offset));
        for stored in &mut self.nodes {
            stored.range = (stored.range.0.saturating_add(offset), stored.range.1.saturating_add(offset));
        }
        for comment in &mut self.comments {
            comment.span = moved(comment.span);
        }
        for problem in &mut self.problems {
            problem.span = moved(problem.span);
        }
        self
    }

    /// Number of nodes, keys included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True if nothing was read.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// A node of a [`Tree`]; copied like a pointer. All look-ups see through aliases, and
/// mapping look-ups see through merge keys (`<<`), with the mapping's own keys first.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
}

/// What [`Node::entries`] has found so far.
#[derive(Default)]
struct Entries<'t> {
    entries: Vec<(Node<'t>, Node<'t>)>,
    by_name: FxHashMap<&'t str, usize>,
    /// Mappings that were merged: a second time they bring nothing new, and leaving them
    /// out keeps a bomb of merge keys linear.
    merged: FxHashSet<NodeId>,
}

/// Longest alias chain followed; a self-referring alias ends here as null.
const ALIAS_LIMIT: usize = 32;

impl<'t> Node<'t> {
    /// The node behind aliases; an alias again where they run in a circle.
    fn resolved(self) -> NodeId {
        let mut id = self.id;
        for _ in 0..ALIAS_LIMIT {
            match &self.tree.nodes[id.0 as usize].content {
                Content::Alias(target) => id = *target,
                Content::Scalar(..) | Content::Sequence(_) | Content::Mapping(_) => break,
            }
        }
        id
    }

    fn stored(self) -> &'t Stored {
        &self.tree.nodes[self.resolved().0 as usize]
    }

    /// Its number, to put it below other nodes of the same tree.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// Where the node itself stands; for an alias the place of the alias (`*name`), since
    /// that is the use. A collection covers its items; a block scalar its lines.
    pub fn span(self) -> Span {
        let (start, end) = self.tree.nodes[self.id.0 as usize].range;
        Span::new(self.tree.file, start, end)
    }

    /// Where the node's content was written: differs from [`Node::span`] for aliases.
    pub fn definition(self) -> Span {
        let (start, end) = self.stored().range;
        Span::new(self.tree.file, start, end)
    }

    /// True for a collection in which a broken document ends, and for the null that stands
    /// for a value not reached: what is not found here is unknown, not absent.
    pub fn is_cut_off(self) -> bool {
        self.stored().cut_off
    }

    /// The scalar, typed by the YAML 1.2 core schema; `None` for collections.
    pub fn scalar(self) -> Option<Scalar<'t>> {
        let stored = self.stored();
        let Content::Scalar(text, style) = &stored.content else { return None };
        if *style != Style::Plain || stored.tagged {
            return Some(Scalar::Text(text));
        }
        Some(core_schema(text))
    }

    /// The scalar's text however it was written: `8080`, `true` and `"x"` all have one.
    /// `None` for null and for collections.
    pub fn text(self) -> Option<&'t str> {
        match self.scalar()? {
            Scalar::Null => None,
            Scalar::Text(text) => Some(text),
            Scalar::Bool(_) | Scalar::Int(_) | Scalar::Float(_) => self.raw(),
        }
    }

    /// The scalar's text as it was written, `null` and `~` included.
    pub fn raw(self) -> Option<&'t str> {
        match &self.stored().content {
            Content::Scalar(text, _) => Some(text),
            Content::Sequence(_) | Content::Mapping(_) | Content::Alias(_) => None,
        }
    }

    /// How the scalar was written; `None` for collections.
    pub fn style(self) -> Option<Style> {
        match &self.stored().content {
            Content::Scalar(_, style) => Some(*style),
            Content::Sequence(_) | Content::Mapping(_) | Content::Alias(_) => None,
        }
    }

    /// The boolean; `None` where there is none (a quoted `"true"` is text).
    pub fn bool(self) -> Option<bool> {
        match self.scalar()? {
            Scalar::Bool(value) => Some(value),
            Scalar::Null | Scalar::Int(_) | Scalar::Float(_) | Scalar::Text(_) => None,
        }
    }

    /// The integer; `None` where there is none (a quoted `"1"` is text).
    pub fn int(self) -> Option<i64> {
        match self.scalar()? {
            Scalar::Int(value) => Some(value),
            Scalar::Null | Scalar::Bool(_) | Scalar::Float(_) | Scalar::Text(_) => None,
        }
    }

    /// True for `null`, `~` and nothing at all.
    pub fn is_null(self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// True for a mapping, also an empty one.
    pub fn is_mapping(self) -> bool {
        matches!(self.stored().content, Content::Mapping(_))
    }

    /// True for a sequence, also an empty one.
    pub fn is_sequence(self) -> bool {
        matches!(self.stored().content, Content::Sequence(_))
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        let items: &'t [NodeId] = match &self.stored().content {
            Content::Sequence(items) => items,
            Content::Scalar(..) | Content::Mapping(_) | Content::Alias(_) => &[],
        };
        let tree = self.tree;
        items.iter().map(move |&id| Node { tree, id })
    }

    /// Key and value of a mapping in the order of the file, without what merge keys bring;
    /// nothing for other nodes.
    pub fn own_entries(self) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
        let entries: &'t [(NodeId, NodeId)] = match &self.stored().content {
            Content::Mapping(entries) => entries,
            Content::Scalar(..) | Content::Sequence(_) | Content::Alias(_) => &[],
        };
        let tree = self.tree;
        entries.iter().map(move |&(key, value)| (Node { tree, id: key }, Node { tree, id: value }))
    }

    /// Key and value of a mapping: its own entries in order, then those that merge keys
    /// (`<<`) bring and that are not overridden. A key that stands twice appears once, with
    /// its last value.
    pub fn entries(self) -> Vec<(Node<'t>, Node<'t>)> {
        let mut found = Entries::default();
        self.collect_entries(&mut found, 0);
        found.entries
    }

    fn collect_entries(self, found: &mut Entries<'t>, depth: usize) {
        if !found.merged.insert(self.resolved()) {
            return;
        }
        let inherited = found.entries.len();
        let mut merges = Vec::new();
        for (key, value) in self.own_entries() {
            if key.is_merge() {
                merges.push(value);
                continue;
            }
            let known = key.raw().and_then(|name| found.by_name.get(name).copied());
            match known {
                Some(at) if at < inherited => {}
                Some(at) => found.entries[at] = (key, value),
                None => {
                    if let Some(name) = key.raw() {
                        found.by_name.insert(name, found.entries.len());
                    }
                    found.entries.push((key, value));
                }
            }
        }
        if depth >= ALIAS_LIMIT {
            return;
        }
        for merge in merges {
            if merge.is_sequence() {
                for item in merge.items() {
                    item.collect_entries(found, depth + 1);
                }
            } else {
                merge.collect_entries(found, depth + 1);
            }
        }
    }

    fn is_merge(self) -> bool {
        self.raw() == Some("<<") && self.style() == Some(Style::Plain)
    }

    /// The value of `key` in a mapping, also one that a merge key brings; the last one where
    /// it stands twice. `None` where there is no such key or the node is no mapping.
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Key node and value node of `key`; see [`Node::get`].
    pub fn entry(self, key: &str) -> Option<(Node<'t>, Node<'t>)> {
        self.entry_within(key, &mut FxHashSet::default(), 0)
    }

    fn entry_within(self, key: &str, searched: &mut FxHashSet<NodeId>, depth: usize) -> Option<(Node<'t>, Node<'t>)> {
        let mut own = None;
        let mut merges = Vec::new();
        for (name, value) in self.own_entries() {
            if name.is_merge() {
                merges.push(value);
            }
            if name.raw() == Some(key) {
                own = Some((name, value));
            }
        }
        if own.is_some() || depth >= ALIAS_LIMIT || merges.is_empty() || !searched.insert(self.resolved()) {
            return own;
        }
        merges.into_iter().find_map(|merge| {
            if merge.is_sequence() {
                merge.items().find_map(|item| item.entry_within(key, searched, depth + 1))
            } else {
                merge.entry_within(key, searched, depth + 1)
            }
        })
    }

    /// The value at a path of keys: `at(&["spec", "template", "spec"])`.
    pub fn at(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }
}

/// Types a plain scalar by the YAML 1.2 core schema (yaml.org/spec/1.2.2, §10.3.2):
/// `yes`, `on` and `NO` are text.
fn core_schema(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Scalar::Text(text);
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let integer = match digits.get(..2) {
        Some("0x") => i64::from_str_radix(&digits[2..], 16).ok(),
        Some("0o") => i64::from_str_radix(&digits[2..], 8).ok(),
        _ => digits.parse().ok(),
    };
    if let Some(value) = integer {
        return Scalar::Int(value);
    }
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    match text.parse() {
        Ok(value) if numeric => Scalar::Float(value),
        _ => Scalar::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{Content, Node, NodeId, Scalar, Style, Tree, core_schema};
    use crate::source::file::FileId;

    fn scalar(tree: &mut Tree, text: &str) -> NodeId {
        tree.push(Content::Scalar(text.into(), Style::Plain), 0..0, false)
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, expected) in [
            ("yes", Scalar::Text("yes")),
            ("NO", Scalar::Text("NO")),
            ("~", Scalar::Null),
            ("0755", Scalar::Int(755)),
            ("0o755", Scalar::Int(493)),
            ("1.5", Scalar::Float(1.5)),
            ("1.5.2", Scalar::Text("1.5.2")),
            ("-", Scalar::Text("-")),
            ("500m", Scalar::Text("500m")),
        ] {
            assert_eq!(core_schema(text), expected, "{text}");
        }
    }

    #[test]
    fn own_keys_win_over_merged_ones_and_the_last_duplicate_wins() {
        let mut tree = Tree::new(FileId(0));
        let (a, b, merge) = (scalar(&mut tree, "a"), scalar(&mut tree, "b"), scalar(&mut tree, "<<"));
        let (one, two, three) = (scalar(&mut tree, "1"), scalar(&mut tree, "2"), scalar(&mut tree, "3"));
        let base = tree.push(Content::Mapping(vec![(a, one), (b, one)]), 0..0, false);
        let alias = tree.push(Content::Alias(base), 0..0, false);
        let root = tree.push(Content::Mapping(vec![(merge, alias), (a, two), (a, three)]), 0..0, false);
        tree.push_root(root);
        let root = tree.documents().next().expect("one document");
        assert_eq!(root.get("a").and_then(Node::int), Some(3));
        assert_eq!(root.get("b").and_then(Node::int), Some(1));
        let keys: Vec<_> = root.entries().iter().map(|(key, value)| (key.raw(), value.int())).collect();
        assert_eq!(keys, [(Some("a"), Some(3)), (Some("b"), Some(1))]);
    }

    #[test]
    fn a_bomb_of_merge_keys_is_read_in_linear_time() {
        let mut tree = Tree::new(FileId(0));
        let (merge, key, value) = (scalar(&mut tree, "<<"), scalar(&mut tree, "a"), scalar(&mut tree, "1"));
        let mut level = tree.push(Content::Mapping(vec![(key, value)]), 0..0, false);
        for _ in 0..25 {
            let aliases = (0..9).map(|_| tree.push(Content::Alias(level), 0..0, false)).collect();
            let list = tree.push(Content::Sequence(aliases), 0..0, false);
            level = tree.push(Content::Mapping(vec![(merge, list)]), 0..0, false);
        }
        tree.push_root(level);
        let root = tree.documents().next().expect("one document");
        assert_eq!(root.get("a").and_then(Node::int), Some(1));
        assert!(root.get("b").is_none());
        assert_eq!(root.entries().len(), 1);
    }

    #[test]
    fn a_self_referring_alias_ends_as_nothing() {
        let mut tree = Tree::new(FileId(0));
        let merge = scalar(&mut tree, "<<");
        let alias = tree.push(Content::Alias(NodeId(2)), 0..0, false);
        let root = tree.push(Content::Mapping(vec![(merge, alias)]), 0..0, false);
        tree.push_root(root);
        let root = tree.documents().next().expect("one document");
        assert!(root.get("x").is_none());
        assert!(root.entries().is_empty());
    }
}
