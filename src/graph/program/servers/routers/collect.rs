//! What one call on a router says.

use std::rc::Rc;

use crate::graph::program::servers::operation::{Kind, Listening};
use crate::graph::program::servers::reader::{Entrance, Reader, meaning};
use crate::graph::program::servers::templates::{Path, path_of};
use crate::graph::program::servers::traces::{called, foreign_of, key, method_of, parts_of, use_of};
use crate::graph::program::value::{Foreign, Known, Step, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::{Dialect, Route, RouterKey, Routers, Used, fastify, hono, koa, verb_of};

impl Routers {
    /// Reads one event.
    pub(super) fn event(&mut self, reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>, span: Span) {
        if let Some((export, used)) = called(trace) {
            let used = Rc::clone(used);
            if meaning(&export).is_some_and(|meaning| meaning.means == Means::HttpServer) {
                plain_server(reader, trace, &used);
            }
            self.router_of(trace);
            return;
        }
        let Some((receiver, name, used)) = method_of(trace) else {
            self.dynamic(reader, trace, span);
            return;
        };
        let (receiver, used) = (Rc::clone(receiver), Rc::clone(used));
        if name == "listen" && is_plain_server(&receiver) {
            listening(reader, &used, None);
            return;
        }
        let Some(on) = self.router_of(&receiver) else { return };
        // Makes routers of calls that do: `app.route('/orders')`.
        self.router_of(trace);
        if matches!(name.as_str(), "listen" | "start" | "serve") {
            let prefix = self.routers.get(&on).map(|router| router.prefix.text.clone());
            listening(reader, &used, prefix.filter(|prefix| !prefix.is_empty()));
        }
        let Some(dialect) = self.routers.get(&on).map(|router| router.dialect) else { return };
        let call = Call { on, name, used: &used, trace };
        match dialect {
            Dialect::Express => self.express(reader, &call),
            Dialect::Fastify => fastify::fastify(self, reader, &call),
            Dialect::Koa => koa::koa(self, reader, &call),
            Dialect::Hono => hono::hono(self, reader, &call),
            Dialect::Hapi => fastify::hapi(self, reader, &call),
        }
    }

    fn express(&mut self, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
        let arguments = &call.used.arguments;
        if call.name == "use" {
            self.use_all(reader, call);
            return;
        }
        let Some(method) = verb_of(&call.name) else { return };
        // `app.route('/orders').get(handler)`: the path is the router's.
        let by_route = self.routers.get(&call.on).is_some_and(|router| router.has_path);
        if !by_route && arguments.len() < 2 {
            // `app.get('trust proxy')` reads a setting.
            return;
        }
        let from = usize::from(!by_route);
        let paths =
            if by_route { vec![Path { text: String::new(), whole: true }] } else { paths_of(arguments.first()) };
        let route = call.route(vec![method], paths, from, call.used.span);
        self.route(reader, route);
    }

    /// `use(path?, ...values)`
    pub(super) fn use_all(&mut self, reader: &mut Reader<'_, '_>, call: &Call<'_>) {
        let arguments = &call.used.arguments;
        let first = arguments.first().map(parts_of).unwrap_or_default();
        let paths: Vec<Path> = first.iter().filter_map(path_of).filter(|_| arguments.len() > 1).collect();
        let from = usize::from(!paths.is_empty() || (arguments.len() > 1 && is_unknown(arguments.first())));
        let prefixes = match (paths.is_empty(), from) {
            (false, _) => paths,
            (true, 0) => vec![Path { text: String::new(), whole: true }],
            (true, _) => vec![Path { text: String::new(), whole: false }],
        };
        for (place, argument) in arguments.iter().enumerate().skip(from) {
            for part in parts_of(argument) {
                for prefix in &prefixes {
                    let used = Used { value: part.clone(), trace: Rc::clone(call.trace), place };
                    self.use_value(reader, call.on, prefix, used);
                }
            }
        }
    }

    /// `app[method](path, handler)`
    fn dynamic(&mut self, reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>, span: Span) {
        let Some(before) = trace.before.as_ref().filter(|before| matches!(before.step, Step::Element)) else { return };
        let Some(receiver) = before.before.clone() else { return };
        if use_of(trace).is_some() && self.router_of(&receiver).is_some() {
            reader.unclear(span, "a router's function whose name is computed");
        }
    }
}

/// A call on a router.
pub(super) struct Call<'c> {
    /// The router.
    pub on: RouterKey,
    /// The function's name.
    pub name: Symbol,
    /// The call.
    pub used: &'c Rc<Use>,
    /// The way to it.
    pub trace: &'c Rc<Foreign>,
}

