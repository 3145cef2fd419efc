//! What is done with a change before it ships, pipeline by pipeline.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::{RowBuilder, Subject, WHOLE_ESTATE};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::{Answer, Evidence, Reason};
use crate::facts::build::{Pipeline, PipelineKind, Step, Taken};
use crate::facts::code::DependencyScope;
use crate::graph::model::{Confidence, Service};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::steps::{StepKind, steps};

/// Most files that are followed from one pipeline.
const TAKEN_LIMIT: usize = 200;

/// What a pipeline should do, with the words for it.
const WANTED: [(StepKind, &str); 5] = [
    (StepKind::Tests, "tests"),
    (StepKind::Lint, "a linter"),
    (StepKind::Types, "a type check"),
    (StepKind::Dependencies, "a scan of dependencies"),
    (StepKind::Image, "a scan of images"),
];

/// All pipelines by their paths.
type Files<'a> = BTreeMap<EstatePath, &'a Pipeline>;

/// What a set of pipelines does.
#[derive(Default)]
struct Done {
    kinds: BTreeSet<StepKind>,
    unclear: Option<Symbol>,
}

/// One subject for each pipeline that builds or ships services, or one where there is none at all.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let files: Files<'_> = estate
        .facts
        .iter()
        .zip(estate.paths)
        .flat_map(|(facts, path)| {
            facts.facts.iter().filter_map(|fact| match fact {
                Fact::Pipeline(pipeline) => Some((*path, &**pipeline)),
                _ => None,
            })
        })
        .collect();
    let runs = |pipeline: &Pipeline| {
        use PipelineKind::{GitHubAction, Watcher, YarnSettings};
        !matches!(pipeline.kind, GitHubAction | Watcher | YarnSettings)
    };
    if !files.values().any(|pipeline| runs(pipeline)) {
        found.extend(none_at_all(estate));
        return;
    }
    // Workflows of one repository share the work; what one does, the others need not.
    let mut repositories: BTreeMap<EstatePath, Vec<EstatePath>> = BTreeMap::new();
    for (path, pipeline) in &files {
        if runs(pipeline) && !is_taken(*path, &files) {
            repositories.entry(pipeline.folder).or_default().push(*path);
        }
    }
    let units = units(estate);
    for (folder, members) in &repositories {
        let services: Vec<&Service> = estate
            .graph
            .services
            .iter()
            .filter(|service| service.folder.is_some_and(|of| of.is_within(*folder)))
            .collect();
        let mut all = Done::default();
        let mut builders: Vec<EstatePath> = Vec::new();
        for member in members {
            let mut own = Done::default();
            follow(*member, &files, &mut own, &mut BTreeSet::new());
            if own.kinds.contains(&StepKind::Build) || (own.kinds.contains(&StepKind::Ship) && own.unclear.is_none()) {
                builders.push(*member);
            }
            all.kinds.extend(own.kinds);
            all.unclear = all.unclear.or(own.unclear);
        }
        // What runs for the whole repository runs for its parts.
        for (_, around) in repositories.iter().filter(|(of, _)| *of != folder && folder.is_within(**of)) {
            for member in around {
                let mut own = Done::default();
                follow(*member, &files, &mut own, &mut BTreeSet::new());
                all.kinds.extend(own.kinds);
                all.unclear = all.unclear.or(own.unclear);
            }
        }
        // A bot at the root of a repository watches all of it.
        let watched = files.iter().any(|(_, file)| {
            file.kind == PipelineKind::Watcher && (folder.is_within(file.folder) || file.folder.is_within(*folder))
        });
        if watched {
            all.kinds.insert(StepKind::Dependencies);
        }
        // Pipelines of one repository lack the same, so it is said where services are built.
        let Some(first) = builders.first().filter(|_| !services.is_empty()) else { continue };
        let typed = services.iter().any(|service| service.folder.is_some_and(|folder| units.contains(&folder)));
        found.extend(subject(*first, &builders, &files, &services, &all, typed));
    }
}

/// Folders of code in TypeScript.
fn units(estate: &Estate<'_>) -> BTreeSet<EstatePath> {
    let mut found = BTreeSet::new();
    for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
        if let Fact::Unit(unit) = fact
            && unit.dependencies.iter().any(|one| one.name == "typescript" && one.scope != DependencyScope::Build)
        {
            found.insert(unit.folder);
        }
    }
    found
}

/// True for a file that another one takes its steps from.
fn is_taken(path: EstatePath, files: &Files<'_>) -> bool {
    let takes =
        |pipeline: &Pipeline| pipeline.takes.iter().any(|taken| matches!(taken, Taken::File(of) if *of == path));
    files.values().any(|pipeline| takes(pipeline))
}

