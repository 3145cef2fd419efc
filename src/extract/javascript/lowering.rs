//! The state of one file's lowering: nodes written so far, names in scope, the function and
//! the surroundings of the statement at hand.

use oxc_ast::ast::TSType;
use oxc_span::Span;
use rustc_hash::FxHashMap;

use crate::extract::secrets::{is_secret_key, look_under, may_hold_token, secret_ranges};
use crate::facts::program::{
    Around, ClassId, Expr, Function, FunctionId, Import, ImportId, Module, Node, NodeId, Stage, Variable, VariableId,
};
use crate::source::file::FileId;
use crate::source::secret::SecretLook;
use crate::source::symbol::Symbol;
use crate::syntax::words::words_of;

use super::chain::Link;

/// Longer texts are data: a picture, a certificate, a page.
const TEXT_LIMIT: usize = 16 * 1024;

/// What a name is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A variable, parameter, function, class, enum, namespace, or a type of this file.
    Variable(VariableId),
    /// An import.
    Import(ImportId),
    /// A type parameter: names nothing.
    TypeParameter,
}

/// A name on the stack of scopes.
struct Binding<'a> {
    name: &'a str,
    bound: Bound,
    /// What the name was bound to before; 0: nothing. Places count from 1.
    shadowed: u32,
}

/// A name of the file: its symbol, and the innermost binding (0: none).
struct Name {
    symbol: Symbol,
    binding: u32,
}

/// The scopes as they were before one was opened.
#[derive(Clone, Copy)]
pub struct Scope {
    start: u32,
}

/// Whose object `this` is.
#[derive(Clone, Copy, Debug, Default)]
pub struct This {
    /// The class; `None` in plain functions and in a module's body.
    pub class: Option<ClassId>,
    /// True in static methods.
    pub is_static: bool,
    /// True where it is this very class, whoever asks: what static fields are set to.
    pub is_class: bool,
}

/// How an expression stands in its parent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// Its value is awaited.
    pub awaited: bool,
    /// Calls of the function given here are awaited: `await Promise.all(xs.map(x => f(x)))`.
    pub returns_awaited: bool,
    /// The name it is bound to, for functions without one, and to tell secrets.
    pub name: Option<Symbol>,
}

/// What the text shows of where it runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// JSX elements.
    pub jsx: bool,
    /// A member of `window` or `document`, or `import.meta.env`.
    pub page: bool,
    /// `typeof window`: made to run in both places.
    pub asks_for_page: bool,
}

/// A file on its way to its summary.
pub struct Lowering<'a> {
    pub module: Module,
    pub function: FunctionId,
    pub around: Around,
    pub this: This,
    pub seen: Seen,
    /// True in the body of an `async` function or arrow.
    pub is_async: bool,
    /// True where what the function returns is awaited by those who call it.
    pub returns_awaited: bool,
    pub links: Vec<Link<'a>>,
    pub aliases: FxHashMap<VariableId, &'a TSType<'a>>,
    pub alias_depth: u8,
    /// Whether a name says that its value is secret, for names seen.
    secret_names: FxHashMap<Symbol, bool>,
    /// True if tokens may stand somewhere in the file.
    may_hold_tokens: bool,
    names: FxHashMap<&'a str, Name>,
    bindings: Vec<Binding<'a>>,
    scope: Scope,
}

impl<'a> Lowering<'a> {
    /// An empty module with its body.
    pub fn new(file: FileId, stage: Stage, text: &str) -> Self {
        let text_length = text.len();
        let mut module = blank_module(file, stage);
        // Measured on services: a node for each 25 to 30 bytes.
        module.nodes.reserve(text_length / 28);
        if let Some(body) = module.functions.first_mut() {
            body.end = offset(text_length);
        }
        Self {
            module,
            function: FunctionId(0),
            around: Around::default(),
            this: This::default(),
            seen: Seen::default(),
            is_async: false,
            returns_awaited: false,
            links: Vec::new(),
            aliases: FxHashMap::default(),
            alias_depth: 0,
            secret_names: FxHashMap::default(),
            may_hold_tokens: may_hold_token(text),
            names: FxHashMap::with_capacity_and_hasher(text_length / 100, rustc_hash::FxBuildHasher),
            bindings: Vec::new(),
            scope: Scope { start: 0 },
        }
    }

    /// Adds an expression.
    pub fn push(&mut self, expr: Expr, span: Span) -> NodeId {
        let id = NodeId(offset(self.module.nodes.len()));
        self.module.nodes.push(Node { expr, start: span.start, end: span.end });
        id
    }

    /// The expression of a node that was added.
    pub fn expr(&self, id: NodeId) -> &Expr {
        &self.module.node(id).expr
    }

    /// The symbol of a name of the text.
    pub fn symbol(&mut self, text: &'a str) -> Symbol {
        self.names.entry(text).or_insert_with(|| Name { symbol: Symbol::new(text), binding: 0 }).symbol
    }

    /// A string as an expression. What is secret in it is left out: symbols live on.
    pub fn text(&mut self, text: &'a str, span: Span, named: Option<Symbol>) -> NodeId {
        let expr = if text.len() > TEXT_LIMIT {
            Expr::Opaque("a long text")
        } else if named.is_some_and(|name| self.is_secret(name, text)) {
            Expr::Opaque("a secret")
        } else {
            match without_secrets(text, self.may_hold_tokens) {
                None => Expr::Text(self.symbol(text)),
                Some(masked) => Expr::Text(Symbol::new(&masked)),
            }
        };
        self.push(expr, span)
    }

