//! Containers as rules see them: the worst of the variants that matter.

use std::collections::BTreeSet;

use super::Estate;
use super::hardening::{self, ByFact};
use super::subject::{RowBuilder, Subject};
use super::users::{Root, Verdict, of_image, verdict};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::workload::{ContainerRole, Platform};
use crate::graph::model::{Confidence, Container, ContainerVariant, Environment, RecipeUse, Target};
use crate::infer::vocabulary::Datum;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// All containers, then recipes that nothing runs.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let by_fact = hardening::by_fact(estate);
    for container in &estate.graph.containers {
        let deployed: Vec<&ContainerVariant> =
            container.variants.iter().filter(|variant| variant.environment <= Environment::Unknown).collect();
        let develop: Vec<&ContainerVariant> =
            container.variants.iter().filter(|variant| variant.environment == Environment::Development).collect();
        // A development variant speaks only where nothing else describes how it runs, or
        // where it is worse than that.
        let main = if deployed.is_empty() { &develop } else { &deployed };
        let Some(worst) = worst(estate, main) else { continue };
        let in_order = matches!(worst.verdict.root.value(), Some(Root::No));
        found.push(subject(estate, &by_fact, container, main, &worst));
        if in_order
            && !deployed.is_empty()
            && let Some(worst) = self::worst(estate, &develop)
            && matches!(worst.verdict.root.value(), Some(Root::Certain | Root::Unprevented))
        {
            found.push(subject(estate, &by_fact, container, &develop, &worst));
        }
    }
    for recipe in &estate.graph.unused_recipes {
        found.extend(unused(estate, *recipe));
    }
}

struct Worst<'v> {
    variant: &'v ContainerVariant,
    verdict: Verdict,
}

/// The variant that runs as root most surely; of equal ones the first.
fn worst<'v>(estate: &Estate<'_>, variants: &[&'v ContainerVariant]) -> Option<Worst<'v>> {
    let judged = variants.iter().map(|variant| Worst { variant, verdict: verdict(estate, variant) });
    judged.min_by_key(|one| match one.verdict.root.value() {
        Some(Root::Certain) => 0,
        Some(Root::Unprevented) => 1,
        Some(Root::Drops) => 2,
        None => 3,
        Some(Root::No) => 4,
    })
}

fn subject(
    estate: &Estate<'_>,
    by_fact: &ByFact<'_>,
    container: &Container,
    variants: &[&ContainerVariant],
    worst: &Worst<'_>,
) -> Subject {
    let graph = estate.graph;
    let owner = graph.target_name(container.owner);
    let span = worst.variant.span;
    let top = worst.variant.layers.last().and_then(|place| estate.container(*place));
    let mut capabilities: Vec<(Symbol, Span)> = Vec::new();
    let mut privileged: Answer<bool> = Answer::absent(span);
    let mut ignored: BTreeSet<Symbol> = BTreeSet::new();
    for variant in variants {
        // In one variant the last layer that says anything wins; of variants the worst.
        let mut stated = &Answer::Absent(Evidence::default());
        for (workload, container) in variant.layers.iter().filter_map(|place| estate.container(*place)) {
            capabilities.extend(container.security.added_capabilities.iter().copied());
            ignored.extend(workload.ignored_settings.iter().map(|(key, _)| *key));
            if !container.security.privileged.is_absent() {
                stated = &container.security.privileged;
            }
        }
        match (&privileged, stated) {
            (Answer::Present(true, _), _) | (_, Answer::Absent(_)) => {}
            (_, stated) => privileged = stated.clone(),
        }
    }
    let mut seen = BTreeSet::new();
    capabilities.retain(|(name, _)| seen.insert(*name));
    let capability_places: Vec<Span> = capabilities.iter().map(|(_, place)| *place).collect();
    let names = Datum::List(capabilities.iter().map(|(name, _)| Datum::Text(*name)).collect());
    let capability_answer = match capability_places.is_empty() {
        true => Answer::present(names, span),
        false => Answer::Present(names, Evidence(capability_places)),
    };
    let role = match top.map_or(ContainerRole::Main, |(_, container)| container.role) {
        ContainerRole::Main => "main",
        ContainerRole::Init => "init",
        ContainerRole::Sidecar => "sidecar",
        ContainerRole::Ephemeral => "ephemeral",
    };
    let platform = match worst.variant.platform {
        Platform::Kubernetes => "kubernetes",
        Platform::Compose => "compose",
    };
    let rights = rights(matches!(privileged, Answer::Present(true, _)), &capabilities);
    let mut reason = worst.verdict.reason.clone();
    if !ignored.is_empty() {
        let keys: Vec<&str> = ignored.iter().map(|key| key.as_str()).collect();
        reason.push_str(&format!(" ({} has no effect where it stands)", keys.join(", ")));
    }
    let row = RowBuilder::new("container", span);
    let (def, row) = hardening::set(estate, by_fact, variants, row)
        .text("service", &owner)
        .bool("deployed", true)
        .bool("infrastructure", matches!(container.owner, Target::Infra(_)))
        .text("platform", platform)
        .text("role", role)
        .text("environment", environment_word(worst.variant.environment))
        .set("root", worst.verdict.root.clone().map(|root| Datum::Text(Symbol::new(root.word()))))
        .text("root_words", words(&worst.verdict))
        .text("root_reason", &reason)
        .text("rights", &rights)
        .set("privileged", privileged.map(Datum::Bool))
        .set("capabilities", capability_answer)
        .texts("ignored_settings", ignored.into_iter())
        .finish();
    let mut related: Vec<(Span, String)> = Vec::new();
    if worst.verdict.root.evidence().first() != Some(&span) {
        related.push((span, format!("{} is deployed here", container.name)));
    }
    for variant in variants {
        if variant.span != span {
            related.push((variant.span, "also deployed here".to_owned()));
        }
    }
    related.truncate(super::RELATED_LIMIT);
    Subject {
        def,
        name: container.name.as_str().to_owned(),
        anchor: format!("container {} {}", container.name, environment_word(worst.variant.environment)),
        span,
        services: estate.services_of(container.owner),
        confidence: Confidence::Observed,
        row,
        related,
    }
}

fn words(verdict: &Verdict) -> &'static str {
    verdict.root.value().map_or("may run as root", |root| root.words())
}

