//! A third vote for a cluster of two, where both must be there to decide: on a machine that is no member yet and stands on another device.
//!
//! The new member only votes (a QDevice of Proxmox VE, a third monitor of Ceph, a witness): what works now goes on working where it does.
//! Kubernetes clusters whose workers could vote are another kind's.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::{Edit, Value};
use crate::forecast::Forecast;
use lab_model::lab::ClusterId;
use lab_model::written::ClusterKind;
use lab_model::{Lab, ThingId};

/// Every cluster of two, with each machine that could vote.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = Vec::new();
    for (id, cluster) in lab.clusters.iter().filter(|(id, _)| lab.is_active(*id)) {
        let members: Vec<ThingId> = cluster.members.ids().collect();
        let kind = cluster.kind.as_ref().map(|kind| kind.value);
        let decides = matches!(kind, Some(ClusterKind::Proxmox | ClusterKind::Ceph | ClusterKind::Etcd));
        if decides && members.len() == 2 && cluster.quorum.is_none() {
            let outside = outside(lab, &members).into_iter();
            all.extend(outside.filter_map(|machine| with(lab, id, &members, machine)));
        }
    }
    all
}

/// Hosts in use that stand on devices on which no member is.
fn outside(lab: &Lab, members: &[ThingId]) -> Vec<ThingId> {
    let devices = |thing: &ThingId| lab.devices_under(*thing);
    let taken: Vec<_> = members.iter().flat_map(devices).collect();
    let hosts = lab.hosts.iter().map(|(id, _)| ThingId::from(id)).filter(|host| lab.is_active(*host));
    hosts
        .filter(|host| !devices(host).is_empty() && !devices(host).iter().any(|on| taken.contains(on)))
        .collect()
}

fn with(lab: &Lab, id: ClusterId, members: &[ThingId], machine: ThingId) -> Option<Candidate> {
    let cluster = &lab.clusters[id];
    let kind = cluster.kind.as_ref()?.value;
    let names: Vec<String> = members.iter().chain([&machine]).map(|thing| lab.subject(*thing)).collect();
    let workers: Vec<String> = lab.workers_of(id).into_iter().map(|thing| lab.subject(thing)).collect();
    let of_cluster = |key| ["clusters", &*cluster.name.text, key];
    let mut edit = Edit::default();
    let is_set = edit.set(lab, &of_cluster("members"), "is", Value::List(names))
        && (kind != ClusterKind::Proxmox
            || edit.set(lab, &of_cluster("workers"), "is", Value::List(workers))
                && edit.set(lab, &of_cluster("members-work"), "is", "false"));
    let (who, takes) = match kind {
        ClusterKind::Proxmox => ("a QDevice", "corosync-qnetd on it, and `pvecm qdevice setup`"),
        ClusterKind::Ceph => ("a third monitor", "a monitor set up on it"),
        _ => ("a third member", "a member set up on it, with a disk that is fast enough"),
    };
    is_set.then(|| Candidate {
        group: format!("vote {}", cluster.name),
        what: format!("{who} for {} on {}: either of two may then be gone", cluster.name, lab.name(machine)),
        takes: vec![takes.to_owned()],
        covers: Vec::new(),
        edit,
        cost: Cost::Free,
    })
}
