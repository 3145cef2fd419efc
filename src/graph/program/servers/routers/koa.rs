//! Koa and its routers.

use crate::graph::program::servers::reader::Reader;
use crate::graph::program::servers::templates::path_of;
use crate::graph::program::value::Value;

use super::collect::{Call, paths_of};
use super::{Routers, verb_of};

/// A call on an application or a router of Koa.
pub(super) fn koa(routers: &mut Routers, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
    let arguments = &call.used.arguments;
    match call.name.as_str() {
        "use" => routers.use_all(reader, call),
        "prefix" => {
            if let Some(prefix) = arguments.first().and_then(path_of)
                && let Some(router) = routers.routers.get_mut(&call.on)
            {
                router.prefix = prefix;
            }
        }
        name => {
            let Some(method) = verb_of(name) else { return };
            if arguments.len() < 2 {
                return;
            }
            // `router.get('orders', '/orders', handler)`: the first is a name.
            let is_path = |at: usize| arguments.get(at).is_some_and(|known| matches!(known.value, Value::Text(_)));
            let path = usize::from(is_path(0) && is_path(1));
            let route = call.route(vec![method], paths_of(arguments.get(path)), path + 1, call.used.span);
            routers.route(reader, route);
        }
    }
}
