//! Other people's programs that tests look at outputs with, where they are installed. Without
//! one, the test says so on standard error and passes: nothing but Rust is needed to work here.

#![expect(clippy::disallowed_methods, reason = "tests look for programs, start them and lay out pages")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Chromium: that of `CHROMIUM`, or one of the usual names on the path.
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.is_file());
    let found = named.or_else(|| on_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]));
    said(found, "no Chromium here (set CHROMIUM, or install one)")
}

/// A script that `.ci/browser-tools` fetches: `axe.min.js`, `mermaid.min.js`; from the folder
/// `ARCHLINT_BROWSER_TOOLS`, or from where that program puts it.
pub fn script(name: &str) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/browser-tools");
    let folder = std::env::var_os("ARCHLINT_BROWSER_TOOLS").map_or(usual, PathBuf::from);
    let found = Some(folder.join(name)).filter(|path| path.is_file());
    said(found, &format!("no {name} here (.ci/browser-tools fetches it)"))
}

/// What a headless Chromium with these arguments prints about a page.
pub fn looked_at(chromium: &Path, page: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("page.html");
    std::fs::write(&file, page).expect("written");
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000", "--virtual-time-budget=20000"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .args(arguments)
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("Chromium runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a script in a page told: the JSON text of its `<output id="…">`.
pub fn told(tree: &str, id: &str) -> serde_json::Value {
    let text = tree.split(&format!("<output id=\"{id}\">")).nth(1).and_then(|rest| rest.split("</output>").next());
    let text = text.expect("the script finished").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&text).expect("JSON")
}

/// The first program of these names in a folder of `PATH`.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|all| std::env::split_paths(&all).collect()).unwrap_or_default();
    folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|path| path.is_file())
}

/// `found`, after a word where there is nothing.
pub fn said(found: Option<PathBuf>, missing: &str) -> Option<PathBuf> {
    if found.is_none() {
        // Written past the harness, which keeps what a passing test prints to itself.
        let _ = std::io::stderr().write_all(format!("skipped: {missing}\n").as_bytes());
    }
    found
}
