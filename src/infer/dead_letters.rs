//! Queues and topics that keep messages nobody could handle, and who hears of them.

use std::collections::{BTreeMap, BTreeSet};

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::watch::{Alert, Runbook, Watch};
use crate::graph::model::{Confidence, Graph, ServiceId};
use crate::source::span::Span;
use crate::source::symbol::Symbol;
use crate::tables::queues::queue_names;

/// Words of a runbook about bringing messages back.
const REPLAY: [&str; 5] = ["replay", "redrive", "requeue", "reprocess", "dlq"];

/// One subject for each of them.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    let mut alerts: Vec<&Alert> = Vec::new();
    let mut runbooks: Vec<&Runbook> = Vec::new();
    for fact in estate.facts.iter().flat_map(|facts| &facts.facts) {
        let Fact::Watch(watch) = fact else { continue };
        match &**watch {
            Watch::Alert(alert) => alerts.push(alert),
            Watch::Runbook(runbook) => runbooks.push(runbook),
            Watch::Scrape(_) | Watch::Objective(_) => {}
        }
    }
    for ((broker, name), place) in places(estate.graph) {
        found.extend(subject(estate, broker, name, &place, &alerts, &runbooks));
    }
}

/// A place for dead letters, while it is put together.
#[derive(Default)]
struct Place {
    services: BTreeSet<ServiceId>,
    consumer: Option<ServiceId>,
    spans: Vec<Span>,
}

/// Channels whose name says so, and where consumers' settings send what fails; by broker and name.
fn places(graph: &Graph) -> BTreeMap<(Symbol, Symbol), Place> {
    let mut places: BTreeMap<(Symbol, Symbol), Place> = BTreeMap::new();
    for channel in graph.channels.iter().filter(|channel| queue_names().holds_failed(&channel.name)) {
        let place = places.entry((channel.broker, channel.name)).or_default();
        place.services.extend(channel.producers.iter().chain(&channel.consumers));
        place.consumer = channel.consumers.first().copied();
        place.spans.extend(&channel.evidence.0);
    }
    for consumer in &graph.consumers {
        // Other ways to keep failed messages, such as a set of failed jobs, have no such name.
        if let Answer::Present(name, evidence) = &consumer.dead_letter
            && queue_names().holds_failed(name)
        {
            let place = places.entry((consumer.broker, *name)).or_default();
            place.services.insert(consumer.service);
            for span in &evidence.0 {
                if !place.spans.contains(span) {
                    place.spans.push(*span);
                }
            }
        }
    }
    places
}

fn subject(
    estate: &Estate<'_>,
    broker: Symbol,
    queue: Symbol,
    found: &Place,
    alerts: &[&Alert],
    runbooks: &[&Runbook],
) -> Option<Subject> {
    let place = *found.spans.first()?;
    let name = queue.to_lowercase();
    let watches = |alert: &&&Alert| {
        let expression = alert.expression.to_lowercase();
        expression.contains(&name) || queue_names().holds_failed(&expression)
    };
    let alert = match alerts.iter().find(watches) {
        Some(alert) => Answer::present(Datum::Text(alert.name), alert.span),
        None => Answer::absent(place),
    };
    let tells = |runbook: &&&Runbook| {
        let mut all = runbook.words.iter().chain(&runbook.headings);
        all.any(|word| REPLAY.contains(&word.as_str()))
    };
    let replay = match (found.consumer, runbooks.iter().find(tells)) {
        (Some(consumer), _) => Answer::present(Datum::Text(estate.graph.service(consumer).name), place),
        (None, Some(runbook)) => Answer::present(Datum::Text(runbook.title), runbook.span),
        (None, None) if runbooks.is_empty() => Answer::unknown("no runbook is in the estate"),
        (None, None) => Answer::absent(place),
    };
    let services: Vec<Symbol> = found.services.iter().map(|id| estate.graph.service(*id).name).collect();
    let (def, row) = RowBuilder::new("dead_letter_queue", place)
        .text("name", &queue)
        .text("broker", &broker)
        .texts("services", services.iter().copied())
        .set("alert", alert)
        .set("replay", replay)
        .finish();
    let others = found.spans.iter().skip(1).take(RELATED_LIMIT);
    Some(Subject {
        def,
        name: queue.as_str().to_owned(),
        anchor: format!("dead letters {broker} {queue}"),
        span: place,
        services,
        confidence: Confidence::Observed,
        row,
        related: others.map(|span| (*span, "used here, too".to_owned())).collect(),
    })
}
