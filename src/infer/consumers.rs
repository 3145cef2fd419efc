//! Consumers of messages, and the queues and groups in which they share them out, as rules see
//! them.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence, Reason};
use crate::graph::consumers::{Consumer, EarlyWay};
use crate::graph::model::{Confidence, Graph, Server, ServiceId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// All of them. Linear in consumers, but for the servers that users of one queue share.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    consumers(estate.graph, found);
    queues(estate.graph, found);
}

/// Handlers that are one subject: those whose acknowledgement one setting decides, else those of
/// one place that acknowledge at one place: listeners may share the class that subscribes.
fn consumers(graph: &Graph, found: &mut Vec<Subject>) {
    let mut groups: BTreeMap<(ServiceId, Span, Option<Span>), Vec<&Consumer>> = BTreeMap::new();
    for consumer in &graph.consumers {
        let by_setting = matches!(consumer.early, Answer::Present(EarlyWay::Setting, _));
        let at = consumer.settings.filter(|_| by_setting).unwrap_or(consumer.span);
        let by_code = consumer.early.is_present() && !by_setting;
        let done = consumer.early.evidence().first().copied().filter(|_| by_code);
        groups.entry((consumer.service, at, done)).or_default().push(consumer);
    }
    for ((service, at, _), all) in groups {
        let Some(first) = all.first() else { continue };
        let service = graph.service(service).name;
        let label = channels_label(&all);
        let way = first.early.value().copied();
        let (def, row) = RowBuilder::new("consumer", at)
            .text("service", &service)
            .text("channel", &label)
            .text("broker", &first.broker)
            .text("library", &first.library)
            .text("kind", &first.kind)
            .bool("retains", first.retains)
            .set("early", first.early.clone().map(|_| Datum::Bool(true)))
            .text("early_words", early_words(way))
            .set("idempotent", first.idempotent.clone().map(|()| Datum::Bool(true)))
            .int("handlers", all.iter().map(|one| one.span).collect::<BTreeSet<_>>().len() as i64)
            .finish();
        let mut related: Vec<(Span, String)> = Vec::new();
        for span in first.early.evidence().iter().skip(1) {
            related.push((*span, early_place(way).to_owned()));
        }
        if first.early.is_absent() && first.idempotent.is_absent() {
            related.push((at, format!("{service} takes messages of {label} here")));
        }
        for one in all.iter().filter(|one| one.span != at && !at.contains(one.span)) {
            if !related.iter().any(|(span, _)| *span == one.span) {
                related.push((one.span, format!("{service} takes messages of {} here", label_of(one))));
            }
        }
        related.truncate(RELATED_LIMIT);
        found.push(Subject {
            def,
            name: format!("{service} {label}"),
            anchor: format!("consumer {service} {} {label}", first.library),
            span: at,
            services: vec![service],
            confidence: Confidence::Observed,
            row,
            related,
        });
    }
}

/// How messages are done with too early, as the end of a sentence.
fn early_words(way: Option<EarlyWay>) -> &'static str {
    match way {
        Some(EarlyWay::Setting) => "as done when they are handed out",
        Some(EarlyWay::Code) => "as done before its work is",
        Some(EarlyWay::Forgotten) => "as done without waiting for its work",
        None => "",
    }
}

fn early_place(way: Option<EarlyWay>) -> &'static str {
    match way {
        Some(EarlyWay::Code) => "the work that comes afterwards",
        Some(EarlyWay::Setting | EarlyWay::Forgotten) | None => "messages are taken here",
    }
}

/// What a queue or a group is known by: its broker, the queue's or group's name, and for groups
/// the service, since each takes topics of its own.
type Key = (Symbol, Symbol, Option<ServiceId>);

/// Queues, and the groups of consumers of topics.
fn queues(graph: &Graph, found: &mut Vec<Subject>) {
    let mut groups: BTreeMap<Key, Vec<&Consumer>> = BTreeMap::new();
    for consumer in graph.consumers.iter().filter(|consumer| !consumer.holds_failed) {
        let key = match (is_queue(consumer), consumer.channel, consumer.group) {
            (true, Some(name), _) => (consumer.broker, name, None),
            (true, None, _) => continue,
            (false, _, Some(group)) => (consumer.broker, group, Some(consumer.service)),
            (false, Some(_), None) => (consumer.broker, Symbol::new(""), Some(consumer.service)),
            (false, None, None) => continue,
        };
        groups.entry(key).or_default().push(consumer);
    }
    for ((broker, name, _), all) in groups {
        let Some(first) = all.first() else { continue };
        let queue = is_queue(first);
        let services: BTreeSet<Symbol> = all.iter().map(|one| graph.service(one.service).name).collect();
        let channels: BTreeSet<Symbol> = all.iter().filter_map(|one| one.channel).collect();
        // Of a group only those topics are told whose failed messages are lost, where there are any.
        let losing: Vec<&Consumer> = all.iter().copied().filter(|one| one.dead_letter.is_absent()).collect();
        let told = channels_label(if losing.is_empty() { &all } else { &losing });
        let label = match (queue, name.is_empty()) {
            (true, _) => format!("queue {name}"),
            (false, false) => format!("{told} in group {name}"),
            (false, true) => told,
        };
        let dead_letter = together(&all);
        let at = first.span;
        let users: BTreeSet<ServiceId> = all.iter().map(|one| one.service).collect();
        let (def, row) = RowBuilder::new("queue", at)
            .text("name", &label)
            .text("broker", &broker)
            .text("library", &first.library)
            .text("kind", if queue { "queue" } else { "group" })
            .texts("channels", channels.iter().copied())
            .texts("services", services.iter().copied())
            .int("users", services.len() as i64)
            .bool("retains", all.iter().any(|one| one.retains))
            .set("dead_letter", dead_letter.map(Datum::Text))
            .set("one_broker", one_broker(graph, broker, &users, at))
            .finish();
        let mut places: BTreeMap<Span, String> = BTreeMap::new();
        for one in &all {
            let service = graph.service(one.service).name;
            places.entry(one.span).or_insert_with(|| format!("{service} takes messages of {} here", label_of(one)));
        }
        places.remove(&at);
        let holders: Vec<String> = services.iter().map(ToString::to_string).collect();
        found.push(Subject {
            def,
            name: if queue { label.clone() } else { format!("{} {label}", holders.join(" ")) },
            anchor: if queue {
                format!("queue {broker} {name}")
            } else {
                format!("group {broker} {name} {}", holders.join(" "))
            },
            span: at,
            services: services.into_iter().collect(),
            confidence: Confidence::Observed,
            row,
            related: places.into_iter().take(RELATED_LIMIT).collect(),
        });
    }
}

