//! What the way a service is run promises: variables, options, annotations, its image, scraping.

use rustc_hash::FxHashMap;

use super::Best;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::policy::Namespace;
use crate::facts::value::{ObjectKind, Value};
use crate::facts::watch::{Scrape, Scraped, Watch};
use crate::facts::workload::{Container, EnvVar, Lifetime, Platform, Workload};
use crate::graph::model::{Graph, ServiceId, Target, WorkloadVariant};
use crate::graph::workloads::{Match, Wanted};
use crate::infer::Estate;
use crate::infer::mesh::{self, Namespaces};
use crate::infer::vocabulary::Datum;
use crate::infer::workloads::main_variants;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::observability::{Aspect, Promise, Sign, observability};

/// Variables that hold options of a runtime.
const OPTIONS: [&str; 6] =
    ["NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "JVM_OPTS", "JAVA_OPTIONS"];

/// What readers say of variables that a template hides.
const HIDDEN_VARIABLES: [&str; 2] = ["environment of a container", "variable of a container"];

/// What is looked up for every service.
pub struct Signs<'a> {
    namespaces: Namespaces<'a>,
    by_name: FxHashMap<Symbol, Vec<&'a Namespace>>,
    /// Names of the keys of ConfigMaps.
    keys: FxHashMap<Symbol, Vec<(Symbol, Span)>>,
    scrapes: Vec<&'a Scrape>,
    /// What runs on every node and may watch processes from outside.
    agents: Vec<(Symbol, Span)>,
    /// Settings of a mesh's telemetry.
    mesh_telemetry: Option<Span>,
    of: FxHashMap<ServiceId, Vec<(&'a WorkloadVariant, &'a Workload)>>,
}

