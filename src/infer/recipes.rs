//! How images are made: what the shipped stage is based on, and whether what built it stays in it.

use std::collections::BTreeMap;

use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use super::users::stages_below;
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::build::Ran;
use crate::facts::code::{Base, Recipe, Stage};
use crate::graph::environments::environment_of;
use crate::graph::model::{Confidence, Environment, Target};
use crate::source::image_name::ImageName;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::images::{Weight, images};
use crate::tables::installs::installs;
use crate::tables::steps::{StepKind, steps};

/// Words in the name or tag of an image that carries little beside what runs in it, whoever made it.
const SLIM_WORDS: [&str; 9] =
    ["distroless", "alpine", "slim", "scratch", "chiseled", "wolfi", "chainguard", "cgr.dev", "busybox"];

/// Package managers whose every install is part of a build, beside those that [`installs`] knows.
const INSTALLERS: [(&str, &str); 8] = [
    ("composer", "install"),
    ("gem", "install"),
    ("bundle", "install"),
    ("poetry", "install"),
    ("uv", "sync"),
    ("pipenv", "install"),
    ("go", "get"),
    ("mix", "deps.get"),
];

/// Packages of distributions that compile.
const TOOLS: [&str; 6] = ["gcc", "g++", "make", "cmake", "build-essential", "build-base"];

/// Words by which package managers take packages out again.
const REMOVALS: [&str; 5] = ["del", "purge", "remove", "autoremove", "erase"];

/// Ends of the names of recipes that nobody ships.
const UNSHIPPED: [&str; 6] = [".debug", ".dev", ".development", ".local", ".test", ".ci"];

/// Folders whose recipes make sources from contracts, and nothing that is shipped.
const GENERATORS: [&str; 6] = ["genproto", "protogen", "proto-gen", "protoc", "codegen", "code-gen"];

/// How one recipe is used.
pub struct Uses {
    stages: Vec<usize>,
    environment: Environment,
    /// The services that run what it builds, sorted.
    pub services: Vec<Symbol>,
    infrastructure: bool,
}

/// One subject for each recipe, in order of files.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let uses = uses(estate);
    for (file, (facts, path)) in estate.facts.iter().zip(estate.paths).enumerate() {
        for (at, fact) in facts.facts.iter().enumerate() {
            if let Fact::Recipe(recipe) = fact {
                found.extend(subject(recipe, *path, uses.get(&(file as u32, at as u32))));
            }
        }
    }
}

/// How recipes are used, by file and fact.
pub fn uses(estate: &Estate<'_>) -> BTreeMap<(u32, u32), Uses> {
    let mut uses: BTreeMap<(u32, u32), Uses> = BTreeMap::new();
    for container in &estate.graph.containers {
        for variant in &container.variants {
            let Some(recipe) = variant.recipe else { continue };
            let known = uses.entry((recipe.file, recipe.fact)).or_insert_with(|| Uses {
                stages: Vec::new(),
                environment: variant.environment,
                services: Vec::new(),
                infrastructure: true,
            });
            // What only development builds is not what ships.
            if variant.environment < known.environment {
                known.stages.clear();
                known.environment = variant.environment;
            }
            if variant.environment == known.environment && !known.stages.contains(&(recipe.stage as usize)) {
                known.stages.push(recipe.stage as usize);
            }
            known.services.extend(estate.services_of(container.owner));
            known.infrastructure &= matches!(container.owner, Target::Infra(_));
        }
    }
    for known in uses.values_mut() {
        known.services.sort();
        known.services.dedup();
        known.stages.sort_unstable();
    }
    uses
}

