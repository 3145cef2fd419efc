//! Which parts of a template are written only under a condition, and which conditions the
//! values decide.

use std::ops::Range;

use super::conditions::{Dot, Values, dot_of, evaluate};
use super::{Action, Role, is_blank, offset};

/// What the blocks of a template come to.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Parts that are written only under a condition that is not decided, or repeated.
    pub conditionals: Vec<Range<u32>>,
    /// Parts that the values leave out.
    pub left_out: Vec<Range<u32>>,
    /// Whole objects that the values leave out.
    pub switched_off: Vec<Range<u32>>,
}

/// `{{ if … }}` up to its `{{ end }}`.
struct Open<'a, 't> {
    action: &'a Action<'t>,
    /// True while all of its actions stand on lines of their own.
    apart: bool,
    /// What `.` is around it.
    outer: Dot,
    branches: Vec<Branch>,
}

struct Branch {
    /// From the end of the action that begins it.
    start: usize,
    end: usize,
    /// Whether it is written if none before it is.
    truth: Option<bool>,
}

/// What becomes of a branch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Written,
    LeftOut,
    Open,
}

/// Pairs the actions of `text` and decides what `values` decide.
pub(super) fn blocks(text: &str, actions: &[Action<'_>], values: &Values<'_>) -> Blocks {
    let mut found = Blocks::default();
    let mut open: Vec<Open<'_, '_>> = Vec::new();
    let mut dot = Dot::Root;
    for action in actions {
        match action.role {
            Role::Conditional | Role::Definition => {
                let outer = dot.clone();
                let truth = truth_of(action, &dot, values);
                dot = dot_within(action, &outer);
                let branches = vec![Branch { start: action.range.end, end: text.len(), truth }];
                open.push(Open { action, apart: stands_apart(text, action), outer, branches });
            }
            Role::Else => {
                let Some(block) = open.last_mut() else { continue };
                block.apart &= stands_apart(text, action);
                block.end_branch(action.range.start);
                let condition = action.expression.strip_prefix("else").unwrap_or_default().trim_start();
                let chained = Action { range: action.range.clone(), expression: condition, role: action.role };
                let truth = if condition.is_empty() { Some(true) } else { truth_of(&chained, &block.outer, values) };
                dot = if condition.is_empty() { block.outer.clone() } else { dot_within(&chained, &block.outer) };
                block.branches.push(Branch { start: action.range.end, end: text.len(), truth });
            }
            Role::End => {
                let Some(mut block) = open.pop() else { continue };
                dot = block.outer.clone();
                block.apart &= stands_apart(text, action);
                block.end_branch(action.range.start);
                if block.action.role == Role::Conditional {
                    found.close(text, &block, action.range.end);
                }
            }
            Role::Silent | Role::Output => {}
        }
    }
    for block in open.iter().filter(|block| block.action.role == Role::Conditional) {
        found.conditionals.push(offset(block.action.range.start)..offset(text.len()));
    }
    found.conditionals.sort_by_key(|range| range.start);
    outer_ones(&mut found.left_out);
    outer_ones(&mut found.switched_off);
    found
}

/// Blocks lie within each other or apart: those that lie in others go, the others are ordered.
fn outer_ones<T: Ord + Copy>(ranges: &mut Vec<Range<T>>) {
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut end = None;
    ranges.retain(|range| {
        let apart = end.is_none_or(|end| range.start >= end);
        end = if apart { Some(range.end) } else { end };
        apart
    });
}

impl Open<'_, '_> {
    fn end_branch(&mut self, end: usize) {
        if let Some(last) = self.branches.last_mut() {
            last.end = end;
        }
    }

    /// What becomes of each branch.
    fn fates(&self) -> Vec<Fate> {
        // Whether one before is written: yes, no, or nobody knows.
        let mut taken = Some(false);
        let fate_of = |branch: &Branch| {
            let fate = match (taken, branch.truth) {
                (Some(true), _) | (_, Some(false)) => Fate::LeftOut,
                (Some(false), Some(true)) => Fate::Written,
                (_, None) | (None, Some(true)) => Fate::Open,
            };
            taken = match (taken, branch.truth) {
                (Some(true), _) => Some(true),
                (before, Some(false)) => before,
                // Nothing after it is written, whichever of the open ones before is.
                (_, Some(true)) => Some(true),
                (_, None) => None,
            };
            fate
        };
        self.branches.iter().map(fate_of).collect()
    }
}

impl Blocks {
    fn close(&mut self, text: &str, block: &Open<'_, '_>, end: usize) {
        let whole = offset(block.action.range.start)..offset(end);
        // What shares its line with other text is a part of a value.
        if !block.apart {
            self.conditionals.push(whole);
            return;
        }
        let fates = block.fates();
        if fates.contains(&Fate::Open) {
            self.conditionals.push(whole);
        }
        for (branch, fate) in block.branches.iter().zip(&fates) {
            if *fate != Fate::LeftOut {
                continue;
            }
            let range = offset(branch.start)..offset(branch.end);
            if has_object(text.get(branch.start..branch.end).unwrap_or_default()) {
                self.conditionals.push(range.clone());
                self.switched_off.push(range);
            } else {
                self.left_out.push(range);
            }
        }
    }
}

/// Whether the values decide that a block is written. What is repeated is written never, or
/// who knows how often.
fn truth_of(action: &Action<'_>, dot: &Dot, values: &Values<'_>) -> Option<bool> {
    let expression = action.expression;
    if let Some(condition) = expression.strip_prefix("if") {
        return Some(evaluate(condition, dot, values)?.truth());
    }
    if let Some(condition) = expression.strip_prefix("with") {
        return Some(evaluate(assigned(condition), dot, values)?.truth());
    }
    let repeated = expression.strip_prefix("range")?;
    let is_empty = !evaluate(assigned(repeated), dot, values)?.truth();
    is_empty.then_some(false)
}

/// `.Values.list` of `$at, $item := .Values.list`.
fn assigned(expression: &str) -> &str {
    expression.split_once(":=").map_or(expression, |(_, value)| value)
}

fn dot_within(action: &Action<'_>, outer: &Dot) -> Dot {
    if action.role == Role::Definition || action.expression.starts_with("range") {
        return Dot::Unknown;
    }
    match action.expression.strip_prefix("with") {
        Some(value) => dot_of(assigned(value), outer),
        None => outer.clone(),
    }
}

/// True for an action with nothing beside it on its lines.
fn stands_apart(text: &str, action: &Action<'_>) -> bool {
    let before = text.get(..action.range.start).unwrap_or_default();
    let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let before = before.get(line..).unwrap_or_default().trim_start_matches('\u{feff}');
    let after = text.get(action.range.end..).unwrap_or_default();
    let after = after.get(..after.find(['\n', '\r']).unwrap_or(after.len())).unwrap_or_default();
    is_blank(before) && (is_blank(after) || after.trim_start().starts_with('#'))
}

/// True where an API object begins: its `kind` stands at the start of a line.
fn has_object(text: &str) -> bool {
    text.split(['\n', '\r']).any(|line| line.starts_with("kind:"))
}
