//! The search for the assignment that leaves out least, depth first, the largest item first.
//!
//! It leaves out none, then one, then two. What it need not try: machines that are alike while nothing is on them, instances of one service
//! in any order but one, and whatever wants more than all the room there is.

use super::problem::Problem;
use crate::works::{MachineId, ServiceId};
use std::collections::BTreeMap;

/// How many steps the search takes before it gives up: a fraction of a second.
const STEPS: u64 = 200_000;

pub(super) struct Search<'p, 'w> {
    problem: &'p Problem<'w>,
    group: &'p [usize],
    /// Bytes that the items from each position on want.
    wanted_from: Vec<u64>,
    /// Machines that take any of the items from each position on.
    open_from: Vec<Vec<MachineId>>,
    /// Machines of one number are alike for the group while nothing is on them.
    class: BTreeMap<MachineId, usize>,
    free: Vec<u64>,
    /// What runs on each machine, with what stays there.
    there: Vec<Vec<ServiceId>>,
    /// How many of the group are on each machine.
    n_there: Vec<usize>,
    at: Vec<Option<MachineId>>,
    steps: u64,
}

/// An assignment of a group.
pub(super) struct Found {
    /// The machine of each item of the group.
    pub(super) at: Vec<Option<MachineId>>,
    /// True when something better may exist.
    pub(super) gave_up: bool,
}

impl<'p, 'w> Search<'p, 'w> {
    pub(super) fn new(problem: &'p Problem<'w>, group: &'p [usize]) -> Self {
        let mut wanted_from = vec![0; group.len() + 1];
        let mut open_from = vec![Vec::new(); group.len() + 1];
        for (at, &item) in group.iter().enumerate().rev() {
            let wanting = &problem.items[item];
            wanted_from[at] = wanted_from[at + 1] + wanting.bytes;
            let mut open: Vec<MachineId> = open_from[at + 1].clone();
            open.extend(wanting.open.iter().filter(|machine| !open_from[at + 1].contains(machine)));
            open_from[at] = open;
        }
        let class = classes(problem, group, &open_from[0]);
        Self {
            problem,
            group,
            wanted_from,
            open_from,
            class,
            free: problem.free.clone(),
            there: problem.fixed.clone(),
            n_there: vec![0; problem.free.len()],
            at: vec![None; group.len()],
            steps: 0,
        }
    }

    /// Leaves out as few items as possible.
    pub(super) fn run(mut self) -> Found {
        let homeless = self.group.iter().filter(|&&item| self.problem.items[item].open.is_empty()).count();
        let left = (homeless..=self.group.len()).find(|&left| self.place(0, left));
        let gave_up = self.steps > STEPS;
        if gave_up {
            self.greedily();
        }
        debug_assert!(gave_up || left.is_some(), "leaving out everything always works");
        Found { at: self.at, gave_up }
    }

    /// Places the items from `next` on, leaving out at most `left`.
    fn place(&mut self, next: usize, left: usize) -> bool {
        self.steps += 1;
        if next == self.group.len() {
            return true;
        }
        if self.steps > STEPS || self.is_too_much(next, left) {
            return false;
        }
        let problem = self.problem;
        let twin = self.twin_before(next);
        let mut tried: Vec<MachineId> = Vec::new();
        for &machine in &problem.items[self.group[next]].open {
            let is_in_order = twin.is_none_or(|before| before.is_some_and(|before| before <= machine));
            let is_new = || !tried.iter().any(|&other| self.is_same(other, machine));
            if !is_in_order || !self.takes(next, machine) || !is_new() {
                continue;
            }
            tried.push(machine);
            self.put(next, machine);
            if self.place(next + 1, left) {
                return true;
            }
            self.take_back(next, machine);
        }
        left > 0 && self.place(next + 1, left - 1)
    }

    fn takes(&self, next: usize, machine: MachineId) -> bool {
        let item = self.group[next];
        self.free[machine.index()] >= self.problem.items[item].bytes
            && self.problem.rule_against(item, &self.there[machine.index()]).is_none()
    }

    fn put(&mut self, next: usize, machine: MachineId) {
        let wanting = &self.problem.items[self.group[next]];
        self.free[machine.index()] -= wanting.bytes;
        self.there[machine.index()].extend(wanting.service);
        self.n_there[machine.index()] += 1;
        self.at[next] = Some(machine);
    }

    /// Undoes the last [`Self::put`] on the machine.
    fn take_back(&mut self, next: usize, machine: MachineId) {
        let wanting = &self.problem.items[self.group[next]];
        self.free[machine.index()] += wanting.bytes;
        if wanting.service.is_some() {
            self.there[machine.index()].pop();
        }
        self.n_there[machine.index()] -= 1;
        self.at[next] = None;
    }

    /// Whether what is still to be placed is more than all the room for it, even without the largest `left` of them.
    fn is_too_much(&self, next: usize, left: usize) -> bool {
        let wanted = self.wanted_from[(next + left).min(self.group.len())];
        let room = |machine: &MachineId| self.free[machine.index()];
        self.open_from[next].iter().map(room).fold(0, u64::saturating_add) < wanted
    }

    /// Instances of one service are alike: they are tried in the order of machines, those that are left out last. Where the one before is,
    /// if there is one.
    fn twin_before(&self, next: usize) -> Option<Option<MachineId>> {
        let before = next.checked_sub(1)?;
        let [own, other] = [next, before].map(|at| self.problem.items[self.group[at]].service);
        (own.is_some() && own == other).then(|| self.at[before])
    }

    /// Whether two machines are empty and alike for everything in the group.
    fn is_same(&self, one: MachineId, other: MachineId) -> bool {
        let is_empty = |machine: MachineId| self.n_there[machine.index()] == 0;
        self.class.get(&one) == self.class.get(&other) && is_empty(one) && is_empty(other)
    }

    /// Each item on the first machine that takes it.
    fn greedily(&mut self) {
        self.free.clone_from(&self.problem.free);
        self.there.clone_from(&self.problem.fixed);
        self.at.fill(None);
        for next in 0..self.group.len() {
            let open = &self.problem.items[self.group[next]].open;
            if let Some(&machine) = open.iter().find(|&&machine| self.takes(next, machine)) {
                self.put(next, machine);
            }
        }
    }
}

/// Numbers of machines: the same for those that have the same room, take the same items, and run nothing that stays.
fn classes(problem: &Problem<'_>, group: &[usize], machines: &[MachineId]) -> BTreeMap<MachineId, usize> {
    let mut known: BTreeMap<(u64, Vec<bool>), usize> = BTreeMap::new();
    let class = |(at, &machine): (usize, &MachineId)| {
        if !problem.fixed[machine.index()].is_empty() {
            return (machine, at);
        }
        let takes = group.iter().map(|&item| problem.items[item].open.contains(&machine)).collect();
        (machine, *known.entry((problem.free[machine.index()], takes)).or_insert(at))
    };
    machines.iter().enumerate().map(class).collect()
}
