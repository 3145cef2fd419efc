//! `serverless.yml`: serverless.com/framework/docs/providers/aws/guide/serverless.yml, read 2026-11.

use super::{MOST, handler_export, handler_file, is_computed, runtime, triggers};
use crate::extract::reading::Reading;
use crate::facts::answer::Answer;
use crate::facts::function::{Function, Tool};
use crate::source::path::EstatePath;
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::syntax::tree::Node;
use crate::tables::bundlers::{BundlerSign, bundlers};

/// `serverless.yml`, `serverless.orders.yaml`, `serverless.json`; others by what is in them.
pub fn claims(path: EstatePath, document: Node<'_>) -> bool {
    let named = path.name().starts_with("serverless.");
    let has = |key: &str| document.get(key).is_some();
    document.is_mapping() && has("functions") && has("provider") && (named || has("service"))
}

/// The functions whose code is uploaded. Those that another file holds are not seen.
pub fn functions(reading: &mut Reading<'_>, document: Node<'_>) -> Vec<Function> {
    let folder = reading.file.path.parent();
    let Some((key, list)) = document.entry("functions") else { return Vec::new() };
    let tool = tool(document);
    let of_all = bundler(document, key.span());
    let common = document.at(&["provider", "runtime"]);
    let mut found = Vec::new();
    let maps = if list.is_mapping() { vec![list] } else { list.items().collect() };
    for (name, function) in maps.into_iter().flat_map(Node::entries).take(MOST) {
        let Some(text) = name.raw() else { continue };
        if !function.is_mapping() {
            reading.unclear(name.span(), "function", "another file holds it");
            continue;
        }
        // An image is built by its Dockerfile.
        if function.get("image").is_some() {
            continue;
        }
        let handler = function.get("handler").and_then(Node::text);
        let runs_on = function.get("runtime").or(common).and_then(Node::text).filter(|text| !is_computed(text));
        let bundler = match artifact(function).or_else(|| artifact(document)) {
            Some(_) if !of_all.is_present() => Answer::unknown("what is uploaded is built elsewhere"),
            _ => of_all.clone(),
        };
        found.push(Function {
            name: Symbol::new(text),
            runtime: runs_on.and_then(runtime),
            folder,
            handler: handler.and_then(|text| handler_file(folder, text)),
            export: handler.and_then(handler_export),
            triggers: triggers::of_serverless(document, function),
            bundler,
            tool,
            span: name.span(),
        });
    }
    found
}

/// `package: {artifact: dist/orders.zip}`
fn artifact(of: Node<'_>) -> Option<Node<'_>> {
    of.at(&["package", "artifact"])
}

/// What the file says of its framework's version: `frameworkVersion: "^4.0.0"`.
fn tool(document: Node<'_>) -> Tool {
    let version = document.get("frameworkVersion").and_then(Node::raw).unwrap_or_default();
    let major = version.trim_start_matches(|sign: char| !sign.is_ascii_digit());
    match major.split(|sign: char| !sign.is_ascii_digit()).next().unwrap_or_default().parse::<u32>() {
        Ok(number) if number >= 4 => Tool::Serverless4,
        Ok(_) => Tool::Serverless,
        Err(_) => Tool::AnyServerless,
    }
}

/// A plugin that bundles, or the framework's own `build`.
fn bundler(document: Node<'_>, place: Span) -> Answer<Symbol> {
    let plugins = document.get("plugins");
    let modules = plugins.and_then(|list| list.get("modules")).or(plugins);
    for plugin in modules.into_iter().flat_map(Node::items) {
        if let Some(known) = plugin.text().and_then(|name| bundlers().named(BundlerSign::Plugin, name)) {
            return Answer::present(known, plugin.span());
        }
    }
    if modules.is_some_and(|list| !list.is_sequence()) {
        return Answer::unknown("another file lists the plugins");
    }
    // `build: esbuild`, `build: {esbuild: true}`, `build: {esbuild: {bundle: false}}`
    let Some((key, build)) = document.entry("build") else { return Answer::absent(place) };
    let own = build.get("esbuild");
    let switched_off = own.and_then(Node::bool) == Some(false)
        || own.and_then(|own| own.get("bundle")).and_then(Node::bool) == Some(false);
    if switched_off { Answer::absent(key.span()) } else { Answer::present(Symbol::new("esbuild"), key.span()) }
}
