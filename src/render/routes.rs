//! How lines pass between boxes that lie in columns: level through a column, bent only in the
//! gaps between two, so that no line crosses a box.

use std::collections::BTreeMap;

use super::layout::Place;

/// Between the ends of two lines at one side of a box, in px, where there is room.
const APART: f64 = 9.0;
/// What stays free above and below the ends at one side of a box, in px.
const EDGE: f64 = 7.0;

/// The way of one line, in px.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Pairs of points: the line is level within a pair and bends between one and the next.
    /// Empty where it is not drawn, else at least two pairs.
    pub points: Vec<(f64, f64)>,
    /// The middle of the room for its words.
    pub words: Option<(f64, f64)>,
}

impl Line {
    /// As the `d` of an SVG path. Level pieces in a row are one.
    pub fn path(&self) -> String {
        let mut pieces: Vec<((f64, f64), f64)> = Vec::new();
        for pair in self.points.chunks_exact(2) {
            let [enter, leave] = pair else { continue };
            match pieces.last_mut() {
                Some((last, end)) if last.1.round() == enter.1.round() => *end = leave.0,
                _ => pieces.push((*enter, leave.0)),
            }
        }
        let mut out = String::new();
        let mut before: Option<(f64, f64)> = None;
        for ((x, y), end) in pieces {
            match before {
                None => out.push_str(&format!("M{x:.0} {y:.0}")),
                Some((from, height)) => {
                    let middle = (from + x) / 2.0;
                    out.push_str(&format!("C{middle:.0} {height:.0} {middle:.0} {y:.0} {x:.0} {y:.0}"));
                }
            }
            if x.round() != end.round() {
                out.push_str(&format!("H{end:.0}"));
            }
            before = Some((end, y));
        }
        out
    }
}

/// From left to right, in px.
type Extent = (f64, f64);
/// At one side of a box: from which height a line comes, which line it is, whether it leaves.
type End = (f64, usize, bool);

/// The lines with these ends, as a layered layout bends them.
///
/// `boxes`: by node, where it lies. `bends`: by line, the points of the layout, of which the
/// first and the last lie at its boxes; fewer than two where it is not drawn. `words`: by line,
/// the room for its words, in a column of its own.
pub fn routed(
    boxes: &[Option<Place>],
    ends: &[(usize, usize)],
    bends: &[Vec<(f64, f64)>],
    words: &[Option<Place>],
) -> Vec<Line> {
    let columns = columns(boxes.iter().chain(words).flatten());
    let place = |at: usize| boxes.get(at).copied().flatten();
    // The points at which a line is level; others lie in gaps, where it bends anyway.
    let inner: Vec<Vec<(Extent, f64)>> = bends
        .iter()
        .map(|points| {
            let inner = points.get(1..points.len().saturating_sub(1)).unwrap_or_default();
            inner.iter().filter_map(|(x, y)| Some((*columns.get(&key(*x))?, *y))).collect()
        })
        .collect();
    let heights = heights(boxes, ends, bends, &inner);
    let line = |(at, (from, to)): (usize, &(usize, usize))| {
        let drawn = bends.get(at).is_some_and(|points| points.len() > 1);
        let (Some(a), Some(b)) = (place(*from).filter(|_| drawn), place(*to)) else { return Line::default() };
        let (Some(first), Some(last)) = (columns.get(&key(a.x)), columns.get(&key(b.x))) else {
            return Line::default();
        };
        let (start, end) = heights.get(at).copied().unwrap_or((a.y, b.y));
        // A line that leads back leaves to the left and arrives from the right.
        let forth = forth(a, b);
        let side = if forth { 1.0 } else { -1.0 };
        let near = |one: &Extent| if forth { *one } else { (one.1, one.0) };
        let mut points = vec![(a.x + side * a.width / 2.0, start), (near(first).1, start)];
        for (extent, y) in inner.get(at).into_iter().flatten() {
            let (enter, leave) = near(extent);
            points.extend([(enter, *y), (leave, *y)]);
        }
        points.extend([(near(last).0, end), (b.x - side * b.width / 2.0, end)]);
        Line { points, words: words.get(at).copied().flatten().map(|room| (room.x, room.y)) }
    };
    ends.iter().enumerate().map(line).collect()
}

/// What lies in one column has the same middle.
fn key(x: f64) -> i64 {
    (x * 2.0).round() as i64
}

