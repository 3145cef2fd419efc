//! Which part an operation has in a process of several steps, by the words of its name:
//! `tables/operations/steps.yaml`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::row::each_row;
use crate::syntax::tree::SyntaxProblem;
use crate::syntax::words::words_of;

const WORDS: &str = include_str!("../../tables/operations/steps.yaml");

/// The part of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `undoes`: it takes back what another step did.
    Undoes,
    /// `tells`: it passes the news on.
    Tells,
}

/// What the name or path of an operation says, its last part that is no parameter:
/// `/payments/{id}/refund`, `shop.Stock/Release`; `None` where it says nothing.
pub fn step_of(name: &str) -> Option<Step> {
    static STEPS: LazyLock<FxHashMap<Box<str>, Step>> = LazyLock::new(|| read(WORDS).0);
    let last = name.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{')).unwrap_or(name);
    // The pattern of a message is an object's text.
    let words = words_of(if last.contains('"') { name } else { last });
    words.iter().find_map(|word| STEPS.get(word.as_str()).copied())
}

fn read(text: &str) -> (FxHashMap<Box<str>, Step>, Vec<SyntaxProblem>) {
    let mut steps = FxHashMap::default();
    let problems = each_row(text, &["rows"], &["step", "words", "source", "checked"], |_, reader| {
        let step = reader.word("step", &["undoes", "tells"], |word| match word {
            "undoes" => Some(Step::Undoes),
            "tells" => Some(Step::Tells),
            _ => None,
        });
        let words = reader.list("words");
        reader.origin();
        if let Some(step) = step {
            steps.extend(words.into_iter().map(|word| (word, step)));
        }
    });
    (steps, problems)
}

#[cfg(test)]
mod tests {
    use super::{Step, WORDS, read, step_of};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(WORDS).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn the_last_part_of_a_name_tells_the_step() {
        for (name, step) in [
            ("/payments/{id}/refund", Some(Step::Undoes)),
            ("shop.Stock/ReleaseItems", Some(Step::Undoes)),
            ("emitSocketEvent", Some(Step::Tells)),
            ("{\"cmd\":\"notify_user\"}", Some(Step::Tells)),
            ("/mail/orders", None),
            ("/payments", None),
        ] {
            assert_eq!(step_of(name), step, "{name}");
        }
    }
}
