//! Configuration, database connections and secrets, as one file states them.

use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::value::{ObjectKind, Value};

/// A ConfigMap or Secret.
#[derive(Clone, Debug)]
pub struct ConfigObject {
    /// Which of the two.
    pub kind: ObjectKind,
    /// Its name.
    pub name: Value,
    /// Its namespace, where stated.
    pub namespace: Option<Value>,
    /// Keys in order of the file. Values of a Secret are [`super::value::Form::Secret`] where
    /// they look secret, else decoded literals (a host name in a Secret is worth knowing).
    pub entries: Vec<Entry>,
    /// True if the values come from elsewhere (ExternalSecret, SealedSecret): keys only.
    pub external: bool,
    /// Its name's place.
    pub span: Span,
}

/// One key of a configuration.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `DATABASE_URL`, `spring.datasource.url`
    pub key: Symbol,
    /// Its value.
    pub value: Value,
    /// The key's place; the value has its own.
    pub span: Span,
}

/// What a configuration file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SettingsKind {
    /// `.env`: variables of the process, or of the deployment beside it.
    DotEnv,
    /// `application.yml`, `appsettings.json`, `config/default.json`: the application's own.
    Application,
    /// `values.yaml` of a chart.
    ChartValues,
}

/// A configuration file, flattened.
#[derive(Debug)]
pub struct Settings {
    /// What it is for.
    pub kind: SettingsKind,
    /// The environment that its name states: `dev` of `application-dev.yml`; empty: none.
    pub profile: Symbol,
    /// Keys in order of the file, dotted: `spring.datasource.url`, `items.0.name`.
    pub entries: Vec<Entry>,
}

/// A connection to a database that one place of one file states in full or in part.
#[derive(Debug)]
pub struct Connection {
    /// Canonical engine of `tables/engines`: `postgresql`, `mysql`, `mongodb`, `redis`.
    pub engine: Symbol,
    /// Host of the server, without port. `None`: not stated.
    pub server: Option<Value>,
    /// Port, where stated.
    pub port: Option<u16>,
    /// The logical database: `shop`, `0` for Redis. `None`: not stated, the default applies.
    pub database: Option<Value>,
    /// The schema, where the connection is confined to one.
    pub schema: Option<Value>,
    /// The login's name.
    pub user: Option<Value>,
    /// The password, where it stands there.
    pub password: Option<Secret>,
    /// Other parameters that matter: `sslmode` = `disable`.
    pub options: Vec<(Symbol, Symbol)>,
    /// True where it stands in source code rather than in configuration.
    pub in_code: bool,
    /// True for a read-only endpoint or replica, where the text says so.
    pub read_only: bool,
    /// The literal, or the block's best line.
    pub span: Span,
}

/// A database that a script creates: `CREATE DATABASE orders`.
#[derive(Debug)]
pub struct CreatedDatabase {
    /// `orders`
    pub name: Symbol,
    /// The name.
    pub span: Span,
}

/// What a statement of a script or schema does to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableChange {
    /// `CREATE TABLE`, a model of a schema.
    Creates,
    /// `ALTER TABLE`, `CREATE INDEX`
    Alters,
    /// `DROP TABLE`
    Drops,
    /// `INSERT`, `UPDATE`, `DELETE`: seeds and repairs.
    Fills,
}

/// A table that a script creates, changes or fills, or that a schema describes. Whose it is
/// follows from the file's place.
#[derive(Debug)]
pub struct TableDefinition {
    /// `orders`
    pub table: Symbol,
    /// `sales` of `sales.orders`, where stated.
    pub schema: Option<Symbol>,
    /// The name that code knows it by, where it has another there: a Prisma model `Order`.
    pub model: Option<Symbol>,
    /// What is done to it.
    pub change: TableChange,
    /// Columns in order, as far as the statement names them.
    pub columns: Vec<Symbol>,
    /// Columns that are unique together, primary keys among them.
    pub unique: Vec<Vec<Symbol>>,
    /// Tables that its foreign keys lead to.
    pub references: Vec<Symbol>,
    /// True if the file is a step of a migration tool, and not a script that is run by hand or
    /// by a server's first start.
    pub in_migration: bool,
    /// The table's name.
    pub span: Span,
}

/// What kind of place a secret stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretPlace {
    /// A deployment manifest, a compose file, a committed `.env`.
    Manifest,
    /// A connection string.
    ConnectionString,
    /// Application configuration.
    Configuration,
    /// Source code, SQL scripts.
    Source,
    /// An image recipe.
    Recipe,
    /// A pipeline.
    Pipeline,
}

/// A password, token or key that stands in a file.
#[derive(Debug)]
pub struct SecretUse {
    /// The key it is the value of: `POSTGRES_PASSWORD`.
    pub key: Symbol,
    /// Its comparison value and look.
    pub secret: Secret,
    /// What kind of place.
    pub place: SecretPlace,
    /// The value's range, without quotes; also in the file's redactions.
    pub span: Span,
}
