//! `archlint test [DIR]`: do the rules answer on fixture estates as these say? archlint's own
//! tests run through here too.
#![expect(clippy::disallowed_methods, reason = "lists the folders of a suite")]

use std::path::{Path, PathBuf};

use clap::Args;

use super::config_file::{ConfigArgs, LoadedConfig, NAMES, load};
use super::failure::Failure;
use super::ruleset::{Rules, load_rules};
use super::{Answer, Verdict, console};
use crate::discover::read::read_text;
use crate::discover::roots::Roots;
use crate::discover::walk::{Options as WalkOptions, discover};
use crate::judge::engine::{ActiveRule, Options};
use crate::judge::suppression;
use crate::pipeline::{self, ConfigFile, Judging, Silent};
use crate::source::file::FileId;
use crate::trial::case::{Answers, EstateFile, compared, report};
use crate::trial::suite::{Case, FOLDERS, gaps};

/// Arguments of `test`.
#[derive(Args, Debug)]
#[command(after_help = "DIR holds estates as folders: rules/RULE/ESTATE asks one rule, estates/ESTATE all of them.
Comments in their files say what is expected, at the end of a line or alone above it:
  # expect: missing-timeout \"part of the message\"
  # related: missing-timeout
  # ok: missing-timeout
  # unknown: missing-timeout
For formats without comments a file EXPECT in the estate's folder has lines like
  cart/items.json:3 expect: some-rule
A file RULES in the folder of an estate for all rules names those that are asked, by id or
category, one a line.

Exit code: 0 as expected, 1 not as expected, 2 the run could not be done.

Examples:
  archlint test
  archlint test architecture/fixtures")]
pub struct TestArgs {
    /// Folder with estates
    #[arg(value_name = "DIR", default_value = "fixtures")]
    folder: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A suite of estates with the rules that they are for.
pub struct Suite {
    folder: PathBuf,
    config: ConfigArgs,
    /// The ids of all rules, and whether each reports every subject.
    rules: Vec<(String, bool)>,
    /// The estates, sorted by folder.
    pub cases: Vec<Case>,
}

/// Runs `test`.
pub fn run(args: &TestArgs) -> Answer {
    let suite = Suite::load(&args.folder, &args.config)?;
    if suite.cases.is_empty() {
        let message = format!("there are no estates in {}", args.folder.display());
        return Err(Failure::Usage(message, "lay them out as DIR/rules/RULE/ESTATE or DIR/estates/ESTATE".to_owned()));
    }
    let mut out = String::new();
    let mut results = Vec::new();
    let mut failed = 0;
    for case in &suite.cases {
        let answers = suite.answers(case)?;
        let verdict = compared(&answers);
        if !verdict.mismatches.is_empty() {
            failed += 1;
            out.push_str(&format!("{}\n{}\n", case.name, report(&answers, &verdict.mismatches)));
        }
        results.push((case.clone(), verdict));
    }
    for (rule, missing) in gaps(&results, &|rule| suite.always(rule)) {
        failed += usize::from(!missing.is_empty());
        out.extend(missing.iter().map(|one| format!("{rule}: {one}\n")));
    }
    out.push_str(&format!("{} estates, {failed} failed\n", suite.cases.len()));
    console::print(&crate::render::escape::log_safe(&out))?;
    Ok(if failed == 0 { Verdict::Clean } else { Verdict::Failing })
}

impl Suite {
    /// Lists the estates below `folder` and loads the rules of the configuration that holds
    /// for it.
    pub fn load(folder: &Path, config: &ConfigArgs) -> Result<Self, Failure> {
        let folder = Roots::new(&[folder.to_path_buf()])?.root;
        let rules = load_rules(&load(config, &folder)?)?.active;
        let rules = rules.into_iter().map(|active| (active.rule.id, active.rule.when_text == "true")).collect();
        let mut estates = Vec::new();
        for (name, nested) in FOLDERS {
            for entry in folders(&folder.join(name))? {
                if nested { estates.extend(folders(&entry)?) } else { estates.push(entry) }
            }
        }
        let relative = |path: &PathBuf| {
            path.strip_prefix(&folder).map(|below| below.to_string_lossy().replace('\\', "/")).unwrap_or_default()
        };
        let cases = estates.iter().filter_map(|path| Case::of(&relative(path))).collect();
        Ok(Self { folder, config: config.clone(), rules, cases })
    }

