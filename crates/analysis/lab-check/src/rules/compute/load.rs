//! Memory that is asked of machines: by their own system, virtual machines, OSDs and services, as far as it is said.

use lab_model::Lab;
use lab_model::lab::{ClusterId, HostId, Kind, ServiceId, ThingId};

/// What is asked of one machine, with the name of who asks.
#[derive(Default)]
pub(crate) struct Load {
    /// Bytes by who asks, in the order of the text.
    pub(crate) parts: Vec<(String, u64)>,
}

impl Load {
    /// All of it.
    pub(crate) fn total(&self) -> u64 {
        self.parts.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }

    /// The largest parts first, as a note: `64 GiB storage, 8 GiB router-01`.
    pub(crate) fn shown(&self) -> String {
        let mut parts: Vec<&(String, u64)> = self.parts.iter().collect();
        parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        let shown: Vec<String> = parts
            .iter()
            .take(5)
            .map(|(name, bytes)| format!("{name} {}", crate::amount::memory(*bytes)))
            .collect();
        match parts.len().saturating_sub(5) {
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        }
    }
}

/// What is asked of every machine by what is bound to it. Services of clusters are bound to none.
pub(crate) fn of_machines(lab: &Lab) -> std::collections::BTreeMap<ThingId, Load> {
    let mut loads: std::collections::BTreeMap<ThingId, Load> = std::collections::BTreeMap::new();
    let mut add = |machine: ThingId, name: String, bytes: u64| {
        loads.entry(machine).or_default().parts.push((name, bytes));
    };
    for (id, host) in lab.hosts.iter().filter(|(id, _)| lab.is_active(*id)) {
        if let Some(own) = &host.own_memory {
            add(id.into(), "its own system".to_owned(), own.value.bytes());
        }
    }
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let on = vm.on.as_ref().and_then(|on| on.id).filter(|on| on.kind == Kind::Host);
        if let (Some(host), Some(memory)) = (on, &vm.memory) {
            add(host, lab.vms[id].name.to_string(), memory.value.bytes());
        }
    }
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let Some(memory) = &service.memory else { continue };
        for runner in service.on.ids().filter(|runner| matches!(runner.kind, Kind::Host | Kind::Vm)) {
            add(runner, lab.services[id].name.to_string(), memory.value.bytes());
        }
    }
    for (machine, name, bytes) in of_osds(lab) {
        add(machine, name, bytes);
    }
    loads
}

/// Memory of OSDs, by the host on the device that they are in.
fn of_osds(lab: &Lab) -> Vec<(ThingId, String, u64)> {
    let mut found = Vec::new();
    for (id, cluster) in lab.clusters.iter() {
        let Some(each) = &cluster.osd_memory else { continue };
        for drive in &lab.derived.cluster_drives(id).osds {
            let device = lab.derived.drive(*drive).device;
            let host = lab.derived.hosts_on(device).iter().find(|host| lab.is_active(**host));
            if let Some(host) = host {
                found.push(((*host).into(), format!("OSD {}", lab.drive_name(*drive)), each.value.bytes()));
            }
        }
    }
    found
}

/// What the services of a cluster ask for together: each replica once.
pub(crate) fn of_cluster(lab: &Lab, cluster: ClusterId) -> Load {
    let mut load = Load::default();
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let here = service.on.ids().any(|runner| runner == cluster.into());
        if let (true, Some(memory)) = (here, &service.memory) {
            let replicas = u64::from(replicas(lab, id));
            load.parts.push((service.name.to_string(), memory.value.bytes().saturating_mul(replicas)));
        }
    }
    load
}

fn replicas(lab: &Lab, service: ServiceId) -> u32 {
    lab.replicas_of(service)
}

/// The memory of a machine that is left for what runs on it; `None` when it is not known.
pub(crate) fn memory_of(lab: &Lab, machine: ThingId) -> Option<u64> {
    lab.derived.machine(machine)?.memory.map(|memory| memory.bytes())
}

/// Where the memory of a machine is written, or the machine.
pub(crate) fn memory_span(lab: &Lab, machine: ThingId) -> lab_source::Span {
    let span = match machine.kind {
        Kind::Host => {
            let device = lab.hosts[HostId(machine.index)].on.as_ref().and_then(|on| on.id);
            device.and_then(|device| lab.devices[device].memory.as_ref()).map(|memory| memory.span)
        }
        Kind::Vm => lab.vms[lab_model::lab::VmId(machine.index)].memory.as_ref().map(|memory| memory.span),
        _ => None,
    };
    span.unwrap_or(lab.name(machine).span)
}
