//! What a source file's code says: a summary of expressions, functions and classes, in a form
//! that `graph` can follow across files. Made for JavaScript and TypeScript first; nothing in
//! it belongs to one language alone.
//!
//! A summary keeps every expression of the file in one arena, [`Module::nodes`], children
//! before parents. Names are resolved as far as one file can: to a variable, an import, or a
//! global. Types are kept where they name something (`Repository<Order>`); statements are kept
//! as the order of calls and what surrounds them.

use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Place of an expression in [`Module::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// Place of a function in [`Module::functions`]. 0 is the module's own body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// Place of a class in [`Module::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// Place of a variable in [`Module::variables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VariableId(pub u32);

/// Place of an import in [`Module::imports`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImportId(pub u32);

/// Where code runs, as far as its own text and path tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// In the service's process, or not known to run elsewhere.
    Service,
    /// In a browser: JSX, `import.meta.env`, `window.`/`document.` at work, `"use client"`.
    Browser,
    /// Only in tests, mocks, stories, examples, benchmarks.
    Test,
    /// When somebody starts it by hand: `scripts/`, seeds, build configuration.
    Script,
    /// Made by a generator from a contract: `@generated`, `*.pb.ts`, `*_pb.js`. Read for what
    /// others take of it, and never judged itself.
    Generated,
}

/// The summary of one source file.
#[derive(Debug)]
pub struct Module {
    /// The file.
    pub file: FileId,
    /// Where it runs.
    pub stage: Stage,
    /// Names bound to things of other files.
    pub imports: Vec<Import>,
    /// What other files can take from it.
    pub exports: Vec<Export>,
    /// All expressions, children before parents.
    pub nodes: Vec<Node>,
    /// All functions; the first is the module's body.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All variables and parameters.
    pub variables: Vec<Variable>,
    /// Arms of conditions.
    pub arms: Vec<Arm>,
}

/// An arm of a condition: what follows `if`, `else` or `case`. Byte offsets in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    /// First byte.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
    /// From the arm, nothing between its end and this place is reached: its other arms, or
    /// the rest of the function where the arm returns or throws. Its end, where it skips nothing.
    pub skips_until: u32,
    /// The arm around it, in [`Module::arms`].
    pub outer: Option<u32>,
    /// What leads into it, where that is a comparison.
    pub when: Option<When>,
}

/// Comparisons that lead into an arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// One of them holds: `if (kind === 'placed')`, `case 'placed':`.
    One(Box<[NodeId]>),
    /// None of them does: `else`, `default:`.
    None(Box<[NodeId]>),
}

/// What a function gives back at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// The value.
    pub value: NodeId,
    /// What surrounds it.
    pub around: Around,
}

/// An expression with its place: byte offsets in the file.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub expr: Expr,
    /// First byte.
    pub start: u32,
    /// Byte behind the last one.
    pub end: u32,
}

/// What surrounds an expression in its function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Its result is awaited where it stands (`await f()`, `return f()` of an async function,
    /// an element of an awaited `Promise.all([...])`).
    pub awaited: bool,
    /// In the body of a loop.
    pub in_loop: bool,
    /// In a `try` block with a `catch`.
    pub in_try: bool,
    /// In a `catch` block.
    pub in_catch: bool,
    /// Under a condition (`if`, `?:`, `&&`, `switch`).
    pub in_branch: bool,
    /// The innermost arm that it stands in, in [`Module::arms`].
    pub arm: Option<u32>,
}

