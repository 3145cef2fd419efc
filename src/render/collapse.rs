//! A picture made smaller: services by owner or folder as one box, or what is near one node.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::model::{Graph, Service};

use super::outcome::counted;
use super::picture::{Edge, EdgeKind, Node, NodeKind, Picture};

/// Above this many boxes nobody can read a picture.
pub const READABLE_NODES: usize = 60;
/// Above this many lines nobody can follow one.
pub const READABLE_EDGES: usize = 120;

/// What services are put together by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Who answers for them.
    Owner,
    /// Where they run.
    Namespace,
    /// Where their code lies: as deep as gives a readable number of groups.
    Folder,
}

impl By {
    /// All of them, in the order in which a report offers them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Namespace, Self::Folder];

    /// `owner`
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Namespace => "namespace",
            Self::Folder => "folder",
        }
    }
}

/// Which group each node of a picture is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Their names, sorted.
    pub names: Vec<String>,
    /// By node: a group's place; `None` for the world, and for what no service uses.
    pub of: Vec<Option<usize>>,
}

/// Why services are not put together: what a reader is told instead of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ungrouped {
    /// All are in this group.
    One(String),
    /// None says in which it is.
    NotKnown,
    /// So many groups would be hardly fewer than the services.
    Many(usize),
}

impl Ungrouped {
    /// `no owner is known: CODEOWNERS, a catalog or service.yaml names them`
    pub fn words(&self, by: By) -> String {
        match (self, by) {
            (Self::One(name), By::Owner) => format!("{name} owns all services"),
            (Self::One(name), By::Namespace) => format!("all services run in {name}"),
            (Self::One(name), By::Folder) => format!("the code of all services lies in {name}"),
            (Self::NotKnown, By::Owner) => {
                "no owner is known: CODEOWNERS, a catalog or service.yaml names them".to_owned()
            }
            (Self::NotKnown, By::Namespace) => "no manifest states one".to_owned(),
            (Self::NotKnown, By::Folder) => "the code of no service is in the estate".to_owned(),
            (Self::Many(number), _) => format!("{number} groups would be hardly fewer than the services"),
        }
    }
}

/// Puts every service into a group, and databases, channels and servers into the group that
/// uses them most.
pub fn groups(graph: &Graph, picture: &Picture, by: By) -> Result<Groups, Ungrouped> {
    let keys: Vec<String> = match by {
        By::Owner => graph.services.iter().map(owner_of).collect(),
        By::Namespace => graph.services.iter().map(namespace_of).collect(),
        By::Folder => folders(&graph.services),
    };
    if keys.is_empty() {
        return Err(Ungrouped::NotKnown);
    }
    let names: BTreeSet<&String> = keys.iter().collect();
    if let (Some(one), 1) = (names.first(), names.len()) {
        let known = **one != format!("no {}", by.word());
        return Err(if known { Ungrouped::One(one.to_string()) } else { Ungrouped::NotKnown });
    }
    if names.len() * 3 > keys.len() * 2 {
        return Err(Ungrouped::Many(names.len()));
    }
    let names: Vec<String> = names.into_iter().cloned().collect();
    let place = |key: &String| names.binary_search(key).ok();
    let mut services = keys.iter();
    let mut of: Vec<Option<usize>> = picture
        .nodes
        .iter()
        .map(|node| match node.kind {
            NodeKind::Service => services.next().and_then(place),
            NodeKind::World | NodeKind::Database | NodeKind::Infrastructure | NodeKind::Channel | NodeKind::Group => {
                None
            }
        })
        .collect();
    // Servers are used through databases, so they come second.
    for kinds in [[NodeKind::Database, NodeKind::Channel], [NodeKind::Infrastructure, NodeKind::Infrastructure]] {
        let mut users: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
        for edge in &picture.edges {
            for (node, other) in [(edge.from, edge.to), (edge.to, edge.from)] {
                let is_asked = picture.nodes.get(node).is_some_and(|node| kinds.contains(&node.kind));
                if let Some(group) = of.get(other).copied().flatten().filter(|_| is_asked) {
                    *users.entry(node).or_default().entry(group).or_default() += 1;
                }
            }
        }
        for (node, groups) in users {
            let most = groups.iter().max_by_key(|(group, count)| (**count, std::cmp::Reverse(**group)));
            if let Some(slot) = of.get_mut(node) {
                *slot = most.map(|(group, _)| *group);
            }
        }
    }
    Ok(Groups { names, of })
}

