//! Which uses of libraries publish and consume messages, on which channel, and what becomes of
//! a message whose handler fails.

use std::rc::Rc;
use std::sync::LazyLock;

use super::event::EventId;
use super::fingerprint::fingerprint;
use super::lookup::{Lookup, look_up, word_of};
use super::recognize::{closures, find, first, holds, known_of, maker, match_of, may_be_of, one_holds, same, several};
use super::shapes::Match;
use super::value::{Closure, Foreign, FrameId, FunctionRef, Known, Value};
use super::walk::{Walk, functions_in};
use crate::facts::answer::Answer;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::library::Condition;
use crate::tables::messaging::{
    Acks, ChannelKind, Delivery, Failing, MessagingRow, MessagingUse, Transport, UseKind, messaging,
};
use crate::tables::shape::Path;

/// What a service's code does with messages.
#[derive(Debug, Default)]
pub struct Messages {
    /// In order of the walk.
    pub publishes: Vec<Publish>,
    /// In order of the walk; decorated ones last.
    pub consumes: Vec<Consume>,
    /// Queues that lead messages of others to themselves.
    pub bindings: Vec<Binding>,
    /// What code says about queues when it makes them.
    pub declared: Vec<Declared>,
    /// Handlers of requests, which take events as well.
    pub answers: Vec<Answering>,
    /// Uses that acknowledge a message.
    pub acknowledges: Vec<EventId>,
}

/// A message is sent.
#[derive(Debug, Clone)]
pub struct Publish {
    /// As tables call the library: `kafkajs`.
    pub library: Symbol,
    /// `kafka`, `rabbitmq`; empty where the code does not tell.
    pub broker: Symbol,
    /// How messages are shared out.
    pub kind: ChannelKind,
    /// True where the broker keeps messages for consumers that are away.
    pub retained: bool,
    /// The name of the topic, queue, exchange or subject.
    pub channel: Known,
    /// What kind of message: a routing key, a job's name, a pattern.
    pub message: Option<Known>,
    /// How often whoever consumes it may try, where the producer says so.
    pub attempts: Answer<Known>,
    /// The use.
    pub event: EventId,
    /// Its place.
    pub span: Span,
}

/// Where messages go.
#[derive(Debug, Clone)]
pub enum Handler {
    /// A function that gets each of them.
    Function(Rc<Closure>),
    /// The code around the call takes them: its function and frame.
    Around(FunctionRef, FrameId),
    /// It cannot be told.
    Unknown,
}

/// Messages are taken.
#[derive(Debug, Clone)]
pub struct Consume {
    /// As tables call the library.
    pub library: Symbol,
    /// `kafka`, `rabbitmq`; empty where the code does not tell.
    pub broker: Symbol,
    /// How messages are shared out.
    pub kind: ChannelKind,
    /// False where the broker keeps nothing for a consumer that is away.
    pub retains: bool,
    /// The name of the topic, queue, exchange or subject.
    pub channel: Known,
    /// What kind of message, where it takes one kind only.
    pub message: Option<Known>,
    /// The consumers that share messages out among them.
    pub group: Option<Known>,
    /// What the library does about done messages where the code does nothing.
    pub acks: Acks,
    /// True where a condition that changes it could not be read.
    pub acks_unclear: bool,
    /// What becomes of a message whose handler fails, by the library alone.
    pub failing: Failing,
    /// Where failed messages go, as far as the call and the queue's declaration tell; see
    /// [`super::delivery`] for what the handler's own code does.
    pub dead_letter: Answer<Known>,
    /// Who gets the messages.
    pub handler: Handler,
    /// The settings that decide about acknowledgement for all handlers of a framework's
    /// transport.
    pub settings: Option<Span>,
    /// The use; `None` for a decorator.
    pub event: Option<EventId>,
    /// Its place.
    pub span: Span,
}

/// `channel.bindQueue(queue, exchange, pattern)`
#[derive(Debug, Clone)]
pub struct Binding {
    /// `rabbitmq`
    pub broker: Symbol,
    /// The queue, or the subscription.
    pub queue: Known,
    /// The exchange, or the topic.
    pub channel: Known,
    /// Which of its messages.
    pub message: Option<Known>,
    /// Its place.
    pub span: Span,
}

