//! Which uses of libraries are calls to others? Each with the client it goes through, its
//! address, and what every layer says about time and repetition.

use semver::Version;

use super::encryption::encrypts;
use super::event::{EventId, Events};
use super::limits::{Amount, Chosen, Count, Limit, Repeats, choose, count_of, holds, limit_of, repeats_of, seek_all};
use super::lookup::{Lookup, look_up, places_of, word_of};
use super::pools::{Pool, pool_of};
use super::protection::{Around, Ties, TrustedPackage, event_of};
use super::registrations::{Registered, Registrations};
use super::shapes::{Bound, Match, find_chained, find_match, start_of};
use super::value::{Closure, Foreign, Known, Step, Use, Value};
use super::wrappers;
use crate::facts::answer::{Answer, Evidence, Reason};
use crate::facts::call::{Layer, LayerKind};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::clients::{CallShape, ClientRow, Travel, clients};
use crate::tables::library::{Unit, Word};
use crate::tables::pools::PoolRow;
use crate::tables::shape::Path;
use std::rc::Rc;

/// What the recognition of calls asks of others.
pub struct Surroundings<'a> {
    /// The version of a package that the service's code uses: from its lock file, else the least
    /// that its manifest allows.
    pub version: &'a dyn Fn(Symbol) -> Option<Version>,
    /// What a function of the estate returns; `None` where it cannot be told.
    pub returned: &'a dyn Fn(&Closure) -> Option<Known>,
    /// Packages that the user trusts.
    pub trusted: &'a [TrustedPackage],
}

/// The client that a call goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `axios`
    pub library: Symbol,
    /// `axios`, as imported.
    pub package: Symbol,
    /// Where it is made or registered; `None`: the library itself is called.
    pub made: Option<Span>,
}

/// One call to another service.
#[derive(Clone, Debug)]
pub struct OutgoingCall {
    /// The use.
    pub event: EventId,
    /// The call.
    pub span: Span,
    /// What it goes through.
    pub client: Client,
    /// How it travels.
    pub travel: Travel,
    /// Upper case, where known.
    pub method: Option<Symbol>,
    /// Whether it may change something; `None`: nobody says.
    pub mutating: Option<bool>,
    /// What stands before the URL: `baseURL`.
    pub base: Option<Known>,
    /// The URL, or the path below the base.
    pub url: Option<Known>,
    /// Host and port, where they are given apart.
    pub host: Option<Known>,
    /// The port.
    pub port: Option<Known>,
    /// The name of the gRPC service, where the code says it.
    pub service: Option<Known>,
    /// The rpc, procedure or message pattern.
    pub operation: Option<Known>,
    /// The body.
    pub body: Option<Known>,
    /// The headers.
    pub headers: Option<Known>,
    /// What each layer says of the time a call may take, the call itself first. A layer that
    /// another one overrides is left out.
    pub timeout: Vec<Layer<Amount>>,
    /// What each layer does about repeating it; `Absent`: it does not.
    pub retries: Vec<Layer<Repeats>>,
    /// A circuit breaker around it.
    pub breaker: Answer<()>,
    /// A limit of how many run at once.
    pub bulkhead: Answer<()>,
    /// The connections it goes through, where others may go through them as well.
    pub pool: Option<Pool>,
    /// It stays open: no deadline is wanted.
    pub streaming: bool,
    /// It accepts any certificate.
    pub unverified: Option<Span>,
    /// Whether its client's credentials encrypt; `None` where the address or nothing tells.
    pub encrypted: Option<bool>,
    /// A line that sets a timeout of this client, for people.
    pub timeout_help: Option<Symbol>,
    /// Where that line goes.
    pub timeout_put: Option<Symbol>,
}

/// All calls to others among the uses of a service's code, in order of the walk.
pub fn outgoing_calls(events: &Events, around: &Surroundings<'_>) -> Vec<OutgoingCall> {
    let finder = Finder {
        events,
        around,
        ties: Ties::new(events, around.trusted),
        registrations: Registrations::new(events, around.returned),
    };
    (0..events.list.len()).filter_map(|at| finder.call(EventId(at as u32))).collect()
}

struct Finder<'e, 's> {
    events: &'e Events,
    around: &'s Surroundings<'s>,
    ties: Ties<'e>,
    registrations: Registrations,
}

