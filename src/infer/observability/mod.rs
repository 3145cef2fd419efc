//! What shows how a service does while it runs: traces, numbers, the delay of its event loop.
//!
//! Looks at its manifests' packages, at the way it is run, at its code's summary and at what
//! watches it; knows which of these do what from `tables/observability/`.

pub mod packages;
mod signs;
mod watched;

use rustc_hash::FxHashSet;

use crate::facts::Fact;
use crate::facts::answer::{Answer, Evidence};
use crate::facts::code::Runtime;
use crate::facts::program::{Expr, ImportId, Imported, Module, Property, Stage};
use crate::graph::model::ServiceId;
use crate::infer::Estate;
use crate::infer::belonging::upwards;
use crate::infer::subject::{RowBuilder, Subject};
use crate::infer::vocabulary::Datum;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::observability::{Aspect, Promise, Sign, observability};
use packages::{Packages, Used};
use signs::Signs;
use watched::Watched;

/// The surest thing found, the first of equals.
#[derive(Default)]
pub struct Best {
    found: Option<(Promise, String, Span)>,
    /// True if a variable can tell something that was found to do it.
    hears_variables: bool,
}

impl Best {
    fn add(&mut self, promise: Promise, what: &str, span: Span) {
        if self.found.as_ref().is_none_or(|(known, _, _)| *known < promise) {
            self.found = Some((promise, what.to_owned(), span));
        }
    }

    /// The answer, where `readable` says whether all that could promise anything was read.
    fn answer(self, readable: bool, place: Span) -> Answer<Datum> {
        match self.found {
            Some((Promise::Sure, what, span)) => Answer::Present(Datum::Text(Symbol::new(&what)), Evidence(vec![span])),
            Some((Promise::Perhaps, what, _)) => {
                Answer::unknown(&format!("{what} may do it, and may be told not to; its settings say it"))
            }
            // Nothing tells it to.
            Some((Promise::Told, ..)) if readable => Answer::absent(place),
            None if readable => Answer::absent(place),
            Some((Promise::Told, ..)) | None => Answer::unknown(
                "no manifest that names its dependencies is in the estate; check it together with its code",
            ),
        }
    }
}

/// What is looked up for every service.
pub struct Observability<'a> {
    /// The manifests of the estate.
    pub packages: Packages<'a>,
    signs: Signs<'a>,
    watched: Watched<'a>,
    /// Names in source files that tell something, each with its first place in a file.
    names: Vec<(EstatePath, Symbol, Span)>,
    /// Folders with source files that were read, directly or further below.
    read: FxHashSet<EstatePath>,
    /// Folders of functions that a platform starts.
    started: Vec<EstatePath>,
}

