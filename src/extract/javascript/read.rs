//! A source file on its way to facts: which are read at all, the parser's call, and what it
//! could not read.

use std::cell::Cell;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::SourceType;

use super::lowering::{Lowering, blank_module, offset};
use super::migrations;
use super::nesting::on_large_stack;
use crate::extract::reading::Reading;
use crate::extract::stages::{is_generated, stage_of_path};
use crate::facts::Fact;
use crate::facts::program::{Module, Stage};
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::tables::migrations::migrations;

const ENDINGS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];

/// Larger files are generated, or data.
const FILE_LIMIT: usize = 1 << 20;

/// Longer lines are minified, if they make up most of the file.
const LINE_LIMIT: usize = 5_000;

/// Problems of one file that are told; the others follow from them.
const PROBLEM_LIMIT: usize = 3;

/// How often a file that cannot be parsed is cut before the mistake and tried again.
const CUT_LIMIT: usize = 3;

/// An arena that grew beyond this is not kept for the next file.
const ARENA_LIMIT: usize = 64 << 20;

/// What was read from one text.
pub struct Summary {
    /// What the code does, as far as it was read.
    pub module: Module,
    /// Mistakes: first byte, byte behind the last one, message.
    pub mistakes: Vec<(u32, u32, String)>,
    /// True for files with Flow's types, which this reader does not know.
    pub is_flow: bool,
}

/// JavaScript and TypeScript; no declarations without code, nothing minified.
pub fn claims(path: EstatePath) -> bool {
    let Some((stem, ending)) = path.name().rsplit_once('.') else { return false };
    ENDINGS.contains(&ending) && !stem.ends_with(".d") && !stem.contains(".d.") && !stem.ends_with(".min")
}

/// Adds the summary of the file's code.
pub fn read(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let file = reading.file.id;
    let start = reading.file_start();
    let stage = match stage_of_path(reading.file.path) {
        Stage::Service if is_generated(text) => Stage::Generated,
        stage => stage,
    };
    let is_step = migrations().holds(reading.file.path);
    if stage == Stage::Script && is_step && text.len() <= FILE_LIMIT && !is_minified(text) {
        // Steps run in no service, but say which tables there are.
        if let Some(summary) = summary(file, text, reading.file.path.name()) {
            migrations::add_tables(reading, &summary.module);
        }
    }
    if stage == Stage::Generated && is_worth_reading(text) {
        // What it says is used, though nobody is told of its mistakes.
        if let Some(mut summary) = summary(file, text, reading.file.path.name()) {
            summary.module.stage = stage;
            reading.add(Fact::Module(Box::new(summary.module)));
            return;
        }
    }
    if stage != Stage::Service {
        reading.add(Fact::Module(Box::new(blank_module(file, stage))));
        return;
    }
    let unread = if text.len() > FILE_LIMIT {
        Some("the file is larger than 1 MiB")
    } else if is_minified(text) {
        Some("its lines are too long for code that people write")
    } else {
        None
    };
    if let Some(why) = unread {
        unread_file(reading, why);
        return;
    }
    let Some(summary) = summary(file, text, reading.file.path.name()) else {
        unread_file(reading, "it may be nested too deep");
        return;
    };
    if !summary.mistakes.is_empty() {
        let template = is_template(reading.file.path, text);
        if summary.is_flow || template {
            let why = if template { "it is a template of a source file" } else { "it is written with Flow's types" };
            reading.unclear(start, "source file", why);
        } else {
            for (from, to, message) in summary.mistakes.iter().take(PROBLEM_LIMIT) {
                let span = reading.span(*from as usize, *to as usize);
                reading.problem(span, message, "compilers refuse this file too; repair it");
            }
        }
    }
    if is_step {
        migrations::add_tables(reading, &summary.module);
    }
    reading.add(Fact::Module(Box::new(summary.module)));
}

/// True for generated code that others take clients, names and decorators from; not for what
/// only puts messages together (`goog.exportSymbol` of protoc's own generator).
fn is_worth_reading(text: &str) -> bool {
    text.len() <= FILE_LIMIT
        && !is_minified(text)
        && memchr::memmem::find(text.as_bytes(), b"goog.exportSymbol").is_none()
}

/// A file that is counted, and not read.
fn unread_file(reading: &mut Reading<'_>, why: &str) {
    let start = reading.file_start();
    reading.unclear(start, "source file", why);
    let module = blank_module(reading.file.id, Stage::Generated);
    reading.add(Fact::Module(Box::new(module)));
}

