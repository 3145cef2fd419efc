//! Hard-coded secrets in source code. A wrong finding costs more than a missed one, so a
//! literal must be given to a name that is secret, and must look like nothing else.

use std::sync::LazyLock;

use regex::Regex;

use super::literals::Literal;
use super::{Language, assigned_name, env_before};
use crate::extract::reading::Reading;
use crate::extract::secrets::{is_secret_key, look_under, secret_ranges};
use crate::facts::Fact;
use crate::facts::data::{SecretPlace, SecretUse};
use crate::source::secret::{Secret, SecretLook};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::words::words_of;

/// Words of lines that show, check or describe a value, in lower case.
const DESCRIBING: &[&str] = &[
    "assert",
    "expect(",
    "placeholder",
    "apiproperty",
    "example:",
    "example=",
    "faker",
    "label",
    "i18n",
    "queryselector",
    "getelement",
    "getby",
    "logger.",
    "console.",
    "throw ",
    "error(",
    "exception(",
    "joi.",
    "description",
    "@schema",
    "help=",
    "add_argument",
    "message:",
    "validat",
];

/// Calls that set what their first argument names to their second.
const SETTERS: &[&str] = &[
    "setparameter",
    "define",
    "set",
    "put",
    "setproperty",
    "env",
    "withenv",
    "addenv",
    "setenv",
    "putenv",
    "property",
    "add",
    "setconfig",
    "withenvironment",
    "setattribute",
    "addproperty",
    "environ",
    "withproperty",
    "append",
];

/// Texts that name a type or a check of a field.
const FIELD_WORDS: &[&str] = &[
    "string",
    "text",
    "required",
    "varchar",
    "hidden",
    "input",
    "number",
    "optional",
    "object",
    "confirmed",
    "nullable",
    "basic",
    "bearer",
    "none",
    "null",
    "undefined",
    "true",
    "false",
    "current",
    "new",
    "old",
    "plain",
    "invalid",
    "missing",
];

