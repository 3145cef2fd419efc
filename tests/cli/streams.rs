//! Exit codes, and what is printed where.

use std::fs;
use std::process::{Command, Stdio};

use crate::{DEPLOYMENT, PRIVILEGED, estate, findings, run, run_with};

#[test]
fn a_clean_estate_is_exit_code_0_and_says_so() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT)]);
    let ran = run(folder.path(), &["--format", "text", "--severity", "error", "."]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains("1 file read"), "{ran:?}");
    assert_eq!(findings(folder.path(), &["."])["coverage"]["services"], 1);
}

#[test]
fn wrong_arguments_are_exit_code_2_and_leave_standard_output_empty() {
    let folder = estate(&[("a.yaml", "a: 1\n")]);
    for (arguments, part) in [
        (&["nope"][..], "there is no file or folder \"nope\""),
        (&["check", "nope", "."], "nope"),
        (&["--format", "xml"], "there are text, json, jsonl, sarif, github, gitlab, junit"),
        (&["--format", "json="], "there is no file after"),
        (&["--format", "json", "--format", "gcc"], "two formats for the standard output"),
        (&["--fail-on", "hint"], "hint"),
        (&["--select", "no-such-rule"], "there is no rule"),
        (&["--no-such-flag"], "--no-such-flag"),
        (&["--config", "none.yaml"], "none.yaml"),
        (&["graph", "--explain", "nobody", "."], "nothing in the estate is called \"nobody\""),
        (&["explain", "no-such-rule"], "there is no rule"),
        (&["schema", "nothing"], "nothing"),
        (&["--format", "json=none/out.json"], "cannot be written"),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, 2, "{arguments:?} {ran:?}");
        assert_eq!(ran.out, "", "{arguments:?}");
        assert!(ran.err.contains(part), "{arguments:?} {ran:?}");
    }
}

#[test]
fn nothing_to_read_is_clean_but_not_silent() {
    let folder = estate(&[]);
    let ran = run(folder.path(), &["."]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("no file was read"), "{ran:?}");
    assert_eq!(run(folder.path(), &["--format", "json"]).err, "");
}

#[test]
fn several_formats_come_out_of_one_run() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT)]);
    let formats = ["--format", "json=out.json", "--format", "gcc=out.txt", "--format", "vscode"];
    let ran = run(folder.path(), &formats);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.starts_with("archlint: checking\n"), "{ran:?}");
    let json = fs::read_to_string(folder.path().join("out.json")).expect("written");
    assert!(json.contains("archlint.findings/v1"));
    assert!(folder.path().join("out.txt").is_file());
}

#[test]
fn output_depends_on_neither_folder_nor_working_directory() {
    let files = [("deploy/orders.yaml", DEPLOYMENT), ("deploy/broken.yaml", "a: [\n")];
    let (one, other) = (estate(&files), estate(&files));
    let path = other.path().to_str().expect("text");
    assert_eq!(findings(one.path(), &["."]), findings(one.path(), &[path]));
}

#[test]
fn help_and_version_are_exit_code_0_on_standard_output() {
    let folder = estate(&[]);
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["graph", "--help"],
        &["report", "--help"],
        &["explain", "--help"],
        &["rules", "--help"],
        &["init", "--help"],
        &["schema", "--help"],
        &["completions", "--help"],
        &["completions", "bash"],
        &["rules"],
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        assert!(!ran.out.is_empty(), "{arguments:?}");
    }
}

#[test]
fn schemas_are_json() {
    let folder = estate(&[]);
    for document in ["config", "service", "findings", "graph"] {
        let ran = run(folder.path(), &["schema", document]);
        let schema: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        assert!(schema["$schema"].is_string(), "{document}");
    }
}

