//! What wants a place and what the machines have, taken apart into groups that have nothing to do with each other.

use super::{Fit, Item, LeftOut, Refusal};
use crate::simulate::scene::Scene;
use crate::works::{Holder, MachineId, MachineKind, Placement, ServiceId, Works};
use std::collections::BTreeSet;

pub(super) struct Wanting {
    pub(super) item: Item,
    pub(super) bytes: u64,
    /// Where it could run, were it alone.
    on: Vec<MachineId>,
    /// Those of `on` that take it while nothing else that moves is there. Empty for an instance that finds the others of its service on
    /// all of them already.
    pub(super) open: Vec<MachineId>,
    /// The service it is an instance of.
    pub(super) service: Option<ServiceId>,
    pub(super) spread: bool,
}

pub(super) struct Problem<'w> {
    works: &'w Works,
    /// The largest first; instances of one service stand together.
    pub(super) items: Vec<Wanting>,
    /// Free bytes by machine.
    pub(super) free: Vec<u64>,
    /// Services that are on a machine and stay there, by machine.
    pub(super) fixed: Vec<Vec<ServiceId>>,
    unknown_items: Vec<Item>,
}

impl<'w> Problem<'w> {
    pub(super) fn new(scene: &Scene<'w>) -> Self {
        let works = scene.works;
        let free = works
            .machines
            .iter()
            .map(|machine| machine.memory.map_or(u64::MAX / 4, |all| all.saturating_sub(machine.own_memory)));
        let mut problem = Self {
            works,
            items: Vec::new(),
            free: free.collect(),
            fixed: vec![Vec::new(); works.machines.len()],
            unknown_items: Vec::new(),
        };
        problem.take_fixed(scene);
        problem.add_vms(scene);
        problem.add_instances(scene);
        problem.items.sort_by_key(|wanting| (u64::MAX - wanting.bytes, wanting.on.len(), wanting.item));
        problem.open();
        problem
    }

    /// Instances that stay where they are take their memory first.
    fn take_fixed(&mut self, scene: &Scene<'_>) {
        for (id, service) in (0..).map(ServiceId).zip(&self.works.services) {
            let Placement::Fixed(places) = &service.placement else { continue };
            for place in places {
                if let Holder::Machine(machine) = place {
                    self.fixed[machine.index()].push(id);
                }
            }
            for place in &scene.state().services[id.index()].places {
                if let Holder::Machine(machine) = place {
                    let free = &mut self.free[machine.index()];
                    *free = free.saturating_sub(service.memory.unwrap_or(0));
                }
            }
        }
    }

    fn add_vms(&mut self, scene: &Scene<'_>) {
        for (id, machine) in (0..)
            .map(MachineId)
            .zip(&self.works.machines)
            .filter(|(id, _)| scene.state().machines[id.index()])
        {
            let MachineKind::Vm { hosts, moved_by, anywhere, .. } = &machine.kind else { continue };
            let moves = moved_by.is_some() || *anywhere;
            let candidates = if moves { &hosts[..] } else { &hosts[..hosts.len().min(1)] };
            let on: Vec<MachineId> =
                candidates.iter().copied().filter(|&host| scene.could_run_on(id, host)).collect();
            if !hosts.is_empty() {
                self.want(Item::Vm(id), machine.memory, on, None, false);
            }
        }
    }

    /// Only instances that a mover with quorum can start somewhere.
    fn add_instances(&mut self, scene: &Scene<'_>) {
        for (id, service) in (0..).map(ServiceId).zip(&self.works.services) {
            let Placement::Movable { by, replicas, spread, .. } = &service.placement else { continue };
            if by.is_some_and(|by| !scene.state().clusters[by.index()].held) {
                continue;
            }
            let places = scene.state().services[id.index()].places.iter();
            let on: Vec<MachineId> = places
                .filter_map(|place| match place {
                    Holder::Machine(machine) => Some(*machine),
                    Holder::Unit(_) | Holder::Internet => None,
                })
                .collect();
            (0..*replicas).for_each(|number| {
                self.want(Item::Instance(id, number), service.memory, on.clone(), Some(id), *spread)
            });
        }
    }

    fn want(
        &mut self,
        item: Item,
        memory: Option<u64>,
        on: Vec<MachineId>,
        service: Option<ServiceId>,
        spread: bool,
    ) {
        if memory.is_none() {
            self.unknown_items.push(item);
        }
        let bytes = memory.unwrap_or(0);
        self.items.push(Wanting { item, bytes, on, open: Vec::new(), service, spread });
    }