impl Call<'_> {
    /// A route whose handlers are the arguments behind `from`. Its place is the path's, where
    /// that stands in the call.
    pub(super) fn route(&self, methods: Vec<Symbol>, paths: Vec<Path>, from: usize, span: Span) -> Route {
        let mut handlers = Vec::new();
        for (place, argument) in self.used.arguments.iter().enumerate().skip(from) {
            for value in list_of(argument) {
                handlers.push(Used { value, trace: Rc::clone(self.trace), place });
            }
        }
        let path = self.used.arguments.first().map(|path| path.span).filter(|path| self.used.span.contains(*path));
        Route {
            on: self.on,
            methods,
            paths,
            handlers,
            span: path.filter(|_| from > 0).unwrap_or(span),
            event: self.used.event,
        }
    }
}

/// The elements of a list, or the value alone.
fn list_of(known: &Known) -> Vec<Known> {
    match &known.value {
        Value::Array(several) => several.iter().flat_map(list_of).collect(),
        _one => vec![known.clone()],
    }
}

/// The paths that an argument gives; none where one cannot be followed.
pub(super) fn paths_of(known: Option<&Known>) -> Vec<Path> {
    let parts = known.map(parts_of).unwrap_or_default();
    parts.iter().map(path_of).collect::<Option<Vec<Path>>>().unwrap_or_default()
}

fn is_unknown(known: Option<&Known>) -> bool {
    known.is_some_and(|known| matches!(known.value, Value::Env(_) | Value::Setting(_) | Value::Parameter(_)))
}

/// True for a server of the language itself.
fn is_plain_server(foreign: &Foreign) -> bool {
    called(foreign).and_then(|(export, _)| meaning(&export)).is_some_and(|meaning| meaning.means == Means::HttpServer)
}

/// `http.createServer((request, response) => …)`
fn plain_server(reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>, used: &Rc<Use>) {
    for (place, argument) in used.arguments.iter().enumerate() {
        let Value::Function(closure) = &argument.value else { continue };
        let kind = Kind::Http { method: Symbol::new("ANY"), path: Symbol::new("/{rest*}") };
        let mut entrance = Entrance::new(kind, used.span, Some(Rc::clone(closure)));
        entrance.arguments = reader.handed(trace, place, closure, used.span);
        entrance.registered = Some(used.event);
        entrance.whole = false;
        reader.add(entrance);
        reader.unclear(used.span, "a server that tells requests apart by itself");
    }
}

/// `app.listen(3000)`, `app.listen({ port: 3000 })`
fn listening(reader: &mut Reader<'_, '_>, used: &Rc<Use>, prefix: Option<String>) {
    let first = used.arguments.first().cloned().unwrap_or_else(|| Known::new(Value::Nothing, used.span));
    let options = match foreign_of(&first) {
        Some(_) => Known::new(Value::Nothing, used.span),
        None => key(&first, "port").cloned().unwrap_or(first),
    };
    reader.served.listening.push(Listening {
        encrypted: None,
        transport: Some(Symbol::new("http")),
        options,
        prefix: prefix.map(|prefix| Symbol::new(&prefix)),
        span: used.span,
    });
}
