//! When two names mean one thing: affixes that an estate puts on all its names are dropped.

use rustc_hash::FxHashMap;

/// Words that say what a thing is rather than which one, in every estate.
const KIND_WORDS: &[&str] = &["service", "svc", "microservice", "srv"];

/// Compares names without the affixes common to the estate.
#[derive(Debug, Default)]
pub struct Affixes {
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

/// The words of a name in lower case: `ts-orderService` is `ts`, `order`, `service`.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let breaks = character.is_uppercase() && was_lower;
        was_lower = character.is_lowercase() || character.is_ascii_digit();
        if !character.is_alphanumeric() || breaks {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A name without separators, in lower case: `Order_Service` is `orderservice`.
pub fn squeezed(name: &str) -> String {
    words(name).concat()
}

impl Affixes {
    /// The affixes of `names`: a first or last word that at least three names and half of
    /// them carry.
    pub fn common_to<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut first: FxHashMap<String, usize> = FxHashMap::default();
        let mut last: FxHashMap<String, usize> = FxHashMap::default();
        let mut total = 0;
        for name in names {
            let words = words(name);
            total += 1;
            if words.len() < 2 {
                continue;
            }
            if let (Some(head), Some(tail)) = (words.first(), words.last()) {
                *first.entry(head.clone()).or_default() += 1;
                *last.entry(tail.clone()).or_default() += 1;
            }
        }
        let common = |counts: FxHashMap<String, usize>| {
            let mut found: Vec<String> = counts
                .into_iter()
                .filter(|(_, count)| *count >= 3 && *count * 2 >= total)
                .map(|(word, _)| word)
                .collect();
            found.sort();
            found
        };
        Self { prefixes: common(first), suffixes: common(last) }
    }

    /// What tells a name from the others of its estate: `ts-order-service` is `order` where
    /// all names begin with `ts`. Never empty for a name with letters.
    pub fn key(&self, name: &str) -> String {
        let mut words = words(name);
        let is_suffix = |word: &String| KIND_WORDS.contains(&word.as_str()) || self.suffixes.contains(word);
        while words.len() > 1 && words.last().is_some_and(is_suffix) {
            words.pop();
        }
        if words.len() > 1 && words.first().is_some_and(|word| self.prefixes.contains(word)) {
            words.remove(0);
        }
        let key = words.concat();
        KIND_WORDS
            .iter()
            .find_map(|word| key.strip_suffix(word).filter(|rest| rest.len() > 1))
            .map_or(key.clone(), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::{Affixes, words};

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("ts-orderService_v2"), ["ts", "order", "service", "v2"]);
        assert_eq!(words("@shop/orders"), ["shop", "orders"]);
        assert_eq!(words("--"), Vec::<String>::new());
    }

    #[test]
    fn common_affixes_do_not_tell_names_apart() {
        let names = ["ts-order-service", "ts-user-service", "ts-cart-service", "gateway"];
        let affixes = Affixes::common_to(names.iter().copied());
        assert_eq!(affixes.key("ts-order-service"), "order");
        assert_eq!(affixes.key("OrderService"), "order");
        assert_eq!(affixes.key("orderservice"), "order");
        assert_eq!(affixes.key("service"), "service");
        // Two names share a prefix by chance: nothing is common.
        let few = Affixes::common_to(["my-a", "my-b", "c", "d", "e"].iter().copied());
        assert_eq!(few.key("my-a"), "mya");
    }
}