#[test]
fn graph_and_report_are_written_where_asked() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT)]);
    for (arguments, part) in [
        (&["graph", "."][..], "archlint.graph/v1"),
        (&["graph", "--format", "mermaid"], "orders"),
        (&["graph", "--format", "dot"], "orders"),
        (&["graph", "--explain", "orders"], "orders (service)"),
        (&["report", "."], "# Architecture report"),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.out.contains(part), "{arguments:?} {ran:?}");
    }
    let ran = run(folder.path(), &["report", "-o", "review.md"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(fs::read_to_string(folder.path().join("review.md")).expect("written").contains("orders"));
}

#[test]
fn timings_go_to_standard_error() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT)]);
    let ran = run(folder.path(), &["--timings", "--format", "json"]);
    assert!(ran.err.contains("discover") && ran.err.contains("render"), "{ran:?}");
    assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_ok());
}

#[test]
fn colors_follow_flag_then_environment() {
    let folder = estate(&[("web.yaml", PRIVILEGED)]);
    for (flag, variables, colored) in [
        ("never", &[("CLICOLOR_FORCE", "1")][..], false),
        ("always", &[("NO_COLOR", "1")], true),
        ("auto", &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")], false),
        ("auto", &[("NO_COLOR", ""), ("FORCE_COLOR", "1")], true),
        ("auto", &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], true),
        ("auto", &[], false),
        ("auto", &[("TERM", "xterm")], false),
    ] {
        let ran = run_with(folder.path(), &["--format", "text", "--color", flag], variables);
        assert_eq!(ran.out.contains('\u{1b}'), colored, "{flag} {variables:?} {}", ran.out);
        let ran = run_with(folder.path(), &["--format", "gcc", "--color", flag], variables);
        assert!(!ran.out.contains('\u{1b}'), "{flag} {variables:?} {}", ran.out);
    }
}

