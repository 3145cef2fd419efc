//! The built program in a temporary folder with an empty environment: exit codes, flags,
//! what is printed where, and hostile input.
#![expect(clippy::disallowed_methods, reason = "tests lay out folders and start the program")]

mod baseline;
mod config;
mod formats;
mod hostile;
mod report;
mod secrets;
mod since;
mod streams;
mod suppressions;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// What a run gave: exit code, standard output, standard error.
#[derive(Debug)]
pub struct Ran {
    /// -1 where a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A folder with these files: path and content.
pub fn estate(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        put(folder.path(), path, text.as_bytes());
    }
    folder
}

/// Writes one file.
pub fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, bytes).expect("written");
}

/// Runs the program in `folder`.
pub fn run(folder: &Path, arguments: &[&str]) -> Ran {
    run_with(folder, arguments, &[])
}

/// Runs the program with only these variables.
pub fn run_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::cargo_bin("archlint").expect("the program");
    command.env_clear();
    // Windows programs do not start without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    let output = command.envs(variables.iter().copied()).current_dir(folder).args(arguments).output().expect("it ran");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs git in `folder`, on one day and by one author whoever runs the test.
pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", folder.join("none")).env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_AUTHOR_DATE", "2026-01-15T12:00:00Z").env("GIT_COMMITTER_DATE", "2026-01-15T12:00:00Z");
    let output = command.output().expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// `check --format json` as a document.
pub fn findings(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let ran = run(folder, &[&["check", "--format", "json", "--severity", "note"], arguments].concat());
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    assert_eq!(ran.err, "");
    serde_json::from_str(&ran.out).expect("JSON")
}

/// Files read, unreadable, ignored.
pub fn coverage(folder: &Path) -> (u64, u64, u64) {
    let document = findings(folder, &[]);
    let files = &document["coverage"]["files"];
    let count = |key: &str| files[key].as_u64().expect("a number");
    (count("read"), count("unreadable"), count("ignored"))
}

/// A deployment that is in order.
pub const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  selector: {matchLabels: {app: orders}}
  template:
    metadata: {labels: {app: orders}}
    spec:
      containers:
      - name: orders
        image: registry.example/shop/orders:1.0
";

/// A pod that is not in order: one error and one warning.
pub const PRIVILEGED: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: registry.example/shop/web:1.0
    securityContext: {runAsUser: 1000, privileged: true}
";
