//! What takes something away from a database: `tables/stores/removing.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use super::row::each_row;
use crate::syntax::tree::SyntaxProblem;

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
    let problems = each_row(text, &["rows"], &["members", "operators", "source", "checked"], |_, reader| {
        found.members.extend(reader.list("members"));
        found.operators.extend(reader.list("operators"));
        reader.origin();
    });
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
