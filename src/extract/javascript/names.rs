//! Names that a scope binds before its first statement runs.

use oxc_ast::ast::{
    BindingPattern, Declaration, ExportDefaultDeclarationKind, ForStatementInit, ForStatementLeft, Statement,
    VariableDeclaration, VariableDeclarationKind,
};

use super::lowering::Lowering;

impl<'a> Lowering<'a> {
    /// Binds what the statements of a block declare: functions, classes, `let`, `const`, types.
    pub fn hoist(&mut self, statements: &'a [Statement<'a>]) {
        for statement in statements {
            match statement {
                Statement::ExportDeclaration(it) => self.hoist_declaration(&it.declaration),
                Statement::ExportDefaultDeclaration(it) => {
                    let id = match &it.declaration {
                        ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.id.as_ref(),
                        ExportDefaultDeclarationKind::ClassDeclaration(it) => it.id.as_ref(),
                        ExportDefaultDeclarationKind::TSInterfaceDeclaration(it) => Some(&it.id),
                        _ => None,
                    };
                    if let Some(id) = id {
                        self.declare(id.name.as_str());
                    }
                }
                other => {
                    if let Some(declaration) = other.as_declaration() {
                        self.hoist_declaration(declaration);
                    }
                }
            }
        }
    }

    fn hoist_declaration(&mut self, declaration: &'a Declaration<'a>) {
        match declaration {
            // What is declared only is a name of the environment.
            declaration if declaration.declare() => {}
            Declaration::VariableDeclaration(it) => {
                if it.kind != VariableDeclarationKind::Var {
                    self.hoist_names(it);
                }
            }
            Declaration::FunctionDeclaration(it) => {
                if let (Some(id), Some(_)) = (&it.id, &it.body) {
                    self.declare(id.name.as_str());
                }
            }
            Declaration::ClassDeclaration(it) => {
                if let Some(id) = &it.id {
                    self.declare(id.name.as_str());
                }
            }
            Declaration::TSTypeAliasDeclaration(it) => {
                if let Some(variable) = self.declare(it.id.name.as_str()) {
                    self.aliases.insert(variable, &it.type_annotation);
                }
            }
            Declaration::TSInterfaceDeclaration(it) => {
                self.declare(it.id.name.as_str());
            }
            Declaration::TSEnumDeclaration(it) => {
                self.declare(it.id.name.as_str());
            }
            Declaration::TSNamespaceDeclaration(it) => {
                self.declare(it.id.name.as_str());
            }
            // These bind an import, or another name for something; see `script`.
            Declaration::TSImportEqualsDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    /// Binds the `var`s of a function's body, however deep they stand.
    pub fn hoist_vars(&mut self, statements: &'a [Statement<'a>]) {
        for statement in statements {
            self.hoist_vars_of(statement);
        }
    }

    fn hoist_vars_of(&mut self, statement: &'a Statement<'a>) {
        let mut at = Some(statement);
        while let Some(statement) = at.take() {
            match statement {
                Statement::VariableDeclaration(it) => self.hoist_var(it),
                Statement::ExportDeclaration(it) => {
                    if let Declaration::VariableDeclaration(it) = &it.declaration {
                        self.hoist_var(it);
                    }
                }
                Statement::BlockStatement(it) => self.hoist_vars(&it.body),
                Statement::IfStatement(it) => {
                    self.hoist_vars_of(&it.consequent);
                    at = it.alternate.as_ref();
                }
                Statement::ForStatement(it) => {
                    if let Some(ForStatementInit::VariableDeclaration(it)) = &it.init {
                        self.hoist_var(it);
                    }
                    at = Some(&it.body);
                }
                Statement::ForInStatement(it) => {
                    if let ForStatementLeft::VariableDeclaration(it) = &it.left {
                        self.hoist_var(it);
                    }
                    at = Some(&it.body);
                }
                Statement::ForOfStatement(it) => {
                    if let ForStatementLeft::VariableDeclaration(it) = &it.left {
                        self.hoist_var(it);
                    }
                    at = Some(&it.body);
                }
                Statement::WhileStatement(it) => at = Some(&it.body),
                Statement::DoWhileStatement(it) => at = Some(&it.body),
                Statement::LabeledStatement(it) => at = Some(&it.body),
                Statement::WithStatement(it) => at = Some(&it.body),
                Statement::SwitchStatement(it) => {
                    for case in &it.cases {
                        self.hoist_vars(&case.consequent);
                    }
                }
                Statement::TryStatement(it) => {
                    self.hoist_vars(&it.block.body);
                    if let Some(handler) = &it.handler {
                        self.hoist_vars(&handler.body.body);
                    }
                    if let Some(last) = &it.finalizer {
                        self.hoist_vars(&last.body);
                    }
                }
                _ => {}
            }
        }
    }

    fn hoist_var(&mut self, it: &'a VariableDeclaration<'a>) {
        if it.kind == VariableDeclarationKind::Var && !it.declare {
            self.hoist_names(it);
        }
    }

    /// Binds the names of a declaration in the scope at hand.
    pub fn hoist_names(&mut self, it: &'a VariableDeclaration<'a>) {
        for declarator in &it.declarations {
            self.hoist_pattern(&declarator.id);
        }
    }

    /// Binds the names of a pattern in the scope at hand.
    pub fn hoist_pattern(&mut self, pattern: &'a BindingPattern<'a>) {
        match pattern {
            BindingPattern::BindingIdentifier(it) => {
                self.declare(it.name.as_str());
            }
            BindingPattern::ObjectPattern(it) => {
                for property in &it.properties {
                    self.hoist_pattern(&property.value);
                }
                if let Some(rest) = &it.rest {
                    self.hoist_pattern(&rest.argument);
                }
            }
            BindingPattern::ArrayPattern(it) => {
                for element in it.elements.iter().flatten() {
                    self.hoist_pattern(element);
                }
                if let Some(rest) = &it.rest {
                    self.hoist_pattern(&rest.argument);
                }
            }
            BindingPattern::AssignmentPattern(it) => self.hoist_pattern(&it.left),
        }
    }
}
