//! Every estate below `fixtures/estates/` says in its file `GRAPH` what is in it: services,
//! infrastructure, databases, calls and doors. What is not stated must not be there.
//!
//! ```text
//! service orders in services/orders
//! infrastructure db database postgresql
//! database shop postgresql db: billing orders
//! call web -> orders http configured
//! route web compose-port - - public
//! workloads orders 2
//! alias orders orders-svc
//! not service db
//! ```
#![expect(clippy::disallowed_methods, reason = "a test harness of its own reads fixtures")]

#[expect(dead_code, reason = "other test programs use the rest")]
mod memory;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use archlint::render::graph_json;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

use memory::{Estate, files_of};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estates");
    let mut estates: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder of estates")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    estates.sort();
    let trial = |path: &std::path::PathBuf| {
        let path = path.clone();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || compared(&path))
    };
    libtest_mimic::run(&Arguments::from_args(), estates.iter().map(trial).collect()).exit_code()
}

fn compared(folder: &Path) -> Result<(), Failed> {
    let files = files_of(folder);
    let stated = files.iter().find(|(path, _)| path == "GRAPH").map_or("", |(_, text)| text);
    let estate = Estate::new(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let json = estate
        .outcome(&Default::default(), |outcome| graph_json::render(outcome.graph, outcome.sources, outcome.version));
    let graph: Value = serde_json::from_str(&json)?;
    let mut there = lines(&graph);
    let optional = details(&graph);

    let mut differences = Vec::new();
    for line in stated.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("not ") {
            Some(denied) => {
                // A line may leave out its end: `not service db` whatever its folder.
                let found = there.iter().chain(&optional).find(|one| {
                    one.strip_prefix(denied).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
                });
                differences.extend(found.map(|one| format!("! {one}")));
            }
            None if there.remove(line) || optional.contains(line) => {}
            None => differences.push(format!("- {line}")),
        }
    }
    differences.extend(there.iter().map(|line| format!("+ {line}")));
    if differences.is_empty() && !stated.is_empty() {
        return Ok(());
    }
    let meaning = "- stated and not there, + there and not stated, ! there and denied";
    Err(format!("GRAPH and the estate differ ({meaning}):\n{}", differences.join("\n")).into())
}

/// What a `GRAPH` has to state in full.
fn lines(graph: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for one in items(graph, "services") {
        let folder = one["path"].as_str().map(|path| format!(" in {}", if path.is_empty() { "." } else { path }));
        lines.insert(format!("service {}{}", word(&one["name"]), folder.unwrap_or_default()));
    }
    for one in items(graph, "infrastructure") {
        lines.insert(format!("infrastructure {} {} {}", word(&one["name"]), word(&one["kind"]), word(&one["engine"])));
    }
    for one in items(graph, "databases") {
        let users: Vec<&str> = items(one, "services").iter().map(word).collect();
        let (name, engine, server) = (word(&one["name"]), word(&one["engine"]), word(&one["server"]));
        lines.insert(format!("database {name} {engine} {server}: {}", users.join(" ")));
    }
    for one in items(graph, "calls") {
        let (from, to) = (word(&one["from"]), word(&one["to"]));
        lines.insert(format!("call {from} -> {to} {} {}", word(&one["protocol"]), word(&one["confidence"])));
    }
    for one in items(graph, "routes") {
        let public = if one["public"] == true { "public" } else { "inside" };
        let (host, path) = (word(&one["host"]), word(&one["path"]));
        lines.insert(format!("route {} {} {host} {path} {public}", word(&one["service"]), word(&one["kind"])));
    }
    lines
}

/// What it may state.
fn details(graph: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for one in items(graph, "services") {
        let name = word(&one["name"]);
        lines.insert(format!("workloads {name} {}", items(one, "workloads").len()));
        lines.extend(items(one, "aliases").iter().map(|alias| format!("alias {name} {}", word(alias))));
    }
    lines
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A text; `-` for none.
fn word(value: &Value) -> &str {
    value.as_str().filter(|text| !text.is_empty()).unwrap_or("-")
}
