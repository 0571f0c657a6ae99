//! Clusters: who has quorum, and how members are split.

use super::network::Network;
use super::rows::Rows;
use super::settle::Look;
use super::state::Quorum;
use super::viewer::Viewer;
use crate::works::{Cluster, ClusterId, Holder, MachineId, Works};

impl Look<'_> {
    /// Which members of each cluster have quorum.
    pub(super) fn voters(&self) -> Vec<Vec<bool>> {
        let members = |cluster: &Cluster| {
            cluster.members.iter().map(|&member| self.has_vote(cluster, member)).collect()
        };
        self.works.clusters.iter().map(members).collect()
    }

    pub(super) fn has_vote(&self, cluster: &Cluster, member: MachineId) -> bool {
        let is_up = |machine: MachineId| self.rows.machines[machine.index()];
        let from = Viewer::Holder(Holder::Machine(member));
        let reached = || {
            cluster
                .members
                .iter()
                .filter(|&&other| {
                    is_up(other) && self.network.reaches_in(from, Holder::Machine(other), cluster.among)
                })
                .count()
        };
        is_up(member) && (cluster.quorum == 0 || reached() as u32 >= cluster.quorum)
    }
}

/// The members of a cluster that are up, by who reaches whom, once everything has settled.
pub(super) fn quorum_of(works: &Works, id: ClusterId, rows: &Rows, network: &Network<'_>) -> Quorum {
    let cluster = &works[id];
    let joined = |a: MachineId, b: MachineId| {
        let (a, b) = (Holder::Machine(a), Holder::Machine(b));
        let reaches = |one, other| network.reaches_in(Viewer::Holder(one), other, cluster.among);
        reaches(a, b) || reaches(b, a)
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
    Quorum { held: rows.has_quorum(works, id), sides }
}
