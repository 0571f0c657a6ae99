//! Machines, where they run; clusters and their quorum.

use super::crowd::Tally;
use super::equations::{Equations, Variable};
use super::network::Origin;
use crate::circuit::NodeId;
use crate::works::{ClusterId, Holder, MachineId, MachineKind, PartId};

impl Equations<'_> {
    /// A unit or machine is not up.
    pub(super) fn holder_down(&mut self, holder: Holder) -> NodeId {
        match holder {
            Holder::Unit(unit) => self.unit_off(unit),
            Holder::Machine(machine) => self.variable(Variable::Machine(machine)),
            Holder::Internet => NodeId::NEVER,
        }
    }

    /// The definition of [`Variable::Machine`].
    pub(super) fn machine(&mut self, machine: MachineId) -> NodeId {
        let row = &self.works[machine];
        let place = match &row.kind {
            MachineKind::Host { unit } => unit.map_or(NodeId::NEVER, |unit| self.unit_off(unit)),
            MachineKind::Vm { .. } => self.no_place(machine),
        };
        let mut fails = vec![place, self.any_part(&row.fails)];
        for &drive in &row.system_drives {
            fails.push(self.away(drive));
        }
        if let Some(pool) = row.system_pool {
            fails.push(self.pool_off(pool));
        }
        let origin = Origin::Holder(Holder::Machine(machine));
        for need in &row.needs {
            fails.push(self.unmet(origin, &need.need));
        }
        self.circuit.or(fails)
    }

    /// A virtual machine runs nowhere.
    fn no_place(&mut self, vm: MachineId) -> NodeId {
        let row = &self.works[vm];
        let MachineKind::Vm { hosts, moved_by, anywhere, passed_through } = &row.kind else {
            return NodeId::NEVER;
        };
        if hosts.is_empty() {
            return self.disks_off(vm);
        }
        let mut places = Vec::new();
        for &host in hosts {
            let cards = passed_through.iter().filter(|(on, _)| *on == host);
            let cards: Vec<PartId> = cards.flat_map(|(_, parts)| parts.iter().copied()).collect();
            let cards = self.any_part(&cards);
            let holder = Holder::Machine(host);
            let down = self.holder_down(holder);
            let disks = self.disks_unserved(Origin::Holder(holder), vm);
            places.push(self.circuit.or([cards, down, disks]));
        }
        let placed = match moved_by {
            None if !anywhere => places[0],
            mover => self.moved(*mover, &Tally::each(places), Amount::ONE),
        };
        let strands = row.strands.iter().filter(|(host, _)| hosts.contains(host));
        let parts: Vec<PartId> = strands.flat_map(|(_, parts)| parts.iter().copied()).collect();
        let stranded = self.any_part(&parts);
        self.circuit.or([placed, stranded])
    }

    /// Disks of a virtual machine whose host is not said.
    fn disks_off(&mut self, vm: MachineId) -> NodeId {
        let row = &self.works[vm];
        let data: Vec<NodeId> = row.disks.iter().map(|&data| self.data(data, Self::pool_off)).collect();
        let pools: Vec<NodeId> = row.disk_pools.iter().map(|&pool| self.pool_off(pool)).collect();
        self.circuit.or(data.into_iter().chain(pools))
    }

    fn disks_unserved(&mut self, host: Origin, vm: MachineId) -> NodeId {
        let row = &self.works[vm];
        let data: Vec<NodeId> = row.disks.iter().map(|&data| self.data_unserved(host, data)).collect();
        let pools: Vec<NodeId> = row.disk_pools.iter().map(|&pool| self.pool_unserved(host, pool)).collect();
        self.circuit.or(data.into_iter().chain(pools))
    }

    /// The definition of [`Variable::Cluster`]: no member reaches enough of them.
    pub(super) fn no_quorum(&mut self, cluster: ClusterId) -> NodeId {
        let row = &self.works[cluster];
        if row.quorum == 0 {
            return NodeId::NEVER;
        }
        let members: Vec<NodeId> = row.members.iter().map(|&member| self.outvoted(cluster, member)).collect();
        self.circuit.and(members)
    }

    /// A member is down, or reaches too few members.
    fn outvoted(&mut self, cluster: ClusterId, member: MachineId) -> NodeId {
        if let Some(&known) = self.outvoted.get(&(cluster, member)) {
            return known;
        }
        let row = &self.works[cluster];
        let holder = Holder::Machine(member);
        let down = self.holder_down(holder);
        let others = row.members.iter();
        let others: Vec<NodeId> = others
            .map(|&other| self.unreached_in(Origin::Holder(holder), Holder::Machine(other), row.among))
            .collect();
        let minority = self.too_few(&others, row.quorum as usize);
        let outvoted = self.circuit.or([down, minority]);
        self.name(outvoted, row.span, format!("{} is outvoted in {}", self.works[member].label, row.label));
        self.outvoted.insert((cluster, member), outvoted);
        outvoted
    }

    /// No member that has quorum is reached.
    pub(super) fn no_member(&mut self, from: Origin, cluster: ClusterId) -> NodeId {
        let mut members = Vec::new();
        let row = &self.works[cluster];
        for &member in &row.members {
            let unreached = self.unreached_in(from, Holder::Machine(member), row.clients_in);
            let outvoted = self.outvoted(cluster, member);
            members.push(self.circuit.or([unreached, outvoted]));
        }
        self.circuit.and(members)
    }

    /// Too few of what moves between places is left. `failed` says of each place that it does not work.
    pub(super) fn moved(&mut self, mover: Option<ClusterId>, failed: &Tally, amount: Amount) -> NodeId {
        let n_places = failed.len();
        let Amount { instances, spread, needed } = amount;
        let running = if spread { instances.min(n_places) } else { instances };
        if n_places == 0 || running < needed {
            return NodeId::ALWAYS;
        }
        let (n_moving, n_stuck) = if spread {
            // It was at the worst places: each that fails takes an instance.
            ((n_places + 1).saturating_sub(needed), running - needed + 1)
        } else {
            (n_places, 1)
        };
        let Some(mover) = mover else { return self.at_least(n_stuck, failed) };
        let moving = self.at_least(n_moving, failed);
        let stuck = self.at_least_apart(n_stuck, failed);
        let no_quorum = self.variable(Variable::Cluster(mover));
        let stuck = self.circuit.and([no_quorum, stuck]);
        self.circuit.or([moving, stuck])
    }
}

/// How much of something that moves there is, and how much is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Amount {
    /// How many instances run.
    pub(super) instances: usize,
    /// True when each is at a place of its own; otherwise all are at one.
    pub(super) spread: bool,
    /// How many must work, at least 1.
    pub(super) needed: usize,
}

impl Amount {
    /// One of one.
    pub(super) const ONE: Self = Self { instances: 1, spread: true, needed: 1 };
}
