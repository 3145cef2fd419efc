//! Reading a file of our own strictly: what is unknown or of the wrong kind is a mistake.

use super::model::stated;
use super::problem::ConfigProblem;
use crate::facts::declaration::Stated;
use crate::source::span::Span;
use crate::syntax::spelling::nearest;
use crate::syntax::tree::Node;

/// Collects mistakes.
#[derive(Default)]
pub struct Reader {
    /// In the order in which they were met.
    pub problems: Vec<ConfigProblem>,
}

impl Reader {
    /// Notes a mistake.
    pub fn wrong(&mut self, span: Span, message: String, help: Option<String>) {
        self.problems.push(ConfigProblem { span, message, help });
    }

    /// Checks that `node` is a mapping with keys among `keys`, each at most once. False:
    /// it is no mapping.
    pub fn keys(&mut self, node: Node<'_>, owner: &str, keys: &[&str]) -> bool {
        if node.is_null() {
            return false;
        }
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in self.entries(node, owner) {
            let name = key.raw().unwrap_or("");
            if seen.contains(&name) {
                self.wrong(key.span(), format!("`{name}` stands twice"), None);
            } else if !keys.contains(&name) {
                self.wrong(key.span(), format!("{owner} has no key `{name}`"), Some(advice(name, keys)));
            }
            seen.push(name);
        }
        node.is_mapping()
    }

    /// Key and value of a mapping whose keys are names of the user's own; null is empty.
    pub fn entries<'t>(&mut self, node: Node<'t>, owner: &str) -> Vec<(Node<'t>, Node<'t>)> {
        if !node.is_mapping() {
            if !node.is_null() {
                self.wrong(node.span(), format!("{owner} must be a mapping"), None);
            }
            return Vec::new();
        }
        let mut entries = Vec::new();
        for (key, value) in node.own_entries() {
            if key.raw().is_some_and(|name| !name.is_empty()) {
                entries.push((key, value));
            } else {
                self.wrong(key.span(), format!("a key of {owner} must be a name"), None);
            }
        }
        entries
    }

    /// The items of a list; null is empty.
    pub fn items<'t>(&mut self, node: Node<'t>, owner: &str) -> Vec<Node<'t>> {
        if !node.is_sequence() && !node.is_null() {
            self.wrong(node.span(), format!("{owner} must be a list"), Some("write `- item` lines".to_owned()));
        }
        node.items().collect()
    }

    /// A text that says something.
    pub fn text(&mut self, node: Node<'_>, owner: &str) -> Option<Stated> {
        let text = node.text().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(node.span(), format!("{owner} must be a text"), None);
        }
        text.map(|text| stated(text, node.span()))
    }

    /// A list of texts, or one text alone; null is empty.
    pub fn texts(&mut self, node: Node<'_>, owner: &str) -> Vec<Stated> {
        if node.is_null() {
            return Vec::new();
        }
        if node.is_sequence() {
            return node.items().filter_map(|item| self.text(item, &format!("an item of {owner}"))).collect();
        }
        if node.is_mapping() {
            self.wrong(node.span(), format!("{owner} must be a list of texts"), None);
            return Vec::new();
        }
        self.text(node, owner).into_iter().collect()
    }

    /// One of a few words.
    pub fn word<T: Copy>(&mut self, node: Node<'_>, owner: &str, words: &[(&str, T)]) -> Option<T> {
        let text = node.text().unwrap_or("");
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let said = if text.is_empty() { "this".to_owned() } else { format!("`{text}`") };
            self.wrong(node.span(), format!("{said} is no {owner}"), Some(advice(text, &names)));
        }
        found
    }

    /// The value of a key that must be there.
    pub fn required<'t>(&mut self, node: Node<'t>, owner: &str, key: &str) -> Option<Node<'t>> {
        let found = node.get(key);
        if found.is_none() && node.is_mapping() {
            let place = node.own_entries().next().map_or(node.span(), |(key, _)| key.span());
            self.wrong(place, format!("{owner} needs the key `{key}`"), None);
        }
        found
    }
}

/// "did you mean `rules`?", or what there is.
fn advice(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    }
}