thread_local! {
    /// Where trees are made; taken while one is alive, so that a panic leaves an empty one.
    static ARENA: Cell<Option<Allocator>> = const { Cell::new(None) };
}

/// Reads a text; `None` for one that may be nested too deep. `name` tells the language.
pub fn summary(file: FileId, text: &str, name: &str) -> Option<Summary> {
    let mut arena = ARENA.take().unwrap_or_default();
    let summary = on_large_stack(text, || summary_in(&mut arena, file, text, source_type(name)));
    if arena.capacity() <= ARENA_LIMIT {
        arena.reset();
        ARENA.set(Some(arena));
    }
    summary
}

fn summary_in(arena: &mut Allocator, file: FileId, text: &str, source_type: SourceType) -> Summary {
    let arena = &*arena;
    let parsed = parse(arena, text, source_type);
    let mistakes = mistakes(&parsed, text);
    let is_flow = parsed.is_flow_language;
    let mut program = parsed.program;
    if parsed.panicked {
        // The parser gives nothing then. What stands before the mistake may still be sound.
        let mut end = mistakes.first().map_or(0, |(start, _, _)| *start as usize);
        for _ in 0..CUT_LIMIT {
            let Some(cut) = before_statement(text, end) else { break };
            let again = parse(arena, cut, source_type);
            if !again.panicked {
                program = again.program;
                break;
            }
            end = cut.len() - 1;
        }
    }
    Summary { module: lowered(&program, file, text), mistakes, is_flow }
}

fn parse<'a>(arena: &'a Allocator, text: &'a str, source_type: SourceType) -> ParserReturn<'a> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    };
    Parser::new(arena, text, source_type).with_options(options).parse()
}

fn lowered(program: &Program<'_>, file: FileId, text: &str) -> Module {
    let mut lowering = Lowering::new(file, Stage::Service, text);
    lowering.program(program);
    let seen = lowering.seen;
    let asks = program.directives.iter().any(|directive| directive.directive.as_str() == "use client");
    let mut module = lowering.module;
    if asks || seen.jsx || (seen.page && !seen.asks_for_page) {
        module.stage = Stage::Browser;
    }
    module.nodes.shrink_to_fit();
    module
}

/// Whether `import` makes a file a module is told by its text, as Node and bundlers do. JavaScript
/// may hold tags whatever its ending, as pages of React mostly do; it has no other use for `<`
/// where a value begins.
fn source_type(name: &str) -> SourceType {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let known = SourceType::from_extension(ending).unwrap_or_else(|_| SourceType::mjs());
    let known = if known.is_typescript() { known } else { known.with_jsx(true) };
    if matches!(ending, "js" | "jsx") { known.with_unambiguous(true) } else { known }
}

fn mistakes(parsed: &ParserReturn<'_>, text: &str) -> Vec<(u32, u32, String)> {
    let length = offset(text.len());
    let mut all: Vec<(u32, u32, String)> = parsed
        .diagnostics
        .errors()
        .map(|error| {
            let (start, end) = error.labels.first().map_or((0, 0), |label| {
                let start = label.offset();
                (start.min(length), start.saturating_add(label.len()).min(length))
            });
            (start, end, error.message.trim_end_matches('.').to_owned())
        })
        .collect();
    all.sort_by_key(|(start, _, _)| *start);
    all
}

/// The text up to the last line before `end` that begins at the margin with a word: most
/// likely the start of a statement.
fn before_statement(text: &str, end: usize) -> Option<&str> {
    let mut end = end;
    loop {
        let line = text.get(..end)?.rfind('\n')? + 1;
        let first = text.as_bytes().get(line)?;
        if first.is_ascii_alphabetic() || *first == b'@' {
            return text.get(..line);
        }
        end = line - 1;
    }
}

/// True if most of the text is in lines that nobody writes.
fn is_minified(text: &str) -> bool {
    if text.len() <= LINE_LIMIT {
        return false;
    }
    let mut long = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        if end - start > LINE_LIMIT {
            long += end - start;
        }
        start = end;
    }
    long * 2 > text.len()
}

/// True for what a generator fills in before it is code.
fn is_template(path: EstatePath, text: &str) -> bool {
    let marked = text.contains("<%") || text.contains("{{");
    let words = ["template", "schematic", "blueprint", "generator", "scaffold", "boilerplate", "plop"];
    let lower = path.as_str().to_ascii_lowercase();
    marked && (words.iter().any(|word| lower.contains(word)) || lower.contains("__") || text.contains("<%"))
}
