//! What all readers of registrations share: the walk, what was found, and how a handler becomes
//! an operation.

use std::rc::Rc;

use crate::facts::answer::Answer;
use crate::facts::contract::IdempotencyBasis;
use crate::graph::program::event::{EventId, OperationId};
use crate::graph::program::value::{ClassRef, Closure, Foreign, FrameId, Known, Step, Value};
use crate::graph::program::walk::{Walk, pushed};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::{Meaning, servers};

use super::keys::{is_for_keys, reads};
use super::operation::{Kind, Operation, Served};
use super::traces::{Export, functions_of, parts_of};

/// Names of methods by which frameworks run an object before a handler.
const HOOKS: [&str; 5] = ["intercept", "canActivate", "use", "transform", "handle"];

/// Reads what a service answers to.
pub(super) struct Reader<'w, 'a> {
    /// The walk.
    pub walk: &'w mut Walk<'a>,
    /// What was found so far.
    pub served: Served,
}

/// What runs before a handler.
#[derive(Debug, Default, Clone)]
pub(super) struct Before {
    /// Walks of it.
    pub frames: Vec<FrameId>,
    /// Where something of a library looks after keys for repeated requests.
    pub keyed: Option<Span>,
    /// Why it cannot be followed, where it cannot.
    pub unclear: Option<Symbol>,
}

/// A registration.
pub(super) struct Entrance {
    /// What starts it.
    pub kind: Kind,
    /// Its shortest place.
    pub span: Span,
    /// The handler, where it is a function of the estate.
    pub handler: Option<Rc<Closure>>,
    /// What it is handed.
    pub arguments: Option<Vec<Known>>,
    /// The call that registered it.
    pub registered: Option<EventId>,
    /// What runs before.
    pub before: Before,
    /// True where parameters say that it takes a body.
    pub takes_body: bool,
    /// Where parameters say that it takes a key.
    pub key: Option<(IdempotencyBasis, Span)>,
    /// See [`Operation::whole`].
    pub whole: bool,
}

impl Entrance {
    /// One without anything before it.
    pub fn new(kind: Kind, span: Span, handler: Option<Rc<Closure>>) -> Self {
        Self {
            kind,
            span,
            handler,
            arguments: None,
            registered: None,
            before: Before::default(),
            takes_body: false,
            key: None,
            whole: true,
        }
    }
}

impl Before {
    /// Both.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for frame in &other.frames {
            if !both.frames.contains(frame) {
                both.frames.push(*frame);
            }
        }
        both.keyed = both.keyed.or(other.keyed);
        both.unclear = both.unclear.or(other.unclear);
        both
    }
}

impl<'a> Reader<'_, 'a> {
    /// Notes what cannot be followed.
    pub fn unclear(&mut self, span: Span, reason: &str) {
        let note = (span, Symbol::new(reason));
        if !self.served.unclear.contains(&note) {
            self.served.unclear.push(note);
        }
    }

    /// Walks a handler and keeps the operation.
    pub fn add(&mut self, entrance: Entrance) {
        let Entrance { kind, span, handler, arguments, registered, before, takes_body, key, whole } = entrance;
        let id = handler.as_ref().and_then(|closure| self.operation(closure, arguments, registered));
        let root = id.and_then(|id| self.walk.events().operations.get(id.0 as usize)).map(|root| root.frame);
        let own = reads(self.walk, root.as_slice(), false);
        let earlier = reads(self.walk, &before.frames, true);
        let by_library = before.keyed.map(|span| (IdempotencyBasis::Header, span));
        let idempotency = match (key.or(by_library).or(earlier.key).or(own.key), id, before.unclear) {
            (Some((basis, at)), _, _) => Answer::present(basis, at),
            (None, None, _) => Answer::unknown("the handler cannot be followed"),
            (None, Some(_), Some(why)) => Answer::unknown(&why),
            (None, Some(_), None) => Answer::absent(span),
        };
        self.served.graphql |= matches!(kind, Kind::GraphQl { .. });
        let is_message = matches!(kind, Kind::Grpc { .. } | Kind::Message { .. } | Kind::Socket { .. });
        self.served.operations.push(Operation {
            kind,
            id,
            span,
            handler: handler.map(|closure| closure.function),
            before: before.frames,
            idempotency,
            adds: false,
            removes: false,
            takes_body: takes_body || own.body || is_message,
            whole,
        });
    }

    /// The operation of a handler; one that was walked already is not walked again.
    fn operation(
        &mut self,
        closure: &Rc<Closure>,
        arguments: Option<Vec<Known>>,
        registered: Option<EventId>,
    ) -> Option<OperationId> {
        let frame = self.walk.enter(closure, arguments.clone(), 0)?.id;
        let known = self.walk.events().operations.iter();
        let known = known.enumerate().find(|(_, root)| root.frame == frame && root.registered == registered);
        if let Some((number, _)) = known {
            return Some(OperationId(number as u32));
        }
        self.walk.operation(closure, arguments, registered)
    }

    /// What the library hands to a callback, for the callback at a place among the arguments.
    pub fn handed(&self, trace: &Rc<Foreign>, place: usize, closure: &Closure, span: Span) -> Option<Vec<Known>> {
        let (_, function) = self.walk.function(closure.function)?;
        let one = |parameter: usize| {
            let step = Step::Handed { argument: place as u8, parameter: parameter as u8 };
            match pushed(trace, step) {
                Some(foreign) => Known::new(Value::Foreign(foreign), span),
                None => Known::unknown("too many steps from the library's export", span),
            }
        };
        Some((0..function.parameters.len()).map(one).collect())
    }

    /// What an argument that stands before a handler does.
    pub fn before(&mut self, known: &Known, trace: Option<(&Rc<Foreign>, usize)>) -> Before {
        let mut all = Before::default();
        for part in parts_of(known) {
            let one = self.before_one(&part, trace);
            all = all.and(&one);
        }
        all
    }

    fn before_one(&mut self, known: &Known, trace: Option<(&Rc<Foreign>, usize)>) -> Before {
        let mut before = Before::default();
        match &known.value {
            Value::Function(closure) => {
                let handed = trace.and_then(|(trace, place)| self.handed(trace, place, closure, known.span));
                before.frames.extend(self.walk.enter(closure, handed, 0).map(|frame| frame.id));
            }
            Value::Class(class) => self.hooks(*class, None, &mut before),
            Value::Instance(instance) => self.hooks(instance.class, Some(known), &mut before),
            Value::Foreign(_) => {
                before.keyed = is_for_keys(known).then_some(known.span);
                for closure in functions_of(known) {
                    before.frames.extend(self.walk.enter(&closure, None, 0).map(|frame| frame.id));
                }
            }
            Value::Unknown(why) => {
                before.unclear = Some(Symbol::new(&format!("what runs before the handler is not known: {why}")));
            }
            _plain => {}
        }
        before
    }

    /// Walks the methods by which a framework runs an object of a class before a handler.
    fn hooks(&mut self, class: ClassRef, this: Option<&Known>, before: &mut Before) {
        let injected = self.walk.injected_instance(class);
        let this = this.unwrap_or(&injected).clone();
        for name in HOOKS {
            let member = self.walk.member(&this, Symbol::new(name), this.span);
            if let Value::Function(closure) = &member.value {
                before.frames.extend(self.walk.enter(closure, None, 0).map(|frame| frame.id));
            }
        }
    }
}

/// What an export means.
pub(super) fn meaning(export: &Export) -> Option<Meaning> {
    servers().meaning_of(export.package, &export.name)
}