fn columns<'a>(places: impl Iterator<Item = &'a Place>) -> BTreeMap<i64, Extent> {
    let mut columns: BTreeMap<i64, Extent> = BTreeMap::new();
    for place in places {
        let own = (place.x - place.width / 2.0, place.x + place.width / 2.0);
        let extent = columns.entry(key(place.x)).or_insert(own);
        *extent = (extent.0.min(own.0), extent.1.max(own.1));
    }
    columns
}

fn forth(from: Place, to: Place) -> bool {
    from.x <= to.x
}

/// Where each line leaves its first box and arrives at its last: side by side, in the order
/// in which they come.
fn heights(
    boxes: &[Option<Place>],
    ends: &[(usize, usize)],
    bends: &[Vec<(f64, f64)>],
    inner: &[Vec<(Extent, f64)>],
) -> Vec<(f64, f64)> {
    let mut sides: BTreeMap<(usize, bool), Vec<End>> = BTreeMap::new();
    let mut heights = vec![(0.0, 0.0); ends.len()];
    for (at, (from, to)) in ends.iter().enumerate() {
        let place = |node: &usize| boxes.get(*node).copied().flatten();
        let (Some(a), Some(b)) = (place(from), place(to)) else { continue };
        if bends.get(at).is_none_or(|points| points.len() < 2) {
            continue;
        }
        let (first, last) = (inner.get(at).and_then(|all| all.first()), inner.get(at).and_then(|all| all.last()));
        let right = forth(a, b);
        sides.entry((*from, right)).or_default().push((first.map_or(b.y, |one| one.1), at, true));
        sides.entry((*to, !right)).or_default().push((last.map_or(a.y, |one| one.1), at, false));
    }
    for ((node, _), mut lines) in sides {
        let Some(place) = boxes.get(node).copied().flatten() else { continue };
        lines.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let gaps = (lines.len() - 1) as f64;
        let step = if gaps > 0.0 { ((place.height - 2.0 * EDGE) / gaps).min(APART) } else { 0.0 };
        for (number, (_, at, leaves)) in lines.into_iter().enumerate() {
            let y = place.y + step * (number as f64 - gaps / 2.0);
            if let Some(slot) = heights.get_mut(at) {
                if leaves { slot.0 = y } else { slot.1 = y }
            }
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::{Line, routed};
    use crate::render::layout::Place;

    fn place(x: f64, y: f64, width: f64) -> Place {
        Place { x, y, width, height: 30.0 }
    }

    #[test]
    fn a_line_is_level_in_columns_and_bends_between_them() {
        // The first calls the second past a wider box of the column between, and is called back.
        let boxes = [Some(place(50.0, 20.0, 60.0)), Some(place(350.0, 20.0, 60.0)), Some(place(200.0, 20.0, 100.0))];
        let ends = [(0, 1), (1, 0)];
        let bends =
            [vec![(80.0, 20.0), (200.0, 60.0), (320.0, 20.0)], vec![(320.0, 20.0), (200.0, 90.0), (80.0, 20.0)]];
        let lines = routed(&boxes, &ends, &bends, &[None, None]);
        assert_eq!(
            lines[0].points,
            [(80.0, 15.5), (80.0, 15.5), (150.0, 60.0), (250.0, 60.0), (320.0, 15.5), (320.0, 15.5)]
        );
        assert_eq!(lines[0].path(), "M80 16C115 16 115 60 150 60H250C285 60 285 16 320 16");
        // Back it goes out to the left, in at the right, and beside the other.
        assert_eq!(
            lines[1].points,
            [(320.0, 24.5), (320.0, 24.5), (250.0, 90.0), (150.0, 90.0), (80.0, 24.5), (80.0, 24.5)]
        );
    }

    #[test]
    fn level_pieces_are_one_and_nothing_is_drawn_without_a_way() {
        let line = Line { points: vec![(0.0, 5.0), (10.0, 5.0), (20.0, 5.0), (30.0, 5.0)], words: None };
        assert_eq!(line.path(), "M0 5H30");
        let boxes = [Some(place(50.0, 20.0, 60.0)), None];
        assert_eq!(
            routed(&boxes, &[(0, 1), (0, 0)], &[vec![], vec![]], &[None, None]),
            [Line::default(), Line::default()]
        );
    }
}
