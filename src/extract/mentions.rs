//! Environment variables that source code of any language speaks of. No parser: whatever
//! looks like the name of a variable, in files that have to do with an environment at all.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::reading::Reading;
pub use super::source_literals::claims;
use crate::facts::Fact;
use crate::source::symbol::Symbol;

/// Larger files are generated, or data.
const FILE_LIMIT: usize = 1 << 20;
/// More names than any hand-written file has.
const NAME_LIMIT: usize = 400;

/// A name of two words or more: `HOST` alone is a word of every other thing, too.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b").ok());

/// Signs that a file reads an environment: `os.environ`, `getenv`, `process.env`,
/// `Environment.GetEnvironmentVariable`, Spring's `${NAME}`, and functions of that name.
const SIGNS: &[&str] = &["env", "ENV", "Env", "${"];

/// Notes the names.
pub fn read(reading: &mut Reading<'_>) {
    let text = reading.file.text;
    let about = |sign: &&str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    if text.len() > FILE_LIMIT || !SIGNS.iter().any(about) {
        return;
    }
    let Some(pattern) = NAME.as_ref() else { return };
    let names: BTreeSet<&str> = pattern.find_iter(text).map(|found| found.as_str()).take(NAME_LIMIT * 8).collect();
    if !names.is_empty() && names.len() <= NAME_LIMIT {
        reading.add(Fact::Mentions(names.into_iter().map(Symbol::new).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    #[test]
    fn names_of_variables_are_noted_in_every_language() {
        for (path, text, expected) in [
            ("a.go", "addr := os.Getenv(\"STOCK_ADDR\")", &["STOCK_ADDR"][..]),
            ("a.py", "os.environ['B_URL']; os.environ.get(\"A_URL\")", &["A_URL", "B_URL"]),
            ("A.java", "@Value(\"http://${BILLING_ADDR}/pay\") String url;", &["BILLING_ADDR"]),
            ("a.ts", "const { STOCK_ADDR = '' } = process.env;", &["STOCK_ADDR"]),
            ("a.ts", "const { HOST } = process.env;", &[]),
            // Nothing here has to do with an environment.
            ("a.py", "MAX_RETRIES = 3", &[]),
        ] {
            let file = SourceFile { id: FileId(0), path: EstatePath::new(path), text };
            let mut reading = Reading::new(file);
            read(&mut reading);
            let names: Vec<&str> = reading
                .facts
                .facts
                .iter()
                .flat_map(|fact| match fact {
                    Fact::Mentions(names) => names.iter().map(|name| name.as_str()).collect(),
                    _other => Vec::new(),
                })
                .collect();
            assert_eq!(names, expected, "{text}");
        }
    }
}
