//! Folders that hold code of their own: manifests, recipes, entry files and declarations
//! that belong together.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::environments::environment_of;
use super::inputs::{Inputs, Located};
use super::model::Environment;
use super::names::words;
use super::values::{Evaluator, Scope};
use crate::facts::code::{Entrance, EntryPoint, Recipe, Runtime, Unit};
use crate::facts::declaration::Declaration;
use crate::facts::workload::Build;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Words of a command's name that say which process of a service it is, rather than which
/// service.
pub const PROCESS_WORDS: &[&str] = &[
    "api",
    "server",
    "worker",
    "workers",
    "migrate",
    "migrator",
    "migration",
    "migrations",
    "cron",
    "job",
    "jobs",
    "consumer",
    "scheduler",
    "cli",
    "seed",
    "seeder",
    "app",
    "main",
    "daemon",
    "grpc",
    "http",
    "rest",
    "service",
    "svc",
    "init",
    "setup",
    "tool",
    "tools",
];

/// Longest part of a workload's name, in words, that is compared with a command's name.
const WORD_LIMIT: usize = 4;

/// A folder with code of its own.
#[derive(Debug, Default)]
pub struct CodeFolder<'a> {
    /// Its manifests.
    pub units: Vec<Located<'a, Unit>>,
    /// Recipes in it or below it that no nearer code folder claims.
    pub recipes: Vec<Located<'a, Recipe>>,
    /// The one service that a person declares it to be.
    pub declared: Option<&'a Declaration>,
    /// Entry files in it or below it.
    pub entrances: Vec<(Entrance, Runtime, Span)>,
    /// True if a deployment builds an image from it.
    pub is_built: bool,
    /// True if it holds other code folders together.
    pub is_workspace: bool,
    /// True if its path says that it is for tests.
    pub is_test: bool,
}

/// All code folders by path.
#[derive(Debug, Default)]
pub struct Code<'a> {
    folders: BTreeMap<EstatePath, CodeFolder<'a>>,
    /// Folders above other code folders.
    holders: FxHashSet<EstatePath>,
    recipes: FxHashMap<EstatePath, Located<'a, Recipe>>,
    /// Dockerfiles that variables name, by the place of the build.
    dockerfiles: FxHashMap<Span, EstatePath>,
}

