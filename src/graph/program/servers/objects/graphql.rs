//! Schemas with their resolvers: Apollo, Yoga, Mercurius, graphql-tools.

use std::rc::Rc;

use crate::graph::program::servers::operation::Kind;
use crate::graph::program::servers::reader::{Reader, meaning};
use crate::graph::program::servers::traces::{
    called, export_of, foreign_of, functions_of, key, method_of, object_of, parts_of,
};
use crate::graph::program::value::{Foreign, Known, Use, Value};
use crate::source::symbol::Symbol;
use crate::tables::servers::Means;

use super::add;

/// `new ApolloServer({ typeDefs, resolvers })`
pub(super) fn by_call(reader: &mut Reader<'_, '_>, means: Means, used: &Rc<Use>) {
    if means != Means::Resolvers {
        return;
    }
    for options in used.arguments.first().map(parts_of).unwrap_or_default() {
        // A gateway answers by the schemas of others.
        reader.served.graphql |= key(&options, "gateway").is_none();
        let modules = key(&options, "modules").map(parts_of).unwrap_or_default();
        for one in std::iter::once(&options).chain(&modules) {
            if let Some(resolvers) = key(one, "resolvers") {
                types(reader, &resolvers.clone());
            }
        }
    }
}

/// `app.register(mercurius, { schema, resolvers })`
pub(super) fn plugin(reader: &mut Reader<'_, '_>, trace: &Rc<Foreign>) {
    let Some((_, name, used)) = method_of(trace) else { return };
    if name != "register" {
        return;
    }
    let used = Rc::clone(used);
    let plugin = used.arguments.first().and_then(|plugin| export_of(foreign_of(plugin)?));
    let is_mercurius = plugin.and_then(|plugin| meaning(&plugin)).is_some_and(|known| known.means == Means::Mercurius);
    reader.served.graphql |= is_mercurius;
    if let Some(resolvers) =
        used.arguments.get(1).and_then(|options| key(options, "resolvers")).filter(|_| is_mercurius)
    {
        types(reader, &resolvers.clone());
    }
}

/// `{ Query: { orders }, Order: { items } }`, or a list of such.
fn types(reader: &mut Reader<'_, '_>, resolvers: &Known) {
    for part in parts_of(resolvers).iter().flat_map(|part| merged(part, 4)) {
        let Some(object) = object_of(&part).cloned() else {
            reader.unclear(part.span, "resolvers that cannot be followed");
            continue;
        };
        if object.open {
            reader.unclear(part.span, "more resolvers than can be followed");
        }
        for (of, fields) in &object.entries {
            let Some(fields) = object_of(fields).cloned() else { continue };
            if fields.open {
                reader.unclear(part.span, "more resolvers than can be followed");
            }
            for (name, field) in &fields.entries {
                resolver(reader, *of, *name, field);
            }
        }
    }
}

/// The parts of `mergeResolvers([orders, items])`, or the value alone.
fn merged(known: &Known, depth: usize) -> Vec<Known> {
    let call = foreign_of(known).and_then(|foreign| called(foreign));
    let call = call.filter(|(export, _)| meaning(export).is_some_and(|known| known.means == Means::Merged));
    match (call, depth.checked_sub(1)) {
        (Some((_, used)), Some(below)) => {
            let parts = used.arguments.iter().flat_map(parts_of);
            parts.flat_map(|part| merged(&part, below)).collect()
        }
        (Some(_), None) | (None, _) => vec![known.clone()],
    }
}

fn resolver(reader: &mut Reader<'_, '_>, of: Symbol, name: Symbol, field: &Known) {
    let inner = ["subscribe", "resolve"].iter().find_map(|inner| key(field, inner)).cloned();
    let function = inner.unwrap_or_else(|| field.clone());
    let is_root = matches!(of.as_str(), "Query" | "Mutation" | "Subscription");
    // Of other types, only what runs code is worth an operation.
    if is_root || !functions_of(&function).is_empty() {
        if matches!(function.value, Value::Nothing) {
            return;
        }
        add(reader, Kind::GraphQl { of, name }, &function, None);
    }
}
