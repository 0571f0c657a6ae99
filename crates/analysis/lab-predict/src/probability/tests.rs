//! Tests of probabilities: against closed forms, and against adding up every state of random circuits in `tests/it`.

use super::closed_form::{Repairable, at_least, failures_per_hour, mean_hours_to_data_loss};
use super::*;
use crate::circuit::{BasicEvent, CircuitBuilder, NodeId};
use crate::{Limits, minimal_cut_sets};

fn array(n: usize, k: usize, probability: f64) -> Circuit {
    let mut builder = CircuitBuilder::new();
    let disks: Vec<NodeId> = (0..n)
        .map(|disk| builder.event(BasicEvent::new(format!("disk{disk}")).probability(probability)))
        .collect();
    let lost = builder.at_least(k, disks);
    builder.top("lost", lost);
    builder.finish()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-12 * one.abs().max(other.abs())
}

#[test]
fn mirrors_and_raidz_are_as_the_formulas_say() {
    for probability in [1e-6, 0.01, 0.3, 0.9] {
        for (n, k) in [(2, 2), (3, 3), (4, 2), (8, 3), (12, 4), (5, 3), (3, 2), (1, 1)] {
            let exact = Probabilities::new(&array(n, k, probability), NODES_MAX).top(0).exact().unwrap();
            assert!(near(exact, at_least(k, n, probability)), "{k} of {n} at {probability}: {exact}");
        }
    }
    assert!(near(at_least(2, 2, 0.1), 0.01));
    assert!(near(at_least(2, 3, 0.1), 0.028));
}

#[test]
fn failures_of_arrays_with_repair_are_as_the_formula_says() {
    let disk = Repairable { failure_rate: 1.0 / 500_000.0, repair_rate: 1.0 / 36.0 };
    for (n, k) in [(2, 2), (3, 2), (8, 3), (6, 1)] {
        let circuit = array(n, k, disk.unavailability());
        let frequency = Probabilities::new(&circuit, NODES_MAX).frequency(0, |_| disk.failure_rate).unwrap();
        assert!(near(frequency, failures_per_hour(k, n, disk)), "{k} of {n}: {frequency}");
    }
}

#[test]
fn mean_time_to_data_loss_of_a_mirror() {
    let disk = Repairable { failure_rate: 1e-5, repair_rate: 0.05 };
    let (lambda, mu) = (disk.failure_rate, disk.repair_rate);
    // Patterson, Gibson and Katz 1988, without dropping the small term.
    assert!(near(mean_hours_to_data_loss(2, 1, disk), (3.0 * lambda + mu) / (2.0 * lambda * lambda)));
    assert!(near(mean_hours_to_data_loss(4, 0, disk), 1.0 / (4.0 * lambda)));
}

#[test]
fn bounds_lie_around_the_truth() {
    for probability in [1e-4, 0.02, 0.2] {
        let circuit = array(9, 3, probability);
        let exact = Probabilities::new(&circuit, NODES_MAX).top(0).exact().unwrap();
        for order in 1..=4 {
            let answer = minimal_cut_sets(&circuit, Limits::of_order(order)).unwrap();
            let bounds = bounds(&circuit, circuit.tops()[0].node, &answer.tops[0]).unwrap();
            let slack = 1e-12 * exact;
            let within = bounds.lower <= exact + slack && exact <= bounds.upper + slack;
            assert!(within, "order {order}: {bounds:?} around {exact}");
            assert!(
                order < 3 || exact <= bounds.min_cut + slack && bounds.min_cut <= bounds.rare_event + slack
            );
        }
    }
}

#[test]
fn what_is_not_known_is_not_invented() {
    let mut builder = CircuitBuilder::new();
    let known = builder.event(BasicEvent::new("known").probability(0.1));
    let unknown = builder.event(BasicEvent::new("unknown"));
    let both = builder.and([known, unknown]);
    builder.top("both", both);
    builder.top("known", known);
    let circuit = builder.finish();
    let probabilities = Probabilities::new(&circuit, NODES_MAX);
    assert_eq!(probabilities.top(0), Probability::Unknown { event: EventId(1), n_events: 1 });
    assert_eq!(probabilities.top(1), Probability::Exact(0.1));
    assert_eq!(probabilities.importances(0), None);
    let answer = minimal_cut_sets(&circuit, Limits::of_order(3)).unwrap();
    assert_eq!(bounds(&circuit, circuit.tops()[0].node, &answer.tops[0]), None);
}

#[test]
fn a_diagram_that_outgrows_its_limit_says_so() {
    let circuit = array(20, 10, 0.1);
    assert_eq!(Probabilities::new(&circuit, 50).top(0), Probability::Outgrown { nodes_max: 50 });
    assert!(Probabilities::new(&circuit, 500).top(0).exact().is_some());
}

#[test]
fn events_of_one_class_share_its_importance() {
    let mut builder = CircuitBuilder::new();
    let [plug, cord] = ["plug", "cord"].map(|name| builder.event(BasicEvent::new(name).probability(0.5)));
    let spare = builder.event(BasicEvent::new("spare").probability(0.25));
    let feed = builder.or([plug, cord]);
    let host = builder.and([feed, spare]);
    builder.top("host", host);
    let importances = Probabilities::new(&builder.finish(), NODES_MAX).importances(0).unwrap();
    let shown: Vec<(usize, f64)> =
        importances.iter().map(|importance| (importance.event.index(), importance.birnbaum)).collect();
    assert_eq!(shown, [(2, 0.75), (0, 0.125), (1, 0.125)]);
}
