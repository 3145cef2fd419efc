//! Linking, step by step: all facts in, the estate out.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::LinkOptions;
use super::belonging::Owners;
use super::calls::CallLinker;
use super::channels::channels;
use super::code::Code;
use super::code_calls::{CodeCall, CodeCallLinker};
use super::code_databases::of_code as databases_of_code;
use super::connections::{Reference, VariableReader, blank};
use super::consumers::consumers;
use super::containers::ContainerLinker;
use super::cors::code_cors;
use super::databases::{Found, ServerFacts, databases};
use super::declared::Declared;
use super::deployments::{ContainerLayers, Deployments, InstanceId, ScopeId};
use super::directory::Directory;
use super::endpoints::endpoints;
use super::environments::environment_of;
use super::flows::{has_workflows, reaches, used_frameworks};
use super::forwarded::forwarded;
use super::inputs::Inputs;
use super::labels::Labels;
use super::landings::Landings;
use super::logging::code_logs;
use super::mentions::Mentions;
use super::model::{Confidence, Environment, Graph, InfraId, SecretFinding, Server, ServiceId, Target, Unresolved};
use super::naming::{Named, declarations_of, name};
use super::operations::{add_endpoints, note_answers, operation_of, protected};
use super::outgoing::CallReader;
use super::ports::ports_of_code;
use super::process::{EXAMPLE_ENDINGS, Processes};
use super::program::modules::Modules;
use super::program::servers::operation::Operation as Served;
use super::refusals::Keys;
use super::routes::RouteLinker;
use super::services::{Grouping, build_of, group};
use super::sources::{answering, by_servers, code_connections, code_scopes, lax_clients, modules_of, walk};
use super::tables::tables;
use super::transactions::transactions;
use super::values::{Evaluator, Scope};
use super::workloads::WorkloadLinker;
use crate::facts::Facts;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::code::Runtime;
use crate::facts::contract::ContractKind;
use crate::facts::data::SettingsKind;
use crate::facts::value::Value;
use crate::facts::workload::{Build, Platform};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::connection_keys::{Role, group as key_groups};
use crate::tables::drivers::{only_engine_of, speaks};
use crate::tables::engines::{EngineKind, engines};
use crate::tables::images::images;
use crate::tables::library::version_of;

