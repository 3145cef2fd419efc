//! Values of code as facts state them, so that they can be evaluated in the environment of a
//! service; and addresses, put together of what a client and a call say.

use std::rc::Rc;

use super::clients::OutgoingCall;
use super::configuration::configured;
use super::lookup::Lookup;
use super::shapes::{Bound, Match, find_match, start_of};
use super::value::{Known, Value};
use crate::facts::value::{Form, Value as Stated};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::configuration::configuration;
use crate::tables::shape::Path;

/// How deep values may lie in one another.
const DEEPEST: usize = 16;

/// Alternatives of an address that are told apart.
const MOST: usize = 8;

/// A value as facts state it. Of several that hold by a condition, the first.
pub fn stated(known: &Known) -> Stated {
    walk(known, 0)
}

fn walk(known: &Known, depth: usize) -> Stated {
    let span = known.span;
    if depth > DEEPEST {
        return Stated::unknown("the value is put together of too many parts", span);
    }
    let all = |parts: &[Known]| parts.iter().map(|part| walk(part, depth + 1)).collect::<Vec<_>>();
    let form = match &known.value {
        Value::Text(text) => Form::Literal(*text),
        Value::Number(number) => Form::Literal(Symbol::new(&number.to_string())),
        Value::Bool(value) => Form::Literal(Symbol::new(if *value { "true" } else { "false" })),
        Value::Env(name) => Form::Env(*name),
        Value::Setting(name) => Form::Setting(*name),
        Value::Concat(parts) => Form::Concat(all(parts)),
        Value::FirstOf(parts) => {
            let set: Vec<Known> = parts.iter().filter(|part| !matches!(part.value, Value::Nothing)).cloned().collect();
            Form::FirstOf(all(&set))
        }
        Value::OneOf(parts) => return parts.first().map_or_else(|| nothing(span), |first| walk(first, depth + 1)),
        Value::Foreign(foreign) => {
            if let Some(value) = configured(foreign) {
                return walk(&Known { value, span, through: Rc::clone(&known.through) }, depth + 1);
            }
            return joined_by_library(known, depth)
                .unwrap_or_else(|| Stated::unknown("the value comes from a library that was not followed", span));
        }
        Value::Parameter(name) => {
            return Stated::unknown(&format!("the value comes from {name}"), span);
        }
        Value::Unknown(reason) => return Stated::unknown(reason, span),
        Value::Computed(_) => return Stated::unknown("the value is computed", span),
        Value::Nothing => return nothing(span),
        Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_) => return Stated::unknown("the value is no text", span),
    };
    Stated { form, span }
}

fn nothing(span: Span) -> Stated {
    Stated::unknown("the value is not set", span)
}

/// `new URL('/orders', base)`, `urlJoin(base, 'orders')`
fn joined_by_library(known: &Known, depth: usize) -> Option<Stated> {
    let Value::Foreign(foreign) = &known.value else { return None };
    let package = start_of(foreign)?;
    for row in configuration().iter().filter(|row| package == "global" || row.library.is_of(package)) {
        for join in &row.joins {
            let Some(found) = find_match(&join.shape, &row.library, foreign) else { continue };
            let base = join.base.as_ref().map(|path| values(&found, path)).unwrap_or_default();
            let parts: Vec<Known> = join.parts.iter().flat_map(|path| values(&found, path)).collect();
            let mut whole: Option<Stated> = None;
            for part in base.iter().chain(&parts) {
                let part = walk(part, depth + 1);
                whole = Some(match whole {
                    Some(before) => together(before, part, known.span),
                    None => part,
                });
            }
            return whole;
        }
        for fill in &row.fills {
            let Some(found) = find_match(&fill.shape, &row.library, foreign) else { continue };
            let pattern = values(&found, &fill.pattern);
            let Some(Value::Text(pattern)) = pattern.first().map(|pattern| &pattern.value) else { continue };
            let given = values(&found, &fill.values);
            return Some(filled(*pattern, &given, known.span, depth));
        }
    }
    None
}

/// `http://%s:%d` with its values, as `util.format` fills them in.
fn filled(pattern: Symbol, given: &[Known], span: Span, depth: usize) -> Stated {
    let mut given = given.iter();
    let mut parts: Vec<Stated> = Vec::new();
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        parts.push(Stated::literal(before, span));
        let mut letters = after.chars();
        match letters.next() {
            Some('%') => parts.push(Stated::literal("%", span)),
            Some('s' | 'd' | 'i' | 'f' | 'j' | 'o' | 'O') => match given.next() {
                Some(known) => parts.push(walk(known, depth + 1)),
                None => parts.push(Stated::unknown("fewer values are given than the pattern names", span)),
            },
            _other => {
                parts.push(Stated::literal("%", span));
                rest = after;
                continue;
            }
        }
        rest = letters.as_str();
    }
    parts.push(Stated::literal(rest, span));
    Stated { form: Form::Concat(parts), span }
}

