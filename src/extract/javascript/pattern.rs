//! What names are set to: declarations, destructuring and assignments.

use oxc_ast::ast::{
    AssignmentExpression, AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern,
    Expression, SimpleAssignmentTarget, VariableDeclaration,
};
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::AssignmentOperator;

use super::expression::Key;
use super::lowering::{Bound, Lowering};
use crate::facts::program::{Expr, Field, NodeId};
use crate::source::symbol::Symbol;

impl<'a> Lowering<'a> {
    /// `const a = 1, { b } = c`
    pub fn variables(&mut self, it: &'a VariableDeclaration<'a>) {
        if it.declare {
            return;
        }
        for declarator in &it.declarations {
            let own = match &declarator.id {
                BindingPattern::BindingIdentifier(id) => Some(id.name.as_str()),
                BindingPattern::ObjectPattern(_)
                | BindingPattern::ArrayPattern(_)
                | BindingPattern::AssignmentPattern(_) => None,
            };
            if let (Some(name), Some(annotation)) = (own, &declarator.type_annotation)
                && let Some(ty) = self.annotation(Some(annotation))
                && let Some(Bound::Variable(variable)) = self.lookup(name)
                && let Some(variable) = self.module.variables.get_mut(variable.0 as usize)
            {
                variable.ty = Some(ty);
            }
            let name = own.map(|name| self.symbol(name));
            let value = declarator.init.as_ref().map(|value| self.named(value, name));
            self.bind_pattern(&declarator.id, value);
        }
    }

    /// Sets the names of a pattern; `None`: to nothing yet.
    pub fn bind_pattern(&mut self, pattern: &'a BindingPattern<'a>, value: Option<NodeId>) {
        match (pattern, value) {
            (BindingPattern::BindingIdentifier(it), Some(value)) => {
                if let Some(Bound::Variable(variable)) = self.lookup(it.name.as_str()) {
                    self.set(variable, value);
                }
            }
            (BindingPattern::BindingIdentifier(_), None) => {}
            (BindingPattern::ObjectPattern(it), value) => {
                let object = value.unwrap_or_else(|| self.push(Expr::Opaque("a pattern without a value"), it.span));
                let mut without = Vec::new();
                for property in &it.properties {
                    let key = self.key(&property.key, property.computed);
                    let member = self.part(object, key, property.key.span(), &mut without);
                    self.bind_pattern(&property.value, Some(member));
                }
                if let Some(rest) = &it.rest {
                    let rest_node = self.push(Expr::Rest { object, without: without.into() }, rest.span);
                    self.bind_pattern(&rest.argument, Some(rest_node));
                }
            }
            (BindingPattern::ArrayPattern(it), value) => {
                let list = value.unwrap_or_else(|| self.push(Expr::Opaque("a pattern without a value"), it.span));
                for (place, element) in it.elements.iter().enumerate() {
                    if let Some(element) = element {
                        let member = self.element(list, place, element.span());
                        self.bind_pattern(element, Some(member));
                    }
                }
                if let Some(rest) = &it.rest {
                    let rest_node = self.push(Expr::Opaque("the rest of a list"), rest.span);
                    self.bind_pattern(&rest.argument, Some(rest_node));
                }
            }
            (BindingPattern::AssignmentPattern(it), value) => {
                let name = match &it.left {
                    BindingPattern::BindingIdentifier(id) => Some(self.symbol(id.name.as_str())),
                    BindingPattern::ObjectPattern(_)
                    | BindingPattern::ArrayPattern(_)
                    | BindingPattern::AssignmentPattern(_) => None,
                };
                let default = self.named(&it.right, name);
                let value = match value {
                    Some(value) => self.push(Expr::FirstOf(value, default), it.span),
                    None => default,
                };
                self.bind_pattern(&it.left, Some(value));
            }
        }
    }

    /// The part of an object that a key of a pattern takes.
    fn part(&mut self, object: NodeId, key: Key, span: Span, without: &mut Vec<Symbol>) -> NodeId {
        match key {
            Key::Named(name, span) => {
                without.push(name);
                self.push(Expr::Member { object, name }, span)
            }
            Key::Computed(key) => self.push(Expr::Index { object, key }, span),
        }
    }

    /// The element of a list at a place.
    fn element(&mut self, list: NodeId, place: usize, span: Span) -> NodeId {
        let key = self.push(Expr::Number(place as f64), span);
        self.push(Expr::Index { object: list, key }, span)
    }

    /// `target = value` and its kin.
    pub fn assignment(&mut self, it: &'a AssignmentExpression<'a>) -> NodeId {
        if let Some(node) = self.special_assignment(it) {
            return node;
        }
        let Some(simple) = it.left.as_simple_assignment_target() else {
            let value = self.expression(&it.right);
            self.assign_pattern(&it.left, value);
            return value;
        };
        let target = self.simple_target(simple);
        let outer = self.around;
        if it.operator.is_logical() {
            self.around.in_branch = true;
        }
        let name = match self.expr(target) {
            Expr::Member { name, .. } => Some(*name),
            Expr::Variable(variable) => self.module.variables.get(variable.0 as usize).map(|variable| variable.name),
            _ => None,
        };
        let value = self.named(&it.right, name);
        self.around = outer;
        let value = match it.operator {
            AssignmentOperator::Assign => value,
            AssignmentOperator::LogicalOr | AssignmentOperator::LogicalNullish => {
                self.push(Expr::FirstOf(target, value), it.span)
            }
            AssignmentOperator::LogicalAnd => self.push(Expr::And(target, value), it.span),
            AssignmentOperator::Addition if self.is_text(value) => {
                self.push(Expr::Concat(Box::new([target, value])), it.span)
            }
            operator => {
                let operator = operator.as_str().trim_end_matches('=');
                self.push(Expr::Binary { operator, left: target, right: value }, it.span)
            }
        };
        self.assign(target, value, it.span)
    }

