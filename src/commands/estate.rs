//! From paths to a judged estate, as every command needs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use xxhash_rust::xxh3::xxh3_64;

use super::config_file::{ConfigArgs, LoadedConfig, load};
use super::console;
use super::failure::Failure;
use super::progress::Bar;
use super::ruleset::{Rules, load_rules, shown_severity};
use crate::discover::roots::Roots;
use crate::judge::engine::{ActiveRule, Options};
use crate::judge::finding::Judgement;
use crate::judge::rules::RuleNames;
use crate::pipeline::{self, ConfigFile, Extraction, Judging, Run};
use crate::render::outcome::{Coverage, Outcome, RuleText, counted};
use crate::render::sources::{Sources, Texts};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// archlint's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What to look at.
#[derive(Args, Clone, Debug, Default)]
pub struct EstateArgs {
    /// Folders or files to look at; the working directory where none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Look at the files that this list names, one a line or with NUL between them; `-` is the
    /// standard input. Paths in outputs are relative to the working directory
    #[arg(long, value_name = "LIST", conflicts_with = "paths")]
    pub files_from: Option<PathBuf>,
    /// Which configuration holds.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Suppress no findings by comments and annotations in the estate; the configuration's
    /// suppressions hold
    #[arg(long)]
    pub no_inline_ignores: bool,
}

impl EstateArgs {
    /// Looks up what was asked for.
    pub fn roots(&self, quiet: bool) -> Result<Roots, Failure> {
        let Some(list) = &self.files_from else { return Ok(Roots::new(&self.paths)?) };
        let paths = console::listed_paths(list)?;
        let (roots, missing) = Roots::listed(&paths)?;
        if missing > 0 && !quiet {
            let number = counted(paths.len(), "listed file is", "listed files are");
            console::say(&format!("archlint: note: {missing} of {number} not there\n"));
        }
        Ok(roots)
    }
}

/// A judged estate with its configuration and rules.
pub struct Estate {
    /// The configuration.
    pub config: LoadedConfig,
    /// The rules that were asked.
    pub rules: Vec<ActiveRule>,
    /// The names of all rules.
    pub names: RuleNames,
    /// What was looked at.
    pub roots: Roots,
    /// What came out.
    pub run: Run,
    /// From the repository's root to the estate's: `services/`; empty where they are one.
    pub prefix: String,
}

impl Estate {
    /// Loads configuration and rules, lets `narrow` choose among the rules, and runs.
    pub fn load(
        args: &EstateArgs,
        quiet: bool,
        narrow: impl FnOnce(&mut Vec<ActiveRule>) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        Self::at(args.roots(quiet)?, args, quiet, narrow)
    }

    /// The same where the paths were looked up already.
    pub fn at(
        roots: Roots,
        args: &EstateArgs,
        quiet: bool,
        narrow: impl FnOnce(&mut Vec<ActiveRule>) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let config = load(&args.config, &roots.root)?;
        let Rules { active: mut rules, names, renamed } = load_rules(&config)?;
        narrow(&mut rules)?;
        if !quiet {
            console::say(&renamed.concat());
        }
        let bar = Bar::new(quiet);
        let file = ConfigFile { config: &config.config, places: &config.places() };
        let judging = Judging {
            rules: &rules,
            names: &names,
            options: Options { passed: false },
            inline_ignores: !args.no_inline_ignores,
            today: console::today()?,
        };
        let run = pipeline::run(&roots, file, judging, &bar);
        bar.finish();
        let prefix = prefix_in_repository(&roots.root);
        Ok(Self { config, rules, names, roots, run, prefix })
    }

    /// The path of a file of the run.
    pub fn path(&self, file: FileId) -> EstatePath {
        self.run.extraction.paths.get(file.0 as usize).copied().unwrap_or_else(EstatePath::root)
    }

    /// Calls `render` with what renderers need.
    pub fn outcome<T>(&self, judgement: &Judgement, render: impl FnOnce(&Outcome<'_>) -> T) -> T {
        let extraction = &self.run.extraction;
        let texts = DiskTexts { extraction };
        let sources = Sources::new(&texts, &extraction.redactions);
        let rules: BTreeMap<Symbol, RuleText> = self
            .rules
            .iter()
            .map(|one| {
                let text = RuleText {
                    title: String::new(),
                    why: one.rule.why.clone(),
                    fix: one.rule.fix.clone(),
                    category: one.category.as_str().to_owned(),
                    severity: Some(shown_severity(&one.rule)),
                    references: one.rule.references.clone(),
                };
                (Symbol::new(&one.rule.id), text)
            })
            .collect();
        let coverage = Coverage {
            files_read: extraction.coverage.read,
            files_unreadable: extraction.coverage.unreadable,
            files_ignored: extraction.coverage.ignored,
            files_left_out: extraction.coverage.left_out,
        };
        render(&Outcome {
            graph: &self.run.graph,
            judgement,
            sources: &sources,
            coverage,
            version: VERSION,
            rules: &rules,
            prefix: &self.prefix,
        })
    }
}

/// The way down to `root` from the nearest folder at or above it that git calls a repository,
/// with `/` at its end. What services of repositories show is named from there.
#[expect(clippy::disallowed_methods, reason = "only the disk knows where the repository begins")]
fn prefix_in_repository(root: &Path) -> String {
    let repository = root.ancestors().find(|folder| folder.join(".git").exists());
    let below = repository.and_then(|repository| root.strip_prefix(repository).ok());
    let names = below.into_iter().flat_map(Path::iter);
    names.map(|name| format!("{}/", name.to_string_lossy())).collect()
}

/// Texts read from the disk once more when a renderer asks.
struct DiskTexts<'a> {
    extraction: &'a Extraction,
}

impl Texts for DiskTexts<'_> {
    fn path(&self, file: FileId) -> EstatePath {
        self.extraction.paths.get(file.0 as usize).copied().unwrap_or_else(EstatePath::root)
    }

    /// A file that changed since it was read has no text: redactions would mask other bytes.
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        let hash = (*self.extraction.hashes.get(file.0 as usize)?)?;
        let text = self.extraction.discovery.read(file).ok()?;
        (xxh3_64(text.as_bytes()) == hash).then_some(text)
    }
}
