//! Modules of a container: what they list, import and provide.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::graph::program::event::EventId;
use crate::graph::program::servers::decorations::Decorations;
use crate::graph::program::servers::reader::{Reader, meaning};
use crate::graph::program::servers::templates::{Path, path_of};
use crate::graph::program::servers::traces::{
    called, export_of, foreign_of, functions_of, key, object_of, parts_of, text_of,
};
use crate::graph::program::value::{ClassRef, Foreign, Known, Step, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

/// Stands for the registration of what is imported without being called.
const NO_EVENT: EventId = EventId(u32::MAX);

/// How many modules are visited for one application.
const MODULES: usize = 2000;

/// What an application is made of.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Controllers with the module that lists each.
    pub controllers: Vec<(ClassRef, ClassRef)>,
    /// Classes that it makes objects of, controllers among them.
    pub classes: BTreeSet<ClassRef>,
    /// Its modules.
    pub modules: Vec<ClassRef>,
    /// Guards, interceptors and pipes for all.
    pub before: Vec<Known>,
    /// Prefixes of modules.
    pub prefixes: BTreeMap<ClassRef, Path>,
    /// What GraphQL is served with.
    pub graphql: Vec<(Known, Span)>,
    /// True where more may be listed than is known.
    pub open: bool,
}

/// A module while it is visited.
#[derive(Debug, Default)]
struct Listed {
    classes: Vec<ClassRef>,
    imports: Vec<ClassRef>,
    exports_library: bool,
    /// What modules of libraries provide to it: token and value.
    given: Vec<(Known, Known)>,
}

/// A provider by a function.
struct Factory {
    token: Known,
    provider: Known,
}

/// Gathers what an application is made of, and tells the walk what is handed in.
pub(super) struct Gathering<'c> {
    classes: &'c BTreeMap<ClassRef, Decorations>,
    parts: Parts,
    listed: BTreeMap<ClassRef, Listed>,
    factories: Vec<Factory>,
}

impl<'c> Gathering<'c> {
    /// Nothing yet.
    pub fn new(classes: &'c BTreeMap<ClassRef, Decorations>) -> Self {
        Self { classes, parts: Parts::default(), listed: BTreeMap::new(), factories: Vec::new() }
    }

    /// Visits a module and all that it imports.
    pub fn visit(&mut self, reader: &mut Reader<'_, '_>, root: &Known) {
        let mut queue: Vec<(Known, Option<ClassRef>)> = vec![(root.clone(), None)];
        let mut turns = 0;
        while let Some((known, by)) = queue.pop() {
            turns += 1;
            if turns > MODULES {
                self.parts.open = true;
                break;
            }
            for part in parts_of(&known) {
                self.import(reader, &part, by, &mut queue);
            }
        }
    }

    fn import(
        &mut self,
        reader: &mut Reader<'_, '_>,
        known: &Known,
        by: Option<ClassRef>,
        queue: &mut Vec<(Known, Option<ClassRef>)>,
    ) {
        match &known.value {
            Value::Class(class) => {
                if let Some(by) = by {
                    self.listed.entry(by).or_default().imports.push(*class);
                }
                if self.listed.contains_key(class) && self.parts.modules.contains(class) {
                    return;
                }
                self.parts.modules.push(*class);
                self.listed.entry(*class).or_default();
                self.parts.classes.insert(*class);
                let metadata = self.classes.get(class).and_then(|class| class.get(Means::Module));
                let metadata = metadata.and_then(|module| module.arguments.first().cloned());
                if let Some(metadata) = metadata {
                    self.metadata(reader, *class, &metadata, queue);
                }
            }
            Value::Object(_) => {
                let Some(module) = key(known, "module").cloned() else {
                    self.parts.open = true;
                    return;
                };
                self.import(reader, &module, by, queue);
                if let Value::Class(class) = module.value {
                    self.metadata(reader, class, known, queue);
                }
            }
            Value::Foreign(foreign) => self.library(reader, foreign, known.span, by, queue),
            Value::Unknown(_) => self.parts.open = true,
            _plain => {}
        }
    }

    /// `{ imports, providers, controllers, exports }`
    fn metadata(
        &mut self,
        reader: &mut Reader<'_, '_>,
        class: ClassRef,
        metadata: &Known,
        queue: &mut Vec<(Known, Option<ClassRef>)>,
    ) {
        if object_of(metadata).is_none_or(|object| object.open) {
            self.parts.open = true;
        }
        if let Some(imports) = key(metadata, "imports") {
            queue.push((imports.clone(), Some(class)));
        }
        for controller in key(metadata, "controllers").map(parts_of).unwrap_or_default() {
            match controller.value {
                Value::Class(one) => {
                    self.parts.controllers.push((one, class));
                    self.listed.entry(class).or_default().classes.push(one);
                    self.parts.classes.insert(one);
                }
                _other => self.parts.open = true,
            }
        }
        for provider in key(metadata, "providers").map(parts_of).unwrap_or_default() {
            self.provider(reader, class, &provider);
        }
        let exports = key(metadata, "exports").map(parts_of).unwrap_or_default();
        if exports.iter().any(|export| foreign_of(export).is_some()) {
            self.listed.entry(class).or_default().exports_library = true;
        }
    }

