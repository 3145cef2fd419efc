//! Servers of gRPC: grpc-js with its loader or generated stubs, nice-grpc, Connect.

use std::rc::Rc;

use crate::graph::program::encryption::credentials_encrypt;
use crate::graph::program::servers::operation::{Kind, Listening};
use crate::graph::program::servers::reader::{Reader, meaning};
use crate::graph::program::servers::traces::{
    called, foreign_of, functions_of, key, method_of, object_of, package_of, text_of, upper_first, use_of,
};
use crate::graph::program::value::{Foreign, Known, Object, Step, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::add;

/// A service's name with its package: `shop.OrderService`, or the last part alone.
struct Named {
    package: Option<Symbol>,
    service: Symbol,
}

/// `server.addService(definition, { place })`, `server.add(…)`, `router.service(…)`
pub(super) fn by_method(reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>) {
    let Some((receiver, name, used)) = method_of(trace) else { return };
    let (receiver, used) = (Rc::clone(receiver), Rc::clone(used));
    if !matches!(name.as_str(), "addService" | "add" | "service" | "bind" | "bindAsync" | "listen") {
        return;
    }
    let made = server_of(&receiver);
    let is_grpc = made.is_some_and(|means| matches!(means, Means::GrpcServer | Means::NiceGrpc));
    if is_grpc && matches!(name.as_str(), "bind" | "bindAsync" | "listen") {
        let options = used.arguments.first().cloned().unwrap_or_else(|| Known::new(Value::Nothing, used.span));
        let transport = Some(Symbol::new("grpc"));
        let encrypted = used.arguments.get(1).and_then(credentials_encrypt);
        reader.served.listening.push(Listening { transport, options, encrypted, prefix: None, span: used.span });
        return;
    }
    // The router of Connect is handed to a function of the estate.
    let is_connect = name == "service" && is_connect(&receiver);
    let is_adding = is_grpc && name != "service" || name == "addService";
    if !is_connect && !is_adding {
        return;
    }
    let (Some(definition), Some(handlers)) = (used.arguments.first(), used.arguments.get(1)) else { return };
    let Some(named) = service_of(definition) else {
        reader.unclear(used.span, "the service of a server cannot be followed");
        return;
    };
    let names = method_names(definition);
    for (name, handler) in methods_in(reader, handlers, used.span) {
        let stated = names.iter().find(|stated| stated.eq_ignore_ascii_case(&name)).copied();
        let kind = Kind::Grpc {
            package: named.package,
            service: named.service,
            method: stated.unwrap_or_else(|| upper_first(name)),
        };
        add(reader, kind, &handler, Some((trace, 1)));
    }
}

fn server_of(foreign: &Foreign) -> Option<Means> {
    let (export, _) = called(foreign)?;
    Some(meaning(&export)?.means)
}

/// True for the router of Connect, also where another framework's call takes Connect's plugin:
/// `app.register(fastifyConnectPlugin, { routes })`.
fn is_connect(foreign: &Foreign) -> bool {
    let of_connect =
        |foreign: &Foreign| package_of(foreign).is_some_and(|package| package.as_str().starts_with("@connectrpc/"));
    let by_plugin = matches!(foreign.step, Step::Handed { .. })
        && foreign
            .before
            .as_deref()
            .and_then(use_of)
            .is_some_and(|used| used.arguments.iter().filter_map(foreign_of).any(|argument| of_connect(argument)));
    of_connect(foreign) || by_plugin
}

/// The name of a service by its definition.
fn service_of(definition: &Known) -> Option<Named> {
    if let Some(object) = object_of(definition) {
        // Connect's generated service names itself; grpc-js' has the path of each method.
        let named = ["typeName", "serviceName", "fullName"].iter().find_map(|name| object.get(name));
        if let Some(full) = named.and_then(|(known, _)| text_of(known)) {
            return Some(split(&full));
        }
        return object.entries.iter().find_map(|(_, method)| {
            let path = key(method, "path").and_then(text_of)?;
            Some(split(path.strip_prefix('/')?.split_once('/')?.0))
        });
    }
    let foreign = foreign_of(definition)?;
    let mut names: Vec<Symbol> = Vec::new();
    let mut at = Some(&**foreign);
    let mut loaded = false;
    while let Some(one) = at {
        match &one.step {
            Step::Member(name) => names.push(*name),
            Step::Import { name, .. } if !matches!(name.as_str(), "*" | "default") => names.push(*name),
            Step::Call(_) | Step::New(_) => {
                loaded = server_of(one) == Some(Means::GrpcPackage);
                break;
            }
            Step::Import { .. } | Step::Global(_) | Step::Injected(_) | Step::Subclass(_) => break,
            Step::Element | Step::Handed { .. } => return None,
        }
        at = one.before.as_deref();
    }
    names.reverse();
    let parts: Vec<&str> = names.iter().map(|name| name.as_str()).filter(|name| *name != "service").collect();
    if loaded {
        return (!parts.is_empty()).then(|| split(&parts.join(".")));
    }
    // A generated stub: `OrderServiceService`, `OrderServiceDefinition` name `OrderService`.
    let last = parts.last()?;
    let stem = last
        .strip_suffix("Definition")
        .or_else(|| last.strip_suffix("Service").filter(|stem| stem.ends_with("Service")));
    Some(Named { package: None, service: Symbol::new(stem.unwrap_or(last)) })
}

fn split(full: &str) -> Named {
    match full.rsplit_once('.') {
        Some((package, service)) => Named { package: Some(Symbol::new(package)), service: Symbol::new(service) },
        None => Named { package: None, service: Symbol::new(full) },
    }
}

/// Names of methods as a generated definition spells them.
fn method_names(definition: &Known) -> Vec<Symbol> {
    let Some(object) = object_of(definition) else { return Vec::new() };
    let methods: Vec<Rc<Object>> = match object.get("methods").and_then(|(methods, _)| object_of(methods)) {
        Some(methods) => vec![Rc::clone(methods)],
        None => vec![Rc::clone(object)],
    };
    let of = |known: &Known| {
        key(known, "name").and_then(text_of).or_else(|| {
            let path = key(known, "path").and_then(text_of)?;
            Some(Symbol::new(path.rsplit('/').next()?))
        })
    };
    methods.iter().flat_map(|methods| methods.entries.iter().filter_map(|(_, known)| of(known))).collect()
}

/// The handlers that an object or an object of a class has.
fn methods_in(reader: &mut Reader<'_, '_>, handlers: &Known, span: Span) -> Vec<(Symbol, Known)> {
    match &handlers.value {
        Value::Object(object) => {
            if object.open {
                reader.unclear(span, "more methods than can be followed");
            }
            object.entries.iter().filter(|(_, known)| !functions_of(known).is_empty()).cloned().collect()
        }
        Value::Instance(instance) => {
            let Some((_, summary)) = reader.walk.class(instance.class) else { return Vec::new() };
            let names: Vec<Symbol> = summary
                .methods
                .iter()
                .filter(|method| !method.is_static && !method.is_getter)
                .map(|method| method.name)
                .chain(summary.fields.iter().filter(|field| !field.is_static).map(|field| field.name))
                .collect();
            let mut found = Vec::new();
            for name in names {
                let member = reader.walk.member(handlers, name, span);
                if matches!(member.value, Value::Function(_)) {
                    found.push((name, member));
                }
            }
            found
        }
        _other => {
            reader.unclear(span, "the methods of a service cannot be followed");
            Vec::new()
        }
    }
}
