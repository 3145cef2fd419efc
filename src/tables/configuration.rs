//! Libraries that read an application's configuration, and libraries that put addresses together:
//! which argument names what: `tables/configuration/`.

use std::sync::LazyLock;

use super::clients::check_keys;
use super::library::{Library, paths, read_rows, shapes};
use super::shape::{Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

const FILES: &[&str] = &[
    include_str!("../../tables/configuration/addresses.yaml"),
    include_str!("../../tables/configuration/libraries.yaml"),
];

/// A library of this kind.
#[derive(Clone, Debug)]
pub struct ConfigurationRow {
    /// Its packages, versions and what it makes.
    pub library: Library,
    /// Uses that read a value.
    pub reads: Vec<Read>,
    /// Uses that put parts of an address together.
    pub joins: Vec<Join>,
}

/// A use that reads a value of the configuration.
#[derive(Clone, Debug)]
pub struct Read {
    /// `{config}.get(name, fallback)`
    pub shape: Shape,
    /// What tells the name.
    pub name: Path,
    /// What the name is of.
    pub of: NameOf,
    /// The value where nothing is set.
    pub fallback: Option<Path>,
}

/// What a name in the code is a name of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameOf {
    /// `variable`: a variable of the environment.
    Variable,
    /// `setting`: a key of the application's configuration files.
    Setting,
    /// `either`: a variable where it is written in capitals, else a setting.
    Either,
    /// `schema: NAME`: a key of the object that NAME is, where `env` and `default` say the rest.
    Schema(Symbol),
}

/// A use that puts parts of an address together.
#[derive(Clone, Debug)]
pub struct Join {
    /// `new global#URL(path, base)`
    pub shape: Shape,
    /// What stands in front.
    pub base: Option<Path>,
    /// The other parts, in order; rest arguments are several.
    pub parts: Vec<Path>,
}

/// What archlint knows of them.
pub fn configuration() -> &'static [ConfigurationRow] {
    static ROWS: LazyLock<Vec<ConfigurationRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<ConfigurationRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &["reads", "joins"], |node, reader| {
        let library = Library::read(node, reader)?;
        let mut reads = Vec::new();
        for item in node.get("reads").into_iter().flat_map(Node::items) {
            check_keys(item, &["shape", "name", "of", "schema", "fallback"], reader);
            let Some(name) = paths(item, "name", reader).into_iter().next() else {
                reader.problem(item.span(), "there is no name".to_owned());
                continue;
            };
            let schema = item.get("schema").and_then(Node::raw).map(|schema| NameOf::Schema(Symbol::new(schema)));
            let of = match (item.get("of").and_then(Node::raw), schema) {
                (None, Some(schema)) => schema,
                (Some("variable"), None) => NameOf::Variable,
                (Some("setting"), None) => NameOf::Setting,
                (Some("either"), None) => NameOf::Either,
                _ => {
                    reader.problem(item.span(), "of is one of variable, setting, either".to_owned());
                    continue;
                }
            };
            let fallback = paths(item, "fallback", reader).into_iter().next();
            let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
            for shape in all {
                library.check(&shape, reader);
                reads.push(Read { shape, name: name.clone(), of: of.clone(), fallback: fallback.clone() });
            }
        }
        let mut joins = Vec::new();
        for item in node.get("joins").into_iter().flat_map(Node::items) {
            check_keys(item, &["shape", "base", "parts"], reader);
            let base = paths(item, "base", reader).into_iter().next();
            let parts = paths(item, "parts", reader);
            let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
            joins.extend(all.into_iter().map(|shape| Join { shape, base: base.clone(), parts: parts.clone() }));
        }
        Some(ConfigurationRow { library, reads, joins })
    })
}

#[cfg(test)]
mod tests {
    use super::{FILES, configuration, read};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        assert!(configuration().iter().any(|row| row.library.name == "convict"));
    }
}
