//! The rules of a run: built in or the user's, with the configuration applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config_file::LoadedConfig;
use super::failure::{Failure, Mistake};
use crate::config::model::{Level, RuleSetting};
use crate::discover::read::read_text;
use crate::infer::subjects::SUBJECTS;
use crate::judge::builtin;
use crate::judge::engine::{ActiveRule, LocalSetting};
use crate::judge::finding::Severity;
use crate::judge::problem::{RuleProblem, suggestion};
use crate::judge::rule::Rule;
use crate::judge::rules::{FileProblem, RuleFile, RuleNames, load_all};

/// A rule file before it is loaded.
struct UserFile {
    /// As messages name it.
    shown: PathBuf,
    category: String,
    name: String,
    text: String,
}

/// All rules of a run.
pub struct Rules {
    /// Those that are not off.
    pub active: Vec<ActiveRule>,
    /// The names of all.
    pub names: RuleNames,
    /// Where the configuration calls a rule by a former name: one line each.
    pub renamed: Vec<String>,
}

/// Loads all rules and lets the configuration set severities and parameters. All mistakes of
/// rule files are reported at once, or else all of what the configuration says about rules.
pub fn load_rules(config: &LoadedConfig) -> Result<Rules, Failure> {
    let (mut rules, names) = unconfigured(config)?;
    let problems = configure(&mut rules, config);
    if !problems.is_empty() {
        let mistake = |problem: &RuleProblem| config.mistake(problem.span, &problem.message, problem.help.as_deref());
        return Err(Failure::Mistakes(problems.iter().filter_map(mistake).collect()));
    }
    let renamed = former_names(config, &names);
    Ok(Rules { active: rules, names, renamed })
}

/// All rules as their files say, the user's included, sorted by category and id.
pub fn unconfigured(config: &LoadedConfig) -> Result<(Vec<ActiveRule>, RuleNames), Failure> {
    let mut files: Vec<UserFile> = builtin::FILES
        .iter()
        .map(|file| UserFile {
            shown: Path::new("rules").join(file.category).join(file.name),
            category: file.category.to_owned(),
            name: file.name.to_owned(),
            text: file.text.to_owned(),
        })
        .collect();
    files.extend(user_files(config)?);
    let texts: Vec<RuleFile<'_>> =
        files.iter().map(|file| RuleFile { category: &file.category, name: &file.name, text: &file.text }).collect();
    let mut rules = load_all(&texts, SUBJECTS).map_err(|problems| {
        let mistake = |found: &FileProblem| {
            let file = files.get(found.file)?;
            Some(Mistake::of_rule(&file.shown, &file.text, &found.problem))
        };
        Failure::Mistakes(problems.iter().filter_map(mistake).collect())
    })?;
    rules.sort_by(|one, other| (one.category, &one.rule.id).cmp(&(other.category, &other.rule.id)));
    let names = RuleNames::of(&rules);
    Ok((rules, names))
}

/// Where the configuration calls rules by former names.
fn former_names(config: &LoadedConfig, names: &RuleNames) -> Vec<String> {
    let overrides = config.config.overrides();
    let settings = config.config.rule_settings().into_iter();
    let settings = settings.chain(overrides.into_iter().flat_map(|(_, settings)| settings));
    let former = settings.filter_map(|setting| {
        let current = names.current(setting.rule).filter(|current| *current != setting.rule)?;
        let message = format!("the rule `{}` is called `{current}` now", setting.rule);
        Some(config.mistake(setting.span, &message, None)?.as_note())
    });
    former.collect()
}

/// Keeps the rules that `select` names (all where it is empty), without those of `ignore`.
pub fn narrow(rules: &mut Vec<ActiveRule>, select: &[String], ignore: &[String]) -> Result<(), Failure> {
    let present = |ids: &[String]| -> Result<Vec<String>, Failure> {
        ids.iter().map(|id| Ok(known(rules, id)?.rule.id.clone())).collect()
    };
    let (select, ignore) = (present(select)?, present(ignore)?);
    rules.retain(|one| (select.is_empty() || select.contains(&one.rule.id)) && !ignore.contains(&one.rule.id));
    Ok(())
}