    fn is_secret(&mut self, name: Symbol, text: &str) -> bool {
        let named = self.secret_names.entry(name).or_insert_with(|| is_secret_key(name.as_str()));
        *named && look_under(name.as_str(), text) == Some(SecretLook::Value) && !is_its_name(&name, text)
    }

    /// Opens a scope; [`Self::leave`] takes what it gives.
    pub fn enter(&mut self) -> Scope {
        std::mem::replace(&mut self.scope, Scope { start: offset(self.bindings.len()) })
    }

    /// Closes the scope that was opened last.
    pub fn leave(&mut self, outer: Scope) {
        while self.bindings.len() > self.scope.start as usize {
            let Some(binding) = self.bindings.pop() else { break };
            if let Some(name) = self.names.get_mut(binding.name) {
                name.binding = binding.shadowed;
            }
        }
        self.scope = outer;
    }

    /// Binds a name in the scope at hand.
    pub fn bind(&mut self, name: &'a str, bound: Bound) {
        let place = offset(self.bindings.len()) + 1;
        let entry = self.names.entry(name).or_insert_with(|| Name { symbol: Symbol::new(name), binding: 0 });
        let shadowed = std::mem::replace(&mut entry.binding, place);
        self.bindings.push(Binding { name, bound, shadowed });
    }

    /// A variable of the scope at hand; one that is declared again is the same.
    pub fn declare(&mut self, name: &'a str) -> Option<VariableId> {
        let symbol = self.symbol(name);
        match self.names.get(name).filter(|name| name.binding > self.scope.start) {
            Some(known) => match self.bindings.get(known.binding as usize - 1).map(|binding| binding.bound) {
                Some(Bound::Variable(variable)) => Some(variable),
                Some(Bound::Import(_) | Bound::TypeParameter) | None => None,
            },
            None => {
                let variable = self.variable(symbol);
                self.bind(name, Bound::Variable(variable));
                Some(variable)
            }
        }
    }

    /// A new variable of the function at hand, bound to no name yet.
    pub fn variable(&mut self, name: Symbol) -> VariableId {
        let id = VariableId(offset(self.module.variables.len()));
        let function = self.function;
        let (values, set_in) = (Vec::new(), Vec::new());
        self.module.variables.push(Variable { name, function, values, set_in, ty: None, parameter: None });
        id
    }

    /// An import, bound to a name where it has one.
    pub fn import(&mut self, name: Option<&'a str>, import: Import) {
        let id = ImportId(offset(self.module.imports.len()));
        self.module.imports.push(import);
        if let Some(name) = name {
            self.bind(name, Bound::Import(id));
        }
    }

    /// What a name is bound to here; `None`: the file does not bind it.
    pub fn lookup(&self, name: &str) -> Option<Bound> {
        let place = self.names.get(name)?.binding as usize;
        self.bindings.get(place.checked_sub(1)?).map(|binding| binding.bound)
    }

    /// True if the file does not bind a name here.
    pub fn is_global(&self, name: &str) -> bool {
        self.lookup(name).is_none()
    }

    /// Adds a value of a variable.
    pub fn set(&mut self, variable: VariableId, value: NodeId) {
        let function = self.function;
        if let Some(variable) = self.module.variables.get_mut(variable.0 as usize) {
            variable.values.push(value);
            if variable.function != function {
                variable.set_in.push((value, function));
            }
        }
    }

    /// The function whose body is being read.
    pub fn body(&mut self) -> Option<&mut Function> {
        self.module.functions.get_mut(self.function.0 as usize)
    }

    /// Reads with a surrounding flag set.
    pub fn within<T>(&mut self, set: impl FnOnce(&mut Around), read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.around;
        set(&mut self.around);
        let result = read(self);
        self.around = outer;
        result
    }
}

/// A module in which nothing was read.
pub fn blank_module(file: FileId, stage: Stage) -> Module {
    let body = Function {
        name: None,
        parent: None,
        class: None,
        parameters: Vec::new(),
        calls: Vec::new(),
        returns: Vec::new(),
        assigns: Vec::new(),
        decorators: Vec::new(),
        first_node: 0,
        end_node: 0,
        is_async: false,
        start: 0,
        end: 0,
    };
    Module {
        file,
        stage,
        imports: Vec::new(),
        exports: Vec::new(),
        nodes: Vec::new(),
        functions: vec![body],
        classes: Vec::new(),
        variables: Vec::new(),
        arms: Vec::new(),
    }
}

/// Counts and places are below 4 GiB, as the file is.
pub fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The text with passwords and tokens masked; `None`: there are none.
fn without_secrets(text: &str, may_hold_tokens: bool) -> Option<String> {
    let bytes = text.as_bytes();
    // `a://b:c@d`, `x=1;pwd=2`
    let has = |byte: u8| memchr::memchr(byte, bytes).is_some();
    if bytes.len() < 6 || !(may_hold_tokens || has(b'=') || (has(b':') && has(b'@'))) {
        return None;
    }
    let found = secret_ranges(text);
    if found.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for secret in found {
        masked.push_str(text.get(done..secret.range.start)?);
        masked.push_str("***");
        done = secret.range.end;
    }
    masked.push_str(text.get(done..)?);
    Some(masked)
}

/// True for a text that is its name once more: `MATCH_PASSWORD = 'matchPassword'` names a message.
fn is_its_name(name: &str, text: &str) -> bool {
    let (name, text) = (words_of(name), words_of(text));
    name.len() > 1 && name == text
}
