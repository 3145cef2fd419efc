//! Configuration files of applications and deployments: `.env`, `application.yml`,
//! `appsettings.json`, `values.yaml` and their kin, flattened, with the connections in them.

mod names;
mod pieces;
#[cfg(test)]
mod tests;

use super::chart_values;
use super::connections::{connection_of_group, connection_of_pieces};
use super::reading::Reading;
use super::secrets::{Meaning, configured_for};
use crate::facts::Fact;
use crate::facts::data::{Connection, Entry, SecretPlace, Settings, SettingsKind};
use crate::facts::value::{Form, Value};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Tree};
use crate::syntax::{ini, json, keyvalue, toml};
use crate::tables::connection_keys::{Role, group};
use names::{Format, Named};

/// Most entries kept of one file.
const ENTRY_LIMIT: usize = 5_000;
/// Most nodes visited in one file: aliases can multiply them without adding entries.
const VISIT_LIMIT: usize = 50_000;
/// Deepest nesting followed.
const DEPTH_LIMIT: usize = 64;
/// Longest value kept; longer ones are documents within a document.
const VALUE_LIMIT: usize = 4_096;

/// True for configuration files that are no YAML.
pub fn claims(path: EstatePath) -> bool {
    names::named(path).is_some_and(|named| named.format != Format::Yaml)
}

/// True for YAML files whose documents are configuration, unless they are a manifest of
/// another kind, which the caller knows.
pub fn claims_document(path: EstatePath) -> bool {
    names::named(path).is_some_and(|named| named.format == Format::Yaml)
}

/// Reads a configuration file that is no YAML.
pub fn read(reading: &mut Reading<'_>) {
    let Some(named) = names::named(reading.file.path) else { return };
    let (id, text) = (reading.file.id, reading.file.text);
    let tree: Tree = match named.format {
        Format::Env => keyvalue::parse_env(id, text),
        Format::Properties => keyvalue::parse_properties(id, text),
        Format::Json => json::parse(id, text),
        Format::Toml => toml::parse(id, text),
        Format::Ini => ini::parse(id, text),
        Format::Yaml => return,
    };
    reading.syntax_problems(&tree.problems, "fix the line, or exclude the file");
    for document in tree.documents() {
        read_as(reading, document, &named);
    }
}

/// Reads one document of a YAML configuration file.
pub fn read_document(reading: &mut Reading<'_>, document: Node<'_>) {
    if let Some(named) = names::named(reading.file.path) {
        read_as(reading, document, &named);
    }
}

fn read_as(reading: &mut Reading<'_>, document: Node<'_>, named: &Named) {
    if !document.is_mapping() {
        return;
    }
    let mut flattening = Flattening { named, entries: Vec::new(), connections: Vec::new(), visits: 0 };
    flattening.node(reading, "", document.span(), document, 0);
    if flattening.entries.len() >= ENTRY_LIMIT || flattening.visits >= VISIT_LIMIT {
        reading.unclear(document.span(), "settings of the file", "it has more settings than are read");
    }
    let Flattening { entries, mut connections, .. } = flattening;
    let profile = profile_of(&entries).unwrap_or_else(|| Symbol::new(&named.profile));
    // A chart's values take effect through its templates, an example through nobody.
    if named.meaning == Meaning::Used && named.kind != SettingsKind::ChartValues {
        add_connections(reading, &entries, &mut connections, named);
    }
    if named.kind == SettingsKind::ChartValues {
        chart_values::read(reading, document);
    }
    reading.add(Fact::Settings(Box::new(Settings { kind: named.kind, profile, entries })));
}

/// The profile that a document of a Spring file states itself.
fn profile_of(entries: &[Entry]) -> Option<Symbol> {
    let keys = ["spring.config.activate.on-profile", "spring.profiles"];
    entries.iter().find(|entry| keys.contains(&entry.key.as_str())).and_then(|entry| entry.value.as_literal())
}

