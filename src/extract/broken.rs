//! Secrets of files that cannot be read in full: no tree says where a value ends there, and
//! the excerpt of the problem may show the very line.

use super::reading::Reading;
use super::secrets::is_secret_key;

/// Takes out of excerpts, in a file with problems, what stands behind a word that names a
/// secret, the logins of addresses, and blocks of keys. Too much rather than too little:
/// what is masked here was not understood. Linear in the text.
pub fn redact(reading: &mut Reading<'_>) {
    if reading.facts.problems.is_empty() {
        return;
    }
    let text = reading.file.text;
    let mut at = 0;
    let mut in_key = false;
    // `password: |` goes on below, further in.
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let indent = line.len() - line.trim_start().len();
        let further_in = block.is_some_and(|outer| indent > outer || line.trim().is_empty());
        block = block.filter(|_| further_in);
        in_key |= line.contains("-----BEGIN ");
        let hidden = if in_key || further_in { Some(0) } else { behind_secret_word(line) };
        in_key &= !line.contains("-----END ");
        if let Some(from) = hidden {
            let span = reading.span(start + from, at);
            reading.facts.redactions.push(span);
            block = block.or(Some(indent).filter(|_| ends_open(line)));
        }
        for (from, to) in logins(line) {
            let span = reading.span(start + from, start + to);
            reading.facts.redactions.push(span);
        }
    }
}

/// True for a line whose value follows on the next ones.
fn ends_open(line: &str) -> bool {
    line.trim_end().ends_with([':', '|', '>', '-', '+', '[', '{', '(', '\\', '=', ','])
}

/// Words of HTTP logins (RFC 9110, section 11), which stand before what is secret.
const LOGIN_WORDS: &[&str] = &["authorization", "bearer", "basic"];

/// Where a line goes on behind the first word that names a secret.
fn behind_secret_word(line: &str) -> Option<usize> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
    let mut word = 0;
    for (at, character) in line.char_indices() {
        if is_part(character) {
            continue;
        }
        let names_secret =
            |word: &str| is_secret_key(word) || LOGIN_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
        if line.get(word..at).is_some_and(|word| names_secret(word.trim_matches(['-', '.']))) {
            return Some(at);
        }
        word = at + character.len_utf8();
    }
    None
}

/// The ranges of what stands between `://` and `@`.
fn logins(line: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(scheme) = line.get(at..).and_then(|rest| rest.find("://")) {
        let from = at + scheme + "://".len();
        let rest = line.get(from..).unwrap_or_default();
        // A text that breaks off may have lost its `@`; a host with a port may stand there too.
        let end = rest.find(|character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '/' | '@'));
        let length = end.unwrap_or(rest.len());
        let login = rest.get(length..).is_some_and(|rest| rest.starts_with('@'));
        let cut = rest.get(..length).is_some_and(|rest| rest.contains(':')) && length == rest.trim_end().len();
        if login || cut {
            found.push((from, from + length));
        }
        at = from + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::redact;
    use crate::extract::reading::Reading;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;
    use crate::source::redactions::Redactions;

    fn masked(text: &str, broken: bool) -> String {
        let file = SourceFile { id: FileId(0), path: EstatePath::new("a.yaml"), text };
        let mut reading = Reading::new(file);
        if broken {
            let start = reading.file_start();
            reading.problem(start, "broken", "repair it");
        }
        redact(&mut reading);
        let mut redactions = Redactions::default();
        for span in reading.into_facts().redactions {
            redactions.add(span);
        }
        redactions.masked(FileId(0), 0, text)
    }

    #[test]
    fn what_may_be_secret_is_masked_in_broken_files() {
        for (text, expected) in [
            ("DB_PASSWORD='hunter2\nHOST=db\n", "DB_PASSWORD*********\nHOST=db\n"),
            ("args: [\"--password\", \"hunter2\n", "args: [\"--password***********\n"),
            ("url: x://shop:hunter2@db/shop\n", "url: x://************@db/shop\n"),
            ("set_header Authorization \"Bearer hunter2\";\n", "set_header Authorization******************\n"),
            ("url: x://shop:hunt", "url: x://*********"),
            ("url: http://db:80/shop\n", "url: http://db:80/shop\n"),
            ("password: |\n  one\n  two\nhost: db\n", "password***\n*****\n*****\nhost: db\n"),
            ("-----BEGIN KEY-----\nabc\n-----END KEY-----\nx\n", "*******************\n***\n*****************\nx\n"),
        ] {
            assert_eq!(masked(text, true), expected, "{text}");
            assert_eq!(masked(text, false), text);
        }
    }
}
