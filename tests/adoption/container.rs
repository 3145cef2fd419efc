//! The image: no container can be built in a test, so its recipe is read instead.

use std::process::Command;

use crate::{ARCHLINT, put, run, text};

/// The instructions of each stage, continued lines joined: name of the stage, and
/// (instruction, rest).
fn stages(recipe: &str) -> Vec<(String, Vec<(String, String)>)> {
    let joined = recipe.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let mut stages: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (word, rest) in lines.map(|line| line.split_once(' ').expect("an instruction")) {
        if word == "FROM" {
            let name = rest.split_once(" AS ").map_or("", |(_, name)| name);
            stages.push((name.to_owned(), Vec::new()));
        }
        stages.last_mut().expect("FROM comes first").1.push((word.to_owned(), rest.to_owned()));
    }
    stages
}

#[test]
fn the_image_holds_one_static_program_that_nobody_runs_as_root() {
    let stages = stages(&text("packaging/Dockerfile"));
    let (_, last) = stages.last().expect("a stage");
    let of = |instructions: &[(String, String)], word: &str| -> Vec<String> {
        instructions.iter().filter(|(one, _)| one == word).map(|(_, rest)| rest.clone()).collect()
    };
    assert!(of(last, "FROM")[0].starts_with("scratch "), "nothing but what is copied");
    assert_eq!(of(last, "COPY"), ["--from=build /archlint /archlint"]);
    assert!(of(last, "RUN").is_empty() && of(last, "ADD").is_empty());
    for (name, instructions) in stages.iter().filter(|(name, _)| name != "build") {
        let user = of(instructions, "USER").pop().unwrap_or_default();
        let number = user.split(':').next().and_then(|user| user.parse::<u32>().ok());
        assert!(number.is_some_and(|number| number >= 1000), "{name}: a number, so that Kubernetes can tell: {user}");
        assert_eq!(of(instructions, "WORKDIR"), ["/src"], "{name}");
        let entry: Vec<String> = serde_json::from_str(&of(instructions, "ENTRYPOINT")[0]).expect("the exec form");
        assert!(entry[0].ends_with("/archlint"), "{name}");
    }
    let build = &stages[0].1;
    assert!(of(build, "ENV").iter().any(|env| env.contains("+crt-static")));
    assert!(of(build, "RUN").iter().any(|run| run.contains("--locked") && run.contains("--release")));
    // The toolchain is the one that the package asks for, or a later one.
    let version = |text: &str| text.split('.').take(2).map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
    let toolchain = stages[0].1[0].1.strip_prefix("rust:").expect("Rust's image").to_owned();
    assert!(version(&toolchain) >= version(env!("CARGO_PKG_RUST_VERSION")), "{toolchain}");
}

#[test]
fn our_own_rules_find_nothing_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "archlint/Dockerfile", &text("packaging/Dockerfile"));
    let ran = run(Command::new(ARCHLINT)
        .args(["--format", "gcc", "--fail-on", "warning", "--ignore", "missing-owner", "."])
        .current_dir(folder.path()));
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
}
