//! The stages, called in order. Alone names the thread pool and measures time.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::config::model::Config;
use crate::discover::roots::Roots;
use crate::discover::walk::{Discovery, Options, discover};
use crate::extract::javascript;
use crate::extract::kinds::KINDS;
use crate::extract::lockfiles;
use crate::extract::{extract, extract_template};
use crate::facts::chart::Given;
use crate::facts::declaration::Exposure;
use crate::facts::problem::Problem;
use crate::facts::{Fact, Facts, program};
use crate::graph::charts::{self, Charts, Known};
use crate::graph::link::{self, stated_environment};
use crate::graph::model::{Environment, Graph};
use crate::graph::overlays;
use crate::infer::vocabulary::Datum;
use crate::judge::day::Day;
use crate::judge::engine::ActiveRule;
use crate::judge::finding::Judgement;
use crate::judge::rules::RuleNames;
use crate::judge::suppression::{Circumstances, Statement};
use crate::source::file::{FileId, SourceFile};
use crate::source::path::EstatePath;
use crate::source::redactions::Redactions;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::template::Operand;
use crate::{infer, judge};

/// A stage of the run, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Listing files.
    Discover,
    /// Reading files into facts.
    Extract,
    /// Facts to the graph.
    Link,
    /// Attributes and rules.
    Judge,
    /// Writing outputs; measured by the command.
    Render,
}

impl Stage {
    /// As `--timings` spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Extract => "extract",
            Self::Link => "link",
            Self::Judge => "judge",
            Self::Render => "render",
        }
    }
}

/// How long a stage took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// The stage.
    pub stage: Stage,
    /// Wall-clock time.
    pub time: Duration,
    /// What it gave: files, facts, graph elements, findings.
    pub count: usize,
}

/// Somebody who is told how far the run is. Called from several threads.
pub trait Progress: Sync {
    /// A stage begins; `total` is the number of [`Progress::step`] calls to expect, 0 where
    /// there are none.
    fn stage(&self, stage: Stage, total: usize);
    /// One file is done.
    fn step(&self);
}

/// Nobody is told.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: Stage, _: usize) {}
    fn step(&self) {}
}

/// The configuration as a run takes it in.
#[derive(Clone, Copy)]
pub struct ConfigFile<'a> {
    /// What it says.
    pub config: &'a Config,
    /// Its files: their paths for outputs and on the disk (absolute, without links); the one
    /// that was asked for comes first. Empty: there is none.
    pub places: &'a [(EstatePath, &'a Path)],
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files read, in full or in part.
    pub read: usize,
    /// Files that could not be read at all.
    pub unreadable: usize,
    /// Files left out on purpose; see [`Discovery::ignored`].
    pub ignored: usize,
    /// Files of code among those read that do not run as a service, and so are not judged: tests,
    /// pages of browsers, scripts, what a generator makes.
    pub left_out: usize,
}

/// Facts of all files, before they are linked.
pub struct Extraction {
    /// The files; the way back to their texts.
    pub discovery: Discovery,
    /// Paths by [`FileId`], sorted.
    pub paths: Vec<EstatePath>,
    /// The numbers of the configuration's files, in its own order. They have no facts.
    pub configs: Vec<FileId>,
    /// In the same order.
    pub facts: Vec<Facts>,
    /// Hashes of the texts read; a file without text has none. A text with another hash is
    /// not the one that spans point into.
    pub hashes: Vec<Option<u64>>,
    /// Where secrets stand.
    pub redactions: Redactions,
    /// What was read.
    pub coverage: Coverage,
    /// Times so far.
    pub timings: Vec<Timing>,
}

/// A judged estate.
pub struct Run {
    /// Files and facts.
    pub extraction: Extraction,
    /// The estate.
    pub graph: Graph,
    /// What the rules found.
    pub judgement: Judgement,
}