/// A handler of requests that takes what is published under the same name too.
#[derive(Debug, Clone)]
pub struct Answering {
    /// `rabbitmq`
    pub broker: Symbol,
    /// The topic, queue or subject.
    pub channel: Known,
    /// Its place.
    pub span: Span,
}

/// What is said about a queue beside consuming it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// `rabbitmq`
    pub broker: Symbol,
    /// The queue, or the subscription.
    pub channel: Known,
    /// Where its failed messages go.
    pub dead_letter: Answer<Known>,
}

/// A handler by what it has in common with what it gets.
struct Handled {
    row: usize,
    maker: Option<EventId>,
    handlers: Vec<Rc<Closure>>,
}

struct Subscribed {
    row: usize,
    maker: Option<EventId>,
    consume: usize,
}

/// Settings of a client or server of a container's module: name, transport and the settings.
struct Registered {
    name: Option<Known>,
    settings: Known,
}

/// All rows with the packages that their shapes start in.
fn rows() -> &'static [(Vec<Symbol>, &'static MessagingRow)] {
    static ROWS: LazyLock<Vec<(Vec<Symbol>, &'static MessagingRow)>> = LazyLock::new(|| {
        let starts = |row: &MessagingRow| {
            let shapes = row.uses.iter().flat_map(|one| &one.shapes).chain(&row.registrations).chain(&row.servers);
            row.library.starts(shapes)
        };
        messaging().iter().map(|row| (starts(row), row)).collect()
    });
    &ROWS
}

/// What the walk saw so far. Call it again once handlers have been walked: they may subscribe
/// and publish as well.
pub fn messages(walk: &mut Walk<'_>) -> Messages {
    let mut reader = Reader::default();
    let count = walk.events().list.len();
    let registered = registrations(walk, count);
    for at in 0..count {
        let id = EventId(at as u32);
        let Some(event) = walk.events().event(id) else { continue };
        let (trace, span, module_frame, function) = (Rc::clone(&event.trace), event.span, event.frame, event.function);
        for (number, (starts, row)) in rows().iter().enumerate() {
            if !may_be_of(starts, &trace) {
                continue;
            }
            let is_call = |one: &&MessagingUse| !matches!(one.is, UseKind::Marker | UseKind::Answer);
            let found = row.uses.iter().filter(is_call).find_map(|one| {
                Some((one, match_of(&one.shapes, &row.library, &trace).filter(|found| counts(one, found, &trace))?))
            });
            if let Some((one, found)) = found {
                let place = Place { id, span, frame: module_frame, function };
                reader.of_use(number, row, one, &found, &trace, place, &registered);
                break;
            }
        }
    }
    reader.decorated(walk, &registered);
    reader.finish()
}

/// True if what a use wants to hold does.
fn counts(one: &MessagingUse, found: &Match, trace: &Rc<Foreign>) -> bool {
    one.only.is_empty() || one_holds(&one.only, found, trace) == Some(true)
}

#[derive(Clone, Copy)]
struct Place {
    id: EventId,
    span: Span,
    frame: FrameId,
    function: FunctionRef,
}

#[derive(Default)]
struct Reader {
    messages: Messages,
    handled: Vec<Handled>,
    subscribed: Vec<Subscribed>,
}

