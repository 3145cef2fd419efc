//! What a call reads and writes: by its SQL, or by its name and the table handed to it.

use std::rc::Rc;

use super::{Entities, opened_by};
use crate::graph::program::event::EventId;
use crate::graph::program::lookup::Lookup;
use crate::graph::program::recognize::{find, first, one_holds};
use crate::graph::program::shapes::{Bound, Match, steps_of};
use crate::graph::program::value::{Foreign, Known, Step, Value};
use crate::graph::program::walk::Walk;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::sql::{self, Dialect, HOLE, Kind};
use crate::tables::adding::adds_rows;
use crate::tables::stores::{StatementShape, StoreRow};

/// Deepest nesting of a query's parts.
const DEEPEST: usize = 12;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementKind {
    /// Nothing to rows: `SET search_path`, what could not be read.
    Other,
    /// Reads only.
    Read,
    /// Creates or changes tables.
    Define,
    /// Changes rows.
    Write,
    /// Changes rows in a way that may be repeated: `ON CONFLICT`, `upsert`.
    Upsert,
}

/// A table that a statement names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableUse {
    /// `orders`
    pub name: Symbol,
    /// `sales`, where stated.
    pub schema: Option<Symbol>,
    /// True if its rows change.
    pub writes: bool,
}

/// A text of SQL that is about the transaction and no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// `BEGIN`
    Begins,
    /// `COMMIT`, `ROLLBACK`
    Ends,
    /// `PREPARE TRANSACTION 'x'`, `XA PREPARE 'x'`
    Prepares,
}

/// A statement that code sends to a database.
#[derive(Debug, Clone)]
pub struct Statement {
    /// As tables call the library.
    pub library: Symbol,
    /// What it does.
    pub kind: StatementKind,
    /// Tables that it names, in order, each once for reading and once for writing.
    pub tables: Vec<TableUse>,
    /// Why there may be others, where there may be.
    pub unclear: Option<Symbol>,
    /// True where an update counts up from what is there: repeated, it counts twice.
    pub counts: bool,
    /// True where it adds rows.
    pub inserts: bool,
    /// Columns that an INSERT of SQL names.
    pub into: Vec<Symbol>,
    /// Columns that it makes unique together: of a table, of an index.
    pub unique: Vec<Vec<Symbol>>,
    /// True for a text of SQL.
    pub is_sql: bool,
    /// What it does to the transaction, where its text is about that alone.
    pub control: Option<Control>,
    /// Where its transaction begins, where it is in one.
    pub in_transaction: Option<Span>,
    /// The first call on its way: the event of a [`super::Connection`], where the way starts
    /// there.
    pub through: Option<EventId>,
    /// The use.
    pub event: EventId,
    /// Its place.
    pub span: Span,
}

impl Statement {
    /// What is called further on it: `.onConflict().merge()`.
    pub(super) fn goes_on(&mut self, further: &Self) {
        self.kind = self.kind.max(further.kind);
        self.counts |= further.counts;
        self.inserts |= further.inserts;
        for table in &mut self.tables {
            table.writes |= self.kind > StatementKind::Define;
        }
    }
}

