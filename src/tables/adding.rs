//! Which members of libraries for databases add rows: `tables/stores/adding.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const MEMBERS: &str = include_str!("../../tables/stores/adding.yaml");

/// True for a member that adds a row each time: `insertOne`.
pub fn adds_rows(member: &str) -> bool {
    static ADDING: LazyLock<FxHashSet<Box<str>>> = LazyLock::new(|| read(MEMBERS).0);
    ADDING.contains(member)
}

fn read(text: &str) -> (FxHashSet<Box<str>>, Vec<SyntaxProblem>) {
    let mut members = FxHashSet::default();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["members", "source", "checked"], &mut problems);
            members.extend(reader.list("members"));
            reader.origin();
        }
    }
    (members, problems)
}

#[cfg(test)]
mod tests {
    use super::{MEMBERS, adds_rows, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(MEMBERS).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(adds_rows("insertOne") && !adds_rows("update"));
    }
}
