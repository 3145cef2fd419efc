//! Ways in from outside, and which services are internal.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::facts::answer::Answer;
use crate::facts::call::Protocol;
use crate::facts::declaration::Exposure;
use crate::facts::network::RouteKind;
use crate::graph::model::{Call, Confidence, Entry, Environment, Route, ServiceId, Target};
use crate::graph::words::route_word;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// A door in words: `port 5432 published on all interfaces`.
pub fn door_words(route: &Route) -> String {
    let port = route.port.map_or(String::new(), |port| format!(" {port}"));
    match route.kind {
        RouteKind::ComposePort => format!("port{port} published on all interfaces"),
        RouteKind::HostPort => format!("host port{port}"),
        RouteKind::LoadBalancer => "a load balancer".to_owned(),
        RouteKind::NodePort => "a port of every node".to_owned(),
        RouteKind::Ingress => "an ingress".to_owned(),
        RouteKind::GatewayRoute => "a gateway route".to_owned(),
        RouteKind::OpenShiftRoute => "an OpenShift route".to_owned(),
        RouteKind::IstioGateway => "an Istio gateway".to_owned(),
        RouteKind::TraefikLabel => "a Traefik router".to_owned(),
        RouteKind::Proxy => "a proxy".to_owned(),
    }
}

/// Whether services are internal, with the reason, the places that show it and how sure it is.
type Internal = BTreeMap<ServiceId, (Answer<bool>, String, Vec<(Span, String)>, Confidence)>;

/// What makes several routes one door: target, kind, openness, environment, host, path.
type Door = (Target, RouteKind, bool, Environment, Option<Symbol>, Option<Symbol>);

/// One subject for each service and kind of door, and for what they answer to other sites: several ports of one workload are one way in.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    policies_of_code(estate, found);
    let internal = internal_services(estate);
    let mut doors: BTreeMap<Door, Vec<&Route>> = BTreeMap::new();
    for route in &graph.routes {
        let key = (route.target, route.kind, route.public.is_present(), route.environment, route.host, route.path);
        doors.entry(key).or_default().push(route);
    }
    for ((target, kind, _, environment, host, path), routes) in doors {
        let Some(first) = routes.first() else { continue };
        let Some(place) = first.evidence.0.first().copied() else { continue };
        let name = graph.target_name(target);
        let (answer, reason, mut related, sure) = match target {
            Target::Service(id) => internal.get(&id).cloned().unwrap_or((
                Answer::absent(place),
                String::new(),
                Vec::new(),
                Confidence::Declared,
            )),
            Target::Infra(_) => (Answer::absent(place), String::new(), Vec::new(), Confidence::Declared),
        };
        related.extend(
            routes
                .iter()
                .skip(1)
                .filter_map(|route| Some((*route.evidence.0.first()?, "this door leads there too".to_owned()))),
        );
        let text = |symbol: Option<Symbol>| symbol.map_or("", Symbol::as_str);
        let open = |route: &&&Route| route.cors.value().is_some_and(|cors| cors.any_origin);
        let cors = routes.iter().find(open).map_or_else(|| first.cors.clone(), |route| route.cors.clone());
        let word = route_word(kind);
        let (def, row) = RowBuilder::new("route", place)
            .text("service", &name)
            .bool("infrastructure", matches!(target, Target::Infra(_)))
            .text("kind", word)
            .text("host", text(host))
            .text("path", text(path))
            .set("public", first.public.clone().map(Datum::Bool))
            .set("internal", answer.map(Datum::Bool))
            .text("internal_reason", &reason)
            .bool("grpc", first.grpc)
            .text("environment", environment_word(environment))
            .text("confidence", first.confidence.word())
            .finish();
        let where_to = format!("{}{}", text(host), text(path));
        let title = if where_to.is_empty() { word.to_owned() } else { format!("{word} {where_to}") };
        if !cors.is_absent() {
            let policy = Policy {
                name,
                services: estate.services_of(target),
                by: word.to_owned(),
                any_origin: cors.clone().map(|cors| cors.any_origin),
                credentials: cors.map(|cors| cors.credentials),
                public: first.public.clone(),
                environment,
                anchor: title.clone(),
                span: place,
                confidence: first.confidence.min(sure),
            };
            found.push(policy.subject());
        }
        found.push(Subject {
            def,
            name: name.as_str().to_owned(),
            anchor: format!("route {name} {title} {}", environment_word(environment)),
            span: place,
            services: estate.services_of(target),
            confidence: first.confidence.min(sure),
            row,
            related: related.into_iter().take(super::RELATED_LIMIT).collect(),
        });
    }
}

/// What decides which pages of other sites may use a service, and whether they may send cookies.
struct Policy {
    name: Symbol,
    services: Vec<Symbol>,
    by: String,
    any_origin: Answer<bool>,
    credentials: Answer<bool>,
    public: Answer<bool>,
    environment: Environment,
    anchor: String,
    span: Span,
    confidence: Confidence,
}