impl Reader {
    #[expect(clippy::too_many_arguments, reason = "one use is read from these parts and nothing else")]
    fn of_use(
        &mut self,
        number: usize,
        row: &MessagingRow,
        one: &MessagingUse,
        found: &Match,
        trace: &Rc<Foreign>,
        place: Place,
        registered: &Settings,
    ) {
        let library = row.library.name;
        let option = |paths: &[Path]| known_of(first(paths, found, trace), place.span);
        match one.is {
            UseKind::Publish if !row.transports.is_empty() => self.emitted(row, one, found, trace, place, registered),
            UseKind::Publish => {
                let attempts = answer(first(&one.attempts, found, trace), place.span);
                self.dropped(row, one, found, trace, place.span);
                for channel in channels(row, &one.channel, found, trace, place.span) {
                    self.messages.publishes.push(Publish {
                        library,
                        broker: row.broker,
                        kind: one.delivery.kind,
                        retained: one.delivery.retains,
                        channel,
                        message: option(&one.event),
                        attempts: attempts.clone(),
                        event: place.id,
                        span: place.span,
                    });
                }
            }
            UseKind::Consume => {
                self.dropped(row, one, found, trace, place.span);
                let handlers = closures(&one.handler, found, trace);
                let with = one.with.map(|name| maker(&row.library, name, trace));
                for channel in channels(row, &one.channel, found, trace, place.span) {
                    let (acks, acks_unclear) = acks(one.delivery.acks, &one.early, &one.late, found, trace);
                    let handler = match (handlers.first(), one.handler.is_empty(), with) {
                        (Some(handler), _, _) => Handler::Function(Rc::clone(handler)),
                        (None, true, None) => Handler::Around(place.function, place.frame),
                        // NATS gives a subscription to iterate over where no callback is given.
                        (None, false, _)
                            if one
                                .handler
                                .iter()
                                .all(|path| matches!(find(path, found, trace), Some(Lookup::Absent) | None)) =>
                        {
                            Handler::Around(place.function, place.frame)
                        }
                        (None, _, _) => Handler::Unknown,
                    };
                    if let Some(maker) = with {
                        self.subscribed.push(Subscribed { row: number, maker, consume: self.messages.consumes.len() });
                    }
                    self.messages.consumes.push(Consume {
                        library,
                        broker: row.broker,
                        kind: one.delivery.kind,
                        retains: one.delivery.retains,
                        channel,
                        message: option(&one.event),
                        group: option(&one.group),
                        acks,
                        acks_unclear,
                        failing: one.delivery.failing,
                        dead_letter: dead_letter(&one.dead_letter, one.delivery, found, trace, place.span),
                        handler,
                        settings: None,
                        event: Some(place.id),
                        span: place.span,
                    });
                }
            }
            UseKind::Handle => {
                let handlers = closures(&one.handler, found, trace);
                let maker = one.with.and_then(|name| maker(&row.library, name, trace));
                self.handled.push(Handled { row: number, maker, handlers });
            }
            UseKind::Declare => {
                for channel in channels(row, &one.channel, found, trace, place.span) {
                    let dead_letter = answer(first(&one.dead_letter, found, trace), place.span);
                    self.messages.declared.push(Declared { broker: row.broker, channel, dead_letter });
                }
            }
            UseKind::Bind => {
                let Some(queue) = option(&one.queue).map(|queue| stood_for(row, queue)) else { return };
                if !one.dead_letter.is_empty() {
                    let dead_letter = answer(first(&one.dead_letter, found, trace), place.span);
                    self.messages.declared.push(Declared { broker: row.broker, channel: queue.clone(), dead_letter });
                }
                for channel in channels(row, &one.channel, found, trace, place.span) {
                    self.messages.bindings.push(Binding {
                        broker: row.broker,
                        queue: queue.clone(),
                        channel,
                        message: option(&one.event),
                        span: place.span,
                    });
                }
            }
            UseKind::Acknowledge => self.messages.acknowledges.push(place.id),
            UseKind::Marker | UseKind::Answer => {}
        }
    }

    /// `queue.add('mail', data, { removeOnFail: true })`: nothing is kept of what failed.
    fn dropped(&mut self, row: &MessagingRow, one: &MessagingUse, found: &Match, trace: &Rc<Foreign>, span: Span) {
        let holding = one.drops.iter().find(|condition| holds(condition, found, trace) == Some(true));
        let Some(holding) = holding else { return };
        let at = find(&holding.path, found, trace).and_then(Lookup::present).map_or(span, |known| known.span);
        for channel in channels(row, &one.channel, found, trace, span) {
            let dead_letter = Answer::absent(at);
            self.messages.declared.push(Declared { broker: row.broker, channel, dead_letter });
        }
    }

