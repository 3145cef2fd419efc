//! `archlint report`: the review of an estate.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::estate::{Estate, EstateArgs};
use super::failure::Failure;
use super::git::Git;
use super::{Answer, Verdict};
use super::{baseline, previous, suppressions};
use crate::render::beside::Beside;
use crate::render::source_url::SourceUrl;
use crate::render::trend::Trend;
use crate::render::{html, markdown, report_json};

/// Arguments of `report`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint report -o review.html .
  archlint report --format markdown services deploy
  archlint report --format json -o report.json .
  archlint report --previous report.json -o review.html .
  archlint report --baseline archlint-baseline.yaml \
    --source-url 'https://git.example/shop/blob/main/{path}#L{line}' -o review.html .")]
pub struct ReportArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format; html where the output's name says so, else markdown
    #[arg(long, value_name = "FORMAT")]
    format: Option<ReportFormat>,
    /// File to write to, instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Earlier output of `report --format json` or `check --format json`, to show what changed
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Baseline whose findings are shown as accepted, with their age
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Address of the estate's files, to make links of the places in the page:
    /// `https://git.example/shop/blob/main/{path}#L{line}`; {path} counts from the repository's root
    #[arg(long, value_name = "TEMPLATE", value_parser = SourceUrl::new)]
    source_url: Option<SourceUrl>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// One page for a browser, with everything in it
    Html,
    /// For a merge request or a wiki
    #[value(alias = "md")]
    Markdown,
    /// For programs, and for --previous
    Json,
}

/// Runs the command. A report is no check: findings do not make it fail.
pub fn run(args: &ReportArgs) -> Answer {
    let earlier = args.previous.as_deref().map(previous::read).transpose()?;
    if args.source_url.is_some() && format(args) != ReportFormat::Html {
        let help = "add --format html, or an output whose name ends in .html";
        return Err(Failure::Usage("--source-url makes links in the page only".to_owned(), help.to_owned()));
    }
    let mut estate = Estate::load(&args.estate, false, |_| Ok(()))?;
    let mut judgement = std::mem::take(&mut estate.run.judgement);
    let delta = match &args.baseline {
        Some(file) => Some((file, baseline::apply(file, &mut judgement, &estate)?)),
        None => None,
    };
    let trend = earlier.map(|earlier| Trend::new(&judgement, earlier));
    let today = console::today()?;
    let git = Git::of(&estate.roots.root);
    let text = estate.outcome(&judgement, |outcome| {
        let beside = Beside {
            trend: trend.as_ref(),
            suppressions: suppressions::listed(&estate, outcome),
            baselined: delta.as_ref().map(|(_, delta)| delta.since.clone()).unwrap_or_default(),
            today: Some(today),
            estate: git.as_ref().and_then(|git| name(git, &estate.prefix)),
            commit: git.as_ref().and_then(|git| git.line(&["rev-parse", "--short=12", "HEAD"]).ok()),
            source: args.source_url.as_ref(),
        };
        match format(args) {
            ReportFormat::Html => html::render(outcome, &beside),
            ReportFormat::Markdown => markdown::render(outcome, &beside),
            ReportFormat::Json => report_json::render(outcome, &beside),
        }
    });
    if let Some((file, delta)) = delta {
        console::say(&delta.render(file, delta.new));
    }
    console::deliver(args.output.as_deref(), &text)?;
    Ok(Verdict::Clean)
}

/// The last part of where the repository comes from, and the way down to the estate. An
/// address may hold a password, so nothing else of it is kept.
fn name(git: &Git, prefix: &str) -> Option<String> {
    let origin = git.line(&["config", "--get", "remote.origin.url"]).ok()?;
    let last = origin.trim_end_matches('/').rsplit(['/', ':']).next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    (!name.is_empty() && !name.contains(['@', '?', '\\']))
        .then(|| format!("{name}/{prefix}").trim_end_matches('/').to_owned())
}

/// As asked, else by the output's ending.
fn format(args: &ReportArgs) -> ReportFormat {
    let ending = args.output.as_deref().and_then(|path| path.extension()?.to_str());
    args.format.unwrap_or(match ending {
        Some("html" | "htm") => ReportFormat::Html,
        Some("json") => ReportFormat::Json,
        Some(_) | None => ReportFormat::Markdown,
    })
}