/// Links the facts of all files. `paths` gives the path of each entry of `facts`, sorted;
/// the result does not depend on anything else.
pub fn link(facts: &[Facts], paths: &[EstatePath], options: &LinkOptions) -> Graph {
    let inputs = Inputs::new(facts, paths);
    let evaluator = Evaluator::new(&inputs);
    let mut deployments = Deployments::new(&inputs, &evaluator);
    let known_images = images().with(options.infrastructure.clone());
    let all_builds: Vec<&Build> = deployments
        .instances
        .iter()
        .flat_map(|instance| instance.containers())
        .filter_map(|container| build_of(&container))
        .collect();
    let code = Code::new(&inputs, &all_builds, &evaluator);
    let labels = Labels::new(&deployments, &evaluator);
    let grouping = group(&inputs, &deployments, &code, &evaluator, &labels, &known_images);
    let environments = environments(&deployments, &grouping, options);
    let environment =
        |path: EstatePath| environments.get(&path).copied().unwrap_or_else(|| stated_environment(path, options));
    for instance in &mut deployments.instances {
        instance.environment = environment(instance.path);
    }
    let Named { mut services, infrastructure, target_of_group, joins } =
        name(&grouping, &inputs, &deployments, &code, &evaluator, options);
    for settings in &options.services {
        if let Ok(at) = services.binary_search_by_key(&settings.name, |service| service.name)
            && let Some(service) = services.get_mut(at)
        {
            service.aliases.extend(&settings.aliases);
            service.aliases.sort();
            service.aliases.dedup();
        }
    }
    let target_of = |id: InstanceId| -> Option<Target> {
        let group = *grouping.group_of_instance.get(id)?;
        target_of_group.get(group).copied()
    };
    let directory = Directory::new(&inputs, &deployments, &labels, &target_of, &evaluator);
    let owners = Owners::new(&inputs, &code, &grouping, &target_of_group, &services);
    let processes = Processes::new(&inputs, &deployments, &code, &evaluator);
    let mut instances_of: BTreeMap<ServiceId, Vec<InstanceId>> = BTreeMap::new();
    for id in 0..deployments.instances.len() {
        if let Some(Target::Service(service)) = target_of(id) {
            instances_of.entry(service).or_default().push(id);
        }
    }
    let recipe_of = |service: ServiceId| {
        let path = services[service.0 as usize].folder?;
        code.get(path)?.recipes.first().map(|recipe| recipe.fact)
    };
    let mut scopes_of: BTreeMap<ServiceId, Vec<(Scope<'_>, Environment)>> = BTreeMap::new();
    for (service, ids) in &instances_of {
        let all = ids.iter().flat_map(|id| {
            let environment = deployments.instances[*id].environment;
            processes.scopes(*id, recipe_of(*service)).into_iter().map(move |scope| (scope, environment))
        });
        scopes_of.insert(*service, all.collect());
    }

    let is_store = |id: InfraId| -> Option<Symbol> {
        let infra = infrastructure.get(id.0 as usize)?;
        let engine = engines().by_name(infra.engine)?;
        (engine.kind != EngineKind::Broker || matches!(infra.kind.as_str(), "database" | "cache"))
            .then_some(infra.engine)
    };
    let scope_number = |path: EstatePath| deployments.scope_of.get(&path).map(|scope| scope.0);
    let reader =
        VariableReader { evaluator: &evaluator, directory: &directory, is_store: &is_store, scope_of: &scope_number };
    let mut found: Vec<Found> = Vec::new();
    let mut references: Vec<Reference> = Vec::new();
    for (service, scopes) in &scopes_of {
        for (scope, environment) in scopes {
            if *environment == Environment::Test {
                continue;
            }
            let entries: Vec<(Symbol, &Value)> = scope.env.iter().map(|(name, value)| (*name, *value)).collect();
            let path = scope.path.unwrap_or_else(EstatePath::root);
            let stated = reader.read(*service, &entries, scope, path, *environment, Confidence::Observed);
            found.extend(stated.connections);
            references.extend(stated.references);
        }
    }
    for (service, ids) in &instances_of {
        for id in ids.iter().filter(|id| deployments.instances[**id].environment != Environment::Test) {
            let instance = &deployments.instances[*id];
            let scope = Scope { path: Some(instance.path), ..Scope::default() };
            for container in instance.containers() {
                let stated =
                    reader.read_words(*service, &command_line(&container), &scope, instance.path, instance.environment);
                found.extend(stated.connections);
                references.extend(stated.references);
            }
        }
    }
    let owners_of = |path: EstatePath| owners.of(path);
    let mentions = Mentions::new(&inputs, &owners_of, &environment);
    let mentions = |service: ServiceId, variable: Symbol| mentions.of(service, variable);
    // A file that several services take their variables from says of none of them whom it calls.
    let shared = shared_env_files(&deployments, &target_of);
    let is_shared = |span: &Span| {
        paths.get(span.file.0 as usize).is_some_and(|path| {
            let bare = EXAMPLE_ENDINGS.iter().find_map(|ending| path.as_str().strip_suffix(ending));
            shared.contains(&bare.map_or(*path, EstatePath::new))
        })
    };
    let given = given_to_several(&references);
    references.retain(|reference| {
        let Some(place) = reference.evidence.first() else { return true };
        match mentions(reference.service, reference.key) {
            Some(takes) if is_shared(place) || given.contains(place) => takes,
            Some(_) => true,
            None => !is_shared(place),
        }
    });
    for one in &mut found {
        if one.evidence.first().is_some_and(&is_shared) {
            one.confidence = one.confidence.min(Confidence::Configured);
        }
    }
    // A server without a database in it is what all of them are told, whoever asks.
    found.retain(|one| {
        let of_all = one.evidence.first().is_some_and(&is_shared);
        let is_cache = one
            .engine
            .and_then(|engine| engines().by_name(engine))
            .is_some_and(|engine| engine.kind == EngineKind::Cache);
        !of_all || is_cache || one.database.is_some()
    });
    // What only an example says is a guess about what is deployed.
    let examples: FxHashSet<FileId> = inputs
        .settings
        .iter()
        .filter(|settings| is_example(settings.path))
        .map(|settings| FileId(settings.file))
        .collect();
    for one in &mut found {
        if one.evidence.iter().any(|span| examples.contains(&span.file)) {
            one.confidence = one.confidence.min(Confidence::Inferred);
        }
    }
    for settings in inputs.settings.iter().filter(|settings| settings.fact.kind == SettingsKind::DotEnv) {
        let environment = environment(settings.path);
        if environment == Environment::Test || is_example(settings.path) {
            continue;
        }
        for service in owners.of(settings.path) {
            let entries: Vec<(Symbol, &Value)> =
                settings.fact.entries.iter().map(|entry| (entry.key, &entry.value)).collect();
            let scope = Scope { path: Some(settings.path), env: entries.iter().copied().collect() };
            let stated = reader.read(service, &entries, &scope, settings.path, environment, Confidence::Observed);
            found.extend(stated.connections);
            references.extend(stated.references);
        }
    }
    // An address of another service in an application's own settings.
    for settings in inputs.settings.iter().filter(|settings| settings.fact.kind == SettingsKind::Application) {
        let environment = environment(settings.path);
        if environment == Environment::Test || is_example(settings.path) {
            continue;
        }
        for service in owners.of(settings.path) {
            let own = [(Scope { path: Some(settings.path), ..Scope::default() }, environment)];
            let scopes = scopes_of.get(&service).filter(|scopes| !scopes.is_empty()).map_or(&own[..], Vec::as_slice);
            for (scope, of_scope) in scopes.iter().filter(|(_, of_scope)| *of_scope != Environment::Test) {
                let path = scope.path.unwrap_or(settings.path);
                let stated = reader.addresses(service, &settings.fact.entries, scope, path, environment.max(*of_scope));
                references.extend(stated);
            }
        }
    }
    for connection in &inputs.connections {
        let environment = environment(connection.path);
        if environment == Environment::Test || is_example(connection.path) {
            continue;
        }
        for service in owners.of(connection.path) {
            let own = [(Scope { path: Some(connection.path), ..Scope::default() }, environment)];
            let scopes = scopes_of.get(&service).filter(|scopes| !scopes.is_empty()).map_or(&own[..], Vec::as_slice);
            for (scope, of_scope) in scopes.iter().filter(|(_, of_scope)| *of_scope != Environment::Test) {
                found.extend(reader.of_fact(
                    service,
                    connection.fact,
                    scope,
                    scope.path.unwrap_or(connection.path),
                    environment.max(*of_scope),
                ));
            }
        }
    }
    let declared = Declared::new(
        declarations_of(&grouping, &inputs, &code)
            .into_iter()
            .filter_map(|(group, all)| match target_of_group.get(group)? {
                Target::Service(id) => Some(all.into_iter().map(move |declaration| (*id, declaration))),
                Target::Infra(_) => None,
            })
            .flatten()
            .collect(),
    );
    found.extend(declared.databases(&inputs, &evaluator, &reader));
    let mut unresolved: Vec<Unresolved> = Vec::new();
    let mut folders_of: BTreeMap<ServiceId, Vec<EstatePath>> = BTreeMap::new();
    for (group, target) in grouping.groups.iter().zip(&target_of_group) {
        if let Target::Service(id) = target {
            folders_of.entry(*id).or_default().extend(&group.folders);
        }
    }
    let dependencies: FxHashMap<ServiceId, Vec<Symbol>> =
        folders_of.iter().map(|(service, folders)| (*service, dependencies_of(folders, &code))).collect();
    let can_speak = |service: ServiceId, engine: Option<Symbol>| -> bool {
        let known = dependencies.get(&service).map_or(&[][..], Vec::as_slice);
        let speaks_it = |engine: Symbol| {
            let family = super::databases::family(engine);
            known.iter().any(|dependency| speaks(dependency, &engine) || speaks(dependency, &family))
        };
        known.is_empty() || engine.is_none_or(speaks_it)
    };
    let modules = Modules::new(&inputs);
    let version = |service: ServiceId, package: Symbol| {
        let folders = folders_of.get(&service)?;
        requirement(folders, &code, package).and_then(|requirement| version_of(&requirement))
    };
    let sources = walk(&modules, &modules_of(&modules, &folders_of, &owners_of), &version, &options.trusted);
    let with_folders: Vec<(ServiceId, Option<EstatePath>)> =
        services.iter().enumerate().map(|(id, service)| (ServiceId(id as u32), service.folder)).collect();
    let code_scopes = code_scopes(&inputs, &scopes_of, &with_folders, &owners_of, &environment);
    let folder_of = |id: ServiceId| services.get(id.0 as usize).and_then(|service| service.folder);
    let by_code = databases_of_code(&sources, &code_scopes, &reader, &folder_of, &found, &mut unresolved);
    found.extend(by_code);
    for one in &mut found {
        let runtime = services.get(one.service.0 as usize).and_then(|service| service.runtime);
        if runtime == Some(Runtime::Dotnet)
            && let Some(only) = only_relational(dependencies.get(&one.service).map_or(&[], Vec::as_slice))
            && one.engine.is_some_and(|engine| engines().is_relational(engine))
        {
            one.engine = Some(only);
        }
    }
    resolve_unknown_servers(&mut found, &deployments, &instances_of, &target_of, &is_store);
    found.retain(|one| {
        let engine = one.engine.or(match one.server {
            Server::Inside(id) => is_store(id),
            Server::Outside(_) | Server::Hidden(_) | Server::Unknown => None,
        });
        let used = one.confidence > Confidence::Configured || can_speak(one.service, engine);
        if !used && let Some(span) = one.evidence.first() {
            unresolved.push(Unresolved {
                span: *span,
                what: Symbol::new("database connection"),
                why: Symbol::new("the variable names a server that no dependency of the service can speak to"),
            });
        }
        used
    });
    found.retain(|one| {
        let nothing_known = one.server == Server::Unknown && one.database.is_none();
        let is_broker = one.engine.and_then(|engine| engines().by_name(engine)).map(|engine| engine.kind)
            == Some(EngineKind::Broker);
        if nothing_known
            && !is_broker
            && let Some(span) = one.evidence.first()
        {
            unresolved.push(Unresolved {
                span: *span,
                what: Symbol::new("database connection"),
                why: Symbol::new("its server and its database are computed"),
            });
        }
        !nothing_known
    });
    place_servers(&mut found);
    started_after(&deployments, &instances_of, &target_of, &is_store, &can_speak, &mut found);

    created_for(&inputs, &deployments, &services, &grouping.affixes, &target_of, &is_store, &can_speak, &mut found);
    let initial = initial_databases(&deployments, &processes, &target_of, &evaluator);
    let facts_of = |server: Server| match server {
        Server::Inside(id) => ServerFacts { engine: is_store(id), initial: initial.get(&id).copied() },
        Server::Outside(_) | Server::Hidden(_) | Server::Unknown => ServerFacts::default(),
    };
    let name_of_server = |server: Server| match server {
        Server::Inside(id) => infrastructure[id.0 as usize].name,
        Server::Outside(host) | Server::Hidden(host) => host,
        Server::Unknown => Symbol::new(""),
    };
    let databases = databases(found, &facts_of, &name_of_server);

    let answers_graphql: BTreeMap<ServiceId, bool> =
        sources.iter().map(|source| (source.service, source.answers_graphql)).collect();
    let no_graphql = |id: ServiceId| answers_graphql.get(&id) == Some(&false);
    let mut endpoints = endpoints(&inputs, &services, &grouping.affixes, &owners_of, &no_graphql);
    let tables = tables(&inputs, &sources, &owners_of, &|path| environment(path) == Environment::Test);
    let keys = Keys::new(&tables);
    let served: Vec<(ServiceId, Vec<Served>)> =
        sources.iter().map(|source| (source.service, protected(source, &modules, &keys))).collect();
    add_endpoints(&mut endpoints, &served);
    unresolved.extend(declared.mark_idempotent(&mut endpoints));
    let mut names: FxHashMap<Symbol, BTreeSet<ServiceId>> = FxHashMap::default();
    for (id, service) in services.iter().enumerate() {
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            names.entry(*name).or_default().insert(ServiceId(id as u32));
        }
    }
    let by_name = |text: &str| {
        let wanted = Symbol::new(text);
        let exact = services.binary_search_by_key(&wanted, |service| service.name).ok();
        exact
            .map(|at| ServiceId(at as u32))
            .or_else(|| names.get(&wanted).filter(|found| found.len() == 1).and_then(|found| found.first().copied()))
    };
    let grpc_services: BTreeSet<ServiceId> = endpoints
        .iter()
        .filter(|endpoint| endpoint.contract == ContractKind::Proto)
        .filter_map(|endpoint| endpoint.service)
        .collect();
    let speaks_grpc = |id: ServiceId| grpc_services.contains(&id);
    let process_scopes = |id: ServiceId| -> Vec<&Scope<'_>> {
        scopes_of
            .get(&id)
            .into_iter()
            .flatten()
            .filter(|(_, environment)| *environment != Environment::Test)
            .map(|(scope, _)| scope)
            .collect()
    };
    let mut answering = answering(&deployments, &target_of, &endpoints);
    ports_of_code(&mut answering, &sources, &code_scopes, &evaluator);
    let mut operations = Vec::new();
    for (service, all) in &served {
        for one in all {
            note_answers(&mut answering, *service, one);
            operations.extend(operation_of(*service, one));
        }
    }
    operations.sort_by_key(|operation| (operation.service, operation.name, operation.span));
    for source in &sources {
        unresolved.extend(source.unclear.iter().map(|(span, why)| Unresolved {
            span: *span,
            what: Symbol::new("operation"),
            why: *why,
        }));
    }
    let mut code_calls: Vec<CodeCall> = Vec::new();
    for source in &sources {
        let scopes = code_scopes.get(&source.service).map_or(&[][..], Vec::as_slice);
        let reader = CallReader { evaluator: &evaluator, scopes, operations: &operations, modules: &modules };
        code_calls.extend(reader.calls(source));
    }
    let (mut channels, of_channels) = channels(&sources, &code_scopes, &evaluator);
    declared.add_channels(&mut channels);
    let reaches = reaches(&sources, &operations, &modules);
    let mut listening: Vec<(ServiceId, Span)> = sources
        .iter()
        .flat_map(|source| source.listening.iter().map(|listening| (source.service, listening.span)))
        .collect();
    listening.sort();
    listening.dedup();
    let workflows = sources.iter().filter(|source| has_workflows(source)).map(|source| source.service).collect();
    let consumers = consumers(&sources, &modules, &code_scopes, &evaluator);
    unresolved.extend(of_channels);
    let service_name = |id: ServiceId| services[id.0 as usize].name;
    let of_code = CodeCallLinker {
        directory: &directory,
        evaluator: &evaluator,
        scopes: &code_scopes,
        answering: &answering,
        environment: &environment,
        name: &service_name,
    };
    let read: BTreeSet<ServiceId> = sources.iter().map(|source| source.service).collect();
    // Scripts for browsers in a service of another language tell nothing about its own code.
    let is_read = |id: ServiceId| {
        let runtime = services.get(id.0 as usize).and_then(|service| service.runtime);
        read.contains(&id) && runtime.is_none_or(|runtime| matches!(runtime, Runtime::Node | Runtime::Static))
    };
    let linker = CallLinker {
        is_read: &is_read,
        mentions: &mentions,
        code: &code_calls,
        of_code: &of_code,
        inputs: &inputs,
        directory: &directory,
        evaluator: &evaluator,
        owners_of: &owners_of,
        scopes_of: &process_scopes,
        by_name: &by_name,
        environment: &environment,
        speaks_grpc: &speaks_grpc,
    };
    let mut calls = linker.calls(references);
    let unclear: BTreeSet<ServiceId> =
        sources.iter().filter(|source| !source.unclear.is_empty()).map(|source| source.service).collect();
    Landings::new(&operations, &endpoints, &unclear).land(&mut calls.calls);
    forwarded(&mut endpoints, &operations, &calls.calls, &reaches);
    by_servers(&mut calls.calls, &sources);
    unresolved.extend(calls.unresolved);
    let route_linker = RouteLinker {
        inputs: &inputs,
        deployments: &deployments,
        directory: &directory,
        evaluator: &evaluator,
        environment: &environment,
        target_of: &target_of,
    };
    let (mut routes, of_routes) = route_linker.routes();
    unresolved.extend(of_routes);
    quiet_development_doors(&mut routes);
    let name_of = |target: Target| match target {
        Target::Service(id) => services[id.0 as usize].name,
        Target::Infra(id) => infrastructure[id.0 as usize].name,
    };
    routes.sort_by_key(|route| {
        (name_of(route.target), route.kind, route.host, route.path, route.port, route.evidence.0.first().copied())
    });
    let container_linker = ContainerLinker {
        inputs: &inputs,
        deployments: &deployments,
        code: &code,
        grouping: &grouping,
        evaluator: &evaluator,
        environment: &environment,
        target_of: &target_of,
        name_of: &name_of,
    };
    let (containers, unused_recipes) = container_linker.containers();
    let workload_linker = WorkloadLinker {
        inputs: &inputs,
        deployments: &deployments,
        evaluator: &evaluator,
        environment: &environment,
        target_of: &target_of,
        name_of: &name_of,
    };
    let workloads = workload_linker.workloads();
    let secrets = secrets(&inputs, &owners, &environment);
    for of_file in facts {
        unresolved.extend(of_file.unclear.iter().map(|unclear| Unresolved {
            span: unclear.span,
            what: unclear.what,
            why: unclear.why,
        }));
    }
    unresolved.sort();
    unresolved.dedup();
    let mut joins = joins;
    joins.sort();
    joins.dedup();
    let problems = facts.iter().flat_map(|of_file| of_file.problems.iter().cloned()).collect();
    Graph {
        services,
        infrastructure,
        databases,
        calls: calls.calls,
        dangling: calls.dangling,
        channels,
        consumers,
        operations,
        reaches,
        workflows,
        listening,
        frameworks: used_frameworks(&sources),
        connections: code_connections(&sources, &code_scopes, &evaluator),
        lax_clients: lax_clients(&sources),
        cors: code_cors(&sources),
        logs: code_logs(&sources),
        transactions: transactions(&sources, &modules),
        tables,
        routes,
        endpoints,
        containers,
        workloads,
        unused_recipes,
        secrets,
        problems,
        unresolved,
        joins,
    }
}

