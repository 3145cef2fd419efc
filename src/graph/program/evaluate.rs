//! What an expression gives in a frame.

use std::rc::Rc;

use super::fingerprint::fingerprint;
use super::imports::EXPORT_LIMIT;
use super::value::{
    ClassRef, Closure, Foreign, Frame, FunctionRef, Injection, Instance, Known, ModuleId, Object, Place, Step, Value,
};
use super::walk::{DEPTH_LIMIT, Walk, pushed};
use crate::facts::program::{Call, Class, Element, Expr, FunctionId, NodeId, Property, Type, Variable, VariableId};
use crate::source::file::FileId;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How far classes are followed to what they extend.
const BASE_LIMIT: usize = 8;

impl<'a> Walk<'a> {
    /// The value of an expression of module `id` in `frame`.
    pub fn evaluate(&mut self, id: ModuleId, frame: &Rc<Frame>, node: NodeId) -> Known {
        let Some(module) = self.modules.get(id) else {
            return Known::unknown("a module that is not there", Span::file_start(FileId(0)));
        };
        let span = module.span(node);
        let key = (Place { module: id, node }, frame.id);
        if self.depth >= DEPTH_LIMIT {
            return Known::unknown("values follow each other too deep", span);
        }
        let expr = &module.node(node).expr;
        // Only calls can come back to themselves without a variable in between.
        let guarded = matches!(expr, Expr::Call(_));
        if guarded && !self.busy.insert(key) {
            return Known::unknown("it is defined by itself", span);
        }
        self.depth += 1;
        let known = self.expression(id, frame, node, expr, span);
        self.depth -= 1;
        if guarded {
            self.busy.remove(&key);
        }
        known
    }

    fn expression(&mut self, id: ModuleId, frame: &Rc<Frame>, node: NodeId, expr: &'a Expr, span: Span) -> Known {
        match expr {
            Expr::Text(text) => Known::new(Value::Text(*text), span),
            Expr::Number(number) => Known::new(Value::Number(*number), span),
            Expr::Bool(yes) => Known::new(Value::Bool(*yes), span),
            Expr::Nothing => Known::new(Value::Nothing, span),
            Expr::Pattern(_) => Known::unknown("a regular expression", span),
            Expr::Concat(parts) => {
                let parts = parts.iter().map(|part| self.evaluate(id, frame, *part)).collect();
                Known::concat(parts, span)
            }
            Expr::Variable(variable) => self.variable(id, frame, *variable, span),
            Expr::Import(import) => self.import(id, *import, span),
            Expr::Require(specifier) => self.whole(id, *specifier, span),
            Expr::Global(name) => match name.as_str() {
                "undefined" => Known::new(Value::Nothing, span),
                "Infinity" => Known::new(Value::Number(f64::INFINITY), span),
                _name => Known::foreign(Step::Global(*name), span),
            },
            Expr::This => {
                this_of(frame).unwrap_or_else(|| Known::unknown("this of a function that anybody may call", span))
            }
            Expr::Super => self.super_value(frame, span),
            Expr::Member { object, name } => {
                let object = self.evaluate(id, frame, *object);
                self.member(&object, *name, span)
            }
            Expr::Index { object, key } => {
                let object = self.evaluate(id, frame, *object);
                let key = self.evaluate(id, frame, *key);
                self.index(&object, &key, span)
            }
            Expr::Call(call) => self.call(id, frame, node, call),
            Expr::Object(properties) => self.object(id, frame, properties, span),
            Expr::Array(elements) => {
                let (elements, _) = self.elements(id, frame, elements);
                Known::new(Value::Array(elements.into()), span)
            }
            Expr::Function(function) => {
                let function = FunctionRef { module: id, function: *function };
                let closure = Closure { function, frame: Some(Rc::clone(frame)), this: this_of(frame) };
                Known::new(Value::Function(Rc::new(closure)), span)
            }
            Expr::Class(class) => Known::new(Value::Class(ClassRef { module: id, class: *class }), span),
            Expr::FirstOf(first, second) => {
                let first = self.evaluate(id, frame, *first);
                if first.is_set() {
                    return first;
                }
                let second = self.evaluate(id, frame, *second);
                first.or_else(second)
            }
            Expr::And(first, second) => {
                let first = self.evaluate(id, frame, *first);
                if matches!(first.value, Value::Nothing | Value::Bool(false)) {
                    return first;
                }
                self.evaluate(id, frame, *second)
            }
            Expr::Either { test, then, otherwise } => {
                let test = self.evaluate(id, frame, *test);
                match &test.value {
                    Value::Bool(true) => self.evaluate(id, frame, *then),
                    Value::Bool(false) | Value::Nothing => self.evaluate(id, frame, *otherwise),
                    asked => {
                        let first = self.evaluate(id, frame, *then);
                        let second = self.evaluate(id, frame, *otherwise);
                        match (asked, &first.value) {
                            // `process.env.LIMIT ? Number(process.env.LIMIT) : 2000`
                            (Value::Env(asked), Value::Env(given)) | (Value::Setting(asked), Value::Setting(given))
                                if asked == given =>
                            {
                                first.or_else(second)
                            }
                            _other => Known::either(first, second, span),
                        }
                    }
                }
            }
            Expr::Binary { operator, left, right } => {
                let left = self.evaluate(id, frame, *left);
                let right = self.evaluate(id, frame, *right);
                binary(operator, left, right, span)
            }
            Expr::Unary { operator, operand } => {
                let operand = self.evaluate(id, frame, *operand);
                match (*operator, &operand.value) {
                    ("-", Value::Number(number)) => Known::new(Value::Number(-number), span),
                    ("+", _) => self.number_of(&operand, span),
                    ("!", Value::Bool(yes)) => Known::new(Value::Bool(!yes), span),
                    ("!", Value::Nothing) => Known::new(Value::Bool(true), span),
                    _other => Known::new(Value::Computed(Rc::from([operand])), span),
                }
            }
            Expr::Await(inner) => self.evaluate(id, frame, *inner),
            Expr::Assign { value, .. } => self.evaluate(id, frame, *value),
            Expr::ElementOf(list) => {
                let list = self.evaluate(id, frame, *list);
                self.element(&list, span)
            }
            Expr::Rest { object, without } => {
                let object = self.evaluate(id, frame, *object);
                match &object.value {
                    Value::Object(all) => {
                        let mut rest = (**all).clone();
                        rest.entries.retain(|(key, _)| !without.contains(key));
                        rest.unknown_after = rest.unknown_after.min(rest.entries.len());
                        Known { value: Value::Object(Rc::new(rest)), ..object }
                    }
                    _other => object,
                }
            }
            Expr::Opaque(reason) => Known::unknown(reason, span),
        }
    }

