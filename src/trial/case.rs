//! One estate: what its markers ask for against what the rules answered.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::compare::{Mismatch, Observation, mismatches};
use super::marker::{EXPECT_FILE, Line, Marker, MarkerKind, expect_file, markers};
use crate::judge::finding::Judgement;
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;

/// A text file of an estate.
#[derive(Clone, Debug)]
pub struct EstateFile {
    /// Its path.
    pub path: EstatePath,
    /// Its text.
    pub text: Arc<str>,
}

/// What a run over one estate gave.
#[derive(Debug)]
pub struct Answers {
    /// All text files of the estate, also those that no reader claims: markers may stand in
    /// any of them. Sorted by path.
    pub files: Vec<EstateFile>,
    /// The path of each file by its number in the judgement's spans.
    pub paths: Vec<EstatePath>,
    /// What the rules said; with what passed.
    pub judgement: Judgement,
    /// The ids of the rules that were asked.
    pub rules: Vec<String>,
}

/// What came of one estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong, by line.
    pub mismatches: Vec<Mismatch>,
    /// The markers of the estate: how many of each kind for each rule.
    pub asked: BTreeMap<(String, MarkerKind), usize>,
}

/// Compares markers and answers of one estate.
pub fn compared(answers: &Answers) -> Verdict {
    let mut asked = Vec::new();
    let mut found = Vec::new();
    for file in &answers.files {
        let is_list = file.path.as_str() == EXPECT_FILE;
        let (markers, problems) =
            if is_list { expect_file(file.path, &file.text) } else { markers(file.path, &file.text) };
        asked.extend(markers);
        found.extend(problems.into_iter().map(|problem| Mismatch { line: problem.line, text: problem.message }));
    }
    for marker in &asked {
        if !answers.rules.contains(&marker.rule) {
            let text = format!("the rule `{}` is not asked here", marker.rule);
            found.push(Mismatch { line: marker.written, text });
        }
    }
    let asked: Vec<Marker> = asked.into_iter().filter(|marker| answers.rules.contains(&marker.rule)).collect();
    found.extend(mismatches(&asked, &observations(answers)));
    found.sort();
    let mut counts = BTreeMap::new();
    for marker in asked {
        *counts.entry((marker.rule, marker.kind)).or_insert(0) += 1;
    }
    Verdict { mismatches: found, asked: counts }
}

/// All that the rules answered, by line.
fn observations(answers: &Answers) -> Vec<Observation> {
    let mut lines = Lines { answers, indices: BTreeMap::new() };
    let mut all = Vec::new();
    let judgement = &answers.judgement;
    let mut add = |kind, rule: &str, span, text: &str| {
        let line = lines.of(span);
        all.push(Observation { kind, rule: rule.to_owned(), line, text: text.to_owned() });
    };
    for finding in &judgement.findings {
        let text = format!("{}: {}", finding.severity.word(), finding.message);
        add(MarkerKind::Expect, &finding.rule, finding.span, &text);
        for related in &finding.related {
            add(MarkerKind::Related, &finding.rule, related.span, &related.message);
        }
    }
    for (rule, span) in &judgement.passed {
        add(MarkerKind::Ok, rule, *span, "");
    }
    for undecided in &judgement.undecided {
        add(MarkerKind::Unknown, &undecided.rule, undecided.span, &undecided.why);
    }
    all
}

struct Lines<'a> {
    answers: &'a Answers,
    indices: BTreeMap<EstatePath, LineIndex>,
}

impl Lines<'_> {
    /// The line on which a span starts; line 1 of a file whose text is not there.
    fn of(&mut self, span: Span) -> Line {
        let path = self.answers.paths.get(span.file.0 as usize).copied().unwrap_or(EstatePath::root());
        let Some(text) = text_of(self.answers, path) else { return Line { path, line: 1 } };
        let index = self.indices.entry(path).or_insert_with(|| LineIndex::new(text));
        Line { path, line: index.position(text, span.start, ColumnUnit::Characters).line }
    }
}

fn text_of(answers: &Answers, path: EstatePath) -> Option<&str> {
    let at = answers.files.binary_search_by_key(&path, |file| file.path).ok()?;
    answers.files.get(at).map(|file| &*file.text)
}

/// The mismatches with the lines they are about; empty where there are none.
pub fn report(answers: &Answers, mismatches: &[Mismatch]) -> String {
    let mut out = String::new();
    for Mismatch { line, text } in mismatches {
        let _ = writeln!(out, "{}:{}: {text}", line.path, line.line);
        let content = text_of(answers, line.path).and_then(|text| text.lines().nth(line.line as usize - 1));
        if let Some(content) = content.map(str::trim_end).filter(|content| !content.is_empty()) {
            let _ = writeln!(out, "  {:>4} | {content}", line.line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Answers, EstateFile, compared, report};
    use crate::judge::finding::Judgement;
    use crate::source::file::FileId;
    use crate::source::path::EstatePath;
    use crate::source::span::Span;
    use crate::source::symbol::Symbol;
    use crate::trial::marker::MarkerKind;

    fn answers(files: &[(&str, &str)], passed: &[(u32, u32)]) -> Answers {
        let file = |&(path, text): &(&str, &str)| EstateFile { path: EstatePath::new(path), text: text.into() };
        let passed = passed.iter().map(|&(file, at)| (Symbol::new("r"), Span::new(FileId(file), at, at + 1)));
        Answers {
            files: files.iter().map(file).collect(),
            paths: files.iter().map(|(path, _)| EstatePath::new(path)).collect(),
            judgement: Judgement { passed: passed.collect(), ..Judgement::default() },
            rules: vec!["r".to_owned()],
        }
    }

    #[test]
    fn markers_of_all_files_are_compared_with_lines_of_spans() {
        let files = [("EXPECT", "a.json:2 ok: r\n"), ("a.json", "{\n  }"), ("b.yaml", "a: 1\nb: 2 # ok: r\n")];
        let answers = answers(&files, &[(1, 4), (2, 5)]);
        let verdict = compared(&answers);
        assert_eq!(verdict.mismatches, []);
        assert_eq!(verdict.asked.get(&("r".to_owned(), MarkerKind::Ok)), Some(&2));
    }

    #[test]
    fn the_report_shows_every_line_in_question() {
        let answers = answers(&[("b.yaml", "a: 1 # ok: r\n# ok: other\nb: 2 # ok: some rule\n")], &[]);
        assert_eq!(
            report(&answers, &compared(&answers).mismatches),
            "b.yaml:1: r did not find anything in order here\n     1 | a: 1 # ok: r\n\
             b.yaml:2: the rule `other` is not asked here\n     2 | # ok: other\n\
             b.yaml:3: `rule` is no marker; write `expect: some-rule \"part of the message\"`\n     \
             3 | b: 2 # ok: some rule\n"
        );
    }
}
