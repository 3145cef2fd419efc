//! Names, aliases, owners and places of services and infrastructure.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::code::Code;
use super::deployments::Deployments;
use super::inputs::Inputs;
use super::model::{Environment, InfraId, Infrastructure, Join, Service, ServiceId, Target};
use super::names::words;
use super::owners::Owners;
use super::services::{Group, Grouping, describe};
use super::values::{Evaluator, Scope};
use super::{LinkOptions, ServiceOptions};
use crate::facts::declaration::Declaration;
use crate::facts::workload::Platform;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::images::ImageKind;

/// Services and infrastructure by name, and what each group became.
pub struct Named {
    /// Sorted by name.
    pub services: Vec<Service>,
    /// Sorted by name.
    pub infrastructure: Vec<Infrastructure>,
    /// By group.
    pub target_of_group: Vec<Target>,
    /// Explanations under final names.
    pub joins: Vec<Join>,
}

/// Gives every group its name. Names are unique: the second of two equal ones carries its
/// folder or file in front.
pub fn name<'a>(
    grouping: &Grouping,
    inputs: &Inputs<'a>,
    deployments: &Deployments<'a>,
    code: &Code<'a>,
    evaluator: &Evaluator<'a>,
    options: &LinkOptions,
) -> Named {
    let declared = declarations_of(grouping, inputs, code);
    let mut services: Vec<(Service, usize)> = Vec::new();
    let mut infrastructure: Vec<(Infrastructure, usize)> = Vec::new();
    let mut taken: BTreeSet<Symbol> = BTreeSet::new();
    let mut wanted: Vec<(Symbol, EstatePath, usize)> = grouping
        .groups
        .iter()
        .enumerate()
        .map(|(at, group)| {
            let declared_name =
                declared.get(&at).and_then(|all| all.iter().find(|one| one.is_service)).map(|one| one.name.text);
            let home = home_of(group, deployments);
            (declared_name.unwrap_or_else(|| best_name(group, grouping, deployments, code)), home, at)
        })
        .collect();
    wanted.sort();
    let mut next_number: FxHashMap<Symbol, u32> = FxHashMap::default();
    let owners = Owners::new(inputs);
    let mut configured: FxHashMap<Symbol, Vec<usize>> = FxHashMap::default();
    for (at, settings) in options.services.iter().enumerate() {
        configured.entry(settings.name).or_default().push(at);
    }
    for (name, home, at) in wanted {
        let group = &grouping.groups[at];
        let mut unique = name;
        let mut folder = home;
        // `north/orders`, not `orders/orders`.
        if folder.name() == &*name && folder.parent() != EstatePath::root() {
            folder = folder.parent();
        }
        while taken.contains(&unique) && folder != EstatePath::root() {
            if is_plain_layout(folder.name()) {
                folder = folder.parent();
                continue;
            }
            unique = Symbol::new(&format!("{}/{unique}", folder.name()));
            folder = folder.parent();
        }
        while !taken.insert(unique) {
            let count = next_number.entry(name).or_insert(2);
            unique = Symbol::new(&format!("{name}-{count}"));
            *count += 1;
        }
        let aliases = aliases_of(group, unique, grouping, deployments, code, evaluator);
        let span = span_of(group, deployments, code);
        match group.infrastructure {
            Some((kind, engine)) => infrastructure
                .push((Infrastructure { name: unique, aliases, kind: Symbol::new(kind.word()), engine, span }, at)),
            None => {
                let known_as = std::iter::once(&unique).chain(&aliases);
                let numbers: BTreeSet<usize> =
                    known_as.filter_map(|name| configured.get(name)).flatten().copied().collect();
                let settings: Vec<&ServiceOptions> =
                    numbers.into_iter().filter_map(|at| options.services.get(at)).collect();
                let service =
                    service_of(unique, aliases, span, group, declared.get(&at), &owners, deployments, code, &settings);
                services.push((service, at));
            }
        }
    }
    services.sort_by_key(|(service, _)| service.name);
    infrastructure.sort_by_key(|(infra, _)| infra.name);
    let mut target_of_group = vec![Target::Infra(InfraId(u32::MAX)); grouping.groups.len()];
    for (id, (_, at)) in services.iter().enumerate() {
        target_of_group[*at] = Target::Service(ServiceId(id as u32));
    }
    for (id, (_, at)) in infrastructure.iter().enumerate() {
        target_of_group[*at] = Target::Infra(InfraId(id as u32));
    }
    let services: Vec<Service> = services.into_iter().map(|(service, _)| service).collect();
    let infrastructure: Vec<Infrastructure> = infrastructure.into_iter().map(|(infra, _)| infra).collect();
    let mut joins: Vec<Join> = grouping
        .joins
        .iter()
        .map(|(at, text, span)| {
            let subject = match target_of_group[*at] {
                Target::Service(id) => services[id.0 as usize].name,
                Target::Infra(id) => infrastructure[id.0 as usize].name,
            };
            Join { subject, text: text.clone(), span: *span }
        })
        .collect();
    joins.extend(grouping.apart.iter().cloned());
    Named { services, infrastructure, target_of_group, joins }
}

