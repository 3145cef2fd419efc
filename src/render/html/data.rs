//! Databases by number of users, and channels.

use std::cmp::Reverse;

use crate::graph::model::ServiceId;

use super::markup::{code, text};
use super::{Page, Table};

/// Rows of a table.
const ROWS: usize = 200;
/// Services named in one cell.
const NAMED: usize = 12;

/// Both tables.
pub(super) fn section(page: &Page<'_>) -> String {
    let graph = page.outcome.graph;
    let mut out = String::new();
    let mut rows: Vec<(usize, Vec<ServiceId>)> = Vec::new();
    for (at, database) in graph.databases.iter().enumerate() {
        let mut users: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        users.dedup();
        rows.push((at, users));
    }
    rows.sort_by_key(|(at, users)| (Reverse(users.len()), *at));
    if rows.is_empty() {
        out.push_str("<p>No database was found.</p>\n");
    } else {
        let mut table =
            Table::new("Databases by users", &["Database", "Engine", "Server", "#Services", "Used by", "Picture"]);
        for (at, users) in rows.iter().take(ROWS) {
            let Some(database) = graph.databases.get(*at) else { continue };
            let server = graph.server_name(database.server);
            table.row(&[
                code(&database.name),
                text(&database.engine),
                if server.is_empty() { "not known".to_owned() } else { code(&server) },
                users.len().to_string(),
                page.services(users, NAMED),
                format!("<button type=\"button\" class=\"show\" data-focus=\"d{at}\">Show users</button>"),
            ]);
        }
        out.push_str(&table.finish(rows.len(), "database", "databases"));
    }
    if !graph.channels.is_empty() {
        let mut table = Table::new("Channels", &["Channel", "Broker", "Kind", "Producers", "Consumers", "Picture"]);
        for (at, channel) in graph.channels.iter().enumerate().take(ROWS) {
            table.row(&[
                code(&channel.name),
                text(&channel.broker),
                text(&channel.kind),
                page.services(&channel.producers, NAMED),
                page.services(&channel.consumers, NAMED),
                format!("<button type=\"button\" class=\"show\" data-focus=\"c{at}\">Show users</button>"),
            ]);
        }
        out.push_str(&table.finish(graph.channels.len(), "channel", "channels"));
    }
    out
}