impl<'a> Signs<'a> {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'a>) -> Self {
        let mut signs = Self {
            namespaces: Namespaces::new(estate),
            by_name: FxHashMap::default(),
            keys: FxHashMap::default(),
            scrapes: Vec::new(),
            agents: Vec::new(),
            mesh_telemetry: None,
            of: FxHashMap::default(),
        };
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            if let Fact::Namespace(namespace) = fact {
                if let Some(name) = namespace.name.as_literal() {
                    signs.by_name.entry(name).or_default().push(namespace);
                }
            } else if let Fact::ConfigObject(object) = fact {
                if let Some(name) = object.name.as_literal().filter(|_| object.kind == ObjectKind::Config) {
                    let keys = object.entries.iter().map(|entry| (entry.key, entry.span));
                    signs.keys.entry(name).or_default().extend(keys);
                }
            } else if let Fact::Watch(watch) = fact {
                if let Watch::Scrape(scrape) = &**watch {
                    signs.scrapes.push(scrape);
                }
            } else if let Fact::MeshPart(part) = fact
                && part.used_for.is_some_and(|used| used == "telemetry")
            {
                signs.mesh_telemetry.get_or_insert(part.span);
            }
        }
        for workload in &estate.graph.workloads {
            for variant in main_variants(workload) {
                let Some(top) = estate.layers(variant).last().copied() else { continue };
                match workload.owner {
                    Target::Service(id) => signs.of.entry(id).or_default().push((variant, top)),
                    Target::Infra(_) if top.lifetime == Lifetime::PerNode => {
                        let images = top.containers.iter().filter_map(|one| one.image.as_ref()?.as_literal());
                        signs.agents.extend(images.map(|image| (image, variant.span)));
                    }
                    Target::Infra(_) => {}
                }
            }
        }
        signs
    }

    /// True for a service of which all that is deployed runs to its end.
    pub fn only_tasks(&self, id: ServiceId) -> bool {
        self.of.get(&id).is_some_and(|all| all.iter().all(|(_, top)| top.lifetime == Lifetime::Task))
    }

    /// Adds what the deployments of a service promise of an aspect.
    pub fn promises(&self, estate: &Estate<'a>, id: ServiceId, aspect: Aspect, best: &mut Best) {
        let mut add = |sign: Sign, text: &str, shown: &str, span: Span| {
            if let Some(promise) = observability().sign(sign, text).and_then(|row| row.promise(aspect, None)) {
                best.add(promise, shown, span);
                best.hears_variables |= promise == Promise::Told;
            }
        };
        for (variant, top) in self.of.get(&id).into_iter().flatten() {
            let labels = top.annotations.iter().chain(&top.labels).chain(&top.pod_labels);
            let of_namespace = variant.namespace.and_then(|name| self.by_name.get(&name)).into_iter().flatten();
            let of_namespace = of_namespace.flat_map(|namespace| namespace.annotations.iter().chain(&namespace.labels));
            for label in labels.chain(of_namespace) {
                let off = label.value.as_literal().is_some_and(|text| matches!(text.as_str(), "false" | "disabled"));
                if !off {
                    add(Sign::Annotation, &label.key, &label.key, label.span);
                }
            }
            for layer in estate.layers(variant) {
                for container in &layer.containers {
                    self.of_container(container, &mut add);
                }
            }
            if variant.platform == Platform::Kubernetes {
                for (image, span) in &self.agents {
                    add(Sign::Image, image, image, *span);
                }
            }
        }
        for container in estate.graph.containers.iter().filter(|one| one.owner == Target::Service(id)) {
            for variant in &container.variants {
                let Some(recipe) = variant.recipe.and_then(|place| estate.recipe(place)) else { continue };
                for stage in &recipe.stages {
                    variables(&stage.env, &mut add);
                    if let Some(text) = stage.command.as_ref().and_then(Value::as_literal) {
                        add(Sign::Option, &text, &text, stage.command.as_ref().map_or(stage.span, |value| value.span));
                    }
                    for (file, span) in &stage.copies {
                        add(Sign::Option, file, file, *span);
                    }
                }
            }
        }
        match aspect {
            Aspect::Metrics => {
                self.scraped(estate, id, best);
                self.meshed(estate, id, best);
            }
            Aspect::Tracing => {
                if let Some(span) = self.mesh_telemetry {
                    best.add(Promise::Perhaps, "the telemetry of the mesh", span);
                }
            }
            Aspect::Lag => {}
        }
    }

    /// True if all variables of the service's processes are seen: it is deployed, and no object
    /// or template hides some.
    pub fn knows_variables(&self, estate: &Estate<'a>, id: ServiceId) -> bool {
        let shows = |container: &Container| {
            let objects = container
                .env_from
                .iter()
                .all(|from| from.object.as_literal().is_some_and(|name| self.keys.contains_key(&name)));
            let unclear = estate
                .facts
                .get(container.span.file.0 as usize)
                .is_some_and(|facts| facts.unclear.iter().any(|one| HIDDEN_VARIABLES.contains(&one.what.as_str())));
            objects && !unclear
        };
        self.of.get(&id).is_some_and(|all| {
            let layers = all.iter().flat_map(|(variant, _)| estate.layers(variant));
            layers.flat_map(|layer| &layer.containers).all(shows)
        })
    }

    fn of_container(&self, container: &Container, add: &mut dyn FnMut(Sign, &str, &str, Span)) {
        variables(&container.env, add);
        for part in container.command.iter().chain(&container.arguments) {
            if let Some(text) = part.as_literal() {
                add(Sign::Option, &text, &text, part.span);
            }
        }
        for from in &container.env_from {
            let Some(object) = from.object.as_literal() else { continue };
            for (key, span) in self.keys.get(&object).into_iter().flatten() {
                add(Sign::Variable, key, key, *span);
            }
        }
    }

    /// Objects and files that say that numbers are taken from the service.
    fn scraped(&self, estate: &Estate<'a>, id: ServiceId, best: &mut Best) {
        let service = estate.graph.service(id);
        for scrape in &self.scrapes {
            let hit = match &scrape.of {
                Scraped::Host(host) => {
                    let named = host.as_literal().is_some_and(|host| {
                        let first = host.as_str().split('.').next().unwrap_or_default();
                        std::iter::once(&service.name)
                            .chain(&service.aliases)
                            .any(|name| *name == host || *name == first)
                    });
                    let behind = || self.addresses(estate, id).any(|address| address.name.form == host.form);
                    if named || behind() { Match::Yes } else { Match::No }
                }
                Scraped::Pods(selector) => {
                    let wanted = Wanted::literal(selector);
                    let of = self.of.get(&id).into_iter().flatten();
                    let deployed = of.filter(|(variant, _)| variant.platform == Platform::Kubernetes);
                    deployed.map(|(variant, _)| wanted.picks(&variant.labels)).max().unwrap_or(Match::No)
                }
                Scraped::Addresses(selector) => {
                    let wanted = Wanted::literal(selector);
                    let picks = self.addresses(estate, id).map(|address| {
                        let labels = address.labels.iter().map(|label| (label.key, label.value.as_literal()));
                        wanted.picks(&labels.collect::<Vec<_>>())
                    });
                    picks.max().unwrap_or(Match::No)
                }
            };
            match hit {
                Match::Yes => best.add(Promise::Sure, &scrape.kind, scrape.span),
                Match::Perhaps => best.add(Promise::Perhaps, &scrape.kind, scrape.span),
                Match::No => {}
            }
        }
    }

    fn addresses(
        &self,
        estate: &Estate<'a>,
        id: ServiceId,
    ) -> impl Iterator<Item = &'a crate::facts::network::Address> {
        let variants = self.of.get(&id).into_iter().flatten();
        variants.flat_map(|(variant, _)| &variant.addresses).filter_map(|concern| estate.address(*concern))
    }

    /// Proxies of a mesh count and time requests by themselves (istio.io, "Observability",
    /// linkerd.io, "Telemetry and Monitoring"; 2026-11).
    fn meshed(&self, estate: &Estate<'a>, id: ServiceId, best: &mut Best) {
        for (variant, top) in self.of.get(&id).into_iter().flatten() {
            match mesh::of(estate, &self.namespaces, variant, top).name {
                Answer::Present(Datum::Text(name), evidence) => {
                    let span = evidence.0.first().copied().unwrap_or(variant.span);
                    best.add(Promise::Sure, &format!("the proxies of {name}"), span);
                }
                Answer::Unknown(_) => best.add(Promise::Perhaps, "a mesh", variant.span),
                Answer::Present(..) | Answer::Absent(_) => {}
            }
        }
    }
}

fn variables(all: &[EnvVar], add: &mut dyn FnMut(Sign, &str, &str, Span)) {
    for variable in all {
        if OPTIONS.contains(&variable.name.as_str()) {
            if let Some(text) = variable.value.as_literal() {
                add(Sign::Option, &text, &variable.name, variable.span);
            }
        } else {
            let off = variable.value.as_literal().is_some_and(|text| matches!(text.as_str(), "" | "none"));
            if !off {
                add(Sign::Variable, &variable.name, &variable.name, variable.span);
            }
        }
    }
}

/// Whether an operation of the service hands out its numbers: `GET /metrics`.
pub fn exposes_metrics(graph: &Graph, id: ServiceId, best: &mut Best) {
    const PATHS: [&str; 3] = ["/metrics", "/prometheus", "/actuator/prometheus"];
    for operation in graph.operations_of(id) {
        let path = operation.name.as_str().strip_prefix("GET ").unwrap_or_default();
        if PATHS.contains(&path) {
            best.add(Promise::Sure, &operation.name, operation.span);
        }
    }
}
