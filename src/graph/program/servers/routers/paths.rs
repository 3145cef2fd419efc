//! From routes and routers to operations with whole paths.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Before, Entrance, Reader};
use crate::graph::program::servers::templates::template;
use crate::graph::program::servers::traces::{foreign_of, use_of};
use crate::graph::program::value::{Closure, Known, Value};
use crate::source::span::Span;

use super::{RouterKey, Routers, Used};

/// How many routers use each other, one in the other.
const DEPTH: usize = 12;
/// Under how many paths one router is used at most.
const PATHS: usize = 64;

/// A way from an application to a router.
#[derive(Clone)]
struct Way {
    /// What paths begin with, outermost first.
    parts: Vec<String>,
    /// False where more may stand before.
    whole: bool,
    /// Routers on the way, with the router itself.
    through: Vec<RouterKey>,
}

impl Routers {
    /// Adds the operations of all routes.
    pub(super) fn operations(&self, reader: &mut Reader<'_, '_>) {
        let mut befores: BTreeMap<RouterKey, Before> = BTreeMap::new();
        let mut lost: BTreeMap<RouterKey, Span> = BTreeMap::new();
        for route in &self.routes {
            let ways = self.ways(route.on, DEPTH);
            if ways.iter().all(|way| !way.whole)
                && let Some(router) = self.routers.get(&route.on)
            {
                lost.insert(route.on, router.span);
            }
            let own = self.before_handler(reader, &route.handlers);
            let (handler, arguments) = match route.handlers.last() {
                Some(last) => self.handler(reader, last),
                None => (None, None),
            };
            if handler.is_none() {
                reader.unclear(route.span, "the handler of a route cannot be followed");
            }
            for way in ways {
                let mut before = own.clone();
                for key in &way.through {
                    if !befores.contains_key(key) {
                        let one = self.before(reader, *key);
                        befores.insert(*key, one);
                    }
                    if let Some(one) = befores.get(key) {
                        before = before.and(one);
                    }
                }
                for path in &route.paths {
                    let mut parts: Vec<&str> = way.parts.iter().map(String::as_str).collect();
                    parts.push(&path.text);
                    let whole = template(&parts);
                    for method in &route.methods {
                        let kind = Kind::Http { method: *method, path: whole };
                        let mut entrance = Entrance::new(kind, route.span, handler.clone());
                        entrance.arguments.clone_from(&arguments);
                        entrance.registered = Some(route.event);
                        entrance.before = before.clone();
                        entrance.whole = way.whole && path.whole;
                        reader.add(entrance);
                    }
                }
            }
        }
        for span in lost.into_values() {
            reader.unclear(span, "a router that nobody is seen to use, or by a path that cannot be followed");
        }
    }

    /// The ways from applications to a router.
    fn ways(&self, key: RouterKey, depth: usize) -> Vec<Way> {
        let Some(router) = self.routers.get(&key) else { return Vec::new() };
        let own = |mut way: Way| {
            way.parts.push(router.prefix.text.clone());
            way.whole &= router.prefix.whole;
            way.through.push(key);
            way
        };
        let mut found: Vec<Way> = Vec::new();
        if let Some(below) = depth.checked_sub(1) {
            for mount in &router.mounts {
                if found.len() >= PATHS {
                    break;
                }
                for mut way in self.ways(mount.on, below) {
                    way.parts.push(mount.prefix.text.clone());
                    way.whole &= mount.prefix.whole;
                    found.push(own(way));
                }
            }
        }
        found.truncate(PATHS);
        // An application that another one uses is reached by that one.
        if found.is_empty() {
            found.push(own(Way { parts: Vec::new(), whole: router.is_app, through: Vec::new() }));
        }
        found
    }

    fn before_handler(&self, reader: &mut Reader<'_, '_>, handlers: &[Used]) -> Before {
        let mut before = Before::default();
        let count = handlers.len().saturating_sub(1);
        for used in handlers.iter().take(count) {
            let one = reader.before(&used.value, Some((&used.trace, used.place)));
            before = before.and(&one);
        }
        before
    }

    /// The function that answers, with what the walk handed to it when it was registered.
    fn handler(&self, reader: &Reader<'_, '_>, last: &Used) -> (Option<Rc<Closure>>, Option<Vec<Known>>) {
        let found = innermost(&last.value, 6);
        match (found, &last.value.value) {
            (Some((closure, None)), _) => {
                let handed = reader.handed(&last.trace, last.place, &closure, last.value.span);
                (Some(closure), handed)
            }
            (Some((closure, Some((wrapper, place)))), _) => {
                let handed =
                    foreign_of(&wrapper).and_then(|trace| reader.handed(trace, place, &closure, use_of(trace)?.span));
                (Some(closure), handed)
            }
            (None, _) => (None, None),
        }
    }
}

/// A library's value around a function, and the function's place among its arguments.
type Wrapper = (Known, usize);

/// The function that a value is, or that a library wraps, with what wraps it.
fn innermost(known: &Known, depth: usize) -> Option<(Rc<Closure>, Option<Wrapper>)> {
    let below = depth.checked_sub(1)?;
    match &known.value {
        Value::Function(closure) => Some((Rc::clone(closure), None)),
        Value::OneOf(several) | Value::FirstOf(several) | Value::Array(several) => {
            several.iter().rev().find_map(|one| innermost(one, below))
        }
        Value::Foreign(foreign) => {
            let used = use_of(foreign)?;
            used.arguments.iter().enumerate().rev().find_map(|(place, argument)| {
                let (closure, inner) = innermost(argument, below)?;
                Some((closure, inner.or(Some((known.clone(), place)))))
            })
        }
        _other => None,
    }
}
