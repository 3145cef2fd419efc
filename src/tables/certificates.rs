//! Which variables make programs accept any certificate: `tables/certificates/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/certificates/variables.yaml");

/// A variable that decides about the check of certificates.
#[derive(Debug, Clone)]
pub struct LaxVariable {
    /// `NODE_TLS_REJECT_UNAUTHORIZED`
    pub name: Symbol,
    /// Values that switch the check off, in lower case.
    pub off: Vec<Symbol>,
    /// Who stops checking, for people.
    pub what: Symbol,
}

/// What archlint ships.
pub fn lax_variables() -> &'static [LaxVariable] {
    static ALL: LazyLock<Vec<LaxVariable>> = LazyLock::new(|| read().0);
    &ALL
}

fn read() -> (Vec<LaxVariable>, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), TABLE);
    let mut problems = tree.problems.clone();
    let mut all = Vec::new();
    let rows = tree.documents().next().and_then(|root| root.get("rows"));
    for row in rows.into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(row, &["name", "off", "what", "source", "checked"], &mut problems);
        let name = reader.required("name").map(Symbol::new);
        let what = reader.required("what").map(Symbol::new);
        let off = reader.list("off").iter().map(|word| Symbol::new(word)).collect();
        reader.origin();
        if let (Some(name), Some(what)) = (name, what) {
            all.push(LaxVariable { name, off, what });
        }
    }
    (all, problems)
}

#[cfg(test)]
mod tests {
    use super::{lax_variables, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read().1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(lax_variables().iter().all(|row| !row.off.is_empty()));
    }
}
