//! What callers ask for, and whether the callee has it.

use std::collections::BTreeMap;

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::answer::{Answer, Evidence};
use crate::facts::call::Protocol;
use crate::graph::model::{Call, Graph, Site};
use crate::graph::words::protocol_word;
use crate::source::span::Span;
use crate::source::symbol::Symbol;

/// One for each thing that a service asks of another one in its code.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let names = names(estate.graph);
    for call in &estate.graph.calls {
        let mut asked: BTreeMap<String, Vec<&Site>> = BTreeMap::new();
        for site in call.clients.iter().flat_map(|client| &client.sites) {
            if let Some(text) = text_of(call.protocol, site) {
                asked.entry(text).or_default().push(site);
            }
        }
        found.extend(asked.into_iter().filter_map(|(text, sites)| of_request(estate, call, &text, &sites, &names)));
    }
}

/// `PATCH /orders/{}`, `shop.OrderService/Place`; `None` where it is computed.
fn text_of(protocol: Protocol, site: &Site) -> Option<String> {
    let operation = site.operation?;
    let method = site.method.filter(|_| protocol == Protocol::Http);
    Some(method.map_or_else(|| operation.as_str().to_owned(), |method| format!("{method} {operation}")))
}

/// What operations and contracts call what stands at a place.
fn names(graph: &Graph) -> BTreeMap<Span, Symbol> {
    let of_contracts =
        graph.endpoints.iter().flat_map(|endpoint| endpoint.evidence.0.iter().map(move |span| (*span, endpoint.name)));
    of_contracts.chain(graph.operations.iter().map(|operation| (operation.span, operation.name))).collect()
}

fn of_request(
    estate: &Estate<'_>,
    call: &Call,
    text: &str,
    sites: &[&Site],
    names: &BTreeMap<Span, Symbol>,
) -> Option<Subject> {
    let (from, to) = (estate.graph.service(call.from).name, estate.graph.service(call.to).name);
    let first = sites.first()?;
    let named = |span: &Span| names.get(span).copied();
    let lands_in = match &first.lands_in {
        Answer::Present(places, evidence) => {
            let operations = places.iter().filter_map(|place| estate.graph.operations.get(*place as usize));
            let of_contract = evidence.0.iter().filter_map(named).filter(|_| places.is_empty());
            let texts = operations.map(|operation| operation.name).chain(of_contract).map(Datum::Text).collect();
            Answer::Present(Datum::List(texts), evidence.clone())
        }
        Answer::Absent(evidence) => Answer::Absent(evidence.clone()),
        Answer::Unknown(reason) => Answer::Unknown(*reason),
    };
    let mut related: Vec<(Span, String)> =
        sites.iter().skip(1).map(|site| (site.span, format!("{from} asks for it here, too"))).collect();
    let shown: &Evidence = match &first.lands_in {
        Answer::Present(_, evidence) | Answer::Absent(evidence) => evidence,
        Answer::Unknown(_) => &Evidence(Vec::new()),
    };
    let instead: Vec<Symbol> = shown.0.iter().filter_map(named).collect();
    related.extend(shown.0.iter().filter_map(|span| Some((*span, format!("{to} has {}", named(span)?)))));
    related.truncate(RELATED_LIMIT);
    let list = instead.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let (def, row) = RowBuilder::new("request", first.span)
        .text("from", &from)
        .text("to", &to)
        .text("protocol", protocol_word(call.protocol))
        .text("operation", text)
        .set("lands_in", lands_in)
        .text("nearest", &list)
        .text("confidence", call.confidence.word())
        .finish();
    let mut services = vec![from, to];
    services.sort();
    Some(Subject {
        def,
        name: format!("{from} -> {to} {text}"),
        anchor: format!("request {from} -> {to} {} {text}", protocol_word(call.protocol)),
        span: first.span,
        services,
        confidence: call.confidence,
        row,
        related,
    })
}
