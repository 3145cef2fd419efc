//! `archlint graph`: the estate as data or as a picture, and why things were joined.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console;
use super::estate::{Estate, EstateArgs, VERSION};
use super::failure::Failure;
use super::{Answer, Verdict};
use crate::graph::model::Graph;
use crate::judge::finding::Judgement;
use crate::render::collapse::{By, READABLE_NODES, collapsed, essential, focused, groups};
use crate::render::picture::{NodeKind, Picture, picture};
use crate::render::{dot, explain_join, graph_json, graphml, mermaid, structurizr, svg};

/// Arguments of `graph`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint graph .
  archlint graph --format mermaid -o estate.mmd .
  archlint graph --format svg --focus orders --hops 2 -o orders.svg .
  archlint graph --format dot --collapse owner . | dot -Tsvg > estate.svg
  archlint graph --explain orders .")]
pub struct GraphArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: GraphFormat,
    /// Only what is near this service, database, channel or server; for pictures
    #[arg(long, value_name = "NAME")]
    focus: Option<String>,
    /// How near: calls, uses and messages on the way
    #[arg(long, value_name = "N", default_value_t = 1, requires = "focus")]
    hops: usize,
    /// One box for all services of an owner, a namespace or a folder; for pictures
    #[arg(long, value_name = "WHAT", conflicts_with = "focus")]
    collapse: Option<Collapse>,
    /// Say why things were joined under this name, or kept apart
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "focus", "collapse"])]
    explain: Option<String>,
    /// File to write to, instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GraphFormat {
    /// archlint.graph/v1, the whole estate
    Json,
    /// A flowchart that Git forges draw in Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    /// A drawing; by groups where the whole could not be read
    Svg,
    /// A workspace in Structurizr's language
    Structurizr,
    /// For yEd, Gephi and others
    Graphml,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Collapse {
    Owner,
    Namespace,
    Folder,
}

impl Collapse {
    fn by(self) -> By {
        match self {
            Self::Owner => By::Owner,
            Self::Namespace => By::Namespace,
            Self::Folder => By::Folder,
        }
    }
}

/// Runs the command.
pub fn run(args: &GraphArgs) -> Answer {
    if args.format == GraphFormat::Json && (args.focus.is_some() || args.collapse.is_some()) {
        return Err(Failure::Usage(
            "the JSON graph is always whole".to_owned(),
            "--focus and --collapse are for mermaid, dot, svg, structurizr and graphml".to_owned(),
        ));
    }
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
        (None, GraphFormat::Mermaid) => mermaid::of_picture(asked(args, graph)?),
        (None, GraphFormat::Dot) => dot::of_picture(&asked(args, graph)?),
        (None, GraphFormat::Svg) => svg::render(readable(asked(args, graph)?, graph, args)),
        (None, GraphFormat::Structurizr) => structurizr::render(&asked(args, graph)?),
        (None, GraphFormat::Graphml) => graphml::render(&asked(args, graph)?),
    };
    console::deliver(args.output.as_deref(), &text)?;
    Ok(Verdict::Clean)
}

/// The part of the estate that was asked for.
fn asked(args: &GraphArgs, graph: &Graph) -> Result<Picture, Failure> {
    let whole = picture(graph);
    if let Some(name) = &args.focus {
        let aliases = graph.services.iter().filter(|one| one.aliases.iter().any(|alias| alias.as_str() == name));
        let known: Vec<&str> = aliases.map(|one| one.name.as_str()).chain([name.as_str()]).collect();
        let near = focused(
            &whole,
            &|node| {
                node.kind != NodeKind::World && node.label.first().is_some_and(|label| known.contains(&label.as_str()))
            },
            args.hops,
        );
        return if near.nodes.is_empty() { Err(nothing_called(graph, name)) } else { Ok(near) };
    }
    let Some(collapse) = args.collapse else { return Ok(whole) };
    let by = collapse.by();
    groups(graph, &whole, by)
        .map(|groups| collapsed(&whole, &groups))
        .map_err(|why| Failure::Usage(format!("there is nothing to collapse by {}", by.word()), why.words(by)))
}

/// A picture of so many boxes that it can be read: without what one service uses alone, else
/// groups, else the best connected.
fn readable(whole: Picture, graph: &Graph, args: &GraphArgs) -> Picture {
    if whole.nodes.len() <= READABLE_NODES || args.focus.is_some() || args.collapse.is_some() {
        return whole.capped(READABLE_NODES);
    }
    if let Some(essential) = essential(&whole) {
        return essential;
    }
    let grouped = By::ALL.iter().find_map(|by| groups(graph, &whole, *by).ok());
    grouped.map_or_else(|| whole.clone().capped(READABLE_NODES), |groups| collapsed(&whole, &groups))
}

fn explained(estate: &Estate, name: &str) -> Result<String, Failure> {
    let graph = &estate.run.graph;
    let text = estate.outcome(&Judgement::default(), |outcome| explain_join::render(graph, outcome.sources, name));
    text.ok_or_else(|| nothing_called(graph, name))
}

fn nothing_called(graph: &Graph, name: &str) -> Failure {
    let known = graph.services.iter().map(|service| service.name.as_str());
    let known = known.chain(graph.infrastructure.iter().map(|infra| infra.name.as_str()));
    let help = crate::judge::problem::suggestion(name, known, "there are");
    Failure::Usage(format!("nothing in the estate is called {name:?}"), help.unwrap_or_default())
}