/// The one relational engine that a program of .NET can speak to, by its packages.
fn only_relational(dependencies: &[Symbol]) -> Option<Symbol> {
    let mut engines = dependencies.iter().filter_map(|dependency| only_engine_of(dependency));
    let first = engines.next()?;
    engines.all(|engine| engine == first).then_some(first)
}

/// The words of a container's command line, those of its last layers.
fn command_line<'a>(container: &ContainerLayers<'a>) -> Vec<&'a Value> {
    let command = container.last(|layer| Some(&layer.command).filter(|words| !words.is_empty()));
    let arguments = container.last(|layer| Some(&layer.arguments).filter(|words| !words.is_empty()));
    command.into_iter().chain(arguments).flatten().collect()
}

/// Files that workloads of several services take all their variables from, without the endings
/// of examples.
fn shared_env_files(
    deployments: &Deployments<'_>,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
) -> BTreeSet<EstatePath> {
    let mut users: BTreeMap<EstatePath, BTreeSet<Target>> = BTreeMap::new();
    for (id, instance) in deployments.instances.iter().enumerate() {
        let Some(target @ Target::Service(_)) = target_of(id) else { continue };
        for (file, _) in instance.layers.iter().flat_map(|layer| &layer.fact.env_files) {
            users.entry(*file).or_default().insert(target);
        }
    }
    users.into_iter().filter(|(_, services)| services.len() > 1).map(|(file, _)| file).collect()
}