    /// Arguments of a call; true where there may be more than are known.
    pub(super) fn arguments(&mut self, id: ModuleId, frame: &Rc<Frame>, call: &'a Call) -> (Vec<Known>, bool) {
        self.elements(id, frame, &call.arguments)
    }

    fn elements(&mut self, id: ModuleId, frame: &Rc<Frame>, elements: &'a [Element]) -> (Vec<Known>, bool) {
        let mut all = Vec::with_capacity(elements.len());
        for element in elements {
            match element {
                Element::One(node) => all.push(self.evaluate(id, frame, *node)),
                Element::Spread(node) => {
                    let known = self.evaluate(id, frame, *node);
                    match &known.value {
                        Value::Array(several) => all.extend(several.iter().cloned()),
                        Value::Nothing => {}
                        _other => return (all, true),
                    }
                }
            }
        }
        (all, false)
    }

    fn object(&mut self, id: ModuleId, frame: &Rc<Frame>, properties: &'a [Property], span: Span) -> Known {
        let mut object = Object::default();
        for property in properties {
            match property {
                Property::Named { name, value, .. } => {
                    let known = self.evaluate(id, frame, *value);
                    object.entries.push((*name, known));
                }
                Property::Computed { key, value } => {
                    let key = self.evaluate(id, frame, *key);
                    let known = self.evaluate(id, frame, *value);
                    match key.value {
                        Value::Text(name) => object.entries.push((name, known)),
                        _other => {
                            object.open = true;
                            object.unknown_after = object.entries.len();
                        }
                    }
                }
                Property::Spread(node) => {
                    let known = self.evaluate(id, frame, *node);
                    spread_into(&mut object, &known.value);
                }
            }
        }
        Known::new(Value::Object(Rc::new(object)), span)
    }

    /// A variable's value, as `frame` sees it.
    fn variable(&mut self, id: ModuleId, frame: &Rc<Frame>, variable: VariableId, span: Span) -> Known {
        let Some(module) = self.modules.get(id) else { return Known::unknown("a module that is not there", span) };
        let Some(declared) = module.variables.get(variable.0 as usize) else {
            return Known::unknown("a variable that is not there", span);
        };
        let home = self.home(id, frame, declared.function);
        let key = (id, variable, home.id);
        if let Some(known) = self.variables.get(&key) {
            return known.clone().via(span);
        }
        if !self.busy_variables.insert(key) {
            return Known::unknown("it is defined by itself", span);
        }
        let mut known = match declared.parameter {
            Some(place) => self.parameter(id, &home, variable, place, span),
            None => match declared.values.as_slice() {
                [] => match &declared.ty {
                    Some(ty) => self.typed(id, &home, ty, &[], declared.name, span),
                    None => Known::unknown("a variable that is set elsewhere", span),
                },
                several => {
                    let mut all = Vec::new();
                    for one in several.iter().take(16) {
                        let seen_from = self.setter(id, frame, &home, declared, *one);
                        all.push(self.evaluate(id, &seen_from, *one));
                    }
                    match <[Known; 1]>::try_from(all) {
                        Ok([one]) => one,
                        Err(all) => Known::join(all, span),
                    }
                }
            },
        };
        if let Value::Object(_) = known.value {
            known = self.with_members_set(id, &home, variable, known);
        }
        self.busy_variables.remove(&key);
        // A value that met a limit on the way here may be told from elsewhere.
        if self.depth + 1 < DEPTH_LIMIT {
            self.variables.insert(key, known.clone());
        }
        if let Value::Parameter(_) | Value::Unknown(_) | Value::Nothing = known.value {
            known.span = span;
        }
        known.via(span)
    }

