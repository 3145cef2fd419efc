//! The tables that the models of a Prisma schema stand for (prisma.io, "Prisma schema
//! reference", read in 2026).

use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{TableChange, TableDefinition};
use crate::source::symbol::Symbol;

/// A model while its lines are read.
struct Model {
    name: Symbol,
    table: Option<Symbol>,
    schema: Option<Symbol>,
    /// Field and its type.
    fields: Vec<(Symbol, Symbol)>,
    unique: Vec<Vec<Symbol>>,
    references: Vec<Symbol>,
    start: usize,
}

/// Adds the table of each `model` block. Columns are called as the code calls them.
pub(super) fn add_tables(reading: &mut Reading<'_>) {
    let mut models: Vec<Model> = Vec::new();
    let mut open = false;
    let mut at = 0;
    for line in reading.file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.split("//").next().unwrap_or_default().trim();
        let mut words = code.split_whitespace();
        match (open, words.next()) {
            (_, None) => {}
            (false, Some("model")) if code.ends_with('{') => {
                let Some(name) = words.next().map(|name| name.trim_end_matches('{')) else { continue };
                let start = start + line.find(name).unwrap_or_default();
                models.push(Model {
                    name: Symbol::new(name),
                    table: None,
                    schema: None,
                    fields: Vec::new(),
                    unique: Vec::new(),
                    references: Vec::new(),
                    start,
                });
                open = true;
            }
            (false, Some(_)) => {}
            (true, Some(word)) if word.starts_with('}') => open = false,
            (true, Some(word)) => {
                if let Some(model) = models.last_mut() {
                    model.line(word, code);
                }
            }
        }
    }
    let known: Vec<(Symbol, Symbol)> =
        models.iter().map(|model| (model.name, model.table.unwrap_or(model.name))).collect();
    for model in models {
        let table_of = |name: &Symbol| known.iter().find(|(model, _)| model == name).map(|(_, table)| *table);
        let span = reading.span(model.start, model.start + model.name.len());
        let definition = TableDefinition {
            table: model.table.unwrap_or(model.name),
            schema: model.schema,
            model: Some(model.name),
            change: TableChange::Creates,
            // What has the type of a model is no column.
            columns: model.fields.iter().filter(|(_, kind)| table_of(kind).is_none()).map(|(name, _)| *name).collect(),
            unique: model.unique,
            references: model.references.iter().filter_map(table_of).collect(),
            in_migration: false,
            span,
        };
        reading.add(Fact::TableDefinition(Box::new(definition)));
    }
}

impl Model {
    fn line(&mut self, word: &str, code: &str) {
        match word.split('(').next() {
            Some("@@map") => self.table = quoted(code),
            Some("@@schema") => self.schema = quoted(code),
            Some("@@unique" | "@@id") => self.unique.extend(listed(code)),
            _field if !word.starts_with('@') => {
                let name = Symbol::new(word);
                let kind = code.split_whitespace().nth(1).unwrap_or_default();
                let kind = Symbol::new(kind.trim_end_matches(['?', '[', ']']));
                self.fields.push((name, kind));
                let has = |wanted: &str| {
                    code.split_whitespace().any(|part| part.split('(').next().is_some_and(|part| part == wanted))
                };
                if has("@id") || has("@unique") {
                    self.unique.push(vec![name]);
                }
                if has("@relation") && code.contains("fields:") {
                    self.references.push(kind);
                }
            }
            _other => {}
        }
    }
}

fn quoted(code: &str) -> Option<Symbol> {
    code.split('"').nth(1).filter(|name| !name.is_empty()).map(Symbol::new)
}

/// `a` and `b` of `@@unique([a, b(sort: Desc)])`.
fn listed(code: &str) -> Option<Vec<Symbol>> {
    let inner = code.split_once('[')?.1.split_once(']')?.0;
    let columns: Vec<Symbol> = inner
        .split(',')
        .filter_map(|part| part.trim().split('(').next())
        .filter(|name| !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_'))
        .map(Symbol::new)
        .collect();
    (!columns.is_empty()).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::add_tables;
    use crate::extract::reading::Reading;
    use crate::facts::Fact;
    use crate::source::file::{FileId, SourceFile};
    use crate::source::path::EstatePath;

    #[test]
    fn models_are_tables_with_unique_keys_and_references() {
        let text = "model Order {\n  id     Int    @id @default(autoincrement())\n  number String @unique // shown\n  buyer  Buyer  @relation(fields: [buyerId], references: [id])\n  buyerId Int\n  @@unique([number, buyerId])\n  @@map(\"orders\")\n}\nmodel Buyer {\n  id Int @id\n  orders Order[]\n}\n";
        let mut reading = Reading::new(SourceFile { id: FileId(0), path: EstatePath::new("schema.prisma"), text });
        add_tables(&mut reading);
        let words =
            |all: &[crate::source::symbol::Symbol]| all.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(",");
        let told: Vec<String> = reading
            .facts
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Fact::TableDefinition(it) => Some(format!(
                    "{} {} ({}) [{}] -> {}",
                    &text[it.span.start as usize..it.span.end as usize],
                    it.table,
                    words(&it.columns),
                    it.unique.iter().map(|one| words(one)).collect::<Vec<_>>().join(" "),
                    words(&it.references)
                )),
                _other => None,
            })
            .collect();
        assert_eq!(
            told,
            ["Order orders (id,number,buyerId) [id number number,buyerId] -> Buyer", "Buyer Buyer (id) [id] -> "]
        );
    }
}
