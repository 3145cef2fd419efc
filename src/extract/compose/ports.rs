//! `ports` and `expose` of a Compose service, in every form that the specification knows
//! (docs.docker.com/reference/compose-file/services/#ports).

use super::fields;
use crate::extract::interpolation::{self, Placed};
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::workload::{Port, Published};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// Longest range of ports that is written out; of a longer one only the first is kept.
const RANGE_LIMIT: usize = 64;

const PORT_HELP: &str = "write `HOST:CONTAINER` with ports from 1 to 65535, for example `8080:80`";

/// The published ports of a service.
pub fn published(reading: &mut Reading<'_>, node: Node<'_>) -> Vec<Port> {
    let mut found = Vec::new();
    for item in fields::items(reading, node, "`ports`", false) {
        if item.is_mapping() {
            long(reading, item, &mut found);
        } else if let Some(placed) = fields::text(reading, item, "an item of `ports`") {
            short(reading, placed, &mut found);
        }
    }
    found
}

/// The ports of a service that only its own networks reach.
pub fn exposed(reading: &mut Reading<'_>, node: Node<'_>) -> Vec<Port> {
    let mut found = Vec::new();
    for item in fields::items(reading, node, "`expose`", false) {
        let Some(placed) = fields::text(reading, item, "an item of `expose`") else { continue };
        let container = match interpolation::with_defaults(placed) {
            Ok(text) => number(reading, without_protocol(&text), placed.span),
            Err(_) => Number::Computed,
        };
        for port in container.ports() {
            found.push(Port { name: Symbol::new(""), container_port: port, published: None, span: placed.span });
        }
    }
    found
}

/// A port number as it is written.
#[derive(Clone, Copy, Debug)]
enum Number {
    /// Nothing, as between the colons of `127.0.0.1::80`; or what was no number.
    Nothing,
    /// A variable without default.
    Computed,
    /// `80`, `3000-3005`
    Range(u16, u16),
}

impl Number {
    fn length(self) -> u16 {
        match self {
            Self::Nothing | Self::Computed => 0,
            Self::Range(first, last) => last - first,
        }
    }

    fn ports(self) -> Vec<Option<u16>> {
        match self {
            Self::Nothing | Self::Computed => vec![None],
            Self::Range(first, last) if usize::from(last - first) < RANGE_LIMIT => (first..=last).map(Some).collect(),
            Self::Range(first, _) => vec![Some(first)],
        }
    }
}

fn without_protocol(text: &str) -> &str {
    text.split_once('/').map_or(text, |(port, _)| port)
}

fn number(reading: &mut Reading<'_>, text: &str, span: Span) -> Number {
    let text = text.trim();
    if text.is_empty() {
        return Number::Nothing;
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Number::Range(first, last),
        _ => {
            reading.problem(span, "this is no port", PORT_HELP);
            Number::Nothing
        }
    }
}

/// `3000`, `8000:80`, `127.0.0.1:8001:8001/udp`, `[::1]:80:80`, `9000-9005:9000-9005`,
/// `${PORT:-80}:80`.
fn short(reading: &mut Reading<'_>, placed: Placed<'_>, found: &mut Vec<Port>) {
    let span = placed.span;
    let parts = match interpolation::with_defaults(placed) {
        Ok(text) => {
            let mut parts = without_protocol(&text).rsplitn(3, ':');
            let container = number(reading, parts.next().unwrap_or(""), span);
            let host = parts.next().map_or(Number::Nothing, |host| number(reading, host, span));
            let address = parts.next().map_or_else(|| Answer::absent(span), |address| address_of(address, span));
            (container, host, address)
        }
        Err(_) => computed(reading, placed),
    };
    let (container, host, address) = parts;
    push_published(container, host, address, Symbol::new(""), span, found);
}

fn address_of(text: &str, span: Span) -> Answer<Symbol> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    if bare.is_empty() { Answer::absent(span) } else { Answer::present(Symbol::new(bare), span) }
}