    /// The frame in which a value of a variable is seen: that of the variable, unless a method sets
    /// it by what is its object's: `shared = await this.broker.open()`.
    fn setter(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        home: &Rc<Frame>,
        declared: &Variable,
        value: NodeId,
    ) -> Rc<Frame> {
        let set_in = declared.set_in.iter().find(|(set, _)| *set == value).map(|(_, function)| *function);
        let Some(function) = set_in.map(|function| FunctionRef { module: id, function }) else {
            return Rc::clone(home);
        };
        let mut at = Some(frame);
        while let Some(one) = at {
            if one.function == function {
                return Rc::clone(one);
            }
            at = one.outer.as_ref();
        }
        let class = self.function(function).and_then(|(_, summary)| summary.class);
        let Some(class) = class.filter(|_| home.this.is_none()) else { return Rc::clone(home) };
        let walked = self.first_frame(function).or_else(|| {
            let this = Some(self.injected_instance(ClassRef { module: id, class }));
            self.enter(&Closure { function, frame: None, this }, None, frame.depth + 1)
        });
        walked.unwrap_or_else(|| Rc::clone(home))
    }

    /// An object with the members that its function sets one by one: `options.timeout = 5000`.
    fn with_members_set(&mut self, id: ModuleId, home: &Rc<Frame>, variable: VariableId, known: Known) -> Known {
        let Some((module, function)) = self.function(home.function) else { return known };
        let mut set: Vec<(Symbol, NodeId)> = Vec::new();
        for assign in &function.assigns {
            let Expr::Assign { target, value } = &module.node(*assign).expr else { continue };
            let Expr::Member { object, name } = &module.node(*target).expr else { continue };
            if matches!(module.node(*object).expr, Expr::Variable(one) if one == variable) {
                set.push((*name, *value));
            }
        }
        let Value::Object(object) = &known.value else { return known };
        if set.is_empty() {
            return known;
        }
        let mut object = (**object).clone();
        for (name, value) in set.into_iter().take(32) {
            let value = self.evaluate(id, home, value);
            object.entries.push((name, value));
        }
        Known { value: Value::Object(Rc::new(object)), ..known }
    }

    /// The frame in which a function's variables live, seen from `frame`.
    fn home(&mut self, id: ModuleId, frame: &Rc<Frame>, function: FunctionId) -> Rc<Frame> {
        let mut at = Some(frame);
        while let Some(one) = at {
            if one.function == (FunctionRef { module: id, function }) {
                return Rc::clone(one);
            }
            at = one.outer.as_ref();
        }
        let body = self.body(id);
        if function == FunctionId(0) {
            return body;
        }
        // The function around was never walked: its parameters may be anything.
        let closure = Closure { function: FunctionRef { module: id, function }, frame: None, this: this_of(frame) };
        self.enter(&closure, None, frame.depth + 1).unwrap_or(body)
    }

    fn parameter(&mut self, id: ModuleId, home: &Rc<Frame>, variable: VariableId, place: u32, span: Span) -> Known {
        let Some((module, function)) = self.function(home.function) else {
            return Known::unknown("a function that is not there", span);
        };
        let Some(parameter) = function.parameters.get(place as usize) else {
            return Known::unknown("a parameter that is not there", span);
        };
        let Some(declared) = module.variables.get(variable.0 as usize) else {
            return Known::unknown("a variable that is not there", span);
        };
        let default = declared.values.first().copied();
        let given = match &home.arguments {
            Some(arguments) if parameter.is_rest => {
                let rest: Vec<Known> = arguments.get(place as usize..).unwrap_or(&[]).to_vec();
                return Known::new(Value::Array(rest.into()), span);
            }
            Some(arguments) => match (arguments.get(place as usize), &parameter.ty) {
                (Some(given), Some(ty)) if matches!(given.value, Value::Unknown(_)) => {
                    // Where the way to it is lost, its type still says what it is.
                    let typed = self.typed(id, home, ty, &[], declared.name, span);
                    if matches!(typed.value, Value::Foreign(_) | Value::Instance(_)) { typed } else { given.clone() }
                }
                (Some(given), _) => given.clone(),
                (None, _) => Known::new(Value::Nothing, span),
            },
            None => {
                let known = match &parameter.ty {
                    Some(ty) => self.typed(id, home, ty, &parameter.decorators, declared.name, span),
                    None => self.handed_in(id, home, &parameter.decorators, declared.name, span),
                };
                if parameter.is_field && default.is_some() {
                    return self.with_default(id, home, known, default);
                }
                known
            }
        };
        self.with_default(id, home, given, default)
    }

