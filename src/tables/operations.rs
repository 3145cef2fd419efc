//! What names of operations, fields and headers say: who only reads, and what makes a
//! repeated request recognizable.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::row::RowReader;
use crate::source::file::FileId;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::words::words_of;
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

#[derive(Clone, Copy, Debug)]
struct Phrase {
    effect: NamedEffect,
    place: PhrasePlace,
}

/// Where a phrase says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PhrasePlace {
    /// No `at`: at the start and at the end of any name.
    Anywhere,
    /// `at: start`: at the end of a name it is a noun.
    Start,
    /// `at: rpc`: at both ends, but only in names of rpcs.
    Rpc,
    /// `at: alone`: as the whole name.
    Alone,
}

/// The tables of `tables/operations`.
#[derive(Debug)]
pub struct Operations {
    /// By the phrase's words with one space between them.
    phrases: FxHashMap<Box<str>, Phrase>,
    /// Those that say something as the whole of a name.
    alone: FxHashMap<Box<str>, NamedEffect>,
    /// First words that say who asks, and nothing of what is done: `adminListOrders`.
    askers: FxHashSet<Box<str>>,
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
        let mut operations = Self {
            phrases: FxHashMap::default(),
            alone: FxHashMap::default(),
            askers: FxHashSet::default(),
            keys: FxHashSet::default(),
        };
        let mut problems = Vec::new();
        each_row(names, &["effect", "at", "phrases", "askers", "source", "checked"], &mut problems, |reader| {
            let askers = reader.list("askers");
            if !askers.is_empty() {
                operations.askers.extend(askers);
                reader.origin();
                return;
            }
            let effect = reader.word("effect", &["reads", "mutates", "mutates-idempotently", "session"], effect_of);
            let place = reader.word("at", &["start", "rpc", "alone"], |word| match word {
                "start" => Some(PhrasePlace::Start),
                "alone" => Some(PhrasePlace::Alone),
                "rpc" => Some(PhrasePlace::Rpc),
                _ => None,
            });
            let place = place.unwrap_or(PhrasePlace::Anywhere);
            let phrases = reader.list("phrases");
            reader.origin();
            for phrase in phrases {
                let words = words_of(&phrase).join(" ");
                if *words != *phrase || words.split(' ').count() > PHRASE_WORDS {
                    reader.problem_here(format!("{phrase} is no phrase of at most {PHRASE_WORDS} words in lower case"));
                }
                if let Some(effect) = effect.filter(|_| place == PhrasePlace::Alone) {
                    operations.alone.insert(phrase.clone(), effect);
                } else if let Some(effect) = effect
                    && operations.phrases.insert(phrase.clone(), Phrase { effect, place }).is_some()
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

    /// What an rpc's `name` (`PlaceOrder`, `place_order`) says; `None` where it says nothing.
    /// The longest phrase at its start wins, then the longest at its end. A name that reads
    /// *or* changes (`FindOrCreateCart`) changes.
    pub fn effect_of_rpc(&self, name: &str) -> Option<NamedEffect> {
        self.effect_of(name, |_| true)
    }

    /// The same for the name of an HTTP operation or the last part of its path.
    pub fn effect_of_endpoint(&self, name: &str) -> Option<NamedEffect> {
        self.effect_of(name, |phrase| phrase.place != PhrasePlace::Rpc)
    }

    /// What a field of GraphQL's `Mutation`, or a procedure that is declared to change something,
    /// does. Its name may say that it does less; `None` where that says nothing else.
    pub fn effect_of_mutation(&self, name: &str) -> Option<NamedEffect> {
        self.effect_of_endpoint(name).filter(|effect| *effect != NamedEffect::Mutates)
    }

    fn effect_of(&self, name: &str, counts: impl Fn(&Phrase) -> bool) -> Option<NamedEffect> {
        let words = words_of(name);
        let version = words.len() > 1 && words.last().is_some_and(|word| is_version(word));
        let words = words.get(..words.len() - usize::from(version)).unwrap_or(&[]);
        self.effect_of_words(words, &counts).or_else(|| {
            let (first, rest) = words.split_first()?;
            if self.askers.contains(first.as_str()) { self.effect_of_words(rest, &counts) } else { None }
        })
    }

    fn effect_of_words(&self, words: &[String], counts: &impl Fn(&Phrase) -> bool) -> Option<NamedEffect> {
        if let Some(effect) = self.alone.get(words.join(" ").as_str()) {
            return Some(*effect);
        }
        let lengths = || (1..=PHRASE_WORDS.min(words.len())).rev();
        let at_start = || lengths().find_map(|n| self.phrase(words.get(..n)?).filter(counts));
        let at_end = || {
            let tail = |n: usize| self.phrase(words.get(words.len() - n..)?);
            lengths().find_map(|n| tail(n).filter(counts).filter(|found| found.place != PhrasePlace::Start))
        };
        let effect = at_start().or_else(at_end)?.effect;
        let also = words.iter().skip_while(|word| !matches!(word.as_str(), "or" | "and")).nth(1);
        let also = also.and_then(|word| self.phrase(std::slice::from_ref(word))).map(|phrase| phrase.effect);
        match (effect, also) {
            (NamedEffect::Reads, Some(also @ (NamedEffect::Mutates | NamedEffect::MutatesIdempotently))) => Some(also),
            _ => Some(effect),
        }
    }

    /// A number at the end belongs to what follows: `verify2FA`.
    fn phrase(&self, words: &[String]) -> Option<Phrase> {
        let text = words.join(" ");
        let bare = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
        self.phrases.get(text.as_str()).or_else(|| self.phrases.get(bare)).copied()
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
    use super::{KEYS, KeyPlace, NAMES, NamedEffect, Operations, operations};

    #[test]
    fn every_shipped_row_is_sound() {
        let messages: Vec<_> = Operations::read(NAMES, KEYS).1.into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, Vec::<String>::new());
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
            ("refresh", Some(Session)),
            ("ValidateToken", Some(Session)),
            ("RefreshTokens", Some(Session)),
            ("Verify2FA", Some(Reads)),
            ("AdminListCoupons", Some(Reads)),
            ("AdminDeleteCoupon", Some(MutatesIdempotently)),
            ("AdminGrantCoupon", None),
            ("CouponListGrant", None),
            ("ReportFraud", Some(Mutates)),
            ("SalesReport", None),
            ("ExchangeRate", None),
            ("Getaway", None),
            ("Frobnicate", None),
            ("", None),
        ] {
            assert_eq!(operations().effect_of_rpc(name), expected, "{name}");
        }
    }

    #[test]
    fn subscribing_reads_as_an_rpc_only() {
        assert_eq!(operations().effect_of_rpc("SubscribePrices"), Some(NamedEffect::Reads));
        assert_eq!(operations().effect_of_endpoint("subscribe"), None);
        assert_eq!(operations().effect_of_endpoint("search"), Some(NamedEffect::Reads));
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
