//! Statements: what surrounds the expressions in them.

use oxc_ast::ast::{
    Declaration, Expression, ForStatementInit, ForStatementLeft, Statement, TSEnumDeclaration, TSEnumMemberName,
    TSNamespaceDeclaration, TSNamespaceDeclarationBody, TryStatement,
};
use oxc_span::GetSpan;

use super::arm::{Way, leaves, none, one};
use super::lowering::{Bound, Lowering, Place};
use crate::facts::program::{Expr, NodeId, Property, Return};
use crate::source::symbol::Symbol;

impl<'a> Lowering<'a> {
    /// Statements whose names are bound already.
    pub fn statements(&mut self, statements: &'a [Statement<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    /// Statements with names of their own.
    pub fn block(&mut self, statements: &'a [Statement<'a>]) {
        let scope = self.enter();
        self.hoist(statements);
        self.statements(statements);
        self.leave(scope);
    }

    fn statement(&mut self, statement: &'a Statement<'a>) {
        match statement {
            Statement::BlockStatement(it) => self.block(&it.body),
            Statement::ExpressionStatement(it) => {
                self.expression(&it.expression);
            }
            Statement::ReturnStatement(it) => {
                if let Some(value) = &it.argument {
                    self.returned(value);
                }
            }
            Statement::ThrowStatement(it) => {
                self.expression(&it.argument);
            }
            Statement::IfStatement(_) => self.conditions(statement),
            Statement::ForStatement(it) => {
                let scope = self.enter();
                match &it.init {
                    Some(ForStatementInit::VariableDeclaration(it)) => {
                        if !it.kind.is_var() {
                            self.hoist_names(it);
                        }
                        self.variables(it);
                    }
                    Some(other) => {
                        if let Some(expression) = other.as_expression() {
                            self.expression(expression);
                        }
                    }
                    None => {}
                }
                self.within(
                    |around| around.in_loop = true,
                    |this| {
                        if let Some(test) = &it.test {
                            this.expression(test);
                        }
                        this.statement(&it.body);
                        if let Some(update) = &it.update {
                            this.expression(update);
                        }
                    },
                );
                self.leave(scope);
            }
            Statement::ForInStatement(it) => {
                self.expression(&it.right);
                let key = self.push(Expr::Opaque("a key of an object"), it.left.span());
                self.each(&it.left, key, &it.body);
            }
            Statement::ForOfStatement(it) => {
                let list = self.expression_at(&it.right, Place { awaited: it.r#await, ..Place::default() });
                let element = self.push(Expr::ElementOf(list), it.left.span());
                self.each(&it.left, element, &it.body);
            }
            Statement::WhileStatement(it) => self.within(
                |around| around.in_loop = true,
                |this| {
                    this.expression(&it.test);
                    this.statement(&it.body);
                },
            ),
            Statement::DoWhileStatement(it) => self.within(
                |around| around.in_loop = true,
                |this| {
                    this.statement(&it.body);
                    this.expression(&it.test);
                },
            ),
            Statement::LabeledStatement(it) => self.statement(&it.body),
            Statement::WithStatement(it) => {
                self.expression(&it.object);
                self.statement(&it.body);
            }
            Statement::SwitchStatement(it) => {
                let asked = self.expression(&it.discriminant);
                let scope = self.enter();
                for case in &it.cases {
                    self.hoist(&case.consequent);
                }
                self.within(|around| around.in_branch = true, |this| this.cases(it, asked));
                self.leave(scope);
            }
            Statement::TryStatement(it) => self.attempt(it),
            Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::DebuggerStatement(_)
            | Statement::EmptyStatement(_) => {}
            other => match other.as_declaration() {
                Some(declaration) => {
                    self.declaration(declaration);
                }
                None => self.module_statement(other),
            },
        }
    }

    /// `return value`, or the expression of an arrow.
    pub fn returned(&mut self, value: &'a Expression<'a>) {
        let awaited = self.is_async || self.returns_awaited;
        let node = self.expression_at(value, Place { awaited, ..Place::default() });
        let around = self.around;
        if let Some(body) = self.body() {
            body.returns.push(Return { value: node, around });
        }
    }

    /// `if … else if … else …`, however many.
    fn conditions(&mut self, statement: &'a Statement<'a>) {
        let outer = self.around;
        let mut tests: Vec<NodeId> = Vec::new();
        let mut at = Some(statement);
        while let Some(statement) = at.take() {
            match statement {
                Statement::IfStatement(it) => {
                    let test = self.expression(&it.test);
                    let test = self.is_comparison(test).then_some(test);
                    self.around.in_branch = true;
                    let others = it.alternate.as_ref().map(|other| other.span().end);
                    let way = Way { leaves: leaves(&it.consequent), others, when: one(test.as_slice()) };
                    self.arm(it.consequent.span(), way, |this| this.statement(&it.consequent));
                    tests.extend(test);
                    at = it.alternate.as_ref();
                }
                other => {
                    let way = Way { leaves: leaves(other), others: None, when: none(&tests) };
                    self.arm(other.span(), way, |this| this.statement(other));
                }
            }
        }
        self.around = outer;
    }

    fn each(&mut self, left: &'a ForStatementLeft<'a>, value: NodeId, body: &'a Statement<'a>) {
        let scope = self.enter();
        self.within(
            |around| around.in_loop = true,
            |this| {
                match left {
                    ForStatementLeft::VariableDeclaration(it) => {
                        if !it.kind.is_var() {
                            this.hoist_names(it);
                        }
                        if let Some(declarator) = it.declarations.first() {
                            this.bind_pattern(&declarator.id, Some(value));
                        }
                    }
                    other => {
                        if let Some(target) = other.as_assignment_target() {
                            this.assign_pattern(target, value);
                        }
                    }
                }
                this.statement(body);
            },
        );
        self.leave(scope);
    }

    fn attempt(&mut self, it: &'a TryStatement<'a>) {
        let has_catch = it.handler.is_some();
        let arms = self.module.arms.len();
        self.within(|around| around.in_try |= has_catch, |this| this.block(&it.block.body));
        if has_catch {
            self.caught(arms, it.block.span.end);
        }
        if let Some(handler) = &it.handler {
            let scope = self.enter();
            self.within(
                |around| around.in_catch = true,
                |this| {
                    if let Some(parameter) = &handler.param {
                        this.hoist_pattern(&parameter.pattern);
                        let error = this.push(Expr::Opaque("a caught error"), parameter.span);
                        this.bind_pattern(&parameter.pattern, Some(error));
                    }
                    this.block(&handler.body.body);
                },
            );
            self.leave(scope);
        }
        if let Some(last) = &it.finalizer {
            self.block(&last.body);
        }
    }

    /// A declaration; gives the names that it declares, for `export`.
    pub fn declaration(&mut self, declaration: &'a Declaration<'a>) {
        if declaration.declare() {
            return;
        }
        match declaration {
            Declaration::VariableDeclaration(it) => self.variables(it),
            Declaration::FunctionDeclaration(it) => {
                if it.body.is_some() {
                    let name = it.id.as_ref().map(|id| self.symbol(id.name.as_str()));
                    let span = it.id.as_ref().map_or(it.span, |id| id.span);
                    let node = self.plain_function(it, name, span, false);
                    self.set_name(it.id.as_ref().map(|id| id.name.as_str()), node);
                }
            }
            Declaration::ClassDeclaration(it) => {
                let node = self.class(it, None);
                self.set_name(it.id.as_ref().map(|id| id.name.as_str()), node);
            }
            Declaration::TSEnumDeclaration(it) => {
                let node = self.enumeration(it);
                self.set_name(Some(it.id.name.as_str()), node);
            }
            Declaration::TSNamespaceDeclaration(it) => {
                let node = self.namespace(it);
                self.set_name(Some(it.id.name.as_str()), node);
            }
            Declaration::TSImportEqualsDeclaration(it) => self.import_equals(it),
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    /// Sets the variable of a declared name.
    pub fn set_name(&mut self, name: Option<&'a str>, value: NodeId) {
        if let Some(Bound::Variable(variable)) = name.and_then(|name| self.lookup(name)) {
            self.set(variable, value);
        }
    }

    /// An `enum`: an object of its members, numbers counted up.
    fn enumeration(&mut self, it: &'a TSEnumDeclaration<'a>) -> NodeId {
        let mut properties = Vec::with_capacity(it.body.members.len());
        let mut next = Some(0.0);
        for member in &it.body.members {
            let (name, span) = match &member.id {
                TSEnumMemberName::Identifier(it) => (self.symbol(it.name.as_str()), it.span),
                TSEnumMemberName::String(it) | TSEnumMemberName::ComputedString(it) => {
                    (self.symbol(it.value.as_str()), it.span)
                }
                TSEnumMemberName::ComputedTemplateString(it) => {
                    let text = it.quasis.first().map_or("", |quasi| quasi.value.raw.as_str());
                    (self.symbol(text), it.span)
                }
            };
            let value = match (&member.initializer, next) {
                (Some(value), _) => self.named(value, Some(name)),
                (None, Some(number)) => self.push(Expr::Number(number), span),
                (None, None) => self.push(Expr::Opaque("a member of an enum that is counted"), span),
            };
            next = match self.expr(value) {
                Expr::Number(number) => Some(number + 1.0),
                _ => None,
            };
            properties.push(Property::Named { name, value, start: span.start, end: span.end });
        }
        self.push(Expr::Object(properties.into()), it.span)
    }

    /// A `namespace`: an object of what it exports.
    fn namespace(&mut self, it: &'a TSNamespaceDeclaration<'a>) -> NodeId {
        let mut properties = Vec::new();
        match &it.body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                let name = self.symbol(inner.id.name.as_str());
                let value = self.namespace(inner);
                let span = inner.id.span;
                properties.push(Property::Named { name, value, start: span.start, end: span.end });
            }
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                let scope = self.enter();
                self.hoist_vars(&block.body);
                self.hoist(&block.body);
                for statement in &block.body {
                    let Statement::ExportDeclaration(export) = statement else {
                        self.statement(statement);
                        continue;
                    };
                    self.declaration(&export.declaration);
                    for (name, span) in super::script::declared_names(&export.declaration) {
                        let value = self.reference(name, span);
                        let name: Symbol = self.symbol(name);
                        properties.push(Property::Named { name, value, start: span.start, end: span.end });
                    }
                }
                self.leave(scope);
            }
        }
        self.push(Expr::Object(properties.into()), it.span)
    }
}
