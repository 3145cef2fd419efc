//! Templates of AWS SAM:
//! docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html,
//! read 2026-11.

use super::{MOST, handler_export, handler_file, is_computed, runtime, triggers};
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::function::{Function, Tool};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::tables::bundlers::{BundlerSign, bundlers};

const FUNCTION: &str = "AWS::Serverless::Function";

/// A template in which one resource at least is a function of AWS SAM.
pub fn claims(document: Node<'_>) -> bool {
    let Some(resources) = document.get("Resources") else { return false };
    resources.own_entries().any(|(_, resource)| kind(resource) == Some(FUNCTION))
}

fn kind(resource: Node<'_>) -> Option<&str> {
    resource.get("Type").and_then(Node::text)
}

/// The functions whose code is uploaded.
pub fn functions(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<Function> {
    let base = reading.file.path.parent();
    let globals = document.at(&["Globals", "Function"]);
    let mut found = Vec::new();
    for (name, resource) in document.get("Resources").into_iter().flat_map(Node::own_entries).take(MOST) {
        let (Some(FUNCTION), Some(text)) = (kind(resource), name.raw()) else { continue };
        let properties = resource.get("Properties");
        let of = |key: &str| {
            let own = properties.and_then(|own| own.get(key));
            own.or_else(|| globals.and_then(|globals| globals.get(key)))
        };
        // An image is built by its Dockerfile; code in the template has nothing to bundle.
        if of("PackageType").and_then(Node::text) == Some("Image") || of("InlineCode").is_some() {
            continue;
        }
        let code = of("CodeUri").and_then(Node::text).filter(|text| !is_computed(text));
        let uploaded = code.is_some_and(|code| code.starts_with("s3:") || code.ends_with(".zip"))
            || of("CodeUri").is_some_and(|code| code.text().is_none() || code.text().is_some_and(is_computed));
        let folder = code.filter(|_| !uploaded).and_then(|code| base.join(code)).unwrap_or(base);
        let method = resource.at(&["Metadata", "BuildMethod"]);
        let bundler = if uploaded {
            Answer::unknown("what is uploaded is built elsewhere")
        } else {
            bundler(method, name.span())
        };
        let runs_on = of("Runtime").and_then(Node::text).filter(|text| !is_computed(text));
        found.push(Function {
            name: Symbol::new(text),
            runtime: runs_on.and_then(runtime),
            folder,
            handler: of("Handler").and_then(Node::text).and_then(|text| handler_file(folder, text)),
            export: of("Handler").and_then(Node::text).and_then(handler_export),
            triggers: properties.map(|own| triggers::of_sam(document, own)).unwrap_or_default(),
            bundler,
            tool: Tool::Sam,
            span: name.span(),
        });
    }
    found
}

fn bundler(method: Option<Node<'_>>, place: Span) -> Answer<Symbol> {
    let Some(method) = method else { return Answer::absent(place) };
    match method.text() {
        Some("makefile") => Answer::unknown("a Makefile builds it"),
        Some(name) => match bundlers().named(BundlerSign::Method, name) {
            Some(known) => Answer::present(known, method.span()),
            None => Answer::absent(place),
        },
        None => Answer::unknown("how it is built is computed"),
    }
}