/// The parts of a short form in which a variable has no default.
fn computed(reading: &mut Reading<'_>, placed: Placed<'_>) -> (Number, Number, Answer<Symbol>) {
    let span = placed.span;
    let mut parts = parts_of(placed);
    let mut next_number = |parts: &mut Vec<Placed<'_>>| {
        let part = parts.pop()?;
        Some(match interpolation::with_defaults(part) {
            Ok(text) => (number(reading, without_protocol(&text), span), None),
            Err(name) => (Number::Computed, Some(name)),
        })
    };
    let (container, sole) = next_number(&mut parts).unwrap_or((Number::Nothing, None));
    let host = next_number(&mut parts);
    let address = match (parts.first(), host) {
        (Some(&first), _) => {
            let end = parts.last().map_or(first.span.end, |last| last.span.end);
            // Parts of an address such as `::1` belong together.
            let length = (end - first.span.start) as usize;
            let whole = if parts.len() == 1 { first } else { placed.part(0..length) };
            match interpolation::with_defaults(whole) {
                Ok(text) => address_of(&text, span),
                Err(name) => Answer::unknown(&format!("the variable {name} holds the address")),
            }
        }
        // `${ORDERS_PORT}:80` is a port by its name; `${ORDERS_LISTEN}:80` may be both.
        (None, Some((_, Some(name)))) => address_by_name(name, span),
        (None, None) => sole.map_or_else(|| Answer::absent(span), |name| address_by_name(name, span)),
        (None, Some((_, None))) => Answer::absent(span),
    };
    (container, host.map_or(Number::Nothing, |(host, _)| host), address)
}

fn address_by_name(variable: Symbol, span: Span) -> Answer<Symbol> {
    if variable.to_ascii_lowercase().contains("port") {
        return Answer::absent(span);
    }
    Answer::unknown(&format!("the variable {variable} may hold an address"))
}

/// The text cut at colons that stand outside of variables and brackets.
fn parts_of(placed: Placed<'_>) -> Vec<Placed<'_>> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, byte) in placed.text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 0 => {
                parts.push(placed.part(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(placed.part(start..placed.text.len()));
    parts
}

/// `{target: 80, published: "8080", host_ip: 127.0.0.1, mode: host}`.
fn long(reading: &mut Reading<'_>, item: Node<'_>, found: &mut Vec<Port>) {
    let span = item.span();
    let Some(target) = item.get("target") else {
        reading.problem(span, "this port has no `target`", "add `target:` with the port inside of the container");
        return;
    };
    let container = number_of(reading, target);
    let host = item.get("published").map_or(Number::Nothing, |published| number_of(reading, published));
    let address = match item.get("host_ip").and_then(|node| fields::text(reading, node, "`host_ip`")) {
        None => Answer::absent(span),
        Some(placed) => match interpolation::with_defaults(placed) {
            Ok(text) => address_of(&text, placed.span),
            Err(name) => Answer::unknown(&format!("the variable {name} holds the address")),
        },
    };
    let name = item.get("name").and_then(|node| fields::symbol(reading, node, "`name`"));
    let name = name.map_or_else(|| Symbol::new(""), |(name, _)| name);
    push_published(container, host, address, name, span, found);
}

fn number_of(reading: &mut Reading<'_>, node: Node<'_>) -> Number {
    let Some(placed) = fields::text(reading, node, "a port") else { return Number::Nothing };
    match interpolation::with_defaults(placed) {
        Ok(text) => number(reading, &text, placed.span),
        Err(_) => Number::Computed,
    }
}

fn push_published(
    container: Number,
    host: Number,
    address: Answer<Symbol>,
    name: Symbol,
    span: Span,
    found: &mut Vec<Port>,
) {
    let hosts = if host.length() == container.length() { host.ports() } else { Vec::new() };
    for (at, container_port) in container.ports().into_iter().enumerate() {
        // A range in front of one port means any of them, which one is the platform's choice.
        let host_port = hosts.get(at).copied().flatten();
        let published = Some(Published { host_port, host_address: address.clone() });
        found.push(Port { name, container_port, published, span });
    }
}
