//! Where the boxes and lines of a picture lie: layers from left to right, by dagre.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir, Ranker, layout};
use unicode_width::UnicodeWidthStr;

use super::picture::{Node, NodeKind, Picture};
use super::routes::{Line, routed};

/// Width of a letter at the size in which labels are drawn, in px, and what is around them.
const LETTER: f64 = 7.2;
const PADDING: f64 = 28.0;
const LINE: f64 = 16.0;
const MARGIN: f64 = 12.0;
/// Width of a letter on a line, which is smaller, and the height of its words.
const SMALL: f64 = 5.6;
const WORDS: f64 = 14.0;
/// Between boxes below each other.
const APART: f64 = 18.0;
/// Boxes without lines fill rows of at least this width.
const ROW: f64 = 900.0;
/// Room above them, for the words that say what they are.
const ALONE: f64 = 44.0;
/// Around the boxes of a frame, and between them.
const INSIDE: f64 = 12.0;
/// Width of a frame in heights: as that of a screen.
const SHAPE: f64 = 1.3;
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
    /// By edge; empty where it is not drawn.
    pub edges: Vec<Line>,
    /// Where the words about boxes without lines begin; `None` where there are none.
    pub alone: Option<(f64, f64)>,
    /// Around boxes that have the same lines, and the places of these boxes' nodes.
    pub frames: Vec<(Place, Vec<usize>)>,
}

/// Lays a picture out; with `labeled`, lines get room for their words. Boxes without lines
/// stand in rows below all others. `frames`: places of nodes that stand together, and whose
/// lines end at the first of them, as [`super::twins::framed`] puts them. The time grows with the square of the lines, so the
/// picture has to be capped before: 60 boxes with 150 lines take a tenth of a second.
pub fn laid_out(picture: &Picture, labeled: bool, frames: &[Vec<usize>]) -> Layout {
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    let mut linked = vec![false; picture.nodes.len()];
    for edge in picture.edges.iter().filter(|edge| edge.from != edge.to) {
        for end in [edge.from, edge.to] {
            if let Some(one) = linked.get_mut(end) {
                *one = true;
            }
        }
    }
    let mut sizes: Vec<(f64, f64)> = picture.nodes.iter().map(size).collect();
    let grids: Vec<Grid> = frames.iter().map(|frame| Grid::of(frame, &sizes)).collect();
    for (frame, grid) in frames.iter().zip(&grids) {
        if let Some(slot) = frame.first().and_then(|first| sizes.get_mut(*first)) {
            *slot = grid.size();
        }
    }
    for (at, &(width, height)) in sizes.iter().enumerate() {
        if linked.get(at) == Some(&true) {
            graph.set_node(at.to_string(), Some(NodeLabel { width, height, ..NodeLabel::default() }));
        }
    }
    for (at, edge) in picture.edges.iter().enumerate() {
        if edge.from != edge.to {
            let words = edge.label.width().min(LABEL) as f64;
            let label = if labeled && words > 0.0 {
                let width = words * SMALL + 12.0;
                EdgeLabel { width, height: WORDS, labelpos: LabelPos::Center, ..EdgeLabel::default() }
            } else {
                EdgeLabel::default()
            };
            graph.set_edge(edge.from.to_string(), edge.to.to_string(), Some(label), Some(&at.to_string()));
        }
    }
    layout(&mut graph, Some(settings(labeled)));
    let mut all = Layout::default();
    for (at, &(width, height)) in sizes.iter().enumerate() {
        let label = graph.node(&at.to_string());
        let (x, y) = label.map_or((0.0, 0.0), |label| (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0)));
        all.nodes.push(Place { x, y, width, height });
    }
    let mut bends = Vec::new();
    for (at, edge) in picture.edges.iter().enumerate() {
        let label = graph.edge(&edge.from.to_string(), &edge.to.to_string(), Some(&at.to_string()));
        bends
            .push(label.map_or_else(Vec::new, |label| {
                label.points.iter().map(|point| (point.x, point.y)).collect::<Vec<_>>()
            }));
    }
    let words: Vec<Option<Place>> = picture
        .edges
        .iter()
        .enumerate()
        .map(|(at, edge)| {
            let label = graph.edge(&edge.from.to_string(), &edge.to.to_string(), Some(&at.to_string()))?;
            let (x, y) = (label.x?, label.y?);
            (label.width > 0.0).then_some(Place { x, y, width: label.width, height: label.height })
        })
        .collect();
    let ends: Vec<(usize, usize)> = picture.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let placed: Vec<Option<Place>> =
        all.nodes.iter().zip(&linked).map(|(place, linked)| linked.then_some(*place)).collect();
    all.edges = routed(&placed, &ends, &bends, &words);
    for (frame, grid) in frames.iter().zip(&grids) {
        let around = frame.first().and_then(|first| all.nodes.get(*first)).copied().unwrap_or_default();
        for (number, at) in frame.iter().enumerate() {
            if let (Some(place), Some(node), Some(linked)) =
                (all.nodes.get_mut(*at), picture.nodes.get(*at), linked.get_mut(*at))
            {
                *place = grid.cell(around, number, size(node));
                *linked = true;
            }
        }
        all.frames.push((around, frame.clone()));
    }
    framed(&mut all, &linked);
    rows(&mut all, &linked);
    all
}

