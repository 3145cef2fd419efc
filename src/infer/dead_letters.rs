//! Queues and topics that keep messages nobody could handle, and who hears of them.

use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use super::{Estate, RELATED_LIMIT};
use crate::facts::Fact;
use crate::facts::answer::Answer;
use crate::facts::watch::{Alert, Runbook, Watch};
use crate::graph::model::{Channel, Confidence, ServiceId};
use crate::graph::names::words;
use crate::source::symbol::Symbol;

/// Words that name such a queue, whole: SQS and RabbitMQ say `dlq`, RabbitMQ `dlx`, Spring for
/// Kafka `DLT` (docs.spring.io/spring-kafka, "Dead-letter topics", 2026-11).
const WORDS: [&str; 4] = ["dlq", "dlx", "dlt", "deadletter"];
/// Words of a runbook about bringing messages back.
const REPLAY: [&str; 5] = ["replay", "redrive", "requeue", "reprocess", "dlq"];

/// One subject for each channel whose name says that it is for dead letters.
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
    for channel in estate.graph.channels.iter().filter(|channel| is_dead_letter(&channel.name)) {
        found.extend(subject(estate, channel, &alerts, &runbooks));
    }
}

/// True for `orders-dlq`, `orders.DLT`, `OrdersDeadLetterQueue`.
fn is_dead_letter(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|word| WORDS.contains(&word.as_str()))
        || words
            .windows(2)
            .any(|pair| matches!(pair, [first, second] if first == "dead" && second.starts_with("letter")))
}

fn subject(estate: &Estate<'_>, channel: &Channel, alerts: &[&Alert], runbooks: &[&Runbook]) -> Option<Subject> {
    let place = *channel.evidence.0.first()?;
    let name = channel.name.to_lowercase();
    let watches = |alert: &&&Alert| {
        let expression = alert.expression.to_lowercase();
        expression.contains(&name) || is_dead_letter(&expression)
    };
    let alert = match alerts.iter().find(watches) {
        Some(alert) => Answer::present(Datum::Text(alert.name), alert.span),
        None => Answer::absent(place),
    };
    let tells = |runbook: &&&Runbook| {
        let mut all = runbook.words.iter().chain(&runbook.headings);
        all.any(|word| REPLAY.contains(&word.as_str()))
    };
    let replay = match (channel.consumers.first(), runbooks.iter().find(tells)) {
        (Some(consumer), _) => Answer::present(Datum::Text(estate.graph.service(*consumer).name), place),
        (None, Some(runbook)) => Answer::present(Datum::Text(runbook.title), runbook.span),
        (None, None) if runbooks.is_empty() => Answer::unknown("no runbook is in the estate"),
        (None, None) => Answer::absent(place),
    };
    let mut ids: Vec<ServiceId> = channel.producers.iter().chain(&channel.consumers).copied().collect();
    ids.sort();
    ids.dedup();
    let services: Vec<Symbol> = ids.into_iter().map(|id| estate.graph.service(id).name).collect();
    let (def, row) = RowBuilder::new("dead_letter_queue", place)
        .text("name", &channel.name)
        .text("broker", &channel.broker)
        .texts("services", services.iter().copied())
        .set("alert", alert)
        .set("replay", replay)
        .finish();
    let others = channel.evidence.0.iter().skip(1).take(RELATED_LIMIT);
    Some(Subject {
        def,
        name: channel.name.as_str().to_owned(),
        anchor: format!("dead letters {} {}", channel.broker, channel.name),
        span: place,
        services,
        confidence: Confidence::Observed,
        row,
        related: others.map(|span| (*span, "used here, too".to_owned())).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::is_dead_letter;

    #[test]
    fn queues_of_dead_letters_are_known_by_their_names() {
        for (name, expected) in [
            ("orders-dlq", true),
            ("orders.DLT", true),
            ("orders_dead_letter", true),
            ("dead-letters", true),
            ("letters", false),
            ("deadlines", false),
            ("orders", false),
        ] {
            assert_eq!(is_dead_letter(name), expected, "{name}");
        }
    }
}
