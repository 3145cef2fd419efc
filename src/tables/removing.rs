//! What takes something away from a database: `tables/stores/removing.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const ROWS: &str = include_str!("../../tables/stores/removing.yaml");

/// Members and operators.
#[derive(Debug, Default)]
struct Removing {
    members: FxHashSet<Box<str>>,
    operators: FxHashSet<Box<str>>,
}

fn removing() -> &'static Removing {
    static REMOVING: LazyLock<Removing> = LazyLock::new(|| read(ROWS).0);
    &REMOVING
}

/// True for a member that takes rows away: `deleteOne`.
pub fn removes_rows(member: &str) -> bool {
    removing().members.contains(member)
}

/// True for an operator of an update that takes values away: `$pull`.
pub fn removes_values(operator: &str) -> bool {
    removing().operators.contains(operator)
}

fn read(text: &str) -> (Removing, Vec<SyntaxProblem>) {
    let mut found = Removing::default();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["members", "operators", "source", "checked"], &mut problems);
            found.members.extend(reader.list("members"));
            found.operators.extend(reader.list("operators"));
            reader.origin();
        }
    }
    (found, problems)
}

#[cfg(test)]
mod tests {
    use super::{ROWS, read, removes_rows, removes_values};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(ROWS).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(removes_rows("deleteOne") && !removes_rows("updateOne"));
        assert!(removes_values("$pull") && !removes_values("$push"));
    }
}