    fn provider(&mut self, reader: &mut Reader<'_, '_>, module: ClassRef, provider: &Known) {
        if let Value::Class(class) = provider.value {
            self.parts.classes.insert(class);
            self.listed.entry(module).or_default().classes.push(class);
            return;
        }
        let Some(token) = key(provider, "provide").cloned() else {
            self.parts.open |= matches!(provider.value, Value::Unknown(_));
            return;
        };
        let made = key(provider, "useClass").cloned();
        if let Some(Known { value: Value::Class(class), .. }) = &made {
            self.parts.classes.insert(*class);
            self.listed.entry(module).or_default().classes.push(*class);
        }
        let existing = key(provider, "useExisting").cloned();
        let value = key(provider, "useValue").cloned();
        let for_all = foreign_of(&token)
            .and_then(|token| export_of(token))
            .is_some_and(|export| matches!(export.name.as_str(), "APP_GUARD" | "APP_INTERCEPTOR" | "APP_PIPE"));
        if for_all {
            self.parts.before.extend(made.or(existing).or(value));
            return;
        }
        if let Some(made) = made {
            let made = match &made.value {
                Value::Class(class) => reader.walk.injected_instance(*class),
                _other => made,
            };
            reader.walk.bind(&token, made);
        } else if let Some(value) = value {
            reader.walk.bind(&token, value);
        } else if let Some(existing) = existing {
            let given = reader.walk.given_for(&existing);
            reader.walk.bind(&token, given);
        } else if key(provider, "useFactory").is_some() {
            self.factories.push(Factory { token, provider: provider.clone() });
        }
    }

    /// A module of a library, with what the estate hands to it.
    fn library(
        &mut self,
        reader: &mut Reader<'_, '_>,
        foreign: &Rc<Foreign>,
        span: Span,
        by: Option<ClassRef>,
        queue: &mut Vec<(Known, Option<ClassRef>)>,
    ) {
        let Some((export, used)) = called(foreign) else {
            // `imports: [HttpModule]`: its client is made of no settings.
            let plain =
                export_of(foreign).filter(|export| meaning(export).is_some_and(|it| it.means == Means::NestHttp));
            if let (Some(export), Some(by)) = (plain, by) {
                let options = Known::new(Value::Object(Rc::default()), span);
                let given = http_client(export.package, options, NO_EVENT, span);
                self.listed.entry(by).or_default().given.extend(given);
            }
            return;
        };
        let Some(known) = meaning(&export) else { return };
        match known.means {
            Means::NestForward => {
                for closure in used.arguments.iter().flat_map(functions_of) {
                    if let Some(frame) = reader.walk.enter(&closure, Some(Vec::new()), 1) {
                        queue.push((reader.walk.result(&frame, span), by));
                    }
                }
            }
            Means::NestClients => {
                let first = used.arguments.first();
                let list = first.and_then(|first| key(first, "clients")).or(first).map(parts_of).unwrap_or_default();
                for item in list {
                    let Some(name) = key(&item, "name").cloned() else {
                        reader.unclear(span, "clients that are registered in a way that cannot be followed");
                        continue;
                    };
                    let options = options_of(reader, &item, "createClientOptions").unwrap_or(item);
                    let client = made_client(options, used.event, span);
                    reader.walk.bind(&name, client.clone());
                    if let Some(by) = by {
                        self.listed.entry(by).or_default().given.push((name, client));
                    }
                }
            }
            Means::NestHttp => {
                let Some(item) = used.arguments.first() else { return };
                let options = options_of(reader, item, "createHttpOptions").unwrap_or_else(|| item.clone());
                if let Some(by) = by {
                    let given = http_client(export.package, options, used.event, span);
                    self.listed.entry(by).or_default().given.extend(given);
                }
            }
            Means::NestRoutes => {
                for route in used.arguments.first().map(parts_of).unwrap_or_default() {
                    self.prefixes(&route, &Path { text: String::new(), whole: true }, 6);
                }
            }
            Means::NestGraphQl => {
                let item = used.arguments.first().cloned().unwrap_or_else(|| Known::new(Value::Nothing, span));
                let options = options_of(reader, &item, "createGqlOptions").unwrap_or(item);
                self.parts.graphql.push((options, span));
            }
            _other => {}
        }
    }

    /// `{ path: 'admin', module: AdminModule, children: [...] }`
    fn prefixes(&mut self, route: &Known, above: &Path, depth: usize) {
        let Some(below) = depth.checked_sub(1) else { return };
        let own = key(route, "path").and_then(path_of).unwrap_or_default();
        let path = Path { text: format!("{}/{}", above.text, own.text), whole: above.whole && own.whole };
        let target = key(route, "module").unwrap_or(route);
        if let Value::Class(module) = target.value {
            let path = if key(route, "module").is_some() { path.clone() } else { above.clone() };
            self.parts.prefixes.insert(module, path);
        }
        for child in key(route, "children").map(parts_of).unwrap_or_default() {
            self.prefixes(&child, &path, below);
        }
    }

