//! Clusters: who has quorum, and how members are split.

use super::network::Network;
use super::scene::Viewer;
use super::settle::{Look, Rows};
use super::state::Quorum;
use crate::works::{Cluster, Holder, MachineId};

impl Look<'_> {
    pub(super) fn quorums(&self) -> Vec<bool> {
        self.works.clusters.iter().map(|cluster| self.has_quorum(cluster)).collect()
    }

    fn has_quorum(&self, cluster: &Cluster) -> bool {
        cluster.quorum == 0 || cluster.members.iter().any(|&member| self.member_has_quorum(cluster, member))
    }

    /// Whether a member is up and reaches enough members, itself counted.
    pub(super) fn member_has_quorum(&self, cluster: &Cluster, member: MachineId) -> bool {
        let reaches = |to: &&MachineId| {
            self.rows.machines[to.index()]
                && self.network.reaches(Viewer::Holder(Holder::Machine(member)), Holder::Machine(**to))
        };
        self.rows.machines[member.index()]
            && cluster.members.iter().filter(reaches).count() as u32 >= cluster.quorum
    }
}

/// The members of a cluster that are up, by who reaches whom, once everything has settled.
pub(super) fn quorum_of(cluster: &Cluster, held: bool, rows: &Rows, network: &Network<'_>) -> Quorum {
    let joined = |a: MachineId, b: MachineId| {
        let (a, b) = (Holder::Machine(a), Holder::Machine(b));
        network.reaches(Viewer::Holder(a), b) || network.reaches(Viewer::Holder(b), a)
    };
    let mut sides: Vec<Vec<MachineId>> = Vec::new();
    for &member in cluster.members.iter().filter(|member| rows.machines[member.index()]) {
        let (mut own, others): (Vec<_>, Vec<_>) =
            sides.into_iter().partition(|side| side.iter().any(|&other| joined(member, other)));
        own.push(vec![member]);
        sides = others;
        sides.push(own.concat());
    }
    sides.sort_by_key(|side| (usize::MAX - side.len(), side.first().copied()));
    Quorum { held, sides }
}
