//! Where the boxes and lines of a picture lie: layers from left to right, by dagre.

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker, layout};
use unicode_width::UnicodeWidthStr;

use super::picture::{Node, Picture};

/// Width of a letter at the size in which labels are drawn, in px, and what is around them.
const LETTER: f64 = 7.2;
const PADDING: f64 = 28.0;
const LINE: f64 = 16.0;
const MARGIN: f64 = 12.0;
/// Longest line of a label, in columns.
pub const LABEL: usize = 30;

/// A box; `x` and `y` are its middle. All in px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A picture with places, in px.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Of the whole.
    pub width: f64,
    /// Of the whole.
    pub height: f64,
    /// By node.
    pub nodes: Vec<Place>,
    /// By edge: the points that its line passes, at least two; empty where it is not drawn.
    pub edges: Vec<Vec<(f64, f64)>>,
}

/// Lays a picture out. The time grows with the square of the lines, so the picture has to be
/// capped before: 60 boxes with 150 lines take a tenth of a second.
pub fn laid_out(picture: &Picture) -> Layout {
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    for (at, node) in picture.nodes.iter().enumerate() {
        let (width, height) = size(node);
        graph.set_node(at.to_string(), Some(NodeLabel { width, height, ..NodeLabel::default() }));
    }
    for (at, edge) in picture.edges.iter().enumerate() {
        if edge.from != edge.to {
            let name = at.to_string();
            graph.set_edge(edge.from.to_string(), edge.to.to_string(), Some(EdgeLabel::default()), Some(&name));
        }
    }
    layout(&mut graph, Some(settings()));
    let mut all = Layout::default();
    for (at, node) in picture.nodes.iter().enumerate() {
        let (width, height) = size(node);
        let label = graph.node(&at.to_string());
        let (x, y) = label.map_or((0.0, 0.0), |label| (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0)));
        all.nodes.push(Place { x, y, width, height });
    }
    for (at, edge) in picture.edges.iter().enumerate() {
        let label = graph.edge(&edge.from.to_string(), &edge.to.to_string(), Some(&at.to_string()));
        let points = label.map_or_else(Vec::new, |label| label.points.iter().map(|point| (point.x, point.y)).collect());
        all.edges.push(points);
    }
    framed(all)
}

/// Of dagre's three rankers and both ways to end a tie this pair moved boxes least when one
/// service went away, by 2 to 15 %, and has the shortest lines, by a sixth.
fn settings() -> LayoutOptions {
    LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: 18.0,
        edgesep: 10.0,
        ranksep: 60.0,
        ranker: Ranker::NetworkSimplex,
        tie_keep_first: true,
        ..LayoutOptions::default()
    }
}

/// Moves everything into a frame with a margin: lines may pass above all boxes.
fn framed(mut all: Layout) -> Layout {
    let boxes = all.nodes.iter().flat_map(|place| {
        let (x, y) = (place.width / 2.0, place.height / 2.0);
        [(place.x - x, place.y - y), (place.x + x, place.y + y)]
    });
    let corners: Vec<(f64, f64)> = boxes.chain(all.edges.iter().flatten().copied()).collect();
    let least = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
    let most = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    if corners.is_empty() {
        return all;
    }
    let (left, top) = (least(|corner| corner.0) - MARGIN, least(|corner| corner.1) - MARGIN);
    all.width = most(|corner| corner.0) + MARGIN - left;
    all.height = most(|corner| corner.1) + MARGIN - top;
    for place in &mut all.nodes {
        place.x -= left;
        place.y -= top;
    }
    for point in all.edges.iter_mut().flatten() {
        *point = (point.0 - left, point.1 - top);
    }
    all
}