/// True where each message goes to one of those who take from the channel.
fn is_queue(consumer: &Consumer) -> bool {
    consumer.kind == "queue"
}

/// Where failed messages of all consumers go. Absent where some consumer's are lost and what is
/// known of the others does not differ; a place that one of them names is that of a queue.
fn together(all: &[&Consumer]) -> Answer<Symbol> {
    let mut lost: Vec<Span> = Vec::new();
    let mut unknown: Option<Reason> = None;
    let mut present: Option<Answer<Symbol>> = None;
    for one in all {
        match &one.dead_letter {
            Answer::Absent(evidence) => lost.extend(evidence.0.iter().copied()),
            Answer::Unknown(reason) => unknown = unknown.or(Some(*reason)),
            Answer::Present(..) => present = present.or(Some(one.dead_letter.clone())),
        }
    }
    lost.sort();
    lost.dedup();
    let queue = all.first().is_some_and(|one| is_queue(one));
    match (present, unknown, lost.is_empty()) {
        // What one consumer's settings say of a queue holds for all of them.
        (Some(said), _, _) if queue => said,
        (_, Some(reason), true) => Answer::Unknown(reason),
        (_, Some(reason), false) if queue => Answer::Unknown(reason),
        (_, _, false) => Answer::Absent(Evidence(lost)),
        (Some(said), None, true) => said,
        (None, None, true) => Answer::unknown("nothing takes messages of it"),
    }
}

/// Whether all users reach one and the same broker; a name may stand for two queues on two.
fn one_broker(graph: &Graph, broker: Symbol, users: &BTreeSet<ServiceId>, at: Span) -> Answer<Datum> {
    if users.len() < 2 {
        return Answer::present(Datum::Bool(true), at);
    }
    let servers: Vec<BTreeSet<Server>> = users
        .iter()
        .map(|user| {
            let used = graph.databases.iter().filter(|database| {
                database.engine == broker && database.accesses.iter().any(|access| access.service == *user)
            });
            used.map(|database| database.server).filter(|server| *server != Server::Unknown).collect()
        })
        .collect();
    if servers.iter().all(|known| !known.is_empty()) {
        let (first, rest) = match servers.split_first() {
            Some(parts) => parts,
            None => return Answer::unknown("nobody takes messages of it"),
        };
        let shared = first.iter().any(|server| rest.iter().all(|known| known.contains(server)));
        return if shared { Answer::present(Datum::Bool(true), at) } else { Answer::absent(at) };
    }
    let inside = graph.infrastructure.iter().filter(|one| one.engine == broker).count();
    if inside > 1 {
        return Answer::unknown(
            "the estate runs several brokers of this kind, and the code does not tell which is meant",
        );
    }
    Answer::present(Datum::Bool(true), at)
}

/// `queue orders`, `topic orders`
fn label_of(consumer: &Consumer) -> String {
    match consumer.channel {
        Some(name) => format!("{} {name}", kind_word(consumer)),
        None => format!("a {} whose name is computed", kind_word(consumer)),
    }
}

fn kind_word(consumer: &Consumer) -> &'static str {
    match consumer.kind.as_str() {
        "queue" => "queue",
        "stream" => "stream",
        _other => "topic",
    }
}

/// `queue orders`, `topics orders and refunds`, `topics a, b and 4 more`
fn channels_label(all: &[&Consumer]) -> String {
    const SHOWN: usize = 2;
    let names: BTreeSet<Symbol> = all.iter().filter_map(|one| one.channel).collect();
    let Some(first) = all.first() else { return String::new() };
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => label_of(first),
        [one] => format!("{} {one}", kind_word(first)),
        [one, other] => format!("{}s {one} and {other}", kind_word(first)),
        several => {
            let shown = several.get(..SHOWN).unwrap_or(&[]).join(", ");
            format!("{}s {shown} and {} more", kind_word(first), several.len() - SHOWN)
        }
    }
}
