//! Whether a request that comes twice is refused, or does no harm, by what the database knows: a
//! key that is unique over what the caller sends, or a row that is only written where it is not
//! there.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::flows::{is_cache, on_the_way};
use super::model::ServiceId;
use super::program::event::{EventId, events_of};
use super::program::modules::Modules;
use super::program::stores::{Statement, StatementKind};
use super::program::value::{ClassRef, FrameId, Known, Object, Step, Value};
use super::sources::Source;
use super::tables::{TableRole, TableUse};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::contract::IdempotencyBasis;
use crate::facts::program::Around;
use crate::source::symbol::Symbol;
use crate::tables::identifiers::makes_identifiers;
use crate::tables::removing::{removes_rows, removes_values};
use crate::tables::stores::{EngineOf, stores as stores_table};

/// How deep a value is looked into for what made it.
const DEPTH: usize = 6;

/// The keys of all tables that the estate defines.
pub struct Keys {
    /// Columns that are unique together, folded, by service (`None`: nobody's file) and table.
    of: BTreeMap<(Option<ServiceId>, String), Vec<Vec<String>>>,
    /// What a model's name in code is called in the database.
    models: BTreeMap<(Option<ServiceId>, String), String>,
}

/// What a statement that adds a row does when it is done again.
enum Again {
    /// The database refuses it.
    Refused,
    /// Nothing more than the first time.
    Harmless,
    /// It adds another row.
    Doubled,
    /// It cannot be told; the reason is for people.
    Open(String),
}

/// What the way of an operation shows of its being repeated.
#[derive(Default)]
pub struct Repetition {
    /// What the database makes of it; `None` where it does nothing about it.
    pub answer: Option<Answer<IdempotencyBasis>>,
    /// True where a row is added, or an amount counted, on every way through.
    pub adds: bool,
    /// True where all that it does is to take something away.
    pub removes: bool,
}

impl Keys {
    /// Those of definitions in scripts, schemas and code.
    pub fn new(tables: &[TableUse]) -> Self {
        let mut keys = Self { of: BTreeMap::new(), models: BTreeMap::new() };
        for one in tables {
            let table = one.table.to_lowercase();
            match one.role {
                TableRole::Migrates | TableRole::Models | TableRole::Creates => {}
                TableRole::Alters if !one.unique.is_empty() => {}
                TableRole::Alters | TableRole::Fills | TableRole::Writes | TableRole::Reads => continue,
            }
            if let Some(model) = one.model {
                keys.models.insert((one.service, model.to_lowercase()), table.clone());
            }
            let unique = one.unique.iter().map(|columns| columns.iter().map(|name| folded(name)).collect());
            keys.of.entry((one.service, table)).or_default().extend(unique);
        }
        keys
    }

    /// The keys of a table; `None` where nothing defines it.
    fn of(&self, service: ServiceId, table: Symbol) -> Option<Vec<&Vec<String>>> {
        let name = table.to_lowercase();
        let named = |owner: Option<ServiceId>| {
            let name = self.models.get(&(owner, name.clone())).unwrap_or(&name);
            self.of.get(&(owner, name.clone()))
        };
        match (named(Some(service)), named(None)) {
            (None, None) => None,
            (own, shared) => Some(own.into_iter().chain(shared).flatten().collect()),
        }
    }

    /// True where no table of a service has a key but its own number.
    fn none_speaks(&self, service: ServiceId) -> bool {
        let mut own = self.of.iter().filter(|((owner, _), _)| owner.is_none_or(|owner| owner == service)).peekable();
        own.peek().is_some() && own.all(|((_, table), keys)| keys.iter().all(|columns| is_own(columns, table)))
    }
}

