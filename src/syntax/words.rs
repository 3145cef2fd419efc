//! The words that names are made of, whatever joins them.

/// The words of a key in lower case: `ordersDb.userPassword` is orders, db, user, password.
pub fn words_of(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = key.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        let after = characters.get(at + 1).copied();
        // `userPassword`, and the last letter of `APIKey`'s first word.
        let starts_word = character.is_uppercase()
            && before.is_some_and(|c| {
                c.is_lowercase() || c.is_ascii_digit() || (c.is_uppercase() && after.is_some_and(char::is_lowercase))
            });
        if starts_word && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(character.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn words_end_at_signs_and_at_capitals() {
        for (key, words) in [
            ("ordersDb.userPassword", &["orders", "db", "user", "password"][..]),
            ("ORDERS_DB__HOST", &["orders", "db", "host"]),
            ("APIKey", &["api", "key"]),
            ("driver-class-name", &["driver", "class", "name"]),
            ("OAuth2Token", &["o", "auth2", "token"]),
            ("--", &[]),
        ] {
            assert_eq!(words_of(key), words, "{key}");
        }
    }
}
