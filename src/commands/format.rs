//! Formats of `check`: their names, where each goes, and who renders it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

use super::console::{self, ColorChoice};
use super::failure::Failure;
use crate::render::outcome::Outcome;
use crate::render::text::Terminal;
use crate::render::{
    azure, checkstyle, gcc, github, gitlab, json, jsonl, junit, rdjson, sarif, teamcity, text, vscode,
};

/// A format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// `None`: standard output.
    pub file: Option<PathBuf>,
}

/// How findings are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Text,
    /// One document
    Json,
    /// One finding a line
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// Test report
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// Diagnostics of reviewdog
    Rdjson,
    /// Diagnostics of reviewdog, one a line
    Rdjsonl,
    /// Logging commands of Azure Pipelines
    Azure,
    /// Service messages of TeamCity
    Teamcity,
    /// Lines as compilers write them
    Gcc,
    /// Lines for the matcher that ships with archlint
    Vscode,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no file after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let format = Format::from_str(name, false).map_err(|_| format!("there are {}", names()))?;
        Ok(Self { format, file })
    }
}

/// `text, json, … and vscode`
fn names() -> String {
    let names: Vec<String> = Format::value_variants()
        .iter()
        .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
        .collect();
    let (last, others) = names.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
    format!("{} and {last}", others.join(", "))
}

/// What to write where; one output at most for standard output. Where none is asked for it is
/// `github` in a workflow of GitHub's, `text` on a terminal and `gcc` otherwise.
pub fn outputs(given: &[Output]) -> Result<Vec<Output>, Failure> {
    if given.iter().filter(|output| output.file.is_none()).count() > 1 {
        let message = "two formats for the standard output".to_owned();
        return Err(Failure::Usage(message, "write one of them to a file: --format json=findings.json".to_owned()));
    }
    let mut files: Vec<_> = given.iter().filter_map(|output| output.file.as_ref()).collect();
    files.sort();
    if let Some(file) = files.windows(2).find(|pair| pair[0] == pair[1]).and_then(|pair| pair.first()) {
        let message = format!("two formats for the file {file:?}");
        return Err(Failure::Usage(message, "give each format a file of its own".to_owned()));
    }
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let format = if console::variable("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
        Format::Github
    } else if console::stdout_is_terminal() {
        Format::Text
    } else {
        Format::Gcc
    };
    Ok(vec![Output { format, file: None }])
}

/// What flags say of how formats look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Of text on standard output.
    pub color: ColorChoice,
    /// SARIF names the suppressed findings too.
    pub suppressed_in_sarif: bool,
}

/// A run's result in one format.
pub fn rendered(outcome: &Outcome<'_>, output: &Output, look: Look) -> String {
    match output.format {
        Format::Text => {
            let color = output.file.is_none() && console::colors(look.color);
            text::render(outcome, Terminal { color, width: console::width() })
        }
        Format::Json => json::render(outcome),
        Format::Jsonl => jsonl::render(outcome),
        Format::Sarif if look.suppressed_in_sarif => sarif::render_with_suppressed(outcome),
        Format::Sarif => sarif::render(outcome),
        Format::Github => github::render(outcome),
        Format::Gitlab => gitlab::render(outcome),
        Format::Junit => junit::render(outcome),
        Format::Checkstyle => checkstyle::render(outcome),
        Format::Rdjson => rdjson::render(outcome),
        Format::Rdjsonl => rdjson::render_lines(outcome),
        Format::Azure => azure::render(outcome),
        Format::Teamcity => teamcity::render(outcome),
        Format::Gcc => gcc::render(outcome),
        Format::Vscode => vscode::render(outcome),
    }
}
