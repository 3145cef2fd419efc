//! What reading JavaScript and TypeScript costs beside the bare parser, one thread, in bytes
//! for each second.
//!
//! `ARCHLINT_BENCH_SOURCES=folder cargo bench --bench javascript` measures real files instead
//! of written ones.

#![expect(clippy::disallowed_methods, reason = "benchmarks may read sources from the disk")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use archlint::extract::reading::Reading;
use archlint::extract::{extract, javascript, source_literals};
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use oxc_allocator::Allocator;
use oxc_parser::Parser;
use oxc_span::SourceType;

/// What the threads that read files have.
const STACK: usize = 16 << 20;

fn main() {
    let reader = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        javascript::runs_on_stack_of(STACK);
        divan::main();
        if std::env::args().skip(1).all(|argument| argument == "--bench") {
            report_ratio();
        }
    });
    reader.map(std::thread::JoinHandle::join).expect("a thread").expect("measurements");
}

/// Prints how often the bare parse goes into our reading. Both are measured in turns, so that
/// a busy machine slows both.
#[expect(clippy::disallowed_macros, reason = "a benchmark reports on the standard output")]
fn report_ratio() {
    let mut rounds: Vec<(f64, f64, f64, f64)> = (0..9)
        .map(|_| {
            (
                seconds(parse_all),
                seconds(|| read_all(javascript::read)),
                seconds(|| read_all(source_literals::read)),
                seconds(extract_all),
            )
        })
        .collect();
    rounds.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
    let (bare, reading, literals, all) = rounds[rounds.len() / 2];
    let megabytes = bytes() as f64 / 1e6;
    println!(
        "{} files, {megabytes:.1} MB: bare parse {:.0} MB/s, reading {:.0} MB/s, ratio {:.2}; literals {:.2}, all readers {:.2} of the bare parse",
        sources().len(),
        megabytes / bare,
        megabytes / reading,
        reading / bare,
        literals / bare,
        all / bare
    );
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = std::time::Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

fn sources() -> &'static [(String, String)] {
    static SOURCES: OnceLock<Vec<(String, String)>> = OnceLock::new();
    SOURCES.get_or_init(|| match std::env::var("ARCHLINT_BENCH_SOURCES") {
        Ok(folder) => on_disk(Path::new(&folder)),
        Err(_) => (0..400).map(|number| (format!("src/orders/orders-{number}.service.ts"), written(number))).collect(),
    })
}

fn on_disk(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let name = entry.path().strip_prefix(folder).ok()?.to_str()?.to_owned();
            let text =
                javascript::claims(EstatePath::new(&name)).then(|| std::fs::read_to_string(entry.path()).ok())??;
            Some((name, text))
        })
        .collect();
    found.sort();
    found
}

fn bytes() -> usize {
    sources().iter().map(|(_, text)| text.len()).sum()
}

/// A service of some 180 lines, as people write them.
fn written(number: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "import {{ Body, Controller, Get, Inject, Param, Post }} from '@nestjs/common';\n\
         import {{ HttpService }} from '@nestjs/axios';\nimport {{ firstValueFrom, timeout }} from 'rxjs';\n\
         import type {{ Order, Customer }} from './types-{number}';\nimport * as path from 'node:path';\n\n\
         const BASE_URL = process.env.SERVICE_{number}_URL ?? 'http://service-{number}:3000';\n\
         export const LIMITS = {{ page: 50, retries: 3, delay: 5_000, name: `orders-${{BASE_URL}}` }} as const;\n\n\
         /** Orders of all shops, and what becomes of them on their way. */\n@Controller('orders-{number}')\n\
         export class Orders{number}Controller {{\n  private readonly cache = new Map<string, Order>();\n\n\
           constructor(\n    private readonly http: HttpService,\n    @Inject('EVENTS') private readonly events: ClientProxy,\n  ) {{}}\n"
    );
    for method in 0..12 {
        let _ = writeln!(
            text,
            "\n  // Finds what belongs to item {method}; falls back to what is kept here.\n  @Get(':id/items-{method}')\n\
               async findItems{method}(@Param('id') id: string, @Body() filter: Partial<Order> = {{}}): Promise<Order[]> {{\n\
                 const {{ page = LIMITS.page, sort, ...others }} = filter as Record<string, number>;\n\
                 const known = this.cache.get(`${{id}}-{method}`);\n    if (known && known.total > {method} * 10 + 5) {{\n\
                   return [known];\n    }}\n    try {{\n\
                   const {{ data }} = await firstValueFrom(\n        this.http\n          .get<Order[]>(`${{BASE_URL}}/orders/${{id}}/items?page=${{page}}`, {{\n\
                         headers: {{ 'x-request': String(id), accept: 'application/json' }},\n            params: {{ sort, ...others }},\n          }})\n\
                       .pipe(timeout(LIMITS.delay)),\n      );\n\
                   await Promise.all(data.map((order) => this.events.emit('order.viewed', {{ id: order.id, at: Date.now() }})));\n\
                   return data.filter((order) => order.total >= {method}).map((order, index) => ({{ ...order, index }}));\n\
                 }} catch (error) {{\n      console.warn('items of order could not be read', error?.message ?? 'unknown');\n\
                   return [];\n    }}\n  }}"
        );
    }
    text.push_str("}\n");
    text
}

fn parse_all() {
    let mut arena = Allocator::default();
    for (name, text) in sources() {
        let ending = name.rsplit('.').next().unwrap_or_default();
        let parsed = Parser::new(&arena, text, SourceType::from_extension(ending).unwrap_or_default()).parse();
        black_box(parsed.program.body.len());
        drop(parsed);
        arena.reset();
    }
}

fn read_all(read: fn(&mut Reading<'_>)) {
    for (name, text) in sources() {
        let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new(name), text });
        read(&mut reading);
        black_box(reading.into_facts());
    }
}

fn extract_all() {
    for (name, text) in sources() {
        black_box(extract(SourceFile { id: FileId(0), path: EstatePath::new(name), text }));
    }
}

/// The bare parser, its tree dropped.
#[divan::bench(sample_count = 5)]
fn a_bare_parse(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(bytes())).bench(parse_all);
}

/// The summary of each file.
#[divan::bench(sample_count = 5)]
fn b_reading(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(bytes())).bench(|| read_all(javascript::read));
}

/// Connections and secrets in literals, the other reader of these files.
#[divan::bench(sample_count = 5)]
fn c_literals(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(bytes())).bench(|| read_all(source_literals::read));
}

/// All readers.
#[divan::bench(sample_count = 5)]
fn d_all_readers(bencher: Bencher<'_, '_>) {
    bencher.counter(BytesCount::new(bytes())).bench(extract_all);
}
