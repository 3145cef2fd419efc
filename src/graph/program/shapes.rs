//! Does a use of a library have the shape that a table describes? Gives names of the shape the
//! values that were handed in.

use std::rc::Rc;

use super::evaluate::is_environment;
use super::event::{Event, EventId};
use super::lookup::{Lookup, look_up};
use super::value::{Foreign, Injection, Known, Step, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::library::{Library, matches_package};
use crate::tables::shape::{Head, Kind, Parameter, Path, Shape, ShapeStep, names_export};

/// Ways longer than this match nothing; the longest of real code have about twenty steps.
const LONGEST: u16 = 200;

/// How deep `{client}` may be made from `{client}`.
const DEEPEST: u16 = 32;

/// A use that has a shape.
#[derive(Debug, Clone)]
pub struct Match {
    /// Names with what they stand for, in order of the shape.
    pub bound: Vec<(Symbol, Bound)>,
    /// What it starts from, where the shape starts with `{name}`.
    pub made: Option<Box<Made>>,
    /// How it was handed in, where the shape starts with `of`.
    pub injection: Option<Rc<Injection>>,
    /// The last call of the way.
    pub last: Option<Rc<Use>>,
    /// The package it comes from; `global` for names of the environment.
    pub package: Symbol,
}

/// What a match starts from.
#[derive(Debug, Clone)]
pub struct Made {
    /// The name in the shape.
    pub name: Symbol,
    /// How it was made.
    pub from: Match,
}

/// What a name of a shape stands for.
#[derive(Debug, Clone)]
pub enum Bound {
    /// An argument.
    Value(Known),
    /// An argument that is not given.
    Missing,
    /// An argument that may be given by a spread that could not be followed.
    Unclear,
    /// `...rest`: the arguments from there on, and whether there may be more.
    Rest(Vec<Known>, bool),
    /// The names of members, joined by points: `get`.
    Name(Symbol),
}

impl Match {
    /// What a name of this shape stands for, not of what it starts from.
    pub fn bound(&self, name: Symbol) -> Option<&Bound> {
        self.bound.iter().rev().find(|(known, _)| *known == name).map(|(_, bound)| bound)
    }

    /// What a path leads to in this shape's own names; `None` if it does not have the name.
    pub fn look_up(&self, path: &Path) -> Option<Lookup> {
        let found = match self.bound(path.name)? {
            Bound::Value(known) => look_up(known, &path.keys),
            Bound::Missing => Lookup::Absent,
            Bound::Unclear => Lookup::Unknown(Symbol::new("arguments are spread into the call")),
            Bound::Rest(values, open) => among(values, *open, &path.keys),
            Bound::Name(name) => {
                let span = self.last.as_ref().map_or(self.place(), |last| last.span);
                let known = Known { value: Value::Text(*name), span, through: Rc::from([]) };
                look_up(&known, &path.keys)
            }
        };
        Some(found)
    }

    /// What a path leads to, here or in what this starts from, the nearest first.
    pub fn find(&self, path: &Path) -> Option<Lookup> {
        self.look_up(path).or_else(|| self.made.as_ref().and_then(|made| made.from.find(path)))
    }

    /// This match and those that it starts from, the nearest first.
    pub fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |at| at.made.as_ref().map(|made| &made.from))
    }

    fn place(&self) -> Span {
        let handed = self.injection.as_ref().map(|injection| injection.span);
        let made = self.chain().find_map(|at| at.last.as_ref().map(|last| last.span));
        handed.or(made).unwrap_or(Span::file_start(crate::source::file::FileId(0)))
    }

    /// The event of its last call.
    pub fn event(&self) -> Option<EventId> {
        self.last.as_ref().map(|last| last.event)
    }
}

/// A key among arguments whose order varies: present in any object of them.
fn among(values: &[Known], open: bool, keys: &[Symbol]) -> Lookup {
    let mut unknown = None;
    for value in values {
        match look_up(value, keys) {
            Lookup::Present(found) => return Lookup::Present(found),
            Lookup::Absent => {}
            // A callback or another object of the library is no settings object.
            Lookup::Unknown(reason) if !is_no_object(&value.value) => unknown = unknown.or(Some(reason)),
            Lookup::Unknown(_) => {}
        }
    }
    match unknown {
        Some(reason) => Lookup::Unknown(reason),
        None if open => Lookup::Unknown(Symbol::new("arguments are spread into the call")),
        None => Lookup::Absent,
    }
}

