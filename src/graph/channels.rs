//! Channels: where messages pass, by what code publishes and consumes.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Channel, ServiceId, Unresolved};
use super::outgoing::resolve;
use super::program::address::stated;
use super::program::recognize::same;
use super::program::servers::operation::Kind;
use super::program::value::{Known, Value};
use super::sources::Source;
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::Evidence;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::brokers::brokers;
use crate::tables::messaging::ChannelKind;

/// Who uses one channel, while it is put together.
#[derive(Default)]
struct Uses {
    kind: Option<ChannelKind>,
    producers: BTreeSet<ServiceId>,
    consumers: BTreeSet<ServiceId>,
    places: Vec<Span>,
}

/// Why a use of a channel is in no channel of the graph.
const COMPUTED: &str = "the name of the topic or queue is computed";

/// Most names that a name with placeholders is held against.
const MOST_MATCHED: usize = 4096;

/// Messages of a channel that are led to a queue: of an exchange, of the subjects of a stream.
struct Led<'a> {
    /// Which source says so, by its place.
    source: usize,
    broker: Symbol,
    /// The queue as its source knows it; some have no name.
    queue: &'a Known,
    /// Its names.
    queues: BTreeSet<Symbol>,
    /// Where from.
    channels: BTreeSet<Symbol>,
    /// Which messages; `None`: all of them.
    keys: Option<BTreeSet<Symbol>>,
    span: Span,
}

impl Led<'_> {
    /// True where each queue of the channel gets each message: the channel is what people speak of.
    fn is_of_all(&self) -> bool {
        self.keys.is_none() || self.queues.is_empty()
    }

    fn takes(&self, keys: &BTreeSet<Symbol>) -> bool {
        let Some(wanted) = &self.keys else { return true };
        let one = |key: &Symbol| wanted.iter().any(|pattern| brokers().matches(&self.broker, pattern, key));
        // A key that is computed may be any.
        keys.is_empty() || wanted.is_empty() || keys.iter().any(one)
    }
}

/// Puts channels together.
#[derive(Default)]
struct Collector {
    found: BTreeMap<(Symbol, Symbol), Uses>,
    unresolved: Vec<Unresolved>,
}

impl Collector {
    fn uses(&mut self, broker: Symbol, kind: ChannelKind, name: Symbol, span: Span) -> &mut Uses {
        let uses = self.found.entry((broker, name)).or_default();
        uses.kind = uses.kind.or(Some(kind));
        uses.places.push(span);
        uses
    }

    fn is_computed(&mut self, span: Span) {
        let (what, why) = (Symbol::new("channel"), Symbol::new(COMPUTED));
        self.unresolved.push(Unresolved { span, what, why });
    }

    /// Consumers of `orders.*` consume `orders.placed`.
    fn placeholders(&mut self) {
        let all: Vec<(Symbol, Symbol)> = self.found.keys().copied().collect();
        for (broker, pattern) in all {
            let Some(before) = brokers().before_placeholder(&broker, &pattern) else { continue };
            let Some(mut uses) = self.found.remove(&(broker, pattern)) else { continue };
            let from = (broker, Symbol::new(before));
            let matched: Vec<(Symbol, Symbol)> = self
                .found
                .range(from..)
                .map(|(key, _)| *key)
                .take_while(|(of, name)| *of == broker && name.starts_with(before))
                .take(MOST_MATCHED)
                .filter(|(_, name)| brokers().matches(&broker, &pattern, name))
                .collect();
            for key in &matched {
                if let Some(one) = self.found.get_mut(key) {
                    one.consumers.extend(uses.consumers.iter().copied());
                    one.places.extend(uses.places.iter().copied());
                }
            }
            if !matched.is_empty() {
                uses.consumers.clear();
            }
            if !uses.consumers.is_empty() || !uses.producers.is_empty() {
                self.found.insert((broker, pattern), uses);
            }
        }
    }

    /// What is computed where nobody says more: the base class of publishers that name their own.
    fn unresolved(&mut self) {
        let told: BTreeSet<Span> = self.found.values().flat_map(|uses| uses.places.iter().copied()).collect();
        self.unresolved.retain(|one| !told.contains(&one.span));
    }

