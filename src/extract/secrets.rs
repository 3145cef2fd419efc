//! Which texts are secret, and what they look like. Every reader hands configuration
//! values through [`configured`], so that no secret's text gets into a fact.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{SecretPlace, SecretUse};
use crate::facts::value::{Form, Value};
use crate::source::secret::{Secret, SecretLook};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::engines::engines;

mod keys;
mod looks;
#[cfg(test)]
mod tests;

use keys::KeyKind;

/// One part of a text that is mixed with variables: `redis://:` `${PW}` `@cache`.
#[derive(Debug)]
pub enum Piece<'a> {
    /// Text as written, and its range in the file.
    Literal(&'a str, Span),
    /// A variable, or anything else that is not text.
    Other(Value),
}

/// Whether what is written is meant to be used, or to be copied and filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A file that something reads: `.env`, `application.yml`.
    Used,
    /// A file that people copy and fill in, `.env.example`: every secret is a placeholder.
    Example,
}

/// The value that `key` is set to in a file: the literal, unless the key's name says that it
/// is secret or the text is a connection URL with a password in it. Secret parts become
/// [`Form::Secret`], are noted as [`SecretUse`] and are entered in the file's redactions.
///
/// `text` is the value after unquoting and `span` its range in the file; `place` says what
/// kind of file it is. Interpolation is the caller's: hand in literal parts only, or all
/// parts to [`configured_pieces`].
pub fn configured(reading: &mut Reading<'_>, key: &str, text: &str, span: Span, place: SecretPlace) -> Value {
    configured_for(reading, key, vec![Piece::Literal(text, span)], span, place, Meaning::Used)
}

/// Like [`configured`] for text mixed with variables, in order of the text. A password in a
/// literal piece becomes [`Form::Secret`]; so does the literal default of a variable that
/// stands where the password belongs (`redis://:${PW:-hunter2}@cache`).
///
/// One literal piece gives what [`configured`] gives, one other piece that piece, more give
/// [`Form::Concat`], none the empty literal.
pub fn configured_pieces(
    reading: &mut Reading<'_>,
    key: &str,
    pieces: Vec<Piece<'_>>,
    span: Span,
    place: SecretPlace,
) -> Value {
    configured_for(reading, key, pieces, span, place, Meaning::Used)
}

/// Like [`configured_pieces`] for files that may be examples.
pub fn configured_for(
    reading: &mut Reading<'_>,
    key: &str,
    pieces: Vec<Piece<'_>>,
    span: Span,
    place: SecretPlace,
    meaning: Meaning,
) -> Value {
    let said = if key.is_empty() { NAMELESS } else { key };
    let note = Note { key: Symbol::new(said), place, meaning };
    let kind = keys::kind_of(key);
    if let [Piece::Literal(text, literal_span)] = pieces.as_slice() {
        let (text, literal_span) = (*text, *literal_span);
        let ranges = secret_ranges(text);
        if ranges.is_empty()
            && let Some(kind) = kind
            && let Some(look) = looks::look_under(kind, key, text)
        {
            return note.secret(reading, text, look, literal_span);
        }
        if ranges.is_empty() {
            return Value::literal(text, literal_span);
        }
    }
    // Each variable counts as one control character, which no URL holds.
    let mut joined = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in &pieces {
        starts.push(joined.len());
        match piece {
            Piece::Literal(text, _) => joined.push_str(text),
            Piece::Other(_) => joined.push('\u{1a}'),
        }
    }
    let ranges = secret_ranges(&joined);
    let alone = pieces.len() == 1;
    let mut parts = Vec::new();
    for (piece, start) in pieces.into_iter().zip(starts) {
        match piece {
            Piece::Literal(text, piece_span) => note.split(reading, text, start, &ranges, piece_span, &mut parts),
            Piece::Other(mut value) => {
                if (alone && kind.is_some()) || ranges.iter().any(|found| found.range.contains(&start)) {
                    note.hide_defaults(reading, kind, &mut value, 0);
                } else {
                    note.hide_parts(reading, &mut value, 0);
                }
                parts.push(value);
            }
        }
    }
    match parts.len() {
        0 => Value::literal("", span),
        1 => parts.swap_remove(0),
        _ => Value { form: Form::Concat(parts), span },
    }
}

/// True for keys whose value is secret by their name: `DB_PASSWORD`, `jwt.secret`, `apiKey`.
/// `secretName`, `PASSWORD_FILE`, `TOKEN_TTL` and `ALLOW_EMPTY_PASSWORD` are not.
pub fn is_secret_key(key: &str) -> bool {
    keys::kind_of(key).is_some()
}

/// What a secret's text looks like.
pub fn look_of(text: &str) -> SecretLook {
    looks::look_of(text)
}

/// True for the half of a key pair that is meant to be shown, and for certificates.
pub fn is_public_key(text: &str) -> bool {
    looks::is_public_key(text)
}

/// What `text` is as the value of the secret key `key`; `None`: no secret at all, but a
/// switch, a path, an address or the name of an object that holds the secret, or the key is
/// none.
pub fn look_under(key: &str, text: &str) -> Option<SecretLook> {
    looks::look_under(keys::kind_of(key)?, key, text)
}

