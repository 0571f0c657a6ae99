//! Instances that may share a host and need not: replicas of a service spread over hosts, and virtual machines that do the same job on
//! different hosts.
//!
//! A virtual machine is moved only when all that it is given is its host's to give: no card or drive is handed through to it. Whether it
//! then still fits is tried like everything else.

use super::super::candidate::{Candidate, Cost};
use super::super::edit::Edit;
use crate::forecast::Forecast;
use lab_model::lab::{HostId, VmId};
use lab_model::written::Spread;
use lab_model::{Kind, Lab, ThingId};
use std::collections::BTreeSet;

/// Every service whose replicas may share a host, and every virtual machine beside one that does the same.
pub(super) fn candidates(forecast: &Forecast<'_>) -> Vec<Candidate> {
    let lab = forecast.lab;
    let mut all = replicas(lab);
    let alike = teams(lab);
    let hosts: Vec<HostId> =
        lab.hosts.iter().map(|(id, _)| id).filter(|id| is_hypervisor(lab, *id)).collect();
    let mut seen = BTreeSet::new();
    for team in alike {
        for (at, &vm) in team.iter().enumerate().skip(1) {
            let Some(host) = host_of(lab, vm) else { continue };
            let Some(&other) = team[..at].iter().find(|other| host_of(lab, **other) == Some(host)) else {
                continue;
            };
            let free =
                hosts.iter().copied().filter(|id| !team.iter().any(|vm| host_of(lab, *vm) == Some(*id)));
            all.extend(free.filter(|to| seen.insert((vm, *to))).filter_map(|to| moved(lab, vm, other, to)));
        }
    }
    all
}

fn replicas(lab: &Lab) -> Vec<Candidate> {
    let mut all = Vec::new();
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let is_loose = service.spread.as_ref().is_some_and(|spread| spread.value == Spread::Anywhere);
        let n = lab.replicas_of(id);
        if !is_loose || n < 2 || lab.places_of(id).len() < n as usize {
            continue;
        }
        let mut edit = Edit::default();
        if !edit.set(lab, &["services", &service.name.text, "spread"], "is", "host") {
            continue;
        }
        all.push(Candidate {
            group: format!("spread {}", service.name),
            what: format!("keep the {n} instances of {} on different hosts", service.name),
            takes: vec!["a rule against sharing a host (anti-affinity) that is strict".to_owned()],
            covers: Vec::new(),
            edit,
            cost: Cost::Free,
        });
    }
    all
}

/// Virtual machines of which one stands in for another: holders of one address, members of one cluster, places of one service.
fn teams(lab: &Lab) -> Vec<Vec<VmId>> {
    let vms = |things: Vec<ThingId>| -> Vec<VmId> {
        things
            .into_iter()
            .filter(|thing| lab.is_active(*thing))
            .filter_map(|id| VmId::try_from(id).ok())
            .collect()
    };
    let holders = lab.vips.iter().map(|(_, vip)| vms(vip.members.ids().collect()));
    let members = lab.clusters.iter().map(|(_, cluster)| vms(cluster.members.ids().collect()));
    let places = lab.services.iter().map(|(_, service)| vms(service.on.ids().collect()));
    holders.chain(members).chain(places).filter(|team| team.len() > 1).collect()
}

/// The one host that a virtual machine is on, when it can be on no other.
fn host_of(lab: &Lab, vm: VmId) -> Option<HostId> {
    let record = &lab.vms[vm];
    let on = record.on.as_ref()?.id?;
    (on.kind == Kind::Host && record.may_run_on.is_empty()).then_some(HostId(on.index))
}

/// True for hosts that run virtual machines already.
fn is_hypervisor(lab: &Lab, host: HostId) -> bool {
    lab.is_active(host) && lab.vms.iter().any(|(id, _)| lab.is_active(id) && host_of(lab, id) == Some(host))
}

fn moved(lab: &Lab, vm: VmId, other: VmId, to: HostId) -> Option<Candidate> {
    let record = &lab.vms[vm];
    if !record.passthrough.is_empty() {
        return None;
    }
    let [name, host] = [&record.name, &lab.hosts[to].name];
    let mut edit = Edit::default();
    let is_set = edit.set(lab, &["vms", &name.text, "on"], "is", lab.subject(to));
    is_set.then(|| Candidate {
        group: format!("spread {name}"),
        what: format!("move {name} to {host}, away from {}", lab.vms[other].name),
        takes: vec![format!("its disks moved to {host}")],
        covers: Vec::new(),
        edit,
        cost: Cost::Free,
    })
}