/// The first two stages: lists files and reads them in parallel.
pub fn read(roots: &Roots, config: ConfigFile<'_>, progress: &dyn Progress) -> Extraction {
    let mut clock = Clock::default();
    progress.stage(Stage::Discover, 0);
    let claims = |path: EstatePath| KINDS.iter().any(|kind| (kind.claims)(path));
    let left_out = |path: EstatePath| config.config.left_out.matches(path);
    let mut discovery = discover(roots, &Options { claims: &claims, left_out: &left_out });
    for (path, disk) in config.places {
        discovery.insert(*path, disk.to_path_buf());
    }
    // Only now, since one that comes later may move those before it.
    let configs: Vec<FileId> =
        config.places.iter().map(|(path, disk)| discovery.insert(*path, disk.to_path_buf())).collect();
    clock.lap(Stage::Discover, discovery.files.len());

    progress.stage(Stage::Extract, discovery.files.len());
    let paths: Vec<EstatePath> = discovery.files.iter().map(|file| file.path).collect();
    let options = config.config.link_options(&configs);
    let environment = |path| stated_environment(path, &options);
    let extracted = extract_all(&discovery, &paths, &configs, &environment, progress);
    let mut coverage = Coverage { ignored: discovery.ignored, ..Coverage::default() };
    let mut redactions = Redactions::default();
    let mut facts = Vec::with_capacity(extracted.len());
    let mut hashes = Vec::with_capacity(extracted.len());
    for (hash, of_file) in extracted {
        match hash {
            Some(_) => coverage.read += 1,
            None => coverage.unreadable += 1,
        }
        for &span in &of_file.redactions {
            redactions.add(span);
        }
        let runs_elsewhere =
            |fact: &Fact| matches!(fact, Fact::Module(module) if module.stage != program::Stage::Service);
        coverage.left_out += usize::from(of_file.facts.iter().any(runs_elsewhere));
        hashes.push(hash);
        facts.push(of_file);
    }
    overlays::render(&mut facts, &paths, &environment);
    clock.lap(Stage::Extract, facts.iter().map(|facts| facts.facts.len()).sum());
    Extraction { discovery, paths, configs, facts, hashes, redactions, coverage, timings: clock.timings }
}

/// What judges, and under which circumstances.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// The rules that are asked, as they are configured.
    pub rules: &'a [ActiveRule],
    /// All rules by name, asked or not.
    pub names: &'a RuleNames,
    /// What to write down.
    pub options: judge::engine::Options,
    /// Comments and annotations in the estate may suppress findings; those of the
    /// configuration always do.
    pub inline_ignores: bool,
    /// Today, by which suppressions expire.
    pub today: Day,
}

/// All stages up to the judgement.
pub fn run(roots: &Roots, config: ConfigFile<'_>, judging: Judging<'_>, progress: &dyn Progress) -> Run {
    let mut extraction = read(roots, config, progress);
    let mut clock = Clock::default();

    progress.stage(Stage::Link, 0);
    let graph = link(&extraction, config.config);
    clock.lap(Stage::Link, graph.services.len() + graph.infrastructure.len());

    progress.stage(Stage::Judge, 0);
    let judgement = judged(&extraction, &graph, config.config, judging);
    clock.lap(Stage::Judge, judgement.findings.len());

    extraction.timings.extend(clock.timings);
    Run { extraction, graph, judgement }
}

