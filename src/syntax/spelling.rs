//! Which known word did a misspelt one mean?

/// The known word that is nearest to `word`, for "did you mean": at most a third of its
/// letters may differ. `None` where none is near; the first of `known` wins a tie.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // Long words are no slips of known ones, and comparing costs the product of the lengths.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    let mut best = None;
    for &candidate in known {
        let distance = strsim::osa_distance(&word, &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["name", "owner", "databases", "publishes"];
        assert_eq!(nearest("onwer", &known), Some("owner"));
        assert_eq!(nearest("Database", &known), Some("databases"));
        assert_eq!(nearest("nmae", &known), Some("name"));
        assert_eq!(nearest("replicas", &known), None);
        assert_eq!(nearest(&"n".repeat(100_000), &known), None);
    }
}