/// Of dagre's three rankers and both ways to end a tie this pair moved boxes least when one
/// service went away, by 2 to 15 %, and has the shortest lines, by a sixth.
fn settings(labeled: bool) -> LayoutOptions {
    LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: APART,
        edgesep: 10.0,
        // Words make room of their own between two columns.
        ranksep: if labeled { 36.0 } else { 60.0 },
        ranker: Ranker::NetworkSimplex,
        tie_keep_first: true,
        ..LayoutOptions::default()
    }
}

/// Moves what has lines into a frame with a margin: lines may pass above all boxes.
fn framed(all: &mut Layout, linked: &[bool]) {
    let boxes = all.nodes.iter().zip(linked).filter(|(_, linked)| **linked).map(|(place, _)| place);
    let boxes = boxes.chain(all.frames.iter().map(|(around, _)| around)).flat_map(|place| {
        let (x, y) = (place.width / 2.0, place.height / 2.0);
        [(place.x - x, place.y - y), (place.x + x, place.y + y)]
    });
    let points = all.edges.iter().flat_map(|line| line.points.iter().copied());
    let corners: Vec<(f64, f64)> = boxes.chain(points).collect();
    let least = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
    let most = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
    if corners.is_empty() {
        return;
    }
    let (left, top) = (least(|corner| corner.0) - MARGIN, least(|corner| corner.1) - MARGIN);
    all.width = most(|corner| corner.0) + MARGIN - left;
    all.height = most(|corner| corner.1) + MARGIN - top;
    for place in all.nodes.iter_mut().chain(all.frames.iter_mut().map(|(around, _)| around)) {
        place.x -= left;
        place.y -= top;
    }
    for line in &mut all.edges {
        for point in line.points.iter_mut().chain(&mut line.words) {
            *point = (point.0 - left, point.1 - top);
        }
    }
}

/// Puts boxes without lines into rows below the others, in their order. Layers would make
/// one column of them, and push all others apart.
fn rows(all: &mut Layout, linked: &[bool]) {
    let alone: Vec<usize> = (0..all.nodes.len()).filter(|at| linked.get(*at) == Some(&false)).collect();
    if alone.is_empty() {
        return;
    }
    let sizes =
        |pick: fn(&Place) -> f64| alone.iter().filter_map(|at| all.nodes.get(*at)).map(pick).fold(0.0, f64::max);
    let (width, height) = (sizes(|place| place.width) + APART, sizes(|place| place.height) + APART);
    let columns = ((all.width.max(ROW) / width).floor() as usize).max(1);
    let top = if all.height > 0.0 { all.height + ALONE } else { ALONE };
    all.alone = Some((MARGIN, top - 14.0));
    for (number, at) in alone.iter().enumerate() {
        if let Some(place) = all.nodes.get_mut(*at) {
            place.x = MARGIN + width * ((number % columns) as f64 + 0.5) - APART / 2.0;
            place.y = top + height * ((number / columns) as f64 + 0.5) - APART / 2.0;
        }
    }
    all.width = all.width.max(MARGIN * 2.0 + width * columns.min(alone.len()) as f64 - APART);
    all.height = top + height * alone.len().div_ceil(columns) as f64 - APART + MARGIN;
}

/// Boxes in rows and columns inside a frame.
struct Grid {
    columns: usize,
    rows: usize,
    /// Of one box, with what is beside it.
    cell: (f64, f64),
}

