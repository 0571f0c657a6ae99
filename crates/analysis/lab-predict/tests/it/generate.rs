//! Circuits from numbers: random ones of any shape, and large ones in the shape of fault trees and of labs.

use lab_predict::circuit::{BasicEvent, Circuit, CircuitBuilder, NodeId};

/// Reproducible numbers (xorshift64*).
#[derive(Clone, Debug)]
pub(crate) struct Numbers(u64);

impl Numbers {
    /// The same seed gives the same numbers.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }
}

/// A small circuit of any shape, from the recipe of each gate: its kind, its threshold, and inputs counted back from it.
pub(crate) fn from_recipes(n_events: usize, recipes: &[(u8, usize, Vec<usize>)]) -> Circuit {
    let mut builder = CircuitBuilder::new();
    let mut nodes: Vec<NodeId> = (0..n_events)
        .map(|event| {
            builder.event(BasicEvent::new(format!("e{event}")).probability(0.02 + 0.03 * event as f64))
        })
        .collect();
    for (kind, k, inputs) in recipes {
        let inputs: Vec<NodeId> =
            inputs.iter().map(|back| nodes[nodes.len() - 1 - back % nodes.len()]).collect();
        let node = match kind % 5 {
            0 | 1 => builder.or(inputs),
            2 | 3 => builder.and(inputs),
            _ => {
                let k = 1 + k % inputs.len().max(1);
                builder.at_least(k, inputs)
            }
        };
        nodes.push(node);
    }
    for (place, node) in nodes.iter().rev().take(3).enumerate() {
        builder.top(format!("top{place}"), *node);
    }
    builder.finish()
}

/// A fault tree with gates in layers that share what is below, as those of plants do: most gates OR, some AND, a few k of n.
pub(crate) fn fault_tree(n_events: usize, seed: u64) -> Circuit {
    let mut numbers = Numbers::new(seed);
    let mut builder = CircuitBuilder::new();
    let event =
        |event: usize| BasicEvent::new(format!("e{event}")).probability(0.001 + 0.0005 * (event % 37) as f64);
    let mut layer: Vec<NodeId> = (0..n_events).map(|place| builder.event(event(place))).collect();
    let leaves = layer.clone();
    let mut level = 0;
    while layer.len() > 1 {
        let mut above = Vec::new();
        let mut rest = layer.as_slice();
        while !rest.is_empty() {
            let (own, later) = rest.split_at((2 + numbers.below(4)).min(rest.len()));
            rest = later;
            let mut inputs = own.to_vec();
            // Shared parts: another gate of the same layer, or an event from anywhere.
            if numbers.below(3) == 0 {
                inputs.push(layer[numbers.below(layer.len())]);
            }
            if numbers.below(4) == 0 {
                inputs.push(leaves[numbers.below(leaves.len())]);
            }
            let kind = numbers.below(10);
            above.push(match (level % 2, kind) {
                (_, 0) if inputs.len() > 2 => builder.at_least(2, inputs),
                (0, _) | (_, 1..=3) => builder.or(inputs),
                _ => builder.and(inputs),
            });
        }
        layer = above;
        level += 1;
    }
    builder.top("top", layer[0]);
    builder.finish()
}
