//! What people declare: services, owners, exposure.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::value::Value;

/// A word with the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The word.
    pub text: Symbol,
    /// Its place.
    pub span: Span,
}

/// Who may reach a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exposure {
    /// The world.
    Public,
    /// Only the estate.
    Internal,
}

/// What a `service.yaml`, a Backstage entity or archlint's configuration says of one service.
#[derive(Debug)]
pub struct Declaration {
    /// The service's name.
    pub name: Stated,
    /// Other names it goes by.
    pub aliases: Vec<Stated>,
    /// The folder it speaks of; `None`: the service is known by name only.
    pub folder: Option<EstatePath>,
    /// Teams or people.
    pub owners: Vec<Stated>,
    /// Who may reach it.
    pub exposure: Option<(Exposure, Span)>,
    /// Compliance scopes: `pci`.
    pub scopes: Vec<Stated>,
    /// Why it is a service of its own.
    pub justification: Option<Stated>,
    /// Databases it uses.
    pub databases: Vec<DeclaredDatabase>,
    /// Channels it publishes to.
    pub publishes: Vec<Stated>,
    /// Channels it consumes.
    pub consumes: Vec<Stated>,
    /// Operations whose repetition is safe.
    pub idempotent: Vec<Stated>,
    /// True if it declares something that is a service; a Backstage entity of another kind
    /// only states an owner.
    pub is_service: bool,
    /// Where it stands.
    pub span: Span,
}

/// A database in a declaration.
#[derive(Debug)]
pub struct DeclaredDatabase {
    /// Its name.
    pub name: Stated,
    /// Its engine, where stated.
    pub engine: Option<Stated>,
    /// Its server, where stated.
    pub server: Option<Value>,
}

/// One line of a CODEOWNERS file. The last line that matches a path decides.
#[derive(Debug)]
pub struct Ownership {
    /// Folder that the pattern is relative to.
    pub base: EstatePath,
    /// The pattern as written, in gitignore syntax: `/services/orders/`.
    pub pattern: Symbol,
    /// `@shop/orders`, in order; empty: nobody.
    pub owners: Vec<Symbol>,
    /// The line.
    pub span: Span,
}
