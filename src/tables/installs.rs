//! Commands that install what others wrote: `tables/pipelines/installs.yaml`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/pipelines/installs.yaml");

const KEYS: [&str; 15] = [
    "tool",
    "programs",
    "installs",
    "exact",
    "frozen",
    "frozen_in_pipelines",
    "names",
    "only_names",
    "recipes_only",
    "scripts",
    "values",
    "ignores",
    "fix",
    "source",
    "checked",
];

/// Which names of packages move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// Those without a version.
    Versions,
    /// Those at `@latest` and the like.
    Latest,
}

#[derive(Debug)]
struct InstallRow {
    tool: Symbol,
    programs: Vec<Box<str>>,
    installs: Vec<Vec<Box<str>>>,
    exact: Vec<Box<str>>,
    frozen: Vec<Box<str>>,
    frozen_in_pipelines: bool,
    names: Option<Names>,
    only_names: bool,
    recipes_only: bool,
    scripts: bool,
    values: Vec<Box<str>>,
    ignores: Vec<Box<str>>,
    fix: Symbol,
}

/// What one command installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// `npm`
    pub tool: Symbol,
    /// Why it may install something else tomorrow; `None`: it installs the same.
    pub moves: Option<String>,
    /// True if installing runs scripts of the dependencies.
    pub runs_scripts: bool,
    /// What to use instead.
    pub fix: Symbol,
}

/// The table.
#[derive(Debug, Default)]
pub struct Installs {
    rows: Vec<InstallRow>,
}

/// What archlint ships.
pub fn installs() -> &'static Installs {
    static ALL: LazyLock<Installs> = LazyLock::new(|| read().0);
    &ALL
}

fn read() -> (Installs, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), TABLE);
    let mut problems = tree.problems.clone();
    let mut all = Installs::default();
    let rows = tree.documents().next().and_then(|root| root.get("rows"));
    for row in rows.into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(row, &KEYS, &mut problems);
        reader.origin();
        let names = reader.word("names", &["versions", "latest"], |word| match word {
            "versions" => Some(Names::Versions),
            "latest" => Some(Names::Latest),
            _ => None,
        });
        let yes = |key: &str| row.get(key).and_then(Node::bool) == Some(true);
        let (Some(tool), Some(fix)) = (reader.required("tool"), reader.required("fix")) else { continue };
        all.rows.push(InstallRow {
            tool: Symbol::new(tool),
            programs: reader.list("programs"),
            installs: reader
                .list("installs")
                .iter()
                .map(|text| text.split_whitespace().map(Box::from).collect())
                .collect(),
            exact: reader.list("exact"),
            frozen: reader.list("frozen"),
            frozen_in_pipelines: yes("frozen_in_pipelines"),
            names,
            only_names: yes("only_names"),
            recipes_only: yes("recipes_only"),
            scripts: row.get("scripts").is_some(),
            values: reader.list("values"),
            ignores: reader.list("ignores"),
            fix: Symbol::new(fix),
        });
    }
    (all, problems)
}

impl Installs {
    /// What a command installs; `None` where it installs nothing that is known. `in_pipeline`:
    /// it is a step of a pipeline, where `CI` is set.
    pub fn of(&self, program: &str, arguments: &[&str], in_pipeline: bool) -> Option<Install> {
        // `python -m pip install x`
        if let ("python" | "python3", ["-m", module, rest @ ..]) = (program, arguments) {
            return self.of(module, rest, in_pipeline);
        }
        let row = self.rows.iter().find(|row| row.programs.iter().any(|one| **one == *program))?;
        if row.recipes_only && in_pipeline {
            return None;
        }
        let plain = row.plain(arguments);
        let first = plain.first().map_or("", |(word, _)| word);
        let scripts_off =
            arguments.iter().any(|word| word.starts_with("--ignore-scripts") && !word.ends_with("=false"));
        let runs_scripts = row.scripts && !scripts_off;
        let made = |moves: Option<String>| Install { tool: row.tool, moves, runs_scripts, fix: row.fix };
        if row.exact.iter().any(|word| **word == *first) {
            return Some(made(None));
        }
        let installs = row.installs.iter().filter(|words| {
            let behind = plain.iter().map(|(word, _)| *word).chain(arguments.iter().copied());
            match words.as_slice() {
                [] => plain.is_empty(),
                [one] => **one == *first,
                [one, others @ ..] => {
                    **one == *first && others.iter().all(|other| behind.clone().any(|word| **other == *word))
                }
            }
        });
        let words = installs.max_by_key(|words| words.len())?;
        let informs = ["--help", "-h", "--version", "-v", "-V", "--dry-run", "--package-lock-only"];
        if arguments.iter().any(|word| informs.contains(word)) {
            return None;
        }
        if arguments.iter().any(|word| row.frozen.iter().any(|flag| word.split('=').next() == Some(flag))) {
            return Some(made(None));
        }
        let named: Vec<&str> = match row.names {
            Some(_) => plain.iter().skip(words.len()).map(|(word, _)| *word).filter(|word| is_package(word)).collect(),
            None => Vec::new(),
        };
        if named.is_empty() {
            // Only what a lock file could have said.
            let moves = !(row.only_names || row.frozen_in_pipelines && in_pipeline);
            let is_list = plain.iter().skip(words.len()).any(|(word, _)| word.ends_with(".tgz"));
            return Some(made(
                (moves && !is_list).then(|| "it may install other versions than the lock file names".to_owned()),
            ));
        }
        let loose: Vec<&str> = named
            .into_iter()
            .filter(|name| !row.ignores.iter().any(|ignored| **ignored == **name) && row.is_loose(name))
            .collect();
        Some(made(
            (!loose.is_empty())
                .then(|| format!("{} {} no version", loose.join(", "), if loose.len() == 1 { "has" } else { "have" })),
        ))
    }
}

