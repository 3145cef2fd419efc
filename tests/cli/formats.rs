//! Formats as the built program writes them: which one is taken, where it goes, and what
//! hostile names can do.

use std::fs;
use std::path::Path;

use archlint::commands::format::Format;
use clap::ValueEnum;

use crate::{DEPLOYMENT, PRIVILEGED, estate, findings, put, run, run_with};

const BROKEN: &str = "a: [\n";

pub fn names() -> Vec<String> {
    let name = |format: &Format| format.to_possible_value().expect("a name").get_name().to_owned();
    Format::value_variants().iter().map(name).collect()
}

/// Every format's output of one run, by name, and the step summary.
fn every_format(folder: &Path) -> Vec<(String, String)> {
    let out = tempfile::tempdir().expect("a folder");
    let mut names = names();
    let arguments: Vec<String> =
        names.iter().map(|name| format!("--format={name}={}", out.path().join(name).display())).collect();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(["--severity", "note", "--strict-unknown"]);
    let summary = out.path().join("summary");
    let ran = run_with(folder, &arguments, &[("GITHUB_STEP_SUMMARY", summary.to_str().expect("text"))]);
    assert!((0..=1).contains(&ran.code) && ran.err.is_empty() && ran.out.is_empty(), "{ran:?}");
    names.push("summary".to_owned());
    let read = |name: String| {
        let text = fs::read_to_string(out.path().join(&name)).expect("written");
        (name, text)
    };
    names.into_iter().map(read).collect()
}

#[test]
fn one_run_writes_every_format() {
    let folder = estate(&[("web.yaml", PRIVILEGED), ("broken.yaml", BROKEN)]);
    for (format, text) in every_format(folder.path()) {
        assert!(text.contains("privileged") && text.contains("web.yaml"), "{format}: {text}");
        assert!(text.ends_with('\n') && !text.starts_with('\u{feff}'), "{format}");
    }
}

#[test]
fn a_workflow_of_github_gets_annotations_and_a_summary() {
    let folder = estate(&[("web.yaml", PRIVILEGED), ("broken.yaml", BROKEN)]);
    let summary = folder.path().join("summary.md");
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().expect("text"))];
    let ran = run_with(folder.path(), &["."], &variables);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(ran.out.starts_with("::error file=web.yaml,line=8,endLine=8,col="), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with("::")), "{ran:?}");
    let once = fs::read_to_string(&summary).expect("written");
    assert!(once.starts_with("### archlint: 1 error, "), "{once}");
    // Other steps' text stays.
    run_with(folder.path(), &["."], &variables);
    assert_eq!(fs::read_to_string(&summary).expect("written"), once.repeat(2));
    // What is asked for goes before what is guessed.
    let ran = run_with(folder.path(), &["--format", "gcc"], &variables);
    assert!(ran.out.contains("web.yaml:8:"), "{ran:?}");
    assert_eq!(fs::read_to_string(&summary).expect("written"), once.repeat(2));
    let ran = run_with(folder.path(), &["."], &[("GITHUB_ACTIONS", "false")]);
    assert!(ran.out.contains("web.yaml:8:"), "{ran:?}");
}

#[test]
fn a_summary_that_cannot_be_written_fails_nothing() {
    let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "no/such/folder/summary")];
    let ran = run_with(folder.path(), &["."], &variables);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("warning") && ran.err.contains("summary"), "{ran:?}");
}

#[test]
fn paths_for_services_begin_at_the_repository() {
    let folder = estate(&[("shop/deploy/web.yaml", PRIVILEGED), (".git/HEAD", "ref: refs/heads/main\n")]);
    for (format, text) in every_format(&folder.path().join("shop")) {
        let from_estate = ["text", "json", "jsonl", "gcc", "vscode"].contains(&format.as_str());
        assert_eq!(text.contains("shop/deploy/web.yaml"), !from_estate, "{format}: {text}");
    }
}

