//! `archlint config show`: what the configuration says in the end, and which line says so.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::config_file::{ConfigArgs, LoadedConfig, load};
use super::failure::Failure;
use super::rules::written;
use super::ruleset::unconfigured;
use super::{Answer, Verdict, console};
use crate::config::model::{Level, RuleSetting};
use crate::discover::roots::Roots;
use crate::graph::model::Environment;
use crate::judge::engine::ActiveRule;
use crate::render::escape;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

/// Arguments of `config`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint config show
  archlint config show --for deploy/dev/web.yaml")]
pub struct ConfigCommandArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Show severity and parameters of every rule, with the line that sets each
    Show(ShowArgs),
}

#[derive(Args, Debug)]
struct ShowArgs {
    /// File or folder for which to show it, overrides included
    #[arg(long = "for", value_name = "PATH")]
    path: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A value and the place that sets it; `None`: the rule's own file.
struct Set {
    value: String,
    by: Option<Span>,
}

/// Runs the command.
pub fn run(args: &ConfigCommandArgs) -> Answer {
    let Action::Show(args) = &args.action;
    let roots = Roots::new(&[PathBuf::from(".")])?;
    let config = load(&args.config, &roots.root)?;
    // All mistakes are found as in every other run.
    super::ruleset::load_rules(&config)?;
    let (rules, names) = unconfigured(&config)?;
    let path = args.path.as_ref().map(|path| estate_path(path, &roots)).transpose()?;
    let mut out = String::new();
    let files: Vec<String> = config.files.iter().map(|file| file.shown.display().to_string()).collect();
    let files = if files.is_empty() { "none".to_owned() } else { files.join(", ") };
    out.push_str(&format!("configuration: {}\n", escape::line(&files)));
    if let Some(path) = path {
        out.push_str(&of_path(path, &config));
    }
    let width = rules.iter().map(|one| one.rule.id.len()).max().unwrap_or(0);
    for one in &rules {
        let (severity, values) = settled(one, &config, path, &|id| names.current(id) == Some(one.rule.id.as_str()));
        out.push_str(&format!("{:width$}  {:<8} {}\n", one.rule.id, severity.value, origin(&severity, &config)));
        for (parameter, value) in one.rule.parameters.iter().zip(&values) {
            let unit = if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
            let said = format!("{}: {}{unit}", parameter.name, value.value);
            out.push_str(&format!("{:width$}  {}  {}\n", "", escape::line(&said), origin(value, &config)));
        }
    }
    console::print(&escape::log_safe(&out))?;
    Ok(Verdict::Clean)
}

/// Severity and parameters of a rule after all that is said of it, the last word first.
fn settled(
    one: &ActiveRule,
    config: &LoadedConfig,
    path: Option<EstatePath>,
    is_it: &dyn Fn(&str) -> bool,
) -> (Set, Vec<Set>) {
    let rule = &one.rule;
    let own = rule.severity.map_or("off", crate::judge::finding::Severity::word);
    let own = if rule.severities.is_empty() { own.to_owned() } else { format!("{own}*") };
    let mut severity = Set { value: own, by: None };
    let mut values: Vec<Set> = rule.values.iter().map(|value| Set { value: written(value), by: None }).collect();
    let mut apply = |setting: RuleSetting<'_>| {
        if let Some(level) = setting.level {
            let word = match level {
                Level::Off => "off",
                Level::At(severity) => severity.word(),
            };
            severity = Set { value: word.to_owned(), by: Some(setting.span) };
        }
        for (key, value) in setting.parameters() {
            if let Ok((at, datum)) = rule.parameter_value(key, value)
                && let Some(slot) = values.get_mut(at)
            {
                *slot = Set { value: written(&datum), by: Some(key.span()) };
            }
        }
    };
    let settings = config.config.rule_settings().into_iter();
    let overrides = config.config.overrides();
    let local = overrides.into_iter().filter(|(globs, _)| path.is_some_and(|path| globs.matches(path)));
    settings.chain(local.flat_map(|(_, settings)| settings)).filter(|setting| is_it(setting.rule)).for_each(&mut apply);
    (severity, values)
}

/// What else holds for a path.
fn of_path(path: EstatePath, config: &LoadedConfig) -> String {
    let environment = match config.config.environment(path) {
        Some(Environment::Production) => "production, by the configuration",
        Some(Environment::Development) => "development, by the configuration",
        Some(Environment::Test) => "test, by the configuration",
        Some(Environment::Unknown) | None => "as its path says",
    };
    let ignored = if config.config.left_out.matches(path) { "yes, by the configuration" } else { "no" };
    format!("path: {}\nignored: {ignored}\nenvironment: {environment}\n", escape::line(path.as_str()))
}

/// `archlint.yaml:3:5`, `the rule's default`
fn origin(set: &Set, config: &LoadedConfig) -> String {
    let place = set.by.and_then(|span| Some((span, config.file_of(span)?)));
    let Some((span, file)) = place else { return "the rule's default".to_owned() };
    let start = LineIndex::new(&file.text).position(&file.text, span.start, ColumnUnit::Characters);
    escape::line(&format!("{}:{}:{}", file.shown.display(), start.line, start.column))
}

/// The path as the configuration sees it; it need not exist.
#[expect(clippy::disallowed_methods, reason = "a link may lead elsewhere in the estate")]
fn estate_path(path: &std::path::Path, roots: &Roots) -> Result<EstatePath, Failure> {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| roots.root.join(path));
    let below = whole.strip_prefix(&roots.root).map_err(|_| {
        let message = format!("{path:?} lies outside of the estate {:?}", roots.root);
        Failure::Usage(message, "run the command from the estate's root".to_owned())
    })?;
    Ok(EstatePath::new(&below.to_string_lossy().replace('\\', "/")))
}
