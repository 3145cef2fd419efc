//! Commands in scripts that stand in other files: the `RUN` of a Dockerfile, a step of a pipeline.

use super::reading::Reading;
use crate::facts::build::Ran;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::shell;

/// Longest word of a command that is kept; what is longer is data.
const WORD_LIMIT: usize = 200;
/// Longest script that is read, in bytes, and most words of one command and commands of one
/// script that are kept: nobody writes longer ones, and each is compared with many patterns.
const SCRIPT_LIMIT: usize = 256 << 10;
const WORDS_LIMIT: usize = 1_000;
const COMMANDS_LIMIT: usize = 2_000;

/// The commands in a part of the file. `lines`: a line's end ends a command.
pub fn commands_of(reading: &Reading<'_>, span: Span, lines: bool) -> Vec<Ran> {
    let text = reading.text_of(span);
    let text = text.get(..text.floor_char_boundary(SCRIPT_LIMIT)).unwrap_or(text);
    let start = span.start as usize;
    shell::commands(text, lines)
        .into_iter()
        .take(COMMANDS_LIMIT)
        .map(|command| {
            let range = command.range();
            let program = Symbol::new(command.program());
            let arguments = command.arguments().take(WORDS_LIMIT).map(|word| Symbol::new(shortened(word)));
            Ran {
                words: std::iter::once(program).chain(arguments).collect(),
                variables: command.variables.iter().map(|variable| Symbol::new(shortened(variable))).collect(),
                span: reading.span(start + range.start, start + range.end),
            }
        })
        .collect()
}

fn shortened(word: &str) -> &str {
    let end = word.char_indices().nth(WORD_LIMIT).map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or(word)
}
