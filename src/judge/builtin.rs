//! The rules that ship with archlint, as texts; they are loaded like any user's rules.

use super::rules::RuleFile;

/// What the page of a built-in rule shows, cut out of the rule's fixtures.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// `missing-timeout`
    pub rule: &'static str,
    /// What the rule reports; empty where no fixture marks an example.
    pub before: &'static str,
    /// The same, repaired; likewise.
    pub after: &'static str,
}

/// The example of a built-in rule; `None` for other rules.
pub fn example(rule: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.rule == rule)
}

include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

#[cfg(test)]
mod tests {
    use super::{FILES, example};
    use crate::infer::subjects::SUBJECTS;
    use crate::judge::rules::load_all;

    #[test]
    fn built_in_rules_are_sorted_and_named_after_their_folders() {
        let order: Vec<_> = FILES.iter().map(|file| (file.category, file.name)).collect();
        assert!(order.is_sorted(), "{order:?}");
        for file in FILES {
            assert!(!file.category.is_empty() && file.name.ends_with(".yaml"), "{}/{}", file.category, file.name);
        }
    }

    #[test]
    fn built_in_rules_load_without_a_problem() {
        let rules = load_all(FILES, SUBJECTS).unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert_eq!(rules.len(), FILES.len());
        for (rule, file) in rules.iter().zip(FILES) {
            assert_eq!(format!("{}.yaml", rule.rule.id), file.name);
            assert_eq!(rule.category.as_str(), file.category);
        }
    }

    #[test]
    fn built_in_rules_have_an_example_from_their_fixtures() {
        for rule in load_all(FILES, SUBJECTS).expect("loaded") {
            let example = example(&rule.rule.id).expect("an entry for each rule");
            assert!(!example.before.is_empty(), "{} has no `archlint: before`", rule.rule.id);
            assert!(!example.after.is_empty(), "{} has no `archlint: after`", rule.rule.id);
        }
    }

    #[test]
    fn built_in_rules_say_where_to_read_on() {
        for rule in load_all(FILES, SUBJECTS).expect("loaded") {
            assert!(!rule.rule.limits.is_empty(), "{} has no limits", rule.rule.id);
            assert!(!rule.rule.references.is_empty(), "{} has no references", rule.rule.id);
            for reference in &rule.rule.references {
                assert!(reference.starts_with("https://"), "{}: {reference}", rule.rule.id);
            }
        }
    }
}