fn subject(recipe: &Recipe, path: EstatePath, uses: Option<&Uses>) -> Option<Subject> {
    let last = recipe.stages.len().checked_sub(1)?;
    let shipped = uses.and_then(|uses| uses.stages.first().copied()).unwrap_or(last);
    let chain: Vec<&Stage> = stages_below(recipe, shipped).collect();
    let place = chain.first()?.span;
    let environment = environment(path, uses);
    let base = chain.last().map(|stage| &stage.base);
    let base_place = chain.last().map_or(place, |stage| stage.span);
    let image = match base {
        Some(Base::Image(image)) => *image,
        Some(Base::Stage(_) | Base::Unknown(_)) | None => Symbol::new(""),
    };
    let ran = || chain.iter().flat_map(|stage| &stage.runs);
    // Tools that are taken out again do not ship.
    let cleans = ran().any(|ran| ran.arguments().any(|word| REMOVALS.contains(&word)));
    let builders: Vec<&Ran> = ran().filter(|ran| builds(ran) || (!cleans && brings_tools(ran))).collect();
    let takes = chain.iter().any(|stage| stage.takes_built);
    let split = match (takes, builders.is_empty()) {
        (true, _) => Answer::present(Datum::Bool(true), place),
        (false, false) => {
            let mut places: Vec<Span> = vec![place];
            places.extend(builders.iter().map(|ran| ran.span).take(RELATED_LIMIT));
            Answer::Absent(Evidence(places))
        }
        (false, true) => Answer::unknown(
            "nothing that it runs is known to build or install anything; look at what its scripts leave behind",
        ),
    };
    let (def, row) = RowBuilder::new("recipe", place)
        .text("path", path.as_str())
        .text("environment", environment_word(environment))
        .bool("infrastructure", uses.is_some_and(|uses| uses.infrastructure))
        .text("base", &image)
        .set("slim", slim(base, base_place))
        .int("stages", recipe.stages.len() as i64)
        .set("split", split)
        .text("builder", &builders.first().map(|ran| shown(ran)).unwrap_or_default())
        .finish();
    Some(Subject {
        def,
        name: path.as_str().to_owned(),
        anchor: format!("image of {path}"),
        span: place,
        services: uses.map(|uses| uses.services.clone()).unwrap_or_default(),
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    })
}

/// What the image is for that a recipe builds: what runs it, and its path, say so.
pub fn environment(path: EstatePath, uses: Option<&Uses>) -> Environment {
    let (name, folder) = (path.name().to_ascii_lowercase(), path.parent().name().to_ascii_lowercase());
    let is_unshipped =
        uses.is_none() && (UNSHIPPED.iter().any(|end| name.ends_with(end)) || GENERATORS.contains(&folder.as_str()));
    let of_path = if is_unshipped { Environment::Development } else { environment_of(path) };
    uses.map_or(of_path, |uses| uses.environment.max(of_path))
}

/// Whether the image below carries little; absent where it is known to carry a distribution.
fn slim(base: Option<&Base>, place: Span) -> Answer<Datum> {
    let image = match base {
        Some(Base::Image(image)) => *image,
        Some(Base::Unknown(reason)) => return Answer::Unknown(*reason),
        Some(Base::Stage(_)) | None => return Answer::unknown("its stages are based on each other"),
    };
    let lower = image.to_ascii_lowercase();
    let present = || Answer::present(Datum::Bool(true), place);
    if SLIM_WORDS.iter().any(|word| lower.contains(word)) {
        return present();
    }
    let tag = ImageName::parse(&image).and_then(|name| name.tag);
    match images().find(&image).and_then(|row| row.weight(tag)) {
        Some(Weight::Slim) => present(),
        Some(Weight::Full) => Answer::absent(place),
        None => Answer::unknown(
            "whether there is a slimmer form of its base is not known; look at the tags of its publisher",
        ),
    }
}

/// True for a command that compiles or fetches what a service is made of.
fn builds(ran: &Ran) -> bool {
    let arguments: Vec<&str> = ran.arguments().collect();
    if installs().of(ran.program(), &arguments, false).is_some() {
        return true;
    }
    let installs_packages =
        INSTALLERS.iter().any(|(program, word)| ran.program() == *program && arguments.contains(word));
    let words: Vec<&str> = ran.words.iter().map(|word| word.as_str()).collect();
    installs_packages || steps().of_command(&words).iter().any(|kind| matches!(kind, StepKind::Build | StepKind::Types))
}

/// True for a command that installs a compiler.
fn brings_tools(ran: &Ran) -> bool {
    let is_manager = matches!(ran.program(), "apk" | "apt" | "apt-get" | "yum" | "dnf" | "microdnf");
    is_manager && ran.arguments().any(|word| TOOLS.contains(&word))
}

/// The command, cut where it is long.
fn shown(ran: &Ran) -> String {
    let text = ran.text();
    let end = text.char_indices().nth(60).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(&text).to_owned()
}
