//! Images that are used by their names: run in a container, or below a stage of a recipe.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::Estate;
use super::containers::environment_word;
use super::recipes::{Uses, environment, uses};
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::code::{Base, Recipe};
use crate::facts::workload::Container as Stated;
use crate::graph::model::{Confidence, Container, ContainerVariant, Environment, Service, ServiceId, Target};
use crate::source::image_name::ImageName;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// Registry and repository of an image.
type Name = (Option<&'static str>, &'static str);

/// What the estate builds by itself.
struct Own {
    /// Images that files say are built here.
    stated: BTreeSet<Name>,
    /// Images that run what is built here.
    run: BTreeSet<Name>,
    /// Folders with a recipe, by their names.
    recipes: FxHashMap<&'static str, Vec<EstatePath>>,
    /// The last parts of the names of a service's images, as far as they are known for sure.
    of_services: BTreeMap<ServiceId, BTreeSet<&'static str>>,
}

impl Own {
    /// Does a service run an image of its own? Not where it is known what its images are called,
    /// and this one is called neither like one of them nor like the service.
    fn is_of(&self, service: &Service, id: ServiceId, image: Symbol) -> bool {
        let Some(name) = ImageName::parse(image.as_str()) else { return true };
        let last = name.last_segment();
        let Some(known) = self.of_services.get(&id) else { return true };
        known.contains(last) || service.name.as_str() == last || self.stated.contains(&(name.registry, name.repository))
    }

    /// Is there another recipe in a folder of this name? `docker build -t base base` says nowhere
    /// that it was run.
    fn has_folder(&self, recipe: &Recipe, name: &str) -> bool {
        self.recipes.get(name).is_some_and(|folders| folders.iter().any(|folder| *folder != recipe.folder))
    }
}

/// Images of containers, then those that stages are based on, in order of files.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let own =
        Own { stated: stated(estate), run: run(estate), recipes: recipes(estate), of_services: of_services(estate) };
    found.extend(estate.graph.containers.iter().filter_map(|container| of_container(estate, container, &own)));
    let uses = uses(estate);
    for (file, (facts, path)) in estate.facts.iter().zip(estate.paths).enumerate() {
        for (at, fact) in facts.facts.iter().enumerate() {
            if let Fact::Recipe(recipe) = fact {
                below(recipe, *path, uses.get(&(file as u32, at as u32)), &own, found);
            }
        }
    }
}

/// The image of a container: of its variants the first that leaves open which image it is.
fn of_container(estate: &Estate<'_>, container: &Container, own: &Own) -> Option<Subject> {
    let within = |is: fn(Environment) -> bool| -> Vec<(&ContainerVariant, &Stated)> {
        let variants = container.variants.iter().filter(|variant| is(variant.environment));
        let stated = variants.filter_map(|variant| Some((variant, estate.container(*variant.layers.last()?)?.1)));
        stated.filter(|(_, stated)| stated.image.is_some() || stated.build.is_some()).collect()
    };
    let mut variants = within(|environment| environment <= Environment::Unknown);
    if variants.is_empty() {
        variants = within(|environment| environment == Environment::Development);
    }
    let floats = |variant: &ContainerVariant| says_which(&variant.image) == Some(false);
    let (variant, stated) = *variants.iter().find(|(variant, _)| floats(variant)).or_else(|| variants.first())?;
    // What a variant for development builds is the estate's own wherever it runs.
    let builds = variants.iter().any(|(_, stated)| stated.build.is_some());
    let has_recipe = container.variants.iter().any(|variant| variant.recipe.is_some());
    let is_built = builds
        || match container.owner {
            Target::Service(id) => {
                let service = estate.graph.service(id);
                (has_recipe || service.folder.is_some()) && own.is_of(service, id, variant.image)
            }
            Target::Infra(_) => has_recipe,
        };
    let place = stated.image.as_ref().map_or(variant.span, |image| image.span);
    let environment = environment_word(variant.environment);
    Some(subject(Image {
        name: variant.image,
        user: container.name.as_str(),
        use_: "runs",
        anchor: format!("image of {} {environment}", container.name),
        environment,
        built: Answer::present(Datum::Bool(is_built), variant.span),
        place,
        span: variant.span,
        services: estate.services_of(container.owner),
    }))
}

