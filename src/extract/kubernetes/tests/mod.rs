//! Objects in, facts out, with the places that matter.

use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::data::ConfigObject;
use crate::facts::network::{Address, Gateway, Route, TrafficPolicy};
use crate::facts::value::{Form, ObjectKind, Value};
use crate::facts::workload::Workload;
use crate::facts::{Fact, Facts};
use crate::source::file::{FileId, SourceFile};
use crate::source::line_index::{ColumnUnit, LineIndex};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::syntax::template::masked;
use crate::syntax::yaml;

mod config;
mod network;
mod templates;
mod workloads;

fn facts_of(text: &str) -> Facts {
    let file = SourceFile { id: FileId(0), path: EstatePath::new("k8s/app.yaml"), text };
    let mut reading = Reading::new(file);
    let template = masked(text);
    let tree = yaml::parse(FileId(0), template.as_ref().map_or(text, |template| &template.text));
    for document in tree.documents() {
        if super::claims(document) {
            super::read(&mut reading, document, template.as_ref());
        }
    }
    reading.into_facts()
}

/// `3:5-3:9`, the end exclusive.
fn at(text: &str, span: Span) -> String {
    let index = LineIndex::new(text);
    let [start, end] = [span.start, span.end].map(|offset| index.position(text, offset, ColumnUnit::Characters));
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}

/// `shop/cart:{Values.tag}`
fn shown(value: &Value) -> String {
    match &value.form {
        Form::Literal(text) => text.to_string(),
        Form::Secret(secret) => format!("{secret:?}"),
        Form::Env(name) => format!("$({name})"),
        Form::DeployVariable(name) => format!("${{{name}}}"),
        Form::ChartValue(key) => format!("{{Values.{key}}}"),
        Form::Setting(key) => format!("{{{key}}}"),
        Form::ObjectKey(key) => {
            let kind = match key.kind {
                ObjectKind::Config => "config",
                ObjectKind::Secret => "secret",
            };
            format!("{kind}:{}[{}]", shown(&key.object), key.key)
        }
        Form::Concat(parts) => parts.iter().map(shown).collect(),
        Form::FirstOf(parts) => parts.iter().map(shown).collect::<Vec<_>>().join(" else "),
        Form::Unknown(reason) => format!("?{}", reason.0),
    }
}

/// `present 1000 @ 9:20-9:24`, `absent @ 7:9-7:24`, `unknown: …`.
fn answered<T: std::fmt::Debug>(text: &str, answer: &Answer<T>) -> String {
    let places = || answer.evidence().iter().map(|&span| at(text, span)).collect::<Vec<_>>().join(", ");
    match answer {
        Answer::Present(value, _) => format!("present {value:?} @ {}", places()),
        Answer::Absent(_) => format!("absent @ {}", places()),
        Answer::Unknown(reason) => format!("unknown: {}", reason.0),
    }
}

macro_rules! facts_of_kind {
    ($name:ident, $variant:ident, $type:ty) => {
        fn $name(facts: &Facts) -> Vec<&$type> {
            facts
                .facts
                .iter()
                .filter_map(|fact| if let Fact::$variant(fact) = fact { Some(fact.as_ref()) } else { None })
                .collect()
        }
    };
}

facts_of_kind!(workloads_in, Workload, Workload);
facts_of_kind!(addresses_in, Address, Address);
facts_of_kind!(routes_in, Route, Route);
facts_of_kind!(gateways_in, Gateway, Gateway);
facts_of_kind!(policies_in, TrafficPolicy, TrafficPolicy);
facts_of_kind!(objects_in, ConfigObject, ConfigObject);

/// `8:9-8:12 message` for each problem.
fn problems_in(text: &str, facts: &Facts) -> Vec<String> {
    facts.problems.iter().map(|problem| format!("{} {}", at(text, problem.span), problem.message)).collect()
}