    fn with_default(&mut self, id: ModuleId, home: &Rc<Frame>, given: Known, default: Option<NodeId>) -> Known {
        match default {
            Some(default) if !given.is_set() => {
                let default = self.evaluate(id, home, default);
                given.or_else(default)
            }
            _set => given,
        }
    }

    /// What a container or a caller hands in for a type.
    fn typed(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        ty: &'a Type,
        decorators: &'a [NodeId],
        name: Symbol,
        span: Span,
    ) -> Known {
        let tokens = self.tokens(id, decorators);
        if let Some(bound) = tokens.iter().find_map(|token| self.bound(frame, token)) {
            return bound.via(span);
        }
        let known = self.evaluate(id, frame, ty.name);
        if let Some(bound) = self.bound(frame, &known) {
            return bound.via(span);
        }
        match &known.value {
            Value::Class(class) => self.injected_instance(*class).via(span),
            Value::Foreign(before) => {
                let mut types = Vec::with_capacity(ty.arguments.len());
                for argument in &ty.arguments {
                    types.push(self.evaluate(id, frame, argument.name));
                }
                let injection = Injection { tokens, types, span };
                match pushed(before, Step::Injected(Rc::new(injection))) {
                    Some(foreign) => Known::new(Value::Foreign(foreign), span),
                    None => Known::unknown("too many steps from the library's export", span),
                }
            }
            _other => self.decorated(id, decorators, name, span),
        }
    }

    /// What is handed in without a type, by the decorators' token.
    fn handed_in(
        &mut self,
        id: ModuleId,
        frame: &Rc<Frame>,
        decorators: &'a [NodeId],
        name: Symbol,
        span: Span,
    ) -> Known {
        let tokens = self.tokens(id, decorators);
        match tokens.iter().find_map(|token| self.bound(frame, token)) {
            Some(bound) => bound,
            None => self.decorated(id, decorators, name, span),
        }
    }

    /// What a library's decorator hands in where the type tells nothing: an interface.
    fn decorated(&mut self, id: ModuleId, decorators: &'a [NodeId], name: Symbol, span: Span) -> Known {
        let body = self.body(id);
        for decorator in decorators {
            let known = self.evaluate(id, &body, *decorator);
            if let Value::Foreign(before) = &known.value
                && matches!(before.step, Step::Call(_))
            {
                let injection = Injection { tokens: Vec::new(), types: Vec::new(), span };
                if let Some(foreign) = pushed(before, Step::Injected(Rc::new(injection))) {
                    return Known::new(Value::Foreign(foreign), span);
                }
            }
        }
        Known::new(Value::Parameter(name), span)
    }

    /// What a container hands in for a token, to the object that `frame` belongs to.
    fn bound(&self, frame: &Frame, token: &Known) -> Option<Known> {
        let print = fingerprint(&token.value);
        let class = match frame.this.as_ref().map(|this| &this.value) {
            Some(Value::Instance(instance)) => Some(instance.class),
            _other => None,
        };
        let within = class.and_then(|class| self.bindings_within.get(&(class, print)));
        within.or_else(|| self.bindings.get(&print)).cloned()
    }

    /// What a container hands in for a token where nothing more is said: a class's object, or
    /// what was bound.
    pub fn given_for(&mut self, token: &Known) -> Known {
        if let Some(bound) = self.bindings.get(&fingerprint(&token.value)) {
            return bound.clone();
        }
        match &token.value {
            Value::Class(class) => self.injected_instance(*class),
            Value::Foreign(before) => {
                let injection = Injection { tokens: Vec::new(), types: Vec::new(), span: token.span };
                match pushed(before, Step::Injected(Rc::new(injection))) {
                    Some(foreign) => Known::new(Value::Foreign(foreign), token.span),
                    None => Known::unknown("too many steps from the library's export", token.span),
                }
            }
            _other => Known::unknown("nobody is known to provide it", token.span),
        }
    }

