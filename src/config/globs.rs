//! Patterns of paths as the configuration writes them.

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use crate::source::path::EstatePath;

/// Paths by pattern, relative to the configuration's folder: `legacy` means the file or
/// folder and all below it, `**/testdata` such folders anywhere, `*.yaml` files beside the
/// configuration.
#[derive(Clone, Debug)]
pub struct PathGlobs {
    globs: Vec<Glob>,
    set: GlobSet,
}

impl PathGlobs {
    /// No paths.
    pub fn empty() -> Self {
        Self { globs: Vec::new(), set: GlobSet::empty() }
    }

    /// Compiles patterns; a wrong one comes back with its index and the reason. `prefix` is
    /// the estate's root as seen from the configuration's folder, for example `services`;
    /// mostly empty.
    pub fn new<'p>(patterns: impl Iterator<Item = &'p str>, prefix: &str) -> Result<Self, (usize, String)> {
        let mut globs = Vec::new();
        for (index, pattern) in patterns.enumerate() {
            let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
            let reason = |error: globset::Error| (index, error.kind().to_string());
            compiled(pattern).map_err(reason)?;
            let Some(pattern) = seen_from_root(pattern, prefix).map_err(reason)? else { continue };
            globs.push(compiled(&pattern).map_err(reason)?);
            globs.push(compiled(&format!("{pattern}/**")).map_err(reason)?);
        }
        let mut builder = GlobSetBuilder::new();
        for glob in &globs {
            builder.add(glob.clone());
        }
        let set = builder.build().map_err(|error| (0, error.kind().to_string()))?;
        Ok(Self { globs, set })
    }

    /// The paths of both.
    pub fn and(mut self, other: Self) -> Self {
        self.globs.extend(other.globs);
        let mut builder = GlobSetBuilder::new();
        for glob in &self.globs {
            builder.add(glob.clone());
        }
        // Each of them was compiled before; together they can only be too large.
        let set = builder.build().unwrap_or(self.set);
        Self { globs: self.globs, set }
    }

    /// True if some pattern means `path`.
    pub fn matches(&self, path: EstatePath) -> bool {
        self.set.is_match(path.as_str())
    }

    /// One matcher for each pattern, for paths relative to the estate's root.
    pub fn matchers(&self) -> impl Iterator<Item = GlobMatcher> {
        self.globs.iter().map(Glob::compile_matcher)
    }
}

fn compiled(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).literal_separator(true).backslash_escape(true).build()
}

/// The pattern with the folders of `prefix` taken off; `None` where it means nothing below
/// the prefix, `**` where it means all of it.
fn seen_from_root(pattern: &str, prefix: &str) -> Result<Option<String>, globset::Error> {
    let mut rest = pattern;
    for folder in prefix.split('/').filter(|folder| !folder.is_empty()) {
        let (first, behind) = rest.split_once('/').unwrap_or((rest, "**"));
        if first == "**" {
            break;
        }
        if !compiled(first)?.compile_matcher().is_match(folder) {
            return Ok(None);
        }
        rest = behind;
    }
    Ok(Some(rest.to_owned()))
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
            ("services", "services/a", "b.yaml", true),
            ("serv*/a/x", "services/a", "x/b.yaml", true),
            ("**/x", "services/a", "x/b.yaml", true),
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
