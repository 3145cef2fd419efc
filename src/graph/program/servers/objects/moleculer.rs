//! Services of Moleculer: `broker.createService({ name, actions, events })`, the same exported by
//! a file that the runner loads, or given to `this.parseServiceSchema(…)` by a class.
//!
//! Every one of them is handed the broker of its process, under several names.

use std::rc::Rc;

use crate::facts::program::{ClassId, Export};
use crate::graph::program::implied::export;
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Entrance, Reader, meaning};
use crate::graph::program::servers::traces::{
    called, export_of, functions_of, key, method_of, object_of, package_of, text_of,
};
use crate::graph::program::value::{ClassRef, Closure, Foreign, Instance, Known, ModuleId, Object, Step, Value};
use crate::graph::program::walk::pushed;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

const PACKAGE: &str = "moleculer";
/// Classes of the library by which code is handed the broker, or something that speaks for it.
const HANDED: [&str; 2] = ["ServiceBroker", "Context"];
/// The file in which the runner looks for the broker's settings
/// (moleculer.services/docs/0.14/runner).
const SETTINGS: &str = "moleculer.config.";
/// Functions of a service that the broker calls when it starts or ends
/// (moleculer.services/docs/0.14/lifecycle).
const LIFECYCLE: [&str; 3] = ["created", "started", "stopped"];
/// How many classes may stand between a service and the library's.
const BASES: usize = 8;

/// Reads the services among the events and the files of a process.
pub(super) fn read(reader: &mut Reader<'_, '_>, own: &[ModuleId]) {
    if !own.iter().any(|id| taken_at(reader, *id).is_some()) && files(reader, own).is_empty() {
        return;
    }
    let Some(broker) = broker(reader, own) else { return };
    for name in HANDED {
        let token = Known::new(Value::Foreign(export(PACKAGE, name)), broker.span);
        reader.walk.bind(&token, broker.clone());
    }
    classes(reader, own, &broker);
    let count = reader.walk.events().list.len();
    for number in 0..count {
        let Some(event) = reader.walk.events().list.get(number) else { break };
        let Some((receiver, name, used)) = method_of(&event.trace) else { continue };
        let registers = matches!(name.as_str(), "createService" | "parseServiceSchema");
        if let Some(schema) = used.arguments.first().cloned().filter(|_| registers && is_of_library(receiver)) {
            service(reader, &schema, &broker);
        }
    }
    for schema in files(reader, own) {
        service(reader, &schema, &broker);
    }
}

/// Where a module takes the library.
fn taken_at(reader: &Reader<'_, '_>, id: ModuleId) -> Option<Span> {
    let module = reader.walk.modules().get(id)?;
    let import = module.imports.iter().find(|import| import.specifier == PACKAGE)?;
    Some(Span::new(module.file, import.start, import.end))
}

fn is_of_library(foreign: &Foreign) -> bool {
    package_of(foreign).is_some_and(|package| package == PACKAGE)
}

/// `module.exports = { name: 'orders', actions: { … } }` of files called `*.service.js`.
fn files(reader: &mut Reader<'_, '_>, own: &[ModuleId]) -> Vec<Known> {
    let mut found = Vec::new();
    for &id in own.iter().filter(|id| reader.walk.modules().path(**id).name().contains(".service.")).collect::<Vec<_>>()
    {
        let Some(schema) = whole(reader, id) else { continue };
        let is_service =
            key(&schema, "name").is_some() && (key(&schema, "actions").or(key(&schema, "events"))).is_some();
        if is_service && matches!(schema.value, Value::Object(_)) {
            found.push(schema);
        }
    }
    found
}

/// What a file exports as a whole, or as its default.
fn whole(reader: &mut Reader<'_, '_>, id: ModuleId) -> Option<Known> {
    let node = reader.walk.modules().get(id)?.exports.iter().find_map(|export| match export {
        Export::Whole(node) => Some(*node),
        Export::Value { name, value } if *name == "default" => Some(*value),
        Export::Value { .. } | Export::From { .. } | Export::All(_) => None,
    })?;
    let body = reader.walk.body(id);
    Some(reader.walk.evaluate(id, &body, node))
}

/// The broker of the process: the one that it makes, or the one that the runner makes of the file
/// of settings. Of settings that are not found, or are not the only ones, nothing is known.
fn broker(reader: &mut Reader<'_, '_>, own: &[ModuleId]) -> Option<Known> {
    let made: Vec<Known> = reader
        .walk
        .events()
        .list
        .iter()
        .filter(|event| {
            let of = called(&event.trace).and_then(|(export, _)| meaning(&export));
            of.is_some_and(|known| known.means == Means::MoleculerBroker)
        })
        .map(|event| Known::new(Value::Foreign(Rc::clone(&event.trace)), event.span))
        .collect();
    if let [one] = made.as_slice() {
        return Some(one.clone());
    }
    let configured: Vec<ModuleId> =
        own.iter().copied().filter(|id| reader.walk.modules().path(*id).name().starts_with(SETTINGS)).collect();
    let settings = match (configured.as_slice(), made.is_empty()) {
        ([one], true) => whole(reader, *one).map(|settings| (*one, settings)),
        _none_or_several => None,
    };
    let (place, settings) = match settings {
        Some(found) => found,
        None => {
            let (place, span) = own.iter().find_map(|id| Some((*id, taken_at(reader, *id)?))).or_else(|| {
                let first = *own.first()?;
                Some((first, Span::file_start(reader.walk.modules().get(first)?.file)))
            })?;
            (place, Known::unknown("the settings of its broker were not found", span))
        }
    };
    let span = settings.span;
    reader.walk.implied(&export(PACKAGE, "ServiceBroker"), true, vec![settings], (place, None), span)
}

