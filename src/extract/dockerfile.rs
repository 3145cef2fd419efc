//! Dockerfiles and Containerfiles: how an image is made, and who runs in it
//! (docs.docker.com/reference/dockerfile).

mod pairs;
mod scope;

use std::collections::HashSet;

use self::scope::{Known, Scopes};
use super::interpolation::Placed;
use super::reading::Reading;
use super::scripts::commands_of;
use super::secrets;
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::build::Ran;
use crate::facts::code::{Base, Recipe, Stage};
use crate::facts::data::SecretPlace;
use crate::facts::value::Value;
use crate::facts::workload::{EnvVar, User};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::dockerfile::{Dockerfile, Instruction, Start, Word, parse};

/// Longest range of ports that is written out.
const RANGE_LIMIT: u16 = 64;

/// Ends of names that only look like Dockerfiles: notes, ignore lists, and templates, which
/// another program makes a Dockerfile of.
const OTHER_ENDS: &[&str] = &[".dockerignore", ".md", ".j2", ".tmpl", ".tpl", ".erb", ".template", ".in"];

/// Ends of source code. `Dockerfile.go` is a recipe for what is written in that language, as
/// its capital tells; `dockerfile.go` is code.
const CODE_ENDS: &[&str] = &[".cs", ".go", ".java", ".js", ".kt", ".php", ".py", ".rb", ".rs", ".ts"];

/// True for `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`, `Containerfile`, in any case.
pub fn claims(path: EstatePath) -> bool {
    let name = path.name().to_ascii_lowercase();
    let is_code = path.name().starts_with(['d', 'c']) && CODE_ENDS.iter().any(|end| name.ends_with(end));
    if is_code || OTHER_ENDS.iter().any(|end| name.ends_with(end)) {
        return false;
    }
    ["dockerfile", "containerfile"].iter().any(|word| {
        let begins = name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
        begins || name.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'))
    })
}

/// Adds the recipe. A file without any stage is a problem.
pub fn read(reading: &mut Reading<'_>) {
    let file = parse(reading.file.id, reading.file.text);
    reading.syntax_problems(&file.problems, "correct the instruction; docs.docker.com/reference/dockerfile lists them");
    let folder = reading.file.path.parent();
    let mut cook = Cook { scopes: Scopes::default(), stages: Vec::new(), state: State::default() };
    cook.read(reading, &file);
    cook.finish_stage(reading);
    if cook.stages.is_empty() {
        if file.problems.is_empty() {
            let start = reading.file_start();
            reading.problem(start, "the file has no `FROM`", "begin with `FROM` and the base image");
        }
        return;
    }
    reading.add(Fact::Recipe(Box::new(Recipe { folder, stages: cook.stages })));
}

/// The commands of a `RUN`.
fn ran(reading: &Reading<'_>, start: &Start, documents: &[Word]) -> Vec<Ran> {
    let mut found = match start {
        Start::Shell(word) => commands_of(reading, word.span, false),
        Start::Exec(words) => {
            let span = words.first().zip(words.last()).map(|(first, last)| first.span.cover(last.span));
            let words: Vec<Symbol> = words.iter().map(|word| Symbol::new(&word.text)).collect();
            span.map(|span| Ran { words, variables: Vec::new(), span }).into_iter().collect()
        }
    };
    found.extend(documents.iter().flat_map(|document| commands_of(reading, document.span, true)));
    found
}

/// What is known of the stage being read beyond its fact.
#[derive(Default)]
struct State {
    entrypoint: Option<Start>,
    cmd: Option<Start>,
    /// An instruction that may have been a `USER` could not be read.
    user_lost: bool,
}

struct Cook {
    scopes: Scopes,
    stages: Vec<Stage>,
    state: State,
}