/// A secret part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// True for the password of a connection URL, false for a token known by its shape.
    pub connection: bool,
}

/// The secret parts of a text whatever its key: the password of a connection URL or
/// connection string, and tokens known by their shape. In order, without overlap.
pub fn secret_ranges(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if text.len() < 6 {
        return found;
    }
    if text.contains("://") {
        userinfo_passwords(text, &mut found);
    }
    // `user:password@tcp(db:3306)/x` of Go's MySQL driver.
    for net in ["@tcp(", "@unix("] {
        if let Some((login, _)) = text.split_once(net)
            && let Some(colon) = login.find(':').filter(|colon| colon + 1 < login.len())
            && !login.contains(char::is_whitespace)
        {
            found.push(Found { range: colon + 1..login.len(), connection: true });
        }
    }
    // `Pwd=…` of ADO.NET and ODBC, `password=…` of JDBC, libpq and query strings.
    if let Some(at) = memchr::memchr(b'=', text.as_bytes())
        && at > 2
    {
        keyword_passwords(text, &mut found);
    }
    if text.len() >= 16 && may_hold_token(text) {
        for hit in TOKENS.iter().flat_map(|tokens| tokens.find_iter(text)) {
            let range = if hit.as_str().starts_with("-----") { hit.start()..text.len() } else { hit.range() };
            found.push(Found { range, connection: false });
        }
    }
    found.sort_by_key(|one| (one.range.start, one.range.end));
    let mut end = 0;
    found.retain(|one| {
        let fresh = one.range.start >= end;
        end = end.max(one.range.end);
        fresh
    });
    found
}

/// `scheme://user:password@host` wherever it stands in a text. The last `@` before the path
/// ends the password, since unescaped ones are common. A login that every installation has, and
/// that it takes from nowhere else, hides nothing: `amqp://guest:guest@localhost`.
fn userinfo_passwords(text: &str, found: &mut Vec<Found>) {
    for at in memchr::memmem::find_iter(text.as_bytes(), "://") {
        let start = at + 3;
        let Some(rest) = text.get(start..) else { continue };
        let end = rest.find(|c: char| c == '/' || c == '"' || c == '\'' || c.is_whitespace()).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or("");
        let Some(last_at) = authority.rfind('@') else { continue };
        let Some(colon) = authority.get(..last_at).and_then(|userinfo| userinfo.find(':')) else { continue };
        let scheme = text.get(..at).unwrap_or("").rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next();
        let local = scheme.and_then(|scheme| engines().by_scheme(scheme)).and_then(|engine| engine.local);
        let (login, host) = authority.split_at(last_at);
        if local.is_some_and(|local| local == login) && is_own_machine(host.get(1..).unwrap_or("")) {
            continue;
        }
        if colon + 1 < last_at {
            found.push(Found { range: start + colon + 1..start + last_at, connection: true });
        }
    }
}

/// True for `localhost:5672`.
fn is_own_machine(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    matches!(name.map_or(host, |(name, _)| name), "localhost" | "127.0.0.1" | "[::1]")
}

fn keyword_passwords(text: &str, found: &mut Vec<Found>) {
    static PASSWORD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:^|[;&?\s])(?:password|passwd|pwd|accountkey|sharedaccesskey)\s*=\s*").ok()
    });
    // One key alone is no connection string, but a line of some other language.
    if memchr::memchr_iter(b'=', text.as_bytes()).count() < 2 && !text.contains("://") {
        return;
    }
    for hit in PASSWORD.iter().flat_map(|password| password.find_iter(text)) {
        let start = hit.end();
        let Some(rest) = text.get(start..) else { continue };
        if rest.starts_with('=') {
            // A comparison in some language, no assignment.
            continue;
        }
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '{'));
        let (start, end) = match quote {
            Some(quote) => {
                let close = if quote == '{' { '}' } else { quote };
                let inner = rest.get(1..).unwrap_or("");
                (start + 1, start + 1 + inner.find(close).unwrap_or(inner.len()))
            }
            // A semicolon ends a value where semicolons separate; base64 may hold `&`-free text only.
            None => {
                let stops: &[char] = if text.contains(';') { &[';', '"', '\''] } else { &['&', ' ', '"', '\''] };
                (start, start + rest.find(stops).unwrap_or(rest.len()))
            }
        };
        if start < end {
            found.push(Found { range: start..end, connection: true });
        }
    }
}

/// Tokens that their issuer's documentation gives a fixed prefix, read in 2026: AWS access
/// keys, GitHub, GitLab, Slack, Stripe, Google, SendGrid, npm, private key blocks.
static TOKENS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
        r"|\bgh[pousr]_[A-Za-z0-9]{36,}",
        r"|\bgithub_pat_[A-Za-z0-9_]{40,}",
        r"|\bglpat-[A-Za-z0-9_-]{20,}",
        r"|\bxox[abprs]-[0-9]{6,}-[A-Za-z0-9-]{10,}",
        r"|\b[sr]k_live_[A-Za-z0-9]{16,}",
        r"|\bAIza[0-9A-Za-z_-]{35}\b",
        r"|\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
        r"|\bnpm_[A-Za-z0-9]{36}\b",
        r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*(?:\\n)?[A-Za-z0-9+/]{16}",
    ))
    .ok()
});

