//! What a check costs, stage by stage, beside the floor: walking, reading and parsing the
//! same files with the bare parsers.
//!
//! `ARCHLINT_BENCH_SERVICES=10000 cargo bench` measures another size. The ratio to the floor
//! is that of the medians of `whole` and `floor`; both use all cores.

#![expect(clippy::disallowed_methods, reason = "benchmarks lay out estates on the disk and read their size")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use archlint::config::model::Config;
use archlint::discover::roots::Roots;
use archlint::graph::LinkOptions;
use archlint::graph::link::link;
use archlint::infer::chains::CallGraph;
use archlint::infer::subjects::SUBJECTS;
use archlint::infer::{Asked, Estate, subjects};
use archlint::judge::builtin;
use archlint::judge::day::Day;
use archlint::judge::engine::{ActiveRule, Options, judge};
use archlint::judge::rules::RuleNames;
use archlint::judge::rules::load_all;
use archlint::pipeline::{ConfigFile, Extraction, Judging, Run, Silent, read, run};
use archlint::render::beside::Beside;
use archlint::render::html;
use archlint::render::outcome::{Coverage, Outcome};
use archlint::render::sources::{Sources, Texts};
use archlint::source::file::FileId;
use archlint::source::path::EstatePath;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rayon::prelude::*;

mod estate;
mod floor;

const SEED: u64 = 7;

fn main() {
    divan::main();
    // Any argument but cargo's own asks for something else than all measurements.
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        for services in sizes() {
            report_ratio(services);
            report_page(services);
        }
    }
}

/// Prints how often the floor goes into a whole check. Both are measured in turns, so that a
/// busy machine slows both.
#[expect(clippy::disallowed_macros, reason = "a benchmark reports on the standard output")]
fn report_ratio(services: usize) {
    let written = written(services);
    let rules = rules();
    let mut rounds: Vec<(f64, f64)> =
        (0..7).map(|_| (seconds(|| floor_of(written)), seconds(|| whole(written, &rules)))).collect();
    rounds.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
    let (floor, whole) = rounds[rounds.len() / 2];
    let per_second = written.files as f64 / whole;
    println!(
        "{services} services, {} files: floor {floor:.3} s, whole {whole:.3} s, ratio {:.2}, {per_second:.0} files/s",
        written.files,
        whole / floor
    );
}

/// Prints what the report's page costs beside the check.
#[expect(clippy::disallowed_macros, reason = "a benchmark reports on the standard output")]
fn report_page(services: usize) {
    let run = whole(written(services), &rules());
    let bytes = page_of(&run).len();
    println!("{services} services: page {:.3} s, {:.2} MB", seconds(|| page_of(&run)), bytes as f64 / 1e6);
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = std::time::Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64()
}

/// Sizes in services; each has some eleven files.
fn sizes() -> Vec<usize> {
    let asked = std::env::var("ARCHLINT_BENCH_SERVICES").ok().and_then(|text| text.parse().ok());
    asked.map_or(vec![200, 1_000], |size| vec![size])
}

/// An estate on the disk, written once for all benchmarks of a run.
struct Written {
    services: usize,
    files: u64,
    folder: tempfile::TempDir,
}

fn written(services: usize) -> &'static Written {
    static WRITTEN: OnceLock<Mutex<Vec<&'static Written>>> = OnceLock::new();
    let mut all = WRITTEN.get_or_init(Mutex::default).lock().expect("nobody panicked while writing");
    if let Some(known) = all.iter().find(|known| known.services == services) {
        return known;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let files = estate::files(services, SEED);
    estate::write_to(folder.path(), &files).expect("written");
    // Kept until the process ends: benchmarks of all sizes share it.
    let written: &'static Written = Box::leak(Box::new(Written { services, files: files.len() as u64, folder }));
    all.push(written);
    written
}

fn roots(folder: &Path) -> Roots {
    Roots::new(&[PathBuf::from(folder)]).expect("the folder is there")
}

fn extraction(folder: &Path) -> Extraction {
    read(&roots(folder), ConfigFile { config: &Config::empty(), places: &[] }, &Silent)
}

fn rules() -> Vec<ActiveRule> {
    load_all(builtin::FILES, SUBJECTS).expect("the built-in rules load")
}