    /// `client.emit(pattern, data)`: where it goes is said by the client's settings.
    fn emitted(
        &mut self,
        row: &MessagingRow,
        one: &MessagingUse,
        found: &Match,
        trace: &Rc<Foreign>,
        place: Place,
        registered: &Settings,
    ) {
        let Some(pattern) = known_of(first(&one.channel, found, trace), place.span) else { return };
        let settings = settings_of(found, trace, registered);
        let unclear = || Known::unknown("the settings of its client were not found", place.span);
        let (broker, kind, retained, channel) =
            match settings.as_ref().and_then(|settings| Some((settings, transport_of(row, settings)?))) {
                Some((settings, transport)) => {
                    let channel = channel_of(transport, settings, &pattern, place.span);
                    (transport.broker, transport.delivery.kind, transport.delivery.retains, channel)
                }
                None => (Symbol::new(""), ChannelKind::Queue, false, unclear()),
            };
        self.messages.publishes.push(Publish {
            library: row.library.name,
            broker,
            kind,
            retained,
            channel,
            message: Some(pattern),
            attempts: Answer::unknown("the transport has no attempts"),
            event: place.id,
            span: place.span,
        });
    }

    /// Handlers and channels that decorators name.
    fn decorated(&mut self, walk: &mut Walk<'_>, registered: &Settings) {
        for at in 0..walk.events().decorated.len() {
            let Some(decorated) = walk.events().decorated.get(at) else { continue };
            let Value::Foreign(trace) = &decorated.decorator.value else { continue };
            let (trace, class, member, method) =
                (Rc::clone(trace), decorated.class, decorated.member, decorated.method);
            let span = decorated.decorator.span;
            let is_parameter = decorated.parameter.is_some();
            let found = rows().iter().filter(|(starts, _)| may_be_of(starts, &trace)).find_map(|(_, row)| {
                let markers = row.uses.iter().filter(|one| matches!(one.is, UseKind::Marker | UseKind::Answer));
                markers.into_iter().find_map(|one| Some((*row, one, match_of(&one.shapes, &row.library, &trace)?)))
            });
            let Some((row, one, found)) = found.filter(|_| !is_parameter) else { continue };
            if one.is == UseKind::Answer {
                self.answering(row, one, &found, &trace, span, registered);
                continue;
            }
            let this = walk.injected_instance(class);
            let handler = match (one.method, member) {
                // `process` of the class that `@Processor('orders')` stands on.
                (Some(name), None) => {
                    let known = walk.member(&this, name, span);
                    let own = functions_in(&known.value).into_iter().next();
                    own.map_or(Handler::Unknown, Handler::Function)
                }
                (_, Some(_)) => method.map_or(Handler::Unknown, |function| {
                    Handler::Function(Rc::new(Closure { function, frame: None, this: Some(this) }))
                }),
                (None, None) => Handler::Unknown,
            };
            if row.transports.is_empty() {
                self.marked(row, one, &found, &trace, span, handler);
            } else {
                self.subscribed_to_pattern(row, one, &found, &trace, span, handler, registered);
            }
        }
    }

    fn marked(
        &mut self,
        row: &MessagingRow,
        one: &MessagingUse,
        found: &Match,
        trace: &Rc<Foreign>,
        span: Span,
        handler: Handler,
    ) {
        let option = |paths: &[Path]| known_of(first(paths, found, trace), span);
        for channel in channels(row, &one.channel, found, trace, span) {
            let (acks, acks_unclear) = acks(one.delivery.acks, &one.early, &one.late, found, trace);
            self.messages.consumes.push(Consume {
                library: row.library.name,
                broker: row.broker,
                kind: one.delivery.kind,
                retains: one.delivery.retains,
                channel,
                message: option(&one.event),
                group: option(&one.group),
                acks,
                acks_unclear,
                failing: one.delivery.failing,
                dead_letter: dead_letter(&one.dead_letter, one.delivery, found, trace, span),
                handler: handler.clone(),
                settings: None,
                event: None,
                span,
            });
        }
    }

