//! The environment that a service's process sees: image, files, objects and variables on top
//! of each other.

use rustc_hash::FxHashMap;

use super::code::Code;
use super::deployments::{Deployments, InstanceId};
use super::inputs::Inputs;
use super::services::{build_of, shipped_stage};
use super::values::{Evaluator, Scope};
use crate::facts::code::{Base, Recipe};
use crate::facts::data::{Settings, SettingsKind};
use crate::facts::value::Value;
use crate::facts::workload::ContainerRole;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Variables of one container, the winning value of each, with the place of its name.
pub type Variables<'a> = FxHashMap<Symbol, &'a Value>;

/// Builds process environments.
pub struct Processes<'a, 'e> {
    deployments: &'e Deployments<'a>,
    code: &'e Code<'a>,
    evaluator: &'e Evaluator<'a>,
    env_files: FxHashMap<EstatePath, &'a Settings>,
}

impl<'a, 'e> Processes<'a, 'e> {
    /// Indexes the files that workloads take variables from.
    pub fn new(
        inputs: &Inputs<'a>,
        deployments: &'e Deployments<'a>,
        code: &'e Code<'a>,
        evaluator: &'e Evaluator<'a>,
    ) -> Self {
        let env_files = inputs
            .settings
            .iter()
            .filter(|settings| settings.fact.kind == SettingsKind::DotEnv)
            .map(|settings| (settings.path, settings.fact))
            .collect();
        Self { deployments, code, evaluator, env_files }
    }

    /// The variables of `file`; where it is not committed, those of the example beside it,
    /// which says at least what a developer's own file starts from.
    fn env_file(&self, file: EstatePath) -> Option<&'a Settings> {
        let beside = |ending: &str| self.env_files.get(&EstatePath::new(&format!("{file}{ending}")));
        self.env_files.get(&file).or_else(|| EXAMPLE_ENDINGS.iter().find_map(|ending| beside(ending))).copied()
    }

    /// The variables of each main container of an instance, in a scope to evaluate them in.
    pub fn scopes(&self, id: InstanceId, recipe: Option<&'a Recipe>) -> Vec<Scope<'a>> {
        let instance = &self.deployments.instances[id];
        let mut scopes = Vec::new();
        for container in instance.containers() {
            if container.top().role == ContainerRole::Ephemeral {
                continue;
            }
            let mut env: Variables<'a> = FxHashMap::default();
            let built =
                build_of(&container).and_then(|build| Some((self.code.recipe_of_build(build)?.fact, build.target)));
            if let Some((recipe, target)) = built.or(recipe.map(|recipe| (recipe, None))) {
                image_variables(recipe, target, &mut env);
            }
            // What an image is built with is what its process knows, unless told otherwise.
            let arguments = build_of(&container).into_iter().flat_map(|build| &build.arguments);
            env.extend(arguments.map(|argument| (argument.name, &argument.value)));
            for layer in &instance.layers {
                for (file, _) in &layer.fact.env_files {
                    if let Some(settings) = self.env_file(*file) {
                        env.extend(settings.entries.iter().map(|entry| (entry.key, &entry.value)));
                    }
                }
            }
            let scope = Scope { path: Some(instance.path), ..Scope::default() };
            for (layer, _) in &container.layers {
                for from in &layer.env_from {
                    let Some(name) = self.evaluator.text(&from.object, &scope) else { continue };
                    for (key, value) in self.evaluator.object_entries(from.kind, Symbol::new(&name), instance.path) {
                        env.insert(Symbol::new(&format!("{}{key}", from.prefix)), value);
                    }
                }
            }
            env.extend(container.env().into_iter().map(|variable| (variable.name, &variable.value)));
            scopes.push(Scope { path: Some(instance.path), env });
        }
        scopes
    }
}

/// What is put behind the name of a file that is filled in and never committed.
pub const EXAMPLE_ENDINGS: &[&str] = &[".example", ".sample", ".template", ".dist"];

/// `ENV` of the shipped stage and of the stages it is based on, the farthest first.
pub fn image_variables<'a>(recipe: &'a Recipe, target: Option<Symbol>, env: &mut Variables<'a>) {
    let mut chain = Vec::new();
    let mut at = shipped_stage(recipe, target);
    while let Some(stage) = at.and_then(|at| recipe.stages.get(at)) {
        chain.push(stage);
        if chain.len() > recipe.stages.len() {
            break;
        }
        at = match stage.base {
            Base::Stage(earlier) => Some(earlier),
            Base::Image(_) | Base::Unknown(_) => None,
        };
    }
    for stage in chain.into_iter().rev() {
        env.extend(stage.env.iter().map(|variable| (variable.name, &variable.value)));
    }
}