impl Grid {
    /// As wide as high, about.
    fn of(frame: &[usize], sizes: &[(f64, f64)]) -> Self {
        let most = |pick: fn(&(f64, f64)) -> f64| {
            frame.iter().filter_map(|at| sizes.get(*at)).map(pick).fold(0.0, f64::max) + INSIDE
        };
        let cell = (most(|size| size.0), most(|size| size.1));
        let columns = ((frame.len() as f64 * cell.1 * SHAPE / cell.0).sqrt().round() as usize).max(1);
        Self { columns, rows: frame.len().div_ceil(columns), cell }
    }

    fn size(&self) -> (f64, f64) {
        (self.columns as f64 * self.cell.0 + INSIDE, self.rows as f64 * self.cell.1 + INSIDE)
    }

    /// Where the box of this number and size lies.
    fn cell(&self, around: Place, number: usize, (width, height): (f64, f64)) -> Place {
        let (column, row) = ((number % self.columns) as f64, (number / self.columns) as f64);
        Place {
            x: around.x + (column + 0.5 - self.columns as f64 / 2.0) * self.cell.0,
            y: around.y + (row + 0.5 - self.rows as f64 / 2.0) * self.cell.1,
            width,
            height,
        }
    }
}

fn size(node: &Node) -> (f64, f64) {
    let columns = node.label.iter().map(|line| line.width().min(LABEL)).max().unwrap_or(0).max(6);
    // A hexagon's corners take room beside its words.
    let corners = if node.kind == NodeKind::Channel { 18.0 } else { 0.0 };
    (columns as f64 * LETTER + PADDING + corners, node.label.len() as f64 * LINE + 14.0)
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
        let layout = laid_out(&picture(6, &[(0, 1), (1, 2), (2, 1), (3, 3), (0, 4), (0, 4)]), false, &[]);
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
        let drawn: Vec<bool> = layout.edges.iter().map(|line| line.points.len() > 1).collect();
        assert_eq!(drawn, [true, true, true, false, true, true]);
        assert!(layout.nodes[0].x < layout.nodes[1].x && layout.nodes[1].x < layout.nodes[2].x);
    }

    #[test]
    fn twins_stand_in_rows_inside_their_frame() {
        // One calls thirty, the last of which calls one more.
        let mut calls: Vec<_> = (1..31).map(|to| (0, to)).collect();
        calls.push((30, 31));
        let (picture, frames) = crate::render::twins::framed(picture(32, &calls));
        let layout = laid_out(&picture, false, &frames);
        let [(around, inside)] = layout.frames.as_slice() else { panic!("one frame") };
        assert_eq!(inside.len(), 29);
        let corner =
            |place: &super::Place, side: f64| (place.x + side * place.width / 2.0, place.y + side * place.height / 2.0);
        for at in inside {
            let (place, one, other) = (layout.nodes[*at], corner(around, -1.0), corner(around, 1.0));
            assert!(corner(&place, -1.0).0 > one.0 && corner(&place, -1.0).1 > one.1, "{at}");
            assert!(corner(&place, 1.0).0 < other.0 && corner(&place, 1.0).1 < other.1, "{at}");
        }
        assert!(corner(around, -1.0) > (0.0, 0.0) && corner(around, 1.0) < (layout.width, layout.height));
        let mut all: Vec<(i64, i64)> = layout.nodes.iter().map(|place| (place.x as i64, place.y as i64)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 32, "no two at one place");
        // As one column it would be 1,400 high.
        assert!(layout.height < 700.0 && layout.width < 1_600.0, "{} × {}", layout.width, layout.height);
    }

    #[test]
    fn the_same_picture_lies_the_same() {
        let one = picture(20, &[(0, 5), (5, 7), (7, 19), (3, 7), (4, 5), (19, 2), (2, 0)]);
        assert_eq!(laid_out(&one, true, &[]), laid_out(&one, true, &[]));
        assert_eq!(laid_out(&picture(0, &[]), true, &[]).nodes.len(), 0);
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
            let before = laid_out(&picture(nodes, &calls), false, &[]);
            for gone in (0..nodes).step_by(nodes / 6) {
                // The box stays in the list, without lines: what is compared keeps its number.
                let kept: Vec<_> = calls.iter().copied().filter(|(from, to)| *from != gone && *to != gone).collect();
                let less: BTreeSet<usize> = (0..nodes).filter(|at| *at != gone).collect();
                let after = laid_out(&picture(nodes, &kept).kept(&less), false, &[]);
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
