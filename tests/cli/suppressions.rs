//! Suppressions from the outside: what they hide, what is counted, what is listed.

use std::fs;

use crate::{PRIVILEGED, estate, findings, git, run, run_with};

const RULE: &str = "privileged-container";

fn suppressed(comment: &str) -> String {
    PRIVILEGED.replace("    securityContext:", &format!("    # {comment}\n    securityContext:"))
}

#[test]
fn a_suppressed_finding_is_counted_and_not_told() {
    let folder = estate(&[("web.yaml", &suppressed("archlint: ignore[privileged-container] it reads the disks"))]);
    let document = findings(folder.path(), &["--select", RULE]);
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(0), "{document}");
    assert_eq!(document["summary"]["suppressed"], 1);
    let ran = run(folder.path(), &["--select", RULE, "--format", "text"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("1 suppressed"), "{ran:?}");
}

#[test]
fn inline_suppressions_can_be_disregarded_and_those_of_the_configuration_not() {
    let inline = suppressed("archlint: ignore[privileged-container] it reads the disks");
    let folder = estate(&[("web.yaml", &inline)]);
    assert_eq!(run(folder.path(), &["--select", RULE, "--no-inline-ignores"]).code, 1);
    let config = "suppressions: [{rules: privileged-container, paths: '*.yaml', reason: so it is}]\n";
    let folder = estate(&[("web.yaml", PRIVILEGED), ("archlint.yaml", config)]);
    assert_eq!(run(folder.path(), &["--select", RULE, "--no-inline-ignores"]).code, 0);
}

#[test]
fn an_expired_suppression_hides_nothing_and_its_last_day_counts() {
    let text = suppressed("archlint: ignore[privileged-container] until the move (expires 2027-01-15)");
    let folder = estate(&[("web.yaml", &text)]);
    // Seconds of 2027-01-15 and of the day after.
    for (now, code, said) in [("1800000000", 0, ""), ("1800086400", 1, "expired on 2027-01-15 [expired-suppression]")] {
        let ran = run_with(folder.path(), &["--format", "gcc"], &[("SOURCE_DATE_EPOCH", now)]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.out.contains(said), "{ran:?}");
    }
    let ran = run_with(folder.path(), &[], &[("SOURCE_DATE_EPOCH", "soon")]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn what_suppresses_nothing_is_told_only_of_rules_that_were_asked() {
    let text = suppressed("archlint: ignore[privileged-container] so").replace("privileged: true", "privileged: false");
    let folder = estate(&[("web.yaml", &text)]);
    assert!(run(folder.path(), &["--format", "gcc"]).out.contains("[unused-suppression]"));
    assert!(!run(folder.path(), &["--format", "gcc", "--ignore", RULE]).out.contains("[unused-suppression]"));
}

#[test]
fn findings_about_suppressions_can_be_suppressed() {
    let text = suppressed("archlint: ignore[privileged-container] so").replace("privileged: true", "privileged: false");
    let text = text
        .replace("    # archlint", "    # archlint: ignore[unused-suppression] it comes back in May\n    # archlint");
    let folder = estate(&[("web.yaml", &text)]);
    let ran = run(folder.path(), &["--format", "gcc"]);
    // A comment covers the lines down to the next one that is judged, comments included.
    assert!(!ran.out.contains("suppression]"), "{ran:?}");
}

#[test]
fn the_list_shows_state_reason_and_age() {
    let folder = estate(&[
        ("web.yaml", &suppressed("archlint: ignore[privileged-container] it reads the disks")),
        ("job.yaml", &suppressed("archlint: ignore[privileged-container]").replace("web", "job")),
        ("archlint.yaml", "suppressions: [{rules: run-as-root, paths: none, reason: \"a \\e[31mb\"}]\n"),
    ]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "web.yaml"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    let variables = [("SOURCE_DATE_EPOCH", "1800000000"), ("PATH", &std::env::var("PATH").unwrap_or_default())];
    let ran = run_with(folder.path(), &["suppressions"], &variables);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        lines,
        [
            "job.yaml:8:24: privileged-container: invalid (this suppression of privileged-container gives no reason)",
            "web.yaml:8:24: privileged-container: covers 1 finding, since 2026-01-15 (365 days): it reads the disks",
            "archlint.yaml:1:24: run-as-root: unused: a \\u{1b}[31mb",
            "3 suppressions: 1 used, 1 unused, 0 expired, 1 invalid",
        ]
    );
    let ran = run_with(folder.path(), &["suppressions", "--format", "json"], &variables);
    let document: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    let schema = serde_json::from_str(&run(folder.path(), &["schema", "suppressions"]).out).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &document), "{document}");
    assert_eq!(document["suppressions"][1]["age_days"], 365);
}

#[test]
fn without_git_there_is_a_list_without_ages() {
    let folder = estate(&[("web.yaml", &suppressed("archlint: ignore[privileged-container] it reads the disks"))]);
    let ran = run(folder.path(), &["suppressions"]);
    assert!(ran.out.starts_with("web.yaml:8:24: privileged-container: covers 1 finding: it reads"), "{ran:?}");
    fs::remove_file(folder.path().join("web.yaml")).expect("removed");
    assert_eq!(run(folder.path(), &["suppressions"]).out, "0 suppressions: 0 used, 0 unused, 0 expired, 0 invalid\n");
}

#[test]
fn formats_for_services_tell_suppressed_findings_where_they_have_a_word_for_it() {
    let folder = estate(&[("web.yaml", &suppressed("archlint: ignore[privileged-container] it reads the disks"))]);
    let arguments = ["--select", RULE, "--format", "sarif=a.sarif", "--format", "junit=a.xml"];
    assert_eq!(run(folder.path(), &arguments).code, 0);
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).expect("written");
    assert!(text("a.sarif").contains("\"results\": []"));
    assert!(text("a.xml").contains("<skipped message=\"suppressed: it reads the disks\"/>"));
    assert_eq!(run(folder.path(), &[&arguments[..], &["--sarif-include-suppressed"]].concat()).code, 0);
    let log: serde_json::Value = serde_json::from_str(&text("a.sarif")).expect("JSON");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], RULE);
    assert_eq!(result["suppressions"][0]["kind"], "inSource");
    assert_eq!(result["suppressions"][0]["justification"], "it reads the disks");
}
