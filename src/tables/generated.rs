//! Which names of code that a tool generates stand for those of a library: `tables/generated/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/generated/npm.yaml");

/// The library whose export a name of generated code is: `@prisma/client` for `PrismaClient`.
pub fn generated(export: &str) -> Option<Symbol> {
    static ROWS: LazyLock<Vec<(Symbol, Symbol)>> = LazyLock::new(|| read(NPM).0);
    ROWS.iter().find(|(name, _)| *name == *export).map(|(_, package)| *package)
}

fn read(text: &str) -> (Vec<(Symbol, Symbol)>, Vec<SyntaxProblem>) {
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["export", "package", "source", "checked"], &mut problems);
            let (export, package) = (reader.required("export"), reader.required("package"));
            reader.origin();
            rows.extend(export.zip(package).map(|(export, package)| (Symbol::new(export), Symbol::new(package))));
        }
    }
    (rows, problems)
}

#[cfg(test)]
mod tests {
    use super::{NPM, generated, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NPM).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(generated("PrismaClient").map(|package| package.to_string()).as_deref(), Some("@prisma/client"));
        assert!(generated("Client").is_none());
    }
}