    /// `@MessagePattern('place')`: takes events of that name too, over every transport that the
    /// program listens to.
    fn answering(
        &mut self,
        row: &MessagingRow,
        one: &MessagingUse,
        found: &Match,
        trace: &Rc<Foreign>,
        span: Span,
        registered: &Settings,
    ) {
        for pattern in channels(row, &one.channel, found, trace, span) {
            for server in &registered.servers {
                let Some(transport) = transport_of(row, server) else { continue };
                let channel = channel_of(transport, server, &pattern, span);
                self.messages.answers.push(Answering { broker: transport.broker, channel, span });
            }
        }
    }

    /// `@EventPattern('placed')`: over every transport that the program listens to.
    #[expect(clippy::too_many_arguments, reason = "one use is read from these parts and nothing else")]
    fn subscribed_to_pattern(
        &mut self,
        row: &MessagingRow,
        one: &MessagingUse,
        found: &Match,
        trace: &Rc<Foreign>,
        span: Span,
        handler: Handler,
        registered: &Settings,
    ) {
        for pattern in channels(row, &one.channel, found, trace, span) {
            let mut some = false;
            for server in &registered.servers {
                let Some(transport) = transport_of(row, server) else { continue };
                some = true;
                let (acks, acks_unclear) = transport_acks(transport, server);
                let channel = channel_of(transport, server, &pattern, span);
                let group = transport.group.iter().find_map(|path| known_of(below(server, path), span));
                self.messages.consumes.push(Consume {
                    library: row.library.name,
                    broker: transport.broker,
                    kind: transport.delivery.kind,
                    retains: transport.delivery.retains,
                    channel,
                    message: Some(pattern.clone()),
                    group,
                    acks,
                    acks_unclear,
                    failing: transport.delivery.failing,
                    dead_letter: transport_dead_letter(transport, server, span),
                    handler: handler.clone(),
                    settings: Some(deciding(transport, server)),
                    event: None,
                    span,
                });
            }
            if !some {
                self.messages.consumes.push(Consume {
                    library: row.library.name,
                    broker: Symbol::new(""),
                    kind: row.defaults.kind,
                    retains: true,
                    channel: Known::unknown("the transport that it listens to was not found", span),
                    message: Some(pattern),
                    group: None,
                    acks: Acks::Late,
                    acks_unclear: true,
                    failing: Failing::Infrastructure,
                    dead_letter: Answer::unknown("the transport that it listens to was not found"),
                    handler: handler.clone(),
                    settings: None,
                    event: None,
                    span,
                });
            }
        }
    }

    fn finish(mut self) -> Messages {
        for subscribed in &self.subscribed {
            let same_maker = |one: &&Handled| one.row == subscribed.row && one.maker == subscribed.maker;
            let handler = self.handled.iter().find(same_maker).and_then(|one| one.handlers.first());
            if let (Some(handler), Some(consume)) = (handler, self.messages.consumes.get_mut(subscribed.consume))
                && matches!(consume.handler, Handler::Unknown)
            {
                consume.handler = Handler::Function(Rc::clone(handler));
            }
        }
        let Messages { consumes, declared, .. } = &mut self.messages;
        for consume in consumes {
            let is_it = |one: &&Declared| one.broker == consume.broker && same(&one.channel, &consume.channel);
            let declared = declared.iter().find(is_it);
            // What the code itself declares without a place for failures has none; where it
            // declares nothing, the broker's own settings tell.
            if let Some(declared) = declared
                && !consume.dead_letter.is_present()
            {
                consume.dead_letter = declared.dead_letter.clone();
            }
        }
        let mut seen: Vec<(Span, u64, Symbol)> = Vec::new();
        self.messages.consumes.retain(|consume| {
            let key = (consume.span, fingerprint(&consume.channel.value), consume.broker);
            let is_new = !seen.contains(&key);
            seen.push(key);
            is_new
        });
        self.messages
    }
}

/// Names that paths lead to; one that cannot be told where nothing does.
fn channels(row: &MessagingRow, paths: &[Path], found: &Match, trace: &Rc<Foreign>, span: Span) -> Vec<Known> {
    match first(paths, found, trace) {
        // Beside names a callback may be given.
        Lookup::Present(known) => several(known)
            .into_iter()
            .filter(|one| !matches!(one.value, Value::Function(_)))
            .map(|one| stood_for(row, one))
            .collect(),
        Lookup::Unknown(why) => vec![Known::new(Value::Unknown(why), span)],
        Lookup::Absent => vec![Known::unknown("the call names no channel", span)],
    }
}

