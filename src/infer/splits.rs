//! Services that are coupled so tightly that they could be one, and what speaks for two.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;
use rustc_hash::FxHashMap;

use super::ownership::Owners;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::workloads::{main_variants, said_by};
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::policy::Says;
use crate::facts::upkeep::Resources;
use crate::facts::workload::ContainerRole;
use crate::graph::model::{Access, Call, Confidence, Database, Service, ServiceId, Target};
use crate::graph::words::runtime_word;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What is looked for, in the order in which it is told.
const REASONS: &str =
    "other owners, another runtime, another scaling profile, another compliance scope, a declared justification";

/// Two services that need each other: calls both ways, or a call and a database of both.
struct Pair<'g> {
    services: [ServiceId; 2],
    calls: Vec<&'g Call>,
    database: Option<&'g Database>,
}

/// One subject for each group of services whose split nothing justifies, and one for each
/// pair of which something does or nobody can tell. Linear in calls and in users of
/// databases squared.
pub fn subjects(estate: &Estate<'_>, owners: &Owners, found: &mut Vec<Subject>) {
    let pairs = pairs(estate);
    let looked_at = LookedAt { owners, scaling: Scaling::new(estate), declared: Declared::new(estate) };
    let mut bare: Vec<&Pair<'_>> = Vec::new();
    for pair in &pairs {
        let answer = justification(estate, &looked_at, pair);
        if answer.is_absent() {
            bare.push(pair);
        } else {
            found.extend(subject(estate, &[pair], answer));
        }
    }
    let mut sets = UnionFind::new(estate.graph.services.len());
    for pair in &bare {
        let [a, b] = pair.services;
        sets.union(a.0 as usize, b.0 as usize);
    }
    let mut groups: BTreeMap<usize, Vec<&Pair<'_>>> = BTreeMap::new();
    for pair in bare {
        groups.entry(sets.find(pair.services[0].0 as usize)).or_default().push(pair);
    }
    for group in groups.values() {
        let place = group.first().and_then(|pair| place_of(pair));
        found.extend(place.and_then(|place| subject(estate, group, Answer::absent(place))));
    }
}

fn pairs<'g>(estate: &Estate<'g>) -> Vec<Pair<'g>> {
    let mut calls: BTreeMap<[ServiceId; 2], Vec<&Call>> = BTreeMap::new();
    for call in estate.graph.calls.iter().filter(|call| call.from != call.to) {
        calls.entry(ordered(call.from, call.to)).or_default().push(call);
    }
    let mut shared: BTreeMap<[ServiceId; 2], &Database> = BTreeMap::new();
    for database in estate.graph.databases.iter().filter(|database| database.kind == "database") {
        let users: BTreeSet<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        // Only pairs that call each other are asked for: so is the square of a database's users kept out.
        for user in &users {
            let own = calls.range([*user, ServiceId(0)]..=[*user, ServiceId(u32::MAX)]);
            for (both, _) in own.filter(|([_, other], _)| users.contains(other)) {
                shared.entry(*both).or_insert(database);
            }
        }
    }
    let tight = calls.into_iter().filter_map(|(services, calls)| {
        let directions: BTreeSet<ServiceId> = calls.iter().map(|call| call.from).collect();
        let database = shared.get(&services).copied();
        (directions.len() > 1 || database.is_some()).then_some(Pair { services, calls, database })
    });
    tight.collect()
}

fn ordered(a: ServiceId, b: ServiceId) -> [ServiceId; 2] {
    if a <= b { [a, b] } else { [b, a] }
}

/// Where reasons are looked for.
struct LookedAt<'a> {
    owners: &'a Owners,
    scaling: Scaling<'a>,
    declared: Declared,
}