/// A statement told by the member that is called. `None`: it is no statement.
#[expect(clippy::too_many_arguments, reason = "one statement is read from these parts and nothing else")]
pub(super) fn of_member(
    walk: &Walk<'_>,
    row: &StoreRow,
    shape: &StatementShape,
    found: &Match,
    trace: &Rc<Foreign>,
    is_chain: bool,
    entities: &Entities,
    id: EventId,
    span: Span,
) -> Option<Statement> {
    let members = if is_chain { members_of(trace) } else { called(found).into_iter().collect() };
    let has = |names: &[Symbol]| members.iter().any(|member| names.contains(member));
    let by_option = || {
        let conditions = &shape.upserts_when;
        !conditions.is_empty() && one_holds(conditions, found, trace) == Some(true)
    };
    let kind = if has(&shape.upserts) || (has(&shape.writes) && by_option()) {
        StatementKind::Upsert
    } else if has(&shape.writes) {
        StatementKind::Write
    } else if has(&shape.schema) {
        StatementKind::Define
    } else if has(&shape.reads) || is_chain {
        StatementKind::Read
    } else {
        return None;
    };
    let mut tables = Vec::new();
    let mut unclear = None;
    for path in &shape.table {
        match find(path, found, trace) {
            Some(Lookup::Present(known)) => match entities.table(walk, row, path, &known) {
                Ok(name) => {
                    tables.push(TableUse { name, schema: None, writes: kind > StatementKind::Define });
                    unclear = None;
                    break;
                }
                Err(why) => unclear = unclear.or(Some(why)),
            },
            Some(Lookup::Unknown(why)) => unclear = unclear.or(Some(why)),
            Some(Lookup::Absent) | None => {}
        }
    }
    if tables.is_empty() && unclear.is_none() && !shape.table.is_empty() {
        unclear = Some(Symbol::new("its table is not named"));
    }
    let counts = members.iter().any(|member| matches!(member.as_str(), "increment" | "decrement" | "incr" | "decr"));
    Some(Statement {
        library: row.library.name,
        kind,
        tables,
        unclear,
        counts,
        inserts: members.iter().any(|member| adds_rows(member)),
        into: Vec::new(),
        unique: if kind == StatementKind::Define { unique_index(trace) } else { Vec::new() },
        is_sql: false,
        control: None,
        in_transaction: None,
        through: opened_by(trace),
        event: id,
        span,
    })
}

/// The last member that was called.
fn called(found: &Match) -> Option<Symbol> {
    match found.bound(Symbol::new("member")) {
        Some(Bound::Name(name)) => Some(*name),
        Some(Bound::Value(_) | Bound::Missing | Bound::Unclear | Bound::Rest(..)) | None => None,
    }
}

fn members_of(trace: &Rc<Foreign>) -> Vec<Symbol> {
    let steps = steps_of(trace).unwrap_or_default();
    let name = |step: &&Foreign| match &step.step {
        Step::Member(name) => Some(*name),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    };
    steps.iter().filter_map(name).collect()
}

/// The columns of `createIndex({ number: 1 }, { unique: true })`.
pub(super) fn unique_index(trace: &Rc<Foreign>) -> Vec<Vec<Symbol>> {
    let (Step::Call(used) | Step::New(used)) = &trace.step else { return Vec::new() };
    let [first, second, ..] = used.arguments.as_slice() else { return Vec::new() };
    let (Value::Object(columns), Value::Object(options)) = (&first.value, &second.value) else { return Vec::new() };
    let is_unique = options.get("unique").is_some_and(|(known, _)| matches!(known.value, Value::Bool(true)));
    let columns: Vec<Symbol> = columns.entries.iter().map(|(name, _)| *name).collect();
    if is_unique && !columns.is_empty() { vec![columns] } else { Vec::new() }
}

/// A statement told by its text. `None`: nothing is handed in that could be one.
pub(super) fn of_sql(
    row: &StoreRow,
    shape: &StatementShape,
    found: &Match,
    trace: &Rc<Foreign>,
    engine: Option<Symbol>,
    id: EventId,
    span: Span,
) -> Option<Statement> {
    let mut statement = Statement {
        library: row.library.name,
        kind: StatementKind::Other,
        tables: Vec::new(),
        unclear: None,
        counts: false,
        inserts: false,
        into: Vec::new(),
        unique: Vec::new(),
        is_sql: true,
        control: None,
        in_transaction: None,
        through: opened_by(trace),
        event: id,
        span,
    };
    let text = match first(&shape.sql, found, trace) {
        Lookup::Present(known) => match text_of(&known, 0) {
            Ok(text) => text,
            Err(why) => {
                statement.unclear = Some(why);
                return Some(statement);
            }
        },
        Lookup::Unknown(why) => {
            statement.unclear = Some(why);
            return Some(statement);
        }
        Lookup::Absent => return None,
    };
    let dialect = engine.map_or(Dialect::Generic, |engine| Dialect::of_engine(&engine));
    let script = sql::parse(&text, dialect);
    statement.control = script.statements.iter().find_map(control_of);
    for one in &script.statements {
        statement.kind = statement.kind.max(kind_of(one));
        statement.counts |= one.counts;
        statement.inserts |= one.kind == Kind::Insert;
        statement.into.extend(one.into.iter().map(|column| Symbol::new(column)));
        let unique = one.definition.iter().flat_map(|definition| &definition.unique);
        statement.unique.extend(unique.map(|all| all.iter().map(|column| Symbol::new(column)).collect()));
        let all = one.reads.iter().map(|table| (table, false)).chain(one.writes.iter().map(|table| (table, true)));
        for (table, writes) in all {
            if table.is_computed() {
                statement.unclear = Some(Symbol::new("a table's name is only known when it runs"));
                continue;
            }
            let schema = table.schema.as_deref().map(Symbol::new);
            let one = TableUse { name: Symbol::new(&table.name), schema, writes };
            if !statement.tables.contains(&one) {
                statement.tables.push(one);
            }
        }
    }
    if let Some(cut) = script.cut {
        statement.unclear = Some(Symbol::new(cut));
    }
    Some(statement)
}