    /// What a container hands in for a token that a library makes, `getRepositoryToken(Order)`, where
    /// the parameter it goes to has a type: an object of that type, for what the token names.
    pub fn given_as(&mut self, token: &Known, closure: &Closure, place: usize) -> Known {
        let given = self.given_for(token);
        let Value::Foreign(made) = &token.value else { return given };
        let (Step::Call(used), false) = (&made.step, self.bindings.contains_key(&fingerprint(&token.value))) else {
            return given;
        };
        let Some((module, function)) = self.function(closure.function) else { return given };
        let Some(ty) = function.parameters.get(place).and_then(|parameter| parameter.ty.as_ref()) else { return given };
        let span = module.span(ty.name);
        let body = self.body(closure.function.module);
        let Value::Foreign(class) = self.evaluate(closure.function.module, &body, ty.name).value else { return given };
        let mut types = Vec::with_capacity(ty.arguments.len());
        for argument in &ty.arguments {
            types.push(self.evaluate(closure.function.module, &body, argument.name));
        }
        let injection = Injection { tokens: used.arguments.clone(), types, span };
        match pushed(&class, Step::Injected(Rc::new(injection))) {
            Some(foreign) => Known::new(Value::Foreign(foreign), span),
            None => given,
        }
    }

    /// Arguments of decorators.
    fn tokens(&mut self, id: ModuleId, decorators: &'a [NodeId]) -> Vec<Known> {
        let Some(module) = self.modules.get(id) else { return Vec::new() };
        let body = self.body(id);
        let mut tokens = Vec::new();
        for decorator in decorators {
            let known = self.evaluate(id, &body, *decorator);
            match &known.value {
                Value::Foreign(foreign) => {
                    if let Step::Call(used) | Step::New(used) = &foreign.step {
                        tokens.extend(used.arguments.iter().cloned());
                    }
                }
                // A decorator of the estate's own around the library's: its arguments tell.
                _own => {
                    if let Expr::Call(call) = &module.node(*decorator).expr {
                        tokens.extend(self.arguments(id, &body, call).0);
                    }
                }
            }
        }
        tokens
    }

    /// An object of a class as a container makes it.
    pub fn injected_instance(&self, class: ClassRef) -> Known {
        let span = self.class(class).map_or_else(
            || Span::file_start(FileId(0)),
            |(module, class)| Span::new(module.file, class.start, class.end),
        );
        Known::new(Value::Instance(Rc::new(Instance { class, arguments: None, made: None })), span)
    }

    /// A class's summary with its module's.
    pub fn class(&self, of: ClassRef) -> Option<(&'a crate::facts::program::Module, &'a Class)> {
        let module = self.modules.get(of.module)?;
        Some((module, module.classes.get(of.class.0 as usize)?))
    }