fn owner_of(service: &Service) -> String {
    let names: Vec<&str> = service.owners.iter().map(|owner| owner.as_str()).collect();
    if names.is_empty() { "no owner".to_owned() } else { names.join(", ") }
}

fn namespace_of(service: &Service) -> String {
    service.namespace.map_or("no namespace".to_owned(), |name| name.to_string())
}

/// Folders at the greatest depth that still gives a readable number of groups.
fn folders(services: &[Service]) -> Vec<String> {
    let at_depth = |depth: usize| -> Vec<String> {
        let of = |service: &Service| match service.folder {
            Some(folder) => {
                let parts: Vec<&str> = folder.as_str().split('/').take(depth).collect();
                parts.join("/")
            }
            None => "no folder".to_owned(),
        };
        services.iter().map(of).collect()
    };
    let mut best = at_depth(1);
    for depth in 2..8 {
        let deeper = at_depth(depth);
        let number = deeper.iter().collect::<BTreeSet<_>>().len();
        if number > READABLE_NODES || number >= services.len() {
            break;
        }
        best = deeper;
    }
    best
}

/// One box for each group, and one line for all edges of a kind between two; the largest
/// groups, where there are more than can be read. Ways in are counted in their group: a line
/// from the world to every box would hide all others.
pub fn collapsed(picture: &Picture, groups: &Groups) -> Picture {
    let mut members: Vec<BTreeMap<&str, usize>> = vec![BTreeMap::new(); groups.names.len()];
    let of = |at: usize| groups.of.get(at).copied().flatten();
    let mut count = |group: Option<usize>, what| {
        if let Some(kinds) = group.and_then(|group| members.get_mut(group)) {
            *kinds.entry(what).or_default() += 1;
        }
    };
    for (at, node) in picture.nodes.iter().enumerate() {
        count(of(at), kind_word(node.kind));
    }
    for edge in &picture.edges {
        if picture.nodes.get(edge.from).is_some_and(|node| node.kind == NodeKind::World) {
            count(of(edge.to), "public");
        }
    }
    let group = |(at, (name, kinds)): (usize, (&String, &BTreeMap<&str, usize>))| {
        let word = |kind: &str, one: &str, many: &str| Some(counted(*kinds.get(kind)?, one, many));
        let sizes = [
            word("service", "service", "services"),
            word("database", "database", "databases"),
            word("channel", "channel", "channels"),
        ];
        let sizes: Vec<String> = sizes.into_iter().flatten().collect();
        let mut label = vec![name.clone(), sizes.join(", ")];
        label.extend(word("public", "public", "public"));
        Node { id: format!("g{at}"), kind: NodeKind::Group, label }
    };
    let nodes: Vec<Node> = groups.names.iter().zip(&members).enumerate().map(group).collect();
    let mut lines: BTreeMap<(usize, usize, u8), (Edge, usize)> = BTreeMap::new();
    for edge in &picture.edges {
        let (Some(from), Some(to)) = (of(edge.from), of(edge.to)) else { continue };
        if from == to {
            continue;
        }
        let line = lines.entry((from, to, edge.kind as u8)).or_insert((Edge { from, to, ..edge.clone() }, 0));
        line.1 += 1;
    }
    let edges = lines.into_values().map(|(edge, count)| {
        let label = match edge.kind {
            EdgeKind::Synchronous => counted(count, "call", "calls"),
            EdgeKind::Asynchronous => counted(count, "message", "messages"),
            EdgeKind::Uses => counted(count, "use", "uses"),
        };
        Edge { label, count, ..edge }
    });
    Picture { edges: edges.collect(), nodes, hidden: picture.hidden }.capped(READABLE_NODES)
}

