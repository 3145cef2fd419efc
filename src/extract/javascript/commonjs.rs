//! Modules of Node's older form, as people write them and as compilers do: `require`,
//! `module.exports`, `exports`.

use oxc_ast::ast::{
    Argument, AssignmentExpression, AssignmentTarget, CallExpression, Expression, ObjectPropertyKind, Statement,
};
use oxc_syntax::operator::AssignmentOperator;
use rustc_hash::FxHashMap;

use super::lowering::Lowering;
use crate::facts::program::{Export, Expr, NodeId, Property, VariableId};
use crate::source::symbol::Symbol;

/// What stands for the module's exports in an expression.
enum Exported<'a> {
    /// `module.exports`, `exports`
    Whole,
    /// `module.exports.name`, `exports.name`
    Name(&'a str),
}

impl<'a> Lowering<'a> {
    /// A call that takes another module, or exports something; `None` for all others.
    pub fn special_call(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        match &it.callee {
            Expression::Identifier(callee) => {
                let name = callee.name.as_str();
                if name == "require" {
                    return self.required(it);
                }
                // Helpers of TypeScript, Babel and esbuild stand in the file or are imported.
                match name {
                    "__importDefault"
                    | "__importStar"
                    | "_interopRequireDefault"
                    | "_interopRequireWildcard"
                    | "__toESM"
                    | "_interop_require_default"
                    | "_interop_require_wildcard" => self.unwrapped(it),
                    "__exportStar" | "__export" => self.export_star(it),
                    _ => None,
                }
            }
            Expression::StaticMemberExpression(callee) => {
                let Expression::Identifier(object) = &callee.object else { return None };
                match (object.name.as_str(), callee.property.name.as_str()) {
                    ("Object", "assign") => self.assigned_exports(it),
                    ("Object", "defineProperty") => self.defined_export(it),
                    ("tslib_1" | "tslib", "__exportStar") => self.export_star(it),
                    ("tslib_1" | "tslib", "__importDefault" | "__importStar") => self.unwrapped(it),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `require('x')`
    fn required(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        let name = specifier(it).filter(|_| self.is_global("require"))?;
        let name = self.symbol(name);
        Some(self.push(Expr::Require(name), it.span))
    }

    /// `__importDefault(require('x'))`: the module itself.
    fn unwrapped(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        match it.arguments.first()?.as_expression()? {
            Expression::CallExpression(inner) if inner.callee.is_specific_id("require") => self.required(inner),
            _ => None,
        }
    }

    /// `__exportStar(require('x'), exports)`
    fn export_star(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        let node = self.unwrapped(it)?;
        if let Expr::Require(specifier) = *self.expr(node) {
            self.module.exports.push(Export::All(specifier));
        }
        Some(node)
    }

    /// `Object.assign(module.exports, { … }, require('x'))`
    fn assigned_exports(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        let (first, others) = it.arguments.split_first()?;
        if !matches!(self.exported(first.as_expression()?), Some(Exported::Whole)) {
            return None;
        }
        let mut last = None;
        for argument in others {
            let node = match argument {
                Argument::SpreadElement(it) => self.expression(&it.argument),
                other => self.expression(other.as_expression()?),
            };
            self.export_parts(node);
            last = Some(node);
        }
        Some(last.unwrap_or_else(|| self.push(Expr::Nothing, it.span)))
    }

    /// `Object.defineProperty(exports, 'x', { enumerable: true, get: function () { return … } })`
    fn defined_export(&mut self, it: &'a CallExpression<'a>) -> Option<NodeId> {
        let [target, name, descriptor] = it.arguments.as_slice() else { return None };
        if !matches!(self.exported(target.as_expression()?), Some(Exported::Whole)) {
            return None;
        }
        let Argument::StringLiteral(name) = name else { return None };
        let Argument::ObjectExpression(descriptor) = descriptor else { return None };
        let span = it.span;
        if name.value.as_str() == "__esModule" {
            return Some(self.push(Expr::Nothing, span));
        }
        let property = descriptor.properties.iter().find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                let key = property.key.static_name()?;
                matches!(&*key, "get" | "value").then_some(&**property)
            }
            ObjectPropertyKind::SpreadProperty(_) => None,
        })?;
        let value = match &property.value {
            Expression::FunctionExpression(getter) => match getter.body.as_ref()?.statements.first()? {
                Statement::ReturnStatement(it) => self.expression(it.argument.as_ref()?),
                _ => return None,
            },
            Expression::ArrowFunctionExpression(getter) => {
                let returned = getter.body.as_expression()?;
                self.expression(returned)
            }
            value => self.expression(value),
        };
        let name = self.symbol(name.value.as_str());
        self.module.exports.push(Export::Value { name, value });
        Some(value)
    }

    /// An assignment that exports something; `None` for all others. Gives the value.
    pub fn special_assignment(&mut self, it: &'a AssignmentExpression<'a>) -> Option<NodeId> {
        if it.operator != AssignmentOperator::Assign {
            return None;
        }
        let target = match &it.left {
            AssignmentTarget::StaticMemberExpression(target) => {
                self.exported_member(&target.object, target.property.name.as_str())?
            }
            AssignmentTarget::ComputedMemberExpression(target) => match &target.expression {
                Expression::StringLiteral(name) => self.exported_member(&target.object, name.value.as_str())?,
                _ => return None,
            },
            AssignmentTarget::AssignmentTargetIdentifier(target)
                if target.name.as_str() == "exports" && self.is_global("exports") =>
            {
                // `exports = module.exports = …`; alone it exports nothing.
                return Some(self.expression(&it.right));
            }
            _ => return None,
        };
        match target {
            Exported::Whole => {
                let value = self.expression(&it.right);
                self.module.exports.push(Export::Whole(value));
                Some(value)
            }
            Exported::Name(name) => {
                let name = self.symbol(name);
                let value = self.named(&it.right, Some(name));
                // `exports.a = exports.b = void 0` of compilers announces what is set below.
                if !matches!(self.expr(value), Expr::Nothing) && name.as_str() != "__esModule" {
                    self.module.exports.push(Export::Value { name, value });
                }
                Some(value)
            }
        }
    }

    fn exported_member(&self, object: &'a Expression<'a>, name: &'a str) -> Option<Exported<'a>> {
        if name == "exports" && object.is_specific_id("module") && self.is_global("module") {
            return Some(Exported::Whole);
        }
        match self.exported(object)? {
            Exported::Whole => Some(Exported::Name(name)),
            Exported::Name(_) => None,
        }
    }

    fn exported(&self, expression: &'a Expression<'a>) -> Option<Exported<'a>> {
        match expression {
            Expression::Identifier(it) => {
                (it.name.as_str() == "exports" && self.is_global("exports")).then_some(Exported::Whole)
            }
            Expression::StaticMemberExpression(it) => self.exported_member(&it.object, it.property.name.as_str()),
            _ => None,
        }
    }

    /// Exports each property of an object, or all of a module.
    fn export_parts(&mut self, node: NodeId) {
        let mut exports = Vec::new();
        match self.expr(node) {
            Expr::Require(specifier) => exports.push(Export::All(*specifier)),
            Expr::Object(properties) => {
                for property in properties {
                    match property {
                        Property::Named { name, value, .. } => {
                            exports.push(Export::Value { name: *name, value: *value });
                        }
                        Property::Spread(inner) => {
                            if let Expr::Require(specifier) = self.expr(*inner) {
                                exports.push(Export::All(*specifier));
                            }
                        }
                        Property::Computed { .. } => {}
                    }
                }
            }
            _ => {}
        }
        self.module.exports.append(&mut exports);
    }

    /// Makes `exports.name`, used in the file that sets it, the variable that it is.
    pub fn link_own_exports(&mut self) {
        let is_exports = |module: &crate::facts::program::Module, node: NodeId| match &module.node(node).expr {
            Expr::Global(name) => name.as_str() == "exports",
            Expr::Member { object, name } => {
                name.as_str() == "exports"
                    && matches!(&module.node(*object).expr, Expr::Global(name) if name.as_str() == "module")
            }
            _ => false,
        };
        let mut used: Vec<(usize, Symbol)> = Vec::new();
        for (place, node) in self.module.nodes.iter().enumerate() {
            if let Expr::Member { object, name } = &node.expr
                && is_exports(&self.module, *object)
            {
                used.push((place, *name));
            }
        }
        if used.is_empty() {
            return;
        }
        let mut values: FxHashMap<Symbol, Vec<NodeId>> = FxHashMap::default();
        for export in &self.module.exports {
            match export {
                Export::Value { name, value } => values.entry(*name).or_default().push(*value),
                Export::Whole(_) | Export::From { .. } | Export::All(_) => {}
            }
        }
        let mut variables: FxHashMap<Symbol, VariableId> = FxHashMap::default();
        for (place, name) in used {
            let Some(values) = values.get(&name) else { continue };
            let variable = *variables.entry(name).or_insert_with(|| {
                let variable = self.variable(name);
                values.iter().for_each(|value| self.set(variable, *value));
                variable
            });
            if let Some(node) = self.module.nodes.get_mut(place) {
                node.expr = Expr::Variable(variable);
            }
        }
    }
}

/// The one argument of `require`, where it is a text.
fn specifier<'a>(it: &'a CallExpression<'a>) -> Option<&'a str> {
    match it.arguments.as_slice() {
        [Argument::StringLiteral(text)] => Some(text.value.as_str()),
        [Argument::TemplateLiteral(text)] if text.expressions.is_empty() => {
            text.quasis.first().map(|quasi| quasi.value.cooked.unwrap_or(quasi.value.raw).as_str())
        }
        _ => None,
    }
}
