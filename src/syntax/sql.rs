//! SQL as a list of statements with the tables that each reads and writes. The words come from
//! sqlparser's tokenizer; statements are read from them without building an expression tree,
//! so that every dialect, template holes and bad SQL are read as far as they go.

use sqlparser::dialect::{
    Dialect as Rules, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

mod definition;
mod statement;
#[cfg(test)]
mod tests;

/// Longest text that is read, in bytes: migrations are kilobytes, dumps of data say nothing
/// more after the first part.
const TEXT_LIMIT: usize = 2 << 20;
/// Most statements read of one text.
const STATEMENT_LIMIT: usize = 10_000;
/// Most tables kept of one statement.
const TABLE_LIMIT: usize = 64;
/// Deepest nesting of parentheses that is told apart; what is deeper counts as the innermost.
const DEPTH_LIMIT: usize = 128;

/// Stands in a query for a part that only the running program knows:
/// `SELECT * FROM ${table}` is handed in as `SELECT * FROM __hole__`.
pub const HOLE: &str = "__hole__";

/// How identifiers and strings are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL and what speaks like it: `"x"`, `$$ … $$`.
    PostgreSql,
    /// MySQL, MariaDB: `` `x` ``, `"text"`.
    MySql,
    /// SQLite.
    Sqlite,
    /// SQL Server: `[x]`.
    SqlServer,
    /// Not known: `"x"` and `` `x` ``.
    Generic,
}

impl Dialect {
    /// The dialect of an engine of `tables/engines`: `mysql`, `mariadb`.
    pub fn of_engine(engine: &str) -> Self {
        match engine {
            "postgresql" | "cockroachdb" => Self::PostgreSql,
            "mysql" | "mariadb" => Self::MySql,
            "sqlite" => Self::Sqlite,
            "sqlserver" => Self::SqlServer,
            _other => Self::Generic,
        }
    }

    fn rules(self) -> Box<dyn Rules> {
        match self {
            Self::PostgreSql => Box::new(PostgreSqlDialect {}),
            Self::MySql => Box::new(MySqlDialect {}),
            Self::Sqlite => Box::new(SQLiteDialect {}),
            Self::SqlServer => Box::new(MsSqlDialect {}),
            Self::Generic => Box::new(GenericDialect {}),
        }
    }
}

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `SELECT`, `WITH … SELECT`, `VALUES`, `SHOW`
    Select,
    /// `INSERT`, `REPLACE INTO`, `COPY x FROM`
    Insert,
    /// `UPDATE`
    Update,
    /// `DELETE`, `TRUNCATE`
    Delete,
    /// `MERGE`
    Merge,
    /// `CREATE TABLE`
    CreateTable,
    /// `ALTER TABLE`
    AlterTable,
    /// `DROP TABLE`
    DropTable,
    /// `CREATE [UNIQUE] INDEX`
    CreateIndex,
    /// `BEGIN`, `START TRANSACTION`
    Begin,
    /// `COMMIT`, `END`
    Commit,
    /// `ROLLBACK`
    Rollback,
    /// The first half of a commit over several databases: `PREPARE TRANSACTION 'x'`,
    /// `XA PREPARE 'x'`.
    PrepareTransaction,
    /// `LOCK TABLE`
    Lock,
    /// `SET`, `GRANT`, `CREATE FUNCTION`, `EXPLAIN`, what is not SQL
    Other,
}

/// A table by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// `sales` of `sales.orders`; of three parts the second.
    pub schema: Option<String>,
    /// `orders`, without quotes, as written. Holds [`HOLE`] where only a running program knows it.
    pub name: String,
    /// First byte in the text.
    pub start: usize,
    /// Byte behind it.
    pub end: usize,
}

impl Table {
    /// True if only the running program knows the name.
    pub fn is_computed(&self) -> bool {
        self.name.contains(HOLE) || self.schema.as_deref().is_some_and(|schema| schema.contains(HOLE))
    }
}

/// What a statement states about a table's shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Columns in order of the text.
    pub columns: Vec<String>,
    /// Columns that are unique together: primary keys, `UNIQUE`, unique indexes.
    pub unique: Vec<Vec<String>>,
    /// Tables named by `REFERENCES`.
    pub references: Vec<Table>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is for.
    pub kind: Kind,
    /// Tables it reads, each once, in order of the text; not those that it names itself (`WITH`).
    pub reads: Vec<Table>,
    /// Tables it writes, defines or locks.
    pub writes: Vec<Table>,
    /// True where a row that is there already does no harm: `ON CONFLICT`, `ON DUPLICATE KEY`,
    /// `INSERT IGNORE`, `REPLACE`, `MERGE`.
    pub upserts: bool,
    /// True where an update counts up from what is there: `SET stock = stock - 1`.
    pub counts: bool,
    /// Columns that an INSERT names.
    pub into: Vec<String>,
    /// What it says about the shape of its table.
    pub definition: Option<Definition>,
    /// First byte in the text.
    pub start: usize,
    /// Byte behind its last word.
    pub end: usize,
}