/// What the result of a call of the library stands for. One that nobody names stays what it is,
/// so that it can be told from others.
fn stood_for(row: &MessagingRow, known: Known) -> Known {
    let Value::Foreign(trace) = &known.value else { return known };
    let named = row.gives.iter().find_map(|(shapes, path)| {
        let found = match_of(shapes, &row.library, trace)?;
        find(path, &found, trace)?.present()
    });
    match named {
        Some(named) if !matches!(&named.value, Value::Text(text) if text.is_empty()) => named,
        Some(_) | None => known,
    }
}

fn answer(lookup: Lookup, span: Span) -> Answer<Known> {
    match lookup {
        Lookup::Present(known) => {
            let at = known.span;
            Answer::present(known, at)
        }
        Lookup::Absent => Answer::absent(span),
        Lookup::Unknown(why) => Answer::unknown(&why),
    }
}

/// When messages are done with, and whether that could not be told for sure.
fn acks(default: Acks, early: &[Condition], late: &[Condition], found: &Match, trace: &Rc<Foreign>) -> (Acks, bool) {
    let is_early = one_holds(early, found, trace);
    let is_late = one_holds(late, found, trace);
    match (is_early, is_late) {
        (Some(true), _) => (Acks::Early, false),
        (_, Some(true)) => (Acks::Manual, false),
        (Some(false), Some(false)) => (default, false),
        (None, _) | (_, None) => (default, true),
    }
}

fn dead_letter(paths: &[Path], delivery: Delivery, found: &Match, trace: &Rc<Foreign>, span: Span) -> Answer<Known> {
    match first(paths, found, trace) {
        Lookup::Absent => by_library(delivery.failing, span),
        said @ (Lookup::Present(_) | Lookup::Unknown(_)) => answer(said, span),
    }
}

fn by_library(failing: Failing, span: Span) -> Answer<Known> {
    match failing {
        Failing::Retried | Failing::Dropped => Answer::absent(span),
        Failing::Kept => {
            Answer::present(Known::new(Value::Text(Symbol::new("the library's failed messages")), span), span)
        }
        Failing::Infrastructure => Answer::unknown("only the broker's settings tell where failed messages go"),
    }
}

/// Settings of clients by their name, and of what the program listens to.
#[derive(Default)]
struct Settings {
    clients: Vec<Registered>,
    servers: Vec<Known>,
}

fn registrations(walk: &mut Walk<'_>, count: usize) -> Settings {
    let mut settings = Settings::default();
    for (starts, row) in rows().iter().filter(|(_, row)| !row.transports.is_empty()) {
        for at in 0..count {
            let Some(event) = walk.events().event(EventId(at as u32)) else { continue };
            let trace = Rc::clone(&event.trace);
            if !may_be_of(starts, &trace) {
                continue;
            }
            let path = Path { name: Symbol::new("settings"), keys: Vec::new() };
            let given = |found: Match| known_of(found.find(&path)?, event.span);
            if let Some(known) = match_of(&row.servers, &row.library, &trace).and_then(given) {
                settings.servers.extend(resolved(walk, known));
            } else if let Some(known) = match_of(&row.registrations, &row.library, &trace).and_then(given) {
                settings.clients.extend(of_registration(walk, known));
            }
        }
    }
    settings
}

/// Each settings object of a registration: of a list, below `clients`, made by a factory.
fn of_registration(walk: &mut Walk<'_>, known: Known) -> Vec<Registered> {
    let clients = look_up(&known, &[Symbol::new("clients")]).present();
    let mut found = Vec::new();
    for one in several(clients.unwrap_or(known)) {
        let name = look_up(&one, &[Symbol::new("name")]).present();
        for settings in resolved(walk, one) {
            found.push(Registered { name: name.clone(), settings });
        }
    }
    found
}

