//! The estate as one graph: services, infrastructure, databases, calls, channels, routes.

use super::consumers::Consumer;
use super::cors::CodeCors;
use super::flows::{Reach, UsedFramework};
use super::logging::CodeLog;
use super::program::pools::Pool;
use super::tables::TableUse;
use super::transactions::OpenTransaction;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::{Layer, LayerKind, Protocol};
use crate::facts::code::Runtime;
use crate::facts::contract::{ContractKind, Effect, EffectBasis, IdempotencyBasis};
use crate::facts::data::SecretPlace;
use crate::facts::declaration::Exposure;
use crate::facts::network::{Cors, Retries, RouteKind};
use crate::facts::problem::Problem;
use crate::facts::workload::Platform;
use crate::source::path::EstatePath;
use crate::source::secret::Secret;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// How sure a fact of the graph is; the weakest on the way counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// From names, defaults and conventions.
    Inferred,
    /// From a variable only: nobody was seen to use it.
    Configured,
    /// In code or deployed configuration.
    Observed,
    /// A person wrote it for archlint or the catalog.
    Declared,
}

impl Confidence {
    /// As outputs spell it: `observed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inferred => "inferred",
            Self::Configured => "configured",
            Self::Observed => "observed",
            Self::Declared => "declared",
        }
    }
}

/// What a deployment file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Environment {
    /// `values-prod.yaml`, `overlays/production`
    Production,
    /// Nothing says otherwise.
    Unknown,
    /// `docker-compose.dev.yml`, or a compose file beside Kubernetes deployments.
    Development,
    /// `.env.test`, `test/compose.yaml`
    Test,
}

/// Number of a service: its place in [`Graph::services`], which is sorted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceId(pub u32);

/// Number of a piece of infrastructure: its place in [`Graph::infrastructure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InfraId(pub u32);

/// The estate.
#[derive(Debug, Default)]
pub struct Graph {
    /// Sorted by name; names are unique.
    pub services: Vec<Service>,
    /// Sorted by name; names are unique.
    pub infrastructure: Vec<Infrastructure>,
    /// Logical databases, sorted by engine, server, name, schema.
    pub databases: Vec<Database>,
    /// One for each (from, to, protocol), sorted so.
    pub calls: Vec<Call>,
    /// Calls whose target looks internal and that nothing answers, sorted by caller and host.
    pub dangling: Vec<DanglingCall>,
    /// Sorted by broker and name.
    pub channels: Vec<Channel>,
    /// What takes messages, as code shows it, sorted by service, place and channel.
    pub consumers: Vec<Consumer>,
    /// Ways in, sorted by service, kind, host, path.
    pub routes: Vec<Route>,
    /// Operations of contracts that a service answers for, sorted by service and name.
    pub endpoints: Vec<Endpoint>,
    /// Operations that code shows, sorted by service, name and place.
    pub operations: Vec<Operation>,
    /// What lies on the way of operations, sorted by operation and place.
    pub reaches: Vec<Reach>,
    /// Services in whose code a library of workflows or sagas is at work, sorted.
    pub workflows: Vec<ServiceId>,
    /// Where the code of services begins to wait for requests or messages, sorted.
    pub listening: Vec<(ServiceId, Span)>,
    /// Frameworks that answer requests in the code of services, sorted.
    pub frameworks: Vec<UsedFramework>,
    /// Connections to databases that code opens, sorted by service and place.
    pub connections: Vec<CodeConnection>,
    /// Clients of code that accept any certificate: service, library and place, sorted.
    pub lax_clients: Vec<LaxClient>,
    /// What code answers to pages of other sites, sorted by service and place.
    pub cors: Vec<CodeCors>,
    /// What the code of services writes to its log, sorted by service; a service whose code was not
    /// read has none.
    pub logs: Vec<CodeLog>,
    /// Transactions of code that take in more than one database, sorted.
    pub transactions: Vec<OpenTransaction>,
    /// Tables that code, scripts and schemas define and use, sorted by service, table, role and
    /// place.
    pub tables: Vec<TableUse>,
    /// Containers of workloads, one for each (service or infrastructure, container), with
    /// their variants.
    pub containers: Vec<Container>,
    /// Workloads, one for each (service or infrastructure, name), with their variants.
    pub workloads: Vec<Workload>,
    /// Recipes that no workload of the estate runs.
    pub unused_recipes: Vec<RecipeUse>,
    /// Secrets in committed files.
    pub secrets: Vec<SecretFinding>,
    /// Files that could not be read in full.
    pub problems: Vec<Problem>,
    /// What could not be resolved, sorted by place.
    pub unresolved: Vec<Unresolved>,
    /// Why things were joined, or not; for `--explain`.
    pub joins: Vec<Join>,
}

