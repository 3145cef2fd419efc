//! What brings the id of a request into log lines or on to others: `tables/correlation/`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const NPM: &str = include_str!("../../tables/correlation/npm.yaml");

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrelationSign {
    /// `request-logger`: a package whose lines about an HTTP request carry its id.
    RequestLogger,
    /// `carrier`: a package that keeps an id for a whole request.
    Carrier,
    /// `log-instrumentation`: a package that brings the id of the trace into log lines.
    LogInstrumentation,
    /// `name`: a name or text in code that holds such an id, in lower case and without `_`.
    Name,
}

/// The table.
#[derive(Debug, Default)]
pub struct Correlation {
    rows: Vec<(CorrelationSign, Symbol)>,
}

impl Correlation {
    /// True where the table lists `name` as a sign of this kind.
    pub fn lists(&self, sign: CorrelationSign, name: &str) -> bool {
        self.rows.iter().any(|(of, known)| *of == sign && known.as_str() == name)
    }
}

/// What archlint ships.
pub fn correlation() -> &'static Correlation {
    static TABLE: LazyLock<Correlation> = LazyLock::new(|| read(NPM).0);
    &TABLE
}

fn read(text: &str) -> (Correlation, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), text);
    let mut problems = tree.problems.clone();
    let mut table = Correlation::default();
    for document in tree.documents() {
        RowReader::new(document, &["ecosystem", "rows"], &mut problems).required_list("rows");
        for row in document.get("rows").into_iter().flat_map(Node::items) {
            let mut reader = RowReader::new(row, &["sign", "name", "source", "checked"], &mut problems);
            reader.required("sign");
            let words = ["request-logger", "carrier", "log-instrumentation", "name"];
            let sign = reader.word("sign", &words, |word| match word {
                "request-logger" => Some(CorrelationSign::RequestLogger),
                "carrier" => Some(CorrelationSign::Carrier),
                "log-instrumentation" => Some(CorrelationSign::LogInstrumentation),
                "name" => Some(CorrelationSign::Name),
                _unheard_of => None,
            });
            let name = reader.required("name").map(Symbol::new);
            reader.origin();
            table.rows.extend(sign.zip(name));
        }
    }
    (table, problems)
}

#[cfg(test)]
mod tests {
    use super::{CorrelationSign, NPM, correlation, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(NPM).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(correlation().lists(CorrelationSign::Carrier, "nestjs-cls"));
        assert!(!correlation().lists(CorrelationSign::Name, "nestjs-cls"));
    }
}
