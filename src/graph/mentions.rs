//! Which variables a service's code speaks of. A variable that many services are given says
//! of none of them whom it calls; that the code speaks of it does.

use rustc_hash::{FxHashMap, FxHashSet};

use super::inputs::Inputs;
use super::model::{Environment, ServiceId};
use crate::facts::data::SettingsKind;
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// Deepest value that is looked into.
const DEPTH_LIMIT: usize = 8;

/// Names of variables by the service whose code and settings speak of them.
#[derive(Debug, Default)]
pub struct Mentions {
    of_service: FxHashMap<ServiceId, FxHashSet<Symbol>>,
}

impl Mentions {
    /// Collects what source files and application settings speak of; those for tests say
    /// nothing about what runs.
    pub fn new(
        inputs: &Inputs<'_>,
        owners_of: &dyn Fn(EstatePath) -> Vec<ServiceId>,
        environment: &dyn Fn(EstatePath) -> Environment,
    ) -> Self {
        let mut of_service: FxHashMap<ServiceId, FxHashSet<Symbol>> = FxHashMap::default();
        for mention in inputs.mentions.iter().filter(|mention| environment(mention.path) != Environment::Test) {
            for service in owners_of(mention.path) {
                of_service.entry(service).or_default().extend(mention.fact);
            }
        }
        let application = inputs.settings.iter().filter(|settings| settings.fact.kind == SettingsKind::Application);
        for settings in application {
            let mut names = Vec::new();
            for entry in &settings.fact.entries {
                add_variables(&entry.value, DEPTH_LIMIT, &mut names);
            }
            if !names.is_empty() {
                for service in owners_of(settings.path) {
                    of_service.entry(service).or_default().extend(&names);
                }
            }
        }
        Self { of_service }
    }

    /// Whether the code of `service` speaks of `variable`; `None` where it speaks of none, so
    /// that silence means nothing.
    pub fn of(&self, service: ServiceId, variable: Symbol) -> Option<bool> {
        Some(self.of_service.get(&service)?.contains(&variable))
    }
}

fn add_variables(value: &Value, depth: usize, names: &mut Vec<Symbol>) {
    let Some(below) = depth.checked_sub(1) else { return };
    match &value.form {
        Form::Env(name) | Form::DeployVariable(name) | Form::Setting(name) => names.push(*name),
        Form::Concat(parts) | Form::FirstOf(parts) => {
            for part in parts {
                add_variables(part, below, names);
            }
        }
        Form::Literal(_) | Form::Secret(_) | Form::ChartValue(_) | Form::ObjectKey(_) | Form::Unknown(_) => {}
    }
}
