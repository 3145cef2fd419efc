//! From connection texts and groups of keys to [`Connection`] facts. Shared by all readers
//! of configuration and code.

use std::ops::Range;

use super::secrets::{Piece, look_of};
use crate::facts::data::{Connection, Entry};
use crate::facts::value::{Form, Value};
use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::connection::{ConnectionText, Part};
use crate::tables::connection_keys::{KeyGroup, Role};
use crate::tables::engines::connection_of;

/// Stands for a variable in a joined text; no connection text holds it.
const VARIABLE: char = '\u{1a}';

/// What a group's engine is called where nothing tells which relational database it is.
const SOME_ENGINE: &str = "sql";

/// The connection that a text mixed with variables states; parts that hold a variable
/// become values over it. `None` where it states none. The password is neither noted nor
/// redacted here: that is [`super::secrets::configured_pieces`]'s work.
///
/// Where the text is the default of a variable (`${DATABASE_URL:postgres://db/shop}`), the
/// server is [`Form::FirstOf`] that variable, whose value is a whole text, and the host.
pub fn connection_of_pieces(pieces: &[Piece<'_>], span: Span, in_code: bool) -> Option<Connection> {
    if let [Piece::Other(Value { form: Form::FirstOf(values), .. })] = pieces
        && let Some((default, variables)) = values.split_last()
    {
        let inner = pieces_of_value(default)?;
        let mut connection = connection_of_pieces(&inner, default.span, in_code)?;
        connection.server = connection.server.map(|server| first_of(variables, server));
        return Some(connection);
    }
    let mut joined = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    for piece in pieces {
        starts.push(joined.len());
        match piece {
            Piece::Literal(text, _) => joined.push_str(text),
            Piece::Other(_) => joined.push(VARIABLE),
        }
    }
    let found = connection_of(&joined)?;
    Some(Text { pieces, starts, joined: &joined, span }.connection(&found, in_code))
}

/// The connection that a group of keys states, and the entries that it was read from.
/// `found` gives the connection that the URL's text states, by index of the entry. `None`
/// where nothing tells server or database.
pub fn connection_of_group(
    group: &KeyGroup,
    entries: &[Entry],
    found: &mut dyn FnMut(usize) -> Option<Connection>,
) -> Option<Connection> {
    let entry = |role: Role| group.key(role).and_then(|index| entries.get(index));
    let value = |role: Role| entry(role).map(|entry| entry.value.clone()).filter(|value| !is_empty(value));
    let from_url = group.key(Role::Url).and_then(found);
    let best = [Role::Url, Role::Host, Role::Database].iter().find_map(|&role| entry(role))?;
    let mut connection = from_url.unwrap_or_else(|| Connection {
        engine: group.engine.unwrap_or_else(|| Symbol::new(SOME_ENGINE)),
        server: None,
        port: None,
        database: None,
        schema: None,
        user: None,
        password: None,
        options: Vec::new(),
        in_code: false,
        read_only: false,
        span: best.value.span,
    });
    if connection.server.is_none()
        && let Some(server) = value(Role::Host).or_else(|| http_host(value(Role::Url)?))
    {
        let (server, port) = split_port(server);
        connection.server = Some(server);
        connection.port = connection.port.or(port);
    }
    let port = value(Role::Port).and_then(|port| port.as_literal()).and_then(|port| port.trim().parse().ok());
    connection.port = connection.port.or(port);
    connection.database = connection.database.or_else(|| value(Role::Database));
    connection.schema = connection.schema.or_else(|| value(Role::Schema));
    connection.user = connection.user.or_else(|| value(Role::User));
    connection.password = connection.password.or_else(|| match value(Role::Password)?.form {
        Form::Secret(secret) => Some(secret),
        Form::Literal(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Concat(_)
        | Form::FirstOf(_)
        | Form::Unknown(_) => None,
    });
    (connection.server.is_some() || connection.database.is_some()).then_some(connection)
}

/// `values`, else `last`.
pub fn first_of(values: &[Value], last: Value) -> Value {
    let span = last.span;
    let mut all = values.to_vec();
    all.push(last);
    Value { form: Form::FirstOf(all), span }
}

fn pieces_of_value(value: &Value) -> Option<Vec<Piece<'static>>> {
    match &value.form {
        Form::Literal(text) => Some(vec![Piece::Literal(text.as_str(), value.span)]),
        Form::Concat(values) => {
            let piece = |value: &Value| match value.as_literal() {
                Some(text) => Piece::Literal(text.as_str(), value.span),
                None => Piece::Other(value.clone()),
            };
            Some(values.iter().map(piece).collect())
        }
        Form::FirstOf(_)
        | Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_literal().is_some_and(|text| text.trim().is_empty())
}

/// The host of `http://search:9200`: engines that speak HTTP are told by their key only.
fn http_host(url: Value) -> Option<Value> {
    let text = url.as_literal()?;
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    (!host.is_empty()).then(|| Value::literal(host, url.span))
}

fn split_port(server: Value) -> (Value, Option<u16>) {
    let split = server.as_literal().and_then(|text| {
        let (host, port) = text.as_str().rsplit_once(':')?;
        let port = port.parse().ok()?;
        (!host.contains(':') && !host.is_empty()).then(|| (Value::literal(host, server.span), Some(port)))
    });
    split.unwrap_or((server, None))
}

/// A joined text and where its pieces came from.
struct Text<'p, 't> {
    pieces: &'p [Piece<'t>],
    starts: Vec<usize>,
    joined: &'p str,
    span: Span,
}

impl Text<'_, '_> {
    fn connection(&self, found: &ConnectionText, in_code: bool) -> Connection {
        let first = found.hosts.first();
        // Members of one cluster are one server; their list is its name.
        let server = match found.hosts.as_slice() {
            [] => None,
            [host] => Some(self.value(&host.name)),
            hosts => {
                let names: Option<Vec<&str>> = hosts.iter().map(|host| host.name.known.as_deref()).collect();
                Some(names.map_or_else(
                    || Value::unknown("the list of hosts holds a placeholder", self.span),
                    |names| Value::literal(&names.join(","), self.span),
                ))
            }
        };
        let password = found.password.clone().and_then(|range| {
            let text = self.joined.get(range)?;
            (!text.contains(VARIABLE)).then(|| Secret::new(text, look_of(text)))
        });
        let options = found.options.iter().map(|(key, value)| (Symbol::new(key), Symbol::new(value))).collect();
        Connection {
            engine: found.engine,
            server,
            port: first.and_then(|host| host.port),
            database: found.database.as_ref().map(|part| self.value(part)),
            schema: found.schema.as_ref().map(|part| self.value(part)),
            user: found.user.as_ref().map(|part| self.value(part)),
            password,
            options,
            in_code,
            read_only: found.read_only,
            span: self.span,
        }
    }

    /// A part as a value: a literal, the variable that stands for it, or both mixed.
    fn value(&self, part: &Part) -> Value {
        if let Some(known) = &part.known {
            return Value::literal(known, self.place(&part.range));
        }
        let mut parts = Vec::new();
        for (piece, &start) in self.pieces.iter().zip(&self.starts) {
            match piece {
                Piece::Other(value) if part.range.contains(&start) => parts.push(value.clone()),
                Piece::Other(_) => {}
                Piece::Literal(text, span) => {
                    let from = part.range.start.saturating_sub(start);
                    let to = part.range.end.saturating_sub(start).min(text.len());
                    if let Some(text) = text.get(from..to).filter(|text| !text.is_empty()) {
                        parts.push(Value::literal(text, *span));
                    }
                }
            }
        }
        let has_variable = parts.iter().any(|part| part.as_literal().is_none());
        match parts.len() {
            1 if has_variable => parts.swap_remove(0),
            // A placeholder within a literal: `%s`, `{host}`.
            _ if !has_variable => {
                Value::unknown("a placeholder stands for it that the program fills in", self.place(&part.range))
            }
            _ => Value { form: Form::Concat(parts), span: self.span },
        }
    }

    /// Where a range of the joined text stands in the file, if one literal piece holds it.
    fn place(&self, range: &Range<usize>) -> Span {
        let place = self.pieces.iter().zip(&self.starts).find_map(|(piece, &start)| match piece {
            Piece::Literal(text, span) => {
                let exact = (span.end - span.start) as usize == text.len();
                let inside = range.start >= start && range.end <= start + text.len();
                (exact && inside).then(|| {
                    let offset = |at: usize| span.start + (at - start) as u32;
                    Span::new(span.file, offset(range.start), offset(range.end))
                })
            }
            Piece::Other(_) => None,
        });
        place.unwrap_or(self.span)
    }
}
