//! `--since`: what the merge base does not have, out of a history that the test writes.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::{PRIVILEGED, Ran, estate, git, put, run_with};

const ENV: &str = "DB_PASSWORD=kx7Qm2vR9tLw4zPd\n";

fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", message, "--allow-empty"]);
}

/// A repository with these files on `main`, and a branch that is checked out.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = estate(files);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(folder.path(), "one");
    git(folder.path(), &["checkout", "-q", "-b", "topic"]);
    folder
}

fn since(folder: &Path, more: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap_or_default();
    let arguments = [&["--since", "main", "--format", "gcc", "--severity", "note", "--fail-on", "note"], more].concat();
    run_with(folder, &arguments, &[("PATH", &path)])
}

/// A service with its code, and the service that its environment names.
fn service(name: &str, calls: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  \
         template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      securityContext: {{runAsNonRoot: true}}\n      \
         containers:\n      - name: {name}\n        image: registry.example/shop/{name}:1.0\n        env:\n        \
         - {{name: TARGET_URL, value: \"http://{calls}:8080\"}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n\
         spec: {{selector: {{app: {name}}}, ports: [{{port: 8080}}]}}\n"
    )
}

#[test]
fn only_what_the_branch_brought_is_told() {
    let folder = repository(&[("deploy/web.yaml", PRIVILEGED), ("orders/.env", ENV)]);
    let ran = since(folder.path(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    put(folder.path(), "deploy/job.yaml", PRIVILEGED.replace("web", "job").as_bytes());
    let uncommitted = since(folder.path(), &[]);
    commit(folder.path(), "two");
    let ran = since(folder.path(), &[]);
    assert_eq!(uncommitted.out, ran.out);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.lines().all(|line| line.starts_with("deploy/job.yaml:")), "{ran:?}");
    assert!(!ran.out.contains("though nothing changed"), "{ran:?}");
    // Machine formats have standard error to themselves.
    let path = std::env::var("PATH").unwrap_or_default();
    let ran = run_with(folder.path(), &["--since", "main"], &[("PATH", &path)]);
    assert!(ran.err.contains(" new since ") && ran.err.contains("the merge base with main"), "{ran:?}");
}

#[test]
fn the_merge_base_counts_and_not_the_tip_of_the_other_branch() {
    let folder = repository(&[("deploy/web.yaml", PRIVILEGED)]);
    git(folder.path(), &["checkout", "-q", "main"]);
    fs::remove_file(folder.path().join("deploy/web.yaml")).expect("removed");
    commit(folder.path(), "repaired elsewhere");
    git(folder.path(), &["checkout", "-q", "topic"]);
    assert_eq!(since(folder.path(), &[]).code, 0);
}

#[test]
fn the_working_tree_and_the_index_are_left_alone() {
    let folder = repository(&[("deploy/web.yaml", PRIVILEGED)]);
    put(folder.path(), "deploy/web.yaml", PRIVILEGED.replace("web", "site").as_bytes());
    put(folder.path(), "deploy/new.yaml", b"a: 1\n");
    let index = || fs::read(folder.path().join(".git/index")).expect("an index");
    let (before, status) = (index(), git(folder.path(), &["--no-optional-locks", "status", "--porcelain"]));
    since(folder.path(), &[]);
    assert_eq!(index(), before);
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), status);
}

