//! Probabilities of random circuits: the diagram, the sum over all states, and the bounds.

use crate::{generate, referee};
use lab_predict::circuit::Circuit;
use lab_predict::probability::{NODES_MAX, Probabilities, bounds};
use lab_predict::{Limits, minimal_cut_sets};
use proptest::collection::vec;
use proptest::prelude::*;

/// Adds up every state in which each top has failed.
fn by_states(circuit: &Circuit) -> Vec<f64> {
    let n_events = circuit.events().len();
    let mut sums = vec![0.0; circuit.tops().len()];
    for block in 0..(1_usize << n_events).div_ceil(64) {
        let state = |bit: usize| block * 64 + bit;
        let held: Vec<u64> = (0..n_events)
            .map(|event| {
                (0..64).filter(|&bit| state(bit) >> event & 1 == 1).fold(0, |word, bit| word | 1_u64 << bit)
            })
            .collect();
        let failed = referee::evaluate(circuit, &held);
        for bit in (0..64).filter(|&bit| state(bit) < 1 << n_events) {
            let weight: f64 = (0..n_events)
                .map(|event| {
                    let probability = circuit.events()[event].probability.expect("random circuits have them");
                    if state(bit) >> event & 1 == 1 { probability } else { 1.0 - probability }
                })
                .product();
            for (top, sum) in circuit.tops().iter().zip(&mut sums) {
                *sum += if failed[top.node.index()] >> bit & 1 == 1 { weight } else { 0.0 };
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_diagram_adds_up_the_states(
        n_events in 1_usize..10,
        recipes in vec((any::<u8>(), 0_usize..8, vec(0_usize..20, 1..6)), 1..16),
        order in 1_usize..=4,
    ) {
        let circuit = generate::from_recipes(n_events, &recipes);
        let probabilities = Probabilities::new(&circuit, NODES_MAX);
        let answer = minimal_cut_sets(&circuit, Limits::of_order(order)).unwrap();
        for (top, truth) in by_states(&circuit).into_iter().enumerate() {
            let exact = probabilities.top(top).exact().unwrap();
            prop_assert!((exact - truth).abs() < 1e-12, "{exact} is not {truth}");
            let bounds = bounds(&circuit, circuit.tops()[top].node, &answer.tops[top]).unwrap();
            let within = bounds.lower <= truth + 1e-12 && truth <= bounds.upper + 1e-12;
            prop_assert!(within, "{truth} is outside {bounds:?}");
        }
    }
}
