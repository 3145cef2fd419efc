//! Functions that a platform or a clock starts, and files that a framework knows by their place.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::facts::program::{Export, Expr, Module, Property, Stage};
use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Entrance, Reader};
use crate::graph::program::servers::templates::{path_of, template};
use crate::graph::program::servers::traces::{Export as Exported, functions_of, key, parts_of, text_of};
use crate::graph::program::value::{Foreign, Known, ModuleId, Use, Value};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::add;

/// Methods of requests as route files of Next.js export them
/// (nextjs.org/docs/app/api-reference/file-conventions/route).
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

/// Exports that platforms call by convention (docs.aws.amazon.com/lambda, nodejs-handler).
const HANDLERS: [&str; 2] = ["handler", "lambdaHandler"];

/// Azure's and Google's functions; clocks.
pub(super) fn by_call(
    reader: &mut Reader<'_, '_>,
    trace: &Rc<Foreign>,
    export: &Exported,
    means: Means,
    used: &Rc<Use>,
) {
    match means {
        Means::AzureApp => azure(reader, trace, export, used),
        Means::AzureTimer => {
            let Some(options) = used.arguments.get(1) else { return };
            let schedule = key(options, "schedule").and_then(text_of);
            if let Some(handler) = key(options, "handler") {
                add(reader, Kind::Job { schedule }, handler, Some((trace, 1)));
            }
        }
        Means::CloudFunction => {
            let (Some(name), Some(handler)) = (used.arguments.first().and_then(text_of), used.arguments.get(1)) else {
                return;
            };
            add(reader, Kind::Function { name }, handler, Some((trace, 1)));
        }
        Means::Schedule => {
            let options = used.arguments.first();
            let schedule = options.and_then(|first| text_of(first).or_else(|| text_of(key(first, "cronTime")?)));
            let by_option = options.and_then(|options| key(options, "onTick"));
            let place = used.arguments.iter().position(|argument| matches!(argument.value, Value::Function(_)));
            let by_place = place.and_then(|place| used.arguments.get(place));
            if let Some(handler) = by_option.or(by_place) {
                add(reader, Kind::Job { schedule }, handler, Some((trace, place.unwrap_or(0))));
            }
        }
        _other => {}
    }
}

/// `app.http('place', { methods: ['POST'], route: 'orders', handler })`
fn azure(reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>, export: &Exported, used: &Rc<Use>) {
    let (Some(name), Some(second)) = (used.arguments.first().and_then(text_of), used.arguments.get(1)) else { return };
    let handler = key(second, "handler").unwrap_or(second).clone();
    let route = key(second, "route").and_then(path_of).map_or_else(|| name.as_str().to_owned(), |path| path.text);
    let stated = key(second, "methods").map(parts_of).unwrap_or_default();
    let by_name = match export.name.as_str() {
        "app.get" => Some("GET"),
        "app.post" => Some("POST"),
        "app.put" => Some("PUT"),
        "app.patch" => Some("PATCH"),
        "app.deleteRequest" => Some("DELETE"),
        _http => None,
    };
    let mut methods: Vec<Symbol> =
        stated.iter().filter_map(text_of).map(|name| Symbol::new(&name.to_uppercase())).collect();
    methods.extend(by_name.map(Symbol::new));
    if methods.is_empty() {
        methods.push(Symbol::new("ANY"));
    }
    for method in methods {
        // Azure puts `api` before all routes unless host.json says otherwise.
        let kind = Kind::Http { method, path: template(&["api", &route]) };
        add(reader, kind, &handler, Some((trace, 1)));
    }
}

