//! `archlint graph`: the estate as data or as a picture, and why things were joined.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::estate::{Estate, EstateArgs, VERSION};
use super::failure::Failure;
use super::{Answer, Verdict};
use crate::judge::finding::Judgement;
use crate::render::{dot, explain_join, graph_json, mermaid};

/// Arguments of `graph`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint graph .
  archlint graph --format mermaid -o estate.mmd .
  archlint graph --format dot . | dot -Tsvg > estate.svg
  archlint graph --explain orders .")]
pub struct GraphArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: GraphFormat,
    /// Say why things were joined under this name, or kept apart
    #[arg(long, value_name = "NAME", conflicts_with = "format")]
    explain: Option<String>,
    /// File to write to, instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    Json,
    Mermaid,
    Dot,
}

/// Runs the command.
pub fn run(args: &GraphArgs) -> Answer {
    let estate = Estate::load(&args.estate, false, |rules| {
        rules.clear();
        Ok(())
    })?;
    let graph = &estate.run.graph;
    let text = match (&args.explain, args.format) {
        (Some(name), _) => explained(&estate, name)?,
        (None, GraphFormat::Json) => {
            estate.outcome(&Judgement::default(), |outcome| graph_json::render(graph, outcome.sources, VERSION))
        }
        (None, GraphFormat::Mermaid) => mermaid::render(graph),
        (None, GraphFormat::Dot) => dot::render(graph),
    };
    console::deliver(args.output.as_deref(), &text)?;
    Ok(Verdict::Clean)
}

fn explained(estate: &Estate, name: &str) -> Result<String, Failure> {
    let graph = &estate.run.graph;
    let text = estate.outcome(&Judgement::default(), |outcome| explain_join::render(graph, outcome.sources, name));
    text.ok_or_else(|| {
        let known = graph.services.iter().map(|service| service.name.as_str());
        let known = known.chain(graph.infrastructure.iter().map(|infra| infra.name.as_str()));
        let help = crate::judge::problem::suggestion(name, known, "there are");
        Failure::Usage(format!("nothing in the estate is called {name:?}"), help.unwrap_or_default())
    })
}
