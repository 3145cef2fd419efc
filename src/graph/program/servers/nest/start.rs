//! Where applications of NestJS are started, and what holds for all of their routes.

use std::rc::Rc;

use crate::graph::program::encryption::credentials_encrypt;
use crate::graph::program::event::EventId;
use crate::graph::program::recognize::same;
use crate::graph::program::servers::operation::Listening;
use crate::graph::program::servers::reader::{Before, Reader, meaning};
use crate::graph::program::servers::templates::{Path, path_of, template};
use crate::graph::program::servers::traces::{
    called, export_of, foreign_of, functions_of, key, method_of, parts_of, text_of,
};
use crate::graph::program::value::{Foreign, Known, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::modules::transport_of;

/// An application.
#[derive(Debug, Clone)]
pub(super) struct App {
    /// The call that makes it.
    pub event: EventId,
    /// Its root module.
    pub root: Known,
    /// True if it answers by HTTP.
    pub http: bool,
    /// True if it is a container that answers nobody.
    pub silent: bool,
    /// True where it is seen to wait for requests by HTTP.
    pub listens: bool,
    /// What its paths begin with.
    pub prefix: Path,
    /// Paths that do not, with their method.
    pub excluded: Vec<(Option<Symbol>, Symbol)>,
    /// How versions stand in paths.
    pub versions: Option<Versions>,
    /// What runs before all of its handlers.
    pub before: Before,
    /// Transports that it listens by, with their options.
    pub transports: Vec<(Option<Symbol>, Known, Span)>,
}

/// Versions in paths.
#[derive(Debug, Clone)]
pub(super) struct Versions {
    /// `v`
    pub prefix: String,
    /// Where nothing else is said.
    pub standard: Vec<Symbol>,
}

/// The applications that code starts.
pub(super) fn apps(reader: &mut Reader<'_, '_>) -> Vec<App> {
    let mut apps: Vec<App> = Vec::new();
    let count = reader.walk.events().list.len();
    for number in 0..count {
        let Some(event) = reader.walk.events().list.get(number) else { break };
        let (trace, span) = (Rc::clone(&event.trace), event.span);
        if let Some((export, used)) = called(&trace)
            && let Some(known) = meaning(&export)
        {
            let used = Rc::clone(used);
            started(reader, known.means, &used, &mut apps);
            continue;
        }
        let Some((receiver, name, used)) = method_of(&trace) else { continue };
        let Some(made) = app_of(receiver) else { continue };
        let used = Rc::clone(used);
        if let Some(place) = apps.iter().position(|app| app.event == made)
            && let Some(mut app) = apps.get(place).cloned()
        {
            set(reader, &mut app, name, &used, span);
            if let Some(slot) = apps.get_mut(place) {
                *slot = app;
            }
        }
    }
    // One that is made for its settings alone, and dropped, answers nobody.
    let listening: Vec<Known> = apps.iter().filter(|app| app.listens).map(|app| app.root.clone()).collect();
    for app in apps.iter_mut().filter(|app| app.http && !app.listens && app.transports.is_empty()) {
        app.silent |= listening.iter().any(|root| same(root, &app.root));
    }
    apps
}

fn started(reader: &mut Reader<'_, '_>, means: Means, used: &Use, apps: &mut Vec<App>) {
    let (http, silent) = match means {
        Means::NestApp => (true, false),
        Means::NestMicroservice => (false, false),
        Means::NestContext => (false, true),
        _other => return,
    };
    let root = used.arguments.first().cloned().unwrap_or_else(|| Known::new(Value::Nothing, used.span));
    let mut app = App {
        event: used.event,
        root,
        http,
        silent,
        listens: false,
        prefix: Path { text: String::new(), whole: true },
        excluded: Vec::new(),
        versions: None,
        before: Before::default(),
        transports: Vec::new(),
    };
    if means == Means::NestMicroservice {
        let options = used.arguments.get(1).cloned().unwrap_or_else(|| Known::new(Value::Nothing, used.span));
        transport(reader, &mut app, &options, used.span);
    }
    apps.push(app);
}

/// The application that a value is, by the call that made it.
fn app_of(foreign: &Rc<Foreign>) -> Option<EventId> {
    let (export, used) = called(foreign)?;
    let means = meaning(&export)?.means;
    matches!(means, Means::NestApp | Means::NestMicroservice | Means::NestContext).then_some(used.event)
}

/// Reads a call on an application.
fn set(reader: &mut Reader<'_, '_>, app: &mut App, name: Symbol, used: &Rc<Use>, span: Span) {
    let first = used.arguments.first().cloned();
    match name.as_str() {
        "setGlobalPrefix" => {
            app.prefix = first.as_ref().and_then(path_of).unwrap_or_default();
            let options = used.arguments.get(1);
            for excluded in options.and_then(|options| key(options, "exclude")).map(parts_of).unwrap_or_default() {
                let path = key(&excluded, "path").unwrap_or(&excluded);
                let method = key(&excluded, "method").and_then(|method| foreign_of(method).cloned());
                let method = method.and_then(|method| export_of(&method)).and_then(|export| {
                    let last = export.name.rsplit('.').next()?.to_owned();
                    (last != "ALL").then(|| Symbol::new(&last))
                });
                match path_of(path) {
                    Some(path) => app.excluded.push((method, template(&[&path.text]))),
                    None => reader.unclear(span, "paths without the prefix cannot be followed"),
                }
            }
        }
        "enableVersioning" => {
            let kind = first.as_ref().and_then(|options| key(options, "type")).and_then(transport_of);
            if kind.is_none_or(|kind| kind == "uri" || kind == "tcp") {
                let options = first.unwrap_or_else(|| Known::new(Value::Nothing, span));
                let standard = key(&options, "defaultVersion").map(parts_of).unwrap_or_default();
                let prefix = match key(&options, "prefix") {
                    Some(Known { value: Value::Bool(false), .. }) => String::new(),
                    Some(stated) => text_of(stated).map_or_else(|| "v".to_owned(), |text| text.as_str().to_owned()),
                    None => "v".to_owned(),
                };
                app.versions = Some(Versions { prefix, standard: standard.iter().filter_map(version_of).collect() });
            }
        }
        "useGlobalGuards" | "useGlobalInterceptors" | "useGlobalPipes" | "use" => {
            for argument in &used.arguments {
                let one = reader.before(argument, None);
                app.before = app.before.and(&one);
            }
        }
        "connectMicroservice" => {
            let options = first.unwrap_or_else(|| Known::new(Value::Nothing, span));
            transport(reader, app, &options, span);
        }
        "listen" | "listenAsync" if app.http => {
            app.listens = true;
            let port = first.unwrap_or_else(|| Known::new(Value::Nothing, span));
            let prefix = (!app.prefix.text.is_empty()).then(|| template(&[&app.prefix.text]));
            reader.served.listening.push(Listening {
                transport: Some(Symbol::new("http")),
                options: port,
                encrypted: None,
                prefix,
                span,
            });
        }
        _other => {}
    }
}

/// Keeps how an application listens: `{ transport: Transport.RMQ, options: { queue } }`.
fn transport(reader: &mut Reader<'_, '_>, app: &mut App, stated: &Known, span: Span) {
    let options = match key(stated, "useFactory").map(functions_of).unwrap_or_default().first() {
        Some(closure) => reader.walk.enter(closure, None, 1).map(|frame| reader.walk.result(&frame, span)),
        None => None,
    };
    let options = options.unwrap_or_else(|| stated.clone());
    let name = match key(&options, "transport") {
        Some(name) => transport_of(name),
        None if key(&options, "strategy").is_some() || matches!(options.value, Value::Unknown(_)) => None,
        // Without a transport it is TCP.
        None => Some(Symbol::new("tcp")),
    };
    if name.is_none() {
        reader.unclear(span, "the transport of a microservice cannot be followed");
    }
    let inner = key(&options, "options").cloned().unwrap_or_else(|| Known::new(Value::Nothing, options.span));
    app.transports.push((name, inner.clone(), span));
    let encrypted = name.and_then(|name| encrypted(&name, &inner));
    reader.served.listening.push(Listening { transport: name, options: inner, encrypted, prefix: None, span });
}

/// Without credentials a server of gRPC takes what is not encrypted, without `tlsOptions` one of
/// TCP does (`server-grpc.ts` and `server-tcp.ts` of @nestjs/microservices 11).
fn encrypted(transport: &str, options: &Known) -> Option<bool> {
    let setting = match transport {
        "grpc" => "credentials",
        "tcp" => "tlsOptions",
        _other => return None,
    };
    match (&options.value, key(options, setting)) {
        (_, Some(stated)) if transport == "grpc" => credentials_encrypt(stated),
        (_, Some(Known { value: Value::Object(_), .. })) => Some(true),
        (Value::Nothing, None) => Some(false),
        (Value::Object(object), None) if !object.open => Some(false),
        _other => None,
    }
}

/// A version as paths spell it; none for a route without one.
pub(super) fn version_of(known: &Known) -> Option<Symbol> {
    match &known.value {
        Value::Text(text) => Some(*text),
        Value::Number(number) => Some(Symbol::new(&number.to_string())),
        _other => None,
    }
}