/// The images that the stages of a recipe are based on. `scratch` is none.
fn below(recipe: &Recipe, path: EstatePath, uses: Option<&Uses>, own: &Own, found: &mut Vec<Subject>) {
    let environment = environment_word(environment(path, uses));
    let mut seen = BTreeSet::new();
    for stage in &recipe.stages {
        let image = match &stage.base {
            Base::Image(image) if image.as_str() != "scratch" => *image,
            Base::Unknown(_) => Symbol::new(""),
            Base::Image(_) | Base::Stage(_) => continue,
        };
        if !seen.insert(image) {
            continue;
        }
        let name = ImageName::parse(&image);
        let last = name.map_or("", |name| name.last_segment());
        let is_built = if name.is_some_and(|name| {
            let name = (name.registry, name.repository);
            own.stated.contains(&name) || own.run.contains(&name)
        }) {
            Answer::present(Datum::Bool(true), stage.span)
        } else if own.has_folder(recipe, last) {
            Answer::unknown("a folder of the estate has its name, and builds an image")
        } else {
            Answer::present(Datum::Bool(false), stage.span)
        };
        found.push(subject(Image {
            name: image,
            user: path.as_str(),
            use_: "is based on",
            anchor: format!("base {} of {path}", name.map_or("", |name| name.repository)),
            environment,
            built: is_built,
            place: stage.span,
            span: stage.span,
            services: uses.map(|uses| uses.services.clone()).unwrap_or_default(),
        }));
    }
}

/// Registries and repositories of images that files say are built here.
fn stated(estate: &Estate<'_>) -> BTreeSet<Name> {
    let builds = estate.facts.iter().flat_map(|facts| &facts.facts).filter_map(|fact| match fact {
        Fact::ImageBuild(build) => build.image.as_literal(),
        _ => None,
    });
    let names = builds.filter_map(|image| ImageName::parse(image.as_str()));
    names.map(|name| (name.registry, name.repository)).collect()
}

/// The same of images that run what is built here.
fn run(estate: &Estate<'_>) -> BTreeSet<Name> {
    let variants = estate.graph.containers.iter().flat_map(|container| &container.variants);
    let run = variants.filter(|variant| variant.recipe.is_some());
    let names = run.filter_map(|variant| ImageName::parse(variant.image.as_str()));
    names.map(|name| (name.registry, name.repository)).collect()
}

/// What the images of services are called: the names under which one file builds them, and
/// another, without building, runs them.
fn of_services(estate: &Estate<'_>) -> BTreeMap<ServiceId, BTreeSet<&'static str>> {
    let mut names: [BTreeSet<(ServiceId, &'static str)>; 2] = Default::default();
    for container in &estate.graph.containers {
        let Target::Service(id) = container.owner else { continue };
        for variant in &container.variants {
            let Some(name) = ImageName::parse(variant.image.as_str()) else { continue };
            let stated = variant.layers.last().and_then(|layer| estate.container(*layer));
            let builds = stated.is_some_and(|(_, stated)| stated.build.is_some());
            names[usize::from(builds)].insert((id, name.last_segment()));
        }
    }
    let [run, built] = names;
    let mut found: BTreeMap<ServiceId, BTreeSet<&'static str>> = BTreeMap::new();
    for (id, name) in built.intersection(&run) {
        found.entry(*id).or_default().insert(name);
    }
    found
}

/// Folders with a recipe, by their names.
fn recipes(estate: &Estate<'_>) -> FxHashMap<&'static str, Vec<EstatePath>> {
    let mut folders: FxHashMap<&'static str, Vec<EstatePath>> = FxHashMap::default();
    for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
        if let Fact::Recipe(recipe) = fact {
            folders.entry(recipe.folder.name()).or_default().push(recipe.folder);
        }
    }
    folders
}

struct Image<'a> {
    name: Symbol,
    user: &'a str,
    use_: &'a str,
    anchor: String,
    environment: &'a str,
    built: Answer<Datum>,
    place: Span,
    span: Span,
    services: Vec<Symbol>,
}

fn subject(image: Image<'_>) -> Subject {
    let pinned = match says_which(&image.name) {
        Some(says) => Answer::present(Datum::Bool(says), image.place),
        None => Answer::unknown("the image's name is computed"),
    };
    let (def, row) = RowBuilder::new("image", image.span)
        .text("name", &image.name)
        .text("user", image.user)
        .text("use", image.use_)
        .text("environment", image.environment)
        .set("built_here", image.built)
        .set("pinned", pinned)
        .finish();
    Subject {
        def,
        name: image.user.to_owned(),
        anchor: image.anchor,
        span: image.span,
        services: image.services,
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}

/// Does the name say which image it is, by a digest or a tag other than `latest`? `None`
/// where the name is computed.
fn says_which(image: &Symbol) -> Option<bool> {
    let name = ImageName::parse(image.as_str()).filter(|_| !image.as_str().is_empty())?;
    Some(name.digest.is_some() || name.tag.is_some_and(|tag| tag != "latest"))
}
