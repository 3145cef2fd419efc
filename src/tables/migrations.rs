//! Which files change tables step by step, and what their steps look like:
//! `tables/stores/migrations.yaml`.

use std::sync::LazyLock;

use super::row::RowReader;
use crate::source::file::FileId;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, SyntaxProblem};
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/stores/migrations.yaml");

const KEYS: [&str; 9] = ["tool", "folders", "files", "creates", "alters", "drops", "sql", "source", "checked"];

/// What all tools have in common with each other: their names meet in the same folders.
#[derive(Debug, Default)]
pub struct Migrations {
    folders: Vec<Symbol>,
    files: Vec<Symbol>,
    /// Members that create the table named first.
    pub creates: Vec<Symbol>,
    /// Members that change it.
    pub alters: Vec<Symbol>,
    /// Members that drop it.
    pub drops: Vec<Symbol>,
    /// Members that take a text of SQL.
    pub sql: Vec<Symbol>,
}

fn read() -> (Migrations, Vec<SyntaxProblem>) {
    let tree = yaml::parse(FileId(0), TABLE);
    let mut problems = tree.problems.clone();
    let mut all = Migrations::default();
    let rows = tree.documents().next().and_then(|root| root.get("rows"));
    for row in rows.into_iter().flat_map(Node::items) {
        let mut reader = RowReader::new(row, &KEYS, &mut problems);
        reader.required("tool");
        reader.origin();
        let into = [
            ("folders", &mut all.folders),
            ("files", &mut all.files),
            ("creates", &mut all.creates),
            ("alters", &mut all.alters),
            ("drops", &mut all.drops),
            ("sql", &mut all.sql),
        ];
        for (key, list) in into {
            for name in reader.list(key) {
                let name = Symbol::new(&name);
                if !list.contains(&name) {
                    list.push(name);
                }
            }
        }
    }
    (all, problems)
}

/// What archlint ships.
pub fn migrations() -> &'static Migrations {
    static ALL: LazyLock<Migrations> = LazyLock::new(|| read().0);
    &ALL
}

impl Migrations {
    /// True if a file of this path is a step: `db/migrations/001-orders.sql`, `V2__orders.sql`.
    pub fn holds(&self, path: EstatePath) -> bool {
        let in_folder = path.parent().as_str().split('/').any(|part| self.folders.iter().any(|folder| folder == part));
        let name = path.name();
        let is_step = self.files.iter().any(|start| {
            name.strip_prefix(start.as_str())
                .is_some_and(|rest| start.ends_with('_') || rest.starts_with(|letter: char| letter.is_ascii_digit()))
                && name.contains("__")
        });
        in_folder || is_step
    }
}

#[cfg(test)]
mod tests {
    use super::{migrations, read};
    use crate::source::path::EstatePath;

    #[test]
    fn every_row_can_be_read() {
        let problems: Vec<String> = read().1.into_iter().map(|problem| problem.message).collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn steps_are_told_by_folder_or_name() {
        for (path, expected) in [
            ("orders/prisma/migrations/2024_init/migration.sql", true),
            ("orders/src/migrations/1700-orders.ts", true),
            ("sql/V2__orders.sql", true),
            ("sql/R__views.sql", true),
            ("sql/Views.sql", false),
            ("db/init.sql", false),
            ("src/migrations.ts", false),
        ] {
            assert_eq!(migrations().holds(EstatePath::new(path)), expected, "{path}");
        }
    }
}
