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
use crate::tables::observability::{Aspect, Promise};
use packages::{Packages, Used};
use signs::Signs;
use watched::Watched;

/// The surest thing found, the first of equals.
#[derive(Default)]
pub struct Best {
    found: Option<(Promise, String, Span)>,
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
            None if readable => Answer::absent(place),
            None => Answer::unknown(
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
    /// Source files with names that measure the event loop, and the place of the first.
    lag_modules: Vec<(EstatePath, Span)>,
    /// Folders with source files that were read, directly or further below.
    read: FxHashSet<EstatePath>,
}

/// Functions and options that measure the delay of the event loop (nodejs.org/api/perf_hooks,
/// github.com/siimon/prom-client, "Default metrics"; 2026-11).
const LAG_NAMES: [&str; 3] = ["collectDefaultMetrics", "monitorEventLoopDelay", "eventLoopUtilization"];

impl<'a> Observability<'a> {
    /// Sorts what the estate says.
    pub fn new(estate: &Estate<'a>) -> Self {
        let mut lag_modules = Vec::new();
        let mut read = FxHashSet::default();
        for (facts, path) in estate.facts.iter().zip(estate.paths) {
            for fact in &facts.facts {
                let Fact::Module(module) = fact else { continue };
                if matches!(module.stage, Stage::Service | Stage::Script) {
                    for folder in upwards(*path) {
                        if !read.insert(folder) {
                            break;
                        }
                    }
                    lag_modules.extend(lag_name(module).map(|span| (*path, span)));
                }
            }
        }
        Self {
            packages: Packages::new(estate),
            signs: Signs::new(estate),
            watched: Watched::new(estate),
            lag_modules,
            read,
        }
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
        let of = |aspect: Aspect| self.answer(estate, id, used, aspect);
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
        match aspect {
            Aspect::Metrics => signs::exposes_metrics(estate.graph, id, &mut best),
            Aspect::Lag => self.lag_of_code(estate, id, used, &mut best),
            Aspect::Tracing => {}
        }
        best.answer(used.readable, estate.graph.service(id).span)
    }

    /// What its code, and that of packages it takes from the estate, measures.
    fn lag_of_code(&self, estate: &Estate<'a>, id: ServiceId, used: &Used<'a>, best: &mut Best) {
        let Some(folder) = estate.graph.service(id).folder else { return };
        let folders: Vec<EstatePath> = used
            .units
            .iter()
            .map(|unit| unit.folder)
            .filter(|one| *one != EstatePath::root())
            .chain([folder])
            .collect();
        let own = |path: &EstatePath| folders.iter().any(|folder| path.is_within(*folder));
        if !folders.iter().any(|folder| self.read.contains(folder)) {
            best.add(Promise::Perhaps, "code that was not read", estate.graph.service(id).span);
        }
        let of_others = |path: &EstatePath| {
            let others = estate.graph.services.iter().filter_map(|service| service.folder);
            others.filter(|other| *other != folder && *other != EstatePath::root()).any(|other| path.is_within(other))
        };
        for (path, span) in &self.lag_modules {
            if own(path) {
                best.add(Promise::Sure, "its code", *span);
            } else if !of_others(path) {
                best.add(Promise::Perhaps, path.as_str(), *span);
            }
        }
    }
}

/// The first place of a name that measures the event loop.
fn lag_name(module: &Module) -> Option<Span> {
    let is_lag = |name: Symbol| LAG_NAMES.contains(&name.as_str());
    let is_named = |imported: Imported| matches!(imported, Imported::Named(name) if is_lag(name));
    let of_import = |id: ImportId| module.imports.get(id.0 as usize).is_some_and(|import| is_named(import.what));
    let of_property = |property: &Property| matches!(property, Property::Named { name, .. } if is_lag(*name));
    let shows = |expr: &Expr| {
        matches!(expr, Expr::Member { name, .. } | Expr::Global(name) if is_lag(*name))
            || matches!(expr, Expr::Import(id) if of_import(*id))
            || matches!(expr, Expr::Object(properties) if properties.iter().any(of_property))
    };
    module.nodes.iter().find(|node| shows(&node.expr)).map(|node| Span::new(module.file, node.start, node.end))
}