/// `privileged`, `adds NET_ADMIN and SYS_PTRACE`, both, or nothing.
fn rights(privileged: bool, capabilities: &[(Symbol, Span)]) -> String {
    let names: Vec<&str> = capabilities.iter().map(|(name, _)| name.as_str()).collect();
    let added = match names.split_last() {
        None => String::new(),
        Some((only, [])) => format!("adds {only}"),
        Some((last, others)) => format!("adds {} and {last}", others.join(", ")),
    };
    match (privileged, added.is_empty()) {
        (true, true) => "privileged".to_owned(),
        (true, false) => format!("privileged, and {added}"),
        (false, _) => added,
    }
}

fn unused(estate: &Estate<'_>, recipe: RecipeUse) -> Option<Subject> {
    let stage = estate.recipe(recipe)?.stages.get(recipe.stage as usize)?;
    let verdict = of_image(estate, recipe, stage.span);
    let path = estate.path(recipe.file);
    let services = &estate.graph.services;
    let at = services.binary_search_by_key(&recipe.name, |service| service.name).ok();
    let service = at.and_then(|at| services.get(at));
    let (def, row) = RowBuilder::new("container", stage.span)
        .text("service", &recipe.name)
        .bool("deployed", false)
        .bool("infrastructure", service.is_none())
        .text("platform", "")
        .text("role", "main")
        .text("environment", environment_word(recipe.environment))
        .set("root", verdict.root.clone().map(|root| Datum::Text(Symbol::new(root.word()))))
        .text("root_words", words(&verdict))
        .text("root_reason", &verdict.reason)
        .text("rights", "")
        .set("privileged", Answer::absent(stage.span))
        .set("hardening_missing", Answer::absent(stage.span))
        .set("resources_missing", Answer::absent(stage.span))
        .set("readiness", Answer::absent(stage.span))
        .set("liveness", Answer::absent(stage.span))
        .bool("routed", false)
        .texts("capabilities", std::iter::empty())
        .texts("ignored_settings", std::iter::empty())
        .finish();
    Some(Subject {
        def,
        name: recipe.name.as_str().to_owned(),
        anchor: format!("recipe {path}"),
        span: stage.span,
        services: service.map(|service| vec![service.name]).unwrap_or_default(),
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    })
}

/// As rules and outputs spell it.
pub fn environment_word(environment: Environment) -> &'static str {
    match environment {
        Environment::Production => "production",
        Environment::Unknown => "unknown",
        Environment::Development => "development",
        Environment::Test => "test",
    }
}
