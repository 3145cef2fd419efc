//! What recognizers of events share: paths of tables that reach into what was injected, lists of
//! values, conditions.

use std::rc::Rc;

use super::event::EventId;
use super::fingerprint::fingerprint;
use super::lookup::{Lookup, look_up, word_of};
use super::shapes::{Bound, Match, find_match, start_of, steps_of};
use super::value::{Closure, Foreign, Known, Step, Value};
use super::walk::functions_in;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::library::{Condition, Library, matches_package};
use crate::tables::shape::{Path, Shape};

/// Most values that one argument stands for: topics of a list.
const SEVERAL: usize = 32;

/// What a path of a table leads to. Beside the names of shapes it may start with `$token` and
/// `$type` (how the object was injected), `$class` (the class of the estate on top of the
/// library's) and `$model` (the member before the last one). A `/` in a key stands for a point
/// that belongs to it.
pub fn find(path: &Path, found: &Match, trace: &Rc<Foreign>) -> Option<Lookup> {
    let injection = || found.chain().find_map(|at| at.injection.as_ref());
    let of = |known: &Known| look_up(known, &keys(path));
    let at = found.last.as_ref().map(|last| last.span);
    let named =
        |name: Symbol| Known::new(Value::Text(name), at.unwrap_or(Span::file_start(crate::source::file::FileId(0))));
    match path.name.as_str() {
        "$token" => injection()?.tokens.first().map(of),
        "$type" => injection()?.types.first().map(of),
        "$class" => class_of(trace).map(|known| of(&known)),
        "$model" => member_before(trace).map(|name| of(&named(name))),
        _name => match (path.keys.first().map(|key| key.as_str()), rest_of(found, path.name)) {
            (Some("$streams"), Some(words)) => Some(word_after(words, "STREAMS")),
            (Some("$group"), Some(words)) => Some(word_after(words, "GROUP")),
            (Some("$all"), Some(words)) => Some(all_of(words)),
            (_, _) => {
                let path = Path { name: path.name, keys: keys(path) };
                found.find(&path)
            }
        },
    }
}

fn keys(path: &Path) -> Vec<Symbol> {
    path.keys.iter().map(|key| if key.contains('/') { Symbol::new(&key.replace('/', ".")) } else { *key }).collect()
}

fn rest_of(found: &Match, name: Symbol) -> Option<&[Known]> {
    found.chain().find_map(|at| match at.bound(name) {
        Some(Bound::Rest(words, _)) => Some(words.as_slice()),
        Some(Bound::Value(_) | Bound::Missing | Bound::Unclear | Bound::Name(_)) | None => None,
    })
}

/// All of the words as one list: names that are given one after the other.
fn all_of(words: &[Known]) -> Lookup {
    match words.first() {
        Some(first) => Lookup::Present(Known::new(Value::Array(words.into()), first.span)),
        None => Lookup::Absent,
    }
}

/// The word behind a keyword: `orders` of `'COUNT', 10, 'STREAMS', 'orders', '>'`.
fn word_after(words: &[Known], keyword: &str) -> Lookup {
    let is_it = |known: &Known| matches!(&known.value, Value::Text(text) if text.eq_ignore_ascii_case(keyword));
    match words.iter().position(is_it).and_then(|at| words.get(at + 1)) {
        Some(known) => Lookup::Present(known.clone()),
        None => Lookup::Absent,
    }
}

