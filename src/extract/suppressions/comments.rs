//! Comments that suppress, found line by line: what begins a comment depends on the file's
//! name, and no parser is asked, since not all of them keep comments.

use super::statement::of_comment;
use crate::extract::reading::Reading;
use crate::facts::declaration::Stated;
use crate::facts::suppression::{Suppression, SuppressionForm};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// What begins a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Opener {
    text: &'static str,
    /// `#` begins a comment only behind white space (YAML 1.2.2, §6.6).
    behind_space: bool,
    /// Only at the beginning of a line: ` * ` within a block comment.
    first: bool,
}

const fn opener(text: &'static str) -> Opener {
    Opener { text, behind_space: false, first: false }
}

const HASH: Opener = Opener { text: "#", behind_space: true, first: false };
const STAR: Opener = Opener { text: "*", behind_space: false, first: true };
const SEMICOLON: Opener = Opener { text: ";", behind_space: true, first: false };
const SLASHES: Opener = opener("//");
const BLOCK: Opener = opener("/*");
const DASHES: Opener = opener("--");
const MARKUP: Opener = opener("<!--");
const ACTION: Opener = opener("{{/*");
const ACTION_TRIMMED: Opener = opener("{{- /*");

/// What ends a comment on its line.
const CLOSERS: [&str; 5] = ["*/ -}}", "*/ }}", "*/}}", "-->", "*/"];

/// What begins comments in files of this name. Names that archlint does not know get the two
/// that most languages have.
fn openers(path: EstatePath) -> &'static [Opener] {
    let name = path.name().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "yaml" | "yml" | "tpl" => &[HASH, ACTION, ACTION_TRIMMED],
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "go" | "java" | "kt" | "kts" | "cs" | "rs"
        | "proto" | "gradle" | "groovy" | "scala" | "swift" | "json" | "jsonc" | "mod" | "work" => {
            &[SLASHES, BLOCK, STAR]
        }
        "php" | "prisma" | "hcl" | "tf" => &[SLASHES, BLOCK, STAR, HASH],
        "sql" => &[DASHES, BLOCK, STAR],
        "xml" | "csproj" | "fsproj" | "vbproj" | "props" | "targets" | "config" | "html" | "md" => &[MARKUP],
        "ini" | "cfg" | "properties" => &[HASH, SEMICOLON],
        "py" | "rb" | "ex" | "exs" | "toml" | "sh" | "env" | "conf" | "txt" | "graphql" | "cnf" => &[HASH],
        _ if name.starts_with("dockerfile") || name.starts_with("containerfile") || name.starts_with(".env") => &[HASH],
        _ => &[HASH, SLASHES, BLOCK, STAR],
    }
}

/// A line of the text.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    /// Without its end.
    text: &'t str,
}

impl Line<'_> {
    fn end(self) -> usize {
        self.start + self.text.len()
    }
}

/// Adds the suppressions of all comments.
pub fn read(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let openers = openers(reading.file.path);
    let mut waiting: Vec<Suppression> = Vec::new();
    let mut only_comments = true;
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = Line { start, text: whole.trim_end_matches(['\n', '\r']) };
        start += whole.len();
        let is_comment = is_comment(line.text.trim_start_matches('\u{feff}'), openers);
        if let Some((mut found, trailing)) = in_line(reading, line, openers) {
            if trailing {
                found.scope = reading.span(line.start, line.end());
                reading.facts.suppressions.push(found);
            } else {
                // What is true of the file as a whole is shown at its start.
                let from = if only_comments { 0 } else { line.start };
                found.scope = reading.span(from, line.end());
                waiting.push(found);
            }
        }
        only_comments &= is_comment;
        if !is_comment {
            for mut found in waiting.drain(..) {
                found.scope = found.scope.cover(reading.span(line.start, line.end()));
                reading.facts.suppressions.push(found);
            }
        }
    }
    reading.facts.suppressions.append(&mut waiting);
}

/// True for a line without anything that is judged: blank, a comment, the mark between two
/// documents.
fn is_comment(line: &str, openers: &[Opener]) -> bool {
    let line = line.trim();
    let closes = line == "*/" || line == "-->";
    line.is_empty() || line == "---" || closes || openers.iter().any(|opener| line.starts_with(opener.text))
}

/// The suppression in a line's comment, and whether something stands before the comment.
fn in_line(reading: &Reading<'_>, line: Line<'_>, openers: &[Opener]) -> Option<(Suppression, bool)> {
    for (at, _) in line.text.match_indices("archlint") {
        let before = line.text.get(..at)?;
        let Some(code) = code_before(before, openers) else { continue };
        let mut comment = line.text.get(at..)?.trim_end();
        if let Some(closer) = CLOSERS.iter().find(|closer| comment.contains(**closer)) {
            comment = comment.split_once(closer).map_or(comment, |(comment, _)| comment).trim_end();
        }
        let Some(statement) = of_comment(comment) else { continue };
        let start = line.start + at;
        let stated = |(text, range): &(&str, std::ops::Range<usize>)| Stated {
            text: Symbol::new(text),
            span: reading.span(start + range.start, start + range.end),
        };
        let found = Suppression {
            span: reading.span(start, start + comment.len()),
            form: SuppressionForm::Comment,
            scope: Span::file_start(reading.file.id),
            rules: statement.rules.iter().map(stated).collect(),
            reason: (!statement.reason.is_empty()).then(|| Symbol::new(&statement.reason)),
            expires: statement.expires.as_ref().map(stated),
            flaw: statement.flaw,
        };
        return Some((found, !code.trim_start_matches('\u{feff}').trim().is_empty()));
    }
    None
}

/// What stands before the comment whose text begins behind `before`; `None` where no comment
/// begins there.
fn code_before<'t>(before: &'t str, openers: &[Opener]) -> Option<&'t str> {
    let trimmed = before.trim_end();
    // `##`, `///`, `//!` and `/**` are comments as well.
    let mut ends = vec![trimmed];
    let shortened = trimmed.trim_end_matches(['#', '/', '!', '*', '-']);
    ends.extend((0..=2).filter_map(|more| trimmed.get(..shortened.len() + more)));
    for opener in openers {
        for end in &ends {
            let Some(code) = end.strip_suffix(opener.text) else { continue };
            let stands_alone = code.is_empty() || code.ends_with(|letter: char| letter.is_whitespace());
            let quoted = code.ends_with(['"', '\'', '`', ':']);
            if (!opener.behind_space || stands_alone)
                && !quoted
                && (!opener.first || code.trim_start_matches('\u{feff}').trim().is_empty())
            {
                return Some(code);
            }
        }
    }
    None
}
