//! Code units, image recipes, and which image is built from which folder.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::build::Ran;
use super::value::Value;
use super::workload::{EnvVar, User};

/// What a unit's code runs on; JSON spells them in lower case (`node`, `dotnet`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Runtime {
    /// `node`
    Node,
    /// `go`
    Go,
    /// `java`
    Java,
    /// `kotlin`
    Kotlin,
    /// `python`
    Python,
    /// `rust`
    Rust,
    /// `dotnet`
    Dotnet,
    /// `php`
    Php,
    /// `ruby`
    Ruby,
    /// `cpp`
    Cpp,
    /// `elixir`
    Elixir,
    /// `static`: files behind a web server.
    Static,
}

/// Evidence that a unit starts a process of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entrance {
    /// A dependency that serves requests or consumes messages: `express`, `tonic`, `flask`.
    ServerFramework,
    /// A dependency that sends requests to others to try them out: `locust`.
    LoadGenerator,
    /// A script that starts it: `"start": "node server.js"`.
    StartScript,
    /// A binary: `[[bin]]`, `package main`, `spring-boot-maven-plugin`, an SDK of `Web`.
    Binary,
}

/// Where a dependency is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DependencyScope {
    /// At run time.
    Runtime,
    /// For development and tests.
    Development,
    /// To build.
    Build,
}

/// What an address of code names: `git+https://git.example/money.git#4f2c1ab`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pin {
    /// A commit, or a file with its digest.
    Commit,
    /// A branch, a tag, or nothing: another code tomorrow.
    Moving,
}

/// One dependency of a unit.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// `@nestjs/core`, `org.springframework.boot:spring-boot-starter-web`
    pub name: Symbol,
    /// As written: `^10.2.0`; empty where none is given.
    pub requirement: Symbol,
    /// Where it is used.
    pub scope: DependencyScope,
    /// Folder of the estate it is taken from (`file:`, `path =`), where it is.
    pub path: Option<EstatePath>,
    /// Where it comes from an address instead of a registry: what of it the address names.
    pub address: Option<Pin>,
    /// The name.
    pub span: Span,
}

/// A unit of code: what one manifest describes.
#[derive(Debug)]
pub struct Unit {
    /// `orders`; `None` where the manifest does not name it (`requirements.txt`).
    pub name: Option<Symbol>,
    /// The folder of its code.
    pub folder: EstatePath,
    /// What it runs on.
    pub runtime: Runtime,
    /// Evidence that it starts a process, with the place of each.
    pub entrances: Vec<(Entrance, Span)>,
    /// Its dependencies in order of the file.
    pub dependencies: Vec<Dependency>,
    /// True where the manifest says that it is a library: `crate-type`, `<packaging>pom`.
    pub library: bool,
    /// `true` for `"private": true`, `publish = false`.
    pub private: bool,
    /// What a script that builds it makes one file with: `esbuild`.
    pub bundler: Option<(Symbol, Span)>,
    /// The manifest's name key, or its start.
    pub span: Span,
}

/// A source file that starts a process: `src/main.rs`, `main.go`, `server.js` with `.listen(`.
/// It belongs to the nearest [`Unit`] of its runtime in its folder or above it.
#[derive(Debug)]
pub struct EntryPoint {
    /// The file's folder: `services/orders/cmd/server`.
    pub folder: EstatePath,
    /// What it runs on.
    pub runtime: Runtime,
    /// What kind of evidence it is.
    pub entrance: Entrance,
    /// The words that show it: `func main()`.
    pub span: Span,
}

/// A workspace: a manifest that holds others together.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub folder: EstatePath,
    /// Member patterns relative to the folder: `services/*`.
    pub members: Vec<Symbol>,
    /// Patterns left out.
    pub excluded: Vec<Symbol>,
    /// Where the members are listed.
    pub span: Span,
}

/// A file that fixes the versions of everything that a unit needs: `package-lock.json`.
#[derive(Debug)]
pub struct Lockfile {
    /// The folder whose manifest it belongs to.
    pub folder: EstatePath,
    /// What it locks packages of.
    pub runtime: Runtime,
    /// Its start.
    pub span: Span,
}

/// How an image is made: a Dockerfile.
#[derive(Debug)]
pub struct Recipe {
    /// Its folder.
    pub folder: EstatePath,
    /// Stages in order of the file; never empty.
    pub stages: Vec<Stage>,
}

/// What a stage is based on.
#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    /// An earlier stage, by its place in the file.
    Stage(usize),
    /// An image: `node:20-alpine` after substituting `ARG` defaults.
    Image(Symbol),
    /// Computed from an argument without default.
    Unknown(super::answer::Reason),
}

/// One stage of a recipe.
#[derive(Debug)]
pub struct Stage {
    /// `AS builder`
    pub name: Option<Symbol>,
    /// `FROM …`
    pub base: Base,
    /// The last `USER` of this stage. Absent: it has none, so the base's holds. Points to
    /// the `FROM` line then.
    pub user: Answer<User>,
    /// `ENV` of this stage.
    pub env: Vec<EnvVar>,
    /// `EXPOSE`d ports.
    pub ports: Vec<(u16, Span)>,
    /// Words of `ENTRYPOINT` and `CMD`, joined by spaces, where known.
    pub command: Option<Value>,
    /// Files copied in from the build context, as written.
    pub copies: Vec<(Symbol, Span)>,
    /// True if it copies something out of an earlier stage that builds.
    pub takes_built: bool,
    /// True if a `RUN` or a `COPY` of sources makes something of the estate's own.
    pub builds: bool,
    /// The commands of its `RUN`s, in order.
    pub runs: Vec<Ran>,
    /// The `FROM` line.
    pub span: Span,
}

/// An image name and the folder that it is built from.
#[derive(Debug)]
pub struct ImageBuild {
    /// `registry.example/shop/orders`
    pub image: Value,
    /// The build context.
    pub context: Option<EstatePath>,
    /// The Dockerfile, where stated.
    pub dockerfile: Option<EstatePath>,
    /// Where it is said.
    pub span: Span,
}
