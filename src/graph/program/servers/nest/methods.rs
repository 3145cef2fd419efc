//! What one decorator of a method says.

use std::rc::Rc;

use crate::facts::contract::IdempotencyBasis;
use crate::facts::program::{Expr, Imported, NodeId};
use crate::graph::program::servers::decorations::{Decoration, Member};
use crate::graph::program::servers::keys::declared_key;
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::Reader;
use crate::graph::program::servers::traces::{export_of, functions_of, key, parts_of, text_of, upper_first};
use crate::graph::program::value::{ClassRef, FunctionRef, Known, Object, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::operations::{KeyPlace, operations};
use crate::tables::servers::Means;

use super::handlers::class_of;
use super::modules::transport_of;
use super::start::App;

/// Methods that frameworks call and that are no rpcs.
const HOOKS: [&str; 6] = [
    "onModuleInit",
    "onModuleDestroy",
    "onApplicationBootstrap",
    "onApplicationShutdown",
    "beforeApplicationShutdown",
    "constructor",
];

/// `@GrpcMethod('OrderService', 'Place')`; what is left out is the class's and the method's name
/// (docs.nestjs.com/microservices/grpc).
pub(super) fn grpc(
    reader: &Reader<'_, '_>,
    app: Option<&App>,
    class: ClassRef,
    name: Symbol,
    one: &Decoration,
) -> Vec<Kind> {
    let service = match one.arguments.first() {
        Some(first) => text_of(first).or_else(|| constant_service(reader, class, first)),
        None => reader.walk.class(class).and_then(|(_, class)| class.name),
    };
    let method = match one.arguments.get(1) {
        Some(second) => text_of(second),
        None => Some(name),
    };
    match (service, method) {
        (Some(service), Some(method)) => vec![rpc(app, service, method)],
        _unknown => Vec::new(),
    }
}

/// An rpc of a service, with the package that the application listens for.
pub(super) fn rpc(app: Option<&App>, service: Symbol, method: Symbol) -> Kind {
    let packages: Vec<Symbol> = app
        .map_or(&[][..], |app| &app.transports)
        .iter()
        .filter(|(name, ..)| name.is_some_and(|name| name == "grpc"))
        .flat_map(|(_, options, _)| key(options, "package").map(parts_of).unwrap_or_default())
        .filter_map(|package| text_of(&package))
        .collect();
    // Of several packages nobody says which one has the service.
    let package = match packages.as_slice() {
        [only] => Some(*only),
        _several => None,
    };
    Kind::Grpc { package, service, method: upper_first(method) }
}

/// The name of a generated constant that is not read: `ORDER_SERVICE_NAME` of ts-proto is
/// `OrderService` (github.com/stephenh/ts-proto, NESTJS.markdown).
fn constant_service(reader: &Reader<'_, '_>, class: ClassRef, known: &Known) -> Option<Symbol> {
    let module = reader.walk.modules().get(class.module)?;
    let node = (0..module.nodes.len() as u32)
        .map(NodeId)
        .find(|node| module.span(*node) == known.span && matches!(module.node(*node).expr, Expr::Import(_)))?;
    let Expr::Import(import) = &module.node(node).expr else { return None };
    let Imported::Named(name) = module.imports.get(import.0 as usize)?.what else { return None };
    let stem = name.strip_suffix("_NAME")?;
    let words = stem.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{first}{}", letters.as_str().to_lowercase()))
    });
    Some(Symbol::new(&words.collect::<String>()))
}

/// The service whose rpcs a generated decorator makes of a class's methods:
/// `@OrderServiceControllerMethods()` of ts-proto (github.com/stephenh/ts-proto, NESTJS.markdown).
pub(super) fn by_contract(reader: &Reader<'_, '_>, class: ClassRef) -> Option<(Symbol, Span)> {
    let (module, summary) = reader.walk.class(class)?;
    summary.decorators.iter().find_map(|node| {
        let Expr::Call(call) = &module.node(*node).expr else { return None };
        let name = match &module.node(call.callee).expr {
            Expr::Import(import) => match module.imports.get(import.0 as usize)?.what {
                Imported::Named(name) => name,
                Imported::Default | Imported::Whole | Imported::Nothing => return None,
            },
            Expr::Member { name, .. } => *name,
            _other => return None,
        };
        let stem = name.strip_suffix("ControllerMethods")?;
        Some((Symbol::new(stem), module.span(*node)))
    })
}

/// Methods of a class that only others call.
pub(super) fn plain_methods(reader: &Reader<'_, '_>, class: ClassRef) -> Vec<(Symbol, FunctionRef)> {
    let Some((_, summary)) = reader.walk.class(class) else { return Vec::new() };
    summary
        .methods
        .iter()
        .filter(|method| !method.is_static && !method.is_getter && !HOOKS.contains(&method.name.as_str()))
        .map(|method| (method.name, FunctionRef { module: class.module, function: method.function }))
        .collect()
}

