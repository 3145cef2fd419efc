//! How services are watched: what is scraped, what raises an alert, what is promised, and what
//! to do when it is not kept.

use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::policy::Selector;
use super::value::Value;

/// One statement about watching.
#[derive(Debug)]
pub enum Watch {
    /// Numbers are taken from something.
    Scrape(Scrape),
    /// A condition that raises an alert.
    Alert(Alert),
    /// A service level objective.
    Objective(Objective),
    /// What to do when a service fails.
    Runbook(Runbook),
}

/// `ServiceMonitor`, `PodMonitor`, a target of Prometheus, an annotation of a Service.
#[derive(Debug)]
pub struct Scrape {
    /// As the format spells it, for people: `ServiceMonitor`.
    pub kind: Symbol,
    /// From what.
    pub of: Scraped,
    /// Its name, or the line that says so.
    pub span: Span,
}

/// What numbers are taken from.
#[derive(Debug)]
pub enum Scraped {
    /// Pods with these labels.
    Pods(Selector),
    /// Pods behind addresses with these labels.
    Addresses(Selector),
    /// What answers to a host: `orders` of `orders:9090`.
    Host(Value),
}

/// `- alert: OrdersSlow`
#[derive(Debug)]
pub struct Alert {
    /// `OrdersSlow`
    pub name: Symbol,
    /// Its condition as it is written.
    pub expression: Symbol,
    /// Where its runbook is; `None` where it names none.
    pub runbook: Option<Symbol>,
    /// The name's place.
    pub span: Span,
}

/// An objective of one service: OpenSLO, Sloth, Pyrra, Nobl9, or a catalog's annotation.
#[derive(Debug)]
pub struct Objective {
    /// As the format spells it, for people: `OpenSLO`.
    pub kind: Symbol,
    /// The service it is about, by name; empty where only its place and its query tell.
    pub service: Symbol,
    /// What it measures, as it is written; empty where it stands elsewhere.
    pub query: Symbol,
    /// Where it is said.
    pub span: Span,
}

/// A runbook, or a link to one.
#[derive(Debug)]
pub struct Runbook {
    /// The service it is about, by name; empty where only its path and its words tell.
    pub service: Symbol,
    /// The file; `None` for a link.
    pub path: Option<EstatePath>,
    /// Its title: `Orders`; empty where it has none.
    pub title: Symbol,
    /// What can go wrong, in order of the file.
    pub modes: Vec<FailureMode>,
    /// Words of its path and title, lower case and sorted, by which services are found in it.
    pub words: Vec<Symbol>,
    /// Words of its other headings, likewise; they count where the title names no service.
    pub headings: Vec<Symbol>,
    /// The title, or the link.
    pub span: Span,
}

/// A section of a runbook about one way to fail.
#[derive(Debug)]
pub struct FailureMode {
    /// Its heading: `Queue grows`.
    pub title: Symbol,
    /// Commands to run, in order.
    pub commands: usize,
    /// Its heading's place.
    pub span: Span,
}
