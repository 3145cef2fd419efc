//! What changed since an earlier report.

use std::collections::BTreeSet;

use crate::judge::finding::{Judgement, Severity};

use super::outcome::Counts;

/// A finding of an earlier report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousFinding {
    /// `shared-database`
    pub rule: String,
    /// Its theme; empty where the earlier document did not say.
    pub theme: String,
    /// How bad it was.
    pub severity: Severity,
    /// Its sentence.
    pub message: String,
    /// Where it was: `orders/.env:3`.
    pub place: String,
    /// Its identity.
    pub fingerprint: String,
}

/// Two reports side by side, by fingerprints.
#[derive(Clone, Debug, Default)]
pub struct Trend {
    /// Fingerprints that the earlier report did not have.
    pub new: BTreeSet<String>,
    /// Findings that are gone, and not accepted either, in the order of the earlier report.
    pub fixed: Vec<PreviousFinding>,
    /// How many both have.
    pub unchanged: usize,
    /// How many of the earlier ones are there still, and accepted since.
    pub accepted: usize,
    /// The earlier counts.
    pub before: Counts,
    /// The earlier findings, for counts by theme.
    pub previous: Vec<PreviousFinding>,
}

impl Trend {
    /// Compares a judgement with the findings of an earlier report.
    pub fn new(judgement: &Judgement, previous: Vec<PreviousFinding>) -> Self {
        let known: BTreeSet<&str> = previous.iter().map(|one| one.fingerprint.as_str()).collect();
        // What is accepted now is not repaired.
        let accepted = judgement.suppressed.iter().map(|one| &one.finding).chain(&judgement.baselined);
        let accepted: BTreeSet<&str> = accepted.map(|one| one.fingerprint.as_str()).collect();
        let found: BTreeSet<&str> = judgement.findings.iter().map(|one| one.fingerprint.as_str()).collect();
        let there = |one: &&PreviousFinding| {
            let print = one.fingerprint.as_str();
            found.contains(print) || accepted.contains(print)
        };
        let fresh = judgement.findings.iter().filter(|one| !known.contains(one.fingerprint.as_str()));
        let new: BTreeSet<String> = fresh.map(|one| one.fingerprint.clone()).collect();
        let fixed: Vec<PreviousFinding> = previous.iter().filter(|one| !there(one)).cloned().collect();
        let mut before = Counts::default();
        for one in &previous {
            match one.severity {
                Severity::Error => before.errors += 1,
                Severity::Warning => before.warnings += 1,
                Severity::Note => before.notes += 1,
            }
        }
        let unchanged = judgement.findings.iter().filter(|one| !new.contains(&one.fingerprint)).count();
        let accepted = previous.iter().filter(|one| there(one) && !found.contains(one.fingerprint.as_str())).count();
        Self { new, fixed, unchanged, accepted, before, previous }
    }

    /// How many findings of a theme and severity there were; `None` where the earlier report
    /// names no themes.
    pub fn before_in(&self, theme: &str, severity: Severity) -> Option<usize> {
        if self.previous.iter().any(|one| one.theme.is_empty()) {
            return None;
        }
        Some(self.previous.iter().filter(|one| one.theme == theme && one.severity == severity).count())
    }
}

/// `+2`, `-1`, `±0`
pub fn change(before: usize, now: usize) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => format!("+{}", now - before),
        std::cmp::Ordering::Less => format!("-{}", before - now),
        std::cmp::Ordering::Equal => "±0".to_owned(),
    }
}
