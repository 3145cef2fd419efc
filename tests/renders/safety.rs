//! What holds for every format: no secret, no escape sequence, no command, no panic.

use archlint::render::sarif;
use archlint::render::sources::Sources;
use archlint::render::text::{self, Terminal};
use archlint::source::file::FileId;
use archlint::source::line_index::ColumnUnit;
use archlint::source::redactions::Redactions;
use archlint::source::span::Span;

use crate::estate::{self, Files, PASSWORD};
use crate::formats::{PLAIN, outputs};

#[test]
fn no_output_shows_a_secret() {
    for estate in [estate::one(), estate::odd(), estate::hostile()] {
        for (format, text) in outputs(&estate) {
            assert!(!text.contains(PASSWORD), "{format}");
        }
    }
}

#[test]
fn no_output_acts_on_a_terminal_or_a_log() {
    let hidden = |character: char| character != '\n' && archlint::render::escape::is_hidden(character);
    let assembled = (0..20).map(|seed| estate::hostile_of(&estate::assembled(seed)));
    for estate in assembled.chain([estate::one(), estate::many(), estate::odd(), estate::hostile()]) {
        let suppressed = ("sarif", estate.outcome(sarif::render_with_suppressed));
        for (format, text) in outputs(&estate).into_iter().chain([suppressed]) {
            // Spaces of no width keep names in Markdown from notifying anybody.
            let found: Vec<char> = text
                .chars()
                .filter(|&one| hidden(one) && !(["markdown", "html"].contains(&format) && one == '\t'))
                .collect();
            assert!(found.is_empty(), "{format}: {found:?}");
            assert!(!text.contains("##["), "{format}");
            assert!(!text.contains("##vso[") || format == "azure", "{format}");
            assert!(!text.contains("##teamcity[") || format == "teamcity", "{format}");
            assert!(format == "github" || text.lines().all(|line| !line.trim_start().starts_with("::")), "{format}");
        }
    }
}

#[test]
fn every_format_of_check_is_among_the_outputs() {
    use clap::ValueEnum;
    let outputs = outputs(&estate::one());
    for format in archlint::commands::format::Format::value_variants() {
        let name = format.to_possible_value().expect("a name").get_name().to_owned();
        assert!(outputs.iter().any(|(output, _)| *output == name), "{name}");
    }
}

#[test]
fn color_only_adds_escape_sequences() {
    let estate = estate::many();
    let plain = estate.outcome(|outcome| text::render(outcome, PLAIN));
    let color = estate.outcome(|outcome| text::render(outcome, Terminal { color: true, ..PLAIN }));
    assert!(color.contains('\u{1b}'));
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").expect("a pattern");
    assert_eq!(escapes.replace_all(&color, ""), plain);
}

#[test]
fn any_range_of_any_text_can_be_shown() {
    let text = "ä\u{feff}\tb\r\n\r\u{1b}語😀e\u{301}\n\nlast";
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        let mut estate = estate::one();
        let file = estate.files.add("x", Some(&text[..end]));
        estate.redactions.add(Span::new(file, 3, 9));
        for start in 0..=end as u32 + 1 {
            for stop in start..=end as u32 + 1 {
                let finding = &mut estate.judgement.findings[0];
                finding.span = Span::new(file, start, stop);
                finding.related[0].span = Span::new(file, stop, stop + 2);
                finding.related[1].span = Span::new(file, start / 2, start);
                for width in [0, 60] {
                    let shown = estate.outcome(|outcome| text::render(outcome, Terminal { color: false, width }));
                    assert!(shown.contains("billing and orders"), "{start}..{stop} of {end}: {shown}");
                }
            }
        }
    }
}

#[test]
fn excerpts_mask_secrets_and_cut_long_lines() {
    let mut files = Files::default();
    let long = format!("{}MARK{}", "é".repeat(100_000), "b".repeat(100_000));
    let file = files.add("long", Some(&format!("\u{feff}first\n{long}\nlast")));
    let mark = files.span(file, "MARK");
    let mut redactions = Redactions::default();
    redactions.add(Span::new(file, mark.start + 1, mark.end));
    let sources = Sources::new(&files, &redactions);
    let lines = sources.excerpt(mark, 1);
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(lines[0].text, "first");
    assert!(lines[1].cut_before && lines[1].cut_after && lines[1].text.len() <= 201);
    assert!(lines[1].text.contains("éM***b"), "{}", lines[1].text);
    let whole = Span::new(file, 0, u32::MAX);
    assert_eq!(sources.excerpt(whole, 9).len(), 3);
}

#[test]
fn a_file_that_is_gone_has_line_one_and_no_excerpt() {
    let mut files = Files::default();
    files.add("gone", None);
    let redactions = Redactions::default();
    let sources = Sources::new(&files, &redactions);
    let span = Span::new(FileId(0), 10, 20);
    let (start, end) = sources.position(span, ColumnUnit::Characters);
    assert_eq!((start.line, start.column, end.line, end.column), (1, 1, 1, 1));
    assert_eq!(sources.excerpt(span, 1), []);
}

#[test]
fn columns_on_long_lines_do_not_depend_on_what_was_asked_before() {
    let text = format!("short\n{}\n{}", "aé😀".repeat(5000), "b".repeat(9000));
    let mut files = Files::default();
    let file = files.add("long", Some(&text));
    let redactions = Redactions::default();
    let sources = Sources::new(&files, &redactions);
    let index = archlint::source::line_index::LineIndex::new(&text);
    for unit in [ColumnUnit::Characters, ColumnUnit::Utf16, ColumnUnit::Bytes] {
        for offset in [5000, 5001, 5002, 5003, 20_000, 4, 30_000, 29_999, 34_000, 40_000, 45_000, 99_999, 44_000] {
            let expected = index.position(&text, offset, unit);
            let span = Span::new(file, offset, offset);
            assert_eq!(sources.position(span, unit), (expected, expected), "{offset} {unit:?}");
        }
    }
}

#[test]
fn thousands_of_findings_on_one_line_take_no_time() {
    let mut estate = estate::one();
    let text = "é".repeat(4_000_000);
    let file = estate.files.add("long", Some(&text));
    let finding = estate.judgement.findings.remove(0);
    for number in 0..20_000 {
        let mut one = finding.clone();
        one.related.clear();
        one.span = Span::new(file, number * 400, number * 400 + 8);
        estate.judgement.findings.push(one);
    }
    let lines = estate.outcome(archlint::render::gcc::render);
    assert!(lines.contains("long:1:3999801: error:"));
    assert_eq!(estate.outcome(|outcome| text::render(outcome, PLAIN)).matches("[shared-database]").count(), 20_000);
}
