//! Endpoints, files, secrets and services as rules see them.

use std::collections::{BTreeMap, BTreeSet};

use super::belonging::Folders;
use super::containers::environment_word;
use super::logging::Logs;
use super::observability::Observability;
use super::ownership::Owners;
use super::pools::{Sharing, sharing};
use super::stopping::Stopping;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::Answer;
use crate::facts::contract::{ContractKind, Effect, EffectBasis, IdempotencyBasis};
use crate::facts::data::SecretPlace;
use crate::graph::model::{Confidence, Environment, Graph, ServiceId, Target};
use crate::graph::words::runtime_word;
use crate::source::secret::SecretLook;
use crate::source::symbol::Symbol;

/// Operations that services answer for.
pub fn endpoints(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    for endpoint in &estate.graph.endpoints {
        let Some(place) = endpoint.evidence.0.first().copied() else { continue };
        let service = endpoint.service.map(|id| estate.graph.service(id).name);
        let effect = match endpoint.effect {
            Effect::Reads => "reads",
            Effect::Mutates => "mutates",
            Effect::MutatesIdempotently => "mutates-idempotently",
            Effect::Session => "session",
            Effect::Unclear => "unclear",
        };
        let basis = match endpoint.effect_basis {
            EffectBasis::Declared => "declared",
            EffectBasis::Verb => "verb",
            EffectBasis::Name => "name",
            EffectBasis::Code => "code",
        };
        let contract = match endpoint.contract {
            ContractKind::Proto => "proto",
            ContractKind::OpenApi => "openapi",
            ContractKind::GraphQl => "graphql",
            ContractKind::Code => "code",
        };
        let idempotency = endpoint.idempotency.clone().map(|basis| {
            Datum::Text(Symbol::new(match basis {
                IdempotencyBasis::Header => "header",
                IdempotencyBasis::Field => "field",
                IdempotencyBasis::Declared => "declared",
                IdempotencyBasis::UniqueKey => "unique-key",
                IdempotencyBasis::Upsert => "upsert",
                IdempotencyBasis::Callee => "callee",
            }))
        });
        let owner = service.map_or("", Symbol::as_str);
        let (def, row) = RowBuilder::new("endpoint", place)
            .text("service", owner)
            .text("operation", &endpoint.name)
            .text("contract", contract)
            .text("effect", effect)
            .text("effect_basis", basis)
            .set("idempotency", idempotency)
            .text("confidence", endpoint.confidence.word())
            .finish();
        let copies = endpoint.evidence.0.iter().skip(1).map(|span| (*span, "a copy of the contract".to_owned()));
        let handlers = endpoint.handlers.iter().map(|span| (*span, format!("{owner} answers here")));
        found.push(Subject {
            def,
            name: if owner.is_empty() {
                endpoint.name.as_str().to_owned()
            } else {
                format!("{owner} {}", endpoint.name)
            },
            anchor: format!("endpoint {owner} {}", endpoint.name),
            span: place,
            services: service.into_iter().collect(),
            confidence: endpoint.confidence,
            row,
            related: handlers.chain(copies).take(RELATED_LIMIT).collect(),
        });
    }
}

/// Files that could not be read, or only in part.
pub fn files(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    for of_file in estate.facts {
        let path = estate.paths.get(of_file.file.0 as usize).map_or("", |path| path.as_str());
        let mut seen = BTreeSet::new();
        for problem in &of_file.problems {
            if !seen.insert((problem.span, problem.message.clone())) {
                continue;
            }
            let (def, row) = RowBuilder::new("file", problem.span)
                .text("path", path)
                .text("problem", &problem.message)
                .text("repair", &problem.help)
                .finish();
            found.push(Subject {
                def,
                name: path.to_owned(),
                anchor: format!("file {path} {}", problem.message),
                span: problem.span,
                services: Vec::new(),
                confidence: Confidence::Observed,
                row,
                related: Vec::new(),
            });
        }
    }
}

/// Secrets that stand in files.
pub fn secrets(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    for secret in &estate.graph.secrets {
        let Some(span) = secret.evidence.0.first().copied() else { continue };
        let path = estate.paths.get(span.file.0 as usize).map_or("", |path| path.as_str());
        let place = match secret.place {
            SecretPlace::Manifest => "manifest",
            SecretPlace::ConnectionString => "connection-string",
            SecretPlace::Configuration => "configuration",
            SecretPlace::Source => "source",
            SecretPlace::Recipe => "recipe",
            SecretPlace::Pipeline => "pipeline",
        };
        let look = match secret.secret.look() {
            SecretLook::Value => "value",
            SecretLook::Placeholder => "placeholder",
            SecretLook::Sealed => "sealed",
        };
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let example = secret.environment == Environment::Test
            || name.split(['.', '-', '_']).any(|word| matches!(word, "example" | "sample" | "template" | "dist"));
        let (def, row) = RowBuilder::new("secret", span)
            .text("key", &secret.key)
            .text("place", place)
            .text("look", look)
            .bool("example", example)
            .text("environment", environment_word(secret.environment))
            .int("places", secret.evidence.0.len() as i64)
            .finish();
        let others = secret.evidence.0.iter().skip(1).take(RELATED_LIMIT);
        found.push(Subject {
            def,
            name: secret.key.as_str().to_owned(),
            anchor: format!("secret {path} {}", secret.key),
            span,
            services: secret.service.map(|id| estate.graph.service(id).name).into_iter().collect(),
            confidence: Confidence::Observed,
            row,
            related: others.map(|place| (*place, format!("{} is set here too", secret.key))).collect(),
        });
    }
}

