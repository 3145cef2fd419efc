//! A summary as lines: imports, exports, variables, functions, classes, each with expressions
//! written out.

use crate::extract::javascript::read::summary;
use crate::facts::program::{
    Call, Element, Export, Expr, Field, Import, Imported, Module, NodeId, Property, Type, VariableId,
};
use crate::source::file::FileId;

/// The summary of a text, as lines.
pub fn dump(name: &str, text: &str) -> Vec<String> {
    let summary = summary(FileId(0), text, name).expect("not too deep");
    let mut lines: Vec<String> =
        summary.mistakes.iter().map(|(start, end, message)| format!("mistake {start}-{end} {message}")).collect();
    lines.extend(Dump { module: &summary.module, text }.lines());
    lines
}

/// One expression of a text: the value of variable `name`.
pub fn value_of(text: &str, name: &str) -> String {
    let summary = summary(FileId(0), text, "a.ts").expect("not too deep");
    let dump = Dump { module: &summary.module, text };
    let variable = summary.module.variables.iter().find(|variable| variable.name == *name);
    match variable {
        Some(variable) => variable.values.iter().map(|value| dump.expr(*value)).collect::<Vec<_>>().join(" ; "),
        None => "no such variable".to_owned(),
    }
}

struct Dump<'a> {
    module: &'a Module,
    text: &'a str,
}

