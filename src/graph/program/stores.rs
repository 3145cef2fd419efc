//! Which uses of libraries connect to databases, read and write their tables, or say what those
//! tables are.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;

use super::event::EventId;
use super::lookup::{Lookup, look_up, word_of};
use super::recognize::{closures, find, first, known_of, match_of, may_be_of, one_holds};
use super::shapes::{Match, find_match};
use super::value::{Closure, Foreign, FrameId, FunctionRef, Known, Value};
use super::walk::{Walk, functions_in};
use crate::facts::answer::{Answer, Evidence};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::engines::engines;
use crate::tables::library::Condition;
use crate::tables::shape::{Path, Shape, ShapeStep};
use crate::tables::stores::{Connects, EngineOf, StatementShape, StoreRow, stores as table};

mod entities;
mod statements;
#[cfg(test)]
mod tests;
mod unique;

use entities::Entities;
pub use entities::Entity;
pub use statements::{Control, Statement, StatementKind, TableUse};

/// What a service's code does with databases.
#[derive(Debug, Default)]
pub struct Stores {
    /// In order of the walk.
    pub connections: Vec<Connection>,
    /// In order of the walk.
    pub statements: Vec<Statement>,
    /// Decorated classes first, then those of calls.
    pub entities: Vec<Entity>,
    /// Calls that change tables to fit the code; those of settings are in
    /// [`Connection::synchronizes`].
    pub syncs: Vec<(EventId, Span)>,
    /// Calls that run migrations.
    pub migrations: Vec<(EventId, Span)>,
    /// In order of the walk.
    pub transactions: Vec<Transaction>,
}

/// A connection is opened, or set up.
#[derive(Debug, Clone)]
pub struct Connection {
    /// As tables call the library: `typeorm`.
    pub library: Symbol,
    /// Canonical engine, where the library or its settings tell it.
    pub engine: Option<Symbol>,
    /// A connection text.
    pub url: Option<Known>,
    /// The server.
    pub host: Option<Known>,
    /// Its port.
    pub port: Option<Known>,
    /// The logical database.
    pub database: Option<Known>,
    /// The schema.
    pub schema: Option<Known>,
    /// The login.
    pub user: Option<Known>,
    /// Its password: never shown, only compared.
    pub password: Option<Known>,
    /// TLS accepts any certificate.
    pub unverified: Answer<()>,
    /// It changes tables to fit the code when it starts.
    pub synchronizes: Answer<()>,
    /// What decides that, where it is a variable or a setting.
    pub synchronizes_if: Option<Known>,
    /// Migrations that it knows of.
    pub migrates: Answer<Known>,
    /// What stands in front of its keys or tables.
    pub prefix: Option<Known>,
    /// The use.
    pub event: EventId,
    /// Its place.
    pub span: Span,
}

/// Statements that are done together, or not at all.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// What of the code it surrounds.
    pub extent: Extent,
    /// Its place.
    pub span: Span,
}

/// What of the code a transaction surrounds.
#[derive(Debug, Clone)]
pub enum Extent {
    /// The function that a use takes.
    Callback(EventId),
    /// What stands between the use that begins it and those of the same function that end it.
    Between(EventId, Vec<EventId>),
    /// A method, by its decorator.
    Method(FunctionRef),
}

