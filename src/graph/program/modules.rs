//! Which file does a module name mean? Relative names, `paths` of `tsconfig.json`, packages of
//! the estate; everything else is foreign.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::value::ModuleId;
use crate::facts::data::{Settings, SettingsKind};
use crate::facts::function::Function;
use crate::facts::program::{Export, Expr, Module, ModulePaths, Stage};
use crate::graph::inputs::{Inputs, Located};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::library::Library;

/// Endings that a name may leave out, in the order in which TypeScript tries them.
const ENDINGS: &[&str] = &["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// How far `extends` of settings is followed.
const EXTENDS_LIMIT: usize = 8;

/// What a module name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A module of the estate.
    Module(ModuleId),
    /// A package from outside; the specifier without `node:`.
    Foreign(Symbol),
    /// A configuration file: `./config.json`.
    Settings(SettingsId),
    /// It should be in the estate and is not, or is no source: `./picture.svg`.
    Missing,
}

/// A configuration file, by its place among those that modules can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsId(u32);

/// All modules of the estate, by path.
pub struct Modules<'a> {
    list: Vec<Located<'a, Module>>,
    /// By the path's text, so that a guess need not become a name.
    by_path: FxHashMap<&'static str, ModuleId>,
    paths: FxHashMap<EstatePath, Vec<Located<'a, ModulePaths>>>,
    paths_by_file: FxHashMap<EstatePath, &'a ModulePaths>,
    packages: BTreeMap<Symbol, Vec<Package<'a>>>,
    settings: Vec<Located<'a, Settings>>,
    functions: Vec<&'a Function>,
}

/// A package of the estate.
struct Package<'a> {
    folder: EstatePath,
    entries: &'a [(Symbol, Vec<EstatePath>)],
}

impl<'a> Modules<'a> {
    /// All modules that the inputs hold.
    pub fn new(inputs: &Inputs<'a>) -> Self {
        let mut list = inputs.modules.clone();
        list.sort_by_key(|module| (module.path, module.index));
        let mut by_path = FxHashMap::default();
        for (place, module) in list.iter().enumerate() {
            by_path.entry(module.path.as_str()).or_insert(ModuleId(place as u32));
        }
        let mut paths: FxHashMap<EstatePath, Vec<Located<'a, ModulePaths>>> = FxHashMap::default();
        let mut paths_by_file = FxHashMap::default();
        let mut sorted = inputs.module_paths.clone();
        // `tsconfig.json` speaks before `tsconfig.build.json`.
        sorted.sort_by_key(|one| (one.path.name().len(), one.path));
        for one in &sorted {
            paths.entry(one.fact.folder).or_default().push(*one);
            paths_by_file.insert(one.path, one.fact);
        }
        let mut packages: BTreeMap<Symbol, Vec<Package<'a>>> = BTreeMap::new();
        for entry in &inputs.package_entries {
            let package = Package { folder: entry.fact.folder, entries: &entry.fact.entries };
            packages.entry(entry.fact.name).or_default().push(package);
        }
        let taken = |one: &&Located<'a, Settings>| one.fact.kind == SettingsKind::Application;
        let mut settings: Vec<_> = inputs.settings.iter().filter(taken).copied().collect();
        settings.sort_by_key(|one| (one.path, one.index));
        let functions = inputs.functions.iter().map(|one| one.fact).collect();
        Self { list, by_path, paths, paths_by_file, packages, settings, functions }
    }

    /// Functions that a platform starts, as their declarations have them.
    pub fn functions(&self) -> &[&'a Function] {
        &self.functions
    }

