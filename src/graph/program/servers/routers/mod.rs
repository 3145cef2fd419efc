//! Which routes do calls on applications and routers make? `app.use('/api', orders)`,
//! `orders.post('/:id', …)`.
//!
//! In: the walk's events. Out: operations. A router is known by the call that made it, wherever
//! it is handed to. Order of registration is not kept: what is used for a router runs before all
//! of its routes. Does not know decorators, and no framework that finds routes by files.

mod collect;
mod fastify;
mod hono;
mod koa;
mod paths;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::graph::program::event::EventId;
use crate::graph::program::value::{Foreign, Known, Step, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::reader::{Before, Reader, meaning};
use super::templates::{Path, path_of};
use super::traces::{called, foreign_of, key, method_of};

/// Methods of requests by the names of router's functions.
const VERBS: [(&str, &str); 10] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("delete", "DELETE"),
    ("del", "DELETE"),
    ("patch", "PATCH"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("opts", "OPTIONS"),
    ("all", "ANY"),
];

/// A router by what made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct RouterKey {
    /// The call.
    event: EventId,
    /// `None`: the call's result; else what the call hands to the callback at this place.
    argument: Option<u8>,
}

/// How a router is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// `app.get(path, ...handlers)`, `app.use(path, router)`
    Express,
    /// `app.get(path, options, handler)`, `app.register(plugin, { prefix })`
    Fastify,
    /// `router.get(path, ...handlers)`, `app.use(router.routes())`
    Koa,
    /// `app.get(path, ...handlers)`, `app.route(path, app)`
    Hono,
    /// `server.route({ method, path, handler })`
    Hapi,
}

/// A router.
#[derive(Debug)]
struct Router {
    dialect: Dialect,
    /// True if requests reach it by itself.
    is_app: bool,
    /// True for `app.route('/orders')`: calls on it say no path.
    has_path: bool,
    /// What its own paths begin with.
    prefix: Path,
    /// Routers that use it.
    mounts: Vec<Mount>,
    /// What runs before its routes.
    uses: Vec<Used>,
    /// Where it is made.
    span: Span,
}

/// A router that is used by another one.
#[derive(Debug, Clone)]
struct Mount {
    on: RouterKey,
    prefix: Path,
}

/// Something that runs before routes.
#[derive(Debug, Clone)]
struct Used {
    value: Known,
    trace: Rc<Foreign>,
    place: usize,
}

/// A route of a router.
#[derive(Debug)]
struct Route {
    on: RouterKey,
    methods: Vec<Symbol>,
    paths: Vec<Path>,
    /// What is called, in order; the last one answers.
    handlers: Vec<Used>,
    span: Span,
    event: EventId,
}

/// All routers of a service.
#[derive(Default)]
pub(super) struct Routers {
    routers: BTreeMap<RouterKey, Router>,
    routes: Vec<Route>,
    /// Calls whose callback is a plugin of a router: `fp(async (app) => …)`.
    wrapped: BTreeMap<RouterKey, Mount>,
}

/// Reads all routers, and adds their operations.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    let mut routers = Routers::default();
    // Plugins first: what a wrapper is handed to is known only after its callback was walked.
    let mut at = 0;
    for _turn in 0..4 {
        let before = (routers.wrapped.len(), reader.walk.events().list.len());
        at = 0;
        while let Some(event) = reader.walk.events().list.get(at) {
            let trace = Rc::clone(&event.trace);
            at += 1;
            routers.plugins(reader, &trace);
        }
        if before == (routers.wrapped.len(), reader.walk.events().list.len()) {
            break;
        }
    }
    let all = at.max(reader.walk.events().list.len());
    for number in 0..all {
        let Some(event) = reader.walk.events().list.get(number) else { break };
        let (trace, span) = (Rc::clone(&event.trace), event.span);
        routers.event(reader, &trace, span);
    }
    routers.operations(reader);
}