    /// The ids of all rules.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|(id, _)| id.as_str())
    }

    /// True for a rule that reports every subject it gets.
    pub fn always(&self, rule: &str) -> bool {
        self.rules.iter().any(|(id, always)| id == rule && *always)
    }

    /// Runs one estate. Its own configuration holds for it; without one only the rules of
    /// the suite's configuration do, which speaks of other files.
    pub fn answers(&self, case: &Case) -> Result<Answers, Failure> {
        let roots = Roots::new(&[self.folder.join(&case.name)])?;
        let own = NAMES.iter().map(|name| roots.root.join(name)).find(|path| path.is_file());
        let (config, rules) = match own {
            Some(path) => {
                let config = load(&ConfigArgs::of(path), &roots.root)?;
                let rules = load_rules(&config)?;
                (config, rules)
            }
            None => {
                let config = LoadedConfig::none();
                (config, load_rules(&load(&self.config, &self.folder)?)?)
            }
        };
        let Rules { active, names, .. } = rules;
        let listed = asked_by(&roots.root.join(RULES_FILE), &active)?;
        let by_list: Vec<String> = active
            .iter()
            .filter(|active| {
                listed.as_ref().is_none_or(|names| {
                    names.iter().any(|name| *name == active.rule.id || *name == active.category.as_str())
                })
            })
            .map(|active| active.rule.id.clone())
            .collect();
        let asked = |id: &str| match &case.rule {
            Some(rule) => rule == id,
            None => by_list.iter().any(|listed| listed == id),
        };
        // What a rule of the second round finds depends on all of the first.
        let is_second = |active: &ActiveRule| asked(&active.rule.id) && active.rule.subject.kind == suppression::KIND;
        let all = active.iter().any(is_second);
        let rules: Vec<ActiveRule> = active.into_iter().filter(|active| all || asked(&active.rule.id)).collect();
        let places = config.places();
        let file = ConfigFile { config: &config.config, places: &places };
        let judging = Judging {
            rules: &rules,
            names: &names,
            options: Options { passed: true },
            inline_ignores: true,
            today: console::today()?,
        };
        let mut run = pipeline::run(&roots, file, judging, &Silent);
        run.judgement.findings.retain(|finding| asked(&finding.rule));
        run.judgement.undecided.retain(|undecided| asked(&undecided.rule));
        run.judgement.passed.retain(|(rule, _)| asked(rule));
        Ok(Answers {
            files: texts(&roots),
            paths: run.extraction.paths,
            judgement: run.judgement,
            rules: rules.into_iter().map(|active| active.rule.id).filter(|id| asked(id)).collect(),
        })
    }
}

/// Lists the rules that an estate below `estates/` is for, by id or category, one a line;
/// without it all are asked. An estate about one question stays as small as the question.
const RULES_FILE: &str = "RULES";

fn asked_by(path: &Path, rules: &[ActiveRule]) -> Result<Option<Vec<String>>, Failure> {
    if !path.is_file() {
        return Ok(None);
    }
    let text = read_text(path).map_err(|problem| Failure::Unreadable("file", path.to_path_buf(), problem.message()))?;
    let names: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let is_known = |name: &String| rules.iter().any(|one| *name == one.rule.id || *name == one.category.as_str());
    match names.iter().find(|name| !is_known(name)) {
        None => Ok(Some(names)),
        Some(name) => {
            let message = format!("{} names `{name}`, which is neither a rule nor a category", path.display());
            Err(Failure::Usage(message, "`archlint rules` lists both".to_owned()))
        }
    }
}

/// All files that are texts: markers stand in files that no reader claims, too.
fn texts(roots: &Roots) -> Vec<EstateFile> {
    let found = discover(roots, &WalkOptions { claims: &|_| true, left_out: &|_| false });
    let text = |(number, path)| Some(EstateFile { path, text: found.read(FileId(number)).ok()? });
    (0..).zip(found.files.iter().map(|file| file.path)).filter_map(text).collect()
}

/// The folders in a folder, sorted; none where there is no such folder.
fn folders(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |error: std::io::Error| Failure::Unreadable("folder", path.to_path_buf(), error.to_string());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if entry.is_dir() {
            found.push(entry);
        }
    }
    found.sort();
    Ok(found)
}
