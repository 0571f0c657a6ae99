//! The way from the leaves of a reduced circuit to its tops, gate by gate, with the memory that takes.
//!
//! A gate's family is forgotten once nothing wants it any more. "At least k of many" under an AND is put off: see [`super::guarded`].

use super::CutSets;
use super::Limits;
use super::algebra::Algebra;
use super::family::Family;
use super::packed::Layout;
use crate::circuit::{Input, Kind, Reduced};
use std::sync::Arc;

/// "At least k" of so many inputs is put off where it can be.
const MANY: usize = 12;

/// The families of the gates that are still needed.
pub(super) struct Engine<'a> {
    reduced: &'a Reduced,
    algebra: Algebra,
    families: Vec<Arc<Family>>,
    nothing: Arc<Family>,
    /// Not worked out, since every gate that wants it is an AND, which may not need all of it. Its inputs are kept meanwhile.
    is_put_off: Vec<bool>,
    /// How many gates and tops still want each gate's family.
    n_wanted: Vec<u32>,
    n_sets: usize,
    /// The most sets that were held at any one time.
    pub(super) n_sets_peak: usize,
}

impl<'a> Engine<'a> {
    pub(super) fn new(reduced: &'a Reduced, layout: Layout, limits: Limits) -> Self {
        let mut n_wanted = vec![0; reduced.gates.len()];
        let inputs = reduced.gates.iter().flat_map(|gate| &gate.inputs).chain(&reduced.tops);
        for input in inputs {
            if let Input::Gate(gate) = input {
                n_wanted[*gate as usize] += 1;
            }
        }
        let nothing = Arc::new(Family::default());
        Self {
            reduced,
            algebra: Algebra::new(layout, reduced.classes.len(), limits.sets_max),
            families: vec![Arc::clone(&nothing); reduced.gates.len()],
            nothing,
            is_put_off: put_off(reduced),
            n_wanted,
            n_sets: 0,
            n_sets_peak: 0,
        }
    }

    /// Works out a gate whose inputs were worked out, or puts it off.
    pub(super) fn solve(&mut self, gate: usize) {
        if self.is_put_off[gate] {
            return;
        }
        let inputs = self.reduced.gates[gate].inputs.iter();
        let open: Vec<usize> = inputs
            .filter_map(|input| match input {
                Input::Gate(gate) if self.is_put_off[*gate as usize] => Some(*gate as usize),
                _ => None,
            })
            .collect();
        let family = if open.is_empty() { self.family(gate) } else { self.guarded(gate, &open) };
        self.keep(gate, family);
        self.release_inputs(gate);
    }

    /// From the families of all inputs that are not put off.
    fn family(&mut self, gate: usize) -> Family {
        let gate_ = &self.reduced.gates[gate];
        let of_gates = gate_.inputs.iter().filter_map(|input| match input {
            Input::Gate(gate) if !self.is_put_off[*gate as usize] => {
                Some(self.families[*gate as usize].as_ref())
            }
            _ => None,
        });
        if gate_.kind == Kind::Or {
            let classes: Vec<u64> = classes(&gate_.inputs).map(u64::from).collect();
            return self.algebra.any(&classes, &of_gates.collect::<Vec<_>>());
        }
        let leaves = self.leaves(&gate_.inputs);
        let inputs: Vec<&Family> = leaves.iter().chain(of_gates).collect();
        match gate_.kind {
            Kind::AtLeast(k) => self.algebra.at_least(k as usize, &inputs),
            _ => self.algebra.all(&inputs),
        }
    }

    /// An AND of which some inputs were put off.
    fn guarded(&mut self, gate: usize, open: &[usize]) -> Family {
        let mut open = open.to_vec();
        if open.len() == self.reduced.gates[gate].inputs.len() {
            self.catch_up(open.remove(0));
        }
        let mut family = self.family(gate);
        for put_off in open {
            let gate_ = &self.reduced.gates[put_off];
            let Kind::AtLeast(k) = gate_.kind else { unreachable!("nothing else is put off") };
            let leaves = self.leaves(&gate_.inputs);
            let of_gates = gate_.inputs.iter().filter_map(|input| match input {
                Input::Gate(gate) => Some(self.families[*gate as usize].as_ref()),
                _ => None,
            });
            let inputs: Vec<&Family> = leaves.iter().chain(of_gates).collect();
            family = match self.algebra.all_with_at_least(&family, k as usize, &inputs) {
                Some(family) => family,
                None => {
                    self.catch_up(put_off);
                    self.algebra.all(&[&family, &self.families[put_off]])
                }
            };
        }
        family
    }

    /// Works out what was put off.
    fn catch_up(&mut self, gate: usize) {
        self.is_put_off[gate] = false;
        let family = self.family(gate);
        self.keep(gate, family);
        self.release_inputs(gate);
    }

    fn keep(&mut self, gate: usize, family: Family) {
        self.n_sets += family.len();
        self.n_sets_peak = self.n_sets_peak.max(self.n_sets);
        self.families[gate] = Arc::new(family);
    }

    /// The families of a gate's own classes.
    fn leaves(&self, inputs: &[Input]) -> Vec<Family> {
        classes(inputs).map(|class| Family::of_class(class, self.algebra.layout)).collect()
    }

    /// Forgets the families that nothing wants any more, now that a gate does not.
    fn release_inputs(&mut self, gate: usize) {
        let mut open = vec![gate];
        while let Some(gate) = open.pop() {
            for input in &self.reduced.gates[gate].inputs {
                let Input::Gate(input) = input else { continue };
                let input = *input as usize;
                self.n_wanted[input] -= 1;
                if self.n_wanted[input] > 0 {
                    continue;
                }
                self.n_sets -= self.families[input].len();
                self.families[input] = Arc::clone(&self.nothing);
                if self.is_put_off[input] {
                    open.push(input);
                }
            }
        }
    }

    pub(super) fn answer(&self, top: Input) -> CutSets {
        let layout = self.algebra.layout;
        let family = match top {
            Input::Never | Input::Always => Arc::new(Family::never(layout)),
            Input::Class(class) => Arc::new(Family::of_class(class, layout)),
            Input::Gate(gate) => Arc::clone(&self.families[gate as usize]),
        };
        CutSets {
            complete_to: family.complete_to,
            is_always: top == Input::Always,
            layout,
            classes: Arc::clone(&self.reduced.classes),
            family,
        }
    }
}

/// The classes among the inputs of a gate, ascending as those are.
fn classes(inputs: &[Input]) -> impl Iterator<Item = u32> {
    inputs.iter().filter_map(|input| match input {
        Input::Class(class) => Some(*class),
        _ => None,
    })
}

/// Which gates are "at least k" of many and wanted by ANDs alone.
fn put_off(reduced: &Reduced) -> Vec<bool> {
    let is_wide =
        |gate: &crate::circuit::Gate| matches!(gate.kind, Kind::AtLeast(_)) && gate.inputs.len() >= MANY;
    let mut put_off: Vec<bool> = reduced.gates.iter().map(is_wide).collect();
    let others = reduced.gates.iter().filter(|gate| gate.kind != Kind::And);
    for input in others.flat_map(|gate| &gate.inputs).chain(&reduced.tops) {
        if let Input::Gate(gate) = input {
            put_off[*gate as usize] = false;
        }
    }
    put_off
}