/// What speaks for two services; absent where all was looked at and nothing does.
fn justification(estate: &Estate<'_>, looked_at: &LookedAt<'_>, pair: &Pair<'_>) -> Answer<Datum> {
    let LookedAt { owners, scaling, declared } = looked_at;
    let [a, b] = pair.services;
    let services = [estate.graph.service(a), estate.graph.service(b)];
    let mut reasons: Vec<String> = Vec::new();
    let mut unknown: Option<&str> = None;
    let (of_a, of_b) = (owners.of(a), owners.of(b));
    if of_a.is_empty() != of_b.is_empty() {
        unknown = Some("only one of them has an owner that is known");
    } else if of_a != of_b {
        reasons.push("other owners".to_owned());
    }
    match services.map(|service| service.runtime) {
        [Some(one), Some(other)] if one != other => {
            reasons.push(format!("{} and {}", runtime_word(one), runtime_word(other)));
        }
        [Some(_), Some(_)] => {}
        [None, _] | [_, None] => unknown = Some("what one of them is written in is not known"),
    }
    match (scaling.of(a), scaling.of(b)) {
        (Some(one), Some(other)) if one != other => reasons.push("another scaling profile".to_owned()),
        (Some(_), Some(_)) => {}
        (None, _) | (_, None) => unknown = Some("how one of them is scaled is not known"),
    }
    if services[0].scopes != services[1].scopes {
        reasons.push("another compliance scope".to_owned());
    }
    let stated = services.iter().find_map(|service| declared.of(service));
    reasons.extend(stated.map(|text| format!("declared: {text}")));
    let place = place_of(pair).unwrap_or(services[0].span);
    match (reasons.is_empty(), unknown) {
        (false, _) => Answer::present(Datum::Text(Symbol::new(&reasons.join(", "))), place),
        (true, Some(why)) => Answer::unknown(why),
        (true, None) => Answer::absent(place),
    }
}

/// Why services are ones of their own, as declarations say: each with its number in the order of
/// files, of which the first counts.
struct Declared {
    by_folder: FxHashMap<EstatePath, (usize, Symbol)>,
    by_name: FxHashMap<Symbol, (usize, Symbol)>,
}

impl Declared {
    fn new(estate: &Estate<'_>) -> Self {
        let mut declared = Self { by_folder: FxHashMap::default(), by_name: FxHashMap::default() };
        for (at, fact) in estate.facts.iter().flat_map(|facts| &facts.facts).enumerate() {
            let Fact::Declaration(declaration) = fact else { continue };
            let Some(stated) = &declaration.justification else { continue };
            if let Some(folder) = declaration.folder {
                declared.by_folder.entry(folder).or_insert((at, stated.text));
            }
            declared.by_name.entry(declaration.name.text).or_insert((at, stated.text));
        }
        declared
    }

    fn of(&self, service: &Service) -> Option<Symbol> {
        let by_folder = service.folder.and_then(|folder| self.by_folder.get(&folder));
        let names = std::iter::once(&service.name).chain(&service.aliases);
        let found = by_folder.into_iter().chain(names.filter_map(|name| self.by_name.get(name)));
        found.min_by_key(|(at, _)| *at).map(|(_, text)| *text)
    }
}

/// How the services of the estate are scaled: what their workloads state of number and room.
struct Scaling<'a> {
    of: BTreeMap<ServiceId, Option<BTreeSet<Profile<'a>>>>,
}

/// Replicas, autoscaler, and requests and limits of the main container, as they are written.
type Profile<'a> = (i64, Option<Symbol>, [&'a str; 4]);

impl<'a> Scaling<'a> {
    fn new(estate: &Estate<'a>) -> Self {
        let mut of: BTreeMap<ServiceId, Option<BTreeSet<Profile<'a>>>> = BTreeMap::new();
        for workload in &estate.graph.workloads {
            let Target::Service(id) = workload.owner else { continue };
            let Some(variant) = main_variants(workload).first().copied() else { continue };
            let Some(top) = estate.layers(variant).last().copied() else { continue };
            let scaler = said_by(estate, &variant.concerns, variant.span, |policy| {
                matches!(policy.says, Says::Scaling { .. }).then_some(policy.kind)
            });
            let main = top.containers.iter().find(|container| container.role == ContainerRole::Main);
            let room = main.map_or(Some([""; 4]), |container| room(&container.resources));
            let profile = match (&top.replicas, scaler, room) {
                (Answer::Unknown(_), _, _) | (_, Answer::Unknown(_), _) | (_, _, None) => None,
                (replicas, scaler, Some(room)) => {
                    Some((replicas.value().copied().unwrap_or(1), scaler.value().copied(), room))
                }
            };
            let known = of.entry(id).or_insert_with(|| Some(BTreeSet::new()));
            match (known.as_mut(), profile) {
                (Some(all), Some(profile)) => {
                    all.insert(profile);
                }
                (None, _) | (_, None) => *known = None,
            }
        }
        Self { of }
    }

