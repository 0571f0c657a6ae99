//! What a stand-in asks of Ceph, and over which networks: monitors for their quorum in the public network, machines of OSDs for whom they
//! hear in the one that carries copies.

use crate::places::{Places, Way};
use crate::stand_in;
use lab_model::grammar::Prefix;
use lab_model::lab::ClusterId as LabClusterId;
use lab_model::written::ClusterKind;
use lab_predict::works::{Ceph, ClusterId, Holder, Layout, MachineId};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

impl Places<'_> {
    fn ceph_record(&self, id: ClusterId) -> Option<&lab_model::written::Cluster> {
        let record = &self.lab.clusters[LabClusterId::try_from(self.works[id].thing).ok()?];
        let is_ceph = record.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Ceph);
        is_ceph.then_some(record)
    }

    /// The addresses by which one holder asks another of a cluster: a Ceph's monitors are in its public network only.
    pub fn between_for(&self, id: ClusterId, from: Holder, to: Holder) -> Vec<IpAddr> {
        let public = self.ceph_record(id).and_then(|record| record.network.as_ref());
        within(self.between(from, to), public.map(|said| said.value))
    }

    /// The addresses by which machines of OSDs hear each other.
    pub fn between_osds(&self, id: ClusterId, from: Holder, to: Holder) -> Vec<IpAddr> {
        let record = self.ceph_record(id);
        let carries =
            record.and_then(|record| record.replication_network.as_ref().or(record.network.as_ref()));
        within(self.between(from, to), carries.map(|said| said.value))
    }

    /// The machines that serve OSDs of a cluster, to any of its pools.
    pub fn osd_machines(&self, id: ClusterId) -> BTreeSet<MachineId> {
        let pools = self.works.pools.iter().filter_map(|pool| match &pool.layout {
            Layout::Ceph(ceph) if ceph.cluster == id => Some(ceph),
            _ => None,
        });
        pools.flat_map(|ceph| ceph.domains.iter().flatten()).filter_map(|osd| osd.machine).collect()
    }

    pub(crate) fn ceph_way(&self, ceph: &Ceph, from: Holder) -> Way {
        let ask = |machines: &mut dyn Iterator<Item = MachineId>| -> Vec<SocketAddr> {
            let at = machines.flat_map(|to| self.between_for(ceph.cluster, from, Holder::Machine(to)));
            at.map(|at| SocketAddr::new(at, stand_in::PORT)).collect()
        };
        let cluster = &self.works[ceph.cluster];
        let machines: BTreeSet<MachineId> =
            ceph.domains.iter().flatten().filter_map(|osd| osd.machine).collect();
        let label = |machine: MachineId| self.works[machine].label.clone();
        let domains = ceph.domains.iter().map(|domain| {
            let machines: BTreeSet<String> = domain.iter().filter_map(|osd| osd.machine).map(label).collect();
            machines.into_iter().collect()
        });
        Way {
            need: stand_in::Need::Ceph {
                cluster: cluster.label.clone(),
                monitors: ask(&mut cluster.members.iter().copied()),
                osds: ask(&mut machines.into_iter()),
                spare: ceph.copies.saturating_sub(ceph.min_copies),
                domains: domains.collect(),
            },
            listens: Vec::new(),
        }
    }
}

/// Addresses in a network. All, when none is in it: then it is not known how the network is reached.
fn within(all: Vec<IpAddr>, network: Option<Prefix>) -> Vec<IpAddr> {
    let is_in = |at: &IpAddr| network.is_some_and(|network| network.network().contains(at));
    let own: Vec<IpAddr> = all.iter().copied().filter(is_in).collect();
    if own.is_empty() { all } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::roles;
    use crate::stand_in::{Need, osds_of};
    use lab_predict::answers::Forecast;

    const LAB: &str = "
lab: { name: ceph }
prefixes: { 10.0.10.0/24: {}, 10.0.20.0/24: {} }
devices: { box-1..3: { role: server, interfaces: { eth0..1: 1000base-t }, drives: { d-1: {} } } }
hosts:
  node-1..3: { on: 'box-1..3', addresses: { eth0: 10.0.10.11..13/24, eth1: 10.0.20.11..13/24 } }
clusters: { ceph: { kind: ceph, members: node-1..3, osds: box-1..3/d-1, network: 10.0.10.0/24, replication-network: 10.0.20.0/24 } }
pools: { disks: { kind: ceph-replicated, cluster: ceph, size: 3, min-size: 2, failure-domain: host } }
datasets: { photos: { pool: disks } }
services: { photos: { on: node-1, needs: [dataset/photos] } }
";

    #[test]
    fn monitors_are_asked_in_public_and_osds_hear_each_other_where_copies_go() {
        let files = vec![lab_source::Input { name: "lab.yaml".to_owned(), bytes: LAB.into() }];
        let lab = lab_model::read(lab_model::Input { files, overlays: Vec::new(), types: &() }).lab;
        let forecast = Forecast::new(&lab, jiff::civil::date(2026, 6, 1), 2).unwrap();
        let policy = lab_reach::compile(&lab);
        let (works, given) = (&forecast.works, &|_| Vec::new());
        let places = Places {
            lab: &lab,
            works,
            given,
            outside: None,
            spare: Vec::new(),
            policy: &policy,
            programs: &crate::Programs::default(),
        };
        let roles = roles(&places, &|_| true, &|_| false);
        let first = roles.values().find(|duties| duties.machine == "node-1").unwrap();
        let at: Vec<SocketAddr> = [11, 12, 13].map(|n| ([10, 0, 10, n], stand_in::PORT).into()).to_vec();
        let domains = [1, 2, 3].map(|n| vec![format!("node-{n}")]).to_vec();
        let need = Need::Ceph { cluster: "ceph".into(), monitors: at.clone(), osds: at, spare: 1, domains };
        assert_eq!(first.instances[0].needs, [vec![need]]);
        let heard_at = |name: &str| {
            let cluster = first.clusters.iter().find(|cluster| cluster.name == name).unwrap();
            cluster.members.iter().map(|(_, at)| at.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(heard_at("ceph"), ["10.0.10.11", "10.0.10.12", "10.0.10.13"]);
        assert_eq!(heard_at(&osds_of("ceph")), ["10.0.20.11", "10.0.20.12", "10.0.20.13"]);
    }
}
