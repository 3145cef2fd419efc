//! Whose code is which, and in which environment it runs: services to modules, variables and
//! ports.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use semver::Version;

use super::channels::names_of;
use super::code_calls::{Answering, Asked, with_files};
use super::deployments::{Deployments, InstanceId};
use super::inputs::Inputs;
use super::model::{Call, CodeConnection, Endpoint, Environment, LaxClient, ServiceId, Target};
use super::process::EXAMPLE_ENDINGS;
use super::program::clients::{OutgoingCall, Surroundings, outgoing_calls};
use super::program::configuration::configured;
use super::program::consumers::walk_handlers;
use super::program::evaluate::is_environment;
use super::program::event::Events;
use super::program::loaded::{load, load_modules};
use super::program::lookup::word_of;
use super::program::messages::Messages;
use super::program::modules::Modules;
use super::program::protection::TrustedPackage;
use super::program::servers::operation::{Listening, Operation};
use super::program::servers::operations;
use super::program::stores::{Stores, stores};
use super::program::value::{FrameId, Known, ModuleId, Step};
use super::program::walk::Walk;
use super::values::{Evaluator, Scope};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::Protocol;
use crate::facts::contract::ContractKind;
use crate::facts::data::SettingsKind;
use crate::facts::value::Value;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::certificates::lax_variables;

/// The modules of each service that has any: its own first, then those that they take from
/// elsewhere; with the number of its own.
pub fn modules_of(
    modules: &Modules<'_>,
    folders_of: &BTreeMap<ServiceId, Vec<EstatePath>>,
    owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
) -> Vec<(ServiceId, Vec<ModuleId>, usize)> {
    let mut found = Vec::new();
    if modules.is_empty() {
        return found;
    }
    for (service, folders) in folders_of {
        let belongs = |path: EstatePath| owners_of(path).contains(service);
        let (all, own) = modules.of_folders(folders, &belongs);
        if own > 0 {
            found.push((*service, all, own));
        }
    }
    found
}

/// What the code of one service does.
pub struct Source {
    /// Whose code.
    pub service: ServiceId,
    /// What it answers to.
    pub served: Vec<Operation>,
    /// Where it starts to listen.
    pub listening: Vec<Listening>,
    /// True where a server of GraphQL is at work in it.
    pub answers_graphql: bool,
    /// What it does to libraries.
    pub events: Events,
    /// The calls to others among that.
    pub calls: Vec<OutgoingCall>,
    /// What it publishes and consumes.
    pub messages: Messages,
    /// Where the work begins for each of the places that take messages, in their order; `None`:
    /// it cannot be told.
    pub handled: Vec<Option<FrameId>>,
    /// What it does with databases.
    pub stores: Stores,
    /// What of it could not be followed, with the reason.
    pub unclear: Vec<(Span, Symbol)>,
}

/// Walks the code of each service. `version` gives the version of a package that a service
/// uses, as far as its manifests tell.
pub fn walk(
    modules: &Modules<'_>,
    of: &[(ServiceId, Vec<ModuleId>, usize)],
    version: &dyn Fn(ServiceId, Symbol) -> Option<Version>,
    trusted: &[TrustedPackage],
) -> Vec<Source> {
    let mut found = Vec::with_capacity(of.len());
    for (service, all, own) in of {
        let own = all.get(..*own).unwrap_or(all);
        let mut walk = Walk::new(modules, Some(&configured));
        load_modules(&mut walk, all);
        walk.bodies(all);
        load(&mut walk);
        let mut served = operations(&mut walk, own);
        walk.rest(own);
        let (messages, handled) = walk_handlers(&mut walk, &mut served.operations);
        let stores = stores(&mut walk);
        let returns = walk.returns();
        let events = walk.finish();
        let around = Surroundings {
            version: &|package| version(*service, package),
            returned: &|closure| returns.get(&closure.function).cloned(),
            trusted,
        };
        let calls = outgoing_calls(&events, &around);
        found.push(Source {
            service: *service,
            served: served.operations,
            listening: served.listening,
            answers_graphql: served.graphql,
            events,
            calls,
            messages,
            handled,
            stores,
            unclear: served.unclear,
        });
    }
    found
}

