//! Addresses that move: who may hold them, and whose quorum moves them.

use super::Surveyor;
use crate::works::{ClusterId, Holder, Vip};
use lab_model::ThingId;
use lab_model::lab::{BgpId, VipId};
use lab_model::written::{BgpSpeaker, VipProtocol};

/// Three packets 300 ms apart.
const BFD_SECONDS: f64 = 0.9;

impl Surveyor<'_> {
    /// Adds the addresses that somebody in use may hold.
    pub(super) fn add_vips(&mut self) {
        for (id, record) in self.lab.vips.iter() {
            let protocol = record.protocol.as_ref().map_or(VipProtocol::Manual, |protocol| protocol.value);
            let mut holders: Vec<Holder> = Vec::new();
            for member in self.members_of_vip(id) {
                holders.extend(self.holder(member).filter(|holder| !holders.contains(holder)));
            }
            if protocol == VipProtocol::Manual {
                holders.truncate(1);
            }
            if holders.is_empty() {
                continue;
            }
            let vip = Vip {
                thing: id.into(),
                label: record.name.text.to_string(),
                protocol,
                moved_by: self.mover_of_vip(id, protocol),
                interval_seconds: match protocol {
                    VipProtocol::Bgp => self.hold_seconds(id),
                    _ => record.interval.as_ref().map(|interval| seconds(interval.value)),
                },
                stays: self.stays(id),
                holders,
                span: Some(record.name.span),
            };
            let added = self.works.vips(vip);
            self.vip_of.insert(id, added);
        }
    }

    /// Whether whoever holds an address keeps it. Members of one group that share a line do: who leads is switched to the line, and taking the lead back
    /// would cost a second interruption for nothing. `labwright render` renders it so.
    fn stays(&self, id: VipId) -> bool {
        let members = self.members_of_vip(id);
        let shares = |group: &lab_model::written::HaGroup| {
            group.shared_line.is_some()
                && !members.is_empty()
                && members.iter().all(|of| group.members.ids().any(|member| member == *of))
        };
        self.lab.ha.iter().any(|(_, group)| shares(group))
    }

    /// Who may hold an address: the members that are named, else the nodes of its cluster, where control planes keep theirs among the members
    /// with a vote.
    pub(super) fn members_of_vip(&self, id: VipId) -> Vec<ThingId> {
        let record = &self.lab.vips[id];
        let named: Vec<ThingId> = record.members.ids().collect();
        let Some(cluster) =
            record.cluster.as_ref().and_then(|cluster| cluster.id).filter(|_| named.is_empty())
        else {
            return named;
        };
        let of_control_plane = record.address.iter().any(|address| {
            self.lab.clusters[cluster].api.as_ref().is_some_and(|api| api.value == address.value)
        });
        match record.protocol.as_ref().map(|protocol| protocol.value) {
            Some(VipProtocol::Talos) => self.lab.clusters[cluster].members.ids().collect(),
            Some(VipProtocol::KubeVip) if of_control_plane => {
                self.lab.clusters[cluster].members.ids().collect()
            }
            _ => self.lab.workers_of(cluster),
        }
    }

    /// How long the peers of those who announce an address wait for a silent one: the smaller hold time of both ends (RFC 4271, 4.2), or, where
    /// both use BFD, three of its packets (RFC 5880; FRR sends one every 300 ms).
    fn hold_seconds(&self, id: VipId) -> Option<f64> {
        let members = self.members_of_vip(id);
        let cluster = self.lab.vips[id].cluster.as_ref().and_then(|cluster| cluster.id);
        let announces = |speaker: &BgpSpeaker| {
            let own = speaker.cluster.as_ref().and_then(|cluster| cluster.id);
            own.is_some() && own == cluster || speaker.on.ids().any(|on| members.contains(&on))
        };
        let mut shortest: Option<f64> = None;
        for (_, speaker) in self.lab.bgp.iter().filter(|(_, speaker)| announces(speaker)) {
            let peers = speaker.peers.ids().filter_map(|peer| BgpId::try_from(peer).ok());
            let peers = peers.map(|peer| &*self.lab.bgp[peer]);
            for peer in peers {
                let ends = [speaker, peer];
                let bfd = ends.iter().all(|end| end.bfd.as_ref().is_some_and(|bfd| bfd.value));
                let holds = ends.iter().filter_map(|end| end.hold.as_ref().map(|hold| seconds(hold.value)));
                let hold = if bfd { Some(BFD_SECONDS) } else { holds.reduce(f64::min) };
                shortest = hold.into_iter().chain(shortest).reduce(f64::max);
            }
        }
        shortest
    }

    /// The cluster that decides who holds an address. kube-vip and Cilium hold leases in the Kubernetes API, Talos elects in etcd; VRRP, CARP
    /// and MetalLB's memberlist decide among themselves, and BGP needs no decision.
    fn mover_of_vip(&self, id: VipId, protocol: VipProtocol) -> Option<ClusterId> {
        let is_moved = matches!(protocol, VipProtocol::KubeVip | VipProtocol::CiliumL2 | VipProtocol::Talos);
        let record = &self.lab.vips[id];
        let said = record.cluster.as_ref().and_then(|cluster| cluster.id);
        let of_members = || {
            let first = record.members.ids().next()?;
            self.lab.derived.machine(first)?.clusters.first().copied()
        };
        let cluster = said.or_else(of_members).filter(|_| is_moved)?;
        self.cluster_of.get(&cluster).copied()
    }
}

/// A length of time in seconds.
pub(super) fn seconds(period: lab_model::grammar::Period) -> f64 {
    period.milliseconds() as f64 / 1000.0
}