impl<'a> Code<'a> {
    /// Collects the folders of manifests, recipes, builds and entry files.
    pub fn new(inputs: &Inputs<'a>, builds: &[&'a Build], evaluator: &Evaluator<'a>) -> Self {
        let mut folders: BTreeMap<EstatePath, CodeFolder<'a>> = BTreeMap::new();
        for unit in &inputs.units {
            folders.entry(unit.fact.folder).or_default().units.push(*unit);
        }
        for workspace in &inputs.workspaces {
            if let Some(folder) = folders.get_mut(&workspace.fact.folder) {
                folder.is_workspace = true;
            }
        }
        let with_units: BTreeSet<EstatePath> =
            folders.iter().filter(|(_, folder)| !folder.is_workspace).map(|(path, _)| *path).collect();
        for recipe in &inputs.recipes {
            let own = recipe.fact.folder;
            let home = nearest_above(own, |path| with_units.contains(&path) && path != EstatePath::root());
            folders.entry(home.unwrap_or(own)).or_default().recipes.push(*recipe);
        }
        let dockerfiles = builds
            .iter()
            .filter_map(|build| {
                let scope = Scope { path: Some(inputs.path_of(build.span.file)), ..Scope::default() };
                let name = evaluator.text(build.computed_dockerfile.as_ref()?, &scope)?;
                Some((build.span, build.context?.join(&name)?))
            })
            .collect();
        let mut code = Self { folders, holders: FxHashSet::default(), recipes: FxHashMap::default(), dockerfiles };
        code.declare(inputs);
        code.split_modules(inputs);
        for build in builds {
            if let Some(folder) = code.folder_of_build(build) {
                code.folders.entry(folder).or_default().is_built = true;
            }
        }
        code.absorb_parts();
        for entry in &inputs.entry_points {
            if let Some(folder) = code.folder_of_entry(entry.fact)
                && let Some(known) = code.folders.get_mut(&folder)
                && environment_of(entry.path) != Environment::Test
            {
                known.entrances.push((entry.fact.entrance, entry.fact.runtime, entry.fact.span));
            }
        }
        for (path, folder) in &mut code.folders {
            // The folder's own name counts too: environment_of looks at the parents of a file.
            folder.is_test = environment_of(path.join("file").unwrap_or(*path)) == Environment::Test;
            for recipe in &folder.recipes {
                code.recipes.entry(recipe.path).or_insert(*recipe);
            }
            let mut at = *path;
            while at != EstatePath::root() {
                at = at.parent();
                if !code.holders.insert(at) {
                    break;
                }
            }
        }
        code
    }

    /// A Go module whose commands are deployed as different things holds a code folder for each
    /// of those commands: `cmd/orders` and `cmd/billing`. `cmd/orders-api` and
    /// `cmd/orders-worker` are processes of one service and leave the module whole.
    fn split_modules(&mut self, inputs: &Inputs<'a>) {
        let deployed: BTreeSet<String> = inputs
            .workloads
            .iter()
            .filter_map(|workload| workload.fact.name.as_literal())
            .flat_map(|name| {
                let words = words(&name);
                let parts = (1..=words.len().min(WORD_LIMIT)).flat_map(|length| words.windows(length));
                parts.map(<[String]>::concat).collect::<Vec<_>>()
            })
            .collect();
        let mut commands: BTreeMap<EstatePath, BTreeSet<EstatePath>> = BTreeMap::new();
        for entry in &inputs.entry_points {
            let folder = entry.fact.folder;
            if entry.fact.runtime == Runtime::Go
                && environment_of(entry.path) != Environment::Test
                && deployed.contains(&words(folder.name()).concat())
                && let Some(module) = self.folder_above(folder).filter(|module| *module != folder)
                && self.folders.get(&module).is_some_and(|known| known.units.len() == 1)
            {
                commands.entry(module).or_default().insert(folder);
            }
        }
        for (module, commands) in commands {
            let businesses: BTreeSet<String> = commands
                .iter()
                .map(|folder| {
                    words(folder.name()).into_iter().filter(|word| !PROCESS_WORDS.contains(&&**word)).collect()
                })
                .filter(|business: &String| !business.is_empty())
                .collect();
            let Some(whole) = self.folders.get_mut(&module).filter(|_| businesses.len() > 1) else { continue };
            whole.is_workspace = true;
            let serves = whole.units.iter().flat_map(|unit| &unit.fact.entrances);
            let serves: Vec<_> = serves
                .filter(|(kind, _)| *kind == Entrance::ServerFramework)
                .map(|(kind, span)| (*kind, Runtime::Go, *span))
                .collect();
            for folder in commands {
                self.folders.entry(folder).or_default().entrances.extend(serves.iter().copied());
            }
        }
    }

    /// A folder that is built and has no manifest of its own takes in the manifests below it
    /// that nothing else builds: `ratings/Dockerfile` and `ratings/html/composer.json`.
    fn absorb_parts(&mut self) {
        let built: Vec<EstatePath> = self
            .folders
            .iter()
            .filter(|(path, folder)| {
                let shipped = folder.is_built || !folder.recipes.is_empty();
                shipped && folder.units.is_empty() && **path != EstatePath::root()
            })
            .map(|(path, _)| *path)
            .collect();
        for path in built {
            let parts: Vec<EstatePath> = self
                .folders
                .range(path..)
                .skip(1)
                .take_while(|(other, _)| other.as_str().starts_with(path.as_str()))
                .filter(|(other, part)| {
                    other.is_within(path) && !part.is_built && part.recipes.is_empty() && part.declared.is_none()
                })
                .map(|(other, _)| *other)
                .collect();
            for part in parts {
                if let Some(taken) = self.folders.remove(&part)
                    && let Some(whole) = self.folders.get_mut(&path)
                {
                    whole.units.extend(taken.units);
                }
            }
        }
    }

    /// Makes each folder that one declaration speaks of the code of that service, where no
    /// folder above it is code of its own: the code itself may be in a language that is not
    /// read, or elsewhere.
    fn declare(&mut self, inputs: &Inputs<'a>) {
        let mut by_folder: BTreeMap<EstatePath, Vec<&'a Declaration>> = BTreeMap::new();
        for declaration in inputs.declarations.iter().map(|located| located.fact).filter(|fact| fact.is_service) {
            if let Some(folder) = declaration.folder.filter(|folder| *folder != EstatePath::root()) {
                by_folder.entry(folder).or_default().push(declaration);
            }
        }
        for (path, declarations) in by_folder {
            let [declaration] = declarations.as_slice() else { continue };
            let above = self.folder_above(path);
            if above.is_none_or(|above| above == path || above == EstatePath::root()) {
                self.folders.entry(path).or_default().declared = Some(declaration);
            }
        }
    }

    /// All folders with their paths, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (EstatePath, &CodeFolder<'a>)> {
        self.folders.iter().map(|(path, folder)| (*path, folder))
    }

    /// The code folder of a path.
    pub fn get(&self, path: EstatePath) -> Option<&CodeFolder<'a>> {
        self.folders.get(&path)
    }

    /// The nearest code folder at or above `path`.
    pub fn folder_above(&self, path: EstatePath) -> Option<EstatePath> {
        nearest_above(path, |path| self.folders.contains_key(&path))
    }

    /// The code folder that an entry file belongs to: the nearest with a manifest of its
    /// runtime, or with none. A `package.json` that only holds a repository's tools takes in
    /// no C# below it.
    fn folder_of_entry(&self, entry: &EntryPoint) -> Option<EstatePath> {
        nearest_above(entry.folder, |path| {
            self.folders.get(&path).is_some_and(|folder| {
                folder.units.is_empty() || folder.units.iter().any(|unit| run_alike(unit.fact.runtime, entry.runtime))
            })
        })
    }

    /// True if other code folders lie below `path`.
    pub fn holds_others(&self, path: EstatePath) -> bool {
        self.holders.contains(&path)
    }

    fn dockerfile_of(&self, build: &Build) -> Option<EstatePath> {
        build.dockerfile.or_else(|| self.dockerfiles.get(&build.span).copied())
    }

    /// The folder whose code a build makes an image of: that of the Dockerfile where it lies
    /// below the context in a folder of its own, otherwise the context.
    pub fn folder_of_build(&self, build: &Build) -> Option<EstatePath> {
        let context = build.context;
        if let Some(recipe_folder) = self.dockerfile_of(build).map(EstatePath::parent)
            && context.is_none_or(|context| recipe_folder.is_within(context) && recipe_folder != context)
            && let Some(folder) = self.folder_above(recipe_folder)
            && !self.holds_only_recipes(folder)
            && context.is_none_or(|context| folder.is_within(context) && folder != context)
        {
            return Some(folder);
        }
        let context = context?;
        if self.folders.contains_key(&context) {
            return Some(context);
        }
        // `build: ./orders` where the manifest is in `orders/src`: the recipe was given to a
        // folder above or below; a context without code of its own becomes one.
        self.folder_above(context).filter(|folder| *folder != EstatePath::root()).or(Some(context))
    }

    /// True for a folder that collects the recipes of several images and has no code of its
    /// own or below it: `docker/Dockerfile-orders` beside `docker/Dockerfile-billing`.
    fn holds_only_recipes(&self, path: EstatePath) -> bool {
        let mut inside = self.folders.range(path..).take_while(|(other, _)| other.is_within(path));
        let beside = |folder: &CodeFolder<'_>| folder.recipes.iter().filter(|it| it.path.parent() == path).count();
        path != EstatePath::root()
            && inside.all(|(_, folder)| folder.units.is_empty())
            && self.folders.get(&path).is_some_and(|folder| beside(folder) > 1)
    }

    /// The recipe that a build uses, by its file, else `Dockerfile` in the context.
    pub fn recipe_of_build(&self, build: &Build) -> Option<Located<'a, Recipe>> {
        let dockerfile = self.dockerfile_of(build);
        if dockerfile.is_none() && build.computed_dockerfile.is_some() {
            return None;
        }
        let wanted = dockerfile.or_else(|| build.context.and_then(|context| context.join("Dockerfile")))?;
        let found = self.recipes.get(&wanted).or_else(|| {
            let containerfile = build.context.and_then(|context| context.join("Containerfile"))?;
            self.recipes.get(&containerfile).filter(|_| dockerfile.is_none())
        });
        found.copied()
    }
}

