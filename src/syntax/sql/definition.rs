//! What `CREATE TABLE`, `ALTER TABLE` and `CREATE UNIQUE INDEX` say about a table.

use super::statement::table_at;
use super::{Definition, Kind, Table, What, Word};

/// Most columns, keys and references kept of one statement.
const LIMIT: usize = 512;

/// The table of a definition and what is said about it.
pub(super) fn read(words: &[Word], kind: Kind) -> (Option<Table>, Definition) {
    let mut definition = Definition::default();
    let object = words.iter().position(|word| word.is_any(&["table", "index"]));
    let Some(mut at) = object.map(|object| object + 1) else { return (None, definition) };
    while words.get(at).is_some_and(|word| word.is_any(&["if", "not", "exists", "only", "concurrently"])) {
        at += 1;
    }
    if kind == Kind::CreateIndex {
        let is_unique = words.iter().take(at).any(|word| word.is("unique"));
        let Some(on) = words.iter().skip(at).position(|word| word.is("on")).map(|on| at + on + 1) else {
            return (None, definition);
        };
        let on = if words.get(on).is_some_and(|word| word.is("only")) { on + 1 } else { on };
        let Some((table, next)) = table_at(words, on) else { return (None, definition) };
        if is_unique && let Some(open) = words.iter().skip(next).position(|word| word.what == What::Open) {
            definition.unique.push(columns(words, next + open));
        }
        return (Some(table), definition);
    }
    let Some((table, next)) = table_at(words, at) else { return (None, definition) };
    match kind {
        Kind::AlterTable => altered(words, next, &mut definition),
        Kind::CreateTable if words.get(next).is_some_and(|word| word.what == What::Open) => {
            for item in items(words, next + 1) {
                created(item, &mut definition);
            }
        }
        Kind::CreateTable
        | Kind::CreateIndex
        | Kind::Select
        | Kind::Insert
        | Kind::Update
        | Kind::Delete
        | Kind::Merge
        | Kind::DropTable
        | Kind::Begin
        | Kind::Commit
        | Kind::Rollback
        | Kind::PrepareTransaction
        | Kind::Lock
        | Kind::Other => {}
    }
    definition.columns.truncate(LIMIT);
    definition.unique.truncate(LIMIT);
    definition.references.truncate(LIMIT);
    (Some(table), definition)
}

/// The parts between an opening parenthesis (`start` is behind it) and its closing one.
fn items(words: &[Word], start: usize) -> Vec<&[Word]> {
    let mut found = Vec::new();
    let (mut depth, mut from, mut at) = (0_usize, start, start);
    while let Some(word) = words.get(at) {
        match word.what {
            What::Open => depth += 1,
            What::Close if depth == 0 => break,
            What::Close => depth -= 1,
            What::Comma if depth == 0 => {
                found.extend(words.get(from..at));
                from = at + 1;
            }
            _other => {}
        }
        at += 1;
    }
    found.extend(words.get(from..at));
    found
}

/// Names in the parentheses that open at `open`.
pub(super) fn columns(words: &[Word], open: usize) -> Vec<String> {
    items(words, open + 1)
        .into_iter()
        .filter_map(|item| item.first().filter(|word| word.is_name()))
        .map(|word| word.text.clone())
        .collect()
}

/// One part of `CREATE TABLE (…)`.
fn created(item: &[Word], definition: &mut Definition) {
    let Some(first) = item.first() else { return };
    references(item, definition);
    let is_constraint = first.is_any(&[
        "primary",
        "unique",
        "constraint",
        "foreign",
        "check",
        "exclude",
        "like",
        "key",
        "index",
        "fulltext",
        "spatial",
        "period",
    ]);
    if is_constraint {
        constraint(item, definition);
        return;
    }
    if !first.is_name() {
        return;
    }
    definition.columns.push(first.text.clone());
    let is_key = item.windows(2).any(|two| two[0].is("primary") && two[1].is("key"));
    if is_key || item.iter().skip(1).any(|word| word.is("unique")) {
        definition.unique.push(vec![first.text.clone()]);
    }
}

/// `[CONSTRAINT n] PRIMARY KEY (a)`, `UNIQUE [KEY n] (a, b)`
fn constraint(item: &[Word], definition: &mut Definition) {
    let named = item.first().is_some_and(|word| word.is("constraint"));
    let kind = item.iter().skip(if named { 2 } else { 0 });
    if kind.clone().next().is_some_and(|word| word.is_any(&["primary", "unique"]))
        && let Some(open) = item.iter().position(|word| word.what == What::Open)
    {
        definition.unique.push(columns(item, open));
    }
}

/// `ALTER TABLE t ADD [COLUMN] c text UNIQUE, ADD CONSTRAINT n UNIQUE (a, b)`
fn altered(words: &[Word], start: usize, definition: &mut Definition) {
    for item in items(words, start) {
        if item.first().is_none_or(|word| !word.is("add")) {
            continue;
        }
        let at = 1 + usize::from(item.get(1).is_some_and(|word| word.is("column")));
        let mut rest = item.get(at..).unwrap_or(&[]);
        while rest.first().is_some_and(|word| word.is_any(&["if", "not", "exists"])) {
            rest = rest.get(1..).unwrap_or(&[]);
        }
        created(rest, definition);
    }
}

fn references(item: &[Word], definition: &mut Definition) {
    for (at, word) in item.iter().enumerate() {
        if word.is("references")
            && let Some((table, _)) = table_at(item, at + 1)
        {
            definition.references.push(table);
        }
    }
}
