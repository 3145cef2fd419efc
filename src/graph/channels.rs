//! Channels: where messages pass, by what code publishes and consumes.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Channel, ServiceId, Unresolved};
use super::outgoing::resolve;
use super::program::address::stated;
use super::program::servers::operation::Kind;
use super::program::value::{Known, Value};
use super::sources::Source;
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::Evidence;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::messaging::ChannelKind;

/// Who uses one channel, while it is put together.
#[derive(Default)]
struct Uses {
    kind: Option<ChannelKind>,
    producers: BTreeSet<ServiceId>,
    consumers: BTreeSet<ServiceId>,
    places: Vec<Span>,
}

/// The channels of all services, sorted by broker and name, and uses whose channel is computed.
pub fn channels(
    sources: &[Source],
    scopes: &BTreeMap<ServiceId, Vec<Scope<'_>>>,
    evaluator: &Evaluator<'_>,
) -> (Vec<Channel>, Vec<Unresolved>) {
    let mut found: BTreeMap<(Symbol, Symbol), Uses> = BTreeMap::new();
    let mut unresolved = Vec::new();
    for source in sources {
        let of_service = scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
        let mut add = |broker: Symbol, kind: ChannelKind, channel: &Known, span: Span, produces: bool| {
            let names = names(channel, of_service, evaluator);
            if names.is_empty() {
                unresolved.push(Unresolved {
                    span,
                    what: Symbol::new("channel"),
                    why: Symbol::new("the name of the topic or queue is computed"),
                });
            }
            for name in names {
                let uses = found.entry((broker, name)).or_default();
                uses.kind = uses.kind.or(Some(kind));
                if produces {
                    uses.producers.insert(source.service)
                } else {
                    uses.consumers.insert(source.service)
                };
                uses.places.push(span);
            }
        };
        for publish in &source.messages.publishes {
            add(publish.broker, publish.kind, &publish.channel, publish.span, true);
        }
        for consume in &source.messages.consumes {
            add(consume.broker, consume.kind, &consume.channel, consume.span, false);
        }
        for served in &source.served {
            if let Kind::Message { transports, pattern, answers: false } = &served.kind {
                for transport in transports {
                    if let Some((broker, kind)) = kept_by(transport) {
                        add(broker, kind, pattern, served.span, false);
                    }
                }
            }
        }
    }
    let channels = found.into_iter().map(|((broker, name), mut uses)| {
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
    (channels.collect(), unresolved)
}

/// The broker behind a framework's transport, where events pass by name.
fn kept_by(transport: &Symbol) -> Option<(Symbol, ChannelKind)> {
    match transport.as_str() {
        "kafka" => Some((Symbol::new("kafka"), ChannelKind::Topic)),
        "nats" => Some((Symbol::new("nats"), ChannelKind::PubSub)),
        "redis" => Some((Symbol::new("redis"), ChannelKind::PubSub)),
        "mqtt" => Some((Symbol::new("mqtt"), ChannelKind::PubSub)),
        // Over RabbitMQ the queue is the channel, and the pattern a kind of message in it.
        _other => None,
    }
}

/// The names that a channel has in the environments of a service.
pub fn names(channel: &Known, scopes: &[Scope<'_>], evaluator: &Evaluator<'_>) -> BTreeSet<Symbol> {
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
