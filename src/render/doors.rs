//! Ways in where there are too many to be drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::picture::{NodeKind, PERHAPS, Picture};

/// More lines from the world than this hide all others.
const MOST: usize = 8;

/// The picture with a word in each box that the world reaches, instead of lines from it, where
/// there are many; and in how many boxes it stands, 0 where the lines stay.
pub fn doors(mut picture: Picture) -> (Picture, usize) {
    let world = |at: usize| picture.nodes.get(at).is_some_and(|node| node.kind == NodeKind::World);
    let mut open: BTreeMap<usize, bool> = BTreeMap::new();
    for edge in picture.edges.iter().filter(|edge| world(edge.from)) {
        let certain = !edge.label.ends_with(PERHAPS);
        open.entry(edge.to).and_modify(|known| *known |= certain).or_insert(certain);
    }
    if open.len() <= MOST {
        return (picture, 0);
    }
    for (at, certain) in &open {
        let word = if *certain { "public" } else { PERHAPS };
        let Some(node) = picture.nodes.get_mut(*at) else { continue };
        match node.label.get_mut(1) {
            Some(detail) => *detail = format!("{word}, {detail}"),
            None => node.label.push(word.to_owned()),
        }
    }
    let kept: BTreeSet<usize> =
        picture.nodes.iter().enumerate().filter(|(_, node)| node.kind != NodeKind::World).map(|(at, _)| at).collect();
    let hidden = picture.hidden;
    (Picture { hidden, ..picture.kept(&kept) }, open.len())
}

#[cfg(test)]
mod tests {
    use super::doors;
    use crate::render::picture::{Edge, EdgeKind, Node, NodeKind, Picture};

    /// The world reaches so many services; the first one also by another way.
    fn reached(services: usize, label: &str) -> Picture {
        let node = |kind, name: String| Node { id: name.clone(), kind, label: vec![name] };
        let mut nodes = vec![node(NodeKind::World, "world".to_owned())];
        nodes.extend((0..services).map(|at| node(NodeKind::Service, format!("s{at}"))));
        let edge =
            |to, label: &str| Edge { from: 0, to, kind: EdgeKind::Synchronous, label: label.to_owned(), count: 1 };
        let edges = (1..=services).map(|to| edge(to, label)).chain([edge(1, "ingress /")]).collect();
        Picture { nodes, edges, hidden: 3 }
    }

    #[test]
    fn few_ways_in_stay_lines() {
        let (picture, words) = doors(reached(8, "ingress"));
        assert_eq!((picture.nodes.len(), picture.edges.len(), words), (9, 9, 0));
    }

    #[test]
    fn many_ways_in_become_words() {
        let (picture, words) = doors(reached(9, "published port :80, perhaps public"));
        assert_eq!((picture.nodes.len(), picture.edges.len(), picture.hidden, words), (9, 0, 3, 9));
        assert_eq!(picture.nodes[0].label, ["s0", "public"]);
        assert_eq!(picture.nodes[1].label, ["s1", "perhaps public"]);
    }
}
