//! Machines: hosts and virtual machines, where they run, what their systems are on, and what they need to start.

use super::Surveyor;
use crate::works::{ClusterId, Machine, MachineId, MachineKind, NeedOf, PartId, PartKind};
use lab_model::derived::{DriveRole, PassedThrough};
use lab_model::grammar::Bytes;
use lab_model::lab::{DeviceId, HostId, VmId};
use lab_model::written::{BootFrom, ClusterKind};
use lab_model::{Kind, ThingId};
use lab_source::Spanned;

impl Surveyor<'_> {
    /// Adds a row for each host and virtual machine in use.
    pub(super) fn add_machines(&mut self) {
        for thing in self.machine_of.keys().copied().collect::<Vec<_>>() {
            let row = match VmId::try_from(thing) {
                Ok(vm) => self.vm(vm),
                Err(()) => self.host_row(HostId(thing.index)),
            };
            self.works.machines(row);
        }
    }

    /// Fills in where machines are in the network, once that is laid out.
    pub(super) fn add_vertices_to_machines(&mut self) {
        for machine in &mut self.works.machines {
            machine.vertices.clear();
        }
        for (&(holder, _), &vertex) in &self.network.vertex_of {
            if let crate::works::Holder::Machine(machine) = holder {
                self.works.machines[machine.index()].vertices.push(vertex);
            }
        }
    }

    fn host_row(&mut self, id: HostId) -> Machine {
        let lab = self.lab;
        let host = &lab.hosts[id];
        let device = host.on.as_ref().and_then(|on| on.id);
        if device.is_none() {
            let what = format!("{} always has a device: which one is not written down", host.name);
            self.assume(what, Some(host.name.span));
        }
        let system_pool = host.system_pool.as_ref().and_then(|pool| pool.id);
        let system_pool = system_pool.and_then(|pool| self.pool_of.get(&pool).copied());
        let drives = if system_pool.is_some() { Vec::new() } else { self.system_drives(id, device) };
        let facts = lab.derived.machine(id);
        Machine {
            fails: vec![self.system(id)],
            kind: MachineKind::Host { unit: device.and_then(|device| self.unit_of.get(&device).copied()) },
            system_drives: drives,
            system_pool,
            needs_to_start: self.needs_to_start_host(id),
            memory: facts.and_then(|facts| facts.memory).map(Bytes::bytes),
            own_memory: host.own_memory.as_ref().map_or(0, |memory| memory.value.bytes()),
            labels: host.labels.iter().map(|label| label.text.to_string()).collect(),
            architecture: facts.and_then(|facts| facts.architecture).map(|of| of.to_string()),
            shuts_down_on_battery: is_true(host.shuts_down_on_battery.as_ref()),
            ..self.blank(id.into())
        }
    }

    /// A machine of which nothing is known but its name.
    pub(super) fn blank(&self, thing: ThingId) -> Machine {
        let name = self.lab.name(thing);
        Machine {
            thing,
            label: name.text.to_string(),
            fails: Vec::new(),
            kind: MachineKind::Host { unit: None },
            system_drives: Vec::new(),
            system_pool: None,
            disks: Vec::new(),
            disk_pools: Vec::new(),
            needs: Vec::new(),
            needs_to_start: Vec::new(),
            vertices: Vec::new(),
            memory: None,
            own_memory: 0,
            labels: Vec::new(),
            architecture: None,
            shuts_down_on_battery: false,
            strands: Vec::new(),
            span: Some(name.span),
        }
    }

    fn system_drives(&self, id: HostId, device: Option<DeviceId>) -> Vec<crate::works::DriveId> {
        let lab = self.lab;
        let Some(device) = device else { return Vec::new() };
        let said =
            lab.hosts[id].system_drive.as_ref().map(|name| name.text.rsplit('/').next().unwrap_or_default());
        let own = |drive: &&lab_model::derived::DriveId| match said {
            Some(bay) => &*lab.derived.drive(**drive).bay == bay,
            None => lab.derived.owners_of(**drive).any(|owner| owner.role == DriveRole::System),
        };
        let drives = lab.derived.device(device).drives.iter().filter(own);
        drives.filter_map(|drive| self.drive_of.get(drive).copied()).collect()
    }

    fn needs_to_start_host(&mut self, id: HostId) -> Vec<NeedOf> {
        let host = &self.lab.hosts[id];
        let mut needs = self.needs(host.needs.items.iter(), id.into());
        if host.boots_from.as_ref().is_some_and(|from| from.value == BootFrom::Network) {
            let server = host.boot_server.as_ref().and_then(|server| Some((server.id?, server.span)));
            match server.and_then(|(server, span)| Some((self.holder(server)?, span))) {
                Some((holder, span)) => needs.push(NeedOf {
                    need: crate::works::Need::Holder(holder),
                    because: Some("it boots from the network"),
                    span: Some(span),
                }),
                None => needs.extend(self.role_need("netboot", Some("it boots from the network"), None)),
            }
        }
        needs.extend(self.name_servers_need(id.into(), &host.dns, "it looks up names while it starts"));
        needs
    }

    fn vm(&mut self, id: VmId) -> Machine {
        let lab = self.lab;
        let vm = &lab.vms[id];
        let hosts = self.hosts_of(id);
        if hosts.is_empty() {
            let what = format!("{} always has a host: which one is not written down", vm.name);
            self.assume(what, Some(vm.name.span));
        }
        let on_cluster = vm.on.as_ref().and_then(|on| on.id).is_some_and(|on| on.kind == Kind::Cluster);
        let disks = vm.disks.iter().filter_map(|(_, disk)| disk.dataset.as_ref()?.id);
        let disks = disks.filter_map(|dataset| self.data_of.get(&ThingId::from(dataset)).copied()).collect();
        let pools = vm.disks.iter().filter(|(_, disk)| disk.dataset.is_none());
        let pools = pools.filter_map(|(_, disk)| disk.on.as_ref()?.id);
        let disk_pools = pools.filter_map(|pool| self.pool_of.get(&pool).copied()).collect();
        let mut needs_to_start = self.needs(vm.needs.items.iter(), id.into());
        needs_to_start.extend(self.name_servers_need(
            id.into(),
            &vm.dns,
            "it looks up names while it starts",
        ));
        let facts = lab.derived.machine(id);
        Machine {
            fails: vec![self.whole(id, PartKind::Vm)],
            kind: MachineKind::Vm {
                moved_by: self.mover_of_vm(id, &hosts),
                anywhere: on_cluster && hosts.len() > 1,
                passed_through: self.passed_through(id, &hosts),
                hosts,
            },
            disks,
            disk_pools,
            needs_to_start,
            memory: facts.and_then(|facts| facts.memory).map(Bytes::bytes),
            labels: vm.labels.iter().map(|label| label.text.to_string()).collect(),
            architecture: facts.and_then(|facts| facts.architecture).map(|of| of.to_string()),
            ..self.blank(id.into())
        }
    }

    /// The Proxmox cluster of its hosts, when it starts machines elsewhere.
    fn mover_of_vm(&self, id: VmId, hosts: &[MachineId]) -> Option<ClusterId> {
        let vm = &self.lab.vms[id];
        let first = self.lab.derived.machine(id)?.hosts.first().copied()?;
        let clusters = &self.lab.derived.machine(first)?.clusters;
        let moves = |cluster: &&lab_model::lab::ClusterId| {
            let record = &self.lab.clusters[**cluster];
            let by_cluster = is_true(record.restarts_elsewhere.as_ref());
            let said = vm.restarts_elsewhere.as_ref().map_or(by_cluster, |said| said.value);
            record.kind.as_ref().is_some_and(|kind| kind.value == ClusterKind::Proxmox) && said
        };
        let cluster = clusters.iter().find(moves).filter(|_| hosts.len() > 1)?;
        self.cluster_of.get(cluster).copied()
    }

    fn passed_through(&mut self, id: VmId, hosts: &[MachineId]) -> Vec<(MachineId, Vec<PartId>)> {
        let lab = self.lab;
        let given: Vec<&PassedThrough> =
            lab.derived.passed_through.iter().filter(|given| given.vm == id).collect();
        let mut found: Vec<(MachineId, Vec<PartId>)> = Vec::new();
        for given in given {
            let parts = self.parts_given(given);
            for &host in hosts {
                let on = lab.derived.hosts_on(given.device).iter().any(|&on| self.host(on) == Some(host));
                if !on {
                    continue;
                }
                match found.iter_mut().find(|(of, _)| *of == host) {
                    Some((_, of)) => of.extend_from_slice(&parts),
                    None => found.push((host, parts.clone())),
                }
            }
        }
        found
    }

    /// A drive handed through holds data, and a pool of the machine says what its loss means; only cards stop the machine.
    fn parts_given(&mut self, given: &PassedThrough) -> Vec<PartId> {
        given.card.map(|card| self.card(card)).into_iter().collect()
    }
}

/// Yes, when said so.
pub(super) fn is_true(said: Option<&Spanned<bool>>) -> bool {
    said.is_some_and(|said| said.value)
}
