//! For tests: what a reader finds in a text, as compact lines.

use crate::extract::reading::Reading;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::call::Call;
use crate::facts::code::{Runtime, Unit};
use crate::facts::declaration::{Declaration, Stated};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

/// The facts and problems that `read` finds in `text`, in order, with line and column.
pub fn sketch(path: &str, text: &str, read: fn(&mut Reading<'_>)) -> Vec<String> {
    let mut reading = Reading::new(SourceFile { id: FileId(7), path: EstatePath::new(path), text });
    read(&mut reading);
    let facts = reading.into_facts();
    let pen = Pen { text, index: LineIndex::new(text) };
    let mut lines = Vec::new();
    for fact in &facts.facts {
        match fact {
            Fact::Unit(unit) => pen.unit(unit, &mut lines),
            Fact::EntryPoint(entry) => lines.push(format!(
                "entry in {} {} {:?} at {}",
                folder(entry.folder),
                runtime(entry.runtime),
                entry.entrance,
                pen.at(entry.span)
            )),
            Fact::Workspace(space) => lines.push(format!(
                "workspace {} [{}] without [{}] at {}",
                folder(space.folder),
                join(&space.members),
                join(&space.excluded),
                pen.at(space.span)
            )),
            Fact::Declaration(declaration) => pen.declaration(declaration, &mut lines),
            Fact::Ownership(line) => lines.push(format!(
                "{} {} -> [{}] at {}",
                folder(line.base),
                line.pattern.as_str(),
                join(&line.owners),
                pen.at(line.span)
            )),
            Fact::Call(call) => lines.push(pen.call(call)),
            Fact::Secret(secret) => {
                assert!(facts.redactions.contains(&secret.span));
                lines.push(format!("secret at {}", pen.at(secret.span)));
            }
            Fact::ModulePaths(paths) => lines.push(format!(
                "paths in {} base {} extends [{}]{} at {}",
                folder(paths.folder),
                paths.base.map_or_else(|| "-".to_owned(), folder),
                files(&paths.extends),
                named_files(&paths.aliases),
                pen.at(paths.span)
            )),
            Fact::PackageEntry(package) => lines.push(format!(
                "package {} in {}{} at {}",
                package.name,
                folder(package.folder),
                named_files(&package.entries),
                pen.at(package.span)
            )),
            other => lines.push(format!("{other:?}")),
        }
    }
    for problem in &facts.problems {
        assert!(!problem.message.is_empty() && !problem.help.is_empty());
        lines.push(format!("problem at {}: {}", pen.at(problem.span), problem.message));
    }
    for unclear in &facts.unclear {
        lines.push(format!("unclear at {}: {}", pen.at(unclear.span), unclear.what.as_str()));
    }
    lines
}

/// Reads every beginning of `text`; the reader must not panic and all spans must fit.
pub fn survives_truncation(path: &str, text: &str, read: fn(&mut Reading<'_>)) {
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        let cut = text.get(..end).unwrap_or_default();
        let mut reading = Reading::new(SourceFile { id: FileId(7), path: EstatePath::new(path), text: cut });
        read(&mut reading);
        for problem in &reading.facts.problems {
            assert!(problem.span.end as usize <= end, "{cut:?}");
        }
        for fact in &reading.facts.facts {
            if let Fact::Unit(unit) = fact {
                for dependency in &unit.dependencies {
                    assert!(!reading.text_of(dependency.span).is_empty(), "{cut:?}");
                }
            }
        }
    }
}

fn files(files: &[EstatePath]) -> String {
    files.iter().map(|file| file.as_str()).collect::<Vec<_>>().join(" ")
}

/// ` name=[file file]` for each.
fn named_files(all: &[(crate::source::symbol::Symbol, Vec<EstatePath>)]) -> String {
    all.iter().map(|(name, of)| format!(" {name}=[{}]", files(of))).collect()
}

struct Pen<'t> {
    text: &'t str,
    index: LineIndex,
}

