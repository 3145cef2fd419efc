//! Prisma schemas: the database that `schema.prisma` names in its `datasource` block, and the
//! tables of its models (prisma.io, "Prisma schema reference", read in 2026).

use std::ops::Range;

use super::connections::connection_of_pieces;
use super::prisma_models;
use super::reading::Reading;
use super::secrets::{Piece, configured};
use crate::facts::Fact;
use crate::facts::data::{Connection, SecretPlace};
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::tables::engines::engines;

/// True for Prisma schemas.
pub fn claims(path: EstatePath) -> bool {
    path.name().ends_with(".prisma")
}

/// Adds the connection of each `datasource` block and the table of each model. A URL that is `env("X")` leaves server
/// [`Form::Env`]: the variable's value is a whole connection text.
pub fn read(reading: &mut Reading<'_>) {
    prisma_models::add_tables(reading);
    let text = reading.file.text;
    let mut block: Option<Block> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.trim_start_matches('\u{feff}').trim();
        if code.starts_with("//") {
            continue;
        }
        match &mut block {
            None if code.starts_with("datasource ") && code.ends_with('{') => block = Some(Block::default()),
            None => {}
            Some(_) if code.starts_with('}') => {
                if let Some(block) = block.take() {
                    block.add(reading);
                }
            }
            Some(block) => block.line(line, start),
        }
    }
    if block.is_some() {
        let end = reading.span(text.len(), text.len());
        reading.problem(end, "a datasource block is never closed", "close the block with }");
    }
}

/// What a `datasource` block says so far.
#[derive(Default)]
struct Block {
    provider: Option<Range<usize>>,
    url: Option<Url>,
}

enum Url {
    /// `env("DATABASE_URL")`: the range of the name.
    Env(Range<usize>),
    /// `"postgresql://…"`: the range of the text.
    Literal(Range<usize>),
}

impl Block {
    fn line(&mut self, line: &str, start: usize) {
        let Some((key, value)) = line.split_once('=') else { return };
        let value_start = start + key.len() + 1;
        let Some(open) = value.find('"') else { return };
        let Some(length) = value.get(open + 1..).and_then(|rest| rest.find('"')) else { return };
        let range = value_start + open + 1..value_start + open + 1 + length;
        match key.trim() {
            "provider" => self.provider = Some(range),
            "url" if value.trim_start().starts_with("env") => self.url = Some(Url::Env(range)),
            "url" => self.url = Some(Url::Literal(range)),
            _ => {}
        }
    }

    fn add(self, reading: &mut Reading<'_>) {
        let text = reading.file.text;
        let of = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
        let engine = self.provider.as_ref().and_then(|provider| engines().by_alias(of(provider)));
        let Some(url) = self.url else { return };
        let connection = match url {
            Url::Env(range) => {
                let span = reading.span(range.start, range.end);
                let Some(engine) = engine else {
                    reading.unclear(span, "datasource of a Prisma schema", "its provider is not known");
                    return;
                };
                Some(Connection {
                    engine: engine.name,
                    server: Some(Value { form: Form::Env(Symbol::new(of(&range))), span }),
                    port: None,
                    database: None,
                    schema: None,
                    user: None,
                    password: None,
                    options: Vec::new(),
                    in_code: false,
                    read_only: false,
                    span,
                })
            }
            Url::Literal(range) => {
                let span = reading.span(range.start, range.end);
                let literal = of(&range);
                configured(reading, "url", literal, span, SecretPlace::Configuration);
                connection_of_pieces(&[Piece::Literal(literal, span)], span, false)
            }
        };
        if let Some(connection) = connection {
            reading.add(Fact::Connection(Box::new(connection)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::facts::value::Form;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::line_index::{ColumnUnit, LineIndex};
    use crate::source::path::EstatePath;

    /// `engine server/database line:column`, `secret`, `problem`.
    fn facts(text: &str) -> Vec<String> {
        let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("schema.prisma"), text });
        read(&mut reading);
        let mut lines: Vec<String> = reading.facts.problems.iter().map(|_| "problem".to_owned()).collect();
        for fact in &reading.facts.facts {
            match fact {
                Fact::Secret(_) => lines.push("secret".to_owned()),
                Fact::Connection(it) => {
                    let server = match it.server.as_ref().map(|server| &server.form) {
                        Some(Form::Env(name)) => format!("env {name}"),
                        Some(Form::Literal(name)) => name.to_string(),
                        _ => String::new(),
                    };
                    let database = it.database.as_ref().and_then(|it| it.as_literal()).map_or("", |it| it.as_str());
                    let at = LineIndex::new(text).position(text, it.span.start, ColumnUnit::Characters);
                    lines.push(format!("{} {server}/{database} {}:{}", it.engine, at.line, at.column));
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        lines
    }

    #[test]
    fn a_datasource_states_its_engine_and_where_its_url_comes_from() {
        let schema = |url: &str| format!("datasource db {{\n  provider = \"postgresql\"\n  url      = {url}\n}}\n");
        assert_eq!(facts(&schema("env(\"DATABASE_URL\")")), ["postgresql env DATABASE_URL/ 3:19"]);
        assert_eq!(facts(&schema("\"postgresql://u:hunter2@db/books\"")), ["secret", "postgresql db/books 3:15"]);
        assert_eq!(
            facts("datasource db {\n  provider = \"sqlite\"\n  url = \"file:./dev.db\"\n}"),
            ["sqlite /./dev.db 3:10"]
        );
    }

    #[test]
    fn generators_models_and_comments_state_nothing() {
        assert!(facts("generator client {\n  provider = \"prisma-client-js\"\n}\nenum A {\n  URL\n}\n").is_empty());
        assert!(facts("// datasource db {\n//  url = env(\"X\")\n// }\n").is_empty());
    }

    #[test]
    fn a_block_that_is_never_closed_is_a_problem() {
        assert_eq!(facts("datasource db {\n  provider = \"mysql\"\n"), ["problem"]);
    }
}