/// A call with the row that knows it.
struct Seen<'t> {
    event: EventId,
    span: Span,
    row: &'t ClientRow,
    shape: &'t CallShape,
    found: Match,
    registered: Registered,
}

impl<'e> Finder<'e, '_> {
    fn call(&self, id: EventId) -> Option<OutgoingCall> {
        let event = self.events.event(id)?;
        let trace = unbound(&event.trace);
        let package = start_of(&trace)?;
        let version = (self.around.version)(package);
        let mut known = false;
        for (_, row) in clients().of(package) {
            known = true;
            if !row.library.covers(version.as_ref()) {
                continue;
            }
            for shape in &row.calls {
                let Some(found) = find_match(&shape.shape, &row.library, &trace) else { continue };
                if !shape.only.iter().all(|condition| holds(&found, condition, &row.library)) {
                    continue;
                }
                let member = found.bound(Symbol::new("member"));
                if matches!(member, Some(Bound::Name(name)) if row.except.contains(name)) {
                    return None;
                }
                let registered = self.registrations.of(row, &found);
                let seen = Seen { event: id, span: event.span, row, shape, found, registered };
                return Some(self.described(&seen));
            }
        }
        if known { None } else { wrappers::call(event, id, &trace, self.around.trusted, &self.ties) }
    }

    fn described(&self, seen: &Seen<'_>) -> OutgoingCall {
        let Seen { row, found, shape, .. } = seen;
        let address = &row.address;
        let any = |paths: &[Path]| paths.iter().find_map(|path| seen.value(path));
        let url = any(&shape.url).or_else(|| any(&address.url)).or_else(|| any(&address.path));
        let travel = shape.travel.unwrap_or_else(|| seen.travel());
        let method = seen.method(travel);
        let around = self.ties.around(seen.event);
        let client = seen.client();
        let is_client = |known: &Known| same_client(known, seen);
        let on_client = self.ties.on_client(&is_client);
        let chained = self.chained(seen);
        let streaming = shape.streaming
            || chained.iter().any(|chained| chained.streaming)
            || row.streaming.iter().any(|condition| holds(found, condition, &row.library));
        let unverified = row.unverified.iter().find_map(|condition| {
            let value = seen.value(&condition.path)?;
            (word_of(&value) == Some(condition.is)).then_some(value.span)
        });
        let breakers = around.breakers.iter().chain(&on_client.breakers).copied().collect::<Vec<_>>();
        let bulkheads = around.bulkheads.iter().chain(&on_client.bulkheads).copied().collect::<Vec<_>>();
        OutgoingCall {
            event: seen.event,
            span: seen.span,
            travel,
            mutating: mutating(method, travel),
            method,
            base: any(&address.base),
            url,
            host: any(&address.host),
            port: any(&address.port),
            service: any(&address.service).or_else(|| service_of(found)),
            operation: row.operation.as_ref().and_then(|path| seen.value(path)).map(as_text),
            body: any(&address.body),
            headers: any(&address.headers),
            timeout: self.timeouts(seen, &chained, &around, &on_client),
            retries: self.retries(seen, &chained, around, on_client, method),
            breaker: seen.breaker().unwrap_or_else(|| answer_of(breakers, seen.span)),
            bulkhead: answer_of(bulkheads, seen.span),
            pool: row
                .pool
                .as_ref()
                .filter(|pool| !(pool.own_clients && client.made.is_some()))
                .map(|pool| seen.pool(pool)),
            streaming,
            unverified,
            encrypted: row.credentials.as_ref().and_then(|spec| encrypts(spec, |path| seen.stated(path))),
            timeout_help: row.timeout.help,
            timeout_put: row
                .timeout
                .put
                .map(|(in_client, in_call)| if client.made.is_some() { in_client } else { in_call }),
            client,
        }
    }

    fn timeouts(
        &self,
        seen: &Seen<'_>,
        chained: &[Further],
        around: &Around,
        on_client: &Around,
    ) -> Vec<Layer<Amount>> {
        let row = seen.row;
        let mut layers = Vec::new();
        // What stands around a call limits it whatever its client does.
        for (limit, span) in around.timeouts.iter().chain(&on_client.timeouts) {
            layers.push(Layer { kind: LayerKind::Wrapper, answer: answer_to(limit, *span) });
        }
        // Inside the library, the nearest that is set decides.
        for further in chained {
            if let Some(limit @ (Limit::Set(..) | Limit::Unknown(_))) = &further.timeout {
                layers.push(Layer { kind: LayerKind::CallSite, answer: answer_to(limit, further.span) });
                if matches!(limit, Limit::Set(..)) {
                    return layers;
                }
            }
        }
        let at_call = limit_of(&seen.found, &row.timeout.call, &row.timeout.off, &row.library);
        let at_call = at_call.map(|limit| self.with_controller(limit));
        let unclear_at_call = self.unclear(seen, &seen.found);
        match (&at_call, unclear_at_call) {
            (Some(limit @ Limit::Set(..)), _) => {
                layers.push(Layer { kind: LayerKind::CallSite, answer: answer_to(limit, seen.span) });
                return layers;
            }
            (_, Some(reason)) => layers.push(unknown_layer(LayerKind::CallSite, reason)),
            (Some(limit), None) => {
                layers.push(Layer { kind: LayerKind::CallSite, answer: answer_to(limit, seen.span) });
            }
            // No knob of the call's own.
            (None, None) => {}
        }
        if self.client_timeouts(seen, &mut layers) {
            return layers;
        }
        let place = seen.client().made.unwrap_or(seen.span);
        let answer = match row.timeout.default {
            Some(millis) => Answer::present(Amount::Millis(millis), place),
            None => Answer::absent(place),
        };
        layers.push(Layer { kind: LayerKind::LibraryDefault, answer });
        layers
    }

    /// True if something of the client decides, so that the library's default does not count.
    fn client_timeouts(&self, seen: &Seen<'_>, layers: &mut Vec<Layer<Amount>>) -> bool {
        let row = seen.row;
        for assigned in &self.events.assigned {
            let of = row.timeout.assigned.iter().find_map(|shape| find_match(shape, &row.library, &assigned.target));
            let Some(target) = of else { continue };
            let own = same_instance(&target, &seen.found);
            let inherited = !own && target.made.as_ref().is_some_and(|made| made.from.last.is_none());
            let keys = Symbol::new("value");
            let bound = Match { bound: vec![(keys, Bound::Value(assigned.value.clone()))], ..target.clone() };
            let knob = crate::tables::library::Knob {
                path: Path { name: keys, keys: Vec::new() },
                unit: if last_member_is(&assigned.target, "signal") { Unit::Signal } else { Unit::Millis },
            };
            let Some(limit) = limit_of(&bound, &[knob], &row.timeout.off, &row.library) else { continue };
            if own {
                layers.push(Layer { kind: LayerKind::Client, answer: answer_to(&limit, assigned.span) });
                return true;
            }
            if inherited && target.package == seen.found.package {
                let reason = "the library's own defaults are set; whether before this client is made was not followed";
                layers.push(unknown_layer(LayerKind::Client, Symbol::new(reason)));
            }
        }
        for level in seen.found.chain().skip(1) {
            let limit = limit_of(level, &row.timeout.client, &row.timeout.off, &row.library);
            let place = level.last.as_ref().map_or(seen.span, |last| last.span);
            match limit {
                Some(limit @ Limit::Set(..)) => {
                    layers.push(Layer {
                        kind: LayerKind::Client,
                        answer: answer_to(&self.with_controller(limit), place),
                    });
                    return true;
                }
                Some(limit @ (Limit::NotSet | Limit::Unknown(_))) => {
                    let answer = match self.unclear(seen, level) {
                        Some(reason) => Answer::Unknown(Reason(reason)),
                        None => answer_to(&limit, place),
                    };
                    layers.push(Layer { kind: LayerKind::Client, answer });
                }
                None => {
                    if let Some(reason) = self.unclear(seen, level) {
                        layers.push(unknown_layer(LayerKind::Client, reason));
                    }
                }
            }
        }
        // Settings that a container makes the client of.
        if let Some((settings, place)) = seen.registered.as_match(&seen.found) {
            let limit = limit_of(&settings, &row.timeout.client, &row.timeout.off, &row.library);
            match (limit, self.unclear(seen, &settings)) {
                (Some(limit @ Limit::Set(..)), _) => {
                    layers.push(Layer { kind: LayerKind::Client, answer: answer_to(&limit, place) });
                    return true;
                }
                (_, Some(reason)) => layers.push(unknown_layer(LayerKind::Client, reason)),
                (Some(limit), None) => {
                    layers.push(Layer { kind: LayerKind::Client, answer: answer_to(&limit, place) });
                }
                (None, None) => {}
            }
        } else if let Some(reason) = seen.registered.unknown() {
            layers.push(unknown_layer(LayerKind::Client, reason));
        }
        self.everywhere(seen, layers) || self.interceptors(seen, layers)
    }

    /// What is set for the process as a whole. True if it sets a limit.
    fn everywhere(&self, seen: &Seen<'_>, layers: &mut Vec<Layer<Amount>>) -> bool {
        let row = seen.row;
        if row.timeout.everywhere.is_empty() || seen.found.made.is_some() {
            return false;
        }
        for event in &self.events.list {
            let of = row.timeout.everywhere.iter().find_map(|shape| find_match(shape, &row.library, &event.trace));
            let limit = of.and_then(|of| limit_of(&of, &row.timeout.everywhere_at, &row.timeout.off, &row.library));
            match limit {
                Some(limit @ Limit::Set(..)) => {
                    layers.push(Layer { kind: LayerKind::Client, answer: answer_to(&limit, event.span) });
                    return true;
                }
                Some(Limit::Unknown(reason)) => layers.push(unknown_layer(LayerKind::Client, reason)),
                Some(Limit::NotSet) | None => {}
            }
        }
        false
    }

    /// What functions do that the client runs on each request. True if one sets a limit.
    fn interceptors(&self, seen: &Seen<'_>, layers: &mut Vec<Layer<Amount>>) -> bool {
        let row = seen.row;
        for event in &self.events.list {
            let of = row.timeout.interceptors.iter().find_map(|shape| find_match(shape, &row.library, &event.trace));
            let Some(of) = of.filter(|of| same_instance(of, &seen.found)) else { continue };
            let Some(Bound::Value(handler)) = of.bound(Symbol::new("handler")) else { continue };
            let handed = of.event();
            // `config.timeout = 5000` in the function.
            let set = self.events.assigned.iter().find(|assigned| {
                last_member_is(&assigned.target, "timeout") && comes_of_handed(&assigned.target, handed)
            });
            if let Some(set) = set {
                let amount = super::limits::amount_of(&set.value, Unit::Millis, &row.timeout.off);
                layers.push(Layer { kind: LayerKind::Interceptor, answer: Answer::present(amount, set.span) });
                return true;
            }
            let returned = match &handler.value {
                Value::Function(closure) => (self.around.returned)(closure),
                Value::Nothing => continue,
                _ => None,
            };
            // `(config) => ({...config, timeout: 5000})`
            let given_back = returned.as_ref().map(|returned| look_up(returned, &[Symbol::new("timeout")]));
            if let Some(Lookup::Present(known)) = given_back {
                let amount = super::limits::amount_of(&known, Unit::Millis, &row.timeout.off);
                layers.push(Layer { kind: LayerKind::Interceptor, answer: Answer::present(amount, known.span) });
                return true;
            }
            // A function that gives back the settings it was handed, and sets no timeout on them.
            let same = returned.as_ref().is_some_and(|returned| {
                matches!(&returned.value, Value::Foreign(foreign)
                    if matches!(foreign.step, Step::Handed { .. })
                        && foreign.before.as_ref().and_then(|before| event_of(before)) == handed)
            });
            if !same {
                let reason = Symbol::new("an interceptor may set a timeout");
                layers.push(unknown_layer(LayerKind::Interceptor, reason));
            }
        }
        false
    }

    fn unclear(&self, seen: &Seen<'_>, level: &Match) -> Option<Symbol> {
        seen.row.timeout.unclear.iter().find_map(|path| match super::limits::seek(level, path, &seen.row.library)? {
            // What the row knows how to make was looked at, or is what the library uses anyway.
            Lookup::Present(Known { value: Value::Foreign(foreign), .. })
                if seen
                    .row
                    .library
                    .makes
                    .iter()
                    .any(|(_, shape)| find_match(shape, &seen.row.library, &foreign).is_some()) =>
            {
                None
            }
            Lookup::Present(_) => {
                let keys: Vec<&str> = path.keys.iter().map(|key| key.as_str()).collect();
                Some(Symbol::new(&format!("`{}` may limit its time", keys.join("."))))
            }
            Lookup::Unknown(reason) => Some(reason),
            Lookup::Absent => None,
        })
    }

    /// `controller.signal`, where a timer aborts the controller.
    fn with_controller(&self, limit: Limit) -> Limit {
        match limit {
            Limit::Set(Amount::Unclear, known) => {
                let amount = self.ties.aborted_after(&known).unwrap_or(Amount::Unclear);
                Limit::Set(amount, known)
            }
            Limit::Set(..) | Limit::NotSet | Limit::Unknown(_) => limit,
        }
    }

    fn chained(&self, seen: &Seen<'_>) -> Vec<Further> {
        let row = seen.row;
        let mut all = Vec::new();
        if row.chained.is_empty() {
            return all;
        }
        for (_, follower) in self.ties.followers(seen.event) {
            for chained in &row.chained {
                let found = find_chained(&chained.shape, &row.library, &follower.trace, seen.event);
                let Some(found) = found else { continue };
                let retries = match choose(&found, &chained.retries, &row.library) {
                    Chosen::Set(known) => Some(count_of(&known)),
                    Chosen::Default(word) => word.parse().ok().map(Count::Times),
                    Chosen::Unknown(_) => Some(Count::Unclear),
                    Chosen::Nothing => None,
                };
                all.push(Further {
                    timeout: limit_of(&found, &chained.timeout, &row.timeout.off, &row.library),
                    retries: retries.filter(|_| !chained.retries.is_empty()),
                    streaming: chained.streaming.iter().any(|condition| holds(&found, condition, &row.library)),
                    span: follower.span,
                });
            }
        }
        all
    }

    fn retries(
        &self,
        seen: &Seen<'_>,
        chained: &[Further],
        around: Around,
        on_client: Around,
        method: Option<Symbol>,
    ) -> Vec<Layer<Repeats>> {
        let row = seen.row;
        let applies = |repeats: &Repeats| {
            let listed = |method: Symbol| repeats.methods.iter().any(|known| known.eq_ignore_ascii_case(&method));
            repeats.methods.is_empty() || repeats.widened || method.is_none_or(listed)
        };
        let mut layers: Vec<Layer<Repeats>> = Vec::new();
        let mut push = |kind: LayerKind, repeats: Repeats| {
            if applies(&repeats) {
                let span = repeats.span;
                layers.push(Layer { kind, answer: Answer::present(repeats, span) });
            }
        };
        for further in chained {
            if let Some(count) = &further.retries {
                let repeats = Repeats {
                    count: count.clone(),
                    delay_ms: Some(0),
                    growth: super::limits::Growth::None,
                    jitter: Some(false),
                    longest_ms: None,
                    methods: Vec::new(),
                    widened: false,
                    by_default: false,
                    help: None,
                    span: further.span,
                };
                push(LayerKind::CallSite, repeats);
            }
        }
        if let Some(repeats) = row
            .retries
            .as_ref()
            .and_then(|retry| repeats_of(&seen.found, retry, &row.library, seen.client().made.unwrap_or(seen.span)))
        {
            let kind = match (repeats.by_default, seen.span.contains(repeats.span)) {
                (true, _) => LayerKind::LibraryDefault,
                (false, true) => LayerKind::CallSite,
                (false, false) => LayerKind::Client,
            };
            push(kind, repeats);
        }
        for repeats in on_client.repeats {
            push(LayerKind::Client, repeats);
        }
        for repeats in around.repeats {
            push(LayerKind::Wrapper, repeats);
        }
        if layers.is_empty() {
            layers.push(Layer { kind: LayerKind::LibraryDefault, answer: Answer::absent(seen.span) });
        }
        layers
    }
}

