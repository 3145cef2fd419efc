//! What publishing and consuming look like in source code, library by library, and what becomes
//! of a message that fails: `tables/messaging/`.

use std::sync::LazyLock;

use super::library::{Condition, Library, conditions, paths, read_rows, shapes};
use super::row::RowReader;
use super::shape::{Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

const FILES: &[&str] = &[
    include_str!("../../tables/messaging/aws.yaml"),
    include_str!("../../tables/messaging/graphql.yaml"),
    include_str!("../../tables/messaging/kafka.yaml"),
    include_str!("../../tables/messaging/nest.yaml"),
    include_str!("../../tables/messaging/others.yaml"),
    include_str!("../../tables/messaging/rabbitmq.yaml"),
    include_str!("../../tables/messaging/redis.yaml"),
];

/// How messages of a channel are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChannelKind {
    /// One consumer takes each message.
    Queue,
    /// Each group of consumers gets each message.
    Topic,
    /// Whoever listens gets each message.
    PubSub,
    /// A log that consumers read at their own place.
    Stream,
}

const KINDS: [(&str, ChannelKind); 4] = [
    ("queue", ChannelKind::Queue),
    ("topic", ChannelKind::Topic),
    ("pubsub", ChannelKind::PubSub),
    ("stream", ChannelKind::Stream),
];

impl ChannelKind {
    /// `queue`, `topic`, `pubsub`, `stream`
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// When a library says that a message is done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// When the handler's promise is fulfilled.
    Late,
    /// Before the handler runs, or while it runs.
    Early,
    /// When the code says so.
    Manual,
}

const ACKS: [(&str, Acks); 3] = [("late", Acks::Late), ("early", Acks::Early), ("manual", Acks::Manual)];

/// What becomes of a message whose handler fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failing {
    /// Delivered again, without end.
    Retried,
    /// Gone.
    Dropped,
    /// Put aside by the library: BullMQ's failed set.
    Kept,
    /// The broker's settings tell: a redrive policy.
    Infrastructure,
}

const FAILING: [(&str, Failing); 4] = [
    ("retried", Failing::Retried),
    ("dropped", Failing::Dropped),
    ("kept", Failing::Kept),
    ("infrastructure", Failing::Infrastructure),
];

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// `publish`
    Publish,
    /// `consume`
    Consume,
    /// `handle`
    Handle,
    /// `declare`
    Declare,
    /// `bind`
    Bind,
    /// `acknowledge`
    Acknowledge,
    /// `marker`: a decorator.
    Marker,
    /// `answer`: a decorator of what answers requests, and takes events of the same name.
    Answer,
}

const USES: [(&str, UseKind); 8] = [
    ("publish", UseKind::Publish),
    ("consume", UseKind::Consume),
    ("handle", UseKind::Handle),
    ("declare", UseKind::Declare),
    ("bind", UseKind::Bind),
    ("acknowledge", UseKind::Acknowledge),
    ("marker", UseKind::Marker),
    ("answer", UseKind::Answer),
];

/// A library that publishes or consumes.
#[derive(Clone, Debug)]
pub struct MessagingRow {
    /// Its packages, versions and what it makes.
    pub library: Library,
    /// Canonical broker: `kafka`; empty where the transport tells.
    pub broker: Symbol,
    /// What it does where a use does not say otherwise.
    pub defaults: Delivery,
    /// What its calls are for; the first that matches counts.
    pub uses: Vec<MessagingUse>,
    /// What the results of calls stand for: `q.queue` of `q = await channel.assertQueue(queue)`
    /// is `queue`.
    pub gives: Vec<(Vec<Shape>, Path)>,
    /// Shapes that name the settings of injected clients.
    pub registrations: Vec<Shape>,
    /// Shapes that make the program a consumer.
    pub servers: Vec<Shape>,
    /// What a word under `settings.transport` stands for.
    pub transports: Vec<Transport>,
}

/// How messages travel and what is done about those that fail.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// How they are shared out.
    pub kind: ChannelKind,
    /// False where the broker keeps nothing for a consumer that is away.
    pub retains: bool,
    /// When they are done with.
    pub acks: Acks,
    /// What becomes of those that fail.
    pub failing: Failing,
}

