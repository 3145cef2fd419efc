//! Which services a file belongs to: the one around it, those that use the library around it,
//! or the one that it is named after in a folder of settings for several.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::code::Code;
use super::inputs::Inputs;
use super::model::{Service, ServiceId, Target};
use super::services::Grouping;
use crate::facts::data::SettingsKind;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Which services a file's code belongs to: the service of its nearest code folder, or those
/// that depend on the library around it.
pub struct Owners {
    of_folder: BTreeMap<EstatePath, Vec<ServiceId>>,
    /// Settings that one service hands to others, each named after the one it is for; none
    /// where they are for all.
    handed_out: FxHashMap<EstatePath, Option<ServiceId>>,
}

impl Owners {
    /// `services` are all services, in the order of their numbers.
    pub fn new(
        inputs: &Inputs<'_>,
        code: &Code<'_>,
        grouping: &Grouping,
        target_of_group: &[Target],
        services: &[Service],
    ) -> Self {
        let mut of_folder: BTreeMap<EstatePath, BTreeSet<ServiceId>> = BTreeMap::new();
        for (folder, group) in &grouping.group_of_folder {
            if let Some(Target::Service(id)) = target_of_group.get(*group) {
                of_folder.entry(*folder).or_default().insert(*id);
            }
        }
        // Libraries by `path =`, `file:` and `<ProjectReference>`: their users' services. What a
        // larger code folder took in is no library of others' (tests refer to what they test).
        let uses: Vec<(EstatePath, EstatePath)> = inputs
            .units
            .iter()
            .flat_map(|unit| {
                unit.fact.dependencies.iter().filter_map(move |dependency| Some((unit.fact.folder, dependency.path?)))
            })
            .filter(|(_, library)| code.get(*library).is_some())
            .collect();
        let with_code: BTreeSet<EstatePath> = of_folder.keys().copied().collect();
        let mut libraries_of: FxHashMap<EstatePath, Vec<EstatePath>> = FxHashMap::default();
        for (user, library) in uses.iter().filter(|(_, library)| !with_code.contains(library)) {
            libraries_of.entry(*user).or_default().push(*library);
            of_folder.entry(*library).or_default();
        }
        // Whoever got new users hands them to the libraries that it is built on.
        let mut changed: Vec<EstatePath> = with_code.into_iter().collect();
        while let Some(user) = changed.pop() {
            let users = of_folder.get(&user).cloned().unwrap_or_default();
            for library in libraries_of.get(&user).into_iter().flatten() {
                let known = of_folder.entry(*library).or_default();
                let before = known.len();
                known.extend(&users);
                if known.len() != before {
                    changed.push(*library);
                }
            }
        }
        for (folder, _) in code.iter() {
            of_folder.entry(folder).or_default();
        }
        Self {
            of_folder: of_folder.into_iter().map(|(folder, ids)| (folder, ids.into_iter().collect())).collect(),
            handed_out: handed_out(inputs, services),
        }
    }

    /// The services of a file.
    pub fn of(&self, path: EstatePath) -> Vec<ServiceId> {
        if let Some(service) = self.handed_out.get(&path) {
            return service.iter().copied().collect();
        }
        let mut folder = path.parent();
        loop {
            if let Some(ids) = self.of_folder.get(&folder) {
                return ids.clone();
            }
            if folder == EstatePath::root() {
                return Vec::new();
            }
            folder = folder.parent();
        }
    }
}

/// Files like `shared/orders.yml` and `shared/billing-prod.yml` of a configuration server: where
/// several settings of one folder are named after different services, each is that service's,
/// and `shared/application.yml` is nobody's alone.
fn handed_out(inputs: &Inputs<'_>, services: &[Service]) -> FxHashMap<EstatePath, Option<ServiceId>> {
    let mut named: FxHashMap<Symbol, Option<ServiceId>> = FxHashMap::default();
    for (id, service) in services.iter().enumerate() {
        for name in std::iter::once(&service.name).chain(&service.aliases) {
            let id = ServiceId(id as u32);
            named.entry(*name).and_modify(|known| *known = known.filter(|one| *one == id)).or_insert(Some(id));
        }
    }
    let mut folders: BTreeMap<EstatePath, Vec<(EstatePath, Option<ServiceId>)>> = BTreeMap::new();
    for settings in inputs.settings.iter().filter(|settings| settings.fact.kind == SettingsKind::Application) {
        let name = settings.path.name();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let stem = stem.strip_suffix(settings.fact.profile.as_str()).map_or(stem, |rest| rest.trim_end_matches('-'));
        let service = named.get(&Symbol::new(stem)).copied().flatten();
        folders.entry(settings.path.parent()).or_default().push((settings.path, service));
    }
    let several = |files: &Vec<(EstatePath, Option<ServiceId>)>| {
        let named = files.iter().filter_map(|(_, id)| *id);
        named.clone().collect::<BTreeSet<_>>().len() > 1 && named.count() * 2 >= files.len()
    };
    folders.into_values().filter(several).flatten().collect()
}
