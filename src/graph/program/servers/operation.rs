//! What a request, a message or a clock starts in a service.

use crate::facts::answer::Answer;
use crate::facts::contract::IdempotencyBasis;
use crate::graph::program::event::OperationId;
use crate::graph::program::value::{FrameId, FunctionRef, Known};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What the code of a service answers to, and where it listens.
#[derive(Debug, Default)]
pub struct Served {
    /// In order of kind and name, then of place.
    pub operations: Vec<Operation>,
    /// In order of the walk.
    pub listening: Vec<Listening>,
    /// Registrations that could not be followed, with the reason.
    pub unclear: Vec<(Span, Symbol)>,
    /// True where a server of GraphQL answers by a schema of the service's own.
    pub graphql: bool,
}

/// One entrance of a service with its handler.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What starts it.
    pub kind: Kind,
    /// Where the walk from its handler begins; `None`: the handler cannot be followed.
    pub id: Option<OperationId>,
    /// The registration's shortest place: the path, the pattern, the decorator.
    pub span: Span,
    /// The function that answers.
    pub handler: Option<FunctionRef>,
    /// What runs before it: middleware, guards, interceptors, pipes, hooks.
    pub before: Vec<FrameId>,
    /// What makes repeating it safe, as far as requests show: a header or a field that its code
    /// reads. A unique key or an upsert is added by others. `Unknown` where the handler or what
    /// runs before it cannot be followed.
    pub idempotency: Answer<IdempotencyBasis>,
    /// True where others saw that it adds something to a database on every way through.
    pub adds: bool,
    /// True where others saw that all it does is to take something away from a database.
    pub removes: bool,
    /// True where the handler reads a body; for messages and rpcs always.
    pub takes_body: bool,
    /// False where more may stand before the path than is known: a router that is mounted where
    /// nobody can see, a prefix of a variable.
    pub whole: bool,
}

/// What starts an operation.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A request by HTTP.
    Http {
        /// `POST`; `ANY` where all methods are answered.
        method: Symbol,
        /// `/orders/{id}`; `{rest*}` for any number of parts.
        path: Symbol,
    },
    /// An rpc.
    Grpc {
        /// `shop.orders`, where it is known.
        package: Option<Symbol>,
        /// `OrderService`
        service: Symbol,
        /// `Place`
        method: Symbol,
    },
    /// A field of a GraphQL schema.
    GraphQl {
        /// The type it is a field of: `Query`, `Mutation`, `Subscription`, `Order`.
        of: Symbol,
        /// `orders`
        name: Symbol,
    },
    /// A procedure of a tRPC router.
    Procedure {
        /// `query`, `mutation`, `subscription`
        what: Symbol,
        /// `orders.place`
        name: Symbol,
    },
    /// A message of a framework's own transport.
    Message {
        /// `kafka`, `rmq`, `tcp`, `redis`, `nats`, `mqtt`, `moleculer`; several where the service
        /// listens by several; none where it is not known.
        transports: Vec<Symbol>,
        /// `orders.placed`; an object as the framework writes it: `{"cmd":"place"}`.
        pattern: Known,
        /// True for a request that waits, false for an event.
        answers: bool,
    },
    /// A message of a web socket.
    Socket {
        /// `/chat`; empty for the standard one.
        namespace: Symbol,
        /// `message`
        event: Symbol,
    },
    /// A function that a platform starts: `src/place.handler`.
    Function {
        /// The module's path without its ending, and the export.
        name: Symbol,
    },
    /// A clock.
    Job {
        /// `0 0 * * *`, `every 5000 ms`; `None`: not known.
        schedule: Option<Symbol>,
    },
    /// The start of the process: a container's hooks.
    Start,
}

/// A place where the service waits for others.
#[derive(Debug, Clone)]
pub struct Listening {
    /// `http`, `grpc`, `kafka`, `rmq`, `tcp`, …; `None`: not known.
    pub transport: Option<Symbol>,
    /// The transport's options as written: `{ package: 'orders', url: '0.0.0.0:50051' }`; the
    /// port for HTTP.
    pub options: Known,
    /// Whether callers must encrypt; `None` where the code does not tell.
    pub encrypted: Option<bool>,
    /// The path that all requests by HTTP begin with: `/api`.
    pub prefix: Option<Symbol>,
    /// The call that starts to listen.
    pub span: Span,
}

impl Operation {
    /// As the graph spells endpoints: `POST /orders`, `shop.OrderService/Place`.
    pub fn name(&self) -> Symbol {
        let text = match &self.kind {
            Kind::Http { method, path } => format!("{method} {path}"),
            Kind::Grpc { package: Some(package), service, method } if !service.contains('.') => {
                format!("{package}.{service}/{method}")
            }
            Kind::Grpc { service, method, .. } => format!("{service}/{method}"),
            Kind::GraphQl { of, name } => format!("{of}.{name}"),
            Kind::Procedure { name, .. } => name.as_str().to_owned(),
            Kind::Message { pattern, .. } => match &pattern.value {
                crate::graph::program::value::Value::Text(text) => text.as_str().to_owned(),
                _other => "a message".to_owned(),
            },
            Kind::Socket { namespace, event } => format!("{namespace}#{event}"),
            Kind::Function { name } => name.as_str().to_owned(),
            Kind::Job { schedule } => schedule.map_or_else(|| "a job".to_owned(), |text| text.as_str().to_owned()),
            Kind::Start => "start".to_owned(),
        };
        Symbol::new(&text)
    }

    /// Place of its kind in the order of operations.
    pub(super) fn rank(&self) -> u8 {
        match &self.kind {
            Kind::Http { .. } => 0,
            Kind::Grpc { .. } => 1,
            Kind::GraphQl { .. } => 2,
            Kind::Procedure { .. } => 3,
            Kind::Message { .. } => 4,
            Kind::Socket { .. } => 5,
            Kind::Function { .. } => 6,
            Kind::Job { .. } => 7,
            Kind::Start => 8,
        }
    }
}
