//! Functions that a platform starts when it needs them.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::code::Runtime;

/// A function whose code is uploaded: Lambda as the Serverless Framework or AWS SAM declares it.
/// One that is shipped as an image is none.
#[derive(Debug)]
pub struct Function {
    /// Its key in the file: `createOrder`.
    pub name: Symbol,
    /// What it runs on; `None` where the runtime is computed, or of the user's own making.
    pub runtime: Option<Runtime>,
    /// The folder that is uploaded.
    pub folder: EstatePath,
    /// The file of its handler without ending: `src/orders`.
    pub handler: Option<EstatePath>,
    /// Which export of that file it is: `create`.
    pub export: Option<Symbol>,
    /// What starts it, as far as the declaration says so in words.
    pub triggers: Vec<Trigger>,
    /// What its declaration bundles it with. Absent: nothing, as far as the declaration goes.
    pub bundler: Answer<Symbol>,
    /// Whether the tool that reads the declaration bundles TypeScript unasked.
    pub tool: Tool,
    /// The key.
    pub span: Span,
}

/// Which tool builds a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The Serverless Framework from version 4 on. It bundles handlers in TypeScript unasked
    /// (serverless.com/framework/docs/providers/aws/guide/building, 2026-11).
    Serverless4,
    /// The Serverless Framework before.
    Serverless,
    /// The Serverless Framework of some version, which the package may tell.
    AnyServerless,
    /// AWS SAM.
    Sam,
}

/// What starts a function.
#[derive(Debug, PartialEq, Eq)]
pub struct Trigger {
    /// What it is.
    pub starts: Starts,
    /// Its shortest place.
    pub span: Span,
}

/// Kinds of what starts functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts {
    /// A request by HTTP, of one path.
    Request {
        /// Upper case; `ANY` for all.
        method: Symbol,
        /// `/orders/{id}`
        path: Symbol,
    },
    /// A message.
    Message {
        /// `sqs`, `sns`, `eventbridge`
        broker: Symbol,
        /// The queue, topic or bus; `None` where only the deployment knows.
        channel: Option<Symbol>,
    },
    /// A clock, and when.
    Clock(Option<Symbol>),
}
