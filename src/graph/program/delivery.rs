//! What a consumer's own code does about its messages: when they are done with, and where those
//! that fail go.

use std::collections::BTreeSet;

use super::event::{EventId, Events};
use super::messages::{Consume, Messages};
use super::modules::Modules;
use super::value::{FrameId, Known};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::program::{Around, Expr, Function, Module, NodeId};
use crate::graph::consumers::EarlyWay;
use crate::source::span::Span;
use crate::tables::messaging::Acks;

/// How far calls of the estate's own functions are followed to the acknowledgement.
const DEEPEST: usize = 6;

/// What is known of a consumer once its handler was walked.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// How a message is done with before its work is, with the place that shows it; absent where
    /// it is done with afterwards.
    pub early: Answer<EarlyWay>,
    /// Where failed messages go.
    pub dead_letter: Answer<Known>,
}

/// Reads the walked handler of a consumer; `frame` is that of its operation, or of the code
/// around it. `written` are uses that write to a database: one of them where the handler catches
/// may well be a table of failed messages.
pub fn delivery(
    events: &Events,
    modules: &Modules<'_>,
    messages: &Messages,
    consume: &Consume,
    frame: Option<FrameId>,
    written: &BTreeSet<EventId>,
) -> Delivery {
    let reader = Reader { events, modules, messages, written };
    Delivery { early: reader.early(consume, frame), dead_letter: reader.dead_letter(consume, frame) }
}

struct Reader<'a> {
    events: &'a Events,
    modules: &'a Modules<'a>,
    messages: &'a Messages,
    written: &'a BTreeSet<EventId>,
}

/// A call in a function's own body, in order of evaluation.
struct Item {
    span: Span,
    around: Around,
    /// Its result is awaited, returned, or part of what is.
    is_waited_for: bool,
    event: Option<EventId>,
    callee: Option<FrameId>,
}

/// When a function acknowledges.
enum Found {
    /// At this item, with work behind it or not.
    At {
        early: Option<Span>,
        place: Span,
    },
    Never,
    Unclear,
}