/// Places of variables that several services are given: those of a ConfigMap that all take, or
/// of an anchor in a compose file.
fn given_to_several(references: &[Reference]) -> FxHashSet<Span> {
    let mut takers: FxHashMap<Span, BTreeSet<ServiceId>> = FxHashMap::default();
    for reference in references {
        if let Some(place) = reference.evidence.first() {
            takers.entry(*place).or_default().insert(reference.service);
        }
    }
    takers.into_iter().filter(|(_, services)| services.len() > 1).map(|(place, _)| place).collect()
}

/// Gives a server that a file outside all deployments names the place of the one that a
/// deployment names so: `.env` beside the code, and the compose file that hands it over.
fn place_servers(found: &mut [Found]) {
    let mut places: FxHashMap<Symbol, BTreeSet<u32>> = FxHashMap::default();
    for one in found.iter() {
        if let (Server::Outside(host), Some(scope)) = (one.server, one.server_scope) {
            places.entry(host).or_default().insert(scope);
        }
    }
    for one in found.iter_mut().filter(|one| one.server_scope == Some(u32::MAX)) {
        if let Server::Outside(host) = one.server
            && let Some(known) = places.get(&host).filter(|known| known.len() == 2)
        {
            one.server_scope = known.first().copied();
        }
    }
}