    fn finish(mut self) -> (Vec<Channel>, Vec<Unresolved>) {
        self.unresolved();
        self.placeholders();
        let channels = self.found.into_iter().map(|((broker, name), mut uses)| {
            uses.places.sort();
            uses.places.dedup();
            Channel {
                name,
                broker,
                kind: Symbol::new(uses.kind.map_or("", ChannelKind::word)),
                producers: uses.producers.into_iter().collect(),
                consumers: uses.consumers.into_iter().collect(),
                evidence: Evidence(uses.places),
            }
        });
        (channels.collect(), self.unresolved)
    }
}

/// The channels of all services, sorted by broker and name, and uses whose channel is computed.
///
/// A queue that an exchange leads some of its messages to is the channel of those messages, and
/// who publishes them there is its producer. Where all of them are led on, the exchange is.
pub fn channels(
    sources: &[Source],
    scopes: &BTreeMap<ServiceId, Vec<Scope<'_>>>,
    evaluator: &Evaluator<'_>,
) -> (Vec<Channel>, Vec<Unresolved>) {
    let of = |source: &Source| scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
    let mut all = Collector::default();
    let led = led(sources, &of, evaluator);
    let mut by_queue: BTreeMap<(Symbol, Symbol), Vec<usize>> = BTreeMap::new();
    let mut by_channel: BTreeMap<(Symbol, Symbol), Vec<usize>> = BTreeMap::new();
    for (at, one) in led.iter().enumerate() {
        one.queues.iter().for_each(|queue| by_queue.entry((one.broker, *queue)).or_default().push(at));
        one.channels.iter().for_each(|name| by_channel.entry((one.broker, *name)).or_default().push(at));
    }
    for source in sources {
        for publish in &source.messages.publishes {
            let names = channel_names(publish.broker, &publish.channel, of(source), evaluator);
            if names.is_empty() {
                all.is_computed(publish.span);
            }
            let keys = publish.message.as_ref().map(|key| names_of(key, of(source), evaluator)).unwrap_or_default();
            for name in names {
                let on: Vec<&Led<'_>> = by_channel
                    .get(&(publish.broker, name))
                    .into_iter()
                    .flatten()
                    .filter_map(|at| led.get(*at))
                    .filter(|one| one.takes(&keys))
                    .collect();
                for one in on.iter().filter(|one| !one.is_of_all()) {
                    for queue in &one.queues {
                        let uses = all.uses(publish.broker, ChannelKind::Queue, *queue, publish.span);
                        uses.producers.insert(source.service);
                        uses.places.push(one.span);
                    }
                }
                if on.is_empty() || on.iter().any(|one| one.is_of_all()) {
                    all.uses(publish.broker, publish.kind, name, publish.span).producers.insert(source.service);
                }
            }
        }
    }
    for (at, source) in sources.iter().enumerate() {
        for consume in &source.messages.consumes {
            let names = channel_names(consume.broker, &consume.channel, of(source), evaluator);
            let by_name = names.iter().filter_map(|name| by_queue.get(&(consume.broker, *name))).flatten();
            let mut bound: Vec<&Led<'_>> = by_name.filter_map(|at| led.get(*at)).collect();
            if names.is_empty() {
                let is_it = |one: &&Led<'_>| {
                    one.source == at && one.broker == consume.broker && same(one.queue, &consume.channel)
                };
                bound.extend(led.iter().filter(is_it));
            }
            if names.is_empty() && bound.is_empty() {
                all.is_computed(consume.span);
            }
            for one in bound.iter().filter(|one| one.is_of_all()) {
                let kind = if consume.kind == ChannelKind::Queue { ChannelKind::Topic } else { consume.kind };
                for channel in &one.channels {
                    let uses = all.uses(consume.broker, kind, *channel, consume.span);
                    uses.consumers.insert(source.service);
                    uses.places.push(one.span);
                }
            }
            let others_speak = !bound.is_empty() && bound.iter().all(|one| one.is_of_all());
            for name in names {
                let sent_to = all.found.get(&(consume.broker, name)).is_some_and(|uses| !uses.producers.is_empty());
                if sent_to || !others_speak {
                    all.uses(consume.broker, consume.kind, name, consume.span).consumers.insert(source.service);
                }
            }
        }
        for served in &source.served {
            if let Kind::Message { transports, pattern, answers: false } = &served.kind {
                for (broker, kind) in transports.iter().filter_map(kept_by) {
                    for name in channel_names(broker, pattern, of(source), evaluator) {
                        all.uses(broker, kind, name, served.span).consumers.insert(source.service);
                    }
                }
            }
        }
        // What answers requests takes events as well, where somebody sends any.
        for answering in &source.messages.answers {
            for name in channel_names(answering.broker, &answering.channel, of(source), evaluator) {
                if let Some(uses) = all.found.get_mut(&(answering.broker, name))
                    && !uses.producers.is_empty()
                {
                    uses.consumers.insert(source.service);
                    uses.places.push(answering.span);
                }
            }
        }
    }
    all.finish()
}