    /// A configuration file's keys and values.
    pub fn settings(&self, id: SettingsId) -> Option<&'a Settings> {
        self.settings.get(id.0 as usize).map(|located| located.fact)
    }

    /// The configuration file of a path.
    pub fn settings_at(&self, path: EstatePath) -> Option<SettingsId> {
        let place = self.settings.binary_search_by_key(&path, |one| one.path).ok()?;
        Some(SettingsId(place as u32))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if the estate has no source that was read.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// A module's summary.
    pub fn get(&self, id: ModuleId) -> Option<&'a Module> {
        self.list.get(id.0 as usize).map(|located| located.fact)
    }

    /// A module's path; the root for one that is not known.
    pub fn path(&self, id: ModuleId) -> EstatePath {
        self.list.get(id.0 as usize).map_or_else(EstatePath::root, |located| located.path)
    }

    /// All of them, by path.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..self.list.len() as u32).map(ModuleId)
    }

    /// The module of a path, by its text.
    fn at(&self, path: &str) -> Option<ModuleId> {
        self.by_path.get(path).copied()
    }

    /// What `specifier` means in module `from`.
    pub fn resolve(&self, from: ModuleId, specifier: Symbol) -> Target {
        let path = self.path(from);
        let text = specifier.as_str();
        if let Some(relative) =
            text.strip_prefix("./").or(Some(text).filter(|text| text.starts_with("../") || matches!(*text, "." | "..")))
        {
            let Some(at) = path.parent().join(relative) else { return Target::Missing };
            let settings = || self.settings_at(at).map(Target::Settings);
            return self.file(at).map(Target::Module).or_else(settings).unwrap_or(Target::Missing);
        }
        if let Some(bare) = text.strip_prefix("node:") {
            return Target::Foreign(Symbol::new(bare));
        }
        if let Some(found) = self.by_settings(path.parent(), text) {
            return Target::Module(found);
        }
        if let Some(found) = self.by_package(path, text) {
            return found;
        }
        Target::Foreign(specifier)
    }

    /// The modules that a module takes something of, in order of its text.
    pub fn taken(&self, id: ModuleId) -> Vec<ModuleId> {
        let Some(module) = self.get(id) else { return Vec::new() };
        let imports = module.imports.iter().filter(|import| !import.type_only).map(|import| import.specifier);
        let exports = module.exports.iter().filter_map(|export| match export {
            Export::From { specifier, .. } | Export::All(specifier) => Some(*specifier),
            Export::Value { .. } | Export::Whole(_) => None,
        });
        let required = module.nodes.iter().filter_map(|node| match &node.expr {
            Expr::Require(specifier) => Some(*specifier),
            _other => None,
        });
        let mut found: Vec<ModuleId> = Vec::new();
        for specifier in imports.chain(exports).chain(required) {
            if let Target::Module(other) = self.resolve(id, specifier)
                && !found.contains(&other)
            {
                found.push(other);
            }
        }
        found
    }

    /// True if a module takes something of a library.
    pub fn takes_of(&self, id: ModuleId, library: &Library) -> bool {
        let Some(module) = self.get(id) else { return false };
        let imported = module.imports.iter().map(|import| import.specifier);
        let required = module.nodes.iter().filter_map(|node| match &node.expr {
            Expr::Require(specifier) => Some(*specifier),
            _other => None,
        });
        imported.chain(required).any(|name| {
            library.is_of(name) && matches!(self.resolve(id, name), Target::Foreign(package) if library.is_of(package))
        })
    }

    /// The modules of `folders` that run in the service, and all that they take from elsewhere.
    /// `inner` tells folders below that belong to somebody else.
    pub fn of_folders(&self, folders: &[EstatePath], belongs: &dyn Fn(EstatePath) -> bool) -> (Vec<ModuleId>, usize) {
        let mut taken = vec![false; self.list.len()];
        let mut order: Vec<ModuleId> = Vec::new();
        for folder in folders {
            for id in self.within(*folder) {
                let runs = self.get(id).is_some_and(|module| module.stage == Stage::Service);
                if runs && belongs(self.path(id)) && !std::mem::replace(&mut taken[id.0 as usize], true) {
                    order.push(id);
                }
            }
        }
        order.sort();
        let own = order.len();
        let mut at = 0;
        while let Some(id) = order.get(at).copied() {
            at += 1;
            for other in self.taken(id) {
                if !std::mem::replace(&mut taken[other.0 as usize], true) {
                    order.push(other);
                }
            }
        }
        (order, own)
    }

    /// Modules below a folder, by path.
    fn within(&self, folder: EstatePath) -> impl Iterator<Item = ModuleId> + '_ {
        // Paths are sorted as text, so a folder's files are not always one range: `a-b/x` stands
        // between `a` and `a/x`. The range by the folder's text holds them all.
        let start = self.list.partition_point(|module| module.path.as_str() < folder.as_str());
        self.list
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .enumerate()
            .take_while(move |(_, module)| module.path.as_str().starts_with(folder.as_str()))
            .filter(move |(_, module)| module.path.is_within(folder))
            .map(move |(place, _)| ModuleId((start + place) as u32))
    }

    /// A file by a path that may leave out its ending or name a folder.
    fn file(&self, path: EstatePath) -> Option<ModuleId> {
        if let Some(found) = self.at(path.as_str()) {
            return Some(found);
        }
        let text = path.as_str();
        // TypeScript's own sources name the file that they will be compiled to.
        let compiled = [(".js", &["ts", "tsx"][..]), (".jsx", &["tsx"]), (".mjs", &["mts"]), (".cjs", &["cts"])];
        for (ending, sources) in compiled {
            if let Some(stem) = text.strip_suffix(ending) {
                let found = sources.iter().find_map(|source| self.at(&format!("{stem}.{source}")));
                if found.is_some() {
                    return found;
                }
            }
        }
        let with_ending = |stem: &str| ENDINGS.iter().find_map(|ending| self.at(&format!("{stem}.{ending}")));
        let index = if text.is_empty() { "index".to_owned() } else { format!("{text}/index") };
        with_ending(text).or_else(|| with_ending(&index))
    }

    /// By the nearest settings that map the name.
    fn by_settings(&self, folder: EstatePath, name: &str) -> Option<ModuleId> {
        let mut at = folder;
        loop {
            for settings in self.paths.get(&at).into_iter().flatten() {
                if let Some(found) = self.by_setting(settings.fact, name, EXTENDS_LIMIT) {
                    return Some(found);
                }
            }
            if at == EstatePath::root() {
                return None;
            }
            at = at.parent();
        }
    }

    fn by_setting(&self, settings: &ModulePaths, name: &str, depth: usize) -> Option<ModuleId> {
        let mut best: Option<(usize, ModuleId)> = None;
        for (pattern, targets) in &settings.aliases {
            let Some((rest, exactness)) = matched(pattern.as_str(), name) else { continue };
            if best.is_some_and(|(than, _)| than >= exactness) {
                continue;
            }
            let found =
                targets.iter().find_map(|target| self.file(EstatePath::new(&target.as_str().replacen('*', rest, 1))));
            if let Some(found) = found {
                best = Some((exactness, found));
            }
        }
        if let Some((_, found)) = best {
            return Some(found);
        }
        if let Some(found) = settings.base.and_then(|base| base.join(name)).and_then(|at| self.file(at)) {
            return Some(found);
        }
        let below = depth.checked_sub(1)?;
        settings
            .extends
            .iter()
            .filter_map(|path| self.paths_by_file.get(path))
            .find_map(|other| self.by_setting(other, name, below))
    }

    /// By a package of the estate that is called so; the nearest of several.
    fn by_package(&self, from: EstatePath, name: &str) -> Option<Target> {
        let parts = if name.starts_with('@') { 2 } else { 1 };
        let cut = name.match_indices('/').nth(parts - 1).map_or(name.len(), |(at, _)| at);
        let (package, below) = (name.get(..cut)?, name.get(cut..)?.trim_start_matches('/'));
        let found = self.packages.get(&Symbol::new(package))?;
        let nearest = crate::graph::inputs::nearest(from, found.iter().map(|package| (package.folder, package)));
        let package = nearest.first()?;
        let subpath = if below.is_empty() { ".".to_owned() } else { format!("./{below}") };
        let named = package.entries.iter().filter(|(name, _)| name.as_str() == subpath).flat_map(|(_, files)| files);
        // What is published is often compiled; the source has the same name elsewhere.
        let sources = named.clone().flat_map(|file| {
            ["dist/", "lib/", "build/", "out/"].into_iter().filter_map(move |folder| {
                let (before, after) = file.as_str().split_once(folder)?;
                Some([format!("{before}src/{after}"), format!("{before}{after}")])
            })
        });
        let by_name = named.copied().find_map(|file| self.file(file)).or_else(|| {
            sources.flatten().find_map(|text| {
                let text = text.strip_suffix(".d.ts").unwrap_or(&text);
                self.file(EstatePath::new(text))
            })
        });
        let guessed = || {
            let folders = if below.is_empty() { vec!["src", "", "lib"] } else { vec![below] };
            let also = (!below.is_empty()).then(|| format!("src/{below}"));
            folders
                .into_iter()
                .map(str::to_owned)
                .chain(also)
                .find_map(|folder| package.folder.join(&folder).and_then(|at| self.file(at)))
        };
        Some(by_name.or_else(guessed).map_or(Target::Missing, Target::Module))
    }
}

/// What `*` stands for in a name that a pattern matches, and how exact the pattern is.
fn matched<'n>(pattern: &str, name: &'n str) -> Option<(&'n str, usize)> {
    match pattern.split_once('*') {
        None => (pattern == name).then_some(("", usize::MAX)),
        Some((before, after)) => {
            let rest = name.strip_prefix(before)?.strip_suffix(after)?;
            Some((rest, before.len()))
        }
    }
}