/// `.env.example`, `config.sample.yaml`: shows the keys, sets nothing.
fn is_example(path: EstatePath) -> bool {
    let name = path.name().to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|word| matches!(word, "example" | "sample" | "template" | "dist" | "tmpl"))
}

/// What a file is for: as the user says, else as its path does.
pub fn stated_environment(path: EstatePath, options: &LinkOptions) -> Environment {
    let configured = options.environments.iter().find(|(pattern, _)| pattern.is_match(path.as_str()));
    configured.map_or_else(|| environment_of(path), |(_, environment)| *environment)
}

/// What deployment files are for: their path's word; a compose file beside Kubernetes
/// deployments of the same services, or in the folder of one service that another compose
/// file deploys with others, is for development. So is one that starts only what services
/// need, where the services themselves run in a cluster.
fn environments(
    deployments: &Deployments<'_>,
    grouping: &Grouping,
    options: &LinkOptions,
) -> BTreeMap<EstatePath, Environment> {
    let mut groups_of: BTreeMap<EstatePath, BTreeSet<usize>> = BTreeMap::new();
    let mut in_cluster: BTreeSet<usize> = BTreeSet::new();
    let mut compose: BTreeSet<EstatePath> = BTreeSet::new();
    for (id, instance) in deployments.instances.iter().enumerate() {
        let group = grouping.group_of_instance[id];
        let is_service = grouping.groups.get(group).is_some_and(|group| group.infrastructure.is_none());
        match instance.platform() {
            Platform::Kubernetes
                if is_service && stated_environment(instance.path, options) <= Environment::Unknown =>
            {
                in_cluster.insert(group);
            }
            Platform::Kubernetes => {}
            Platform::Compose => {
                compose.insert(instance.path);
            }
        }
        if is_service {
            groups_of.entry(instance.path).or_default().insert(group);
        }
    }
    // How near to the root a compose file deploys each service together with others.
    let mut larger: FxHashMap<usize, usize> = FxHashMap::default();
    for (path, groups) in groups_of.iter().filter(|(path, groups)| groups.len() > 1 && compose.contains(path)) {
        for group in groups {
            let depth = larger.entry(*group).or_insert(usize::MAX);
            *depth = path.depth().min(*depth);
        }
    }
    let mut found = BTreeMap::new();
    for instance in &deployments.instances {
        found.entry(instance.path).or_insert_with(|| stated_environment(instance.path, options));
    }
    for path in &compose {
        let own = groups_of.get(path).cloned().unwrap_or_default();
        let beside_cluster = match own.is_empty() {
            true => !in_cluster.is_empty(),
            false => own.iter().any(|group| in_cluster.contains(group)),
        };
        let within_larger = own.len() == 1
            && own.first().and_then(|group| larger.get(group)).is_some_and(|depth| *depth < path.depth());
        if let Some(environment) = found.get_mut(path)
            && *environment == Environment::Unknown
            && (beside_cluster || within_larger)
        {
            *environment = Environment::Development;
        }
    }
    found
}

