//! The report from the outside: what is accepted, and links to where the files are.

use std::fs;

use serde_json::Value;

use crate::{PRIVILEGED, estate, run, run_with};

/// A Deployment whose finding is accepted, and one whose finding is in the baseline.
fn accepted() -> tempfile::TempDir {
    let comment = "    # archlint: ignore[privileged-container] it <reads> the disks (expires 2027-06-30)\n";
    let web = PRIVILEGED.replace("    securityContext:", &format!("{comment}    securityContext:"));
    let folder = estate(&[("deploy/web.yaml", &web), ("deploy/job.yaml", &PRIVILEGED.replace("web", "job"))]);
    // 2027-01-15, and 31 days later.
    let ran = run_with(folder.path(), &["baseline", "create"], &[("SOURCE_DATE_EPOCH", "1800000000")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder
}

fn report(folder: &tempfile::TempDir, arguments: &[&str]) -> String {
    let all = [&["report", "--baseline", "archlint-baseline.yaml"], arguments].concat();
    let ran = run_with(folder.path(), &all, &[("SOURCE_DATE_EPOCH", "1802678400")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

#[test]
fn every_form_tells_what_is_accepted_why_and_since_when() {
    let folder = accepted();
    let page = report(&folder, &["--format", "html"]);
    for part in [
        "it &lt;reads&gt; the disks",
        "<code>2027-06-30</code>",
        "covers 1 finding",
        "since 2027-01-15 (31 days)",
        "accepted</a>.</p>",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let text = report(&folder, &["--format", "markdown"]);
    assert!(text.contains("## Accepted") && text.contains("since 2027-01-15 (31 days)"), "{text}");
    let document: Value = serde_json::from_str(&report(&folder, &["--format", "json"])).expect("JSON");
    assert_eq!(document["suppressions"][0]["state"], "used");
    assert_eq!(document["baselined"][0]["age_days"], 31);
    assert_eq!(document["findings"], serde_json::json!([]));
}

#[test]
fn what_is_accepted_is_not_fixed() {
    let folder = accepted();
    let ran = run(folder.path(), &["report", "-o", "before.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let page = report(&folder, &["--format", "html", "--previous", "before.json"]);
    assert!(page.contains("<b>0</b> fixed"), "the baseline repairs nothing");
}

#[test]
fn the_heading_names_repository_and_commit_and_no_password() {
    let folder = estate(&[("deploy/web.yaml", PRIVILEGED)]);
    let git = |arguments: &[&str]| {
        let ran =
            std::process::Command::new("git").current_dir(folder.path()).args(arguments).output().expect("git runs");
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stdout).expect("text").trim().to_owned()
    };
    git(&["init", "-q"]);
    git(&["remote", "add", "origin", "https://me:Tr0ub4dor@git.example/shops/<shop>.git"]);
    git(&["add", "."]);
    git(&["-c", "user.name=a", "-c", "user.email=a@mail.example", "commit", "-qm", "All"]);
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    let page = run(folder.path(), &["report", "--format", "html", "deploy"]).out;
    assert!(page.contains("<h1>Architecture report: &lt;shop&gt;/deploy</h1>"), "{page}");
    assert!(page.contains(&format!("at commit <code>{commit}</code>")) && !page.contains("Tr0ub4dor"));
    let text = run(folder.path(), &["report", "--format", "markdown"]).out;
    assert!(
        text.starts_with("# Architecture report: ") && text.contains(&commit) && !text.contains("Tr0ub4dor"),
        "{text}"
    );
}

#[test]
fn places_lead_where_the_user_says() {
    let folder = estate(&[("deploy/a \"b.yaml", PRIVILEGED)]);
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    let template = "https://git.example/shop/blob/main/{path}#L{line}";
    let ran = run(folder.path(), &["report", "--format", "html", "--source-url", template, "deploy"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let link = "<a href=\"https://git.example/shop/blob/main/deploy/a%20%22b.yaml#L";
    assert!(ran.out.contains(link), "{}", ran.out);
    for (arguments, said) in [
        (["--format", "html", "--source-url", "http://git.example/{path}"], "it does not begin with https://"),
        (["--format", "markdown", "--source-url", template], "makes links in the page only"),
    ] {
        let ran = run(folder.path(), &[&["report"], &arguments[..]].concat());
        assert!(ran.code == 2 && ran.err.contains(said), "{ran:?}");
    }
}
