//! Fastify and hapi: routes by an object, plugins.

use std::rc::Rc;

use crate::graph::program::servers::reader::Reader;
use crate::graph::program::servers::templates::{Path, path_of};
use crate::graph::program::servers::traces::{foreign_of, key, method_of, parts_of, use_of};
use crate::graph::program::value::{Foreign, Known, Use, Value};
use crate::source::symbol::Symbol;

use super::collect::{Call, paths_of};
use super::{Mount, Route, RouterKey, Routers, Used, verb_of};

/// Keys of a route's options under which something runs before the handler.
const HOOKS: [&str; 8] =
    ["onRequest", "preParsing", "preValidation", "preHandler", "pre", "beforeHandler", "validate", "ext"];
/// Hooks of an application that run before handlers.
const HOOK_NAMES: [&str; 6] = ["onRequest", "preParsing", "preValidation", "preHandler", "onPreHandler", "onPreAuth"];

/// The prefix that a plugin is registered with.
pub(super) fn prefix_of(used: &Use) -> Path {
    let none = Path { text: String::new(), whole: true };
    let of = |options: &Known| {
        let direct = key(options, "prefix");
        let nested = key(options, "routes").and_then(|routes| key(routes, "prefix"));
        direct.or(nested).cloned()
    };
    let stated = used.arguments.get(1).and_then(of).or_else(|| used.arguments.first().and_then(of));
    match stated {
        Some(stated) => path_of(&stated).unwrap_or_default(),
        None => none,
    }
}

impl Routers {
    /// Reads an event for plugins that are wrapped or loaded, so that what they are handed is
    /// known as a router.
    pub(super) fn plugins(&mut self, reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>) {
        let Some((receiver, name, used)) = method_of(trace) else { return };
        if name != "register" {
            return;
        }
        let (receiver, used) = (Rc::clone(receiver), Rc::clone(used));
        let Some(on) = self.router_of(&receiver) else { return };
        let Some(plugin) = used.arguments.first() else { return };
        self.by_description(reader, trace, &used);
        let plugin = match &plugin.value {
            Value::Module(module) => reader.walk.export(*module, Symbol::new("default"), 8, plugin.span),
            _value => plugin.clone(),
        };
        let was_module = matches!(used.arguments.first().map(|first| &first.value), Some(Value::Module(_)));
        match &plugin.value {
            Value::Function(closure) if was_module => {
                let handed = reader.handed(trace, 0, closure, used.span);
                reader.walk.enter(closure, handed, 1);
            }
            Value::Foreign(foreign) => {
                let Some(call) = use_of(foreign) else { return };
                for (place, argument) in call.arguments.iter().enumerate().take(4) {
                    if matches!(argument.value, Value::Function(_)) {
                        let own = RouterKey { event: call.event, argument: Some(place as u8) };
                        self.wrapped.entry(own).or_insert(Mount { on, prefix: prefix_of(&used) });
                    }
                }
            }
            _other => {}
        }
    }
}

impl Routers {
    /// hapi's `register({ plugin: require('./orders'), routes: { prefix } })`: the module exports
    /// `plugin`, or is one (hapi.dev/api, server.register).
    fn by_description(&mut self, reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>, used: &Rc<Use>) {
        for one in used.arguments.first().map(parts_of).unwrap_or_default() {
            let plugin = key(&one, "plugin").unwrap_or(&one).clone();
            let Value::Module(module) = plugin.value else { continue };
            for name in ["plugin", "default"] {
                let exported = reader.walk.export(module, Symbol::new(name), 8, plugin.span);
                if let Some(Value::Function(closure)) = key(&exported, "register").map(|known| known.value.clone()) {
                    let handed = reader.handed(trace, 0, &closure, used.span);
                    reader.walk.enter(&closure, handed, 1);
                    break;
                }
            }
        }
    }
}

