//! Who may know whom. A new arrow is one line in [`PARTS`] in a commit of its own, with the
//! reason.

use std::collections::BTreeSet;

use super::code;
use super::tree;

/// One part of the house.
struct Part {
    /// The folder below `src`, or the file.
    name: &'static str,
    /// Parts of ours that it may import, as the beginning of a path.
    ours: &'static [&'static str],
    /// Crates that it may name.
    crates: &'static [&'static str],
}

/// Every part of `src/`; `*` is everything of ours.
const PARTS: &[Part] = &[
    // The door: arguments, environment, disk for configuration and rules, standard streams.
    Part {
        name: "commands",
        ours: &["*"],
        // walkdir: a user's folder of rules, and the folders of fixtures.
        crates: &["clap", "clap_complete", "clap_mangen", "indicatif", "serde_json", "walkdir", "xxhash_rust"],
    },
    Part { name: "main", ours: &["*"], crates: &["archlint"] },
    Part { name: "lib", ours: &[], crates: &[] },
    // Alone calls stage after stage, and alone names the thread pool.
    Part { name: "pipeline", ours: &["*"], crates: &["rayon", "xxhash_rust"] },
    // What the user's file says, handed to the stages in their own types.
    Part { name: "config", ours: &["*"], crates: &["globset"] },
    Part { name: "discover", ours: &["source"], crates: &["walkdir", "ignore", "memchr"] },
    Part {
        name: "extract",
        // tables: which names mean an engine, a framework, an operation without effect.
        ours: &["facts", "source", "syntax", "tables"],
        // oxc: see ONE_FOLDER.
        crates: &[
            "regex",
            "rustc_hash",
            "aho_corasick",
            "memchr",
            "base64",
            "oxc_allocator",
            "oxc_ast",
            "oxc_parser",
            "oxc_span",
            "oxc_syntax",
        ],
    },
    Part { name: "facts", ours: &["source"], crates: &[] },
    Part {
        name: "graph",
        // tables: which image is a database, which driver speaks to which engine.
        // syntax::connection: the text of a connection is put together from several files,
        // so only linking sees it whole. syntax::sql: so is a statement that code puts together.
        ours: &["facts", "source", "syntax::connection", "syntax::sql", "tables"],
        // ignore: owners are given by patterns of the same kind as in .gitignore.
        // globset: the user's patterns for environments.
        // semver: which row of a library holds depends on its version.
        crates: &["petgraph", "rustc_hash", "ignore", "globset", "semver"],
    },
    Part { name: "infer", ours: &["facts", "graph", "source", "tables"], crates: &["petgraph", "rustc_hash"] },
    Part {
        name: "judge",
        // facts::answer: conditions are about answers. facts::suppression: which findings
        // people accept. graph::model: for how sure they are.
        ours: &["facts::answer", "facts::suppression", "graph::model", "infer", "source", "syntax"],
        // sha2: fingerprints, which other people's tools must be able to compute.
        // serde: a baseline is read as data.
        crates: &["jiff", "regex", "rustc_hash", "serde", "serde_yaml", "sha2", "strsim"],
    },
    Part {
        name: "render",
        // facts: words of enums that the graph carries, such as exposure and protocol.
        // infer: pictures and the graph's JSON show the same effective timeout that rules judge.
        ours: &["facts", "graph", "infer", "judge", "source"],
        // dagre: where the boxes of a picture lie. base64: hashes in the page's policy.
        crates: &["base64", "dagre", "serde", "serde_json", "miette", "unicode_width"],
    },
    Part { name: "source", ours: &[], crates: &["memchr", "ustr", "rustc_hash"] },
    Part {
        name: "syntax",
        ours: &["source"],
        crates: &[
            "granit_parser",
            "jsonc_parser",
            "memchr",
            "parse_dockerfile",
            "percent_encoding",
            "prost_reflect",
            "prost_types",
            "protox_parse",
            "quick_xml",
            "rustc_hash",
            "sqlparser",
            "strsim",
            "toml_edit",
            "url",
        ],
    },
    // semver: rows are about ranges of versions.
    Part { name: "tables", ours: &["source", "syntax"], crates: &["rustc_hash", "semver"] },
    // The harness of fixtures: markers in, mismatches out.
    Part { name: "trial", ours: &["judge", "source"], crates: &[] },
];

/// A crate that may be named in one file only, so that it can be replaced there.
const ONE_FILE: &[(&str, &str)] = &[
    ("dagre", "src/render/layout.rs"),
    ("granit_parser", "src/syntax/yaml.rs"),
    ("jiff", "src/judge/day.rs"),
    ("jsonc_parser", "src/syntax/json.rs"),
    ("parse_dockerfile", "src/syntax/dockerfile.rs"),
    ("prost_reflect", "src/syntax/proto.rs"),
    ("prost_types", "src/syntax/proto.rs"),
    ("protox_parse", "src/syntax/proto.rs"),
    ("quick_xml", "src/syntax/xml.rs"),
    ("rayon", "src/pipeline.rs"),
    ("sqlparser", "src/syntax/sql.rs"),
    ("serde_yaml", "src/judge/baseline.rs"),
    ("toml_edit", "src/syntax/toml.rs"),
    ("ustr", "src/source/symbol.rs"),
];

