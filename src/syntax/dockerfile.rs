//! Dockerfiles as instructions with places, on `parse-dockerfile`, which ends at the first
//! error; reading goes on here behind the instruction that it stumbled over.

use parse_dockerfile::{Command, Instruction as Parsed, Source};

use super::tree::SyntaxProblem;
use crate::source::file::FileId;
use crate::source::span::Span;

/// Most instructions that may be wrong before the rest of the file is given up.
const PROBLEM_LIMIT: usize = 16;

/// An argument and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without line continuations.
    pub text: String,
    /// As the file holds it.
    pub span: Span,
}

/// What `CMD` and `ENTRYPOINT` start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// `["node", "server.js"]`
    Exec(Vec<Word>),
    /// `node server.js`, handed to a shell.
    Shell(Word),
}

/// What an instruction says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `FROM node:20 AS build`: image and stage name.
    From(Word, Option<Word>),
    /// All behind `ARG`.
    Arg(Word),
    /// All behind `ENV`.
    Env(Word),
    /// `EXPOSE 80 443`
    Expose(Vec<Word>),
    /// All behind `USER`.
    User(Word),
    /// `CMD`
    Cmd(Start),
    /// `ENTRYPOINT`
    Entrypoint(Start),
    /// `COPY` and `ADD`.
    Copy {
        /// `--from`
        from: Option<Word>,
        /// Paths; a here-document is none.
        sources: Vec<Word>,
        /// The last path.
        target: Word,
    },
    /// `RUN`: what it starts, and the bodies of here-documents, which are scripts.
    Run(Start, Vec<Word>),
    /// Any other one that is well-formed.
    Other,
    /// One that could not be read: its first word in upper case.
    Broken(String),
}

/// An instruction and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What it says.
    pub instruction: Instruction,
    /// From its keyword to the end of its last argument; to the image for `FROM`.
    pub span: Span,
}

/// The instructions of a file, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Dockerfile {
    /// In order of the file.
    pub instructions: Vec<Placed>,
    /// In order of the file.
    pub problems: Vec<SyntaxProblem>,
    /// The sign that continues a line: `\`, or a backtick where a directive says so.
    pub escape: char,
}

/// Reads all instructions of `text`.
pub fn parse(file: FileId, text: &str) -> Dockerfile {
    // The parser takes a lone carriage return for a line's end in one place and not in the
    // other; as a blank it has the same length.
    let bytes = text.as_bytes();
    let lone = |at: usize| bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n');
    let text: String = text.char_indices().map(|(at, sign)| if lone(at) { ' ' } else { sign }).collect();
    let escape = escape_of(&text);
    let mut reader = Reader { file, text: &text, found: Dockerfile { escape, ..Dockerfile::default() } };
    reader.read();
    reader.found
}

