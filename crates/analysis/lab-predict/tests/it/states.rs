//! Random small labs, every state of each: the circuit, the simulator and a naive reading of the tables say the same of every outcome,
//! and the cut sets are those that all states show.

use crate::seeds::seeds;
use crate::{crowd, naive, random, referee};
use lab_predict::compile::{Compiled, compile, compile_crowds};
use lab_predict::simulate::Simulator;
use lab_predict::works::{PartId, Works};
use lab_predict::{Limits, minimal_cut_sets};
use std::collections::BTreeSet;

/// How many labs are tried, unless `LABWRIGHT_RANDOM_LABS` says.
const N_LABS: u64 = 1_000;

fn wanted() -> std::ops::Range<u64> {
    seeds("LABWRIGHT_RANDOM_LABS", N_LABS)
}

/// Every fourth lab, so that four tests share them out.
fn check_quarter(quarter: u64) {
    wanted().filter(|seed| seed % 4 == quarter).for_each(check);
}

/// By state, then by outcome, as the circuit has it.
fn by_circuit(works: &Works, compiled: &Compiled) -> Vec<Vec<bool>> {
    let n_parts = works.parts.len();
    let mut table = Vec::new();
    for block in 0..(1_usize << n_parts).div_ceil(64) {
        let state = |bit: usize| block * 64 + bit;
        let held: Vec<u64> = (0..n_parts)
            .map(|part| {
                (0..64).filter(|&bit| state(bit) >> part & 1 == 1).fold(0, |word, bit| word | 1 << bit)
            })
            .collect();
        let words = referee::evaluate(&compiled.circuit, &held);
        for bit in (0..64).filter(|&bit| state(bit) < 1 << n_parts) {
            let nodes = compiled.outcomes.iter();
            table.push(nodes.map(|(_, node)| words[node.index()] >> bit & 1 == 1).collect());
        }
    }
    table
}

/// Minimal cut sets of up to four parts, as states.
fn by_states(table: &[Vec<bool>], outcome: usize) -> BTreeSet<usize> {
    let fails = |state: usize| table[state][outcome];
    let is_minimal = |state: &usize| {
        let mut parts = (0..usize::BITS).filter(|part| state >> part & 1 == 1);
        fails(*state) && state.count_ones() <= 4 && !parts.any(|part| fails(state ^ 1 << part))
    };
    (0..table.len()).filter(is_minimal).collect()
}

fn check(seed: u64) {
    let works = random::works(seed, 4 + (seed / 4 % 5) as usize);
    check_each_state(seed, &works, &compile(&works));
    check_each_state(seed, &works, &compile_crowds(&works, 2));
}

fn check_each_state(seed: u64, works: &Works, compiled: &Compiled) {
    let outcomes = works.outcomes();
    assert!(compiled.outcomes.iter().map(|(outcome, _)| outcome).eq(&outcomes));
    let table = by_circuit(works, compiled);
    let simulator = Simulator::new(works);
    for (state, by_circuit) in table.iter().enumerate() {
        let is_failed = |part: PartId| state >> part.index() & 1 == 1;
        let by_naive = naive::outcomes(works, &is_failed);
        let failed: Vec<PartId> =
            (0..works.parts.len() as u32).map(PartId).filter(|&part| is_failed(part)).collect();
        let came_about: BTreeSet<_> = simulator.play(&failed).into_state().outcomes.into_iter().collect();
        for (place, outcome) in outcomes.iter().enumerate() {
            let said = [by_circuit[place], by_naive[place], came_about.contains(outcome)];
            let name = &compiled.circuit.tops()[place].name;
            assert!(
                said[0] == said[1] && said[1] == said[2],
                "seed {seed}, {failed:?} failed: {name}: circuit {}, naive {}, simulator {}",
                said[0],
                said[1],
                said[2]
            );
        }
    }
    let answer = minimal_cut_sets(&compiled.circuit, Limits::of_order(4)).expect("order 4 is computed");
    for (place, top) in answer.tops.iter().enumerate() {
        let always = top.is_always.then_some(0);
        let sets = (1..=4).flat_map(|order| top.sets(order));
        let sets = sets.map(|set| set.into_iter().fold(0, |state, event| state | 1 << event.index()));
        let sets: BTreeSet<usize> = sets.chain(always).collect();
        assert_eq!(sets, by_states(&table, place), "seed {seed}: {}", compiled.circuit.tops()[place].name);
    }
}

#[test]
fn circuit_simulator_and_reading_agree_on_every_state_of_random_labs_0() {
    check_quarter(0);
}

#[test]
fn circuit_simulator_and_reading_agree_on_every_state_of_random_labs_1() {
    check_quarter(1);
}

#[test]
fn circuit_simulator_and_reading_agree_on_every_state_of_random_labs_2() {
    check_quarter(2);
}

#[test]
fn circuit_simulator_and_reading_agree_on_every_state_of_random_labs_3() {
    check_quarter(3);
}

#[test]
fn what_is_counted_together_is_the_same_as_each_alone() {
    let seeds = wanted();
    let mut n_smaller = 0;
    for seed in seeds.start..seeds.start + (seeds.end - seeds.start) / 2 {
        let works = crowd::works(seed, 3 + (seed % 5) as usize);
        let (alone, together) = (compile_crowds(&works, usize::MAX), compile_crowds(&works, 2));
        n_smaller += usize::from(together.circuit.n_gates() != alone.circuit.n_gates());
        check_each_state(seed, &works, &together);
        check_each_state(seed, &works, &alone);
    }
    assert!(n_smaller > 100, "{n_smaller} labs have something that is counted together");
}

#[test]
fn random_labs_are_worth_trying() {
    let mut n_outcomes = 0;
    let mut n_open = 0;
    for seed in 0..200 {
        let works = random::works(seed, 6);
        let compiled = compile(&works);
        let healthy = compiled.circuit.evaluate(|_| false);
        let broken = compiled.circuit.evaluate(|_| true);
        n_outcomes += compiled.outcomes.len();
        let is_open = |node: lab_predict::NodeId| !healthy[node.index()] && broken[node.index()];
        n_open += compiled.outcomes.iter().filter(|(_, node)| is_open(*node)).count();
    }
    assert!(n_open * 5 > n_outcomes * 2, "{n_open} of {n_outcomes} outcomes depend on what fails");
}