fn control_of(statement: &sql::Statement) -> Option<Control> {
    match statement.kind {
        Kind::Begin => Some(Control::Begins),
        Kind::Commit | Kind::Rollback => Some(Control::Ends),
        Kind::PrepareTransaction => Some(Control::Prepares),
        Kind::Insert
        | Kind::Update
        | Kind::Delete
        | Kind::Merge
        | Kind::Select
        | Kind::CreateTable
        | Kind::AlterTable
        | Kind::DropTable
        | Kind::CreateIndex
        | Kind::Lock
        | Kind::Other => None,
    }
}

fn kind_of(statement: &sql::Statement) -> StatementKind {
    match statement.kind {
        Kind::Insert | Kind::Update | Kind::Delete | Kind::Merge if statement.upserts => StatementKind::Upsert,
        Kind::Insert | Kind::Update | Kind::Delete | Kind::Merge => StatementKind::Write,
        Kind::Select if !statement.writes.is_empty() => StatementKind::Write,
        Kind::Select => StatementKind::Read,
        Kind::CreateTable | Kind::AlterTable | Kind::DropTable | Kind::CreateIndex => StatementKind::Define,
        Kind::Begin | Kind::Commit | Kind::Rollback | Kind::PrepareTransaction | Kind::Lock | Kind::Other => {
            StatementKind::Other
        }
    }
}

/// The text of a query, with [`HOLE`] for what only the running program knows.
fn text_of(known: &Known, depth: usize) -> Result<String, Symbol> {
    if depth > DEEPEST {
        return Err(Symbol::new("the query is put together of too many parts"));
    }
    match &known.value {
        Value::Text(text) => Ok(text.to_string()),
        Value::Concat(parts) => Ok(parts.iter().map(|part| inner(part, depth)).collect()),
        // The parts of a template that a tag takes; what stands between them was handed in apart.
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| inner(part, depth)).collect();
            Ok(parts.join(&format!(" {HOLE} ")))
        }
        Value::OneOf(all) | Value::FirstOf(all) => {
            let first = all.iter().find_map(|one| text_of(one, depth + 1).ok());
            first.ok_or_else(|| Symbol::new("the query is one of several that cannot be read"))
        }
        // `` sql`select …` ``, `Prisma.sql`, `text(…)`
        Value::Foreign(foreign) => match &foreign.step {
            Step::Call(used) | Step::New(used) => match used.arguments.first() {
                Some(argument) => text_of(argument, depth + 1),
                None => Err(Symbol::new("the query is made by a library")),
            },
            Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => Err(Symbol::new("the query is made by a library")),
        },
        Value::Unknown(why) => Err(*why),
        Value::Parameter(name) => Err(Symbol::new(&format!("the query comes from {name}"))),
        Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Object(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Computed(_) => Err(Symbol::new("the query is only known when it runs")),
    }
}

fn inner(part: &Known, depth: usize) -> String {
    match &part.value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Concat(_) => text_of(part, depth + 1).unwrap_or_else(|_| HOLE.to_owned()),
        _other => HOLE.to_owned(),
    }
}