/// A unit with its own code and owner.
#[derive(Debug)]
pub struct Service {
    /// Its name, unique in the estate.
    pub name: Symbol,
    /// Its other names: workloads, images, folders, manifests. Sorted, without the name.
    pub aliases: Vec<Symbol>,
    /// The folder of its code, where it is in the estate.
    pub folder: Option<EstatePath>,
    /// What it runs on, where known.
    pub runtime: Option<Runtime>,
    /// Declared exposure, where someone declared it.
    pub exposure: Option<(Exposure, Span)>,
    /// Owners, sorted.
    pub owners: Vec<Symbol>,
    /// Compliance scopes, sorted.
    pub scopes: Vec<Symbol>,
    /// Its workloads, for people: `Deployment orders (deploy/orders.yaml)`. Sorted.
    pub workloads: Vec<Symbol>,
    /// The namespace that most of its workloads state in words; the first of equals.
    pub namespace: Option<Symbol>,
    /// The best place to point to for the service as a whole.
    pub span: Span,
}

/// What runs in the estate and is no service.
#[derive(Debug)]
pub struct Infrastructure {
    /// Its name.
    pub name: Symbol,
    /// Other host names it answers to.
    pub aliases: Vec<Symbol>,
    /// `database`, `cache`, `broker`, `proxy`, `observability`, `load-generator`, `tool` …
    pub kind: Symbol,
    /// Canonical engine: `postgresql`; empty where it has none.
    pub engine: Symbol,
    /// Where it is deployed.
    pub span: Span,
}

/// A logical database.
#[derive(Debug)]
pub struct Database {
    /// `shop`; `redis/0` for the numbered databases of a cache.
    pub name: Symbol,
    /// Canonical engine.
    pub engine: Symbol,
    /// `database`, `cache` …
    pub kind: Symbol,
    /// The server: a piece of infrastructure, or an external host.
    pub server: Server,
    /// The schema, where services are confined to one.
    pub schema: Option<Symbol>,
    /// Who connects, sorted by service and place; at least one.
    pub accesses: Vec<Access>,
}

/// What holds databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Server {
    /// It runs in the estate.
    Inside(InfraId),
    /// A host outside.
    Outside(Symbol),
    /// Known only as a key of a Secret: `secret orders-db/url`.
    Hidden(Symbol),
    /// Not known; such a database is never the same as another.
    Unknown,
}

/// One service's use of a database.
#[derive(Debug, Clone)]
pub struct Access {
    /// Who.
    pub service: ServiceId,
    /// How sure.
    pub confidence: Confidence,
    /// Where: the connection, then the places its values came from.
    pub evidence: Evidence,
    /// The login: name and, where it is in the estate, the password to compare; or the key
    /// of a Secret.
    pub credential: Option<Credential>,
    /// Environment of the file that shows it.
    pub environment: Environment,
}

/// A login.
#[derive(Debug, Clone, PartialEq)]
pub struct Credential {
    /// User name, or `secret orders-db/password`.
    pub name: Symbol,
    /// The password, where it stands in the estate.
    pub password: Option<Secret>,
    /// Where.
    pub span: Span,
}

/// Synchronous requests from one service to another over one protocol.
#[derive(Debug)]
pub struct Call {
    /// Caller.
    pub from: ServiceId,
    /// Callee.
    pub to: ServiceId,
    /// How.
    pub protocol: Protocol,
    /// The best evidence's confidence.
    pub confidence: Confidence,
    /// Places that show it, best first.
    pub evidence: Evidence,
    /// What each layer says about the timeout in ms, in the order looked at. Empty: the
    /// caller's code was not read, so nobody can tell.
    pub timeout: Vec<Layer<u64>>,
    /// What each layer says about retries.
    pub retries: Vec<Layer<Retries>>,
    /// Whether a retried request may change something: HTTP methods and operations seen.
    pub mutating: Answer<bool>,
    /// Whether repeating it is declared or known to be safe.
    pub idempotent: Answer<bool>,
    /// True if no layer other than those listed can have a say (a proxy's whole
    /// configuration was read; source code was read). Otherwise absence is unknown.
    pub layers_complete: bool,
    /// Whether the mesh takes failing instances of the callee out of service; absent where no
    /// policy of the mesh says so.
    pub ejects: Answer<bool>,
    /// Whether what is sent is encrypted by the two themselves: by the address's scheme, or the
    /// client's credentials. `false` where one way of it is not; unknown where no way tells.
    pub encrypted: Answer<bool>,
    /// The clients that the caller's code sends its requests through, by place. Empty where no
    /// code shows the call; then the layers above are all there is.
    pub clients: Vec<ClientUse>,
}

