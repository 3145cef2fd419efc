//! What carries something from one place of a service's code to another: `tables/dispatch/`.

use std::sync::LazyLock;

use super::library::{Library, read_rows, shapes};
use super::shape::Shape;
use crate::source::symbol::Symbol;
use crate::syntax::tree::SyntaxProblem;

const FILES: &[&str] = &[include_str!("../../tables/dispatch/npm.yaml")];
const ROW_KEYS: [&str; 4] = ["sends", "takes", "listens", "method"];

/// A bus of commands, an emitter of events.
#[derive(Clone, Debug)]
pub struct DispatchRow {
    /// Its packages.
    pub library: Library,
    /// Calls that hand something over.
    pub sends: Vec<Shape>,
    /// Decorators of who takes it.
    pub takes: Vec<Shape>,
    /// Calls by which a function asks for it.
    pub listens: Vec<Shape>,
    /// The method of a decorated class that takes it.
    pub method: Option<Symbol>,
    /// Packages that the calls start in.
    pub starts: Vec<Symbol>,
}

/// What archlint knows.
pub fn dispatch() -> &'static [DispatchRow] {
    static ROWS: LazyLock<Vec<DispatchRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<DispatchRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &ROW_KEYS, |node, reader| {
        let library = Library::read(node, reader)?;
        let mut all = ["sends", "takes", "listens"].map(|key| {
            let found = node.get(key).map(|value| shapes(value, reader)).unwrap_or_default();
            for shape in &found {
                library.check(shape, reader);
            }
            found
        });
        let [sends, takes, listens] = all.each_mut().map(std::mem::take);
        let starts = library.starts(sends.iter().chain(&takes).chain(&listens));
        let method = reader.optional("method").map(Symbol::new);
        Some(DispatchRow { library, sends, takes, listens, method, starts })
    })
}

#[cfg(test)]
mod tests {
    use super::{FILES, dispatch, read};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(dispatch().iter().all(|row| !row.sends.is_empty()));
    }
}