/// The rule of that id, or a failure with the nearest names.
pub fn known<'r>(rules: &'r [ActiveRule], id: &str) -> Result<&'r ActiveRule, Failure> {
    let found = rules.iter().find(|one| one.rule.id == id || one.rule.formerly.iter().any(|old| old == id));
    found.ok_or_else(|| {
        let help = suggestion(id, rules.iter().map(|one| one.rule.id.as_str()), "there are");
        Failure::Usage(format!("there is no rule {id:?}"), help.unwrap_or_default())
    })
}

/// The rule files of `rule_paths`, sorted by path; folders in them are categories.
fn user_files(config: &LoadedConfig) -> Result<Vec<UserFile>, Failure> {
    let Some(first) = config.files.first() else { return Ok(Vec::new()) };
    let base = first.disk.parent().unwrap_or(Path::new(""));
    let mut files = Vec::new();
    for stated in &config.config.rule_paths {
        let folder = PathBuf::from(stated.text.as_str());
        for entry in walkdir::WalkDir::new(&folder).max_depth(2).sort_by_file_name().into_iter().filter_map(Result::ok)
        {
            let path = entry.path();
            let is_rule = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if !is_rule || !entry.file_type().is_file() {
                continue;
            }
            let text = read_text(path)
                .map_err(|problem| Failure::Unreadable("rule", path.to_path_buf(), problem.message()))?
                .to_string();
            let parent = path.parent().filter(|parent| *parent != folder).and_then(Path::file_name);
            let category = parent.map_or_else(|| "custom".to_owned(), |name| name.to_string_lossy().into_owned());
            let shown = path.strip_prefix(base).unwrap_or(path).to_path_buf();
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push(UserFile { shown, category, name, text });
        }
    }
    Ok(files)
}

fn configure(rules: &mut Vec<ActiveRule>, config: &LoadedConfig) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    let mut off = Vec::new();
    for setting in config.config.rule_settings() {
        let at = position(rules, &setting, &mut problems);
        let Some(ActiveRule { rule, .. }) = at.and_then(|at| rules.get_mut(at)) else { continue };
        for (key, value) in setting.parameters() {
            problems.extend(rule.configure(key, value).err());
        }
        match setting.level {
            Some(Level::Off) => off.push(rule.id.clone()),
            Some(Level::At(severity)) => {
                // What a configuration switches off, one that extends it may switch on.
                off.retain(|id| *id != rule.id);
                rule.severity = Some(severity);
                rule.severities.clear();
            }
            None => {}
        }
    }
    for (globs, settings) in config.config.overrides() {
        for setting in settings {
            let at = position(rules, &setting, &mut problems);
            let Some(active) = at.and_then(|at| rules.get_mut(at)) else { continue };
            let mut values = Vec::new();
            for (key, value) in setting.parameters() {
                match active.rule.parameter_value(key, value) {
                    Ok(value) => values.push(value),
                    Err(problem) => problems.push(problem),
                }
            }
            let severity = setting.level.map(|level| match level {
                Level::Off => None,
                Level::At(severity) => Some(severity),
            });
            let globs = globs.clone();
            active.local.push(LocalSetting { paths: Arc::new(move |path| globs.matches(path)), severity, values });
        }
    }
    rules.retain(|one| !off.contains(&one.rule.id));
    problems.sort_by_key(|problem| problem.span);
    problems
}

fn position(rules: &[ActiveRule], setting: &RuleSetting<'_>, problems: &mut Vec<RuleProblem>) -> Option<usize> {
    let is_it =
        |one: &ActiveRule| one.rule.id == setting.rule || one.rule.formerly.iter().any(|old| old == setting.rule);
    let found = rules.iter().position(is_it);
    if found.is_none() {
        let help = suggestion(setting.rule, rules.iter().map(|one| one.rule.id.as_str()), "there are");
        problems.push(RuleProblem {
            span: setting.span,
            message: format!("there is no rule `{}`", setting.rule),
            help,
        });
    }
    found
}

/// The severity that lists and pages show for a rule; a rule that never reports is a note.
pub fn shown_severity(rule: &Rule) -> Severity {
    rule.severity.or_else(|| rule.severities.iter().find_map(|(_, severity)| *severity)).unwrap_or(Severity::Note)
}
