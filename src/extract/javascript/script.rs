//! A file as a whole: its imports and exports.

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclarationKind, ExportFromDeclaration, ExportNamedDeclaration,
    ImportDeclaration, ImportDeclarationSpecifier, ImportOrExportKind, ModuleExportName, Program, Statement,
    TSImportEqualsDeclaration, TSModuleReference,
};
use oxc_span::Span;

use super::lowering::{Bound, Lowering, offset};
use crate::facts::program::{Export, Expr, Import, Imported};
use crate::source::symbol::Symbol;

impl<'a> Lowering<'a> {
    /// Reads a file's body.
    pub fn program(&mut self, program: &'a Program<'a>) {
        // `await` at the top needs no flag: nothing is returned there.
        for statement in &program.body {
            match statement {
                Statement::ImportDeclaration(it) => self.imports(it),
                Statement::TSImportEqualsDeclaration(it) => self.import_equals(it),
                _ => {}
            }
        }
        self.hoist_vars(&program.body);
        self.hoist(&program.body);
        self.statements(&program.body);
        self.link_own_exports();
        let end = offset(self.module.nodes.len());
        if let Some(body) = self.body() {
            body.end_node = end;
        }
    }

    /// A statement that stands in a file's body only.
    pub fn module_statement(&mut self, statement: &'a Statement<'a>) {
        match statement {
            Statement::ExportDeclaration(it) => {
                match &it.declaration {
                    // `export import a = require('a')`
                    Declaration::TSImportEqualsDeclaration(it) => self.import_equals(it),
                    other => self.declaration(other),
                }
                for (name, span) in declared_names(&it.declaration) {
                    self.export_name(name, name, span);
                }
            }
            Statement::ExportDefaultDeclaration(it) => {
                let default = self.symbol("default");
                let value = match &it.declaration {
                    ExportDefaultDeclarationKind::FunctionDeclaration(it) => {
                        if it.body.is_none() {
                            return;
                        }
                        let own = it.id.as_ref().map(|id| id.name.as_str());
                        let name = own.map(|name| self.symbol(name));
                        let span = it.id.as_ref().map_or(it.span, |id| id.span);
                        let node = self.plain_function(it, name, span, false);
                        self.set_name(own, node);
                        node
                    }
                    ExportDefaultDeclarationKind::ClassDeclaration(it) => {
                        let node = self.class(it, None);
                        self.set_name(it.id.as_ref().map(|id| id.name.as_str()), node);
                        node
                    }
                    ExportDefaultDeclarationKind::TSInterfaceDeclaration(it) => {
                        self.reference(it.id.name.as_str(), it.id.span)
                    }
                    other => match other.as_expression() {
                        Some(expression) => self.expression(expression),
                        None => return,
                    },
                };
                self.module.exports.push(Export::Value { name: default, value });
            }
            Statement::ExportNamedDeclaration(it) => self.export_names(it),
            Statement::ExportFromDeclaration(it) => self.export_from(it),
            Statement::ExportAllDeclaration(it) => {
                let specifier = self.symbol(it.source.value.as_str());
                let export = match &it.exported {
                    Some(name) => {
                        let name = self.export_symbol(name);
                        Export::From { name, specifier, imported: Imported::Whole }
                    }
                    None => Export::All(specifier),
                };
                self.module.exports.push(export);
            }
            Statement::TSExportAssignment(it) => {
                let value = self.expression(&it.expression);
                self.module.exports.push(Export::Whole(value));
            }
            // Imports are bound before the first statement is read.
            _ => {}
        }
    }