/// Walks the constructors of classes that the runner makes services of.
fn classes(reader: &mut Reader<'_, '_>, own: &[ModuleId], broker: &Known) {
    for &id in own {
        let count = reader.walk.modules().get(id).map_or(0, |module| module.classes.len());
        for number in 0..count as u32 {
            let class = ClassRef { module: id, class: ClassId(number) };
            if is_service(reader, class) {
                let instance = Instance { class, arguments: Some(vec![broker.clone()]), made: None };
                let span = reader.walk.injected_instance(class).span;
                reader.walk.constructor(&Known::new(Value::Instance(Rc::new(instance)), span));
            }
        }
    }
}

/// `class Orders extends Service`
fn is_service(reader: &mut Reader<'_, '_>, class: ClassRef) -> bool {
    let mut at = class;
    for _step in 0..BASES {
        let Some(base) = reader.walk.class(at).and_then(|(_, summary)| summary.base) else { return false };
        let body = reader.walk.body(at.module);
        match reader.walk.evaluate(at.module, &body, base).value {
            Value::Class(above) if above != at => at = above,
            Value::Foreign(of) => {
                return export_of(&of).is_some_and(|export| export.package == PACKAGE && export.name == "Service");
            }
            _other => return false,
        }
    }
    false
}

fn service(reader: &mut Reader<'_, '_>, schema: &Known, broker: &Known) {
    let Some(name) = key(schema, "name").and_then(text_of) else {
        reader.unclear(schema.span, "a service whose name cannot be followed");
        return;
    };
    let version = key(schema, "version").map(|version| match &version.value {
        Value::Number(number) => format!("v{number}."),
        Value::Text(text) => format!("{text}."),
        _other => String::new(),
    });
    let full = format!("{}{name}", version.unwrap_or_default());
    let this = this_of(schema, broker);
    for (group, answers) in [("actions", true), ("events", false)] {
        let Some(entries) = key(schema, group).and_then(object_of).cloned() else { continue };
        for (entry, value) in &entries.entries {
            let handler = key(value, "handler").cloned().unwrap_or_else(|| value.clone());
            if matches!(handler.value, Value::Bool(_)) {
                continue;
            }
            let pattern = if answers { format!("{full}.{entry}") } else { entry.as_str().to_owned() };
            let pattern = Known { value: Value::Text(Symbol::new(&pattern)), ..value.clone() };
            let kind = Kind::Message { transports: vec![Symbol::new(PACKAGE)], pattern, answers };
            let handler_of = functions_of(&handler).pop();
            if handler_of.is_none() {
                reader.unclear(handler.span, "a handler cannot be followed");
            }
            let closure = handler_of.map(|closure| bound(&closure, &this));
            let mut entrance = Entrance::new(kind, handler.span, closure);
            // Of an event the first parameter may be what was sent instead; that is what calls
            // nobody.
            entrance.arguments = Some(vec![broker.clone()]);
            reader.add(entrance);
        }
    }
    for name in LIFECYCLE {
        for closure in key(schema, name).map(functions_of).unwrap_or_default() {
            reader.walk.enter(&bound(&closure, &this), Some(Vec::new()), 0);
        }
    }
}

/// What `this` is in the functions of a service: the broker, and the methods of its own.
fn this_of(schema: &Known, broker: &Known) -> Known {
    let member = |name: &str| match &broker.value {
        Value::Foreign(foreign) => pushed(foreign, Step::Member(Symbol::new(name))).map(Value::Foreign),
        _other => None,
    };
    let mut entries = vec![(Symbol::new("broker"), broker.clone())];
    entries.extend(member("logger").map(|logger| (Symbol::new("logger"), Known::new(logger, broker.span))));
    entries.extend(key(schema, "settings").map(|settings| (Symbol::new("settings"), settings.clone())));
    let of = |entries: Vec<(Symbol, Known)>| {
        Known::new(Value::Object(Rc::new(Object { entries, open: true, unknown_after: 0 })), schema.span)
    };
    let bare = of(entries.clone());
    for (name, value) in key(schema, "methods").and_then(object_of).iter().flat_map(|methods| &methods.entries) {
        let method = match functions_of(value).pop() {
            Some(closure) => Known::new(Value::Function(bound(&closure, &bare)), value.span),
            None => value.clone(),
        };
        entries.push((*name, method));
    }
    of(entries)
}

fn bound(closure: &Rc<Closure>, this: &Known) -> Rc<Closure> {
    match closure.this {
        Some(_) => Rc::clone(closure),
        None => Rc::new(Closure { this: Some(this.clone()), ..(**closure).clone() }),
    }
}
