//! Ways in from outside: load balancers, node ports, ingresses, gateways, published ports.

use rustc_hash::FxHashMap;

use super::deployments::{Deployments, InstanceId};
use super::directory::{Directory, Lead};
use super::inputs::{Inputs, Located};
use super::model::{Confidence, Environment, Route, Target, Unresolved};
use super::values::{Evaluator, Resolved, Scope};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::network::{Gateway, Reach, RouteKind};
use crate::facts::value::Value;
use crate::facts::workload::{Platform, Port, Published};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What finding routes needs.
pub struct RouteLinker<'a, 'e> {
    /// All facts.
    pub inputs: &'e Inputs<'a>,
    /// Workloads.
    pub deployments: &'e Deployments<'a>,
    /// Host names.
    pub directory: &'e Directory<'a>,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// What a file is for.
    pub environment: &'e dyn Fn(EstatePath) -> Environment,
    /// What an instance belongs to.
    pub target_of: &'e dyn Fn(InstanceId) -> Option<Target>,
}

impl<'a> RouteLinker<'a, '_> {
    /// All routes, and what of them could not be resolved.
    pub fn routes(&self) -> (Vec<Route>, Vec<Unresolved>) {
        let mut routes = Vec::new();
        let mut unresolved = Vec::new();
        self.of_addresses(&mut routes);
        self.of_ports(&mut routes);
        self.of_routes(&mut routes, &mut unresolved);
        (routes, unresolved)
    }

    fn of_addresses(&self, routes: &mut Vec<Route>) {
        for address in &self.inputs.addresses {
            let (kind, span, public) = match &address.fact.reach {
                Reach::LoadBalancer(span) => (RouteKind::LoadBalancer, *span, Answer::present(true, *span)),
                Reach::NodePort(span) => (RouteKind::NodePort, *span, Answer::present(true, *span)),
                Reach::InternalLoadBalancer(span) => (RouteKind::LoadBalancer, *span, Answer::absent(*span)),
                Reach::Inside | Reach::Unknown(_) => continue,
            };
            let Some(target) = self.behind(&address.fact.name, address.path) else { continue };
            let grpc = !address.fact.ports.is_empty()
                && address.fact.ports.iter().all(|port| port.name.contains("grpc") || port.protocol.contains("grpc"));
            routes.push(Route {
                target,
                kind,
                host: None,
                path: None,
                port: address.fact.ports.first().and_then(|port| port.port),
                public,
                grpc,
                cors: Answer::absent(span),
                beside_the_real_one: false,
                environment: (self.environment)(address.path),
                conditional: address.fact.conditional,
                confidence: Confidence::Observed,
                evidence: Evidence(vec![span, address.fact.span]),
            });
        }
    }

    /// What a name of a file at `path` leads to.
    fn behind(&self, name: &'a Value, path: EstatePath) -> Option<Target> {
        let text = self.evaluator.text(name, &Scope { path: Some(path), ..Scope::default() })?;
        match self.directory.look_up(&text, path) {
            Lead::Inside(target, _) => Some(target),
            Lead::Outside(_) | Lead::Nowhere(..) | Lead::Ambiguous(_) | Lead::Loopback | Lead::None => None,
        }
    }

    fn of_ports(&self, routes: &mut Vec<Route>) {
        for (id, instance) in self.deployments.instances.iter().enumerate() {
            let Some(target) = (self.target_of)(id) else { continue };
            for container in instance.containers() {
                for port in container.ports() {
                    let Some(published) = &port.published else { continue };
                    let kind = match instance.platform() {
                        Platform::Compose => RouteKind::ComposePort,
                        Platform::Kubernetes => RouteKind::HostPort,
                    };
                    routes.push(Route {
                        target,
                        kind,
                        host: None,
                        path: None,
                        port: published.host_port,
                        public: public_port(port, published),
                        grpc: port.name.contains("grpc"),
                        cors: Answer::absent(port.span),
                        beside_the_real_one: false,
                        environment: (self.environment)(instance.path),
                        conditional: instance.top().conditional,
                        confidence: Confidence::Observed,
                        evidence: Evidence(vec![port.span, instance.span()]),
                    });
                }
            }
        }
    }

    fn of_routes(&self, routes: &mut Vec<Route>, unresolved: &mut Vec<Unresolved>) {
        let gateways = self.gateways();
        for route in &self.inputs.routes {
            // A proxy's locations are ways through the estate; whether they are ways in is
            // decided by the proxy's own door.
            if route.fact.kind == RouteKind::Proxy {
                continue;
            }
            let backend = self.evaluator.resolve(&route.fact.backend, &self.scope(route.path));
            let host = match backend {
                Resolved::Text(known) if !known.partial => known.text,
                Resolved::Text(_) | Resolved::Hidden { .. } | Resolved::Unknown(_) => {
                    unresolved.push(unresolved_route(route.fact.span, "its backend is computed"));
                    continue;
                }
            };
            let target = match self.directory.look_up(&host, route.path) {
                Lead::Inside(target, _) => target,
                Lead::Ambiguous(_) => {
                    unresolved.push(unresolved_route(route.fact.span, &format!("several things answer to {host}")));
                    continue;
                }
                Lead::Outside(_) | Lead::Nowhere(..) | Lead::Loopback | Lead::None => {
                    unresolved
                        .push(unresolved_route(route.fact.span, &format!("nothing in the estate answers to {host}")));
                    continue;
                }
            };
            routes.push(Route {
                target,
                kind: route.fact.kind,
                host: route.fact.host.as_ref().and_then(|host| self.symbol(host, route.path)),
                path: route.fact.path.as_ref().and_then(|path| self.symbol(path, route.path)),
                port: None,
                public: self.route_is_public(route, &gateways),
                grpc: route.fact.grpc,
                cors: route.fact.cors.clone(),
                beside_the_real_one: false,
                environment: (self.environment)(route.path),
                conditional: route.fact.conditional,
                confidence: Confidence::Observed,
                evidence: Evidence(vec![route.fact.span]),
            });
        }
    }

    /// A route's own word, and that of the gateways it hangs on: behind an internal gateway
    /// nothing is public; a gateway that the estate does not hold leaves the route's word.
    fn route_is_public(
        &self,
        route: &Located<'a, crate::facts::network::Route>,
        known: &FxHashMap<Symbol, &'a Gateway>,
    ) -> Answer<bool> {
        let fact = route.fact;
        if !matches!(&fact.public, Answer::Present(true, _)) || fact.gateways.is_empty() {
            return fact.public.clone();
        }
        let gateways: Vec<&Gateway> = fact
            .gateways
            .iter()
            .filter_map(|name| self.symbol(name, route.path))
            .filter_map(|name| known.get(&Symbol::new(name.rsplit('/').next().unwrap_or(&name))).copied())
            .collect();
        match gateways.iter().find(|gateway| !gateway.public.is_absent()) {
            Some(_) => fact.public.clone(),
            None => gateways.first().map_or_else(|| fact.public.clone(), |gateway| gateway.public.clone()),
        }
    }

    /// The gateways of the estate by name; of several of one name the first.
    fn gateways(&self) -> FxHashMap<Symbol, &'a Gateway> {
        let mut gateways: FxHashMap<Symbol, &Gateway> = FxHashMap::default();
        for gateway in &self.inputs.gateways {
            if let Some(name) = self.symbol(&gateway.fact.name, gateway.path) {
                gateways.entry(name).or_insert(gateway.fact);
            }
        }
        gateways
    }

    fn scope(&self, path: EstatePath) -> Scope<'a> {
        Scope { path: Some(path), ..Scope::default() }
    }

    fn symbol(&self, value: &'a Value, path: EstatePath) -> Option<Symbol> {
        self.evaluator.text(value, &self.scope(path)).as_deref().map(Symbol::new)
    }
}

fn unresolved_route(span: Span, why: &str) -> Unresolved {
    Unresolved { span, what: Symbol::new("route"), why: Symbol::new(why) }
}

/// A port bound to the loopback address is for the machine alone; one on a private address
/// is for its network.
fn public_port(port: &Port, published: &Published) -> Answer<bool> {
    match &published.host_address {
        Answer::Absent(_) => Answer::present(true, port.span),
        Answer::Unknown(reason) => Answer::Unknown(*reason),
        Answer::Present(address, _) => {
            let all = matches!(address.as_str(), "0.0.0.0" | "::" | "[::]" | "*" | "");
            let inside = address.starts_with("127.")
                || address.starts_with("10.")
                || address.starts_with("192.168.")
                || (16..32).any(|second| address.starts_with(&format!("172.{second}.")))
                || matches!(address.as_str(), "localhost" | "::1" | "[::1]");
            match (all, inside) {
                (true, _) => Answer::present(true, port.span),
                (false, true) => Answer::absent(port.span),
                (false, false) => Answer::present(true, port.span),
            }
        }
    }
}