#[test]
fn renamed_and_changed_files_bring_nothing_new() {
    let long = format!("{ENV}{}", "# a comment that makes the file what it is\n".repeat(20));
    let folder = repository(&[("deploy/web.yaml", PRIVILEGED), ("orders/.env", &long)]);
    fs::create_dir_all(folder.path().join("shop/orders")).expect("made");
    git(folder.path(), &["mv", "orders/.env", "shop/orders/.env"]);
    git(folder.path(), &["mv", "deploy/web.yaml", "site.yaml"]);
    put(folder.path(), "shop/orders/.env", format!("# one more line\n\n{long}").as_bytes());
    commit(folder.path(), "moved");
    let ran = since(folder.path(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    // The same key in a file that is no renamed one is a new secret.
    put(folder.path(), "mail/.env", b"MAIL=1\nDB_PASSWORD=Zt4wQ8nVb1LxRk6y\n");
    commit(folder.path(), "another");
    let ran = since(folder.path(), &[]);
    assert!(ran.code == 1 && ran.out.starts_with("mail/.env:2:") && ran.out.lines().count() == 1, "{ran:?}");
}

#[test]
fn a_change_elsewhere_that_brings_a_finding_is_named_where_nothing_changed() {
    let names = ["a", "b", "c", "d", "e"];
    let next = |at: usize| names.get(at + 1).copied().unwrap_or("nowhere.example");
    let files: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            (format!("{name}.yaml"), service(name, if *name == "c" { "outside.example" } else { next(at) }))
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = repository(&files);
    let before = since(folder.path(), &["--select", "deep-sync-chain", "--select", "sync-cycle"]);
    assert_eq!(before.out, "", "{before:?}");
    // The last link closes the chain a -> b -> c -> d -> e, and e calls a.
    put(folder.path(), "c.yaml", service("c", "d").as_bytes());
    commit(folder.path(), "a call");
    let ran = since(folder.path(), &["--select", "deep-sync-chain"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let line = ran.out.lines().next().unwrap_or("");
    if !line.starts_with("c.yaml:") {
        assert!(line.contains("; new by a change in c.yaml, though nothing changed here"), "{ran:?}");
    }
}

#[test]
fn a_second_user_of_a_database_is_told_where_the_first_one_stands() {
    let connection = "DATABASE_URL=postgresql://app@db.example/shop\n";
    let unit = |name: &str| {
        format!(
            "{{\"name\": \"{name}\", \"scripts\": {{\"start\": \"node server.js\"}}, \"dependencies\": {{\"express\": \"4\", \"pg\": \"8\"}}}}"
        )
    };
    let folder = repository(&[
        ("billing/.env", connection),
        ("billing/package.json", &unit("billing")),
        ("orders/package.json", &unit("orders")),
    ]);
    put(folder.path(), "orders/.env", connection.as_bytes());
    commit(folder.path(), "another user");
    let ran = since(folder.path(), &["--select", "shared-database"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("billing/.env:1:"), "{ran:?}");
    assert!(ran.out.contains("; new by a change in orders/.env, though nothing changed here"), "{ran:?}");
}

#[test]
fn a_further_user_of_a_shared_database_is_told_though_two_were_known() {
    let connection = "DATABASE_URL=postgresql://app@db.example/shop\n";
    let unit = |name: &str| {
        format!(
            "{{\"name\": \"{name}\", \"scripts\": {{\"start\": \"node server.js\"}}, \"dependencies\": {{\"express\": \"4\", \"pg\": \"8\"}}}}"
        )
    };
    let names = ["billing", "mail", "orders"];
    let units: Vec<(String, String)> = names.iter().map(|name| (format!("{name}/package.json"), unit(name))).collect();
    let mut files: Vec<(&str, &str)> = units.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.extend([("billing/.env", connection), ("orders/.env", connection)]);
    let folder = repository(&files);
    crate::run(folder.path(), &["baseline", "create"]);
    let baseline = ["--select", "shared-database", "--baseline", "archlint-baseline.yaml", "--format", "gcc"];
    assert_eq!(crate::run(folder.path(), &baseline).out, "");
    put(folder.path(), "mail/.env", connection.as_bytes());
    let told = "billing, mail and orders; mail is new here";
    let ran = since(folder.path(), &["--select", "shared-database"]);
    assert!(ran.code == 1 && ran.out.contains(told), "{ran:?}");
    assert!(ran.out.contains("; new by a change in mail/.env, though nothing changed here"), "{ran:?}");
    let ran = crate::run(folder.path(), &baseline);
    assert!(ran.code == 1 && ran.out.contains(told), "{ran:?}");
    let ran = crate::run(folder.path(), &["baseline", "update"]);
    assert!(ran.err.contains(", 0 dropped"), "{ran:?}");
    assert_eq!(crate::run(folder.path(), &baseline).out, "");
    // One fewer is no news.
    fs::remove_file(folder.path().join("billing/.env")).expect("removed");
    assert_eq!(crate::run(folder.path(), &baseline).out, "");
}

#[test]
fn a_suppression_that_is_taken_away_brings_its_finding_back() {
    let comment = "    # archlint: ignore[privileged-container] it reads the disks\n    securityContext:";
    let folder = repository(&[("web.yaml", &PRIVILEGED.replace("    securityContext:", comment))]);
    put(folder.path(), "web.yaml", PRIVILEGED.as_bytes());
    commit(folder.path(), "unsuppressed");
    let ran = since(folder.path(), &["--select", "privileged-container"]);
    assert!(ran.code == 1 && ran.out.starts_with("web.yaml:"), "{ran:?}");
}

#[test]
fn a_folder_of_the_repository_is_compared_with_itself() {
    let folder = repository(&[("infra/deploy/web.yaml", PRIVILEGED), ("app/README.md", "x")]);
    put(folder.path(), "infra/deploy/job.yaml", PRIVILEGED.replace("web", "job").as_bytes());
    let ran = since(folder.path(), &["infra"]);
    assert!(ran.code == 1 && ran.out.lines().all(|line| line.starts_with("deploy/job.yaml:")), "{ran:?}");
    put(folder.path(), "fresh/web.yaml", PRIVILEGED.replace("web", "fresh").as_bytes());
    assert_eq!(since(folder.path(), &["fresh"]).code, 1, "what was not there has no findings");
}

#[test]
fn what_git_cannot_say_ends_the_run_with_a_reason() {
    let path = std::env::var("PATH").unwrap_or_default();
    let run = |folder: &Path, revision: &str| {
        let ran = run_with(folder, &[&format!("--since={revision}"), "--format", "json"], &[("PATH", &path)]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        ran.err
    };
    let folder = estate(&[("web.yaml", PRIVILEGED)]);
    let said = run(folder.path(), "main");
    assert!(said.contains("needs git's history of ") && said.contains("not a git repository"), "{said}");
    let folder = repository(&[("web.yaml", PRIVILEGED)]);
    assert!(run(folder.path(), "no-such").contains("git knows no revision \"no-such\""));
    assert!(run(folder.path(), "--all").contains("git knows no revision \"--all\""));

    commit(folder.path(), "two");
    let clone = tempfile::tempdir().expect("a folder");
    let address = format!("file://{}", folder.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", "--branch", "topic", &address, "."]);
    let said = run(clone.path(), "main");
    assert!(said.contains("the clone is shallow") && said.contains("fetch-depth: 0"), "{said}");
}

#[test]
fn links_and_odd_names_of_the_older_tree_do_no_harm() {
    let folder = repository(&[("deploy/a b.yaml", PRIVILEGED), ("deploy/größe.yaml", "a: [\n")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", folder.path().join("outside")).expect("linked");
        std::os::unix::fs::symlink("a b.yaml", folder.path().join("deploy/link.yaml")).expect("linked");
        commit(folder.path(), "links");
        git(folder.path(), &["branch", "-f", "main"]);
    }
    put(folder.path(), "large.yaml", &vec![b'#'; (32 << 20) + 1]);
    commit(folder.path(), "large");
    git(folder.path(), &["branch", "-f", "main"]);
    let ran = since(folder.path(), &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
}
