//! Classes: fields, methods, decorators.

use oxc_ast::ast::{
    Class as AstClass, ClassElement, Decorator, Expression, MethodDefinition, MethodDefinitionKind, PropertyKey,
    TSTypeAnnotation,
};
use oxc_span::Span;

use super::expression::Key;
use super::function::Head;
use super::lowering::{Lowering, This, offset};
use crate::facts::program::{Class, ClassId, Expr, Field, FunctionId, Method, NodeId};
use crate::source::symbol::Symbol;

/// A field as the text declares it.
struct Declared<'a> {
    key: &'a PropertyKey<'a>,
    computed: bool,
    is_static: bool,
    ty: Option<&'a TSTypeAnnotation<'a>>,
    value: Option<&'a Expression<'a>>,
    decorators: &'a [Decorator<'a>],
}

impl<'a> Lowering<'a> {
    /// A class as a value; its own name is bound inside of it only.
    pub fn class_expression(&mut self, it: &'a AstClass<'a>, name: Option<Symbol>) -> NodeId {
        let Some(own) = &it.id else { return self.class(it, name) };
        let scope = self.enter();
        let variable = self.declare(own.name.as_str());
        let node = self.class(it, name);
        if let Some(variable) = variable {
            self.set(variable, node);
        }
        self.leave(scope);
        node
    }

    /// A class, by declaration or as a value.
    pub fn class(&mut self, it: &'a AstClass<'a>, name: Option<Symbol>) -> NodeId {
        let decorators = self.decorators(&it.decorators);
        let base = it.heritage.as_ref().map(|heritage| self.expression(&heritage.expression));
        let id = ClassId(offset(self.module.classes.len()));
        let name = it.id.as_ref().map(|id| self.symbol(id.name.as_str())).or(name);
        let span = it.id.as_ref().map_or(it.span, |id| id.span);
        self.module.classes.push(Class {
            name,
            base,
            decorators,
            fields: Vec::new(),
            methods: Vec::new(),
            constructor: None,
            start: span.start,
            end: span.end,
        });
        let scope = self.enter();
        self.type_parameters(it.type_parameters.as_deref());
        let around = std::mem::take(&mut self.around);
        let this = self.this;
        for element in &it.body.body {
            match element {
                ClassElement::StaticBlock(it) => {
                    self.this = This { class: Some(id), is_static: true, is_class: false };
                    self.block(&it.body);
                }
                ClassElement::MethodDefinition(it) => self.method(it, id),
                ClassElement::PropertyDefinition(it) => self.field(
                    id,
                    &Declared {
                        key: &it.key,
                        computed: it.computed,
                        is_static: it.r#static,
                        ty: it.type_annotation.as_deref(),
                        value: it.value.as_ref(),
                        decorators: &it.decorators,
                    },
                ),
                ClassElement::AccessorProperty(it) => self.field(
                    id,
                    &Declared {
                        key: &it.key,
                        computed: it.computed,
                        is_static: it.r#static,
                        ty: it.type_annotation.as_deref(),
                        value: it.value.as_ref(),
                        decorators: &it.decorators,
                    },
                ),
                ClassElement::TSIndexSignature(_) => {}
            }
            self.this = this;
        }
        self.around = around;
        self.leave(scope);
        self.push(Expr::Class(id), it.span)
    }

    fn field(&mut self, class: ClassId, it: &Declared<'a>) {
        let decorators = self.decorators(it.decorators);
        let ty = self.annotation(it.ty);
        let key = self.key(it.key, it.computed);
        let name = match key {
            Key::Named(name, _) => Some(name),
            Key::Computed(_) => None,
        };
        self.this = This { class: Some(class), is_static: it.is_static, is_class: it.is_static };
        let value = it.value.map(|value| self.named(value, name));
        let Key::Named(name, span) = key else { return };
        let found = self.field_of(class, name, it.is_static, span);
        if let Some(field) = found {
            // Declared after a method that sets it.
            if let Some(value) = value {
                field.values.insert(0, value);
            }
            field.ty = ty;
            field.decorators = decorators;
            (field.start, field.end) = (span.start, span.end);
        }
    }

    /// The field of a name, made where there is none.
    fn field_of(&mut self, class: ClassId, name: Symbol, is_static: bool, span: Span) -> Option<&mut Field> {
        let fields = &mut self.module.classes.get_mut(class.0 as usize)?.fields;
        let known = fields.iter().position(|field| field.name == name && field.is_static == is_static);
        let place = known.unwrap_or(fields.len());
        if known.is_none() {
            fields.push(Field {
                name,
                is_static,
                values: Vec::new(),
                ty: None,
                decorators: Vec::new(),
                start: span.start,
                end: span.end,
            });
        }
        fields.get_mut(place)
    }

    fn method(&mut self, it: &'a MethodDefinition<'a>, class: ClassId) {
        // An overload, or an abstract method.
        if it.value.body.is_none() {
            return;
        }
        let decorators = self.decorators(&it.decorators);
        let of_parameters = self.parameter_decorators(&it.value.params);
        let key = self.key(&it.key, it.computed);
        let (name, span) = match key {
            Key::Named(name, span) => (Some(name), span),
            Key::Computed(_) => (None, oxc_span::GetSpan::span(&it.key)),
        };
        let head = Head {
            name,
            span,
            class: Some(class),
            decorators,
            of_parameters,
            is_async: it.value.r#async,
            returns_awaited: false,
            this: This { class: Some(class), is_static: it.r#static, is_class: false },
        };
        // Its parameters that are fields come before the assignments in its body.
        let is_constructor = it.kind == MethodDefinitionKind::Constructor;
        let next = FunctionId(offset(self.module.functions.len()));
        if is_constructor && let Some(class) = self.module.classes.get_mut(class.0 as usize) {
            class.constructor = Some(next);
        }
        let outer = std::mem::take(&mut self.around);
        let function = self.function(&it.value, head);
        self.around = outer;
        if is_constructor {
            return;
        }
        if let (Some(name), Some(class)) = (name, self.module.classes.get_mut(class.0 as usize)) {
            let is_getter = it.kind == MethodDefinitionKind::Get;
            class.methods.push(Method { name, function, is_static: it.r#static, is_getter });
        }
    }

    /// A parameter of the constructor that is a field as well.
    pub fn parameter_field(
        &mut self,
        name: Symbol,
        value: NodeId,
        ty: Option<crate::facts::program::Type>,
        decorators: Vec<NodeId>,
        span: Span,
    ) {
        let Some(class) = self.this.class else { return };
        if let Some(field) = self.field_of(class, name, false, span) {
            field.values.push(value);
            field.ty = ty;
            field.decorators = decorators;
            (field.start, field.end) = (span.start, span.end);
        }
    }
}
