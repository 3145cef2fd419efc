//! `.gitignore` and `.ignore` files inside the estate; those above its root do not count.

use std::io::Read;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Longest ignore file that is obeyed, in bytes: patterns are compiled, and compiling
/// hostile lists takes long. The longest in use have some hundred lines.
const LONGEST: u64 = 128 << 10;

/// The ignore files of the folders on the way to where the walk stands.
#[derive(Default)]
pub struct IgnoreStack {
    /// (depth of the folder, its matchers), outermost first; a folder may have two.
    levels: Vec<(usize, Gitignore)>,
}

impl IgnoreStack {
    /// Forgets folders at `depth` and deeper: the walk has left them.
    pub fn leave(&mut self, depth: usize) {
        self.levels.retain(|(level, _)| *level < depth);
    }

    /// Reads the ignore files of `folder`, which lies at `depth`.
    pub fn enter(&mut self, depth: usize, folder: &Path) {
        // `.ignore` comes last and so wins, as in ripgrep.
        for name in [".gitignore", ".ignore"] {
            if let Some(matcher) = matcher(folder, name) {
                self.levels.push((depth, matcher));
            }
        }
    }

    /// True if the innermost file that speaks of `path` says to ignore it.
    pub fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        for (_, matcher) in self.levels.iter().rev() {
            match matcher.matched(path, is_folder) {
                Match::None => {}
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }
}

#[expect(clippy::disallowed_methods, reason = "discover is where the disk is read")]
fn matcher(folder: &Path, name: &str) -> Option<Gitignore> {
    let path = folder.join(name);
    // Not the builder's own reader: it would wait for ever on a FIFO.
    let kind = std::fs::symlink_metadata(&path).ok()?;
    if !kind.is_file() || kind.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&path).ok()?.take(LONGEST).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A pattern that makes no sense matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|matcher| !matcher.is_empty())
}
