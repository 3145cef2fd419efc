//! One statement: its kind and its tables.

use super::{DEPTH_LIMIT, HOLE, Kind, Statement, TABLE_LIMIT, Table, What, Word, definition};

/// What the next name is, if it is anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    Nothing,
    /// A table or a subquery that is read.
    Source,
    /// A table that is written.
    Target,
    /// The name of a `WITH` query.
    With,
}

/// What stands between two parentheses.
#[derive(Clone, Copy, Debug)]
struct Level {
    awaits: Awaits,
    /// A `SELECT` was seen: `FROM` is followed by tables, which it is not in `extract(year FROM x)`.
    selects: bool,
    /// A `DELETE` was seen and its `FROM` was not.
    deletes: bool,
    /// Between `FROM` and what ends it: a comma is followed by a table.
    in_from: bool,
    /// Between `WITH` and the query itself.
    in_with: bool,
    /// Nothing but the opening parenthesis was seen.
    fresh: bool,
}

const LEVEL: Level =
    Level { awaits: Awaits::Nothing, selects: false, deletes: false, in_from: false, in_with: false, fresh: true };

/// Words that end what `FROM` lists.
const ENDS_FROM: &[&str] = &[
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "fetch",
    "returning",
    "set",
    "values",
    "union",
    "except",
    "intersect",
    "window",
    "for",
    "when",
    "output",
    "qualify",
];

/// Words between a verb and its table.
const BEFORE_TABLE: &[&str] = &[
    "only",
    "lateral",
    "if",
    "not",
    "exists",
    "ignore",
    "low_priority",
    "high_priority",
    "delayed",
    "quick",
    "overwrite",
    "table",
    "into",
];

/// The statement that words make; `None`: nothing that SQL could be.
pub(super) fn read(words: &[Word]) -> Option<Statement> {
    let (first, last) = (words.first()?, words.last()?);
    let mut reader = Reader { words, at: 0, reads: Vec::new(), writes: Vec::new(), named: Vec::new(), upserts: false };
    let kind = reader.kind();
    let defined = match kind {
        Kind::CreateTable | Kind::AlterTable | Kind::CreateIndex => {
            let (table, definition) = definition::read(words, kind);
            reader.writes.extend(table);
            // `CREATE TABLE x AS SELECT …`
            if kind == Kind::CreateTable && definition.columns.is_empty() {
                reader.walk();
            }
            Some(definition)
        }
        Kind::DropTable | Kind::Lock => {
            reader.list_of_tables();
            None
        }
        Kind::Select | Kind::Insert | Kind::Update | Kind::Delete | Kind::Merge => {
            if words.first().is_some_and(|word| word.is("truncate")) {
                reader.list_of_tables();
            } else if words.first().is_some_and(|word| word.is("copy")) {
                reader.copied();
            } else {
                reader.walk();
            }
            None
        }
        Kind::Begin | Kind::Commit | Kind::Rollback | Kind::PrepareTransaction => None,
        // A view's or function's body reads, but nobody says when.
        Kind::Other => None,
    };
    let Reader { mut reads, writes, named, upserts, .. } = reader;
    reads.retain(|table| {
        table.schema.is_some() || !named.iter().any(|name: &String| name.eq_ignore_ascii_case(&table.name))
    });
    let writes: Vec<Table> = distinct(writes);
    let upserts = upserts || kind == Kind::Merge || is_ignoring(words);
    let counts = kind == Kind::Update && counts(words);
    Some(Statement {
        kind,
        reads: distinct(reads),
        writes,
        upserts,
        counts,
        into: if kind == Kind::Insert { columns_named(words) } else { Vec::new() },
        definition: defined,
        start: first.start,
        end: last.end,
    })
}

fn distinct(tables: Vec<Table>) -> Vec<Table> {
    let mut found: Vec<Table> = Vec::new();
    for table in tables {
        if found.len() < TABLE_LIMIT
            && !found.iter().any(|other| other.name == table.name && other.schema == table.schema)
        {
            found.push(table);
        }
    }
    found
}