/// What a step further along the chain says.
struct Further {
    timeout: Option<Limit>,
    retries: Option<Count>,
    streaming: bool,
    span: Span,
}

impl Seen<'_> {
    /// What a path leads to: in the call, in its client, in what the container makes the client of.
    fn value(&self, path: &Path) -> Option<Known> {
        match seek_all(&self.found, path, &self.row.library) {
            Lookup::Present(known) => Some(known),
            Lookup::Absent | Lookup::Unknown(_) => self.registered.find(path),
        }
    }

    /// What stands at a path, in the call or in what a container makes its client of.
    fn stated(&self, path: &Path) -> Lookup {
        match seek_all(&self.found, path, &self.row.library) {
            Lookup::Absent => self.registered.look_up(path),
            found @ (Lookup::Present(_) | Lookup::Unknown(_)) => found,
        }
    }

    /// What the client's own settings say of a circuit breaker; `None`: nothing.
    fn breaker(&self) -> Option<Answer<()>> {
        self.row.breaks.iter().find_map(|condition| match self.stated(&condition.path) {
            Lookup::Present(known) if word_of(&known) == Some(condition.is) => Some(Answer::present((), known.span)),
            Lookup::Unknown(why) => Some(Answer::Unknown(Reason(why))),
            Lookup::Present(_) | Lookup::Absent => None,
        })
    }

    fn client(&self) -> Client {
        let made = self.found.chain().skip(1).find_map(|level| level.last.as_ref().map(|last| last.span));
        let injected = self.found.chain().find_map(|level| level.injection.as_ref().map(|injection| injection.span));
        Client {
            library: self.row.library.name,
            package: self.found.package,
            made: self.registered.place().or(made).or(injected),
        }
    }

    fn pool(&self, row: &PoolRow) -> Pool {
        let place = self.client().made.unwrap_or(self.span);
        match self.registered.as_match(&self.found) {
            // What a container makes the client of stands below what the call says.
            Some((settings, _)) => {
                let mut found = self.found.clone();
                found.bound.extend(settings.bound);
                pool_of(row, &found, &self.row.library, place)
            }
            None => pool_of(row, &self.found, &self.row.library, place),
        }
    }

    fn travel(&self) -> Travel {
        let Some((paths, words)) = &self.row.travels else { return self.row.travel };
        let word = paths.iter().find_map(|path| word_of(&self.value(path)?));
        let travel = word.and_then(|word| words.iter().find(|(known, _)| *known == word));
        travel.map_or(self.row.travel, |(_, travel)| *travel)
    }

    fn method(&self, travel: Travel) -> Option<Symbol> {
        let words = if self.shape.method.is_empty() { &self.row.method } else { &self.shape.method };
        for word in words {
            let text = match word {
                Word::Path(path) => match seek_all(&self.found, path, &self.row.library) {
                    Lookup::Present(known) => word_of(&known)?,
                    Lookup::Absent => continue,
                    Lookup::Unknown(_) => return None,
                },
                Word::Value(value) => *value,
            };
            return http_method(&text);
        }
        (travel == Travel::GraphQl).then(|| Symbol::new("POST"))
    }
}