/// Crates that may be named in one folder only. A tree of JavaScript is too large to be copied
/// into one of ours, as `syntax` would have to: it is made, read and dropped in this folder,
/// and facts come out of it.
const ONE_FOLDER: &[(&str, &str)] = &[
    ("oxc_allocator", "src/extract/javascript/"),
    ("oxc_ast", "src/extract/javascript/"),
    ("oxc_parser", "src/extract/javascript/"),
    ("oxc_span", "src/extract/javascript/"),
    ("oxc_syntax", "src/extract/javascript/"),
];

/// Files that may name the terminal library.
const TERMINAL: &[&str] = &["src/render/text.rs"];

#[test]
fn every_part_of_the_house_has_its_row() {
    let found: BTreeSet<_> = code::files().iter().map(|file| file.part.as_str()).map(part_name).collect();
    let rows: BTreeSet<_> = PARTS.iter().map(|part| part.name).collect();
    let unknown: Vec<_> = found.difference(&rows).collect();
    assert!(unknown.is_empty(), "no row in PARTS for {unknown:?}");
    let empty: Vec<_> = rows.difference(&found).collect();
    assert!(empty.is_empty(), "rows in PARTS for parts that do not exist: {empty:?}");
}

#[test]
fn parts_import_only_what_their_row_allows() {
    let mut wrong = Vec::new();
    for file in code::files() {
        let Some(part) = PARTS.iter().find(|part| part.name == part_name(&file.part)) else { continue };
        for (line, path) in &file.paths {
            let [first, other, ..] = path.as_slice() else { continue };
            if first != "crate" || other == part.name || part.ours.contains(&"*") {
                continue;
            }
            let inner = path[1..].join("::");
            if !part.ours.iter().any(|ours| inner == *ours || inner.starts_with(&format!("{ours}::"))) {
                wrong.push(format!("{}:{line}: `{}` may import {:?}, not `{inner}`", file.path, part.name, part.ours));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_are_named_only_where_their_row_allows() {
    let crates = dependencies();
    let mut wrong = Vec::new();
    for file in code::files() {
        let Some(part) = PARTS.iter().find(|part| part.name == part_name(&file.part)) else { continue };
        let local = local_names(file);
        for (line, path) in &file.paths {
            let Some(first) = path.first().filter(|first| crates.contains(*first) && !local.contains(*first)) else {
                continue;
            };
            if !part.crates.contains(&first.as_str()) {
                wrong.push(format!("{}:{line}: `{}` may not name the crate `{first}`", file.path, part.name));
            }
            if let Some((_, only)) =
                ONE_FILE.iter().find(|(name, _)| name == first).filter(|(_, only)| *only != file.path)
            {
                wrong.push(format!("{}:{line}: `{first}` is named in {only} only", file.path));
            }
            if let Some((_, only)) =
                ONE_FOLDER.iter().find(|(name, _)| name == first).filter(|(_, only)| !file.path.starts_with(only))
            {
                wrong.push(format!("{}:{line}: `{first}` is named in {only} only", file.path));
            }
            if first == "miette" && !TERMINAL.contains(&file.path.as_str()) {
                wrong.push(format!("{}:{line}: the terminal library is named in {TERMINAL:?} only", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_used() {
    let used: BTreeSet<String> =
        code::files().iter().flat_map(|file| &file.paths).filter_map(|(_, path)| path.first().cloned()).collect();
    let unused: Vec<_> = dependencies().into_iter().filter(|name| name != "archlint" && !used.contains(name)).collect();
    assert!(unused.is_empty(), "in [dependencies] and not used outside tests: {unused:?}");
}

#[test]
fn the_house_table_of_the_architecture_page_is_this_one() {
    let page = tree::text("ARCHITECTURE.md");
    for part in PARTS.iter().filter(|part| tree::root().join("src").join(part.name).is_dir()) {
        let start = format!("| `src/{}` |", part.name);
        let row = page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {start}"));
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let told: BTreeSet<_> = cell.split('`').skip(1).step_by(2).collect();
        let held: BTreeSet<_> =
            part.ours.iter().filter(|ours| **ours != "*").filter_map(|ours| ours.split("::").next()).collect();
        assert_eq!(told, held, "{start}");
    }
}

/// `src/main.rs` and `src/lib.rs` have no folder.
fn part_name(part: &str) -> &str {
    if part == "crate" { "lib" } else { part }
}

/// Modules and imports of ours that have a crate's name, such as `syntax::connection::url`.
fn local_names(file: &code::Code) -> BTreeSet<String> {
    let parsed = syn::parse_file(&tree::text(&file.path)).expect("parsed before");
    let declared = parsed.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) => Some(item.ident.to_string()),
        _ => None,
    });
    let imported = file.paths.iter().filter(|(_, path)| path.len() > 1 && path[0] == "crate");
    declared.chain(imported.filter_map(|(_, path)| path.last().cloned())).collect()
}

/// Names of `[dependencies]` as code writes them, and the library's own.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml_edit::DocumentMut = tree::text("Cargo.toml").parse().expect("Cargo.toml");
    let table = manifest["dependencies"].as_table().expect("[dependencies]");
    let names = table.iter().map(|(name, _)| name.replace('-', "_"));
    names.chain(std::iter::once("archlint".to_owned())).collect()
}
