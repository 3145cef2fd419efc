//! Handlers of messages as operations: each is walked from its start, like that of a request.

use super::event::{OperationId, Root};
use super::messages::{Consume, Handler, Messages, messages};
use super::servers::operation::{Kind, Operation};
use super::value::{Closure, FrameId};
use super::walk::Walk;
use crate::facts::answer::Answer;

/// Walks the handlers of all messages. Gives what is published and consumed, that of handlers
/// included, with the frame that each consumer's work begins in; adds an operation for each
/// handler that no framework's reader knows already.
pub fn walk_handlers(walk: &mut Walk<'_>, served: &mut Vec<Operation>) -> (Messages, Vec<Option<FrameId>>) {
    let known = Known { roots: walk.events().operations.len(), served: served.len() };
    let first = messages(walk);
    for consume in &first.consumes {
        add(walk, consume, served, known);
    }
    // Handlers subscribe and publish as well.
    let all = if first.consumes.is_empty() { first } else { messages(walk) };
    let frames = all.consumes.iter().map(|consume| match &consume.handler {
        Handler::Function(closure) => {
            let root = root_of(walk, closure, known)
                .or_else(|| walk.events().operations.iter().position(|root| root.function == closure.function));
            root.and_then(|at| walk.events().operations.get(at)).map(|root| root.frame)
        }
        Handler::Around(_, frame) => Some(*frame),
        Handler::Unknown => None,
    });
    let frames = frames.collect();
    (all, frames)
}

/// How many operations there were before handlers of messages were walked.
#[derive(Clone, Copy)]
struct Known {
    roots: usize,
    served: usize,
}

/// The root of a handler. What a framework registered is known by its function; of the rest, one
/// function of a base class is another handler for each object: each listener's own work.
fn root_of(walk: &mut Walk<'_>, closure: &Closure, known: Known) -> Option<usize> {
    let frame = walk.enter(closure, None, 0).map(|frame| frame.id);
    let mut roots = walk.events().operations.iter().enumerate();
    let is_it =
        |at: usize, root: &Root| Some(root.frame) == frame || (at < known.roots && root.function == closure.function);
    roots.find(|(at, root)| is_it(*at, root)).map(|(at, _)| at)
}

fn add(walk: &mut Walk<'_>, consume: &Consume, served: &mut Vec<Operation>, known: Known) {
    let Handler::Function(closure) = &consume.handler else { return };
    let id = match root_of(walk, closure, known) {
        Some(number) => Some(OperationId(number as u32)),
        None => walk.operation(closure, None, consume.event),
    };
    // One handler for several topics is one operation, and so is what a framework's reader has.
    let is_served = served
        .iter()
        .enumerate()
        .any(|(at, one)| one.id == id || (at < known.served && one.handler == Some(closure.function)));
    if id.is_none() || is_served {
        return;
    }
    served.push(Operation {
        // The transport matters to what frameworks listen by, and this is none of them.
        kind: Kind::Message { transports: Vec::new(), pattern: consume.channel.clone(), answers: false },
        id,
        span: consume.span,
        handler: Some(closure.function),
        before: Vec::new(),
        idempotency: Answer::unknown("nobody waits for an answer"),
        adds: false,
        removes: false,
        takes_body: true,
        whole: true,
    });
}
