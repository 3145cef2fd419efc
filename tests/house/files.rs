//! How a file of code looks: what it opens with, how long it is, what it may not hold.

use super::code;
use super::tree;

/// Lines a file of `src/` may have; one that has more does two things.
const LINES: usize = 600;

/// Longer files, and why they are not two.
const LONG: &[(&str, &str)] = &[
    ("src/graph/program/clients.rs", "one search finds a call and all that its layers say, with shared state"),
    ("src/graph/program/evaluate.rs", "the forms of expressions and of what they lead to call each other throughout"),
    ("src/graph/program/messages.rs", "publishing and consuming are told from the same rows in one pass"),
    ("src/graph/model.rs", "what the graph holds is one list of plain types, read as a whole"),
    ("src/graph/link.rs", "the order of linking is one list of steps, and its tests stand beside it"),
    ("src/graph/services.rs", "the order in which reasons to join two candidates are tried is one list"),
    ("src/infer/subjects.rs", "the subjects and their attributes are one list, which the reference page is made of"),
];

/// Parts that may give up: the positions they compute are their own.
const MAY_UNWRAP: &[&str] = &["source", "syntax"];

#[test]
fn every_file_opens_with_what_it_is_for() {
    let folders = ["src", "tests", "benches"];
    let mut wrong = Vec::new();
    for path in folders.iter().flat_map(|folder| tree::below(folder)).chain(["build.rs".to_owned()]) {
        if path.ends_with(".rs") && !tree::text(&path).starts_with("//!") {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "no `//!` on the first line of {wrong:?}");
}

#[test]
fn a_folder_opens_with_at_most_ten_lines() {
    for path in tree::below("src").iter().filter(|path| path.ends_with("/mod.rs")) {
        let opening = tree::text(path).lines().take_while(|line| line.starts_with("//!")).count();
        assert!((1..=10).contains(&opening), "{path} opens with {opening} lines");
    }
}

#[test]
fn files_stay_short_enough_to_have_one_purpose() {
    for path in tree::below("src").iter().filter(|path| path.ends_with(".rs")) {
        let lines = tree::text(path).lines().count();
        let listed = LONG.iter().any(|(long, _)| long == path);
        assert!(lines <= LINES || listed, "{path} has {lines} lines; divide it, or say in LONG why not");
        assert!(lines > LINES || !listed, "{path} is in LONG and has {lines} lines only");
    }
}

#[test]
fn lints_are_expected_with_a_reason_not_allowed() {
    let wrong: Vec<_> = code::files()
        .iter()
        .flat_map(|file| file.allows.iter().map(move |line| format!("{}:{line}", file.path)))
        .collect();
    assert!(wrong.is_empty(), "write #[expect(lint, reason = \"…\")] at {wrong:?}");
}

#[test]
fn nothing_gives_up_outside_of_source_and_syntax() {
    let wrong: Vec<_> = code::files()
        .iter()
        .filter(|file| !MAY_UNWRAP.contains(&file.part.as_str()))
        .flat_map(|file| file.unwraps.iter().map(move |line| format!("{}:{line}", file.path)))
        .collect();
    assert!(wrong.is_empty(), "`unwrap` or `expect` at {wrong:?}");
}

#[test]
fn modules_are_called_after_what_they_hold() {
    const SAY_NOTHING: &[&str] = &["utils", "util", "helpers", "helper", "common", "types", "manager", "misc"];
    for path in tree::below("src") {
        for part in path.trim_end_matches(".rs").split('/') {
            assert!(!SAY_NOTHING.contains(&part), "{path}: `{part}` says nothing");
        }
    }
}

#[test]
fn paths_fit_every_system() {
    for path in tree::written() {
        assert!(path.chars().count() <= 120, "{path} is too long");
        if path.ends_with(".rs") || path.ends_with(".snap") {
            let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-./".contains(letter);
            assert!(path.chars().all(fits), "{path}");
        }
    }
}
