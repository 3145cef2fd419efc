//! Finding and reading `archlint.yaml`.
#![expect(clippy::disallowed_methods, reason = "looks for the configuration on the disk")]

use std::path::{Path, PathBuf};

use clap::Args;

use super::console;
use super::failure::{Failure, Mistake};
use crate::config::model::Config;
use crate::config::read::read;
use crate::discover::read::read_text;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::popular::{Popular, PopularList};

/// Names of the configuration; two of them in one folder are a mistake.
pub const NAMES: [&str; 4] = ["archlint.yaml", ".archlint.yaml", "archlint.yml", ".archlint.yml"];

/// Which configuration to use.
#[derive(Args, Clone, Debug, Default)]
pub struct ConfigArgs {
    /// Configuration to use instead of the archlint.yaml at the estate's root or above it,
    /// up to the repository's root; also as ARCHLINT_CONFIG
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Use no configuration at all
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

impl ConfigArgs {
    /// `--config FILE`
    pub fn of(path: PathBuf) -> Self {
        Self { config: Some(path), no_config: false }
    }

    /// `--no-config`
    pub fn none() -> Self {
        Self { config: None, no_config: true }
    }
}

/// The configuration that holds for a run.
pub struct LoadedConfig {
    /// What it says; nothing where there is none.
    pub config: Config,
    /// Its files: first the one that was asked for, then what that extends. A span of the
    /// configuration says by its file which one it lies in. Empty: there is none.
    pub files: Vec<ConfigFile>,
}

/// A file of a configuration.
pub struct ConfigFile {
    /// On the disk, absolute.
    pub disk: PathBuf,
    /// In outputs: relative to the estate's root; its bare name where it lies outside.
    pub path: EstatePath,
    /// As messages name it.
    pub shown: PathBuf,
    /// Its text, for mistakes that are found later.
    pub text: String,
}

impl LoadedConfig {
    /// No configuration.
    pub fn none() -> Self {
        Self { config: Config::empty(), files: Vec::new() }
    }

    /// The files as the pipeline takes them in.
    pub fn places(&self) -> Vec<(EstatePath, &Path)> {
        self.files.iter().map(|file| (file.path, file.disk.as_path())).collect()
    }

    /// The file in which a span of the configuration lies.
    pub fn file_of(&self, span: Span) -> Option<&ConfigFile> {
        self.files.get(span.file.0 as usize)
    }

    /// A mistake somewhere in the configuration.
    pub fn mistake(&self, span: Span, message: &str, help: Option<&str>) -> Option<Mistake> {
        self.file_of(span).map(|file| Mistake::new(&file.shown, &file.text, span, message, help))
    }
}

/// Most files of one configuration, and so the deepest way of `extends`.
const MOST_FILES: usize = 32;

/// Finds and reads the configuration for the estate at `root`.
pub fn load(args: &ConfigArgs, root: &Path) -> Result<LoadedConfig, Failure> {
    let named = args.config.clone().or_else(|| console::variable("ARCHLINT_CONFIG").map(PathBuf::from));
    let disk = match named {
        _ if args.no_config => None,
        Some(path) => {
            let unreadable =
                |error: std::io::Error| Failure::Unreadable("configuration", path.clone(), error.to_string());
            Some(std::fs::canonicalize(&path).map_err(unreadable)?)
        }
        None => find(root)?,
    };
    let Some(disk) = disk else { return Ok(LoadedConfig::none()) };
    let folder = disk.parent().unwrap_or(root);
    let prefix = root.strip_prefix(folder).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default();
    let mut loader = Loader { root, prefix: prefix.replace('\\', "/"), files: Vec::new(), open: Vec::new() };
    let config = loader.file(disk)?;
    Ok(LoadedConfig { config, files: loader.files })
}

/// Reads a configuration with all that it extends.
struct Loader<'r> {
    root: &'r Path,
    /// The estate's root as seen from the folder of the file that was asked for: paths of all
    /// files are meant from there.
    prefix: String,
    files: Vec<ConfigFile>,
    /// The files on the way to the one that is being read.
    open: Vec<PathBuf>,
}