/// Lists, reads and parses all files, on all cores, and keeps nothing.
#[divan::bench(args = sizes(), sample_count = 5)]
fn a_floor(bencher: Bencher<'_, '_>, services: usize) {
    let written = written(services);
    bencher.counter(ItemsCount::new(written.files)).bench(|| floor_of(written));
}

fn floor_of(written: &Written) -> usize {
    let paths: Vec<PathBuf> = walkdir::WalkDir::new(written.folder.path())
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    paths.par_iter().map(|path| floor::parse(path)).sum()
}

/// Lists files and reads them into facts.
#[divan::bench(args = sizes(), sample_count = 5)]
fn b_discover_and_extract(bencher: Bencher<'_, '_>, services: usize) {
    let written = written(services);
    bencher.counter(ItemsCount::new(written.files)).bench(|| extraction(written.folder.path()));
}

/// From all facts to the graph.
#[divan::bench(args = sizes(), sample_count = 5)]
fn c_link(bencher: Bencher<'_, '_>, services: usize) {
    let written = written(services);
    let extraction = extraction(written.folder.path());
    let options = LinkOptions::default();
    bencher.counter(ItemsCount::new(written.files)).bench(|| link(&extraction.facts, &extraction.paths, &options));
}

/// From the graph to findings.
#[divan::bench(args = sizes(), sample_count = 5)]
fn d_infer_and_judge(bencher: Bencher<'_, '_>, services: usize) {
    let written = written(services);
    let extraction = extraction(written.folder.path());
    let graph = link(&extraction.facts, &extraction.paths, &LinkOptions::default());
    let rules = rules();
    bencher.counter(ItemsCount::new(written.files)).bench(|| {
        let estate = Estate {
            graph: &graph,
            facts: &extraction.facts,
            paths: &extraction.paths,
            public_services: None,
            popular: &[],
        };
        let subjects = subjects(&estate, &Asked::everything(3));
        let path_of = |file: FileId| extraction.paths.get(file.0 as usize).copied().unwrap_or_else(EstatePath::root);
        judge(&subjects, &rules, &path_of, Options { passed: false })
    });
}

/// From the folder to findings.
#[divan::bench(args = sizes(), sample_count = 5)]
fn e_whole(bencher: Bencher<'_, '_>, services: usize) {
    let written = written(services);
    let rules = rules();
    bencher.counter(ItemsCount::new(written.files)).bench(|| whole(written, &rules));
}

fn whole(written: &Written, rules: &[ActiveRule]) -> Run {
    let config = Config::empty();
    let file = ConfigFile { config: &config, places: &[] };
    let judging = Judging {
        rules,
        names: &RuleNames::of(rules),
        options: Options { passed: false },
        inline_ignores: true,
        today: Day::from_unix(0).expect("a day"),
    };
    run(&roots(written.folder.path()), file, judging, &Silent)
}

/// From findings to the report's page. Of 1,000 services it has to come in less than a second
/// and in less than 3 MB.
#[divan::bench(args = sizes(), sample_count = 5)]
fn g_page(bencher: Bencher<'_, '_>, services: usize) {
    let run = whole(written(services), &rules());
    bencher.counter(ItemsCount::new(services)).bench(|| page_of(&run));
}

/// The page, with excerpts read from the disk as the command reads them.
fn page_of(run: &Run) -> String {
    struct Disk<'a>(&'a Extraction);
    impl Texts for Disk<'_> {
        fn path(&self, file: FileId) -> EstatePath {
            self.0.paths.get(file.0 as usize).copied().unwrap_or_else(EstatePath::root)
        }
        fn text(&self, file: FileId) -> Option<Arc<str>> {
            self.0.discovery.read(file).ok()
        }
    }
    let texts = Disk(&run.extraction);
    html::render(
        &Outcome {
            graph: &run.graph,
            judgement: &run.judgement,
            sources: &Sources::new(&texts, &run.extraction.redactions),
            coverage: Coverage::default(),
            version: "0.0.0",
            rules: &BTreeMap::new(),
            prefix: "",
        },
        &Beside::default(),
    )
}

/// Chains and circles where every service calls every other one: more paths than atoms.
#[divan::bench(args = [125, 250, 500], sample_count = 5)]
fn f_chains_of_a_complete_graph(bencher: Bencher<'_, '_>, services: u32) {
    let calls = (0..services).flat_map(|from| (0..services).map(move |to| (from, to)));
    let graph = CallGraph::new(services as usize, calls);
    bencher.bench(|| (black_box(&graph).chains(3), graph.circles()));
}
