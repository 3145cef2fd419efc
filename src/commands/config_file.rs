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
    /// Its text, for mistakes that the rules find in it.
    pub text: String,
    /// Where it is. `None`: there is none.
    pub place: Option<ConfigPlace>,
}

/// Where a configuration is.
pub struct ConfigPlace {
    /// On the disk, absolute.
    pub disk: PathBuf,
    /// In outputs: relative to the estate's root; its bare name where it lies outside.
    pub path: EstatePath,
    /// As messages name it.
    pub shown: PathBuf,
}

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
    let Some(disk) = disk else {
        return Ok(LoadedConfig { config: Config::empty(), text: String::new(), place: None });
    };
    let text = read_text(&disk)
        .map_err(|problem| Failure::Unreadable("configuration", disk.clone(), problem.message()))?
        .to_string();
    let folder = disk.parent().unwrap_or(root);
    let prefix = root.strip_prefix(folder).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default();
    let inside = disk.strip_prefix(root).ok().map(Path::to_path_buf);
    let shown = inside.clone().unwrap_or_else(|| disk.clone());
    let name = disk.file_name().unwrap_or_default().to_string_lossy();
    let path = inside.map_or_else(|| EstatePath::new(&name), |inside| EstatePath::new(&inside.to_string_lossy()));
    let (config, problems) = read(FileId(0), &text, &prefix.replace('\\', "/"));
    if !problems.is_empty() {
        let mistakes = problems.iter().map(|problem| Mistake::of_config(&shown, &text, problem)).collect();
        return Err(Failure::Mistakes(mistakes));
    }
    Ok(LoadedConfig { config, text, place: Some(ConfigPlace { disk, path, shown }) })
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
