//! `archlint report`: the review of an estate.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::estate::{Estate, EstateArgs};
use super::{Answer, Verdict};
use crate::render::markdown;

/// Arguments of `report`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint report .
  archlint report -o review.md services deploy")]
pub struct ReportArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "md")]
    format: ReportFormat,
    /// File to write to, instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// Markdown
    #[value(alias = "markdown")]
    Md,
}

/// Runs the command. A report is no check: findings do not make it fail.
pub fn run(args: &ReportArgs) -> Answer {
    let estate = Estate::load(&args.estate, false, |_| Ok(()))?;
    let text = match args.format {
        ReportFormat::Md => estate.outcome(&estate.run.judgement, markdown::render),
    };
    console::deliver(args.output.as_deref(), &text)?;
    Ok(Verdict::Clean)
}
