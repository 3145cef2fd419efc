//! The findings that an estate had when archlint was adopted: a file with one line for each,
//! by fingerprint, so that lines may move and keys change their order.
//!
//! Knows no disk: the file's text goes in and comes out.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::day::Day;
use super::finding::Finding;
use super::fingerprint::ALGORITHM;
use super::rules::RuleNames;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// The version of the file's format.
const VERSION: u32 = 1;

/// Longest baseline in bytes: some 200,000 findings.
pub const LONGEST: usize = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    fingerprints: String,
    findings: Option<Vec<Entry>>,
}

/// One accepted finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it was shown: `services/orders/.env`. For people, and for files that moved.
    pub path: String,
    /// The rule, by the id that it had when this was written.
    pub rule: String,
    /// The anchor: `secret services/orders/.env DB_PASSWORD`.
    pub about: String,
    /// What identifies it.
    pub fingerprint: String,
    /// The services that it concerned, where they are several: one more is news, as a further
    /// user of a shared database is.
    #[serde(default)]
    pub services: Vec<String>,
    /// The day on which it was accepted: `2026-11-23`.
    pub since: String,
}

/// A baseline, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// In the order of the file: by path, rule, what it is about, and fingerprint.
    pub entries: Vec<Entry>,
}

/// What a run says of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// For each finding of the run the entry that accepts it.
    pub known: Vec<Option<usize>>,
    /// For each finding that an entry accepts the services that the entry does not know: where
    /// there are any, the finding is told.
    pub joined: Vec<Vec<Symbol>>,
    /// Entries that no finding needs any more, though their rules were asked.
    pub stale: Vec<usize>,
}

impl Baseline {
    /// Reads a baseline; what is wrong with it comes in words, with line and column where
    /// they are known.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it has more than {} MiB", LONGEST >> 20));
        }
        let text = text.trim_start_matches('\u{feff}');
        let file: File = serde_yaml::from_str(text).map_err(|error| {
            // The parser's own words quote the file, and a file that was named by mistake may
            // hold a secret.
            let place =
                error.location().map_or(String::new(), |at| format!(" at line {} column {}", at.line(), at.column()));
            format!("it is not what `archlint baseline` writes{place}")
        })?;
        if file.version != VERSION {
            return Err(format!("its version is {}, and this archlint reads version {VERSION}", file.version));
        }
        if file.fingerprints != ALGORITHM {
            return Err(format!(
                "its fingerprints are of another kind than `{ALGORITHM}`, which this archlint computes"
            ));
        }
        let entries = file.findings.unwrap_or_default();
        let mut seen = FxHashSet::default();
        for entry in &entries {
            if !seen.insert(entry.fingerprint.as_str()) {
                return Err(format!("the fingerprint {} stands twice", entry.fingerprint));
            }
            if Day::from_text(&entry.since).is_none() {
                return Err(format!("`since: {}` is no day such as 2027-01-31", entry.since));
            }
        }
        Ok(Self { entries })
    }

    /// Compares with what a run found. `asked` are the present ids of the rules of the run,
    /// `present` the paths of the estate.
    pub fn compare(
        &self,
        findings: &[Finding],
        asked: &BTreeSet<&str>,
        names: &RuleNames,
        present: &BTreeSet<EstatePath>,
        path_of: &dyn Fn(FileId) -> EstatePath,
    ) -> Comparison {
        let by_fingerprint: FxHashMap<&str, usize> =
            self.entries.iter().enumerate().map(|(at, entry)| (entry.fingerprint.as_str(), at)).collect();
        let mut known: Vec<Option<usize>> =
            findings.iter().map(|finding| by_fingerprint.get(finding.fingerprint.as_str()).copied()).collect();
        let mut taken: FxHashSet<usize> = known.iter().flatten().copied().collect();
        let was_asked = |entry: &Entry| names.current(&entry.rule).is_none_or(|rule| asked.contains(rule));
        let moved = self.moved(&taken, names, present);
        for (finding, known) in findings.iter().zip(&mut known).filter(|(_, known)| known.is_none()) {
            let path = path_of(finding.span.file);
            let key = (finding.rule.as_str(), nameless(&finding.anchor, path.as_str()));
            let candidates = moved.get(&key).into_iter().flatten().filter(|at| !taken.contains(*at));
            // The nearest name first: several files of one folder may have moved together.
            let nearness = |at: &usize| self.entries.get(*at).map_or(0, |entry| common_end(&entry.path, path.as_str()));
            if let Some(&at) = candidates.max_by_key(|at| (nearness(at), std::cmp::Reverse(**at))) {
                taken.insert(at);
                *known = Some(at);
            }
        }
        let joined = |(finding, known): (&Finding, &Option<usize>)| {
            let entry = known.and_then(|at| self.entries.get(at)).filter(|entry| !entry.services.is_empty());
            let knows = |service: &Symbol| entry.is_none_or(|entry| entry.services.iter().any(|one| *service == **one));
            finding.services.iter().filter(|service| !knows(service)).copied().collect()
        };
        let joined = findings.iter().zip(&known).map(joined).collect();
        let stale = (0..self.entries.len()).filter(|at| !taken.contains(at));
        let stale = stale.filter(|at| self.entries.get(*at).is_some_and(was_asked)).collect();
        Comparison { known, joined, stale }
    }

    /// Entries whose files are gone, by rule and by what they are about without the file's
    /// name: the same in another file is the same file under another name.
    fn moved<'e>(
        &'e self,
        taken: &FxHashSet<usize>,
        names: &'e RuleNames,
        present: &BTreeSet<EstatePath>,
    ) -> FxHashMap<(&'e str, String), Vec<usize>> {
        let mut moved: FxHashMap<(&str, String), Vec<usize>> = FxHashMap::default();
        for (at, entry) in self.entries.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
            let about = nameless(&entry.about, &entry.path);
            // Without its file's name in it, an anchor is the same wherever the file lies.
            if !entry.path.is_empty() && about != entry.about && !present.contains(&EstatePath::new(&entry.path)) {
                moved.entry((names.current(&entry.rule).unwrap_or(&entry.rule), about)).or_default().push(at);
            }
        }
        moved
    }

    /// A baseline of all findings; those that `old` knows keep their day.
    pub fn of(
        findings: &[Finding],
        old: Option<(&Self, &Comparison)>,
        today: Day,
        path_of: &dyn Fn(FileId) -> EstatePath,
    ) -> Self {
        let day = |at: usize| {
            let (old, comparison) = old?;
            let known = (*comparison.known.get(at)?)?;
            old.entries.get(known).map(|entry| entry.since.clone())
        };
        let entry = |(at, finding): (usize, &Finding)| Entry {
            path: path_of(finding.span.file).as_str().to_owned(),
            rule: finding.rule.as_str().to_owned(),
            about: finding.anchor.clone(),
            fingerprint: finding.fingerprint.clone(),
            services: services_of(finding),
            since: day(at).unwrap_or_else(|| today.to_string()),
        };
        Self::sorted(findings.iter().enumerate().map(entry).collect())
    }

    /// The same without the entries at these positions.
    pub fn without(&self, stale: &[usize]) -> Self {
        let stale: FxHashSet<usize> = stale.iter().copied().collect();
        let left = self.entries.iter().enumerate().filter(|(at, _)| !stale.contains(at));
        Self::sorted(left.map(|(_, entry)| entry.clone()).collect())
    }

    /// The entries of both.
    pub fn with(self, other: &Self) -> Self {
        Self::sorted(self.entries.into_iter().chain(other.entries.iter().cloned()).collect())
    }

    fn sorted(mut entries: Vec<Entry>) -> Self {
        entries.sort();
        Self { entries }
    }

    /// The file's text: one line for each entry.
    pub fn write(&self) -> String {
        let mut out = format!(
            "# Findings that are accepted for now. Written by `archlint baseline`: `update` takes in what is\n\
             # found and drops what is repaired, `prune` only drops. Used by `archlint check --baseline FILE`.\n\
             version: {VERSION}\nfingerprints: {ALGORITHM}\nfindings:{}\n",
            if self.entries.is_empty() { " []" } else { "" }
        );
        for Entry { path, rule, about, fingerprint, services, since } in &self.entries {
            let [path, rule, about] = [path, rule, about].map(|text| quoted(text));
            let services: Vec<String> = services.iter().map(|name| quoted(name)).collect();
            let services =
                if services.is_empty() { String::new() } else { format!("services: [{}], ", services.join(", ")) };
            out.push_str(&format!(
                "- {{path: {path}, rule: {rule}, about: {about}, fingerprint: \"{fingerprint}\", {services}since: \"{since}\"}}\n"
            ));
        }
        out
    }
}

