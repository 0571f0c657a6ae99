//! Cut sets by brute force: every set of events up to an order is tried, 64 at a time, one bit each. Slow, and too simple to be wrong
//! in the way the engine could be.

use lab_predict::circuit::{Circuit, Node};
use std::collections::BTreeSet;

/// The minimal cut sets of each top, as places of events. The empty set stands for a top that has failed from the outset.
pub(crate) fn minimal_cut_sets(circuit: &Circuit, order: usize) -> Vec<BTreeSet<Vec<u32>>> {
    let n_events = circuit.events().len() as u32;
    let mut found: Vec<BTreeSet<Vec<u32>>> = vec![BTreeSet::new(); circuit.tops().len()];
    for size in 0..=order {
        let mut batch: Vec<Vec<u32>> = Vec::with_capacity(64);
        let mut set: Vec<u32> = (0..size as u32).collect();
        let mut more = size as u32 <= n_events;
        while more {
            batch.push(set.clone());
            more = next(&mut set, n_events);
            if batch.len() == 64 || !more {
                try_batch(circuit, &batch, &mut found);
                batch.clear();
            }
        }
    }
    found
}

/// The next set of the same size in the order of a dictionary.
fn next(set: &mut [u32], n_events: u32) -> bool {
    let size = set.len() as u32;
    let Some(place) = (0..set.len()).rev().find(|&place| set[place] < n_events - size + place as u32) else {
        return false;
    };
    set[place] += 1;
    for later in place + 1..set.len() {
        set[later] = set[later - 1] + 1;
    }
    true
}

fn try_batch(circuit: &Circuit, batch: &[Vec<u32>], found: &mut [BTreeSet<Vec<u32>>]) {
    let mut held = vec![0_u64; circuit.events().len()];
    for (bit, set) in batch.iter().enumerate() {
        set.iter().for_each(|&event| held[event as usize] |= 1 << bit);
    }
    let failed = evaluate(circuit, &held);
    for (top, found) in circuit.tops().iter().zip(found) {
        let word = failed[top.node.index()];
        for (bit, set) in batch.iter().enumerate().filter(|(bit, _)| word >> bit & 1 == 1) {
            debug_assert!(bit < 64);
            // Smaller sets were tried before: a set with a smaller one inside is not minimal.
            if !has_smaller(set, found) {
                found.insert(set.clone());
            }
        }
    }
}

fn has_smaller(set: &[u32], found: &BTreeSet<Vec<u32>>) -> bool {
    (0..1_u32 << set.len()).any(|mask| {
        let part: Vec<u32> = set
            .iter()
            .enumerate()
            .filter(|(place, _)| mask >> place & 1 == 1)
            .map(|(_, event)| *event)
            .collect();
        part.len() < set.len() && found.contains(&part)
    })
}

/// All nodes in 64 states at once.
pub(crate) fn evaluate(circuit: &Circuit, held: &[u64]) -> Vec<u64> {
    let mut words: Vec<u64> = Vec::with_capacity(circuit.n_nodes());
    for id in circuit.node_ids() {
        let word = match circuit.node(id) {
            Node::Never => 0,
            Node::Always => u64::MAX,
            Node::Event(event) => held[event.index()],
            Node::Or(inputs) => inputs.iter().fold(0, |word, input| word | words[input.index()]),
            Node::And(inputs) => inputs.iter().fold(u64::MAX, |word, input| word & words[input.index()]),
            Node::AtLeast(k, inputs) => {
                // reached[j]: in which states at least j inputs have failed.
                let mut reached = vec![0_u64; k as usize + 1];
                reached[0] = u64::MAX;
                for input in inputs {
                    for j in (1..=k as usize).rev() {
                        reached[j] |= reached[j - 1] & words[input.index()];
                    }
                }
                reached[k as usize]
            }
        };
        words.push(word);
    }
    words
}
