//! What a picture of the estate shows, before it is written in any language of graphs.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::answer::Answer;
use crate::graph::model::{Graph, InfraId, Route, Server, ServiceId, Target};

use super::outcome::{Timeout, effective, time_words};
use crate::graph::words::{protocol_word, route_word};

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// The world outside the estate.
    World,
    /// A service.
    Service,
    /// A logical database.
    Database,
    /// A database server, a broker, a proxy.
    Infrastructure,
    /// A queue or topic.
    Channel,
    /// Services of one owner, namespace or folder, with what they alone use.
    Group,
}

/// How the label of an entrance ends where nobody can tell whether the world reaches it.
pub const PERHAPS: &str = "perhaps public";

/// One box.
#[derive(Clone, Debug)]
pub struct Node {
    /// Letters and digits, unique in the picture, the same in each run: `s3`.
    pub id: String,
    /// What it stands for.
    pub kind: NodeKind,
    /// One or two lines: a name, then what it is. Not escaped.
    pub label: Vec<String>,
}

/// How an edge is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// Someone waits for the answer: a solid arrow.
    Synchronous,
    /// Nobody waits: a dashed arrow.
    Asynchronous,
    /// A service uses a database, a server holds it: a plain line.
    Uses,
}

/// One line between two nodes.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Place of a node.
    pub from: usize,
    /// Place of a node.
    pub to: usize,
    /// How it is drawn.
    pub kind: EdgeKind,
    /// `http, 1.5 s`; may be empty. Not escaped.
    pub label: String,
    /// How many edges of the whole picture it stands for.
    pub count: usize,
}

/// The estate as boxes and lines.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The world first, then services, databases, infrastructure, channels, each in the
    /// graph's order.
    pub nodes: Vec<Node>,
    /// Entrances, calls, uses, then publishing and consuming.
    pub edges: Vec<Edge>,
    /// How many nodes were left out.
    pub hidden: usize,
}

/// All services, databases and channels, infrastructure that they use or that the world
/// reaches, and public entrances. Linear in the graph.
pub fn picture(graph: &Graph) -> Picture {
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    let open: Vec<&Route> = graph.routes.iter().filter(|route| !internal(route)).collect();
    if !open.is_empty() {
        nodes.push(node("world".to_owned(), NodeKind::World, "outside", ""));
    }
    let services = nodes.len();
    for (at, service) in graph.services.iter().enumerate() {
        nodes.push(node(format!("s{at}"), NodeKind::Service, &service.name, ""));
    }
    let databases = nodes.len();
    for (at, database) in graph.databases.iter().enumerate() {
        let detail = match (database.schema, database.server) {
            (Some(schema), _) => format!("{}, schema {schema}", database.engine),
            (None, Server::Outside(host)) => format!("{} on {host}", database.engine),
            (None, Server::Inside(_) | Server::Hidden(_) | Server::Unknown) => database.engine.to_string(),
        };
        nodes.push(node(format!("d{at}"), NodeKind::Database, &database.name, &detail));
    }
    let mut infra: BTreeMap<InfraId, usize> = BTreeMap::new();
    let holders = graph.databases.iter().filter_map(|database| match database.server {
        Server::Inside(id) => Some(id),
        Server::Outside(_) | Server::Hidden(_) | Server::Unknown => None,
    });
    let doors = open.iter().filter_map(|route| match route.target {
        Target::Infra(id) => Some(id),
        Target::Service(_) => None,
    });
    for id in holders.chain(doors) {
        infra.insert(id, 0);
    }
    for (id, place) in &mut infra {
        let one = graph.infra(*id);
        *place = nodes.len();
        nodes.push(node(format!("i{}", id.0), NodeKind::Infrastructure, &one.name, &one.kind));
    }
    let channels = nodes.len();
    for (at, channel) in graph.channels.iter().enumerate() {
        let detail = format!("{} {}", channel.broker, channel.kind);
        nodes.push(node(format!("c{at}"), NodeKind::Channel, &channel.name, detail.trim()));
    }

    let service = |id: ServiceId| services + id.0 as usize;
    for (target, routes) in entrances(&open) {
        let to = match target {
            Target::Service(id) => service(id),
            Target::Infra(id) => infra.get(&id).copied().unwrap_or_default(),
        };
        edges.push(Edge { from: 0, to, kind: EdgeKind::Synchronous, label: entrance_label(&routes), count: 1 });
    }
    for call in &graph.calls {
        let label = match effective(call) {
            Timeout::Present(ms) => format!("{}, {}", protocol_word(call.protocol), time_words(ms)),
            Timeout::Absent => format!("{}, no timeout", protocol_word(call.protocol)),
            Timeout::Unknown => protocol_word(call.protocol).to_owned(),
        };
        edges.push(Edge {
            from: service(call.from),
            to: service(call.to),
            kind: EdgeKind::Synchronous,
            label,
            count: 1,
        });
    }
    for (at, database) in graph.databases.iter().enumerate() {
        let mut users: Vec<ServiceId> = database.accesses.iter().map(|access| access.service).collect();
        users.dedup();
        for user in users {
            edges.push(plain(service(user), databases + at));
        }
        if let Server::Inside(id) = database.server
            && let Some(&server) = infra.get(&id)
        {
            edges.push(plain(databases + at, server));
        }
    }
    let message = |from, to| Edge { from, to, kind: EdgeKind::Asynchronous, label: String::new(), count: 1 };
    for (at, channel) in graph.channels.iter().enumerate() {
        edges.extend(channel.producers.iter().map(|&producer| message(service(producer), channels + at)));
        edges.extend(channel.consumers.iter().map(|&consumer| message(channels + at, service(consumer))));
    }
    Picture { nodes, edges, hidden: 0 }
}

