//! What is known about the world stands in `tables/`, each row with its source and date.

use serde_yaml::Value;

use super::tree;

#[test]
fn every_row_of_a_table_says_where_it_is_from_and_when_it_was_checked() {
    let mut wrong = Vec::new();
    let tables = tree::below("tables");
    assert!(!tables.is_empty());
    for path in tables {
        let table: Value = serde_yaml::from_str(&tree::text(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let rows = table.as_mapping().into_iter().flatten().filter_map(|(_, value)| value.as_sequence());
        let rows: Vec<_> = rows.flatten().collect();
        assert!(!rows.is_empty(), "{path} has no rows");
        for (index, row) in rows.into_iter().enumerate() {
            if !text(row, "source").starts_with("https://") {
                wrong.push(format!("{path}: row {} has no source", index + 1));
            }
            if !is_month(text(row, "checked")) {
                wrong.push(format!("{path}: row {} has no month of its check, as in 2026-11", index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row.get(key).and_then(Value::as_str).unwrap_or("")
}

fn is_month(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| {
        year.len() == 4 && year.parse::<u16>().is_ok() && matches!(month.parse::<u8>(), Ok(1..=12))
    })
}
