//! JSX: only the expressions in it count. It runs in browsers, or makes pages.

use oxc_ast::ast::{
    JSXAttributeItem, JSXAttributeValue, JSXChild, JSXElement, JSXExpression, JSXExpressionContainer, JSXFragment,
};

use super::lowering::Lowering;
use crate::facts::program::{Expr, NodeId};

impl<'a> Lowering<'a> {
    /// `<Orders list={orders} />`
    pub fn jsx_element(&mut self, it: &'a JSXElement<'a>) -> NodeId {
        self.seen.jsx = true;
        for attribute in &it.opening_element.attributes {
            match attribute {
                JSXAttributeItem::SpreadAttribute(it) => {
                    self.expression(&it.argument);
                }
                JSXAttributeItem::Attribute(it) => match &it.value {
                    Some(JSXAttributeValue::ExpressionContainer(it)) => self.container(it),
                    Some(JSXAttributeValue::Element(it)) => {
                        self.jsx_element(it);
                    }
                    Some(JSXAttributeValue::Fragment(it)) => {
                        self.jsx_fragment(it);
                    }
                    Some(JSXAttributeValue::StringLiteral(_)) | None => {}
                },
            }
        }
        self.children(&it.children);
        self.push(Expr::Opaque("an element of a page"), it.span)
    }

    /// `<>…</>`
    pub fn jsx_fragment(&mut self, it: &'a JSXFragment<'a>) -> NodeId {
        self.seen.jsx = true;
        self.children(&it.children);
        self.push(Expr::Opaque("an element of a page"), it.span)
    }

    fn children(&mut self, children: &'a [JSXChild<'a>]) {
        for child in children {
            match child {
                JSXChild::Element(it) => {
                    self.jsx_element(it);
                }
                JSXChild::Fragment(it) => {
                    self.jsx_fragment(it);
                }
                JSXChild::ExpressionContainer(it) => self.container(it),
                JSXChild::Spread(it) => {
                    self.expression(&it.expression);
                }
                JSXChild::Text(_) => {}
            }
        }
    }

    fn container(&mut self, it: &'a JSXExpressionContainer<'a>) {
        match &it.expression {
            JSXExpression::EmptyExpression(_) => {}
            other => {
                if let Some(expression) = other.as_expression() {
                    self.expression(expression);
                }
            }
        }
    }
}
