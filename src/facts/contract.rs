//! Published interfaces and their operations.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;

/// Which language a contract is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContractKind {
    /// A service of a `.proto` file.
    Proto,
    /// OpenAPI 2 or 3.
    OpenApi,
    /// A schema of GraphQL.
    GraphQl,
    /// None: what the code of a service registers.
    Code,
}

/// What an operation does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// Reads or computes only.
    Reads,
    /// Creates or changes something, and repeating it may do so again.
    Mutates,
    /// Changes something, and by its definition repeating changes nothing more: PUT, DELETE.
    MutatesIdempotently,
    /// Signs in, signs out, refreshes a token: not judged for idempotency.
    Session,
    /// Its name and verb do not tell.
    Unclear,
}

/// What an effect was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EffectBasis {
    /// Stated: `idempotency_level`, `x-…` extensions.
    Declared,
    /// From the HTTP verb, or that it is a field of GraphQL's `Mutation`.
    Verb,
    /// From the operation's name only: `PlaceOrder`. Confidence *inferred*.
    Name,
    /// From what its handler does, where nothing else tells.
    Code,
}

/// What makes repeating an operation safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdempotencyBasis {
    /// An `Idempotency-Key` header parameter.
    Header,
    /// A field for a key in the request: `idempotency_key`, `request_id`.
    Field,
    /// Declared: `option idempotency_level = IDEMPOTENT`.
    Declared,
    /// What it adds holds what the caller sends in columns that are unique.
    UniqueKey,
    /// What it adds is written only where it is not there: `ON CONFLICT`, `upsert`.
    Upsert,
    /// It only asks others, and those recognize the repetition.
    Callee,
}

/// A published interface.
#[derive(Debug)]
pub struct Contract {
    /// Its language.
    pub kind: ContractKind,
    /// `shop.orders.v1.OrderService`, or the title of an OpenAPI document; `schema` for GraphQL,
    /// whose schemas have no name.
    pub name: Symbol,
    /// Base paths or servers, as written: `/api/v1`, `https://orders.example/v1`.
    pub servers: Vec<Symbol>,
    /// Its operations in order of the file.
    pub operations: Vec<Operation>,
    /// Where its name stands.
    pub span: Span,
}

/// One operation of a contract.
#[derive(Debug)]
pub struct Operation {
    /// As subjects spell it: `POST /orders`, `shop.orders.v1.OrderService/Place`,
    /// `Mutation.placeOrder`.
    pub name: Symbol,
    /// HTTP method in upper case, where it has one.
    pub method: Option<Symbol>,
    /// Path template, where it has one: `/orders/{id}`.
    pub path: Option<Symbol>,
    /// What it does.
    pub effect: Effect,
    /// What `effect` was read from.
    pub effect_basis: EffectBasis,
    /// Whether repeating it is safe. Absent: the request was read in full and has nothing
    /// for it. Unknown: the request's type is in a file that is not there.
    pub idempotency: Answer<IdempotencyBasis>,
    /// True if requests or answers are streams.
    pub streaming: bool,
    /// Where its name stands.
    pub span: Span,
}
