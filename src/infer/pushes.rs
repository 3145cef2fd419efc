//! Commands of containers and of images that change tables to fit a schema.

use std::collections::BTreeSet;

use super::Estate;
use super::subject::{RowBuilder, Subject};
use super::users::stages_below;
use super::vocabulary::Datum;
use crate::facts::answer::Answer;
use crate::facts::code::Recipe;
use crate::facts::value::{Form, Value};
use crate::graph::model::{Confidence, ContainerVariant, Environment};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::pushes::pushes;

/// One subject for each such command that a deployed container of a service runs, at start-up or
/// as its image is made. What only development runs is its developers' way of working.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    for container in &estate.graph.containers {
        let Some(service) = estate.services_of(container.owner).into_iter().next() else { continue };
        for variant in container.variants.iter().filter(|one| one.environment < Environment::Development) {
            for (tool, span) in commands(estate, variant) {
                if seen.insert(span) {
                    found.push(subject(service, tool, span));
                }
            }
        }
    }
}

fn commands(estate: &Estate<'_>, variant: &ContainerVariant) -> Vec<(&'static str, Span)> {
    let mut found = Vec::new();
    let top = variant.layers.last().and_then(|place| estate.container(*place)).map(|(_, container)| container);
    let own: Vec<&Value> = top.into_iter().flat_map(|one| one.command.iter().chain(&one.arguments)).collect();
    if let Some(first) = own.first() {
        let words: Vec<&str> = own.iter().copied().flat_map(words_of).collect();
        found.extend(pushes(&words).map(|tool| (tool, place_of(&own, tool).unwrap_or(first.span))));
    }
    let overrides = top.is_some_and(|one| !one.command.is_empty());
    let recipe = variant.recipe.and_then(|place| Some((estate.recipe(place)?, place.stage as usize)));
    if let Some((recipe, stage)) = recipe {
        found.extend(of_recipe(recipe, stage, overrides));
    }
    found
}

fn of_recipe(recipe: &Recipe, stage: usize, overrides: bool) -> Vec<(&'static str, Span)> {
    let mut found = Vec::new();
    for stage in stages_below(recipe, stage) {
        for ran in &stage.runs {
            let words: Vec<&str> = ran.words.iter().map(|word| word.as_str()).collect();
            found.extend(pushes(&words).map(|tool| (tool, ran.span)));
        }
    }
    // The command of the last stage that says one runs; an entry of the workload runs instead.
    let said = stages_below(recipe, stage).find_map(|stage| stage.command.as_ref()).filter(|_| !overrides);
    if let Some(command) = said {
        let words: Vec<&str> = words_of(command).collect();
        found.extend(pushes(&words).map(|tool| (tool, command.span)));
    }
    found
}

/// The words of a text; none where the file does not tell it.
fn words_of(value: &Value) -> impl Iterator<Item = &str> {
    let text = match &value.form {
        Form::Literal(text) => text.as_str(),
        Form::Secret(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Concat(_)
        | Form::FirstOf(_)
        | Form::Unknown(_) => "",
    };
    text.split_whitespace()
}

/// The word, or the script, that names the tool.
fn place_of(values: &[&Value], tool: &str) -> Option<Span> {
    values.iter().find(|value| words_of(value).any(|word| word.contains(tool))).map(|value| value.span)
}

fn subject(service: Symbol, tool: &str, span: Span) -> Subject {
    let (def, row) = RowBuilder::new("connection", span)
        .text("service", &service)
        .text("library", tool)
        .text("engine", "")
        .set("synchronizes", Answer::present(Datum::Bool(true), span))
        .set("unverified", Answer::present(Datum::Bool(false), span))
        .finish();
    Subject {
        def,
        name: format!("{service} {tool}"),
        anchor: format!("command {service} {tool}"),
        span,
        services: vec![service],
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}