fn is_no_object(value: &Value) -> bool {
    match value {
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Concat(_)
        | Value::Foreign(_) => true,
        Value::Env(_)
        | Value::Setting(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Object(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => false,
    }
}

/// The steps of a way, first to last; `None` for one that is too long.
pub fn steps_of(foreign: &Rc<Foreign>) -> Option<Vec<&Foreign>> {
    if foreign.length > LONGEST {
        return None;
    }
    let mut steps: Vec<&Foreign> = Vec::with_capacity(usize::from(foreign.length));
    let mut at = Some(foreign);
    while let Some(step) = at {
        if steps.len() > usize::from(LONGEST) {
            return None;
        }
        steps.push(step);
        at = step.before.as_ref();
    }
    steps.reverse();
    Some(steps)
}

/// The package that a way starts in: `axios`; `global` for names of the environment.
pub fn start_of(foreign: &Rc<Foreign>) -> Option<Symbol> {
    let mut at = foreign;
    for _ in 0..=LONGEST {
        match (&at.before, &at.step) {
            (Some(before), _) => at = before,
            (None, Step::Import { package, .. }) => return Some(*package),
            (None, Step::Global(_)) => return Some(Symbol::new("global")),
            (
                None,
                Step::Injected(_)
                | Step::Member(_)
                | Step::Call(_)
                | Step::New(_)
                | Step::Subclass(_)
                | Step::Element
                | Step::Handed { .. },
            ) => return None,
        }
    }
    None
}

/// Does `trace` have `shape`? Shapes that start with `{name}` start with what `library` makes.
pub fn find_match(shape: &Shape, library: &Library, trace: &Rc<Foreign>) -> Option<Match> {
    let steps = steps_of(trace)?;
    whole(shape, library, &steps, 0)
}

/// The call of `event` in the chain of `trace`, where the steps of `shape`, which starts with
/// `{call}`, stand at the end of `trace`: `.timeout(5000)` of `get(url).set(a).timeout(5000)`.
pub fn find_chained(shape: &Shape, library: &Library, trace: &Rc<Foreign>, event: EventId) -> Option<Match> {
    let steps = steps_of(trace)?;
    let at = steps.iter().position(|step| used(step).is_some_and(|used| used.event == event))?;
    let (_, after) = steps.split_at_checked(at + 1)?;
    // Whatever stands between the call and the steps.
    (0..after.len()).find_map(|skipped| {
        let rest = after.get(skipped..)?;
        let search = Search { library, depth: 0 };
        search.back(&shape.steps, rest, &mut |left| {
            left.is_empty().then(|| Match {
                bound: Vec::new(),
                made: None,
                injection: None,
                last: None,
                package: Symbol::new(""),
            })
        })
    })
}

fn used(foreign: &Foreign) -> Option<&Rc<Use>> {
    match &foreign.step {
        Step::Call(used) | Step::New(used) => Some(used),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    }
}

fn whole(shape: &Shape, library: &Library, steps: &[&Foreign], depth: u16) -> Option<Match> {
    let search = Search { library, depth };
    search.back(&shape.steps, steps, &mut |left| search.head(&shape.head, left))
}

struct Search<'l> {
    library: &'l Library,
    depth: u16,
}

impl Search<'_> {
    /// Matches steps from the last one back, and hands what is left to `head`.
    fn back(
        &self,
        pattern: &[ShapeStep],
        steps: &[&Foreign],
        head: &mut dyn FnMut(&[&Foreign]) -> Option<Match>,
    ) -> Option<Match> {
        let Some((last, earlier)) = pattern.split_last() else { return head(steps) };
        if *last == ShapeStep::Whatever {
            return (0..=steps.len()).rev().find_map(|end| self.back(earlier, steps.get(..end)?, head));
        }
        if *last == ShapeStep::Members {
            return self.members(earlier, steps, head);
        }
        let (step, before) = steps.split_last()?;
        // What a decorator hands in is what its call stands for.
        if matches!(step.step, Step::Injected(_))
            && before.last().is_some_and(|call| matches!(call.step, Step::Call(_)))
        {
            return self.back(pattern, before, head);
        }
        match (last, &step.step) {
            (ShapeStep::Member(names), Step::Member(name)) if names.contains(name) => {
                let found = self.back(earlier, before, head)?;
                Some(with(found, Symbol::new("member"), Bound::Name(*name)))
            }
            (ShapeStep::AnyMember, Step::Member(name)) => {
                let found = self.back(earlier, before, head)?;
                Some(with(found, Symbol::new("member"), Bound::Name(*name)))
            }
            (ShapeStep::Call(parameters), Step::Call(used)) => self.call(parameters, used, earlier, before, head),
            (ShapeStep::New(parameters), Step::New(used)) => {
                // `class Orders extends Client`, then `new Orders(…)`.
                let base = before.iter().rposition(|step| !matches!(step.step, Step::Subclass(_)));
                let before = before.get(..=base?)?;
                self.call(parameters, used, earlier, before, head)
            }
            (ShapeStep::Element, Step::Element) => self.back(earlier, before, head),
            (ShapeStep::Handed { argument, parameter }, Step::Handed { argument: at, parameter: which })
                if parameter == which =>
            {
                let Some(ShapeStep::Call(parameters) | ShapeStep::New(parameters)) = earlier.last() else {
                    return None;
                };
                let named = parameters.iter().position(|known| known.name == *argument)?;
                let fits = match parameters.get(named) {
                    Some(known) if known.rest => usize::from(*at) >= named,
                    Some(_) | None => usize::from(*at) == named,
                };
                if fits { self.back(earlier, before, head) } else { None }
            }
            (
                ShapeStep::Member(_)
                | ShapeStep::AnyMember
                | ShapeStep::Members
                | ShapeStep::Call(_)
                | ShapeStep::New(_)
                | ShapeStep::Element
                | ShapeStep::Handed { .. }
                | ShapeStep::Whatever,
                Step::Import { .. }
                | Step::Global(_)
                | Step::Injected(_)
                | Step::Member(_)
                | Step::Call(_)
                | Step::New(_)
                | Step::Subclass(_)
                | Step::Element
                | Step::Handed { .. },
            ) => None,
        }
    }

    /// `.**`: the fewest members that let the rest match.
    fn members(
        &self,
        earlier: &[ShapeStep],
        steps: &[&Foreign],
        head: &mut dyn FnMut(&[&Foreign]) -> Option<Match>,
    ) -> Option<Match> {
        let mut names: Vec<&str> = Vec::new();
        let mut rest = steps;
        while let Some((step, before)) = rest.split_last() {
            let Step::Member(name) = &step.step else { return None };
            names.push(name.as_str());
            rest = before;
            if let Some(found) = self.back(earlier, rest, head) {
                names.reverse();
                return Some(with(found, Symbol::new("member"), Bound::Name(Symbol::new(&names.join(".")))));
            }
        }
        None
    }

    fn call(
        &self,
        parameters: &[Parameter],
        used: &Rc<Use>,
        earlier: &[ShapeStep],
        before: &[&Foreign],
        head: &mut dyn FnMut(&[&Foreign]) -> Option<Match>,
    ) -> Option<Match> {
        let mut bound = Vec::with_capacity(parameters.len());
        for (at, parameter) in parameters.iter().enumerate() {
            let given = used.arguments.get(at);
            if parameter.kind.is_some_and(|kind| !self.is_of_kind(given, kind)) {
                return None;
            }
            let value = match given {
                _ if parameter.rest => Bound::Rest(used.arguments.get(at..).unwrap_or(&[]).to_vec(), used.open),
                Some(known) => Bound::Value(known.clone()),
                None if used.open => Bound::Unclear,
                None => Bound::Missing,
            };
            if parameter.name != "_" {
                bound.push((parameter.name, value));
            }
        }
        let mut found = self.back(earlier, before, head)?;
        found.bound.extend(bound);
        found.last = Some(Rc::clone(used));
        Some(found)
    }

    fn is_of_kind(&self, given: Option<&Known>, kind: Kind) -> bool {
        let Kind::Made(name) = kind else { return is_of_kind(given, kind) };
        let Some(Known { value: Value::Foreign(foreign), .. }) = given else { return false };
        let Some(steps) = steps_of(foreign).filter(|_| self.depth < DEEPEST) else { return false };
        let mut makers = self.library.makes.iter().filter(|(made, _)| *made == name);
        makers.any(|(_, shape)| whole(shape, self.library, &steps, self.depth + 1).is_some())
    }

    fn head(&self, head: &Head, steps: &[&Foreign]) -> Option<Match> {
        match head {
            Head::Global(name) => {
                let (first, rest) = steps.split_first()?;
                let found = match (&first.step, rest) {
                    (Step::Global(found), []) => found == name,
                    (Step::Global(whole), [member]) => {
                        matches!(whole.as_str(), "globalThis" | "global" | "window" | "self")
                            && matches!(&member.step, Step::Member(found) if found == name)
                    }
                    (
                        Step::Global(_)
                        | Step::Import { .. }
                        | Step::Injected(_)
                        | Step::Member(_)
                        | Step::Call(_)
                        | Step::New(_)
                        | Step::Subclass(_)
                        | Step::Element
                        | Step::Handed { .. },
                        _,
                    ) => false,
                };
                found.then(|| start(Symbol::new("global"), None))
            }
            Head::Export { package, names, instance } => {
                let (class, handed) = if *instance { instance_of(steps)? } else { (steps, None) };
                let from = self.export(*package, names, class)?;
                Some(start(from, handed))
            }
            Head::Made(name) => {
                if self.depth >= DEEPEST {
                    return None;
                }
                let makers = self.library.makes.iter().filter(|(made, _)| made == name);
                let from = makers
                    .map(|(_, shape)| whole(shape, self.library, steps, self.depth + 1))
                    .find(Option::is_some)??;
                let package = from.package;
                Some(Match { made: Some(Box::new(Made { name: *name, from })), ..start(package, None) })
            }
        }
    }

    /// The package, if `steps` are one of its exports `names`. The value of a CommonJS module
    /// is its default export and its namespace alike, so `default` and `*` lead nowhere else.
    fn export(&self, package: Option<Symbol>, names: &[Symbol], steps: &[&Foreign]) -> Option<Symbol> {
        let (first, members) = steps.split_first()?;
        let Step::Import { package: from, name } = &first.step else { return None };
        let right = match package {
            Some(package) => matches_package(&package, from),
            None => self.library.is_of(*from),
        };
        if !right {
            return None;
        }
        let mut path = vec![*name];
        for member in members {
            let Step::Member(name) = &member.step else { return None };
            path.push(*name);
        }
        let whole = |name: &Symbol| matches!(name.as_str(), "*" | "default");
        let at = path.iter().position(|name| !whole(name)).unwrap_or(path.len());
        let found = match path.get(at..)? {
            [] => names.iter().any(whole),
            [one] => names.iter().any(|name| names_export(name, one)),
            [_, ..] => false,
        };
        found.then_some(*from)
    }
}

