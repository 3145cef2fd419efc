//! Containers that hand objects in by calls: `tables/containers/`.

use std::sync::LazyLock;

use super::library::{Library, paths, read_rows, shapes};
use super::shape::{Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::SyntaxProblem;

const FILES: &[&str] = &[include_str!("../../tables/containers/npm.yaml")];
const ROW_KEYS: [&str; 5] = ["provides", "gives", "class", "value", "factory"];

/// A container.
#[derive(Clone, Debug)]
pub struct ContainerRow {
    /// Its packages.
    pub library: Library,
    /// Calls that say what stands for a token.
    pub provides: Vec<Shape>,
    /// Calls that ask for what stands for it.
    pub gives: Vec<Shape>,
    /// Where the class is whose object stands for it.
    pub class: Vec<Path>,
    /// Where a value is that does.
    pub value: Vec<Path>,
    /// Where a function is that makes it.
    pub factory: Vec<Path>,
    /// Packages that the calls start in.
    pub starts: Vec<Symbol>,
}

/// What archlint knows.
pub fn containers() -> &'static [ContainerRow] {
    static ROWS: LazyLock<Vec<ContainerRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<ContainerRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &ROW_KEYS, |node, reader| {
        let library = Library::read(node, reader)?;
        let provides = node.get("provides").map(|value| shapes(value, reader)).unwrap_or_default();
        let gives = node.get("gives").map(|value| shapes(value, reader)).unwrap_or_default();
        for shape in provides.iter().chain(&gives) {
            library.check(shape, reader);
        }
        let starts = library.starts(provides.iter().chain(&gives));
        let (class, value) = (paths(node, "class", reader), paths(node, "value", reader));
        let factory = paths(node, "factory", reader);
        Some(ContainerRow { library, provides, gives, class, value, factory, starts })
    })
}

#[cfg(test)]
mod tests {
    use super::{FILES, containers, read};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(containers().iter().all(|row| !row.gives.is_empty()));
    }
}