/// What one kind of call is for.
#[derive(Clone, Debug)]
pub struct MessagingUse {
    /// For what.
    pub is: UseKind,
    /// What it looks like.
    pub shapes: Vec<Shape>,
    /// How messages travel.
    pub delivery: Delivery,
    /// Where the channel's name is; several names at a place are several channels.
    pub channel: Vec<Path>,
    /// What kind of message: a routing key, a job's name.
    pub event: Vec<Path>,
    /// The consumers that share messages out among them.
    pub group: Vec<Path>,
    /// The function that gets the messages.
    pub handler: Vec<Path>,
    /// The queue of a `bind`.
    pub queue: Vec<Path>,
    /// What it has in common with other uses: a name of what the row makes.
    pub with: Option<Symbol>,
    /// The call only counts where one of these holds; empty: always.
    pub only: Vec<Condition>,
    /// Acknowledged early where one of these holds.
    pub early: Vec<Condition>,
    /// Acknowledged by the code, or late, where one of these holds.
    pub late: Vec<Condition>,
    /// Where a place for failed messages is named.
    pub dead_letter: Vec<Path>,
    /// Where a number of attempts is set.
    pub attempts: Vec<Path>,
    /// What failed is thrown away where one of these holds.
    pub drops: Vec<Condition>,
    /// The method of the class that a marker stands on; `None`: it stands on the method.
    pub method: Option<Symbol>,
}

/// What a word under `settings.transport` stands for.
#[derive(Clone, Debug)]
pub struct Transport {
    /// `KAFKA`
    pub name: Symbol,
    /// Canonical broker; `tcp` for none.
    pub broker: Symbol,
    /// How messages travel.
    pub delivery: Delivery,
    /// Where the channel's name is: a path in the settings, or `pattern`.
    pub channel: Path,
    /// The group.
    pub group: Vec<Path>,
    /// Acknowledged late where one of these holds.
    pub late: Vec<Condition>,
    /// Where a place for failed messages is named.
    pub dead_letter: Vec<Path>,
    /// Somebody else makes the queue where one of these holds.
    pub elsewhere: Vec<Condition>,
}

const ROW_KEYS: [&str; 10] =
    ["broker", "kind", "retains", "acks", "failing", "uses", "gives", "registrations", "servers", "transports"];
const USE_KEYS: [&str; 19] = [
    "is",
    "shapes",
    "kind",
    "retains",
    "acks",
    "failing",
    "channel",
    "event",
    "group",
    "handler",
    "queue",
    "with",
    "only",
    "early",
    "late",
    "dead_letter",
    "attempts",
    "drops",
    "method",
];
const TRANSPORT_KEYS: [&str; 11] =
    ["name", "broker", "kind", "retains", "acks", "failing", "channel", "group", "late", "dead_letter", "elsewhere"];

fn word<T: Copy>(reader: &mut RowReader<'_, '_>, key: &str, words: &[(&str, T)]) -> Option<T> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    reader.word(key, &names, |text| words.iter().find(|(name, _)| *name == text).map(|(_, value)| *value))
}

fn delivery(reader: &mut RowReader<'_, '_>, default: Option<Delivery>) -> Option<Delivery> {
    let kind = word(reader, "kind", &KINDS).or(default.map(|default| default.kind));
    let acks = word(reader, "acks", &ACKS).or(default.map(|default| default.acks));
    let failing = word(reader, "failing", &FAILING).or(default.map(|default| default.failing));
    let retains = match reader.optional("retains") {
        Some("false") => false,
        Some("true") => true,
        Some(other) => {
            reader.problem_here(format!("{other} is no retains; it is one of true, false"));
            true
        }
        // A kind of its own keeps what its kind keeps.
        None => default
            .filter(|default| kind == Some(default.kind) || kind == Some(ChannelKind::PubSub))
            .is_none_or(|default| default.retains),
    };
    let (Some(kind), Some(acks), Some(failing)) = (kind, acks, failing) else {
        reader.problem_here("a row has kind, acks and failing".to_owned());
        return None;
    };
    Some(Delivery { kind, retains, acks, failing })
}

fn one_use(
    node: Node<'_>,
    library: &Library,
    default: Delivery,
    problems: &mut Vec<SyntaxProblem>,
) -> Option<MessagingUse> {
    let mut reader = RowReader::new(node, &USE_KEYS, problems);
    reader.required("is");
    let is = word(&mut reader, "is", &USES);
    let with = reader.optional("with").map(Symbol::new);
    let method = reader.optional("method").map(Symbol::new);
    if with.is_some_and(|with| !library.makes.iter().any(|(made, _)| *made == with)) {
        reader.problem_here("nothing of the row makes what `with` names".to_owned());
    }
    let delivery = delivery(&mut reader, Some(default));
    let read = node.get("shapes").map(|value| shapes(value, &mut reader)).unwrap_or_default();
    for shape in &read {
        library.check(shape, &mut reader);
    }
    if read.is_empty() {
        reader.problem_here("a use has shapes".to_owned());
    }
    let found = MessagingUse {
        is: is?,
        shapes: read,
        delivery: delivery?,
        channel: paths(node, "channel", &mut reader),
        event: paths(node, "event", &mut reader),
        group: paths(node, "group", &mut reader),
        handler: paths(node, "handler", &mut reader),
        queue: paths(node, "queue", &mut reader),
        with,
        only: conditions(node, "only", &mut reader),
        early: conditions(node, "early", &mut reader),
        late: conditions(node, "late", &mut reader),
        dead_letter: paths(node, "dead_letter", &mut reader),
        attempts: paths(node, "attempts", &mut reader),
        drops: conditions(node, "drops", &mut reader),
        method,
    };
    reader.is_sound().then_some(found)
}

