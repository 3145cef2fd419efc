//! Why a run could not be done: the user's mistake or the machine's, never the estate's.

use std::path::{Path, PathBuf};

use crate::config::problem::ConfigProblem;
use crate::discover::roots::RootProblem;
use crate::judge::problem::RuleProblem;
use crate::render::escape;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::span::Span;

/// A failure; all of them end the run with exit code 2.
#[derive(Debug)]
pub enum Failure {
    /// A path on the command line that cannot be walked.
    Root(RootProblem),
    /// Arguments that make no sense together: what is wrong, and what to do.
    Usage(String, String),
    /// Mistakes in the configuration or in rule files: all of them.
    Mistakes(Vec<Mistake>),
    /// Two configurations in one folder.
    TwoConfigs(PathBuf, PathBuf),
    /// Something that cannot be read: what it is, where, and the reason.
    Unreadable(&'static str, PathBuf, String),
    /// A file that is no baseline, or none that this archlint reads: where, and why.
    NoBaseline(PathBuf, String),
    /// What git cannot do: what was wanted, and git's reason.
    Git(String, String),
    /// Something that cannot be written: where, and the system's reason.
    Unwritable(PathBuf, String),
}

/// A mistake in a file of the user's, with its line.
#[derive(Debug)]
pub struct Mistake {
    /// `archlint.yaml:3:5`
    place: String,
    message: String,
    help: Option<String>,
    /// The line, and where the mistake begins and ends in it, in characters.
    excerpt: Option<(String, usize, usize)>,
}

/// Longest line shown.
const LONGEST_LINE: usize = 160;

impl Mistake {
    /// A mistake at `span` of a file with this text.
    pub fn new(path: &Path, text: &str, span: Span, message: &str, help: Option<&str>) -> Self {
        let index = LineIndex::new(text);
        let start = index.position(text, span.start, ColumnUnit::Characters);
        let end = index.position(text, span.end, ColumnUnit::Characters);
        let line = index
            .line_range(text, start.line)
            .and_then(|(from, to)| text.get(from as usize..to as usize))
            .map(|line| line.trim_start_matches('\u{feff}'))
            // Whoever names another file by mistake, a `.env`, must not find its secrets in a log.
            .filter(|_| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml"))
            .filter(|line| line.len() <= LONGEST_LINE && !line.is_empty());
        let excerpt = line.map(|line| {
            let from = (start.column as usize).saturating_sub(1);
            let to =
                if end.line == start.line { (end.column as usize).saturating_sub(1) } else { line.chars().count() };
            (line.to_owned(), from, to.max(from + 1))
        });
        let place = format!("{}:{}:{}", path.display(), start.line, start.column);
        Self { place, message: message.to_owned(), help: help.map(str::to_owned), excerpt }
    }

    /// A mistake of a configuration.
    pub fn of_config(path: &Path, text: &str, problem: &ConfigProblem) -> Self {
        Self::new(path, text, problem.span, &problem.message, problem.help.as_deref())
    }

    /// A mistake of a rule file, or of what a configuration says about a rule.
    pub fn of_rule(path: &Path, text: &str, problem: &RuleProblem) -> Self {
        Self::new(path, text, problem.span, &problem.message, problem.help.as_deref())
    }

    /// The same as advice, on one line: `archlint.yaml:3:3: note: …`.
    pub fn as_note(&self) -> String {
        let note = format!("{}: note: {}\n", escape::leading_path(&self.place), escape::line(&self.message));
        escape::log_safe(&note)
    }

    fn render(&self, out: &mut String) {
        out.push_str(&format!("{}: error: {}\n", escape::leading_path(&self.place), escape::line(&self.message)));
        if let Some((line, from, to)) = &self.excerpt {
            // Every character of the line takes one column, so that the marks stand below it.
            let shown: String = line.chars().map(|c| if escape::is_hidden(c) { ' ' } else { c }).collect();
            out.push_str(&format!("  | {}\n  | {}{}\n", shown, " ".repeat(*from), "^".repeat(to - from)));
        }
        if let Some(help) = &self.help {
            out.push_str(&format!("  help: {}\n", escape::line(help)));
        }
    }
}

impl Failure {
    /// What standard error shows, with a line break at the end.
    pub fn render(&self) -> String {
        let (title, help) = match self {
            Self::Root(problem) => (problem.to_string(), root_help(problem).to_owned()),
            Self::Usage(message, help) => (message.clone(), help.clone()),
            Self::Mistakes(mistakes) => {
                let mut out = String::new();
                for mistake in mistakes {
                    mistake.render(&mut out);
                }
                let count =
                    if mistakes.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", mistakes.len()) };
                out.push_str(&format!("archlint: {count} to repair before anything is checked\n"));
                return escape::log_safe(&out);
            }
            Self::TwoConfigs(one, other) => (
                format!("{one:?} and {other:?} are both configurations of one folder"),
                "keep one, or name one with --config".to_owned(),
            ),
            Self::Unreadable(what, path, reason) => (
                format!("the {what} {path:?} cannot be read: {reason}"),
                "check the path and its permissions".to_owned(),
            ),
            Self::NoBaseline(path, reason) => (
                format!("the baseline {path:?} cannot be used: {reason}"),
                "write one with `archlint baseline create --file FILE`".to_owned(),
            ),
            Self::Git(message, reason) => {
                (format!("{message}: {reason}"), "try `git fsck`, or fetch what is missing".to_owned())
            }
            Self::Unwritable(path, reason) => {
                (format!("{path:?} cannot be written: {reason}"), "check that its folder exists".to_owned())
            }
        };
        let mut out = format!("archlint: error: {}\n", escape::line(&title));
        if !help.is_empty() {
            out.push_str(&format!("  help: {}\n", escape::line(&help)));
        }
        out
    }
}

fn root_help(problem: &RootProblem) -> &'static str {
    match problem {
        RootProblem::Missing(_) => "check the spelling; `archlint --help` lists the commands",
        RootProblem::Unreadable(..) => "let the user that runs archlint read it",
        RootProblem::Special(_) => "name a folder or a regular file",
        RootProblem::Apart(..) => "check folders of different drives in separate runs",
    }
}

impl From<RootProblem> for Failure {
    fn from(problem: RootProblem) -> Self {
        Self::Root(problem)
    }
}
