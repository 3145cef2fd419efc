//! What grows to the left and may be long: `a.b().c`, `a + b + c`, `a || b || c`. Read in a
//! loop, so that a long one costs no stack.

use oxc_ast::ast::{
    Argument, BinaryExpression, CallExpression, ChainElement, ComputedMemberExpression, Expression, LogicalExpression,
    MemberExpression, PrivateFieldExpression, StaticMemberExpression, TaggedTemplateExpression,
};
use oxc_span::Span;
use oxc_syntax::operator::{BinaryOperator, LogicalOperator};

use super::lowering::{Lowering, Place};
use crate::facts::program::{Around, Call, Element, Expr, NodeId};
use crate::source::symbol::Symbol;

/// One step of a chain, to be read after what stands left of it.
#[derive(Clone, Copy)]
pub enum Link<'a> {
    /// `….name`
    Static(&'a StaticMemberExpression<'a>),
    /// `…[key]`
    Computed(&'a ComputedMemberExpression<'a>),
    /// `….#name`
    Private(&'a PrivateFieldExpression<'a>),
    /// `…(…)`, awaited or not.
    Call(&'a CallExpression<'a>, Awaited),
    /// A template behind its tag.
    Tagged(&'a TaggedTemplateExpression<'a>, Awaited),
    /// `… + b`
    Binary(&'a BinaryExpression<'a>),
    /// `… || b`
    Logical(&'a LogicalExpression<'a>, Awaited),
}

/// Whether the value of a step is awaited, and what is returned to it.
#[derive(Clone, Copy)]
pub struct Awaited {
    value: bool,
    returns: bool,
}

impl<'a> Lowering<'a> {
    /// An expression at its place.
    pub fn expression_at(&mut self, expression: &'a Expression<'a>, place: Place) -> NodeId {
        let base = self.links.len();
        let mut awaited = Awaited { value: place.awaited, returns: place.returns_awaited };
        let mut at = expression;
        let first = loop {
            at = match at {
                Expression::StaticMemberExpression(it) => self.member_link(it, &mut awaited),
                Expression::ComputedMemberExpression(it) => {
                    self.links.push(Link::Computed(it));
                    awaited = Awaited { value: false, returns: false };
                    &it.object
                }
                Expression::PrivateFieldExpression(it) => {
                    self.links.push(Link::Private(it));
                    awaited = Awaited { value: false, returns: false };
                    &it.object
                }
                Expression::CallExpression(it) => match self.special_call(it) {
                    Some(node) => break node,
                    None => self.call_link(it, &mut awaited),
                },
                Expression::ChainExpression(it) => match &it.expression {
                    ChainElement::CallExpression(it) => self.call_link(it, &mut awaited),
                    ChainElement::TSNonNullExpression(it) => &it.expression,
                    other => match other.as_member_expression() {
                        Some(MemberExpression::StaticMemberExpression(it)) => self.member_link(it, &mut awaited),
                        Some(MemberExpression::ComputedMemberExpression(it)) => {
                            self.links.push(Link::Computed(it));
                            awaited = Awaited { value: false, returns: false };
                            &it.object
                        }
                        Some(MemberExpression::PrivateFieldExpression(it)) => {
                            self.links.push(Link::Private(it));
                            awaited = Awaited { value: false, returns: false };
                            &it.object
                        }
                        None => break self.push(Expr::Opaque("a chain of expressions"), it.span),
                    },
                },
                Expression::TaggedTemplateExpression(it) => {
                    self.links.push(Link::Tagged(it, awaited));
                    awaited = Awaited { value: false, returns: false };
                    &it.tag
                }
                Expression::BinaryExpression(it) => {
                    self.links.push(Link::Binary(it));
                    awaited = Awaited { value: false, returns: false };
                    &it.left
                }
                Expression::LogicalExpression(it) => {
                    self.links.push(Link::Logical(it, awaited));
                    &it.left
                }
                Expression::TSAsExpression(it) => &it.expression,
                Expression::TSSatisfiesExpression(it) => &it.expression,
                Expression::TSTypeAssertion(it) => &it.expression,
                Expression::TSNonNullExpression(it) => &it.expression,
                Expression::TSInstantiationExpression(it) => &it.expression,
                single => {
                    let name = place.name.filter(|_| self.links.len() == base || self.is_default_chain(base));
                    let place = Place { awaited: awaited.value, returns_awaited: awaited.returns, name };
                    break self.single(single, place);
                }
            };
        };
        let mut node = first;
        while self.links.len() > base {
            let Some(link) = self.links.pop() else { break };
            node = self.link(link, node, place.name, base);
        }
        node
    }

    /// `secret || 'default'`: the name holds for both sides.
    fn is_default_chain(&self, base: usize) -> bool {
        self.links.iter().skip(base).all(|link| matches!(link, Link::Logical(..)))
    }

    fn member_link(&mut self, it: &'a StaticMemberExpression<'a>, awaited: &mut Awaited) -> &'a Expression<'a> {
        self.links.push(Link::Static(it));
        // `await f().catch(…)` awaits what f gives.
        let passes_on = matches!(it.property.name.as_str(), "then" | "catch" | "finally");
        *awaited = Awaited { value: awaited.value && passes_on, returns: false };
        &it.object
    }

    fn call_link(&mut self, it: &'a CallExpression<'a>, awaited: &mut Awaited) -> &'a Expression<'a> {
        self.links.push(Link::Call(it, *awaited));
        let of_member = matches!(it.callee, Expression::StaticMemberExpression(_) | Expression::ChainExpression(_));
        *awaited = Awaited { value: awaited.value && of_member, returns: false };
        &it.callee
    }

