//! What writes to the log of a service, and in which form: `tables/logging/`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::library::{Library, read_rows, shapes};
use super::row::RowReader;
use super::shape::{Path, Shape};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};

const FILES: &[&str] = &[include_str!("../../tables/logging/npm.yaml")];
const ROW_KEYS: [&str; 3] = ["shapes", "form", "told"];
const FORMS: [&str; 5] = ["json", "text", "print", "none", "unknown"];

/// How lines of a log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogForm {
    /// `json`: one object a line.
    Json,
    /// `text`: for the eyes of a person.
    Text,
    /// `print`: whatever is printed; no logger.
    Print,
    /// `none`: nothing is written.
    Nothing,
    /// `unknown`: what is not looked at decides.
    Unknown,
}

/// A library that writes to a log.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Its packages.
    pub library: Library,
    /// Calls that make a logger or write a line.
    pub shapes: Vec<Shape>,
    /// What it writes where nothing else is told.
    pub form: LogForm,
    /// What tells otherwise; the first that holds.
    pub told: Vec<Told>,
}

/// A setting that decides about the form.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where it stands.
    pub at: Path,
    /// Words that are written or called there; `*`: anything but nothing.
    pub words: Vec<Symbol>,
    /// The form that it gives.
    pub form: LogForm,
}

/// What archlint knows.
pub fn logging() -> &'static [LogRow] {
    static ROWS: LazyLock<Vec<LogRow>> = LazyLock::new(|| read(FILES).0);
    &ROWS
}

/// True for a package of which the table says how it writes.
pub fn is_listed(package: &str) -> bool {
    static PACKAGES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        logging().iter().flat_map(|row| row.library.packages.iter().map(|package| package.as_str())).collect()
    });
    PACKAGES.contains(package)
}

fn form_of(word: &str) -> Option<LogForm> {
    match word {
        "json" => Some(LogForm::Json),
        "text" => Some(LogForm::Text),
        "print" => Some(LogForm::Print),
        "none" => Some(LogForm::Nothing),
        "unknown" => Some(LogForm::Unknown),
        _unheard_of => None,
    }
}

fn read(texts: &[&str]) -> (Vec<LogRow>, Vec<SyntaxProblem>) {
    read_rows(texts, &ROW_KEYS, |node, reader| {
        let library = Library::read(node, reader)?;
        let shapes = node.get("shapes").map(|value| shapes(value, reader)).unwrap_or_default();
        for shape in &shapes {
            library.check(shape, reader);
        }
        let told = node.get("told").into_iter().flat_map(Node::items).filter_map(|node| told(node, reader)).collect();
        Some(LogRow { library, shapes, form: reader.word("form", &FORMS, form_of)?, told })
    })
}

fn told(node: Node<'_>, reader: &mut RowReader<'_, '_>) -> Option<Told> {
    let at = node.get("at").and_then(Node::raw).and_then(Path::parse);
    let words = node.get("words").into_iter().flat_map(Node::items).filter_map(Node::raw).map(Symbol::new);
    let form = node.get("form").and_then(Node::raw).and_then(form_of);
    let found = at.zip(form).map(|(at, form)| Told { at, words: words.collect(), form });
    if found.as_ref().is_none_or(|told| told.words.is_empty()) {
        reader.problem(node.span(), "a setting has a path, words and a form".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{FILES, LogForm, logging, read};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = read(FILES).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
        let of = |name: &str| logging().iter().find(|row| row.library.name == name).map(|row| row.form);
        assert_eq!((of("pino"), of("console")), (Some(LogForm::Json), Some(LogForm::Print)));
    }

    #[test]
    fn a_setting_without_a_form_is_a_mistake() {
        let row = "rows:\n  - { library: a, packages: [a], source: s, checked: 2026-12, shapes: [\"#default(o)\"], \
                   form: json, told: [{ at: o.x, words: [y] }] }\n";
        let messages: Vec<_> = read(&[row]).1.into_iter().map(|problem| problem.message).collect();
        assert!(messages.iter().any(|message| message.starts_with("a setting has")), "{messages:?}");
    }
}