fn led<'a, 's>(
    sources: &'a [Source],
    of: &dyn Fn(&Source) -> &'a [Scope<'s>],
    evaluator: &Evaluator<'_>,
) -> Vec<Led<'a>> {
    let mut found = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        for binding in &source.messages.bindings {
            let keys = binding.message.as_ref().filter(|key| !is_any(key));
            found.push(Led {
                source: at,
                broker: binding.broker,
                queue: &binding.queue,
                queues: channel_names(binding.broker, &binding.queue, of(source), evaluator),
                channels: channel_names(binding.broker, &binding.channel, of(source), evaluator),
                keys: keys.map(|key| names_of(key, of(source), evaluator)),
                span: binding.span,
            });
        }
    }
    found
}

/// True for no routing key, or one that stands for all.
fn is_any(key: &Known) -> bool {
    match &key.value {
        Value::Nothing => true,
        Value::Text(text) => matches!(text.as_str(), "" | "#"),
        _said => false,
    }
}

/// The broker behind a framework's transport or a platform's trigger, where events pass by name.
fn kept_by(transport: &Symbol) -> Option<(Symbol, ChannelKind)> {
    match transport.as_str() {
        "kafka" => Some((Symbol::new("kafka"), ChannelKind::Topic)),
        "nats" => Some((Symbol::new("nats"), ChannelKind::PubSub)),
        "redis" => Some((Symbol::new("redis"), ChannelKind::PubSub)),
        "mqtt" => Some((Symbol::new("mqtt"), ChannelKind::PubSub)),
        // Whatever it travels by.
        "moleculer" => Some((Symbol::new("moleculer"), ChannelKind::PubSub)),
        "sqs" => Some((Symbol::new("sqs"), ChannelKind::Queue)),
        "sns" | "eventbridge" => Some((*transport, ChannelKind::Topic)),
        // Over RabbitMQ the queue is the channel, and the pattern a kind of message in it.
        _other => None,
    }
}

/// The names that a channel of a broker has in the environments of a service, as people know it.
pub fn channel_names(
    broker: Symbol,
    channel: &Known,
    scopes: &[Scope<'_>],
    evaluator: &Evaluator<'_>,
) -> BTreeSet<Symbol> {
    let whole = names_of(channel, scopes, evaluator);
    whole.into_iter().map(|name| Symbol::new(brokers().name_of(&broker, &name))).collect()
}

/// The texts that a value may be in the environments of a service.
pub fn names_of(channel: &Known, scopes: &[Scope<'_>], evaluator: &Evaluator<'_>) -> BTreeSet<Symbol> {
    let mut names = BTreeSet::new();
    let several: Vec<Known> = match &channel.value {
        Value::Array(all) | Value::OneOf(all) => all.iter().take(32).cloned().collect(),
        _one => vec![channel.clone()],
    };
    let fallback = [Scope::default()];
    let scopes = if scopes.is_empty() { &fallback[..] } else { scopes };
    for known in &several {
        let value = stated(known);
        for scope in scopes {
            if let Resolved::Text(text) = resolve(evaluator, &value, scope)
                && !text.partial
                && !text.text.is_empty()
            {
                names.insert(Symbol::new(&text.text));
            }
        }
    }
    names
}

#[cfg(test)]
mod tests;
