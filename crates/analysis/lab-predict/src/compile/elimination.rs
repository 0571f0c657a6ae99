//! Who is cut off from whom in one block of a graph, by taking its vertices out one after the other.
//!
//! When a vertex goes, every way between two of its neighbours that led through it becomes a link between them. Of the ways there are,
//! none is lost, and one that would come past the same vertex twice says nothing new, since failures never repair anything: this is
//! Gauss's elimination with "and" and "or" in the places of "times" and "plus", and exact for every graph (Backhouse and Carré 1975).
//! Vertices with few neighbours go first, so that little is added: in networks of switches in pairs a few gates each.

use crate::circuit::{CircuitBuilder, NodeId};
use std::collections::BTreeMap;

/// A block, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Elimination {
    /// The vertices in the order in which they went.
    order: Vec<u32>,
    /// By vertex: the neighbours that went later, and what closes the way to each over vertices that went before.
    later: Vec<Vec<(u32, NodeId)>>,
    /// By vertex: what takes it down.
    down: Vec<NodeId>,
}

/// By vertex, by neighbour: the links between them, in parallel.
type Links = Vec<BTreeMap<u32, Vec<NodeId>>>;

impl Elimination {
    /// Takes a block apart: for each vertex its neighbours with what closes the link (the same node in both directions), and what takes
    /// it down.
    pub(super) fn new(circuit: &mut CircuitBuilder, next: &[Vec<(u32, NodeId)>], down: Vec<NodeId>) -> Self {
        let mut links: Links = vec![BTreeMap::new(); next.len()];
        for (vertex, next) in next.iter().enumerate() {
            for &(other, closed) in next {
                links[vertex].entry(other).or_default().push(closed);
            }
        }
        let mut open: Vec<u32> = (0..next.len() as u32).collect();
        let mut taken = Self { order: Vec::new(), later: vec![Vec::new(); next.len()], down };
        let degree = |links: &Links, vertex: u32| (links[vertex as usize].len(), vertex);
        while let Some(place) = (0..open.len()).min_by_key(|&place| degree(&links, open[place])) {
            taken.take(circuit, &mut links, open.remove(place));
        }
        taken
    }

    fn take(&mut self, circuit: &mut CircuitBuilder, links: &mut Links, vertex: u32) {
        let own = std::mem::take(&mut links[vertex as usize]);
        let own: Vec<(u32, NodeId)> =
            own.into_iter().map(|(other, closed)| (other, circuit.and(closed))).collect();
        for &(one, _) in &own {
            links[one as usize].remove(&vertex);
        }
        for (place, &(one, closed_one)) in own.iter().enumerate() {
            for &(other, closed_other) in &own[place + 1..] {
                let through = circuit.or([closed_one, self.down[vertex as usize], closed_other]);
                links[one as usize].entry(other).or_default().push(through);
                links[other as usize].entry(one).or_default().push(through);
            }
        }
        self.later[vertex as usize] = own;
        self.order.push(vertex);
    }

    /// For each vertex, that it is down or not reached from `entry`, which is taken as up.
    pub(super) fn cut_off_from(&self, circuit: &mut CircuitBuilder, entry: u32) -> Vec<NodeId> {
        // Ways over vertices that went before: with them, in the order in which they went.
        let mut ways: Vec<Vec<NodeId>> = vec![Vec::new(); self.order.len()];
        for &vertex in &self.order {
            let place = vertex as usize;
            if vertex != entry && ways[place].is_empty() {
                continue;
            }
            let cut_off = match vertex == entry {
                true => NodeId::NEVER,
                false => {
                    let no_way = circuit.and(ways[place].iter().copied());
                    circuit.or([self.down[place], no_way])
                }
            };
            for &(other, closed) in &self.later[place] {
                ways[other as usize].push(circuit.or([cut_off, closed]));
            }
        }
        // And over those that went later, the last one first.
        let mut cut_off = vec![NodeId::NEVER; self.order.len()];
        for &vertex in self.order.iter().rev().filter(|&&vertex| vertex != entry) {
            let place = vertex as usize;
            let mut ways = std::mem::take(&mut ways[place]);
            for &(other, closed) in &self.later[place] {
                ways.push(circuit.or([cut_off[other as usize], closed]));
            }
            let no_way = circuit.and(ways);
            cut_off[place] = circuit.or([self.down[place], no_way]);
        }
        cut_off
    }
}
