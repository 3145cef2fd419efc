//! Types, where they name something.

use oxc_ast::ast::{
    TSImportTypeQualifier, TSLiteral, TSType, TSTypeAnnotation, TSTypeName, TSTypeOperatorOperator,
    TSTypeParameterInstantiation, TSTypeQueryExprName,
};
use oxc_span::{GetSpan, Span};

use super::lowering::{Bound, Lowering};
use crate::facts::program::{Expr, NodeId, Type};

/// How far a type's other names are followed: `type Db = PrismaClient`.
const ALIAS_LIMIT: u8 = 4;

impl<'a> Lowering<'a> {
    /// `: Repository<Order>`
    pub fn annotation(&mut self, annotation: Option<&'a TSTypeAnnotation<'a>>) -> Option<Type> {
        self.named_type(&annotation?.type_annotation)
    }

    /// `<Order, string>`: types that name nothing keep their place.
    pub fn type_arguments(&mut self, arguments: Option<&'a TSTypeParameterInstantiation<'a>>) -> Box<[Type]> {
        let Some(arguments) = arguments else { return Box::default() };
        arguments.params.iter().map(|argument| self.type_argument(argument)).collect()
    }

    fn type_argument(&mut self, argument: &'a TSType<'a>) -> Type {
        if let Some(named) = self.named_type(argument) {
            return named;
        }
        let span = argument.span();
        let name = match argument {
            TSType::TSLiteralType(it) => match &it.literal {
                TSLiteral::StringLiteral(it) => self.text(it.value.as_str(), it.span, None),
                TSLiteral::NumericLiteral(it) => self.push(Expr::Number(it.value), it.span),
                TSLiteral::BooleanLiteral(it) => self.push(Expr::Bool(it.value), it.span),
                TSLiteral::BigIntLiteral(_) | TSLiteral::TemplateLiteral(_) | TSLiteral::UnaryExpression(_) => {
                    self.push(Expr::Opaque("a type without a name"), span)
                }
            },
            _ => self.push(Expr::Opaque("a type without a name"), span),
        };
        Type { name, arguments: Box::default() }
    }

    /// The type as a name, where it is one: `Order | undefined` is `Order`.
    fn named_type(&mut self, ty: &'a TSType<'a>) -> Option<Type> {
        match ty {
            TSType::TSTypeReference(it) => {
                if let TSTypeName::IdentifierReference(name) = &it.type_name
                    && let Some(Bound::Variable(variable)) = self.lookup(name.name.as_str())
                    && let Some(alias) = self.aliases.get(&variable).copied()
                    && self.alias_depth < ALIAS_LIMIT
                {
                    self.alias_depth += 1;
                    let named = self.named_type(alias);
                    self.alias_depth -= 1;
                    if named.is_some() {
                        return named;
                    }
                }
                let name = self.type_name(&it.type_name)?;
                let arguments = self.type_arguments(it.type_arguments.as_deref());
                Some(Type { name, arguments })
            }
            TSType::TSUnionType(it) => {
                let mut set = it.types.iter().filter(|ty| {
                    !matches!(ty, TSType::TSNullKeyword(_) | TSType::TSUndefinedKeyword(_) | TSType::TSVoidKeyword(_))
                });
                let one = set.next()?;
                if set.next().is_some() { None } else { self.named_type(one) }
            }
            TSType::TSIntersectionType(it) => it.types.iter().find_map(|ty| self.named_type(ty)),
            TSType::TSParenthesizedType(it) => self.named_type(&it.type_annotation),
            TSType::TSTypeOperatorType(it) if it.operator == TSTypeOperatorOperator::Readonly => {
                self.named_type(&it.type_annotation)
            }
            TSType::TSArrayType(it) => {
                let element = self.named_type(&it.element_type)?;
                let list = self.symbol("Array");
                let name = self.push(Expr::Global(list), it.span);
                Some(Type { name, arguments: Box::new([element]) })
            }
            TSType::TSTypeQuery(it) => {
                let name = match &it.expr_name {
                    TSTypeQueryExprName::TSImportType(it) => {
                        return self.named_import(
                            it.source.value.as_str(),
                            it.qualifier.as_ref(),
                            it.span,
                            it.type_arguments.as_deref(),
                        );
                    }
                    other => self.type_name(other.as_ts_type_name()?)?,
                };
                let arguments = self.type_arguments(it.type_arguments.as_deref());
                Some(Type { name, arguments })
            }
            TSType::TSImportType(it) => self.named_import(
                it.source.value.as_str(),
                it.qualifier.as_ref(),
                it.span,
                it.type_arguments.as_deref(),
            ),
            _ => None,
        }
    }

    /// `import('./orders').Order`
    fn named_import(
        &mut self,
        specifier: &'a str,
        qualifier: Option<&'a TSImportTypeQualifier<'a>>,
        span: Span,
        arguments: Option<&'a TSTypeParameterInstantiation<'a>>,
    ) -> Option<Type> {
        let specifier = self.symbol(specifier);
        let mut name = self.push(Expr::Require(specifier), span);
        let mut parts = Vec::new();
        let mut at = qualifier;
        while let Some(qualifier) = at.take() {
            match qualifier {
                TSImportTypeQualifier::Identifier(it) => parts.push(&**it),
                TSImportTypeQualifier::QualifiedName(it) => {
                    parts.push(&it.right);
                    at = Some(&it.left);
                }
            }
        }
        for part in parts.into_iter().rev() {
            let member = self.symbol(part.name.as_str());
            name = self.push(Expr::Member { object: name, name: member }, Span::new(span.start, part.span.end));
        }
        let arguments = self.type_arguments(arguments);
        Some(Type { name, arguments })
    }

    /// `Order`, `orders.Order`; `None` for type parameters and `this`.
    pub fn type_name(&mut self, name: &'a TSTypeName<'a>) -> Option<NodeId> {
        let mut parts = Vec::new();
        let mut at = name;
        let first = loop {
            match at {
                TSTypeName::IdentifierReference(it) => break it,
                TSTypeName::QualifiedName(it) => {
                    parts.push(&**it);
                    at = &it.left;
                }
                TSTypeName::ThisExpression(_) => return None,
            }
        };
        if self.lookup(first.name.as_str()) == Some(Bound::TypeParameter) {
            return None;
        }
        let mut node = self.reference(first.name.as_str(), first.span);
        for part in parts.into_iter().rev() {
            let name = self.symbol(part.right.name.as_str());
            node = self.push(Expr::Member { object: node, name }, part.span);
        }
        Some(node)
    }
}
