//! What ends a process without breaking the requests that it answers: `tables/shutdown/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/shutdown/npm.yaml");

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShutdownSign {
    /// `package`: a dependency that does it by being there.
    Package,
    /// `option`: a dependency that does it where it is asked to.
    Option,
    /// `name`: a name or text in code that asks for it.
    Name,
    /// `launcher`: a word of the command that starts the process.
    Launcher,
}

/// The table.
#[derive(Debug, Default)]
pub struct Shutdown {
    rows: Vec<(ShutdownSign, Symbol)>,
}

impl Shutdown {
    /// True where the table lists `name` as a sign of this kind.
    pub fn lists(&self, sign: ShutdownSign, name: &str) -> bool {
        self.rows.iter().any(|(of, known)| *of == sign && known.as_str() == name)
    }
}

/// What archlint ships.
pub fn shutdown() -> &'static Shutdown {
    static TABLE: LazyLock<Shutdown> = LazyLock::new(|| read(NPM).0);
    &TABLE
}

fn read(text: &str) -> (Shutdown, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), text);
    let mut problems = tree.problems.clone();
    let mut table = Shutdown::default();
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["sign", "name", "source", "checked"], &mut problems);
            reader.required("sign");
            let sign = reader.word("sign", &["package", "option", "name", "launcher"], |word| match word {
                "package" => Some(ShutdownSign::Package),
                "option" => Some(ShutdownSign::Option),
                "name" => Some(ShutdownSign::Name),
                "launcher" => Some(ShutdownSign::Launcher),
                _unheard_of => None,
            });
            let name = reader.required("name").map(Symbol::new);
            reader.origin();
            table.rows.extend(sign.zip(name));
        }
    }
    (table, problems)
}

#[cfg(test)]
mod tests {
    use super::{NPM, ShutdownSign, read, shutdown};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NPM).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(shutdown().lists(ShutdownSign::Package, "lightship"));
        assert!(!shutdown().lists(ShutdownSign::Name, "lightship"));
    }
}
