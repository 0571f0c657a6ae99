//! Cut sets of random circuits: engine and brute force say the same, and patterns lose nothing.

use crate::{generate, referee};
use lab_predict::circuit::Circuit;
use lab_predict::cutsets::{CutSets, patterns};
use lab_predict::{Limits, minimal_cut_sets};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn circuits() -> impl Strategy<Value = Circuit> {
    let recipe = (any::<u8>(), 0_usize..8, vec(0_usize..24, 1..7));
    (1_usize..14, vec(recipe, 1..22))
        .prop_map(|(n_events, recipes)| generate::from_recipes(n_events, &recipes))
}

fn by_engine(circuit: &Circuit, order: usize) -> Vec<BTreeSet<Vec<u32>>> {
    let answer = minimal_cut_sets(circuit, Limits::of_order(order)).expect("orders 1 to 4 are computed");
    let sets = |top: &lab_predict::CutSets| {
        assert_eq!(top.complete_to, order);
        let always = top.is_always.then(Vec::new);
        let sets = (1..=order).flat_map(|order| top.sets(order));
        let numbers = sets.map(|set| set.iter().map(|event| event.index() as u32).collect());
        always.into_iter().chain(numbers).collect()
    };
    answer.tops.iter().map(sets).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_finds_what_brute_force_finds(circuit in circuits(), order in 1_usize..=4) {
        prop_assert_eq!(by_engine(&circuit, order), referee::minimal_cut_sets(&circuit, order));
    }

    #[test]
    fn patterns_stand_for_the_same_sets(circuit in circuits()) {
        let answer = minimal_cut_sets(&circuit, Limits::of_order(4)).unwrap();
        for (top, order) in answer.tops.iter().flat_map(|top| (1..=4).map(move |order| (top, order))) {
            let patterns = patterns(top, order);
            let total: u64 = patterns.iter().map(|pattern| pattern.n_sets).sum();
            prop_assert_eq!(total, top.count(order));
            let told: BTreeSet<_> = patterns.iter().flat_map(|pattern| pattern.sets()).collect();
            prop_assert_eq!(told, top.sets(order).collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn sets_of_several_tops_are_counted_once(circuit in circuits()) {
        let answer = minimal_cut_sets(&circuit, Limits::of_order(3)).unwrap();
        for order in 1..=3 {
            let distinct: BTreeSet<_> = answer.tops.iter().flat_map(|top| top.sets(order)).collect();
            prop_assert_eq!(CutSets::count_distinct(&answer.tops, order), distinct.len() as u64);
        }
    }

    #[test]
    fn what_a_limit_leaves_is_true(circuit in circuits(), sets_max in 1_usize..6) {
        let truth = referee::minimal_cut_sets(&circuit, 4);
        let answer = minimal_cut_sets(&circuit, Limits { order: 4, sets_max }).unwrap();
        for (top, truth) in answer.tops.iter().zip(truth) {
            for order in 1..=4 {
                let known: BTreeSet<Vec<u32>> =
                    top.sets(order).map(|set| set.iter().map(|event| event.index() as u32).collect()).collect();
                let wanted: BTreeSet<Vec<u32>> = match order <= top.complete_to {
                    true => truth.iter().filter(|set| set.len() == order).cloned().collect(),
                    false => BTreeSet::new(),
                };
                prop_assert_eq!(known, wanted);
            }
        }
    }
}

#[test]
fn larger_trees_agree_too() {
    for seed in 0..12 {
        let circuit = generate::fault_tree(60, seed);
        assert_eq!(by_engine(&circuit, 3), referee::minimal_cut_sets(&circuit, 3), "seed {seed}");
    }
}

#[test]
fn a_small_lab_agrees_too() {
    let circuit = generate::lab(200, 6);
    let engine = by_engine(&circuit, 2);
    assert_eq!(engine, referee::minimal_cut_sets(&circuit, 2));
    assert!(engine.iter().any(|sets| !sets.is_empty()), "a lab that nothing breaks would prove nothing");
}
