//! The built program's output depends on the estate only: not on the number of threads, the
//! order in which files are met, the locale, the folder or the working directory.
#![expect(clippy::disallowed_methods, reason = "tests lay out folders and start the program")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::estates::{Files, estates, invented};
use archlint::commands::format::Format;
use clap::ValueEnum;

fn lay_out(files: &Files, folder: &Path, reversed: bool) {
    let all: Box<dyn Iterator<Item = &(String, String)>> =
        if reversed { Box::new(files.files.iter().rev()) } else { Box::new(files.files.iter()) };
    for (path, text) in all {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
}

/// Findings in every format of a machine, and the graph, as the program writes them from a
/// working directory.
fn output(estate: &Path, from: &Path, surroundings: &[(&str, &str)]) -> String {
    let outputs = tempfile::tempdir().expect("a folder");
    let mut arguments: Vec<String> =
        ["check", "--severity", "note", "--fail-on", "never", "--strict-unknown"].map(str::to_owned).to_vec();
    let formats: Vec<String> = Format::value_variants()
        .iter()
        .map(|format| format.to_possible_value().expect("a name").get_name().to_owned())
        .collect();
    for format in &formats {
        arguments.push(format!("--format={format}={}", outputs.path().join(format).display()));
    }
    let run = |arguments: &[String]| {
        let mut command = Command::cargo_bin("archlint").expect("the program");
        command
            .env_clear()
            .envs(surroundings.iter().copied())
            .env("GITHUB_STEP_SUMMARY", outputs.path().join("summary"));
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        let ran = command.current_dir(from).args(arguments).arg(estate).output().expect("it ran");
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).expect("text")
    };
    let mut all = run(&arguments);
    all.push_str(&run(&["graph".to_owned()]));
    for format in formats.iter().map(String::as_str).chain(["summary"]) {
        let text = fs::read_to_string(outputs.path().join(format)).expect("written");
        all.push_str(&format!("== {format}\n{text}"));
    }
    all
}

/// All fixtures as one estate, where most names meet.
fn everything() -> Files {
    let in_folder = |(number, one): (usize, Files)| {
        one.files.into_iter().map(move |(path, text)| (format!("part{number}/{path}"), text))
    };
    Files { name: "everything".to_owned(), files: estates().iter().cloned().enumerate().flat_map(in_folder).collect() }
}

/// Where else, and how else, an estate is judged: its folder, the working directory, variables.
type Surroundings<'a> = (&'a Path, &'a Path, &'a [(&'a str, &'a str)]);

/// Judges the estate once in one way and then in each of the others, from a copy whose files
/// were written in reverse order.
fn hold(files: &Files, others: impl Fn(&Path, &Path, &mut dyn FnMut(Surroundings<'_>))) {
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let there = there.path().join("an other/Ordner ß");
    lay_out(files, here.path(), false);
    lay_out(files, &there, true);
    let one = output(Path::new("."), here.path(), &[("RAYON_NUM_THREADS", "1")]);
    assert!(!one.contains(&*here.path().to_string_lossy()), "{}: the folder stands in the output", files.name);
    others(here.path(), &there, &mut |(estate, from, variables)| {
        let other = output(estate, from, variables);
        let place = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(one == other, "{}: {variables:?} {place:?}", files.name);
    });
}

#[test]
fn output_depends_neither_on_threads_nor_on_locale_nor_on_folder() {
    for files in invented().iter().chain(estates().iter().step_by(20)) {
        hold(files, |here, there, compare| {
            let elsewhere = there.parent().expect("a folder");
            let turkish = [("RAYON_NUM_THREADS", "4"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Tokyo")];
            compare((Path::new("."), here, &turkish));
            let nowhere = [("RAYON_NUM_THREADS", "3"), ("LANG", "C"), ("HOME", "/nowhere")];
            compare((Path::new("Ordner ß"), elsewhere, &nowhere));
            compare((there, here, &[("LC_ALL", "POSIX"), ("USER", "somebody"), ("GITHUB_ACTIONS", "true")]));
        });
    }
}

/// All estates at once: most names meet, and threads have most to do at a time. All
/// surroundings change together.
#[test]
fn output_of_all_estates_as_one_depends_on_none_of_them_either() {
    hold(&everything(), |_, there, compare| {
        let elsewhere = there.parent().expect("a folder");
        let variables = [("RAYON_NUM_THREADS", "5"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Tokyo"), ("HOME", "/no")];
        compare((Path::new("Ordner ß"), elsewhere, &variables));
    });
}