/// An expression.
#[derive(Debug)]
pub enum Expr {
    /// `'orders'`, a template without holes.
    Text(Symbol),
    /// `5_000`, `-1`, `1e3`.
    Number(f64),
    /// `true`
    Bool(bool),
    /// `null`, `undefined`, `void 0`
    Nothing,
    /// A regular expression's source.
    Pattern(Symbol),
    /// A template with holes, or strings added up: the parts one after the other.
    Concat(Box<[NodeId]>),
    /// A variable or parameter of this file.
    Variable(VariableId),
    /// A name bound by an `import`.
    Import(ImportId),
    /// `require('x')`, `import('x')`: the whole of another module. The specifier as written.
    Require(Symbol),
    /// A name that this file does not bind: `process`, `fetch`.
    Global(Symbol),
    /// `this`
    This,
    /// `super`, as callee or as object.
    Super,
    /// `object.name`, `object?.name`, `object['name']`
    Member {
        /// The object.
        object: NodeId,
        /// The name.
        name: Symbol,
    },
    /// `object[key]` with a computed key.
    Index {
        /// The object.
        object: NodeId,
        /// The key.
        key: NodeId,
    },
    /// `f(…)`, `new F(…)`, a tagged template (the text's parts as first argument).
    Call(Box<Call>),
    /// `{ … }`
    Object(Box<[Property]>),
    /// `[ … ]`; elements left out are [`Expr::Nothing`].
    Array(Box<[Element]>),
    /// A function or arrow.
    Function(FunctionId),
    /// A class expression, or a class by its declaration.
    Class(ClassId),
    /// `a || b`, `a ?? b`: the first that is set; `a = d` in a pattern: the value, else `d`.
    FirstOf(NodeId, NodeId),
    /// `a && b`: b where a holds.
    And(NodeId, NodeId),
    /// `test ? a : b`
    Either {
        /// The condition.
        test: NodeId,
        /// Where it holds.
        then: NodeId,
        /// Where it does not.
        otherwise: NodeId,
    },
    /// `a * b` and other arithmetic and comparisons, with the operator as written.
    Binary {
        /// `*`, `===`, `in`, `instanceof`
        operator: &'static str,
        /// Left.
        left: NodeId,
        /// Right.
        right: NodeId,
    },
    /// `!a`, `typeof a`, `-a`
    Unary {
        /// `!`, `typeof`, `-`
        operator: &'static str,
        /// What it applies to.
        operand: NodeId,
    },
    /// `await a`
    Await(NodeId),
    /// `target = value`; the target is a variable, member or index.
    Assign {
        /// What is set.
        target: NodeId,
        /// To what.
        value: NodeId,
    },
    /// One element of an iterated thing: the variable of `for (const x of xs)`.
    ElementOf(NodeId),
    /// All of `object` but the names listed: `const { a, ...rest } = object`.
    Rest {
        /// The object.
        object: NodeId,
        /// Names taken out.
        without: Box<[Symbol]>,
    },
    /// What a summary does not follow; the reason is for people: `a yield expression`.
    Opaque(&'static str),
}

/// A call or construction.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub callee: NodeId,
    /// With what.
    pub arguments: Box<[Element]>,
    /// Type arguments: `getService<OrdersClient>(…)`, `Repository<Order>`.
    pub types: Box<[Type]>,
    /// True for `new`.
    pub constructs: bool,
    /// What surrounds it.
    pub around: Around,
    /// The function whose body it stands in.
    pub function: FunctionId,
}

/// An argument or element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// One value.
    One(NodeId),
    /// `...values`
    Spread(NodeId),
}

/// A part of an object literal, in order of the text.
#[derive(Debug)]
pub enum Property {
    /// `name: value`, a shorthand, a method, a getter (its function is called for the value).
    Named {
        /// The key.
        name: Symbol,
        /// The value.
        value: NodeId,
        /// First byte of the key.
        start: u32,
        /// Byte behind the key's last one.
        end: u32,
    },
    /// `[key]: value`
    Computed {
        /// The key.
        key: NodeId,
        /// The value.
        value: NodeId,
    },
    /// `...object`
    Spread(NodeId),
}

/// A type, where it names something.
#[derive(Debug, Clone)]
pub struct Type {
    /// The name as an expression: an import, a class of the file, a member of a namespace.
    pub name: NodeId,
    /// Its arguments: `Order` of `Repository<Order>`.
    pub arguments: Box<[Type]>,
}

/// A name bound to something of another file.
#[derive(Debug)]
pub struct Import {
    /// As written: `./clients/orders`, `@shop/http`, `axios`, `node:http`.
    pub specifier: Symbol,
    /// What of it.
    pub what: Imported,
    /// True for `import type`.
    pub type_only: bool,
    /// The specifier's place.
    pub start: u32,
    /// Byte behind it.
    pub end: u32,
}

/// What an import takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Imported {
    /// `import x from`
    Default,
    /// `import * as x from`, `import x = require()`
    Whole,
    /// `import { x } from`
    Named(Symbol),
    /// `import 'x'`: for what its body does.
    Nothing,
}

/// What other files can take from this one.
#[derive(Debug)]
pub enum Export {
    /// `export const name = …`, `export default …` (name `default`), `exports.name = …`.
    Value {
        /// The name.
        name: Symbol,
        /// The value.
        value: NodeId,
    },
    /// `module.exports = …`, `export = …`: the module as a whole.
    Whole(NodeId),
    /// `export { imported as name } from 'specifier'`, `export * as name from` (imported:
    /// [`Imported::Whole`]).
    From {
        /// The name here.
        name: Symbol,
        /// The other module.
        specifier: Symbol,
        /// What of it.
        imported: Imported,
    },
    /// `export * from 'specifier'`
    All(Symbol),
}

