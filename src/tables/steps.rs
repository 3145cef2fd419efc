//! What steps of pipelines do: `tables/pipelines/steps.yaml`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/pipelines/steps.yaml");

const KEYS: [&str; 7] = ["step", "commands", "actions", "images", "templates", "source", "checked"];

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// Runs tests.
    Tests,
    /// Looks at the code without running it.
    Lint,
    /// Checks types.
    Types,
    /// Looks for known weaknesses of dependencies.
    Dependencies,
    /// Looks for known weaknesses of an image.
    Image,
    /// Builds a service or its image.
    Build,
    /// Brings it to where it runs.
    Ship,
    /// Does something that stands elsewhere.
    Unknown,
    /// Does none of this, as its name says.
    Other,
}

const WORDS: [(&str, StepKind); 9] = [
    ("tests", StepKind::Tests),
    ("lint", StepKind::Lint),
    ("types", StepKind::Types),
    ("dependencies", StepKind::Dependencies),
    ("image", StepKind::Image),
    ("build", StepKind::Build),
    ("ship", StepKind::Ship),
    ("unknown", StepKind::Unknown),
    ("other", StepKind::Other),
];

/// Programs that install others by name.
const FETCHING: [&str; 10] = ["apk", "apt", "apt-get", "yum", "dnf", "microdnf", "brew", "gem", "echo", "curl"];

/// One of several words, each with `*` for any letters.
type Alternatives = Vec<Box<str>>;

#[derive(Debug)]
struct StepRow {
    kind: StepKind,
    commands: Vec<Vec<Alternatives>>,
    actions: Vec<Box<str>>,
    images: Vec<Box<str>>,
    templates: Vec<Box<str>>,
}

/// The table.
#[derive(Debug, Default)]
pub struct Steps {
    rows: Vec<StepRow>,
}

/// What archlint ships.
pub fn steps() -> &'static Steps {
    static ALL: LazyLock<Steps> = LazyLock::new(|| read().0);
    &ALL
}

fn read() -> (Steps, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), TABLE);
    let mut problems = tree.problems.clone();
    let mut all = Steps::default();
    let rows = tree.documents().next().and_then(|root| root.get("rows"));
    for row in rows.into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(row, &KEYS, &mut problems);
        let meaning = |word: &str| WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        let kind = reader.word("step", &WORDS.map(|(word, _)| word), meaning);
        if kind.is_none() {
            reader.problem_here("the row has no step".to_owned());
        }
        reader.origin();
        let commands = reader.list("commands");
        let row = kind.map(|kind| StepRow {
            kind,
            commands: commands
                .iter()
                .map(|text| {
                    text.split_whitespace()
                        .map(|word| word.split('|').map(Box::from).collect::<Alternatives>())
                        .collect()
                })
                .collect(),
            actions: reader.list("actions"),
            images: reader.list("images"),
            templates: reader.list("templates"),
        });
        all.rows.extend(row);
    }
    (all, problems)
}

impl Steps {
    /// What a command does: several things at once, where its name tells of several. A command
    /// may stand behind a program that starts it: `poetry run pytest`.
    pub fn of_command(&self, words: &[&str]) -> Vec<StepKind> {
        let mut found: Vec<StepKind> = Vec::new();
        let fetches = words.first().is_some_and(|program| FETCHING.contains(program));
        for row in &self.rows {
            // What only names a program, or may be anything, says so with its first word.
            let starts = if fetches || row.kind == StepKind::Unknown { 1 } else { words.len() };
            let matched = row
                .commands
                .iter()
                .any(|pattern| (0..starts).any(|at| words.get(at..).is_some_and(|rest| matches(pattern, rest))));
            if matched && !found.contains(&row.kind) {
                found.push(row.kind);
            }
        }
        // What is known by name is not unknown.
        if found.len() > 1 {
            found.retain(|kind| *kind != StepKind::Unknown);
        }
        found
    }

