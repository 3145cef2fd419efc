//! `archlint check`: findings, each on the line that causes it.

use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};

use super::baseline;
use super::console::{self, ColorChoice};
use super::estate::{Estate, EstateArgs};
use super::format::{Format, Look, Output, outputs, rendered};
use super::ruleset::narrow;
use super::since;
use super::{Answer, Verdict};
use crate::graph::model::Confidence;
use crate::judge::finding::{Finding, Judgement, Severity, Undecided};
use crate::judge::fingerprint::{fingerprint, number_equal_ones};
use crate::pipeline::{Run, Stage, Timing};
use crate::render::github_summary;
use crate::source::symbol::Symbol;

/// Arguments of `check`.
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 clean, 1 findings at or above --fail-on, 2 the run could not be done.
Paths in outputs are relative to the estate's root: the first folder that holds all paths given.

Examples:
  archlint check .
  archlint check --format sarif=archlint.sarif --format text .
  archlint check --severity note --fail-on never services deploy
  archlint check --select shared-database --select sync-cycle .")]
pub struct CheckArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format, with a file to write it to: text, json, jsonl, sarif, github, gitlab,
    /// junit, checkstyle, rdjson, rdjsonl, azure, teamcity, gcc, vscode. Repeatable; where none
    /// is given github in GitHub Actions, text on a terminal and gcc otherwise
    #[arg(long, value_name = "FORMAT[=FILE]")]
    format: Vec<Output>,
    /// Least severity that makes the exit code 1
    #[arg(long, value_name = "LEVEL", default_value = "error")]
    fail_on: FailOn,
    /// Least severity that is shown
    #[arg(long, value_name = "LEVEL", default_value = "warning")]
    severity: Shown,
    /// Least confidence that is shown: inferred, configured, observed, declared
    #[arg(long, value_name = "CONFIDENCE", default_value = "inferred")]
    min_confidence: Least,
    /// Files that cannot be read are errors
    #[arg(long)]
    strict: bool,
    /// Show what could not be decided, as notes
    #[arg(long)]
    strict_unknown: bool,
    /// Ask this rule only; repeatable
    #[arg(long, value_name = "RULE")]
    select: Vec<String>,
    /// Do not ask this rule; repeatable
    #[arg(long, value_name = "RULE")]
    ignore: Vec<String>,
    /// Tell only findings that this file does not know; see `archlint baseline`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Tell only findings that the merge base of HEAD and this revision does not have. The
    /// configuration of today judges both
    #[arg(long, value_name = "REV", conflicts_with = "files_from")]
    since: Option<String>,
    /// Fail where the baseline has entries that are no longer found
    #[arg(long, requires = "baseline")]
    baseline_strict: bool,
    /// Write suppressed findings into SARIF as well, marked as suppressed; GitHub shows these as
    /// open alerts
    #[arg(long)]
    sarif_include_suppressed: bool,
    /// Show on standard error how long each stage took
    #[arg(long)]
    timings: bool,
    /// When to use colors
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Note => Some(Severity::Note),
            Self::Never => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shown {
    Error,
    Warning,
    Note,
}

impl Shown {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    Inferred,
    Configured,
    Observed,
    Declared,
}

impl Least {
    fn confidence(self) -> Confidence {
        match self {
            Self::Inferred => Confidence::Inferred,
            Self::Configured => Confidence::Configured,
            Self::Observed => Confidence::Observed,
            Self::Declared => Confidence::Declared,
        }
    }
}

/// The theme of notes about what could not be decided.
const UNDECIDED: &str = "undecided";

