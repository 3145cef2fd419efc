//! Uses of libraries that no line of the estate spells out: a framework makes them of what the
//! code declares.

use std::rc::Rc;

use super::event::{Event, EventId};
use super::value::{Foreign, FrameId, FunctionRef, Known, ModuleId, Step, Use, Value};
use super::walk::{Walk, pushed};
use crate::facts::program::{Around, FunctionId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What a library gives under a name.
pub(super) fn export(package: &str, name: &str) -> Rc<Foreign> {
    let step = Step::Import { package: Symbol::new(package), name: Symbol::new(name) };
    Rc::new(Foreign { before: None, step, length: 1 })
}

impl Walk<'_> {
    /// A call of a library's value as if it stood at `span`; in `frame`, or in the module's body.
    /// `constructs` for `new`.
    pub(super) fn implied(
        &mut self,
        callee: &Rc<Foreign>,
        constructs: bool,
        arguments: Vec<Known>,
        (module, frame): (ModuleId, Option<FrameId>),
        span: Span,
    ) -> Option<Known> {
        let frame = frame.unwrap_or_else(|| self.body(module).id);
        let event = EventId(self.events.list.len() as u32);
        let used = Rc::new(Use { event, arguments, open: false, types: Vec::new(), span });
        let trace = pushed(callee, if constructs { Step::New(used) } else { Step::Call(used) })?;
        self.events.list.push(Event {
            trace: Rc::clone(&trace),
            span,
            module,
            function: FunctionRef { module, function: FunctionId(0) },
            around: Around::default(),
            frame,
            inside: Rc::from([]),
        });
        self.events.frames.get_mut(frame.0 as usize)?.events.push(event);
        Some(Known::new(Value::Foreign(trace), span))
    }
}
