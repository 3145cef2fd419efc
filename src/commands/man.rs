//! `archlint man [COMMAND]`: pages of the manual, made of the same help.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::failure::Failure;
use super::{Answer, Cli, Verdict, console};

/// Arguments of `man`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint man | man -l -
  archlint man check | man -l -
  archlint man --output /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The command whose page is printed, `baseline update` for instance; archlint itself where
    /// none is given
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write all pages into this folder instead
    #[arg(short, long, value_name = "FOLDER", conflicts_with = "command")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &ManArgs) -> Answer {
    let mut top = Cli::command().disable_help_subcommand(true);
    top.build();
    if let Some(folder) = &args.output {
        let pages = pages(&top);
        for (name, page) in &pages {
            console::write_file(&folder.join(name), page)?;
        }
        console::say(&format!("archlint: wrote {} pages to {folder:?}\n", pages.len()));
        return Ok(Verdict::Clean);
    }
    let mut asked = &top;
    for word in &args.command {
        asked = asked.find_subcommand(word).ok_or_else(|| {
            let message = format!("there is no command {word:?}");
            Failure::Usage(message, "`archlint --help` lists the commands".to_owned())
        })?;
    }
    console::print(&page(asked))?;
    Ok(Verdict::Clean)
}

/// The pages of a command and of those below it, by the names that `man` looks for.
fn pages(command: &clap::Command) -> Vec<(String, String)> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let mut all = vec![(format!("{name}.1"), page(command))];
    all.extend(command.get_subcommands().flat_map(pages));
    all
}

fn page(command: &clap::Command) -> String {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    let _ = Man::new(command.clone()).render(&mut page);
    String::from_utf8_lossy(&page).into_owned()
}
