//! Lines may move and end otherwise.

use crate::estates::{Files, Seen, seen, untouched};
use crate::memory::rules;

/// True for files in which an empty first line says nothing. A compose file's first document,
/// a Dockerfile and the rest all begin with what may follow empty lines.
fn may_begin_empty(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ends = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
    ends || name.starts_with(".env") || name.ends_with(".env") || name.starts_with("Dockerfile")
}

fn compared(files: &Files, before: &[Seen], after: &[Seen], what: &str) {
    for (one, other) in before.iter().zip(after) {
        assert_eq!(one, other, "{}: {what}", files.name);
    }
    assert_eq!(before.len(), after.len(), "{}: {what}", files.name);
}

#[test]
fn an_empty_first_line_moves_findings_by_one_and_keeps_fingerprints() {
    let rules = rules();
    let mut moved_findings = 0;
    for (files, before) in untouched() {
        let mut before = before.to_vec();
        for (path, line) in before.iter_mut().flat_map(|one| &mut one.places) {
            *line += usize::from(may_begin_empty(path));
        }
        before.sort();
        moved_findings += before.len();
        let moved =
            files.changed(|path, text| if may_begin_empty(path) { format!("\n{text}") } else { text.to_owned() });
        compared(files, &before, &seen(&moved.estate(), &rules), "an empty line at the top");
    }
    assert!(moved_findings > 60, "{moved_findings}");
}

#[test]
fn line_ends_of_other_systems_change_nothing() {
    let rules = rules();
    for (files, before) in untouched() {
        let windows = files.changed(|_, text| text.replace('\n', "\r\n"));
        compared(files, before, &seen(&windows.estate(), &rules), "CRLF");
    }
}

#[test]
fn a_byte_order_mark_changes_nothing() {
    let rules = rules();
    for (files, before) in untouched() {
        let marked = files.changed(|_, text| format!("\u{feff}{text}"));
        compared(files, before, &seen(&marked.estate(), &rules), "a byte order mark");
    }
}

#[test]
fn a_lacking_last_line_end_changes_nothing() {
    let rules = rules();
    for (files, before) in untouched() {
        let cut = files.changed(|_, text| text.trim_end_matches('\n').to_owned());
        compared(files, before, &seen(&cut.estate(), &rules), "no last line end");
    }
}