/// The picture within `hops` edges of the nodes that `wanted` names, whatever their
/// direction. A node of the world is shown, but nothing is reached through it.
pub fn focused(picture: &Picture, wanted: &dyn Fn(&Node) -> bool, hops: usize) -> Picture {
    let mut near: BTreeSet<usize> =
        picture.nodes.iter().enumerate().filter(|(_, node)| wanted(node)).map(|(at, _)| at).collect();
    for _ in 0..hops {
        let through =
            |at: &usize| near.contains(at) && picture.nodes.get(*at).is_some_and(|node| node.kind != NodeKind::World);
        let mut next = BTreeSet::new();
        for edge in &picture.edges {
            if through(&edge.from) {
                next.insert(edge.to);
            }
            if through(&edge.to) {
                next.insert(edge.from);
            }
        }
        let before = near.len();
        near.extend(next);
        if near.len() == before {
            break;
        }
    }
    picture.clone().kept(&near)
}

/// The picture without what belongs to one service alone: its databases, and servers.
/// `None`: it could not be read even so.
pub fn essential(picture: &Picture) -> Option<Picture> {
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for edge in &picture.edges {
        users.entry(edge.to).or_default().insert(edge.from);
    }
    let kept = |at: usize, node: &Node| match node.kind {
        NodeKind::World | NodeKind::Service | NodeKind::Channel | NodeKind::Group => true,
        NodeKind::Database => users.get(&at).is_some_and(|users| users.len() > 1),
        NodeKind::Infrastructure => false,
    };
    let kept: BTreeSet<usize> =
        picture.nodes.iter().enumerate().filter(|(at, node)| kept(*at, node)).map(|(at, _)| at).collect();
    (kept.len() <= READABLE_NODES).then(|| picture.clone().kept(&kept))
}

/// The lines that stand for most edges, at most `most`, and how many were left out.
pub fn strongest(mut picture: Picture, most: usize) -> (Picture, usize) {
    let all = picture.edges.len();
    if all > most {
        let mut ranked: Vec<(usize, Edge)> = picture.edges.into_iter().enumerate().collect();
        ranked.sort_by_key(|(at, edge)| (std::cmp::Reverse(edge.count), *at));
        ranked.truncate(most);
        ranked.sort_by_key(|(at, _)| *at);
        picture.edges = ranked.into_iter().map(|(_, edge)| edge).collect();
    }
    let left_out = all - picture.edges.len();
    (picture, left_out)
}

/// `service`
pub fn kind_word(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::World => "world",
        NodeKind::Service => "service",
        NodeKind::Database => "database",
        NodeKind::Infrastructure => "infrastructure",
        NodeKind::Channel => "channel",
        NodeKind::Group => "group",
    }
}

#[cfg(test)]
mod tests {
    use super::{By, Ungrouped, collapsed, essential, focused, folders, groups, strongest};
    use crate::graph::model::{Graph, Service};
    use crate::render::picture::{Edge, EdgeKind, Node, NodeKind, Picture};
    use crate::source::file::FileId;
    use crate::source::path::EstatePath;
    use crate::source::span::Span;
    use crate::source::symbol::Symbol;

    fn service(name: &str, owner: &str, folder: &str) -> Service {
        Service {
            name: Symbol::new(name),
            aliases: Vec::new(),
            folder: Some(EstatePath::new(folder)),
            runtime: None,
            exposure: None,
            owners: vec![Symbol::new(owner)],
            scopes: Vec::new(),
            workloads: Vec::new(),
            namespace: None,
            span: Span::file_start(FileId(0)),
        }
    }

    fn node(id: &str, kind: NodeKind) -> Node {
        Node { id: id.to_owned(), kind, label: vec![id.to_owned()] }
    }

    fn edge(from: usize, to: usize, kind: EdgeKind) -> Edge {
        Edge { from, to, kind, label: String::new(), count: 1 }
    }