fn add_connections(
    reading: &mut Reading<'_>,
    entries: &[Entry],
    connections: &mut Vec<(usize, Connection)>,
    named: &Named,
) {
    let literals: Vec<Option<Symbol>> = entries.iter().map(|entry| entry.value.as_literal()).collect();
    let keys = entries.iter().zip(&literals).map(|(entry, value)| (entry.key.as_str(), value.map(Symbol::as_str)));
    let groups = group(keys);
    // Files with a block for each stage: what production says counts, tests never do.
    let stage = |prefix: &str| prefix.split('.').next().unwrap_or("").to_owned();
    let has_production = groups.iter().any(|group| matches!(stage(&group.prefix).as_str(), "production" | "prod"));
    let mut taken: Vec<usize> = Vec::new();
    let mut found: Vec<Connection> = Vec::new();
    for group in &groups {
        taken.extend(group.keys.iter().map(|(_, index)| *index));
        let counts = match stage(&group.prefix).as_str() {
            "test" | "tests" | "ci" => false,
            "development" | "dev" | "local" => !has_production,
            _ => true,
        };
        // `POSTGRES_DB` alone tells the database's container what to create.
        let complete =
            named.kind != SettingsKind::DotEnv || [Role::Url, Role::Host].iter().any(|&role| group.key(role).is_some());
        let mut from_url = |index: usize| {
            let at = connections.iter().position(|(known, _)| *known == index)?;
            Some(connections.swap_remove(at).1)
        };
        if let Some(connection) = connection_of_group(group, entries, &mut from_url)
            && counts
            && complete
        {
            found.push(connection);
        }
    }
    found.extend(connections.drain(..).filter(|(index, _)| !taken.contains(index)).map(|(_, connection)| connection));
    found.sort_by_key(|connection| connection.span);
    for connection in found {
        reading.add(Fact::Connection(Box::new(connection)));
    }
}

/// A document on its way to dotted keys.
struct Flattening<'n> {
    named: &'n Named,
    entries: Vec<Entry>,
    /// Connections that values state, with the index of their entry.
    connections: Vec<(usize, Connection)>,
    visits: usize,
}

impl Flattening<'_> {
    fn node(&mut self, reading: &mut Reading<'_>, key: &str, key_span: Span, node: Node<'_>, depth: usize) {
        self.visits += 1;
        if self.entries.len() >= ENTRY_LIMIT || self.visits >= VISIT_LIMIT || depth > DEPTH_LIMIT {
            return;
        }
        let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
        if node.is_mapping() {
            for (name, value) in node.entries() {
                let Some(text) = name.raw() else { continue };
                self.node(reading, &below(text), name.span(), value, depth + 1);
            }
        } else if node.is_sequence() {
            for (index, item) in node.items().enumerate() {
                self.node(reading, &below(&index.to_string()), item.span(), item, depth + 1);
            }
        } else if let Some(text) = node.text() {
            if self.named.names_variables {
                // `{"stock": {"url": "STOCK_URL", "limit": {"__name": "STOCK_LIMIT", "__format": "number"}}}`
                let value = Value { form: Form::Env(Symbol::new(text)), span: inner_span(reading, node) };
                let key = key.strip_suffix(".__name").unwrap_or(key);
                if !key.ends_with(".__format") {
                    self.entries.push(Entry { key: Symbol::new(key), value, span: key_span });
                }
                return;
            }
            let value = self.value(reading, key, text, node);
            self.entries.push(Entry { key: Symbol::new(key), value, span: key_span });
        }
    }

    fn value(&mut self, reading: &mut Reading<'_>, key: &str, text: &str, node: Node<'_>) -> Value {
        let span = inner_span(reading, node);
        if text.len() > VALUE_LIMIT {
            return Value::unknown("the value is too long to be a setting", span);
        }
        let place = match self.named.kind {
            SettingsKind::DotEnv | SettingsKind::ChartValues => SecretPlace::Manifest,
            SettingsKind::Application => SecretPlace::Configuration,
        };
        let pieces = pieces::pieces_of(text, span, pieces::interpolates(node.style()));
        if let Some(connection) = connection_of_pieces(&pieces, span, false) {
            self.connections.push((self.entries.len(), connection));
        }
        configured_for(reading, key, pieces, span, place, self.named.meaning)
    }
}

/// The place of a scalar's text, without quotes.
fn inner_span(reading: &Reading<'_>, node: Node<'_>) -> Span {
    let span = node.definition();
    let written = reading.text_of(span);
    let quoted =
        ['"', '\''].iter().any(|quote| written.len() >= 2 && written.starts_with(*quote) && written.ends_with(*quote));
    if quoted { Span::new(span.file, span.start + 1, span.end - 1) } else { span }
}
