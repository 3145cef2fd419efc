//! Which dependency shows what a unit of code does: `tables/frameworks/`.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::source::file::FileId;
use crate::source::span::Span;
use crate::syntax::spelling::nearest;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

/// What a dependency shows about the unit that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// `server`: it serves requests.
    Server,
    /// `worker`: it consumes messages or runs jobs.
    Worker,
    /// `client`: it calls others, or may do either; no evidence of a process.
    Client,
    /// `browser`: it builds pages that run in a browser.
    Browser,
    /// `test`: it is tested with it.
    Test,
    /// `load`: it sends requests to others to try them out.
    Load,
}

/// Where a dependency's name comes from; tables spell them as in the comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ecosystem {
    /// `npm`
    Npm,
    /// `npm-commands`: first words of package scripts.
    NpmCommands,
    /// `cargo`
    Cargo,
    /// `go`: module paths.
    Go,
    /// `maven`: `group:artifact`, and ids of Gradle plugins.
    Maven,
    /// `pypi`
    Pypi,
    /// `nuget`, and names of project SDKs.
    Nuget,
    /// `composer`
    Composer,
    /// `rubygems`
    Rubygems,
    /// `hex`
    Hex,
}

const ECOSYSTEMS: [(&str, Ecosystem); 10] = [
    ("npm", Ecosystem::Npm),
    ("npm-commands", Ecosystem::NpmCommands),
    ("cargo", Ecosystem::Cargo),
    ("go", Ecosystem::Go),
    ("maven", Ecosystem::Maven),
    ("pypi", Ecosystem::Pypi),
    ("nuget", Ecosystem::Nuget),
    ("composer", Ecosystem::Composer),
    ("rubygems", Ecosystem::Rubygems),
    ("hex", Ecosystem::Hex),
];

const ROLES: [(&str, Role); 6] = [
    ("server", Role::Server),
    ("worker", Role::Worker),
    ("client", Role::Client),
    ("browser", Role::Browser),
    ("test", Role::Test),
    ("load", Role::Load),
];

const FILE_KEYS: [&str; 2] = ["ecosystem", "rows"];
const ROW_KEYS: [&str; 4] = ["name", "role", "source", "checked"];

/// The rows of one or more tables.
#[derive(Debug, Default)]
pub struct Frameworks {
    exact: FxHashMap<(Ecosystem, String), Role>,
    /// Beginnings of names, from rows that end in `*`.
    beginnings: Vec<(Ecosystem, String, Role)>,
}

impl Frameworks {
    /// What the dependency `name` shows; `None` for one that no row names. A row with the
    /// whole name wins over one that ends in `*`, and of those the longest. Case does not
    /// count.
    pub fn role_of(&self, ecosystem: Ecosystem, name: &str) -> Option<Role> {
        let name = normalized(ecosystem, name);
        let key = (ecosystem, name);
        if let Some(&role) = self.exact.get(&key) {
            return Some(role);
        }
        let matching = self.beginnings.iter().filter(|(of, start, _)| *of == ecosystem && key.1.starts_with(start));
        matching.max_by_key(|(_, start, _)| start.len()).map(|&(_, _, role)| role)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.exact.len() + self.beginnings.len()
    }

    fn add(&mut self, ecosystem: Ecosystem, name: &str, role: Role) {
        match name.strip_suffix('*') {
            Some(start) => self.beginnings.push((ecosystem, start.to_lowercase(), role)),
            None => {
                self.exact.insert((ecosystem, normalized(ecosystem, name)), role);
            }
        }
    }

    fn take_in(&mut self, other: Self) {
        self.exact.extend(other.exact);
        self.beginnings.extend(other.beginnings);
    }
}