/// Gathers what a pipeline does, and what it takes from others.
fn follow(path: EstatePath, files: &Files<'_>, done: &mut Done, seen: &mut BTreeSet<EstatePath>) {
    if seen.len() > TAKEN_LIMIT || !seen.insert(path) {
        return;
    }
    let Some(pipeline) = files.get(&path) else {
        done.unclear = done.unclear.or(Some(Symbol::new(&format!("{path} is not in the estate"))));
        return;
    };
    done.unclear = done.unclear.or(pipeline.unclear);
    if pipeline.kind == PipelineKind::Other {
        done.kinds.insert(StepKind::Build);
        done.unclear = done.unclear.or(Some(Symbol::new("pipelines in its format are not read")));
    }
    for step in &pipeline.steps {
        let kinds = match step {
            Step::Command { ran, .. } => {
                let words: Vec<&str> = ran.words.iter().map(|word| word.as_str()).collect();
                steps().of_command(&words)
            }
            Step::Action(name, _) => steps().of_action(name),
            Step::Image(name, _) => steps().of_image(name),
        };
        if kinds.contains(&StepKind::Unknown)
            && let Step::Command { ran, .. } = step
        {
            let why = format!("what `{}` does stands elsewhere", ran.text());
            done.unclear = done.unclear.or(Some(Symbol::new(&why)));
        }
        done.kinds.extend(kinds);
    }
    for taken in &pipeline.takes {
        match taken {
            Taken::File(of) if files.contains_key(of) => follow(*of, files, done, seen),
            Taken::File(of) => {
                let names = ["action.yml", "action.yaml"];
                let inside = names.iter().filter_map(|name| of.join(name)).find(|file| files.contains_key(file));
                match inside {
                    Some(file) => follow(file, files, done, seen),
                    None => {
                        let why = format!("the steps of {of} were not read");
                        done.unclear = done.unclear.or(Some(Symbol::new(&why)));
                    }
                }
            }
            Taken::Elsewhere(name, _) => {
                let kinds = steps().of_template(name);
                if kinds.is_empty() {
                    let why = format!("the steps of {name} are not in the estate");
                    done.unclear = done.unclear.or(Some(Symbol::new(&why)));
                }
                done.kinds.extend(kinds);
            }
        }
    }
}

fn subject(
    first: EstatePath,
    builders: &[EstatePath],
    files: &Files<'_>,
    services: &[&Service],
    done: &Done,
    typed: bool,
) -> Option<Subject> {
    let span = files.get(&first)?.span;
    let lacks = |kind: StepKind| !done.kinds.contains(&kind) && (kind != StepKind::Types || typed);
    let missing: Vec<Symbol> =
        WANTED.iter().filter(|(kind, _)| lacks(*kind)).map(|(_, words)| Symbol::new(words)).collect();
    let answer = match done.unclear {
        Some(reason) if !missing.is_empty() => Answer::Unknown(Reason(reason)),
        _ if missing.is_empty() => Answer::Present(Datum::Bool(true), Evidence(vec![span])),
        _ => Answer::absent(span),
    };
    let names: Vec<Symbol> = services.iter().map(|service| service.name).collect();
    let (def, row) = RowBuilder::new("pipeline", span)
        .text("path", first.as_str())
        .bool("exists", true)
        .texts("services", names.iter().copied())
        .set("complete", answer)
        .texts("missing", missing.into_iter())
        .finish();
    let others = builders.iter().skip(1).filter_map(|path| files.get(path));
    Some(Subject {
        def,
        name: first.as_str().to_owned(),
        anchor: format!("pipeline {first}"),
        span,
        services: names,
        confidence: Confidence::Observed,
        row,
        related: others.take(RELATED_LIMIT).map(|other| (other.span, "builds services too".to_owned())).collect(),
    })
}

/// An estate of services with nothing that builds them.
fn none_at_all(estate: &Estate<'_>) -> Option<Subject> {
    let with_code: Vec<&Service> = estate.graph.services.iter().filter(|service| service.folder.is_some()).collect();
    let span: Span = with_code.iter().map(|service| service.span).min()?;
    let names: Vec<Symbol> = with_code.iter().map(|service| service.name).collect();
    let (def, row) = RowBuilder::new("pipeline", span)
        .text("path", "")
        .bool("exists", false)
        .texts("services", names.iter().copied())
        .set("complete", Answer::absent(span))
        .texts(
            "missing",
            WANTED.iter().filter(|(kind, _)| *kind != StepKind::Types).map(|(_, words)| Symbol::new(words)),
        )
        .finish();
    Some(Subject {
        def,
        name: WHOLE_ESTATE.to_owned(),
        anchor: "pipeline of the estate".to_owned(),
        span,
        services: names,
        confidence: Confidence::Observed,
        row,
        related: Vec::new(),
    })
}
