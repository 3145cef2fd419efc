//! Who takes what one place of a service's code hands to another through a bus or an emitter of
//! the same process.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::event::{Event, EventId};
use super::recognize::{match_of, may_be_of, several};
use super::shapes::{Bound, Match};
use super::value::{ClassRef, Closure, Foreign, FunctionRef, Known, Value};
use super::walk::{Walk, functions_in};
use crate::source::symbol::Symbol;
use crate::tables::dispatch::{DispatchRow, dispatch};

/// Most takers of one message that are followed.
const TAKERS: usize = 32;

/// What tells who takes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// An object of this class, or the class.
    Class(ClassRef),
    /// `'order.placed'`
    Text(Symbol),
}

/// Who takes what, by the row of the table.
#[derive(Debug, Default)]
pub(super) struct Takers {
    of: FxHashMap<(usize, Key), Vec<Rc<Closure>>>,
}

impl Takers {
    /// Those that decorators name.
    pub(super) fn of_decorators(walk: &Walk<'_>) -> Self {
        let mut takers = Self::default();
        for decorated in &walk.events().decorated {
            let Value::Foreign(trace) = &decorated.decorator.value else { continue };
            for (number, row) in rows_of(trace) {
                let Some(found) = match_of(&row.takes, &row.library, trace) else { continue };
                let method = decorated.method.or_else(|| method_of(walk, decorated.class, row.method?));
                let Some(function) = method else { continue };
                let this = Some(walk.injected_instance(decorated.class));
                let taker = Rc::new(Closure { function, frame: None, this });
                for key in keys(&found) {
                    takers.of.entry((number, key)).or_default().push(Rc::clone(&taker));
                }
            }
        }
        takers
    }

    /// Whom a use of a library hands something to, each with what it gets.
    pub(super) fn taken_by(&self, trace: &Rc<Foreign>) -> Vec<(Rc<Closure>, Vec<Known>)> {
        let mut found = Vec::new();
        if self.of.is_empty() {
            return found;
        }
        for (number, row) in rows_of(trace) {
            let Some(sent) = match_of(&row.sends, &row.library, trace) else { continue };
            for (key, arguments) in messages(&sent) {
                let all = self.of.get(&(number, key)).into_iter().flatten();
                found.extend(all.map(|taker| (Rc::clone(taker), arguments.clone())));
            }
        }
        found.truncate(TAKERS);
        found
    }
}

/// Follows what emitters hand to functions that asked for it: those are known only when the whole
/// code was walked.
pub(super) fn to_listeners(walk: &mut Walk<'_>) {
    let mut takers = Takers::default();
    let mut senders: Vec<EventId> = Vec::new();
    for (id, event) in walk.events().list.iter().enumerate() {
        for (number, row) in rows_of(&event.trace).filter(|(_, row)| !row.listens.is_empty()) {
            if let Some(asked) = match_of(&row.listens, &row.library, &event.trace) {
                let handler = bound(&asked, "handler");
                for key in keys(&asked) {
                    let own = handler.iter().flat_map(|known| functions_in(&known.value));
                    takers.of.entry((number, key)).or_default().extend(own);
                }
            } else if match_of(&row.sends, &row.library, &event.trace).is_some() {
                senders.push(EventId(id as u32));
            }
        }
    }
    for id in senders {
        let Some(Event { trace, span, frame, .. }) = walk.events().event(id) else { continue };
        let (trace, span, frame) = (Rc::clone(trace), *span, *frame);
        for (taker, arguments) in takers.taken_by(&trace) {
            walk.hand_over(frame, span, &taker, arguments);
        }
    }
}

fn rows_of<'t>(trace: &'t Rc<Foreign>) -> impl Iterator<Item = (usize, &'static DispatchRow)> + 't {
    dispatch().iter().enumerate().filter(|(_, row)| may_be_of(&row.starts, trace))
}

fn method_of(walk: &Walk<'_>, class: ClassRef, name: Symbol) -> Option<FunctionRef> {
    let (_, summary) = walk.class(class)?;
    let method = summary.methods.iter().find(|method| method.name == name && !method.is_static)?;
    Some(FunctionRef { module: class.module, function: method.function })
}

/// All that a name of a shape is bound to.
fn bound(found: &Match, name: &str) -> Vec<Known> {
    match found.bound(Symbol::new(name)) {
        Some(Bound::Value(known)) => vec![known.clone()],
        Some(Bound::Rest(all, _)) => all.clone(),
        Some(Bound::Missing | Bound::Unclear | Bound::Name(_)) | None => Vec::new(),
    }
}

fn keys(found: &Match) -> Vec<Key> {
    messages(found).into_iter().map(|(key, _)| key).collect()
}

/// What is handed over, by what tells who takes it.
fn messages(found: &Match) -> Vec<(Key, Vec<Known>)> {
    let rest = bound(found, "arguments");
    let all = bound(found, "message").into_iter().flat_map(several);
    all.filter_map(|known| match &known.value {
        Value::Instance(instance) => Some((Key::Class(instance.class), vec![known])),
        Value::Class(class) => Some((Key::Class(*class), vec![known])),
        Value::Text(text) => Some((Key::Text(*text), rest.clone())),
        _other => None,
    })
    .collect()
}
