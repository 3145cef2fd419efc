//! What all API objects have in common: group, kind, name, namespace, labels.

use crate::facts::value::{Form, Value};
use crate::facts::workload::Label;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

use super::manifest::{Manifest, text_span};
use super::parts::References;

/// Longer annotations hold data of tools, such as the whole object as it was applied.
const ANNOTATION_LIMIT: usize = 1_024;

/// An API object.
pub(super) struct Object<'t> {
    /// The whole object.
    pub node: Node<'t>,
    /// `apps` of `apps/v1`; empty for the core group, and where a template computes it.
    pub group: &'t str,
    /// `Deployment`
    pub kind: &'t str,
    /// `metadata.name`, else what `generateName` begins it with; unknown where neither stands.
    pub name: Value,
    /// `metadata.namespace`, where stated.
    pub namespace: Option<Value>,
    /// The name's place, else the kind's.
    pub span: Span,
    /// True if only some condition of a template includes it.
    pub conditional: bool,
}

impl<'t> Object<'t> {
    /// `None` for what is no API object.
    pub fn new(manifest: &mut Manifest<'_, '_>, node: Node<'t>) -> Option<Self> {
        let kind_node = node.get("kind")?;
        let kind = manifest.text(kind_node)?;
        let version = node.get("apiVersion").and_then(|node| manifest.text(node)).unwrap_or_default();
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let metadata = manifest.mapping(node, "metadata");
        let named = metadata.and_then(|metadata| metadata.get("name")).filter(|name| !name.is_null());
        let name = match named {
            Some(name) => manifest.value(name),
            None => generated_name(manifest, metadata)
                .unwrap_or_else(|| Value::unknown("the manifest gives it no name", kind_node.span())),
        };
        let span = named.map_or(kind_node.span(), text_span);
        let namespace = metadata.and_then(|metadata| manifest.value_at(metadata, "namespace"));
        let conditional = manifest.template.is_conditional(kind_node.span().start);
        Some(Self { node, group, kind, name, namespace, span, conditional })
    }

    /// `spec`, where it is a mapping.
    pub fn spec(&self, manifest: &mut Manifest<'_, '_>) -> Option<Node<'t>> {
        manifest.mapping(self.node, "spec")
    }

    /// `metadata.labels`
    pub fn labels(&self, manifest: &mut Manifest<'_, '_>) -> Vec<Label> {
        match manifest.mapping(self.node, "metadata") {
            Some(metadata) => manifest.labels(metadata, "labels"),
            None => Vec::new(),
        }
    }

    /// `metadata.annotations`
    pub fn annotations(&self, manifest: &mut Manifest<'_, '_>) -> Vec<Label> {
        match manifest.mapping(self.node, "metadata") {
            Some(metadata) => annotations(manifest, metadata),
            None => Vec::new(),
        }
    }
}

fn generated_name(manifest: &Manifest<'_, '_>, metadata: Option<Node<'_>>) -> Option<Value> {
    let prefix = manifest.value_at(metadata?, "generateName")?;
    let span = prefix.span;
    let rest = Value::unknown("the cluster makes the end of the name up", span);
    Some(Value { form: Form::Concat(vec![prefix, rest]), span })
}

/// The annotations of a `metadata` mapping. Tools keep whole objects in them, secrets
/// included: a long text is unknown and in no excerpt.
pub(super) fn annotations(manifest: &mut Manifest<'_, '_>, metadata: Node<'_>) -> Vec<Label> {
    let mut labels = Vec::new();
    for (name, node) in manifest.entries_of(metadata, "annotations") {
        let (Some(key), Some(text)) = (name.raw(), node.raw()) else { continue };
        let value = if text.len() > ANNOTATION_LIMIT {
            manifest.reading.facts.redactions.push(node.definition());
            Value::unknown("the annotation holds a tool's data", text_span(node))
        } else {
            manifest.configured(key, node, References::Literal)
        };
        labels.push(Label { key: Symbol::new(key), value, span: name.span().cover(node.span()) });
    }
    labels
}

/// The literal text of an annotation or label, with its place.
pub(super) fn literal_of(labels: &[Label], key: &str) -> Option<(Symbol, Span)> {
    let label = labels.iter().rev().find(|label| label.key == key)?;
    Some((label.value.as_literal()?, label.value.span))
}
