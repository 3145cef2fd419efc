//! `archlint baseline create|update|prune`, and `check --baseline FILE`: the findings that an
//! estate has are written down, so that only new ones are told.
#![expect(clippy::disallowed_methods, reason = "a baseline is a file beside the estate")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::estate::{Estate, EstateArgs};
use super::failure::Failure;
use super::{Answer, Verdict, console};
use crate::discover::read::read_text;
use crate::judge::baseline::{self as judge, Baseline, Comparison};
use crate::judge::day::Day;
use crate::judge::finding::{Finding, Judgement};
use crate::render::escape;
use crate::render::outcome::counted;
use crate::source::path::EstatePath;

/// Arguments of `baseline`.
#[derive(Args, Debug)]
#[command(after_help = "The file has one line for each finding, sorted; commit it, and let CI run
`archlint check --baseline FILE`. Lines may move and files may be renamed.

Examples:
  archlint baseline create .
  archlint check --baseline archlint-baseline.yaml .
  archlint baseline prune .
  archlint baseline update --file legacy.yaml services")]
pub struct BaselineArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Write down all findings
    Create(FileArgs),
    /// Take in what is found and drop what is repaired
    Update(FileArgs),
    /// Drop what is repaired and take in nothing
    Prune(FileArgs),
}

#[derive(Args, Debug)]
struct FileArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// The baseline
    #[arg(long, value_name = "FILE", default_value = "archlint-baseline.yaml")]
    file: PathBuf,
    /// Overwrite the baseline that is there
    #[arg(long)]
    force: bool,
}

/// How many stale entries are named one by one.
const NAMED: usize = 10;

/// Runs the command.
pub fn run(args: &BaselineArgs) -> Answer {
    let (Action::Create(arguments) | Action::Update(arguments) | Action::Prune(arguments)) = &args.action;
    let file = &arguments.file;
    let old = match &args.action {
        Action::Create(_) if file.exists() && !arguments.force => {
            let message = format!("there is {file:?} already");
            let help = "take in what is new with `archlint baseline update`, or overwrite it with --force";
            return Err(Failure::Usage(message, help.to_owned()));
        }
        Action::Create(_) => None,
        Action::Update(_) | Action::Prune(_) => Some(read(file)?),
    };
    let estate = Estate::load(&arguments.estate, false, |_| Ok(()))?;
    let findings = &estate.run.judgement.findings;
    let path_of = |file| estate.path(file);
    let compared = old.as_ref().map(|(baseline, _)| (baseline, compare(baseline, findings, &estate)));
    let stale = compared.as_ref().map_or(0, |(_, found)| found.stale.len());
    let known = compared.as_ref().map_or(0, |(_, found)| found.known.iter().flatten().count());
    let grown =
        compared.as_ref().map_or(0, |(_, found)| found.joined.iter().filter(|joined| !joined.is_empty()).count());
    let written = match (&args.action, &compared) {
        (Action::Prune(_), Some((baseline, found))) => baseline.without(&found.stale),
        (Action::Create(_) | Action::Update(_) | Action::Prune(_), _) => {
            let old = compared.as_ref().map(|(baseline, found)| (*baseline, found));
            let mut new = Baseline::of(findings, old, console::today()?, &path_of);
            // What was not asked in this run keeps its entry.
            if let Some((baseline, found)) = &compared {
                let gone: BTreeSet<usize> = found.stale.iter().chain(found.known.iter().flatten()).copied().collect();
                new = new.with(&baseline.without(&gone.into_iter().collect::<Vec<_>>()));
            }
            new
        }
    };
    console::write_file(file, &written.write())?;
    let count = counted(written.entries.len(), "finding", "findings");
    let said = match (&args.action, findings.len() + grown - known) {
        (Action::Create(_), _) => format!("archlint: wrote {count} to {file:?}\n"),
        (Action::Update(_), new) => {
            format!("archlint: {new} added, {} kept, {stale} dropped; {count} in {file:?}\n", known - grown)
        }
        (Action::Prune(_), new) => {
            let rest = if new == 0 { String::new() } else { format!("; {new} more found and not taken in") };
            format!("archlint: {stale} dropped; {count} in {file:?}{rest}\n")
        }
    };
    console::say(&said);
    Ok(Verdict::Clean)
}

