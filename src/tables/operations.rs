//! What names of operations, fields and headers say: who only reads, and what makes a
//! repeated request recognizable.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NAMES: &str = include_str!("../../tables/operations/names.yaml");
const KEYS: &str = include_str!("../../tables/operations/keys.yaml");

/// What a name says that an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NamedEffect {
    /// `reads`: `ListOrders`, `ValidateCart`.
    Reads,
    /// `mutates`: `PlaceOrder`.
    Mutates,
    /// `mutates-idempotently`: `DeleteOrder`, `SetPrice`.
    MutatesIdempotently,
    /// `session`: `Login`, `RefreshToken`.
    Session,
}

/// Where a key for repeated requests stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPlace {
    /// `field`: in the request's body or message.
    Field,
    /// `header`
    Header,
    /// `envelope`: names a part of the request that may hold such a field.
    Envelope,
}

/// The tables of `tables/operations`.
#[derive(Debug)]
pub struct Operations {
    /// By the phrase's words with one space between them.
    phrases: FxHashMap<Box<str>, NamedEffect>,
    keys: FxHashSet<(KeyPlace, Box<str>)>,
}

/// What archlint knows about names of operations.
pub fn operations() -> &'static Operations {
    static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| Operations::read(NAMES, KEYS).0);
    &OPERATIONS
}

/// Most words of a phrase.
const PHRASE_WORDS: usize = 3;

impl Operations {
    fn read(names: &str, keys: &str) -> (Self, Vec<SyntaxProblem>) {
        let mut operations = Self { phrases: FxHashMap::default(), keys: FxHashSet::default() };
        let mut problems = Vec::new();
        each_row(names, &["effect", "phrases", "source", "checked"], &mut problems, |reader| {
            let effect = reader.word("effect", &["reads", "mutates", "mutates-idempotently", "session"], effect_of);
            let phrases = reader.list("phrases");
            reader.origin();
            for phrase in phrases {
                let words = words(&phrase).join(" ");
                if *words != *phrase || words.split(' ').count() > PHRASE_WORDS {
                    reader.problem_here(format!("{phrase} is no phrase of at most {PHRASE_WORDS} words in lower case"));
                }
                if let Some(effect) = effect
                    && operations.phrases.insert(phrase.clone(), effect).is_some()
                {
                    reader.problem_here(format!("{phrase} stands twice"));
                }
            }
        });
        each_row(keys, &["place", "names", "source", "checked"], &mut problems, |reader| {
            let place = reader.word("place", &["field", "header", "envelope"], place_of);
            let names = reader.list("names");
            reader.origin();
            for name in names {
                if let Some(place) = place
                    && !operations.keys.insert((place, folded(&name)))
                {
                    reader.problem_here(format!("{name} stands twice"));
                }
            }
        });
        (operations, problems)
    }

    /// What `name` (`PlaceOrder`, `place_order`, `orders/place`) says; `None` where it says
    /// nothing. The longest phrase at its start wins, then the longest at its end. A name
    /// that reads *or* changes (`FindOrCreateCart`) changes.
    pub fn effect_of_name(&self, name: &str) -> Option<NamedEffect> {
        let words = words(name);
        let version = words.len() > 1 && words.last().is_some_and(|word| is_version(word));
        let words = words.get(..words.len() - usize::from(version)).unwrap_or(&[]);
        let at_start = || (1..=PHRASE_WORDS.min(words.len())).rev().find_map(|n| self.phrase(words.get(..n)?));
        let at_end =
            || (1..=PHRASE_WORDS.min(words.len())).rev().find_map(|n| self.phrase(words.get(words.len() - n..)?));
        let effect = at_start().or_else(at_end)?;
        let also = words.iter().skip_while(|word| !matches!(word.as_str(), "or" | "and")).nth(1);
        match (effect, also.and_then(|word| self.phrase(std::slice::from_ref(word)))) {
            (NamedEffect::Reads, Some(also @ (NamedEffect::Mutates | NamedEffect::MutatesIdempotently))) => Some(also),
            _ => Some(effect),
        }
    }

    fn phrase(&self, words: &[String]) -> Option<NamedEffect> {
        self.phrases.get(words.join(" ").as_str()).copied()
    }

    /// True if a field of this name carries a key for repeated requests: `requestId`.
    pub fn is_key(&self, place: KeyPlace, name: &str) -> bool {
        self.keys.contains(&(place, folded(name)))
    }
}

