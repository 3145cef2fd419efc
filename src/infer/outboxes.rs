//! What an operation stores and publishes, and whether both happen or neither: by a table of
//! messages that somebody else sends.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::observability::packages::Packages;
use super::vocabulary::Datum;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::code::DependencyScope;
use crate::graph::flows::{Act, Reach};
use crate::graph::model::{Entry, Operation, ServiceId};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::engines::{EngineKind, engines};
use crate::tables::outboxes::sends_from_the_database;

/// The engine of what reads changes out of a database and publishes them.
const CHANGE_READER: &str = "debezium";

/// What an operation stores and publishes.
pub struct Twice<'g> {
    stored: Vec<&'g Reach>,
    sent: Vec<&'g Reach>,
    /// Tables that it changes, sorted.
    pub tables: BTreeSet<Symbol>,
    /// Channels that it publishes to, sorted; the broker where they are not known.
    pub channels: BTreeSet<Symbol>,
    /// Whether it does both in one go; unknown where one may exclude the other, or where
    /// somebody starts it again when it fails.
    pub happens: Answer<Datum>,
}

impl<'g> Twice<'g> {
    /// Puts together what lies on the operation's way.
    pub fn of(operation: &Operation, sent: &[&'g Reach], stored: &[&'g Reach]) -> Self {
        let mut stored: Vec<&Reach> = stored.iter().copied().filter(|reach| !reach.only_in_catch).collect();
        let mut sent: Vec<&Reach> =
            sent.iter().copied().filter(|reach| !reach.only_in_catch && is_kept(reach)).collect();
        // That it refused something is told instead of storing it.
        let both = |sent: &Reach, stored: &Reach| sent.apart_from.binary_search(&stored.site).is_err();
        sent.retain(|sent| stored.is_empty() || stored.iter().any(|stored| both(sent, stored)));
        stored.retain(|stored| sent.is_empty() || sent.iter().any(|sent| both(sent, stored)));
        let tables = stored.iter().flat_map(|reach| tables_of(reach)).copied().collect();
        let channels = sent.iter().filter_map(|reach| channel_of(reach)).collect();
        let always = |(sent, stored): (&Reach, &Reach)| !sent.only_in_branch || !stored.only_in_branch;
        let mut pairs = sent.iter().flat_map(|sent| stored.iter().map(move |stored| (*sent, *stored)));
        let happens_always = pairs.any(|pair| both(pair.0, pair.1) && always(pair));
        let happens = if stored.is_empty() || sent.is_empty() {
            Answer::present(Datum::Bool(false), operation.span)
        } else if matches!(operation.kind, Entry::Message | Entry::Timer) {
            Answer::unknown("what starts it may start it again when it fails half-way")
        } else if happens_always {
            let places = stored.iter().chain(&sent).map(|reach| reach.site).collect();
            Answer::Present(Datum::Bool(true), Evidence(places))
        } else {
            Answer::unknown("it stores under one condition and publishes under another")
        };
        Self { stored, sent, tables, channels, happens }
    }

    fn is_certain(&self) -> bool {
        matches!(self.happens, Answer::Present(Datum::Bool(true), _))
    }

    /// Where it stores and where it publishes, for people; nothing where it does not do both.
    pub fn places(&self) -> BTreeMap<Span, String> {
        if !self.is_certain() {
            return BTreeMap::new();
        }
        let stores = self.stored.iter().map(|reach| (reach.site, "it stores here".to_owned()));
        stores.chain(self.sent.iter().map(|reach| (reach.site, "it publishes here".to_owned()))).collect()
    }
}

/// True for a message that a broker keeps for those who are away. What a cache does on the side
/// is no broker whose messages others build on.
fn is_kept(reach: &Reach) -> bool {
    match &reach.act {
        Act::Publishes { broker, retained, .. } => {
            let is_cache = engines().by_name(*broker).is_some_and(|engine| engine.kind == EngineKind::Cache);
            *retained && !broker.is_empty() && !is_cache
        }
        Act::Asks | Act::Stores(_) => false,
    }
}

fn tables_of(reach: &Reach) -> &[Symbol] {
    match &reach.act {
        Act::Stores(tables) => tables,
        Act::Asks | Act::Publishes { .. } => &[],
    }
}

fn channel_of(reach: &Reach) -> Option<Symbol> {
    match &reach.act {
        Act::Publishes { broker, channel, .. } => Some(channel.unwrap_or(*broker)),
        Act::Asks | Act::Stores(_) => None,
    }
}

/// What of the estate sends messages that stand in a database.
pub struct Outboxes {
    of_service: BTreeMap<ServiceId, (Symbol, Span)>,
    /// Something that reads changes out of databases.
    reader: Option<(Symbol, Span)>,
    /// Files whose names say it.
    named: Vec<EstatePath>,
}

impl Outboxes {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'_>) -> Self {
        let graph = estate.graph;
        let packages = Packages::new(estate);
        let mut of_service = BTreeMap::new();
        for one in graph.tables.iter().filter(|one| is_outbox(&one.table)) {
            if let Some(service) = one.service {
                of_service.entry(service).or_insert((one.table, one.span));
            }
        }
        for (at, service) in graph.services.iter().enumerate() {
            let used = packages.of(service);
            let dependencies = used.units.iter().flat_map(|unit| &unit.dependencies);
            let mut running = dependencies.filter(|one| one.scope == DependencyScope::Runtime);
            if let Some(one) = running.find(|one| sends_from_the_database(&one.name)) {
                of_service.entry(ServiceId(at as u32)).or_insert((one.name, one.span));
            }
        }
        let reader = graph.infrastructure.iter().find(|one| one.engine == *CHANGE_READER);
        Self {
            of_service,
            reader: reader.map(|one| (one.name, one.span)),
            named: estate.paths.iter().copied().filter(|path| is_outbox(path.as_str())).collect(),
        }
    }

    /// What sends the messages of an operation out of the database; absent where it publishes
    /// them itself.
    pub fn of(&self, estate: &Estate<'_>, operation: &Operation, twice: &Twice<'_>) -> Answer<Datum> {
        let present = |name: Symbol, span: Span| Answer::present(Datum::Text(name), span);
        if !twice.is_certain() {
            return Answer::unknown("it is not known to store and publish in one go");
        }
        if let Some((name, span)) = self.of_service.get(&operation.service).or(self.reader.as_ref()) {
            return present(*name, *span);
        }
        if let Some(reach) = twice.stored.iter().find(|reach| tables_of(reach).iter().any(|table| is_outbox(table))) {
            return present(Symbol::new("outbox"), reach.site);
        }
        let folder = estate.graph.service(operation.service).folder;
        let is_near = |path: &&EstatePath| {
            folder.is_none_or(|folder| path.is_within(folder))
                || !estate.graph.services.iter().any(|other| other.folder.is_some_and(|folder| path.is_within(folder)))
        };
        match self.named.iter().find(is_near) {
            Some(path) => Answer::unknown(&format!("{path} may send its messages")),
            None => Answer::Absent(Evidence(twice.places().into_keys().collect())),
        }
    }
}

fn is_outbox(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["outbox", "out_box", "transactional_message", "eventstore", "event_store", "stored_event"]
        .iter()
        .any(|word| name.contains(word))
}
