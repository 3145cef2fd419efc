//! Commands that change tables to fit a schema: `tables/stores/pushes.yaml`.

use std::sync::LazyLock;

use super::row::each_row;
use crate::syntax::tree::SyntaxProblem;

const TABLE: &str = include_str!("../../tables/stores/pushes.yaml");

/// The tool that the words of a command line, or of a whole script, have change tables: `prisma`
/// of `sh -c "npx prisma db push && node main.js"`.
pub fn pushes(words: &[&str]) -> Option<&'static str> {
    static ROWS: LazyLock<Vec<Vec<Box<str>>>> = LazyLock::new(|| read(TABLE).0);
    let plain: Vec<&str> = words.iter().map(|word| bare(word)).collect();
    ROWS.iter()
        .find(|row| (0..plain.len()).any(|at| follows(row, &plain, at)))
        .and_then(|row| row.first())
        .map(|tool| &**tool)
}

/// `prisma` of `"./node_modules/.bin/prisma@6"`.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(|letter: char| matches!(letter, '"' | '\'' | ';' | '(' | ')' | '[' | ']' | ','));
    let name = word.rsplit('/').next().unwrap_or(word);
    name.split_once('@').map_or(name, |(before, _)| before)
}

fn follows(row: &[Box<str>], words: &[&str], at: usize) -> bool {
    let mut rest = words.iter().skip(at);
    let Some((tool, others)) = row.split_first() else { return false };
    if rest.next() != Some(&&**tool) {
        return false;
    }
    let mut rest = rest.filter(|word| !word.starts_with('-'));
    others.iter().all(|wanted| rest.next() == Some(&&**wanted))
}

fn read(text: &str) -> (Vec<Vec<Box<str>>>, Vec<SyntaxProblem>) {
    let mut rows = Vec::new();
    let problems = each_row(text, &["rows"], &["words", "source", "checked"], |_, reader| {
        let words = reader.list("words");
        if words.len() < 2 {
            reader.problem_here("a command has two words or more".to_owned());
        }
        reader.origin();
        rows.push(words);
    });
    (rows, problems)
}

#[cfg(test)]
mod tests {
    use super::{TABLE, pushes, read};

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read(TABLE).1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn commands_are_told_by_their_words() {
        for (line, expected) in [
            ("npx prisma db push && node main.js", Some("prisma")),
            ("sh -c \"./node_modules/.bin/prisma@6 --schema a.prisma db push\"", None),
            ("sh -c \"npx prisma db push --skip-generate; node main.js\"", Some("prisma")),
            ("prisma migrate deploy", None),
            ("prisma db pull", None),
            ("drizzle-kit --config x push", None),
            ("pnpm drizzle-kit push", Some("drizzle-kit")),
            ("git push", None),
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(pushes(&words), expected, "{line}");
        }
    }
}
