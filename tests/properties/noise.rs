//! Every reader meets files that are damaged, or that are something else altogether.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use archlint::extract::extract;
use archlint::extract::kinds::KINDS;
use archlint::source::file::{FileId, SourceFile};
use archlint::source::path::EstatePath;

use crate::estates::estates;

/// Files of one kind that are damaged; what the fixtures hold beyond says the same again.
const FILES_PER_KIND: usize = 24;

/// Damaged texts per file where `ARCHLINT_FUZZ_CASES` names no other number.
const CASES: u64 = 8;

/// What readers stumble over: opening and closing signs, escapes, ends of text.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "`",
    "\\",
    "${",
    "{{",
    "}}",
    "<",
    ">",
    "<!--",
    "&a",
    "*a",
    "<<:",
    "---\n",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "𝒳",
    "#",
    "//",
    "/*",
    "*/",
    "$$",
    "|\n",
    ":",
    "@",
    "-",
    "%",
    ";",
    "9",
    "99999999999999999999",
    "-1",
    "0x",
    "\u{2028}",
    "=",
    "<<EOF\n",
];

#[expect(clippy::disallowed_methods, reason = "how long the search takes is said from outside")]
fn cases() -> u64 {
    std::env::var("ARCHLINT_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES)
}

/// Numbers that look random and are the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

/// `text` with one to four places changed; bytes that are no text become what a walk reads.
fn damaged(text: &str, other: &str, numbers: &mut Numbers) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, PIECES[numbers.below(PIECES.len())].bytes())),
            2 => drop(bytes.splice(at..end, PIECES[numbers.below(PIECES.len())].bytes())),
            3 => {
                let again = bytes[at..end].repeat(3);
                drop(bytes.splice(at..at, again));
            }
            4 => bytes.splice(at..end, (0..9).map(|_| numbers.below(256) as u8)).for_each(drop),
            _ => {
                let from = numbers.below(other.len());
                let piece = &other.as_bytes()[from..(from + 200).min(other.len())];
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn every_reader_survives_damaged_files_and_those_of_others() {
    let all: Vec<&(String, String)> = estates().iter().flat_map(|files| &files.files).collect();
    let mut of_kind: BTreeMap<&str, Vec<&(String, String)>> = BTreeMap::new();
    let mut unread = Vec::new();
    for kind in KINDS {
        let mut claimed: Vec<_> =
            all.iter().copied().filter(|(path, _)| (kind.claims)(EstatePath::new(path))).collect();
        if claimed.is_empty() {
            unread.push(kind.name);
            continue;
        }
        // Spread over the fixtures: neighbors resemble each other.
        claimed = claimed.iter().step_by(claimed.len().div_ceil(FILES_PER_KIND)).copied().collect();
        of_kind.insert(kind.name, claimed);
    }
    assert!(unread.is_empty(), "no fixture holds any of {unread:?}");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for (kind, files) in &of_kind {
        for (path, text) in files {
            for case in 0..cases() {
                let (_, other) = &all[numbers.below(all.len())];
                // One of eight is a whole file of another kind under this name.
                let text = if case % 8 == 7 { other.clone() } else { damaged(text, other, &mut numbers) };
                let path = EstatePath::new(path);
                let read = catch_unwind(AssertUnwindSafe(|| extract(SourceFile { id: FileId(0), path, text: &text })));
                let Ok(facts) = read else { panic!("{kind}: {path} gives up at {text:?}") };
                let spans = facts.problems.iter().map(|problem| problem.span).chain(facts.redactions.iter().copied());
                for span in spans {
                    let inside = text.get(span.start as usize..span.end as usize);
                    assert!(inside.is_some(), "{kind}: {path}: {span:?} is no part of {text:?}");
                }
            }
        }
    }
}