fn effect_of(word: &str) -> Option<NamedEffect> {
    match word {
        "reads" => Some(NamedEffect::Reads),
        "mutates" => Some(NamedEffect::Mutates),
        "mutates-idempotently" => Some(NamedEffect::MutatesIdempotently),
        "session" => Some(NamedEffect::Session),
        _ => None,
    }
}

fn place_of(word: &str) -> Option<KeyPlace> {
    match word {
        "field" => Some(KeyPlace::Field),
        "header" => Some(KeyPlace::Header),
        "envelope" => Some(KeyPlace::Envelope),
        _ => None,
    }
}

fn each_row(
    text: &str,
    keys: &[&str],
    problems: &mut Vec<SyntaxProblem>,
    mut read: impl FnMut(&mut RowReader<'_, '_>),
) {
    let tree = yaml::parse(FileId(0), text);
    problems.extend(tree.problems.iter().cloned());
    for document in tree.documents() {
        RowReader::new(document, &["rows"], problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            read(&mut RowReader::new(row, keys, problems));
        }
    }
}

/// The words of a name in lower case: `GetHTTPInfo2` is `get`, `http`, `info2`.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_lower = letters.peek().is_some_and(|next| next.is_lowercase());
        let starts = letter.is_uppercase() && (!before.is_uppercase() || next_is_lower);
        if (starts || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// `v2`, `2`
fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn folded(name: &str) -> Box<str> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).flat_map(char::to_lowercase).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::{KEYS, KeyPlace, NAMES, NamedEffect, Operations, operations, words};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = Operations::read(NAMES, KEYS).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
    }

    #[test]
    fn names_are_split_as_people_read_them() {
        for (name, expected) in [
            ("PlaceOrder", "place order"),
            ("getHTTPInfo", "get http info"),
            ("orders_create", "orders create"),
            ("OrdersController_findAll", "orders controller find all"),
            ("/orders/{id}:cancel", "orders id cancel"),
            ("GetS3Url", "get s3 url"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_tell_what_operations_do() {
        use NamedEffect::{Mutates, MutatesIdempotently, Reads, Session};
        for (name, expected) in [
            ("GetProduct", Some(Reads)),
            ("ListRecommendations", Some(Reads)),
            ("ValidateOrder", Some(Reads)),
            ("ProductSearch", Some(Reads)),
            ("GetQuote", Some(Reads)),
            ("PlaceOrder", Some(Mutates)),
            ("OrderCreate", Some(Mutates)),
            ("CreateOrderV2", Some(Mutates)),
            ("SendConfirmation", Some(Mutates)),
            ("CheckOut", Some(Mutates)),
            ("Checkout", Some(Mutates)),
            ("CheckStock", Some(Reads)),
            ("FindOrCreateCart", Some(Mutates)),
            ("GetOrSetPrice", Some(MutatesIdempotently)),
            ("EmptyCart", Some(MutatesIdempotently)),
            ("DeleteOrder", Some(MutatesIdempotently)),
            ("Login", Some(Session)),
            ("UserLogin", Some(Session)),
            ("SignIn", Some(Session)),
            ("SignUp", Some(Mutates)),
            ("RefreshToken", Some(Session)),
            ("RefreshCatalogue", Some(Mutates)),
            ("ValidateToken", Some(Session)),
            ("Getaway", None),
            ("Frobnicate", None),
            ("", None),
        ] {
            assert_eq!(operations().effect_of_name(name), expected, "{name}");
        }
    }

    #[test]
    fn keys_are_known_in_every_spelling_but_only_in_their_place() {
        let is = |place, name| operations().is_key(place, name);
        for name in ["idempotency_key", "idempotencyKey", "IdempotencyKey", "request_id", "clientToken"] {
            assert!(is(KeyPlace::Field, name), "{name}");
        }
        for name in ["Idempotency-Key", "x-idempotency-key", "Request-Id"] {
            assert!(is(KeyPlace::Header, name), "{name}");
        }
        assert!(!is(KeyPlace::Header, "X-Request-Id"));
        assert!(!is(KeyPlace::Field, "order_id"));
        assert!(!is(KeyPlace::Field, "last_request_id"));
        assert!(!is(KeyPlace::Field, "correlation_id"));
    }
}