    fn imports(&mut self, it: &'a ImportDeclaration<'a>) {
        let specifier = self.symbol(it.source.value.as_str());
        let types = it.import_kind == ImportOrExportKind::Type;
        let span = it.source.span;
        let import = |what, type_only| Import { specifier, what, type_only, start: span.start, end: span.end };
        let Some(specifiers) = it.specifiers.as_ref().filter(|specifiers| !specifiers.is_empty()) else {
            if !types {
                self.import(None, import(Imported::Nothing, false));
            }
            return;
        };
        for specifier in specifiers {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(it) => {
                    let name = self.export_symbol(&it.imported);
                    let what = if name.as_str() == "default" { Imported::Default } else { Imported::Named(name) };
                    let type_only = types || it.import_kind == ImportOrExportKind::Type;
                    self.import(Some(it.local.name.as_str()), import(what, type_only));
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(it) => {
                    self.import(Some(it.local.name.as_str()), import(Imported::Default, types));
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(it) => {
                    self.import(Some(it.local.name.as_str()), import(Imported::Whole, types));
                }
            }
        }
    }

    /// `import x = require('x')`, `import x = a.b`
    pub fn import_equals(&mut self, it: &'a TSImportEqualsDeclaration<'a>) {
        let own = it.id.name.as_str();
        match &it.module_reference {
            TSModuleReference::ExternalModuleReference(reference) => {
                if self.lookup(own).is_some() {
                    return;
                }
                let specifier = self.symbol(reference.expression.value.as_str());
                let span = reference.expression.span;
                let type_only = it.import_kind == ImportOrExportKind::Type;
                let import = Import { specifier, what: Imported::Whole, type_only, start: span.start, end: span.end };
                self.import(Some(own), import);
            }
            TSModuleReference::IdentifierReference(name) => {
                if let Some(variable) = self.declare(own)
                    && self.module.variables.get(variable.0 as usize).is_some_and(|known| known.values.is_empty())
                {
                    let value = self.reference(name.name.as_str(), name.span);
                    self.set(variable, value);
                }
            }
            TSModuleReference::QualifiedName(name) => {
                if let Some(variable) = self.declare(own)
                    && self.module.variables.get(variable.0 as usize).is_some_and(|known| known.values.is_empty())
                {
                    let mut parts = vec![&name.right];
                    let mut at = &name.left;
                    let first = loop {
                        match at {
                            oxc_ast::ast::TSTypeName::IdentifierReference(it) => break it,
                            oxc_ast::ast::TSTypeName::QualifiedName(it) => {
                                parts.push(&it.right);
                                at = &it.left;
                            }
                            oxc_ast::ast::TSTypeName::ThisExpression(_) => return,
                        }
                    };
                    let mut node = self.reference(first.name.as_str(), first.span);
                    for part in parts.into_iter().rev() {
                        let member = self.symbol(part.name.as_str());
                        let span = Span::new(first.span.start, part.span.end);
                        node = self.push(Expr::Member { object: node, name: member }, span);
                    }
                    self.set(variable, node);
                }
            }
        }
    }

    fn export_names(&mut self, it: &'a ExportNamedDeclaration<'a>) {
        for specifier in &it.specifiers {
            let (local, span) = match &specifier.local {
                ModuleExportName::IdentifierName(it) => (it.name.as_str(), it.span),
                ModuleExportName::IdentifierReference(it) => (it.name.as_str(), it.span),
                ModuleExportName::StringLiteral(_) => continue,
            };
            let name = self.export_symbol(&specifier.exported);
            let value = self.reference(local, span);
            self.module.exports.push(Export::Value { name, value });
        }
    }

    fn export_from(&mut self, it: &'a ExportFromDeclaration<'a>) {
        let specifier = self.symbol(it.source.value.as_str());
        for one in &it.specifiers {
            let local = self.export_symbol(&one.local);
            let name = self.export_symbol(&one.exported);
            let imported = if local.as_str() == "default" { Imported::Default } else { Imported::Named(local) };
            self.module.exports.push(Export::From { name, specifier, imported });
        }
    }

    fn export_name(&mut self, local: &'a str, name: &'a str, span: Span) {
        let expr = match self.lookup(local) {
            Some(Bound::Variable(variable)) => Expr::Variable(variable),
            Some(Bound::Import(import)) => Expr::Import(import),
            // Declared only.
            Some(Bound::TypeParameter) | None => return,
        };
        let name = self.symbol(name);
        let value = self.push(expr, span);
        self.module.exports.push(Export::Value { name, value });
    }

    fn export_symbol(&mut self, name: &'a ModuleExportName<'a>) -> Symbol {
        match name {
            ModuleExportName::IdentifierName(it) => self.symbol(it.name.as_str()),
            ModuleExportName::IdentifierReference(it) => self.symbol(it.name.as_str()),
            ModuleExportName::StringLiteral(it) => self.symbol(it.value.as_str()),
        }
    }
}

/// The names that a declaration binds, with their places.
pub fn declared_names<'a>(declaration: &'a Declaration<'a>) -> Vec<(&'a str, Span)> {
    let mut names = Vec::new();
    if declaration.declare() {
        return names;
    }
    match declaration {
        Declaration::VariableDeclaration(it) => {
            for declarator in &it.declarations {
                pattern_names(&declarator.id, &mut names);
            }
        }
        Declaration::FunctionDeclaration(it) if it.body.is_none() => {}
        other => names.extend(other.id().map(|id| (id.name.as_str(), id.span))),
    }
    names
}

fn pattern_names<'a>(pattern: &'a BindingPattern<'a>, names: &mut Vec<(&'a str, Span)>) {
    match pattern {
        BindingPattern::BindingIdentifier(it) => names.push((it.name.as_str(), it.span)),
        BindingPattern::ObjectPattern(it) => {
            it.properties.iter().for_each(|property| pattern_names(&property.value, names));
            it.rest.iter().for_each(|rest| pattern_names(&rest.argument, names));
        }
        BindingPattern::ArrayPattern(it) => {
            it.elements.iter().flatten().for_each(|element| pattern_names(element, names));
            it.rest.iter().for_each(|rest| pattern_names(&rest.argument, names));
        }
        BindingPattern::AssignmentPattern(it) => pattern_names(&it.left, names),
    }
}
