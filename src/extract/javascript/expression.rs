//! Expressions, one by one. What may be long to the left is in `chain`.

use oxc_ast::ast::{
    ArrayExpression, ArrayExpressionElement, AwaitExpression, ConditionalExpression, Expression, ImportExpression,
    NewExpression, ObjectExpression, ObjectPropertyKind, PropertyKey, PropertyKind, SequenceExpression,
    TemplateLiteral, UnaryExpression, UpdateExpression, YieldExpression,
};
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::UnaryOperator;

use super::arm::{Leaves, Way};
use super::lowering::{Bound, Lowering, Place};
use crate::facts::program::{Around, Call, Element, Expr, NodeId, Property, VariableId};
use crate::source::symbol::Symbol;

/// A key of an object or class as the text has it.
pub enum Key {
    /// `name`, `'name'`, `1`, `#name`, `['name']`
    Named(Symbol, Span),
    /// `[key]`
    Computed(NodeId),
}

impl<'a> Lowering<'a> {
    /// An expression whose value goes nowhere in particular.
    pub fn expression(&mut self, expression: &'a Expression<'a>) -> NodeId {
        self.expression_at(expression, Place::default())
    }

    /// An expression that is bound to a name.
    pub fn named(&mut self, expression: &'a Expression<'a>, name: Option<Symbol>) -> NodeId {
        self.expression_at(expression, Place { name, ..Place::default() })
    }

    /// An expression that starts no chain to the left.
    pub fn single(&mut self, expression: &'a Expression<'a>, place: Place) -> NodeId {
        match expression {
            Expression::BooleanLiteral(it) => self.push(Expr::Bool(it.value), it.span),
            Expression::NullLiteral(it) => self.push(Expr::Nothing, it.span),
            Expression::NumericLiteral(it) => self.push(Expr::Number(it.value), it.span),
            Expression::BigIntLiteral(it) => self.push(Expr::Opaque("a big integer"), it.span),
            Expression::RegExpLiteral(it) => {
                let pattern = self.symbol(it.regex.pattern.text.as_str());
                self.push(Expr::Pattern(pattern), it.span)
            }
            Expression::StringLiteral(it) => self.text(it.value.as_str(), it.span, place.name),
            Expression::TemplateLiteral(it) => self.template(it, place.name),
            Expression::Identifier(it) => self.reference(it.name.as_str(), it.span),
            Expression::Super(it) => self.push(Expr::Super, it.span),
            Expression::ThisExpression(it) => {
                let class = self.this.class.filter(|_| self.this.is_class);
                self.push(class.map_or(Expr::This, Expr::Class), it.span)
            }
            Expression::ArrayExpression(it) => self.array(it, false),
            Expression::ObjectExpression(it) => self.object(it),
            Expression::ArrowFunctionExpression(it) => self.arrow(it, place),
            Expression::FunctionExpression(it) => self.function_expression(it, place),
            Expression::ClassExpression(it) => self.class_expression(it, place.name),
            Expression::AssignmentExpression(it) => self.assignment(it),
            Expression::AwaitExpression(it) => self.awaited(it),
            Expression::ConditionalExpression(it) => self.conditional(it, place),
            Expression::ImportExpression(it) => self.dynamic_import(it),
            Expression::NewExpression(it) => self.construction(it, place),
            Expression::ParenthesizedExpression(it) => self.expression_at(&it.expression, place),
            Expression::SequenceExpression(it) => self.sequence(it, place),
            Expression::UnaryExpression(it) => self.unary(it),
            Expression::UpdateExpression(it) => self.update(it),
            Expression::YieldExpression(it) => self.yielded(it),
            Expression::PrivateInExpression(it) => {
                self.expression(&it.right);
                self.push(Expr::Opaque("a test for a private field"), it.span)
            }
            Expression::ImportMeta(it) => {
                let name = self.symbol("import.meta");
                self.push(Expr::Global(name), it.span)
            }
            Expression::NewTarget(it) => self.push(Expr::Opaque("new.target"), it.span),
            Expression::JSXElement(it) => self.jsx_element(it),
            Expression::JSXFragment(it) => self.jsx_fragment(it),
            Expression::V8IntrinsicExpression(it) => self.push(Expr::Opaque("a command to the engine"), it.span),
            Expression::BinaryExpression(_)
            | Expression::CallExpression(_)
            | Expression::ChainExpression(_)
            | Expression::LogicalExpression(_)
            | Expression::TaggedTemplateExpression(_)
            | Expression::TSAsExpression(_)
            | Expression::TSSatisfiesExpression(_)
            | Expression::TSTypeAssertion(_)
            | Expression::TSNonNullExpression(_)
            | Expression::TSInstantiationExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::StaticMemberExpression(_)
            | Expression::PrivateFieldExpression(_) => {
                self.push(Expr::Opaque("a chain of expressions"), expression.span())
            }
        }
    }

