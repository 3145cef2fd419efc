//! Values as the walk knows them: what an expression gives, as far as the code tells.

use std::rc::Rc;

use crate::facts::program::{ClassId, FunctionId, NodeId, Type};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::event::EventId;

/// Number of a module: its place in the list of all modules of the estate, sorted by path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// Number of a frame: its place in [`super::event::Events::frames`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrameId(pub u32);

/// A value with the place of the expression that shows it best.
#[derive(Clone, Debug)]
pub struct Known {
    /// What it is.
    pub value: Value,
    /// Where it is written. For a value that was followed, the literal's place.
    pub span: Span,
    /// Places it came through, nearest to the use first, without [`Self::span`]: the constant's
    /// use, the import. At most four.
    pub through: Rc<[Span]>,
}

/// A value. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Value {
    /// `'orders'`
    Text(Symbol),
    /// `5000`
    Number(f64),
    /// `true`
    Bool(bool),
    /// `undefined`, `null`, a property or argument that is not there.
    Nothing,
    /// A variable of the environment: `process.env.ORDERS_URL`, `config.get('ORDERS_URL')`
    /// where configuration reads the environment.
    Env(Symbol),
    /// A key of the application's configuration files: `config.get('orders.url')`.
    Setting(Symbol),
    /// Parts one after the other.
    Concat(Rc<[Known]>),
    /// The first that is set: `a ?? b`.
    FirstOf(Rc<[Known]>),
    /// One of these, by a condition or by the caller: `test ? a : b`. Never fewer than two.
    OneOf(Rc<[Known]>),
    /// An object literal, with what was assigned to it where that is clear.
    Object(Rc<Object>),
    /// An array literal.
    Array(Rc<[Known]>),
    /// A function of the estate.
    Function(Rc<Closure>),
    /// A class of the estate.
    Class(ClassRef),
    /// An object of a class of the estate.
    Instance(Rc<Instance>),
    /// A module of the estate as a whole.
    Module(ModuleId),
    /// Something of a library, or what a library's function gave: `axios.create({…})`.
    Foreign(Rc<Foreign>),
    /// The text of one of the arguments that a request brings; what the caller's caller hands
    /// in. The reason names it: `the parameter id`.
    Parameter(Symbol),
    /// A function of numbers or texts whose arguments are not all known; present, but which
    /// value cannot be told: `Number(process.env.X)` is [`Value::Env`], `a * b` is this.
    Computed(Rc<[Known]>),
    /// It cannot be followed; the reason is for people.
    Unknown(Symbol),
}

/// A class by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassRef {
    /// The module.
    pub module: ModuleId,
    /// The class in it.
    pub class: ClassId,
}

/// A function by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionRef {
    /// The module.
    pub module: ModuleId,
    /// The function in it.
    pub function: FunctionId,
}

/// An object's properties.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// Key and value in order of the text; a later one wins.
    pub entries: Vec<(Symbol, Known)>,
    /// True where there may be more keys than are known: a spread or a computed key that
    /// cannot be followed. `unknown_after` says which of the entries may be overwritten.
    pub open: bool,
    /// Entries before this place may be overwritten by what is not known. 0: none.
    pub unknown_after: usize,
}

/// A function with what surrounds it.
#[derive(Clone, Debug)]
pub struct Closure {
    /// Which function.
    pub function: FunctionRef,
    /// The frame it was made in; `None`: not known, or a module's body.
    pub frame: Option<Rc<Frame>>,
    /// `this`, where it is bound: methods, arrows in methods.
    pub this: Option<Known>,
}

/// A function that is being walked, with its arguments.
#[derive(Debug)]
pub struct Frame {
    /// Its number.
    pub id: FrameId,
    /// Which function.
    pub function: FunctionRef,
    /// Arguments by parameter; `None` where nobody says: an entrance.
    pub arguments: Option<Vec<Known>>,
    /// `this`.
    pub this: Option<Known>,
    /// The frame around it.
    pub outer: Option<Rc<Frame>>,
    /// How many frames are below: guards against recursion.
    pub depth: u16,
}

/// An object of a class of the estate.
#[derive(Debug)]
pub struct Instance {
    /// Its class.
    pub class: ClassRef,
    /// What its constructor was given; `None` where a container injects by type and token.
    pub arguments: Option<Vec<Known>>,
    /// Where it is made, where that is seen.
    pub made: Option<Span>,
}

/// Something of a library: where it starts and what was done to it.
#[derive(Debug)]
pub struct Foreign {
    /// The part before the last step; `None`: [`Self::step`] is the start.
    pub before: Option<Rc<Self>>,
    /// The last step.
    pub step: Step,
    /// How many steps lead here.
    pub length: u16,
}

/// One step on the way from a library's export to a value.
#[derive(Clone, Debug)]
pub enum Step {
    /// `import { name } from 'package'`; `default` and `*` (the whole) as names. The package is
    /// the specifier without a `node:` prefix: `http`, `@nestjs/axios`, `rxjs/operators`.
    Import {
        /// The specifier.
        package: Symbol,
        /// The export.
        name: Symbol,
    },
    /// A name that the language's environment gives: `fetch`, `process`.
    Global(Symbol),
    /// A value that a container or a caller hands in, known by its type:
    /// `private http: HttpService`. Starts a value like an import does; [`Self::Import`] of its
    /// class stands before it.
    Injected(Rc<Injection>),
    /// `.name`
    Member(Symbol),
    /// `(…)`
    Call(Rc<Use>),
    /// `new …(…)`
    New(Rc<Use>),
    /// `class Orders extends Model`: a class of the estate on top of a library's.
    Subclass(ClassRef),
    /// An element of it, whichever: `rows[0]`, `for (const x of rows)`.
    Element,
    /// A parameter that the library hands to a callback of ours: `(req, res) => …` given to
    /// `app.get`. The step before is the call that took the callback.
    Handed {
        /// Which argument of the call the callback is.
        argument: u8,
        /// Which parameter of the callback.
        parameter: u8,
    },
}

/// How a value was handed in.
#[derive(Clone, Debug)]
pub struct Injection {
    /// Values of its decorators' arguments: `'ORDERS'` for `@Inject('ORDERS')`.
    pub tokens: Vec<Known>,
    /// The type's arguments, evaluated: `Order` of `Repository<Order>`.
    pub types: Vec<Known>,
    /// The parameter or field.
    pub span: Span,
}

/// A call of something foreign.
#[derive(Clone, Debug)]
pub struct Use {
    /// The event that it is; shared by everything that comes of this call.
    pub event: EventId,
    /// Arguments. A spread that cannot be followed ends the list and sets `open`.
    pub arguments: Vec<Known>,
    /// True where there may be more arguments than are known.
    pub open: bool,
    /// Type arguments, evaluated.
    pub types: Vec<Known>,
    /// The expression's place.
    pub span: Span,
}

/// Where an expression stands: for tests and explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The module.
    pub module: ModuleId,
    /// The expression.
    pub node: NodeId,
}

/// A type of the file, with the module it is written in.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef<'a> {
    /// The module.
    pub module: ModuleId,
    /// The type.
    pub ty: &'a Type,
}
