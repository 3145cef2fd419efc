//! The identity of a finding over runs: a hash of the rule and of what the finding is about.
//!
//! `docs/fingerprints.md` publishes the algorithm, with vectors that the tests below check:
//! baselines and other people's tools rely on both.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::finding::Finding;
use super::rule::Rule;

/// Name of the algorithm. Another one makes every baseline stale, and so gets another name.
pub const ALGORITHM: &str = "archlint/v1";

/// Hexadecimal digits of a fingerprint: 128 bits, so that no two meet by chance and nobody
/// finds a second name for one that is in a baseline.
const DIGITS: usize = 32;

/// 32 lower-case hexadecimal digits of SHA-256 over the algorithm's name, the rule and the
/// anchor, with a zero byte between them. `rule` is a rule's [`first_name`], `anchor` says in
/// words what the finding is about: never where it stands.
pub fn fingerprint(rule: &str, anchor: &str) -> String {
    let mut hash = Sha256::new();
    for part in [ALGORITHM, "\0", rule, "\0", anchor] {
        hash.update(part.as_bytes());
    }
    let mut digits = String::with_capacity(2 * DIGITS);
    for byte in hash.finalize() {
        digits.push_str(&format!("{byte:02x}"));
    }
    digits.truncate(DIGITS);
    digits
}

/// The id under which a rule was first published, so that renaming it makes nothing stale.
pub fn first_name(rule: &Rule) -> &str {
    rule.formerly.first().unwrap_or(&rule.id)
}

/// Makes equal fingerprints different: in the order of the findings, which is that of places,
/// the second one gets `:2`, the third `:3`. Where one of them is repaired, it is the last
/// number that goes, whichever it was: that is enough to count them.
pub fn number_equal_ones(findings: &mut [Finding]) {
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{}:{count}", finding.fingerprint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::infer::subjects::SUBJECTS;

    const PAGE: &str = include_str!("../../docs/fingerprints.md");

    /// The cells of the rows of the table whose header begins with `title`, without backticks.
    fn rows(title: &str) -> Vec<Vec<String>> {
        let lines = PAGE.lines().skip_while(|line| !line.starts_with(&format!("| {title} |"))).skip(2);
        let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        lines.take_while(|line| line.starts_with('|')).map(cells).collect()
    }

    #[test]
    fn the_published_vectors_hold() {
        let vectors = rows("rule");
        assert!(vectors.len() >= 5, "{vectors:?}");
        for vector in vectors {
            let [rule, anchor, expected] = vector.as_slice() else { panic!("{vector:?}") };
            assert_eq!(&fingerprint(rule, anchor), expected, "{rule} {anchor}");
        }
    }

    #[test]
    fn the_anchor_of_every_kind_of_subject_is_published() {
        let published = rows("subject");
        for subject in SUBJECTS {
            assert!(published.iter().any(|row| row[0] == subject.kind), "{} has no row", subject.kind);
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(fingerprint("ab", "c"), fingerprint("a", "bc"));
        assert_ne!(fingerprint("", "a"), fingerprint("a", ""));
    }
}