impl Reader<'_> {
    fn early(&self, consume: &Consume, frame: Option<FrameId>) -> Answer<EarlyWay> {
        if consume.acks_unclear {
            return Answer::unknown("the setting that acknowledges messages could not be followed");
        }
        match consume.acks {
            Acks::Early => Answer::present(EarlyWay::Setting, consume.settings.unwrap_or(consume.span)),
            Acks::Late => match frame {
                None => Answer::unknown("its handler was not found"),
                Some(frame) => match self.forgotten(frame) {
                    Some(span) => Answer::Present(EarlyWay::Forgotten, Evidence(vec![span, consume.span])),
                    None => Answer::absent(consume.span),
                },
            },
            Acks::Manual => match frame {
                None => Answer::unknown("its handler was not found"),
                Some(frame) => match self.acknowledged(frame, DEEPEST) {
                    Found::At { early: Some(work), place } => {
                        Answer::Present(EarlyWay::Code, Evidence(vec![place, work]))
                    }
                    Found::At { early: None, place } => Answer::absent(place),
                    Found::Never => Answer::unknown("no acknowledgement was found that its handler leads to"),
                    Found::Unclear => Answer::unknown("it acknowledges in several places"),
                },
            },
        }
    }

    /// Work that a handler starts and does not wait for, where it waits for nothing at all: its
    /// promise is fulfilled before.
    fn forgotten(&self, frame: FrameId) -> Option<Span> {
        let items = self.items(frame);
        if items.iter().any(|item| item.is_waited_for) {
            return None;
        }
        let forgotten = items.iter().find(|item| item.callee.is_some_and(|callee| self.is_async(callee)));
        forgotten.map(|item| item.span)
    }

    fn is_async(&self, frame: FrameId) -> bool {
        self.function(frame).is_some_and(|(_, function)| function.is_async)
    }

    fn acknowledged(&self, frame: FrameId, depth: usize) -> Found {
        let Some(below) = depth.checked_sub(1) else { return Found::Unclear };
        let items = self.items(frame);
        let is_ack = |item: &Item| item.event.is_some_and(|event| self.messages.acknowledges.contains(&event));
        let leads = |item: &Item| item.callee.is_some_and(|callee| self.leads_to_acknowledgement(callee));
        let places: Vec<usize> = (0..items.len())
            .filter(|at| items.get(*at).is_some_and(|item| !item.around.in_catch && (is_ack(item) || leads(item))))
            .collect();
        let (at, more) = match places.split_first() {
            Some((at, rest)) => (*at, !rest.is_empty()),
            None => return Found::Never,
        };
        let Some(item) = items.get(at) else { return Found::Never };
        // `if (stale) { channel.ack(m); return; }`, then the work and its own acknowledgement.
        if more && item.around.in_branch {
            return Found::Unclear;
        }
        let inner = match item.callee.filter(|_| !is_ack(item)) {
            Some(callee) => self.acknowledged(callee, below),
            None => Found::At { early: None, place: item.span },
        };
        let Found::At { early: None, place } = inner else { return inner };
        let acknowledging = item.span;
        let is_work = |item: &&Item| {
            item.is_waited_for
                && !item.around.in_catch
                && !is_ack(item)
                // `await sqs.send(new DeleteMessageCommand(m))` is the acknowledgement.
                && !item.span.contains(acknowledging)
                && (item.event.is_some() || item.callee.is_some_and(|callee| self.is_async(callee)))
        };
        let early = items.iter().skip(at + 1).find(is_work).map(|item| item.span);
        // Under a condition the work may be that of another way through.
        match early {
            Some(_) if item.around.in_branch => Found::Unclear,
            early => Found::At { early, place },
        }
    }

    fn leads_to_acknowledgement(&self, frame: FrameId) -> bool {
        self.events.reached(frame).iter().any(|(event, _)| self.messages.acknowledges.contains(event))
    }

    /// Where a failed message goes: as the call and the queue say, or to what is published where
    /// the handler catches.
    fn dead_letter(&self, consume: &Consume, frame: Option<FrameId>) -> Answer<Known> {
        if consume.dead_letter.is_present() {
            return consume.dead_letter.clone();
        }
        let Some(frame) = frame else {
            return match &consume.dead_letter {
                Answer::Absent(_) => Answer::unknown("its handler was not found"),
                said @ (Answer::Present(..) | Answer::Unknown(_)) => said.clone(),
            };
        };
        let mut seen = BTreeSet::new();
        let mut queue = vec![(frame, false)];
        let mut caught = None;
        while let Some((at, in_catch)) = queue.pop() {
            if !seen.insert((at, in_catch)) {
                continue;
            }
            for item in self.items(at) {
                let in_catch = in_catch || item.around.in_catch;
                if let Some(callee) = item.callee {
                    queue.push((callee, in_catch));
                }
                let Some(event) = item.event.filter(|_| in_catch) else { continue };
                if let Some(publish) = self.messages.publishes.iter().find(|publish| publish.event == event) {
                    return Answer::present(publish.channel.clone(), publish.span);
                }
                if self.written.contains(&event) {
                    caught = caught.or(Some(item.span));
                }
            }
        }
        match (&consume.dead_letter, caught) {
            (Answer::Absent(_), Some(_)) => Answer::unknown("its handler catches failures and writes to a database"),
            (said, _) => said.clone(),
        }
    }

    fn function(&self, frame: FrameId) -> Option<(&Module, &Function)> {
        let info = self.events.frames.get(frame.0 as usize)?;
        let module = self.modules.get(info.function.module)?;
        Some((module, module.functions.get(info.function.function.0 as usize)?))
    }

    /// The calls of a frame's own function, in order of evaluation.
    fn items(&self, frame: FrameId) -> Vec<Item> {
        let (Some(info), Some((module, function))) = (self.events.frames.get(frame.0 as usize), self.function(frame))
        else {
            return Vec::new();
        };
        let waited = waited_for(module, function);
        let mut items = Vec::with_capacity(function.calls.len());
        for node in &function.calls {
            let Expr::Call(call) = &module.node(*node).expr else { continue };
            let span = module.span(*node);
            let of_span = |id: &&EventId| self.events.event(**id).is_some_and(|event| event.span == span);
            let event = info.events.iter().find(of_span).copied();
            let callee = info.callees.iter().find(|(at, _, _)| *at == span).map(|(_, callee, _)| *callee);
            let is_waited_for = call.around.awaited || waited.contains(node);
            items.push(Item { span, around: call.around, is_waited_for, event, callee });
        }
        items
    }
}

/// Calls whose result is returned or awaited, with those that they are chained to: both of
/// `return this.mail(m).catch(log)`.
fn waited_for(module: &Module, function: &Function) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let awaited = function.calls.iter().filter(|node| match &module.node(**node).expr {
        Expr::Call(call) => call.around.awaited,
        _other => false,
    });
    let mut queue: Vec<NodeId> = function.returns.iter().map(|one| one.value).chain(awaited.copied()).collect();
    while let Some(at) = queue.pop() {
        match &module.node(at).expr {
            Expr::Await(inner) => queue.push(*inner),
            Expr::Call(call) if found.insert(at) => queue.push(call.callee),
            Expr::Member { object, .. } => queue.push(*object),
            Expr::Either { then, otherwise, .. } => queue.extend([*then, *otherwise]),
            Expr::And(_, second) => queue.push(*second),
            _other => {}
        }
    }
    found
}

#[cfg(test)]
mod tests;