#[test]
fn flags_choose_what_fails_and_what_is_shown() {
    let folder = estate(&[("web.yaml", PRIVILEGED), ("broken.yaml", "a: [\n")]);
    let error = "web.yaml:8:52: error: ";
    let warning = "broken.yaml:1:4: warning: ";
    for (arguments, code, shown) in [
        (&["."][..], 1, &[error, warning][..]),
        (&["--severity", "error"], 1, &[error]),
        (&["--fail-on", "never"], 0, &[error, warning]),
        (&["--ignore", "privileged-container"], 0, &[warning]),
        (&["--ignore", "privileged-container", "--fail-on", "warning"], 1, &[warning]),
        (&["--ignore", "privileged-container", "--severity", "error", "--fail-on", "warning"], 1, &[warning]),
        (&["--ignore", "privileged-container", "--strict"], 1, &["broken.yaml:1:4: error: "]),
        (&["--select", "privileged-container"], 1, &[error]),
        (&["--min-confidence", "declared", "--select", "privileged-container"], 0, &[]),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, code, "{arguments:?} {ran:?}");
        for part in [error, warning] {
            let expected = shown.contains(&part);
            assert_eq!(ran.out.contains(part), expected, "{arguments:?} {part} {ran:?}");
        }
        for part in shown {
            assert!(ran.out.contains(part), "{arguments:?} {part} {ran:?}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let folder = estate(&[("deploy/orders.yaml", DEPLOYMENT)]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("archlint"))
        .args(["graph", "--format", "json"])
        .env_clear()
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_report_names_what_changed_since_an_earlier_one() {
    let folder =
        estate(&[("shop/Dockerfile", "FROM nginx:1.27\nUSER root\n"), ("other.json", "{\"schema\": \"x/v1\"}")]);
    let ran = run(folder.path(), &["report", "-o", "report.json", "."]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let ran = run(folder.path(), &["report", "--previous", "report.json", "."]);
    assert!(ran.out.contains("Since the earlier report: 0 new, 0 fixed"), "{}", ran.out);
    let ran = run(folder.path(), &["report", "--previous", "report.json", "-o", "review.html", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = fs::read_to_string(folder.path().join("review.html")).expect("the page");
    assert!(page.starts_with("<!doctype html>") && page.contains("Since the earlier report"));
    let ran = run(folder.path(), &["report", "--previous", "other.json", "."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("not x/v1"), "{}", ran.err);
}

#[test]
fn pictures_take_a_focus_and_groups() {
    let folder = estate(&[("shop/package.json", "{\"name\": \"shop\", \"scripts\": {\"start\": \"node .\"}}")]);
    for format in ["mermaid", "dot", "svg", "structurizr", "graphml"] {
        let ran = run(folder.path(), &["graph", "--format", format, "."]);
        assert_eq!(ran.code, 0, "{format}: {}", ran.err);
    }
    for arguments in [
        &["graph", "--format", "svg", "--focus", "nobody", "."][..],
        &["graph", "--format", "svg", "--collapse", "owner", "."],
        &["graph", "--focus", "shop", "."],
        &["graph", "--format", "svg", "--hops", "2", "."],
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.contains("error"), "{arguments:?}");
    }
}

#[test]
fn a_list_says_which_files_are_looked_at() {
    let web = PRIVILEGED;
    let folder = estate(&[
        ("deploy/web.yaml", web),
        ("deploy/job.yaml", &web.replace("web", "job")),
        ("deploy/old/cron.yaml", &web.replace("web", "cron")),
        ("vendor/chart.yaml", &web.replace("web", "chart")),
        ("archlint.yaml", "ignore: [deploy/old]\n"),
    ]);
    let found = |list: &str, arguments: &[&str]| {
        let more = ["--files-from", "-", "--select", "privileged-container", "--format", "gcc"];
        let mut command = assert_cmd::Command::cargo_bin("archlint").expect("the program");
        let output = command.env_clear().current_dir(folder.path()).args(more).args(arguments);
        let output = output.write_stdin(list).output().expect("it ran");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let paths: Vec<String> = text.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
        (output.status.code().unwrap_or(-1), paths, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // The root is the working directory, whichever files are listed.
    let (code, paths, _) = found("deploy/web.yaml\n", &[]);
    assert_eq!((code, paths), (1, vec!["deploy/web.yaml".to_owned()]));
    // NUL ends names as well, and what is left out otherwise is left out of a list.
    let all = "deploy/web.yaml\0./deploy/job.yaml\0deploy/old/cron.yaml\0vendor/chart.yaml\0";
    let (_, paths, _) = found(all, &[]);
    assert_eq!(paths, ["deploy/job.yaml", "deploy/web.yaml"]);
    let (_, paths, _) = found("deploy\r\n", &[]);
    assert_eq!(paths, ["deploy/job.yaml", "deploy/web.yaml"]);
    // Lists of changed files name removed ones.
    let (code, paths, _) = found("gone.yaml\n", &[]);
    assert_eq!((code, paths.len()), (0, 0), "nothing is not the working directory");
    let ran = run(folder.path(), &["--files-from", "archlint.yaml"]);
    assert!(ran.err.contains("1 of 1 listed file is not there"), "{ran:?}");
    for arguments in [&["."][..], &["--since", "main"]] {
        let (code, _, said) = found("deploy/web.yaml\n", arguments);
        assert!(code == 2 && said.contains("cannot be used with"), "{said}");
    }
    let ran = run(folder.path(), &["--files-from", "no-such-list"]);
    assert!(ran.code == 2 && ran.err.contains("the list of files \"no-such-list\" cannot be read"), "{ran:?}");
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = estate(&[]);
    let ran = run(folder.path(), &["man", "--output", "."]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .expect("pages")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in ["archlint.1", "archlint-check.1", "archlint-baseline-update.1", "archlint-man.1"] {
        assert!(names.iter().any(|one| one == name), "{names:?}");
    }
    for name in names {
        let page = fs::read_to_string(folder.path().join(&name)).expect("a page");
        assert!(page.contains(".TH ") && page.contains(".SH NAME"), "{name}");
        let words: Vec<&str> = name.trim_end_matches(".1").split('-').skip(1).collect();
        assert_eq!(run(folder.path(), &[&["man"], &*words].concat()).out, page, "{name}");
    }
    let check = run(folder.path(), &["man", "check"]).out;
    assert!(check.contains("\\-\\-files\\-from") && check.contains("Exit code: 0 clean"), "{check}");
    assert_eq!(run(folder.path(), &["man", "chekc"]).code, 2);
}

#[test]
fn every_shell_has_completions() {
    let folder = estate(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(folder.path(), &["completions", shell]);
        assert!(ran.code == 0 && ran.out.contains("files-from"), "{shell}: {ran:?}");
    }
}
