//! Containers in all their variants, and recipes that nothing runs.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::code::Code;
use super::deployments::{Deployments, InstanceId};
use super::inputs::{Inputs, Located};
use super::model::{Container, ContainerVariant, Environment, RecipeUse, Target};
use super::services::{Grouping, build_of, main_container, repository_of, shipped_stage, starts_nothing};
use super::values::{Evaluator, Scope};
use crate::facts::code::Recipe;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::images::images;

/// What finding containers needs.
pub struct ContainerLinker<'a, 'e> {
    /// All facts.
    pub inputs: &'e Inputs<'a>,
    /// Workloads.
    pub deployments: &'e Deployments<'a>,
    /// Code folders.
    pub code: &'e Code<'a>,
    /// What belongs together.
    pub grouping: &'e Grouping,
    /// Values.
    pub evaluator: &'e Evaluator<'a>,
    /// What a file is for.
    pub environment: &'e dyn Fn(EstatePath) -> Environment,
    /// What an instance belongs to.
    pub target_of: &'e dyn Fn(InstanceId) -> Option<Target>,
    /// The name of a service or of infrastructure.
    pub name_of: &'e dyn Fn(Target) -> Symbol,
}

impl<'a> ContainerLinker<'a, '_> {
    /// Containers sorted by name, and recipes that no workload runs.
    pub fn containers(&self) -> (Vec<Container>, Vec<RecipeUse>) {
        let mut by_name: BTreeMap<(Symbol, Target), Vec<ContainerVariant>> = BTreeMap::new();
        let mut used: BTreeSet<EstatePath> = BTreeSet::new();
        let mut runs: FxHashMap<Symbol, InstanceId> = FxHashMap::default();
        for (id, image) in self.grouping.images.iter().enumerate() {
            if let Some(repository) = image.repository {
                runs.entry(repository).or_insert(id);
            }
        }
        for (id, instance) in self.deployments.instances.iter().enumerate() {
            let Some(target) = (self.target_of)(id) else { continue };
            let containers = instance.containers();
            let main = main_container(&containers).map(|main| main.layers[0].1);
            let scope = Scope { path: Some(instance.path), ..Scope::default() };
            for layers in &containers {
                let name = layers.last(|layer| self.evaluator.text(&layer.name, &scope)).unwrap_or_default();
                let image =
                    layers.last(|layer| layer.image.as_ref()).and_then(|image| self.evaluator.text(image, &scope));
                let is_main = Some(layers.layers[0].1) == main;
                let recipe = match build_of(layers) {
                    Some(build) => self.code.recipe_of_build(build).map(|recipe| (recipe, build.target)),
                    // The image of a workload that was joined with code is built there.
                    None if is_main => self.recipe_of_group(id).map(|recipe| (recipe, None)),
                    // An init container that migrates runs the image of what it migrates for.
                    None => image
                        .as_deref()
                        .and_then(|image| runs.get(&Symbol::new(repository_of(image))))
                        .and_then(|id| self.recipe_of_group(*id))
                        .map(|recipe| (recipe, None)),
                };
                if let Some((recipe, _)) = &recipe {
                    used.insert(recipe.path);
                }
                let variant = ContainerVariant {
                    layers: layers.layers.iter().map(|(_, place)| *place).collect(),
                    environment: (self.environment)(instance.path),
                    platform: instance.platform(),
                    image: Symbol::new(image.as_deref().unwrap_or("")),
                    recipe: recipe.and_then(|(recipe, stage)| self.use_of(recipe, stage)),
                    span: layers.top().span,
                };
                let owner = (self.name_of)(target);
                let name = Symbol::new(&format!("{owner}/{}", if name.is_empty() { "container" } else { &name }));
                by_name.entry((name, target)).or_default().push(variant);
            }
        }
        let containers = by_name
            .into_iter()
            .map(|((name, owner), mut variants)| {
                // The variant that its owner would edit: what is deployed before what is for
                // development, the base before what is copied from it.
                variants.sort_by_key(|variant| {
                    let path = self.inputs.path_of(variant.span.file);
                    (variant.environment, path.depth(), path, variant.span)
                });
                Container { owner, name, variants }
            })
            .collect();
        (containers, self.unused(&used))
    }

    fn recipe_of_group(&self, id: InstanceId) -> Option<Located<'a, Recipe>> {
        let group = self.grouping.groups.get(*self.grouping.group_of_instance.get(id)?)?;
        let recipes: Vec<Located<'a, Recipe>> = group
            .folders
            .iter()
            .filter_map(|path| self.code.get(*path))
            .flat_map(|folder| folder.recipes.iter().copied())
            .filter(|recipe| {
                !matches!(
                    super::environments::environment_of(recipe.path),
                    Environment::Test | Environment::Development
                )
            })
            .collect();
        match recipes.as_slice() {
            [only] => Some(*only),
            // Of several, the one with the plain name is what `docker build` takes.
            several => {
                let mut plain =
                    several.iter().filter(|recipe| matches!(recipe.path.name(), "Dockerfile" | "Containerfile"));
                let first = plain.next();
                if plain.next().is_none() { first.copied() } else { None }
            }
        }
    }

    fn use_of(&self, recipe: Located<'a, Recipe>, target: Option<Symbol>) -> Option<RecipeUse> {
        let stage = shipped_stage(recipe.fact, target)?;
        let group =
            self.code.folder_above(recipe.fact.folder).and_then(|folder| self.grouping.group_of_folder.get(&folder));
        let target = group.and_then(|group| {
            let instance = self.grouping.groups[*group].instances.first()?;
            (self.target_of)(*instance)
        });
        let folder = recipe.fact.folder.name();
        let name = match target {
            Some(target) => (self.name_of)(target),
            None => Symbol::new(if folder.is_empty() { recipe.path.name() } else { folder }),
        };
        Some(RecipeUse {
            file: recipe.file,
            fact: recipe.index,
            stage: stage as u32,
            name,
            environment: super::environments::environment_of(recipe.path),
        })
    }

    fn unused(&self, used: &BTreeSet<EstatePath>) -> Vec<RecipeUse> {
        let all = self.inputs.recipes.iter().filter(|recipe| !used.contains(&recipe.path));
        // What starts nothing by itself and is run by no workload is a tool of a build.
        all.filter(|recipe| !starts_nothing(recipe.fact, images()))
            .filter_map(|recipe| self.use_of(*recipe, None))
            .collect()
    }
}
