//! Addresses, ways in, and what a mesh does to traffic.

use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::answer::Answer;
use super::value::Value;
use super::workload::Label;

/// A host name that leads to workloads.
#[derive(Clone, Debug)]
pub struct Address {
    /// `orders`
    pub name: Value,
    /// The namespace, where the file states one.
    pub namespace: Option<Value>,
    /// Labels that the pods behind it carry; empty: none are selected.
    pub selector: Vec<Label>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// How far it reaches.
    pub reach: Reach,
    /// The external name it stands for (ExternalName).
    pub external_name: Option<Value>,
    /// Its ports: name, port, target port as text.
    pub ports: Vec<AddressPort>,
    /// True if only some condition of a template includes it.
    pub conditional: bool,
    /// Its name.
    pub span: Span,
}

/// One port of an address.
#[derive(Debug, Clone)]
pub struct AddressPort {
    /// `grpc`; empty where it has none.
    pub name: Symbol,
    /// The port callers use.
    pub port: Option<u16>,
    /// The container's port: number or port name; empty: same as `port`.
    pub target: Symbol,
    /// `appProtocol`, such as `grpc`; empty where not stated.
    pub protocol: Symbol,
    /// Where it stands.
    pub span: Span,
}

/// From where an address can be reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// From inside the cluster: ClusterIP, headless.
    Inside,
    /// From outside through a load balancer. The span is the line that says so.
    LoadBalancer(Span),
    /// From outside through a port of every node.
    NodePort(Span),
    /// From the owner's own network only: a load balancer annotated as internal.
    InternalLoadBalancer(Span),
    /// The file does not tell (a template decides).
    Unknown(Span),
}

/// Which kind of door a route is; JSON spells them as in the comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RouteKind {
    /// `ingress`
    Ingress,
    /// `gateway-route`: Gateway API.
    GatewayRoute,
    /// `openshift-route`
    OpenShiftRoute,
    /// `istio-gateway`: an Istio VirtualService on an Istio Gateway.
    IstioGateway,
    /// `load-balancer`
    LoadBalancer,
    /// `node-port`
    NodePort,
    /// `compose-port`: published on the host.
    ComposePort,
    /// `host-port`: a Kubernetes `hostPort`.
    HostPort,
    /// `traefik-label`
    TraefikLabel,
    /// `proxy`: a location of a reverse proxy.
    Proxy,
}

/// A way in from outside, stated by a file of its own kind. Load balancers, node ports and
/// published ports are not stated as routes; `graph` derives them from addresses and ports.
#[derive(Debug)]
pub struct Route {
    /// Which kind.
    pub kind: RouteKind,
    /// The object's name.
    pub name: Value,
    /// Its namespace, where stated.
    pub namespace: Option<Value>,
    /// `shop.example`; `None`: every host.
    pub host: Option<Value>,
    /// `/api`; `None`: every path.
    pub path: Option<Value>,
    /// Where it leads: an address's name.
    pub backend: Value,
    /// The backend's namespace where it differs from the route's.
    pub backend_namespace: Option<Value>,
    /// The backend's port: number or name; empty where not stated.
    pub port: Symbol,
    /// Gateways it hangs on: names, with `namespace/` in front where given; `mesh` is inside.
    pub gateways: Vec<Value>,
    /// Whether the world can reach it, as far as this file tells: absent for an ingress
    /// class or annotation that is internal.
    pub public: Answer<bool>,
    /// True if it carries gRPC.
    pub grpc: bool,
    /// Which pages of other sites may use it, where the route decides that itself.
    pub cors: Answer<Cors>,
    /// True if only some condition of a template includes it.
    pub conditional: bool,
    /// The line that names the backend.
    pub span: Span,
}

/// What a door answers to requests from pages of other sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Any site may: `*`, or an expression that fits all.
    pub any_origin: bool,
    /// With the user's cookies and logins.
    pub credentials: bool,
}

/// A gateway: Gateway API or Istio.
#[derive(Debug)]
pub struct Gateway {
    /// Its name.
    pub name: Value,
    /// Its namespace, where stated.
    pub namespace: Option<Value>,
    /// Whether it listens to the world, as far as this file tells.
    pub public: Answer<bool>,
    /// Its name's place.
    pub span: Span,
}

/// Retries of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Attempts after the first. Istio's `attempts: 3` means three retries.
    pub retries: u32,
    /// Longest time of one attempt in ms, where stated.
    pub per_try_ms: Option<u64>,
}

/// What a mesh applies to calls of a host.
#[derive(Debug)]
pub struct TrafficPolicy {
    /// The host called: an address's name, short or in full.
    pub host: Value,
    /// The namespace of the policy, which short host names are relative to.
    pub namespace: Option<Value>,
    /// Paths it is limited to, as prefix or exact text; empty: all.
    pub paths: Vec<Symbol>,
    /// HTTP methods it is limited to, upper case; empty: all.
    pub methods: Vec<Symbol>,
    /// Gateways it applies at; empty or `mesh`: at every caller inside.
    pub gateways: Vec<Value>,
    /// Longest time of the whole call in ms. `Present(0)` switches the timeout off.
    pub timeout_ms: Answer<u64>,
    /// Retries. Absent: not stated here (Istio then retries twice on its own for
    /// `connect-failure,refused-stream,unavailable,cancelled,503`; see `tables/meshes`).
    pub retries: Answer<Retries>,
    /// What is retried: Istio's `retryOn`; empty where not stated.
    pub retry_on: Symbol,
    /// Ejection of failing hosts (a circuit breaker).
    pub outlier_detection: Answer<bool>,
    /// TLS mode towards the host: `ISTIO_MUTUAL`, `DISABLE`.
    pub tls_mode: Answer<Symbol>,
    /// Where the host is named.
    pub span: Span,
}
