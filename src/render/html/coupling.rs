//! Where the estate is coupled, and where the world comes in.

use std::cmp::Reverse;

use crate::graph::model::{ServiceId, Target};
use crate::graph::words::route_word;
use crate::infer::chains::COUNT_LIMIT;
use crate::infer::coupling::public_surface;

use super::markup::{code, text};
use super::{Page, Table};

/// Rows of a ranking.
const ROWS: usize = 25;
/// Ways in that are listed.
const ROUTES: usize = 300;

/// Services by what fails with them, and the calls that carry most chains.
pub(super) fn section(page: &Page<'_>) -> String {
    let services = page.outcome.graph.services.len();
    let mut ranked: Vec<(ServiceId, &crate::infer::coupling::ServiceCoupling)> =
        page.coupling.services.iter().enumerate().map(|(at, one)| (ServiceId(at as u32), one)).collect();
    ranked.retain(|(_, one)| !one.callers.is_empty() || !one.callees.is_empty());
    if ranked.is_empty() {
        return "<p>No service is known to call another.</p>\n".to_owned();
    }
    ranked.sort_by_key(|(id, one)| (Reverse(one.dependents), Reverse(one.callers.len() + one.callees.len()), *id));
    let mut out = String::from(
        "<h3>Services that others fall with</h3>\n<p class=\"more\">Dependents wait for the service, directly or \
         through others, over synchronous calls: they fail when it does not answer. Fan-in and fan-out count services. \
         Instability is fan-out divided by both: at 0 % others depend on it only, so a change of it concerns many.</p>\n",
    );
    let mut table = Table::new(
        "Services by dependents",
        &["Service", "#Dependents", "#Of all", "#Fan-in", "#Fan-out", "#Instability"],
    );
    for (id, one) in ranked.iter().take(ROWS) {
        let share = one.dependents.map(|count| (count * 200 + services) / (services * 2).max(1));
        table.row(&[
            page.service(*id),
            one.dependents.map_or("not counted".to_owned(), |count| count.to_string()),
            share.map_or("–".to_owned(), |share| format!("{share} %")),
            one.callers.len().to_string(),
            one.callees.len().to_string(),
            one.instability_percent().map_or("–".to_owned(), |percent| format!("{percent} %")),
        ]);
    }
    out.push_str(&table.finish(ranked.len(), "service", "services"));
    if !page.coupling.carriers.is_empty() {
        out.push_str(
            "<h3>Calls that carry most chains</h3>\n<p class=\"more\">A chain is a service that waits for one that \
             waits, from where requests come in to where they end. Without the call these chains are gone or shorter.</p>\n",
        );
        let mut table = Table::new(
            "Calls by chains",
            &["Call", "#Chains over it", "#Of all chains", "Longest chain", "Longest without it"],
        );
        for carrier in &page.coupling.carriers {
            let number =
                |count: u64| if count >= COUNT_LIMIT { "a million or more".to_owned() } else { count.to_string() };
            table.row(&[
                format!("{} → {}", page.service(ServiceId(carrier.call.0)), page.service(ServiceId(carrier.call.1))),
                number(carrier.chains),
                number(carrier.of),
                format!("{} services", carrier.longest.0),
                format!("{} services", carrier.longest.1),
            ]);
        }
        let rows = page.coupling.carriers.len();
        out.push_str(&table.finish(rows, "call", "calls"));
    }
    out
}

/// The ways in from outside.
pub(super) fn surface(page: &Page<'_>) -> String {
    let routes = public_surface(page.outcome.graph);
    if routes.is_empty() {
        return "<p>No route from outside was found.</p>\n".to_owned();
    }
    let mut table =
        Table::new("Ways in from outside", &["Leads to", "Kind", "Host", "Path", "Port", "Reachable", "Stated at"]);
    for route in routes.iter().take(ROUTES) {
        let target = match route.target {
            Target::Service(id) => page.service(id),
            Target::Infra(_) => text(&page.outcome.graph.target_name(route.target)),
        };
        let place = route.evidence.0.first().map_or_else(String::new, |&span| page.place(span));
        let reachable = if route.way_in().is_present() { "by the world" } else { "not known" };
        table.row(&[
            target,
            route_word(route.kind).to_owned(),
            route.host.map_or("any".to_owned(), |host| code(&host)),
            route.path.map_or("any".to_owned(), |path| code(&path)),
            route.port.map_or("–".to_owned(), |port| port.to_string()),
            reachable.to_owned(),
            place,
        ]);
    }
    table.finish(routes.len(), "way in", "ways in")
}
