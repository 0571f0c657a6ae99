//! Where boxes stand: columns from left to right, boxes of a column one below the other, lines that pass a column
//! given a lane of their own in it (the method of Sugiyama, Tagawa and Toda, 1981). Deterministic: the same graph gives
//! the same places.

use super::graph::Graph;
use std::collections::VecDeque;

/// Rounds of ordering; more bring nothing for graphs of a few hundred boxes.
const ROUNDS: usize = 16;

/// A slot of a column: a box, or the lane of a line that passes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Slot {
    /// The box; `None` for a lane.
    pub(super) node: Option<usize>,
    /// Its column.
    pub(super) column: usize,
    /// Its height.
    pub(super) height: f64,
    /// Its upper edge.
    pub(super) top: f64,
}

/// Columns of slots, and the slots each line runs through.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) slots: Vec<Slot>,
    /// For each line of the graph, its slots from end to end: the first is of its left box.
    pub(super) paths: Vec<Vec<usize>>,
    /// How many columns there are.
    pub(super) n_columns: usize,
    /// The height of the highest column.
    pub(super) height: f64,
}

/// Lays out `graph`, whose box `n` is `heights[n]` high, with `gap` between boxes.
pub(super) fn lay_out(graph: &Graph, heights: &[f64], gap: f64) -> Layout {
    let columns = columns_of(graph);
    let n_columns = columns.iter().max().map_or(0, |last| last + 1);
    let mut slots: Vec<Slot> = columns
        .iter()
        .zip(heights)
        .enumerate()
        .map(|(node, (&column, &height))| Slot { node: Some(node), column, height, top: 0.0 })
        .collect();
    let paths = lanes(graph, &columns, gap, &mut slots);
    let neighbours = neighbours(&paths, slots.len());
    let mut order = first_order(&slots, n_columns);
    for round in 0..ROUNDS {
        sort_columns(&mut order, &slots, &neighbours, round % 2 == 0);
    }
    place(&order, &mut slots, &neighbours, gap);
    let height = slots.iter().map(|slot| slot.top + slot.height).fold(0.0, f64::max);
    Layout { slots, paths, n_columns, height }
}

/// The column of each box: as said, else its distance from the roots, else one right of everything that leads to it.
pub(super) fn columns_of(graph: &Graph) -> Vec<usize> {
    let found = if graph.roots.is_empty() { longest_paths(graph) } else { distances(graph) };
    graph.nodes.iter().zip(found).map(|(node, found)| node.column.unwrap_or(found)).collect()
}

/// Breadth first: all roots at 0; a part of the graph without a root begins at its first box.
fn distances(graph: &Graph) -> Vec<usize> {
    let mut joined: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        joined[edge.from].push(edge.to);
        joined[edge.to].push(edge.from);
    }
    let mut distance = vec![usize::MAX; graph.nodes.len()];
    let mut queue: VecDeque<usize> = VecDeque::new();
    let spread = |queue: &mut VecDeque<usize>, distance: &mut Vec<usize>| {
        while let Some(at) = queue.pop_front() {
            for &next in &joined[at] {
                if distance[next] == usize::MAX {
                    distance[next] = distance[at] + 1;
                    queue.push_back(next);
                }
            }
        }
    };
    for &root in &graph.roots {
        distance[root] = 0;
        queue.push_back(root);
    }
    spread(&mut queue, &mut distance);
    for node in 0..graph.nodes.len() {
        if distance[node] == usize::MAX {
            distance[node] = 0;
            queue.push_back(node);
            spread(&mut queue, &mut distance);
        }
    }
    distance
}