/// The services that a finding concerns, where they are several.
fn services_of(finding: &Finding) -> Vec<String> {
    let names = finding.services.iter().map(|name| name.as_str().to_owned());
    if finding.services.len() > 1 { names.collect() } else { Vec::new() }
}

/// `; mail is new here`, for the message of a finding that was known without that service.
pub fn joined(services: &[Symbol]) -> String {
    let (names, verb) = match services {
        [] => return String::new(),
        [one] => (one.as_str().to_owned(), "is"),
        [others @ .., last] => {
            let others: Vec<&str> = others.iter().map(|name| name.as_str()).collect();
            (format!("{} and {last}", others.join(", ")), "are")
        }
    };
    format!("; {names} {verb} new here")
}

/// An anchor without the name of its file; as it is where it holds none.
fn nameless(anchor: &str, path: &str) -> String {
    let whole =
        |at: &usize| anchor.get(at + 1 + path.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let found = anchor.match_indices(&format!(" {path}")).map(|(at, _)| at).find(whole).filter(|_| !path.is_empty());
    match found {
        Some(at) => {
            let (before, behind) = (anchor.get(..at).unwrap_or(""), anchor.get(at + 1 + path.len()..).unwrap_or(""));
            format!("{before} \0{behind}")
        }
        None => anchor.to_owned(),
    }
}

/// An anchor in which the file `path` is called `new`.
pub fn renamed(anchor: &str, path: &str, new: &str) -> String {
    nameless(anchor, path).replace('\0', new)
}

/// How many characters two paths have in common at their ends.
fn common_end(one: &str, other: &str) -> usize {
    one.chars().rev().zip(other.chars().rev()).take_while(|(one, other)| one == other).count()
}

/// A text in double quotes as YAML and JSON write it, without anything that a terminal or a
/// diff would act on.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            _ if letter.is_control() || ('\u{2028}'..='\u{202e}').contains(&letter) || letter == '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests;