/// What becomes of the rows that the operation of a frame adds when it is asked for again. What
/// it is `updating` is there already, so that no key refuses it.
pub fn repetition(source: &Source, modules: &Modules<'_>, keys: &Keys, frame: FrameId, updating: bool) -> Repetition {
    let way = on_the_way(source, modules, frame);
    let read: BTreeSet<EventId> =
        source.stores.statements.iter().filter(|one| one.kind == StatementKind::Read).map(|one| one.event).collect();
    let mut adding: Vec<(&Statement, bool)> = Vec::new();
    for statement in &source.stores.statements {
        let Some(around) = way.get(&statement.event).filter(|around| !around.in_catch) else { continue };
        let adds = match statement.kind {
            StatementKind::Upsert => true,
            StatementKind::Write => statement.inserts && !is_loaded(source, statement, &read),
            StatementKind::Other | StatementKind::Read | StatementKind::Define => false,
        };
        if adds && !is_cache(statement) {
            adding.push((statement, around.in_branch));
        }
    }
    adding.sort_by_key(|(statement, _)| statement.event);
    let counts = source.stores.statements.iter().any(|one| {
        one.kind == StatementKind::Write && one.counts && way.get(&one.event).is_some_and(|around| !around.in_branch)
    });
    let adds =
        counts || adding.iter().any(|(statement, in_branch)| statement.kind == StatementKind::Write && !in_branch);
    let removes = only_removes(source, &way);
    let answer = if counts { None } else { answer(source, modules, keys, &adding, updating) };
    Repetition { answer, adds, removes }
}

/// True where something is taken away on the way, and nothing else is written, sent or asked of
/// others.
fn only_removes(source: &Source, way: &BTreeMap<EventId, Around>) -> bool {
    let on_way = |event: &EventId| way.contains_key(event);
    if source.calls.iter().any(|call| on_way(&call.event))
        || source.messages.publishes.iter().any(|one| on_way(&one.event))
    {
        return false;
    }
    let mut any = false;
    for statement in source.stores.statements.iter().filter(|one| on_way(&one.event) && !is_cache(one)) {
        match statement.kind {
            StatementKind::Read => {}
            StatementKind::Write if takes_away(source, statement) => any = true,
            StatementKind::Write | StatementKind::Upsert | StatementKind::Other | StatementKind::Define => {
                return false;
            }
        }
    }
    any
}

/// `Basket.deleteOne({ id })`, `Basket.updateOne({ id }, { $pull: { items } })`
fn takes_away(source: &Source, statement: &Statement) -> bool {
    let Some(event) = source.events.event(statement.event).filter(|_| !statement.is_sql) else { return false };
    let Some(Step::Member(member)) = event.trace.before.as_ref().map(|before| &before.step) else { return false };
    let update = event.arguments().get(1).map(|known| &known.value);
    let takes_values = matches!(update, Some(Value::Object(update)) if !update.open
        && !update.entries.is_empty()
        && update.entries.iter().all(|(operator, _)| removes_values(operator)));
    removes_rows(member) || takes_values
}

fn answer(
    source: &Source,
    modules: &Modules<'_>,
    keys: &Keys,
    adding: &[(&Statement, bool)],
    updating: bool,
) -> Option<Answer<IdempotencyBasis>> {
    let present = |basis, statement: &Statement| Some(Answer::Present(basis, Evidence(vec![statement.span])));
    let mut harmless = None;
    let mut open = None;
    let mut doubled = false;
    for (statement, in_branch) in adding {
        match again(source, modules, keys, statement) {
            Again::Refused if updating => doubled = true,
            // What was added before is taken back with it in a transaction only.
            Again::Refused if !doubled || statement.in_transaction.is_some() => {
                return present(IdempotencyBasis::UniqueKey, statement);
            }
            Again::Refused => {}
            Again::Harmless => harmless = harmless.or(Some(*statement)),
            Again::Doubled => doubled |= !in_branch,
            Again::Open(_) if updating => {}
            Again::Open(why) => open = open.or(Some(why)),
        }
    }
    match (open, harmless) {
        (Some(why), _) => Some(Answer::unknown(&why)),
        (None, Some(statement)) if !doubled => present(IdempotencyBasis::Upsert, statement),
        (None, _) => None,
    }
}

/// True where what is saved was read before: its row is there.
fn is_loaded(source: &Source, statement: &Statement, read: &BTreeSet<EventId>) -> bool {
    let Some(event) = source.events.event(statement.event) else { return false };
    let mut all: Vec<EventId> = Vec::new();
    all.extend(events_of(&Value::Foreign(Rc::clone(&event.trace))).into_iter().skip(1));
    for argument in event.arguments() {
        made_by(argument, DEPTH, &mut all);
    }
    all.iter().any(|event| read.contains(event))
}

fn made_by(known: &Known, depth: usize, found: &mut Vec<EventId>) {
    let Some(below) = depth.checked_sub(1) else { return };
    match &known.value {
        Value::Foreign(_) => found.extend(events_of(&known.value)),
        Value::OneOf(all) | Value::FirstOf(all) => {
            for one in all.iter() {
                made_by(one, below, found);
            }
        }
        _other => {}
    }
}

