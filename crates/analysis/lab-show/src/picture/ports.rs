//! Where lines touch boxes: each line at a place of its own on the side of its box, in the order in which the lines lead
//! away, so that words at their ends never stand on each other.

use super::graph::{Edge, Graph};
use super::layout::{Layout, columns_of};

/// Room that a line with a word at its end needs, in pixels.
const WORD: f64 = 12.0;
/// Room that a line without one needs.
const BARE: f64 = 3.0;

/// The heights at which a line leaves its left box and reaches its right one.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Touch {
    /// At the first box of its path.
    pub(super) first: f64,
    /// At the last.
    pub(super) last: f64,
}

/// A side of a box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Left,
    Right,
}

/// The words at the end of a line that is at `node`.
fn word_at(edge: &Edge, node: usize) -> &str {
    if edge.from == node { &edge.tail } else { &edge.head }
}

/// How high each box must be for its lines.
pub(super) fn heights_needed(graph: &Graph) -> Vec<f64> {
    let columns = columns_of(graph);
    let mut needs = vec![[BARE * 2.0; 2]; graph.nodes.len()];
    for edge in &graph.edges {
        for (node, other) in [(edge.from, edge.to), (edge.to, edge.from)] {
            let side = usize::from(columns[other] >= columns[node]);
            needs[node][side] += if word_at(edge, node).is_empty() { BARE } else { WORD };
        }
    }
    needs.into_iter().map(|[left, right]| left.max(right)).collect()
}

/// Gives each line its place on both of its boxes.
pub(super) fn find(graph: &Graph, layout: &Layout) -> Vec<Touch> {
    let middle = |slot: usize| layout.slots[slot].top + layout.slots[slot].height / 2.0;
    let mut ends: Vec<Vec<(Side, f64, usize, bool)>> = vec![Vec::new(); graph.nodes.len()];
    for (index, path) in layout.paths.iter().enumerate() {
        let (first, last) = (path[0], path[path.len() - 1]);
        let same = layout.slots[first].column == layout.slots[last].column;
        ends[first].push((Side::Right, middle(path[1]), index, true));
        let side = if same { Side::Right } else { Side::Left };
        ends[last].push((side, middle(path[path.len() - 2]), index, false));
    }
    let mut touches = vec![Touch::default(); graph.edges.len()];
    for (node, ends) in ends.iter_mut().enumerate() {
        ends.sort_by(|one, other| one.1.total_cmp(&other.1).then(one.2.cmp(&other.2)));
        for side in [Side::Left, Side::Right] {
            let here: Vec<(usize, bool)> =
                ends.iter().filter(|end| end.0 == side).map(|end| (end.2, end.3)).collect();
            spread(graph, layout, node, &here, &mut touches);
        }
    }
    touches
}

/// Spreads lines over one side of a box, each with as much room as its word needs.
fn spread(graph: &Graph, layout: &Layout, node: usize, lines: &[(usize, bool)], touches: &mut [Touch]) {
    let need = |edge: usize| if word_at(&graph.edges[edge], node).is_empty() { BARE } else { WORD };
    let all: f64 = lines.iter().map(|(edge, _)| need(*edge)).sum();
    let slot = layout.slots[node];
    // Few lines keep together in the middle; only words and many lines take the whole side.
    let stretch = ((slot.height - BARE * 2.0) / all.max(1.0)).clamp(0.1, 1.6);
    let mut at = slot.top + slot.height / 2.0 - all * stretch / 2.0;
    for &(edge, is_first) in lines {
        let room = need(edge) * stretch;
        let y = at + room / 2.0;
        at += room;
        let touch = &mut touches[edge];
        if is_first {
            touch.first = y;
        } else {
            touch.last = y;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::graph::Class;
    use crate::picture::layout::lay_out;

    #[test]
    fn words_at_one_box_have_room_and_keep_the_order_of_their_far_ends() {
        let mut graph = Graph::default();
        let hub = graph.node("hub", Vec::new(), Class::Network);
        for leaf in 0..9 {
            let node = graph.node(format!("leaf-{leaf}"), Vec::new(), Class::Machine);
            graph.edges.push(Edge { tail: leaf.to_string(), ..Edge::new(hub, node) });
        }
        let heights: Vec<f64> = heights_needed(&graph).into_iter().map(|height| height.max(30.0)).collect();
        assert!(heights[0] >= 9.0 * WORD && heights[1] < 31.0);
        let layout = lay_out(&graph, &heights, 10.0);
        let mut places: Vec<(f64, f64)> =
            find(&graph, &layout).iter().map(|touch| (touch.first, touch.last)).collect();
        places.sort_by(|one, other| one.0.total_cmp(&other.0));
        for pair in places.windows(2) {
            assert!(pair[1].0 - pair[0].0 >= WORD - 0.01, "{places:?}");
            assert!(pair[1].1 > pair[0].1, "{places:?}");
        }
    }
}
