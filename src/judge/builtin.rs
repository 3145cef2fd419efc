//! The rules that ship with archlint, as texts; they are loaded like any user's rules.

/// A rule file of the `rules/` folder.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinFile {
    /// The folder that holds it: `resilience`.
    pub category: &'static str,
    /// Its name: `missing-timeout.yaml`.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn built_in_rules_are_sorted_and_named_after_their_folders() {
        let order: Vec<_> = FILES.iter().map(|file| (file.category, file.name)).collect();
        assert!(order.is_sorted(), "{order:?}");
        for file in FILES {
            assert!(!file.category.is_empty() && file.name.ends_with(".yaml"), "{}/{}", file.category, file.name);
        }
    }
}