/// One client of a caller, or one call that stands for itself, with what it was told.
#[derive(Debug, Clone)]
pub struct ClientUse {
    /// The library, as its package is called: `axios`, `@grpc/grpc-js`; empty for what the
    /// language itself brings.
    pub library: Symbol,
    /// Where the client is made, or the call that stands for itself.
    pub place: Span,
    /// True where the client is made once and several calls could share it: what it lacks is
    /// said there.
    pub shared: bool,
    /// How a timeout is set with this library, as a line to paste; empty where none is known.
    pub knob: Symbol,
    /// Where that line goes: `in the settings of axios.create`; empty where that is not known.
    pub knob_place: Symbol,
    /// What each layer says about the timeout in ms, the mesh included.
    pub timeout: Vec<Layer<u64>>,
    /// Where a limit is set whose length nothing in the estate tells: `timeout: options.limit`.
    pub limited: Vec<Span>,
    /// What each layer says about retries, the mesh included.
    pub retries: Vec<Layer<Retries>>,
    /// How the code repeats it, innermost first; empty where it does not.
    pub repeating: Vec<Repeating>,
    /// Whether something stops calling a callee that keeps failing.
    pub breaker: Answer<Symbol>,
    /// Whether something limits how many of its calls run at once.
    pub bulkhead: Answer<()>,
    /// The connections it goes through, where others may go through them as well.
    pub pool: Option<Pool>,
    /// Its calls to the callee, by place; at least one.
    pub sites: Vec<Site>,
}

/// How one layer of code repeats a request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeating {
    /// Which layer.
    pub kind: LayerKind,
    /// True where it repeats until it succeeds.
    pub endless: bool,
    /// Whether waits grow or differ by chance, so that callers do not come back together;
    /// `None`: the code does not tell.
    pub spread: Option<bool>,
    /// `at once`, `every 1000 ms`, `after waits that are the same for every caller`
    pub pace: Symbol,
    /// A line that spreads the waits, to paste; empty where none is known.
    pub knob: Symbol,
    /// Where it is said.
    pub place: Span,
}

/// One place that sends a request.
#[derive(Debug, Clone)]
pub struct Site {
    /// The call.
    pub span: Span,
    /// HTTP method in upper case, where known.
    pub method: Option<Symbol>,
    /// What is asked for: `/orders/{id}`, `shop.OrderService/Place`; `None` where it is computed.
    pub operation: Option<Symbol>,
    /// Operations of the caller on whose way it lies: places in [`Graph::operations`], sorted.
    pub reached_by: Vec<u32>,
    /// True where no entrance is seen to lead here, so that any may.
    pub anywhere: bool,
    /// The callee's operations that it may land in, sorted; none of them where only a contract
    /// tells that it lands, whose line is the evidence then. Absent where nothing has its name.
    pub lands_in: Answer<Vec<u32>>,
    /// Whether it changes something, where the request itself tells: `POST`.
    pub mutating: Option<bool>,
    /// The key it carries so that repeating it is safe.
    pub key: Answer<Symbol>,
}

/// What one handler of a service does, as the code shows it: where something comes in.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Whose.
    pub service: ServiceId,
    /// `POST /orders/{id}`, `shop.OrderService/Place`, `message order.created`.
    pub name: Symbol,
    /// What kind of entrance.
    pub kind: Entry,
    /// True if its handler was followed.
    pub followed: bool,
    /// False where more may stand before its path than is known.
    pub whole: bool,
    /// The shortest place that shows it: the decorator, the registration.
    pub span: Span,
}

/// Code that accepts any certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LaxClient {
    /// Whose.
    pub service: ServiceId,
    /// The library of the client, `axios`; who stops checking, where it is the whole process.
    pub what: Symbol,
    /// True where it holds for the whole process: `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'`.
    pub whole: bool,
    /// The place that says so.
    pub span: Span,
}

/// A connection to a database as code opens it.
#[derive(Debug, Clone)]
pub struct CodeConnection {
    /// Whose.
    pub service: ServiceId,
    /// As the library's package is called: `typeorm`.
    pub library: Symbol,
    /// Canonical engine; empty where the code does not tell.
    pub engine: Symbol,
    /// Whether tables are changed to fit the code when the service starts.
    pub synchronizes: Answer<bool>,
    /// Whether the code says which migrations belong to it, or runs them.
    pub migrates: Answer<bool>,
    /// Whether any certificate is accepted from the server.
    pub unverified: Answer<bool>,
    /// The call that opens it.
    pub span: Span,
}

