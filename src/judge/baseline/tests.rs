//! Which findings a baseline knows, and what its file looks like.

use std::collections::BTreeSet;

use super::{Baseline, Comparison, joined, nameless};
use crate::graph::model::Confidence;
use crate::judge::day::Day;
use crate::judge::finding::{Finding, Severity};
use crate::judge::fingerprint::{fingerprint, number_equal_ones};
use crate::judge::rules::{RuleFile, RuleNames, load_all};
use crate::judge::sample::VOCABULARY;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

const PATHS: [&str; 4] = ["a/.env", "b/.env", "c/.env", "c/other.env"];

fn path_of(file: FileId) -> EstatePath {
    EstatePath::new(PATHS[file.0 as usize])
}

fn day(text: &str) -> Day {
    Day::from_text(text).expect("a day")
}

/// Findings as (file, anchor), where `@` in the anchor is the file's path.
fn findings(all: &[(u32, &str)]) -> Vec<Finding> {
    let one = |&(file, anchor): &(u32, &str)| {
        let anchor = anchor.replace('@', PATHS[file as usize]);
        Finding {
            rule: Symbol::new("late"),
            category: Symbol::new("x"),
            severity: Severity::Error,
            confidence: Confidence::Observed,
            message: anchor.clone(),
            span: Span::new(FileId(file), 0, 1),
            subject_kind: Symbol::new("call"),
            subject: anchor.clone(),
            services: Vec::new(),
            related: Vec::new(),
            help: String::new(),
            fingerprint: fingerprint("late", &anchor),
            anchor,
        }
    };
    let mut findings: Vec<Finding> = all.iter().map(one).collect();
    number_equal_ones(&mut findings);
    findings
}

fn names() -> RuleNames {
    let text = "id: late\nformerly: [early]\nseverity: note\nsubject: service\nwhen: service.name == 'a'\n\
                message: m\nwhy: w\nfix: f\n";
    let files = [RuleFile { category: "x", name: "late.yaml", text }];
    RuleNames::of(&load_all(&files, VOCABULARY).expect("loaded"))
}

fn compare(old: &[(u32, &str)], new: &[(u32, &str)], asked: &[&str], present: &[u32]) -> Comparison {
    let baseline = Baseline::of(&findings(old), None, day("2026-01-31"), &path_of);
    let present = present.iter().map(|&file| path_of(FileId(file))).collect();
    let asked: BTreeSet<&str> = asked.iter().copied().collect();
    baseline.compare(&findings(new), &asked, &names(), &present, &path_of)
}

#[test]
fn findings_are_known_new_or_gone() {
    let found = compare(&[(0, "call x"), (1, "call y")], &[(2, "call x"), (0, "call z")], &["late"], &[0, 1, 2]);
    assert_eq!(found, Comparison { known: vec![Some(0), None], joined: vec![Vec::new(); 2], stale: vec![1] });
    let not_asked = compare(&[(0, "call x")], &[], &["other"], &[0]);
    assert!(not_asked.stale.is_empty(), "a rule that was not asked says nothing of its entries");
}

#[test]
fn one_more_of_the_same_is_new() {
    let found = compare(&[(0, "call x")], &[(0, "call x"), (1, "call x")], &["late"], &[0, 1]);
    assert_eq!(found.known, [Some(0), None]);
}

#[test]
fn a_file_that_moved_keeps_its_entries_and_a_copy_gets_none() {
    let old = [(0, "secret @ KEY")];
    assert_eq!(compare(&old, &[(1, "secret @ KEY")], &["late"], &[1]).known, [Some(0)]);
    assert_eq!(compare(&old, &[(1, "secret @ KEY")], &["late"], &[0, 1]).known, [None], "the old file is there");
    assert_eq!(compare(&old, &[(1, "secret @ OTHER")], &["late"], &[1]).known, [None]);
    // One entry knows one finding; of two entries the one with the nearer name is taken.
    let both = [(3, "secret @ KEY"), (2, "secret @ KEY")];
    assert_eq!(compare(&old, &both, &["late"], &[2, 3]).known, [Some(0), None]);
    let two = [(0, "secret @ KEY"), (3, "secret @ KEY")];
    assert_eq!(compare(&two, &[(2, "secret @ KEY")], &["late"], &[2]).known, [Some(0)]);
}

#[test]
fn an_anchor_loses_the_whole_name_of_its_file_only() {
    for (anchor, path, expected) in [
        ("secret a/.env KEY", "a/.env", "secret \0 KEY"),
        ("recipe a/Dockerfile", "a/Dockerfile", "recipe \0"),
        ("file a b.yaml broken", "a b.yaml", "file \0 broken"),
        ("service a-b", "a", "service a-b"),
        ("file ä.yaml x", "ä.yaml", "file \0 x"),
        ("service x", "", "service x"),
    ] {
        assert_eq!(nameless(anchor, path), expected);
    }
}