/// A function, method, arrow, or a module's body.
#[derive(Debug)]
pub struct Function {
    /// `placeOrder`; the variable or property it is assigned to, for those without a name.
    pub name: Option<Symbol>,
    /// The function around it; `None` for a module's body only.
    pub parent: Option<FunctionId>,
    /// The class whose method it is.
    pub class: Option<ClassId>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Calls of its own body in order of evaluation; those of nested functions are theirs.
    pub calls: Vec<NodeId>,
    /// What it returns; an arrow's expression.
    pub returns: Vec<Return>,
    /// Assignments of its own body, in order ([`Expr::Assign`]).
    pub assigns: Vec<NodeId>,
    /// Decorators of a method, as expressions: calls or names.
    pub decorators: Vec<NodeId>,
    /// Nodes of its body, with those of nested functions: from here …
    pub first_node: u32,
    /// … to before here.
    pub end_node: u32,
    /// True for `async`.
    pub is_async: bool,
    /// First byte: the name where it has one, else the function's start.
    pub start: u32,
    /// Byte behind it.
    pub end: u32,
}

/// A parameter.
#[derive(Debug)]
pub struct Parameter {
    /// The variable it binds. A pattern binds several: this one stands for the whole value, and
    /// those of the pattern have it as their origin.
    pub variable: VariableId,
    /// Its type, where it names something.
    pub ty: Option<Type>,
    /// Decorators: `@Inject('ORDERS')`, `@Body()`.
    pub decorators: Vec<NodeId>,
    /// True for `...rest`.
    pub is_rest: bool,
    /// True where it is a field as well: `constructor(private readonly http: HttpService)`.
    pub is_field: bool,
}

/// A variable.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: Symbol,
    /// The function whose body declares it.
    pub function: FunctionId,
    /// What it is set to, in order of the text: its initializer and every assignment. A
    /// destructured name has a member of the whole here. Empty for parameters without default.
    pub values: Vec<NodeId>,
    /// Those of its values that another function sets it to, with that function: its `this` is
    /// what they see.
    pub set_in: Vec<(NodeId, FunctionId)>,
    /// Its type, where it names something.
    pub ty: Option<Type>,
    /// Which parameter of its function it is, where it is one.
    pub parameter: Option<u32>,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: Option<Symbol>,
    /// `extends X`, as an expression.
    pub base: Option<NodeId>,
    /// Decorators, as expressions.
    pub decorators: Vec<NodeId>,
    /// Fields with a declaration, a parameter property, or an assignment in a method
    /// (`this.x = …`).
    pub fields: Vec<Field>,
    /// Methods, getters and setters, in order of the text; the constructor is apart.
    pub methods: Vec<Method>,
    /// `constructor(…)`
    pub constructor: Option<FunctionId>,
    /// First byte of the name, or of the class.
    pub start: u32,
    /// Byte behind it.
    pub end: u32,
}

/// A field of a class.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: Symbol,
    /// True for `static`.
    pub is_static: bool,
    /// What it is set to: initializer, parameter, assignments in methods.
    pub values: Vec<NodeId>,
    /// Its type, where it names something.
    pub ty: Option<Type>,
    /// Decorators of the declaration or the parameter.
    pub decorators: Vec<NodeId>,
    /// First byte of the name.
    pub start: u32,
    /// Byte behind it.
    pub end: u32,
}

/// A method of a class.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: Symbol,
    /// Its function.
    pub function: FunctionId,
    /// True for `static`.
    pub is_static: bool,
    /// True for `get name()`.
    pub is_getter: bool,
}

/// How module names are mapped to files: `paths` and `baseUrl` of a `tsconfig.json`.
#[derive(Debug)]
pub struct ModulePaths {
    /// The folder whose files it is for.
    pub folder: EstatePath,
    /// The folder that names without a dot may start in (`baseUrl`), where stated.
    pub base: Option<EstatePath>,
    /// Pattern and where it leads, relative to the estate: `@shop/common/*` to
    /// `libs/common/src/*`. At most one `*` in each.
    pub aliases: Vec<(Symbol, Vec<EstatePath>)>,
    /// The other files it takes settings from, relative to the estate: `tsconfig.base.json`.
    pub extends: Vec<EstatePath>,
    /// Where it stands.
    pub span: Span,
}

/// The file that a package is entered by: `main`, `module`, `exports`, `types` of a
/// `package.json`.
#[derive(Debug)]
pub struct PackageEntry {
    /// `@shop/http`
    pub name: Symbol,
    /// The package's folder.
    pub folder: EstatePath,
    /// Subpath (`.`, `./client`) and the files named for it, best first.
    pub entries: Vec<(Symbol, Vec<EstatePath>)>,
    /// Where it stands.
    pub span: Span,
}

impl Module {
    /// The expression of a place; a place of another module gives an opaque one.
    pub fn node(&self, id: NodeId) -> &Node {
        const NONE: Node = Node { expr: Expr::Opaque("a place of another file"), start: 0, end: 0 };
        static OTHER: Node = NONE;
        self.nodes.get(id.0 as usize).unwrap_or(&OTHER)
    }

    /// Where an expression stands.
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span::new(self.file, node.start, node.end)
    }
}
