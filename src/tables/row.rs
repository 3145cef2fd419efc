//! Reading rows strictly: in a format of our own, an unknown or missing key is a mistake.

use crate::source::file::FileId;
use crate::source::span::Span;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

/// Reads the keys of one mapping and notes what is wrong with them.
pub struct RowReader<'p, 't> {
    row: Node<'t>,
    problems: &'p mut Vec<SyntaxProblem>,
    sound: bool,
}

impl<'p, 't> RowReader<'p, 't> {
    /// Starts on `row`, whose keys must be among `keys`.
    pub fn new(row: Node<'t>, keys: &[&str], problems: &'p mut Vec<SyntaxProblem>) -> Self {
        let mut reader = Self { row, problems, sound: true };
        if !row.is_mapping() {
            reader.problem(row.span(), "a row is a mapping of keys to values".to_owned());
        }
        for (key, _) in row.own_entries() {
            let known = key.raw().is_some_and(|name| keys.contains(&name));
            if !known {
                let name = key.raw().unwrap_or("this");
                reader.problem(key.span(), format!("{name} is no key of a row; keys are {}", keys.join(", ")));
            }
        }
        reader
    }

    /// False once anything was wrong with the row.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Notes a mistake.
    pub fn problem(&mut self, span: Span, message: String) {
        self.sound = false;
        self.problems.push(SyntaxProblem { span, message });
    }

    /// Notes a mistake of the row as a whole.
    pub fn problem_here(&mut self, message: String) {
        self.problem(self.row.span(), message);
    }

    /// The text of an optional key.
    pub fn optional(&mut self, key: &str) -> Option<&'t str> {
        let value = self.row.get(key)?;
        if value.text().is_none() {
            self.problem(value.span(), format!("{key} is not text"));
        }
        value.text()
    }

    /// The text of a key that must be there.
    pub fn required(&mut self, key: &str) -> Option<&'t str> {
        if self.row.get(key).is_none() {
            self.problem(self.row.span(), format!("the row has no {key}"));
        }
        self.optional(key)
    }

    /// Notes a mistake where `key` is no list.
    pub fn required_list(&mut self, key: &str) {
        if !self.row.get(key).is_some_and(Node::is_sequence) {
            self.problem_here(format!("there is no list of {key}"));
        }
    }

    /// The texts of an optional list.
    pub fn list(&mut self, key: &str) -> Vec<Box<str>> {
        let Some(list) = self.row.get(key) else { return Vec::new() };
        if !list.is_sequence() {
            self.problem(list.span(), format!("{key} is not a list"));
        }
        let texts: Vec<Box<str>> = list.items().filter_map(|item| item.text().map(Box::from)).collect();
        if texts.len() != list.items().count() {
            self.problem(list.span(), format!("an item of {key} is not text"));
        }
        texts
    }

    /// The text of an optional key, read by `meaning`, which knows the words in `words`.
    pub fn word<T>(&mut self, key: &str, words: &[&str], meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.optional(key)?;
        let meant = meaning(text);
        if meant.is_none() {
            let span = self.row.get(key).map_or(self.row.span(), Node::span);
            self.problem(span, format!("{text} is no {key}; it is one of {}", words.join(", ")));
        }
        meant
    }

    /// `source` and `checked`, which every row that archlint ships must have: where it can be
    /// looked up, and the month (`2026-11`) in which somebody did.
    pub fn origin(&mut self) -> Option<(Box<str>, Box<str>)> {
        let source = self.required("source")?;
        let checked = self.required("checked")?;
        let is_month = checked.len() == 7
            && checked.bytes().enumerate().all(|(at, b)| if at == 4 { b == b'-' } else { b.is_ascii_digit() });
        if !is_month {
            self.problem(self.row.span(), format!("checked is a month such as 2026-11, not {checked}"));
        }
        if !source.starts_with("https://") {
            self.problem(self.row.span(), format!("source is an address that starts with https://, not {source}"));
        }
        Some((source.into(), checked.into()))
    }
}

/// Reads the rows of a table's text one by one; gives what is wrong with it. `file_keys` are all
/// keys of the file, `rows` among them, `keys` those of a row.
pub fn each_row(
    text: &str,
    file_keys: &[&str],
    keys: &[&str],
    mut read: impl FnMut(Node<'_>, &mut RowReader<'_, '_>),
) -> Vec<SyntaxProblem> {
    let tree = yaml::parse(FileId(0), text);
    let mut problems = tree.problems.clone();
    for document in tree.documents() {
        RowReader::new(document, file_keys, &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            read(row, &mut RowReader::new(row, keys, &mut problems));
        }
    }
    problems
}
