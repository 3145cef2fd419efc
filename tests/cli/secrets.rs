//! What is secret stands in nothing that any command prints or writes.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

use crate::{PRIVILEGED, estate};

/// Every secret begins with this.
const MARK: &str = "kx7Qm2vR";

/// Files with a secret in each.
const FILES: &[(&str, &str)] = &[
    ("orders/.env", "DB_PASSWORD=kx7Qm2vR9tLw4zP1\nDATABASE_URL=postgresql://shop:kx7Qm2vR9tLw4zP2@db:5432/shop\n"),
    ("billing/.env", "DATABASE_URL=postgresql://shop:kx7Qm2vR9tLw4zP2@db:5432/shop\n"),
    (
        "orders/package.json",
        "{\"name\": \"orders\", \"scripts\": {\"start\": \"node .\"}, \"dependencies\": {\"express\": \"4.0.0\", \"pg\": \"8.0.0\"}}",
    ),
    (
        "billing/package.json",
        "{\"name\": \"billing\", \"scripts\": {\"start\": \"node .\"}, \"dependencies\": {\"express\": \"4.0.0\", \"pg\": \"8.0.0\"}}",
    ),
    ("orders/Dockerfile", "FROM node:22\nENV API_TOKEN=kx7Qm2vR9tLw4zP3\nUSER root\n"),
    (
        "compose.yaml",
        "services:\n  db:\n    image: postgres:17\n    ports: [\"5432:5432\"]\n    environment: {POSTGRES_PASSWORD: kx7Qm2vR9tLw4zP4}\n",
    ),
    (
        "deploy/secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: kx7Qm2vR9tLw4zP5}\ndata: {token: a3g3UW0ydlI5dEx3NHpQNg==}\n",
    ),
    ("deploy/broken.yaml", "kind: Secret\nstringData: {password: kx7Qm2vR9tLw4zP7\n"),
    ("web/nginx.conf", "http { server { location / { proxy_pass http://u:kx7Qm2vR9tLw4zP8@orders:8080; } } }\n"),
    ("deploy/web.yaml", PRIVILEGED),
    ("wrong/baseline.yaml", "version: kx7Qm2vR9tLw4zP9\n"),
    ("wrong/findings.json", "{\"schema\": 1, \"password\": \"kx7Qm2vR9tLw4zP0\"}\n"),
];

/// Runs the program and looks at every byte that it gives.
fn quiet(folder: &Path, arguments: &[&str], code: i32) {
    let mut command = Command::cargo_bin("archlint").expect("the program");
    let output = command.env_clear().current_dir(folder).args(arguments).output().expect("it ran");
    for stream in [&output.stdout, &output.stderr] {
        clean(&arguments.join(" "), stream);
    }
    assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", String::from_utf8_lossy(&output.stderr));
}

fn clean(what: &str, bytes: &[u8]) {
    for secret in [MARK, "a3g3UW0ydl", "%6B%78%37%51"] {
        let found = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
        let line = found.map(|at| bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1);
        assert_eq!(line, None, "{what}: a secret stands on this line");
    }
}

#[test]
fn no_command_prints_or_writes_a_secret() {
    let folder = estate(FILES);
    let out = tempfile::tempdir().expect("a folder");
    let path = |name: &str| out.path().join(name).display().to_string();
    let mut check: Vec<String> =
        ["check", "--severity", "note", "--strict", "--strict-unknown", "--sarif-include-suppressed"]
            .map(str::to_owned)
            .to_vec();
    for format in crate::formats::names() {
        check.push(format!("--format={format}={}", path(&format)));
    }
    let check: Vec<&str> = check.iter().map(String::as_str).collect();
    quiet(folder.path(), &check, 1);
    for format in ["text", "gcc", "json", "sarif"] {
        quiet(folder.path(), &["check", "--format", format, "--color", "always"], 1);
    }
    for format in ["json", "mermaid", "dot", "svg", "structurizr", "graphml"] {
        quiet(folder.path(), &["graph", "--format", format, "-o", &path(&format!("graph.{format}"))], 0);
    }
    quiet(folder.path(), &["graph", "--explain", "orders"], 0);
    for format in ["html", "markdown", "json"] {
        quiet(folder.path(), &["report", "--format", format, "-o", &path(&format!("report.{format}"))], 0);
    }
    quiet(folder.path(), &["baseline", "create", "--file", &path("baseline.yaml")], 0);
    quiet(folder.path(), &["check", "--baseline", &path("baseline.yaml")], 0);
    quiet(folder.path(), &["suppressions", "--format", "json"], 0);
    quiet(folder.path(), &["config", "show", "--for", "orders/.env"], 0);
    quiet(folder.path(), &["check", "--baseline", "wrong/baseline.yaml"], 2);
    quiet(folder.path(), &["check", "--baseline", "orders/.env"], 2);
    quiet(folder.path(), &["check", "--files-from", "orders/.env"], 0);
    quiet(folder.path(), &["report", "--previous", "wrong/findings.json"], 2);
    quiet(folder.path(), &["init"], 0);
    clean("archlint.yaml", &fs::read(folder.path().join("archlint.yaml")).expect("written"));
    let written = fs::read_dir(out.path()).expect("outputs").map(|entry| entry.expect("an entry").path());
    let written: Vec<_> = written.collect();
    assert!(written.len() > 20, "{written:?}");
    for file in written {
        clean(&file.display().to_string(), &fs::read(&file).expect("an output"));
    }
}