/// `REPLACE INTO`, `INSERT IGNORE INTO`, `INSERT OR IGNORE INTO`
fn is_ignoring(words: &[Word]) -> bool {
    let mut start = words.iter().take(4);
    match start.next() {
        Some(first) if first.is("replace") => true,
        Some(first) if first.is("insert") => start.any(|word| word.is_any(&["ignore", "replace"])),
        _other => false,
    }
}

/// The columns of `INSERT INTO orders (number, buyer) VALUES …`.
fn columns_named(words: &[Word]) -> Vec<String> {
    let Some(into) = words.iter().position(|word| word.is("into")) else { return Vec::new() };
    let Some((_, next)) = table_at(words, into + 1) else { return Vec::new() };
    // Of a list of what is selected, some parts are names as well.
    let is_list = words.get(next).is_some_and(|word| word.what == What::Open)
        && !words.get(next + 1).is_some_and(|word| word.is_any(&["select", "with", "values"]));
    if is_list { definition::columns(words, next) } else { Vec::new() }
}

/// `SET stock = stock - 1`: a name, its column again, and arithmetic.
fn counts(words: &[Word]) -> bool {
    words.windows(4).any(|four| match four {
        [column, equals, again, sign] => {
            column.is_name()
                && equals.what == What::Equals
                && again.text.eq_ignore_ascii_case(&column.text)
                && sign.what == What::Arithmetic
        }
        _shorter => false,
    })
}

