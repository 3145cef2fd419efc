//! The report's page in a headless Chromium. Without one the tests say so and pass.

#![expect(clippy::disallowed_methods, reason = "the test starts the program and a browser and lays out a page")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tools::{chromium, looked_at, script, told};

#[path = "../../benches/estate/mod.rs"]
mod generated;
#[path = "../tools/mod.rs"]
mod tools;

const DRIVER: &str = include_str!("driver.js");
const AXE: &str = include_str!("axe.js");

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

/// What makes a headless Chromium prefer dark pages.
const DARK: &str = "--blink-settings=preferredColorScheme=0";

/// The page with a script at its end. The page's own policy keeps such a script out, as it
/// should, so the policy is gone.
fn with_script(page: &str, script: &str) -> String {
    let start = page.find("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let end = start + page[start..].find('>').expect("an end") + 1;
    let without = format!("{}{}", &page[..start], &page[end..]);
    without.replace("</body>", &format!("{script}</body>"))
}

/// Opens the page with the driver in it and returns how much it checked.
fn driven(chromium: &Path, page: &str, arguments: &[&str]) -> u64 {
    let with = with_script(page, &format!("<script>{DRIVER}</script>"));
    let told = told(&looked_at(chromium, &with, &[&["--dump-dom"], arguments].concat()), "driver");
    assert_eq!(told["failures"], serde_json::json!([]), "in the browser");
    assert_eq!(told["dark"], arguments.contains(&DARK), "the colors that were asked for");
    told["checks"].as_u64().expect("a number")
}

/// axe-core finds nothing that keeps people from reading the page, in light and in dark.
fn accessible(page: &str) {
    let (Some(chromium), Some(axe)) = (chromium(), script("axe.min.js")) else { return };
    let with = with_script(page, &format!("<script src=\"file://{}\"></script><script>{AXE}</script>", axe.display()));
    for colors in [&["--dump-dom"][..], &["--dump-dom", DARK]] {
        let told = told(&looked_at(&chromium, &with, colors), "axe");
        assert_eq!(told["violations"], serde_json::json!([]), "{colors:?}");
        assert!(told["passes"].as_u64().is_some_and(|rules| rules > 30), "{told}");
    }
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
fn axe_finds_nothing_in_a_small_estate() {
    accessible(&page(&shop()));
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
    let page = page(folder.path());
    assert!(driven(&chromium, &page, &[]) > 500);
    accessible(&page);
}

/// An estate in which one service calls so many others, two of which call each other.
fn hub(callees: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let mut compose = "services:\n  gateway:\n    build: gateway\n    environment:\n".to_owned();
    for at in 0..callees {
        compose.push_str(&format!("      CALLEE_{at}_URL: http://callee-{at}:8080\n"));
    }
    for at in 0..callees {
        compose.push_str(&format!("  callee-{at}:\n    image: registry.example/callee-{at}:1.0\n"));
    }
    compose.push_str("    environment:\n      NEXT_URL: http://callee-0:8080\n");
    std::fs::write(folder.path().join("compose.yaml"), compose).expect("written");
    folder
}

/// Tells how many frames and boxes the first picture and that around the gateway have, and
/// how high they are.
const FRAMES: &str = "<script>window.addEventListener('load', () => {
  const view = () => Array.from(document.querySelectorAll('.view')).find((one) => !one.hidden);
  const seen = () => ({
    frames: view().querySelectorAll('.frame').length,
    boxes: view().querySelectorAll('.node').length,
    lines: view().querySelectorAll('.edge').length,
    height: view().querySelector('svg').viewBox.baseVal.height,
  });
  const first = seen();
  document.getElementById('find').value = 'gateway';
  document.getElementById('find').dispatchEvent(new Event('change'));
  const out = document.createElement('output');
  out.id = 'frames';
  out.textContent = JSON.stringify([first, seen()]);
  document.body.appendChild(out);
});</script>";

#[test]
fn callees_of_one_service_stand_in_a_frame() {
    let Some(chromium) = chromium() else { return };
    let folder = hub(38);
    let page = page(folder.path());
    driven(&chromium, &page, &[]);
    let told = told(&looked_at(&chromium, &with_script(&page, FRAMES), &["--dump-dom"]), "frames");
    for picture in told.as_array().expect("two pictures") {
        assert_eq!(picture["frames"], 1, "{told}");
        assert_eq!(picture["boxes"], 39, "{told}");
        // To the frame and to the two that have a line of their own.
        assert_eq!(picture["lines"], 4, "{told}");
        assert!(picture["height"].as_f64().is_some_and(|height| height < 800.0), "{told}");
    }
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
    accessible(&page);
}
