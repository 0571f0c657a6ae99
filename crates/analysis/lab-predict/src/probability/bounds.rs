//! What cut sets alone say of a probability: bounds that need no diagram, so that they stand beside it as a check and instead of it
//! where it is too large.

use crate::circuit::{Circuit, EventId, NodeId};
use crate::cutsets::CutSets;
use std::collections::BTreeSet;

/// Bounds of the probability of a top.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bounds {
    /// It is at least this.
    pub lower: f64,
    /// It is at most this: the min-cut bound of the known sets, and on top of it the probability that more events hold at once than
    /// the known sets have.
    pub upper: f64,
    /// The rare-event sum: the probabilities of the known sets, added. Above the truth, if the sets are all.
    pub rare_event: f64,
    /// The min-cut upper bound of the known sets alone (Esary and Proschan 1963), over classes of events that are alike in effect,
    /// which is closer than over single events. Above the truth, if the sets are all.
    pub min_cut: f64,
}

/// Sets that are looked at for the lower bound. Each costs a look at its events; fewer only make the bound lower.
const DISJOINT_MAX: usize = 10_000;

/// The bounds. None if an event that matters has no probability.
///
/// Outside the known sets the top needs more than [`CutSets::complete_to`] events at once: how probable that many are, among the
/// events that it needs, is computed exactly (a Poisson binomial tail).
pub fn bounds(circuit: &Circuit, top: NodeId, cut_sets: &CutSets) -> Option<Bounds> {
    if cut_sets.is_always {
        return Some(Bounds { lower: 1.0, upper: 1.0, rare_event: 1.0, min_cut: 1.0 });
    }
    let classes: Vec<Option<OfClass>> =
        cut_sets.classes().iter().map(|events| of_class(circuit, events)).collect();
    let n_sets = (1..=cut_sets.complete_to).map(|order| cut_sets.n_class_sets(order)).sum();
    let mut known = Vec::with_capacity(n_sets);
    // The logarithm of the probability that no set holds: a product of perhaps millions of factors near one.
    let (mut rare_event, mut none_log) = (0.0, 0.0);
    for order in 1..=cut_sets.complete_to {
        for (place, set) in cut_sets.numbers(order).enumerate() {
            let (mut any, mut sum) = (1.0, 1.0);
            for class in set {
                let class = classes[class as usize].as_ref()?;
                any *= class.any;
                sum *= class.sum;
            }
            rare_event += sum;
            none_log += f64::ln_1p(-any);
            known.push((any, order, place));
        }
    }
    let tail = tail(circuit, top, cut_sets.complete_to)?;
    let min_cut = 0.0 - none_log.exp_m1();
    let lower = disjoint(cut_sets, known);
    Some(Bounds { lower, upper: (min_cut + tail).min(1.0), rare_event, min_cut })
}

/// What the known sets say at little cost: the min-cut bound, and the class with the largest share in it. None as for [`bounds`].
pub(crate) fn estimate(classes: &[Option<f64>], cut_sets: &CutSets) -> Option<(f64, Option<u32>)> {
    if cut_sets.is_always {
        return Some((1.0, None));
    }
    let mut none_log = 0.0;
    let mut shares = vec![0.0; classes.len()];
    for order in 1..=cut_sets.complete_to {
        for set in cut_sets.numbers(order) {
            let mut all = 1.0;
            for class in set.clone() {
                all *= classes[class as usize]?;
            }
            none_log += f64::ln_1p(-all);
            set.for_each(|class| shares[class as usize] += all);
        }
    }
    let largest = (0..).zip(&shares).filter(|(_, share)| **share > 0.0);
    let largest = largest.max_by(|one, other| one.1.total_cmp(other.1).then(other.0.cmp(&one.0)));
    Some((0.0 - none_log.exp_m1(), largest.map(|(class, _)| class)))
}

/// One class of events.
struct OfClass {
    /// The probability that any of them holds.
    any: f64,
    /// Their probabilities, added.
    sum: f64,
}

fn of_class(circuit: &Circuit, events: &[EventId]) -> Option<OfClass> {
    if let [only] = events {
        let any = circuit.event(*only).probability?;
        return Some(OfClass { any, sum: any });
    }
    let (mut none, mut sum) = (1.0, 0.0);
    for event in events {
        let probability = circuit.event(*event).probability?;
        none *= 1.0 - probability;
        sum += probability;
    }
    Some(OfClass { any: 1.0 - none, sum })
}

/// Sets without a class in common are independent, so the probability that any of them holds is exact, and not above the whole.
/// The most probable ones are taken first.
fn disjoint(cut_sets: &CutSets, mut known: Vec<(f64, usize, usize)>) -> f64 {
    type Known = (f64, usize, usize);
    let by_weight =
        |one: &Known, other: &Known| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2)));
    if known.len() > DISJOINT_MAX {
        known.select_nth_unstable_by(DISJOINT_MAX, by_weight);
        known.truncate(DISJOINT_MAX);
    }
    known.sort_by(by_weight);
    let mut used: BTreeSet<u32> = BTreeSet::new();
    let mut none_log = 0.0;
    for (probability, order, place) in known {
        if cut_sets.number(order, place).all(|class| !used.contains(&class)) {
            used.extend(cut_sets.number(order, place));
            none_log += f64::ln_1p(-probability);
        }
    }
    0.0 - none_log.exp_m1()
}

/// The probability that more than `n` events hold at once.
fn tail(circuit: &Circuit, top: NodeId, n: usize) -> Option<f64> {
    // held[j]: exactly j hold, and at the end more than n.
    let mut held = vec![0.0; n + 2];
    held[0] = 1.0;
    for event in circuit.events_under(top) {
        let holds = circuit.event(event).probability?;
        held[n + 1] += held[n] * holds;
        for j in (1..=n).rev() {
            held[j] = held[j] * (1.0 - holds) + held[j - 1] * holds;
        }
        held[0] *= 1.0 - holds;
    }
    Some(held[n + 1])
}
