//! What every renderer gets: the judged estate, its texts, and what was read.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::answer::Answer;
use crate::facts::declaration::Exposure;
use crate::graph::model::{Call, Graph, ServiceId, Target};
use crate::infer::timeouts::effective_timeout;
use crate::judge::finding::{Judgement, Severity};
use crate::source::symbol::Symbol;

use super::sources::Sources;

/// A run's result.
pub struct Outcome<'a> {
    /// The estate.
    pub graph: &'a Graph,
    /// What the rules found in it.
    pub judgement: &'a Judgement,
    /// Texts for positions and excerpts.
    pub sources: &'a Sources<'a>,
    /// What was read.
    pub coverage: Coverage,
    /// archlint's version: `0.1.0`.
    pub version: &'static str,
    /// What the rules say of themselves, by id. A rule may be missing.
    pub rules: &'a BTreeMap<Symbol, RuleText>,
    /// The way from the repository's root to the estate's, with `/` at its end: `services/`.
    /// Empty where they are one folder, or where there is no repository.
    pub prefix: &'a str,
}

/// How many files were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Read, in full or in part.
    pub files_read: usize,
    /// Not readable at all.
    pub files_unreadable: usize,
    /// Recognized and left out on purpose.
    pub files_ignored: usize,
    /// Files of code among those read that do not run as a service: tests, pages of browsers,
    /// scripts, generated code.
    pub files_left_out: usize,
}

impl Coverage {
    /// `90 files, 2 unreadable, 3 ignored`, and what of them is not judged.
    pub fn words(&self) -> String {
        let mut out = format!(
            "{}, {} unreadable, {} ignored",
            counted(self.files_read, "file", "files"),
            self.files_unreadable,
            self.files_ignored
        );
        if self.files_left_out > 0 {
            let files = counted(self.files_left_out, "file of code is", "files of code are");
            out.push_str(&format!("; {files} not judged: tests, pages of browsers, scripts, generated code"));
        }
        out
    }
}

/// What the report says of a rule.
#[derive(Clone, Debug, Default)]
pub struct RuleText {
    /// One line: `several services use one database`; empty: the id is shown alone.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// How to repair it, in general.
    pub fix: String,
    /// Its folder: `data`; may be empty.
    pub category: String,
    /// What its findings are at worst; `None` where it is not known.
    pub severity: Option<Severity>,
    /// Addresses or titles.
    pub references: Vec<String>,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

/// The findings counted by severity.
pub fn counts(judgement: &Judgement) -> Counts {
    let mut counts = Counts::default();
    for finding in &judgement.findings {
        match finding.severity {
            Severity::Error => counts.errors += 1,
            Severity::Warning => counts.warnings += 1,
            Severity::Note => counts.notes += 1,
        }
    }
    counts
}

/// Services that a public route leads to.
pub fn publicly_routed(graph: &Graph) -> BTreeSet<ServiceId> {
    let mut services = BTreeSet::new();
    for route in &graph.routes {
        if let (Target::Service(id), Answer::Present(true, _)) = (route.target, &route.way_in()) {
            services.insert(id);
        }
    }
    services
}

/// `public` or `internal`: as declared, else by the routes that lead to the service.
pub fn exposure_word(graph: &Graph, id: ServiceId, routed: &BTreeSet<ServiceId>) -> &'static str {
    match graph.service(id).exposure {
        Some((Exposure::Public, _)) => "public",
        Some((Exposure::Internal, _)) => "internal",
        None if routed.contains(&id) => "public",
        None => "internal",
    }
}

/// A call's effective timeout as outputs show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeout {
    /// In ms; the smallest of all layers.
    Present(u64),
    /// No layer has one, and all were read.
    Absent,
    /// Nobody can tell.
    Unknown,
}

/// The effective timeout over the layers of a call.
pub fn effective(call: &Call) -> Timeout {
    match effective_timeout(call) {
        Answer::Present(ms, _) => Timeout::Present(ms),
        Answer::Absent(_) => Timeout::Absent,
        Answer::Unknown(_) => Timeout::Unknown,
    }
}

/// `1 error`, `2 errors`, `0 errors`
pub fn counted(number: usize, singular: &str, plural: &str) -> String {
    format!("{number} {}", if number == 1 { singular } else { plural })
}

/// `800 ms`, `1.5 s`, `3 min`
pub fn time_words(ms: u64) -> String {
    if ms < 1_000 {
        format!("{ms} ms")
    } else if ms < 120_000 {
        let tenths = ms / 100;
        if tenths.is_multiple_of(10) {
            format!("{} s", tenths / 10)
        } else {
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    } else {
        format!("{} min", ms / 60_000)
    }
}
