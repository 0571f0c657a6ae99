//! The way from the leaves of a reduced circuit to its tops, gate by gate, with the memory that takes.
//!
//! A gate's family is forgotten once nothing wants it any more. What only counts beside a guard is put off until the guard is known: see
//! [`super::scope`].

use super::CutSets;
use super::Limits;
use super::algebra::Algebra;
use super::family::Family;
use super::memo::{FamilyId, Memo, Recipe};
use super::packed::Layout;
use super::scope::Scope;
use crate::circuit::{Gate, Input, Kind, Reduced};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Of a guard with more single classes than these, it is not tried whether they break everything.
const SINGLES_TRIED_MAX: usize = 8;

/// The families of the gates that are still needed.
pub(super) struct Engine<'a> {
    reduced: &'a Reduced,
    algebra: Algebra,
    families: Vec<Arc<Family>>,
    /// Of gates that are worked out, which family that is.
    ids: Vec<Option<FamilyId>>,
    memo: Memo,
    nothing: Arc<Family>,
    /// By gate, the one that it only counts beside.
    guards: Vec<Option<u32>>,
    /// By guard, what can matter beside it.
    scopes: HashMap<u32, Rc<Scope>>,
    /// Of gates that count elsewhere too, what can matter beside a guard.
    in_scope: HashMap<u32, Vec<(u32, Arc<Family>)>>,
    /// Of gates that have a guard: it is worked out.
    is_solved: Vec<bool>,
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
        let guards = guards(reduced, &n_wanted);
        Self {
            reduced,
            algebra: Algebra::new(layout, reduced.classes.len(), limits.sets_max),
            families: vec![Arc::clone(&nothing); reduced.gates.len()],
            ids: vec![None; reduced.gates.len()],
            memo: Memo::default(),
            nothing,
            is_solved: vec![false; guards.len()],
            guards,
            scopes: HashMap::new(),
            in_scope: HashMap::new(),
            n_wanted,
            n_sets: 0,
            n_sets_peak: 0,
        }
    }

    /// Works out a gate whose inputs were worked out, or puts it off until its guard is.
    pub(super) fn solve(&mut self, gate: usize) {
        if self.guards[gate].is_some() {
            return;
        }
        self.solve_guarded_inputs(gate);
        self.make(gate);
        self.release_inputs(gate);
    }

    /// Works out what only counts beside another input of this gate.
    fn solve_guarded_inputs(&mut self, gate: usize) {
        let mut open: BTreeSet<u32> = self.guarded_inputs(gate, None).into_iter().collect();
        let mut cone: BTreeSet<u32> = BTreeSet::new();
        while let Some(gate) = open.pop_last() {
            cone.insert(gate);
            open.extend(self.guarded_inputs(gate as usize, self.guards[gate as usize]));
        }
        for gate in cone {
            let guard = self.guards[gate as usize].expect("it was put off for its guard");
            self.algebra.scope = Some(self.scope(guard));
            self.make(gate as usize);
            self.algebra.scope = None;
            self.is_solved[gate as usize] = true;
            self.release_inputs(gate as usize);
        }
    }

    /// What can matter beside a guard.
    fn scope(&mut self, guard: u32) -> Rc<Scope> {
        if let Some(known) = self.scopes.get(&guard) {
            return Rc::clone(known);
        }
        let family = Arc::clone(&self.families[guard as usize]);
        let singles = family.of(1);
        let break_all = singles.len() <= SINGLES_TRIED_MAX
            && singles.iter().all(|single| self.breaks_all_beside(guard, *single as u32));
        let scope = Scope::new(&family, self.reduced.classes.len(), self.algebra.layout, !break_all);
        let scope = Rc::new(scope);
        self.scopes.insert(guard, Rc::clone(&scope));
        scope
    }

    /// True if everything that counts beside a guard fails with one class.
    fn breaks_all_beside(&self, guard: u32, class: u32) -> bool {
        let mut failed = vec![false; self.reduced.gates.len()];
        for (place, gate) in self.reduced.gates.iter().enumerate() {
            let has_failed = |input: &&Input| match input {
                Input::Gate(gate) => failed[*gate as usize],
                input => **input == Input::Class(class),
            };
            failed[place] = match gate.kind {
                Kind::Or => gate.inputs.iter().any(|input| has_failed(&input)),
                Kind::And => gate.inputs.iter().all(|input| has_failed(&input)),
                Kind::AtLeast(k) => gate.inputs.iter().filter(has_failed).count() >= k as usize,
            };
            let is_beside = |input: &Input| match input {
                Input::Gate(input) => self.guards[*input as usize] == Some(guard) && !failed[*input as usize],
                _ => false,
            };
            if self.guards[place].is_none() && gate.inputs.iter().any(is_beside) {
                return false;
            }
        }
        true
    }

    /// Works a gate out, or finds that its inputs made something before.
    fn make(&mut self, gate: usize) {
        let Some(recipe) = self.recipe(gate) else {
            let family = self.family(gate);
            return self.keep(gate, None, Arc::new(family));
        };
        let (id, family) = match self.memo.find(&recipe) {
            Some(known) => known,
            None => {
                let family = self.family(gate);
                self.memo.add(recipe, family)
            }
        };
        self.keep(gate, Some(id), family);
    }

    /// None if an input is one that has no number.
    fn recipe(&self, gate: usize) -> Option<Recipe> {
        let Gate { kind, inputs } = &self.reduced.gates[gate];
        let (mut classes, mut families) = (Vec::new(), Vec::new());
        for input in inputs {
            match input {
                Input::Gate(gate) => families.push(self.ids[*gate as usize]?),
                input => classes.push(*input),
            }
        }
        families.sort_unstable();
        if !matches!(kind, Kind::AtLeast(_)) {
            families.dedup();
        }
        Some(Recipe { kind: *kind, guard: self.guards[gate], classes, families })
    }

    /// Inputs that were put off for a guard.
    fn guarded_inputs(&self, gate: usize, guard: Option<u32>) -> Vec<u32> {
        let inputs = self.reduced.gates[gate].inputs.iter();
        let gates = inputs.filter_map(|input| if let Input::Gate(gate) = input { Some(*gate) } else { None });
        let is_open = |gate: &u32| {
            let of = self.guards[*gate as usize];
            of.is_some() && (guard.is_none() || guard == of) && !self.is_solved[*gate as usize]
        };
        gates.filter(is_open).collect()
    }

    /// From the families of all inputs.
    fn family(&mut self, gate: usize) -> Family {
        let gate_ = &self.reduced.gates[gate];
        if let (Some(guard), Some(scope)) = (self.guards[gate], self.algebra.scope.clone()) {
            self.bring_in_scope(gate, guard, &scope);
        }
        let of_gates = gate_.inputs.iter().filter_map(|input| match input {
            Input::Gate(input) => Some(self.family_for(gate, *input)),
            _ => None,
        });
        let of_gates: Vec<Arc<Family>> = of_gates.collect();
        let of_gates = of_gates.iter().map(Arc::as_ref);
        if gate_.kind == Kind::Or {
            let scope = self.algebra.scope.as_ref();
            let can_matter =
                |class: &u32| scope.is_none_or(|scope| scope.has(self.algebra.layout, u64::from(*class), 1));
            let classes: Vec<u64> = classes(&gate_.inputs).filter(can_matter).map(u64::from).collect();
            return self.algebra.any(&classes, &of_gates.collect::<Vec<_>>());
        }
        let leaves = self.leaves(&gate_.inputs);
        let inputs: Vec<&Family> = leaves.iter().chain(of_gates).collect();
        match gate_.kind {
            Kind::AtLeast(k) => self.algebra.at_least(k as usize, &inputs),
            _ => self.algebra.all(&inputs),
        }
    }

    /// Leaves of the inputs of a gate what can matter beside its guard.
    fn bring_in_scope(&mut self, gate: usize, guard: u32, scope: &Scope) {
        for input in &self.reduced.gates[gate].inputs {
            let Input::Gate(input) = *input else { continue };
            if self.guards[input as usize].is_none() {
                let known = self.in_scope.entry(input).or_default();
                if known.iter().all(|(known, _)| *known != guard) {
                    let family = scope.of(&self.families[input as usize], self.algebra.layout);
                    known.push((guard, Arc::new(family)));
                }
            }
        }
    }

    /// The family of an input as far as a gate needs it.
    fn family_for(&self, gate: usize, input: u32) -> Arc<Family> {
        let in_scope = self.guards[gate].and_then(|guard| {
            let known = self.in_scope.get(&input)?;
            known.iter().find_map(|(known, family)| (*known == guard).then_some(family))
        });
        Arc::clone(in_scope.unwrap_or(&self.families[input as usize]))
    }

    fn keep(&mut self, gate: usize, id: Option<FamilyId>, family: Arc<Family>) {
        self.n_sets += family.len();
        self.n_sets_peak = self.n_sets_peak.max(self.n_sets + self.memo.n_sets);
        self.families[gate] = family;
        self.ids[gate] = id;
    }

    /// The families of a gate's own classes.
    fn leaves(&self, inputs: &[Input]) -> Vec<Family> {
        let layout = self.algebra.layout;
        let scope = self.algebra.scope.as_ref();
        let can_matter = |class: u32| scope.is_none_or(|scope| scope.has(layout, u64::from(class), 1));
        let family =
            |class| if can_matter(class) { Family::of_class(class, layout) } else { Family::never(layout) };
        classes(inputs).map(family).collect()
    }

    /// Forgets the families that nothing wants any more, now that a gate does not.
    fn release_inputs(&mut self, gate: usize) {
        for input in &self.reduced.gates[gate].inputs {
            let Input::Gate(input) = input else { continue };
            let place = *input as usize;
            self.n_wanted[place] -= 1;
            if self.n_wanted[place] == 0 {
                self.n_sets -= self.families[place].len();
                self.families[place] = Arc::clone(&self.nothing);
                self.in_scope.remove(input);
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

/// Beside what a gate counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Counts {
    /// Nobody was met who wants it.
    Nowhere,
    /// Beside this gate alone.
    Beside(u32),
    Everywhere,
}

impl Counts {
    fn and_also(&mut self, other: Self) {
        *self = match (*self, other) {
            (Self::Nowhere, other) => other,
            (known, other) if known == other => known,
            _ => Self::Everywhere,
        };
    }
}

/// The guard of each gate that is wanted only by ANDs of it and one other gate, always the same one and wanted more often, or by
/// gates with that guard.
fn guards(reduced: &Reduced, n_wanted: &[u32]) -> Vec<Option<u32>> {
    let mut counts = vec![Counts::Nowhere; reduced.gates.len()];
    let gate_of = |input: &Input| if let Input::Gate(gate) = input { Some(*gate) } else { None };
    reduced.tops.iter().filter_map(gate_of).for_each(|top| counts[top as usize] = Counts::Everywhere);
    for (place, gate) in reduced.gates.iter().enumerate().rev() {
        let inputs: Vec<u32> = gate.inputs.iter().filter_map(gate_of).collect();
        match (counts[place], gate.kind, inputs.as_slice()) {
            (Counts::Everywhere, Kind::And, &[one, other])
                if n_wanted[one as usize] != n_wanted[other as usize] =>
            {
                let (guard, guarded) = if n_wanted[one as usize] > n_wanted[other as usize] {
                    (one, other)
                } else {
                    (other, one)
                };
                counts[guard as usize].and_also(Counts::Everywhere);
                counts[guarded as usize].and_also(Counts::Beside(guard));
            }
            (of, _, inputs) => inputs.iter().for_each(|input| counts[*input as usize].and_also(of)),
        }
    }
    let guard = |counts| if let Counts::Beside(guard) = counts { Some(guard) } else { None };
    counts.into_iter().map(guard).collect()
}
