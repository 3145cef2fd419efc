//! GitHub's identity of a line, `primaryLocationLineHash`, as `upload-sarif` computes it where
//! a result has none (github/codeql-action, `src/fingerprints.ts`, read in August 2026).

use std::collections::BTreeMap;
use std::fmt;

/// Units of UTF-16 that a line's value covers: the line and what follows it.
const WINDOW: usize = 100;
/// The base of the polynomial.
const FACTOR: u64 = 37;
/// Stands behind the last unit of a file.
const END_OF_FILE: u16 = 65535;

/// The identity of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineHash {
    value: u64,
    /// How often the value has occurred up to there, this one included.
    occurrence: u32,
}

impl fmt::Display for LineHash {
    /// Hexadecimal digits, a colon and the number: `c129715d7a2bc9a3:1`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:x}:{}", self.value, self.occurrence)
    }
}

/// The hash of every line of `text`. A text that ends in a line break has one
/// more line behind it. Linear in the text.
///
/// Blanks and tabs are dropped and line ends made `\n`; a line's value is the sum of the
/// 100 units from its first one on, each times a power of 37 that falls with its
/// distance, modulo 2^64.
pub fn line_hashes(text: &str) -> Vec<LineHash> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len() + WINDOW + 1);
    let mut starts = vec![0];
    let mut previous = 0;
    for unit in text.encode_utf16() {
        let is_second_half = unit == u16::from(b'\n') && previous == u16::from(b'\r');
        previous = unit;
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || is_second_half {
            continue;
        }
        if unit == u16::from(b'\n') || unit == u16::from(b'\r') {
            units.push(u16::from(b'\n'));
            starts.push(units.len());
        } else {
            units.push(unit);
        }
    }
    units.push(END_OF_FILE);
    let sums = windows(&units, &starts);
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    sums.into_iter()
        .map(|value| {
            let count = seen.entry(value).or_default();
            *count += 1;
            LineHash { value, occurrence: *count }
        })
        .collect()
}

/// The value of each window that begins at one of `starts`; zeros follow the units.
fn windows(units: &[u16], starts: &[usize]) -> Vec<u64> {
    let unit = |at: usize| units.get(at).map_or(0, |unit| u64::from(*unit));
    let sum =
        |start: usize| (start..start + WINDOW).fold(0_u64, |sum, at| sum.wrapping_mul(FACTOR).wrapping_add(unit(at)));
    starts.iter().map(|&start| sum(start)).collect()
}

#[cfg(test)]
mod tests {
    use super::line_hashes;

    fn hashes(text: &str) -> Vec<String> {
        line_hashes(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_published_vectors_hold() {
        for (text, expected) in [
            ("", "c129715d7a2bc9a3:1"),
            (" a\nb\n  \t\tc\n d", "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"),
        ] {
            assert_eq!(hashes(text).join(" "), expected);
        }
        // The last line, which is empty, has the hash of an empty file.
        assert_eq!(hashes("x = 2\nx = 1\n").last().map(String::as_str), Some("c129715d7a2bc9a3:1"));
    }

    #[test]
    fn line_ends_and_indentation_do_not_matter() {
        let expected = hashes("a: 1\nb:\n  c: 2\n");
        assert_eq!(hashes("a: 1\r\nb:\r\n\tc: 2\r\n"), expected);
        assert_eq!(hashes("a: 1\rb:\r c:2\r"), expected);
        assert_eq!(expected.len(), 4);
    }

    #[test]
    fn equal_lines_are_counted() {
        let hashes = hashes(&format!("x{}\n", "y".repeat(120)).repeat(3));
        assert_eq!(hashes[1], hashes[0].replace(":1", ":2"));
        assert_eq!(hashes[2], hashes[0].replace(":1", ":3"));
    }
}