/// All rows with the packages that their shapes start in.
fn rows() -> &'static [(Vec<Symbol>, &'static StoreRow)] {
    static ROWS: LazyLock<Vec<(Vec<Symbol>, &'static StoreRow)>> =
        LazyLock::new(|| table().iter().map(|row| (row.library.starts(row.shapes()), row)).collect());
    &ROWS
}

/// What the walk saw so far.
pub fn stores(walk: &mut Walk<'_>) -> Stores {
    let count = walk.events().list.len();
    let mut reader = Reader { entities: Entities::new(walk), ..Reader::default() };
    for at in 0..count {
        let id = EventId(at as u32);
        let Some(event) = walk.events().event(id) else { continue };
        let (trace, span) = (Rc::clone(&event.trace), event.span);
        for (number, (starts, row)) in rows().iter().enumerate() {
            if may_be_of(starts, &trace) {
                reader.of_event(walk, number, row, &trace, id, span);
            }
        }
    }
    reader.finish(walk)
}

#[derive(Default)]
struct Reader {
    stores: Stores,
    entities: Entities,
    /// Statements by row and the event that they begin with.
    chains: BTreeMap<(usize, EventId), usize>,
}

impl Reader {
    fn of_event(
        &mut self,
        walk: &mut Walk<'_>,
        number: usize,
        row: &'static StoreRow,
        trace: &Rc<Foreign>,
        id: EventId,
        span: Span,
    ) {
        let is = |shapes: &[Shape]| match_of(shapes, &row.library, trace).is_some();
        let connects = row.connects.iter().find_map(|one| Some((one, match_of(&one.shapes, &row.library, trace)?)));
        if let Some((one, found)) = connects {
            let connection = connection(walk, row, one, &found, trace, id, span);
            self.stores.connections.push(connection);
        }
        if is(&row.syncs) {
            self.stores.syncs.push((id, span));
        }
        if is(&row.migrations) {
            self.stores.migrations.push((id, span));
        }
        if is(&row.transactions) {
            self.stores.transactions.push(Transaction { extent: Extent::Callback(id), span });
        } else if is(&row.begins) {
            self.stores.transactions.push(Transaction { extent: Extent::Between(id, Vec::new()), span });
        }
        if is(&row.commits) || is(&row.rollbacks) {
            self.ended(walk, id);
        }
        for shape in &row.statements {
            let Some((at, found)) = matching(shape, row, trace) else { continue };
            if self.statement(walk, number, row, shape, (at, &found), trace, id, span) {
                break;
            }
        }
    }

    /// The transaction of the same function that a use ends.
    fn ended(&mut self, walk: &Walk<'_>, id: EventId) {
        let frame = |id: EventId| walk.events().event(id).map(|event| event.frame);
        for one in self.stores.transactions.iter_mut().rev() {
            if let Extent::Between(begin, ends) = &mut one.extent
                && frame(*begin) == frame(id)
            {
                ends.push(id);
                return;
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one use is read from these parts and nothing else")]
    fn statement(
        &mut self,
        walk: &Walk<'_>,
        number: usize,
        row: &StoreRow,
        shape: &StatementShape,
        (at, found): (usize, &Match),
        trace: &Rc<Foreign>,
        id: EventId,
        span: Span,
    ) -> bool {
        let is_chain = shape.shapes.get(at).is_some_and(|one| one.steps.last() == Some(&ShapeStep::Whatever));
        let statement = if shape.sql.is_empty() {
            statements::of_member(walk, row, shape, found, trace, is_chain, &self.entities, id, span)
        } else {
            statements::of_sql(row, shape, found, trace, self.engine_of(row, trace), id, span)
        };
        let Some(statement) = statement else { return false };
        match statement.control {
            Some(Control::Begins) => {
                self.stores.transactions.push(Transaction { extent: Extent::Between(id, Vec::new()), span });
            }
            Some(Control::Ends) => self.ended(walk, id),
            Some(Control::Prepares) | None => {}
        }
        match found.event().filter(|_| is_chain).map(|event| (number, event)) {
            Some(key) => match self.chains.get(&key).and_then(|at| self.stores.statements.get_mut(*at)) {
                Some(begun) => begun.goes_on(&statement),
                None => {
                    self.chains.insert(key, self.stores.statements.len());
                    self.stores.statements.push(statement);
                }
            },
            None => self.stores.statements.push(statement),
        }
        true
    }

    /// The engine of the connection that a way goes through.
    fn engine_of(&self, row: &StoreRow, trace: &Rc<Foreign>) -> Option<Symbol> {
        if let EngineOf::Named(engine) = row.engine {
            return Some(engine);
        }
        let opened = opened_by(trace)?;
        self.stores.connections.iter().find(|one| one.event == opened).and_then(|one| one.engine)
    }

    fn finish(mut self, walk: &Walk<'_>) -> Stores {
        self.surrounded(walk);
        let callbacks = self.stores.callbacks();
        for statement in &mut self.stores.statements {
            let Some(event) = walk.events().event(statement.event) else { continue };
            let is_begun = |one: &&Transaction| match &one.extent {
                Extent::Between(begin, ends) => {
                    *begin < statement.event
                        && walk.events().event(*begin).is_some_and(|begin| begin.frame == event.frame)
                        && ends.first().is_none_or(|end| *end > statement.event)
                }
                Extent::Callback(_) | Extent::Method(_) => false,
            };
            let begun = self.stores.transactions.iter().rev().find(is_begun);
            let through = super::event::events_of(&Value::Foreign(Rc::clone(&event.trace)));
            let by_function = callbacks.iter().find(|(event, _)| through.contains(event));
            statement.in_transaction =
                statement.in_transaction.or(begun.map(|one| one.span)).or(by_function.map(|(_, span)| *span));
        }
        self.stores.entities = self.entities.list;
        self.stores
    }

    /// Methods whose decorators make them one transaction.
    fn surrounded(&mut self, walk: &Walk<'_>) {
        for decorated in walk.events().decorated.iter().filter(|one| one.parameter.is_none()) {
            let (Value::Foreign(trace), Some(method)) = (&decorated.decorator.value, decorated.method) else {
                continue;
            };
            let holds = |(starts, row): &&(Vec<Symbol>, &'static StoreRow)| {
                may_be_of(starts, trace) && match_of(&row.surrounds, &row.library, trace).is_some()
            };
            if rows().iter().any(|one| holds(&one)) {
                let extent = Extent::Method(method);
                self.stores.transactions.push(Transaction { extent, span: decorated.decorator.span });
            }
        }
    }
}

impl Stores {
    fn callbacks(&self) -> BTreeMap<EventId, Span> {
        let of = |one: &Transaction| match &one.extent {
            Extent::Callback(event) => Some((*event, one.span)),
            Extent::Between(..) | Extent::Method(_) => None,
        };
        self.transactions.iter().filter_map(of).collect()
    }
}

/// The frames in which a function was walked.
pub fn frames_of(events: &super::event::Events, function: FunctionRef) -> Vec<FrameId> {
    let own = events.frames.iter().enumerate().filter(|(_, info)| info.function == function);
    own.map(|(at, _)| FrameId(at as u32)).collect()
}

/// The first shape of a statement that matches, with its place.
fn matching(shape: &StatementShape, row: &StoreRow, trace: &Rc<Foreign>) -> Option<(usize, Match)> {
    shape.shapes.iter().enumerate().find_map(|(at, one)| Some((at, find_match(one, &row.library, trace)?)))
}

/// The first call on a way: what opened the connection, where the way starts there.
pub fn opened_by(trace: &Rc<Foreign>) -> Option<EventId> {
    super::event::events_of(&Value::Foreign(Rc::clone(trace))).last().copied()
}

/// The parts of settings, whether given or made by a factory.
struct Parts<'m> {
    found: &'m Match,
    trace: &'m Rc<Foreign>,
    /// What a factory gives; stands for the `options` of paths.
    made: Option<Known>,
    span: Span,
}

impl Parts<'_> {
    fn look_up(&self, path: &Path) -> Option<Lookup> {
        match &self.made {
            Some(made) => Some(look_up(made, &path.keys)),
            None => find(path, self.found, self.trace),
        }
    }

    fn one(&self, paths: &[Path]) -> Option<Known> {
        let mut unknown = None;
        for path in paths {
            match self.look_up(path) {
                // Settings as a whole that something else makes are no text.
                Some(Lookup::Present(known))
                    if matches!(known.value, Value::Foreign(_)) && path.keys.is_empty() && path.name == "options" =>
                {
                    unknown = unknown.or(Some(Symbol::new("the settings come from a library")));
                }
                Some(Lookup::Present(known)) if is_scalar(&known.value) => return Some(known),
                Some(Lookup::Unknown(why)) => unknown = unknown.or(Some(why)),
                Some(Lookup::Present(_) | Lookup::Absent) | None => {}
            }
        }
        unknown.map(|why| Known::new(Value::Unknown(why), self.span))
    }

    /// The value that decides whether a flag is set, where it is none that the code states.
    fn left_open(&self, conditions: &[Condition]) -> Option<Known> {
        conditions.iter().filter(|condition| condition.is == *"true").find_map(|condition| {
            match self.look_up(&condition.path) {
                Some(Lookup::Present(known)) if word_of(&known).is_none() => Some(known),
                Some(Lookup::Present(_) | Lookup::Unknown(_) | Lookup::Absent) | None => None,
            }
        })
    }

    /// Whether one of several conditions holds; settings that nobody gives are not there.
    fn whether(&self, conditions: &[Condition]) -> Answer<()> {
        let mut unknown = None;
        for condition in conditions {
            match self.look_up(&condition.path) {
                Some(Lookup::Present(known)) => match word_of(&known) {
                    Some(word) if word == condition.is => return Answer::Present((), Evidence(vec![known.span])),
                    Some(_) => {}
                    None => unknown = unknown.or(Some(Symbol::new("its value is only known when it runs"))),
                },
                Some(Lookup::Unknown(why)) => unknown = unknown.or(Some(why)),
                Some(Lookup::Absent) | None => {}
            }
        }
        match unknown {
            Some(why) => Answer::unknown(&why),
            None => Answer::absent(self.span),
        }
    }
}

/// True for what may be a host, a name or a text: no object, list or function.
fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Text(_)
        | Value::Number(_)
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Foreign(_)
        | Value::Unknown(_) => true,
        Value::FirstOf(all) | Value::OneOf(all) => all.iter().all(|one| is_scalar(&one.value)),
        Value::Bool(_)
        | Value::Nothing
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_) => false,
    }
}

