//! Uses of libraries, as the walk saw them.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::facts::program::Around;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::value::{ClassRef, Foreign, FrameId, FunctionRef, Known, ModuleId, Value};

/// Number of an event: its place in [`Events::list`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub u32);

/// Number of an operation: its place in [`Events::operations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationId(pub u32);

/// All that a service's code does to libraries, in the order of the walk: modules by path,
/// then operations.
#[derive(Debug, Default)]
pub struct Events {
    /// The uses.
    pub list: Vec<Event>,
    /// Functions walked, once for each set of arguments.
    pub frames: Vec<FrameInfo>,
    /// Decorators of classes and of their members.
    pub decorated: Vec<Decorated>,
    /// What the walk started from beside the bodies of modules.
    pub operations: Vec<Root>,
    /// Assignments to members of foreign things: `axios.defaults.timeout = 5000`.
    pub assigned: Vec<Assigned>,
    /// What of the code was left out, or could not be followed, with the reason.
    pub unclear: Vec<(Span, Symbol)>,
}

/// A function that a request, a message or a timer starts.
#[derive(Debug, Clone)]
pub struct Root {
    /// The function.
    pub function: FunctionRef,
    /// Its frame.
    pub frame: FrameId,
    /// The event that registered it, where a call did: `app.get('/orders', handler)`.
    pub registered: Option<EventId>,
    /// Its place.
    pub span: Span,
}

/// A function that was walked with certain arguments.
#[derive(Debug)]
pub struct FrameInfo {
    /// Which function.
    pub function: FunctionRef,
    /// What it calls of the estate's own: where, and which frame that is. With an event: the
    /// event's use took the function as a callback.
    pub callees: Vec<(Span, FrameId, Option<EventId>)>,
    /// Its own uses of libraries.
    pub events: Vec<EventId>,
    /// True if it is the body of a module, or was walked from one.
    pub from_body: bool,
    /// True if no entrance is known to lead to it.
    pub unreached: bool,
}

/// A decorator of a class or of one of its members.
#[derive(Debug)]
pub struct Decorated {
    /// The class.
    pub class: ClassRef,
    /// The member; `None`: the class itself.
    pub member: Option<Symbol>,
    /// The function, where the member is a method.
    pub method: Option<FunctionRef>,
    /// Which parameter of the method, where it decorates one.
    pub parameter: Option<u32>,
    /// The decorator: a foreign value that ends with its call (`@Get('/x')`) or without one.
    pub decorator: Known,
}

/// One use of a library: a call of something foreign.
#[derive(Debug)]
pub struct Event {
    /// The way to it, ending with the call itself: `axios` → `.create(…)` → `.get(…)`.
    pub trace: Rc<Foreign>,
    /// The call's place.
    pub span: Span,
    /// The module it stands in.
    pub module: ModuleId,
    /// The function it stands in.
    pub function: FunctionRef,
    /// What surrounds it in its function.
    pub around: Around,
    /// The frame of the walk that it belongs to; [`Events::reached`] tells what leads there.
    pub frame: FrameId,
    /// Uses that took the function in which this one stands as a callback, outermost first:
    /// the `pRetry(…)` of `pRetry(() => axios.get(url))`.
    pub inside: Rc<[EventId]>,
}

/// An assignment to a member of something foreign.
#[derive(Debug)]
pub struct Assigned {
    /// What is set: ends with the member.
    pub target: Rc<Foreign>,
    /// To what.
    pub value: Known,
    /// Where.
    pub span: Span,
}

impl Events {
    /// The uses that a frame leads to, each once, with the calls of the estate's own functions
    /// on a shortest way there, outermost first. In order of the walk.
    pub fn reached(&self, from: FrameId) -> Vec<(EventId, Vec<Span>)> {
        let mut ways: BTreeMap<FrameId, Option<(FrameId, Span)>> = BTreeMap::from([(from, None)]);
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            let Some(info) = self.frames.get(at.0 as usize) else { continue };
            for (span, callee, _) in &info.callees {
                if !ways.contains_key(callee) {
                    ways.insert(*callee, Some((at, *span)));
                    queue.push_back(*callee);
                }
            }
        }
        let way_to = |frame: FrameId| {
            let mut way = Vec::new();
            let mut at = frame;
            while let Some(Some((before, span))) = ways.get(&at) {
                way.push(*span);
                at = *before;
            }
            way.reverse();
            way
        };
        let mut found: Vec<(EventId, Vec<Span>)> = Vec::new();
        for frame in ways.keys() {
            let Some(info) = self.frames.get(frame.0 as usize) else { continue };
            if !info.events.is_empty() {
                let way = way_to(*frame);
                found.extend(info.events.iter().map(|event| (*event, way.clone())));
            }
        }
        found.sort_by_key(|(event, _)| *event);
        found
    }

    /// An event by its number.
    pub fn event(&self, id: EventId) -> Option<&Event> {
        self.list.get(id.0 as usize)
    }
}

impl Event {
    /// The arguments of the call.
    pub fn arguments(&self) -> &[Known] {
        use super::value::Step;
        match &self.trace.step {
            Step::Call(used) | Step::New(used) => &used.arguments,
            Step::Import { .. }
            | Step::Global(_)
            | Step::Injected(_)
            | Step::Member(_)
            | Step::Subclass(_)
            | Step::Element
            | Step::Handed { .. } => &[],
        }
    }
}

/// The events that a value comes of, where it is foreign: the calls on its way, last first.
pub fn events_of(value: &Value) -> Vec<EventId> {
    use super::value::Step;
    let mut found = Vec::new();
    let mut at = match value {
        Value::Foreign(foreign) => Some(foreign),
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => None,
    };
    while let Some(foreign) = at {
        if let Step::Call(used) | Step::New(used) = &foreign.step {
            found.push(used.event);
        }
        at = foreign.before.as_ref();
    }
    found
}
