//! Machines: hosts on units, virtual machines on hosts.

use super::needs::moved;
use super::settle::Look;
use super::state::{DriveState, Keeping};
use super::viewer::Viewer;
use crate::works::{Holder, Machine, MachineId, MachineKind, PoolId};

impl Look<'_> {
    pub(super) fn machines(&self) -> Vec<bool> {
        (0..)
            .map(MachineId)
            .zip(&self.works.machines)
            .map(|(id, machine)| self.machine(id, machine))
            .collect()
    }

    pub(super) fn machine(&self, id: MachineId, machine: &Machine) -> bool {
        let itself = Viewer::Holder(Holder::Machine(id));
        !self.off[id.index()]
            && !self.any_failed(&machine.fails)
            && machine.system_drives.iter().all(|drive| self.rows.drives[drive.index()] == DriveState::There)
            && machine.system_pool.is_none_or(|pool| self.system_pool_serves(id, pool))
            && self.has_place(machine)
            && self.all_met(&machine.needs, itself)
            && (!self.rows.starting || self.all_met(&machine.needs_to_start, itself))
    }

    /// A machine starts from a pool of its own without having to be up first.
    fn system_pool_serves(&self, id: MachineId, pool: PoolId) -> bool {
        let is_own = self.works[pool].holder == Some(Holder::Machine(id));
        let keeping =
            if is_own { self.pool_at_hand(&self.works[pool]) } else { self.rows.pools[pool.index()] };
        keeping == Keeping::Serving
    }

    fn has_place(&self, machine: &Machine) -> bool {
        match &machine.kind {
            MachineKind::Host { unit } => unit.is_none_or(|unit| self.rows.units[unit.index()]),
            MachineKind::Vm { hosts, .. } if self.n_stranded(&machine.strands, hosts) > 0 => false,
            MachineKind::Vm { hosts, .. } if hosts.is_empty() => self.disks_serve(machine),
            MachineKind::Vm { hosts, moved_by: None, anywhere: false, .. } => {
                self.is_good_host(machine, hosts[0])
            }
            MachineKind::Vm { moved_by: Some(by), .. } if self.starts_nothing(*by) => false,
            MachineKind::Vm { hosts, moved_by, .. } => {
                let good = hosts.iter().filter(|&&host| self.is_good_host(machine, host)).count();
                moved(hosts.len(), good, 1, false, self.is_moved_by(*moved_by)) > 0
            }
        }
    }

    /// Whether a virtual machine could run on a host.
    pub(super) fn is_good_host(&self, machine: &Machine, host: MachineId) -> bool {
        let MachineKind::Vm { passed_through, .. } = &machine.kind else { return false };
        let from = Viewer::Holder(Holder::Machine(host));
        self.rows.machines[host.index()]
            && !passed_through.iter().any(|(on, parts)| *on == host && self.any_failed(parts))
            && machine.disks.iter().all(|&disk| self.data_served(disk, from))
            && machine.disk_pools.iter().all(|&pool| self.pool_served(pool, from))
    }

    fn disks_serve(&self, machine: &Machine) -> bool {
        machine.disks.iter().all(|disk| self.rows.data[disk.index()] == Keeping::Serving)
            && machine.disk_pools.iter().all(|pool| self.rows.pools[pool.index()] == Keeping::Serving)
    }
}