    /// Notes that a target is set to a value.
    pub fn assign(&mut self, target: NodeId, value: NodeId, span: Span) -> NodeId {
        match *self.expr(target) {
            Expr::Variable(variable) => self.set(variable, value),
            Expr::Member { object, name } if matches!(self.expr(object), Expr::This) => {
                self.field_value(name, value, target, object);
            }
            _ => {}
        }
        let node = self.push(Expr::Assign { target, value }, span);
        if let Some(body) = self.body() {
            body.assigns.push(node);
        }
        node
    }

    /// `this.name = value` in a method: a field of the class.
    fn field_value(&mut self, name: Symbol, value: NodeId, target: NodeId, this: NodeId) {
        let (start, end) = (self.module.node(this).end + 1, self.module.node(target).end);
        let is_static = self.this.is_static;
        let Some(class) = self.this.class.and_then(|class| self.module.classes.get_mut(class.0 as usize)) else {
            return;
        };
        match class.fields.iter_mut().find(|field| field.name == name && field.is_static == is_static) {
            Some(field) => field.values.push(value),
            None => class.fields.push(Field {
                name,
                is_static,
                values: vec![value],
                ty: None,
                decorators: Vec::new(),
                start: start.min(end),
                end,
            }),
        }
    }

    /// What is set, as an expression.
    pub fn simple_target(&mut self, target: &'a SimpleAssignmentTarget<'a>) -> NodeId {
        let inner = match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(it) => {
                return self.reference(it.name.as_str(), it.span);
            }
            SimpleAssignmentTarget::TSAsExpression(it) => &it.expression,
            SimpleAssignmentTarget::TSSatisfiesExpression(it) => &it.expression,
            SimpleAssignmentTarget::TSNonNullExpression(it) => &it.expression,
            SimpleAssignmentTarget::TSTypeAssertion(it) => &it.expression,
            SimpleAssignmentTarget::StaticMemberExpression(it) => {
                let object = self.expression(&it.object);
                let name = self.symbol(it.property.name.as_str());
                return self.push(Expr::Member { object, name }, it.span);
            }
            SimpleAssignmentTarget::ComputedMemberExpression(it) => {
                let object = self.expression(&it.object);
                return self.index(object, &it.expression, it.span);
            }
            SimpleAssignmentTarget::PrivateFieldExpression(it) => {
                let object = self.expression(&it.object);
                let name = Symbol::new(&format!("#{}", it.field.name.as_str()));
                return self.push(Expr::Member { object, name }, it.span);
            }
        };
        self.expression(inner)
    }

    /// Sets what an assignment's pattern names.
    pub fn assign_pattern(&mut self, target: &'a AssignmentTarget<'a>, value: NodeId) {
        match target {
            AssignmentTarget::ObjectAssignmentTarget(it) => {
                let mut without = Vec::new();
                for property in &it.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(it) => {
                            let name = self.symbol(it.binding.name.as_str());
                            let member =
                                self.part(value, Key::Named(name, it.binding.span), it.binding.span, &mut without);
                            let member = self.or_default(member, it.init.as_ref(), it.span);
                            let target = self.reference(it.binding.name.as_str(), it.binding.span);
                            self.assign(target, member, it.span);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(it) => {
                            let key = self.key(&it.name, it.computed);
                            let member = self.part(value, key, it.name.span(), &mut without);
                            self.assign_maybe_default(&it.binding, member);
                        }
                    }
                }
                if let Some(rest) = &it.rest {
                    let rest_node = self.push(Expr::Rest { object: value, without: without.into() }, rest.span);
                    self.assign_pattern(&rest.target, rest_node);
                }
            }
            AssignmentTarget::ArrayAssignmentTarget(it) => {
                for (place, element) in it.elements.iter().enumerate() {
                    if let Some(element) = element {
                        let member = self.element(value, place, element.span());
                        self.assign_maybe_default(element, member);
                    }
                }
                if let Some(rest) = &it.rest {
                    let rest_node = self.push(Expr::Opaque("the rest of a list"), rest.span);
                    self.assign_pattern(&rest.target, rest_node);
                }
            }
            simple => {
                if let Some(simple) = simple.as_simple_assignment_target() {
                    let node = self.simple_target(simple);
                    self.assign(node, value, target.span());
                }
            }
        }
    }

    fn assign_maybe_default(&mut self, target: &'a AssignmentTargetMaybeDefault<'a>, value: NodeId) {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(it) => {
                let value = self.or_default(value, Some(&it.init), it.span);
                self.assign_pattern(&it.binding, value);
            }
            other => {
                if let Some(target) = other.as_assignment_target() {
                    self.assign_pattern(target, value);
                }
            }
        }
    }

    fn or_default(&mut self, value: NodeId, default: Option<&'a Expression<'a>>, span: Span) -> NodeId {
        let Some(default) = default else { return value };
        let default = self.expression(default);
        self.push(Expr::FirstOf(value, default), span)
    }
}