/// Where neither address nor client tells whether a call is encrypted, the servers of the callee
/// may: what all of them take without encryption is sent so.
pub fn by_servers(calls: &mut [Call], sources: &[Source]) {
    for call in calls.iter_mut().filter(|call| matches!(call.encrypted, Answer::Unknown(_))) {
        let transport = match call.protocol {
            Protocol::Grpc => "grpc",
            Protocol::Tcp => "tcp",
            Protocol::Http | Protocol::GraphQl | Protocol::WebSocket | Protocol::RpcOverBroker => continue,
        };
        let of_callee = sources.iter().filter(|source| source.service == call.to).flat_map(|source| &source.listening);
        let of_callee: Vec<&Listening> =
            of_callee.filter(|listening| listening.transport.is_none_or(|name| name == transport)).collect();
        if !of_callee.is_empty() && of_callee.iter().all(|listening| listening.encrypted == Some(false)) {
            let mut places: Vec<Span> = call.evidence.0.iter().take(1).copied().collect();
            places.extend(of_callee.iter().map(|listening| listening.span));
            call.encrypted = Answer::Present(false, Evidence(places));
        }
    }
}

/// Connections to databases that code opens, sorted by service and place. A call that changes
/// tables to fit the code counts for the connection it goes through; where that is not seen,
/// for itself. `scopes` are the environments that the code of each service runs in.
pub fn code_connections(
    sources: &[Source],
    scopes: &BTreeMap<ServiceId, Vec<Scope<'_>>>,
    evaluator: &Evaluator<'_>,
) -> Vec<CodeConnection> {
    let yes = |answer: &Answer<()>| match answer {
        Answer::Present((), evidence) => Answer::Present(true, evidence.clone()),
        Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
        Answer::Unknown(reason) => Answer::Unknown(*reason),
    };
    let mut found = Vec::new();
    for source in sources {
        let of_service = scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
        // A flag that a variable sets is set where every environment that is known says so.
        let set = |known: &Known| {
            let said = names_of(known, of_service, evaluator);
            (said.len() == 1 && said.iter().all(|word| *word == "true")).then(|| Answer::present(true, known.span))
        };
        found.extend(source.stores.connections.iter().map(|connection| CodeConnection {
            service: source.service,
            library: connection.library,
            engine: connection.engine.unwrap_or_else(|| Symbol::new("")),
            synchronizes: match &connection.synchronizes_if {
                Some(known) => set(known).unwrap_or_else(|| yes(&connection.synchronizes)),
                None => yes(&connection.synchronizes),
            },
            migrates: match &connection.migrates {
                Answer::Present(_, evidence) => Answer::Present(true, evidence.clone()),
                Answer::Absent(_) if !source.stores.migrations.is_empty() => {
                    Answer::Present(true, Evidence(source.stores.migrations.iter().map(|(_, span)| *span).collect()))
                }
                Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
                Answer::Unknown(reason) => Answer::Unknown(*reason),
            },
            unverified: yes(&connection.unverified),
            span: connection.span,
        }));
        found.extend(source.stores.syncs.iter().map(|(_, span)| CodeConnection {
            service: source.service,
            library: Symbol::new(""),
            engine: Symbol::new(""),
            synchronizes: Answer::present(true, *span),
            migrates: Answer::unknown("the connection is opened elsewhere"),
            unverified: Answer::unknown("the connection is opened elsewhere"),
            span: *span,
        }));
    }
    found.sort_by_key(|connection| (connection.service, connection.span));
    found.dedup_by_key(|connection| (connection.service, connection.span));
    found
}

/// Code that accepts any certificate, sorted by service, library and the place that says so.
pub fn lax_clients(sources: &[Source]) -> Vec<LaxClient> {
    let mut found: Vec<LaxClient> = Vec::new();
    for source in sources {
        let lax = |call: &OutgoingCall| {
            let span = call.unverified?;
            Some(LaxClient { service: source.service, what: call.client.library, whole: false, span })
        };
        found.extend(source.calls.iter().filter_map(lax));
        found.extend(source.events.assigned.iter().filter_map(|set| {
            let Step::Member(name) = &set.target.step else { return None };
            let row = lax_variables().iter().find(|row| row.name == *name)?;
            let of_process = set.target.before.as_deref().is_some_and(is_environment);
            let off = of_process && word_of(&set.value).is_some_and(|word| row.off.contains(&word));
            off.then(|| LaxClient {
                service: source.service,
                what: Symbol::new(&row.what),
                whole: true,
                span: set.span,
            })
        }));
    }
    found.sort();
    found.dedup();
    found
}