fn again(source: &Source, modules: &Modules<'_>, keys: &Keys, statement: &Statement) -> Again {
    let table = statement.tables.iter().find(|table| table.writes).map(|table| table.name);
    if statement.kind == StatementKind::Upsert {
        return upserted(source, statement, table);
    }
    let Some(table) = table else {
        if keys.none_speaks(source.service) {
            return Again::Doubled;
        }
        return Again::Open("which table its handler adds a row to could not be told".to_owned());
    };
    let Some(unique) = keys.of(source.service, table) else {
        if has_no_schema(statement) || keys.none_speaks(source.service) {
            return Again::Doubled;
        }
        return Again::Open(format!("what defines {table} is not in the estate, so its unique keys are not known"));
    };
    let written = Written::of(source, modules, statement);
    let own = |columns: &&&Vec<String>| is_own(columns, &table.to_lowercase());
    let mut open = false;
    for columns in unique.iter().filter(|columns| !own(columns)) {
        match written.sent(columns) {
            Some(true) => return Again::Refused,
            Some(false) => {}
            None => open = true,
        }
    }
    if unique.iter().filter(own).any(|columns| written.sent_for_sure(columns)) {
        return Again::Refused;
    }
    if open {
        return Again::Open(format!("whether the caller sends what is unique in {table} could not be told"));
    }
    Again::Doubled
}

/// What an upsert does again: where the row is told by a number that the service makes anew, there
/// is another row each time.
fn upserted(source: &Source, statement: &Statement, table: Option<Symbol>) -> Again {
    let Some(event) = source.events.event(statement.event).filter(|_| !statement.is_sql) else {
        return Again::Harmless;
    };
    let first = event.arguments().first().map(|first| &first.value);
    let Some(Value::Object(first)) = first else { return Again::Harmless };
    // `upsert({ where: { number }, … })`, `updateOne({ number }, …, { upsert: true })`
    let filter = match first.get("where").map(|(known, _)| &known.value) {
        Some(Value::Object(filter)) => filter,
        Some(_) => return Again::Harmless,
        None => first,
    };
    let told: Vec<Option<bool>> = filter.entries.iter().map(|(_, known)| is_made_here(known, DEPTH)).collect();
    let keys: Vec<String> = filter.entries.iter().map(|(name, _)| folded(name)).collect();
    let table = table.map(|table| table.to_lowercase()).unwrap_or_default();
    if told.contains(&Some(true)) {
        Again::Doubled
    } else if told.contains(&None) && is_own(&keys, &table) {
        Again::Open("whether the caller chooses the number of the row could not be told".to_owned())
    } else {
        Again::Harmless
    }
}

/// What is written, as far as the code shows it.
enum Written {
    /// Columns with their values; true where there may be more.
    Object(Rc<Object>, bool),
    /// An object of a class that a request is read into: its fields.
    Request(Vec<String>),
    /// Columns that an INSERT names.
    Columns(Vec<String>),
    /// Nobody knows.
    Unknown,
}

impl Written {
    fn of(source: &Source, modules: &Modules<'_>, statement: &Statement) -> Self {
        if statement.is_sql {
            let columns: Vec<String> = statement.into.iter().map(|name| folded(name)).collect();
            return if columns.is_empty() { Self::Unknown } else { Self::Columns(columns) };
        }
        let Some(event) = source.events.event(statement.event) else { return Self::Unknown };
        // Of a chain, the values come further on: `.insert(orders).values({…})`.
        let frame = source.events.frames.get(event.frame.0 as usize);
        let further = frame.into_iter().flat_map(|frame| &frame.events).filter_map(|id| source.events.event(*id));
        let further = further.filter(|other| {
            other.span != event.span && events_of(&Value::Foreign(Rc::clone(&other.trace))).contains(&statement.event)
        });
        for trace in further.map(|event| &event.trace).chain([&event.trace]) {
            let mut at = Some(trace);
            while let Some(way) = at {
                if let Step::Call(used) | Step::New(used) = &way.step {
                    let found = used.arguments.iter().rev().find_map(|argument| Self::in_value(modules, argument, 4));
                    if let Some(found) = found {
                        return found;
                    }
                }
                at = way.before.as_ref();
            }
        }
        Self::Unknown
    }

