//! Transactions of code: what is asked of others while they are open, and which commit in two
//! phases.

use std::collections::BTreeSet;

use super::flows::on_the_way;
use super::model::ServiceId;
use super::program::event::EventId;
use super::program::modules::Modules;
use super::program::stores::{Control, Extent, Transaction, frames_of};
use super::sources::Source;
use crate::source::span::Span;

/// What takes part in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partner {
    /// The database that it was begun in, and nobody else.
    Nobody,
    /// Another one is asked before it ends, here.
    Asked(Span),
    /// It is prepared first and committed later, so that others can be in it.
    Prepared,
}

/// A transaction, with one of those that take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpenTransaction {
    /// Whose code.
    pub service: ServiceId,
    /// Where it begins; the statement that prepares it.
    pub begin: Span,
    /// Who takes part.
    pub partner: Partner,
}

/// Those of all services, sorted, each pair of a transaction and a call once.
pub fn transactions(sources: &[Source], modules: &Modules<'_>) -> Vec<OpenTransaction> {
    let mut found = BTreeSet::new();
    for source in sources {
        let service = source.service;
        let prepared = source.stores.statements.iter().filter(|one| one.control == Some(Control::Prepares));
        found.extend(prepared.map(|one| OpenTransaction { service, begin: one.span, partner: Partner::Prepared }));
        for transaction in &source.stores.transactions {
            let within = while_open(source, modules, transaction);
            let calls = source.calls.iter().filter(|call| !call.streaming && within(call.event));
            let mut partners: Vec<Partner> = calls.map(|call| Partner::Asked(call.span)).collect();
            if partners.is_empty() {
                partners.push(Partner::Nobody);
            }
            let begin = transaction.span;
            found.extend(partners.into_iter().map(|partner| OpenTransaction { service, begin, partner }));
        }
    }
    found.into_iter().collect()
}

/// Whether a use happens while a transaction is open. One whose end is not seen in the function
/// that begins it is taken for closed.
fn while_open<'s>(
    source: &'s Source,
    modules: &Modules<'_>,
    transaction: &'s Transaction,
) -> Box<dyn Fn(EventId) -> bool + 's> {
    let event = |id: EventId| source.events.event(id);
    let (begin, ends) = match &transaction.extent {
        Extent::Callback(taken) => {
            let taken = *taken;
            return Box::new(move |id| event(id).is_some_and(|one| one.inside.contains(&taken)));
        }
        Extent::Method(method) => {
            let frames = frames_of(&source.events, *method);
            let within: BTreeSet<EventId> =
                frames.into_iter().flat_map(|frame| on_the_way(source, modules, frame).into_keys()).collect();
            return Box::new(move |id| within.contains(&id));
        }
        Extent::Between(begin, ends) => (*begin, ends),
    };
    let ended = ends.first().and_then(|end| event(*end).map(|one| (*end, one.span)));
    let (Some(begun), Some((end, end_span))) = (event(begin), ended) else {
        return Box::new(|_| false);
    };
    let frame = begun.frame;
    let mut below: BTreeSet<EventId> = BTreeSet::new();
    for (span, callee, _) in source.events.frames.get(frame.0 as usize).into_iter().flat_map(|info| &info.callees) {
        if transaction.span < *span && *span < end_span {
            below.extend(on_the_way(source, modules, *callee).into_keys());
        }
    }
    Box::new(move |id| {
        let between = begin < id && id < end;
        (between && event(id).is_some_and(|one| one.frame == frame)) || below.contains(&id)
    })
}