#[test]
fn a_file_is_written_sorted_one_line_each_and_read_again() {
    let some = findings(&[(1, "call \"x\"\n\u{202e}"), (0, "call y"), (0, "call y")]);
    let baseline = Baseline::of(&some, None, day("2026-01-31"), &path_of);
    let text = baseline.write();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("- ")).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with(r#"- {path: "a/.env", rule: "late", about: "call y", fingerprint: ""#), "{text}");
    assert!(lines[1].contains(":2\""), "{text}");
    assert!(lines[2].contains(r#"call \"x\"\u000a\u202e"#), "{text}");
    assert_eq!(Baseline::read(&text), Ok(baseline));
    assert_eq!(Baseline::read(&Baseline::default().write()), Ok(Baseline::default()));
}

#[test]
fn entries_keep_their_day() {
    let old = Baseline::of(&findings(&[(0, "call x")]), None, day("2026-01-31"), &path_of);
    let new = findings(&[(0, "call x"), (0, "call y")]);
    let found = old.compare(&new, &BTreeSet::from(["late"]), &names(), &BTreeSet::new(), &path_of);
    let updated = Baseline::of(&new, Some((&old, &found)), day("2026-11-23"), &path_of);
    let days: Vec<_> = updated.entries.iter().map(|entry| entry.since.as_str()).collect();
    assert_eq!(days, ["2026-01-31", "2026-11-23"]);
}

#[test]
fn what_is_no_baseline_is_refused_in_words() {
    let entry = "{path: a, rule: r, about: x, fingerprint: f, since: \"2026-01-31\"}";
    for (text, expected) in [
        ("".to_owned(), "not what `archlint baseline` writes"),
        ("[]".to_owned(), "not what `archlint baseline` writes"),
        ("version: 1\nfingerprints: archlint/v1\nfindngs: []\n".to_owned(), "line 3"),
        ("version: 2\nfingerprints: archlint/v1\n".to_owned(), "its version is 2"),
        ("version: 1\nfingerprints: archlint/v9\n".to_owned(), "its fingerprints are of another kind"),
        (format!("version: 1\nfingerprints: archlint/v1\nfindings:\n- {entry}\n- {entry}\n"), "stands twice"),
        ("version: 1\nfingerprints: archlint/v1\nfindings:\n- {rule: a}\n".to_owned(), "line 4"),
        (format!("version: 1\nfingerprints: archlint/v1\nfindings: [{}]", entry.replace("01-31", "31")), "no day"),
        ("a: [".to_owned(), "line 1"),
        ("version: [".to_owned(), "line 1"),
        // Somebody named the wrong file.
        ("PASSWORD=kx7Qm2vR".to_owned(), "not what `archlint baseline` writes"),
        ("version: kx7Qm2vR".to_owned(), "line 1 column"),
        ("version: 1\nfingerprints: kx7Qm2vR\n".to_owned(), "of another kind"),
        ("kx7Qm2vR: 1\n".to_owned(), "line 1"),
    ] {
        let problem = Baseline::read(&text).expect_err(&text);
        assert!(problem.contains(expected) && !problem.contains("kx7Qm2vR"), "{text}: {problem}");
    }
}

#[test]
fn a_further_service_of_a_known_finding_is_news() {
    let with = |services: &[&str]| {
        let mut all = findings(&[(0, "database x")]);
        all[0].services = services.iter().map(|name| Symbol::new(name)).collect();
        all
    };
    let two = Baseline::of(&with(&["billing", "orders"]), None, day("2026-01-31"), &path_of);
    assert!(two.write().contains("services: [\"billing\", \"orders\"], since: "), "{}", two.write());
    assert_eq!(Baseline::read(&two.write()), Ok(two.clone()));
    let one = Baseline::of(&with(&["orders"]), None, day("2026-01-31"), &path_of);
    assert!(!one.write().contains("services"), "a finding of one service is about it already");
    for (baseline, services, expected) in [
        (&two, &["billing", "orders"][..], ""),
        (&two, &["billing"], ""),
        (&two, &["billing", "mail", "orders"], "; mail is new here"),
        (&two, &["a", "b", "billing", "c"], "; a, b and c are new here"),
        (&one, &["mail"], ""),
    ] {
        let found = baseline.compare(&with(services), &BTreeSet::from(["late"]), &names(), &BTreeSet::new(), &path_of);
        assert_eq!((joined(&found.joined[0]).as_str(), found.known[0]), (expected, Some(0)), "{services:?}");
        assert_eq!(found.stale, [0; 0], "it is needed still");
    }
}