/// The settings, or what their factory gives.
fn resolved(walk: &mut Walk<'_>, known: Known) -> Vec<Known> {
    let factory = look_up(&known, &[Symbol::new("useFactory")]).present();
    let mut closures = factory.map(|factory| functions_in(&factory.value)).unwrap_or_default();
    if let Some(Known { value: Value::Class(class), .. }) = look_up(&known, &[Symbol::new("useClass")]).present() {
        let this = walk.injected_instance(class);
        let made = walk.member(&this, Symbol::new("createClientOptions"), known.span);
        closures.extend(functions_in(&made.value));
    }
    if closures.is_empty() {
        return several(known);
    }
    let span = known.span;
    let results = closures.iter().filter_map(|closure| {
        let frame = walk.enter(closure, None, 1)?;
        Some(walk.result(&frame, span))
    });
    results.flat_map(several).collect()
}

/// The settings of the client that a use goes through.
fn settings_of(found: &Match, trace: &Rc<Foreign>, registered: &Settings) -> Option<Known> {
    let made = found.find(&Path { name: Symbol::new("settings"), keys: Vec::new() }).and_then(Lookup::present);
    if let Some(known) = made {
        return Some(known);
    }
    let token = find(&Path { name: Symbol::new("$token"), keys: Vec::new() }, found, trace)?.present()?;
    if matches!(token.value, Value::Object(_)) {
        return Some(token);
    }
    let named = |one: &&Registered| one.name.as_ref().is_some_and(|name| same(name, &token));
    registered.clients.iter().find(named).map(|one| one.settings.clone())
}

fn transport_of<'r>(row: &'r MessagingRow, settings: &Known) -> Option<&'r Transport> {
    let word = look_up(settings, &[Symbol::new("transport")]).present().and_then(|known| word_of(&known));
    row.transports.iter().find(|transport| word == Some(transport.name))
}

/// What a path says in settings.
fn below(settings: &Known, path: &Path) -> Lookup {
    let keys: Vec<Symbol> = std::iter::once(path.name).chain(path.keys.iter().copied()).collect();
    look_up(settings, &keys)
}

fn channel_of(transport: &Transport, settings: &Known, pattern: &Known, span: Span) -> Known {
    if transport.channel.name == "pattern" {
        return pattern.clone();
    }
    known_of(below(settings, &transport.channel), span)
        .unwrap_or_else(|| Known::unknown("the settings name no channel", span))
}

fn transport_acks(transport: &Transport, settings: &Known) -> (Acks, bool) {
    let mut unclear = false;
    for condition in &transport.late {
        match below(settings, &condition.path) {
            Lookup::Present(known) => match word_of(&known) {
                Some(word) if word == condition.is => return (Acks::Manual, false),
                Some(_) => {}
                None => unclear = true,
            },
            Lookup::Absent => {}
            Lookup::Unknown(_) => unclear = true,
        }
    }
    (transport.delivery.acks, unclear)
}

/// The setting that decides about acknowledgement; where none does, the transport's name.
fn deciding(transport: &Transport, settings: &Known) -> Span {
    let said = transport.late.iter().find_map(|condition| below(settings, &condition.path).present());
    let named = || look_up(settings, &[Symbol::new("transport")]).present();
    said.or_else(named).map_or(settings.span, |known| known.span)
}

fn transport_dead_letter(transport: &Transport, settings: &Known, span: Span) -> Answer<Known> {
    for path in &transport.dead_letter {
        match below(settings, path) {
            Lookup::Absent => {}
            said @ (Lookup::Present(_) | Lookup::Unknown(_)) => return answer(said, span),
        }
    }
    let is_made_elsewhere = transport.elsewhere.iter().any(|condition| match below(settings, &condition.path) {
        Lookup::Present(known) => word_of(&known).is_none_or(|word| word == condition.is),
        Lookup::Unknown(_) => true,
        Lookup::Absent => false,
    });
    if is_made_elsewhere {
        return Answer::unknown("its settings leave making the queue to somebody else");
    }
    // The line that names the queue should have said it.
    let named = if transport.channel.name == "pattern" { None } else { below(settings, &transport.channel).present() };
    by_library(transport.delivery.failing, named.map_or(span, |known| known.span))
}

#[cfg(test)]
mod tests;