/// Relaxes lines left to right; as many rounds as boxes, so that a cycle ends it.
fn longest_paths(graph: &Graph) -> Vec<usize> {
    let mut column = vec![0; graph.nodes.len()];
    for _ in 0..graph.nodes.len().min(64) {
        let mut changed = false;
        for edge in graph.edges.iter().filter(|edge| edge.from != edge.to) {
            let wanted = column[edge.from] + 1;
            if column[edge.to] < wanted && wanted < graph.nodes.len() {
                column[edge.to] = wanted;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    column
}

/// A path of slots for each line, with a lane in every column between its ends.
fn lanes(graph: &Graph, columns: &[usize], gap: f64, slots: &mut Vec<Slot>) -> Vec<Vec<usize>> {
    let mut paths = Vec::with_capacity(graph.edges.len());
    for edge in &graph.edges {
        let (left, right) =
            if columns[edge.from] <= columns[edge.to] { (edge.from, edge.to) } else { (edge.to, edge.from) };
        let mut path = vec![left];
        for column in columns[left] + 1..columns[right] {
            slots.push(Slot { node: None, column, height: gap / 2.0, top: 0.0 });
            path.push(slots.len() - 1);
        }
        path.push(right);
        paths.push(path);
    }
    paths
}

/// For each slot, those it is joined with to the left and to the right.
type Neighbours = Vec<(Vec<usize>, Vec<usize>)>;

fn neighbours(paths: &[Vec<usize>], n_slots: usize) -> Neighbours {
    let mut all: Neighbours = vec![(Vec::new(), Vec::new()); n_slots];
    for path in paths {
        for pair in path.windows(2) {
            all[pair[0]].1.push(pair[1]);
            all[pair[1]].0.push(pair[0]);
        }
    }
    all
}

fn first_order(slots: &[Slot], n_columns: usize) -> Vec<Vec<usize>> {
    let mut order = vec![Vec::new(); n_columns];
    for (index, slot) in slots.iter().enumerate() {
        order[slot.column].push(index);
    }
    order
}

/// Sorts each column by the mean position of what its slots are joined with on one side.
fn sort_columns(order: &mut [Vec<usize>], slots: &[Slot], neighbours: &Neighbours, forward: bool) {
    let mut position = vec![0.0; slots.len()];
    for column in order.iter() {
        for (index, &slot) in column.iter().enumerate() {
            position[slot] = index as f64 / column.len().max(1) as f64;
        }
    }
    let columns: Vec<usize> =
        if forward { (1..order.len()).collect() } else { (0..order.len().saturating_sub(1)).rev().collect() };
    for column in columns {
        let mean = |slot: usize| {
            let side = if forward { &neighbours[slot].0 } else { &neighbours[slot].1 };
            let sum: f64 = side.iter().map(|other| position[*other]).sum();
            if side.is_empty() { position[slot] } else { sum / side.len() as f64 }
        };
        let mut keyed: Vec<(f64, usize)> = order[column].iter().map(|&slot| (mean(slot), slot)).collect();
        keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
        order[column] = keyed.into_iter().map(|(_, slot)| slot).collect();
        let len = order[column].len().max(1) as f64;
        for (index, &slot) in order[column].iter().enumerate() {
            position[slot] = index as f64 / len;
        }
    }
}

/// Gives each slot its height in its column: as near to the middle of its neighbours as order and gaps allow.
fn place(order: &[Vec<usize>], slots: &mut [Slot], neighbours: &Neighbours, gap: f64) {
    for column in order {
        let mut top = 0.0;
        for &slot in column {
            slots[slot].top = top;
            top += slots[slot].height + gap;
        }
    }
    for round in 0..ROUNDS {
        let columns: Vec<&Vec<usize>> =
            if round % 2 == 0 { order.iter().collect() } else { order.iter().rev().collect() };
        for column in columns {
            let wanted: Vec<f64> = column.iter().map(|&slot| wanted_top(slot, slots, neighbours)).collect();
            settle(column, &wanted, slots, gap);
        }
    }
    close_gaps(slots, gap);
    let highest = slots.iter().map(|slot| slot.top).fold(f64::INFINITY, f64::min);
    for slot in slots {
        slot.top -= highest;
    }
}

/// Takes out bands that no slot of any column reaches into: parts that no line joins come near to each other.
fn close_gaps(slots: &mut [Slot], gap: f64) {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by(|one, other| slots[*one].top.total_cmp(&slots[*other].top));
    let (mut bottom, mut shift) = (f64::NEG_INFINITY, 0.0);
    for index in order {
        let (top, height) = (slots[index].top, slots[index].height);
        if bottom.is_finite() && top > bottom + gap {
            shift += top - bottom - gap;
        }
        bottom = bottom.max(top + height);
        slots[index].top = top - shift;
    }
}

fn wanted_top(slot: usize, slots: &[Slot], neighbours: &Neighbours) -> f64 {
    let (left, right) = &neighbours[slot];
    let middle = |other: &usize| slots[*other].top + slots[*other].height / 2.0;
    let count = left.len() + right.len();
    if count == 0 {
        return slots[slot].top;
    }
    let sum: f64 = left.iter().chain(right).map(middle).sum();
    sum / count as f64 - slots[slot].height / 2.0
}

/// Keeps order and gaps while each slot comes as near to where it wants to be as the mean of its block allows
/// (pool adjacent violators, which gives the least sum of squares).
fn settle(column: &[usize], wanted: &[f64], slots: &mut [Slot], gap: f64) {
    let mut offset = 0.0;
    let mut blocks: Vec<(f64, f64)> = Vec::new();
    let mut offsets = Vec::with_capacity(column.len());
    for (&slot, &want) in column.iter().zip(wanted) {
        offsets.push(offset);
        blocks.push((want - offset, 1.0));
        while let [.., (before, n), (last, m)] = blocks[..]
            && before > last
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push(((before * n + last * m) / (n + m), n + m));
        }
        offset += slots[slot].height + gap;
    }
    let mut index = 0;
    for (base, count) in blocks {
        for _ in 0..count as usize {
            slots[column[index]].top = base + offsets[index];
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::graph::{Class, Edge};

    fn star(leaves: usize) -> Graph {
        let mut graph = Graph::default();
        let hub = graph.node("hub", Vec::new(), Class::Network);
        for leaf in 0..leaves {
            let leaf = graph.node(format!("leaf-{leaf}"), Vec::new(), Class::Machine);
            graph.edges.push(Edge::new(hub, leaf));
        }
        graph
    }

    #[test]
    fn boxes_of_a_column_never_overlap() {
        let mut graph = star(12);
        graph.edges.push(Edge::new(3, 7));
        graph.edges.push(Edge::new(0, 3));
        let heights = vec![20.0; graph.nodes.len()];
        let layout = lay_out(&graph, &heights, 10.0);
        for one in &layout.slots {
            for other in layout.slots.iter().filter(|other| other.column == one.column && other.top > one.top)
            {
                assert!(other.top >= one.top + one.height + 9.99, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_hub_stands_in_the_middle_of_its_leaves() {
        let layout = lay_out(&star(5), &[20.0; 6], 10.0);
        assert!((layout.slots[0].top - layout.slots[3].top).abs() < 1.0, "{:?}", layout.slots);
        assert_eq!(layout.n_columns, 2);
    }

    #[test]
    fn a_cycle_ends() {
        let mut graph = star(2);
        graph.edges.push(Edge::new(1, 0));
        graph.edges.push(Edge::new(2, 2));
        assert!(lay_out(&graph, &[20.0; 3], 10.0).n_columns <= 3);
    }

    #[test]
    fn a_line_over_three_columns_has_a_lane_between() {
        let mut graph = star(1);
        let far = graph.node("far", Vec::new(), Class::Machine);
        graph.edges.push(Edge::new(1, far));
        graph.edges.push(Edge::new(0, far));
        let layout = lay_out(&graph, &[20.0; 3], 10.0);
        assert_eq!(layout.paths[2].len(), 3);
        assert_eq!(layout.slots.len(), 4);
    }
}
