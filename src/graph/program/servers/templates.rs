//! Paths of routes, in one spelling: `/orders/{id}`.

use crate::graph::program::value::{Known, Value};
use crate::source::symbol::Symbol;

/// A path as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Path {
    /// `/orders/:id` as written, parts that are not known as `{part}`.
    pub text: String,
    /// False where it starts with something that is not known.
    pub whole: bool,
}

/// What a route's path is. `None`: a regular expression, or nothing of it is known.
pub(super) fn path_of(known: &Known) -> Option<Path> {
    match &known.value {
        Value::Text(text) => Some(Path { text: text.as_str().to_owned(), whole: true }),
        Value::Nothing => Some(Path { text: String::new(), whole: true }),
        Value::FirstOf(several) => several.iter().rev().find_map(path_of),
        Value::Concat(parts) => {
            let mut path = Path { text: String::new(), whole: true };
            for (place, part) in parts.iter().enumerate() {
                match path_of(part) {
                    Some(inner) => {
                        path.text.push_str(&inner.text);
                        path.whole &= inner.whole;
                    }
                    // What stands first is mostly a prefix of several parts.
                    None if place == 0 => path.whole = false,
                    None => path.text.push_str("{part}"),
                }
            }
            (path.whole || !path.text.is_empty()).then_some(path)
        }
        _other => None,
    }
}

/// One path after the other, as a template: `/api` and `orders/:id(\d+)` give `/api/orders/{id}`.
pub(super) fn template(parts: &[&str]) -> Symbol {
    let mut out = String::new();
    for part in parts {
        for segment in part.split('/').filter(|segment| !segment.is_empty()) {
            out.push('/');
            push_segment(segment, &mut out);
        }
    }
    if out.is_empty() {
        out.push('/');
    }
    Symbol::new(&out)
}

fn push_segment(segment: &str, out: &mut String) {
    if let Some(inner) = segment.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // Next.js: `[id]`, `[...rest]`, `[[...rest]]`.
        let inner = inner.trim_matches(['[', ']']);
        match inner.strip_prefix("...") {
            Some(rest) => out.push_str(&format!("{{{rest}*}}")),
            None => out.push_str(&format!("{{{inner}}}")),
        }
        return;
    }
    if matches!(segment, "*" | "**" | "(.*)") {
        out.push_str("{rest*}");
        return;
    }
    if let Some(name) = segment.strip_prefix('*') {
        out.push_str(&format!("{{{name}*}}"));
        return;
    }
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once(':') {
        out.push_str(before);
        let end = after.find(|one: char| !one.is_alphanumeric() && one != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        if name.is_empty() {
            // A colon of its own: `/orders:cancel` has a name, `/a:` has none.
            out.push(':');
            rest = tail;
            continue;
        }
        // `orders:cancel` is a verb of its own, written by escaping or in other dialects.
        out.push_str(&format!("{{{name}}}"));
        rest = without_pattern(tail);
    }
    // hapi: `{id?}`, `{path*2}`.
    match rest.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        Some(inner) => {
            let name = inner.trim_end_matches(|one: char| one.is_ascii_digit() || matches!(one, '*' | '?'));
            out.push_str(&if inner.contains('*') { format!("{{{name}*}}") } else { format!("{{{name}}}") });
        }
        None => out.push_str(rest),
    }
}

/// What stands behind a parameter's pattern and sign: `(\d+)?.json` gives `.json`.
fn without_pattern(tail: &str) -> &str {
    let mut rest = tail;
    for (open, close) in [('(', ')'), ('{', '}'), ('<', '>')] {
        if rest.starts_with(open) {
            let mut depth = 0_usize;
            let end = rest.char_indices().find_map(|(at, one)| {
                depth = if one == open {
                    depth + 1
                } else if one == close {
                    depth - 1
                } else {
                    depth
                };
                (depth == 0).then_some(at + one.len_utf8())
            });
            rest = end.and_then(|end| rest.get(end..)).unwrap_or("");
        }
    }
    rest.trim_start_matches(['?', '*', '+'])
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn paths_of_all_dialects_become_one_spelling() {
        for (parts, expected) in [
            (&["/orders"][..], "/orders"),
            (&["", "/"], "/"),
            (&["/api/", "/orders/"], "/api/orders"),
            (&["orders", ":id"], "/orders/{id}"),
            (&["/orders/:id(\\d+)"], "/orders/{id}"),
            (&["/orders/:id{[0-9]+}"], "/orders/{id}"),
            (&["/orders/:id?"], "/orders/{id}"),
            (&["/files/*"], "/files/{rest*}"),
            (&["/files/*path"], "/files/{path*}"),
            (&["/flights/:from-:to"], "/flights/{from}-{to}"),
            (&["/report/:day.json"], "/report/{day}.json"),
            (&["/orders/{id?}"], "/orders/{id}"),
            (&["/files/{path*2}"], "/files/{path*}"),
            (&["api/orders/[id]"], "/api/orders/{id}"),
            (&["api/[...rest]"], "/api/{rest*}"),
            (&["api/[[...rest]]"], "/api/{rest*}"),
            (&["/a:"], "/a:"),
        ] {
            assert_eq!(template(parts).as_str(), expected, "{parts:?}");
        }
    }
}