    fn awaited(&mut self, it: &'a AwaitExpression<'a>) -> NodeId {
        let inner = self.expression_at(&it.argument, Place { awaited: true, ..Place::default() });
        self.push(Expr::Await(inner), it.span)
    }

    /// `import('x')`
    fn dynamic_import(&mut self, it: &'a ImportExpression<'a>) -> NodeId {
        let source = self.expression(&it.source);
        match *self.expr(source) {
            Expr::Text(specifier) => self.push(Expr::Require(specifier), it.span),
            _ => self.push(Expr::Opaque("an import whose name is computed"), it.span),
        }
    }

    fn construction(&mut self, it: &'a NewExpression<'a>, place: Place) -> NodeId {
        let callee = self.expression(&it.callee);
        let arguments = it.arguments.iter().map(|argument| self.argument(argument, Place::default())).collect();
        let types = self.type_arguments(it.type_arguments.as_deref());
        let around = Around { awaited: place.awaited, ..self.around };
        let call = Call { callee, arguments, types, constructs: true, around, function: self.function };
        self.call(call, it.span)
    }

    fn sequence(&mut self, it: &'a SequenceExpression<'a>, place: Place) -> NodeId {
        let mut last = None;
        let length = it.expressions.len();
        for (at, expression) in it.expressions.iter().enumerate() {
            let place = if at + 1 == length { place } else { Place::default() };
            last = Some(self.expression_at(expression, place));
        }
        last.unwrap_or_else(|| self.push(Expr::Nothing, it.span))
    }

    /// `a++`
    fn update(&mut self, it: &'a UpdateExpression<'a>) -> NodeId {
        let operator = if it.operator.as_str() == "++" { "+" } else { "-" };
        let target = self.simple_target(&it.argument);
        let one = self.push(Expr::Number(1.0), it.span);
        let value = self.push(Expr::Binary { operator, left: target, right: one }, it.span);
        self.assign(target, value, it.span)
    }

    fn yielded(&mut self, it: &'a YieldExpression<'a>) -> NodeId {
        if let Some(argument) = &it.argument {
            self.expression(argument);
        }
        self.push(Expr::Opaque("a yield expression"), it.span)
    }

    /// A name in the place of a value.
    pub fn reference(&mut self, name: &'a str, span: Span) -> NodeId {
        let expr = match self.lookup(name) {
            Some(Bound::Variable(variable)) => Expr::Variable(variable),
            Some(Bound::Import(import)) => Expr::Import(import),
            Some(Bound::TypeParameter) => Expr::Opaque("a type parameter"),
            None if name == "undefined" => Expr::Nothing,
            None => Expr::Global(self.symbol(name)),
        };
        self.push(expr, span)
    }

    /// A variable of this file as an expression.
    pub fn variable_node(&mut self, variable: VariableId, span: Span) -> NodeId {
        self.push(Expr::Variable(variable), span)
    }

    /// Adds a call to the function at hand.
    pub fn call(&mut self, call: Call, span: Span) -> NodeId {
        let node = self.push(Expr::Call(Box::new(call)), span);
        if let Some(body) = self.body() {
            body.calls.push(node);
        }
        node
    }

    /// The parts of a template; one without holes is a text.
    pub fn template(&mut self, template: &'a TemplateLiteral<'a>, name: Option<Symbol>) -> NodeId {
        if let (true, Some(quasi)) = (template.expressions.is_empty(), template.quasis.first()) {
            let text = quasi.value.cooked.unwrap_or(quasi.value.raw);
            return self.text(text.as_str(), template.span, name);
        }
        let mut parts = Vec::with_capacity(template.quasis.len() * 2);
        let mut holes = template.expressions.iter();
        for quasi in &template.quasis {
            let text = quasi.value.cooked.unwrap_or(quasi.value.raw);
            if !text.is_empty() {
                parts.push(self.text(text.as_str(), quasi.span, name));
            }
            if let Some(hole) = holes.next() {
                parts.push(self.expression(hole));
            }
        }
        self.push(Expr::Concat(parts.into()), template.span)
    }

