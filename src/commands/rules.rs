//! `archlint rules` and `archlint explain RULE`: what the rules say of themselves.

use std::path::PathBuf;

use clap::Args;

use super::config_file::{ConfigArgs, load};
use super::failure::Failure;
use super::ruleset::{known, load_rules, shown_severity};
use super::{Answer, Verdict, console};
use crate::discover::roots::Roots;
use crate::infer::vocabulary::Datum;
use crate::judge::builtin;
use crate::judge::engine::ActiveRule;
use crate::render::rules_text::{self, Parameter, RulePage};

/// Arguments of `rules`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint rules
  archlint rules --no-config")]
pub struct RulesArgs {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Arguments of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  archlint explain shared-database
  archlint explain missing-timeout --config archlint.yaml")]
pub struct ExplainArgs {
    /// The rule's id, as it stands in brackets behind a finding
    rule: String,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs `rules`: one line for each rule, with the severity that holds here.
pub fn list(args: &RulesArgs) -> Answer {
    let pages: Vec<RulePage> = loaded(&args.config)?.iter().map(page).collect();
    console::print(&rules_text::table(&pages))?;
    Ok(Verdict::Clean)
}

/// Runs `explain`.
pub fn explain(args: &ExplainArgs) -> Answer {
    let rules = loaded(&args.config)?;
    console::print(&rules_text::explained(&page(known(&rules, &args.rule)?)))?;
    Ok(Verdict::Clean)
}

fn loaded(config: &ConfigArgs) -> Result<Vec<ActiveRule>, Failure> {
    let roots = Roots::new(&[PathBuf::from(".")])?;
    Ok(load_rules(&load(config, &roots.root)?)?.active)
}

fn page(one: &ActiveRule) -> RulePage {
    let rule = &one.rule;
    let parameter = |(parameter, value): (&crate::judge::parameter::Parameter, &Datum)| Parameter {
        name: parameter.name.clone(),
        default: written(value),
        about: match parameter.unit.as_str() {
            "" => parameter.doc.clone(),
            unit => format!("{} ({unit})", parameter.doc),
        },
    };
    // A user's rule of the same name would have been refused.
    let example = builtin::example(&rule.id);
    RulePage {
        id: rule.id.clone(),
        severity: shown_severity(rule),
        category: one.category.to_string(),
        subject: rule.subject.kind.to_owned(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        before: example.map(|example| example.before.to_owned()),
        after: example.map(|example| example.after.to_owned()),
        limits: rule.limits.join("\n"),
        references: rule.references.clone(),
        parameters: rule.parameters.iter().zip(&rule.values).map(parameter).collect(),
    }
}

/// A value as a configuration writes it: `[cart, orders]`.
pub fn written(value: &Datum) -> String {
    match value {
        Datum::Bool(value) => value.to_string(),
        Datum::Int(value) => value.to_string(),
        Datum::Text(text) => text.to_string(),
        Datum::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
    }
}
