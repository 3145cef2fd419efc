//! Walks functions with their arguments and keeps what they do to libraries.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arms::Entered;
use super::dispatch::{Takers, to_listeners};
use super::event::{Assigned, Event, EventId, Events, FrameInfo, OperationId, Root};
use super::fingerprint::{fingerprint, of_arguments};
use super::loaded::Loaded;
use super::modules::Modules;
use super::provision::{asked, provide};
use super::value::{
    ClassRef, Closure, Foreign, Frame, FrameId, FunctionRef, Instance, Known, ModuleId, Place, Step, Use, Value,
};
use crate::facts::program::{Around, Call, Expr, Function, FunctionId, Module, NodeId, VariableId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How many calls of the estate's own functions are followed into each other.
const CALL_LIMIT: u16 = 24;
/// How deep expressions are followed into each other, over all functions on the way.
pub(super) const DEPTH_LIMIT: usize = 72;
/// How many functions with different arguments are walked for one service.
const FRAME_LIMIT: usize = 40_000;
/// How many sets of arguments one function is walked with; then once more with unknown ones.
const SETS_LIMIT: usize = 48;
/// How many steps lead from a library's export to a value at most.
const TRACE_LIMIT: u16 = 96;

/// Tells what a use of a library gives, where that is the application's configuration.
pub type Configuration<'a> = dyn Fn(&Rc<Foreign>) -> Option<Value> + 'a;

/// A walk through the code of one service.
pub struct Walk<'a> {
    pub(super) modules: &'a Modules<'a>,
    pub(super) configuration: Option<&'a Configuration<'a>>,
    /// What the application's own functions make of its configuration.
    pub(super) loaded: Loaded,
    /// What a container hands in for a token, by the token's fingerprint.
    pub(super) bindings: FxHashMap<u64, Known>,
    /// The same for objects of one class alone.
    pub(super) bindings_within: FxHashMap<(ClassRef, u64), Known>,
    bodies: FxHashMap<ModuleId, Rc<Frame>>,
    frames: FxHashMap<u64, Rc<Frame>>,
    sets: FxHashMap<FunctionRef, usize>,
    returned: FxHashMap<FrameId, Known>,
    calls: FxHashMap<(Place, FrameId), Known>,
    pub(super) variables: FxHashMap<(ModuleId, VariableId, FrameId), Known>,
    pub(super) busy: FxHashSet<(Place, FrameId)>,
    pub(super) busy_variables: FxHashSet<(ModuleId, VariableId, FrameId)>,
    pub(super) depth: usize,
    takers: Rc<Takers>,
    pub(super) events: Events,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun. `configuration` is asked about every use of a library.
    pub fn new(modules: &'a Modules<'a>, configuration: Option<&'a Configuration<'a>>) -> Self {
        Self {
            modules,
            configuration,
            loaded: Loaded::default(),
            bindings: FxHashMap::default(),
            bindings_within: FxHashMap::default(),
            bodies: FxHashMap::default(),
            frames: FxHashMap::default(),
            sets: FxHashMap::default(),
            returned: FxHashMap::default(),
            calls: FxHashMap::default(),
            variables: FxHashMap::default(),
            busy: FxHashSet::default(),
            busy_variables: FxHashSet::default(),
            depth: 0,
            takers: Rc::default(),
            events: Events::default(),
        }
    }

    /// What was seen so far.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The modules walked through.
    pub fn modules(&self) -> &'a Modules<'a> {
        self.modules
    }

    /// From now on a container hands in `provider` where `token` is asked for: a text, a class,
    /// a symbol.
    pub fn bind(&mut self, token: &Known, provider: Known) {
        self.bindings.insert(fingerprint(&token.value), provider);
    }

    /// The same, for what a container hands to objects of one class: containers have parts, and
    /// each may hand in something else for a token.
    pub fn bind_within(&mut self, class: ClassRef, token: &Known, provider: Known) {
        self.bindings_within.insert((class, fingerprint(&token.value)), provider);
    }

    /// Walks the bodies of modules and the decorators of their classes.
    pub fn bodies(&mut self, ids: &[ModuleId]) {
        for &id in ids {
            let frame = self.body(id);
            self.walk(&frame);
        }
        for &id in ids {
            self.decorators(id);
        }
        self.takers = Rc::new(Takers::of_decorators(self));
    }

    /// Walks a function that something outside starts.
    pub fn operation(
        &mut self,
        closure: &Closure,
        arguments: Option<Vec<Known>>,
        registered: Option<EventId>,
    ) -> Option<OperationId> {
        let frame = self.enter(closure, arguments, 0)?;
        let module = self.modules.get(closure.function.module)?;
        let function = module.functions.get(closure.function.function.0 as usize)?;
        let span = Span::new(module.file, function.start, function.end);
        let id = OperationId(self.events.operations.len() as u32);
        self.events.operations.push(Root { function: closure.function, frame: frame.id, registered, span });
        Some(id)
    }

    /// Walks what no walk reached so far of `own` modules, with unknown arguments.
    pub fn rest(&mut self, own: &[ModuleId]) {
        for &id in own {
            let Some(module) = self.modules.get(id) else { continue };
            for number in 1..module.functions.len() as u32 {
                let function = FunctionRef { module: id, function: FunctionId(number) };
                if self.sets.contains_key(&function) {
                    continue;
                }
                let class = module.functions.get(number as usize).and_then(|function| function.class);
                let this = class.map(|class| self.injected_instance(ClassRef { module: id, class }));
                self.enter(&Closure { function, frame: None, this }, None, 0);
            }
        }
        to_listeners(self);
    }

    /// Walks what takes something that a place of the code hands over, as if it was called there.
    pub(super) fn hand_over(&mut self, from: FrameId, span: Span, taker: &Closure, arguments: Vec<Known>) {
        if let Some(entered) = self.enter(taker, Some(arguments), 1) {
            self.edge_from(from, span, entered.id, None);
        }
    }

    /// What the functions give back that uses of libraries took as callbacks: factories.
    pub fn returns(&mut self) -> FxHashMap<FunctionRef, Known> {
        let taken: Vec<Rc<Frame>> = {
            let by_use: FxHashSet<FrameId> = self
                .events
                .frames
                .iter()
                .flat_map(|info| info.callees.iter().filter(|(_, _, by)| by.is_some()).map(|(_, frame, _)| *frame))
                .collect();
            let mut frames: Vec<Rc<Frame>> =
                self.frames.values().filter(|frame| by_use.contains(&frame.id)).map(Rc::clone).collect();
            frames.sort_by_key(|frame| frame.id);
            frames
        };
        let mut found: FxHashMap<FunctionRef, Known> = FxHashMap::default();
        for frame in taken {
            let Some((module, function)) = self.function(frame.function) else { continue };
            let span = Span::new(module.file, function.start, function.end);
            let known = self.result(&frame, span);
            found.entry(frame.function).or_insert(known);
        }
        found
    }

    /// Ends the walk.
    pub fn finish(mut self) -> Events {
        let mut bodies: Vec<FrameId> = self.bodies.values().map(|frame| frame.id).collect();
        bodies.sort();
        let operations: Vec<FrameId> = self.events.operations.iter().map(|root| root.frame).collect();
        let from_body = self.closure_of(bodies);
        let from_operation = self.closure_of(operations);
        for (number, info) in self.events.frames.iter_mut().enumerate() {
            let id = FrameId(number as u32);
            info.from_body = from_body.contains(&id);
            info.unreached = !info.from_body && !from_operation.contains(&id);
        }
        self.surround();
        self.events
    }

    fn closure_of(&self, roots: Vec<FrameId>) -> FxHashSet<FrameId> {
        let mut seen: FxHashSet<FrameId> = roots.iter().copied().collect();
        let mut queue = roots;
        while let Some(at) = queue.pop() {
            let Some(info) = self.events.frames.get(at.0 as usize) else { continue };
            queue.extend(info.callees.iter().map(|(_, callee, _)| *callee).filter(|callee| seen.insert(*callee)));
        }
        seen
    }

    /// Writes down for each event which uses took a function on the way to it as a callback.
    fn surround(&mut self) {
        let mut above: FxHashMap<FrameId, Vec<EventId>> = FxHashMap::default();
        // Uses spread along the calls until nothing changes; a set only grows, and is small.
        let mut queue: Vec<FrameId> = (0..self.events.frames.len() as u32).map(FrameId).collect();
        queue.reverse();
        let mut turns = 0_usize;
        while let Some(at) = queue.pop() {
            turns += 1;
            if turns > 8 * FRAME_LIMIT {
                break;
            }
            let here = above.get(&at).cloned().unwrap_or_default();
            let Some(info) = self.events.frames.get(at.0 as usize) else { continue };
            for (_, callee, by) in &info.callees {
                let known = above.entry(*callee).or_default();
                let before = known.len();
                for event in here.iter().chain(by) {
                    if !known.contains(event) && known.len() < 16 {
                        known.push(*event);
                    }
                }
                if known.len() != before {
                    queue.push(*callee);
                }
            }
        }
        for event in &mut self.events.list {
            if let Some(around) = above.get(&event.frame) {
                let mut around = around.clone();
                around.sort();
                event.inside = around.into();
            }
        }
    }

    /// The frame of a module's body.
    pub(super) fn body(&mut self, id: ModuleId) -> Rc<Frame> {
        if let Some(frame) = self.bodies.get(&id) {
            return Rc::clone(frame);
        }
        let function = FunctionRef { module: id, function: FunctionId(0) };
        let frame = Rc::new(Frame {
            id: self.new_frame(function),
            function,
            arguments: None,
            this: None,
            outer: None,
            depth: 0,
        });
        self.bodies.insert(id, Rc::clone(&frame));
        frame
    }

    fn new_frame(&mut self, function: FunctionRef) -> FrameId {
        let id = FrameId(self.events.frames.len() as u32);
        self.events.frames.push(FrameInfo {
            function,
            callees: Vec::new(),
            events: Vec::new(),
            from_body: false,
            unreached: false,
        });
        id
    }

    /// The frame of a function with arguments; walks it the first time. `None`: a limit is
    /// reached.
    pub(super) fn enter(&mut self, closure: &Closure, arguments: Option<Vec<Known>>, depth: u16) -> Option<Rc<Frame>> {
        let outer = match &closure.frame {
            Some(frame) => Rc::clone(frame),
            None => self.body(closure.function.module),
        };
        if depth > CALL_LIMIT {
            return None;
        }
        let sets = self.sets.get(&closure.function).copied().unwrap_or(0);
        let arguments = if sets > SETS_LIMIT { None } else { arguments };
        let key = of_arguments(closure, outer.id, arguments.as_deref());
        if let Some(frame) = self.frames.get(&key) {
            return Some(Rc::clone(frame));
        }
        if self.events.frames.len() >= FRAME_LIMIT || sets > SETS_LIMIT + 1 {
            return None;
        }
        *self.sets.entry(closure.function).or_default() += 1;
        let frame = Rc::new(Frame {
            id: self.new_frame(closure.function),
            function: closure.function,
            arguments,
            this: closure.this.clone(),
            outer: Some(outer),
            depth,
        });
        self.frames.insert(key, Rc::clone(&frame));
        self.walk(&frame);
        Some(frame)
    }

    /// The frame that a function was walked in first.
    pub(super) fn first_frame(&self, function: FunctionRef) -> Option<Rc<Frame>> {
        self.sets.get(&function)?;
        self.frames.values().filter(|frame| frame.function == function).min_by_key(|frame| frame.id).map(Rc::clone)
    }

    /// The function of a frame.
    pub(super) fn function(&self, of: FunctionRef) -> Option<(&'a Module, &'a Function)> {
        let module = self.modules.get(of.module)?;
        Some((module, module.functions.get(of.function.0 as usize)?))
    }

    fn walk(&mut self, frame: &Rc<Frame>) {
        let Some((module, function)) = self.function(frame.function) else { return };
        let id = frame.function.module;
        for call in &function.calls {
            let arm = match &module.node(*call).expr {
                Expr::Call(call) => call.around.arm,
                _other => None,
            };
            if self.entered(frame, arm) != Entered::Never {
                self.evaluate(id, frame, *call);
            }
        }
        for assign in &function.assigns {
            let Expr::Assign { target, value } = &module.node(*assign).expr else { continue };
            let Expr::Member { object, name } = &module.node(*target).expr else { continue };
            let object = self.evaluate(id, frame, *object);
            if let Value::Foreign(before) = &object.value
                && let Some(target) = pushed(before, Step::Member(*name))
            {
                let value = self.evaluate(id, frame, *value);
                self.events.assigned.push(Assigned { target, value, span: module.span(*assign) });
            }
        }
    }

    /// What a function gives back, walked with these arguments.
    pub(super) fn result(&mut self, frame: &Rc<Frame>, span: Span) -> Known {
        if let Some(known) = self.returned.get(&frame.id) {
            return known.clone();
        }
        let Some((_, function)) = self.function(frame.function) else {
            return Known::unknown("a function that is not there", span);
        };
        // Where it calls itself, the way around adds nothing to what it gives.
        self.returned.insert(frame.id, Known::unknown("a function that calls itself", span));
        let mut results = Vec::with_capacity(function.returns.len());
        for one in &function.returns {
            let entered = self.entered(frame, one.around.arm);
            if entered != Entered::Never {
                results.push(self.evaluate(frame.function.module, frame, one.value));
            }
            // It is the only one, unless something else led past it.
            let Around { in_loop, in_try, in_catch, .. } = one.around;
            if entered == Entered::Always && !in_loop && !in_try && !in_catch {
                break;
            }
        }
        let known = Known::join(results, span);
        self.returned.insert(frame.id, known.clone());
        known
    }

    /// A call's value; makes an event of it the first time, where it is foreign.
    pub(super) fn call(&mut self, id: ModuleId, frame: &Rc<Frame>, node: NodeId, call: &'a Call) -> Known {
        let key = (Place { module: id, node }, frame.id);
        if let Some(known) = self.calls.get(&key) {
            return known.clone();
        }
        let Some(module) = self.modules.get(id) else {
            return Known::unknown("a module that is not there", Span::file_start(crate::source::file::FileId(0)));
        };
        let span = module.span(node);
        let mut this = None;
        let callee = match &module.node(call.callee).expr {
            Expr::Member { object, name } => {
                let known = self.evaluate(id, frame, *object);
                if let Some(result) = self.builtin_method(id, frame, &known, *name, call, span) {
                    self.calls.insert(key, result.clone());
                    return result;
                }
                let member = self.member(&known, *name, span);
                this = Some(known);
                member
            }
            Expr::Super => {
                let (arguments, _) = self.arguments(id, frame, call);
                self.base_constructor(frame, arguments, span);
                return Known::new(Value::Nothing, span);
            }
            _other => self.evaluate(id, frame, call.callee),
        };
        let (arguments, open) = self.arguments(id, frame, call);
        let result = match self.builtin_function(&callee, &arguments, call.constructs, span) {
            Some(result) => result,
            None => {
                let mut types = Vec::with_capacity(call.types.len());
                for ty in &call.types {
                    types.push(self.evaluate(id, frame, ty.name));
                }
                let used = Use { event: EventId(0), arguments, open, types, span };
                self.apply(&callee, this.as_ref(), used, call, frame)
            }
        };
        self.calls.insert(key, result.clone());
        result
    }

    fn apply(&mut self, callee: &Known, this: Option<&Known>, used: Use, call: &Call, frame: &Rc<Frame>) -> Known {
        let span = used.span;
        match &callee.value {
            Value::Function(closure) => {
                let closure = match (&closure.this, this) {
                    (None, Some(this)) => Rc::new(Closure { this: Some(this.clone()), ..(**closure).clone() }),
                    _bound => Rc::clone(closure),
                };
                let arguments = if used.open { None } else { Some(used.arguments) };
                match self.enter(&closure, arguments, frame.depth + 1) {
                    Some(entered) => {
                        self.edge(frame, span, &entered, None);
                        self.result(&entered, span)
                    }
                    None => Known::unknown("calls follow each other too deep", span),
                }
            }
            Value::Class(class) if call.constructs => {
                if let Some(Known { value: Value::Foreign(stub), .. }) = self.stub(*class, span) {
                    return self.use_of(&stub, used, call, frame);
                }
                let arguments = if used.open { None } else { Some(used.arguments) };
                let instance = Rc::new(Instance { class: *class, arguments, made: Some(span) });
                let known = Known::new(Value::Instance(instance), span);
                if let Some(entered) = self.constructor(&known) {
                    self.edge(frame, span, &entered, None);
                }
                known
            }
            Value::Foreign(before) => self.use_of(before, used, call, frame),
            Value::FirstOf(several) | Value::OneOf(several) => {
                let mut results = Vec::new();
                for one in several.iter().take(4) {
                    results.push(self.apply(one, this, used.clone(), call, frame));
                }
                Known::join(results, span)
            }
            Value::Text(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Nothing
            | Value::Env(_)
            | Value::Setting(_)
            | Value::Concat(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::Class(_)
            | Value::Instance(_)
            | Value::Module(_)
            | Value::Parameter(_)
            | Value::Computed(_)
            | Value::Unknown(_) => {
                // What is handed to something unknown may well be called by it.
                for argument in &used.arguments {
                    for closure in functions_in(&argument.value) {
                        if let Some(entered) = self.enter(&closure, None, frame.depth + 1) {
                            self.edge(frame, span, &entered, None);
                        }
                    }
                }
                match &callee.value {
                    Value::Unknown(why) => Known::new(Value::Unknown(*why), span),
                    Value::Parameter(name) => {
                        Known::new(Value::Unknown(Symbol::new(&format!("the result of the parameter {name}"))), span)
                    }
                    _other => Known::unknown("the result of something that cannot be followed", span),
                }
            }
        }
    }

    fn use_of(&mut self, before: &Rc<Foreign>, mut used: Use, call: &Call, frame: &Rc<Frame>) -> Known {
        let span = used.span;
        if let Some(known) = self.namespace(before, &used) {
            return known;
        }
        let event = EventId(self.events.list.len() as u32);
        used.event = event;
        let arguments = used.arguments.clone();
        let step = if call.constructs { Step::New(Rc::new(used)) } else { Step::Call(Rc::new(used)) };
        let Some(trace) = pushed(before, step) else {
            return Known::unknown("too many steps from the library's export", span);
        };
        self.events.list.push(Event {
            trace: Rc::clone(&trace),
            span,
            module: frame.function.module,
            function: FunctionRef { module: frame.function.module, function: call.function },
            around: call.around,
            frame: frame.id,
            inside: Rc::from([]),
        });
        if let Some(info) = self.events.frames.get_mut(frame.id.0 as usize) {
            info.events.push(event);
        }
        for (place, argument) in arguments.iter().enumerate() {
            for closure in functions_in(&argument.value) {
                let Some((_, function)) = self.function(closure.function) else { continue };
                let handed = (0..function.parameters.len()).map(|parameter| {
                    let step = Step::Handed { argument: place as u8, parameter: parameter as u8 };
                    match pushed(&trace, step) {
                        Some(foreign) => Known::new(Value::Foreign(foreign), span),
                        None => Known::unknown("too many steps from the library's export", span),
                    }
                });
                let handed: Vec<Known> = handed.collect();
                if let Some(entered) = self.enter(&closure, Some(handed), frame.depth + 1) {
                    self.edge(frame, span, &entered, Some(event));
                }
            }
        }
        for (taker, given) in Rc::clone(&self.takers).taken_by(&trace) {
            if let Some(entered) = self.enter(&taker, Some(given), frame.depth + 1) {
                self.edge(frame, span, &entered, None);
            }
        }
        provide(self, &trace);
        if let Some(given) = asked(self, &trace) {
            return given;
        }
        self.configured(&trace, span).unwrap_or_else(|| Known::new(Value::Foreign(trace), span))
    }

    pub(super) fn edge(&mut self, from: &Rc<Frame>, span: Span, to: &Rc<Frame>, by: Option<EventId>) {
        self.edge_from(from.id, span, to.id, by);
    }

    fn edge_from(&mut self, from: FrameId, span: Span, to: FrameId, by: Option<EventId>) {
        if let Some(info) = self.events.frames.get_mut(from.0 as usize)
            && !info.callees.iter().any(|(_, callee, event)| *callee == to && *event == by)
        {
            info.callees.push((span, to, by));
        }
    }
}

/// A library's value with one more step. `None`: there are too many.
pub(super) fn pushed(before: &Rc<Foreign>, step: Step) -> Option<Rc<Foreign>> {
    (before.length < TRACE_LIMIT)
        .then(|| Rc::new(Foreign { before: Some(Rc::clone(before)), step, length: before.length + 1 }))
}

/// Functions in a value that is handed to something: itself, in the properties of an object, in
/// the elements of an array.
pub(super) fn functions_in(value: &Value) -> Vec<Rc<Closure>> {
    let mut found = Vec::new();
    collect_functions(value, 2, &mut found);
    found
}

fn collect_functions(value: &Value, depth: usize, found: &mut Vec<Rc<Closure>>) {
    let Some(below) = depth.checked_sub(1) else {
        if let Value::Function(closure) = value {
            found.push(Rc::clone(closure));
        }
        return;
    };
    match value {
        Value::Function(closure) => found.push(Rc::clone(closure)),
        Value::Object(object) => {
            for (_, known) in object.entries.iter().take(64) {
                collect_functions(&known.value, below, found);
            }
        }
        Value::Array(several) | Value::OneOf(several) | Value::FirstOf(several) => {
            for known in several.iter().take(64) {
                collect_functions(&known.value, below, found);
            }
        }
        Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Nothing
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Foreign(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => {}
    }
}
