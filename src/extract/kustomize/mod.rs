//! What does a Kustomize file change? One `kustomization.yaml` in, an overlay out: what it
//! takes in, and its images, replicas, labels, patches and generated objects.
//!
//! Does not know the files that it names, nor what its patches do to them: that is `graph`'s
//! question (kubectl.docs.kubernetes.io/references/kustomize/kustomization).

mod json_patch;
#[cfg(test)]
mod tests;

use super::interpolation::Placed;
use super::kubernetes;
use super::reading::Reading;
use crate::facts::Fact;
use crate::facts::data::{ConfigObject, Entry};
use crate::facts::overlay::{
    AddedLabel, Change, Generated, ImageChange, Overlay, Patch, PatchSource, PatchTarget, TargetedChange,
};
use crate::facts::value::{ObjectKind, Value};
use crate::facts::workload::Label;
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Style, Tree};
use crate::syntax::yaml;

/// `kustomization.yaml`, `kustomization.yml`, `Kustomization`, apart from what other tools
/// call so.
pub fn claims(path: EstatePath, document: Node<'_>) -> bool {
    if !matches!(path.name(), "kustomization.yaml" | "kustomization.yml" | "Kustomization") {
        return false;
    }
    let version = document.get("apiVersion").and_then(Node::text);
    document.is_mapping() && version.is_none_or(|version| version.starts_with("kustomize.config.k8s.io/"))
}

/// True for a JSON patch (RFC 6902): a list whose entries state `op` and `path`.
pub fn claims_patch(document: Node<'_>) -> bool {
    let mut items = document.items().peekable();
    items.peek().is_some()
        && items.all(|item| {
            let path = item.get("path").and_then(Node::text);
            item.get("op").is_some() && path.is_some_and(|path| path.starts_with('/'))
        })
}

/// Adds what a JSON patch in a file of its own changes.
pub fn read_patch(reading: &mut Reading<'_>) {
    let tree = yaml::parse(reading.file.id, reading.file.text);
    for change in json_patch::changes(reading, tree, None) {
        reading.add(Fact::Change(Box::new(change)));
    }
}

/// Adds the overlay.
pub fn read(reading: &mut Reading<'_>, document: Node<'_>) {
    let mut takes = paths(reading, document, "resources");
    takes.extend(paths(reading, document, "bases"));
    let overlay = Overlay {
        optional: document.get("kind").and_then(Node::text) == Some("Component"),
        takes,
        components: paths(reading, document, "components"),
        namespace: placed(reading, document, "namespace").map(|(text, span)| Value::literal(&text, span)),
        prefix: symbol_at(document, "namePrefix"),
        suffix: symbol_at(document, "nameSuffix"),
        labels: labels(document),
        images: images(reading, document),
        replicas: replicas(document),
        patches: patches(reading, document),
        generated: generated(reading, document),
    };
    reading.add(Fact::Overlay(Box::new(overlay)));
}

fn symbol_at(node: Node<'_>, key: &str) -> Symbol {
    Symbol::new(node.get(key).and_then(Node::text).unwrap_or_default())
}

fn placed(reading: &Reading<'_>, node: Node<'_>, key: &str) -> Option<(String, Span)> {
    let value = Placed::of(reading, node.get(key)?)?;
    (!value.text.is_empty()).then(|| (value.text.to_owned(), value.span))
}

fn placed_symbol(reading: &Reading<'_>, node: Node<'_>, key: &str) -> Option<(Symbol, Span)> {
    placed(reading, node, key).map(|(text, span)| (Symbol::new(&text), span))
}

/// The items of the list at `key`.
fn items<'t>(document: Node<'t>, key: &str) -> impl Iterator<Item = Node<'t>> {
    document.get(key).into_iter().flat_map(Node::items)
}

/// Files and folders of the estate that the list at `key` names. Others are noted.
fn paths(reading: &mut Reading<'_>, document: Node<'_>, key: &str) -> Vec<(EstatePath, Span)> {
    let folder = reading.file.path.parent();
    let mut found = Vec::new();
    for item in items(document, key) {
        let Some(text) = item.text() else { continue };
        let remote = text.contains("://") || text.contains("?ref=") || text.starts_with("git@");
        match folder.join(text).filter(|_| !remote) {
            Some(path) => found.push((path, item.span())),
            None => reading.unclear(item.span(), "part of an overlay", "it lies outside of the estate"),
        }
    }
    found
}