impl Pen<'_> {
    fn at(&self, span: Span) -> String {
        let position = self.index.position(self.text, span.start, ColumnUnit::Characters);
        format!("{}:{}", position.line, position.column)
    }

    fn unit(&self, unit: &Unit, lines: &mut Vec<String>) {
        lines.push(format!(
            "unit {} in {} {}{}{} at {}",
            unit.name.map_or("?", |name| name.as_str()),
            folder(unit.folder),
            runtime(unit.runtime),
            if unit.library { " library" } else { "" },
            if unit.private { " private" } else { "" },
            self.at(unit.span)
        ));
        for (entrance, span) in &unit.entrances {
            lines.push(format!("  entrance {entrance:?} at {}", self.at(*span)));
        }
        for dependency in &unit.dependencies {
            let requirement = dependency.requirement.as_str();
            lines.push(format!(
                "  needs {}{}{requirement} {:?}{} at {}",
                dependency.name.as_str(),
                if requirement.is_empty() { "" } else { " " },
                dependency.scope,
                dependency.path.map_or_else(String::new, |path| format!(" from {}", folder(path))),
                self.at(dependency.span)
            ));
        }
    }

    fn stated(&self, words: &[Stated]) -> String {
        let words: Vec<_> = words.iter().map(|word| format!("{}@{}", word.text.as_str(), self.at(word.span))).collect();
        words.join(" ")
    }

    fn declaration(&self, declaration: &Declaration, lines: &mut Vec<String>) {
        lines.push(format!(
            "{} {} in {} at {}",
            if declaration.is_service { "service" } else { "entity" },
            self.stated(&[declaration.name]),
            declaration.folder.map_or("nowhere".to_owned(), folder),
            self.at(declaration.span)
        ));
        let justification: Vec<_> = declaration.justification.into_iter().collect();
        for (label, words) in [
            ("aliases", &declaration.aliases),
            ("owners", &declaration.owners),
            ("scopes", &declaration.scopes),
            ("justification", &justification),
            ("publishes", &declaration.publishes),
            ("consumes", &declaration.consumes),
            ("idempotent", &declaration.idempotent),
        ] {
            if !words.is_empty() {
                lines.push(format!("  {label} {}", self.stated(words)));
            }
        }
        if let Some((exposure, span)) = declaration.exposure {
            lines.push(format!("  exposure {exposure:?}@{}", self.at(span)));
        }
        for database in &declaration.databases {
            let engine: Vec<_> = database.engine.into_iter().collect();
            let server = database.server.as_ref().and_then(|server| server.as_literal());
            lines.push(format!(
                "  database {} engine {} server {}",
                self.stated(&[database.name]),
                self.stated(&engine),
                server.map_or("?", |server| server.as_str())
            ));
        }
    }

    fn call(&self, call: &Call) -> String {
        format!(
            "call {:?} -> {} {:?} timeout {} retries {} idempotent {} at {}",
            call.caller,
            call.target.as_literal().map_or("?", |target| target.as_str()),
            call.protocol,
            call.timeout_ms.iter().map(|layer| answer(&layer.answer)).collect::<Vec<_>>().join(","),
            call.retries.iter().map(|layer| answer(&layer.answer)).collect::<Vec<_>>().join(","),
            answer(&call.idempotent),
            self.at(call.span)
        )
    }
}

fn answer<T: std::fmt::Debug>(answer: &Answer<T>) -> String {
    match answer {
        Answer::Present(value, _) => format!("{value:?}"),
        Answer::Absent(_) => "absent".to_owned(),
        Answer::Unknown(_) => "unknown".to_owned(),
    }
}

fn folder(path: EstatePath) -> String {
    if path.as_str().is_empty() { ".".to_owned() } else { path.as_str().to_owned() }
}

fn join(words: &[crate::source::symbol::Symbol]) -> String {
    words.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(" ")
}

fn runtime(runtime: Runtime) -> &'static str {
    match runtime {
        Runtime::Node => "node",
        Runtime::Go => "go",
        Runtime::Java => "java",
        Runtime::Kotlin => "kotlin",
        Runtime::Python => "python",
        Runtime::Rust => "rust",
        Runtime::Dotnet => "dotnet",
        Runtime::Php => "php",
        Runtime::Ruby => "ruby",
        Runtime::Cpp => "cpp",
        Runtime::Elixir => "elixir",
        Runtime::Static => "static",
    }
}
