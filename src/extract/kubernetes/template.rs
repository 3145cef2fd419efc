//! What a chart's template leaves open in one document: where values are computed, which
//! collections get entries that are not seen, and what only some condition includes.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::facts::answer::Reason;
use crate::facts::value::{Form, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::template::{Hole, HolePlace, Masked};
use crate::syntax::tree::Node;

/// Enclosing blocks are looked for among so many blocks before a document. Only a file made
/// to be slow has more between the start of a block and a document in it.
const BLOCKS_BEFORE: usize = 4_096;

/// Columns are told apart up to here; deeper text is taken to be as deep.
const COLUMN_LIMIT: usize = 1_000;

/// A document's open places.
#[derive(Debug, Default)]
pub(super) struct Template<'m> {
    masked: Option<&'m Masked>,
    /// Conditional blocks by their start, each with the number of the block around it.
    blocks: Vec<(Range<u32>, Option<usize>)>,
    /// Expressions of holes on lines of their own, by the collection or key that they fill.
    fillers: FxHashMap<(u32, u32), Vec<Symbol>>,
}

impl<'m> Template<'m> {
    /// The open places of `document` in `text`, the file as on disk.
    pub fn new(masked: Option<&'m Masked>, document: Node<'_>, text: &str) -> Self {
        let Some(masked) = masked else { return Self::default() };
        let span = document.span();
        let rest = text.get(span.end as usize..).unwrap_or_default();
        let end = rest.find("\n---").map_or(text.len() as u32, |at| span.end + at as u32);
        let mut template = Self { masked: Some(masked), blocks: blocks(masked, span.start, end), ..Self::default() };
        let holes: Vec<&Hole> =
            masked.holes_within(span.start..end).filter(|hole| hole.place == HolePlace::Lines).collect();
        template.place(document, &holes, text);
        template
    }

    /// The first hole in a scalar's or key's text.
    pub fn hole_in(&self, span: Span) -> Option<&'m Hole> {
        self.masked?.holes_within(span.start..span.end).find(|hole| overlaps(span, hole))
    }

    /// All holes in a scalar's text, in order.
    pub fn holes_in(&self, span: Span) -> Vec<&'m Hole> {
        self.masked.map_or_else(Vec::new, |masked| {
            masked.holes_within(span.start..span.end).filter(|hole| overlaps(span, hole)).collect()
        })
    }

    /// The expressions that fill the collection or key of this range on lines of their own.
    pub fn fillers(&self, span: Span) -> &[Symbol] {
        self.fillers.get(&(span.start, span.end)).map_or(&[], Vec::as_slice)
    }

    /// True if what stands at `inner` is written only under a condition, or repeated, while
    /// `outer` is written without it.
    pub fn is_conditional_within(&self, inner: u32, outer: u32) -> bool {
        self.block_at(inner).is_some_and(|block| !block.contains(&outer))
    }

    /// True if a condition includes what stands at `offset`.
    pub fn is_conditional(&self, offset: u32) -> bool {
        self.block_at(offset).is_some()
    }

    /// True if the chart's values leave out the object at `offset`.
    pub fn is_switched_off(&self, offset: u32) -> bool {
        self.masked.is_some_and(|masked| masked.is_switched_off(offset))
    }

    fn block_at(&self, offset: u32) -> Option<Range<u32>> {
        let mut at = self.blocks.partition_point(|(range, _)| range.start <= offset).checked_sub(1)?;
        loop {
            let (range, parent) = self.blocks.get(at)?;
            if range.contains(&offset) {
                return Some(range.clone());
            }
            at = (*parent)?;
        }
    }

    /// Hands each hole to the collection that it indents to. `holes` lie between the start of
    /// `node` and the start of what follows it. Recursion is as deep as the tree, which its
    /// parser bounds.
    fn place(&mut self, node: Node<'_>, holes: &[&Hole], text: &str) {
        // What an alias refers to was handled where it was written.
        if holes.is_empty() || node.span() != node.definition() {
            return;
        }
        let own_column = column(text, node.span().start);
        if node.is_mapping() {
            let entries: Vec<_> = node.own_entries().collect();
            let first = entries.first().map_or(u32::MAX, |(key, _)| key.span().start);
            let (leading, mut rest) = holes.split_at(holes.partition_point(|hole| hole.range.start < first));
            for hole in leading {
                self.fill(node.span(), hole);
            }
            for (at, (key, value)) in entries.iter().enumerate() {
                let next = entries.get(at + 1).map_or(u32::MAX, |(key, _)| key.span().start);
                let (here, later) = rest.split_at(rest.partition_point(|hole| hole.range.start < next));
                rest = later;
                let mut inside = Vec::new();
                for hole in here {
                    let column = indentation(hole, text);
                    if column <= own_column {
                        self.fill(node.span(), hole);
                    }
                    // A sequence may stand in its key's column.
                    if value.is_null() && column >= own_column {
                        self.fill(key.span(), hole);
                    } else if column > own_column {
                        inside.push(*hole);
                    }
                }
                self.place(*value, &inside, text);
            }
        } else if node.is_sequence() {
            let items: Vec<_> = node.items().collect();
            let first = items.first().map_or(u32::MAX, |item| item.span().start);
            let (leading, mut rest) = holes.split_at(holes.partition_point(|hole| hole.range.start < first));
            for hole in leading {
                self.fill(node.span(), hole);
            }
            for (at, item) in items.iter().enumerate() {
                let next = items.get(at + 1).map_or(u32::MAX, |item| item.span().start);
                let (here, later) = rest.split_at(rest.partition_point(|hole| hole.range.start < next));
                rest = later;
                let mut inside = Vec::new();
                for hole in here {
                    if indentation(hole, text) <= own_column {
                        self.fill(node.span(), hole);
                    } else {
                        inside.push(*hole);
                    }
                }
                self.place(*item, &inside, text);
            }
        } else {
            for hole in holes {
                self.fill(node.span(), hole);
            }
        }
    }

    fn fill(&mut self, span: Span, hole: &Hole) {
        self.fillers.entry((span.start, span.end)).or_default().push(Symbol::new(&hole.expression));
    }
}