impl InstallRow {
    /// The words that are neither flags nor their values, with their places.
    fn plain<'w>(&self, arguments: &[&'w str]) -> Vec<(&'w str, usize)> {
        let mut found = Vec::new();
        let mut is_value = false;
        for (at, word) in arguments.iter().enumerate() {
            if std::mem::take(&mut is_value) {
                continue;
            }
            if word.starts_with('-') {
                is_value = self.values.iter().any(|flag| **flag == **word);
            } else {
                found.push((*word, at));
            }
        }
        found
    }

    fn is_loose(&self, name: &str) -> bool {
        let version = name.get(1..).and_then(|rest| rest.split_once('@')).map(|(_, version)| version);
        match self.names {
            Some(Names::Latest) => {
                version.is_some_and(|version| matches!(version, "latest" | "master" | "main" | "HEAD"))
            }
            Some(Names::Versions) if self.tool == "pip" => {
                !["==", "@", "<=", "~=", "<"].iter().any(|sign| name.contains(sign))
            }
            Some(Names::Versions) => {
                version.is_none_or(|version| matches!(version, "" | "latest" | "next" | "*" | "canary" | "beta"))
            }
            None => false,
        }
    }
}

/// True for what names a package, and not a file, an address or a variable.
fn is_package(word: &str) -> bool {
    let is_path = word.starts_with(['.', '/', '~', '$']) || word.contains("://") || word.contains('$');
    !is_path && !word.ends_with(".tgz") && !word.ends_with(".whl") && !word.starts_with("git+")
}

#[cfg(test)]
mod tests {
    use super::{installs, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read().1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    /// `moves`, `same`, or `-` where nothing is installed.
    fn told(command: &str, in_pipeline: bool) -> &'static str {
        let words: Vec<&str> = command.split(' ').collect();
        match installs().of(words[0], &words[1..], in_pipeline) {
            None => "-",
            Some(install) if install.moves.is_some() => "moves",
            Some(_) => "same",
        }
    }

    #[test]
    fn installs_move_unless_they_keep_to_a_lock_or_name_versions() {
        for (command, recipe, pipeline) in [
            ("npm install", "moves", "moves"),
            ("npm i --omit=dev", "moves", "moves"),
            ("npm ci", "same", "same"),
            ("npm --prefix web ci", "same", "same"),
            ("npm install -g pnpm", "moves", "moves"),
            ("npm install -g pnpm@9.1.0 --loglevel error", "same", "same"),
            ("npm install -g @nestjs/cli", "moves", "moves"),
            ("npm install -g @nestjs/cli@10", "same", "same"),
            ("npm install ./local.tgz", "same", "same"),
            ("npm run build", "-", "-"),
            ("npm install --package-lock-only", "-", "-"),
            ("yarn", "moves", "moves"),
            ("yarn --frozen-lockfile", "same", "same"),
            ("yarn install --immutable", "same", "same"),
            ("yarn build", "-", "-"),
            ("yarn global add serve", "moves", "moves"),
            ("pnpm install", "moves", "same"),
            ("pnpm i --frozen-lockfile", "same", "same"),
            ("pnpm build", "-", "-"),
            ("bun install", "moves", "moves"),
            ("cargo build --release", "moves", "-"),
            ("cargo build --release --locked", "same", "-"),
            ("cargo test", "-", "-"),
            ("pip install flask", "moves", "moves"),
            ("pip install flask==3.0.0", "same", "same"),
            ("pip install -r requirements.txt", "same", "same"),
            ("pip install --upgrade pip", "same", "same"),
            ("python -m pip install flask", "moves", "moves"),
            ("go install example.org/x@latest", "moves", "moves"),
            ("go install example.org/x@v1.2.3", "same", "same"),
            ("go install ./cmd/x", "same", "same"),
            ("apk add curl", "-", "-"),
        ] {
            assert_eq!((told(command, false), told(command, true)), (recipe, pipeline), "{command}");
        }
    }
}
