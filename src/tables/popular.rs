//! Packages that very many use, and names that are easily taken for theirs: `tables/popular/`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/popular/npm.yaml");
const PYPI: &str = include_str!("../../tables/popular/pypi.yaml");

/// Shorter names are too near to each other: letters are compared from here on.
const SHORTEST: usize = 5;
/// Of names of several words, letters are compared in words from here on: `es` and `ecs` are both
/// services of a cloud.
const SHORTEST_WORD: usize = 4;
/// Names are compared up to here; the longest that npm takes has 214 bytes.
const LONGEST: usize = 214;
/// Of this many packages, the most popular ones, forms are imitated that elsewhere are mostly
/// names of their own: without the last letter, with other separators.
const TOP: usize = 2_000;
/// Pairs that look alike in many typefaces, as they are written and as they are read.
const GLYPHS: [(&str, &str); 9] =
    [("0", "o"), ("1", "l"), ("1", "i"), ("5", "s"), ("l", "i"), ("rn", "m"), ("vv", "w"), ("o", "0"), ("l", "1")];

/// How a name differs from the one that it is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// `expresss` for `express`
    Doubled,
    /// `exress` for `express`
    Dropped,
    /// `epxress` for `express`
    Swapped,
    /// `c0mmander` for `commander`
    Glyph,
    /// `crossenv` for `cross-env`
    Separator,
    /// `babel-traverse` for `@babel/traverse`
    Scope,
}

impl Edit {
    /// In words, behind the name: `with a letter doubled`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Doubled => "with a letter doubled",
            Self::Dropped => "with a letter dropped",
            Self::Swapped => "with two letters swapped",
            Self::Glyph => "with a letter that looks like another",
            Self::Separator => "with other separators",
            Self::Scope => "without its scope",
        }
    }
}

/// Where packages are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// `npm`
    Npm,
    /// `pypi`
    Pypi,
}

impl Registry {
    /// All, by their words.
    pub const WORDS: [(&'static str, Self); 2] = [("npm", Self::Npm), ("pypi", Self::Pypi)];
}

/// A list of popular packages, and of when it is.
#[derive(Debug)]
pub struct PopularList {
    /// Whose packages.
    pub registry: Registry,
    /// The month in which they were popular: `2026-11`.
    pub as_of: Symbol,
    /// The packages.
    pub names: Popular,
}

/// The popular packages of one registry.
#[derive(Debug, Default)]
pub struct Popular {
    /// Names with their rank, from 0.
    ranks: FxHashMap<Box<str>, usize>,
    /// The most popular names without their separators; of equals the more popular.
    bare: FxHashMap<String, Box<str>>,
    /// Names with a scope, written without it: `babeltraverse`.
    scoped: FxHashMap<String, Box<str>>,
}

/// The list that archlint ships of a registry.
pub fn shipped(registry: Registry) -> &'static PopularList {
    static NPM_LIST: LazyLock<PopularList> = LazyLock::new(|| list(Registry::Npm, NPM));
    static PYPI_LIST: LazyLock<PopularList> = LazyLock::new(|| list(Registry::Pypi, PYPI));
    match registry {
        Registry::Npm => &NPM_LIST,
        Registry::Pypi => &PYPI_LIST,
    }
}

fn list(registry: Registry, text: &'static str) -> PopularList {
    let month = text.split_once("checked:").and_then(|(_, rest)| rest.split_whitespace().next());
    PopularList { registry, as_of: Symbol::new(month.unwrap_or_default()), names: Popular::of(read(text).0) }
}

impl Popular {
    /// From a list of the user's own: one name a line, the most popular first; what stands
    /// behind the name is not read, nor are lines that begin with `#`.
    pub fn of_lines(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim_start().starts_with('#'));
        Self::of(lines.filter_map(|line| line.split_whitespace().next()))
    }

    /// True where it holds no name.
    pub fn is_empty(&self) -> bool {
        self.ranks.is_empty()
    }

