//! What is promised of services, who is told when it is not kept, and what to do then.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::watch::{Alert, Objective, Runbook, Watch};
use crate::graph::model::{Confidence, Service, ServiceId};
use crate::infer::subject::{RowBuilder, Subject};
use crate::infer::vocabulary::Datum;
use crate::infer::{Estate, RELATED_LIMIT};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::observability::observability;

/// Parts of the names of metrics that measure the event loop: `nodejs_eventloop_lag_seconds`
/// (prom-client), `nodejs.eventloop.delay.p99` (OpenTelemetry), 2026-11.
const LAG_PARTS: [&str; 3] = ["eventloop", "event_loop", "event-loop"];
/// Commands that a failure mode should begin with.
const COMMANDS: usize = 3;

/// Why nobody can tell of a service that is only deployed here, where nobody has any.
const ELSEWHERE: &str =
    "its code is not in the estate, and the repository that holds it may hold this, too; check both together";

/// Everything that watches services.
pub struct Watched<'a> {
    alerts: Vec<&'a Alert>,
    objectives: Vec<(EstatePath, &'a Objective)>,
    /// Each with the words that name services: its title's, else those of its headings.
    runbooks: Vec<(&'a Runbook, &'a [Symbol])>,
    /// An objective, and a runbook, of which nobody can tell what they are about.
    lone_objective: Option<Span>,
    lone_runbook: Option<EstatePath>,
}

impl<'a> Watched<'a> {
    /// Sorts what the estate says, and notes what is about no service that is known.
    pub fn new(estate: &Estate<'a>) -> Self {
        let names: FxHashSet<Symbol> = estate.graph.services.iter().flat_map(names_of).collect();
        let mut all = Self {
            alerts: Vec::new(),
            objectives: Vec::new(),
            runbooks: Vec::new(),
            lone_objective: None,
            lone_runbook: None,
        };
        for (facts, path) in estate.facts.iter().zip(estate.paths) {
            for fact in &facts.facts {
                let Fact::Watch(watch) = fact else { continue };
                match &**watch {
                    Watch::Alert(alert) => all.alerts.push(alert),
                    Watch::Objective(objective) => all.objectives.push((*path, objective)),
                    Watch::Runbook(runbook) => {
                        let named = runbook.words.iter().any(|word| names.contains(word));
                        let words = if named { &runbook.words } else { &runbook.headings };
                        all.runbooks.push((runbook, words));
                    }
                    Watch::Scrape(_) => {}
                }
            }
        }
        let folders: Vec<EstatePath> = estate.graph.services.iter().filter_map(|service| service.folder).collect();
        let is_inside =
            |path: EstatePath| folders.iter().any(|folder| *folder != EstatePath::root() && path.is_within(*folder));
        let lone = all.objectives.iter().find(|(path, objective)| {
            !is_inside(*path)
                && !names.contains(&lower(objective.service))
                && !words(objective.query).iter().any(|word| names.contains(word))
        });
        all.lone_objective = lone.map(|(_, objective)| objective.span);
        let lone = all.runbooks.iter().find(|(runbook, words)| {
            runbook.path.is_some_and(|path| !is_inside(path)) && !words.iter().any(|word| names.contains(word))
        });
        all.lone_runbook = lone.and_then(|(runbook, _)| runbook.path);
        all
    }

