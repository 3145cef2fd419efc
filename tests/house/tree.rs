//! Files of the repository, sorted, with paths as `/` writes them.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of the repository as text. Panics where there is none.
pub fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below `folder` (`src`, `docs/rules`), or none where it does not exist.
pub fn below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                open.push(path);
            } else if let Ok(path) = path.strip_prefix(root()) {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Files of the repository that people write: no build output, no version control.
pub fn written() -> Vec<String> {
    let mut found = Vec::new();
    for path in entries(root()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git"].contains(&name.as_str()) {
                found.extend(below(&name));
            }
        } else if name != "Cargo.lock" && name != ".git" {
            found.push(name);
        }
    }
    found.sort();
    found
}

/// Compares a generated page with what is committed, or writes it where `UPDATE_DOCS=1`.
pub fn assert_current(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        let target = root().join(path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("create the folder");
        fs::write(target, expected).expect("write the page");
        return;
    }
    let committed = fs::read_to_string(root().join(path)).unwrap_or_default().replace("\r\n", "\n");
    assert!(committed == expected, "{path} is out of date; run `UPDATE_DOCS=1 cargo test --test house`");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths
}
