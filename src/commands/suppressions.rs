//! `archlint suppressions`: every statement that findings are accepted, with what it does and
//! how old it is.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};

use super::estate::{Estate, EstateArgs, VERSION};
use super::git::Git;
use super::{Answer, Verdict, console};
use crate::judge::day::Day;
use crate::render::outcome::Outcome;
use crate::render::suppressions::{self, Listed};
use crate::source::line_index::ColumnUnit;
use crate::source::span::Span;

/// Arguments of `suppressions`.
#[derive(Args, Debug)]
#[command(after_help = "The age is that of the line in git; where there is no git, none is shown.

Examples:
  archlint suppressions .
  archlint suppressions --format json services deploy")]
pub struct SuppressionsArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// One line for each rule of each suppression
    Text,
    /// One document
    Json,
}

/// Runs the command. A list is no check: nothing in it makes it fail.
pub fn run(args: &SuppressionsArgs) -> Answer {
    let estate = Estate::load(&args.estate, args.format == ListFormat::Json, |_| Ok(()))?;
    let judgement = &estate.run.judgement;
    let today = console::today()?;
    let text = estate.outcome(judgement, |outcome| {
        let listed = listed(&estate, outcome);
        match args.format {
            ListFormat::Text => suppressions::text(&listed, outcome.sources, today),
            ListFormat::Json => suppressions::json(&listed, outcome.sources, today, VERSION),
        }
    });
    console::print(&text)?;
    Ok(Verdict::Clean)
}

/// Every suppression of a judgement with its age.
pub(super) fn listed<'a>(estate: &Estate, outcome: &Outcome<'a>) -> Vec<Listed<'a>> {
    let all = &outcome.judgement.suppressions;
    let line_of = |span: Span| outcome.sources.position(span, ColumnUnit::Characters).0.line;
    let days = days(estate, &all.iter().map(|one| one.span).collect::<Vec<_>>(), &line_of);
    let since = |span: Span| days.get(&(span.file.0, line_of(span))).copied();
    all.iter().map(|one| Listed { suppression: one, since: since(one.span) }).collect()
}

/// The day of each line of each file on which a suppression stands, where git knows it.
fn days(estate: &Estate, spans: &[Span], line_of: &dyn Fn(Span) -> u32) -> BTreeMap<(u32, u32), Day> {
    let mut lines: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for span in spans {
        lines.entry(span.file.0).or_default().push(line_of(*span));
    }
    let mut days = BTreeMap::new();
    let mut repositories: BTreeMap<std::path::PathBuf, Option<Git>> = BTreeMap::new();
    for (file, mut lines) in lines {
        let Some(found) = estate.run.extraction.discovery.files.get(file as usize) else { continue };
        let Some(folder) = found.disk.parent() else { continue };
        let git = repositories.entry(folder.to_path_buf()).or_insert_with(|| Git::of(folder));
        lines.sort_unstable();
        lines.dedup();
        let Some(git) = git else { continue };
        days.extend(git.days(&found.disk, &lines).into_iter().map(|(line, day)| ((file, line), day)));
    }
    days
}
