//! `archlint init`: a commented configuration from what a run finds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::config_file::NAMES;
use super::estate::{Estate, EstateArgs};
use super::failure::Failure;
use super::{Answer, Verdict, console};
use crate::graph::model::Graph;
use crate::render::outcome::publicly_routed;

/// Arguments of `init`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint init
  archlint init --force services")]
pub struct InitArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Overwrite the archlint.yaml that is there
    #[arg(long)]
    force: bool,
}

/// Runs the command: writes archlint.yaml at the estate's root.
#[expect(clippy::disallowed_methods, reason = "looks whether there is a configuration already")]
pub fn run(args: &InitArgs) -> Answer {
    let roots = args.estate.roots(true)?;
    let present = NAMES.iter().map(|name| roots.root.join(name)).find(|path| path.exists());
    if let Some(path) = present.as_ref().filter(|_| !args.force) {
        let message = format!("there is {path:?} already");
        return Err(Failure::Usage(message, "edit it, or overwrite it with --force".to_owned()));
    }
    // A file that is to be replaced has no say in what is found.
    let mut estate = args.estate.clone();
    estate.config = super::config_file::ConfigArgs::none();
    let estate = Estate::at(roots, &estate, false, |rules| {
        rules.clear();
        Ok(())
    })?;
    let path: PathBuf = present.unwrap_or_else(|| estate.roots.root.join("archlint.yaml"));
    console::write_file(&path, &written(&estate.run.graph))?;
    console::say(&format!("archlint: wrote {path:?}\n"));
    Ok(Verdict::Clean)
}

/// The configuration as text. Everything found stands in it as a comment: found is found, and
/// what stands in a configuration has to be kept true by hand.
fn written(graph: &Graph) -> String {
    let mut out = String::from(
        "# Configuration of archlint; `archlint schema config` describes every key.
# Every key is optional. What was found in this estate stands here as comments.
version: 1

# How bad findings are: off, note, warning or error; rules with parameters take a mapping.
# `archlint rules` lists the rules, `archlint explain RULE` their parameters.
# rules:
#   some-rule: warning

# Folders with rules of your own, relative to this file.
# rule_paths: [rules/]

# What no file shows about services.
# services:
",
    );
    let routed = publicly_routed(graph);
    let public = graph.services.iter().zip(0u32..);
    let public: Vec<String> = public
        .filter(|(_, id)| routed.contains(&crate::graph::model::ServiceId(*id)))
        .map(|(service, _)| quoted(&service.name))
        .collect();
    out.push_str(&format!("#   # Reachable from outside the estate; found: {}\n", listed(&public)));
    out.push_str("#   public: []\n#   # Other names of a service; found:\n#   aliases:\n");
    for service in &graph.services {
        let aliases: Vec<String> = service.aliases.iter().map(|alias| quoted(alias)).collect();
        out.push_str(&format!("#     {}: [{}]\n", quoted(&service.name), aliases.join(", ")));
    }
    out.push_str("#   owners:\n");
    for service in &graph.services {
        let owners: Vec<String> = service.owners.iter().map(|owner| quoted(owner)).collect();
        out.push_str(&format!("#     {}: [{}]\n", quoted(&service.name), owners.join(", ")));
    }
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for infra in &graph.infrastructure {
        kinds.entry(infra.kind.as_str()).or_default().push(quoted(&infra.name));
    }
    out.push_str("\n# Images of yours that are infrastructure and no services. Found to be infrastructure:\n");
    for (kind, names) in kinds {
        out.push_str(&format!("#   {}: {}\n", quoted(kind), names.join(", ")));
    }
    out.push_str(
        "# infrastructure:
#   - match: acme/redis
#     kind: cache
#     engine: redis

# What deployment files are for, where their paths do not say: development, test, production.
# environments:
#   - paths: deploy/playground
#     environment: development

# Paths that are not looked at; .gitignore holds anyway.
# ignore: [legacy]

# Other severities below some paths.
# overrides:
#   - paths: [batch]
#     rules:
#       some-rule: note
",
    );
    out
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// A name as YAML writes it in one line, whatever is in it: names come from hostile files.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.is_empty() && name.chars().all(plain) && !name.starts_with('-') {
        return name.to_owned();
    }
    serde_json::to_string(&crate::render::escape::line(name)).unwrap_or_default()
}
