//! Every estate below `fixtures/` is one test: `rules/<id>/<estate>` asks one rule,
//! `estates/<estate>` all of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use archlint::extract::extract;
use archlint::graph::LinkOptions;
use archlint::graph::link::link;
use archlint::infer::subjects::SUBJECTS;
use archlint::infer::{Estate, Limits, subjects};
use archlint::judge::builtin::FILES;
use archlint::judge::engine::{ActiveRule, Options, judge};
use archlint::judge::rules::load_all;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;
use archlint::trial::case::{Answers, EstateFile, Verdict, compared, report};
use archlint::trial::suite::{Case, FOLDERS, gaps};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = cases(&root);
    let all = cases.len();
    let results: Arc<Mutex<Vec<(Case, Verdict)>>> = Arc::default();
    let trials = cases
        .into_iter()
        .map(|case| {
            let (root, results) = (root.clone(), Arc::clone(&results));
            Trial::test(case.name.clone(), move || run(&root, case, &results))
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let results = results.lock().expect("no trial panics while it holds the lock");
    let mut complete = !conclusion.has_failed();
    // What estates prove together can only be said when all of them ran.
    if results.len() == all {
        let always = |id: &str| rules(Some(id)).first().is_some_and(|active| active.rule.when_text == "true");
        let asked: Vec<String> = rules(None).into_iter().map(|active| active.rule.id).collect();
        let mut missing = gaps(&results, &always);
        for id in asked {
            if !results.iter().any(|(case, _)| case.rule.as_ref() == Some(&id)) {
                missing.entry(id).or_default().push("there are no fixtures".to_owned());
            }
        }
        for (rule, gaps) in missing.into_iter().filter(|(_, gaps)| !gaps.is_empty()) {
            complete = false;
            eprintln!("{rule}: {}", gaps.join("; "));
        }
    }
    if complete { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

fn run(root: &Path, case: Case, results: &Mutex<Vec<(Case, Verdict)>>) -> Result<(), Failed> {
    let answers = answers(&root.join(&case.name), case.rule.as_deref());
    let verdict = compared(&answers);
    let text = report(&answers, &verdict.mismatches);
    results.lock().map_err(|error| error.to_string())?.push((case, verdict));
    if text.is_empty() { Ok(()) } else { Err(text.into()) }
}

fn rules(only: Option<&str>) -> Vec<ActiveRule> {
    let mut rules = load_all(FILES, SUBJECTS).unwrap_or_else(|problems| panic!("{problems:#?}"));
    rules.retain(|active| only.is_none_or(|id| active.rule.id == id));
    rules
}

fn cases(root: &Path) -> Vec<Case> {
    let mut folders = Vec::new();
    for (folder, nested) in FOLDERS {
        for entry in folders_of(&root.join(folder)) {
            if nested { folders.extend(folders_of(&entry)) } else { folders.push(entry) }
        }
    }
    let relative = |path: &PathBuf| path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
    folders.iter().filter_map(|path| Case::of(&relative(path))).collect()
}

fn folders_of(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("listed").path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    paths
}

fn answers(folder: &Path, only: Option<&str>) -> Answers {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("listed")) {
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            files.push(EstateFile { path: EstatePath::new(&path), text: text.into() });
        }
    }
    files.sort_by_key(|file| file.path);
    let paths: Vec<EstatePath> = files.iter().map(|file| file.path).collect();
    let read = |(number, file): (usize, &EstateFile)| {
        extract(SourceFile { id: FileId(number as u32), path: file.path, text: &file.text })
    };
    let facts: Vec<_> = files.iter().enumerate().map(read).collect();
    let mut graph = link(&facts, &paths, &LinkOptions::default());
    graph.problems = facts.iter().flat_map(|facts| facts.problems.iter().cloned()).collect();
    let estate = Estate { graph: &graph, facts: &facts, paths: &paths, public_services: None };
    let rules = rules(only);
    let path_of = |file: FileId| paths[file.0 as usize];
    let found = subjects(&estate, Limits { chain_services: 1 });
    let judgement = judge(&found, &rules, &path_of, Options { passed: true });
    Answers { files, paths: paths.clone(), judgement, rules: rules.into_iter().map(|active| active.rule.id).collect() }
}
