//! `archlint completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Answer, Cli, Verdict, console};

/// Arguments of `completions`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint completions bash > /etc/bash_completion.d/archlint
  archlint completions zsh > ~/.zfunc/_archlint")]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &CompletionsArgs) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "archlint", &mut script);
    console::print(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Clean)
}
