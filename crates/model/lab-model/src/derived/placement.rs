//! Machines: hosts and virtual machines with the device under them, what they have, and which of them services may
//! run on.

use super::Derived;
use crate::grammar::Bytes;
use crate::lab::{ClusterId, DeviceId, HostId, Kind, Lab, ServiceId, ThingId, VmId};
use crate::written::{Architecture, ClusterKind, Status, Workload};
use std::collections::BTreeSet;

/// A machine: a host or a virtual machine.
pub type Node = ThingId;

/// What a machine has and where it is.
#[derive(Clone, Debug, Default)]
pub struct MachineFacts {
    /// The devices it may be on: one for a host, several for a virtual machine that can move.
    pub devices: Vec<DeviceId>,
    /// The hosts under a virtual machine, the usual one first. Empty for a host.
    pub hosts: Vec<HostId>,
    /// Its memory.
    pub memory: Option<Bytes>,
    /// Its processors: threads of a host, virtual processors of a machine.
    pub cpus: Option<u32>,
    /// Its instruction set.
    pub architecture: Option<Architecture>,
    /// Whether it is in use.
    pub active: bool,
    /// The clusters it is a member or worker of.
    pub clusters: Vec<ClusterId>,
}

/// Fills machines.
pub(super) fn derive(lab: &Lab, derived: &mut Derived) {
    for (id, _) in lab.hosts.iter() {
        let facts = host_facts(lab, derived, id);
        for &device in &facts.devices {
            derived.hosts_on.entry(device).or_default().push(id);
        }
        derived.machines.insert(id.into(), facts);
    }
    for (id, _) in lab.vms.iter() {
        let facts = vm_facts(lab, derived, id);
        derived.machines.insert(id.into(), facts);
    }
    for (id, cluster) in lab.clusters.iter() {
        for member in cluster.members.ids().chain(cluster.workers.ids()) {
            if let Some(facts) = derived.machines.get_mut(&member)
                && !facts.clusters.contains(&id)
            {
                facts.clusters.push(id);
            }
        }
    }
}

/// True unless it is planned, spare, unused or offline.
fn is_active(status: Option<&lab_source::Spanned<Status>>) -> bool {
    status.is_none_or(|status| status.value == Status::Active)
}

fn host_facts(lab: &Lab, derived: &Derived, id: HostId) -> MachineFacts {
    let host = &lab.hosts[id];
    let mut facts = MachineFacts { active: is_active(host.status.as_ref()), ..MachineFacts::default() };
    let Some(device) = host.on.as_ref().and_then(|on| on.id) else { return facts };
    let record = &lab.devices[device];
    let ty = derived.device(device).ty.as_ref();
    let cpu = record.cpu.as_ref().or_else(|| ty.and_then(|ty| ty.cpu.as_ref()));
    facts.devices = vec![device];
    facts.memory =
        record.memory.as_ref().or_else(|| ty.and_then(|ty| ty.memory.as_ref())).map(|memory| memory.value);
    facts.cpus = cpu.and_then(|cpu| cpu.threads.as_ref().or(cpu.cores.as_ref())).map(|count| count.value);
    let of_type = ty.and_then(|ty| ty.architecture.as_ref());
    facts.architecture =
        cpu.and_then(|cpu| cpu.architecture.as_ref()).or(of_type).map(|architecture| architecture.value);
    // What the format promises of a processor that says nothing.
    facts.architecture = facts.architecture.or(record.cpu.as_ref().map(|_| Architecture::X86_64));
    facts
}

fn vm_facts(lab: &Lab, derived: &Derived, id: VmId) -> MachineFacts {
    let vm = &lab.vms[id];
    let mut hosts: Vec<HostId> = Vec::new();
    match vm.on.as_ref().and_then(|on| on.id) {
        Some(ThingId { kind: Kind::Host, index }) => hosts.push(HostId(index)),
        Some(ThingId { kind: Kind::Cluster, index }) => hosts.extend(cluster_hosts(lab, ClusterId(index))),
        _ => {}
    }
    hosts.extend(vm.may_run_on.ids());
    let mut seen = BTreeSet::new();
    hosts.retain(|host| seen.insert(*host));
    let of_host = |host: &HostId| derived.machines.get(&ThingId::from(*host));
    MachineFacts {
        devices: hosts.iter().filter_map(of_host).flat_map(|facts| facts.devices.clone()).collect(),
        memory: vm.memory.as_ref().map(|memory| memory.value),
        cpus: vm.cpus.as_ref().map(|cpus| cpus.value),
        architecture: vm
            .architecture
            .as_ref()
            .map(|architecture| architecture.value)
            .or_else(|| hosts.first().and_then(of_host).and_then(|facts| facts.architecture)),
        active: is_active(vm.status.as_ref()),
        clusters: Vec::new(),
        hosts,
    }
}

fn cluster_hosts(lab: &Lab, cluster: ClusterId) -> Vec<HostId> {
    let record = &lab.clusters[cluster];
    record
        .members
        .ids()
        .chain(record.workers.ids())
        .filter_map(|machine| HostId::try_from(machine).ok())
        .collect()
}

impl Derived {
    /// The hosts that run on a device, in the order of the text.
    pub fn hosts_on(&self, device: DeviceId) -> &[HostId] {
        self.hosts_on.get(&device).map_or(&[], Vec::as_slice)
    }

    /// What a machine has. `None` for a thing that is not a machine.
    pub fn machine(&self, machine: impl Into<ThingId>) -> Option<&MachineFacts> {
        self.machines.get(&machine.into())
    }
}

impl Lab {
    /// The machines of a cluster that run workloads, in the order of the text.
    pub fn workers_of(&self, cluster: ClusterId) -> Vec<ThingId> {
        let record = &self.clusters[cluster];
        let members_work = record.members_work.as_ref().is_none_or(|works| works.value);
        let votes_only = matches!(record.kind.as_ref().map(|kind| kind.value), Some(ClusterKind::Etcd));
        let members = record.members.ids().filter(|_| members_work && !votes_only);
        let mut seen = BTreeSet::new();
        members.chain(record.workers.ids()).filter(|machine| seen.insert(*machine)).collect()
    }

    /// Where a service may run: machines, and devices for services without one. In the order of the text.
    pub fn places_of(&self, service: ServiceId) -> Vec<ThingId> {
        let record = &self.services[service];
        let mut places = Vec::new();
        for runner in record.on.ids() {
            match runner.kind {
                Kind::Cluster => places.extend(self.workers_of(ClusterId(runner.index))),
                _ => places.push(runner),
            }
        }
        let only: Vec<ThingId> = record.only_on.ids().map(ThingId::from).collect();
        let mut seen = BTreeSet::new();
        places.retain(|place| (only.is_empty() || only.contains(place)) && seen.insert(*place));
        places
    }

    /// How many of a service run at once: one everywhere for a daemon set, else what is said, else one for each machine named, else 1.
    pub fn replicas_of(&self, service: ServiceId) -> u32 {
        let record = &self.services[service];
        if record.workload.as_ref().is_some_and(|workload| workload.value == Workload::DaemonSet) {
            return u32::try_from(self.places_of(service).len()).unwrap_or(u32::MAX).max(1);
        }
        let named = record.on.ids().filter(|runner| runner.kind != Kind::Cluster).count();
        let by_places = u32::try_from(named).unwrap_or(u32::MAX).max(1);
        record.replicas.as_ref().map_or(by_places, |replicas| replicas.value)
    }
}