/// A call on an application of Fastify.
pub(super) fn fastify(routers: &mut Routers, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
    let arguments = &call.used.arguments;
    match call.name.as_str() {
        "route" => {
            for options in arguments.iter().flat_map(parts_of) {
                by_object(routers, reader, call, &options, "url");
            }
        }
        "register" => {
            let plugin = arguments
                .first()
                .and_then(|plugin| foreign_of(plugin))
                .and_then(|plugin| crate::graph::program::servers::traces::package_of(plugin));
            if plugin.is_some_and(|package| matches!(package.as_str(), "@fastify/autoload" | "fastify-autoload")) {
                reader.unclear(call.used.span, "routes that are loaded by their folder");
            }
        }
        "addHook" => {
            let hook = arguments
                .first()
                .is_some_and(|name| matches!(&name.value, Value::Text(name) if HOOK_NAMES.contains(&name.as_str())));
            if let Some(value) = arguments.get(1).filter(|_| hook) {
                let used = Used { value: value.clone(), trace: Rc::clone(call.trace), place: 1 };
                routers.use_value(reader, call.on, &Path { text: String::new(), whole: true }, used);
            }
        }
        "use" => routers.use_all(reader, call),
        name => {
            let Some(method) = verb_of(name) else { return };
            if arguments.len() < 2 {
                return;
            }
            let mut route = call.route(vec![method], paths_of(arguments.first()), 1, call.used.span);
            with_options(&mut route);
            routers.route(reader, route);
        }
    }
}

/// A call on a server of hapi.
pub(super) fn hapi(routers: &mut Routers, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
    let arguments = &call.used.arguments;
    match call.name.as_str() {
        "route" => {
            for options in arguments.iter().flat_map(parts_of) {
                by_object(routers, reader, call, &options, "path");
            }
        }
        "ext" => {
            let hook = arguments
                .first()
                .is_some_and(|name| matches!(&name.value, Value::Text(name) if HOOK_NAMES.contains(&name.as_str())));
            if let Some(value) = arguments.get(1).filter(|_| hook) {
                let used = Used { value: value.clone(), trace: Rc::clone(call.trace), place: 1 };
                routers.use_value(reader, call.on, &Path { text: String::new(), whole: true }, used);
            }
        }
        _other => {}
    }
}

/// `{ method: 'POST', url: '/orders', preHandler, handler }`
fn by_object(routers: &mut Routers, reader: &mut Reader<'_, '_>, call: &Call<'_>, options: &Known, path: &str) {
    let path = key(options, path).or_else(|| key(options, "path")).or_else(|| key(options, "url"));
    let methods: Vec<Symbol> = key(options, "method")
        .map(parts_of)
        .unwrap_or_default()
        .iter()
        .filter_map(|method| match &method.value {
            Value::Text(method) if method == "*" => Some(Symbol::new("ANY")),
            Value::Text(method) => Some(Symbol::new(&method.to_uppercase())),
            _other => None,
        })
        .collect();
    let span = path.map_or(options.span, |path| path.span);
    let mut route = Route {
        on: call.on,
        methods,
        paths: path.map(|path| paths_of(Some(path))).unwrap_or_default(),
        handlers: vec![Used { value: options.clone(), trace: Rc::clone(call.trace), place: 0 }],
        span,
        event: call.used.event,
    };
    with_options(&mut route);
    routers.route(reader, route);
}

/// Takes hooks and the handler out of options among a route's handlers.
fn with_options(route: &mut Route) {
    let mut handlers = Vec::new();
    let mut last = Vec::new();
    for used in std::mem::take(&mut route.handlers) {
        if !matches!(used.value.value, Value::Object(_)) {
            handlers.push(used);
            continue;
        }
        let inner = key(&used.value, "options").or_else(|| key(&used.value, "config")).cloned();
        for options in std::iter::once(&used.value).chain(&inner) {
            for name in HOOKS {
                if let Some(hook) = key(options, name) {
                    handlers.push(Used { value: hook.clone(), ..used.clone() });
                }
            }
            if let Some(handler) = key(options, "handler") {
                last.push(Used { value: handler.clone(), ..used.clone() });
            }
        }
    }
    handlers.append(&mut last);
    route.handlers = handlers;
}