/// What a baseline says of a run.
pub struct Delta {
    /// Findings that it does not know.
    pub new: usize,
    /// Findings that it knows.
    pub known: usize,
    /// When each of these was accepted, by its fingerprint.
    pub since: BTreeMap<String, Day>,
    /// Its stale entries, each as `archlint-baseline.yaml:12: …`.
    stale: Vec<String>,
}

impl Delta {
    /// True if some entry is stale.
    pub fn is_stale(&self) -> bool {
        !self.stale.is_empty()
    }

    /// `3 new, 41 baselined, 2 stale`, and the stale entries with what to do about them. Of the
    /// new findings `told` are shown.
    pub fn render(&self, file: &Path, told: usize) -> String {
        let (hidden, stale) = (hidden(self.new, told), self.stale.len());
        let mut out = format!("archlint: {} new{hidden}, {} baselined, {stale} stale\n", self.new, self.known);
        for line in self.stale.iter().take(NAMED) {
            out.push_str(&format!("  {}\n", escape::line(line)));
        }
        if self.stale.len() > NAMED {
            out.push_str(&format!("  and {} more\n", self.stale.len() - NAMED));
        }
        if self.is_stale() {
            let path = escape::line(&file.display().to_string());
            out.push_str(&format!("  help: drop what is repaired: archlint baseline prune --file {path}\n"));
        }
        out
    }
}

/// ` (2 of them not shown)`, where flags hide some of what is new.
pub fn hidden(new: usize, told: usize) -> String {
    match new.saturating_sub(told) {
        0 => String::new(),
        hidden => format!(" ({hidden} of them not shown)"),
    }
}

/// Takes the findings out of a judgement that the baseline knows.
pub fn apply(file: &Path, judgement: &mut Judgement, estate: &Estate) -> Result<Delta, Failure> {
    let (baseline, text) = read(file)?;
    let found = compare(&baseline, &judgement.findings, estate);
    let mut new = Vec::new();
    let mut since = BTreeMap::new();
    let all = std::mem::take(&mut judgement.findings).into_iter();
    for ((mut finding, known), joined) in all.zip(&found.known).zip(&found.joined) {
        let day = known.and_then(|at| Day::from_text(&baseline.entries.get(at)?.since));
        since.extend(day.map(|day| (finding.fingerprint.clone(), day)));
        if known.is_some() && joined.is_empty() {
            judgement.baselined.push(finding);
            continue;
        }
        finding.message.push_str(&judge::joined(joined));
        new.push(finding);
    }
    judgement.findings = new;
    let lines: Vec<&str> = text.lines().collect();
    let stale = found.stale.iter().filter_map(|at| baseline.entries.get(*at)).map(|entry| {
        let line = lines.iter().position(|line| line.contains(&entry.fingerprint)).map_or(1, |line| line + 1);
        format!("{}:{line}: no longer found: {} [{}]", file.display(), entry.about, entry.rule)
    });
    let (new, known) = (judgement.findings.len(), judgement.baselined.len());
    Ok(Delta { new, known, since, stale: stale.collect() })
}

fn compare(baseline: &Baseline, findings: &[Finding], estate: &Estate) -> Comparison {
    let asked: BTreeSet<&str> = estate.rules.iter().map(|active| active.rule.id.as_str()).collect();
    let present: BTreeSet<EstatePath> = estate.run.extraction.paths.iter().copied().collect();
    baseline.compare(findings, &asked, &estate.names, &present, &|file| estate.path(file))
}

fn read(file: &Path) -> Result<(Baseline, String), Failure> {
    let text = read_text(file).map_err(|problem| Failure::NoBaseline(file.to_path_buf(), problem.message()))?;
    let baseline = Baseline::read(&text).map_err(|reason| Failure::NoBaseline(file.to_path_buf(), reason))?;
    Ok((baseline, text.to_string()))
}