impl Routers {
    /// The router that a value is.
    fn router_of(&mut self, foreign: &Rc<Foreign>) -> Option<RouterKey> {
        match &foreign.step {
            Step::Call(used) | Step::New(used) => {
                if let Some((export, _)) = called(foreign) {
                    return self.made(meaning(&export)?.means, used);
                }
                let (receiver, name, used) = method_of(foreign)?;
                let (receiver, name, used) = (Rc::clone(receiver), name, Rc::clone(used));
                let on = self.router_of(&receiver)?;
                let dialect = self.routers.get(&on)?.dialect;
                match (dialect, name.as_str()) {
                    (Dialect::Express, "route") => {
                        let own = RouterKey { event: used.event, argument: None };
                        let prefix = used.arguments.first().and_then(path_of).unwrap_or_default();
                        self.child(own, on, dialect, prefix, used.span);
                        if let Some(router) = self.routers.get_mut(&own) {
                            router.has_path = true;
                        }
                        Some(own)
                    }
                    (Dialect::Hono, "basePath") => {
                        let own = RouterKey { event: used.event, argument: None };
                        let prefix = used.arguments.first().and_then(path_of).unwrap_or_default();
                        self.copied(own, on, &prefix, used.span);
                        Some(own)
                    }
                    // What is called on a router mostly gives it back.
                    _fluent => Some(on),
                }
            }
            Step::Handed { argument, parameter: 0 } => self.plugin_of(foreign.before.as_ref()?, *argument),
            Step::Handed { .. }
            | Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Subclass(_)
            | Step::Element => None,
        }
    }

    /// The router that a call makes.
    fn made(&mut self, means: Means, used: &Rc<Use>) -> Option<RouterKey> {
        let (dialect, is_app) = match means {
            Means::ExpressApp => (Dialect::Express, true),
            Means::ExpressRouter => (Dialect::Express, false),
            Means::FastifyApp => (Dialect::Fastify, true),
            Means::KoaApp => (Dialect::Koa, true),
            Means::KoaRouter => (Dialect::Koa, false),
            Means::HonoApp => (Dialect::Hono, true),
            Means::HapiServer => (Dialect::Hapi, true),
            _other => return None,
        };
        let own = RouterKey { event: used.event, argument: None };
        let prefix = used.arguments.first().and_then(|options| {
            let stated = key(options, "prefix").or_else(|| {
                let router = key(options, "router").or_else(|| key(options, "routes"));
                router.and_then(|router| key(router, "prefix"))
            });
            path_of(stated?)
        });
        self.routers.entry(own).or_insert_with(|| Router {
            dialect,
            is_app,
            has_path: false,
            prefix: prefix.unwrap_or(Path { text: String::new(), whole: true }),
            mounts: Vec::new(),
            uses: Vec::new(),
            span: used.span,
        });
        Some(own)
    }

    /// The router that a plugin is handed.
    fn plugin_of(&mut self, call: &Rc<Foreign>, argument: u8) -> Option<RouterKey> {
        let used = super::traces::use_of(call)?;
        let own = RouterKey { event: used.event, argument: Some(argument) };
        if self.routers.contains_key(&own) {
            return Some(own);
        }
        if let Some(mount) = self.wrapped.get(&own).cloned() {
            let dialect = self.routers.get(&mount.on)?.dialect;
            self.child(own, mount.on, dialect, mount.prefix, used.span);
            return Some(own);
        }
        let (receiver, name, used) = method_of(call)?;
        let (receiver, used) = (Rc::clone(receiver), Rc::clone(used));
        let on = self.router_of(&receiver)?;
        let dialect = self.routers.get(&on)?.dialect;
        let prefix = match (dialect, name.as_str()) {
            (Dialect::Fastify | Dialect::Hapi, "register") => fastify::prefix_of(&used),
            (Dialect::Fastify, "after" | "ready") => Path { text: String::new(), whole: true },
            (Dialect::Hono, "group") => used.arguments.first().and_then(path_of)?,
            _other => return None,
        };
        self.child(own, on, dialect, prefix, used.span);
        Some(own)
    }