/// Files that Next.js and platforms of functions know by their names and exports. What starts
/// those of `declared` is known already.
pub(super) fn by_export(reader: &mut Reader<'_, '_>, own: &[ModuleId], declared: &BTreeSet<(ModuleId, Symbol)>) {
    for &id in own {
        let path = reader.walk.modules().path(id);
        let Some(module) = reader.walk.modules().get(id).filter(|module| module.stage == Stage::Service) else {
            continue;
        };
        let names: Vec<Symbol> = module
            .exports
            .iter()
            .flat_map(|export| match export {
                Export::Value { name, .. } | Export::From { name, .. } => vec![*name],
                Export::Whole(node) => match &module.node(*node).expr {
                    Expr::Object(properties) => properties.iter().filter_map(named).collect(),
                    _other => Vec::new(),
                },
                Export::All(_) => Vec::new(),
            })
            .collect();
        let stem = path.as_str().rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
        if let Some(route) = route_file(stem) {
            for method in names.iter().filter(|name| METHODS.contains(&name.as_str())) {
                exported(reader, id, *method, Kind::Http { method: *method, path: template(&[&route]) });
            }
        } else if let Some(route) = page_file(stem) {
            for method in methods_asked(module) {
                let kind = Kind::Http { method, path: template(&["api", &route]) };
                exported(reader, id, Symbol::new("default"), kind);
            }
        } else {
            let undeclared = |name: &&Symbol| HANDLERS.contains(&name.as_str()) && !declared.contains(&(id, **name));
            for name in names.iter().filter(undeclared) {
                let start = Span::file_start(module.file);
                let known = reader.walk.export(id, *name, 8, start);
                if takes_event(reader, &known) {
                    let kind = Kind::Function { name: Symbol::new(&format!("{stem}.{name}")) };
                    add(reader, kind, &known, None);
                }
            }
        }
    }
}

fn named(property: &Property) -> Option<Symbol> {
    match property {
        Property::Named { name, .. } => Some(*name),
        Property::Computed { .. } | Property::Spread(_) => None,
    }
}

/// True for a function whose first parameter is called as platforms' handlers call it: others
/// export a `handler` too.
fn takes_event(reader: &Reader<'_, '_>, known: &Known) -> bool {
    functions_of(known).iter().any(|closure| {
        let Some((module, function)) = reader.walk.function(closure.function) else { return false };
        let first = function.parameters.first().and_then(|first| module.variables.get(first.variable.0 as usize));
        first.is_some_and(|first| {
            let name = first.name.trim_start_matches('_').to_lowercase();
            name.contains("event") || name == "evt"
        })
    })
}

fn exported(reader: &mut Reader<'_, '_>, id: ModuleId, name: Symbol, kind: Kind) {
    let Some(module) = reader.walk.modules().get(id) else { return };
    let own = module.exports.iter().find_map(|export| match export {
        Export::Value { name: own, value } if *own == name => Some(module.span(*value)),
        Export::Value { .. } | Export::From { .. } | Export::All(_) | Export::Whole(_) => None,
    });
    let span = own.unwrap_or_else(|| Span::file_start(module.file));
    let known = reader.walk.export(id, name, 8, span);
    if let Some(handler) = functions_of(&known).pop() {
        // A wrapper's function stands elsewhere; the file itself is what makes the route.
        let is_here = reader.walk.function(handler.function).is_some_and(|(other, _)| other.file == module.file);
        let span = if is_here { known.span } else { span };
        reader.add(Entrance::new(kind, span, Some(handler)));
    }
}

/// The methods that a file of one handler asks for by `request.method`; `ANY` where it does not.
fn methods_asked(module: &Module) -> Vec<Symbol> {
    let asks = module.nodes.iter().any(|node| matches!(&node.expr, Expr::Member { name, .. } if *name == "method"));
    let mut found: Vec<Symbol> = module
        .nodes
        .iter()
        .filter_map(|node| match &node.expr {
            Expr::Text(text) if METHODS.contains(&text.as_str()) => Some(*text),
            _other => None,
        })
        .collect();
    found.sort();
    found.dedup();
    if !asks || found.is_empty() { vec![Symbol::new("ANY")] } else { found }
}

/// The path of `src/app/(shop)/api/orders/[id]/route`.
fn route_file(stem: &str) -> Option<String> {
    let folder = stem.strip_suffix("/route")?;
    let at = folder.starts_with("app/").then_some(4).or_else(|| folder.find("/app/").map(|at| at + 5))?;
    let route = folder.get(at..)?;
    // Groups and parallel routes are no part of the path.
    let parts: Vec<&str> = route.split('/').filter(|part| !part.starts_with('(') && !part.starts_with('@')).collect();
    Some(parts.join("/"))
}

/// The path behind `pages/api/`.
fn page_file(stem: &str) -> Option<String> {
    let at = stem.starts_with("pages/api/").then_some(10).or_else(|| stem.find("/pages/api/").map(|at| at + 11))?;
    let route = stem.get(at..)?;
    Some(route.strip_suffix("/index").or(Some(route).filter(|route| *route != "index")).unwrap_or("").to_owned())
}