/// The method of a class that gives the settings: `createTypeOrmOptions` of `useClass`.
fn by_class(
    walk: &mut Walk<'_>,
    one: &Connects,
    found: &Match,
    trace: &Rc<Foreign>,
    span: Span,
) -> Option<Rc<Closure>> {
    let method = one.method?;
    let class = first(&one.class, found, trace).present()?;
    let Value::Class(class) = class.value else { return None };
    let this = walk.injected_instance(class);
    let known = walk.member(&this, method, span);
    functions_in(&known.value).into_iter().next()
}

fn connection(
    walk: &mut Walk<'_>,
    row: &StoreRow,
    one: &Connects,
    found: &Match,
    trace: &Rc<Foreign>,
    id: EventId,
    span: Span,
) -> Connection {
    let factory = closures(&one.factory, found, trace).into_iter().next();
    let factory = factory.or_else(|| by_class(walk, one, found, trace, span));
    let made = factory.and_then(|closure| {
        let frame = walk.enter(&closure, None, 1)?;
        Some(walk.result(&frame, span))
    });
    let parts = Parts { found, trace, made, span };
    let engine = one.engine.or_else(|| match &row.engine {
        EngineOf::Named(engine) => Some(*engine),
        EngineOf::Said(path) => {
            let word = parts.look_up(path).and_then(Lookup::present).and_then(|known| word_of(&known))?;
            engines().by_alias(&word.to_ascii_lowercase()).map(|engine| engine.name)
        }
        EngineOf::Elsewhere => None,
    });
    let migrates = one.migrates.iter().find_map(|path| match parts.look_up(path)? {
        Lookup::Present(known) if matches!(known.value, Value::Bool(false)) => None,
        Lookup::Present(known) => Some(Answer::present(known.clone(), known.span)),
        Lookup::Unknown(why) => Some(Answer::unknown(&why)),
        Lookup::Absent => None,
    });
    let url = parts.one(&one.url);
    // Where a text of its own says it all, nothing is missing.
    let is_text = url.as_ref().is_some_and(|known| !matches!(known.value, Value::Unknown(_)));
    let part = |paths: &[Path]| parts.one(paths).filter(|known| !is_text || !matches!(known.value, Value::Unknown(_)));
    Connection {
        library: row.library.name,
        engine,
        host: part(&one.host),
        port: part(&one.port),
        database: part(&one.database),
        schema: part(&one.schema),
        user: part(&one.user),
        password: part(&one.password),
        url,
        unverified: parts.whether(&one.unverified),
        synchronizes: parts.whether(&one.sync),
        synchronizes_if: parts.left_open(&one.sync),
        migrates: migrates.unwrap_or_else(|| Answer::absent(span)),
        prefix: part(&one.prefix),
        event: id,
        span,
    }
}