    fn in_value(modules: &Modules<'_>, known: &Known, depth: usize) -> Option<Self> {
        let below = depth.checked_sub(1)?;
        match &known.value {
            Value::Object(object) => {
                // `create({ data: { … } })` of Prisma
                let data = object.entries.iter().find(|(name, _)| *name == "data").map(|(_, known)| known);
                let inner = data.and_then(|known| Self::in_value(modules, known, below));
                Some(inner.unwrap_or_else(|| Self::Object(Rc::clone(object), object.open)))
            }
            Value::Array(all) => all.first().and_then(|first| Self::in_value(modules, first, below)),
            Value::Instance(instance) if instance.made.is_none() && instance.arguments.is_none() => {
                Some(Self::Request(fields(modules, instance.class)))
            }
            Value::Foreign(made) => match &made.step {
                Step::Call(used) | Step::New(used) => {
                    used.arguments.iter().find_map(|one| Self::in_value(modules, one, below))
                }
                _other => None,
            },
            _other => None,
        }
    }

    /// Whether all of these columns are written with what the caller sends.
    fn sent(&self, columns: &[String]) -> Option<bool> {
        match self {
            Self::Object(object, open) => {
                let mut all = Some(true);
                for column in columns {
                    let value = object.entries.iter().rev().find(|(name, _)| folded(name) == *column);
                    match value.map(|(_, known)| is_made_here(known, DEPTH)) {
                        Some(Some(true)) => return Some(false),
                        Some(Some(false)) => {}
                        Some(None) => all = None,
                        None if *open => all = None,
                        None => return Some(false),
                    }
                }
                all
            }
            Self::Request(fields) => columns.iter().all(|column| fields.contains(column)).then_some(true),
            Self::Columns(named) if !columns.iter().all(|column| named.contains(column)) => Some(false),
            Self::Columns(_) | Self::Unknown => None,
        }
    }

    /// The same for a row's own number, which is mostly made by the service.
    fn sent_for_sure(&self, columns: &[String]) -> bool {
        matches!(self, Self::Object(..)) && self.sent(columns) == Some(true)
    }
}

fn fields(modules: &Modules<'_>, class: ClassRef) -> Vec<String> {
    let summary = modules.get(class.module).and_then(|module| module.classes.get(class.class.0 as usize));
    summary.into_iter().flat_map(|class| &class.fields).map(|field| folded(&field.name)).collect()
}

/// Whether a value is new each time, whoever asks: `randomUUID()`, `new Date()`. `None`: it
/// cannot be told.
fn is_made_here(known: &Known, depth: usize) -> Option<bool> {
    let below = depth.checked_sub(1)?;
    let any = |all: &[Known]| {
        let told: Vec<Option<bool>> = all.iter().map(|one| is_made_here(one, below)).collect();
        if told.contains(&Some(true)) { Some(true) } else { told.iter().all(Option::is_some).then_some(false) }
    };
    match &known.value {
        Value::Foreign(foreign) => {
            let mut at = foreign;
            while let Some(before) = &at.before {
                at = before;
            }
            match &at.step {
                Step::Import { package, .. } if makes_identifiers(package) => Some(true),
                Step::Global(name) if makes_identifiers(name) => Some(true),
                Step::Import { .. } | Step::Global(_) => match &foreign.step {
                    // `bcrypt.hash(password)`: of the caller's own, and yet another each time.
                    Step::Call(used) | Step::New(used) if !used.arguments.is_empty() => any(&used.arguments),
                    Step::Call(_) | Step::New(_) => None,
                    _member => Some(false),
                },
                _handed => Some(false),
            }
        }
        Value::Concat(all) | Value::Computed(all) | Value::OneOf(all) | Value::FirstOf(all) | Value::Array(all) => {
            any(all)
        }
        Value::Unknown(_) => None,
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Object(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_) => Some(false),
    }
}

/// True for the number that a row has as such: `id`, `_id`, `order_id` of `orders`.
fn is_own(columns: &[String], table: &str) -> bool {
    let [only] = columns else { return false };
    let table = folded(table);
    let stem = table.strip_suffix('s').unwrap_or(&table);
    matches!(only.as_str(), "id" | "uuid" | "guid" | "pk") || only.strip_suffix("id").is_some_and(|rest| rest == stem)
}

fn has_no_schema(statement: &Statement) -> bool {
    let row = stores_table().iter().find(|row| row.library.name == statement.library);
    row.is_some_and(|row| row.entities.is_empty() && matches!(&row.engine, EngineOf::Named(name) if *name == "mongodb"))
}

fn folded(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}
