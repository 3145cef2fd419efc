//! A baseline over the life of an estate: lines move, files are renamed, findings come and go.

use std::fs;

use crate::{PRIVILEGED, Ran, estate, findings, put, run};

/// A secret, whose identity holds the file's name.
const ENV: &str = "DB_PASSWORD=kx7Qm2vR9tLw4zPd\n";
const BASELINE: &str = "archlint-baseline.yaml";

fn check(folder: &std::path::Path, more: &[&str]) -> Ran {
    let arguments = [&["--baseline", BASELINE, "--severity", "note", "--fail-on", "note"], more].concat();
    run(folder, &arguments)
}

#[test]
fn what_was_there_is_accepted_and_what_comes_is_told() {
    let folder = estate(&[("deploy/web.yaml", PRIVILEGED), ("orders/.env", ENV)]);
    let before = findings(folder.path(), &[])["findings"].as_array().map_or(0, Vec::len);
    assert!(before >= 2);
    let ran = run(folder.path(), &["baseline", "create"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let text = fs::read_to_string(folder.path().join(BASELINE)).expect("written");
    assert_eq!(text.lines().filter(|line| line.starts_with("- {")).count(), before);
    assert!(!text.contains("kx7Qm2vR9tLw4zPd"), "{text}");
    let ran = check(folder.path(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains(&format!("0 new, {before} baselined, 0 stale")), "{ran:?}");
    let document = findings(folder.path(), &["--baseline", BASELINE]);
    assert_eq!(document["summary"]["baselined"], before);

    put(folder.path(), "deploy/job.yaml", PRIVILEGED.replace("web", "job").as_bytes());
    let ran = check(folder.path(), &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with("deploy/job.yaml:")), "{ran:?}");
}

#[test]
fn moved_lines_renamed_files_and_reordered_keys_change_nothing() {
    let folder = estate(&[("deploy/web.yaml", PRIVILEGED), ("orders/.env", ENV)]);
    run(folder.path(), &["baseline", "create"]);
    let path = |name: &str| folder.path().join(name);
    let turned = PRIVILEGED.replace("{runAsUser: 1000, privileged: true}", "{privileged: true,   runAsUser: 1000}");
    put(folder.path(), "deploy/web.yaml", format!("# one\n\n# more\n{turned}").as_bytes());
    assert_eq!(check(folder.path(), &[]).code, 0);
    fs::rename(path("deploy"), path("manifests")).expect("renamed");
    fs::rename(path("manifests/web.yaml"), path("manifests/site.yml")).expect("renamed");
    fs::rename(path("orders"), path("shop")).expect("renamed");
    put(folder.path(), "shop/.env", format!("# moved\n\n{ENV}").as_bytes());
    let ran = check(folder.path(), &["--baseline-strict"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    // A copy is no move: the old file is still there.
    run(folder.path(), &["baseline", "update"]);
    put(folder.path(), "copy/.env", ENV.as_bytes());
    let ran = check(folder.path(), &[]);
    assert!(ran.code == 1 && ran.out.starts_with("copy/.env:1:"), "{ran:?}");
}

#[test]
fn stale_entries_are_named_and_fail_where_that_was_asked_for() {
    let folder = estate(&[("deploy/web.yaml", PRIVILEGED), ("orders/.env", ENV)]);
    run(folder.path(), &["baseline", "create"]);
    fs::remove_file(folder.path().join("orders/.env")).expect("removed");
    let ran = check(folder.path(), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains(", 1 stale"), "{ran:?}");
    assert!(ran.err.contains("no longer found: secret orders/.env DB_PASSWORD [hardcoded-secret]"), "{ran:?}");
    assert_eq!(check(folder.path(), &["--baseline-strict"]).code, 1);
    assert_eq!(check(folder.path(), &["--baseline-strict", "--format", "json"]).code, 1);
    assert_eq!(check(folder.path(), &["--baseline-strict", "--ignore", "hardcoded-secret"]).code, 0, "not asked");

    put(folder.path(), "deploy/job.yaml", PRIVILEGED.replace("web", "job").as_bytes());
    let ran = run(folder.path(), &["baseline", "prune"]);
    assert!(ran.err.contains("1 dropped") && ran.err.contains("more found and not taken in"), "{ran:?}");
    let ran = check(folder.path(), &["--baseline-strict"]);
    assert!(ran.code == 1 && ran.err.contains(", 0 stale"), "the new ones are told: {ran:?}");
    run(folder.path(), &["baseline", "update"]);
    assert_eq!(check(folder.path(), &["--baseline-strict"]).code, 0);
}

#[test]
fn an_update_keeps_what_was_not_asked() {
    let folder = estate(&[("deploy/web.yaml", PRIVILEGED), ("archlint.yaml", "version: 1\n")]);
    run(folder.path(), &["baseline", "create"]);
    let before = fs::read_to_string(folder.path().join(BASELINE)).expect("written");
    put(folder.path(), "archlint.yaml", b"rules: {privileged-container: off}\n");
    run(folder.path(), &["baseline", "update"]);
    assert_eq!(fs::read_to_string(folder.path().join(BASELINE)).expect("written"), before);
}

#[test]
fn a_file_that_is_no_baseline_ends_the_run() {
    let folder =
        estate(&[("deploy/web.yaml", PRIVILEGED), ("list.json", "{\"findings\": []}"), ("text.yaml", "hello")]);
    for file in ["list.json", "text.yaml", "none.yaml", "deploy"] {
        let ran = run(folder.path(), &["--baseline", file, "--format", "json"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.contains(&format!("the baseline \"{file}\" cannot be used: ")), "{ran:?}");
        assert!(ran.err.contains("archlint baseline create"), "{ran:?}");
    }
    assert_eq!(run(folder.path(), &["baseline", "create", "--file", "text.yaml"]).code, 2, "it is there already");
    assert_eq!(run(folder.path(), &["baseline", "prune"]).code, 2, "there is nothing to prune");
}