    /// Sets the attributes of a service; `lag` is what measures its event loop.
    pub fn set(&self, estate: &Estate<'a>, id: ServiceId, lag: &Answer<Datum>, row: RowBuilder) -> RowBuilder {
        let service = estate.graph.service(id);
        let names: FxHashSet<Symbol> = names_of(service).collect();
        let elsewhere = service.folder.is_none();
        let inside = |path: EstatePath| {
            service.folder.is_some_and(|folder| folder != EstatePath::root() && path.is_within(folder))
        };
        let objective = self.objectives.iter().find(|(path, objective)| {
            names.contains(&lower(objective.service))
                || inside(*path)
                || objective.service.is_empty() && words(objective.query).iter().any(|word| names.contains(word))
        });
        let slo = match (objective, self.lone_objective) {
            (Some((_, objective)), _) => Answer::present(Datum::Text(objective.kind), objective.span),
            (None, Some(_)) => Answer::unknown("an objective of the estate is about a service that is not known"),
            (None, None) if elsewhere && self.objectives.is_empty() => Answer::unknown(ELSEWHERE),
            (None, None) => Answer::absent(service.span),
        };
        let runbook = self.runbooks.iter().find(|(runbook, words)| {
            names.contains(&lower(runbook.service))
                || runbook.path.is_some_and(inside)
                || words.iter().any(|word| names.contains(word))
        });
        let linked = || {
            let with = self.alerts.iter().filter(|alert| alert.runbook.is_some());
            with.copied()
                .find(|alert| mentions(alert, &names))
                .map(|alert| (Symbol::new("an alert's link"), alert.span))
        };
        let found = runbook.map(|(runbook, _)| {
            (runbook.path.map_or(Symbol::new("a link"), |path| Symbol::new(path.as_str())), runbook.span)
        });
        let runbook = match (found.or_else(linked), self.lone_runbook) {
            (Some((what, span)), _) => Answer::present(Datum::Text(what), span),
            (None, Some(path)) => Answer::unknown(&format!("{path} does not say which service it is about")),
            (None, None) if elsewhere && self.runbooks.is_empty() => Answer::unknown(ELSEWHERE),
            (None, None) => Answer::absent(service.span),
        };
        row.set("slo", slo).set("runbook", runbook).set("event_loop_alert", self.lag_alert(lag))
    }

    /// The alert that uses the delay of the event loop.
    fn lag_alert(&self, lag: &Answer<Datum>) -> Answer<Datum> {
        let (what, evidence) = match lag {
            Answer::Present(Datum::Text(what), evidence) => (*what, evidence.clone()),
            Answer::Present(..) | Answer::Absent(_) => {
                return Answer::unknown("the delay of its event loop is not measured");
            }
            Answer::Unknown(reason) => return Answer::Unknown(*reason),
        };
        let uses = |alert: &&&Alert| {
            let expression = alert.expression.to_lowercase();
            LAG_PARTS.iter().any(|part| expression.contains(part))
        };
        match self.alerts.iter().find(uses) {
            Some(alert) => Answer::present(Datum::Text(alert.name), alert.span),
            None if self.alerts.is_empty() && observability().keeps_alerts(&what) => {
                Answer::unknown("the vendor that measures it keeps the alerts, too")
            }
            None => Answer::Absent(evidence),
        }
    }

    /// Runbooks as rules see them: files, not links.
    pub fn subjects(&self, estate: &Estate<'a>, found: &mut Vec<Subject>) {
        for (runbook, words) in &self.runbooks {
            let Some(path) = runbook.path else { continue };
            let title = if runbook.title.is_empty() { path.name() } else { runbook.title.as_str() };
            let shortest = runbook.modes.iter().min_by_key(|mode| mode.commands);
            let services: BTreeSet<Symbol> = estate
                .graph
                .services
                .iter()
                .filter(|service| names_of(service).any(|name| words.binary_search(&name).is_ok()))
                .map(|service| service.name)
                .collect();
            let (def, row) = RowBuilder::new("runbook", runbook.span)
                .text("title", title)
                .text("path", path.as_str())
                .int("modes", runbook.modes.len() as i64)
                .int("fewest_commands", shortest.map_or(0, |mode| mode.commands) as i64)
                .finish();
            let short = runbook.modes.iter().filter(|mode| mode.commands < COMMANDS).take(RELATED_LIMIT);
            found.push(Subject {
                def,
                name: title.to_owned(),
                anchor: format!("runbook {path}"),
                span: runbook.span,
                services: services.into_iter().collect(),
                confidence: Confidence::Observed,
                row,
                related: short.map(|mode| (mode.span, format!("commands: {}", mode.commands))).collect(),
            });
        }
    }
}

fn lower(text: Symbol) -> Symbol {
    Symbol::new(&text.to_lowercase())
}

/// Its names in lower case; those of one letter say nothing.
fn names_of(service: &Service) -> impl Iterator<Item = Symbol> {
    std::iter::once(&service.name).chain(&service.aliases).filter(|name| name.len() > 1).map(|name| lower(*name))
}

/// Words of a query: of `sum(rate(x{job="orders"}))` one is `orders`.
fn words(text: Symbol) -> Vec<Symbol> {
    let lower = text.to_lowercase();
    let parts = lower.split(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_'));
    parts.filter(|word| word.len() > 1).map(Symbol::new).collect()
}

fn mentions(alert: &Alert, names: &FxHashSet<Symbol>) -> bool {
    words(alert.expression).iter().any(|word| names.contains(word))
}
