//! Decorators of classes and of their members, by what they mean.

use std::collections::BTreeMap;

use crate::graph::program::value::{ClassRef, Closure, FunctionRef, Known, Value};
use crate::graph::program::walk::Walk;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::reader::meaning;
use super::traces::{called, export_of, foreign_of};

/// How far classes are followed to what they extend, and decorators to what they combine.
const DEPTH: usize = 6;

/// A decorator that means something.
#[derive(Debug, Clone)]
pub(super) struct Decoration {
    /// What it means.
    pub means: Means,
    /// The last part of its name, or what the table says instead: `Get`, `ANY`.
    pub word: Symbol,
    /// Its arguments.
    pub arguments: Vec<Known>,
    /// Its place.
    pub span: Span,
}

/// A decorated method or field.
#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    /// The method; `None` for fields.
    pub method: Option<FunctionRef>,
    /// Decorators of the member.
    pub own: Vec<Decoration>,
    /// Decorators of parameters, with which one.
    pub parameters: Vec<(u32, Decoration)>,
}

/// A decorated class.
#[derive(Debug, Clone, Default)]
pub(super) struct Decorations {
    /// Decorators of the class.
    pub own: Vec<Decoration>,
    /// By name of the member.
    pub members: BTreeMap<Symbol, Member>,
}

/// All decorated classes that the walk saw.
pub(super) fn decorations(walk: &Walk<'_>) -> BTreeMap<ClassRef, Decorations> {
    let mut all: BTreeMap<ClassRef, Decorations> = BTreeMap::new();
    for decorated in &walk.events().decorated {
        let mut found = Vec::new();
        expand(&decorated.decorator, DEPTH, &mut found);
        let class = all.entry(decorated.class).or_default();
        match (decorated.member, decorated.parameter) {
            (None, _) => class.own.extend(found),
            (Some(name), place) => {
                let member = class.members.entry(name).or_default();
                member.method = member.method.or(decorated.method);
                match place {
                    None => member.own.extend(found),
                    Some(place) => member.parameters.extend(found.into_iter().map(|one| (place, one))),
                }
            }
        }
    }
    all
}

fn expand(decorator: &Known, depth: usize, found: &mut Vec<Decoration>) {
    let (Some(below), Some(foreign)) = (depth.checked_sub(1), foreign_of(decorator)) else { return };
    let (export, arguments, span) = match called(foreign) {
        Some((export, used)) => (export, used.arguments.clone(), used.span),
        None => match export_of(foreign) {
            Some(export) => (export, Vec::new(), decorator.span),
            None => return,
        },
    };
    let Some(known) = meaning(&export) else { return };
    if known.means == Means::Combined {
        for one in &arguments {
            expand(one, below, found);
        }
        return;
    }
    let last = export.name.rsplit('.').next().unwrap_or_default();
    let word = known.value.unwrap_or_else(|| Symbol::new(last));
    found.push(Decoration { means: known.means, word, arguments, span });
}

impl Decorations {
    /// The first decorator of the class that means this.
    pub fn get(&self, means: Means) -> Option<&Decoration> {
        self.own.iter().find(|one| one.means == means)
    }

    /// True if a member has one that means this.
    pub fn has_member(&self, means: Means) -> bool {
        self.members.values().any(|member| member.own.iter().any(|one| one.means == means))
    }
}

/// Decorated methods of a class and of those above it; a method of the class itself hides one
/// above it.
pub(super) fn methods_of(
    walk: &mut Walk<'_>,
    all: &BTreeMap<ClassRef, Decorations>,
    class: ClassRef,
) -> BTreeMap<Symbol, Member> {
    let mut found: BTreeMap<Symbol, Member> = BTreeMap::new();
    let mut at = Some(class);
    for _step in 0..DEPTH {
        let Some(one) = at else { break };
        for (name, member) in all.get(&one).map(|class| &class.members).into_iter().flatten() {
            found.entry(*name).or_insert_with(|| member.clone());
        }
        at = base_of(walk, one);
    }
    found
}

/// The class above, where it is of the estate.
fn base_of(walk: &mut Walk<'_>, class: ClassRef) -> Option<ClassRef> {
    let base = walk.class(class)?.1.base?;
    let body = walk.body(class.module);
    match walk.evaluate(class.module, &body, base).value {
        Value::Class(base) if base != class => Some(base),
        _other => None,
    }
}

/// A method as a framework calls it: on an object that a container made.
pub(super) fn method(walk: &Walk<'_>, class: ClassRef, function: FunctionRef) -> Closure {
    Closure { function, frame: None, this: Some(walk.injected_instance(class)) }
}
