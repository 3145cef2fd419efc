//! What can a file say at all? Plain data without behaviour.
//!
//! Each fact carries the span that shows it. Facts hold no source text, no syntax tree and
//! no secret. They speak of workloads, addresses and calls, never of the format that they
//! were read from; whether two facts are about the same thing is `graph`'s question.

pub mod answer;
pub mod build;
pub mod call;
pub mod chart;
pub mod code;
pub mod contract;
pub mod data;
pub mod declaration;
pub mod function;
pub mod network;
pub mod overlay;
pub mod policy;
pub mod problem;
pub mod program;
pub mod suppression;
pub mod upkeep;
pub mod value;
pub mod watch;
pub mod workload;

use crate::source::file::FileId;
use crate::source::span::Span;

/// All that one file says, in the order of the file.
#[derive(Debug)]
pub struct Facts {
    /// The file that was read.
    pub file: FileId,
    /// What it says.
    pub facts: Vec<Fact>,
    /// What of it could not be read, or only in part.
    pub problems: Vec<problem::Problem>,
    /// What was recognized and not understood; counted in the coverage.
    pub unclear: Vec<problem::Unclear>,
    /// Where secrets stand, so that no excerpt shows them.
    pub redactions: Vec<Span>,
    /// Findings that the file's owners accept.
    pub suppressions: Vec<suppression::Suppression>,
}

impl Facts {
    /// No facts yet.
    pub fn new(file: FileId) -> Self {
        Self {
            file,
            facts: Vec::new(),
            problems: Vec::new(),
            unclear: Vec::new(),
            redactions: Vec::new(),
            suppressions: Vec::new(),
        }
    }
}

/// One statement of a file.
#[derive(Debug)]
pub enum Fact {
    /// `package.json`, `Cargo.toml`, `pom.xml`: a unit of code.
    Unit(Box<code::Unit>),
    /// A source file that starts a process.
    EntryPoint(Box<code::EntryPoint>),
    /// A pipeline, or something else that watches over changes.
    Pipeline(Box<build::Pipeline>),
    /// The members of a workspace.
    Workspace(Box<code::Workspace>),
    /// A lock file is there.
    Lockfile(Box<code::Lockfile>),
    /// A Dockerfile.
    Recipe(Box<code::Recipe>),
    /// Something that maps an image name to the folder it is built from.
    ImageBuild(Box<code::ImageBuild>),
    /// A function that a platform starts when it needs it.
    Function(Box<function::Function>),
    /// Values that a chart is installed with.
    ChartValues(Box<chart::ChartValues>),
    /// What a chart is put together from.
    ChartParts(Box<chart::ChartParts>),
    /// Something that is deployed.
    Workload(Box<workload::Workload>),
    /// How the files of one deployment belong together.
    Composition(Box<workload::Composition>),
    /// A file that deploys what other files describe, changed.
    Overlay(Box<overlay::Overlay>),
    /// A part of a patch that states no workload: what it takes out, or sets by position.
    Change(Box<overlay::TargetedChange>),
    /// Key-value objects that workloads take their environment from: ConfigMap, Secret.
    ConfigObject(Box<data::ConfigObject>),
    /// A configuration file of an application or a deployment: `.env`, `application.yml`.
    Settings(Box<data::Settings>),
    /// A connection to a database, as one literal or one block of keys.
    Connection(Box<data::Connection>),
    /// A database that a script creates.
    CreatedDatabase(Box<data::CreatedDatabase>),
    /// A table that a script or schema creates, changes or fills.
    TableDefinition(Box<data::TableDefinition>),
    /// Environment variables that a source file speaks of: `STOCK_ADDR`, sorted.
    Mentions(Box<[crate::source::symbol::Symbol]>),
    /// A password, token or key that stands in a file.
    Secret(Box<data::SecretUse>),
    /// A host name that leads to workloads: a Kubernetes Service.
    Address(Box<network::Address>),
    /// A way in from outside the estate.
    Route(Box<network::Route>),
    /// A gateway that routes attach to.
    Gateway(Box<network::Gateway>),
    /// Timeouts, retries, TLS and outlier detection that a mesh applies to a host.
    TrafficPolicy(Box<network::TrafficPolicy>),
    /// What is said of workloads from outside them: NetworkPolicy, PodDisruptionBudget.
    Policy(Box<policy::Policy>),
    /// A namespace.
    Namespace(Box<policy::Namespace>),
    /// A service account.
    Account(Box<policy::Account>),
    /// A part of a mesh.
    MeshPart(Box<policy::MeshPart>),
    /// One outgoing call.
    Call(Box<call::Call>),
    /// A published interface.
    Contract(Box<contract::Contract>),
    /// What a person declared about a service.
    Declaration(Box<declaration::Declaration>),
    /// Who owns which paths.
    Ownership(Box<declaration::Ownership>),
    /// The summary of a source file.
    Module(Box<program::Module>),
    /// How module names are mapped to files.
    ModulePaths(Box<program::ModulePaths>),
    /// How services are watched.
    Watch(Box<watch::Watch>),
    /// The file that a package is entered by.
    PackageEntry(Box<program::PackageEntry>),
}