    /// A list; `awaited`: its elements are.
    pub fn array(&mut self, array: &'a ArrayExpression<'a>, awaited: bool) -> NodeId {
        let mut elements = Vec::with_capacity(array.elements.len());
        let place = Place { awaited, returns_awaited: awaited, ..Place::default() };
        for element in &array.elements {
            elements.push(match element {
                ArrayExpressionElement::SpreadElement(it) => Element::Spread(self.expression_at(&it.argument, place)),
                ArrayExpressionElement::Elision(it) => Element::One(self.push(Expr::Nothing, it.span)),
                other => match other.as_expression() {
                    Some(expression) => Element::One(self.expression_at(expression, place)),
                    None => continue,
                },
            });
        }
        self.push(Expr::Array(elements.into()), array.span)
    }

    fn object(&mut self, object: &'a ObjectExpression<'a>) -> NodeId {
        let mut properties = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            let property = match property {
                ObjectPropertyKind::SpreadProperty(it) => {
                    properties.push(Property::Spread(self.expression(&it.argument)));
                    continue;
                }
                ObjectPropertyKind::ObjectProperty(property) => property,
            };
            let key = self.key(&property.key, property.computed);
            let name = match key {
                Key::Named(name, _) => Some(name),
                Key::Computed(_) => None,
            };
            let value = match &property.value {
                Expression::FunctionExpression(function) if property.method || property.kind != PropertyKind::Init => {
                    self.method_value(function, name, property.key.span())
                }
                value => self.named(value, name),
            };
            let value = match property.kind {
                PropertyKind::Init => value,
                // Only reading tells a value.
                PropertyKind::Set => continue,
                PropertyKind::Get => {
                    let call = Call {
                        callee: value,
                        arguments: Box::default(),
                        types: Box::default(),
                        constructs: false,
                        around: Around::default(),
                        function: self.function,
                    };
                    // Nobody calls it here, so it is none of the function's calls.
                    self.push(Expr::Call(Box::new(call)), property.span)
                }
            };
            properties.push(match key {
                Key::Named(name, span) => Property::Named { name, value, start: span.start, end: span.end },
                Key::Computed(key) => Property::Computed { key, value },
            });
        }
        self.push(Expr::Object(properties.into()), object.span)
    }

    /// The key of a property, field, method or pattern.
    pub fn key(&mut self, key: &'a PropertyKey<'a>, computed: bool) -> Key {
        match key {
            PropertyKey::StaticIdentifier(it) => Key::Named(self.symbol(it.name.as_str()), it.span),
            PropertyKey::PrivateIdentifier(it) => Key::Named(Symbol::new(&format!("#{}", it.name.as_str())), it.span),
            PropertyKey::StringLiteral(it) => Key::Named(self.symbol(it.value.as_str()), it.span),
            PropertyKey::NumericLiteral(it) => Key::Named(Symbol::new(&it.value.to_string()), it.span),
            PropertyKey::TemplateLiteral(it) if it.expressions.is_empty() => {
                let text = it.quasis.first().map_or("", |quasi| quasi.value.cooked.unwrap_or(quasi.value.raw).as_str());
                Key::Named(self.symbol(text), it.span)
            }
            other => match other.as_expression() {
                Some(expression) => Key::Computed(self.expression(expression)),
                None => {
                    debug_assert!(computed, "other keys are expressions");
                    Key::Computed(self.push(Expr::Opaque("a key"), key.span()))
                }
            },
        }
    }

    fn conditional(&mut self, it: &'a ConditionalExpression<'a>, place: Place) -> NodeId {
        let test = self.expression(&it.test);
        let outer = self.around;
        self.around.in_branch = true;
        let others = Some(it.alternate.span().end);
        let way = Way { leaves: Leaves::No, others, when: None };
        let then = self.arm(it.consequent.span(), way, |this| this.expression_at(&it.consequent, place));
        let otherwise = self.expression_at(&it.alternate, place);
        self.around = outer;
        self.push(Expr::Either { test, then, otherwise }, it.span)
    }

    fn unary(&mut self, it: &'a UnaryExpression<'a>) -> NodeId {
        if it.operator == UnaryOperator::Typeof
            && let Expression::Identifier(name) = &it.argument
            && matches!(name.name.as_str(), "window" | "document")
        {
            self.seen.asks_for_page = true;
        }
        let operand = self.expression(&it.argument);
        match (it.operator, self.expr(operand)) {
            (UnaryOperator::UnaryNegation, Expr::Number(number)) => {
                let number = -number;
                self.push(Expr::Number(number), it.span)
            }
            (UnaryOperator::Void, _) => self.push(Expr::Nothing, it.span),
            (operator, _) => self.push(Expr::Unary { operator: operator.as_str(), operand }, it.span),
        }
    }
}