/// Inferring and judging.
fn judged(extraction: &Extraction, graph: &Graph, config: &Config, judging: Judging<'_>) -> Judgement {
    let Judging { rules, options, .. } = judging;
    // A configured list of public services makes all others internal.
    let public: Vec<Symbol> = graph
        .services
        .iter()
        .filter(|service| matches!(service.exposure, Some((Exposure::Public, _))))
        .map(|service| service.name)
        .collect();
    let estate = infer::Estate {
        graph,
        facts: &extraction.facts,
        paths: &extraction.paths,
        public_services: config.lists_public.then_some(public.as_slice()),
        popular: &config.popular_lists,
    };
    // Whoever asks what passed wants chains that are short enough as well.
    let chain_services = if options.passed { 1 } else { chain_services(rules) };
    let kinds = rules.iter().map(|active| active.rule.subject.kind);
    let subjects = infer::subjects(&estate, &infer::Asked::of(kinds, chain_services));
    let path_of = |file: FileId| extraction.paths.get(file.0 as usize).copied().unwrap_or_else(EstatePath::root);
    let mut judgement = judge::engine::judge(&subjects, rules, &path_of, options);

    let configured = config.suppressions_of(&extraction.configs);
    let matching: Vec<_> =
        config.suppressions.iter().map(|one| |path: EstatePath, subject: &str| one.covers(path, subject)).collect();
    let inline = extraction.facts.iter().filter(|_| judging.inline_ignores).flat_map(|facts| &facts.suppressions);
    let inline = inline.map(|suppression| Statement { suppression, covers: None });
    let configured = configured.iter().zip(&matching);
    let configured = configured.map(|(suppression, covers)| Statement { suppression, covers: Some(covers) });
    let statements: Vec<Statement<'_>> = inline.chain(configured).collect();
    let circumstances = Circumstances { names: judging.names, today: judging.today };
    judge::suppression::apply(&mut judgement, &statements, circumstances, rules, &path_of, options);
    judgement
}

/// Chains of more services than this are told: the smallest number that a rule about chains
/// asks for by a parameter of this name.
fn chain_services(rules: &[ActiveRule]) -> usize {
    let asked = rules.iter().filter(|active| active.rule.subject.kind == "chain").filter_map(|active| {
        let at = active.rule.parameters.iter().position(|parameter| parameter.name == "max_services")?;
        let local = active.local.iter().flat_map(|setting| &setting.values);
        let local = local.filter(|(position, _)| *position == at).map(|(_, value)| value);
        let numbers = active.rule.values.get(at).into_iter().chain(local).filter_map(|value| match value {
            Datum::Int(number) => usize::try_from(*number).ok(),
            Datum::Bool(_) | Datum::Text(_) | Datum::List(_) => None,
        });
        numbers.min()
    });
    asked.min().unwrap_or(3)
}

/// Linking, with what the configuration adds to it.
fn link(extraction: &Extraction, config: &Config) -> Graph {
    let files = &extraction.configs;
    let mut graph = link::link(&extraction.facts, &extraction.paths, &config.link_options(files));
    for service in &mut graph.services {
        if service.exposure.is_none()
            && let Some(span) = config.public_pattern(&service.name, files)
        {
            service.exposure = Some((Exposure::Public, span));
        }
    }
    graph
}

/// Stack of a thread that reads files: enough for sources of some 100 KB, which then need no
/// thread of their own.
const READER_STACK: usize = 16 << 20;

/// A file's number, the hash of its text, its facts.
type Extracted = (u32, Option<u64>, Facts);

/// Facts of each file with the hash of its text, in the order of the files.
fn extract_all(
    discovery: &Discovery,
    paths: &[EstatePath],
    configs: &[FileId],
    environment: &dyn Fn(EstatePath) -> Environment,
    progress: &dyn Progress,
) -> Vec<(Option<u64>, Facts)> {
    let mut order: Vec<u32> = (0..discovery.files.len() as u32).collect();
    // Big files first: a big one that comes last would keep one thread busy while others wait.
    order.sort_by_key(|&index| {
        (std::cmp::Reverse(discovery.files.get(index as usize).map_or(0, |file| file.size)), index)
    });
    let folders = charts::chart_folders(paths);
    // Templates of charts come last, since the values of their charts decide their conditions.
    let is_template = |index: &u32| {
        let path = paths.get(*index as usize);
        path.and_then(|path| charts::template_folder(*path)).is_some_and(|folder| folders.contains(&folder))
    };
    let (templates, others): (Vec<u32>, Vec<u32>) = order.into_iter().partition(is_template);
    // Only pages that are touched cost memory.
    let readers = ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .stack_size(READER_STACK)
        .start_handler(|_| javascript::runs_on_stack_of(READER_STACK))
        .build();
    let read = |files: Vec<u32>, charts: &Charts| -> Vec<Extracted> {
        let in_parallel = || {
            let each = files.into_par_iter().with_max_len(1).map(|index| {
                let id = FileId(index);
                let (hash, facts) = extract_one(discovery, id, configs.contains(&id), charts);
                progress.step();
                (index, hash, facts)
            });
            each.collect()
        };
        match &readers {
            Ok(readers) => readers.install(in_parallel),
            Err(_) => in_parallel(),
        }
    };
    let mut extracted = read(others, &Charts::default());
    if !templates.is_empty() {
        let known = extracted.iter().filter_map(|(index, _, facts)| Some((*paths.get(*index as usize)?, facts)));
        let charts = Charts::new(known, &folders, environment);
        extracted.extend(read(templates, &charts));
    }
    extracted.sort_by_key(|(index, _, _)| *index);
    extracted.into_iter().map(|(_, hash, facts)| (hash, facts)).collect()
}

