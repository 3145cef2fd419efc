//! Finds the built-in rules: every `rules/<category>/<id>.yaml`, sorted by path, so that a
//! rule is added by adding its file and nothing else; and the examples of their pages, which
//! are cut out of `fixtures/rules/<id>/`.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a build script reads files and talks to cargo"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use excerpt::{Side, excerpts};

// Cut and tested by the same code.
#[path = "src/trial/excerpt.rs"]
mod excerpt;

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let rules = root.join("rules");
    let fixtures = root.join("fixtures/rules");
    for watched in ["build.rs", "rules", "fixtures/rules", "src/trial/excerpt.rs"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let mut files = String::from(
        "/// All built-in rules, sorted by category and name.\npub static FILES: &[RuleFile<'static>] = &[\n",
    );
    let mut examples =
        String::from("/// Examples of the built-in rules, in the same order.\nstatic EXAMPLES: &[Example] = &[\n");
    for category in entries(&rules)?.into_iter().filter(|path| path.is_dir()) {
        for file in entries(&category)? {
            if file.extension().is_some_and(|extension| extension == "yaml") {
                let _ = writeln!(
                    files,
                    "    RuleFile {{ category: {:?}, name: {:?}, text: include_str!({:?}) }},",
                    name(&category),
                    name(&file),
                    file.to_string_lossy(),
                );
                let id = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let (before, after) = example(&fixtures.join(&id))?;
                let _ = writeln!(examples, "    Example {{ rule: {id:?}, before: {before:?}, after: {after:?} }},");
            }
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("builtin_rules.rs"), format!("{files}];\n{examples}];\n"))
}

/// The first excerpt of each side in a folder's files, by path; empty where there is none.
fn example(folder: &Path) -> io::Result<(String, String)> {
    let (mut before, mut after) = (String::new(), String::new());
    let mut folders = entries(folder)?;
    folders.reverse();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(entries(&path)?.into_iter().rev());
            continue;
        }
        for (side, text) in excerpts(&String::from_utf8_lossy(&fs::read(&path)?)) {
            let slot = match side {
                Side::Before => &mut before,
                Side::After => &mut after,
            };
            if slot.is_empty() {
                *slot = text;
            }
        }
    }
    Ok((before, after))
}

/// What a folder holds, sorted; nothing where there is no folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
