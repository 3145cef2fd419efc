//! Connections to databases that code opens, as rules see them.

use super::Estate;
use super::subject::{RowBuilder, Subject};
use super::vocabulary::Datum;
use crate::graph::model::Confidence;

/// One subject for each connection.
pub fn subjects(estate: &Estate<'_>, found: &mut Vec<Subject>) {
    for connection in &estate.graph.connections {
        let service = estate.graph.service(connection.service).name;
        let (def, row) = RowBuilder::new("connection", connection.span)
            .text("service", &service)
            .text("library", &connection.library)
            .text("engine", &connection.engine)
            .set("synchronizes", connection.synchronizes.clone().map(Datum::Bool))
            .set("unverified", connection.unverified.clone().map(Datum::Bool))
            .finish();
        let engine = if connection.engine.is_empty() { "database" } else { connection.engine.as_str() };
        found.push(Subject {
            def,
            name: format!("{service} {engine}"),
            anchor: format!("connection {service} {engine} {}", connection.library),
            span: connection.span,
            services: vec![service],
            confidence: Confidence::Observed,
            row,
            related: Vec::new(),
        });
    }
}