impl Dump<'_> {
    fn lines(&self) -> Vec<String> {
        let module = self.module;
        let mut lines: Vec<String> = module.imports.iter().map(|import| self.import(import)).collect();
        for (place, variable) in module.variables.iter().enumerate() {
            let values: Vec<String> = variable.values.iter().map(|value| self.expr(*value)).collect();
            let parameter = variable.parameter.map(|at| format!(" parameter {at}")).unwrap_or_default();
            let ty = variable.ty.as_ref().map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
            lines.push(format!(
                "v{place} {} in f{}{parameter}{ty} = {}",
                variable.name,
                variable.function.0,
                values.join(" ; ")
            ));
        }
        for (place, function) in module.functions.iter().enumerate() {
            let mut line = format!("f{place}");
            line.extend(function.is_async.then_some(" async"));
            line.extend(function.name.map(|name| format!(" {name}")));
            line.extend(function.class.map(|class| format!(" of c{}", class.0)));
            line.extend(function.parent.filter(|parent| parent.0 > 0).map(|parent| format!(" in f{}", parent.0)));
            for parameter in &function.parameters {
                let mut one = format!(" ({}v{}", if parameter.is_rest { "..." } else { "" }, parameter.variable.0);
                one.extend(parameter.ty.as_ref().map(|ty| format!(": {}", self.ty(ty))));
                one.extend(parameter.decorators.iter().map(|decorator| format!(" @{}", self.expr(*decorator))));
                one.extend(parameter.is_field.then_some(" field"));
                line.push_str(&one);
                line.push(')');
            }
            let list = |word: &str, nodes: &[NodeId]| {
                let shown: Vec<String> = nodes.iter().map(|node| self.expr(*node)).collect();
                if shown.is_empty() { String::new() } else { format!(" {word} [{}]", shown.join(" ; ")) }
            };
            line.push_str(&list("decorators", &function.decorators));
            line.push_str(&list("calls", &function.calls));
            line.push_str(&list("assigns", &function.assigns));
            line.push_str(&list("returns", &function.returns.iter().map(|one| one.value).collect::<Vec<_>>()));
            if line.len() > 2 || place > 0 {
                lines.push(line);
            }
        }
        for (place, class) in module.classes.iter().enumerate() {
            let mut line = format!("c{place}");
            line.extend(class.name.map(|name| format!(" {name}")));
            line.extend(class.base.map(|base| format!(" extends {}", self.expr(base))));
            line.extend(class.decorators.iter().map(|decorator| format!(" @{}", self.expr(*decorator))));
            line.extend(class.constructor.map(|function| format!(" constructor f{}", function.0)));
            line.extend(class.fields.iter().map(|field| self.field(field)));
            line.extend(class.methods.iter().map(|method| {
                let kind = if method.is_getter { "get " } else { "" };
                let kept = if method.is_static { "static " } else { "" };
                format!(" {{{kept}{kind}{} f{}}}", method.name, method.function.0)
            }));
            lines.push(line);
        }
        lines.extend(module.exports.iter().map(|export| match export {
            Export::Value { name, value } => format!("export {name} = {}", self.expr(*value)),
            Export::Whole(value) => format!("export = {}", self.expr(*value)),
            Export::From { name, specifier, imported } => {
                format!("export {name} = {} of {specifier}", imported_word(*imported))
            }
            Export::All(specifier) => format!("export * of {specifier}"),
        }));
        lines
    }

    fn import(&self, import: &Import) -> String {
        let kind = if import.type_only { "import type" } else { "import" };
        let place = self.text.get(import.start as usize..import.end as usize).unwrap_or("?");
        format!("{kind} {} of {place}", imported_word(import.what))
    }

    fn field(&self, field: &Field) -> String {
        let kept = if field.is_static { "static " } else { "" };
        let ty = field.ty.as_ref().map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
        let values: Vec<String> = field.values.iter().map(|value| self.expr(*value)).collect();
        let decorators: String =
            field.decorators.iter().map(|decorator| format!(" @{}", self.expr(*decorator))).collect();
        let name = self.text.get(field.start as usize..field.end as usize).unwrap_or("?");
        assert_eq!(
            name.trim_matches(['\'', '"', '#']),
            field.name.as_str().trim_start_matches('#'),
            "place of a field"
        );
        format!(" {{{kept}{}{ty} = {}{decorators}}}", field.name, values.join(" ; "))
    }

    fn ty(&self, ty: &Type) -> String {
        let arguments: Vec<String> = ty.arguments.iter().map(|argument| self.ty(argument)).collect();
        let name = self.expr(ty.name);
        if arguments.is_empty() { name } else { format!("{name}<{}>", arguments.join(", ")) }
    }

    fn name(&self, variable: VariableId) -> &str {
        self.module.variables.get(variable.0 as usize).map_or("?", |variable| variable.name.as_str())
    }

    fn expr(&self, id: NodeId) -> String {
        let node = self.module.node(id);
        match &node.expr {
            Expr::Text(text) => format!("{:?}", text.as_str()),
            Expr::Number(number) => number.to_string(),
            Expr::Bool(yes) => yes.to_string(),
            Expr::Nothing => "nothing".to_owned(),
            Expr::Pattern(pattern) => format!("/{pattern}/"),
            Expr::Concat(parts) => {
                format!("<{}>", parts.iter().map(|part| self.expr(*part)).collect::<Vec<_>>().join(" "))
            }
            Expr::Variable(variable) => self.name(*variable).to_owned(),
            Expr::Import(import) => {
                let import = self.module.imports.get(import.0 as usize);
                import.map_or("?".to_owned(), |import| format!("{}#{}", import.specifier, imported_word(import.what)))
            }
            Expr::Require(specifier) => format!("require({specifier})"),
            Expr::Global(name) => format!("${name}"),
            Expr::This => "this".to_owned(),
            Expr::Super => "super".to_owned(),
            Expr::Member { object, name } => format!("{}.{name}", self.expr(*object)),
            Expr::Index { object, key } => format!("{}[{}]", self.expr(*object), self.expr(*key)),
            Expr::Call(call) => self.call(call),
            Expr::Object(properties) => {
                let shown: Vec<String> = properties
                    .iter()
                    .map(|property| match property {
                        Property::Named { name, value, start, end } => {
                            let key = self.text.get(*start as usize..*end as usize).unwrap_or("?");
                            assert!(key.contains(name.as_str().trim_start_matches('#')), "place of key {name}: {key}");
                            format!("{name}: {}", self.expr(*value))
                        }
                        Property::Computed { key, value } => format!("[{}]: {}", self.expr(*key), self.expr(*value)),
                        Property::Spread(object) => format!("...{}", self.expr(*object)),
                    })
                    .collect();
                format!("{{{}}}", shown.join(", "))
            }
            Expr::Array(elements) => format!("[{}]", self.elements(elements)),
            Expr::Function(function) => format!("f{}", function.0),
            Expr::Class(class) => format!("c{}", class.0),
            Expr::FirstOf(first, second) => format!("({} ?? {})", self.expr(*first), self.expr(*second)),
            Expr::And(first, second) => format!("({} && {})", self.expr(*first), self.expr(*second)),
            Expr::Either { test, then, otherwise } => {
                format!("({} ? {} : {})", self.expr(*test), self.expr(*then), self.expr(*otherwise))
            }
            Expr::Binary { operator, left, right } => {
                format!("({} {operator} {})", self.expr(*left), self.expr(*right))
            }
            Expr::Unary { operator, operand } => format!("{operator} {}", self.expr(*operand)),
            Expr::Await(inner) => format!("await {}", self.expr(*inner)),
            Expr::Assign { target, value } => format!("{} := {}", self.expr(*target), self.expr(*value)),
            Expr::ElementOf(list) => format!("each {}", self.expr(*list)),
            Expr::Rest { object, without } => {
                let names: Vec<&str> = without.iter().map(|name| name.as_str()).collect();
                format!("{} without {}", self.expr(*object), names.join(" "))
            }
            Expr::Opaque(reason) => format!("?{reason}?"),
        }
    }

    fn call(&self, call: &Call) -> String {
        let mut flags = String::new();
        let around = call.around;
        for (set, sign) in [
            (around.awaited, 'a'),
            (around.in_loop, 'l'),
            (around.in_try, 't'),
            (around.in_catch, 'c'),
            (around.in_branch, 'b'),
        ] {
            if set {
                flags.push(sign);
            }
        }
        if !flags.is_empty() {
            flags = format!("%{flags}");
        }
        let word = if call.constructs { "new " } else { "" };
        let types: Vec<String> = call.types.iter().map(|ty| self.ty(ty)).collect();
        let types = if types.is_empty() { String::new() } else { format!("<{}>", types.join(", ")) };
        format!("{word}{}{types}({}){flags}", self.expr(call.callee), self.elements(&call.arguments))
    }

    fn elements(&self, elements: &[Element]) -> String {
        let shown: Vec<String> = elements
            .iter()
            .map(|element| match element {
                Element::One(value) => self.expr(*value),
                Element::Spread(values) => format!("...{}", self.expr(*values)),
            })
            .collect();
        shown.join(", ")
    }
}

fn imported_word(imported: Imported) -> String {
    match imported {
        Imported::Default => "default".to_owned(),
        Imported::Whole => "*".to_owned(),
        Imported::Named(name) => name.to_string(),
        Imported::Nothing => "nothing".to_owned(),
    }
}