impl CodeFolder<'_> {
    /// Names that the folder goes by: its manifests', declared ones and its own. Root folders have none of
    /// their own.
    pub fn names(&self, path: EstatePath) -> Vec<Symbol> {
        let mut names: Vec<Symbol> = Vec::new();
        for unit in &self.units {
            if let Some(name) = unit.fact.name {
                // `@shop/orders`, `github.com/shop/orders`, `com.shop:orders`: the last part.
                names.push(Symbol::new(name.rsplit(['/', ':']).next().unwrap_or(&name)));
            }
        }
        if let Some(declared) = self.declared {
            names.push(declared.name.text);
            names.extend(declared.aliases.iter().map(|alias| alias.text));
        }
        // `orders/src`, `orders/app`: the folder above tells more.
        let named = match path.name() {
            "src" | "app" | "code" | "source" | "server" | "cmd" | "main" => path.parent(),
            _ => path,
        };
        for name in [path.name(), named.name()] {
            if !name.is_empty() {
                names.push(Symbol::new(name));
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// What its code runs on: its manifests' word, a server's before a front end's.
    pub fn runtime(&self) -> Option<Runtime> {
        let of_units = self.units.iter().map(|unit| unit.fact.runtime);
        of_units
            .clone()
            .find(|runtime| *runtime != Runtime::Static)
            .or_else(|| self.entrances.first().map(|(_, runtime, _)| *runtime))
            .or_else(|| of_units.clone().next())
    }

    /// True if something here starts a process that serves or works, by the manifests and
    /// entry files alone.
    pub fn starts_a_process(&self) -> bool {
        let evidence = || {
            let stated = self.units.iter().flat_map(|unit| unit.fact.entrances.iter().map(|(kind, _)| *kind));
            stated.chain(self.entrances.iter().map(|(kind, _, _)| *kind))
        };
        let serves = evidence().any(|kind| kind == Entrance::ServerFramework);
        let stated = evidence().any(|kind| matches!(kind, Entrance::StartScript | Entrance::Binary));
        // What makes a server in an entry file is run as it stands; in Node any module may.
        let runs = |(kind, runtime, _): &(Entrance, Runtime, Span)| {
            *kind == Entrance::ServerFramework && *runtime != Runtime::Node
        };
        let starts = stated || self.entrances.iter().any(runs);
        let library = !self.units.is_empty() && self.units.iter().all(|unit| unit.fact.library);
        serves && starts && !library
    }

    /// True if the code in `folder` only sends requests to others to try them out: its packages
    /// are for that, or its name says so and nothing in it serves.
    pub fn is_load_generator(&self, folder: EstatePath) -> bool {
        let stated = || self.units.iter().flat_map(|unit| unit.fact.entrances.iter().map(|(kind, _)| *kind));
        let serves = stated().any(|kind| kind == Entrance::ServerFramework)
            || self.entrances.iter().any(|(kind, _, _)| *kind == Entrance::ServerFramework);
        let name = folder.name().to_ascii_lowercase().replace('_', "-");
        !serves && (stated().any(|kind| kind == Entrance::LoadGenerator) || LOAD_GENERATORS.contains(&name.as_str()))
    }

    /// The best place to point to for the code as a whole.
    pub fn span(&self) -> Option<Span> {
        let unit = self.units.first().map(|unit| unit.fact.span);
        unit.or_else(|| self.recipes.first().and_then(|recipe| recipe.fact.stages.first()).map(|stage| stage.span))
            .or_else(|| self.entrances.first().map(|(_, _, span)| *span))
            .or_else(|| self.declared.map(|declared| declared.name.span))
    }
}

/// What folders of load generators are called.
const LOAD_GENERATORS: &[&str] = &[
    "load-gen",
    "load-generator",
    "load-test",
    "load-testing",
    "load-tests",
    "loadgen",
    "loadgenerator",
    "loadtest",
    "loadtests",
    "traffic-generator",
];

/// True if one manifest can be about code of both.
fn run_alike(a: Runtime, b: Runtime) -> bool {
    let family = |runtime: Runtime| match runtime {
        Runtime::Kotlin => Runtime::Java,
        Runtime::Static => Runtime::Node,
        other => other,
    };
    family(a) == family(b)
}

/// The first of `path` and the folders above it that `wanted` accepts.
fn nearest_above(path: EstatePath, wanted: impl Fn(EstatePath) -> bool) -> Option<EstatePath> {
    let mut current = path;
    loop {
        if wanted(current) {
            return Some(current);
        }
        if current == EstatePath::root() {
            return None;
        }
        current = current.parent();
    }
}