fn start(package: Symbol, injection: Option<Rc<Injection>>) -> Match {
    Match { bound: Vec::new(), made: None, injection, last: None, package }
}

fn with(mut found: Match, name: Symbol, bound: Bound) -> Match {
    found.bound.push((name, bound));
    found
}

/// The class that an object is of, and how it was handed in.
fn instance_of<'s, 'f>(steps: &'s [&'f Foreign]) -> Option<(&'s [&'f Foreign], Option<Rc<Injection>>)> {
    let is_of = |foreign: &&Foreign| matches!(foreign.step, Step::Injected(_) | Step::New(_) | Step::Subclass(_));
    let kept = steps.iter().rposition(|step| !is_of(step))? + 1;
    let (class, handed) = steps.split_at_checked(kept)?;
    let injection = handed.iter().rev().find_map(|step| match &step.step {
        Step::Injected(injection) => Some(Rc::clone(injection)),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Member(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    });
    (!handed.is_empty()).then_some((class, injection))
}

fn is_of_kind(given: Option<&Known>, kind: Kind) -> bool {
    let Some(given) = given else { return false };
    match (kind, &given.value) {
        (Kind::Present, value) => !matches!(value, Value::Nothing),
        (Kind::Environment, value) => matches!(value, Value::Foreign(foreign) if is_environment(foreign)),
        // Decided where the row is known.
        (Kind::Made(_), _) => false,
        (Kind::Function, Value::Foreign(foreign)) => settles_promise(foreign),
        (Kind::Object, Value::Object(_)) | (Kind::Function, Value::Function(_)) => true,
        (_, Value::FirstOf(all) | Value::OneOf(all)) => {
            let mut some = all.iter().filter(|one| !matches!(one.value, Value::Nothing)).peekable();
            some.peek().is_some() && some.all(|one| is_of_kind(Some(one), kind))
        }
        (
            Kind::Text,
            Value::Object(_)
            | Value::Array(_)
            | Value::Function(_)
            | Value::Nothing
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Class(_),
        ) => false,
        (
            Kind::Text,
            Value::Text(_)
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Foreign(_)
            | Value::Parameter(_)
            | Value::Computed(_)
            | Value::Unknown(_)
            | Value::Instance(_)
            | Value::Module(_),
        ) => true,
        (
            Kind::Object | Kind::Function,
            Value::Text(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Nothing
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::Function(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_)
            | Value::Foreign(_)
            | Value::Parameter(_)
            | Value::Computed(_)
            | Value::Unknown(_),
        ) => false,
    }
}

/// `resolve` and `reject` of `new Promise((resolve, reject) => …)`: functions, whoever wrote them.
fn settles_promise(foreign: &Foreign) -> bool {
    let made_by = |foreign: &Rc<Foreign>| matches!(&foreign.step, Step::Global(name) if *name == "Promise");
    matches!(foreign.step, Step::Handed { argument: 0, .. })
        && foreign
            .before
            .as_ref()
            .is_some_and(|promise| matches!(promise.step, Step::New(_)) && promise.before.as_ref().is_some_and(made_by))
}

/// The shape of an event among several, the first that matches.
pub fn first_match<'s>(
    shapes: impl IntoIterator<Item = &'s Shape>,
    library: &Library,
    event: &Event,
) -> Option<(usize, Match)> {
    let steps = steps_of(&event.trace)?;
    shapes.into_iter().enumerate().find_map(|(at, shape)| Some((at, whole(shape, library, &steps, 0)?)))
}
