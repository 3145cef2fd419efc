//! `--format text`: findings for people at a terminal, with excerpts.

use std::collections::BTreeMap;
use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::graph::model::Confidence;
use crate::judge::finding::{Finding, Judgement, Related, Severity};
use crate::source::line_index::{ColumnUnit, Position};
use crate::source::span::Span;
use crate::source::symbol::Symbol;

use super::escape;
use super::gcc::finding_line;
use super::outcome::{Outcome, counted, counts};
use super::sources::{ExcerptLine, Sources};

/// Findings of one rule that are shown with excerpt; the rest follow as lines.
const FULL_FINDINGS: usize = 3;
/// Lines for further warnings or notes of one rule; errors are never left out.
const COMPACT_LINES: usize = 50;
/// Related places of one finding.
const RELATED_PLACES: usize = 12;
/// Related places this many lines away share the finding's excerpt.
const NEAR_LINES: u32 = 6;
/// Narrower terminals get this width: below it nothing can be laid out.
const MIN_WIDTH: usize = 40;

/// How the terminal is.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Colors; without them there is no escape sequence at all.
    pub color: bool,
    /// Columns to wrap at.
    pub width: usize,
}

/// Findings by rule, worst rules first, then one line that sums up. A clean estate has
/// that line only.
pub fn render(outcome: &Outcome<'_>, terminal: Terminal) -> String {
    let theme = if terminal.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(terminal.width.max(MIN_WIDTH))
        .with_urls(false)
        .without_syntax_highlighting()
        // One excerpt is one snippet, however far apart its labels are.
        .with_context_lines(1000);
    let mut out = String::new();
    for findings in by_rule(&outcome.judgement.findings) {
        for finding in findings.iter().take(FULL_FINDINGS) {
            full(&mut out, finding, outcome.sources, &handler);
        }
        compact(&mut out, findings.get(FULL_FINDINGS..).unwrap_or_default(), outcome.sources);
    }
    out.push_str(&summary(outcome));
    out.push('\n');
    escape::log_safe(&out)
}

/// `3 errors, 2 warnings in 12 services, 120 files read, 1 unreadable; 4 could not be verified`
pub fn summary(outcome: &Outcome<'_>) -> String {
    let mut out = format!(
        "{} in {}, {} read",
        tally(outcome.judgement),
        counted(outcome.graph.services.len(), "service", "services"),
        counted(outcome.coverage.files_read, "file", "files"),
    );
    let hidden = [(outcome.judgement.suppressed.len(), "suppressed"), (outcome.judgement.baselined.len(), "baselined")];
    for (number, word) in hidden.into_iter().filter(|(number, _)| *number > 0) {
        out.push_str(&format!(", {number} {word}"));
    }
    if outcome.coverage.files_unreadable > 0 {
        out.push_str(&format!(", {} unreadable", outcome.coverage.files_unreadable));
    }
    if !outcome.judgement.undecided.is_empty() {
        out.push_str(&format!("; {} could not be verified", outcome.judgement.undecided.len()));
    }
    out
}

/// `1 error, 2 warnings`; `no findings`
fn tally(judgement: &Judgement) -> String {
    let counts = counts(judgement);
    let parts: Vec<String> =
        [(counts.errors, "error", "errors"), (counts.warnings, "warning", "warnings"), (counts.notes, "note", "notes")]
            .into_iter()
            .filter(|&(number, _, _)| number > 0)
            .map(|(number, one, many)| counted(number, one, many))
            .collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

/// Findings of one rule and severity together, errors first, rules by name, findings in
/// their own order.
fn by_rule(findings: &[Finding]) -> impl Iterator<Item = Vec<&Finding>> {
    let mut groups: BTreeMap<(std::cmp::Reverse<Severity>, Symbol), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        groups.entry((std::cmp::Reverse(finding.severity), finding.rule)).or_default().push(finding);
    }
    groups.into_values()
}

fn compact(out: &mut String, findings: &[&Finding], sources: &Sources<'_>) {
    let Some(first) = findings.first() else { return };
    out.push_str(&format!("{} more of {}:\n", findings.len(), escape::line(&first.rule)));
    let shown = match first.severity {
        Severity::Error => findings.len(),
        Severity::Warning | Severity::Note => findings.len().min(COMPACT_LINES),
    };
    for finding in findings.iter().take(shown) {
        out.push_str(&format!("  {}\n", finding_line(finding, sources)));
    }
    if shown < findings.len() {
        out.push_str(&format!("  and {} more; --format gcc lists all\n", findings.len() - shown));
    }
    out.push('\n');
}

fn full(out: &mut String, finding: &Finding, sources: &Sources<'_>, handler: &GraphicalReportHandler) {
    let (snippet, far) = snippet(finding, sources);
    let gone = snippet.is_none();
    let before = out.len();
    // Writing into a string fails only where the library cannot lay a snippet out; the
    // finding is then shown as a line rather than lost.
    if handler.render_report(out, &Report { finding, snippet, help: escape::line(&finding.help) }).is_err() {
        out.truncate(before);
        out.push_str(&finding_line(finding, sources));
        out.push('\n');
    } else if gone {
        out.push_str(&format!("  at {}\n", escape::line(&sources.place(finding.span))));
    }
    for place in far.iter().take(RELATED_PLACES) {
        let message = escape::line(&place.message);
        out.push_str(&format!("  {}: {message}\n", escape::leading_path(&sources.place(place.span))));
        let start_only = Span::new(place.span.file, place.span.start, place.span.start);
        if let [line] = sources.excerpt(start_only, 0).as_slice() {
            let mut text = String::new();
            Displayed::default().push_line(&mut text, line);
            out.push_str(&format!("    {} │ {}\n", line.number, text.trim_end().replace('\t', "    ")));
        }
    }
    if far.len() > RELATED_PLACES {
        out.push_str(&format!("  and {}\n", counted(far.len() - RELATED_PLACES, "more place", "more places")));
    }
    out.push('\n');
}