fn values(found: &Match, path: &Path) -> Vec<Known> {
    if let (Some(Bound::Rest(all, _)), []) = (found.bound(path.name), path.keys.as_slice()) {
        return all.clone();
    }
    match found.look_up(path) {
        Some(Lookup::Present(known)) => vec![known],
        Some(Lookup::Absent | Lookup::Unknown(_)) | None => Vec::new(),
    }
}

/// `path` below `base`; a path that is an address by itself stays alone. One `/` between them.
pub fn together(base: Stated, path: Stated, span: Span) -> Stated {
    if starts_with_scheme(&path) {
        return path;
    }
    if let Form::Literal(text) = &path.form
        && text.is_empty()
    {
        return base;
    }
    let ends = last_text(&base).is_some_and(|text| text.ends_with('/'));
    let starts = first_text(&path).is_some_and(|text| text.starts_with('/'));
    let mut parts = vec![base];
    if !ends && !starts {
        parts.push(Stated::literal("/", span));
    }
    parts.push(path);
    Stated { form: Form::Concat(parts), span }
}

fn starts_with_scheme(value: &Stated) -> bool {
    first_text(value).is_some_and(|text| text.contains("://"))
}

fn first_text(value: &Stated) -> Option<Symbol> {
    match &value.form {
        Form::Literal(text) => Some(*text),
        Form::Concat(parts) => first_text(parts.first()?),
        // Where nothing is set, its fallback tells what kind of text it is.
        Form::FirstOf(all) => first_text(all.last()?),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => None,
    }
}

fn last_text(value: &Stated) -> Option<Symbol> {
    match &value.form {
        Form::Literal(text) => Some(*text),
        Form::Concat(parts) => last_text(parts.last()?),
        Form::FirstOf(all) => last_text(all.last()?),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => None,
    }
}

/// The addresses that a call may go to: one, or several where a condition decides. Empty where
/// the code does not say any.
pub fn addresses(call: &OutgoingCall) -> Vec<Stated> {
    let bases = alternatives(call.base.as_ref());
    let mut found = Vec::new();
    if let Some(host) = &call.host {
        for host in alternatives(Some(host)) {
            let host = stated(&host);
            let with_port = match &call.port {
                Some(port) => {
                    let parts = vec![host, Stated::literal(":", port.span), stated(port)];
                    Stated { form: Form::Concat(parts), span: call.span }
                }
                None => host,
            };
            let path = call.url.as_ref().map(stated);
            found.push(path.map_or(with_port.clone(), |path| together(with_port, path, call.span)));
        }
        return found;
    }
    for url in alternatives(call.url.as_ref()) {
        let url = stated(&url);
        if bases.is_empty() || starts_with_scheme(&url) {
            found.push(url);
            continue;
        }
        found.extend(bases.iter().map(|base| together(stated(base), url.clone(), call.span)));
    }
    if call.url.is_none() {
        found.extend(bases.iter().map(stated));
    }
    found.truncate(MOST);
    found
}

/// A value's alternatives by a condition, also of a part of it: `${test ? a : b}/orders`.
fn alternatives(known: Option<&Known>) -> Vec<Known> {
    match known {
        Some(Known { value: Value::OneOf(all), .. }) => {
            all.iter().flat_map(|one| alternatives(Some(one))).take(MOST).collect()
        }
        Some(known @ Known { value: Value::Concat(parts), .. }) => {
            let several = parts.iter().position(|part| matches!(part.value, Value::OneOf(_)));
            let Some((at, Value::OneOf(all))) = several.and_then(|at| Some((at, &parts.get(at)?.value))) else {
                return vec![known.clone()];
            };
            let with = |one: &Known| {
                let parts: Vec<Known> = parts
                    .iter()
                    .enumerate()
                    .map(|(place, part)| if place == at { one } else { part }.clone())
                    .collect();
                Known { value: Known::concat(parts, known.span).value, ..known.clone() }
            };
            // The first part decides which host is meant; others that differ are not multiplied.
            all.iter().take(MOST).map(with).collect()
        }
        Some(known) => vec![known.clone()],
        None => Vec::new(),
    }
}
