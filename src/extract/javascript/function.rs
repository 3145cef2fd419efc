//! Functions, arrows and their parameters.

use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, BindingPattern, Decorator, FormalParameters, Function as AstFunction,
    FunctionBody, TSTypeParameterDeclaration,
};
use oxc_span::Span;

use super::lowering::{Bound, Lowering, Place, This, offset};
use crate::facts::program::{Around, ClassId, Expr, Function, FunctionId, NodeId, Parameter};
use crate::source::symbol::Symbol;

/// What is known of a function before it is read.
pub struct Head {
    /// Its own name, or that of what it is assigned to.
    pub name: Option<Symbol>,
    /// The name's place, else the function's.
    pub span: Span,
    /// The class whose method it is.
    pub class: Option<ClassId>,
    /// Decorators of the method.
    pub decorators: Vec<NodeId>,
    /// Decorators of each parameter, read in the scope around the function.
    pub of_parameters: Vec<Vec<NodeId>>,
    pub is_async: bool,
    /// True where those who call it await what it returns.
    pub returns_awaited: bool,
    /// What `this` is in it.
    pub this: This,
}

/// The state of the function around, while an inner one is read.
pub struct Outer {
    function: FunctionId,
    around: Around,
    this: This,
    is_async: bool,
    returns_awaited: bool,
    scope: super::lowering::Scope,
}

impl<'a> Lowering<'a> {
    /// Begins a function; [`Self::end_function`] takes what it gives.
    pub fn begin_function(&mut self, head: Head) -> (FunctionId, Outer) {
        let id = FunctionId(offset(self.module.functions.len()));
        self.module.functions.push(Function {
            name: head.name,
            parent: Some(self.function),
            class: head.class,
            parameters: Vec::new(),
            calls: Vec::new(),
            returns: Vec::new(),
            assigns: Vec::new(),
            decorators: head.decorators,
            first_node: offset(self.module.nodes.len()),
            end_node: 0,
            is_async: head.is_async,
            start: head.span.start,
            end: head.span.end,
        });
        let outer = Outer {
            function: std::mem::replace(&mut self.function, id),
            around: std::mem::take(&mut self.around),
            this: std::mem::replace(&mut self.this, head.this),
            is_async: std::mem::replace(&mut self.is_async, head.is_async),
            returns_awaited: std::mem::replace(&mut self.returns_awaited, head.returns_awaited),
            scope: self.enter(),
        };
        (id, outer)
    }

    /// Ends the function at hand.
    pub fn end_function(&mut self, outer: Outer) {
        let end = offset(self.module.nodes.len());
        if let Some(body) = self.body() {
            body.end_node = end;
        }
        self.leave(outer.scope);
        self.function = outer.function;
        self.around = outer.around;
        self.this = outer.this;
        self.is_async = outer.is_async;
        self.returns_awaited = outer.returns_awaited;
    }

    /// `async (a) => …`: `this` is that of the function around.
    pub fn arrow(&mut self, it: &'a ArrowFunctionExpression<'a>, place: Place) -> NodeId {
        let head = Head {
            name: place.name,
            span: it.span,
            class: None,
            decorators: Vec::new(),
            of_parameters: Vec::new(),
            is_async: it.r#async,
            returns_awaited: place.returns_awaited,
            this: self.this,
        };
        let (id, outer) = self.begin_function(head);
        self.type_parameters(it.type_parameters.as_deref());
        self.parameters(&it.params, Vec::new());
        match &it.body {
            ArrowFunctionBody::FunctionBody(body) => self.function_body(body),
            other => {
                if let Some(expression) = other.as_expression() {
                    self.returned(expression);
                }
            }
        }
        self.end_function(outer);
        self.push(Expr::Function(id), it.span)
    }

    /// `function name() {…}` as a value.
    pub fn function_expression(&mut self, it: &'a AstFunction<'a>, place: Place) -> NodeId {
        let Some(own) = &it.id else {
            return self.plain_function(it, place.name, it.span, place.returns_awaited);
        };
        let scope = self.enter();
        let variable = self.declare(own.name.as_str());
        let name = self.symbol(own.name.as_str());
        let node = self.plain_function(it, Some(name), own.span, place.returns_awaited);
        if let Some(variable) = variable {
            self.set(variable, node);
        }
        self.leave(scope);
        node
    }

    /// `{ name() {…} }`
    pub fn method_value(&mut self, it: &'a AstFunction<'a>, name: Option<Symbol>, span: Span) -> NodeId {
        self.plain_function(it, name, span, false)
    }

    /// A function that is no method of a class.
    pub fn plain_function(
        &mut self,
        it: &'a AstFunction<'a>,
        name: Option<Symbol>,
        span: Span,
        returns_awaited: bool,
    ) -> NodeId {
        let head = Head {
            name,
            span,
            class: None,
            decorators: Vec::new(),
            of_parameters: Vec::new(),
            is_async: it.r#async,
            returns_awaited,
            this: This::default(),
        };
        let id = self.function(it, head);
        self.push(Expr::Function(id), it.span)
    }

