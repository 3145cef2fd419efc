//! Which dependencies show that a program can speak to an engine.

use std::sync::LazyLock;

use crate::source::file::FileId;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::syntax::yaml;

const TABLE: &str = include_str!("../../tables/drivers/drivers.yaml");

/// Engines with the parts of names that show their drivers.
static DRIVERS: LazyLock<Vec<(Symbol, Vec<Symbol>)>> = LazyLock::new(|| rows("drivers"));

/// Engines of drivers for .NET that speak to nothing else.
static EXCLUSIVE: LazyLock<Vec<(Symbol, Vec<Symbol>)>> = LazyLock::new(|| rows("exclusive"));

fn rows(list: &str) -> Vec<(Symbol, Vec<Symbol>)> {
    let tree = yaml::parse(FileId(0), TABLE);
    let rows = tree.documents().next().and_then(|root| root.get(list));
    rows.into_iter()
        .flat_map(Node::items)
        .filter_map(|row| {
            let parts = row.get("parts")?.items().filter_map(Node::text).map(Symbol::new).collect();
            Some((Symbol::new(row.get("engine").and_then(Node::text)?), parts))
        })
        .collect()
}

/// The one relational engine that a package of .NET can speak to: `postgresql` of `Npgsql`.
pub fn only_engine_of(dependency: &str) -> Option<Symbol> {
    let lower = dependency.to_ascii_lowercase();
    EXCLUSIVE.iter().find(|(_, parts)| parts.iter().any(|part| names(&lower, part))).map(|(engine, _)| *engine)
}

/// True if a dependency of this name can speak to `engine` (canonical). Engines without a
/// row of their own count as relational. Upper and lower case do not matter.
pub fn speaks(dependency: &str, engine: &str) -> bool {
    let lower = dependency.to_ascii_lowercase();
    let row =
        DRIVERS.iter().find(|(name, _)| name == engine).or_else(|| DRIVERS.iter().find(|(name, _)| name == "sql"));
    row.is_some_and(|(_, parts)| parts.iter().any(|part| names(&lower, part)))
}

/// Short parts must be a whole word: `pg` is in `pg-pool`, not in `upgrade`.
fn names(dependency: &str, part: &str) -> bool {
    if part.len() > 3 {
        return dependency.contains(part);
    }
    dependency.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == part)
        || (part == "sql" && dependency.contains(part))
}

#[cfg(test)]
mod tests {
    use super::{only_engine_of, speaks};

    #[test]
    fn a_driver_of_one_engine_tells_which() {
        let engine = |dependency| only_engine_of(dependency).map(|engine| engine.to_string());
        assert_eq!(engine("Npgsql.EntityFrameworkCore.PostgreSQL").as_deref(), Some("postgresql"));
        assert_eq!(engine("Pomelo.EntityFrameworkCore.MySql").as_deref(), Some("mysql"));
        assert_eq!(engine("Microsoft.Data.SqlClient").as_deref(), Some("sqlserver"));
        assert_eq!(engine("Dapper"), None);
    }

    #[test]
    fn drivers_are_known_by_a_part_of_their_name() {
        for (dependency, engine, expected) in [
            ("ioredis", "redis", true),
            ("StackExchange.Redis", "redis", true),
            ("pg", "postgresql", true),
            ("pg-pool", "postgresql", true),
            ("upgrade-tool", "postgresql", false),
            ("Npgsql", "postgresql", true),
            ("express", "postgresql", false),
            ("mongoose", "mongodb", true),
            ("sequelize", "redis", false),
        ] {
            assert_eq!(speaks(dependency, engine), expected, "{dependency} {engine}");
        }
    }
}
