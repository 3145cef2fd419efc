//! What gives something new each time it is asked: `tables/operations/identifiers.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NAMES: &str = include_str!("../../tables/operations/identifiers.yaml");

/// True for a package, or a name of the environment, whose calls give something new each time.
pub fn makes_identifiers(name: &str) -> bool {
    static NEW: LazyLock<FxHashSet<Box<str>>> = LazyLock::new(|| read(NAMES).0);
    NEW.contains(name)
}

fn read(text: &str) -> (FxHashSet<Box<str>>, Vec<SyntaxProblem>) {
    let mut names = FxHashSet::default();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["names", "source", "checked"], &mut problems);
            names.extend(reader.list("names"));
            reader.origin();
        }
    }
    (names, problems)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, makes_identifiers, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NAMES).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(makes_identifiers("uuid") && !makes_identifiers("axios"));
    }
}
