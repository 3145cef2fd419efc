//! Hono and what is called like it.

use std::rc::Rc;

use crate::graph::program::servers::reader::Reader;
use crate::graph::program::servers::templates::{Path, path_of};
use crate::graph::program::servers::traces::{foreign_of, key, parts_of, text_of, use_of};
use crate::source::symbol::Symbol;

use super::collect::{Call, paths_of};
use super::{Routers, Used, verb_of};

/// A call on an application of Hono.
pub(super) fn hono(routers: &mut Routers, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
    let arguments = &call.used.arguments;
    match call.name.as_str() {
        "use" => routers.use_all(reader, call),
        "route" => {
            let prefix = arguments.first().and_then(path_of).unwrap_or_default();
            if let Some(value) = arguments.get(1) {
                let used = Used { value: value.clone(), trace: Rc::clone(call.trace), place: 1 };
                routers.use_value(reader, call.on, &prefix, used);
            }
        }
        "on" => {
            let methods = arguments.first().map(parts_of).unwrap_or_default();
            let methods = methods.iter().filter_map(text_of).map(|name| Symbol::new(&name.to_uppercase())).collect();
            let route = call.route(methods, paths_of(arguments.get(1)), 2, call.used.span);
            routers.route(reader, route);
        }
        // `app.openapi(createRoute({ method: 'post', path: '/orders/{id}' }), handler)`
        "openapi" => {
            let Some(first) = arguments.first() else { return };
            let described = foreign_of(first).and_then(|foreign| use_of(foreign)?.arguments.first().cloned());
            let described = described.unwrap_or_else(|| first.clone());
            let method = key(&described, "method").and_then(text_of);
            let methods = method.map(|name| Symbol::new(&name.to_uppercase())).into_iter().collect();
            let paths: Vec<Path> = paths_of(key(&described, "path"));
            let route = call.route(methods, paths, 1, call.used.span);
            routers.route(reader, route);
        }
        name => {
            let Some(method) = verb_of(name) else { return };
            if arguments.len() < 2 {
                return;
            }
            let route = call.route(vec![method], paths_of(arguments.first()), 1, call.used.span);
            routers.route(reader, route);
        }
    }
}
