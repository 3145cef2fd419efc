//! Outgoing calls, with what each layer says about them.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::network::Retries;
use super::value::Value;

/// How a call travels; JSON spells them as in the comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// `http`
    Http,
    /// `grpc`
    Grpc,
    /// `graphql`
    GraphQl,
    /// `tcp`
    Tcp,
    /// `websocket`
    WebSocket,
    /// `rpc-over-broker`
    RpcOverBroker,
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The service that the file belongs to.
    ThisFile,
    /// A service named in a declaration.
    Named(Symbol),
}

/// What kind of evidence a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallSource {
    /// A person declared it for archlint or the catalog.
    Declared,
    /// A reverse proxy's configuration.
    Proxy,
    /// Source code.
    Code,
}

/// Where a setting may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LayerKind {
    /// The call itself.
    CallSite,
    /// The client object it goes through.
    Client,
    /// A function that the client runs on each request before it is sent.
    Interceptor,
    /// What stands around the call: a library that limits or repeats it.
    Wrapper,
    /// What the library does when nothing is set.
    LibraryDefault,
    /// A reverse proxy's configuration.
    Proxy,
    /// A mesh route.
    Mesh,
    /// A person's declaration.
    Declaration,
}

/// What one layer says about a setting.
#[derive(Clone, Debug)]
pub struct Layer<T> {
    /// Which layer.
    pub kind: LayerKind,
    /// What it says.
    pub answer: Answer<T>,
}

/// One outgoing call.
#[derive(Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// Whom: a URL, a host, `host:port`, or a service's name in a declaration.
    pub target: Value,
    /// How.
    pub protocol: Protocol,
    /// HTTP method in upper case, where known.
    pub method: Option<Symbol>,
    /// Path at the callee, where known: `/orders/{id}`.
    pub path: Option<Value>,
    /// What kind of evidence it is.
    pub source: CallSource,
    /// What each layer that this file shows says about the timeout, in ms.
    pub timeout_ms: Vec<Layer<u64>>,
    /// Likewise about retries.
    pub retries: Vec<Layer<Retries>>,
    /// Whether repeating it is safe, as far as declared.
    pub idempotent: Answer<bool>,
    /// The shortest range that shows the call.
    pub span: Span,
}
