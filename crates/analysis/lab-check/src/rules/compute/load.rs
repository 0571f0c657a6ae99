//! Memory that is asked of machines: by their own system, virtual machines, OSDs and services, as far as it is said.

use lab_model::Lab;
use lab_model::grammar::Bytes;
use lab_model::lab::{ClusterId, HostId, Kind, ServiceId, ThingId};
use lab_source::{Diagnostic, Span, Spanned};

/// What is asked of one machine, with the name of who asks.
#[derive(Default)]
pub(crate) struct Load {
    /// Who asks, in the order of the text.
    pub(crate) parts: Vec<Part>,
}

/// What one thing asks for.
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// The bytes.
    pub(crate) bytes: u64,
    /// Where they are written.
    pub(crate) span: Span,
}

impl Load {
    /// All of it.
    pub(crate) fn total(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.bytes))
    }

    /// The parts, the largest first.
    fn largest_first(&self) -> Vec<&Part> {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
        parts
    }

    /// Points a finding to the two parts that ask for most.
    pub(crate) fn point(&self, mut finding: Diagnostic) -> Diagnostic {
        for part in self.largest_first().into_iter().take(2) {
            let label = format!("{} asks for {}", part.name, crate::amount::memory(part.bytes));
            finding = finding.and(part.span, label);
        }
        finding
    }

    /// The largest parts first, as a note: `64 GiB storage, 8 GiB router-01`.
    pub(crate) fn shown(&self) -> String {
        let parts = self.largest_first();
        let shown: Vec<String> = parts
            .iter()
            .take(5)
            .map(|part| format!("{} {}", part.name, crate::amount::memory(part.bytes)))
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
    let mut add = |machine: ThingId, name: String, asked: &Spanned<Bytes>| {
        let part = Part { name, bytes: asked.value.bytes(), span: asked.span };
        loads.entry(machine).or_default().parts.push(part);
    };
    for (id, host) in lab.hosts.iter().filter(|(id, _)| lab.is_active(*id)) {
        if let Some(own) = &host.own_memory {
            add(id.into(), "its own system".to_owned(), own);
        }
    }
    for (id, vm) in lab.vms.iter().filter(|(id, _)| lab.is_active(*id)) {
        let on = vm.on.as_ref().and_then(|on| on.id).filter(|on| on.kind == Kind::Host);
        if let (Some(host), Some(memory)) = (on, &vm.memory) {
            add(host, lab.vms[id].name.to_string(), memory);
        }
    }
    for (id, service) in lab.services.iter().filter(|(id, _)| lab.is_active(*id)) {
        let Some(memory) = &service.memory else { continue };
        for runner in service.on.ids().filter(|runner| matches!(runner.kind, Kind::Host | Kind::Vm)) {
            add(runner, lab.services[id].name.to_string(), memory);
        }
    }
    for (machine, name, asked) in of_osds(lab) {
        add(machine, name, asked);
    }
    loads
}

/// Memory of OSDs, by the host on the device that they are in.
fn of_osds(lab: &Lab) -> Vec<(ThingId, String, &Spanned<Bytes>)> {
    let mut found = Vec::new();
    for (id, cluster) in lab.clusters.iter() {
        let Some(each) = &cluster.osd_memory else { continue };
        for drive in &lab.derived.cluster_drives(id).osds {
            let device = lab.derived.drive(*drive).device;
            let host = lab.derived.hosts_on(device).iter().find(|host| lab.is_active(**host));
            if let Some(host) = host {
                found.push(((*host).into(), format!("OSD {}", lab.drive_name(*drive)), each));
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
            load.parts.push(Part {
                name: service.name.to_string(),
                bytes: memory.value.bytes().saturating_mul(replicas),
                span: memory.span,
            });
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