    /// `None`: nothing in the estate deploys it, or a part is computed.
    fn of(&self, id: ServiceId) -> Option<&BTreeSet<Profile<'a>>> {
        self.of.get(&id)?.as_ref()
    }
}

/// The four quantities; `None` where one is computed.
fn room(resources: &Resources) -> Option<[&str; 4]> {
    let word = |answer: &Answer<Symbol>| match answer {
        Answer::Present(text, _) => Some(text.as_str()),
        Answer::Absent(_) => Some(""),
        Answer::Unknown(_) => None,
    };
    let Resources { cpu_request, memory_request, cpu_limit, memory_limit } = resources;
    Some([word(cpu_request)?, word(memory_request)?, word(cpu_limit)?, word(memory_limit)?])
}

fn place_of(pair: &Pair<'_>) -> Option<Span> {
    pair.calls.iter().find_map(|call| call.evidence.0.first().copied())
}

fn subject(estate: &Estate<'_>, pairs: &[&Pair<'_>], justification: Answer<Datum>) -> Option<Subject> {
    let name = |id: ServiceId| estate.graph.service(id).name;
    let place = pairs.iter().find_map(|pair| place_of(pair))?;
    let services: BTreeSet<Symbol> = pairs.iter().flat_map(|pair| pair.services.map(name)).collect();
    let mut related: Vec<(Span, String)> = Vec::new();
    let mut confidence = Confidence::Declared;
    let mut databases: BTreeSet<Symbol> = BTreeSet::new();
    let mut both_ways = false;
    for pair in pairs {
        for call in &pair.calls {
            confidence = confidence.min(call.confidence);
            let span = call.evidence.0.first().copied();
            related.extend(span.map(|span| (span, format!("{} calls {}", name(call.from), name(call.to)))));
        }
        match pair.database {
            Some(database) => {
                databases.insert(database.name);
                for access in best_of(database, pair) {
                    confidence = confidence.min(access.confidence);
                    let span = access.evidence.0.first().copied();
                    related.extend(span.map(|span| (span, format!("{} connects here", name(access.service)))));
                }
            }
            None => both_ways = true,
        }
    }
    related.retain(|(span, _)| *span != place);
    let shared = databases.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let coupling = match (both_ways, shared.is_empty()) {
        (true, true) => "call each other in both directions".to_owned(),
        (true, false) => format!("call each other in both directions or share the database {shared}"),
        (false, _) => format!("call one another and share the database {shared}"),
    };
    let text = services.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let (def, row) = RowBuilder::new("split", place)
        .texts("services", services.iter().copied())
        .text("coupling", &coupling)
        .set("justification", justification)
        .text("looked_for", REASONS)
        .text("confidence", confidence.word())
        .finish();
    Some(Subject {
        def,
        anchor: format!("split {text}"),
        name: text,
        span: place,
        services: services.into_iter().collect(),
        confidence,
        row,
        related: related.into_iter().take(RELATED_LIMIT).collect(),
    })
}

/// The surest access of each service of the pair.
fn best_of<'d>(database: &'d Database, pair: &Pair<'_>) -> Vec<&'d Access> {
    let best = pair.services.iter().filter_map(|id| {
        let own = database.accesses.iter().filter(|access| access.service == *id);
        own.max_by_key(|access| access.confidence)
    });
    best.collect()
}
