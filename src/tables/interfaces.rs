//! Packages that hold interfaces alone: `tables/interfaces/`.

use std::sync::LazyLock;

use super::row::each_row;
use crate::source::symbol::Symbol;
use crate::syntax::tree::SyntaxProblem;

const COMPOSER: &str = include_str!("../../tables/interfaces/composer.yaml");

/// The table.
#[derive(Debug, Default)]
pub struct Interfaces {
    names: Vec<Symbol>,
}

impl Interfaces {
    /// True for a package of PHP whose release is named by whatever implements it.
    pub fn lists(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.as_str() == name)
    }
}

/// What archlint ships.
pub fn interfaces() -> &'static Interfaces {
    static TABLE: LazyLock<Interfaces> = LazyLock::new(|| read(COMPOSER).0);
    &TABLE
}

fn read(text: &str) -> (Interfaces, Vec<SyntaxProblem>) {
    let mut table = Interfaces::default();
    let problems = each_row(text, &["ecosystem", "rows"], &["name", "source", "checked"], |_, reader| {
        table.names.extend(reader.required("name").map(Symbol::new));
        reader.origin();
    });
    (table, problems)
}

#[cfg(test)]
mod tests {
    use super::{COMPOSER, interfaces, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(COMPOSER).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(interfaces().lists("psr/log") && !interfaces().lists("monolog/monolog"));
    }
}