/// The environments that the code of each service runs in: those of its processes, with the
/// variables that its own `.env` files set below them.
pub fn code_scopes<'a>(
    inputs: &Inputs<'a>,
    scopes_of: &BTreeMap<ServiceId, Vec<(Scope<'a>, Environment)>>,
    services: &[(ServiceId, Option<EstatePath>)],
    owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
    environment: &dyn Fn(EstatePath) -> Environment,
) -> BTreeMap<ServiceId, Vec<Scope<'a>>> {
    let mut files: BTreeMap<ServiceId, Vec<(u8, EstatePath, Symbol, &'a Value)>> = BTreeMap::new();
    for settings in inputs.settings.iter().filter(|settings| settings.fact.kind == SettingsKind::DotEnv) {
        if environment(settings.path) == Environment::Test {
            continue;
        }
        let is_example = EXAMPLE_ENDINGS.iter().any(|ending| settings.path.as_str().ends_with(ending));
        // `.env` wins over `.env.development`, and that over an example.
        let rank = match (settings.path.name(), is_example) {
            (".env", _) => 2,
            (_, true) => 0,
            (_, false) => 1,
        };
        for service in owners_of(settings.path) {
            let entries = settings.fact.entries.iter().map(|entry| (rank, settings.path, entry.key, &entry.value));
            files.entry(service).or_default().extend(entries);
        }
    }
    let mut found = BTreeMap::new();
    for (service, folder) in services {
        let mut own: FxHashMap<Symbol, &'a Value> = FxHashMap::default();
        let mut entries = files.remove(service).unwrap_or_default();
        entries.sort_by_key(|(rank, path, _, _)| (*rank, std::cmp::Reverse(*path)));
        own.extend(entries.into_iter().map(|(_, _, key, value)| (key, value)));
        let processes: Vec<Scope<'a>> = scopes_of
            .get(service)
            .into_iter()
            .flatten()
            .filter(|(_, environment)| *environment != Environment::Test)
            .map(|(scope, _)| scope.clone())
            .collect();
        found.insert(*service, with_files(processes, &own, *folder));
    }
    found
}

/// Who can be reached at which port of a developer's machine, and who answers which rpc
/// service by its contract.
pub fn answering(
    deployments: &Deployments<'_>,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
    endpoints: &[Endpoint],
) -> Answering {
    let mut answering = Answering::default();
    let mut inside: BTreeMap<u16, BTreeSet<ServiceId>> = BTreeMap::new();
    for (id, instance) in deployments.instances.iter().enumerate() {
        let Some(Target::Service(service)) = target_of(id) else { continue };
        if instance.environment == Environment::Test {
            continue;
        }
        for container in instance.containers() {
            for port in container.ports() {
                if let Some(host) = port.published.as_ref().and_then(|published| published.host_port) {
                    answering.by_port.entry(host).or_default().insert(service);
                }
                if let Some(port) = port.container_port {
                    inside.entry(port).or_default().insert(service);
                }
            }
        }
    }
    // A port that nobody publishes is the one that a process listens on without a container.
    for (port, services) in inside {
        answering.by_port.entry(port).or_insert(services);
    }
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.contract == ContractKind::Proto) {
        let Some(service) = endpoint.service else { continue };
        let Some((rpc, _)) = endpoint.name.as_str().rsplit_once('/') else { continue };
        answers(&mut answering, rpc, service);
    }
    answering
}

/// Notes that a service answers an rpc service, by its full and its short name.
pub fn answers(answering: &mut Answering, rpc: &str, service: ServiceId) {
    let short = rpc.rsplit('.').next().unwrap_or(rpc);
    for name in [rpc, short] {
        answering.by_name.entry(Asked::Rpc(Symbol::new(name))).or_default().insert(service);
    }
}