/// The excerpt with the finding's range and the related places near it, and the related
/// places that are not in it. No excerpt where the file is gone.
fn snippet<'a>(finding: &'a Finding, sources: &Sources<'_>) -> (Option<Snippet>, Vec<&'a Related>) {
    let (start, _) = sources.position(finding.span, ColumnUnit::Characters);
    let (mut near, mut far) = (Vec::new(), Vec::new());
    let mut cover = Span::new(finding.span.file, finding.span.start, finding.span.start);
    for place in &finding.related {
        let line = sources.position(place.span, ColumnUnit::Characters).0.line;
        if place.span.file == finding.span.file && line.abs_diff(start.line) <= NEAR_LINES {
            cover = cover.cover(Span::new(place.span.file, place.span.start, place.span.start));
            near.push(place);
        } else {
            far.push(place);
        }
    }
    let lines = sources.excerpt_around(cover, finding.span, 1);
    let Some(first) = lines.first() else { return (None, finding.related.iter().collect()) };
    let mut text = String::new();
    let mut displayed = Displayed::default();
    for line in &lines {
        if line.number != first.number {
            text.push('\n');
        }
        displayed.push_line(&mut text, line);
    }
    let primary = displayed.range(finding.span);
    let mut labels = vec![LabeledSpan::new_primary_with_span(None, primary)];
    for place in near {
        let range = displayed.range(place.span);
        let apart = |label: &LabeledSpan| {
            let (a, b) = (label.offset(), label.offset() + label.len().max(1));
            range.1 == 0 || range.0 >= b || range.0 + range.1 <= a
        };
        // The library cannot draw ranges that overlap; the message of such a place is
        // shown in the list.
        if range.1 > 0 && labels.iter().all(apart) {
            labels.push(LabeledSpan::new(Some(escape::line(&place.message)), range.0, range.1));
        } else {
            far.push(place);
        }
    }
    let name = escape::line(sources.path(finding.span.file).as_str());
    (Some(Snippet { name, text, first_line: first.number, start, labels }), far)
}

/// Where the bytes of a file went in the text that is displayed.
#[derive(Default)]
struct Displayed {
    /// (offset in the file, offset in the displayed text) of each character and of the end
    /// of each line, in order.
    offsets: Vec<(u32, usize)>,
    /// Displayed offsets of the ends of lines.
    ends: Vec<usize>,
}

impl Displayed {
    /// Appends a line, escaped, with an ellipsis where it was cut.
    fn push_line(&mut self, text: &mut String, line: &ExcerptLine) {
        if line.cut_before {
            text.push('…');
        }
        for (at, character) in line.text.char_indices() {
            self.offsets.push((line.start + at as u32, text.len()));
            if character == '\t' {
                text.push('\t');
            } else {
                escape::push(text, character);
            }
        }
        self.offsets.push((line.start + line.text.len() as u32, text.len()));
        self.ends.push(text.len());
        if line.cut_after {
            text.push('…');
        }
    }

    /// Offset and length in the displayed text of a range's part on its first line.
    fn range(&self, span: Span) -> (usize, usize) {
        let start = self.at(span.start);
        let line_end = self.ends.iter().copied().find(|&end| end >= start).unwrap_or(start);
        (start, self.at(span.end).clamp(start, line_end.max(start)) - start)
    }

    /// The displayed offset of the last character at or before a byte of the file.
    fn at(&self, offset: u32) -> usize {
        let behind = self.offsets.partition_point(|&(in_file, _)| in_file <= offset);
        let nearest = self.offsets.get(behind.saturating_sub(1)).or(self.offsets.first());
        nearest.map_or(0, |&(_, displayed)| displayed)
    }
}

/// An excerpt as the terminal library reads it: its own text, with the numbers of the file.
#[derive(Debug)]
struct Snippet {
    name: String,
    text: String,
    first_line: u32,
    start: Position,
    labels: Vec<LabeledSpan>,
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let contents = self.text.as_str().read_span(span, lines_before, lines_after)?;
        // Without context, the library asks for the place that it prints above the excerpt.
        let (line, column) = if lines_before == 0 && lines_after == 0 {
            (self.start.line as usize - 1, self.start.column as usize - 1)
        } else {
            (contents.line() + self.first_line as usize - 1, contents.column())
        };
        let count = contents.line_count();
        let (data, span) = (contents.data(), *contents.span());
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, span, line, column, count)))
    }
}

/// A finding as the terminal library wants it.
#[derive(Debug)]
struct Report<'a> {
    finding: &'a Finding,
    snippet: Option<Snippet>,
    help: String,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&escape::line(&self.finding.message))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let (severity, rule) = (self.finding.severity.word(), escape::line(&self.finding.rule));
        let inferred = match self.finding.confidence {
            Confidence::Declared | Confidence::Observed => "",
            Confidence::Configured => " (configured only)",
            Confidence::Inferred => " (inferred)",
        };
        Some(Box::new(format!("{severity}[{rule}]{inferred}")))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.as_ref().map(|snippet| snippet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet.as_ref()?;
        Some(Box::new(snippet.labels.iter().cloned()))
    }
}
