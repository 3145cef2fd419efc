//! SQL scripts: the databases that they create.

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::CreatedDatabase;
use crate::source::path::EstatePath;
use crate::source::symbol::Symbol;

/// `CREATE DATABASE [IF NOT EXISTS] name`, with any of the quotes that dialects use. A comment
/// or a string before it on its line is what no script of this kind has.
static CREATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?im)^[ \t]*create[ \t]+database[ \t]+(?:if[ \t]+not[ \t]+exists[ \t]+)?[`"\[]?([A-Za-z_][A-Za-z0-9_-]*)"#,
    )
    .ok()
});

/// Most statements read of one script.
const LIMIT: usize = 1_000;

/// `*.sql`
pub fn claims(path: EstatePath) -> bool {
    path.name().to_ascii_lowercase().ends_with(".sql")
}

/// Adds the databases that the script creates.
pub fn read(reading: &mut Reading<'_>) {
    let Some(create) = CREATE.as_ref() else { return };
    let text = reading.file.text;
    let found: Vec<(&str, usize, usize)> = create
        .captures_iter(text)
        .take(LIMIT)
        .filter_map(|captures| captures.get(1))
        .map(|name| (name.as_str(), name.start(), name.end()))
        .collect();
    for (name, start, end) in found {
        let span = reading.span(start, end);
        reading.add(Fact::CreatedDatabase(Box::new(CreatedDatabase { name: Symbol::new(name), span })));
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    #[test]
    fn scripts_name_the_databases_they_create() {
        let text = "-- CREATE DATABASE commented;\nCREATE DATABASE orders;\r\ncreate database if not exists `billing_db`;\nCREATE TABLE t (database int);\n";
        let path = EstatePath::new("db/init.sql");
        let mut reading = Reading::new(SourceFile { id: FileId(0), path, text });
        super::read(&mut reading);
        let names: Vec<(&str, &str)> = reading
            .facts
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::CreatedDatabase(created) => {
                    Some((created.name.as_str(), &text[created.span.start as usize..created.span.end as usize]))
                }
                _ => None,
            })
            .collect();
        assert_eq!(names, [("orders", "orders"), ("billing_db", "billing_db")]);
    }
}
