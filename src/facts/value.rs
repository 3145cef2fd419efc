//! Symbolic values: what a file wrote down, to be evaluated when all files are known.

use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Reason;

/// A value as a file states it, with the place of the statement.
///
/// A reader never decides what `${CATALOG_HOST:-catalog}` is; it writes down
/// *deployment variable `CATALOG_HOST`, else the literal*. `graph` evaluates it in the
/// environment of one service in one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What is written.
    pub form: Form,
    /// Where.
    pub span: Span,
}

/// The few forms a value can have.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// The text itself: `http://orders:8080`.
    Literal(Symbol),
    /// A secret's text: a password, or the password's part of a connection URL.
    Secret(Secret),
    /// A variable of the process's environment: `process.env.ORDERS_URL`, `$(ORDERS_URL)`
    /// in a Kubernetes `env`, `${ORDERS_URL}` in an nginx template.
    Env(Symbol),
    /// A variable that is substituted when the file is deployed: `${TAG}` in a compose file,
    /// from the `.env` beside it or the shell of whoever deploys.
    DeployVariable(Symbol),
    /// A key of the chart's values: `image.tag` for `{{ .Values.image.tag }}`.
    ChartValue(Symbol),
    /// A key of the application's configuration: `spring.datasource.url`, `${db.host}`.
    Setting(Symbol),
    /// A key of a ConfigMap or Secret: `valueFrom.secretKeyRef`.
    ObjectKey(Box<ObjectKey>),
    /// The parts one after the other.
    Concat(Vec<Value>),
    /// The first that has a value: `a ?? b`, `${A:-b}`.
    FirstOf(Vec<Value>),
    /// It cannot be told from the file.
    Unknown(Reason),
}

/// Which kind of key-value object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A ConfigMap: its values are in the open.
    Config,
    /// A Secret, SealedSecret or ExternalSecret: its values are secret.
    Secret,
}

/// A key of a key-value object.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectKey {
    /// ConfigMap or Secret.
    pub kind: ObjectKind,
    /// The object's name: `orders-db`.
    pub object: Value,
    /// The key in it: `url`.
    pub key: Symbol,
}

impl Value {
    /// A literal.
    pub fn literal(text: &str, span: Span) -> Self {
        Self { form: Form::Literal(Symbol::new(text)), span }
    }

    /// A value that the file does not tell, with the reason.
    pub fn unknown(reason: &str, span: Span) -> Self {
        Self { form: Form::Unknown(Reason(Symbol::new(reason))), span }
    }

    /// The text, where the value is one literal.
    pub fn as_literal(&self) -> Option<Symbol> {
        match &self.form {
            Form::Literal(text) => Some(*text),
            Form::Secret(_)
            | Form::Env(_)
            | Form::DeployVariable(_)
            | Form::ChartValue(_)
            | Form::Setting(_)
            | Form::ObjectKey(_)
            | Form::Concat(_)
            | Form::FirstOf(_)
            | Form::Unknown(_) => None,
        }
    }
}
