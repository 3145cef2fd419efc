//! Libraries that send messages which stand in a database: `tables/outboxes/`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/outboxes/npm.yaml");

/// True for a package of npm that publishes what the code writes into a table:
/// `pg-transactional-outbox`.
pub fn sends_from_the_database(package: &str) -> bool {
    static PACKAGES: LazyLock<FxHashSet<Box<str>>> = LazyLock::new(|| read(NPM).0);
    PACKAGES.contains(package)
}

fn read(text: &str) -> (FxHashSet<Box<str>>, Vec<SyntaxProblem>) {
    let mut packages = FxHashSet::default();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["name", "source", "checked"], &mut problems);
            let name = reader.required("name").map(Box::from);
            reader.origin();
            packages.extend(name);
        }
    }
    (packages, problems)
}

#[cfg(test)]
mod tests {
    use super::{NPM, read, sends_from_the_database};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NPM).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(sends_from_the_database("pg-transactional-outbox") && !sends_from_the_database("axios"));
    }
}