/// A text's statements.
#[derive(Debug, Default)]
pub struct Script {
    /// In order.
    pub statements: Vec<Statement>,
    /// Why the rest was not read, where there is a rest.
    pub cut: Option<&'static str>,
}

/// Reads a text of one or more statements.
pub fn parse(text: &str, dialect: Dialect) -> Script {
    let mut cut = None;
    let mut read = text;
    if read.len() > TEXT_LIMIT {
        cut = Some("only its first 2 MiB were read");
        let mut end = TEXT_LIMIT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        read = text.get(..end).unwrap_or("");
    }
    let (words, broken) = words(read, dialect);
    if broken && cut.is_none() {
        cut = Some("a quote or comment is never closed");
    }
    let mut statements = Vec::new();
    for one in words.split(|word| word.what == What::End).filter(|one| !one.is_empty()) {
        if statements.len() >= STATEMENT_LIMIT {
            cut = Some("only its first 10,000 statements were read");
            break;
        }
        statements.extend(statement::read(one));
    }
    Script { statements, cut }
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// `select`, `orders`
    Plain,
    /// `"orders"`, `` `orders` ``, `[orders]`
    Quoted,
    /// A string or number, a placeholder.
    Literal,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `=`
    Equals,
    /// `+`, `-`, `*`, `/`
    Arithmetic,
    /// Any other sign.
    Sign,
    /// `;`
    End,
}

/// A word of SQL.
#[derive(Clone, Debug)]
struct Word {
    what: What,
    /// As written, without quotes; empty for signs.
    text: String,
    start: usize,
    end: usize,
}

impl Word {
    /// True for a keyword, however it is spelled.
    fn is(&self, keyword: &str) -> bool {
        self.what == What::Plain && self.text.eq_ignore_ascii_case(keyword)
    }

    fn is_any(&self, keywords: &[&str]) -> bool {
        self.what == What::Plain && keywords.iter().any(|keyword| self.text.eq_ignore_ascii_case(keyword))
    }

    fn is_name(&self) -> bool {
        matches!(self.what, What::Plain | What::Quoted)
    }
}

/// The words of a text without space and comments; true if it ends within a quote.
fn words(text: &str, dialect: Dialect) -> (Vec<Word>, bool) {
    let rules = dialect.rules();
    let mut tokens: Vec<TokenWithSpan> = Vec::new();
    let broken = Tokenizer::new(rules.as_ref(), text).tokenize_with_location_into_buf(&mut tokens).is_err();
    let mut offsets = Offsets { text, at: 0, line: 1, column: 1 };
    let mut words = Vec::with_capacity(tokens.len() / 2);
    for token in tokens {
        let start = offsets.of(token.span.start);
        let (what, spelled) = match token.token {
            Token::Whitespace(_) | Token::EOF => continue,
            Token::Word(word) if word.quote_style.is_some() => (What::Quoted, word.value),
            Token::Word(word) => (What::Plain, word.value),
            Token::LParen => (What::Open, String::new()),
            Token::RParen => (What::Close, String::new()),
            Token::Comma => (What::Comma, String::new()),
            Token::Period => (What::Dot, String::new()),
            Token::SemiColon => (What::End, String::new()),
            Token::Eq => (What::Equals, String::new()),
            Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::StringConcat => {
                (What::Arithmetic, String::new())
            }
            // The tokenizer's own kinds of strings, which grow with its dialects.
            Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::DollarQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::EscapedStringLiteral(_)
            | Token::HexStringLiteral(_)
            | Token::Placeholder(_) => (What::Literal, String::new()),
            _sign => (What::Sign, String::new()),
        };
        let end = offsets.of(token.span.end);
        words.push(Word { what, text: spelled, start, end });
    }
    (words, broken)
}

/// Byte offsets of the tokenizer's lines and columns, asked for in order of the text.
struct Offsets<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    column: u64,
}

impl Offsets<'_> {
    fn of(&mut self, place: Location) -> usize {
        while (self.line, self.column) < (place.line, place.column) {
            let Some(next) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else { break };
            self.at += next.len_utf8();
            if next == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at
    }
}
