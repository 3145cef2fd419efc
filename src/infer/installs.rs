//! What recipes of images and pipelines install, and whether it is the same tomorrow.

use super::Estate;
use super::belonging::Folders;
use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use crate::facts::Fact;
use crate::facts::build::{PipelineKind, Ran, Step};
use crate::facts::code::Recipe;
use crate::graph::environments::environment_of;
use crate::graph::model::{Confidence, Environment};
use crate::source::path::EstatePath;
use crate::tables::installs::{Install, installs};

/// Names of stages that nobody ships.
const UNSHIPPED: [&str; 6] = ["dev", "develop", "development", "test", "tests", "debug"];

/// Longest command that a subject is called by.
const NAME_LIMIT: usize = 60;

/// One subject for each command that installs, in order of files.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let of_yarn = |fact: &Fact| matches!(fact, Fact::Pipeline(file) if file.kind == PipelineKind::YarnSettings);
    let modern_yarn = estate.facts.iter().any(|facts| facts.facts.iter().any(of_yarn));
    let folders = Folders::new(estate);
    for (facts, path) in estate.facts.iter().zip(estate.paths) {
        for fact in &facts.facts {
            match fact {
                Fact::Recipe(recipe) => of_recipe(&folders, recipe, *path, found),
                Fact::Pipeline(pipeline) => {
                    for step in &pipeline.steps {
                        if let Step::Command { ran, .. } = step
                            && let Some(install) = known(ran, true)
                            && !(modern_yarn && install.tool == "yarn")
                        {
                            found.push(subject(&folders, ran, &install, "pipeline", *path));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

fn of_recipe(folders: &Folders, recipe: &Recipe, path: EstatePath, found: &mut Vec<Subject>) {
    for stage in &recipe.stages {
        let is_shipped =
            stage.name.is_none_or(|name| !UNSHIPPED.contains(&name.as_str().to_ascii_lowercase().as_str()));
        if !is_shipped {
            continue;
        }
        let is_quiet = stage.env.iter().any(|variable| variable.name == "CI");
        for ran in &stage.runs {
            if let Some(install) = known(ran, is_quiet) {
                found.push(subject(folders, ran, &install, "recipe", path));
            }
        }
    }
}

fn known(ran: &Ran, in_pipeline: bool) -> Option<Install> {
    let arguments: Vec<&str> = ran.arguments().collect();
    let in_pipeline = in_pipeline || ran.variables.iter().any(|variable| variable.starts_with("CI="));
    installs().of(ran.program(), &arguments, in_pipeline)
}

fn subject(folders: &Folders, ran: &Ran, install: &Install, place: &str, path: EstatePath) -> Subject {
    let text = ran.text();
    let end = text.char_indices().nth(NAME_LIMIT).map_or(text.len(), |(at, _)| at);
    let name = text.get(..end).unwrap_or(&text);
    let environment = match place {
        "pipeline" => Environment::Unknown,
        _ => environment_of(path),
    };
    let (def, row) = RowBuilder::new("install", ran.span)
        .text("tool", &install.tool)
        .text("command", name)
        .text("place", place)
        .text("environment", environment_word(environment))
        .bool("moves", install.moves.is_some())
        .text("reason", install.moves.as_deref().unwrap_or(""))
        .bool("runs_scripts", install.runs_scripts)
        .text("fix", &install.fix)
        .finish();
    Subject {
        def,
        name: name.to_owned(),
        anchor: format!("install {path} {name}"),
        span: ran.span,
        services: folders.services_around(path),
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}