    /// What an action does: `docker/build-push-action`.
    pub fn of_action(&self, name: &str) -> Vec<StepKind> {
        self.named(name, |row| &row.actions)
    }

    /// What a job does that runs in an image.
    pub fn of_image(&self, name: &str) -> Vec<StepKind> {
        self.named(name, |row| &row.images)
    }

    /// What a template of GitLab, or a workflow of somebody else, does.
    pub fn of_template(&self, name: &str) -> Vec<StepKind> {
        self.named(name, |row| &row.templates)
    }

    fn named(&self, name: &str, patterns: impl Fn(&StepRow) -> &[Box<str>]) -> Vec<StepKind> {
        let name = name.to_ascii_lowercase();
        let is = |row: &&StepRow| patterns(row).iter().any(|pattern| is_like(&pattern.to_ascii_lowercase(), &name));
        self.rows.iter().filter(is).map(|row| row.kind).collect()
    }
}

/// The first word of the pattern is the program, the others follow in this order.
fn matches(pattern: &[Alternatives], words: &[&str]) -> bool {
    let Some((program, others)) = pattern.split_first() else { return false };
    let Some((first, rest)) = words.split_first() else { return false };
    let any = |alternatives: &Alternatives, word: &str| {
        let word = word.to_ascii_lowercase();
        alternatives.iter().any(|one| is_like(one, &word))
    };
    // `kubectl` of `docker run registry.example/tools/kubectl:1.30 apply`.
    let name = first.rsplit('/').next().unwrap_or(first);
    if !any(program, name.split(':').next().unwrap_or(name)) {
        return false;
    }
    let mut rest = rest.iter();
    others.iter().all(|wanted| rest.any(|word| any(wanted, word)))
}

/// `*lint*` is like `lint:fix`.
fn is_like(pattern: &str, word: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = word.strip_prefix(first) else { return false };
    let mut last: Option<&str> = None;
    for part in parts {
        if let Some(before) = last {
            let Some(at) = rest.find(before) else { return false };
            rest = rest.get(at + before.len()..).unwrap_or("");
        }
        last = Some(part);
    }
    match last {
        None => rest.is_empty(),
        Some(end) => rest.ends_with(end),
    }
}

#[cfg(test)]
mod tests {
    use super::{StepKind, is_like, read, steps};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read().1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn patterns_take_any_letters() {
        for (pattern, word, expected) in [
            ("lint", "lint", true),
            ("lint", "lint:fix", false),
            ("*lint*", "eslint", true),
            ("a*b", "ab", true),
            ("a*b", "abc", false),
            ("*.sh", "run.sh", true),
            ("*a*b*", "xaxbx", true),
            ("*a*b*", "xbxax", false),
        ] {
            assert_eq!(is_like(pattern, word), expected, "{pattern} {word}");
        }
    }

    #[test]
    fn commands_say_what_they_do() {
        for (command, expected) in [
            ("npm run test:coverage", vec![StepKind::Tests]),
            ("npm run lint", vec![StepKind::Lint]),
            ("poetry run pytest -q", vec![StepKind::Tests]),
            ("docker-compose build", vec![StepKind::Build]),
            ("docker build -t x .", vec![StepKind::Build]),
            ("make lint", vec![StepKind::Lint]),
            ("make all", vec![StepKind::Unknown]),
            ("./ci.sh", vec![StepKind::Unknown]),
            ("./scripts/install.sh", vec![StepKind::Other]),
            ("mvn clean verify", vec![StepKind::Tests, StepKind::Build]),
            ("trivy image x", vec![StepKind::Dependencies, StepKind::Image]),
            ("npm ci", vec![]),
            ("apk add make", vec![]),
            ("docker run --rm -v /a:/b example/kubectl:1.30 set image x", vec![StepKind::Ship]),
            ("docker run example/tool", vec![StepKind::Unknown]),
            ("echo done", vec![]),
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            assert_eq!(steps().of_command(&words), expected, "{command}");
        }
    }
}
