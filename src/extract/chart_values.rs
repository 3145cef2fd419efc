//! Values that charts are installed with: a chart's own, those of an environment, and those
//! that a release of Flux or an application of Argo CD states.

use super::reading::Reading;
use super::secrets::is_secret_key;
use crate::facts::Fact;
use crate::facts::chart::{ChartParts, ChartValues, Given};
use crate::source::symbol::Symbol;
use crate::syntax::tree::{Node, Scalar};

/// Most values kept of one file.
const VALUE_LIMIT: usize = 5_000;
/// Most nodes visited: aliases can multiply them.
const VISIT_LIMIT: usize = 50_000;
/// Deepest nesting followed.
const DEPTH_LIMIT: usize = 64;
/// Longer texts are no words that a condition compares with.
const WORD_LIMIT: usize = 40;

/// Adds the values of a mapping.
pub fn read(reading: &mut Reading<'_>, node: Node<'_>) {
    if !node.is_mapping() {
        return;
    }
    let mut collecting = Collecting::default();
    collecting.mapping("", node, 0);
    reading.add(Fact::ChartValues(Box::new(collecting.found)));
}

/// True for a file of Helmfile that lists what it installs.
pub fn claims_releases(document: Node<'_>) -> bool {
    let mut releases = document.get("releases").into_iter().flat_map(Node::items);
    releases.any(|release| release.get("chart").is_some())
}

/// Adds the values that releases of Helmfile state: `values: [{…}]`, `set: [{name, value}]`.
pub fn read_releases(reading: &mut Reading<'_>, document: Node<'_>) {
    for release in document.get("releases").into_iter().flat_map(Node::items) {
        for values in release.get("values").into_iter().flat_map(Node::items) {
            read(reading, values);
        }
        read_parameters(reading, release, "set");
    }
}

/// Adds which charts of other folders a `Chart.yaml` takes in.
pub fn read_parts(reading: &mut Reading<'_>, document: Node<'_>) {
    let folder = reading.file.path.parent();
    let dependencies = document.get("dependencies").into_iter().flat_map(Node::items);
    let part = |dependency: Node<'_>| {
        let text = |key: &str| dependency.get(key).and_then(Node::text);
        let path = text("repository")?.strip_prefix("file://")?;
        let key = text("alias").or_else(|| text("name"))?;
        Some((Symbol::new(key), folder.join(path)?))
    };
    let parts: Vec<_> = dependencies.take(VALUE_LIMIT).filter_map(part).collect();
    if !parts.is_empty() {
        reading.add(Fact::ChartParts(Box::new(ChartParts { parts })));
    }
}

/// Adds the values that an object states which installs charts.
pub fn read_release(reading: &mut Reading<'_>, object: Node<'_>) {
    let text = |key: &str| object.get(key).and_then(Node::text).unwrap_or_default();
    let group = text("apiVersion").split('/').next().unwrap_or_default();
    match (group, text("kind")) {
        ("helm.toolkit.fluxcd.io" | "helm.cattle.io" | "helm.fluxcd.io", "HelmRelease") => {
            if let Some(values) = object.at(&["spec", "values"]) {
                read(reading, values);
            }
        }
        ("argoproj.io", "Application" | "ApplicationSet") => {
            let spec = object.at(&["spec", "template", "spec"]).or_else(|| object.get("spec"));
            let Some(spec) = spec else { return };
            let several = spec.get("sources").into_iter().flat_map(Node::items);
            for source in spec.get("source").into_iter().chain(several) {
                let Some(helm) = source.get("helm") else { continue };
                if let Some(values) = helm.get("valuesObject") {
                    read(reading, values);
                }
                read_parameters(reading, helm, "parameters");
            }
        }
        _ => {}
    }
}

/// `parameters: [{name: image.tag, value: v1}]`
fn read_parameters(reading: &mut Reading<'_>, node: Node<'_>, key: &str) {
    let mut found = ChartValues::default();
    for parameter in node.get(key).into_iter().flat_map(Node::items).take(VALUE_LIMIT) {
        let (Some(name), Some(value)) = (parameter.get("name").and_then(Node::raw), parameter.get("value")) else {
            continue;
        };
        // A parameter is text, which Helm reads as it reads a value on its command line.
        let given = match value.raw() {
            Some("true") => Given::Bool(true),
            Some("false") => Given::Bool(false),
            _ => given(name, value),
        };
        found.values.push((Symbol::new(name), given));
    }
    if !found.values.is_empty() {
        reading.add(Fact::ChartValues(Box::new(found)));
    }
}

#[derive(Default)]
struct Collecting {
    found: ChartValues,
    visits: usize,
}

impl Collecting {
    fn mapping(&mut self, path: &str, node: Node<'_>, depth: usize) {
        for (key, value) in node.entries() {
            self.visits += 1;
            if self.found.values.len() >= VALUE_LIMIT || self.visits >= VISIT_LIMIT || depth > DEPTH_LIMIT {
                return;
            }
            // A template asks for a key with a dot by `index`, which is not followed.
            let Some(name) = key.raw().filter(|name| !name.contains('.')) else { continue };
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            self.found.values.push((Symbol::new(&path), given(name, value)));
            if value.is_mapping() {
                self.mapping(&path, value, depth + 1);
            }
        }
    }
}

fn given(key: &str, node: Node<'_>) -> Given {
    if node.is_mapping() {
        return Given::Mapping(!node.entries().is_empty());
    }
    if node.is_sequence() {
        return Given::List(node.items().next().is_some());
    }
    match node.scalar() {
        None | Some(Scalar::Null) => Given::Null,
        Some(Scalar::Bool(truth)) => Given::Bool(truth),
        Some(Scalar::Int(number)) => Given::Number(number as f64),
        Some(Scalar::Float(number)) => Given::Number(number),
        Some(Scalar::Text(text)) => {
            let is_word = text.len() <= WORD_LIMIT
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'));
            let plain = text.is_empty() || is_word && !is_secret_key(key);
            if plain { Given::Text(Symbol::new(text)) } else { Given::Kept }
        }
    }
}