    /// From names in order of their popularity, as registries spell them.
    pub fn of<'t>(names: impl IntoIterator<Item = &'t str>) -> Self {
        let mut all = Self { ranks: FxHashMap::default(), bare: FxHashMap::default(), scoped: FxHashMap::default() };
        for (rank, name) in names.into_iter().enumerate() {
            all.ranks.entry(name.into()).or_insert(rank);
            let bare = without_separators(name);
            if name.starts_with('@') {
                all.scoped.entry(without_separators(&name.replace(['@', '/'], ""))).or_insert(name.into());
            }
            if rank < TOP && bare.len() > SHORTEST {
                all.bare.entry(bare).or_insert(name.into());
            }
        }
        all
    }

    /// The popular package that a name may be meant to pass for, one edit away; `None` for
    /// popular names and those that resemble none.
    pub fn imitated(&self, name: &str) -> Option<(&str, Edit)> {
        if self.ranks.contains_key(name) || name.len() > LONGEST || !name.is_ascii() || name.len() < SHORTEST {
            return None;
        }
        let letters = [
            (Edit::Swapped, swapped(name)),
            (Edit::Dropped, self.dropped(name)),
            (Edit::Doubled, undoubled(name)),
            (Edit::Glyph, reread(name)),
        ];
        for (edit, candidates) in letters {
            let known = candidates.iter().filter_map(|one| self.ranks.get_key_value(one.as_str()));
            if let Some((known, _)) = known.min_by_key(|(_, rank)| **rank) {
                return Some((known, edit));
            }
        }
        let bare = without_separators(name);
        match self.bare.get(&bare) {
            Some(known) => Some((known, Edit::Separator)),
            None => self.scoped.get(&bare).map(|known| (&**known, Edit::Scope)),
        }
    }

    /// What a name may have been with one letter more. At the ends such names are mostly others
    /// of their own: `unicorn`, `clipboard`; and a missing `s` is the singular.
    fn dropped(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (at, before) in name.char_indices().skip(1) {
            let is_letter = |letter: char| letter.is_ascii_alphabetic();
            let previous = name.get(..at).and_then(|text| text.chars().next_back());
            if word_at(name, at) < SHORTEST_WORD {
                continue;
            }
            if !(is_letter(before) || before == '/') || !previous.is_some_and(is_letter) {
                continue;
            }
            found.extend(('a'..='z').filter_map(|letter| with(name, at, letter)));
        }
        let of_top = |one: &String| self.ranks.get(one.as_str()).is_some_and(|rank| *rank < TOP);
        found.extend(
            ('a'..='z')
                .filter(|letter| *letter != 's')
                .filter_map(|letter| with(name, name.len(), letter))
                .filter(of_top),
        );
        if name.ends_with('s') {
            found.extend(with(name, name.len(), 's'));
        }
        found
    }
}

fn with(name: &str, at: usize, letter: char) -> Option<String> {
    Some(format!("{}{letter}{}", name.get(..at)?, name.get(at..)?))
}

/// Bytes of the word that the letter before a place belongs to.
fn word_at(name: &str, at: usize) -> usize {
    let is_separator = |letter: char| matches!(letter, '-' | '_' | '.' | '/' | '@');
    let before = name.get(..at).unwrap_or("").rsplit(is_separator).next().unwrap_or("");
    let behind = name.get(at..).unwrap_or("").split(is_separator).next().unwrap_or("");
    before.len() + behind.len()
}

fn swapped(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut found = Vec::new();
    for at in 1..letters.len() {
        let (Some(a), Some(b)) = (letters.get(at - 1), letters.get(at)) else { continue };
        let is_word = word_at(name, at) >= SHORTEST_WORD;
        if is_word && a != b && a.is_ascii_alphabetic() && b.is_ascii_alphabetic() {
            let mut other = letters.clone();
            other.swap(at - 1, at);
            found.push(other.into_iter().collect());
        }
    }
    found
}