/// Services, and the runbooks that tell what to do when they fail.
pub fn services(estate: &Estate<'_>, owners: &Owners, found: &mut Vec<Subject>) {
    let graph = estate.graph;
    let observability = Observability::new(estate);
    let folders = Folders::new(estate);
    let stopping = Stopping::new(estate, &folders);
    let logs = Logs::new(estate, &folders);
    let databases = databases(graph);
    let open = open(graph);
    let sharing = sharing(graph);
    observability.subjects(estate, found);
    let mut callers: BTreeMap<ServiceId, BTreeSet<ServiceId>> = BTreeMap::new();
    let mut callees: BTreeMap<ServiceId, BTreeSet<ServiceId>> = BTreeMap::new();
    for call in &graph.calls {
        callers.entry(call.to).or_default().insert(call.from);
        callees.entry(call.from).or_default().insert(call.to);
    }
    for (at, service) in graph.services.iter().enumerate() {
        let id = ServiceId(at as u32);
        let callers = callers.get(&id).map_or(0, BTreeSet::len);
        let callees = callees.get(&id).map_or(0, BTreeSet::len);
        let shared = sharing.get(&id).cloned().unwrap_or_else(Sharing::unknown);
        let packages = &observability.packages;
        let used = packages.of(service);
        let tracing = observability.tracing(estate, id, &used);
        let row = observability.set(estate, id, &used, RowBuilder::new("service", service.span));
        let (def, row) = row
            .text("name", &service.name)
            .text("runtime", service.runtime.map_or("", runtime_word))
            .texts("owners", owners.of(id).iter().copied())
            .set("owner", owners.answer(id))
            .texts("scopes", service.scopes.iter().copied())
            .int("workloads", service.workloads.len() as i64)
            .int("callers", callers as i64)
            .int("callees", callees as i64)
            .set("bulkhead", shared.bulkhead.map(|()| Datum::Bool(true)))
            .text("pool", &shared.pool)
            .texts("pooled", shared.callees.iter().copied())
            .text("pool_fix", &shared.help)
            .set("abrupt", stopping.abrupt(estate, packages, &used, id))
            .set("unstructured", logs.unstructured(estate, packages, &used, id))
            .set("uncorrelated", logs.uncorrelated(estate, packages, &used, id, &tracing))
            .set("framework", framework(graph, id))
            .int("databases", databases.get(&id).copied().unwrap_or(0))
            .bool("open", open.contains(&id))
            .finish();
        found.push(Subject {
            def,
            name: service.name.as_str().to_owned(),
            anchor: format!("service {}", service.name),
            span: service.span,
            services: vec![service.name],
            confidence: Confidence::Observed,
            row,
            related: Vec::new(),
        });
    }
}

/// The framework that answers a service's requests, where its code uses one only.
fn framework(graph: &Graph, id: ServiceId) -> Answer<Datum> {
    let used: Vec<_> = graph.frameworks.iter().filter(|one| one.service == id).collect();
    match used.as_slice() {
        [one] => Answer::present(Datum::Text(one.package), one.span),
        [] => Answer::unknown("no code that was read shows a framework"),
        _several => Answer::unknown("its code uses several frameworks"),
    }
}

/// How many databases each service connects to, caches left out.
fn databases(graph: &Graph) -> BTreeMap<ServiceId, i64> {
    let mut found: BTreeMap<ServiceId, i64> = BTreeMap::new();
    for database in graph.databases.iter().filter(|database| database.kind == "database") {
        let users: BTreeSet<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        for user in users {
            *found.entry(user).or_default() += 1;
        }
    }
    found
}

/// Services at which the world comes in.
fn open(graph: &Graph) -> BTreeSet<ServiceId> {
    let routes = graph.routes.iter().filter(|route| matches!(route.way_in(), Answer::Present(true, _)));
    routes
        .filter_map(|route| match route.target {
            Target::Service(id) => Some(id),
            Target::Infra(_) => None,
        })
        .collect()
}