/// Folders that are called so everywhere, and tell nothing of what is in them.
fn is_plain_layout(folder: &str) -> bool {
    matches!(folder, "templates" | "chart" | "charts" | "helm" | "k8s" | "kubernetes" | "manifests" | "deploy" | "base")
}

/// Declarations by group: by folder, else by a name that only one group has.
pub(super) fn declarations_of<'a>(
    grouping: &Grouping,
    inputs: &Inputs<'a>,
    code: &Code<'a>,
) -> BTreeMap<usize, Vec<&'a Declaration>> {
    let mut by_name: FxHashMap<String, BTreeSet<usize>> = FxHashMap::default();
    for (folder, at) in &grouping.group_of_folder {
        if let Some(known) = code.get(*folder) {
            for name in known.names(*folder) {
                by_name.entry(grouping.affixes.key(&name)).or_default().insert(*at);
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<&Declaration>> = BTreeMap::new();
    for declaration in &inputs.declarations {
        let by_folder = declaration
            .fact
            .folder
            .and_then(|folder| code.folder_above(folder))
            .filter(|folder| {
                declaration.fact.folder.is_some_and(|own| own.is_within(*folder)) && *folder != EstatePath::root()
            })
            .and_then(|folder| grouping.group_of_folder.get(&folder).copied());
        let names = std::iter::once(&declaration.fact.name).chain(&declaration.fact.aliases);
        let by_name =
            names.filter_map(|name| by_name.get(&grouping.affixes.key(&name.text))).find(|found| found.len() == 1);
        let at = by_folder.or_else(|| by_name.and_then(|found| found.iter().next().copied()));
        if let Some(at) = at {
            found.entry(at).or_default().push(declaration.fact);
        }
    }
    found
}

/// The name that most of a group goes by: its workloads', Kubernetes before compose, the one
/// that the code shares first, then the shortest; else its code's. Workloads that add words
/// to the code's name, `orders-api` and `orders-worker`, go by the code's.
fn best_name(group: &Group, grouping: &Grouping, deployments: &Deployments<'_>, code: &Code<'_>) -> Symbol {
    let of_code: BTreeSet<String> = group
        .folders
        .iter()
        .filter_map(|path| Some(code.get(*path)?.names(*path)))
        .flatten()
        .map(|name| grouping.affixes.key(&name))
        .collect();
    let mut candidates: Vec<(bool, bool, usize, Symbol)> = group
        .instances
        .iter()
        .filter_map(|id| {
            let instance = &deployments.instances[*id];
            let name = instance.name?;
            let foreign = !of_code.contains(&grouping.affixes.key(&name));
            let minor = instance.platform() == Platform::Compose || instance.environment >= Environment::Development;
            Some((foreign, minor, name.len(), name))
        })
        .collect();
    candidates.sort();
    let of_units = group.folders.iter().filter_map(|path| code.get(*path)).flat_map(|folder| &folder.units);
    let unit_name = of_units.filter_map(|unit| unit.fact.name).next();
    let folder_name = group.folders.first().map(|path| path.name()).filter(|name| !name.is_empty());
    let code_name = match (unit_name, folder_name) {
        (Some(name), _) => Some(Symbol::new(name.rsplit(['/', ':']).next().unwrap_or(&name))),
        (None, Some(name)) => Some(Symbol::new(name)),
        (None, None) => None,
    };
    if let Some((_, _, _, name)) = candidates.first() {
        let several = candidates.iter().any(|(_, _, _, other)| other != name);
        let adds_words = |code: &Symbol| {
            let code = words(code);
            !code.is_empty()
                && candidates.iter().all(|(foreign, _, _, name)| *foreign && words(name).starts_with(&code))
        };
        return code_name.filter(|code| several && adds_words(code)).unwrap_or(*name);
    }
    match code_name {
        Some(name) => name,
        None => {
            let image = group.instances.iter().find_map(|id| grouping.images[*id].repository);
            Symbol::new(
                image.and_then(|image| image.rsplit('/').next().map(str::to_owned)).as_deref().unwrap_or("unnamed"),
            )
        }
    }
}

fn home_of(group: &Group, deployments: &Deployments<'_>) -> EstatePath {
    let of_instance = group.instances.first().map(|id| deployments.instances[*id].path.parent());
    group.folders.first().copied().or(of_instance).unwrap_or_else(EstatePath::root)
}

fn span_of(group: &Group, deployments: &Deployments<'_>, code: &Code<'_>) -> Span {
    let of_code = group.folders.iter().find_map(|path| code.get(*path)?.span());
    let of_instance = group.instances.first().map(|id| deployments.instances[*id].span());
    // A group has code or an instance; a built folder without manifests has an instance.
    of_code.or(of_instance).unwrap_or(Span::file_start(crate::source::file::FileId(0)))
}

fn aliases_of<'a>(
    group: &Group,
    name: Symbol,
    grouping: &Grouping,
    deployments: &Deployments<'a>,
    code: &Code<'a>,
    evaluator: &Evaluator<'a>,
) -> Vec<Symbol> {
    let mut aliases: BTreeSet<Symbol> = BTreeSet::new();
    for path in &group.folders {
        if let Some(folder) = code.get(*path) {
            aliases.extend(folder.names(*path));
        }
    }
    for id in &group.instances {
        let instance = &deployments.instances[*id];
        aliases.extend(instance.name);
        let scope = Scope { path: Some(instance.path), ..Scope::default() };
        for layer in &instance.layers {
            let texts = layer.fact.aliases.iter().filter_map(|alias| evaluator.text(alias, &scope));
            aliases.extend(texts.map(|text| Symbol::new(&text)));
        }
        if group.infrastructure.is_none() {
            let last = grouping.images[*id].repository.and_then(|image| image.rsplit('/').next().map(Symbol::new));
            aliases.extend(last);
        }
    }
    aliases.remove(&name);
    aliases.into_iter().collect()
}

#[expect(clippy::too_many_arguments, reason = "one service is put together from all that linking knows")]
fn service_of(
    name: Symbol,
    aliases: Vec<Symbol>,
    span: Span,
    group: &Group,
    declared: Option<&Vec<&Declaration>>,
    ownership: &Owners<'_>,
    deployments: &Deployments<'_>,
    code: &Code<'_>,
    configured: &[&ServiceOptions],
) -> Service {
    let folder = group.folders.iter().copied().find(|path| code.get(*path).is_some());
    let mut exposure = declared.and_then(|all| all.iter().find_map(|one| one.exposure));
    let mut owners: BTreeSet<Symbol> = BTreeSet::new();
    let mut scopes: BTreeSet<Symbol> = BTreeSet::new();
    for one in declared.into_iter().flatten() {
        owners.extend(one.owners.iter().map(|owner| owner.text));
        scopes.extend(one.scopes.iter().map(|scope| scope.text));
    }
    for settings in configured {
        exposure = settings.exposure.or(exposure);
        owners.extend(&settings.owners);
        scopes.extend(&settings.scopes);
    }
    if owners.is_empty()
        && let Some(folder) = folder
    {
        owners.extend(ownership.of(folder));
    }
    let mut workloads: Vec<Symbol> =
        group.instances.iter().map(|id| Symbol::new(&describe(deployments, *id))).collect();
    workloads.sort();
    workloads.dedup();
    let runtime = group.folders.iter().filter_map(|path| code.get(*path)?.runtime()).next();
    let is_static = runtime.is_none() && group.folders.iter().any(|path| ships_files(code, *path));
    Service {
        name,
        aliases,
        folder,
        runtime: runtime.or(is_static.then_some(crate::facts::code::Runtime::Static)),
        exposure,
        owners: owners.into_iter().collect(),
        scopes: scopes.into_iter().collect(),
        workloads,
        namespace: namespace_of(group, deployments),
        span,
    }
}

/// The namespace that most workloads of a group state as a literal.
fn namespace_of(group: &Group, deployments: &Deployments<'_>) -> Option<Symbol> {
    let mut counts: BTreeMap<Symbol, usize> = BTreeMap::new();
    for id in &group.instances {
        let stated = deployments.instances.get(*id).and_then(|one| one.top().namespace.as_ref()?.as_literal());
        if let Some(name) = stated.filter(|name| !name.is_empty()) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name)));
    most.map(|(name, _)| name)
}

/// True if a folder's recipe puts files behind a web server.
fn ships_files(code: &Code<'_>, path: EstatePath) -> bool {
    let Some(folder) = code.get(path) else { return false };
    folder.recipes.iter().any(|recipe| {
        super::services::final_base(recipe.fact, None)
            .and_then(|image| crate::tables::images::images().find(&image))
            .is_some_and(|row| row.kind == ImageKind::Proxy)
    })
}
