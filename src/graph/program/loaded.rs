//! What does an application make of its configuration itself? Functions that it hands to its
//! configuration's library, and namespaces that a container hands in.

use std::rc::Rc;

use super::configuration::default_of;
use super::lookup::{Lookup, look_up, word_of};
use super::recognize::several;
use super::shapes::{Match, find_match, start_of};
use super::value::{Closure, Foreign, Known, ModuleId, Object, Step, Use, Value};
use super::walk::{Walk, pushed};
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::configuration::{Load, Namespace, configuration};
use crate::tables::library::Library;

/// What was loaded.
#[derive(Default)]
pub struct Loaded {
    /// Objects by key and namespace, the strongest first.
    values: Vec<Known>,
    /// Validators by the name of a variable.
    validators: Vec<Known>,
}

/// Gathers what modules that are settings say. Comes before bodies are walked: what starts in
/// them asks for settings at once.
pub fn load_modules(walk: &mut Walk<'_>, all: &[ModuleId]) {
    for row in configuration() {
        let Some((folder, names)) = &row.modules else { continue };
        if all.iter().any(|id| walk.modules().takes_of(*id, &row.library)) {
            add_modules(walk, all, *folder, names);
        }
    }
}

/// Gathers what bodies of modules load, for all that is walked from now on.
pub fn load(walk: &mut Walk<'_>) {
    let traces: Vec<Rc<Foreign>> = walk.events().list.iter().map(|event| Rc::clone(&event.trace)).collect();
    for trace in &traces {
        let Some(package) = start_of(trace) else { continue };
        for row in configuration().iter().filter(|row| row.library.is_of(package)) {
            for namespace in &row.namespaces {
                add_namespace(walk, namespace, &row.library, trace);
            }
            for load in &row.loads {
                add_load(walk, load, &row.library, trace);
            }
        }
    }
}

/// `config/default.js`: what a library takes from modules of a folder.
fn add_modules(walk: &mut Walk<'_>, all: &[ModuleId], folder: Symbol, names: &[Symbol]) {
    for name in names {
        for id in all {
            let path = walk.modules().path(*id);
            let stem = path.name().split('.').next().unwrap_or_default();
            if path.parent().name() != folder.as_str() || *name != stem {
                continue;
            }
            let made = walk.export(*id, Symbol::new("default"), 4, Span::file_start(FileId(0)));
            if matches!(made.value, Value::Object(_)) {
                walk.loaded.values.push(made);
            }
        }
    }
}

fn add_namespace(walk: &mut Walk<'_>, namespace: &Namespace, library: &Library, trace: &Rc<Foreign>) {
    let Some((closure, found)) = made_by(namespace, library, trace) else { return };
    let Some(made) = result_of(walk, &closure) else { return };
    if let Some(token) = pushed(trace, Step::Member(namespace.token)) {
        walk.bind(&Known::new(Value::Foreign(token), made.span), made.clone());
    }
    if let Some(name) = found.find(&namespace.name).and_then(Lookup::present).as_ref().and_then(word_of) {
        let span = made.span;
        let object = Object { entries: vec![(name, made)], ..Object::default() };
        walk.loaded.values.push(Known::new(Value::Object(Rc::new(object)), span));
    }
}

/// The function of a namespace, with the use that names it.
fn made_by(namespace: &Namespace, library: &Library, trace: &Rc<Foreign>) -> Option<(Rc<Closure>, Match)> {
    let found = find_match(&namespace.shape, library, trace)?;
    match found.find(&namespace.make)?.present()?.value {
        Value::Function(closure) => Some((closure, found)),
        _other => None,
    }
}

fn add_load(walk: &mut Walk<'_>, load: &Load, library: &Library, trace: &Rc<Foreign>) {
    let Some(found) = find_match(&load.shape, library, trace) else { return };
    for one in found.find(&load.make).and_then(Lookup::present).map(several).unwrap_or_default() {
        if let Value::Function(closure) = &one.value
            && let Some(made) = result_of(walk, closure)
            && matches!(made.value, Value::Object(_))
        {
            walk.loaded.values.push(made);
        }
    }
    let schema = load.defaults.as_ref().and_then(|path| found.find(path)?.present());
    if let Some(Value::Foreign(schema)) = schema.map(|schema| schema.value) {
        let mut at = Some(&schema);
        while let Some(step) = at {
            if let Step::Call(used) = &step.step {
                let objects = used.arguments.iter().filter(|one| matches!(one.value, Value::Object(_)));
                walk.loaded.validators.extend(objects.cloned());
            }
            at = step.before.as_ref();
        }
    }
}

fn result_of(walk: &mut Walk<'_>, closure: &Closure) -> Option<Known> {
    let (module, function) = walk.function(closure.function)?;
    let span = Span::new(module.file, function.start, function.end);
    let frame = walk.enter(closure, Some(Vec::new()), 1)?;
    Some(walk.result(&frame, span))
}

impl Walk<'_> {
    /// What a use of a library reads of the application's configuration.
    pub(super) fn configured(&mut self, trace: &Rc<Foreign>, span: Span) -> Option<Known> {
        let value = self.configuration.and_then(|configuration| configuration(trace))?;
        Some(self.with_loaded(Known::new(value, span)))
    }

    fn with_loaded(&self, known: Known) -> Known {
        let loaded = |name: Symbol| {
            let keys: Vec<Symbol> = name.split('.').map(Symbol::new).collect();
            self.loaded.values.iter().find_map(|values| look_up(values, &keys).present())
        };
        match &known.value {
            Value::Setting(name) => loaded(*name).map_or(known.clone(), |found| found.via(known.span)),
            Value::Env(name) => {
                let default = || self.loaded.validators.iter().find_map(|validators| default_of(validators, *name));
                match loaded(*name).or_else(default) {
                    // No variable holds an object: the name is one of the application's own.
                    Some(found) if matches!(found.value, Value::Object(_) | Value::Array(_)) => found.via(known.span),
                    Some(found) => known.or_else(found),
                    None => known,
                }
            }
            Value::FirstOf(all) => {
                let span = known.span;
                let mut rest = all.iter().cloned();
                let Some(first) = rest.next() else { return known };
                let first = self.with_loaded(first);
                rest.fold(Known { span, ..first }, Known::or_else)
            }
            _read => known,
        }
    }

    /// What a namespace gives that is called itself: `stockSettings()`.
    pub(super) fn namespace(&mut self, before: &Rc<Foreign>, used: &Use) -> Option<Known> {
        if !used.arguments.is_empty() || !matches!(before.step, Step::Call(_)) {
            return None;
        }
        let package = start_of(before)?;
        let rows = configuration().iter().filter(|row| row.library.is_of(package));
        let mut found = rows.flat_map(|row| row.namespaces.iter().map(move |one| (row, one)));
        let closure = found.find_map(|(row, one)| made_by(one, &row.library, before).map(|(closure, _)| closure))?;
        result_of(self, &closure)
    }
}