#[test]
fn one_file_takes_one_format() {
    let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
    let ran = run(folder.path(), &["--format", "json=out", "--format", "sarif=out"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("two formats for the file"), "{ran:?}");
}

/// Names that try to be commands, tags or escape sequences, where files and services have
/// names.
#[test]
fn names_of_an_estate_are_no_commands() {
    let hostile = [
        "::error::x",
        "##[error]x",
        "##vso[task.complete result=Failed;]x",
        "##teamcity[buildStop comment='x']",
        "]]><x a=\"1\"/>",
        "<script>alert(1)</script>",
        "\\e[31mred",
        "\\u202Ecod",
        "a\\n::stop-commands::t",
        "a\\r\\n##[add-matcher]x",
        "[a](https://evil.example)",
        "{0}%0A",
        "|n'|]",
    ];
    let folder = estate(&[("orders.yaml", DEPLOYMENT)]);
    for (number, name) in hostile.iter().enumerate() {
        let quoted = format!("\"{}\"", name.replace('"', "\\\""));
        let compose = format!(
            "services:\n  {quoted}:\n    image: {quoted}\n    privileged: true\n    user: root\n    ports: [\"80:80\"]\n    environment: {{OTHER_URL: \"http://nobody-{number}:80\"}}\n  db:\n    image: postgres:17\n    ports: [\"5432:5432\"]\n"
        );
        put(folder.path(), &format!("part{number}/compose.yaml"), compose.as_bytes());
        let broken = format!("kind: Pod\nmetadata: {{name: {quoted}\n");
        put(folder.path(), &format!("part{number}/broken.yaml"), broken.as_bytes());
    }
    for name in ["::error::x", "##[error]x", "a;b]c,d", "p%0Aq", "100% [x](y)"] {
        put(folder.path(), &format!("{name}/web.yaml"), PRIVILEGED.as_bytes());
    }
    #[cfg(unix)]
    for name in ["two\n::error::lines", "\u{1b}]0;x\u{7}", "<x a=\"'&]]>", "\u{202e}cod"] {
        put(folder.path(), &format!("{name}/web.yaml"), PRIVILEGED.as_bytes());
    }
    let every = every_format(folder.path());
    let findings = every.iter().find(|(name, _)| name == "gcc").map_or(0, |(_, text)| text.lines().count());
    assert!(findings > 40, "{findings}");
    let code = regex::Regex::new("`[^`\n]*`").expect("a pattern");
    for (format, text) in &every {
        let acts = |one: char| one != '\n' && archlint::render::escape::is_hidden(one);
        assert!(!text.chars().any(acts), "{format}");
        assert!(!text.contains("##["), "{format}");
        for (opening, owner, command) in
            [("##vso[", "azure", "##vso[task.logissue "), ("##teamcity[", "teamcity", "##teamcity[inspection")]
        {
            let all = text.matches(opening).count();
            let ours = text.lines().filter(|line| line.starts_with(command)).count();
            assert_eq!(all, if format == owner { ours } else { 0 }, "{format}");
        }
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
        let known = ["::error file=", "::warning file=", "::notice file=", "::notice title=archlint::"];
        for line in commands {
            assert!(format == "github" && known.iter().any(|start| line.starts_with(start)), "{format}: {line}");
        }
        if ["junit", "checkstyle", "summary"].contains(&format.as_str()) {
            let outside = code.replace_all(text, "");
            assert!(!outside.contains("<script") && !outside.contains("<x "), "{format}: {outside}");
        }
        if ["jsonl", "rdjsonl"].contains(&format.as_str()) {
            assert_eq!(text.lines().count(), findings, "{format}");
        }
    }
}

#[test]
fn code_that_runs_in_no_service_is_counted() {
    let folder = estate(&[
        (
            "orders/package.json",
            "{\"name\": \"orders\", \"scripts\": {\"start\": \"node server.js\"}, \"dependencies\": {\"express\": \"4.19.2\"}}",
        ),
        ("orders/server.js", "require('express')().listen(3000);\n"),
        ("orders/server.test.js", "test('it listens', () => {});\n"),
        ("orders/scripts/fill.js", "console.log('filled');\n"),
        ("orders/src/Page.tsx", "export const Page = () => <p>orders</p>;\n"),
    ]);
    assert_eq!(findings(folder.path(), &[])["coverage"]["files"]["left_out"], 3);
}