impl Cook {
    fn read(&mut self, reading: &mut Reading<'_>, file: &Dockerfile) {
        for placed in &file.instructions {
            match &placed.instruction {
                Instruction::From(image, name) => {
                    self.finish_stage(reading);
                    self.begin_stage(reading, image, name.as_ref(), placed.span);
                }
                Instruction::Arg(word) => self.set(reading, word, file.escape, true),
                Instruction::Env(word) => self.set(reading, word, file.escape, false),
                Instruction::User(word) => self.user(reading, word),
                Instruction::Expose(words) => words.iter().for_each(|word| self.expose(reading, word)),
                Instruction::Cmd(start) => self.state.cmd = Some(start.clone()),
                Instruction::Entrypoint(start) => self.state.entrypoint = Some(start.clone()),
                Instruction::Copy { from, sources, target } => self.copy(from.as_ref(), sources, target),
                Instruction::Run(start, documents) => {
                    let ran = ran(reading, start, documents);
                    if let Some(stage) = self.stages.last_mut() {
                        stage.builds = true;
                        stage.runs.extend(ran);
                    }
                }
                Instruction::Other => {}
                Instruction::Broken(word) => {
                    let harmless = ["ENV", "ARG", "COPY", "ADD", "RUN", "EXPOSE", "HEALTHCHECK", "LABEL", "CMD"];
                    self.state.user_lost |= !harmless.contains(&word.as_str());
                }
            }
        }
    }

    fn begin_stage(&mut self, reading: &Reading<'_>, image: &Word, name: Option<&Word>, span: Span) {
        self.state = State::default();
        let placed = Placed::new(reading, &image.text, image.span);
        let base = match self.scopes.resolved_in_from(placed) {
            Err(reason) => Base::Unknown(reason),
            Ok(text) => match self.stage_of(text.trim_matches('"')) {
                Some(stage) => Base::Stage(stage),
                None => Base::Image(Symbol::new(text.trim_matches('"'))),
            },
        };
        self.scopes.enter(match base {
            Base::Stage(stage) => Some(stage),
            Base::Image(_) | Base::Unknown(_) => None,
        });
        self.stages.push(Stage {
            name: name.map(|name| Symbol::new(&name.text)),
            base,
            user: Answer::absent(span),
            env: Vec::new(),
            ports: Vec::new(),
            command: None,
            copies: Vec::new(),
            takes_built: false,
            builds: false,
            runs: Vec::new(),
            span,
        });
    }

    /// The earlier stage of that name, the last one where there are several, or number.
    fn stage_of(&self, name: &str) -> Option<usize> {
        let named = |stage: &Stage| stage.name.is_some_and(|known| known.eq_ignore_ascii_case(name));
        let number = || name.parse().ok().filter(|&number: &usize| number < self.stages.len());
        self.stages.iter().rposition(named).or_else(number)
    }

    fn finish_stage(&mut self, reading: &mut Reading<'_>) {
        let state = std::mem::take(&mut self.state);
        let Some(stage) = self.stages.last_mut() else { return };
        if state.user_lost {
            stage.user = Answer::unknown("an instruction of this stage could not be read");
        }
        // What a shell starts takes no arguments from `CMD`.
        let shell = matches!(state.entrypoint, Some(Start::Shell(_)));
        let starts = [state.entrypoint, state.cmd.filter(|_| !shell)];
        let words: Vec<&Word> = starts
            .iter()
            .flatten()
            .flat_map(|start| match start {
                Start::Exec(words) => words.as_slice(),
                Start::Shell(word) => std::slice::from_ref(word),
            })
            .collect();
        let Some((first, last)) = words.first().zip(words.last()) else { return };
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let span = first.span.cover(last.span);
        let span = if span.end > first.span.start && first.span.start <= last.span.start { span } else { first.span };
        stage.command = Some(secrets::configured(reading, "command", &text, span, SecretPlace::Recipe));
    }

    /// `ARG` and `ENV`: what is set, for later instructions and as facts.
    fn set(&mut self, reading: &mut Reading<'_>, word: &Word, escape: char, argument: bool) {
        let raw = reading.text_of(word.span);
        for pair in pairs::pairs(raw, escape, argument) {
            let at = |range: &std::ops::Range<usize>| {
                Span::new(word.span.file, word.span.start + range.start as u32, word.span.start + range.end as u32)
            };
            let name_span = at(&pair.name);
            let name = Symbol::new(raw.get(pair.name.clone()).unwrap_or(""));
            let Some(given) = &pair.value else {
                self.scopes.declare(name);
                continue;
            };
            let placed = Placed::new(reading, &given.text, at(&given.range));
            let known = if given.verbatim { Known::Text(given.text.clone()) } else { self.scopes.known(placed) };
            let value = if given.verbatim {
                secrets::configured(reading, &name, &given.text, placed.span, SecretPlace::Recipe)
            } else {
                self.scopes.value(reading, &name, placed)
            };
            let known = if holds_secret(&value) { Known::Secret } else { known };
            self.scopes.set(name, known, argument);
            if let Some(stage) = self.stages.last_mut().filter(|_| !argument) {
                stage.env.push(EnvVar { name, value, span: name_span });
            }
        }
    }