/// A connection whose host is computed goes to the one server of its engine that its service
/// is started after or deployed with.
fn resolve_unknown_servers(
    found: &mut [Found],
    deployments: &Deployments<'_>,
    instances_of: &BTreeMap<ServiceId, Vec<InstanceId>>,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
    is_store: &dyn Fn(InfraId) -> Option<Symbol>,
) {
    let mut stores: FxHashMap<(ScopeId, Symbol), BTreeSet<InfraId>> = FxHashMap::default();
    let mut everywhere: FxHashMap<Symbol, BTreeSet<InfraId>> = FxHashMap::default();
    for (id, instance) in deployments.instances.iter().enumerate() {
        if let Some(Target::Infra(infra)) = target_of(id)
            && let Some(engine) = is_store(infra)
        {
            let family = super::databases::family(engine);
            stores.entry((instance.scope, family)).or_default().insert(infra);
            if instance.environment < Environment::Test {
                everywhere.entry(family).or_default().insert(infra);
            }
        }
    }
    for one in found.iter_mut().filter(|one| one.server == Server::Unknown) {
        let Some(engine) = one.engine.map(super::databases::family) else { continue };
        let scopes: BTreeSet<ScopeId> =
            instances_of.get(&one.service).into_iter().flatten().map(|id| deployments.instances[*id].scope).collect();
        // Two are as good as many: which one is not known.
        let of_scope = |scope| stores.get(&(scope, engine)).into_iter().flatten().take(2);
        let mut servers: BTreeSet<InfraId> = scopes.into_iter().flat_map(of_scope).copied().collect();
        if servers.is_empty() {
            servers.extend(everywhere.get(&engine).into_iter().flatten().take(2));
        }
        if let (Some(server), 1) = (servers.first(), servers.len()) {
            one.server = Server::Inside(*server);
            one.confidence = one.confidence.min(Confidence::Inferred);
        }
    }
}

