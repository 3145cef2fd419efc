//! Tables whose rows are names, each a sign of one of a few kinds.

use super::row::each_row;
use crate::source::symbol::Symbol;
use crate::syntax::tree::SyntaxProblem;

/// The kinds of signs of a table.
pub trait Sign: Copy + PartialEq + 'static {
    /// Each kind by the word that rows use for it.
    const WORDS: &'static [(&'static str, Self)];
}

/// A table of signs.
#[derive(Debug)]
pub struct Signs<S> {
    rows: Vec<(S, Symbol)>,
}

impl<S: Sign> Signs<S> {
    /// True where the table lists `name` as a sign of this kind, by itself or by a beginning
    /// that a row ends with `*`.
    pub fn lists(&self, sign: S, name: &str) -> bool {
        let fits = |known: &str| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => known == name,
        };
        self.rows.iter().any(|(of, known)| *of == sign && fits(known.as_str()))
    }

    /// What archlint ships: a text whose rows can all be read, which a test holds.
    pub fn shipped(text: &str) -> Self {
        Self::read(text).0
    }

    /// Reads a table; rows that are not understood are left out and named in the problems.
    pub fn read(text: &str) -> (Self, Vec<SyntaxProblem>) {
        let mut table = Self { rows: Vec::new() };
        let words: Vec<&str> = S::WORDS.iter().map(|(word, _)| *word).collect();
        let problems = each_row(text, &["ecosystem", "rows"], &["sign", "name", "source", "checked"], |_, reader| {
            reader.required("sign");
            let meaning = |text: &str| S::WORDS.iter().find(|(word, _)| *word == text).map(|(_, sign)| *sign);
            let sign = reader.word("sign", &words, meaning);
            let name = reader.required("name").map(Symbol::new);
            reader.origin();
            table.rows.extend(sign.zip(name));
        });
        (table, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::{Sign, Signs};
    use crate::tables::correlation::{CorrelationSign, NPM as CORRELATION, correlation};
    use crate::tables::shutdown::{NPM as SHUTDOWN, ShutdownSign, shutdown};

    fn problems<S: Sign>(text: &str) -> Vec<String> {
        Signs::<S>::read(text).1.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn every_shipped_row_can_be_read() {
        assert_eq!(problems::<CorrelationSign>(CORRELATION), Vec::<String>::new());
        assert_eq!(problems::<ShutdownSign>(SHUTDOWN), Vec::<String>::new());
    }

    #[test]
    fn a_name_is_a_sign_of_the_kind_of_its_row() {
        assert!(shutdown().lists(ShutdownSign::Package, "lightship"));
        assert!(!shutdown().lists(ShutdownSign::Name, "lightship"));
        assert!(correlation().lists(CorrelationSign::Carrier, "nestjs-cls"));
        assert!(correlation().lists(CorrelationSign::SilentTracer, "@opentelemetry/sdk-node"));
        assert!(!correlation().lists(CorrelationSign::Carrier, "nestjs-cls-other"));
    }

    #[test]
    fn mistakes_are_named() {
        let row = "rows: [{ sign: carriage, name: a, source: https://a.example, checked: 2026-11 }]";
        assert_eq!(problems::<CorrelationSign>(row).len(), 1);
        assert_eq!(problems::<ShutdownSign>("rows: [{ sign: name }]").len(), 2);
    }
}