fn extract_one(discovery: &Discovery, id: FileId, is_config: bool, charts: &Charts) -> (Option<u64>, Facts) {
    let path = discovery.files.get(id.0 as usize).map_or(EstatePath::root(), |file| file.path);
    let text = match discovery.read(id) {
        Ok(text) => text,
        // That a lock file is there counts, whether it is binary, broken or too large.
        Err(_) if lockfiles::claims(path) => Arc::from(""),
        Err(problem) => return (None, unreadable(id, problem.message(), problem.help())),
    };
    let hash = xxh3_64(text.as_bytes());
    if is_config {
        return (Some(hash), Facts::new(id));
    }
    let file = SourceFile { id, path, text: &text };
    READING.set(true);
    // What a panicking reader leaves behind is dropped, so nothing half-done is seen.
    let facts = catch_unwind(AssertUnwindSafe(|| match charts.values_of(path) {
        Some(values) => extract_template(file, &|path| values.get(path).map(operand)),
        None => extract(file),
    }));
    let facts = facts.unwrap_or_else(|_| {
        let message = "archlint bug: reading this file failed inside archlint".to_owned();
        unreadable(id, message, "report it, if you can with the file; all other files were judged")
    });
    READING.set(false);
    (Some(hash), facts)
}

/// What a template's condition makes of a value.
fn operand(known: Known) -> Operand {
    match known {
        Known::Missing | Known::Given(Given::Null) => Operand::Nil,
        Known::Given(Given::Bool(truth)) => Operand::Bool(truth),
        Known::Given(Given::Number(number)) => Operand::Number(number),
        Known::Given(Given::Text(text)) => Operand::Text(text.as_str().into()),
        Known::Given(Given::Mapping(false) | Given::List(false)) => Operand::Empty,
        Known::Full | Known::Given(Given::Kept | Given::Mapping(true) | Given::List(true)) => Operand::Full,
    }
}

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// True if this thread reads a file into facts, so that a panic in it is caught and becomes
/// a problem of the file.
pub fn is_reading_file() -> bool {
    READING.get()
}

fn unreadable(id: FileId, message: String, help: &str) -> Facts {
    let mut facts = Facts::new(id);
    facts.problems.push(Problem { span: Span::file_start(id), message, help: help.to_owned() });
    facts
}

/// Measures stages one after the other.
struct Clock {
    last: Instant,
    timings: Vec<Timing>,
}

impl Default for Clock {
    #[expect(clippy::disallowed_methods, reason = "times are shown by --timings and nowhere else")]
    fn default() -> Self {
        Self { last: Instant::now(), timings: Vec::new() }
    }
}

impl Clock {
    fn lap(&mut self, stage: Stage, count: usize) {
        self.timings.push(Timing { stage, time: self.last.elapsed(), count });
        *self = Self { timings: std::mem::take(&mut self.timings), ..Self::default() };
    }
}
