//! The built program's output depends on the estate only: not on the number of threads, the
//! order in which files are met, or the folder.
#![expect(clippy::disallowed_methods, reason = "tests lay out folders and start the program")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::estates::{Files, estates, invented};
use crate::memory::Estate;
use archlint::render::{graph_json, json};

fn lay_out(files: &Files, folder: &Path, reversed: bool) {
    let all: Box<dyn Iterator<Item = &(String, String)>> =
        if reversed { Box::new(files.files.iter().rev()) } else { Box::new(files.files.iter()) };
    for (path, text) in all {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
}

/// Findings and graph as the program writes them.
fn output(folder: &Path, threads: &str) -> String {
    let arguments: [&[&str]; 2] =
        [&["check", "--format", "json", "--severity", "note", "--fail-on", "never", "."], &["graph", "."]];
    let mut all = String::new();
    for arguments in arguments {
        let mut command = Command::cargo_bin("archlint").expect("the program");
        command.env_clear().env("RAYON_NUM_THREADS", threads);
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        let ran = command.current_dir(folder).args(arguments).output().expect("it ran");
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        all.push_str(&String::from_utf8(ran.stdout).expect("text"));
    }
    all
}

/// All fixtures as one estate, where most names meet.
fn everything() -> Files {
    let in_folder = |(number, one): (usize, Files)| {
        one.files.into_iter().map(move |(path, text)| (format!("part{number}/{path}"), text))
    };
    Files { name: "everything".to_owned(), files: estates().into_iter().enumerate().flat_map(in_folder).collect() }
}

#[test]
fn output_depends_neither_on_threads_nor_on_folder() {
    let mut all = invented();
    all.extend(estates().into_iter().step_by(6));
    all.push(everything());
    for files in all {
        let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let there = there.path().join("an other/Ordner ß");
        lay_out(&files, here.path(), false);
        lay_out(&files, &there, true);
        let one = output(here.path(), "1");
        for (folder, threads) in [(here.path(), "4"), (there.as_path(), "3")] {
            assert!(one == output(folder, threads), "{}: {threads} threads in {}", files.name, folder.display());
        }
        assert!(!one.contains(&*here.path().to_string_lossy()), "{}: the folder stands in the output", files.name);
    }
}

#[test]
fn output_does_not_depend_on_the_order_of_files() {
    let rules = crate::memory::rules();
    let rendered = |estate: &Estate| {
        let judgement = estate.judgement(&rules);
        let findings = estate.outcome(&judgement, json::render);
        findings + &estate.outcome(&judgement, |one| graph_json::render(one.graph, one.sources, one.version))
    };
    let mut all = estates();
    all.push(everything());
    for files in all {
        let mut reversed = files.clone();
        reversed.files.reverse();
        let mut halves = files.clone();
        halves.files.rotate_left(files.files.len() / 2);
        let before = rendered(&files.estate());
        for other in [reversed, halves] {
            assert!(before == rendered(&other.estate()), "{}: another order of files", files.name);
        }
    }
}
