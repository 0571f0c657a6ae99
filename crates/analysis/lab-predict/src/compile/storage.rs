//! Storage: drives, pools and data, lost or stopped; and to whom they are served.

use super::equations::{Equations, Variable};
use super::network::Origin;
use crate::circuit::NodeId;
use crate::works::{Ceph, DataId, DriveId, Holder, Layout, MachineId, Osd, Pool, PoolId, SegmentId, Vdev};
use std::collections::BTreeSet;

impl Equations<'_> {
    /// What a drive holds is gone.
    fn dead(&mut self, drive: DriveId) -> NodeId {
        self.any_part(&self.works[drive].fails)
    }

    /// A drive is dead, without power, or behind closed ways.
    pub(super) fn away(&mut self, drive: DriveId) -> NodeId {
        let row = &self.works[drive];
        let dead = self.dead(drive);
        let unit = self.unit_off(row.unit);
        let closed = if row.paths.is_empty() {
            NodeId::NEVER
        } else {
            let paths: Vec<NodeId> = row.paths.iter().map(|path| self.any_part(path)).collect();
            self.circuit.and(paths)
        };
        let away = self.circuit.or([dead, unit, closed]);
        self.name(away, row.span, format!("{} is away", row.label));
        away
    }

    /// The definition of [`Variable::Pool`].
    pub(super) fn pool_stopped(&mut self, pool: PoolId) -> NodeId {
        let row = &self.works[pool];
        let layout = match &row.layout {
            Layout::Groups(groups) => self.any_group(groups, Self::away),
            Layout::Separate(group) => self.group(group, Self::away),
            Layout::Ceph(ceph) => self.ceph_stopped(ceph),
            Layout::Unknown => NodeId::NEVER,
        };
        let holder = row.holder.map_or(NodeId::NEVER, |holder| self.holder_down(holder));
        let serving = self.any_part(&row.serving_fails);
        self.circuit.or([layout, holder, serving])
    }

    /// More drives or domains are dead than the layout tolerates.
    pub(super) fn pool_lost(&mut self, pool: PoolId) -> NodeId {
        match &self.works[pool].layout {
            Layout::Groups(groups) => self.any_group(groups, Self::dead),
            Layout::Separate(group) => self.group(group, Self::dead),
            Layout::Ceph(ceph) => self.ceph_lost(ceph),
            Layout::Unknown => NodeId::NEVER,
        }
    }

    fn any_group(&mut self, groups: &[Vdev], gone: fn(&mut Self, DriveId) -> NodeId) -> NodeId {
        let groups: Vec<NodeId> = groups.iter().map(|group| self.group(group, gone)).collect();
        self.circuit.or(groups)
    }

    fn group(&mut self, group: &Vdev, gone: fn(&mut Self, DriveId) -> NodeId) -> NodeId {
        let drives: Vec<NodeId> = group.drives.iter().map(|&drive| gone(self, drive)).collect();
        self.circuit.at_least(group.tolerates as usize + 1, drives)
    }

    fn ceph_lost(&mut self, ceph: &Ceph) -> NodeId {
        let domains = ceph.domains.iter().map(|domain| {
            let drives: Vec<NodeId> = domain.iter().map(|osd| self.dead(osd.drive)).collect();
            self.circuit.or(drives)
        });
        let domains: Vec<NodeId> = domains.collect();
        self.circuit.at_least(ceph.lost_at as usize, domains)
    }

    fn ceph_stopped(&mut self, ceph: &Ceph) -> NodeId {
        let too_few = match ceph.replication {
            None => self.too_few_domains(ceph, Self::osd_away),
            Some(segment) => self.no_group_of_osds(ceph, segment),
        };
        let lost = self.ceph_lost(ceph);
        let no_quorum = self.variable(Variable::Cluster(ceph.cluster));
        self.circuit.or([lost, too_few, no_quorum])
    }

    fn too_few_domains(
        &mut self,
        ceph: &Ceph,
        mut away: impl FnMut(&mut Self, &Ceph, Osd) -> NodeId,
    ) -> NodeId {
        let domains = ceph.domains.iter().map(|domain| {
            let osds: Vec<NodeId> = domain.iter().map(|&osd| away(self, ceph, osd)).collect();
            self.circuit.or(osds)
        });
        let domains: Vec<NodeId> = domains.collect();
        let spare = ceph.copies.saturating_sub(ceph.min_copies) as usize;
        self.circuit.at_least(spare + 1, domains)
    }

    /// From no machine of an OSD enough others are reached in a segment.
    fn no_group_of_osds(&mut self, ceph: &Ceph, segment: SegmentId) -> NodeId {
        let machines: BTreeSet<MachineId> =
            ceph.domains.iter().flatten().filter_map(|osd| osd.machine).collect();
        let mut groups = Vec::new();
        for one in machines {
            let from = Origin::Holder(Holder::Machine(one));
            groups.push(self.too_few_domains(ceph, |own, ceph, osd| {
                let away = own.osd_away(ceph, osd);
                let Some(other) = osd.machine else { return away };
                let cut_off = own.unreached_in(from, Holder::Machine(other), Some(segment));
                own.circuit.or([away, cut_off])
            }));
        }
        self.circuit.and(groups)
    }

    fn osd_away(&mut self, ceph: &Ceph, osd: Osd) -> NodeId {
        let drive = self.away(osd.drive);
        let Some(machine) = osd.machine else { return drive };
        let holder = Holder::Machine(machine);
        let down = self.holder_down(holder);
        let alone = self.no_member(Origin::Holder(holder), ceph.cluster);
        self.circuit.or([drive, down, alone])
    }

    /// Data stops, or is lost, with too many of its pools.
    pub(super) fn data(&mut self, data: DataId, gone: fn(&mut Self, PoolId) -> NodeId) -> NodeId {
        let row = &self.works[data];
        let pools: Vec<NodeId> = row.pools.iter().map(|&pool| gone(self, pool)).collect();
        self.too_few(&pools, row.pools_needed as usize)
    }

    /// A pool serves while this has not failed.
    pub(super) fn pool_off(&mut self, pool: PoolId) -> NodeId {
        self.variable(Variable::Pool(pool))
    }

    /// A pool is not served to somebody.
    pub(super) fn pool_unserved(&mut self, to: Origin, pool: PoolId) -> NodeId {
        let stopped = self.pool_off(pool);
        let Pool { layout, holder, .. } = &self.works[pool];
        let unreached = match (layout, holder) {
            (Layout::Ceph(ceph), _) => self.no_member(to, ceph.cluster),
            (_, Some(holder)) => self.unreached(to, *holder),
            (_, None) => NodeId::NEVER,
        };
        self.circuit.or([stopped, unreached])
    }

    /// Data is not served to somebody.
    pub(super) fn data_unserved(&mut self, to: Origin, data: DataId) -> NodeId {
        let row = &self.works[data];
        let pools: Vec<NodeId> = row.pools.iter().map(|&pool| self.pool_unserved(to, pool)).collect();
        self.too_few(&pools, row.pools_needed as usize)
    }
}
