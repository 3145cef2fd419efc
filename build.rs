//! Finds the built-in rules: every `rules/<category>/<id>.yaml`, sorted by path, so that a
//! rule is added by adding its file and nothing else.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a build script reads files and talks to cargo"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let rules = root.join("rules");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=rules");
    let mut code = String::from(
        "/// All built-in rules, sorted by category and name.\npub static FILES: &[RuleFile<'static>] = &[\n",
    );
    for category in entries(&rules)?.into_iter().filter(|path| path.is_dir()) {
        for file in entries(&category)? {
            if file.extension().is_some_and(|extension| extension == "yaml") {
                let _ = writeln!(
                    code,
                    "    RuleFile {{ category: {:?}, name: {:?}, text: include_str!({:?}) }},",
                    name(&category),
                    name(&file),
                    file.to_string_lossy(),
                );
            }
        }
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("builtin_rules.rs"), code)
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
