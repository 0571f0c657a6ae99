//! ZFS pools on the machines that have them, disk by disk. Other kinds of pools have no counterpart.

use super::Build;
use crate::storage::{DISKS_MAX, Pool, disk_program, pool_name};
use lab_model::ThingId;
use lab_model::derived::{DriveId, VdevFacts};
use lab_model::lab::PoolId;
use lab_model::written::{PoolKind, VdevKind};

impl Build<'_> {
    pub(super) fn add_pools(&mut self) {
        let ids: Vec<PoolId> = self.lab.pools.iter().map(|(id, _)| id).collect();
        let mut absent = Vec::new();
        for id in ids {
            let pool = &self.lab.pools[id];
            let holder: Option<ThingId> = pool.on.as_ref().and_then(|on| on.id);
            let node = holder.and_then(|holder| self.node_of.get(&holder).copied());
            let groups = self.groups(id);
            let name = pool_name(&pool.name.text);
            match (node, groups) {
                (Some(node), Some(groups)) if self.has_room(node, &groups) => {
                    self.plan.nodes[node].pools.push(Pool { name, groups, is_real: false });
                }
                _ => absent.push(pool.name.text.to_string()),
            }
        }
        if !absent.is_empty() {
            self.plan.not_checked.push(format!("pools without a counterpart: {}", absent.join(", ")));
        }
    }

    fn has_room(&self, node: usize, groups: &[(String, Vec<String>)]) -> bool {
        let own = self.plan.nodes[node].pools.iter().flat_map(|pool| &pool.groups);
        let known: Vec<&String> = own.flat_map(|(_, disks)| disks).collect();
        let new: Vec<&String> = groups.iter().flat_map(|(_, disks)| disks).collect();
        let is_shared = new.iter().any(|disk| known.contains(disk));
        known.len() + new.len() <= DISKS_MAX && !is_shared
    }

    /// The groups of a pool in the words of `zpool`; none when it is no ZFS pool, or the lab does not say all of its drives.
    fn groups(&self, id: PoolId) -> Option<Vec<(String, Vec<String>)>> {
        let is_zfs = self.lab.pools[id].kind.as_ref().is_some_and(|kind| kind.value == PoolKind::Zfs);
        let facts = self.lab.derived.pool(id);
        if !is_zfs || facts.vdevs.is_empty() {
            return None;
        }
        let data = facts.vdevs.iter().map(|vdev| self.group("", vdev));
        // ZFS in user space is older than special groups; as a group of data it is missed as much.
        let special = facts.special.iter().map(|vdev| self.group("", vdev));
        let log = facts.log.iter().map(|vdev| self.group("log", vdev));
        data.chain(special).chain(log).collect()
    }

    fn group(&self, before: &str, vdev: &VdevFacts) -> Option<(String, Vec<String>)> {
        let word = match vdev.kind {
            VdevKind::Stripe => "",
            VdevKind::Mirror => "mirror",
            VdevKind::Raidz1 => "raidz1",
            VdevKind::Raidz2 => "raidz2",
            VdevKind::Raidz3 => "raidz3",
            _ => return None,
        };
        let disk = |drive: &DriveId| {
            let facts = self.lab.derived.drive(*drive);
            disk_program(&self.lab.devices[facts.device].name.text, &facts.bay)
        };
        let disks: Vec<String> = vdev.drives.iter().map(disk).collect();
        let is_whole = !disks.is_empty() && disks.len() == vdev.written;
        is_whole.then(|| (format!("{before} {word}").trim().to_owned(), disks))
    }
}
