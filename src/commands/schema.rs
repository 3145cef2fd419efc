//! `archlint schema`: the JSON Schemas of archlint's files and outputs.

use clap::{Args, ValueEnum};

use super::{Answer, Verdict, console};

/// Arguments of `schema`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint schema config > archlint.schema.json
  archlint schema findings")]
pub struct SchemaArgs {
    /// What to describe
    document: Document,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// archlint.yaml
    Config,
    /// A rule file
    Rule,
    /// service.yaml
    Service,
    /// The output of `check --format json`
    Findings,
    /// The output of `graph --format json`
    Graph,
    /// The output of `report --format json`
    Report,
    /// The output of `suppressions --format json`
    Suppressions,
}

impl Document {
    fn schema(self) -> &'static str {
        match self {
            Self::Config => include_str!("../../docs/schemas/config.schema.json"),
            Self::Rule => include_str!("../../docs/schemas/rule.schema.json"),
            Self::Service => include_str!("../../docs/schemas/service.schema.json"),
            Self::Findings => include_str!("../../docs/schemas/findings.schema.json"),
            Self::Suppressions => include_str!("../../docs/schemas/suppressions.schema.json"),
            Self::Graph => include_str!("../../docs/schemas/graph.schema.json"),
            Self::Report => include_str!("../../docs/schemas/report.schema.json"),
        }
    }
}

/// Runs the command.
pub fn run(args: &SchemaArgs) -> Answer {
    console::print(args.document.schema())?;
    Ok(Verdict::Clean)
}
