//! Storage: drives, pools, data.

use super::settle::Look;
use super::state::{DriveState, Keeping};
use super::viewer::Viewer;
use crate::works::{Ceph, Drive, Holder, Layout, Osd, Pool, Vdev};

impl Look<'_> {
    pub(super) fn drives(&self) -> Vec<DriveState> {
        self.works.drives.iter().map(|drive| self.drive(drive)).collect()
    }

    fn drive(&self, drive: &Drive) -> DriveState {
        if self.any_failed(&drive.fails) {
            return DriveState::Dead;
        }
        let cut_off = !drive.paths.is_empty() && drive.paths.iter().all(|path| self.any_failed(path));
        if cut_off || !self.rows.units[drive.unit.index()] { DriveState::Away } else { DriveState::There }
    }

    pub(super) fn pools(&self) -> Vec<Keeping> {
        self.works.pools.iter().map(|pool| self.pool(pool)).collect()
    }

    fn pool(&self, pool: &Pool) -> Keeping {
        let kept = self.pool_at_hand(pool);
        let served = pool.holder.is_none_or(|holder| self.is_up(holder));
        if served { kept } else { kept.max(Keeping::Stopped) }
    }

    /// What a pool is for whoever has its drives, whether its holder is up or is just starting from it.
    pub(super) fn pool_at_hand(&self, pool: &Pool) -> Keeping {
        let kept = match &pool.layout {
            Layout::Groups(groups) => {
                groups.iter().map(|group| self.group(group)).max().unwrap_or(Keeping::Serving)
            }
            Layout::Separate(group) => self.group(group),
            Layout::Ceph(ceph) => self.ceph(ceph),
            Layout::Unknown => Keeping::Serving,
        };
        if self.any_failed(&pool.serving_fails) { kept.max(Keeping::Stopped) } else { kept }
    }

    fn group(&self, group: &Vdev) -> Keeping {
        let worse_than =
            |limit| group.drives.iter().filter(|drive| self.rows.drives[drive.index()] > limit).count();
        let beyond = |gone: usize| gone as u32 > group.tolerates;
        match (beyond(worse_than(DriveState::Away)), beyond(worse_than(DriveState::There))) {
            (true, _) => Keeping::Lost,
            (false, true) => Keeping::Stopped,
            (false, false) => Keeping::Serving,
        }
    }

    fn ceph(&self, ceph: &Ceph) -> Keeping {
        let domains = |gone: &dyn Fn(&Osd) -> bool| {
            ceph.domains.iter().filter(|domain| domain.iter().any(gone)).count() as u32
        };
        let dead = domains(&|osd| self.rows.drives[osd.drive.index()] == DriveState::Dead);
        if dead >= ceph.lost_at {
            return Keeping::Lost;
        }
        let spare = ceph.copies.saturating_sub(ceph.min_copies);
        let mut machines = ceph.domains.iter().flatten().filter_map(|osd| osd.machine);
        let has_enough = match ceph.replication {
            None => domains(&|osd| self.is_osd_away(osd, ceph)) <= spare,
            Some(segment) => machines.any(|from| {
                let is_cut = |to| {
                    let from = Viewer::Holder(Holder::Machine(from));
                    !self.network.reaches_in(from, Holder::Machine(to), Some(segment))
                };
                domains(&|osd| self.is_osd_away(osd, ceph) || osd.machine.is_some_and(is_cut)) <= spare
            }),
        };
        if !has_enough || !self.has_quorum(ceph.cluster) { Keeping::Stopped } else { Keeping::Serving }
    }

    fn is_osd_away(&self, osd: &Osd, ceph: &Ceph) -> bool {
        let serves = |machine| {
            self.is_up(Holder::Machine(machine))
                && self.voter_reached(ceph.cluster, Viewer::Holder(Holder::Machine(machine)))
        };
        self.rows.drives[osd.drive.index()] != DriveState::There || !osd.machine.is_none_or(serves)
    }

    pub(super) fn data(&self) -> Vec<Keeping> {
        let pools = |data: &crate::works::Data, worst: Keeping| {
            data.pools.iter().filter(|pool| self.rows.pools[pool.index()] <= worst).count() as u32
        };
        (self.works.data.iter())
            .map(|data| {
                match (
                    pools(data, Keeping::Stopped) < data.pools_needed,
                    pools(data, Keeping::Serving) < data.pools_needed,
                ) {
                    (true, _) => Keeping::Lost,
                    (false, true) => Keeping::Stopped,
                    (false, false) => Keeping::Serving,
                }
            })
            .collect()
    }
}