/// The name with one letter of a pair.
fn undoubled(name: &str) -> Vec<String> {
    let pairs = name.char_indices().zip(name.chars().skip(1));
    pairs
        .filter(|((_, a), b)| a == b && a.is_ascii_alphabetic())
        .filter_map(|((at, _), _)| Some(format!("{}{}", name.get(..at)?, name.get(at + 1..)?)))
        .collect()
}

/// What the eye may read.
fn reread(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (written, read) in GLYPHS {
        for (at, _) in name.match_indices(written) {
            if let (Some(before), Some(behind)) = (name.get(..at), name.get(at + written.len()..)) {
                found.push(format!("{before}{read}{behind}"));
            }
        }
    }
    found
}

fn without_separators(name: &str) -> String {
    name.replace(['-', '_', '.'], "")
}

fn read(text: &'static str) -> (Vec<&'static str>, Vec<SyntaxProblem>) {
    let mut problems = Vec::new();
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["source", "checked", "packages"], &mut problems);
            reader.required("packages");
            reader.origin();
        }
    }
    // The names last as long as the program, unlike the tree.
    let names = text.split_once("packages: |").map_or("", |(_, names)| names);
    (names.split_ascii_whitespace().collect(), problems)
}

#[cfg(test)]
mod tests {
    use super::{Edit, NPM, PYPI, Popular, Registry, read, shipped};

    #[test]
    fn the_lists_can_be_read() {
        for (text, count) in [(NPM, 10_000), (PYPI, 5_000)] {
            let (names, problems) = read(text);
            let problems: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            assert!(problems.is_empty(), "{problems:#?}");
            assert_eq!(names.len(), count);
        }
    }

    #[test]
    fn names_one_edit_from_a_popular_one_are_told() {
        let of_npm: [(&str, Option<(&str, Edit)>); 18] = [
            ("expresss", Some(("express", Edit::Doubled))),
            ("expres", Some(("express", Edit::Dropped))),
            ("exress", Some(("express", Edit::Dropped))),
            ("loadsh", Some(("lodash", Edit::Swapped))),
            ("c0mmander", Some(("commander", Edit::Glyph))),
            ("crossenv", Some(("cross-env", Edit::Separator))),
            ("types-node", Some(("@types/node", Edit::Scope))),
            ("@types/nodee", Some(("@types/node", Edit::Doubled))),
            ("@type/node", Some(("@types/node", Edit::Dropped))),
            ("express", None),
            // Both are popular.
            ("preact", None),
            ("react", None),
            // A singular, a name without its first letter, a short one.
            ("string", None),
            ("xpress", None),
            ("mz", None),
            ("shop-orders-client", None),
            ("@aws-sdk/client-sq", None),
            ("größe", None),
        ];
        for (name, expected) in of_npm {
            assert_eq!(shipped(Registry::Npm).names.imitated(name), expected, "{name}");
        }
        assert_eq!(shipped(Registry::Pypi).names.imitated("reqeusts"), Some(("requests", Edit::Swapped)));
        assert_eq!(shipped(Registry::Pypi).names.imitated("requests"), None);
    }

    /// Names that many use are the best sample of names that are meant as they are: hardly any
    /// of the less popular half may be taken for one of the more popular half.
    #[test]
    fn few_names_of_the_less_popular_half_are_taken_for_others() {
        for (text, most) in [(NPM, 4), (PYPI, 4)] {
            let names = read(text).0;
            let (popular, others) = names.split_at(names.len() / 2);
            let known = Popular::of(popular.iter().copied());
            let told: Vec<_> = others.iter().filter_map(|name| Some((*name, known.imitated(name)?))).collect();
            let told: Vec<_> = told.iter().filter(|(_, (_, edit))| *edit != Edit::Scope).collect();
            assert!(told.len() <= most, "{} of {}: {told:?}", told.len(), others.len());
        }
    }
}