    /// Binds what is made by functions and what modules of libraries provide.
    pub fn finish(mut self, reader: &mut Reader<'_, '_>) -> Parts {
        // Functions may ask for what other functions make; the order is the container's own.
        for _turn in 0..2 {
            for factory in &self.factories {
                if let Some(made) = result_of(reader, &factory.provider) {
                    reader.walk.bind(&factory.token, made);
                }
            }
        }
        for listed in self.listed.values() {
            let mut given: Vec<&(Known, Known)> = Vec::new();
            for import in &listed.imports {
                let passed_on = self.listed.get(import).filter(|import| import.exports_library);
                given.extend(passed_on.into_iter().flat_map(|import| &import.given));
            }
            given.extend(&listed.given);
            for class in &listed.classes {
                for (token, value) in &given {
                    reader.walk.bind_within(*class, token, value.clone());
                }
            }
        }
        self.parts.controllers.sort();
        self.parts.controllers.dedup();
        self.parts
    }
}

/// What a provider's function gives for what it asks for.
fn result_of(reader: &mut Reader<'_, '_>, provider: &Known) -> Option<Known> {
    let factory = key(provider, "useFactory")?.clone();
    let Value::Function(closure) = &factory.value else { return Some(factory) };
    let asked = key(provider, "inject").map(parts_of).unwrap_or_default();
    let mut arguments = Vec::with_capacity(asked.len());
    for (place, token) in asked.into_iter().enumerate() {
        let token = key(&token, "token").cloned().unwrap_or(token);
        arguments.push(reader.walk.given_as(&token, closure, place));
    }
    let frame = reader.walk.enter(closure, Some(arguments), 1)?;
    Some(reader.walk.result(&frame, factory.span))
}

/// Options that a function or a class makes: `useFactory`, `useClass`. `None`: neither is there.
fn options_of(reader: &mut Reader<'_, '_>, item: &Known, method: &str) -> Option<Known> {
    if key(item, "useFactory").is_some() {
        return result_of(reader, item);
    }
    let class = key(item, "useClass").or_else(|| key(item, "useExisting"))?.clone();
    let given = reader.walk.given_for(&class);
    let member = reader.walk.member(&given, Symbol::new(method), class.span);
    let Value::Function(closure) = &member.value else { return None };
    let frame = reader.walk.enter(closure, Some(Vec::new()), 1)?;
    Some(reader.walk.result(&frame, class.span))
}

/// A client of the container, as it would be made by hand:
/// `ClientProxyFactory.create(options)`.
pub(super) fn made_client(options: Known, event: EventId, span: Span) -> Known {
    let start = Foreign {
        before: None,
        step: Step::Import { package: Symbol::new("@nestjs/microservices"), name: Symbol::new("ClientProxyFactory") },
        length: 1,
    };
    let create = Foreign { before: Some(Rc::new(start)), step: Step::Member(Symbol::new("create")), length: 2 };
    let unknown = || Known::unknown("a client that cannot be followed", span);
    use_of_ours(&Rc::new(create), options, event, false, span).unwrap_or_else(unknown)
}

/// What a module of HTTP provides: the token of its client, and the client.
fn http_client(package: Symbol, options: Known, event: EventId, span: Span) -> Option<(Known, Known)> {
    let token = Known::foreign(Step::Import { package, name: Symbol::new("HttpService") }, span);
    let class = foreign_of(&token)?.clone();
    let service = use_of_ours(&class, options, event, true, span)?;
    Some((token, service))
}

/// A call that the container makes, with the event of the registration.
fn use_of_ours(callee: &Rc<Foreign>, options: Known, event: EventId, constructs: bool, span: Span) -> Option<Known> {
    let used = Rc::new(Use { event, arguments: vec![options], open: false, types: Vec::new(), span });
    let step = if constructs { Step::New(used) } else { Step::Call(used) };
    let made = crate::graph::program::walk::pushed(callee, step)?;
    Some(Known::new(Value::Foreign(made), span))
}

/// The text of a token, for explanations.
pub(super) fn transport_of(known: &Known) -> Option<Symbol> {
    const NUMBERS: [&str; 7] = ["tcp", "redis", "nats", "mqtt", "grpc", "rmq", "kafka"];
    match &known.value {
        Value::Number(number) => NUMBERS.get(*number as usize).map(|name| Symbol::new(name)),
        Value::Foreign(foreign) => {
            let export = export_of(foreign)?;
            let last = export.name.rsplit('.').next()?;
            export.name.contains('.').then(|| Symbol::new(&last.to_lowercase()))
        }
        _other => text_of(known).map(|text| Symbol::new(&text.to_lowercase())),
    }
}
