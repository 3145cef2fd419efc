//! Patterns of paths as the configuration writes them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::source::path::EstatePath;

/// Paths by pattern, relative to the configuration's folder: `legacy` means the file or
/// folder and all below it, `**/testdata` such folders anywhere, `*.yaml` files beside the
/// configuration.
#[derive(Clone, Debug)]
pub struct PathGlobs {
    set: GlobSet,
    /// The estate's root as seen from the configuration's folder: `services/`; mostly empty.
    prefix: String,
}

impl PathGlobs {
    /// No paths.
    pub fn empty() -> Self {
        Self { set: GlobSet::empty(), prefix: String::new() }
    }

    /// Compiles patterns; a wrong one comes back with the reason and its index.
    pub fn new<'p>(patterns: impl Iterator<Item = &'p str>, prefix: &str) -> Result<Self, (usize, String)> {
        let mut builder = GlobSetBuilder::new();
        for (index, pattern) in patterns.enumerate() {
            let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
            for text in [pattern.to_owned(), format!("{pattern}/**")] {
                let glob = GlobBuilder::new(&text).literal_separator(true).backslash_escape(true).build();
                builder.add(glob.map_err(|error| (index, error.kind().to_string()))?);
            }
        }
        let set = builder.build().map_err(|error| (0, error.kind().to_string()))?;
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { set, prefix })
    }

    /// True if some pattern means `path`.
    pub fn matches(&self, path: EstatePath) -> bool {
        if self.prefix.is_empty() {
            return self.set.is_match(path.as_str());
        }
        self.set.is_match(format!("{}{path}", self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::PathGlobs;
    use crate::source::path::EstatePath;

    #[test]
    fn a_pattern_means_a_path_and_all_below_it() {
        for (pattern, prefix, path, expected) in [
            ("legacy", "", "legacy/a/b.yaml", true),
            ("legacy/", "", "legacy", true),
            ("legacy", "", "legacy2/b.yaml", false),
            ("legacy", "", "a/legacy/b.yaml", false),
            ("**/testdata", "", "a/testdata/b.yaml", true),
            ("**/testdata", "", "testdata/b.yaml", true),
            ("*.yaml", "", "a/b.yaml", false),
            ("./a/*.yaml", "", "a/b.yaml", true),
            ("services/a", "services", "a/b.yaml", true),
            ("a", "services", "a/b.yaml", false),
        ] {
            let globs = PathGlobs::new([pattern].into_iter(), prefix).expect("a pattern");
            assert_eq!(globs.matches(EstatePath::new(path)), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_named() {
        assert_eq!(PathGlobs::new(["a", "[b"].into_iter(), "").err().map(|(index, _)| index), Some(1));
    }
}
