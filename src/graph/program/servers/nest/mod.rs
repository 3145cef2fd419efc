//! Which handlers do decorators make of classes, and who hands them what they ask for?
//!
//! In: decorators and the calls that start applications. Out: operations, with what modules
//! provide made known to the walk first. An application answers by the controllers that its root
//! module leads to; where that cannot be followed, by all of the service. Made for NestJS;
//! decorators of others go the same way. Does not know what handlers do.

mod handlers;
pub mod methods;
mod modules;
mod start;

use std::collections::BTreeMap;

use crate::graph::program::value::{ClassRef, Known, ModuleId, Value};
use crate::tables::servers::Means;

use super::decorations::{Decorations, decorations};
use super::reader::{Before, Reader};
use super::templates::Path;
use handlers::Handlers;
use modules::{Gathering, Parts};
use start::App;

/// Reads all decorated classes, and adds their operations.
pub(super) fn read(reader: &mut Reader<'_, '_>, own: &[ModuleId]) {
    let classes = decorations(reader.walk);
    clients(reader, &classes);
    let apps = start::apps(reader);
    let mut parts: Vec<(Option<App>, Parts)> = Vec::new();
    for app in apps {
        let mut gathering = Gathering::new(&classes);
        gathering.visit(reader, &app.root);
        let found = gathering.finish(reader);
        parts.push((Some(app), found));
    }
    let mut rest = rest(&classes, own, &parts);
    if !rest.classes.is_empty() {
        if parts.is_empty() {
            // What its modules say holds, whoever starts them.
            let mut gathering = Gathering::new(&classes);
            for (class, decorated) in &classes {
                if own.contains(&class.module) && decorated.get(Means::Module).is_some() {
                    gathering.visit(reader, &Known::new(Value::Class(*class), module_span(reader, *class)));
                }
            }
            rest.before = gathering.finish(reader).before;
        }
        parts.push((None, rest));
    }
    for (app, parts) in &parts {
        let mut before = app.as_ref().map(|app| app.before.clone()).unwrap_or_default();
        for value in &parts.before {
            let one = reader.before(value, None);
            before = before.and(&one);
        }
        before = before.and(&middleware(reader, parts));
        Handlers { classes: &classes, app: app.as_ref(), parts, before }.read(reader);
    }
}

/// What modules put before routes: `configure(consumer) { consumer.apply(…) }`.
fn middleware(reader: &mut Reader<'_, '_>, parts: &Parts) -> Before {
    let mut before = Before::default();
    for module in &parts.modules {
        let this = reader.walk.injected_instance(*module);
        let member = reader.walk.member(&this, crate::source::symbol::Symbol::new("configure"), this.span);
        let Value::Function(closure) = &member.value else { continue };
        let Some(frame) = reader.walk.enter(closure, None, 0) else { continue };
        let info = reader.walk.events().frames.get(frame.id.0 as usize);
        let events = info.map(|info| info.events.clone()).unwrap_or_default();
        for event in events {
            let Some(event) = reader.walk.events().event(event) else { continue };
            let Some((_, name, used)) = super::traces::method_of(&event.trace) else { continue };
            if name == "apply" {
                let used = std::rc::Rc::clone(used);
                for argument in &used.arguments {
                    let one = reader.before(argument, None);
                    before = before.and(&one);
                }
            }
        }
    }
    before
}

/// Fields that are clients made of their decorator's options.
fn clients(reader: &mut Reader<'_, '_>, classes: &BTreeMap<ClassRef, Decorations>) {
    for decorated in classes.values() {
        for member in decorated.members.values() {
            for one in member.own.iter().filter(|one| one.means == Means::Client) {
                let Some(options) = one.arguments.first() else { continue };
                let event = reader.walk.events().list.iter().position(|event| event.span == one.span);
                let Some(event) = event else { continue };
                let event = crate::graph::program::event::EventId(event as u32);
                let made = modules::made_client(options.clone(), event, one.span);
                reader.walk.bind(options, made);
            }
        }
    }
}

/// Classes of the service that answer and that no application is seen to lead to, where that may
/// be because something could not be followed, or because nothing lists them.
fn rest(classes: &BTreeMap<ClassRef, Decorations>, own: &[ModuleId], parts: &[(Option<App>, Parts)]) -> Parts {
    let mut rest = Parts { open: true, ..Parts::default() };
    let complete = parts.iter().any(|(app, _)| app.is_some()) && parts.iter().all(|(_, parts)| !parts.open);
    for (class, decorated) in classes {
        if !own.contains(&class.module) || parts.iter().any(|(_, parts)| parts.classes.contains(class)) {
            continue;
        }
        if complete {
            continue;
        }
        rest.classes.insert(*class);
        if decorated.get(Means::Controller).is_some() {
            rest.controllers.push((*class, *class));
        }
    }
    rest
}

fn module_span(reader: &Reader<'_, '_>, class: ClassRef) -> crate::source::span::Span {
    reader.walk.injected_instance(class).span
}

/// A path of nothing.
fn no_path() -> Path {
    Path { text: String::new(), whole: true }
}