    /// Keeps a router that another one uses.
    fn child(&mut self, own: RouterKey, on: RouterKey, dialect: Dialect, prefix: Path, span: Span) {
        self.routers.entry(own).or_insert_with(|| Router {
            dialect,
            is_app: false,
            has_path: false,
            prefix: Path { text: String::new(), whole: true },
            mounts: vec![Mount { on, prefix }],
            uses: Vec::new(),
            span,
        });
    }

    /// Keeps what `basePath` gives: another application, whose paths begin with more
    /// (hono.dev/docs/api/routing#base-path).
    fn copied(&mut self, own: RouterKey, of: RouterKey, prefix: &Path, span: Span) {
        let Some(first) = self.routers.get(&of) else { return };
        let router = Router {
            dialect: first.dialect,
            is_app: first.is_app,
            has_path: false,
            prefix: Path {
                text: format!("{}/{}", first.prefix.text, prefix.text),
                whole: first.prefix.whole && prefix.whole,
            },
            mounts: first.mounts.clone(),
            uses: first.uses.clone(),
            span,
        };
        self.routers.entry(own).or_insert(router);
    }

    /// `on` uses `value` for paths that begin with `prefix`: a router, or what runs before.
    fn use_value(&mut self, reader: &mut Reader<'_, '_>, on: RouterKey, prefix: &Path, used: Used) {
        if let Value::Module(module) = used.value.value {
            let whole = reader.walk.export(module, Symbol::new("default"), 8, used.value.span);
            if !matches!(whole.value, Value::Module(_) | Value::Unknown(_)) {
                self.use_value(reader, on, prefix, Used { value: whole, ..used });
            }
            return;
        }
        let foreign = foreign_of(&used.value).cloned();
        if let Some(foreign) = &foreign {
            if let Some((export, call)) = called(foreign)
                && meaning(&export).is_some_and(|meaning| meaning.means == Means::KoaMount)
            {
                let call = Rc::clone(call);
                let path = call.arguments.first().and_then(path_of).filter(|_| call.arguments.len() > 1);
                let prefix = path.unwrap_or(Path { text: String::new(), whole: true });
                if let Some(last) = call.arguments.last() {
                    self.use_value(reader, on, &prefix, Used { value: last.clone(), ..used });
                }
                return;
            }
            if let Some(router) = self.router_of(foreign) {
                if router != on
                    && let Some(known) = self.routers.get_mut(&router)
                {
                    let same = known.mounts.iter().any(|mount| mount.on == on && mount.prefix == *prefix);
                    if !same {
                        known.mounts.push(Mount { on, prefix: prefix.clone() });
                    }
                }
                return;
            }
        }
        if let Value::Unknown(why) = &used.value.value {
            reader.unclear(used.value.span, &format!("what a router uses is not known: {why}"));
        }
        if let Some(router) = self.routers.get_mut(&on) {
            router.uses.push(used);
        }
    }

    /// Keeps a route.
    fn route(&mut self, reader: &mut Reader<'_, '_>, route: Route) {
        if route.paths.is_empty() {
            reader.unclear(route.span, "the path of a route cannot be followed");
        } else if route.methods.is_empty() {
            reader.unclear(route.span, "the method of a route cannot be followed");
        } else {
            self.routes.push(route);
        }
    }

    /// What runs before the routes of a router.
    fn before(&self, reader: &mut Reader<'_, '_>, on: RouterKey) -> Before {
        let mut all = Before::default();
        for used in self.routers.get(&on).map_or(&[][..], |router| &router.uses) {
            let one = reader.before(&used.value, Some((&used.trace, used.place)));
            all = all.and(&one);
        }
        // What a library's part does is not known, but it does not keep keys by itself.
        all
    }
}

/// The method that a router's function is for.
fn verb_of(name: &str) -> Option<Symbol> {
    VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| Symbol::new(method))
}
