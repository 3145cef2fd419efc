//! By which names a package is taken for one that sends requests, though no row knows it:
//! `tables/wrappers/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::words::words_of;
use crate::syntax::yaml;

const HTTP: &str = include_str!("../../tables/wrappers/http.yaml");

/// Words of names.
#[derive(Debug, Default)]
pub struct WrapperNames {
    /// Words of packages: `http`, `fetch`.
    words: Vec<Box<str>>,
    /// Members that send a request: `get`.
    members: Vec<Symbol>,
}

/// What archlint knows of such names.
pub fn wrapper_names() -> &'static WrapperNames {
    static NAMES: LazyLock<WrapperNames> = LazyLock::new(|| read(HTTP).0);
    &NAMES
}

impl WrapperNames {
    /// True for `@acme/http-client`.
    pub fn is_named_like_one(&self, package: &str) -> bool {
        words_of(package).iter().any(|word| self.words.iter().any(|known| **known == **word))
    }

    /// True for `get`.
    pub fn sends(&self, member: Symbol) -> bool {
        self.members.contains(&member)
    }
}

fn read(text: &str) -> (WrapperNames, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), text);
    let mut names = WrapperNames::default();
    let mut problems: Vec<SyntaxProblem> = tree.problems.to_vec();
    for row in tree.documents().flat_map(|document| document.get("rows")).flat_map(Node::items) {
        let mut reader = RowReader::new(row, &["words", "members", "source", "checked"], &mut problems);
        names.words.extend(reader.list("words"));
        names.members.extend(reader.list("members").iter().map(|member| Symbol::new(member)));
        reader.origin();
    }
    (names, problems)
}

#[cfg(test)]
mod tests {
    use super::{HTTP, read, wrapper_names};
    use crate::source::symbol::Symbol;

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(HTTP).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
    }

    #[test]
    fn packages_are_told_by_their_words() {
        for (package, expected) in [
            ("@acme/http-client", true),
            ("@acme/fetch", true),
            ("@acme/orders-client", true),
            ("@acme/logger", false),
            ("prom-client", true),
        ] {
            assert_eq!(wrapper_names().is_named_like_one(package), expected, "{package}");
        }
        assert!(wrapper_names().sends(Symbol::new("get")));
    }
}
