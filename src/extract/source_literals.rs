//! String literals of source code in any language: connection texts and hard-coded secrets.
//! No parser: one look at each line that holds a telling word, so that languages without a
//! reader of their own are covered, too.

mod code_secrets;
mod literals;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;

use super::connections::{connection_of_pieces, first_of};
use super::reading::Reading;
use super::secrets::{NAMELESS, Piece, configured_pieces, look_of, secret_ranges};
use super::stages::is_test;
use crate::facts::Fact;
use crate::facts::data::SecretPlace;
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::secret::SecretLook;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use literals::Literal;

/// Larger files are generated, or data.
const FILE_LIMIT: usize = 1 << 20;
/// Longer lines are minified.
const LINE_LIMIT: usize = 2_000;

const ENDINGS: &[&str] = &[
    "js", "ts", "mjs", "cjs", "jsx", "tsx", "py", "go", "java", "kt", "kts", "scala", "cs", "php", "rb", "rs", "ex",
    "exs", "sql", "sh", "pl", "groovy",
];

/// True for source files that are no tests.
pub fn claims(path: EstatePath) -> bool {
    let Some((stem, ending)) = path.name().rsplit_once('.') else { return false };
    if !ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) || stem.ends_with(".d") || stem.ends_with(".min") {
        return false;
    }
    !is_test(path)
}

/// Words of lines worth a look.
static TELLING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)://|jdbc:|@tcp\(|(?:mysql|pgsql|sqlsrv|oci):\w+=|(?:server|host|data source|endpoint)=|sqlite:",
        r"|passw|pwd|passphrase|_pass\b|\bpass\b|dbpass|secret|token|api[_-]?key|access[_-]?key|private[_ -]?key",
        r"|signing[_-]?key|encryption[_-]?key|credential|identified\s|akia|gh[pousr]_|github_pat_|glpat-|xox[abprs]-",
        r"|k_live_|aiza|npm_",
    ))
    .ok()
});

/// Reads the string literals of a source file.
pub fn read(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    if text.len() > FILE_LIMIT {
        reading.unclear(reading.file_start(), "literals of the source file", "the file is larger than 1 MiB");
        return;
    }
    let Some(telling) = TELLING.as_ref() else { return };
    let name = reading.file.path.name();
    let language = Language::of(name);
    let end = if language == Language::Rust { text.find("#[cfg(test)]").unwrap_or(text.len()) } else { text.len() };
    let mut at = 0;
    while let Some(found) = text.get(at..end).and_then(|rest| telling.find(rest)) {
        let hit = at + found.start();
        let start = text.get(..hit).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
        let rest = text.get(hit..).unwrap_or("");
        let line_end = rest.find('\n').map_or(text.len(), |length| hit + length);
        let line = text.get(start..line_end).unwrap_or("").trim_end_matches('\r');
        if line.len() <= LINE_LIMIT && !language.is_comment(line) {
            read_line(reading, language, line, start);
        }
        at = (line_end + 1).max(at + 1);
    }
}

/// What the scanner must know of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Single quotes hold one character: Java, Kotlin, Scala, C#, Go.
    SingleCharacter,
    /// As above, and lifetimes.
    Rust,
    /// SQL scripts: double quotes hold names.
    Sql,
    /// Shell scripts.
    Shell,
    /// All others: both quotes hold text.
    Other,
}

impl Language {
    fn of(name: &str) -> Self {
        match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
            "java" | "kt" | "kts" | "scala" | "cs" | "go" => Self::SingleCharacter,
            "rs" => Self::Rust,
            "sql" => Self::Sql,
            "sh" => Self::Shell,
            _ => Self::Other,
        }
    }

    fn is_comment(self, line: &str) -> bool {
        let line = line.trim_start();
        match self {
            Self::SingleCharacter | Self::Rust => ["//", "/*", "* ", "*/"].iter().any(|sign| line.starts_with(sign)),
            Self::Sql => ["--", "/*", "#"].iter().any(|sign| line.starts_with(sign)),
            Self::Shell => line.starts_with('#'),
            Self::Other => ["//", "/*", "* ", "*/", "#"].iter().any(|sign| line.starts_with(sign)),
        }
    }
}