/// What the nearest manifest of a service says of a package's version.
fn requirement(folders: &[EstatePath], code: &Code<'_>, package: Symbol) -> Option<Symbol> {
    for folder in folders {
        let mut at = *folder;
        loop {
            let units = code.get(at).map(|own| own.units.as_slice()).unwrap_or_default();
            let stated = units.iter().flat_map(|unit| &unit.fact.dependencies).find(|known| known.name == package);
            if let Some(known) = stated {
                return Some(known.requirement);
            }
            if at == EstatePath::root() {
                break;
            }
            at = at.parent();
        }
    }
    None
}

/// The dependencies of the code in `folders` and of the estate's libraries that it uses. Code
/// of Node finds the packages of the folders above, code without a manifest has none of its
/// own.
fn dependencies_of(folders: &[EstatePath], code: &Code<'_>) -> Vec<Symbol> {
    let mut names = Vec::new();
    let mut seen: BTreeSet<EstatePath> = folders.iter().copied().collect();
    let mut queue: Vec<EstatePath> = folders.to_vec();
    for folder in folders {
        let looks_above = code
            .get(*folder)
            .is_some_and(|own| own.units.is_empty() || own.units.iter().any(|unit| unit.fact.runtime == Runtime::Node));
        let mut above = *folder;
        while looks_above && above != EstatePath::root() {
            above = above.parent();
            let of_runtime = code.get(above).is_some_and(|whole| {
                whole.units.iter().any(|unit| matches!(unit.fact.runtime, Runtime::Node | Runtime::Go))
            });
            if of_runtime && seen.insert(above) {
                queue.push(above);
            }
        }
    }
    while let Some(path) = queue.pop() {
        for dependency in
            code.get(path).into_iter().flat_map(|folder| &folder.units).flat_map(|unit| &unit.fact.dependencies)
        {
            names.push(dependency.name);
            queue.extend(dependency.path.filter(|library| seen.insert(*library)));
        }
    }
    names
}

/// A database that a script beside its server creates under the name of a service is that
/// service's, where nothing better is known and the service can speak to the server.
#[expect(
    clippy::too_many_arguments,
    reason = "what creates a database, what holds it and who may use it come from all over the graph"
)]
fn created_for(
    inputs: &Inputs<'_>,
    deployments: &Deployments<'_>,
    services: &[super::model::Service],
    affixes: &super::names::Affixes,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
    is_store: &dyn Fn(InfraId) -> Option<Symbol>,
    can_speak: &dyn Fn(ServiceId, Option<Symbol>) -> bool,
    found: &mut Vec<Found>,
) {
    let mut servers_in: BTreeMap<EstatePath, BTreeSet<InfraId>> = BTreeMap::new();
    for (id, instance) in deployments.instances.iter().enumerate() {
        if let Some(Target::Infra(infra)) = target_of(id)
            && is_store(infra).is_some()
        {
            servers_in.entry(instance.path.parent()).or_default().insert(infra);
        }
    }
    let mut by_key: BTreeMap<String, BTreeSet<ServiceId>> = BTreeMap::new();
    for (id, service) in services.iter().enumerate() {
        by_key.entry(affixes.key(&service.name)).or_default().insert(ServiceId(id as u32));
    }
    let known: BTreeSet<(ServiceId, Symbol)> = found
        .iter()
        .filter(|one| one.database.is_some())
        .filter_map(|one| Some((one.service, super::databases::family(one.engine?))))
        .collect();
    for created in &inputs.created_databases {
        if environment_of(created.path) == Environment::Test {
            continue;
        }
        let mut folder = created.path.parent();
        let servers = loop {
            if let Some(servers) = servers_in.get(&folder) {
                break Some(servers);
            }
            if folder == EstatePath::root() {
                break None;
            }
            folder = folder.parent();
        };
        let Some(server) = servers.filter(|servers| servers.len() == 1).and_then(|servers| servers.first().copied())
        else {
            continue;
        };
        let mut words = super::names::words(&created.fact.name);
        if words.len() > 1 && words.last().is_some_and(|word| matches!(word.as_str(), "db" | "database")) {
            words.pop();
        }
        let Some(service) = by_key
            .get(&affixes.key(&words.join("-")))
            .filter(|found| found.len() == 1)
            .and_then(|found| found.first().copied())
        else {
            continue;
        };
        let Some(engine) = is_store(server) else { continue };
        if !known.contains(&(service, super::databases::family(engine))) && can_speak(service, Some(engine)) {
            found.push(Found {
                engine: Some(engine),
                server: Server::Inside(server),
                database: Some(created.fact.name),
                confidence: Confidence::Inferred,
                ..blank(service, environment_of(created.path), vec![created.fact.span])
            });
        }
    }
}