    /// The world calls a; a and b call c; b uses the database d on the server i, c uses e.
    fn estate() -> (Graph, Picture) {
        let services = vec![service("a", "one", "x/a"), service("b", "one", "x/b"), service("c", "two", "y/c")];
        let nodes = vec![
            node("world", NodeKind::World),
            node("a", NodeKind::Service),
            node("b", NodeKind::Service),
            node("c", NodeKind::Service),
            node("d", NodeKind::Database),
            node("e", NodeKind::Database),
            node("i", NodeKind::Infrastructure),
        ];
        let edges = vec![
            edge(0, 1, EdgeKind::Synchronous),
            edge(1, 3, EdgeKind::Synchronous),
            edge(2, 3, EdgeKind::Synchronous),
            edge(2, 4, EdgeKind::Uses),
            edge(3, 5, EdgeKind::Uses),
            edge(1, 5, EdgeKind::Uses),
            edge(4, 6, EdgeKind::Uses),
        ];
        (Graph { services, ..Graph::default() }, Picture { nodes, edges, hidden: 0 })
    }

    #[test]
    fn what_services_use_goes_with_those_that_use_it_most() {
        let (graph, picture) = estate();
        let groups = groups(&graph, &picture, By::Owner).expect("two owners");
        assert_eq!(groups.names, ["one", "two"]);
        let one = Some(0);
        // Of equal users the first group takes the database e.
        assert_eq!(groups.of, [None, one, one, Some(1), one, one, one]);
        let small = collapsed(&picture, &groups);
        let labels: Vec<String> = small.nodes.iter().map(|node| node.label.join(" | ")).collect();
        assert_eq!(labels, ["one | 2 services, 2 databases | 1 public", "two | 1 service"]);
        let lines: Vec<(usize, usize, &str)> =
            small.edges.iter().map(|edge| (edge.from, edge.to, edge.label.as_str())).collect();
        assert_eq!(lines, [(0, 1, "2 calls"), (1, 0, "1 use")]);
    }

    #[test]
    fn groups_that_are_no_groups_are_refused() {
        let (graph, picture) = estate();
        assert_eq!(groups(&graph, &picture, By::Namespace), Err(Ungrouped::NotKnown));
        assert_eq!(Ungrouped::NotKnown.words(By::Namespace), "no manifest states one");
        let (mut graph, picture) = estate();
        graph.services[1].owners = vec![Symbol::new("three")];
        assert_eq!(groups(&graph, &picture, By::Owner), Err(Ungrouped::Many(3)), "each has its own");
        for service in &mut graph.services {
            service.owners = vec![Symbol::new("all")];
        }
        assert_eq!(groups(&graph, &picture, By::Owner), Err(Ungrouped::One("all".to_owned())));
        assert_eq!(Ungrouped::One("all".to_owned()).words(By::Owner), "all owns all services");
    }

    #[test]
    fn folders_are_as_deep_as_can_be_read() {
        let many: Vec<Service> =
            (0..300).map(|at| service(&format!("s{at}"), "o", &format!("all/t{}/s{at}", at / 10))).collect();
        let folders = folders(&many);
        assert_eq!((folders[0].as_str(), folders[299].as_str()), ("all/t0", "all/t29"));
    }

    #[test]
    fn a_focus_reaches_nothing_through_the_world() {
        let (_, mut picture) = estate();
        picture.edges.push(edge(0, 3, EdgeKind::Synchronous));
        let names = |hops| {
            let near = focused(&picture, &|node| node.id == "a", hops);
            near.nodes.iter().map(|node| node.id.clone()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(0), "a");
        assert_eq!(names(1), "world a c e");
        assert_eq!(names(2), "world a b c e");
        assert_eq!(names(9), "world a b c d e i");
    }

    #[test]
    fn what_one_service_uses_alone_is_left_out_first() {
        let (_, picture) = estate();
        let essential = essential(&picture).expect("readable");
        let names: Vec<&str> = essential.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(names, ["world", "a", "b", "c", "e"]);
        assert_eq!(essential.hidden, 2);
        let (few, left_out) = strongest(picture, 3);
        assert_eq!((few.edges.len(), left_out), (3, 4));
    }
}
