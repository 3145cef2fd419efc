//! How brokers write the names of topics, queues and messages: `tables/brokers/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const BROKERS: &str = include_str!("../../tables/brokers/brokers.yaml");

/// How one broker writes names.
#[derive(Debug)]
struct Row {
    name: Box<str>,
    /// True where only kinds of messages are matched, not the names of channels.
    keys: bool,
    separator: Box<str>,
    one: Box<str>,
    rest: Box<str>,
    anywhere: bool,
    behind: Box<str>,
}

/// What archlint knows about how brokers write names.
#[derive(Debug, Default)]
pub struct Brokers {
    rows: Vec<Row>,
}

/// The brokers that archlint knows.
pub fn brokers() -> &'static Brokers {
    static ROWS: LazyLock<Brokers> = LazyLock::new(|| Brokers::read(BROKERS).0);
    &ROWS
}

const KEYS: [&str; 9] = ["name", "keys", "separator", "one", "rest", "anywhere", "behind", "source", "checked"];

impl Brokers {
    fn read(text: &str) -> (Self, Vec<SyntaxProblem>) {
        let mut brokers = Self::default();
        let mut problems = Vec::new();
        let tree = yaml::parse(FileId(0), text);
        problems.extend(tree.problems.iter().cloned());
        for document in tree.documents() {
            RowReader::new(document, &["rows"], &mut problems).required_list("rows");
            for row in document.get("rows").into_iter().flat_map(Node::items) {
                let mut reader = RowReader::new(row, &KEYS, &mut problems);
                let name = reader.required("name").map(Box::from);
                let mut yes = |key: &str| reader.word(key, &["true"], |word| (word == "true").then_some(true));
                let (keys, anywhere) = (yes("keys") == Some(true), yes("anywhere") == Some(true));
                let mut text = |key: &str| Box::from(reader.optional(key).unwrap_or_default());
                let (separator, one, rest, behind) = (text("separator"), text("one"), text("rest"), text("behind"));
                reader.origin();
                if let Some(name) = name.filter(|_| reader.is_sound()) {
                    brokers.rows.push(Row { name, keys, separator, one, rest, anywhere, behind });
                }
            }
        }
        (brokers, problems)
    }

    fn row(&self, broker: &str) -> Option<&Row> {
        self.rows.iter().find(|row| &*row.name == broker)
    }

    /// The name that people know a channel by: `orders` of
    /// `https://sqs.eu-central-1.amazonaws.com/1/orders`.
    pub fn name_of<'n>(&self, broker: &str, text: &'n str) -> &'n str {
        let Some(row) = self.row(broker).filter(|row| !row.behind.is_empty()) else { return text };
        let behind = text.rsplit(|letter| row.behind.contains(letter)).next();
        behind.filter(|name| !name.is_empty()).unwrap_or(text)
    }

    /// What stands in front of the first placeholder of a channel's name; `None` where the name
    /// has none.
    pub fn before_placeholder<'n>(&self, broker: &str, name: &'n str) -> Option<&'n str> {
        let row = self.row(broker).filter(|row| !row.keys && !row.separator.is_empty())?;
        let mut at = 0;
        for word in name.split(&*row.separator) {
            if word == &*row.one || word == &*row.rest {
                return name.get(..at);
            }
            at += word.len() + row.separator.len();
        }
        None
    }

    /// True if a name or a kind of message is one of those that `pattern` stands for.
    pub fn matches(&self, broker: &str, pattern: &str, name: &str) -> bool {
        let Some(row) = self.row(broker).filter(|row| !row.separator.is_empty()) else { return pattern == name };
        let pattern: Vec<&str> = pattern.split(&*row.separator).collect();
        let name: Vec<&str> = name.split(&*row.separator).collect();
        row.matches(&pattern, &name)
    }
}

impl Row {
    /// Linear in both, but for several placeholders that stand for any number of words: then in
    /// their product, as each starts over at most once for each word.
    fn matches(&self, pattern: &[&str], name: &[&str]) -> bool {
        let (mut at, mut of) = (0, 0);
        let mut again: Option<(usize, usize)> = None;
        while of < name.len() {
            let word = pattern.get(at).copied();
            let is_rest = word == Some(&*self.rest);
            if is_rest && !self.anywhere {
                return true;
            }
            if is_rest {
                again = Some((at, of));
                at += 1;
            } else if word.is_some_and(|word| word == &*self.one || Some(&word) == name.get(of)) {
                at += 1;
                of += 1;
            } else if let Some((rest, taken)) = again {
                again = Some((rest, taken + 1));
                at = rest + 1;
                of = taken + 1;
            } else {
                return false;
            }
        }
        let open = pattern.get(at..).unwrap_or(&[]);
        open.iter().all(|word| self.anywhere && *word == &*self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::{BROKERS, Brokers, brokers};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = Brokers::read(BROKERS).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn addresses_stand_for_their_queue() {
        for (broker, text, name) in [
            ("sqs", "https://sqs.eu-central-1.amazonaws.com/123/orders", "orders"),
            ("sqs", "arn:aws:sqs:eu-central-1:123:orders", "orders"),
            ("sns", "arn:aws:sns:eu-central-1:123:placed", "placed"),
            ("pubsub", "projects/shop/topics/placed", "placed"),
            ("kafka", "shop/placed:1", "shop/placed:1"),
            ("sqs", "orders/", "orders/"),
        ] {
            assert_eq!(brokers().name_of(broker, text), name, "{broker} {text}");
        }
    }

    #[test]
    fn placeholders_stand_for_words() {
        for (broker, pattern, name, expected) in [
            ("nats", "orders.*", "orders.placed", true),
            ("nats", "orders.*", "orders.placed.late", false),
            ("nats", "orders.>", "orders.placed.late", true),
            ("nats", "orders.>", "orders", false),
            ("mqtt", "sensors/+/heat", "sensors/roof/heat", true),
            ("mqtt", "sensors/#", "sensors/roof/heat", true),
            ("mqtt", "sensors/+/heat", "sensors/roof/rain", false),
            ("rabbitmq", "#.placed", "shop.order.placed", true),
            ("rabbitmq", "shop.#.placed.#", "shop.placed", true),
            ("rabbitmq", "#.a.#.b", "x.a.y.a.b", true),
            ("rabbitmq", "#.a.#.b", "x.a.y.a.c", false),
            ("rabbitmq", "#", "anything.at.all", true),
            ("rabbitmq", "order.*", "order", false),
            ("kafka", "orders.*", "orders.placed", false),
        ] {
            assert_eq!(brokers().matches(broker, pattern, name), expected, "{broker} {pattern} {name}");
        }
    }

    #[test]
    fn names_with_placeholders_are_told() {
        assert_eq!(brokers().before_placeholder("nats", "orders.*.late"), Some("orders."));
        assert_eq!(brokers().before_placeholder("mqtt", "#"), Some(""));
        assert_eq!(brokers().before_placeholder("nats", "orders.placed*"), None);
        assert_eq!(brokers().before_placeholder("rabbitmq", "orders.*"), None);
    }
}
