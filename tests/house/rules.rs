//! Rules: names that say what is wrong, and a proof for each.

use archlint::infer::subjects::SUBJECTS;
use archlint::judge::builtin::FILES;
use archlint::judge::engine::ActiveRule;
use archlint::judge::rules::load_all;

use super::tree;

/// The built-in rules, through the loader that a user's rules go through.
pub fn all() -> Vec<ActiveRule> {
    load_all(FILES, SUBJECTS).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Ids of all built-in rules.
pub fn ids() -> Vec<String> {
    all().into_iter().map(|rule| rule.rule.id).collect()
}

/// Beginnings that name an advice, where the name should say what is wrong.
const ADVICE: &[&str] = &["no", "avoid", "use", "require", "should", "check", "must", "ensure", "disallow", "prefer"];

#[test]
fn every_rule_file_is_built_in() {
    let files: Vec<_> = tree::below("rules");
    let built_in: Vec<_> = FILES.iter().map(|file| format!("rules/{}/{}", file.category, file.name)).collect();
    assert_eq!(files, built_in);
}

#[test]
fn rule_names_say_what_is_wrong() {
    for id in ids() {
        let words: Vec<_> = id.split('-').collect();
        assert!(words.len() >= 2, "{id}: one word says too little");
        for word in &words {
            assert!(
                !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase()),
                "{id}: kebab-case, no numbers"
            );
        }
        assert!(!words.first().is_some_and(|word| ADVICE.contains(word)), "{id} names an advice");
    }
}

#[test]
fn no_rule_id_is_used_twice_over_time() {
    let mut seen = std::collections::BTreeSet::new();
    for rule in all() {
        for id in std::iter::once(rule.rule.id).chain(rule.rule.formerly) {
            assert!(seen.insert(id.clone()), "{id} belonged to another rule");
        }
    }
}

#[test]
fn every_rule_says_why_and_how_to_fix_it_and_where_to_read_on() {
    for ActiveRule { rule, .. } in all() {
        assert!(!rule.why.trim().is_empty(), "{} has no `why`", rule.id);
        assert!(!rule.fix.trim().is_empty(), "{} has no `fix`", rule.id);
        assert!(!rule.limits.is_empty(), "{} has no `limits`", rule.id);
        assert!(!rule.references.is_empty(), "{} has no `references`", rule.id);
    }
}

#[test]
fn every_rule_has_an_estate_that_is_flagged_and_a_near_miss() {
    let fixtures = tree::below("fixtures/rules");
    for id in ids() {
        for side in ["bad", "good"] {
            // `bad`, `bad-wrapper-drops-timeout`.
            let folder = format!("fixtures/rules/{id}/{side}");
            assert!(fixtures.iter().any(|path| path.starts_with(&folder)), "{folder} does not exist");
        }
    }
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    let ids = ids();
    for path in tree::below("fixtures/rules") {
        let id = path.split('/').nth(2).unwrap_or_default();
        assert!(ids.iter().any(|known| known == id), "{path}: there is no rule `{id}`");
    }
}
