//! What the README shows of the estate that ships with archlint is what archlint says of it.

use std::process::Command;

use super::docs::assert_section;
use super::tree;

#[test]
fn the_readme_shows_the_findings_of_the_shop() {
    let (code, shown) = archlint(&["check", "--format", "gcc"]);
    assert_eq!(code, Some(1));
    assert_section("README.md", "findings", &format!("```text\n{shown}```\n"));
}

#[test]
fn the_readme_shows_the_picture_of_the_shop() {
    let (code, shown) = archlint(&["graph", "--format", "mermaid"]);
    assert_eq!(code, Some(0));
    assert_section("README.md", "picture", &format!("```mermaid\n{shown}```\n"));
}

#[test]
fn the_readme_shows_a_configuration_that_is_accepted() {
    let readme = tree::text("README.md");
    let config = readme.split("```yaml\n# archlint.yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("archlint.yaml");
    std::fs::write(&file, config.expect("a configuration in the README")).expect("written");
    let (code, _) = archlint(&["check", "--config", file.to_str().expect("a path in UTF-8")]);
    assert_eq!(code, Some(1));
}

/// Exit code and standard output of archlint about the estate, from an empty environment.
fn archlint(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_archlint"))
        .args(arguments)
        .arg("fixtures/estates/shop")
        .current_dir(tree::root())
        .env_clear()
        .output()
        .expect("archlint runs");
    (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
}