    fn link(&mut self, link: Link<'a>, left: NodeId, name: Option<Symbol>, base: usize) -> NodeId {
        match link {
            Link::Static(it) => {
                let name = self.symbol(it.property.name.as_str());
                if let Expr::Global(object) = self.expr(left) {
                    let shows_page = match object.as_str() {
                        "window" | "document" => true,
                        "import.meta" => name.as_str() == "env",
                        _ => false,
                    };
                    self.seen.page |= shows_page;
                }
                self.push(Expr::Member { object: left, name }, it.span)
            }
            Link::Private(it) => {
                let name = Symbol::new(&format!("#{}", it.field.name.as_str()));
                self.push(Expr::Member { object: left, name }, it.span)
            }
            Link::Computed(it) => self.index(left, &it.expression, it.span),
            Link::Call(it, awaited) => self.plain_call(it, left, awaited),
            Link::Tagged(it, awaited) => self.tagged(it, left, awaited),
            Link::Logical(it, awaited) => {
                let outer = self.around;
                self.around.in_branch = true;
                let name = name.filter(|_| self.is_default_chain(base));
                let place = Place { awaited: awaited.value, returns_awaited: awaited.returns, name };
                let right = self.expression_at(&it.right, place);
                self.around = outer;
                let expr = match it.operator {
                    LogicalOperator::And => Expr::And(left, right),
                    LogicalOperator::Or | LogicalOperator::Coalesce => Expr::FirstOf(left, right),
                };
                self.push(expr, it.span)
            }
            Link::Binary(it) if it.operator == BinaryOperator::Addition => self.sum(it, left, base),
            Link::Binary(it) => {
                let right = self.expression(&it.right);
                self.push(Expr::Binary { operator: it.operator.as_str(), left, right }, it.span)
            }
        }
    }

    /// `object[key]`
    pub fn index(&mut self, object: NodeId, key: &'a Expression<'a>, span: Span) -> NodeId {
        let key = self.expression(key);
        match *self.expr(key) {
            Expr::Text(name) => self.push(Expr::Member { object, name }, span),
            _ => self.push(Expr::Index { object, key }, span),
        }
    }

    /// `a + b + …`: texts are added up to one, numbers stay sums of two.
    fn sum(&mut self, first: &'a BinaryExpression<'a>, left: NodeId, base: usize) -> NodeId {
        let mut parts = vec![left];
        let mut spans = Vec::new();
        let mut next = Some(first);
        let mut is_text = self.is_text(left);
        while let Some(it) = next {
            let right = self.expression(&it.right);
            is_text |= self.is_text(right);
            parts.push(right);
            spans.push(it.span);
            next = None;
            if let Some(Link::Binary(it)) = self.links.get(base..).and_then(<[Link<'a>]>::last).copied()
                && it.operator == BinaryOperator::Addition
            {
                self.links.pop();
                next = Some(it);
            }
        }
        if is_text {
            let span = spans.last().copied().unwrap_or(first.span);
            return self.push(Expr::Concat(parts.into()), span);
        }
        let mut parts = parts.into_iter();
        let mut sum = parts.next().unwrap_or(left);
        for (right, span) in parts.zip(spans) {
            sum = self.push(Expr::Binary { operator: "+", left: sum, right }, span);
        }
        sum
    }

    /// True for what is a text whatever its parts are.
    pub fn is_text(&self, node: NodeId) -> bool {
        matches!(self.expr(node), Expr::Text(_) | Expr::Concat(_))
    }

    fn plain_call(&mut self, it: &'a CallExpression<'a>, callee: NodeId, awaited: Awaited) -> NodeId {
        let (gathers, maps) = match it.callee.get_inner_expression() {
            Expression::StaticMemberExpression(member) => {
                let of_promise = member.object.is_specific_id("Promise") && self.is_global("Promise");
                let name = member.property.name.as_str();
                let gathers = awaited.value && of_promise && matches!(name, "all" | "allSettled" | "any" | "race");
                (gathers, awaited.returns && matches!(name, "map" | "flatMap"))
            }
            _ => (false, false),
        };
        let mut arguments = Vec::with_capacity(it.arguments.len());
        for argument in &it.arguments {
            arguments.push(match argument {
                Argument::ArrayExpression(array) if gathers => Element::One(self.array(array, true)),
                argument => self.argument(argument, Place { returns_awaited: gathers || maps, ..Place::default() }),
            });
        }
        let call = Call {
            callee,
            arguments: arguments.into(),
            types: self.type_arguments(it.type_arguments.as_deref()),
            constructs: false,
            around: Around { awaited: awaited.value, ..self.around },
            function: self.function,
        };
        self.call(call, it.span)
    }

    /// An argument of a call.
    pub fn argument(&mut self, argument: &'a Argument<'a>, place: Place) -> Element {
        match argument {
            Argument::SpreadElement(it) => Element::Spread(self.expression_at(&it.argument, place)),
            other => Element::One(self.expression_at(other.to_expression(), place)),
        }
    }

    fn tagged(&mut self, it: &'a TaggedTemplateExpression<'a>, callee: NodeId, awaited: Awaited) -> NodeId {
        let mut texts = Vec::with_capacity(it.quasi.quasis.len());
        for quasi in &it.quasi.quasis {
            let text = quasi.value.cooked.unwrap_or(quasi.value.raw);
            texts.push(Element::One(self.text(text.as_str(), quasi.span, None)));
        }
        let mut arguments = vec![Element::One(self.push(Expr::Array(texts.into()), it.quasi.span))];
        for hole in &it.quasi.expressions {
            arguments.push(Element::One(self.expression(hole)));
        }
        let call = Call {
            callee,
            arguments: arguments.into(),
            types: self.type_arguments(it.type_arguments.as_deref()),
            constructs: false,
            around: Around { awaited: awaited.value, ..self.around },
            function: self.function,
        };
        self.call(call, it.span)
    }
}