impl Policy {
    fn subject(self) -> Subject {
        let environment = environment_word(self.environment);
        let (def, row) = RowBuilder::new("cors_policy", self.span)
            .text("service", &self.name)
            .text("by", &self.by)
            .set("any_origin", self.any_origin.map(Datum::Bool))
            .set("credentials", self.credentials.map(Datum::Bool))
            .set("public", self.public.map(Datum::Bool))
            .text("environment", environment)
            .text("confidence", self.confidence.word())
            .finish();
        Subject {
            def,
            name: self.name.as_str().to_owned(),
            anchor: format!("cors {} {} {environment}", self.name, self.anchor),
            span: self.span,
            services: self.services,
            confidence: self.confidence,
            row,
            related: Vec::new(),
        }
    }
}

/// One policy for each place of code that lets other sites in.
fn policies_of_code(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    for one in &graph.cors {
        let name = graph.service(one.service).name;
        let mut doors = graph.routes.iter().filter(|route| route.target == Target::Service(one.service)).peekable();
        let public = match doors.peek() {
            None => Answer::unknown("no door to it was seen"),
            Some(first) => {
                let closed = first.public.clone();
                doors.map(|route| &route.public).find(|public| public.is_present()).cloned().unwrap_or(closed)
            }
        };
        let policy = Policy {
            name,
            services: vec![name],
            by: format!("`{}` in its code", one.library),
            any_origin: one.any_origin.clone(),
            credentials: one.credentials.clone(),
            public,
            environment: Environment::Unknown,
            anchor: format!("code {}", one.library),
            span: one.span,
            confidence: Confidence::Observed,
        };
        found.push(policy.subject());
    }
}

/// Which services are internal: declared so; not listed as public where the configuration
/// lists the public ones; or called by another service that is open to the public itself, so
/// that their own door goes around it. A service that nothing says anything of is not.
fn internal_services(estate: &Estate<'_>) -> Internal {
    let graph = estate.graph;
    let open: BTreeSet<ServiceId> = graph
        .routes
        .iter()
        .filter(|route| matches!(route.way_in(), Answer::Present(true, _)))
        .filter_map(|route| match route.target {
            Target::Service(id) => Some(id),
            Target::Infra(_) => None,
        })
        .collect();
    let pairs: BTreeSet<(ServiceId, ServiceId)> = graph.calls.iter().map(|call| (call.from, call.to)).collect();
    // Who answers requests that come in by a port of its own.
    let listens: BTreeSet<ServiceId> = graph
        .operations
        .iter()
        .filter(|operation| matches!(operation.kind, Entry::Http | Entry::Grpc | Entry::GraphQl))
        .map(|operation| operation.service)
        .collect();
    // Two public services that call each other front nobody.
    let mut fronts: BTreeMap<ServiceId, &Call> = BTreeMap::new();
    for call in graph.calls.iter().filter(|call| call.from != call.to && open.contains(&call.from)) {
        if !pairs.contains(&(call.to, call.from)) {
            let first = fronts.entry(call.to).or_insert(call);
            if first.protocol == Protocol::RpcOverBroker {
                *first = call;
            }
        }
    }
    let public: Option<BTreeSet<Symbol>> = estate.public_services.map(|public| public.iter().copied().collect());
    let mut internal: Internal = BTreeMap::new();
    for (at, service) in graph.services.iter().enumerate() {
        let id = ServiceId(at as u32);
        if let Some((exposure, span)) = service.exposure {
            let entry = match exposure {
                Exposure::Public => (Answer::present(false, span), String::new(), Vec::new(), Confidence::Declared),
                Exposure::Internal => (
                    Answer::present(true, span),
                    "it is declared internal".to_owned(),
                    vec![(span, "declared internal here".to_owned())],
                    Confidence::Declared,
                ),
            };
            internal.insert(id, entry);
            continue;
        }
        if let Some(public) = &public {
            let listed = std::iter::once(&service.name).chain(&service.aliases).any(|name| public.contains(name));
            let reason = if listed { String::new() } else { "the configuration does not list it as public".to_owned() };
            internal.insert(id, (Answer::present(!listed, service.span), reason, Vec::new(), Confidence::Declared));
            continue;
        }
        if let Some(call) = fronts.get(&id) {
            // It fetches its requests from a broker: whether anything answers behind a door of its
            // own is not known.
            if call.protocol == Protocol::RpcOverBroker && !listens.contains(&id) {
                let why = "it is asked through a broker, and nothing is known to listen at a port of its own";
                internal.insert(id, (Answer::unknown(why), String::new(), Vec::new(), call.confidence));
                continue;
            }
            let front = graph.service(call.from).name;
            let place = call.evidence.0.first().copied().unwrap_or(service.span);
            internal.insert(
                id,
                (
                    Answer::present(true, place),
                    format!("{front} is public and calls it, so its own door goes around {front}"),
                    vec![(place, format!("{front} calls it here"))],
                    call.confidence,
                ),
            );
        }
    }
    internal
}
