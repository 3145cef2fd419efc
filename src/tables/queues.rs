//! What names of queues and topics say.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::words::words_of;
use crate::syntax::yaml;

const NAMES: &str = include_str!("../../tables/queues/names.yaml");

/// Words that say that a queue holds what its consumers could not handle.
#[derive(Debug, Default)]
pub struct QueueNames {
    /// In order of the table: words, and whether they count anywhere in a name.
    failed: Vec<(Vec<String>, bool)>,
}

/// What archlint knows about names of queues.
pub fn queue_names() -> &'static QueueNames {
    static QUEUES: LazyLock<QueueNames> = LazyLock::new(|| QueueNames::read(NAMES).0);
    &QUEUES
}

impl QueueNames {
    fn read(text: &str) -> (Self, Vec<SyntaxProblem>) {
        let mut names = Self::default();
        let mut problems = Vec::new();
        let tree = yaml::parse(FileId(0), text);
        problems.extend(tree.problems.iter().cloned());
        for document in tree.documents() {
            RowReader::new(document, &["rows"], &mut problems).required_list("rows");
            for row in document.get("rows").into_iter().flat_map(Node::items) {
                let mut reader = RowReader::new(row, &["phrases", "anywhere", "source", "checked"], &mut problems);
                let anywhere = reader.word("anywhere", &["true", "false"], |word| Some(word == "true"));
                let phrases = reader.list("phrases");
                reader.origin();
                names.failed.extend(phrases.iter().map(|phrase| (words_of(phrase), anywhere == Some(true))));
            }
        }
        (names, problems)
    }

    /// True for the name of a place for messages that could not be handled: `orders.dlq`.
    pub fn holds_failed(&self, name: &str) -> bool {
        let words = words_of(name);
        self.failed.iter().any(|(phrase, anywhere)| {
            words.ends_with(phrase) || (*anywhere && words.windows(phrase.len().max(1)).any(|part| part == phrase))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{NAMES, QueueNames, queue_names};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = QueueNames::read(NAMES).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn names_tell_what_holds_failed_messages() {
        for name in
            ["orders.dlq", "orders-dead-letters", "OrdersDLT", "dead-letter.orders", "orders.parking-lot", "dlq"]
        {
            assert!(queue_names().holds_failed(name), "{name}");
        }
        for name in ["orders", "payment.failed", "deadlines", "order.failed.retry", "poisonous-plants"] {
            assert!(!queue_names().holds_failed(name), "{name}");
        }
    }
}