    /// A function from its parameters to its end.
    pub fn function(&mut self, it: &'a AstFunction<'a>, mut head: Head) -> FunctionId {
        let of_parameters = std::mem::take(&mut head.of_parameters);
        let (id, outer) = self.begin_function(head);
        self.type_parameters(it.type_parameters.as_deref());
        self.parameters(&it.params, of_parameters);
        if let Some(body) = &it.body {
            self.function_body(body);
        }
        self.end_function(outer);
        id
    }

    /// Binds `T` of `<T>`, so that it is not taken for a class.
    pub fn type_parameters(&mut self, it: Option<&'a TSTypeParameterDeclaration<'a>>) {
        for parameter in it.iter().flat_map(|it| &it.params) {
            self.bind(parameter.name.name.as_str(), Bound::TypeParameter);
        }
    }

    fn function_body(&mut self, body: &'a FunctionBody<'a>) {
        self.hoist_vars(&body.statements);
        self.hoist(&body.statements);
        self.statements(&body.statements);
    }

    /// Decorators of each parameter. They belong to the scope around the function.
    pub fn parameter_decorators(&mut self, parameters: &'a FormalParameters<'a>) -> Vec<Vec<NodeId>> {
        let rest = parameters.rest.iter().map(|rest| &rest.decorators);
        let all = parameters.items.iter().map(|item| &item.decorators).chain(rest);
        if all.clone().all(|list| list.is_empty()) {
            return Vec::new();
        }
        all.map(|list| self.decorators(list)).collect()
    }

    /// Decorators as expressions.
    pub fn decorators(&mut self, decorators: &'a [Decorator<'a>]) -> Vec<NodeId> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }

    fn parameters(&mut self, parameters: &'a FormalParameters<'a>, decorators: Vec<Vec<NodeId>>) {
        let mut decorators = decorators.into_iter();
        // All names first: a default may use the parameters before it.
        let mut patterns = Vec::new();
        for item in &parameters.items {
            let variable = self.parameter_variable(&item.pattern);
            let ty = self.annotation(item.type_annotation.as_deref());
            let is_field = item.has_modifier();
            let of_this = decorators.next().unwrap_or_default();
            if let (true, BindingPattern::BindingIdentifier(id)) = (is_field, &item.pattern) {
                let name = self.symbol(id.name.as_str());
                let value = self.variable_node(variable, id.span);
                self.parameter_field(name, value, ty.clone(), of_this.clone(), id.span);
            }
            self.add_parameter(Parameter { variable, ty, decorators: of_this, is_rest: false, is_field });
            if let Some(default) = &item.initializer {
                let name = self.module.variables.get(variable.0 as usize).map(|variable| variable.name);
                let value = self.named(default, name);
                self.set(variable, value);
            }
            patterns.push((variable, &item.pattern));
        }
        if let Some(rest) = &parameters.rest {
            let variable = self.parameter_variable(&rest.rest.argument);
            let ty = self.annotation(rest.type_annotation.as_deref());
            let of_this = decorators.next().unwrap_or_default();
            self.add_parameter(Parameter { variable, ty, decorators: of_this, is_rest: true, is_field: false });
            patterns.push((variable, &rest.rest.argument));
        }
        for (variable, pattern) in patterns {
            if let BindingPattern::ObjectPattern(_) | BindingPattern::ArrayPattern(_) = pattern {
                self.hoist_pattern(pattern);
                let span = oxc_span::GetSpan::span(pattern);
                let whole = self.variable_node(variable, span);
                self.bind_pattern(pattern, Some(whole));
            }
        }
    }

    fn parameter_variable(&mut self, pattern: &'a BindingPattern<'a>) -> crate::facts::program::VariableId {
        let place = offset(self.body().map_or(0, |body| body.parameters.len()));
        let known = match pattern {
            BindingPattern::BindingIdentifier(it) => self.declare(it.name.as_str()),
            BindingPattern::ObjectPattern(_)
            | BindingPattern::ArrayPattern(_)
            | BindingPattern::AssignmentPattern(_) => None,
        };
        let variable = known.unwrap_or_else(|| {
            let word = if matches!(pattern, BindingPattern::ArrayPattern(_)) { "[…]" } else { "{…}" };
            self.variable(Symbol::new(word))
        });
        if let Some(variable) = self.module.variables.get_mut(variable.0 as usize) {
            variable.parameter = Some(place);
        }
        variable
    }

    fn add_parameter(&mut self, parameter: Parameter) {
        if let Some(variable) = self.module.variables.get_mut(parameter.variable.0 as usize) {
            variable.ty.clone_from(&parameter.ty);
        }
        if let Some(body) = self.body() {
            body.parameters.push(parameter);
        }
    }
}