/// The class of the estate that a way goes through: `Order` of `Order.findAll()`.
fn class_of(trace: &Rc<Foreign>) -> Option<Known> {
    let steps = steps_of(trace)?;
    let class = steps.iter().rev().find_map(|step| match &step.step {
        Step::Subclass(class) => Some(*class),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Member(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Element
        | Step::Handed { .. } => None,
    })?;
    Some(Known::new(Value::Class(class), Span::file_start(crate::source::file::FileId(0))))
}

/// `order` of `prisma.order.findMany()`
fn member_before(trace: &Rc<Foreign>) -> Option<Symbol> {
    let steps = steps_of(trace)?;
    let mut members = steps.iter().rev().filter_map(|step| match &step.step {
        Step::Member(name) => Some(*name),
        Step::Import { .. }
        | Step::Global(_)
        | Step::Injected(_)
        | Step::Call(_)
        | Step::New(_)
        | Step::Subclass(_)
        | Step::Element
        | Step::Handed { .. } => None,
    });
    members.nth(1)
}

/// The first of several paths that says something: a value, or that it cannot be told.
pub fn first(paths: &[Path], found: &Match, trace: &Rc<Foreign>) -> Lookup {
    let mut unknown = None;
    for path in paths {
        match find(path, found, trace) {
            Some(Lookup::Present(known)) => return Lookup::Present(known),
            Some(Lookup::Unknown(why)) => unknown = unknown.or(Some(why)),
            Some(Lookup::Absent) | None => {}
        }
    }
    unknown.map_or(Lookup::Absent, Lookup::Unknown)
}

/// The value, or an unknown one with the reason; `None`: it is not said.
pub fn known_of(lookup: Lookup, span: Span) -> Option<Known> {
    match lookup {
        Lookup::Present(known) => Some(known),
        Lookup::Unknown(why) => Some(Known::new(Value::Unknown(why), span)),
        Lookup::Absent => None,
    }
}

/// The values that one stands for: elements of a list, alternatives.
pub fn several(known: Known) -> Vec<Known> {
    let mut found: Vec<Known> = Vec::new();
    let mut queue = vec![known];
    while let Some(one) = queue.pop() {
        match &one.value {
            Value::Array(inner) | Value::OneOf(inner) => queue.extend(inner.iter().rev().take(SEVERAL).cloned()),
            _one => found.push(one),
        }
        if found.len() >= SEVERAL || queue.len() > 4 * SEVERAL {
            break;
        }
    }
    found
}

/// Whether a condition holds; `None`: it cannot be told.
pub fn holds(condition: &Condition, found: &Match, trace: &Rc<Foreign>) -> Option<bool> {
    match find(&condition.path, found, trace) {
        None | Some(Lookup::Absent) => Some(false),
        Some(Lookup::Unknown(_)) => None,
        Some(Lookup::Present(_)) if condition.is.is_empty() => Some(true),
        Some(Lookup::Present(known)) => word_of(&known).map(|word| word == condition.is),
    }
}

/// Whether one of several conditions holds; no condition: no.
pub fn one_holds(conditions: &[Condition], found: &Match, trace: &Rc<Foreign>) -> Option<bool> {
    let mut unclear = false;
    for condition in conditions {
        match holds(condition, found, trace) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unclear = true,
        }
    }
    (!unclear).then_some(false)
}

/// Functions of the estate in what paths lead to.
pub fn closures(paths: &[Path], found: &Match, trace: &Rc<Foreign>) -> Vec<Rc<Closure>> {
    let mut all = Vec::new();
    for path in paths {
        if let Some(Lookup::Present(known)) = find(path, found, trace) {
            all.extend(functions_in(&known.value));
        }
    }
    all
}

/// The first of several shapes that a way has.
pub fn match_of<'s>(
    shapes: impl IntoIterator<Item = &'s Shape>,
    library: &Library,
    trace: &Rc<Foreign>,
) -> Option<Match> {
    shapes.into_iter().find_map(|shape| find_match(shape, library, trace))
}

/// True if shapes of `library`, which start in `starts`, may be those of a way.
pub fn may_be_of(starts: &[Symbol], trace: &Rc<Foreign>) -> bool {
    start_of(trace).is_some_and(|package| starts.iter().any(|start| matches_package(start, &package)))
}

/// What a way has in common with others: the call that made `name` on it.
pub fn maker(library: &Library, name: Symbol, trace: &Rc<Foreign>) -> Option<EventId> {
    let makers: Vec<&Shape> = library.makes.iter().filter(|(made, _)| *made == name).map(|(_, shape)| shape).collect();
    let mut at = Some(trace);
    let mut last = None;
    while let Some(way) = at {
        if let Step::Call(used) | Step::New(used) = &way.step {
            last = Some(used.event);
        }
        if match_of(makers.iter().copied(), library, way).is_some() {
            return match &way.step {
                Step::Call(used) | Step::New(used) => Some(used.event),
                // A callback's parameter: what it is handed to made it.
                Step::Handed { .. } => way.before.as_ref().and_then(|before| match &before.step {
                    Step::Call(used) | Step::New(used) => Some(used.event),
                    Step::Import { .. }
                    | Step::Global(_)
                    | Step::Injected(_)
                    | Step::Member(_)
                    | Step::Subclass(_)
                    | Step::Element
                    | Step::Handed { .. } => None,
                }),
                Step::Import { .. }
                | Step::Global(_)
                | Step::Injected(_)
                | Step::Member(_)
                | Step::Subclass(_)
                | Step::Element => last,
            };
        }
        at = way.before.as_ref();
    }
    None
}

/// True if two values are the same, as far as they are known.
pub fn same(a: &Known, b: &Known) -> bool {
    let is_told = !matches!(a.value, Value::Unknown(_) | Value::Parameter(_));
    is_told && fingerprint(&a.value) == fingerprint(&b.value)
}