fn size(node: &Node) -> (f64, f64) {
    let columns = node.label.iter().map(|line| line.width().min(LABEL)).max().unwrap_or(0).max(6);
    (columns as f64 * LETTER + PADDING, node.label.len() as f64 * LINE + 14.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::laid_out;
    use crate::render::picture::{Edge, EdgeKind, Node, NodeKind, Picture};

    fn picture(nodes: usize, calls: &[(usize, usize)]) -> Picture {
        Picture {
            nodes: (0..nodes)
                .map(|at| Node { id: format!("s{at}"), kind: NodeKind::Service, label: vec![format!("service-{at}")] })
                .collect(),
            edges: calls
                .iter()
                .map(|&(from, to)| Edge { from, to, kind: EdgeKind::Synchronous, label: String::new(), count: 1 })
                .collect(),
            hidden: 0,
        }
    }

    #[test]
    fn boxes_do_not_overlap_and_lie_in_the_frame() {
        // A chain, a circle, a call to itself, the same call twice, a service alone.
        let layout = laid_out(&picture(6, &[(0, 1), (1, 2), (2, 1), (3, 3), (0, 4), (0, 4)]));
        for (at, one) in layout.nodes.iter().enumerate() {
            let (x, y) = (one.width / 2.0, one.height / 2.0);
            assert!(one.x - x >= 0.0 && one.y - y >= 0.0, "{at}");
            assert!(one.x + x <= layout.width && one.y + y <= layout.height, "{at}");
            for other in layout.nodes.iter().skip(at + 1) {
                let apart_x = (one.x - other.x).abs() >= (one.width + other.width) / 2.0;
                let apart_y = (one.y - other.y).abs() >= (one.height + other.height) / 2.0;
                assert!(apart_x || apart_y, "{one:?} {other:?}");
            }
        }
        let drawn: Vec<bool> = layout.edges.iter().map(|points| points.len() > 1).collect();
        assert_eq!(drawn, [true, true, true, false, true, true]);
        assert!(layout.nodes[0].x < layout.nodes[1].x && layout.nodes[1].x < layout.nodes[2].x);
    }

    #[test]
    fn the_same_picture_lies_the_same() {
        let one = picture(20, &[(0, 5), (5, 7), (7, 19), (3, 7), (4, 5), (19, 2), (2, 0)]);
        assert_eq!(laid_out(&one), laid_out(&one));
        assert_eq!(laid_out(&picture(0, &[])).nodes.len(), 0);
    }

    /// An estate of layers, as calls go: each service calls a few of those after it, now and
    /// then one before it.
    fn invented(nodes: usize, mut seed: u64) -> Vec<(usize, usize)> {
        let mut below = |limit: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % limit as u64) as usize
        };
        let mut calls = Vec::new();
        for from in 0..nodes - 1 {
            for _ in 0..1 + below(3) {
                let to = from + 1 + below((nodes - from - 1).min(nodes / 3));
                calls.push(if below(40) == 0 { (to, from) } else { (from, to) });
            }
        }
        calls.sort_unstable();
        calls.dedup();
        calls
    }

    /// What a picture does when one service goes away: the share of pairs of the others that
    /// change sides, left with right or above with below, in per mille, and the mean way that
    /// a box goes, in per mille of the picture's height.
    fn unrest() -> (f64, f64) {
        let (mut pairs, mut turned, mut boxes, mut way) = (0.0, 0.0, 0.0, 0.0);
        for (nodes, seed) in [(12, 3), (30, 5), (60, 7)] {
            let calls = invented(nodes, seed * 0x9E37_79B9);
            let before = laid_out(&picture(nodes, &calls));
            for gone in (0..nodes).step_by(nodes / 6) {
                // The box stays in the list, without lines: what is compared keeps its number.
                let kept: Vec<_> = calls.iter().copied().filter(|(from, to)| *from != gone && *to != gone).collect();
                let less: BTreeSet<usize> = (0..nodes).filter(|at| *at != gone).collect();
                let after = laid_out(&picture(nodes, &kept).kept(&less));
                let old: Vec<_> = less.iter().map(|at| before.nodes[*at]).collect();
                for (at, (a, b)) in old.iter().zip(&after.nodes).enumerate() {
                    boxes += 1.0;
                    way += (a.y - b.y).abs().hypot(a.x - b.x) / before.height;
                    for (c, d) in old.iter().zip(&after.nodes).skip(at + 1) {
                        pairs += 2.0;
                        turned += f64::from(u8::from((a.y - c.y) * (b.y - d.y) < 0.0));
                        turned += f64::from(u8::from((a.x - c.x) * (b.x - d.x) < 0.0));
                    }
                }
            }
        }
        (turned * 1000.0 / pairs, way * 1000.0 / boxes)
    }

    #[test]
    fn one_service_less_leaves_the_others_where_they_are() {
        let (turned, way) = unrest();
        assert!(turned < 80.0 && way < 140.0, "{turned} per mille of pairs turned, {way} per mille of the height");
    }
}
