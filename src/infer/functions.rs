//! Functions that a platform starts when it needs them, and whether one file is made of each.

use std::collections::{BTreeMap, BTreeSet};

use super::Estate;
use super::containers::environment_word;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::build::Step;
use crate::facts::code::{DependencyScope, Runtime, Unit};
use crate::facts::function::{Function, Tool};
use crate::graph::environments::environment_of;
use crate::graph::model::{Confidence, Service};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::bundlers::bundlers;

/// One subject for each function whose runtime is known.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let known = Known::new(estate);
    for (facts, &path) in estate.facts.iter().zip(estate.paths) {
        for fact in &facts.facts {
            let Fact::Function(function) = fact else { continue };
            let Some(runtime) = function.runtime else { continue };
            found.push(subject(&known, function, runtime, path));
        }
    }
}

/// What is looked up for every function.
struct Known<'a> {
    services: BTreeMap<EstatePath, &'a Service>,
    /// Units of Node by their folders.
    units: BTreeMap<EstatePath, &'a Unit>,
    /// The estate's files in TypeScript, without their endings.
    typescript: BTreeSet<EstatePath>,
    /// True if a pipeline runs a bundler.
    pipeline_bundles: bool,
}

impl<'a> Known<'a> {
    fn new(estate: &Estate<'a>) -> Self {
        let services = estate.graph.services.iter().filter_map(|service| Some((service.folder?, service))).collect();
        let mut units = BTreeMap::new();
        let mut pipeline_bundles = false;
        for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
            match fact {
                Fact::Unit(unit) if unit.runtime == Runtime::Node => {
                    units.entry(unit.folder).or_insert(&**unit);
                }
                Fact::Pipeline(pipeline) => pipeline_bundles |= pipeline.steps.iter().any(bundles),
                _ => {}
            }
        }
        let typescript = estate.paths.iter().filter_map(|path| {
            let (stem, ending) = path.as_str().rsplit_once('.')?;
            matches!(ending, "ts" | "tsx" | "mts" | "cts").then(|| EstatePath::new(stem))
        });
        Self { services, units, typescript: typescript.collect(), pipeline_bundles }
    }

    /// The units whose folders a path lies in, the nearest first.
    fn units_around(&self, path: EstatePath) -> Vec<&'a Unit> {
        let mut around = Vec::new();
        let mut at = path;
        loop {
            around.extend(self.units.get(&at));
            if at == EstatePath::root() {
                return around;
            }
            at = at.parent();
        }
    }

    fn service(&self, path: EstatePath) -> Option<&'a Service> {
        let mut at = path;
        loop {
            match self.services.get(&at) {
                Some(service) => return Some(service),
                None if at == EstatePath::root() => return None,
                None => at = at.parent(),
            }
        }
    }
}

fn bundles(step: &Step) -> bool {
    let Step::Command { ran, .. } = step else { return false };
    let mut words =
        ran.words.iter().map(|word| word.as_str()).skip_while(|word| matches!(*word, "npx" | "--yes" | "-y"));
    words.next().is_some_and(|program| bundlers().run_by(program, words.next()).is_some())
}

fn subject(known: &Known<'_>, function: &Function, runtime: Runtime, path: EstatePath) -> Subject {
    let code = function.handler.map_or(function.folder, EstatePath::parent);
    let units = known.units_around(code);
    let packages = units
        .first()
        .map_or(0, |unit| unit.dependencies.iter().filter(|one| one.scope == DependencyScope::Runtime).count());
    let service = known.service(code);
    let word = if runtime == Runtime::Node { "node" } else { "other" };
    let (def, row) = RowBuilder::new("serverless_function", function.span)
        .text("file", path.as_str())
        .text("service", service.map_or("", |service| service.name.as_str()))
        .text("runtime", word)
        .text("environment", environment_word(environment_of(path)))
        .int("packages", i64::try_from(packages).unwrap_or(i64::MAX))
        .set("bundler", bundler(known, function, &units).map(Datum::Text))
        .finish();
    Subject {
        def,
        name: function.name.as_str().to_owned(),
        anchor: format!("function {} of {path}", function.name),
        span: function.span,
        services: service.iter().map(|service| service.name).collect(),
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    }
}

/// What makes one file of a function: by its declaration, by a script of its package, or
/// unasked by the tool that builds it.
fn bundler(known: &Known<'_>, function: &Function, units: &[&Unit]) -> Answer<Symbol> {
    let declared = &function.bundler;
    let scripted = units.iter().find_map(|unit| unit.bundler);
    if let Some((name, span)) = scripted.filter(|_| !declared.is_present()) {
        return Answer::present(name, span);
    }
    if !declared.is_absent() {
        return declared.clone();
    }
    if function.handler.is_some_and(|handler| known.typescript.contains(&handler)) {
        match (function.tool, framework_major(units)) {
            (Tool::Serverless4, _) | (Tool::AnyServerless, Some(4..)) => {
                return Answer::present(Symbol::new("esbuild"), function.span);
            }
            (Tool::AnyServerless, None) => {
                return Answer::unknown("from version 4 on, the Serverless Framework bundles TypeScript by itself");
            }
            (Tool::AnyServerless, Some(_)) | (Tool::Serverless | Tool::Sam, _) => {}
        }
    }
    let dependencies = || units.iter().flat_map(|unit| &unit.dependencies);
    if let Some(one) = dependencies().find(|one| bundlers().brought_by(&one.name)) {
        return Answer::unknown(&format!("{} is a dependency, and what runs it is not seen", one.name));
    }
    if known.pipeline_bundles {
        return Answer::unknown("a pipeline of the estate bundles something");
    }
    declared.clone()
}

/// The major version of the Serverless Framework that a package asks for: 3 for `^3.40.0`.
fn framework_major(units: &[&Unit]) -> Option<u32> {
    let mut dependencies = units.iter().flat_map(|unit| &unit.dependencies);
    let one = dependencies.find(|one| one.name.as_str() == "serverless")?;
    let from = one.requirement.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    from.split('.').next()?.parse().ok()
}
