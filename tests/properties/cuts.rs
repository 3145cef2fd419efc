//! Files may break off anywhere.

use archlint::extract::extract;
use archlint::extract::kinds::KINDS;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;

use crate::estates::{Seen, estates, seen, untouched};
use crate::memory::rules;

/// Places at which a text is cut, spread evenly: at most `most`, the first of them by `number`.
fn cuts(text: &str, most: usize, number: usize) -> impl Iterator<Item = usize> + '_ {
    let step = text.len().div_ceil(most).max(1);
    (number * 7 % step..text.len()).step_by(step).filter(|at| text.is_char_boundary(*at))
}

/// Places at which all files of one kind are cut together, and one file at most. There are
/// hundreds of manifests in the fixtures, and a reader that stumbles does so in many of them.
const CUTS_PER_KIND: usize = 3000;
const CUTS_PER_FILE: usize = 120;

#[test]
fn files_are_read_wherever_they_break_off() {
    let files: Vec<(EstatePath, &str)> = estates()
        .iter()
        .flat_map(|files| &files.files)
        .map(|(path, text)| (EstatePath::new(path), text.as_str()))
        .collect();
    for kind in KINDS {
        let claimed: Vec<_> = files.iter().filter(|(path, _)| (kind.claims)(*path)).collect();
        for (number, (path, text)) in claimed.iter().enumerate() {
            let most = (CUTS_PER_KIND / claimed.len()).clamp(4, CUTS_PER_FILE);
            // Neighbors are cut at other places: files of one rule resemble each other.
            for at in cuts(text, most, number) {
                let text = &text[..at];
                let facts = extract(SourceFile { id: FileId(0), path: *path, text });
                let spans = facts.problems.iter().map(|problem| problem.span).chain(facts.redactions.iter().copied());
                for span in spans {
                    let inside = text.get(span.start as usize..span.end as usize);
                    assert!(inside.is_some(), "{path} cut at {at}: {span:?}");
                }
            }
        }
    }
}

/// What is said of one other file alone, whoever runs it, does not need the file that breaks
/// off. Findings about what several files mean together may change with it.
fn of_one_file(one: &Seen) -> bool {
    let rule = one.what.split(' ').next().unwrap_or_default();
    one.places.len() == 1 && ["hardcoded-secret", "unreadable-file", "privileged-container"].contains(&rule)
}

#[test]
fn what_stands_in_another_file_is_reported_still() {
    let rules = rules();
    let mut compared = 0;
    for (files, whole) in untouched().filter(|(files, _)| files.files.len() > 1) {
        if !whole.iter().any(of_one_file) {
            continue;
        }
        for (broken, text) in &files.files {
            // What is judged of the other files without this one.
            let mut without = files.clone();
            without.files.retain(|(path, _)| path != broken);
            let alone = seen(&without.estate(), &rules);
            for at in cuts(text, 4, 0) {
                let cut =
                    files.changed(|path, text| if path == broken { text[..at].to_owned() } else { text.to_owned() });
                let found = seen(&cut.estate(), &rules);
                // With and without the file it is said, so with a part of it as well.
                for expected in alone.iter().filter(|one| whole.contains(one) && of_one_file(one)) {
                    compared += 1;
                    assert!(found.contains(expected), "{}: {broken} cut at {at} loses {expected:?}", files.name);
                }
            }
        }
    }
    assert!(compared > 200, "{compared}");
}