    fn user(&mut self, reading: &Reading<'_>, word: &Word) {
        let placed = Placed::new(reading, &word.text, word.span);
        let answer = match self.scopes.resolved(placed) {
            Err(reason) => Answer::Unknown(reason),
            Ok(text) => {
                let text = text.trim().trim_matches(['"', '\'']);
                let user = text.split_once(':').map_or(text, |(user, _)| user);
                let user = user.parse().map_or_else(|_| User::Name(Symbol::new(user)), User::Id);
                Answer::present(user, word.span)
            }
        };
        self.state.user_lost = false;
        if let Some(stage) = self.stages.last_mut() {
            stage.user = answer;
        }
    }

    fn expose(&mut self, reading: &Reading<'_>, word: &Word) {
        let placed = Placed::new(reading, &word.text, word.span);
        let Ok(text) = self.scopes.resolved(placed) else { return };
        let ports = text.split_once('/').map_or(text.as_str(), |(ports, _)| ports);
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else { return };
        let last = last.min(first.saturating_add(RANGE_LIMIT - 1));
        if let Some(stage) = self.stages.last_mut() {
            stage.ports.extend((first..=last).map(|port| (port, word.span)));
        }
    }

    fn copy(&mut self, from: Option<&Word>, sources: &[Word], target: &Word) {
        let origin = from.and_then(|from| self.stage_of(&from.text));
        let built_elsewhere = origin.and_then(|origin| self.stages.get(origin)).is_some_and(|stage| stage.builds);
        let Some(stage) = self.stages.last_mut() else { return };
        if from.is_some() {
            stage.builds |= built_elsewhere;
            stage.takes_built |= built_elsewhere;
            return;
        }
        for source in sources {
            if source.text.contains("://") || source.text.starts_with("git@") {
                continue;
            }
            stage.copies.push((Symbol::new(&source.text), source.span));
            stage.builds |= is_source(&source.text, &target.text);
        }
    }
}

/// False for what configures a program that others made: `nginx.conf` to `/etc/nginx/`, SQL
/// for a database's first start.
fn is_source(source: &str, target: &str) -> bool {
    const CONFIGURATION: &[&str] = &[
        "conf",
        "cnf",
        "cfg",
        "ini",
        "yaml",
        "yml",
        "toml",
        "json",
        "xml",
        "properties",
        "env",
        "sql",
        "pem",
        "crt",
        "key",
        "template",
        "vcl",
        "rules",
    ];
    if target.starts_with("/etc/") || target.contains("docker-entrypoint-initdb.d") {
        return false;
    }
    !source.rsplit_once('.').is_some_and(|(_, end)| CONFIGURATION.contains(&end.to_ascii_lowercase().as_str()))
}

/// True if a secret is part of the value.
fn holds_secret(value: &Value) -> bool {
    use crate::facts::value::Form;
    match &value.form {
        Form::Secret(_) => true,
        Form::Concat(parts) | Form::FirstOf(parts) => parts.iter().any(holds_secret),
        Form::Literal(_)
        | Form::Env(_)
        | Form::DeployVariable(_)
        | Form::ChartValue(_)
        | Form::Setting(_)
        | Form::ObjectKey(_)
        | Form::Unknown(_) => false,
    }
}

/// Names of variables that the builder sets by itself.
fn builder_arguments() -> HashSet<&'static str> {
    [
        "TARGETPLATFORM",
        "TARGETOS",
        "TARGETARCH",
        "TARGETVARIANT",
        "BUILDPLATFORM",
        "BUILDOS",
        "BUILDARCH",
        "BUILDVARIANT",
    ]
    .into()
}

#[cfg(test)]
mod tests;