/// A service that is started after a database and whose dependencies can speak to it uses
/// it, unless something better is known of that server.
fn started_after(
    deployments: &Deployments<'_>,
    instances_of: &BTreeMap<ServiceId, Vec<InstanceId>>,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
    is_store: &dyn Fn(InfraId) -> Option<Symbol>,
    can_speak: &dyn Fn(ServiceId, Option<Symbol>) -> bool,
    found: &mut Vec<Found>,
) {
    let mut known: FxHashSet<(ServiceId, Server)> = found.iter().map(|one| (one.service, one.server)).collect();
    for (service, ids) in instances_of {
        for id in ids {
            let instance = &deployments.instances[*id];
            for (name, span) in instance.layers.iter().flat_map(|layer| &layer.fact.depends_on) {
                let Some(other) = deployments.named(instance.path, *name, instance.scope) else { continue };
                let Some(Target::Infra(infra)) = target_of(other) else { continue };
                let Some(engine) = is_store(infra) else { continue };
                let server = Server::Inside(infra);
                if !known.contains(&(*service, server)) && can_speak(*service, Some(engine)) {
                    known.insert((*service, server));
                    found.push(Found {
                        engine: Some(engine),
                        server,
                        confidence: Confidence::Inferred,
                        // A cache has numbered databases; of others nobody knows the name.
                        default_applies: engines()
                            .by_name(engine)
                            .is_some_and(|engine| engine.kind == EngineKind::Cache),
                        ..blank(*service, instance.environment, vec![*span, deployments.instances[other].span()])
                    });
                }
            }
        }
    }
}

/// The one database that a server of the estate is set up with, by its own variables.
fn initial_databases<'a>(
    deployments: &Deployments<'a>,
    processes: &Processes<'a, '_>,
    target_of: &dyn Fn(InstanceId) -> Option<Target>,
    evaluator: &Evaluator<'a>,
) -> BTreeMap<InfraId, Symbol> {
    let mut names: BTreeMap<InfraId, BTreeSet<Symbol>> = BTreeMap::new();
    for id in 0..deployments.instances.len() {
        let Some(Target::Infra(infra)) = target_of(id) else { continue };
        for scope in processes.scopes(id, None) {
            let mut entries: Vec<(Symbol, String)> =
                scope.env.iter().filter_map(|(name, value)| Some((*name, evaluator.text(value, &scope)?))).collect();
            entries.sort();
            for of_group in key_groups(entries.iter().map(|(name, text)| (name.as_str(), Some(text.as_str())))) {
                let database = of_group.key(Role::Database).and_then(|at| entries.get(at));
                if let Some((_, text)) = database.filter(|(_, text)| !text.is_empty()) {
                    names.entry(infra).or_default().insert(Symbol::new(text));
                }
            }
        }
    }
    names
        .into_iter()
        .filter(|(_, found)| found.len() == 1)
        .filter_map(|(infra, found)| Some((infra, found.first().copied()?)))
        .collect()
}

/// A door that only a development deployment opens is not a way in where the service is
/// deployed otherwise.
fn quiet_development_doors(routes: &mut [super::model::Route]) {
    let served: BTreeSet<Target> =
        routes.iter().filter(|route| route.environment < Environment::Development).map(|route| route.target).collect();
    let some_deployment = !served.is_empty();
    for route in routes.iter_mut() {
        let only_development = route.environment == Environment::Development && some_deployment;
        if (only_development || route.environment == Environment::Test)
            && let Answer::Present(true, evidence) = &route.public
        {
            route.public = Answer::Absent(evidence.clone());
        }
    }
}

fn secrets(
    inputs: &Inputs<'_>,
    owners: &Owners,
    environment: &dyn Fn(EstatePath) -> Environment,
) -> Vec<SecretFinding> {
    let mut by_key: BTreeMap<(EstatePath, Symbol, bool), SecretFinding> = BTreeMap::new();
    // What an anchor repeats under another key stands in the file once.
    let mut places: FxHashMap<Span, Symbol> = FxHashMap::default();
    for secret in &inputs.secrets {
        if *places.entry(secret.fact.span).or_insert(secret.fact.key) != secret.fact.key {
            continue;
        }
        let real = secret.fact.secret.look() == crate::source::secret::SecretLook::Value;
        by_key
            .entry((secret.path, secret.fact.key, real))
            .and_modify(|known| known.evidence.0.push(secret.fact.span))
            .or_insert_with(|| SecretFinding {
                key: secret.fact.key,
                secret: secret.fact.secret,
                place: secret.fact.place,
                environment: environment(secret.path),
                service: owners.of(secret.path).first().copied(),
                evidence: Evidence(vec![secret.fact.span]),
            });
    }
    by_key.into_values().collect()
}