/// `commonLabels`, which selectors and pods get as well, and `labels`.
fn labels(document: Node<'_>) -> Vec<AddedLabel> {
    let mut found = Vec::new();
    let mut add = |pairs: Option<Node<'_>>, pods: bool| {
        for (key, value) in pairs.into_iter().flat_map(Node::own_entries) {
            if let (Some(name), Some(text)) = (key.text(), value.text()) {
                let span = key.span().cover(value.span());
                let label = Label { key: Symbol::new(name), value: Value::literal(text, value.span()), span };
                found.push(AddedLabel { label, pods });
            }
        }
    };
    add(document.get("commonLabels"), true);
    for item in items(document, "labels") {
        let says = |key: &str| item.get(key).and_then(Node::bool) == Some(true);
        add(item.get("pairs"), says("includeSelectors") || says("includeTemplates"));
    }
    found
}

fn images(reading: &Reading<'_>, document: Node<'_>) -> Vec<ImageChange> {
    items(document, "images")
        .filter_map(|item| {
            Some(ImageChange {
                name: Symbol::new(item.get("name")?.text()?),
                new_name: placed_symbol(reading, item, "newName"),
                tag: placed_symbol(reading, item, "newTag"),
                digest: placed_symbol(reading, item, "digest"),
            })
        })
        .collect()
}

fn replicas(document: Node<'_>) -> Vec<(Symbol, i64, Span)> {
    items(document, "replicas")
        .filter_map(|item| {
            let count = item.get("count")?;
            Some((Symbol::new(item.get("name")?.text()?), count.int()?, count.span()))
        })
        .collect()
}