impl<'a> Observability<'a> {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'a>) -> Self {
        let telling: FxHashSet<Symbol> = observability().names_in_code().map(Symbol::new).collect();
        let mut names = Vec::new();
        let mut read = FxHashSet::default();
        let mut started = Vec::new();
        for (facts, path) in estate.facts.iter().zip(estate.paths) {
            for fact in &facts.facts {
                if let Fact::Function(function) = fact {
                    started.push(function.handler.map_or(function.folder, EstatePath::parent));
                }
                let Fact::Module(module) = fact else { continue };
                if matches!(module.stage, Stage::Service | Stage::Script) {
                    for folder in upwards(*path) {
                        if !read.insert(folder) {
                            break;
                        }
                    }
                    names.extend(names_in(module, &telling).into_iter().map(|(name, span)| (*path, name, span)));
                }
            }
        }
        let (packages, signs, watched) = (Packages::new(estate), Signs::new(estate), Watched::new(estate));
        Self { packages, signs, watched, names, read, started }
    }

    /// Runbooks as rules see them.
    pub fn subjects(&self, estate: &Estate<'a>, found: &mut Vec<Subject>) {
        self.watched.subjects(estate, found);
    }

    /// Sets the attributes of a service.
    pub fn set(&self, estate: &Estate<'a>, id: ServiceId, used: &Used<'a>, row: RowBuilder) -> RowBuilder {
        let service = estate.graph.service(id);
        let apart = if self.signs.only_tasks(id) {
            Some("it runs to its end")
        } else if service.runtime == Some(Runtime::Static) {
            Some("it runs in a browser")
        } else {
            used.apart
        };
        if let Some(why) = apart {
            let names = ["tracing", "metrics", "event_loop_metric", "event_loop_alert", "slo", "runbook"];
            return names.into_iter().fold(row, |row, name| row.set(name, Answer::unknown(why)));
        }
        // Lambda counts, times and, where it is told to, follows what it starts.
        let started = service.workloads.is_empty()
            && service.folder.is_some_and(|folder| self.started.iter().any(|path| path.is_within(folder)));
        let of = |aspect: Aspect| match self.answer(estate, id, used, aspect) {
            Answer::Absent(_) if started => Answer::unknown("a platform starts it, and may measure and follow it"),
            told => told,
        };
        let lag = match service.runtime {
            Some(Runtime::Node) => of(Aspect::Lag),
            Some(_) => Answer::unknown("only Node has one event loop for all requests"),
            None => Answer::unknown("what it is written in is not known"),
        };
        let row = self.watched.set(estate, id, &lag, row);
        row.set("tracing", of(Aspect::Tracing)).set("metrics", of(Aspect::Metrics)).set("event_loop_metric", lag)
    }

    /// What follows the requests of a service from service to service.
    pub fn tracing(&self, estate: &Estate<'a>, id: ServiceId, used: &Used<'a>) -> Answer<Datum> {
        self.answer(estate, id, used, Aspect::Tracing)
    }

    fn answer(&self, estate: &Estate<'a>, id: ServiceId, used: &Used<'a>, aspect: Aspect) -> Answer<Datum> {
        let mut best = Best::default();
        self.packages.promises(used, aspect, &mut best);
        self.signs.promises(estate, id, aspect, &mut best);
        if aspect == Aspect::Metrics {
            signs::exposes_metrics(estate.graph, id, &mut best);
        }
        self.of_code(estate, id, used, aspect, &mut best);
        best.answer(used.readable, estate.graph.service(id).span)
    }

    /// What names in its code, and in that of packages it takes from the estate, tell.
    fn of_code(&self, estate: &Estate<'a>, id: ServiceId, used: &Used<'a>, aspect: Aspect, best: &mut Best) {
        let service = estate.graph.service(id);
        let told = best.found.as_ref().is_some_and(|(promise, ..)| *promise == Promise::Told);
        let asks_code = aspect == Aspect::Lag || told;
        if told && best.hears_variables && !self.signs.knows_variables(estate, id) {
            best.add(Promise::Perhaps, "a variable of its process", service.span);
        }
        let Some(folder) = service.folder else { return };
        let folders: Vec<EstatePath> = used
            .units
            .iter()
            .map(|unit| unit.folder)
            .filter(|one| *one != EstatePath::root())
            .chain([folder])
            .collect();
        let own = |path: &EstatePath| folders.iter().any(|folder| path.is_within(*folder));
        if asks_code && !folders.iter().any(|folder| self.read.contains(folder)) {
            best.add(Promise::Perhaps, "code that was not read", service.span);
        }
        let of_others = |path: &EstatePath| {
            let others = estate.graph.services.iter().filter_map(|service| service.folder);
            others.filter(|other| *other != folder && *other != EstatePath::root()).any(|other| path.is_within(other))
        };
        for (path, name, span) in &self.names {
            let row = observability().sign(Sign::Code, name);
            let Some(promise) = row.and_then(|row| row.promise(aspect, None)) else { continue };
            if own(path) {
                best.add(promise, "its code", *span);
            } else if asks_code && !of_others(path) {
                best.add(Promise::Perhaps, path.as_str(), *span);
            }
        }
    }
}

/// The names of `telling` in a file, each with its first place.
fn names_in(module: &Module, telling: &FxHashSet<Symbol>) -> Vec<(Symbol, Span)> {
    let mut found: Vec<(Symbol, Span)> = Vec::new();
    let imported = |id: ImportId| match module.imports.get(id.0 as usize)?.what {
        Imported::Named(name) => Some(name),
        _ => None,
    };
    for node in &module.nodes {
        let own = match &node.expr {
            Expr::Member { name, .. } | Expr::Global(name) => Some(*name),
            Expr::Import(id) => imported(*id),
            _ => None,
        };
        let properties = match &node.expr {
            Expr::Object(properties) => properties.as_ref(),
            _ => &[],
        };
        let named = properties.iter().filter_map(|property| match property {
            Property::Named { name, .. } => Some(*name),
            _ => None,
        });
        for name in own.into_iter().chain(named).filter(|name| telling.contains(name)) {
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, Span::new(module.file, node.start, node.end)));
            }
        }
    }
    found
}
