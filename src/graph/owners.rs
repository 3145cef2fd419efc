//! Who owns a folder, by the lines that say so.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustc_hash::FxHashMap;

use super::inputs::Inputs;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// The ownership lines of the estate; the last one that matches a folder counts.
pub struct Owners<'a> {
    lines: Vec<&'a [Symbol]>,
    /// The last line about a folder and all in it, where the pattern names it in plain words.
    plain: FxHashMap<EstatePath, usize>,
    /// Lines of other patterns with the folder that they speak of the inside of.
    others: Vec<(usize, EstatePath, Pattern)>,
}

/// What a line's pattern matches.
enum Pattern {
    /// Everything.
    All,
    /// A pattern in the syntax of ignore files.
    Glob(Box<Gitignore>),
}

impl<'a> Owners<'a> {
    /// Compiles the patterns.
    pub fn new(inputs: &Inputs<'a>) -> Self {
        let mut owners = Self { lines: Vec::new(), plain: FxHashMap::default(), others: Vec::new() };
        for (number, line) in inputs.ownerships.iter().enumerate() {
            owners.lines.push(&line.fact.owners);
            if let Some(folder) = plain_folder(line.fact.base, &line.fact.pattern) {
                owners.plain.insert(folder, number);
            } else if let Some(pattern) = pattern(&line.fact.pattern) {
                owners.others.push((number, line.fact.base, pattern));
            }
        }
        owners
    }

    /// The owners of a folder.
    pub fn of(&self, folder: EstatePath) -> &'a [Symbol] {
        let mut last: Option<usize> = None;
        let mut at = folder;
        loop {
            last = last.max(self.plain.get(&at).copied());
            if at == EstatePath::root() {
                break;
            }
            at = at.parent();
        }
        for (number, base, pattern) in self.others.iter().rev() {
            if last.is_some_and(|last| last > *number) {
                break;
            }
            if strip(folder, *base).is_some_and(|below| pattern.owns(below)) {
                last = Some(*number);
                break;
            }
        }
        last.and_then(|number| self.lines.get(number)).copied().unwrap_or(&[])
    }
}

/// The folder that a pattern such as `/services/orders/` or `services/orders/**` names.
fn plain_folder(base: EstatePath, pattern: &str) -> Option<EstatePath> {
    let anchored = anchored(pattern);
    let is_anchored = anchored.trim_end_matches('/').contains('/');
    let relative = anchored.trim_matches('/');
    let is_plain = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    (is_anchored && relative.split('/').all(is_plain)).then(|| base.join(relative)).flatten()
}

/// A pattern without the stars at its end, which stand for all that is in the folder.
fn anchored(pattern: &str) -> &str {
    pattern.trim_end_matches("**").trim_end_matches('*')
}

/// What a pattern matches; `None` for one that makes no sense.
fn pattern(pattern: &str) -> Option<Pattern> {
    let anchored = anchored(pattern);
    if anchored.is_empty() || anchored == "/" {
        return Some(Pattern::All);
    }
    let mut builder = GitignoreBuilder::new("/");
    builder.add_line(None, anchored.trim_end_matches('/')).ok()?;
    Some(Pattern::Glob(Box::new(builder.build().ok()?)))
}

impl Pattern {
    /// True if it speaks of the folder as a whole: it matches the folder, one above it, or
    /// everything in it.
    fn owns(&self, folder: &str) -> bool {
        match self {
            Self::All => true,
            Self::Glob(matcher) => matcher.matched_path_or_any_parents(folder, true).is_ignore(),
        }
    }
}

/// A path as seen from `base`; `None` where it lies elsewhere.
fn strip(path: EstatePath, base: EstatePath) -> Option<&'static str> {
    if !path.is_within(base) {
        return None;
    }
    Some(path.as_str().get(base.as_str().len()..)?.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::Owners;
    use crate::facts::declaration::Ownership;
    use crate::facts::{Fact, Facts};
    use crate::graph::inputs::Inputs;
    use crate::source::file::FileId;
    use crate::source::path::EstatePath;
    use crate::source::span::Span;
    use crate::source::symbol::Symbol;

    /// The first owner of a folder where lines of a file in `base` have these patterns; each
    /// line's owner is its pattern.
    fn owner(base: &str, patterns: &[&str], folder: &str) -> Option<&'static str> {
        let mut facts = Facts::new(FileId(0));
        for pattern in patterns {
            facts.facts.push(Fact::Ownership(Box::new(Ownership {
                base: EstatePath::new(base),
                pattern: Symbol::new(pattern),
                owners: vec![Symbol::new(pattern)],
                span: Span::file_start(FileId(0)),
            })));
        }
        let (all, paths) = ([facts], [EstatePath::new(base)]);
        let inputs = Inputs::new(&all, &paths);
        Owners::new(&inputs).of(EstatePath::new(folder)).first().map(|owner| owner.as_str())
    }

    #[test]
    fn codeowners_patterns_speak_of_folders() {
        for (pattern, folder, expected) in [
            ("*", "services/orders", true),
            ("/services/orders/", "services/orders", true),
            ("/services/", "services/orders", true),
            ("services/orders/**", "services/orders", true),
            ("orders", "services/orders", true),
            ("orders/", "services/orders", true),
            ("/services/o*s", "services/orders", true),
            ("*.md", "services/orders", false),
            ("/orders/", "services/orders", false),
            ("/services/cart/", "services/orders", false),
        ] {
            assert_eq!(owner("", &[pattern], folder).is_some(), expected, "{pattern} for {folder}");
        }
    }

    #[test]
    fn the_last_line_that_matches_counts() {
        for (patterns, expected) in [
            (&["*", "/shop/orders"][..], Some("/shop/orders")),
            (&["/shop/orders", "*"], Some("*")),
            (&["/shop/orders", "/shop"], Some("/shop")),
            (&["orders", "/shop", "/cart"], Some("/shop")),
            (&["/shop", "o*s", "/cart"], Some("o*s")),
            (&["/cart"], None),
        ] {
            assert_eq!(owner("", patterns, "shop/orders"), expected, "{patterns:?}");
        }
    }

    #[test]
    fn patterns_count_from_the_folder_of_their_file() {
        assert_eq!(owner("team", &["/orders"], "team/orders/api"), Some("/orders"));
        assert_eq!(owner("team", &["/orders"], "orders"), None);
        assert_eq!(owner("team", &["*"], "other"), None);
    }
}
