//! What makes one file of a Node program and its packages: `tables/bundlers/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/bundlers/npm.yaml");

/// Where a bundler is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundlerSign {
    /// `command`: a program that a script of a package runs.
    Command,
    /// `plugin`: of the Serverless Framework.
    Plugin,
    /// `method`: how AWS SAM builds.
    Method,
}

/// The table.
#[derive(Debug, Default)]
pub struct Bundlers {
    rows: Vec<(BundlerSign, Symbol, Symbol)>,
}

impl Bundlers {
    /// The bundler of this name: `serverless-esbuild`, a plugin.
    pub fn named(&self, sign: BundlerSign, name: &str) -> Option<Symbol> {
        self.rows.iter().find(|(of, known, _)| *of == sign && known.as_str() == name).map(|(_, known, _)| *known)
    }

    /// The bundler that a command runs: its program without folder, and its first argument.
    pub fn run_by(&self, program: &str, argument: Option<&str>) -> Option<Symbol> {
        let commands = self.rows.iter().filter(|(of, ..)| *of == BundlerSign::Command);
        commands.map(|(_, known, _)| *known).find(|known| match known.split_once(' ') {
            Some((word, first)) => word == program && argument == Some(first),
            None => known.as_str() == program,
        })
    }

    /// True for a package that brings a bundler.
    pub fn brought_by(&self, package: &str) -> bool {
        self.rows.iter().any(|(_, _, brings)| brings.as_str() == package)
    }
}

/// What archlint ships.
pub fn bundlers() -> &'static Bundlers {
    static TABLE: LazyLock<Bundlers> = LazyLock::new(|| read(NPM).0);
    &TABLE
}

fn read(text: &str) -> (Bundlers, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), text);
    let mut problems = tree.problems.clone();
    let mut table = Bundlers::default();
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["sign", "name", "package", "source", "checked"], &mut problems);
            reader.required("sign");
            let sign = reader.word("sign", &["command", "plugin", "method"], |word| match word {
                "command" => Some(BundlerSign::Command),
                "plugin" => Some(BundlerSign::Plugin),
                "method" => Some(BundlerSign::Method),
                _unheard_of => None,
            });
            let name = reader.required("name").map(Symbol::new);
            let package = reader.required("package").map(Symbol::new);
            reader.origin();
            if let (Some(sign), Some(name), Some(package)) = (sign, name, package) {
                table.rows.push((sign, name, package));
            }
        }
    }
    (table, problems)
}

#[cfg(test)]
mod tests {
    use super::{BundlerSign, NPM, bundlers, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NPM).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn some_programs_bundle_only_when_they_are_told_to() {
        assert!(bundlers().run_by("vite", Some("build")).is_some());
        assert!(bundlers().run_by("vite", Some("preview")).is_none());
        assert!(bundlers().run_by("esbuild", None).is_some());
        assert!(bundlers().run_by("tsc", None).is_none());
        assert!(bundlers().named(BundlerSign::Plugin, "serverless-offline").is_none());
    }
}
