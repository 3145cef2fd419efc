//! As whom containers run and what they may do, compared with a decision table that was
//! written from the platforms' documentation and shares nothing with the program.
//!
//! - kubernetes.io/docs/tasks/configure-pod-container/security-context: what a container
//!   states wins over what its pod states, field by field; both win over the image.
//! - kubernetes.io/docs/reference/kubernetes-api, `runAsNonRoot`: "the Kubelet will validate
//!   the image at runtime to ensure that it does not run as UID 0 (root) and fail to start
//!   the container if it does"; an image without a user counts as uid 0, and a user by name
//!   is refused as well. So a container with it never runs as root.
//! - `privileged` and `capabilities` are fields of containers only.
//! - kubernetes.io/docs/concepts/security/pod-security-standards, profile Restricted: which
//!   rights a container gives up, and where a profile of system calls may stand.
//! - kubernetes.io/docs/concepts/configuration/manage-resources-containers: a limit is the
//!   request where no other is stated.
//! - kubernetes.io/docs/concepts/services-networking/network-policies: without a policy for a
//!   direction all passes; policies add up; a connection needs both directions.
//! - kubernetes.io/docs/tasks/run-application/configure-pdb: which budgets let a pod go.
//! - docs.docker.com/reference/dockerfile, `USER`: a stage takes over the user of what it is
//!   built from; the default is root.

#[expect(dead_code, reason = "other test programs use the rest")]
#[path = "../memory/mod.rs"]
mod memory;

mod images;
mod network;
mod platforms;
mod rights;
mod upkeep;
mod users;
mod verdicts;

use archlint::facts::answer::Answer;
use archlint::infer::subject::Subject;
use archlint::infer::vocabulary::Datum;

use memory::Estate;

/// As whom the documentation says that a container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Surely as uid 0.
    Root,
    /// Starts as uid 0 and steps down.
    Drops,
    /// Never as uid 0.
    Other,
    /// Depends on an image that is not known.
    Open,
    /// Depends on something that no file says.
    Hidden,
}

impl Expected {
    /// How the attribute spells it.
    fn word(self) -> &'static str {
        match self {
            Self::Root => "certain",
            Self::Drops => "drops",
            Self::Other => "no",
            Self::Open => "unprevented",
            Self::Hidden => "unknown",
        }
    }
}

/// Differences of many cases, so that one failure shows all of them.
#[derive(Default)]
pub struct Differences {
    cases: usize,
    wrong: Vec<String>,
}

impl Differences {
    /// Compares one attribute of the container called `name` in an estate.
    pub fn compare(&mut self, files: &[(&str, &str)], name: &str, attribute: &str, expected: &str) {
        self.cases += 1;
        let estate = Estate::new(files.iter().copied());
        let subjects = estate.subjects();
        let found = container(&subjects, name).map_or("no such container".to_owned(), |one| text(one, attribute));
        if found != expected {
            let files: Vec<String> = files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
            self.wrong.push(format!("{name}: {attribute} is {found}, not {expected}\n{}", files.join("\n")));
        }
    }

    /// Compares one attribute of the subject of this kind and name; of a container the end of
    /// its name is enough.
    pub fn compare_of(&mut self, files: &[(&str, &str)], (kind, name): (&str, &str), attribute: &str, expected: &str) {
        self.cases += 1;
        let estate = Estate::new(files.iter().copied());
        let subjects = estate.subjects();
        let one = subjects.iter().find(|one| one.def.kind == kind && one.name == name);
        let found = one.map_or(format!("no such {kind}"), |one| text(one, attribute));
        if found != expected {
            let files: Vec<String> = files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
            self.wrong.push(format!("{name}: {attribute} is {found}, not {expected}\n{}", files.join("\n")));
        }
    }

    /// Fails with the first differences.
    pub fn none_in_at_least(self, cases: usize) {
        assert!(self.cases >= cases, "only {} cases", self.cases);
        let shown: Vec<&str> = self.wrong.iter().take(5).map(String::as_str).collect();
        assert!(self.wrong.is_empty(), "{} of {} differ:\n{}", self.wrong.len(), self.cases, shown.join("\n"));
    }
}

/// The deployed container whose name ends like that.
fn container<'s>(subjects: &'s [Subject], name: &str) -> Option<&'s Subject> {
    let suffix = format!("/{name}");
    subjects
        .iter()
        .find(|one| one.def.kind == "container" && one.name.ends_with(&suffix) && text(one, "deployed") == "true")
}

fn text(subject: &Subject, attribute: &str) -> String {
    let (slot, _) = subject.def.attribute(attribute).expect("a known attribute");
    match &subject.row.values[slot] {
        Answer::Present(datum, _) => spelled(datum),
        Answer::Absent(_) => "absent".to_owned(),
        Answer::Unknown(_) => "unknown".to_owned(),
    }
}

fn spelled(datum: &Datum) -> String {
    match datum {
        Datum::Bool(value) => value.to_string(),
        Datum::Int(value) => value.to_string(),
        Datum::Text(value) => value.to_string(),
        Datum::List(values) => values.iter().map(spelled).collect::<Vec<_>>().join(" "),
    }
}
