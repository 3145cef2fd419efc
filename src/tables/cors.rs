//! What lets pages of other sites use a service: `tables/cors/`.

use std::sync::LazyLock;

use super::library::{Library, paths, read_rows, shapes};
use super::shape::{Path, Shape};
use crate::syntax::tree::SyntaxProblem;

const FILES: &[&str] = &[include_str!("../../tables/cors/npm.yaml")];
const ROW_KEYS: [&str; 4] = ["shapes", "origin", "credentials", "by_default"];

/// A library that answers to pages of other sites.
#[derive(Clone, Debug)]
pub struct CorsRow {
    /// Its packages and versions.
    pub library: Library,
    /// Calls that let other sites in.
    pub shapes: Vec<Shape>,
    /// Where they say which.
    pub origin: Vec<Path>,
    /// Where they say whether the user's cookies come along.
    pub credentials: Vec<Path>,
    /// True where every site may, unless something is said.
    pub any_by_default: bool,
}

/// What archlint knows.
pub fn cors() -> &'static [CorsRow] {
    static ROWS: LazyLock<Vec<CorsRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<CorsRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &ROW_KEYS, |node, reader| {
        let library = Library::read(node, reader)?;
        let shapes = node.get("shapes").map(|value| shapes(value, reader)).unwrap_or_default();
        for shape in &shapes {
            library.check(shape, reader);
        }
        let (origin, credentials) = (paths(node, "origin", reader), paths(node, "credentials", reader));
        let by_default = reader.word("by_default", &["any", "none"], |word| match word {
            "any" => Some(true),
            "none" => Some(false),
            _unheard_of => None,
        });
        Some(CorsRow { library, shapes, origin, credentials, any_by_default: by_default? })
    })
}

#[cfg(test)]
mod tests {
    use super::{FILES, cors, read};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(cors().iter().any(|row| row.library.name == "cors" && row.any_by_default));
    }
}