/// `@MessagePattern('orders.place', Transport.KAFKA)`
pub(super) fn messages(app: Option<&App>, one: &Decoration) -> Vec<Kind> {
    let stated = one.arguments.get(1).and_then(transport_of);
    let transports: Vec<Symbol> = match stated {
        Some(stated) => vec![stated],
        None => {
            let listened = app.map_or(&[][..], |app| &app.transports).iter().filter_map(|(name, ..)| *name);
            let mut all: Vec<Symbol> = listened.filter(|name| *name != "grpc").collect();
            all.sort();
            all.dedup();
            all
        }
    };
    let patterns = one.arguments.first().map(parts_of).unwrap_or_default();
    patterns
        .into_iter()
        .map(|pattern| Kind::Message {
            transports: transports.clone(),
            pattern: canonical(&pattern),
            answers: one.means == Means::Message,
        })
        .collect()
}

/// A pattern as the framework sends it: an object's keys in order, as JSON without spaces
/// (nestjs/nest, transformPatternToRoute).
pub fn canonical(pattern: &Known) -> Known {
    let text = match &pattern.value {
        Value::Object(object) => json(object, 4),
        Value::Number(number) => Some(number.to_string()),
        _plain => None,
    };
    match text {
        Some(text) => Known { value: Value::Text(Symbol::new(&text)), ..pattern.clone() },
        None => pattern.clone(),
    }
}

fn json(object: &Object, depth: usize) -> Option<String> {
    let below = depth.checked_sub(1)?;
    if object.open {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    for (name, value) in &object.entries {
        let value = match &value.value {
            Value::Text(text) => format!("\"{text}\""),
            Value::Number(number) => number.to_string(),
            Value::Object(inner) => json(inner, below)?,
            _other => return None,
        };
        parts.push(format!("\"{name}\":{value}"));
    }
    parts.sort();
    Some(format!("{{{}}}", parts.join(",")))
}

/// `@Query(() => [Order], { name: 'orders' })`, `@ResolveField()`
pub(super) fn graphql(
    reader: &mut Reader<'_, '_>,
    resolver: Option<&Decoration>,
    name: Symbol,
    one: &Decoration,
) -> Option<Kind> {
    let stated = one.arguments.iter().find_map(|argument| {
        key(argument, "name").and_then(text_of).or(match &argument.value {
            Value::Text(text) => Some(*text),
            _other => None,
        })
    });
    let name = match one.word.as_str() {
        "ResolveReference" => Symbol::new("__resolveReference"),
        _field => stated.unwrap_or(name),
    };
    let of = match one.means {
        Means::GraphQlField => type_of(reader, resolver?)?,
        _root => one.word,
    };
    Some(Kind::GraphQl { of, name })
}

/// The type that a resolver is for: `@Resolver(() => Order)`, `@Resolver('Order')`.
fn type_of(reader: &mut Reader<'_, '_>, resolver: &Decoration) -> Option<Symbol> {
    let first = resolver.arguments.first()?;
    if let Some(name) = text_of(first) {
        return Some(name);
    }
    let class = match functions_of(first).first() {
        Some(closure) => {
            let frame = reader.walk.enter(closure, Some(Vec::new()), 1)?;
            class_of(&reader.walk.result(&frame, first.span))?
        }
        None => class_of(first)?,
    };
    reader.walk.class(class)?.1.name
}

/// `@SubscribeMessage('chat')`
pub(super) fn socket(gateway: Option<&Decoration>, one: &Decoration) -> Option<Kind> {
    let namespace = gateway
        .and_then(|gateway| gateway.arguments.iter().find_map(|options| key(options, "namespace")))
        .and_then(text_of)
        .unwrap_or_else(|| Symbol::new(""));
    let event = text_of(&canonical(one.arguments.first()?))?;
    Some(Kind::Socket { namespace, event })
}

/// `@Cron('0 0 * * *')`, `@Cron(CronExpression.EVERY_HOUR)`, `@Interval(5000)`
pub(super) fn job(one: &Decoration) -> Kind {
    let schedule = one.arguments.iter().find_map(|argument| match &argument.value {
        Value::Text(text) if one.means == Means::Cron => Some(*text),
        Value::Number(number) => Some(Symbol::new(&format!("every {number} ms"))),
        Value::Foreign(foreign) => {
            let export = export_of(foreign)?;
            Some(Symbol::new(export.name.rsplit('.').next()?))
        }
        _other => None,
    });
    Kind::Job { schedule }
}

/// A key that the parameters of a method ask for: `@Headers('idempotency-key') key: string`, or a
/// class of the body that declares one.
pub(super) fn key_of(reader: &mut Reader<'_, '_>, member: &Member) -> Option<(IdempotencyBasis, Span)> {
    for (_, one) in &member.parameters {
        let first = one.arguments.first();
        let name = first.and_then(|first| text_of(first).or_else(|| key(first, "name").and_then(text_of)));
        let place = match one.means {
            Means::Header => (KeyPlace::Header, IdempotencyBasis::Header),
            Means::Body => (KeyPlace::Field, IdempotencyBasis::Field),
            _other => continue,
        };
        if name.is_some_and(|name| operations().is_key(place.0, &name)) {
            return Some((place.1, one.span));
        }
    }
    let reference = member.method?;
    let (_, function) = reader.walk.function(reference)?;
    let body = reader.walk.body(reference.module);
    function.parameters.iter().filter_map(|parameter| parameter.ty.as_ref()).find_map(|ty| {
        let class = reader.walk.evaluate(reference.module, &Rc::clone(&body), ty.name);
        Some((IdempotencyBasis::Field, declared_key(reader.walk, &class)?))
    })
}
