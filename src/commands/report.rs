//! `archlint report`: the review of an estate.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::estate::{Estate, EstateArgs};
use super::previous;
use super::{Answer, Verdict};
use crate::render::trend::Trend;
use crate::render::{html, markdown, report_json};

/// Arguments of `report`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint report -o review.html .
  archlint report --format markdown services deploy
  archlint report --format json -o report.json .
  archlint report --previous report.json -o review.html .")]
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
    let estate = Estate::load(&args.estate, false, |_| Ok(()))?;
    let judgement = &estate.run.judgement;
    let trend = earlier.map(|earlier| Trend::new(judgement, earlier));
    let text = estate.outcome(judgement, |outcome| match format(args) {
        ReportFormat::Html => html::render(outcome, trend.as_ref()),
        ReportFormat::Markdown => markdown::render(outcome, trend.as_ref()),
        ReportFormat::Json => report_json::render(outcome, trend.as_ref()),
    });
    console::deliver(args.output.as_deref(), &text)?;
    Ok(Verdict::Clean)
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
