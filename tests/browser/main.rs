//! The report's page in a headless Chromium. Without one the tests say so and pass: set
//! `CHROMIUM`, or install a package that gives `chromium`.

#![expect(clippy::disallowed_methods, reason = "the test starts the program and a browser and lays out a page")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../../benches/estate/mod.rs"]
mod generated;

const DRIVER: &str = include_str!("driver.js");

/// Where a Chromium is; `None`, after a word on standard error, where there is none.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|all| std::env::split_paths(&all).collect()).unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let found = folders.iter().flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    let chromium = named.into_iter().chain(found).find(|path| path.is_file());
    if chromium.is_none() {
        // Written past the harness, which keeps what a passing test prints to itself.
        let _ = std::io::stderr().write_all(b"skipped: no Chromium here, so the page was not opened in a browser\n");
    }
    chromium
}

/// The page of an estate, as the command writes it.
fn page(estate: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_archlint"))
        .args(["report", "--format", "html"])
        .arg(estate)
        .env_clear()
        .output()
        .expect("archlint runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The page's tree after its scripts have run.
fn opened(chromium: &Path, page: &str) -> String {
    looked_at(chromium, page, &["--dump-dom"])
}

/// What a Chromium with these arguments prints about the page.
fn looked_at(chromium: &Path, page: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
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

/// What makes a headless Chromium prefer dark pages.
const DARK: &str = "--blink-settings=preferredColorScheme=0";

/// Opens the page with the driver in it and returns how much it checked.
fn driven(chromium: &Path, page: &str, arguments: &[&str]) -> u64 {
    // The page's own policy keeps the driver out, as it should.
    let start = page.find("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let end = start + page[start..].find('>').expect("an end") + 1;
    let without = format!("{}{}", &page[..start], &page[end..]);
    let with = without.replace("</body>", &format!("<script>{DRIVER}</script></body>"));
    let tree = looked_at(chromium, &with, &[&["--dump-dom"], arguments].concat());
    let told = tree.split("<output id=\"driver\">").nth(1).and_then(|rest| rest.split("</output>").next());
    let told: serde_json::Value = serde_json::from_str(told.expect("the driver finished")).expect("JSON");
    assert_eq!(told["failures"], serde_json::json!([]), "in the browser");
    assert_eq!(told["dark"], arguments.contains(&DARK), "the colors that were asked for");
    told["checks"].as_u64().expect("a number")
}

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/estates/shop")
}

#[test]
fn the_policy_lets_the_pages_script_run_and_no_other() {
    let Some(chromium) = chromium() else { return };
    let page = page(&shop());
    let tree = opened(&chromium, &page);
    assert!(tree.contains("<html lang=\"en\" class=\"with-script\">"), "its own script ran");
    let foreign = page.replace("</body>", "<script>document.title = 'broken in'</script></body>");
    assert!(!opened(&chromium, &foreign).contains("<title>broken in"), "another one did not");
}

#[test]
fn every_control_of_a_small_estate_works() {
    let Some(chromium) = chromium() else { return };
    let page = page(&shop());
    assert!(driven(&chromium, &page, &[]) > 200);
    assert!(driven(&chromium, &page, &[DARK]) > 200);
}

#[test]
fn the_page_prints_to_paper() {
    let Some(chromium) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.pdf");
    looked_at(&chromium, &page(&shop()), &["--no-pdf-header-footer", &format!("--print-to-pdf={}", file.display())]);
    let printed = std::fs::read(&file).expect("a PDF");
    let sheets = printed.windows(11).filter(|bytes| *bytes == b"/Type /Page").count();
    assert!(printed.starts_with(b"%PDF-") && (3..60).contains(&sheets), "{sheets} pages");
}

#[test]
fn every_control_of_a_large_estate_works() {
    let Some(chromium) = chromium() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    generated::write_to(folder.path(), &generated::files(100, 7)).expect("written");
    assert!(driven(&chromium, &page(folder.path()), &[]) > 500);
}

/// Bytes that the page of 1,000 services may have; it has 2.7 MB.
const LARGEST: usize = 3_000_000;

#[test]
fn the_page_of_a_thousand_services_is_small_and_works() {
    let folder = tempfile::tempdir().expect("a folder");
    generated::write_to(folder.path(), &generated::files(1_000, 7)).expect("written");
    let page = page(folder.path());
    assert!(page.len() < LARGEST, "{} bytes", page.len());
    let Some(chromium) = chromium() else { return };
    assert!(driven(&chromium, &page, &[]) > 5_000);
}
