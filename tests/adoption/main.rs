//! What users take up to run archlint elsewhere, tried as far as a machine without the services
//! goes: the scripts of GitHub's action and of GitLab's template under a shell, the npm
//! packages with npm, the hooks with pre-commit. A test whose tool is missing says so.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests lay out folders and start programs")]

mod container;
mod hooks;
mod npm;
mod pipelines;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The built program.
pub const ARCHLINT: &str = env!("CARGO_BIN_EXE_archlint");

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

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ran {
    let output = command.output().expect("it starts");
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Where a program is; `None`, after a word on standard error, where it is not installed.
pub fn tool(name: &str, purpose: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        // Written past the harness, which keeps what a passing test prints to itself.
        let said = format!("skipped: no {name} here, so {purpose} not tried\n");
        let _ = std::io::stderr().write_all(said.as_bytes());
    }
    found
}

/// A file of the project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Its text.
pub fn text(path: &str) -> String {
    std::fs::read_to_string(project(path)).expect("a file of the project")
}

/// Its content as YAML.
pub fn yaml(path: &str) -> serde_yaml::Value {
    serde_yaml::from_str(&text(path)).expect("YAML")
}

/// Writes one file.
pub fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// Runs git in `folder`, by one author whoever runs the test.
pub fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", folder.join("none")).env("GIT_CONFIG_NOSYSTEM", "1");
    let ran = run(&mut command);
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
}

/// A repository on `main` with a pod that is privileged, on which one error is found.
pub fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "deploy/web.yaml", &pod("web"));
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    folder
}

/// A pod that is privileged.
pub fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: {name}\n    \
         image: registry.example/shop/{name}:1.0\n    securityContext: {{runAsUser: 1000, privileged: true}}\n"
    )
}
