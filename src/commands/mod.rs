//! What did the user ask for, and with which exit code do we answer?
//!
//! One file for each subcommand. Arguments go in, an exit code comes out: 0 where nothing
//! reaches the fail level, 1 for findings that do, 2 where the run could not be done.
//! Reports go to standard output, everything else to standard error. Beside `discover` the
//! only folder that touches the disk, the environment and the standard streams.

pub mod baseline;
pub mod check;
pub mod completions;
pub mod config;
pub mod config_file;
pub mod console;
pub mod estate;
pub mod failure;
pub mod format;
pub mod git;
pub mod graph;
pub mod init;
pub mod man;
pub mod older_tree;
pub mod previous;
pub mod progress;
pub mod report;
pub mod rules;
pub mod ruleset;
pub mod schema;
pub mod since;
pub mod suppressions;
pub mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use failure::Failure;

/// Architecture linter for microservice estates
#[derive(Parser, Debug)]
#[command(name = "archlint", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Without a command, `check` runs: `archlint .` is `archlint check .`

Examples:
  archlint                          check the working directory
  archlint services deploy          check two folders as one estate
  archlint report -o review.md .    write a review of the estate
  archlint explain RULE             why a rule exists, and how to repair what it finds";

#[derive(Subcommand, Debug)]
enum Command {
    /// Check an estate: findings, each on the line that causes it
    Check(check::CheckArgs),
    /// Show the estate: services, databases, calls, ways in
    Graph(graph::GraphArgs),
    /// Write a review of the estate
    Report(report::ReportArgs),
    /// Explain a rule: why, how to repair, limits
    Explain(rules::ExplainArgs),
    /// List the rules
    Rules(rules::RulesArgs),
    /// Write down the findings that an estate has, to be told of new ones only
    Baseline(baseline::BaselineArgs),
    /// List accepted findings, with reason and age
    Suppressions(suppressions::SuppressionsArgs),
    /// Run rules against fixture estates
    Test(test::TestArgs),
    /// Write an archlint.yaml from what is found
    Init(init::InitArgs),
    /// Show what the configuration says, and where
    Config(config::ConfigCommandArgs),
    /// Print a JSON Schema of archlint's files and outputs
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print a page of the manual
    Man(man::ManArgs),
}

/// Whether anything reached the fail level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Clean,
    /// Exit code 1.
    Failing,
}

/// Runs the program with its arguments, the first of which is its name.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    silence_caught_panics();
    let cli = match Cli::try_parse_from(with_command(arguments)) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody may be there to read it: a broken pipe is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let verdict = match cli.command {
        Command::Check(args) => check::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Explain(args) => rules::explain(&args),
        Command::Rules(args) => rules::list(&args),
        Command::Baseline(args) => baseline::run(&args),
        Command::Suppressions(args) => suppressions::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match verdict {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Failing) => ExitCode::from(1),
        Err(failure) => {
            console::say(&failure.render());
            ExitCode::from(2)
        }
    }
}

/// Puts `check` in front where the first argument is no command: `archlint PATH`,
/// `archlint --format json`. A folder that is called like a command is `./graph`.
fn with_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let is_command = arguments.get(1).and_then(|first| first.to_str()).is_some_and(|first| {
        let known = Cli::command().get_subcommands().any(|command| command.get_name() == first);
        known || matches!(first, "help" | "-h" | "--help" | "-V" | "--version")
    });
    if !is_command {
        arguments.insert(arguments.len().min(1), OsString::from("check"));
    }
    arguments
}

/// A panic while one file is read becomes a finding about that file; its text on standard
/// error would only disturb. Panics elsewhere end the program and are shown.
fn silence_caught_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !crate::pipeline::is_reading_file() {
            default(info);
        }
    }));
}

type Answer = Result<Verdict, Failure>;

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::CommandFactory;

    use super::{Cli, with_command};

    #[test]
    fn arguments_are_consistent_and_every_command_shows_examples() {
        Cli::command().debug_assert();
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }

    #[test]
    fn check_is_the_command_where_none_is_named() {
        for (given, expected) in [
            (&["archlint"][..], &["archlint", "check"][..]),
            (&["archlint", "."], &["archlint", "check", "."]),
            (&["archlint", "--format", "json"], &["archlint", "check", "--format", "json"]),
            (&["archlint", "graph"], &["archlint", "graph"]),
            (&["archlint", "./graph"], &["archlint", "check", "./graph"]),
            (&["archlint", "--help"], &["archlint", "--help"]),
        ] {
            let given = given.iter().map(OsString::from).collect();
            assert_eq!(with_command(given), expected);
        }
    }
}