/// Notes the literal at `index` of the line if it is a secret.
pub fn check(
    reading: &mut Reading<'_>,
    language: Language,
    line: &str,
    literals: &[Literal<'_>],
    index: usize,
    span: Span,
) {
    let Some(literal) = literals.get(index) else { return };
    let before = line.get(..literal.start.saturating_sub(1)).unwrap_or("");
    let tokens: Vec<_> = secret_ranges(literal.text).into_iter().filter(|found| !found.connection).collect();
    if !tokens.is_empty() {
        let key = assigned_name(before).unwrap_or("token");
        for token in tokens {
            let Some(text) = literal.text.get(token.range.clone()) else { continue };
            let place =
                Span::new(span.file, span.start + token.range.start as u32, span.start + token.range.end as u32);
            if crate::extract::secrets::look_of(text) == SecretLook::Value {
                note(reading, key, text, place);
            }
        }
        return;
    }
    if literal.text.is_empty() {
        return;
    }
    if is_sql_password(language, before) {
        if crate::extract::secrets::look_of(literal.text) == SecretLook::Value
            && !literal.text.starts_with(['%', ':', '$'])
        {
            let stated = before.to_ascii_lowercase().contains("identified");
            note(reading, if stated { "IDENTIFIED BY" } else { "PASSWORD" }, literal.text, span);
        }
        return;
    }
    if language == Language::Sql {
        return;
    }
    let lower = line.to_ascii_lowercase();
    if DESCRIBING.iter().any(|word| lower.contains(word)) {
        return;
    }
    let previous = index.checked_sub(1).and_then(|at| literals.get(at));
    let key = env_before(before)
        .or_else(|| paired_key(line, previous, literal))
        .or_else(|| assigned_name(before))
        .or_else(|| setter_key(before));
    let Some(key) = key else { return };
    if is_secret_key(key) && is_plausible(key, literal.text) && !within_example(reading.file.text, span.start as usize)
    {
        note(reading, key, literal.text, span);
    }
}

/// Most lines looked at above a literal for what it is part of.
const LINES_ABOVE: usize = 80;

/// True if a line above that is less indented says that what follows is an example:
/// `"examples": [`, `@ApiBody({ examples: {`.
fn within_example(text: &str, at: usize) -> bool {
    static EXAMPLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)(?:^|[^a-z])examples?['\x22]?\s*[:=(]").ok());
    let Some(example) = EXAMPLE.as_ref() else { return false };
    let above = text.get(..at).unwrap_or_default();
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut lines = above.rsplit('\n');
    let mut least = lines.next().map_or(0, indentation);
    for line in lines.take(LINES_ABOVE).filter(|line| !line.trim().is_empty()) {
        if least == 0 {
            return false;
        }
        if indentation(line) < least {
            least = indentation(line);
            if example.is_match(line) {
                return true;
            }
        }
    }
    false
}

/// `DB_PASSWORD=hunter2` of a shell script, without quotes.
pub fn shell_assignment(reading: &mut Reading<'_>, line: &str, offset: usize) {
    static ASSIGNMENT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*(?:export\s+|readonly\s+)?([A-Za-z_]\w*)=([^\s$`;|&()<>]+)\s*$").ok());
    let Some(found) = ASSIGNMENT.as_ref().and_then(|assignment| assignment.captures(line)) else { return };
    let (Some(key), Some(value)) = (found.get(1), found.get(2)) else { return };
    if is_secret_key(key.as_str()) && is_plausible(key.as_str(), value.as_str()) {
        let span = reading.span(offset + value.start(), offset + value.end());
        note(reading, key.as_str(), value.as_str(), span);
    }
}

fn note(reading: &mut Reading<'_>, key: &str, text: &str, span: Span) {
    let secret = Secret::new(text, SecretLook::Value);
    reading.facts.redactions.push(span);
    reading.add(Fact::Secret(Box::new(SecretUse { key: Symbol::new(key), secret, place: SecretPlace::Source, span })));
}

/// `IDENTIFIED BY '…'` of MySQL and Oracle, `CREATE USER x PASSWORD '…'` of PostgreSQL.
fn is_sql_password(language: Language, before: &str) -> bool {
    static SQL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"(?i)(?:\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?",
            r"|\b(?:user|role|login|group)\b.*\bpassword\s*=?\s*|\bset\s+password\b.*[=(]\s*)$",
        ))
        .ok()
    });
    let in_script = matches!(language, Language::Sql | Language::Shell);
    in_script && SQL.as_ref().is_some_and(|sql| sql.is_match(before))
}

/// The literal before, where it is the key: `"password": "…"`, `define('DB_PASSWORD', '…')`.
fn paired_key<'t>(line: &'t str, previous: Option<&Literal<'t>>, literal: &Literal<'t>) -> Option<&'t str> {
    let previous = previous?;
    let between = line.get(previous.end + 1..literal.start.saturating_sub(1))?.trim();
    match between {
        ":" | "=>" | "] =" | "]=" => Some(previous.text),
        "," => {
            let before = line.get(..previous.start.saturating_sub(1))?.trim_end().strip_suffix('(')?;
            let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
            let flat = name.to_ascii_lowercase().replace('_', "");
            SETTERS.contains(&flat.as_str()).then_some(previous.text)
        }
        _ => None,
    }
}

/// `.password(`, `setPassword(`, `.withApiKey(`.
fn setter_key(before: &str) -> Option<&str> {
    let call = before.trim_end().strip_suffix('(')?;
    let start = call.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    let name = call.get(start..)?;
    let words = words_of(name);
    let is_method = call.get(..start).is_some_and(|rest| rest.ends_with(['.', '>']));
    let sets = words.first().is_some_and(|word| word == "set" || word == "with") && words.len() > 1;
    let names = is_method
        && matches!(words.as_slice(), [only] if matches!(only.as_str(), "password" | "passwd" | "pwd" | "secret"));
    (sets || names).then_some(name)
}

fn is_plausible(key: &str, text: &str) -> bool {
    if look_under(key, text) != Some(SecretLook::Value) || text.len() < 3 || text.len() > 512 {
        return false;
    }
    if text.contains(char::is_whitespace)
        || text.contains(['|', '<', '>', '…', '\\'])
        || text.ends_with([':', '?', '='])
    {
        return false;
    }
    // Selectors, options, routes, placeholders of formats.
    if text.starts_with(['#', '.', '[', '/', '-', '@', '{', '%', ':', '&'])
        || text.contains("%s")
        || text.contains("{}")
    {
        return false;
    }
    if text.contains("${") || text.contains("#{") || text.contains("{{") || text.contains('{') && text.contains('}') {
        return false;
    }
    let flat = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let (flat_key, flat_text) = (flat(key), flat(text));
    // `const ACCESS_TOKEN = "access_token"`: a name, not what it names.
    if flat_key.ends_with(&flat_text) && flat_text.len() >= 3 && is_word_like(text) && speaks_of_secrets(&flat_text)
        || FIELD_WORDS.contains(&flat_text.as_str())
    {
        return false;
    }
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    let has_letter = text.bytes().any(|b| b.is_ascii_alphabetic());
    // Names of variables: `DB_PASSWORD`; keys of texts: `errors.password`; fields: `newPassword`.
    let is_constant =
        text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_dotted = text.contains('.')
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'-'));
    let is_name_of_one = is_word_like(text) && words_of(text).len() > 1 && speaks_of_secrets(&flat_text) && !has_digit;
    if is_constant || is_dotted || is_name_of_one {
        return false;
    }
    let words = words_of(key);
    let is_password = words
        .iter()
        .any(|word| word.starts_with("pass") || word.ends_with("password") || word == "pwd" || word == "pw");
    if is_password {
        return true;
    }
    let is_secret = words.iter().any(|word| word.ends_with("secret"));
    // A signing secret may be a word; tokens and keys are machine-made.
    if is_secret && text.len() >= 6 && !text.contains(['-', ':', '/']) {
        return true;
    }
    text.len() >= 16 && has_digit && has_letter && !text.contains([':', '/', '(']) && digits_are_spread(text)
}

fn is_word_like(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn speaks_of_secrets(flat: &str) -> bool {
    ["pass", "pwd", "secret", "token", "key", "cred"].iter().any(|word| flat.contains(word))
}

/// `oauth2-service-account` has one digit in a word, a token has several among letters.
fn digits_are_spread(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 3
}