    /// `object.name`
    pub fn member(&mut self, object: &Known, name: Symbol, span: Span) -> Known {
        match &object.value {
            Value::Object(all) => match all.get(name.as_str()) {
                Some((known, false)) => known.clone().via(span),
                Some((known, true)) => Known::join(
                    vec![known.clone(), Known::unknown("a spread may set it to something else", span)],
                    span,
                ),
                None if all.open => Known::unknown("the object has parts that cannot be followed", span),
                None => Known::new(Value::Nothing, span),
            },
            Value::Module(module) => self.export(*module, name, EXPORT_LIMIT, span),
            Value::Class(class) => self.static_member(*class, name, span),
            Value::Instance(instance) => self.instance_member(object, instance.class, name, BASE_LIMIT, span),
            Value::Foreign(before) => {
                let known = foreign_member(before, name, span);
                match &known.value {
                    // `cleanEnv(process.env, {…}).ORDERS_URL`
                    Value::Foreign(trace) => self.configured(trace, span).unwrap_or(known),
                    _other => known,
                }
            }
            Value::FirstOf(several) | Value::OneOf(several) => {
                let several = Rc::clone(several);
                let mut all = Vec::new();
                for one in several.iter() {
                    all.push(self.member(one, name, span));
                }
                // What one of them does not have, another does.
                if all.iter().any(|one| !matches!(one.value, Value::Unknown(_))) {
                    all.retain(|one| !matches!(one.value, Value::Unknown(_)));
                }
                Known::join(all, span)
            }
            Value::Parameter(of) => {
                let short = of.as_str().matches('.').count() < 4;
                let name = if short { Symbol::new(&format!("{of}.{name}")) } else { *of };
                Known::new(Value::Parameter(name), span)
            }
            Value::Unknown(why) => Known::new(Value::Unknown(*why), span),
            // `config.get('stock').url`
            Value::Setting(of) => Known::new(Value::Setting(Symbol::new(&format!("{of}.{name}"))), span),
            Value::Nothing => Known::new(Value::Nothing, span),
            Value::Array(several) if name.as_str() == "length" => Known::new(Value::Number(several.len() as f64), span),
            Value::Text(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Env(_)
            | Value::Concat(_)
            | Value::Array(_)
            | Value::Function(_)
            | Value::Computed(_) => Known::unknown("a property of a plain value", span),
        }
    }

    fn index(&mut self, object: &Known, key: &Known, span: Span) -> Known {
        match (&object.value, &key.value) {
            (_, Value::Text(name)) => self.member(object, *name, span),
            (Value::Array(several), Value::Number(number)) if *number >= 0.0 && number.fract() == 0.0 => {
                several.get(*number as usize).cloned().unwrap_or_else(|| Known::new(Value::Nothing, span))
            }
            (Value::Object(all), _) if !all.open && all.entries.len() <= 16 && !all.entries.is_empty() => {
                Known::join(all.entries.iter().map(|(_, known)| known.clone()).collect(), span)
            }
            (_, Value::OneOf(several) | Value::FirstOf(several)) => {
                let several = Rc::clone(several);
                let mut all = Vec::new();
                for one in several.iter() {
                    all.push(self.index(object, one, span));
                }
                Known::join(all, span)
            }
            _other => self.element(object, span),
        }
    }

    /// Any element of a list.
    pub(super) fn element(&mut self, list: &Known, span: Span) -> Known {
        match &list.value {
            Value::Array(several) => Known::join(several.to_vec(), span),
            Value::Foreign(before) => match pushed(before, Step::Element) {
                Some(foreign) => Known::new(Value::Foreign(foreign), span),
                None => Known::unknown("too many steps from the library's export", span),
            },
            Value::Parameter(name) => Known::new(Value::Parameter(*name), span),
            Value::FirstOf(several) | Value::OneOf(several) => {
                let several = Rc::clone(several);
                let mut all = Vec::new();
                for one in several.iter() {
                    all.push(self.element(one, span));
                }
                Known::join(all, span)
            }
            _other => Known::unknown("an element of something that cannot be followed", span),
        }
    }

    fn static_member(&mut self, class: ClassRef, name: Symbol, span: Span) -> Known {
        self.inherited_static(class, class, name, span)
    }

    /// A static member of `class`, asked for as one of `of`, which is below it or the same.
    fn inherited_static(&mut self, of: ClassRef, class: ClassRef, name: Symbol, span: Span) -> Known {
        let Some((module, summary)) = self.class(class) else {
            return Known::unknown("a class that is not there", span);
        };
        let this = Known::new(Value::Class(class), Span::new(module.file, summary.start, summary.end));
        if let Some(method) = summary.methods.iter().find(|method| method.is_static && method.name == name) {
            let function = FunctionRef { module: class.module, function: method.function };
            let closure = Closure { function, frame: None, this: Some(this) };
            return self.method_value(closure, method.is_getter, span);
        }
        if let Some(field) = summary.fields.iter().find(|field| field.is_static && field.name == name) {
            let body = self.body(class.module);
            let mut all = Vec::new();
            for value in &field.values {
                all.push(self.evaluate(class.module, &body, *value));
            }
            return Known::join(all, span).via(span);
        }
        match summary.base {
            Some(base) => {
                let body = self.body(class.module);
                let base = self.evaluate(class.module, &body, base);
                if matches!(&base.value, Value::Class(other) if *other == class) {
                    return Known::unknown("a class that extends itself", span);
                }
                self.depth += 1;
                let known = if self.depth < DEPTH_LIMIT {
                    match &base.value {
                        Value::Class(other) => self.inherited_static(of, *other, name, span),
                        // `Order.findAll()`: whose rows are found depends on the class below.
                        Value::Foreign(before) => match pushed(before, Step::Subclass(of)) {
                            Some(subclass) => foreign_member(&subclass, name, span),
                            None => Known::unknown("too many steps from the library's export", span),
                        },
                        _other => self.member(&base, name, span),
                    }
                } else {
                    Known::unknown("classes extend each other too deep", span)
                };
                self.depth -= 1;
                known
            }
            None => match self.class(of).and_then(|(_, summary)| summary.name) {
                Some(own) if name == "name" => Known::new(Value::Text(own), span),
                Some(_) | None => Known::unknown("a class without such a member", span),
            },
        }
    }

    fn method_value(&mut self, closure: Closure, is_getter: bool, span: Span) -> Known {
        if is_getter {
            return match self.enter(&closure, Some(Vec::new()), 1) {
                Some(frame) => self.result(&frame, span),
                None => Known::unknown("calls follow each other too deep", span),
            };
        }
        let place = self
            .function(closure.function)
            .map_or(span, |(module, function)| Span::new(module.file, function.start, function.end));
        Known::new(Value::Function(Rc::new(closure)), place)
    }

    /// A member of an object, searched from `class` upwards.
    fn instance_member(&mut self, this: &Known, class: ClassRef, name: Symbol, depth: usize, span: Span) -> Known {
        let missing = Known::unknown("an object without such a member", span);
        let (Some(below), Some((_, summary))) = (depth.checked_sub(1), self.class(class)) else { return missing };
        if let Some(method) = summary.methods.iter().find(|method| !method.is_static && method.name == name) {
            let function = FunctionRef { module: class.module, function: method.function };
            let closure = Closure { function, frame: None, this: Some(this.clone()) };
            return self.method_value(closure, method.is_getter, span);
        }
        if let Some(field) = summary.fields.iter().find(|field| !field.is_static && field.name == name) {
            let frame = self.constructor_frame(this, class);
            let mut all = Vec::new();
            for value in field.values.iter().take(8) {
                all.push(self.evaluate(class.module, &frame, *value));
            }
            let known = Known::join(all, span);
            let open = matches!(known.value, Value::Parameter(_) | Value::Nothing);
            return match &field.ty {
                Some(ty) if open => self.typed(class.module, &frame, ty, &field.decorators, name, span),
                None if open && !field.decorators.is_empty() => {
                    self.handed_in(class.module, &frame, &field.decorators, name, span)
                }
                _told if matches!(known.value, Value::Nothing) && field.values.is_empty() => {
                    Known::new(Value::Parameter(name), span)
                }
                _told => known.via(span),
            };
        }
        let Some(base) = summary.base else { return missing };
        let body = self.body(class.module);
        let base = self.evaluate(class.module, &body, base);
        match &base.value {
            Value::Class(other) => self.instance_member(this, *other, name, below, span),
            Value::Foreign(before) => match pushed(before, Step::Subclass(class)) {
                Some(subclass) => foreign_member(&subclass, name, span),
                None => missing,
            },
            _other => Known::unknown("a member of a class that cannot be followed", span),
        }
    }

    /// Walks the constructor of an object; `None` where it has none.
    pub(super) fn constructor(&mut self, this: &Known) -> Option<Rc<Frame>> {
        let Value::Instance(instance) = &this.value else { return None };
        let (_, summary) = self.class(instance.class)?;
        let function = FunctionRef { module: instance.class.module, function: summary.constructor? };
        let closure = Closure { function, frame: None, this: Some(this.clone()) };
        self.enter(&closure, instance.arguments.clone(), 1)
    }

    /// The frame in which the fields of `class` are set, for an object of it or of a class below.
    fn constructor_frame(&mut self, this: &Known, class: ClassRef) -> Rc<Frame> {
        let Value::Instance(instance) = &this.value else { return self.body(class.module) };
        let own = self.class(class).and_then(|(_, summary)| summary.constructor);
        let Some(function) = own else {
            return self.field_frame(this, class);
        };
        // The arguments of a base's constructor are those of the call of `super`, which the
        // walk of the constructor below hands in; without one they are the object's own.
        let arguments = if instance.class == class {
            instance.arguments.clone()
        } else {
            self.super_arguments(this, instance.class, class)
        };
        let closure =
            Closure { function: FunctionRef { module: class.module, function }, frame: None, this: Some(this.clone()) };
        match self.enter(&closure, arguments, 1) {
            Some(frame) => frame,
            None => self.body(class.module),
        }
    }

    /// A frame for initializers of fields in a class without constructor: knows `this`.
    fn field_frame(&mut self, this: &Known, class: ClassRef) -> Rc<Frame> {
        let body = self.body(class.module);
        Rc::new(Frame {
            id: body.id,
            function: body.function,
            arguments: None,
            this: Some(this.clone()),
            outer: Some(body),
            depth: 1,
        })
    }

    /// What the constructor of `from` hands to the constructor of `base` by `super(…)`.
    fn super_arguments(&mut self, this: &Known, from: ClassRef, base: ClassRef) -> Option<Vec<Known>> {
        let Value::Instance(instance) = &this.value else { return None };
        let (module, summary) = self.class(from)?;
        let Some(function) = summary.constructor else { return instance.arguments.clone() };
        let above = summary.base?;
        let body = self.body(from.module);
        let above = self.evaluate(from.module, &body, above);
        if !matches!(&above.value, Value::Class(other) if *other == base) {
            return None;
        }
        let closure =
            Closure { function: FunctionRef { module: from.module, function }, frame: None, this: Some(this.clone()) };
        let frame = self.enter(&closure, instance.arguments.clone(), 1)?;
        let calls = &module.functions.get(function.0 as usize)?.calls;
        let call = calls.iter().find_map(|node| match &module.node(*node).expr {
            Expr::Call(call) if matches!(module.node(call.callee).expr, Expr::Super) => Some(call),
            _other => None,
        })?;
        let (arguments, open) = self.arguments(from.module, &frame, call);
        (!open).then_some(arguments)
    }

    /// `super(…)`: walks the constructor of the class above.
    pub(super) fn base_constructor(&mut self, frame: &Rc<Frame>, arguments: Vec<Known>, span: Span) {
        let Some(this) = this_of(frame) else { return };
        let Some((_, function)) = self.function(frame.function) else { return };
        let Some(class) = function.class else { return };
        let class = ClassRef { module: frame.function.module, class };
        let Some(base) = self.class(class).and_then(|(_, summary)| summary.base) else { return };
        let body = self.body(class.module);
        let base = self.evaluate(class.module, &body, base);
        if let Value::Class(base) = base.value
            && let Some(constructor) = self.class(base).and_then(|(_, summary)| summary.constructor)
        {
            let function = FunctionRef { module: base.module, function: constructor };
            let closure = Closure { function, frame: None, this: Some(this) };
            if let Some(entered) = self.enter(&closure, Some(arguments), frame.depth + 1) {
                self.edge(frame, span, &entered, None);
            }
        }
    }

    /// `super` as an object: the class above, with this object.
    fn super_value(&mut self, frame: &Rc<Frame>, span: Span) -> Known {
        let above = self.function(frame.function).and_then(|(_, function)| function.class).and_then(|class| {
            let class = ClassRef { module: frame.function.module, class };
            let (_, summary) = self.class(class)?;
            Some((class, summary.base?))
        });
        let Some((class, base)) = above else { return Known::unknown("super outside of a class", span) };
        let body = self.body(class.module);
        let base = self.evaluate(class.module, &body, base);
        match (&base.value, this_of(frame)) {
            (Value::Class(base), Some(Known { value: Value::Instance(instance), .. })) => {
                let instance = Instance { class: *base, arguments: instance.arguments.clone(), made: instance.made };
                Known::new(Value::Instance(Rc::new(instance)), span)
            }
            (Value::Foreign(before), _) => match pushed(before, Step::Subclass(class)) {
                Some(foreign) => Known::new(Value::Foreign(foreign), span),
                None => Known::unknown("too many steps from the library's export", span),
            },
            _other => Known::unknown("super of a class that cannot be followed", span),
        }
    }
}

/// `this`, as a frame knows it; arrows take it from around them.
pub(super) fn this_of(frame: &Rc<Frame>) -> Option<Known> {
    frame.this.clone()
}

fn foreign_member(before: &Rc<Foreign>, name: Symbol, span: Span) -> Known {
    if is_environment(before) {
        return Known::new(Value::Env(name), span);
    }
    match pushed(before, Step::Member(name)) {
        Some(foreign) => Known::new(Value::Foreign(foreign), span),
        None => Known::unknown("too many steps from the library's export", span),
    }
}

/// True for `process.env`, also by an import of `process`.
pub fn is_environment(foreign: &Foreign) -> bool {
    let Step::Member(name) = &foreign.step else { return false };
    let Some(before) = foreign.before.as_deref() else { return false };
    let is_process = match &before.step {
        Step::Global(global) => matches!(global.as_str(), "process" | "Bun"),
        Step::Import { package, name } => package.as_str() == "process" && matches!(name.as_str(), "default" | "*"),
        Step::Member(name) => name.as_str() == "process"
            && before.before.as_deref().is_some_and(
                |root| matches!(&root.step, Step::Global(global) if matches!(global.as_str(), "globalThis" | "global")),
            ),
        Step::Injected(_) | Step::Call(_) | Step::New(_) | Step::Subclass(_) | Step::Element | Step::Handed { .. } => {
            false
        }
    };
    name.as_str() == "env" && is_process
}

/// `{ ...value }`
pub(super) fn spread_into(object: &mut Object, value: &Value) {
    match value {
        Value::Object(inner) => {
            let base = object.entries.len();
            object.entries.extend(inner.entries.iter().cloned());
            if inner.open {
                object.open = true;
                // What is not known of the inner one overwrites all that came before it.
                object.unknown_after = base + inner.unknown_after;
            }
        }
        Value::Nothing | Value::Bool(_) => {}
        Value::Text(_)
        | Value::Number(_)
        | Value::Env(_)
        | Value::Setting(_)
        | Value::Concat(_)
        | Value::FirstOf(_)
        | Value::OneOf(_)
        | Value::Array(_)
        | Value::Function(_)
        | Value::Class(_)
        | Value::Instance(_)
        | Value::Module(_)
        | Value::Foreign(_)
        | Value::Parameter(_)
        | Value::Computed(_)
        | Value::Unknown(_) => {
            object.open = true;
            object.unknown_after = object.entries.len();
        }
    }
}

fn binary(operator: &str, left: Known, right: Known, span: Span) -> Known {
    let value = match (operator, &left.value, &right.value) {
        ("*", Value::Number(a), Value::Number(b)) => Value::Number(a * b),
        ("/", Value::Number(a), Value::Number(b)) => Value::Number(a / b),
        ("-", Value::Number(a), Value::Number(b)) => Value::Number(a - b),
        ("+", Value::Number(a), Value::Number(b)) => Value::Number(a + b),
        ("%", Value::Number(a), Value::Number(b)) => Value::Number(a % b),
        ("**", Value::Number(a), Value::Number(b)) => Value::Number(a.powf(*b)),
        ("===" | "==", Value::Text(a), Value::Text(b)) => Value::Bool(a == b),
        ("!==" | "!=", Value::Text(a), Value::Text(b)) => Value::Bool(a != b),
        ("+", _, _) => return Known::concat(vec![left, right], span),
        _other => Value::Computed(Rc::from([left, right])),
    };
    Known::new(value, span)
}
