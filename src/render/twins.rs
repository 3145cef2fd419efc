//! Boxes that have the same lines stand in one frame, with one line to it instead of one to each.
//!
//! A service that calls forty others would be a column of forty boxes, and no line of it could
//! be followed. Nothing is left out: each box of the frame has each line that leads to it.

use std::collections::BTreeMap;

use super::collapse::kind_word;
use super::outcome::counted;
use super::picture::{Edge, EdgeKind, NodeKind, Picture};

/// Fewer boxes than this stay a column.
const LEAST: usize = 6;

/// What ties a box to another one: whether it is led to, which other, by which kind of line.
type Tie = (bool, usize, u8);

/// The picture with one line for all lines to or from the boxes of a frame, and the frames:
/// places of nodes, at least six each. A line ends at the first box of its frame.
pub fn framed(mut picture: Picture) -> (Picture, Vec<Vec<usize>>) {
    let frames = twins(&picture);
    let mut first: Vec<usize> = (0..picture.nodes.len()).collect();
    for frame in &frames {
        for at in frame {
            if let (Some(slot), Some(one)) = (first.get_mut(*at), frame.first()) {
                *slot = *one;
            }
        }
    }
    let of = |at: usize| first.get(at).copied().unwrap_or(at);
    let mut places: BTreeMap<(usize, usize, u8), usize> = BTreeMap::new();
    let mut lines: Vec<(Edge, usize, bool)> = Vec::new();
    let in_frame = |at: usize| frames.iter().any(|frame| frame.contains(&at));
    for edge in picture.edges.drain(..) {
        let (from, to) = (of(edge.from), of(edge.to));
        if !in_frame(edge.from) && !in_frame(edge.to) {
            lines.push((edge, 1, true));
            continue;
        }
        let place = *places.entry((from, to, edge.kind as u8)).or_insert(lines.len());
        match lines.get_mut(place) {
            Some((known, number, same)) => {
                *same &= known.label == edge.label;
                known.count += edge.count;
                *number += 1;
            }
            None => lines.push((Edge { from, to, ..edge }, 1, true)),
        }
    }
    picture.edges = lines.into_iter().map(|(edge, number, same)| worded(edge, number, same)).collect();
    (picture, frames)
}

/// What the line of a frame says: how many it is, and what they have in common.
fn worded(edge: Edge, number: usize, same: bool) -> Edge {
    let label = match (number, same, edge.kind) {
        (1, ..) => return edge,
        (_, true, _) if !edge.label.is_empty() => format!("{number} × {}", edge.label),
        (.., EdgeKind::Synchronous) => counted(number, "call", "calls"),
        (.., EdgeKind::Asynchronous | EdgeKind::Uses) => String::new(),
    };
    Edge { label, ..edge }
}

/// Boxes of one kind with the same lines, in the order of their first ones.
fn twins(picture: &Picture) -> Vec<Vec<usize>> {
    let mut ties: Vec<Vec<Tie>> = vec![Vec::new(); picture.nodes.len()];
    for edge in &picture.edges {
        for (at, tie) in [(edge.from, (false, edge.to, edge.kind as u8)), (edge.to, (true, edge.from, edge.kind as u8))]
        {
            if let Some(one) = ties.get_mut(at) {
                one.push(tie);
            }
        }
    }
    let mut alike: BTreeMap<(&str, Vec<Tie>), Vec<usize>> = BTreeMap::new();
    for ((at, node), mut tie) in picture.nodes.iter().enumerate().zip(ties) {
        tie.sort_unstable();
        tie.dedup();
        let itself = tie.iter().any(|(_, other, _)| *other == at);
        if !tie.is_empty() && !itself && node.kind != NodeKind::World {
            alike.entry((kind_word(node.kind), tie)).or_default().push(at);
        }
    }
    let mut frames: Vec<Vec<usize>> = alike.into_values().filter(|all| all.len() >= LEAST).collect();
    frames.sort();
    frames
}

#[cfg(test)]
mod tests {
    use super::framed;
    use crate::render::picture::{Edge, EdgeKind, Node, NodeKind, Picture};

    fn picture(nodes: usize, lines: &[(usize, usize, &str)]) -> Picture {
        let node = |at| Node { id: format!("s{at}"), kind: NodeKind::Service, label: vec![format!("service-{at}")] };
        let edge = |&(from, to, label): &(usize, usize, &str)| Edge {
            from,
            to,
            kind: EdgeKind::Synchronous,
            label: label.to_owned(),
            count: 1,
        };
        Picture { nodes: (0..nodes).map(node).collect(), edges: lines.iter().map(edge).collect(), hidden: 0 }
    }

    #[test]
    fn callees_of_one_service_stand_in_a_frame() {
        // The last callee calls somebody itself.
        let mut lines: Vec<_> = (1..9).map(|to| (0, to, "http, no timeout")).collect();
        lines.push((8, 9, "grpc"));
        let (picture, frames) = framed(picture(10, &lines));
        assert_eq!(frames, [vec![1, 2, 3, 4, 5, 6, 7]]);
        let lines: Vec<_> =
            picture.edges.iter().map(|edge| (edge.from, edge.to, edge.label.as_str(), edge.count)).collect();
        assert_eq!(lines, [(0, 1, "7 × http, no timeout", 7), (0, 8, "http, no timeout", 1), (8, 9, "grpc", 1)]);
    }

    #[test]
    fn labels_that_differ_become_a_number() {
        // Callers of one service; one of them twice.
        let lines: Vec<_> = [(0, 6, "http"), (0, 6, "grpc")]
            .into_iter()
            .chain((1..6).map(|from| (from, 6, if from == 3 { "grpc" } else { "http" })))
            .collect();
        let (picture, frames) = framed(picture(7, &lines));
        assert_eq!(frames, [vec![0, 1, 2, 3, 4, 5]]);
        assert_eq!(picture.edges.len(), 1);
        assert_eq!((picture.edges[0].label.as_str(), picture.edges[0].count), ("7 calls", 7));
    }

    #[test]
    fn few_callees_and_those_with_other_lines_stay_a_column() {
        let few: Vec<_> = (1..6).map(|to| (0, to, "")).collect();
        assert_eq!(framed(picture(6, &few)).1, Vec::<Vec<usize>>::new());
        // Each of them calls the next one.
        let chained: Vec<_> = (1..9).flat_map(|to| [(0, to, ""), (to, to + 1, "")]).collect();
        let (after, frames) = framed(picture(10, &chained));
        assert!(frames.is_empty());
        assert_eq!(after.edges.len(), chained.len());
        // Without any line they are no twins, and what calls itself shows that.
        assert!(framed(picture(9, &[])).1.is_empty());
        let alone: Vec<_> = (0..9).map(|at| (at, at, "")).collect();
        assert!(framed(picture(9, &alone)).1.is_empty());
    }
}
