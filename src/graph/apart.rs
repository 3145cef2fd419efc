//! Uses of a function's way that never happen in one go: one of them stands in an arm of a
//! condition from which the other is not reached.

use std::collections::{BTreeMap, BTreeSet};

use super::program::event::EventId;
use super::program::modules::Modules;
use super::program::value::FrameId;
use super::sources::Source;
use crate::facts::program::{Around, Expr, Module};
use crate::source::span::Span;

/// Most steps that are taken to find all ways to the uses; where there are more, nothing is told.
const STEPS: usize = 4096;
/// Most ways to one use.
const WAYS: usize = 8;

/// A place on a way: in which frame, where, and what surrounds it there.
#[derive(Clone, Copy)]
struct Stop {
    frame: FrameId,
    span: Span,
    around: Around,
}

/// All ways from a function to what it uses.
pub struct Ways<'a> {
    source: &'a Source,
    modules: &'a Modules<'a>,
    of: BTreeMap<EventId, Vec<Vec<Stop>>>,
}

impl<'a> Ways<'a> {
    /// Finds all ways from a frame to the uses `wanted`. `None`: there are too many.
    pub fn new(
        source: &'a Source,
        modules: &'a Modules<'a>,
        from: FrameId,
        wanted: &BTreeSet<EventId>,
    ) -> Option<Self> {
        let leading = leading(source, wanted);
        let mut ways = Self { source, modules, of: BTreeMap::new() };
        let mut steps = 0_usize;
        let mut queue: Vec<(FrameId, Vec<Stop>)> = vec![(from, Vec::new())];
        while let Some((frame, way)) = queue.pop() {
            steps += 1;
            if steps > STEPS {
                return None;
            }
            let Some(info) = source.events.frames.get(frame.0 as usize) else { continue };
            for id in info.events.iter().filter(|id| wanted.contains(id)) {
                let Some(event) = source.events.event(*id) else { continue };
                let mut whole = way.clone();
                whole.push(Stop { frame, span: event.span, around: event.around });
                let known = ways.of.entry(*id).or_default();
                known.push(whole);
                if known.len() > WAYS {
                    return None;
                }
            }
            for (span, callee, _) in &info.callees {
                let is_new = *callee != frame && way.iter().all(|stop| stop.frame != *callee);
                if !is_new || !leading.contains(callee) {
                    continue;
                }
                let around = ways.around_of(frame, *span).unwrap_or_default();
                let mut longer = way.clone();
                longer.push(Stop { frame, span: *span, around });
                queue.push((*callee, longer));
            }
        }
        Some(ways)
    }

    /// True if no way leads through both uses.
    pub fn are_apart(&self, one: EventId, other: EventId) -> bool {
        let (Some(ones), Some(others)) = (self.of.get(&one), self.of.get(&other)) else { return false };
        ones.iter().all(|one| others.iter().all(|other| self.part(one, other)))
    }

    fn part(&self, one: &[Stop], other: &[Stop]) -> bool {
        for (one, other) in one.iter().zip(other) {
            if one.frame != other.frame {
                return false;
            }
            if one.span == other.span {
                continue;
            }
            // The next turn of a loop may do what this one did not.
            let turns = one.around.in_loop && other.around.in_loop;
            return !turns && (self.skips(one, other) || self.skips(other, one));
        }
        false
    }

    /// True if an arm that `one` stands in leaves out `other`.
    fn skips(&self, one: &Stop, other: &Stop) -> bool {
        let Some(module) = self.module_of(one.frame) else { return false };
        let mut at = one.around.arm;
        while let Some(arm) = at.and_then(|at| module.arms.get(at as usize)) {
            if other.span.start >= arm.end && other.span.start < arm.skips_until {
                return true;
            }
            at = arm.outer;
        }
        false
    }

    /// What surrounds the call at `span`.
    fn around_of(&self, frame: FrameId, span: Span) -> Option<Around> {
        let module = self.module_of(frame)?;
        let info = self.source.events.frames.get(frame.0 as usize)?;
        let function = module.functions.get(info.function.function.0 as usize)?;
        let node = function.calls.iter().find(|node| module.span(**node) == span)?;
        match &module.node(*node).expr {
            Expr::Call(call) => Some(call.around),
            _other => None,
        }
    }

    fn module_of(&self, frame: FrameId) -> Option<&'a Module> {
        let info = self.source.events.frames.get(frame.0 as usize)?;
        self.modules.get(info.function.module)
    }
}

/// Frames from which one of the uses is reached.
fn leading(source: &Source, wanted: &BTreeSet<EventId>) -> BTreeSet<FrameId> {
    let mut callers: BTreeMap<FrameId, Vec<FrameId>> = BTreeMap::new();
    for (number, info) in source.events.frames.iter().enumerate() {
        for (_, callee, _) in &info.callees {
            callers.entry(*callee).or_default().push(FrameId(number as u32));
        }
    }
    let mut queue: Vec<FrameId> = wanted.iter().filter_map(|id| Some(source.events.event(*id)?.frame)).collect();
    let mut found: BTreeSet<FrameId> = queue.iter().copied().collect();
    while let Some(at) = queue.pop() {
        let above = callers.get(&at).into_iter().flatten();
        queue.extend(above.filter(|caller| found.insert(**caller)));
    }
    found
}