fn read_line(reading: &mut Reading<'_>, language: Language, line: &str, offset: usize) {
    let literals = literals::literals_of(line, language);
    for (index, literal) in literals.iter().enumerate() {
        let span = reading.span(offset + literal.start, offset + literal.end);
        let before = line.get(..literal.start.saturating_sub(1)).unwrap_or("");
        let after = line.get(literal.end + 1..).unwrap_or("");
        if !connection(reading, literal, span, before, after) {
            code_secrets::check(reading, language, line, &literals, index, span);
        }
    }
    if language == Language::Shell && literals.is_empty() {
        code_secrets::shell_assignment(reading, line, offset);
    }
}

/// Adds the connection that a literal states; true if it states one.
fn connection(reading: &mut Reading<'_>, literal: &Literal<'_>, span: Span, before: &str, after: &str) -> bool {
    let text = literal.text;
    if text.len() < 6 || !(text.contains(':') || text.contains('=')) {
        return false;
    }
    // A sentence about a URL; a test for a scheme; a pattern.
    let is_sentence = text.contains("://") && text.contains(char::is_whitespace);
    let lower = before.to_ascii_lowercase();
    let is_test = [
        "startswith",
        "starts_with",
        "hasprefix",
        "regex",
        "pattern",
        "log.",
        "logger",
        "println",
        "printf(\"error",
        "error(",
        "console.",
    ]
    .iter()
    .any(|mark| {
        lower.ends_with(&format!("{mark}(")) || lower.contains(mark) && mark.len() > 4 && !lower.contains("format")
    });
    if is_sentence || is_test {
        return false;
    }
    let pieces = pieces_of_template(literal, span);
    let Some(mut connection) = connection_of_pieces(&pieces, span, true) else { return false };
    let variable = env_before(before);
    if let Some(name) = variable {
        let env = Value { form: Form::Env(Symbol::new(name)), span };
        connection.server = connection.server.map(|server| first_of(&[env], server));
    } else if let Some(server) = &connection.server
        && matches!(server.form, Form::Unknown(_))
        && placeholders(text) == 1
        && let Some(argument) = env_argument(reading, after, span)
    {
        connection.server = Some(argument);
    }
    let key = variable.or_else(|| assigned_name(before)).unwrap_or(NAMELESS).to_owned();
    let is_value =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|text| look_of(text) == SecretLook::Value);
    if secret_ranges(text).into_iter().any(|found| is_value(found.range)) {
        configured_pieces(reading, &key, pieces, span, SecretPlace::Source);
    }
    reading.add(Fact::Connection(Box::new(connection)));
    true
}