/// `POST` for `post`, `postForm` and `POST`; `DELETE` for `del`.
fn http_method(text: &str) -> Option<Symbol> {
    const METHODS: [&str; 9] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY", "TRACE"];
    let upper = text.to_uppercase();
    let upper = upper.rsplit('.').next().unwrap_or(&upper);
    let plain = upper.strip_suffix("FORM").unwrap_or(upper);
    let plain = match plain {
        "DEL" => "DELETE",
        "OPTS" => "OPTIONS",
        other => other,
    };
    METHODS.iter().find(|known| **known == plain).map(|known| Symbol::new(known))
}

fn mutating(method: Option<Symbol>, travel: Travel) -> Option<bool> {
    match travel {
        Travel::Http => method.map(|method| !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "QUERY" | "TRACE")),
        Travel::Message => Some(true),
        // Their names tell, which others judge.
        Travel::Grpc | Travel::GraphQl | Travel::Tcp | Travel::WebSocket | Travel::RpcOverBroker => None,
    }
}

/// `shop.Orders` of `loadPackageDefinition(…).shop.Orders`: the members on the way to the client.
fn service_of(found: &Match) -> Option<Known> {
    found.chain().skip(1).find_map(|level| match level.bound(Symbol::new("member")) {
        Some(Bound::Name(name)) => {
            let span = found.chain().find_map(|level| level.last.as_ref()).map(|last| last.span)?;
            Some(Known::new(Value::Text(*name), span))
        }
        Some(Bound::Value(_) | Bound::Missing | Bound::Unclear | Bound::Rest(..)) | None => None,
    })
}