/// The conditional blocks that overlap `start..end`, outer ones first.
fn blocks(masked: &Masked, start: u32, end: u32) -> Vec<(Range<u32>, Option<usize>)> {
    let from = masked.conditionals.partition_point(|range| range.start < start).saturating_sub(BLOCKS_BEFORE);
    let ranges = masked.conditionals.iter().skip(from).take_while(|range| range.start < end);
    let mut blocks: Vec<(Range<u32>, Option<usize>)> = Vec::new();
    let mut around: Vec<usize> = Vec::new();
    for range in ranges.filter(|range| range.end > start) {
        while around.last().and_then(|&at| blocks.get(at)).is_some_and(|(block, _)| block.end <= range.start) {
            around.pop();
        }
        let parent = around.last().copied();
        around.push(blocks.len());
        blocks.push((range.clone(), parent));
    }
    blocks
}

fn overlaps(span: Span, hole: &Hole) -> bool {
    hole.range.start < span.end && span.start < hole.range.end
}

/// Bytes between a place and the start of its line.
fn column(text: &str, offset: u32) -> u32 {
    let end = (offset as usize).min(text.len());
    let bytes = text.as_bytes().get(end.saturating_sub(COLUMN_LIMIT)..end).unwrap_or_default();
    memchr::memrchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |at| bytes.len() - at - 1) as u32
}

/// The column that a hole's text is put at: what `nindent` or `indent` says, else its own.
fn indentation(hole: &Hole, text: &str) -> u32 {
    let stated = hole.expression.rsplit('|').find_map(|step| {
        let step = step.trim();
        let width = step.strip_prefix("nindent").or_else(|| step.strip_prefix("indent"))?;
        width.trim().parse().ok()
    });
    stated.unwrap_or_else(|| column(text, hole.range.start))
}

/// What a hole puts there.
pub(super) fn value_of(hole: &Hole, span: Span) -> Value {
    value_of_expression(&hole.expression, span)
}

fn value_of_expression(expression: &str, span: Span) -> Value {
    let first_of = |first: Value, second: Value| Value { form: Form::FirstOf(vec![first, second]), span };
    if let Some(path) = Masked::value_path(expression) {
        let value = match path.path.strip_prefix("Values.") {
            Some(key) => Value { form: Form::ChartValue(Symbol::new(key)), span },
            None => Value::unknown(&format!("`.{}` is known only when the chart is installed", path.path), span),
        };
        return match path.default {
            Some(default) => first_of(value, Value::literal(default, span)),
            None => value,
        };
    }
    // A default that is no literal: `.Values.tag | default .Chart.AppVersion`.
    if let Some((value, default)) = expression.split_once("| default ")
        && let (true, true) = (is_path(value.trim()), is_path(default.trim()))
    {
        return first_of(value_of_expression(value.trim(), span), value_of_expression(default.trim(), span));
    }
    if let Some((default, value)) = expression.strip_prefix("default ").and_then(|rest| rest.trim().split_once(' '))
        && let (true, true) = (is_path(value.trim()), is_path(default))
    {
        return first_of(value_of_expression(value.trim(), span), value_of_expression(default, span));
    }
    Value { form: Form::Unknown(computed(expression)), span }
}

fn is_path(expression: &str) -> bool {
    Masked::value_path(expression).is_some_and(|path| path.default.is_none())
}

/// Why what an expression puts there is not known.
pub(super) fn computed(expression: &str) -> Reason {
    let short: String = expression.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect();
    Reason(Symbol::new(&format!("the template computes it: {short}")))
}
