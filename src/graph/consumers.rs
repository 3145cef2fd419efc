//! Who takes messages, and what becomes of those that cannot be handled.

use std::collections::{BTreeMap, BTreeSet};

use super::channels::{channel_names, names_of};
use super::model::ServiceId;
use super::program::delivery::{Delivery, delivery};
use super::program::event::EventId;
use super::program::messages::Consume;
use super::program::modules::Modules;
use super::program::stores::StatementKind;
use super::program::value::{FrameId, Known};
use super::repeated::idempotent;
use super::sources::Source;
use super::values::{Evaluator, Scope};
use crate::facts::answer::Answer;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::messaging::Failing;
use crate::tables::queues::queue_names;

/// One place of a service's code that takes messages of one channel.
#[derive(Debug)]
pub struct Consumer {
    /// Whose.
    pub service: ServiceId,
    /// As the library's package is called: `kafkajs`.
    pub library: Symbol,
    /// `kafka`, `rabbitmq` …; empty where the code does not tell.
    pub broker: Symbol,
    /// `queue`, `topic`, `pubsub`, `stream`.
    pub kind: Symbol,
    /// `order-placed`; `None` where the name is computed.
    pub channel: Option<Symbol>,
    /// The consumers that share messages out among them, where the code says so.
    pub group: Option<Symbol>,
    /// False where nothing is kept for a consumer that is away.
    pub retains: bool,
    /// Whether a message is done with before its work is: present with the place that does it.
    pub early: Answer<EarlyWay>,
    /// Where messages go that cannot be handled: `orders.dlx`.
    pub dead_letter: Answer<Symbol>,
    /// Whether taking a message twice leaves what taking it once does; see
    /// [`super::repeated::idempotent`].
    pub idempotent: Answer<()>,
    /// True where the channel itself holds what others could not handle.
    pub holds_failed: bool,
    /// The settings that several handlers share and that decide about acknowledgement.
    pub settings: Option<Span>,
    /// The decorator, or the call that takes messages.
    pub span: Span,
}

/// How a message comes to be done with before its work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EarlyWay {
    /// As it is handed out, by a setting or the library's default: `noAck: true`.
    Setting,
    /// The code acknowledges before it works: `channel.ack(m); await work(m);`
    Code,
    /// The handler does not wait for its work: `eachMessage: async (m) => { work(m); }`
    Forgotten,
}

/// What the estate says about queues when it makes them, by broker and name.
type Declared = BTreeMap<(Symbol, Symbol), Answer<Symbol>>;

/// The consumers of all services, sorted by service, place and channel.
pub fn consumers(
    sources: &[Source],
    modules: &Modules<'_>,
    scopes: &BTreeMap<ServiceId, Vec<Scope<'_>>>,
    evaluator: &Evaluator<'_>,
) -> Vec<Consumer> {
    let of = |source: &Source| scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
    let mut declared = Declared::new();
    for source in sources {
        for one in &source.messages.declared {
            let to = one.dead_letter.clone().map(|known| place(&known, of(source), evaluator));
            for name in channel_names(one.broker, &one.channel, of(source), evaluator) {
                let known = declared.entry((one.broker, name)).or_insert_with(|| to.clone());
                // Who declares it later with more than before would be refused by the broker.
                if !known.is_present() && to.is_present() {
                    *known = to.clone();
                }
            }
        }
    }
    let mut found = Vec::new();
    for source in sources {
        let written: BTreeSet<EventId> = source
            .stores
            .statements
            .iter()
            .filter(|one| one.kind >= StatementKind::Write)
            .map(|one| one.event)
            .collect();
        for (consume, frame) in source.messages.consumes.iter().zip(&source.handled) {
            let Delivery { early, dead_letter } =
                delivery(&source.events, modules, &source.messages, consume, *frame, &written);
            let dead_letter = match dead_letter {
                Answer::Absent(_) if frame.is_some_and(|frame| !works(source, modules, frame)) => {
                    Answer::unknown("its handler was not seen to do anything that can fail")
                }
                said => said.map(|known| place(&known, of(source), evaluator)),
            };
            let idempotent = idempotent(source, modules, *frame, consume.span);
            let group = consume.group.as_ref().and_then(|group| names_of(group, of(source), evaluator).pop_first());
            let mut channels: Vec<Option<Symbol>> =
                channel_names(consume.broker, &consume.channel, of(source), evaluator).into_iter().map(Some).collect();
            if channels.is_empty() {
                channels.push(None);
            }
            for channel in channels {
                let said = |name: Option<Symbol>| declared.get(&(consume.broker, name?));
                let own = said(channel).or_else(|| said(group));
                found.push(Consumer {
                    service: source.service,
                    library: consume.library,
                    broker: consume.broker,
                    kind: Symbol::new(consume.kind.word()),
                    channel,
                    group,
                    retains: consume.retains,
                    early: early.clone(),
                    dead_letter: with_declared(&dead_letter, own, consume),
                    idempotent: idempotent.clone(),
                    holds_failed: channel.is_some_and(|name| queue_names().holds_failed(&name)),
                    settings: consume.settings,
                    span: consume.span,
                });
            }
        }
    }
    found.sort_by_key(|consumer| (consumer.service, consumer.span, consumer.channel));
    found
}

/// True where a handler waits for something, or reads, writes, calls or publishes. One that only
/// counts or logs has nothing to give up.
fn works(source: &Source, modules: &Modules<'_>, frame: FrameId) -> bool {
    let function = source.events.frames.get(frame.0 as usize).map(|info| info.function);
    let is_async = function.is_some_and(|of| {
        let known = modules.get(of.module).and_then(|module| module.functions.get(of.function.0 as usize));
        known.is_some_and(|function| function.is_async)
    });
    let does = |event: &EventId| {
        source.stores.statements.iter().any(|one| one.event == *event)
            || source.calls.iter().any(|one| one.event == *event)
            || source.messages.publishes.iter().any(|one| one.event == *event)
    };
    is_async || source.events.reached(frame).iter().any(|(event, _)| does(event))
}

/// Where failed messages go: what the consumer's own code says, else what somebody else says who
/// makes the queue.
fn with_declared(own: &Answer<Symbol>, declared: Option<&Answer<Symbol>>, consume: &Consume) -> Answer<Symbol> {
    match (own, declared) {
        // What the library keeps by itself may be thrown away.
        (Answer::Present(..), Some(said @ Answer::Absent(_))) if consume.failing == Failing::Kept => said.clone(),
        (Answer::Present(..), _) | (_, None) => own.clone(),
        (_, Some(said @ Answer::Present(..))) => said.clone(),
        // That the handler's own code could not be read in full stays.
        (Answer::Unknown(_), Some(Answer::Absent(_))) if consume.dead_letter.is_absent() => own.clone(),
        (Answer::Unknown(_), Some(said @ Answer::Absent(_))) => said.clone(),
        (Answer::Absent(_) | Answer::Unknown(_), Some(_)) => own.clone(),
    }
}

/// The name of a place for failed messages; empty where it is computed.
fn place(known: &Known, scopes: &[Scope<'_>], evaluator: &Evaluator<'_>) -> Symbol {
    names_of(known, scopes, evaluator).pop_first().unwrap_or_else(|| Symbol::new(""))
}