/// A pattern as NestJS compares it: `{"cmd":"sum"}`, with keys in order, for an object of texts
/// (`transformPatternToRoute` in `@nestjs/microservices`).
fn as_text(known: Known) -> Known {
    let Value::Object(object) = &known.value else { return known };
    let mut parts: Vec<String> = Vec::new();
    for (key, value) in &object.entries {
        match &value.value {
            Value::Text(text) => parts.push(format!("\"{key}\":\"{text}\"")),
            Value::Number(number) => parts.push(format!("\"{key}\":{number}")),
            _ => return known,
        }
    }
    if object.open {
        return known;
    }
    parts.sort_unstable();
    Known { value: Value::Text(Symbol::new(&format!("{{{}}}", parts.join(",")))), ..known }
}

/// The place that a client is made at, which makes it the same wherever it is used.
fn made_at(found: &Match) -> Option<Span> {
    found.chain().skip(1).find_map(|level| level.last.as_ref().map(|last| last.span))
}

/// True if two uses go through one client.
fn same_instance(one: &Match, other: &Match) -> bool {
    let injected = |found: &Match| found.chain().any(|level| level.injection.is_some());
    one.package == other.package && made_at(one) == made_at(other) && injected(one) == injected(other)
}

/// True if a value is the client that a call goes through.
fn same_client(known: &Known, seen: &Seen<'_>) -> bool {
    let Value::Foreign(foreign) = &known.value else { return false };
    let library = &seen.row.library;
    let value = library.makes.iter().find_map(|(_, shape)| find_match(shape, library, foreign));
    value.is_some_and(|value| {
        let made = value.last.as_ref().map(|last| last.span).or_else(|| made_at(&value));
        value.package == seen.found.package && made == made_at(&seen.found)
    })
}