/// What tokens known by their shape hold, all looked for at once.
static TOKEN_MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    const MARKS: &[&str] = &[
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat",
        "xox",
        "k_live",
        "AIza",
        "SG.",
        "npm_",
        "PRIVATE KEY",
    ];
    // Vectors are used for leftmost matches only.
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKS).ok()
});

/// A quick look, for many texts at once: false only where no token known by its shape is.
pub fn may_hold_token(text: &str) -> bool {
    TOKEN_MARKS.as_ref().is_none_or(|marks| marks.is_match(text))
}

/// What the password of a connection is called that no key names.
pub const NAMELESS: &str = "password of a connection";

/// What all secrets of one value have in common.
#[derive(Clone, Copy)]
struct Note {
    key: Symbol,
    place: SecretPlace,
    meaning: Meaning,
}

impl Note {
    /// Notes a secret and gives the value that stands for it.
    fn secret(self, reading: &mut Reading<'_>, text: &str, look: SecretLook, span: Span) -> Value {
        let look = match (self.meaning, look) {
            (Meaning::Example, SecretLook::Value) => SecretLook::Placeholder,
            (Meaning::Used | Meaning::Example, look) => look,
        };
        let secret = Secret::new(text, look);
        reading.facts.redactions.push(span);
        reading.add(Fact::Secret(Box::new(SecretUse { key: self.key, secret, place: self.place, span })));
        Value { form: Form::Secret(secret), span }
    }

    /// Cuts a literal piece, which starts at `start` of the joined text, at its secret parts.
    fn split(
        self,
        reading: &mut Reading<'_>,
        text: &str,
        start: usize,
        ranges: &[Found],
        span: Span,
        parts: &mut Vec<Value>,
    ) {
        // Where escapes make the text shorter than its range, its parts have no places.
        let exact = (span.end - span.start) as usize == text.len();
        let place_of = |range: &Range<usize>| {
            if !exact {
                return span;
            }
            Span::new(span.file, span.start + range.start as u32, span.start + range.end as u32)
        };
        let mut done = 0;
        for found in ranges {
            let from = found.range.start.saturating_sub(start).max(done);
            let to = found.range.end.saturating_sub(start).min(text.len());
            let Some(secret) = text.get(from..to).filter(|secret| !secret.is_empty()) else { continue };
            if let Some(before) = text.get(done..from).filter(|before| !before.is_empty()) {
                parts.push(Value::literal(before, place_of(&(done..from))));
            }
            let place = if found.connection { SecretPlace::ConnectionString } else { self.place };
            let look = looks::look_of(secret);
            parts.push(Self { place, ..self }.secret(reading, secret, look, place_of(&(from..to))));
            done = to;
        }
        if let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) {
            parts.push(Value::literal(rest, place_of(&(done..text.len()))));
        }
    }

    /// Turns the literal defaults of a variable that holds a secret into secrets.
    fn hide_defaults(self, reading: &mut Reading<'_>, kind: Option<KeyKind>, value: &mut Value, depth: u8) {
        match &mut value.form {
            Form::FirstOf(values) if depth < 8 => {
                for inner in values {
                    self.hide_defaults(reading, kind, inner, depth + 1);
                }
            }
            Form::Literal(text) => {
                let text = text.as_str();
                let look = match kind {
                    Some(kind) => looks::look_under(kind, self.key.as_str(), text),
                    None => Some(looks::look_of(text)),
                };
                if let Some(look) = look
                    && !text.is_empty()
                {
                    *value = self.secret(reading, text, look, value.span);
                }
            }
            Form::FirstOf(_)
            | Form::Secret(_)
            | Form::Env(_)
            | Form::DeployVariable(_)
            | Form::ChartValue(_)
            | Form::Setting(_)
            | Form::ObjectKey(_)
            | Form::Concat(_)
            | Form::Unknown(_) => {}
        }
    }

    /// Cuts the secret parts out of the literals within a variable's default:
    /// `${DATABASE_URL:postgres://shop:hunter2@db/shop}`.
    fn hide_parts(self, reading: &mut Reading<'_>, value: &mut Value, depth: u8) {
        match &mut value.form {
            Form::FirstOf(values) | Form::Concat(values) if depth < 8 => {
                for inner in values {
                    self.hide_parts(reading, inner, depth + 1);
                }
            }
            Form::Literal(text) => {
                let text = text.as_str();
                let ranges = secret_ranges(text);
                if !ranges.is_empty() {
                    let mut parts = Vec::new();
                    self.split(reading, text, 0, &ranges, value.span, &mut parts);
                    value.form = Form::Concat(parts);
                }
            }
            Form::FirstOf(_)
            | Form::Concat(_)
            | Form::Secret(_)
            | Form::Env(_)
            | Form::DeployVariable(_)
            | Form::ChartValue(_)
            | Form::Setting(_)
            | Form::ObjectKey(_)
            | Form::Unknown(_) => {}
        }
    }
}