/// Runs the command.
pub fn run(args: &CheckArgs) -> Answer {
    let outputs = outputs(&args.format)?;
    // People merge the two streams into one file: beside a machine's format nothing is said.
    // gcc lines that nobody asked for go to people, whose log may say more.
    let is_for_a_machine = |output: &Output| output.format != Format::Text && output.file.is_none();
    let asked_for = |output: &Output| !args.format.is_empty() || output.format == Format::Github;
    let quiet = outputs.iter().any(|output| is_for_a_machine(output) && asked_for(output));
    let mut estate = Estate::load(&args.estate, quiet, |rules| narrow(rules, &args.select, &args.ignore))?;
    let mut judgement = std::mem::take(&mut estate.run.judgement);
    let delta = match &args.baseline {
        Some(file) => Some((file, baseline::apply(file, &mut judgement, &estate)?)),
        None => None,
    };
    let since = match &args.since {
        Some(revision) => Some(since::apply(revision, &args.estate, &estate, &mut judgement)?),
        None => None,
    };
    refine(&mut judgement, args);
    let is_stale = args.baseline_strict && delta.as_ref().is_some_and(|(_, delta)| delta.is_stale());
    let failing = is_stale
        || args.fail_on.severity().is_some_and(|least| judgement.findings.iter().any(|one| one.severity >= least));
    let shown = args.fail_on.severity().map_or(args.severity.severity(), |least| least.min(args.severity.severity()));
    // What could not be decided is there because it was asked for.
    judgement.findings.retain(|finding| finding.severity >= shown || finding.category == UNDECIDED);

    let told = judgement.findings.iter().filter(|finding| finding.category != UNDECIDED).count();

    #[expect(clippy::disallowed_methods, reason = "times are shown by --timings and nowhere else")]
    let begin = Instant::now();
    let mut reader_left = false;
    let look = Look { color: args.color, suppressed_in_sarif: args.sarif_include_suppressed };
    for output in &outputs {
        let text = estate.outcome(&judgement, |outcome| rendered(outcome, output, look));
        match &output.file {
            Some(path) => console::write_file(path, &text)?,
            None => reader_left |= console::print(&text)?,
        }
    }
    let annotated = outputs.iter().any(|output| output.format == Format::Github);
    if let Some(path) = console::variable("GITHUB_STEP_SUMMARY").filter(|_| annotated) {
        // It is an extra, and no reason to fail a run whose annotations are out.
        let summary = estate.outcome(&judgement, github_summary::render);
        if let Err(failure) = console::append_to_file(Path::new(&path), &summary) {
            console::say(&format!("archlint: warning: no step summary\n{}", failure.render()));
        }
    }
    if estate.run.extraction.coverage.read == 0 && !quiet {
        console::say("archlint: warning: no file was read, so nothing was checked; is this the right folder?\n");
    }
    if let Some((file, delta)) = delta.filter(|_| is_stale || !quiet) {
        console::say(&delta.render(file, told));
    }
    if let Some(since) = since.filter(|_| !quiet) {
        console::say(&since.render(told));
    }
    if args.timings {
        let rendering = Timing { stage: Stage::Render, time: begin.elapsed(), count: outputs.len() };
        console::say(&timings(&estate.run, rendering));
    }
    Ok(if failing && !reader_left { Verdict::Failing } else { Verdict::Clean })
}

/// Applies the flags that change what counts.
fn refine(judgement: &mut Judgement, args: &CheckArgs) {
    if args.strict {
        for finding in judgement.findings.iter_mut().filter(|finding| finding.subject_kind == "file") {
            finding.severity = Severity::Error;
        }
    }
    let least = args.min_confidence.confidence();
    judgement.findings.retain(|finding| finding.confidence >= least);
    if args.strict_unknown {
        judgement.findings.extend(judgement.undecided.iter().map(undecided_note));
        judgement.findings.sort_by(|one, other| {
            let key = |finding: &Finding| (finding.span.file, finding.span.start, finding.rule);
            key(one).cmp(&key(other)).then_with(|| one.subject.cmp(&other.subject))
        });
        number_equal_ones(&mut judgement.findings);
    }
}

fn undecided_note(undecided: &Undecided) -> Finding {
    let anchor = format!("undecided {} {}", undecided.subject_kind, undecided.subject);
    Finding {
        rule: undecided.rule,
        category: Symbol::new(UNDECIDED),
        severity: Severity::Note,
        confidence: Confidence::Declared,
        message: format!("nobody can tell for {}: {}", undecided.subject, undecided.why),
        span: undecided.span,
        subject_kind: undecided.subject_kind,
        subject: undecided.subject.clone(),
        services: Vec::new(),
        related: Vec::new(),
        help: String::new(),
        fingerprint: fingerprint(&undecided.rule, &anchor),
        anchor,
    }
}

/// A table of stages: name, milliseconds, what came out.
fn timings(run: &Run, rendering: Timing) -> String {
    let mut out = format!("{:<10} {:>10} {:>10}\n", "stage", "ms", "count");
    for timing in run.extraction.timings.iter().chain([&rendering]) {
        let ms = timing.time.as_secs_f64() * 1000.0;
        out.push_str(&format!("{:<10} {ms:>10.1} {:>10}\n", timing.stage.word(), timing.count));
    }
    out
}