/// The pieces of a template literal; other literals are one piece.
fn pieces_of_template<'t>(literal: &Literal<'t>, span: Span) -> Vec<Piece<'t>> {
    static ENV: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\$\{\s*process\.env(?:\.|\[['"])([A-Z][A-Z0-9_]*)(?:['"]\])?\s*\}"#).ok());
    let text = literal.text;
    let place = |start: usize, end: usize| Span::new(span.file, span.start + start as u32, span.start + end as u32);
    let mut pieces = Vec::new();
    let mut done = 0;
    if literal.quote == '`' {
        for found in ENV.iter().flat_map(|env| env.captures_iter(text)) {
            let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
            if let Some(before) = text.get(done..whole.start()).filter(|before| !before.is_empty()) {
                pieces.push(Piece::Literal(before, place(done, whole.start())));
            }
            let form = Form::Env(Symbol::new(name.as_str()));
            pieces.push(Piece::Other(Value { form, span: place(whole.start(), whole.end()) }));
            done = whole.end();
        }
    }
    if let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
        pieces.push(Piece::Literal(rest, place(done, text.len())));
    }
    pieces
}

fn placeholders(text: &str) -> usize {
    ["%s", "{}", "{0}"].iter().map(|sign| text.matches(sign).count()).sum()
}

/// The variable whose default the literal behind `before` is, on the same line:
/// `process.env.X ||`, `os.getenv("X",`, `System.getenv("X") == null ?`.
pub fn env_before(before: &str) -> Option<&str> {
    static BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"(?:process\.env(?:\.|\[['"])(?P<js>[A-Z][A-Z0-9_]*)(?:['"]\])?\s*(?:\|\||\?\?)\s*"#,
            r#"|(?:getenv|\$_ENV|ENV|GetEnvironmentVariable)[(\[]['"](?P<php>[A-Z][A-Z0-9_]*)['"][)\]]\s*(?:\?:|\|\||\?\?|\bor\b)\s*"#,
            r#"|System\.getenv\("(?P<java>[A-Z][A-Z0-9_]*)"\)\s*==\s*null\s*\?\s*"#,
            r#"|env::var\("(?P<rust>[A-Z][A-Z0-9_]*)"\)\s*\.unwrap_or(?:_else)?\((?:\|_?\w*\|\s*)?(?:String::from\()?"#,
            r#"|(?i:\w*env\w*(?:\.\w+)?|environ\.get|getOrDefault|ENV\.fetch|config)\(\s*['"](?P<call>[A-Z][A-Z0-9_]*)['"]\s*,\s*(?:default\s*=\s*)?)$"#,
        ))
        .ok()
    });
    let found = BEFORE.as_ref()?.captures(before)?;
    ["js", "php", "java", "rust", "call"].iter().find_map(|name| found.name(name)).map(|name| name.as_str())
}

/// The variable that is handed to a formatting call behind the literal, with its default:
/// `…", System.getenv("DB_HOST") == null ? "mysql" : System.getenv("DB_HOST"))`.
fn env_argument(reading: &Reading<'_>, after: &str, span: Span) -> Option<Value> {
    static READS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?i:getenv|environ(?:\.get)?|env::var|getEnvironmentVariable)\s*[(\[]\s*['"]([A-Z][A-Z0-9_]*)['"]"#,
        )
        .ok()
    });
    let mut names = READS.as_ref()?.captures_iter(after).filter_map(|found| found.get(1));
    let first = names.next()?;
    if names.any(|other| other.as_str() != first.as_str()) {
        return None;
    }
    let base = span.end as usize + 1;
    let name_span = reading.span(base + first.start(), base + first.end());
    let env = Value { form: Form::Env(Symbol::new(first.as_str())), span: name_span };
    let defaults: Vec<Literal<'_>> = literals::literals_of(after, Language::Other)
        .into_iter()
        .filter(|literal| env_before(after.get(..literal.start.saturating_sub(1)).unwrap_or("")).is_some())
        .collect();
    Some(match defaults.as_slice() {
        [default] => {
            let literal = Value::literal(default.text, reading.span(base + default.start, base + default.end));
            first_of(&[env], literal)
        }
        _ => env,
    })
}

/// The name that a literal is assigned to: `const url =`, `"url":`.
pub fn assigned_name(before: &str) -> Option<&str> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?:^|[^\w$.-])[$@]?([A-Za-z_][\w.-]*)['"]?\]?\s*(?::\s*&?(?:'static\s+)?[A-Za-z][\w<>|?\[\]]*\s*=|:=|=>|:|=)\s*(?:String::from\(|b|r|f|u)?$"#).ok()
    });
    // Comparisons assign nothing.
    let trimmed = before.trim_end();
    if ["==", "!=", "<=", ">=", "~=", "::"].iter().any(|sign| trimmed.ends_with(sign)) {
        return None;
    }
    NAME.as_ref()?.captures(before)?.get(1).map(|name| name.as_str())
}
