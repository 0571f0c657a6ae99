//! Random small descriptions, as text and through the whole front end. What happens is said four times: by the circuit, by the simulator, by a
//! plain reading of the tables, and by a plain reading of the description itself, which knows neither the tables nor how they came about.

use crate::seeds::seeds;
use crate::{naive, referee, village::Village};
use lab_predict::compile::compile;
use lab_predict::forecast::tables;
use lab_predict::simulate::Simulator;
use lab_predict::works::{Fate, PartId, Subject, Works};
use lab_predict::{Limits, minimal_cut_sets};
use std::collections::BTreeSet;

/// How many descriptions are tried, unless `LABWRIGHT_RANDOM_TEXTS` says.
const N_TEXTS: u64 = 240;

/// States of several failures that are tried of each, beside every single one.
const N_STATES: usize = 24;

fn wanted() -> std::ops::Range<u64> {
    seeds("LABWRIGHT_RANDOM_TEXTS", N_TEXTS)
}

fn read(text: &str) -> Works {
    let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: text.as_bytes().to_vec() }];
    let reading = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() });
    assert!(!reading.has_errors(), "{text}\n{:?}", reading.diagnostics);
    tables(&reading.lab, jiff::civil::date(2026, 6, 1))
}

/// Nothing, every part, and some sets of two to five.
fn states(village: &mut Village, n_parts: usize) -> Vec<BTreeSet<PartId>> {
    let mut all = vec![BTreeSet::new()];
    all.extend((0..n_parts as u32).map(|part| BTreeSet::from([PartId(part)])));
    for _ in 0..N_STATES {
        let n = 2 + village.numbers.below(4);
        all.push((0..n).map(|_| PartId(village.numbers.below(n_parts) as u32)).collect());
    }
    all
}

fn check(seed: u64) {
    let mut village = Village::new(seed);
    let text = village.text();
    let works = read(&text);
    let compiled = compile(&works);
    let simulator = Simulator::new(&works);
    for failed in states(&mut village, works.parts.len()) {
        let names: BTreeSet<&str> = failed.iter().map(|part| works[*part].name.as_str()).collect();
        let by_circuit = compiled.circuit.evaluate(|event| failed.contains(&PartId(event.index() as u32)));
        let by_tables = naive::outcomes(&works, &|part| failed.contains(&part));
        let listed: Vec<PartId> = failed.iter().copied().collect();
        let played: BTreeSet<_> = simulator.play(&listed).into_state().outcomes.into_iter().collect();
        for (place, (outcome, node)) in compiled.outcomes.iter().enumerate() {
            let said = [by_circuit[node.index()], by_tables[place], played.contains(outcome)];
            let label = works.label(outcome.subject);
            let word = match (outcome.subject, outcome.fate) {
                (Subject::Vantage(_), _) | (_, Fate::GoneFor(_)) => None,
                (_, Fate::Lost) => Some(village.is_lost(label, &names)),
                _ => Some(!village.is_there(label, &names)),
            };
            let all_say = |word: bool| said.iter().all(|said| *said == word);
            assert!(
                all_say(word.unwrap_or(said[0])),
                "seed {seed}, {names:?} failed: {label} {:?}: circuit, tables, simulator say {said:?}, the description {word:?}\n{text}",
                outcome.fate
            );
        }
    }
    let answer = minimal_cut_sets(&compiled.circuit, Limits::of_order(2)).expect("order 2 is computed");
    for (top, expect) in answer.tops.iter().zip(referee::minimal_cut_sets(&compiled.circuit, 2)) {
        let sets = (1..=2).flat_map(|order| top.sets(order));
        let sets = sets.map(|set| set.into_iter().map(|event| event.index() as u32).collect::<Vec<u32>>());
        let found: BTreeSet<Vec<u32>> = sets.chain(top.is_always.then(Vec::new)).collect();
        assert_eq!(found, expect, "seed {seed}\n{text}");
    }
}

fn check_quarter(quarter: u64) {
    wanted().filter(|seed| seed % 4 == quarter).for_each(check);
}

#[test]
fn descriptions_mean_what_they_say_0() {
    check_quarter(0);
}

#[test]
fn descriptions_mean_what_they_say_1() {
    check_quarter(1);
}

#[test]
fn descriptions_mean_what_they_say_2() {
    check_quarter(2);
}

#[test]
fn descriptions_mean_what_they_say_3() {
    check_quarter(3);
}

#[test]
fn descriptions_are_worth_trying() {
    let (mut n_services, mut n_ceph, mut n_fed_twice) = (0, 0, 0);
    for seed in 0..100 {
        let text = Village::new(seed).text();
        n_services += text.matches("for: lab").count();
        n_ceph += usize::from(text.contains("replication-network"));
        n_fed_twice += usize::from(text.contains("psu-2"));
    }
    assert!(n_services > 150 && n_ceph > 5 && n_fed_twice > 50, "{n_services} {n_ceph} {n_fed_twice}");
}