impl Picture {
    /// The same picture with at most `most` nodes: those with most edges, equal ones in
    /// order. The order of those kept does not change.
    pub fn capped(self, most: usize) -> Self {
        if self.nodes.len() <= most {
            return self;
        }
        let mut degree = vec![0_usize; self.nodes.len()];
        for edge in &self.edges {
            for end in [edge.from, edge.to] {
                if let Some(count) = degree.get_mut(end) {
                    *count += 1;
                }
            }
        }
        let mut ranked: Vec<usize> = (0..self.nodes.len()).collect();
        ranked.sort_by_key(|&at| (std::cmp::Reverse(degree.get(at).copied()), at));
        ranked.truncate(most);
        self.kept(&ranked.into_iter().collect())
    }

    /// The same picture with these nodes only, in their order.
    pub fn kept(self, nodes: &BTreeSet<usize>) -> Self {
        let places: BTreeMap<usize, usize> = nodes.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let hidden = self.hidden + self.nodes.len() - nodes.len();
        let kept = |edge: Edge| Some(Edge { from: *places.get(&edge.from)?, to: *places.get(&edge.to)?, ..edge });
        Self {
            nodes: nodes.iter().filter_map(|&at| self.nodes.get(at).cloned()).collect(),
            edges: self.edges.into_iter().filter_map(kept).collect(),
            hidden,
        }
    }
}

fn internal(route: &Route) -> bool {
    match route.way_in() {
        Answer::Present(public, _) => !public,
        Answer::Absent(_) => true,
        Answer::Unknown(_) => false,
    }
}

fn entrances<'a>(open: &[&'a Route]) -> BTreeMap<Target, Vec<&'a Route>> {
    let mut targets: BTreeMap<Target, Vec<&Route>> = BTreeMap::new();
    for route in open {
        targets.entry(route.target).or_default().push(route);
    }
    targets
}

fn entrance_label(routes: &[&Route]) -> String {
    let Some(first) = routes.first() else { return String::new() };
    let mut label = route_word(first.kind).to_owned();
    let address = format!(
        "{}{}{}",
        first.host.map_or("", |host| host.as_str()),
        first.port.filter(|_| first.host.is_none()).map_or_else(String::new, |port| format!(":{port}")),
        first.path.map_or("", |path| path.as_str())
    );
    if !address.is_empty() {
        label.push_str(&format!(" {address}"));
    }
    if routes.len() > 1 {
        label.push_str(&format!(" and {} more", routes.len() - 1));
    }
    if !routes.iter().any(|route| route.way_in().is_present()) {
        label.push_str(&format!(", {PERHAPS}"));
    }
    label
}

fn node(id: String, kind: NodeKind, name: &str, detail: &str) -> Node {
    let mut label = vec![name.to_owned()];
    if !detail.is_empty() {
        label.push(detail.to_owned());
    }
    Node { id, kind, label }
}

fn plain(from: usize, to: usize) -> Edge {
    Edge { from, to, kind: EdgeKind::Uses, label: String::new(), count: 1 }
}
