//! Handlers of messages as operations: each is walked from its start, like that of a request.

use super::event::OperationId;
use super::messages::{Consume, Handler, Messages, messages};
use super::servers::operation::{Kind, Operation};
use super::value::FrameId;
use super::walk::Walk;
use crate::facts::answer::Answer;

/// Walks the handlers of all messages. Gives what is published and consumed, that of handlers
/// included, with the frame that each consumer's work begins in; adds an operation for each
/// handler that no framework's reader knows already.
pub fn walk_handlers(walk: &mut Walk<'_>, served: &mut Vec<Operation>) -> (Messages, Vec<Option<FrameId>>) {
    let first = messages(walk);
    for consume in &first.consumes {
        add(walk, consume, served);
    }
    // Handlers subscribe and publish as well.
    let all = if first.consumes.is_empty() { first } else { messages(walk) };
    let frames = all.consumes.iter().map(|consume| match &consume.handler {
        Handler::Function(closure) => {
            let roots = &walk.events().operations;
            roots.iter().find(|root| root.function == closure.function).map(|root| root.frame)
        }
        Handler::Around(_, frame) => Some(*frame),
        Handler::Unknown => None,
    });
    let frames = frames.collect();
    (all, frames)
}

fn add(walk: &mut Walk<'_>, consume: &Consume, served: &mut Vec<Operation>) {
    let Handler::Function(closure) = &consume.handler else { return };
    let known = walk.events().operations.iter().position(|root| root.function == closure.function);
    let id = match known {
        Some(number) => Some(OperationId(number as u32)),
        None => walk.operation(closure, None, consume.event),
    };
    // One handler for several topics is one operation, and so is what a framework's reader has.
    if id.is_none() || served.iter().any(|one| one.id == id || one.handler == Some(closure.function)) {
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
        takes_body: true,
        whole: true,
    });
}