/// How something comes into an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entry {
    /// An HTTP request.
    Http,
    /// An rpc.
    Grpc,
    /// A GraphQL field.
    GraphQl,
    /// A message whose sender waits for the answer.
    Request,
    /// A message whose sender does not wait.
    Message,
    /// A timer.
    Timer,
}

/// A call whose target looks internal and that nothing in the estate answers.
#[derive(Debug)]
pub struct DanglingCall {
    /// Caller.
    pub from: ServiceId,
    /// The host named: `recommendations`.
    pub host: Symbol,
    /// Why it looks internal, in words.
    pub why: Symbol,
    /// How sure.
    pub confidence: Confidence,
    /// Where.
    pub evidence: Evidence,
}

/// Where messages pass.
#[derive(Debug)]
pub struct Channel {
    /// `order-placed`
    pub name: Symbol,
    /// `kafka`, `rabbitmq` …
    pub broker: Symbol,
    /// `queue`, `topic`, `pubsub`.
    pub kind: Symbol,
    /// Who publishes, sorted.
    pub producers: Vec<ServiceId>,
    /// Who consumes, sorted.
    pub consumers: Vec<ServiceId>,
    /// Where.
    pub evidence: Evidence,
}

/// A way in from outside the estate.
#[derive(Debug)]
pub struct Route {
    /// To a service, or to infrastructure.
    pub target: Target,
    /// Which kind of door.
    pub kind: RouteKind,
    /// Host; `None`: every host.
    pub host: Option<Symbol>,
    /// Path; `None`: every path.
    pub path: Option<Symbol>,
    /// Port on the outside, where known.
    pub port: Option<u16>,
    /// Whether the world can reach it.
    pub public: Answer<bool>,
    /// True if it carries gRPC.
    pub grpc: bool,
    /// Which pages of other sites may use it, where the door decides that itself.
    pub cors: Answer<Cors>,
    /// What the file is for.
    pub environment: Environment,
    /// True for a door of a test, or of development in an estate that is deployed otherwise.
    pub beside_the_real_one: bool,
    /// True where only a condition of a template opens it.
    pub conditional: bool,
    /// How sure.
    pub confidence: Confidence,
    /// The line that opens it, then the lines on the way.
    pub evidence: Evidence,
}

impl Route {
    /// Whether the world comes into the estate here: a public door, other than one that only a
    /// development deployment opens beside the real one.
    pub fn way_in(&self) -> Answer<bool> {
        match &self.public {
            Answer::Present(true, evidence) if self.beside_the_real_one => Answer::Absent(evidence.clone()),
            public => public.clone(),
        }
    }
}

/// A service or a piece of infrastructure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// A service.
    Service(ServiceId),
    /// Infrastructure.
    Infra(InfraId),
}

/// An operation that a service answers for.
#[derive(Debug)]
pub struct Endpoint {
    /// Who answers; `None` where the contract's owner is not known.
    pub service: Option<ServiceId>,
    /// `POST /orders`, `shop.orders.v1.OrderService/Place`
    pub name: Symbol,
    /// Language of the contract.
    pub contract: ContractKind,
    /// What it does.
    pub effect: Effect,
    /// What the effect was read from.
    pub effect_basis: EffectBasis,
    /// What makes repeating it safe.
    pub idempotency: Answer<IdempotencyBasis>,
    /// How sure.
    pub confidence: Confidence,
    /// Its name in the contract, then other copies of the contract.
    pub evidence: Evidence,
    /// Where code answers to what a contract has.
    pub handlers: Vec<Span>,
}

/// A container of a workload in all variants that deploy it.
#[derive(Debug)]
pub struct Container {
    /// Whose it is.
    pub owner: Target,
    /// `orders/orders`: service or infrastructure, then container.
    pub name: Symbol,
    /// As the files describe it; the one that its owner would edit first.
    pub variants: Vec<ContainerVariant>,
}

/// A container as one file describes it, with what the linked image adds.
#[derive(Debug)]
pub struct ContainerVariant {
    /// The facts that describe it, the one that is overridden first: usually one.
    pub layers: Vec<WorkloadRef>,
    /// What the file is for.
    pub environment: Environment,
    /// Who runs it.
    pub platform: Platform,
    /// The image's name after evaluation; empty where unknown.
    pub image: Symbol,
    /// The recipe that builds the image, where it is in the estate.
    pub recipe: Option<RecipeUse>,
    /// The container's place.
    pub span: Span,
}