struct Reader<'w> {
    words: &'w [Word],
    at: usize,
    reads: Vec<Table>,
    writes: Vec<Table>,
    /// Names given by `WITH`.
    named: Vec<String>,
    upserts: bool,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> Option<&Word> {
        self.words.get(at)
    }

    fn is_at(&self, at: usize, keywords: &[&str]) -> bool {
        self.word(at).is_some_and(|word| word.is_any(keywords))
    }

    fn kind(&self) -> Kind {
        let mut depth = 0_usize;
        let mut start = 0;
        if self.is_at(0, &["with", "explain"]) || self.word(0).is_some_and(|word| word.what == What::Open) {
            if self.is_at(0, &["explain"]) {
                return Kind::Other;
            }
            let verbs = ["select", "insert", "update", "delete", "merge", "values"];
            let found = self.words.iter().position(|word| {
                match word.what {
                    What::Open => depth += 1,
                    What::Close => depth = depth.saturating_sub(1),
                    _other => {}
                }
                (depth == 0 || !self.is_at(0, &["with"])) && word.is_any(&verbs)
            });
            start = match found {
                Some(found) => found,
                None => return Kind::Other,
            };
        }
        let Some(verb) = self.word(start).filter(|word| word.what == What::Plain) else { return Kind::Other };
        let second = |keywords: &[&str]| self.is_at(start + 1, keywords);
        match verb.text.to_ascii_lowercase().as_str() {
            "select" | "values" | "show" | "table" => Kind::Select,
            "insert" => Kind::Insert,
            "replace" if second(&["into", "low_priority", "delayed"]) => Kind::Insert,
            "copy" if self.words.iter().any(|word| word.is("from")) => Kind::Insert,
            "copy" => Kind::Select,
            "update" => Kind::Update,
            "delete" | "truncate" => Kind::Delete,
            "merge" => Kind::Merge,
            "create" => {
                let object = self.words.iter().skip(start + 1).take(6).find(|word| {
                    word.is_any(&[
                        "table",
                        "index",
                        "view",
                        "function",
                        "procedure",
                        "trigger",
                        "database",
                        "schema",
                        "type",
                    ])
                });
                match object.map(|word| word.text.to_ascii_lowercase()).as_deref() {
                    Some("table") => Kind::CreateTable,
                    Some("index") => Kind::CreateIndex,
                    _other => Kind::Other,
                }
            }
            "alter" if second(&["table"]) => Kind::AlterTable,
            "drop" if second(&["table"]) => Kind::DropTable,
            "begin" => Kind::Begin,
            "start" if second(&["transaction"]) => Kind::Begin,
            "xa" if second(&["start", "begin"]) => Kind::Begin,
            "commit" => Kind::Commit,
            "xa" if second(&["commit"]) => Kind::Commit,
            "end" => Kind::Commit,
            "rollback" => Kind::Rollback,
            "xa" if second(&["rollback"]) => Kind::Rollback,
            "xa" if second(&["prepare"]) => Kind::PrepareTransaction,
            "prepare" if second(&["transaction"]) => Kind::PrepareTransaction,
            "lock" if second(&["table", "tables"]) => Kind::Lock,
            _other => Kind::Other,
        }
    }

    /// `DROP TABLE IF EXISTS a, b CASCADE`
    fn list_of_tables(&mut self) {
        self.at = 1;
        while self.is_at(self.at, BEFORE_TABLE) || self.is_at(self.at, &["tables"]) {
            self.at += 1;
        }
        while let Some(table) = self.table() {
            self.writes.push(table);
            if self.word(self.at).is_none_or(|word| word.what != What::Comma) {
                break;
            }
            self.at += 1;
        }
    }

    /// `COPY orders (id) FROM stdin`, `COPY orders TO stdout`
    fn copied(&mut self) {
        self.at = 1;
        let into = self.words.iter().any(|word| word.is("from"));
        match self.table() {
            Some(table) if into => self.writes.push(table),
            Some(table) => self.reads.push(table),
            None => {}
        }
    }

    fn walk(&mut self) {
        let mut levels = vec![LEVEL];
        let mut too_deep = 0_usize;
        while let Some(word) = self.words.get(self.at) {
            let depth = levels.len();
            let Some(level) = levels.last_mut() else { return };
            match word.what {
                What::Open => {
                    if depth >= DEPTH_LIMIT {
                        too_deep += 1;
                    } else {
                        // `FROM (a JOIN b …)`: the parentheses hold what was awaited.
                        let awaits = if level.awaits == Awaits::Source { Awaits::Source } else { Awaits::Nothing };
                        level.awaits = Awaits::Nothing;
                        levels.push(Level { awaits, in_from: awaits == Awaits::Source, ..LEVEL });
                    }
                    self.at += 1;
                    continue;
                }
                What::Close => {
                    if too_deep > 0 {
                        too_deep -= 1;
                    } else if depth > 1 {
                        levels.pop();
                    }
                }
                What::Comma => {
                    if level.in_with {
                        level.awaits = Awaits::With;
                    } else if level.in_from {
                        level.awaits = Awaits::Source;
                    }
                }
                What::Plain | What::Quoted => {
                    let mut one = *level;
                    self.name(&mut one);
                    one.fresh = false;
                    if let Some(level) = levels.last_mut() {
                        *level = one;
                    }
                    continue;
                }
                What::Literal | What::Dot | What::Equals | What::Arithmetic | What::Sign | What::End => {
                    level.awaits = Awaits::Nothing;
                }
            }
            if let Some(level) = levels.last_mut() {
                level.fresh = false;
            }
            self.at += 1;
        }
    }

    /// Reads a keyword or a name; moves on at least by one word.
    fn name(&mut self, level: &mut Level) {
        let Some(word) = self.words.get(self.at) else { return };
        let before = self.at.checked_sub(1).and_then(|at| self.words.get(at));
        let follows = |keywords: &[&str]| before.is_some_and(|before| before.is_any(keywords));
        // `t.from`, `a.order`: a column.
        let is_part = before.is_some_and(|before| before.what == What::Dot);
        if word.what == What::Plain && !is_part {
            match word.text.to_ascii_lowercase().as_str() {
                "with" if level.fresh => {
                    level.in_with = true;
                    level.awaits = Awaits::With;
                }
                "recursive" if level.awaits == Awaits::With => {}
                "select" => {
                    *level = Level { selects: true, fresh: false, ..LEVEL };
                }
                "insert" | "replace" if level.fresh || level.in_with => {
                    *level = Level { awaits: Awaits::Target, ..LEVEL };
                    self.skip_or();
                }
                "merge" if level.fresh || level.in_with => *level = Level { awaits: Awaits::Target, ..LEVEL },
                "update" if level.fresh || level.in_with => {
                    *level = Level { awaits: Awaits::Target, selects: true, ..LEVEL };
                    self.skip_or();
                }
                "delete" if level.fresh || level.in_with => {
                    *level = Level { deletes: true, selects: true, ..LEVEL };
                }
                "from" if level.deletes => {
                    level.deletes = false;
                    level.awaits = Awaits::Target;
                }
                "from" if level.selects && !follows(&["distinct"]) => {
                    level.awaits = Awaits::Source;
                    level.in_from = true;
                }
                "from" if follows(&["distinct"]) && level.selects && !self.is_comparison() => {
                    level.awaits = Awaits::Source;
                    level.in_from = true;
                }
                "using" if self.joins_by_using() => {
                    level.awaits = Awaits::Source;
                    level.in_from = true;
                }
                "join" | "straight_join" | "apply" => {
                    level.awaits = Awaits::Source;
                    level.in_from = true;
                }
                "conflict" if follows(&["on"]) => self.upserts = true,
                "duplicate" if follows(&["on"]) => self.upserts = true,
                "on" => level.awaits = Awaits::Nothing,
                ends if ENDS_FROM.contains(&ends) && level.awaits == Awaits::Nothing => {
                    level.in_from = false;
                }
                modifier if level.awaits != Awaits::Nothing && BEFORE_TABLE.contains(&modifier) => {}
                "top" if level.awaits == Awaits::Target => {}
                _name => return self.awaited(level),
            }
            self.at += 1;
            return;
        }
        self.awaited(level);
    }

    fn awaited(&mut self, level: &mut Level) {
        match level.awaits {
            Awaits::Nothing => self.at += 1,
            Awaits::With => {
                if let Some(word) = self.words.get(self.at) {
                    self.named.push(word.text.clone());
                }
                level.awaits = Awaits::Nothing;
                self.at += 1;
            }
            Awaits::Target => {
                level.awaits = Awaits::Nothing;
                match self.table() {
                    Some(table) => self.writes.push(table),
                    None => self.at += 1,
                }
            }
            Awaits::Source => {
                level.awaits = Awaits::Nothing;
                let Some(table) = self.table() else {
                    self.at += 1;
                    return;
                };
                // `FROM unnest(…)`: a function. SQL Server writes `FROM t WITH (NOLOCK)`.
                let is_function = self.word(self.at).is_some_and(|word| word.what == What::Open);
                if !is_function {
                    self.reads.push(table);
                }
            }
        }
    }

    /// `INSERT OR IGNORE`: the words up to the table.
    fn skip_or(&mut self) {
        if self.is_at(self.at + 1, &["or"]) {
            self.at += 2;
        }
    }

    /// `a IS [NOT] DISTINCT FROM b` rather than `SELECT DISTINCT FROM`.
    fn is_comparison(&self) -> bool {
        self.at.checked_sub(2).is_some_and(|at| self.is_at(at, &["is", "not"]))
    }

    /// `DELETE FROM a USING b`, `MERGE INTO a USING b`: followed by a table, not by columns.
    fn joins_by_using(&self) -> bool {
        let writes = self.is_at(0, &["delete", "merge", "with"]);
        writes && !self.writes.is_empty() && self.word(self.at + 1).is_some_and(Word::is_name)
            || writes && self.is_at(0, &["merge"])
    }

    /// The table that starts here, as far as three parts.
    fn table(&mut self) -> Option<Table> {
        let (table, next) = table_at(self.words, self.at)?;
        self.at = next;
        Some(table)
    }
}

/// The table whose name starts at a word, and the place behind it.
pub(super) fn table_at(words: &[Word], at: usize) -> Option<(Table, usize)> {
    let first = words.get(at).filter(|word| word.is_name())?;
    let mut parts = vec![first];
    let mut next = at + 1;
    while let (Some(dot), Some(part)) = (words.get(next), words.get(next + 1)) {
        if dot.what != What::Dot || !part.is_name() {
            break;
        }
        parts.push(part);
        next += 2;
    }
    let last = parts.pop()?;
    let name = last.text.clone();
    // A backquoted `shop.orders` of BigQuery is one name here; a name of nothing is none.
    if name.is_empty() || (name != HOLE && last.what == What::Plain && is_reserved(&name)) {
        return None;
    }
    let schema = parts.pop().map(|schema| schema.text.clone());
    Some((Table { schema, name, start: first.start, end: last.end }, next))
}

/// Words that no table is called without quotes.
fn is_reserved(name: &str) -> bool {
    const RESERVED: &[&str] =
        &["select", "from", "where", "values", "set", "on", "and", "or", "as", "default", "null", "the", "all", "into"];
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}
