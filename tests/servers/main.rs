//! What services answer to, read from small sources of each framework.

mod nest;
mod objects;
mod routers;

use archlint::extract::extract;
use archlint::facts::Facts;
use archlint::facts::answer::Answer;
use archlint::graph::inputs::Inputs;
use archlint::graph::program::modules::Modules;
use archlint::graph::program::servers::operation::{Operation, Served};
use archlint::graph::program::servers::operations;
use archlint::graph::program::value::{Foreign, ModuleId, Step, Use};
use archlint::graph::program::walk::Walk;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::line_index::{ColumnUnit, LineIndex};
use archlint::source::path::EstatePath;
use archlint::source::span::Span;

/// What the sources of one service answer to: files as `path` and text.
struct Read {
    lines: Vec<String>,
    unclear: Vec<String>,
    listening: Vec<String>,
}

/// Uses of libraries that handlers make, as the walk saw them: the way from the export.
fn uses(files: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    walked(files, &mut |walk, served| {
        for operation in &served.operations {
            let root = operation.id.and_then(|id| walk.events().operations.get(id.0 as usize)).expect("a root");
            for (event, _) in walk.events().reached(root.frame) {
                let event = walk.events().event(event).expect("an event");
                found.push(way(&event.trace).join(" "));
            }
        }
    });
    found
}

fn way(foreign: &Foreign) -> Vec<String> {
    let mut all = foreign.before.as_deref().map(way).unwrap_or_default();
    let list = |used: &Use| used.arguments.iter().map(short).collect::<Vec<_>>().join(" ");
    match &foreign.step {
        Step::Import { package, name } => all.push(format!("{package}#{name}")),
        Step::Member(name) => all.push(format!(".{name}")),
        Step::Call(used) => all.push(format!("({})", list(used))),
        Step::New(used) => match all.last_mut() {
            Some(last) => last.push_str(&format!(" new({})", list(used))),
            None => all.push("new".to_owned()),
        },
        Step::Injected(_) => all.push("injected".to_owned()),
        other => all.push(format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()),
    }
    all
}

/// Reads sources as one service.
fn read(files: &[(&str, &str)]) -> Read {
    let mut files = files.to_vec();
    files.sort_unstable();
    let place = |span: Span| {
        let (path, text) = files.get(span.file.0 as usize).expect("a file");
        let line = LineIndex::new(text).position(text, span.start, ColumnUnit::Characters).line;
        let name = path.rsplit('/').next().unwrap_or(path);
        format!("{name}:{line}")
    };
    let mut found = None;
    walked(&files, &mut |_, served| found = Some(lines_of(served, &place)));
    found.expect("something was read")
}

/// Walks sources as one service.
fn walked(files: &[(&str, &str)], tell: &mut dyn FnMut(&Walk<'_>, &Served)) {
    let mut files = files.to_vec();
    files.sort_unstable();
    let paths: Vec<EstatePath> = files.iter().map(|(path, _)| EstatePath::new(path)).collect();
    let facts: Vec<Facts> = files
        .iter()
        .enumerate()
        .map(|(number, (path, text))| {
            extract(SourceFile { id: FileId(number as u32), path: EstatePath::new(path), text })
        })
        .collect();
    let inputs = Inputs::new(&facts, &paths);
    let modules = Modules::new(&inputs);
    let all: Vec<ModuleId> = modules.ids().collect();
    let mut walk = Walk::new(&modules, None);
    walk.bodies(&all);
    let served = operations(&mut walk, &all);
    tell(&walk, &served);
}

fn lines_of(served: &Served, place: &dyn Fn(Span) -> String) -> Read {
    let line = |operation: &Operation| {
        let mut line = format!("{} @{}", operation.name(), place(operation.span));
        if let Answer::Present(basis, evidence) = &operation.idempotency {
            let at = evidence.0.first().map(|span| place(*span)).unwrap_or_default();
            line.push_str(&format!(" key {basis:?} @{at}").to_lowercase());
        }
        if matches!(operation.idempotency, Answer::Unknown(_)) {
            line.push_str(" key?");
        }
        if operation.id.is_none() {
            line.push_str(" no-handler");
        }
        if !operation.whole {
            line.push_str(" part");
        }
        line
    };
    Read {
        lines: served.operations.iter().map(line).collect(),
        unclear: served.unclear.iter().map(|(span, why)| format!("{} {why}", place(*span))).collect(),
        listening: served
            .listening
            .iter()
            .map(|one| {
                let transport = one.transport.map_or("?", |name| name.as_str());
                format!("{transport} {} @{}", short(&one.options), place(one.span))
            })
            .collect(),
    }
}

/// A value in few words.
fn short(known: &archlint::graph::program::value::Known) -> String {
    use archlint::graph::program::value::Value;
    match &known.value {
        Value::Text(text) => text.as_str().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Env(name) => format!("${name}"),
        Value::FirstOf(several) | Value::OneOf(several) | Value::Array(several) => {
            several.iter().map(short).collect::<Vec<_>>().join("|")
        }
        Value::Object(object) => {
            let parts: Vec<String> =
                object.entries.iter().map(|(name, value)| format!("{name}={}", short(value))).collect();
            format!("{{{}}}", parts.join(" "))
        }
        Value::Nothing => "-".to_owned(),
        other => format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect(),
    }
}

/// Reads sources and compares the operations, and what is unclear.
#[track_caller]
fn check(files: &[(&str, &str)], operations: &[&str], unclear: &[&str]) {
    let read = read(files);
    assert_eq!(read.lines, operations);
    assert_eq!(read.unclear, unclear);
}