    /// Where each item could go. Of instances that stay apart, as many as there are machines: the others are left out whatever happens.
    fn open(&mut self) {
        for at in 0..self.items.len() {
            let wanting = &self.items[at];
            let takes = |machine: &MachineId| {
                wanting.bytes <= self.free[machine.index()]
                    && self.rule_against(at, &self.fixed[machine.index()]).is_none()
            };
            let mut open: Vec<MachineId> = wanting.on.iter().copied().filter(takes).collect();
            let is_one_too_many = |number: u32| wanting.spread && number as usize >= open.len();
            if matches!(wanting.item, Item::Instance(_, number) if is_one_too_many(number)) {
                open.clear();
            }
            self.items[at].open = open;
        }
    }

    /// The rule that keeps an item off a machine that runs `there`.
    pub(super) fn rule_against(&self, item: usize, there: &[ServiceId]) -> Option<Refusal> {
        let wanting = &self.items[item];
        let service = wanting.service?;
        there.iter().find_map(|&other| match other == service {
            true => wanting.spread.then_some(Refusal::Spread),
            false => self.are_apart(service, other).then_some(Refusal::Apart(other)),
        })
    }

    fn are_apart(&self, one: ServiceId, other: ServiceId) -> bool {
        self.works[one].apart_from.contains(&other) || self.works[other].apart_from.contains(&one)
    }

    /// Items that have nothing to do with each other are solved on their own: those that compete for the memory of no machine, since a
    /// machine that holds all that could ever go there refuses nothing, and that no rule keeps apart.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let is_tight = self.tight();
        let touches = |a: usize, b: usize| {
            let (one, other) = (&self.items[a], &self.items[b]);
            let is_ruled = one.service.zip(other.service).is_some_and(|(a, b)| match a == b {
                true => one.spread,
                false => self.are_apart(a, b),
            });
            let weigh = one.bytes > 0 && other.bytes > 0;
            let meet = |machine: &MachineId| {
                (is_ruled || weigh && is_tight[machine.index()]) && other.open.contains(machine)
            };
            (is_ruled || weigh) && one.open.iter().any(meet)
        };
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for item in 0..self.items.len() {
            let (mut own, others): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.iter().any(|&other| touches(item, other)));
            own.push(vec![item]);
            let mut group = own.concat();
            group.sort_unstable();
            groups = others;
            groups.push(group);
        }
        groups.sort();
        groups
    }

    /// Whether all that could go to a machine is more than it holds, by machine.
    fn tight(&self) -> Vec<bool> {
        let mut wanted = vec![0_u64; self.free.len()];
        for wanting in &self.items {
            wanting.open.iter().for_each(|machine| wanted[machine.index()] += wanting.bytes);
        }
        wanted.iter().zip(&self.free).map(|(wanted, free)| wanted > free).collect()
    }

    /// The answer, once each item has its machine or none.
    pub(super) fn told(&self, at: &[Option<MachineId>]) -> Fit {
        let mut free = self.free.clone();
        let mut there = self.fixed.clone();
        for (wanting, machine) in self.items.iter().zip(at) {
            let Some(machine) = machine else { continue };
            free[machine.index()] = free[machine.index()].saturating_sub(wanting.bytes);
            there[machine.index()].extend(wanting.service);
        }
        let placed = self.items.iter().zip(at);
        let mut assigned: Vec<(Item, MachineId)> =
            placed.filter_map(|(wanting, machine)| Some((wanting.item, (*machine)?))).collect();
        assigned.sort();
        let outside = (0..self.items.len()).filter(|item| at[*item].is_none());
        let left_out: Vec<LeftOut> = outside.map(|item| self.left_out(item, &free, &there)).collect();
        let refusing = left_out.iter().flat_map(|left| left.refusals.iter().map(|(machine, _)| *machine));
        let among: BTreeSet<MachineId> = refusing.collect();
        let competes = |wanting: &&Wanting| wanting.on.iter().any(|machine| among.contains(machine));
        Fit {
            assigned,
            left_out,
            wanted: self.items.iter().filter(competes).map(|wanting| wanting.bytes).sum(),
            room: among.iter().map(|machine| self.free[machine.index()]).sum(),
            among: among.into_iter().collect(),
            unknown_items: self.unknown_items.clone(),
            unknown_machines: self.unknown_machines(),
            gave_up: false,
        }
    }

    fn left_out(&self, item: usize, free: &[u64], there: &[Vec<ServiceId>]) -> LeftOut {
        let wanting = &self.items[item];
        let refusal = |machine: MachineId| {
            let short = || Refusal::Short(wanting.bytes.saturating_sub(free[machine.index()]));
            (machine, self.rule_against(item, &there[machine.index()]).unwrap_or_else(short))
        };
        LeftOut {
            item: wanting.item,
            needs: wanting.bytes,
            refusals: wanting.on.iter().map(|&machine| refusal(machine)).collect(),
        }
    }

    fn unknown_machines(&self) -> Vec<MachineId> {
        let named = |machine: &MachineId| self.items.iter().any(|wanting| wanting.on.contains(machine));
        let all = (0..self.works.machines.len() as u32).map(MachineId);
        all.filter(|machine| self.works[*machine].memory.is_none() && named(machine)).collect()
    }
}
