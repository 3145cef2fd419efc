//! Enums of the graph as rules and outputs spell them.

use crate::facts::call::Protocol;
use crate::facts::code::Runtime;
use crate::facts::network::RouteKind;

/// `rpc-over-broker`
pub fn protocol_word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "http",
        Protocol::Grpc => "grpc",
        Protocol::GraphQl => "graphql",
        Protocol::Tcp => "tcp",
        Protocol::WebSocket => "websocket",
        Protocol::RpcOverBroker => "rpc-over-broker",
    }
}

/// `gateway-route`
pub fn route_word(kind: RouteKind) -> &'static str {
    match kind {
        RouteKind::Ingress => "ingress",
        RouteKind::GatewayRoute => "gateway-route",
        RouteKind::OpenShiftRoute => "openshift-route",
        RouteKind::IstioGateway => "istio-gateway",
        RouteKind::LoadBalancer => "load-balancer",
        RouteKind::NodePort => "node-port",
        RouteKind::ComposePort => "compose-port",
        RouteKind::HostPort => "host-port",
        RouteKind::TraefikLabel => "traefik-label",
        RouteKind::Proxy => "proxy",
    }
}

/// `dotnet`
pub fn runtime_word(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Node => "node",
        Runtime::Go => "go",
        Runtime::Java => "java",
        Runtime::Kotlin => "kotlin",
        Runtime::Python => "python",
        Runtime::Rust => "rust",
        Runtime::Dotnet => "dotnet",
        Runtime::Php => "php",
        Runtime::Ruby => "ruby",
        Runtime::Cpp => "cpp",
        Runtime::Elixir => "elixir",
        Runtime::Static => "static",
    }
}
