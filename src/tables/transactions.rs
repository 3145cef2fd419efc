//! Libraries that commit over several databases or services: `tables/transactions/`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const MAVEN: &str = include_str!("../../tables/transactions/maven.yaml");

/// How people call the coordinator that an artifact of Maven brings: `Atomikos` for
/// `com.atomikos:transactions-jta`.
pub fn coordinator(artifact: &str) -> Option<&'static str> {
    static NAMES: LazyLock<FxHashMap<Box<str>, Box<str>>> = LazyLock::new(|| read(MAVEN).0);
    NAMES.get(artifact).map(|name| &**name)
}

fn read(text: &str) -> (FxHashMap<Box<str>, Box<str>>, Vec<SyntaxProblem>) {
    let mut names = FxHashMap::default();
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["name", "called", "source", "checked"], &mut problems);
            let name = reader.required("name").map(Box::from);
            let called = reader.required("called").map(Box::from);
            reader.origin();
            names.extend(name.zip(called));
        }
    }
    (names, problems)
}

#[cfg(test)]
mod tests {
    use super::{MAVEN, coordinator, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(MAVEN).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(coordinator("com.atomikos:transactions-jta"), Some("Atomikos"));
        assert_eq!(coordinator("org.postgresql:postgresql"), None);
    }
}
