//! Uses of libraries, as the walk saw them.

use std::rc::Rc;

use crate::facts::program::Around;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::value::{Foreign, Known};
use super::value::{FunctionRef, ModuleId, Value};

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
    /// The event that registered it, where a call did: `app.get('/orders', handler)`.
    pub registered: Option<EventId>,
    /// Its place.
    pub span: Span,
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
    /// The operation on whose way it is; `None`: a module's body, or a function that no
    /// entrance is known to reach.
    pub operation: Option<OperationId>,
    /// True where no entrance is known to reach its function.
    pub unreached: bool,
    /// Calls of the estate's own functions that lead here, outermost first.
    pub stack: Rc<[Span]>,
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
