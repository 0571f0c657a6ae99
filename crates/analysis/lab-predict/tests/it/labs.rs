//! The labs of this repository: the circuit says what the simulator shows, for every single failure and every pair of failures.

use crate::{referee, survey};
use lab_predict::compile::{Compiled, compile};
use lab_predict::simulate::Simulator;
use lab_predict::works::{PartId, Works};
use lab_predict::{Limits, minimal_cut_sets};
use std::collections::BTreeSet;

/// Nothing, every part, and every two parts.
fn states(n_parts: u32) -> Vec<Vec<PartId>> {
    let singles = (0..n_parts).map(|part| vec![PartId(part)]);
    let pairs =
        (0..n_parts).flat_map(|one| (one + 1..n_parts).map(move |other| vec![PartId(one), PartId(other)]));
    std::iter::once(Vec::new()).chain(singles).chain(pairs).collect()
}

/// Compares up to 64 states, which the circuit answers in one go.
fn compare(works: &Works, compiled: &Compiled, simulator: &Simulator<'_>, states: &[Vec<PartId>]) {
    let mut held = vec![0_u64; works.parts.len()];
    for (bit, failed) in states.iter().enumerate() {
        failed.iter().for_each(|part| held[part.index()] |= 1 << bit);
    }
    let words = referee::evaluate(&compiled.circuit, &held);
    for (bit, failed) in states.iter().enumerate() {
        let came_about: BTreeSet<_> = simulator.play(failed).into_state().outcomes.into_iter().collect();
        for (place, (outcome, node)) in compiled.outcomes.iter().enumerate() {
            let by_circuit = words[node.index()] >> bit & 1 == 1;
            assert!(
                by_circuit == came_about.contains(outcome),
                "{} with {:?} failed: the circuit says {by_circuit}",
                compiled.circuit.tops()[place].name,
                failed.iter().map(|&part| &works[part].name).collect::<Vec<_>>(),
            );
        }
    }
}

#[test]
fn circuit_and_simulator_agree_on_every_single_and_pair() {
    for lab in survey::LABS {
        let works = survey::works(lab);
        let compiled = compile(&works);
        let simulator = Simulator::new(&works);
        for states in states(works.parts.len() as u32).chunks(64) {
            compare(&works, &compiled, &simulator, states);
        }
    }
}

#[test]
fn sets_of_four_are_complete() {
    for lab in survey::LABS {
        let circuit = compile(&survey::works(lab)).circuit;
        let answer = minimal_cut_sets(&circuit, Limits::of_order(4)).expect("order 4 is computed");
        assert!(answer.tops.iter().all(|top| top.complete_to == 4), "{lab}");
    }
}