fn last_member_is(target: &Foreign, name: &str) -> bool {
    matches!(&target.step, Step::Member(member) if *member == name)
}

/// True if a value was handed to the callback of the call `of`.
fn comes_of_handed(target: &Rc<Foreign>, of: Option<EventId>) -> bool {
    let mut at = Some(target);
    while let Some(foreign) = at {
        if matches!(foreign.step, Step::Handed { .. }) {
            return of.is_some() && foreign.before.as_ref().and_then(|before| event_of(before)) == of;
        }
        at = foreign.before.as_ref();
    }
    false
}

/// `promisify(client.getOrder).bind(client)(request)` calls what was given to `promisify`.
fn unbound(trace: &Rc<Foreign>) -> Rc<Foreign> {
    let Step::Call(used) = &trace.step else { return Rc::clone(trace) };
    let Some(before) = &trace.before else { return Rc::clone(trace) };
    let mut callee = before;
    // `.bind(client)`
    if let (Step::Call(_), Some(bind)) = (&callee.step, &callee.before)
        && matches!(&bind.step, Step::Member(name) if *name == "bind")
        && let Some(bound) = &bind.before
    {
        callee = bound;
    }
    let Step::Call(promisified) = &callee.step else { return Rc::clone(trace) };
    let is_promisify = callee.before.as_ref().is_some_and(|function| {
        let import = |step: &Step| matches!(step, Step::Import { package, .. } if *package == "util");
        match &function.step {
            Step::Import { name, .. } => import(&function.step) && *name == "promisify",
            Step::Member(name) => {
                *name == "promisify" && function.before.as_ref().is_some_and(|util| import(&util.step))
            }
            Step::Global(_)
            | Step::Injected(_)
            | Step::Call(_)
            | Step::New(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => false,
        }
    });
    match promisified.arguments.first().map(|first| &first.value) {
        Some(Value::Foreign(method)) if is_promisify => {
            // `promisify(client.getOrder.bind(client))`
            let bound = method.before.as_ref().filter(|bind| {
                matches!(method.step, Step::Call(_)) && matches!(&bind.step, Step::Member(name) if *name == "bind")
            });
            let method = bound.and_then(|bind| bind.before.as_ref()).unwrap_or(method);
            let used: Rc<Use> = Rc::clone(used);
            Rc::new(Foreign {
                before: Some(Rc::clone(method)),
                step: Step::Call(used),
                length: method.length.saturating_add(1),
            })
        }
        _ => Rc::clone(trace),
    }
}

pub(super) fn answer_to(limit: &Limit, span: Span) -> Answer<Amount> {
    match limit {
        Limit::Set(amount, known) => {
            let mut places = places_of(known);
            if !places.contains(&span) {
                places.push(span);
            }
            Answer::Present(amount.clone(), Evidence(places))
        }
        Limit::NotSet => Answer::absent(span),
        Limit::Unknown(reason) => Answer::Unknown(Reason(*reason)),
    }
}

pub(super) fn unknown_layer<T>(kind: LayerKind, reason: Symbol) -> Layer<T> {
    Layer { kind, answer: Answer::Unknown(Reason(reason)) }
}

pub(super) fn answer_of(places: Vec<Span>, span: Span) -> Answer<()> {
    if places.is_empty() { Answer::absent(span) } else { Answer::Present((), Evidence(places)) }
}