impl Loader<'_> {
    fn file(&mut self, disk: PathBuf) -> Result<Config, Failure> {
        let text = read_text(&disk)
            .map_err(|problem| Failure::Unreadable("configuration", disk.clone(), problem.message()))?
            .to_string();
        let inside = disk.strip_prefix(self.root).ok().map(Path::to_path_buf);
        let shown = inside.clone().unwrap_or_else(|| disk.clone());
        let name = disk.file_name().unwrap_or_default().to_string_lossy();
        let path = inside.map_or_else(|| EstatePath::new(&name), |inside| EstatePath::new(&inside.to_string_lossy()));
        let number = FileId(self.files.len() as u32);
        let (mut config, problems) = read(number, &text, &self.prefix);
        if !problems.is_empty() {
            let mistakes = problems.iter().map(|problem| Mistake::of_config(&shown, &text, problem)).collect();
            return Err(Failure::Mistakes(mistakes));
        }
        let wrong = |span: Span, message: String, help: &str| {
            Err(Failure::Mistakes(vec![Mistake::new(&shown, &text, span, &message, Some(help))]))
        };
        let folder = disk.parent().unwrap_or(self.root).to_path_buf();
        // Rules lie beside the file that names them, whoever extends it.
        for stated in &mut config.rule_paths {
            let whole = folder.join(stated.text.as_str());
            if !whole.is_dir() {
                let message = format!("there is no folder `{}` beside the configuration", stated.text);
                return wrong(stated.span, message, "write it relative to this file");
            }
            stated.text = Symbol::new(&whole.to_string_lossy());
        }
        for popular in &config.popular_packages {
            let Ok(list) = read_text(&folder.join(popular.file.text.as_str())) else {
                let message = format!("there is no file `{}` beside the configuration", popular.file.text);
                return wrong(popular.file.span, message, "write it relative to this file");
            };
            let names = Popular::of_lines(list.as_ref());
            if names.is_empty() {
                let message = format!("`{}` names no package", popular.file.text);
                return wrong(popular.file.span, message, "write one name a line, the most popular first");
            }
            config.popular_lists.push(PopularList { registry: popular.registry, as_of: popular.as_of, names });
        }
        self.files.push(ConfigFile { disk: disk.clone(), path, shown: shown.clone(), text: text.clone() });
        self.open.push(disk);
        let mut base = Config::empty();
        for stated in config.extends.clone() {
            if stated.text.contains("://") {
                let message = format!("`{}` is an address, and archlint opens none", stated.text);
                return wrong(stated.span, message, "keep a copy in the repository, or bring it there as a package");
            }
            let Ok(next) = std::fs::canonicalize(folder.join(stated.text.as_str())) else {
                let message = format!("there is no file `{}` beside the configuration", stated.text);
                return wrong(stated.span, message, "write it relative to this file");
            };
            if self.open.contains(&next) {
                let message = format!("`{}` extends this file, and this file extends it", stated.text);
                return wrong(stated.span, message, "take one of the two out");
            }
            if self.files.len() >= MOST_FILES {
                let message = format!("a configuration has at most {MOST_FILES} files");
                return wrong(stated.span, message, "put what belongs together into one file");
            }
            base = self.file(next)?.extending(base);
        }
        self.open.pop();
        Ok(config.extending(base))
    }
}

/// The configuration in `root` or the nearest folder above it that has one, up to the root
/// of the repository; without a repository in `root` alone.
fn find(root: &Path) -> Result<Option<PathBuf>, Failure> {
    let repository = root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(root);
    for folder in root.ancestors().take_while(|folder| folder.starts_with(repository)) {
        let mut found = NAMES.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
        match (found.next(), found.next()) {
            (Some(one), Some(other)) => return Err(Failure::TwoConfigs(one, other)),
            (Some(one), None) => return Ok(Some(one)),
            (None, _) => {}
        }
    }
    Ok(None)
}
