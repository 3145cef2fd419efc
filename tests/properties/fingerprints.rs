//! Fingerprints say what a finding is about: they survive what people and tools do to files
//! without meaning anything by it.

use std::collections::BTreeSet;

use crate::estates::{Seen, seen, untouched};
use crate::memory::rules;

/// Fingerprints with the rule and the subject, for messages.
fn prints(seen: &[Seen]) -> BTreeSet<(&str, &str)> {
    let findings = seen.iter().filter(|one| !one.fingerprint.is_empty());
    findings.map(|one| (one.fingerprint.as_str(), one.about.as_str())).collect()
}

fn hold(change: impl Fn(&str, &str) -> Option<String>, what: &str) {
    let rules = rules();
    let mut changed_files = 0;
    for (files, before) in untouched() {
        let changed = files.changed(|path, text| change(path, text).unwrap_or_else(|| text.to_owned()));
        if changed.files == files.files {
            continue;
        }
        changed_files += 1;
        let after = seen(&changed.estate(), &rules);
        let (before, after) = (prints(before), prints(&after));
        let differing: Vec<_> = before.symmetric_difference(&after).collect();
        assert!(differing.is_empty(), "{}: {what}: {differing:#?}", files.name);
    }
    assert!(changed_files >= 5, "{what}: {changed_files}");
}

fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

#[test]
fn documents_of_a_file_may_change_their_order() {
    hold(
        |path, text| {
            let documents: Vec<&str> = text.split("\n---\n").collect();
            let are_objects = documents.iter().all(|document| document.contains("apiVersion:"));
            if !is_yaml(path) || documents.len() < 2 || !are_objects {
                return None;
            }
            let reversed: Vec<&str> =
                documents.iter().rev().map(|one| one.trim_start_matches("---\n").trim_end()).collect();
            Some(reversed.join("\n---\n"))
        },
        "documents reversed",
    );
}

#[test]
fn indentation_may_change() {
    hold(
        |path, text| {
            // All lines go the same way: a list's items stay under their dash.
            if !is_yaml(path) || text.contains("{{") {
                return None;
            }
            let moved = |line: &str| match line.starts_with("---") || line.is_empty() {
                true => format!("{line}\n"),
                false => format!("   {line}\n"),
            };
            Some(text.lines().map(moved).collect())
        },
        "all lines indented",
    );
}

#[test]
fn comments_may_come_and_go() {
    hold(
        |path, text| is_yaml(path).then(|| format!("# a remark\n\n{text}\n# another one\n")),
        "remarks above and below",
    );
}