fn transport(node: Node<'_>, default: Delivery, problems: &mut Vec<SyntaxProblem>) -> Option<Transport> {
    let mut reader = RowReader::new(node, &TRANSPORT_KEYS, problems);
    let name = reader.required("name").map(Symbol::new);
    let broker = reader.required("broker").map(Symbol::new);
    let delivery = delivery(&mut reader, Some(default));
    let channel = paths(node, "channel", &mut reader).into_iter().next();
    let found = Transport {
        name: name?,
        broker: broker?,
        delivery: delivery?,
        channel: channel?,
        group: paths(node, "group", &mut reader),
        late: conditions(node, "late", &mut reader),
        dead_letter: paths(node, "dead_letter", &mut reader),
        elsewhere: conditions(node, "elsewhere", &mut reader),
    };
    reader.is_sound().then_some(found)
}

fn given(node: Node<'_>, library: &Library, problems: &mut Vec<SyntaxProblem>) -> Option<(Vec<Shape>, Path)> {
    let mut reader = RowReader::new(node, &["shapes", "is"], problems);
    let read = node.get("shapes").map(|value| shapes(value, &mut reader)).unwrap_or_default();
    for shape in &read {
        library.check(shape, &mut reader);
    }
    let is = paths(node, "is", &mut reader).into_iter().next();
    if read.is_empty() || is.is_none() {
        reader.problem_here("what a result stands for has shapes and is".to_owned());
    }
    reader.is_sound().then_some((read, is?))
}

fn row(node: Node<'_>, reader: &mut RowReader<'_, '_>, problems: &mut Vec<SyntaxProblem>) -> Option<MessagingRow> {
    let library = Library::read(node, reader)?;
    let broker = reader.required("broker").map(Symbol::new);
    let defaults = delivery(reader, None)?;
    let list = |key: &str| node.get(key).into_iter().flat_map(Node::items).collect::<Vec<_>>();
    let uses = list("uses").into_iter().filter_map(|node| one_use(node, &library, defaults, problems)).collect();
    let transports = list("transports").into_iter().filter_map(|node| transport(node, defaults, problems)).collect();
    let gives = list("gives").into_iter().filter_map(|node| given(node, &library, problems)).collect();
    let registrations = node.get("registrations").map(|value| shapes(value, reader)).unwrap_or_default();
    let servers = node.get("servers").map(|value| shapes(value, reader)).unwrap_or_default();
    Some(MessagingRow { library, broker: broker?, defaults, uses, gives, registrations, servers, transports })
}

/// Reads the texts of a table, and what is wrong with them.
fn read(texts: &[&str]) -> (Vec<MessagingRow>, Vec<SyntaxProblem>) {
    let mut inner = Vec::new();
    let (rows, mut problems) = read_rows(texts, &ROW_KEYS, |node, reader| row(node, reader, &mut inner));
    problems.append(&mut inner);
    (rows, problems)
}

/// The rows that archlint ships.
pub fn messaging() -> &'static [MessagingRow] {
    static ROWS: LazyLock<Vec<MessagingRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

#[cfg(test)]
mod tests {
    use super::{FILES, UseKind, messaging, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(messaging().len() > 15);
    }

    #[test]
    fn every_publish_and_consume_names_its_channel() {
        for row in messaging() {
            for one in &row.uses {
                let has_channel = !one.channel.is_empty();
                let wants = !matches!(one.is, UseKind::Handle | UseKind::Acknowledge);
                assert!(has_channel || !wants, "{} {:?}", row.library.name, one.is);
            }
        }
    }

    #[test]
    fn paths_start_with_a_name_of_every_shape_or_a_word_for_what_was_injected() {
        for row in messaging() {
            for one in &row.uses {
                let makers = row.library.makes.iter().flat_map(|(_, shape)| shape.names());
                let known: Vec<_> = makers.chain(one.shapes.iter().flat_map(|shape| shape.names())).collect();
                let all = [&one.channel, &one.event, &one.group, &one.handler, &one.queue, &one.dead_letter];
                for path in all.into_iter().flatten() {
                    assert!(
                        path.name.starts_with('$') || known.contains(&path.name),
                        "{} {:?}: {}",
                        row.library.name,
                        one.is,
                        path.name
                    );
                }
            }
        }
    }
}
