//! Over which network the members of a cluster count each other, and where Ceph's monitors and OSDs are reached.
//!
//! Ceph's public network (`network`) carries monitors, clients and heartbeats, its cluster network (`replication-network`) copies and
//! heartbeats again ("Network configuration reference", Ceph documentation). An OSD that others miss on either of them is reported, and called
//! down once OSDs of two hosts say so (`mon_osd_min_down_reporters` 2, `mon_osd_reporter_subtree_level` host).

use super::Surveyor;
use super::network::net_of_address;
use crate::works::{Ceph, ClusterId, EdgeId, Holder, Layout, MachineId, PartId, PoolId, SegmentId, VertexId};
use lab_model::grammar::Prefix;
use lab_model::lab::ClusterId as LabClusterId;
use lab_model::written::ClusterKind;
use lab_source::Spanned;
use std::collections::BTreeSet;

impl Surveyor<'_> {
    /// Ties clusters to the networks that they name, once everybody has a place in the network.
    pub(super) fn tie_clusters_to_networks(&mut self) {
        for (id, row) in self.cluster_of.clone() {
            let record = &self.lab.clusters[id];
            let kind = record.kind.as_ref().map(|kind| kind.value);
            let members = self.works[row].members.clone();
            let mut among = self.network_of(id, record.network.as_ref(), &members);
            if record.network.is_none() && kind == Some(ClusterKind::Kubernetes) {
                among = self.way_out_of(&members);
            }
            let cluster = &mut self.works.clusters[row.index()];
            cluster.among = among;
            cluster.clients_in = among.filter(|_| kind == Some(ClusterKind::Ceph));
            if kind == Some(ClusterKind::Ceph) {
                self.tie_pools(id, row);
            }
        }
    }

    fn tie_pools(&mut self, id: LabClusterId, row: ClusterId) {
        let record = &self.lab.clusters[id];
        let among = self.works[row].among;
        for pool in (0..self.works.pools.len() as u32).map(PoolId) {
            let Layout::Ceph(ceph) = &self.works[pool].layout else { continue };
            if ceph.cluster != row {
                continue;
            }
            let (machines, copies) = (machines_of(ceph), ceph.copies);
            if machines.len() == 2 {
                let what = format!(
                    "{} goes on although a silent host of OSDs is called down after 15 min only (mon_osd_report_timeout): there is just one other to report it, and two are needed",
                    self.works[pool].label
                );
                self.assume(what, Some(record.name.span));
            }
            let replication = self.network_of(id, record.replication_network.as_ref(), &machines);
            let torn = match replication.or(among) {
                Some(segment) if copies > 1 => self.tearing_parts(segment, &machines),
                _ => Vec::new(),
            };
            let pool = &mut self.works.pools[pool.index()];
            pool.serving_fails.extend(torn);
            if let Layout::Ceph(ceph) = &mut pool.layout {
                ceph.replication = replication.filter(|segment| Some(*segment) != among);
            }
        }
    }

    /// Of several segments that machines have in common, the one with a way out: a kubelet gives its node the address of the default route
    /// unless it is told another (`--node-ip`, kubelet reference).
    fn way_out_of(&self, machines: &[MachineId]) -> Option<SegmentId> {
        let is_in = |segment: SegmentId, machine: &MachineId| {
            self.network.vertex_of.contains_key(&(Holder::Machine(*machine), segment))
        };
        let all = (0..self.works.segments.len() as u32).map(SegmentId);
        let common = all.filter(|&segment| machines.iter().all(|machine| is_in(segment, machine)));
        let common: Vec<SegmentId> = common.collect();
        let mut out = common.iter().filter(|segment| !self.works[**segment].gateways.is_empty());
        match (common.len(), out.next(), out.next()) {
            (2.., Some(&only), None) => Some(only),
            _ => None,
        }
    }

    /// The segment of a network, when all who speak over it are in it.
    fn network_of(
        &mut self,
        id: LabClusterId,
        said: Option<&Spanned<Prefix>>,
        machines: &[MachineId],
    ) -> Option<SegmentId> {
        let said = said?;
        let net = net_of_address(self.lab, said.value.network().network());
        let segment = net.and_then(|net| self.network.segment_of.get(&net).copied());
        let is_in = |segment: &SegmentId, machine: &MachineId| {
            self.network.vertex_of.contains_key(&(Holder::Machine(*machine), *segment))
        };
        let absent = machines.iter().find(|machine| segment.is_none_or(|segment| !is_in(&segment, machine)));
        let Some(absent) = absent else { return segment };
        let what = format!(
            "{} goes over any network and not only {}: no interface of {} there is written down",
            self.lab.clusters[id].name, said.value, self.works[*absent].label
        );
        self.assume(what, Some(said.span));
        None
    }

    /// Parts of which any failing parts two machines of OSDs from each other and from nobody else: cables of a mesh without a switch.
    ///
    /// Each of the two is then reported by the other only, which is one host too few; both stay up in the map, and what has copies on
    /// both waits. That it would go on if one of them failed too is left out: it is mended, or one is taken out, by a hand.
    fn tearing_parts(&self, segment: SegmentId, machines: &[MachineId]) -> Vec<PartId> {
        let vertex =
            |machine: &MachineId| self.network.vertex_of.get(&(Holder::Machine(*machine), segment)).copied();
        let ends: BTreeSet<VertexId> = machines.iter().filter_map(vertex).collect();
        let links: Vec<EdgeId> = (0..self.works.edges.len() as u32)
            .map(EdgeId)
            .filter(|edge| self.works[*edge].ends.iter().all(|end| ends.contains(end)))
            .collect();
        let mut torn = Vec::new();
        for &link in &links {
            let [one, other] = self.works[link].ends;
            let others = links.iter().filter(|other| **other != link).map(|other| &self.works[*other]);
            let has_second =
                others.clone().any(|edge| edge.ends.contains(&one) && edge.ends.contains(&other));
            if has_second || self.is_forwarded_for(one) || self.is_forwarded_for(other) {
                continue;
            }
            let shared: BTreeSet<PartId> = others.flat_map(|edge| edge.fails.iter().copied()).collect();
            torn.extend(self.works[link].fails.iter().copied().filter(|part| !shared.contains(part)));
        }
        torn
    }

    /// Whether somebody passes frames on for a vertex: a switch, a bridge.
    fn is_forwarded_for(&self, vertex: VertexId) -> bool {
        use crate::works::VertexKind::Forwards;
        let beside = self.works.edges.iter().filter(|edge| edge.ends.contains(&vertex));
        self.works[vertex].kind == Forwards
            || beside.flat_map(|edge| edge.ends).any(|end| self.works[end].kind == Forwards)
    }
}

fn machines_of(ceph: &Ceph) -> Vec<MachineId> {
    let all: BTreeSet<MachineId> = ceph.domains.iter().flatten().filter_map(|osd| osd.machine).collect();
    all.into_iter().collect()
}
