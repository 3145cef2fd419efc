//! From decorated classes to operations.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::graph::program::servers::decorations::{Decoration, Decorations, Member, method, methods_of};
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Before, Entrance, Reader};
use crate::graph::program::servers::templates::{Path, path_of, template};
use crate::graph::program::servers::traces::{key, parts_of};
use crate::graph::program::value::{ClassRef, Value};
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::modules::Parts;
use super::start::{App, version_of};
use super::{methods, no_path};

/// Methods that a container calls once when the process starts.
const START: [&str; 2] = ["onModuleInit", "onApplicationBootstrap"];

/// The classes of one application.
pub(super) struct Handlers<'c> {
    /// All decorated classes.
    pub classes: &'c BTreeMap<ClassRef, Decorations>,
    /// The application; `None` where nobody is seen to start one.
    pub app: Option<&'c App>,
    /// What it is made of.
    pub parts: &'c Parts,
    /// What runs before all of its handlers.
    pub before: Before,
}

impl Handlers<'_> {
    /// Adds the operations of all classes.
    pub fn read(&self, reader: &mut Reader<'_, '_>) {
        if self.app.is_none_or(|app| !app.silent) {
            for (controller, module) in &self.parts.controllers {
                self.controller(reader, *controller, *module);
            }
        }
        for class in &self.parts.classes {
            self.provider(reader, *class);
        }
    }

    fn controller(&self, reader: &mut Reader<'_, '_>, class: ClassRef, module: ClassRef) {
        let Some(decorated) = self.classes.get(&class) else { return };
        let Some(controller) = decorated.get(Means::Controller) else { return };
        let before = self.before.and(&before_of(reader, &decorated.own));
        let first = controller.arguments.first();
        let path = first.and_then(|first| key(first, "path")).or(first.filter(|first| key(first, "version").is_none()));
        let paths: Vec<Path> = match path {
            Some(path) => parts_of(path).iter().map(|path| path_of(path).unwrap_or_default()).collect(),
            None => Vec::new(),
        };
        let paths = if paths.is_empty() { vec![no_path()] } else { paths };
        let version = first.and_then(|first| key(first, "version").cloned());
        let version = version.or_else(|| decorated.get(Means::Version)?.arguments.first().cloned());
        let by_contract = methods::by_contract(reader, class);
        for (name, member) in methods_of(reader.walk, self.classes, class) {
            let own = before.and(&before_of(reader, &member.own));
            let own_version = member.own.iter().find(|one| one.means == Means::Version);
            let own_version = own_version.and_then(|one| one.arguments.first().cloned()).or_else(|| version.clone());
            for one in &member.own {
                match one.means {
                    Means::Route if self.app.is_none_or(|app| app.http) => {
                        let versions = own_version.as_ref().map(parts_of);
                        self.routes(reader, class, module, &paths, versions.as_deref(), &member, one, &own);
                    }
                    Means::GrpcMethod => {
                        for kind in methods::grpc(reader, self.app, class, name, one) {
                            self.add(reader, class, &member, kind, one, &own, true);
                        }
                    }
                    Means::Message | Means::Event => {
                        for kind in methods::messages(self.app, one) {
                            self.add(reader, class, &member, kind, one, &own, true);
                        }
                    }
                    _other => {}
                }
            }
        }
        if let Some((service, span)) = by_contract {
            self.by_contract(reader, class, service, span, &before);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a route is made of stands at eight places")]
    fn routes(
        &self,
        reader: &mut Reader<'_, '_>,
        class: ClassRef,
        module: ClassRef,
        controller: &[Path],
        versions: Option<&[crate::graph::program::value::Known]>,
        member: &Member,
        one: &Decoration,
        before: &Before,
    ) {
        let upper = one.word.to_uppercase();
        let verb = Symbol::new(upper.strip_prefix("HTTP").filter(|rest| !rest.is_empty()).unwrap_or(&upper));
        let stated: Vec<Path> = one
            .arguments
            .first()
            .map(parts_of)
            .unwrap_or_default()
            .iter()
            .map(|path| {
                let path = key(path, "path").unwrap_or(path);
                path_of(path).unwrap_or_default()
            })
            .collect();
        let stated = if stated.is_empty() { vec![no_path()] } else { stated };
        let in_module = self.parts.prefixes.get(&module).cloned().unwrap_or_else(no_path);
        let versions = self.versions(versions);
        for above in controller {
            for path in &stated {
                for version in &versions {
                    let plain = template(&[&in_module.text, &above.text, &path.text]);
                    let prefix = self.app.map(|app| &app.prefix).filter(|_| !self.is_excluded(verb, plain));
                    let prefix = prefix.cloned().unwrap_or_else(no_path);
                    let whole = template(&[&prefix.text, version, &in_module.text, &above.text, &path.text]);
                    let kind = Kind::Http { method: verb, path: whole };
                    let known = self.app.is_some() && prefix.whole && in_module.whole && above.whole && path.whole;
                    self.add(reader, class, member, kind, one, before, known);
                }
            }
        }
    }

    /// Parts of the path that stand for versions; an empty one for a route without.
    fn versions(&self, stated: Option<&[crate::graph::program::value::Known]>) -> Vec<String> {
        let Some(versions) = self.app.and_then(|app| app.versions.as_ref()) else { return vec![String::new()] };
        let spell = |version: Option<Symbol>| match version {
            Some(version) => format!("{}{version}", versions.prefix),
            None => String::new(),
        };
        let all: Vec<String> = match stated {
            Some(stated) => stated.iter().map(|version| spell(version_of(version))).collect(),
            None => versions.standard.iter().map(|version| spell(Some(*version))).collect(),
        };
        if all.is_empty() { vec![String::new()] } else { all }
    }

    fn is_excluded(&self, verb: Symbol, path: Symbol) -> bool {
        let excluded = self.app.map_or(&[][..], |app| &app.excluded);
        excluded.iter().any(|(method, excluded)| {
            let beginning = excluded.strip_suffix("{rest*}").map(|start| start.trim_end_matches('/'));
            let matches = beginning.is_some_and(|start| path.starts_with(start)) || *excluded == path;
            method.is_none_or(|method| method == verb) && matches
        })
    }

    fn provider(&self, reader: &mut Reader<'_, '_>, class: ClassRef) {
        let Some(decorated) = self.classes.get(&class) else {
            self.start(reader, class);
            return;
        };
        let answers = self.app.is_none_or(|app| !app.silent);
        let is_resolver = decorated.get(Means::Resolver).is_some() || decorated.has_member(Means::GraphQl);
        let gateway = decorated.get(Means::Gateway);
        let before = self.before.and(&before_of(reader, &decorated.own));
        for (name, member) in methods_of(reader.walk, self.classes, class) {
            let own = before.and(&before_of(reader, &member.own));
            for one in &member.own {
                let kind = match one.means {
                    Means::GraphQl | Means::GraphQlField if is_resolver && answers => {
                        methods::graphql(reader, decorated.get(Means::Resolver), name, one)
                    }
                    Means::Socket if answers => methods::socket(gateway, one),
                    Means::Cron | Means::Interval => Some(methods::job(one)),
                    _other => None,
                };
                if let Some(kind) = kind {
                    self.add(reader, class, &member, kind, one, &own, true);
                }
            }
        }
        self.start(reader, class);
    }

    /// What a container calls by itself.
    fn start(&self, reader: &mut Reader<'_, '_>, class: ClassRef) {
        let Some((module, summary)) = reader.walk.class(class) else { return };
        let found: Vec<_> = summary
            .methods
            .iter()
            .filter(|method| START.contains(&method.name.as_str()))
            .filter_map(|method| {
                let function = module.functions.get(method.function.0 as usize)?;
                Some((method.function, crate::source::span::Span::new(module.file, function.start, function.end)))
            })
            .collect();
        for (function, span) in found {
            let reference = crate::graph::program::value::FunctionRef { module: class.module, function };
            let closure = Rc::new(method(reader.walk, class, reference));
            reader.add(Entrance::new(Kind::Start, span, Some(closure)));
        }
    }

    /// Methods of a class that a generated decorator makes rpcs of.
    fn by_contract(
        &self,
        reader: &mut Reader<'_, '_>,
        class: ClassRef,
        service: Symbol,
        span: crate::source::span::Span,
        before: &Before,
    ) {
        for (name, function) in methods::plain_methods(reader, class) {
            let stated = self.classes.get(&class).and_then(|class| class.members.get(&name));
            let is_own = stated.is_some_and(|member| {
                member.own.iter().any(|one| !matches!(one.means, Means::Before | Means::Version))
            });
            if is_own {
                continue;
            }
            let before = before.and(&before_of(reader, stated.map_or(&[][..], |member| &member.own)));
            let kind = methods::rpc(self.app, service, name);
            let one = Decoration { means: Means::GrpcMethod, word: name, arguments: Vec::new(), span };
            let member = Member { method: Some(function), ..stated.cloned().unwrap_or_default() };
            self.add(reader, class, &member, kind, &one, &before, true);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what an operation is made of stands at eight places")]
    fn add(
        &self,
        reader: &mut Reader<'_, '_>,
        class: ClassRef,
        member: &Member,
        kind: Kind,
        one: &Decoration,
        before: &Before,
        whole: bool,
    ) {
        let closure = member.method.map(|function| Rc::new(method(reader.walk, class, function)));
        let mut entrance = Entrance::new(kind, one.span, closure);
        entrance.before = before.clone();
        entrance.whole = whole;
        entrance.takes_body = member.parameters.iter().any(|(_, one)| one.means == Means::Body);
        entrance.key = methods::key_of(reader, member);
        reader.add(entrance);
    }
}

/// What decorators put before a handler.
fn before_of(reader: &mut Reader<'_, '_>, decorations: &[Decoration]) -> Before {
    let mut before = Before::default();
    for one in decorations.iter().filter(|one| one.means == Means::Before) {
        for argument in &one.arguments {
            let found = reader.before(argument, None);
            before = before.and(&found);
        }
    }
    before
}

/// The controller's class, for a value that is one.
pub(super) fn class_of(known: &crate::graph::program::value::Known) -> Option<ClassRef> {
    match &known.value {
        Value::Class(class) => Some(*class),
        _other => None,
    }
}