/// Lower case; for PyPI also with runs of `-`, `_` and `.` as one `-` (peps.python.org/pep-0503).
fn normalized(ecosystem: Ecosystem, name: &str) -> String {
    let lower = name.to_lowercase();
    if ecosystem != Ecosystem::Pypi {
        return lower;
    }
    let mut out = String::with_capacity(lower.len());
    for character in lower.chars() {
        if !matches!(character, '-' | '_' | '.') {
            out.push(character);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// Reads one table. Rows that are not understood are left out and named in the problems.
pub fn parse(file: FileId, text: &str) -> (Frameworks, Vec<SyntaxProblem>) {
    let tree = yaml::parse(file, text);
    let mut problems = tree.problems.clone();
    let mut table = Frameworks::default();
    let Some(root) = tree.documents().next() else {
        problems.push(problem(Span::file_start(file), "the table is empty".to_owned()));
        return (table, problems);
    };
    unknown_keys(root, &FILE_KEYS, &mut problems);
    let ecosystem = word_of(root, "ecosystem", &ECOSYSTEMS, &mut problems);
    let rows = root.get("rows");
    if rows.is_none_or(|rows| !rows.is_sequence()) {
        problems.push(problem(root.span(), "the table has no list `rows`".to_owned()));
    }
    for row in rows.into_iter().flat_map(Node::items) {
        unknown_keys(row, &ROW_KEYS, &mut problems);
        for key in ["name", "source", "checked"] {
            if row.get(key).and_then(Node::text).is_none() {
                problems.push(problem(row.span(), format!("a row has no `{key}`")));
            }
        }
        let role = word_of(row, "role", &ROLES, &mut problems);
        if let (Some(ecosystem), Some(role), Some(name)) = (ecosystem, role, row.get("name").and_then(Node::text)) {
            table.add(ecosystem, name, role);
        }
    }
    (table, problems)
}

fn problem(span: Span, message: String) -> SyntaxProblem {
    SyntaxProblem { span, message }
}

fn unknown_keys(node: Node<'_>, known: &[&str], problems: &mut Vec<SyntaxProblem>) {
    for (key, _) in node.own_entries() {
        let name = key.raw().unwrap_or_default();
        if known.contains(&name) {
            continue;
        }
        let meant = nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        problems.push(problem(key.span(), format!("unknown key `{name}`{meant}")));
    }
}

fn word_of<T: Copy>(node: Node<'_>, key: &str, words: &[(&str, T)], problems: &mut Vec<SyntaxProblem>) -> Option<T> {
    let Some(value) = node.get(key) else {
        problems.push(problem(node.span(), format!("`{key}` is missing")));
        return None;
    };
    let text = value.text().unwrap_or_default();
    let found = words.iter().find(|(word, _)| *word == text).map(|&(_, meaning)| meaning);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
        let meant = nearest(text, &known).map_or_else(|| known.join(", "), |near| format!("did you mean `{near}`?"));
        problems.push(problem(value.span(), format!("`{text}` is no {key}: {meant}")));
    }
    found
}

const SHIPPED: [&str; 10] = [
    include_str!("../../tables/frameworks/npm.yaml"),
    include_str!("../../tables/frameworks/npm_commands.yaml"),
    include_str!("../../tables/frameworks/cargo.yaml"),
    include_str!("../../tables/frameworks/go.yaml"),
    include_str!("../../tables/frameworks/maven.yaml"),
    include_str!("../../tables/frameworks/pypi.yaml"),
    include_str!("../../tables/frameworks/nuget.yaml"),
    include_str!("../../tables/frameworks/composer.yaml"),
    include_str!("../../tables/frameworks/rubygems.yaml"),
    include_str!("../../tables/frameworks/hex.yaml"),
];

/// The tables that archlint ships with; read once. That they have no problems is a test.
pub fn frameworks() -> &'static Frameworks {
    static TABLES: OnceLock<Frameworks> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut all = Frameworks::default();
        for text in SHIPPED {
            all.take_in(parse(FileId(0), text).0);
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Ecosystem, Role, SHIPPED, frameworks, parse};
    use crate::source::file::FileId;
    use crate::source::line_index::{ColumnUnit, LineIndex};
    use crate::syntax::tree::Node;
    use crate::syntax::yaml;

    #[test]
    fn shipped_tables_have_no_problems_and_no_row_twice() {
        let mut rows = 0;
        for text in SHIPPED {
            let (table, problems) = parse(FileId(0), text);
            assert_eq!(problems, [], "{}", text.lines().next().unwrap_or_default());
            let tree = yaml::parse(FileId(0), text);
            let root = tree.documents().next().expect("a document");
            let names: Vec<_> = root.get("rows").into_iter().flat_map(Node::items).collect();
            let distinct: BTreeSet<_> = names.iter().filter_map(|row| row.get("name")?.text()).collect();
            assert_eq!(distinct.len(), names.len());
            rows += table.rows();
        }
        assert_eq!(rows, frameworks().rows());
    }

    #[test]
    fn names_match_whole_or_by_their_beginning() {
        let known = frameworks();
        for (ecosystem, name, expected) in [
            (Ecosystem::Npm, "express", Some(Role::Server)),
            (Ecosystem::Npm, "express-session", None),
            (Ecosystem::Npm, "@nestjs/platform-fastify", Some(Role::Server)),
            (Ecosystem::Npm, "@nestjs/testing", Some(Role::Test)),
            (Ecosystem::Cargo, "express", None),
            (Ecosystem::Go, "github.com/labstack/echo/v4", Some(Role::Server)),
            (Ecosystem::Pypi, "Flask", Some(Role::Server)),
            (Ecosystem::Pypi, "confluent_kafka", Some(Role::Client)),
            (Ecosystem::Maven, "io.javalin:javalin-bundle", Some(Role::Server)),
        ] {
            assert_eq!(known.role_of(ecosystem, name), expected, "{name}");
        }
    }

    #[test]
    fn mistakes_in_a_table_are_named_with_their_place() {
        let text = "ecosystem: npn\nrows:\n  - { name: a, rloe: server, source: x, checked: y }\n  - { name: b, role: sever, source: x, checked: y }\n";
        let (table, problems) = parse(FileId(0), text);
        let index = LineIndex::new(text);
        let shown: Vec<_> = problems
            .iter()
            .map(|problem| {
                let at = index.position(text, problem.span.start, ColumnUnit::Characters);
                format!("{}:{} {}", at.line, at.column, problem.message)
            })
            .collect();
        assert_eq!(
            shown,
            [
                "1:12 `npn` is no ecosystem: did you mean `npm`?",
                "3:16 unknown key `rloe`; did you mean `role`?",
                "3:5 `role` is missing",
                "4:22 `sever` is no role: did you mean `server`?",
            ]
        );
        assert_eq!(table.rows(), 0);
    }
}