/// A workload in all variants that deploy it.
#[derive(Debug)]
pub struct Workload {
    /// Whose it is.
    pub owner: Target,
    /// `orders`; `orders/worker` where its own name is another one.
    pub name: Symbol,
    /// As the files describe it; the one that its owner would edit first.
    pub variants: Vec<WorkloadVariant>,
}

/// A workload as one file describes it, with what other files say of it.
#[derive(Debug)]
pub struct WorkloadVariant {
    /// The facts that describe it, the one that is overridden first; never empty.
    pub layers: Vec<WorkloadRef>,
    /// What the file is for.
    pub environment: Environment,
    /// Who runs it.
    pub platform: Platform,
    /// True if it only changes a workload that other files describe: it runs no image.
    pub patch: bool,
    /// Number of the set of files that are deployed with it.
    pub scope: u32,
    /// Its namespace, where known.
    pub namespace: Option<Symbol>,
    /// Labels of its pods; a value that is not known is `None`.
    pub labels: Vec<(Symbol, Option<Symbol>)>,
    /// Addresses that lead to it, in the order of files.
    pub addresses: Vec<Concern>,
    /// Policies that concern it, in the order of files.
    pub concerns: Vec<Concern>,
    /// Its place.
    pub span: Span,
}

/// A fact that concerns a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concern {
    /// Index into the list of facts handed to the linker.
    pub file: u32,
    /// Index of the fact in that file.
    pub fact: u32,
    /// False where something that is not known decides: a template, an optional part, files
    /// that may not be deployed together.
    pub sure: bool,
}

/// A workload fact: (index of the file's facts, index of the fact in it), and container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkloadRef {
    /// Index into the list of facts handed to the linker.
    pub file: u32,
    /// Index of the fact in that file.
    pub fact: u32,
    /// Index of the container in that workload.
    pub container: u32,
}

/// A recipe and the stage that is built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecipeUse {
    /// Index into the list of facts handed to the linker.
    pub file: u32,
    /// Index of the fact in that file.
    pub fact: u32,
    /// The stage that is shipped.
    pub stage: u32,
    /// The recipe's folder or service, for people: `orders`.
    pub name: Symbol,
    /// What the file is for.
    pub environment: Environment,
}

/// A secret in a committed file: one for each key in a file.
#[derive(Debug)]
pub struct SecretFinding {
    /// The key.
    pub key: Symbol,
    /// Comparison value and look.
    pub secret: Secret,
    /// What kind of place.
    pub place: SecretPlace,
    /// What the file is for.
    pub environment: Environment,
    /// The service that the file belongs to.
    pub service: Option<ServiceId>,
    /// The value's places in this file, first one first.
    pub evidence: Evidence,
}

/// What could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// Where.
    pub span: Span,
    /// What.
    pub what: Symbol,
    /// Why.
    pub why: Symbol,
}

/// Why two things are one, or why they were kept apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Join {
    /// The service, infrastructure, database or address that it concerns.
    pub subject: Symbol,
    /// What happened, a full sentence without a full stop: `workload orders (deploy/orders.yaml)
    /// is the code in services/orders: the image shop/orders is built there`.
    pub text: String,
    /// The place that shows it.
    pub span: Span,
}

impl Graph {
    /// The first place where the code of a service begins to wait for requests or messages.
    pub fn listens_at(&self, id: ServiceId) -> Option<Span> {
        let at = self.listening.partition_point(|(service, _)| *service < id);
        self.listening.get(at).filter(|(service, _)| *service == id).map(|(_, place)| *place)
    }

    /// The operations of a service, sorted by name and place.
    pub fn operations_of(&self, id: ServiceId) -> &[Operation] {
        let start = self.operations.partition_point(|operation| operation.service < id);
        let end = self.operations.partition_point(|operation| operation.service <= id);
        self.operations.get(start..end).unwrap_or_default()
    }

    /// The service of a number.
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.services[id.0 as usize]
    }

    /// The infrastructure of a number.
    pub fn infra(&self, id: InfraId) -> &Infrastructure {
        &self.infrastructure[id.0 as usize]
    }

    /// The name of a service or of infrastructure.
    pub fn target_name(&self, target: Target) -> Symbol {
        match target {
            Target::Service(id) => self.service(id).name,
            Target::Infra(id) => self.infra(id).name,
        }
    }

    /// The server's name as outputs spell it; empty where it is not known.
    pub fn server_name(&self, server: Server) -> Symbol {
        match server {
            Server::Inside(id) => self.infra(id).name,
            Server::Outside(host) | Server::Hidden(host) => host,
            Server::Unknown => Symbol::new(""),
        }
    }
}
