//! Variables, labels and build arguments of a Compose service.

use super::fields::{self, Pair};
use crate::extract::reading::Reading;
use crate::facts::value::{Form, Value};
use crate::facts::workload::{EnvVar, Label};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;

/// `environment` or `args`: a name alone takes the value of the deployment's variable.
pub fn variables(reading: &mut Reading<'_>, node: Node<'_>, what: &str) -> Vec<EnvVar> {
    let pairs = fields::pairs(reading, node, what);
    pairs.into_iter().filter(|pair| !pair.name.text.is_empty()).map(|pair| variable(reading, &pair)).collect()
}

fn variable(reading: &mut Reading<'_>, pair: &Pair<'_>) -> EnvVar {
    let name = Symbol::new(pair.name.text);
    let value = match pair.value {
        Some(value) => fields::configured(reading, pair.name.text, value),
        None => Value { form: Form::DeployVariable(name), span: pair.name.span },
    };
    EnvVar { name, value, span: pair.name.span }
}

/// `labels`: a name alone has the empty value.
pub fn labels(reading: &mut Reading<'_>, node: Node<'_>) -> Vec<Label> {
    let mut found = Vec::new();
    for pair in fields::pairs(reading, node, "`labels`") {
        let value = match pair.value {
            Some(value) => fields::configured(reading, pair.name.text, value),
            None => Value::literal("", pair.name.span),
        };
        found.push(Label { key: Symbol::new(pair.name.text), value, span: pair.span() });
    }
    found
}

/// `env_file`: one path, a list of paths, or a list of `{path: …, required: …}`.
pub fn files(reading: &mut Reading<'_>, folder: EstatePath, node: Node<'_>) -> Vec<(EstatePath, Span)> {
    let mut found = Vec::new();
    let items = if node.is_mapping() { vec![node] } else { fields::items(reading, node, "`env_file`", true) };
    for item in items {
        let path = if item.is_mapping() { item.get("path") } else { Some(item) };
        let Some(path) = path else {
            reading.problem(item.span(), "this `env_file` has no `path`", "add `path:` with the file's name");
            continue;
        };
        if let Some(file) = fields::path(reading, folder, path, "`env_file`") {
            found.push((file, path.span()));
        }
    }
    found
}