/// All patches in the order of their lists. `patches` is the list of today, the others its
/// forerunners.
fn patches(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<Patch> {
    let mut found = Vec::new();
    for item in items(document, "patchesStrategicMerge") {
        let whole = item.style() == Some(Style::Block) || item.text().is_some_and(|text| text.contains('\n'));
        let source = if whole { Some(inline(reading, item, None)) } else { file(reading, item) };
        found.extend(source.map(|source| Patch { target: None, source }));
    }
    for key in ["patches", "patchesJson6902"] {
        for item in items(document, key) {
            let target = item.get("target").map(target_of);
            let source = match (item.get("path"), item.get("patch")) {
                (Some(path), _) => file(reading, path),
                (None, Some(patch)) => Some(inline(reading, patch, target.as_ref())),
                // The first form of `patches` listed files.
                (None, None) => file(reading, item),
            };
            found.extend(source.map(|source| Patch { target, source }));
        }
    }
    found
}

fn target_of(node: Node<'_>) -> PatchTarget {
    PatchTarget {
        kind: symbol_at(node, "kind"),
        name: symbol_at(node, "name"),
        labels: symbol_at(node, "labelSelector"),
    }
}

fn file(reading: &Reading<'_>, node: Node<'_>) -> Option<PatchSource> {
    reading.file.path.parent().join(node.text()?).map(PatchSource::File)
}

/// A patch that stands in the overlay as a text of its own: YAML or JSON of either kind.
fn inline(reading: &mut Reading<'_>, node: Node<'_>, target: Option<&PatchTarget>) -> PatchSource {
    let Some(tree) = tree_of(reading, node) else {
        reading.unclear(node.span(), "patch of an overlay", "its text is folded or escaped");
        return PatchSource::Inline(Vec::new());
    };
    if tree.documents().next().is_some_and(claims_patch) {
        return PatchSource::Inline(json_patch::changes(reading, tree, target));
    }
    let mut changes = Vec::new();
    for document in tree.documents().filter(|document| kubernetes::claims(*document)) {
        changes.extend(kubernetes::read_apart(reading, document).into_iter().filter_map(change_of));
    }
    PatchSource::Inline(changes)
}

/// The tree of a text inside the file, with places in the file. `None` where the text is not
/// the file's own.
fn tree_of(reading: &Reading<'_>, node: Node<'_>) -> Option<Tree> {
    let mut span = node.span();
    if node.style() == Some(Style::Block) {
        // All lines keep their indentation, the first one as well.
        let before = reading.file.text.get(..span.start as usize)?;
        let indentation = before.len() - before.trim_end_matches(' ').len();
        span = Span::new(span.file, span.start - indentation as u32, span.end);
    }
    let raw = reading.text_of(span);
    let (start, text) = match node.style()? {
        Style::Block => {
            let header = raw.trim_start_matches(' ').starts_with(['|', '>']);
            let start = if header { raw.find('\n')? + 1 } else { 0 };
            (start, raw.get(start..)?)
        }
        Style::Quoted => {
            let inner = raw.get(1..raw.len().checked_sub(1)?)?;
            (1, inner)
        }
        Style::Plain | Style::Literal => (0, raw),
    };
    // Escapes would stand in the tree as they are written.
    if node.style() != Some(Style::Block) && node.raw() != Some(text) {
        return None;
    }
    Some(yaml::parse(reading.file.id, text).moved_by(span.start + start as u32))
}

/// What a fact of a patch means as a change of what it names.
fn change_of(fact: Fact) -> Option<TargetedChange> {
    let meant = |kind: Symbol, name: &Value| PatchTarget {
        kind,
        name: name.as_literal().unwrap_or(Symbol::new("")),
        labels: Symbol::new(""),
    };
    if let Fact::Workload(workload) = fact {
        let target = meant(workload.kind, &workload.name);
        Some(TargetedChange { target: Some(target), change: Change::Set(workload, None) })
    } else if let Fact::ConfigObject(object) = fact {
        let kind = match object.kind {
            ObjectKind::Config => "ConfigMap",
            ObjectKind::Secret => "Secret",
        };
        let target = meant(Symbol::new(kind), &object.name);
        Some(TargetedChange { target: Some(target), change: Change::Keys(object) })
    } else if let Fact::Change(change) = fact {
        Some(*change)
    } else {
        None
    }
}

/// `configMapGenerator` and `secretGenerator`.
fn generated(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<Generated> {
    let folder = reading.file.path.parent();
    let mut found = Vec::new();
    for (key, kind) in [("configMapGenerator", ObjectKind::Config), ("secretGenerator", ObjectKind::Secret)] {
        for item in items(document, key) {
            let Some(name) = item.get("name").and_then(|name| Placed::of(reading, name)) else { continue };
            let (name, span) = (Value::literal(name.text, name.span), name.span);
            let entries = items(item, "literals").filter_map(|literal| entry(reading, document, literal, kind));
            let entries: Vec<Entry> = entries.collect();
            let single = item.get("env").into_iter();
            let files = items(item, "envs").chain(single).filter_map(|file| folder.join(file.text()?)).collect();
            let behavior = item.get("behavior").and_then(Node::text);
            let object = ConfigObject { kind, name, namespace: None, entries, external: false, span };
            found.push(Generated { object, files, merges: behavior == Some("merge") });
        }
    }
    found
}

/// `ORDERS_URL=http://orders`
fn entry(reading: &mut Reading<'_>, document: Node<'_>, literal: Node<'_>, kind: ObjectKind) -> Option<Entry> {
    let placed = Placed::of(reading, literal)?;
    let (key, quoted) = placed.text.split_once('=')?;
    let text = quoted.trim_matches(['"', '\'']);
    let span = placed.span;
    let exact = reading.text_of(span).ends_with(text) && span.end - span.start > text.len() as u32;
    let value_span = if exact { Span::new(span.file, span.end - text.len() as u32, span.end) } else { span };
    let (key, text) = (key.to_owned(), text.to_owned());
    let value = match kind {
        ObjectKind::Config => kubernetes::config_value(reading, &key, &text, value_span),
        ObjectKind::Secret => kubernetes::secret_value(reading, document, &key, &text, value_span),
    };
    Some(Entry { key: Symbol::new(&key), value, span })
}