/// The sign that the directives at the top name (docs.docker.com/reference/dockerfile, escape).
fn escape_of(text: &str) -> char {
    let comments = text.trim_start_matches('\u{feff}').lines().map_while(|line| line.trim().strip_prefix('#'));
    let mut directives = comments.map_while(|line| line.split_once('='));
    let named = directives.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    if named.is_some_and(|(_, value)| value.trim() == "`") { '`' } else { '\\' }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    found: Dockerfile,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mark = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut resume = match parse_dockerfile::parse_iter(self.text) {
            Err(error) => {
                // Only a parser directive can be wrong this early.
                self.problem(self.text.len().min(mark), self.text.len().min(mark), &format!("{error:#}"));
                mark
            }
            Ok(instructions) => match self.take(instructions, mark, 0, mark) {
                Some(resume) => resume,
                None => return,
            },
        };
        while resume < self.text.len() && self.found.problems.len() < PROBLEM_LIMIT {
            // A stage must come first, so one is put in front and left out again.
            let header = if self.found.escape == '`' { "# escape=`\nFROM x\n" } else { "FROM x\n" };
            let rest = format!("{header}{}", self.text.get(resume..).unwrap_or(""));
            let Ok(mut instructions) = parse_dockerfile::parse_iter(&rest) else { return };
            instructions.next();
            match self.take(instructions, resume, header.len(), resume) {
                // Each round leaves something behind, or the search would not end.
                Some(next) if next > resume => resume = next,
                Some(_) | None => return,
            }
        }
    }

    /// Takes instructions up to the first error; where to go on behind it, `None` at the end.
    /// Offsets of the parser count from `base` of the file, less `header`.
    fn take<'p>(
        &mut self,
        instructions: impl Iterator<Item = Result<Parsed<'p>, parse_dockerfile::Error>>,
        base: usize,
        header: usize,
        start: usize,
    ) -> Option<usize> {
        let mut end = start;
        for instruction in instructions {
            match instruction {
                Ok(instruction) => end = self.push(&instruction, base, header).max(end),
                Err(error) => return self.fail(&error, end),
            }
        }
        None
    }

    /// Notes the error behind `end`; where the next instruction may begin.
    fn fail(&mut self, error: &parse_dockerfile::Error, end: usize) -> Option<usize> {
        let message = format!("{error:#}");
        if error.line() == 0 {
            // No stage at all: that is for the reader of the instructions to say.
            return None;
        }
        let start = self.next_instruction(end);
        let line_end = self.logical_line_end(start);
        let shown = self.text.get(start..line_end).unwrap_or("").lines().next().map_or(0, |line| line.trim_end().len());
        self.problem(start, start + shown, &message);
        let word: String =
            self.text.get(start..).unwrap_or("").chars().take_while(|sign| sign.is_ascii_alphabetic()).collect();
        let span = Span::new(self.file, start as u32, (start + shown) as u32);
        let broken = Instruction::Broken(word.to_ascii_uppercase());
        self.found.instructions.push(Placed { instruction: broken, span });
        // What follows belongs to the here-document that is never closed.
        (!message.contains("here-document")).then_some(line_end)
    }

    /// Where the first instruction begins that starts on a line behind `end`, or at `end`
    /// where a line starts there.
    fn next_instruction(&self, end: usize) -> usize {
        let before = self.text.get(..end).unwrap_or("");
        let mut at =
            if before.is_empty() || before.ends_with(['\n', '\u{feff}']) { end } else { self.logical_line_end(end) };
        while let Some(line) = self.text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
            let trimmed = line.trim_start();
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                return at + line.len() - trimmed.len();
            }
            at += line.len();
        }
        at
    }

    /// The end of the line at `from` and of those that continue it, with the line break.
    fn logical_line_end(&self, from: usize) -> usize {
        let mut at = from;
        let mut continued = true;
        while let Some(line) = self.text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
            if !continued {
                break;
            }
            at += line.len();
            let trimmed = line.trim();
            // Comments and empty lines amid a continued instruction do not end it.
            let between = at > from + line.len() && (trimmed.is_empty() || trimmed.starts_with('#'));
            continued = between || trimmed.ends_with(self.found.escape);
        }
        at
    }

    fn problem(&mut self, start: usize, end: usize, message: &str) {
        let span = Span::new(self.file, start as u32, end as u32);
        self.found.problems.push(SyntaxProblem { span, message: message.to_owned() });
    }

    /// Adds an instruction; where it ends.
    fn push(&mut self, parsed: &Parsed<'_>, base: usize, header: usize) -> usize {
        let file = self.file;
        let place = |range: &std::ops::Range<usize>| {
            let at = |offset: usize| u32::try_from(base + offset.saturating_sub(header)).unwrap_or(u32::MAX);
            Span::new(file, at(range.start), at(range.end))
        };
        let word = |text: &parse_dockerfile::UnescapedString<'_>| Word {
            text: text.value.to_string(),
            span: place(&text.span),
        };
        let start_of = |command: &Command<'_>| match command {
            Command::Exec(words) => (Start::Exec(words.value.iter().map(word).collect()), place(&words.span)),
            Command::Shell(text) => {
                let span = place(&text.span);
                (Start::Shell(Word { text: text.value.to_owned(), span }), span)
            }
            _ => (Start::Exec(Vec::new()), place(&(0..0))),
        };
        let copied = |options: &[parse_dockerfile::Flag<'_>],
                      sources: &[Source<'_>],
                      target: &parse_dockerfile::UnescapedString<'_>| {
            let from = options.iter().find(|flag| flag.name.value == "from").and_then(|flag| flag.value.as_ref());
            let paths = sources.iter().filter_map(|source| match source {
                Source::Path(path) => Some(word(path)),
                _ => None,
            });
            Instruction::Copy { from: from.map(word), sources: paths.collect(), target: word(target) }
        };
        let documents_end = |sources: &[Source<'_>]| {
            let ends = sources.iter().map(|source| match source {
                Source::HereDoc(document) => place(&document.span).end + 1,
                _ => 0,
            });
            ends.max().unwrap_or(0)
        };
        // `hidden`: the end of what lies behind the instruction's span; for a here-document
        // a place on the line that closes it.
        let (instruction, keyword, end, hidden) = match parsed {
            Parsed::From(from) => {
                let name = from.as_.as_ref().map(|(_, name)| word(name));
                let hidden = name.as_ref().map_or(0, |name| name.span.end);
                let image = word(&from.image);
                let end = image.span;
                (Instruction::From(image, name), &from.from, end, hidden)
            }
            Parsed::Arg(arg) => (Instruction::Arg(word(&arg.arguments)), &arg.arg, place(&arg.arguments.span), 0),
            Parsed::Env(env) => (Instruction::Env(word(&env.arguments)), &env.env, place(&env.arguments.span), 0),
            Parsed::User(user) => {
                (Instruction::User(word(&user.arguments)), &user.user, place(&user.arguments.span), 0)
            }
            Parsed::Expose(expose) => {
                let words: Vec<Word> = expose.arguments.iter().map(word).collect();
                let end = words.last().map_or(place(&expose.expose.span), |word| word.span);
                (Instruction::Expose(words), &expose.expose, end, 0)
            }
            Parsed::Cmd(cmd) => {
                let (start, end) = start_of(&cmd.arguments);
                (Instruction::Cmd(start), &cmd.cmd, end, 0)
            }
            Parsed::Entrypoint(entrypoint) => {
                let (start, end) = start_of(&entrypoint.arguments);
                (Instruction::Entrypoint(start), &entrypoint.entrypoint, end, 0)
            }
            Parsed::Copy(copy) => {
                let instruction = copied(&copy.options, &copy.src, &copy.dest);
                (instruction, &copy.copy, place(&copy.dest.span), documents_end(&copy.src))
            }
            Parsed::Add(add) => {
                let instruction = copied(&add.options, &add.src, &add.dest);
                (instruction, &add.add, place(&add.dest.span), documents_end(&add.src))
            }
            Parsed::Run(run) => {
                let (start, end) = start_of(&run.arguments);
                let bodies = run
                    .here_docs
                    .iter()
                    .map(|document| Word { text: document.value.to_string(), span: place(&document.span) });
                let instruction = Instruction::Run(start, bodies.collect());
                let hidden = run.here_docs.last().map_or(0, |document| place(&document.span).end + 1);
                (instruction, &run.run, end, hidden)
            }
            Parsed::Healthcheck(other) => (Instruction::Other, &other.healthcheck, place(&other.healthcheck.span), 0),
            Parsed::Label(other) => (Instruction::Other, &other.label, place(&other.arguments.span), 0),
            Parsed::Maintainer(other) => (Instruction::Other, &other.maintainer, place(&other.name.span), 0),
            Parsed::Onbuild(other) => (Instruction::Other, &other.onbuild, place(&other.onbuild.span), 0),
            Parsed::Shell(other) => (Instruction::Other, &other.shell, place(&other.shell.span), 0),
            Parsed::Stopsignal(other) => (Instruction::Other, &other.stopsignal, place(&other.arguments.span), 0),
            Parsed::Volume(other) => (Instruction::Other, &other.volume, place(&other.volume.span), 0),
            Parsed::Workdir(other) => (Instruction::Other, &other.workdir, place(&other.arguments.span), 0),
            _ => return 0,
        };
        let keyword = place(&keyword.span);
        let span = Span::new(file, keyword.start, end.end.max(keyword.end));
        self.found.instructions.push(Placed { instruction, span });
        hidden.max(span.end) as usize
    }
}

#[cfg(test)]
mod tests;
