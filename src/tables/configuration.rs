//! Libraries that read an application's configuration, and libraries that put addresses together:
//! which argument names what: `tables/configuration/`.

use std::sync::LazyLock;

use super::clients::check_keys;
use super::library::{Library, paths, read_rows, shapes, words};
use super::row::RowReader;
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
    /// Uses that fill parts into a pattern.
    pub fills: Vec<Fill>,
    /// Uses that load what the application's own functions make of its configuration.
    pub loads: Vec<Load>,
    /// Uses that give such a function's result a name.
    pub namespaces: Vec<Namespace>,
    /// Folder and names of modules that it takes settings from, the strongest first: `config`,
    /// `[production, default]`.
    pub modules: Option<(Symbol, Vec<Symbol>)>,
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
    /// Validators by name, which may tell the value where nothing is set: `spec`.
    pub defaults: Option<Path>,
    /// Members that read nothing.
    pub except: Vec<Symbol>,
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
    /// `container`: no name but a class, an object of which the container gives.
    Container,
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

/// A use that fills values into a pattern: `http://%s:%d`.
#[derive(Clone, Debug)]
pub struct Fill {
    /// `#format(pattern, ...values)`
    pub shape: Shape,
    /// The pattern.
    pub pattern: Path,
    /// The values, as rest arguments.
    pub values: Path,
}

/// A use that loads configuration that functions make.
#[derive(Clone, Debug)]
pub struct Load {
    /// `#ConfigModule.forRoot(options)`
    pub shape: Shape,
    /// The function, or a list of them.
    pub make: Path,
    /// Validators by name, which may tell the value of a variable where nothing is set.
    pub defaults: Option<Path>,
}

/// A use that names the result of a function.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// `#registerAs(name, make)`
    pub shape: Shape,
    /// The name.
    pub name: Path,
    /// The function.
    pub make: Path,
    /// The member that a container hands the result in for: `KEY`.
    pub token: Symbol,
}

/// What archlint knows of them.
pub fn configuration() -> &'static [ConfigurationRow] {
    static ROWS: LazyLock<Vec<ConfigurationRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

fn read(texts: &[&str]) -> (Vec<ConfigurationRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &["reads", "joins", "fills", "loads", "namespaces", "modules"], |node, reader| {
        let library = Library::read(node, reader)?;
        let mut reads = Vec::new();
        for item in node.get("reads").into_iter().flat_map(Node::items) {
            check_keys(item, &["shape", "name", "of", "schema", "fallback", "defaults", "except"], reader);
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
                (Some("container"), None) => NameOf::Container,
                _ => {
                    reader.problem(item.span(), "of is one of variable, setting, either, container".to_owned());
                    continue;
                }
            };
            let fallback = paths(item, "fallback", reader).into_iter().next();
            let defaults = paths(item, "defaults", reader).into_iter().next();
            let except = item.get("except").map(words).unwrap_or_default();
            let except: Vec<Symbol> = except.into_iter().map(Symbol::new).collect();
            let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
            for shape in all {
                library.check(&shape, reader);
                let (name, of, fallback) = (name.clone(), of.clone(), fallback.clone());
                reads.push(Read { shape, name, of, fallback, defaults: defaults.clone(), except: except.clone() });
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
        let fills = fills(node, &library, reader);
        let (loads, namespaces) = (loads(node, &library, reader), namespaces(node, &library, reader));
        let modules = node.get("modules").and_then(|modules| {
            check_keys(modules, &["folder", "names"], reader);
            let folder = modules.get("folder").and_then(Node::raw).map(Symbol::new)?;
            let names = modules.get("names").map(words).unwrap_or_default();
            Some((folder, names.into_iter().map(Symbol::new).collect()))
        });
        Some(ConfigurationRow { library, reads, joins, fills, loads, namespaces, modules })
    })
}

fn fills(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Fill> {
    let mut found = Vec::new();
    for item in node.get("fills").into_iter().flat_map(Node::items) {
        check_keys(item, &["shape", "pattern", "values"], reader);
        let one = |key: &str, reader: &mut RowReader<'_, '_>| paths(item, key, reader).into_iter().next();
        let (Some(pattern), Some(values)) = (one("pattern", reader), one("values", reader)) else {
            reader.problem(item.span(), "there are no pattern and values".to_owned());
            continue;
        };
        for shape in shapes_of(item, library, reader) {
            found.push(Fill { shape, pattern: pattern.clone(), values: values.clone() });
        }
    }
    found
}

fn loads(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Load> {
    let mut found = Vec::new();
    for item in node.get("loads").into_iter().flat_map(Node::items) {
        check_keys(item, &["shape", "make", "defaults"], reader);
        let Some(make) = paths(item, "make", reader).into_iter().next() else {
            reader.problem(item.span(), "nothing says what is loaded".to_owned());
            continue;
        };
        let defaults = paths(item, "defaults", reader).into_iter().next();
        for shape in shapes_of(item, library, reader) {
            found.push(Load { shape, make: make.clone(), defaults: defaults.clone() });
        }
    }
    found
}

fn namespaces(node: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Namespace> {
    let mut found = Vec::new();
    for item in node.get("namespaces").into_iter().flat_map(Node::items) {
        check_keys(item, &["shape", "name", "make", "token"], reader);
        let one = |key: &str, reader: &mut RowReader<'_, '_>| paths(item, key, reader).into_iter().next();
        let (name, make) = (one("name", reader), one("make", reader));
        let token = item.get("token").and_then(Node::raw).map(Symbol::new);
        let (Some(name), Some(make), Some(token)) = (name, make, token) else {
            reader.problem(item.span(), "a namespace has a name, a function and a token".to_owned());
            continue;
        };
        for shape in shapes_of(item, library, reader) {
            found.push(Namespace { shape, name: name.clone(), make: make.clone(), token });
        }
    }
    found
}

fn shapes_of(item: Node<'_>, library: &Library, reader: &mut RowReader<'_, '_>) -> Vec<Shape> {
    let all = item.get("shape").map(|value| shapes(value, reader)).unwrap_or_default();
    for shape in &all {
        library.check(shape, reader);
    }
    all
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
