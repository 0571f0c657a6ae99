//! Who is a node: operating systems on devices, virtual machines, and devices with a cable or an address that have neither.

use super::Build;
use crate::wired::{Node, NodeKind};
use lab_model::ThingId;
use lab_model::lab::{DeviceId, Kind, VmId};
use lab_model::written::{DeviceRole, Status};
use std::collections::BTreeSet;

impl Build<'_> {
    pub(super) fn add_nodes(&mut self) {
        let lab = self.lab;
        for (id, host) in lab.hosts.iter() {
            let status = host.status.as_ref().map(|status| status.value);
            if !self.is_in_use(&host.name.text, status) {
                continue;
            }
            let kind = if lab_reach::is_router(lab, id.into()) { NodeKind::Router } else { NodeKind::Host };
            let node = self.add_node(&host.name.text, kind, &[id.into()]);
            if let Some(device) = host.on.as_ref().and_then(|on| on.id)
                && !self.node_of.contains_key(&device.into())
            {
                self.node_of.insert(device.into(), node);
                self.plan.nodes[node].things.push(lab.subject(device));
            }
        }
        let wired = self.wired_devices();
        for (id, device) in lab.devices.iter() {
            let status = device.status.as_ref().map(|status| status.value);
            let has_place = wired.contains(&id) || !device.addresses.is_empty();
            if self.node_of.contains_key(&id.into()) || !has_place || !self.is_device_in_use(status) {
                continue;
            }
            let role = lab.derived.device(id).role;
            let kind = match role {
                Some(DeviceRole::Switch | DeviceRole::AccessPoint) => NodeKind::Switch,
                Some(DeviceRole::PatchPanel) => continue,
                _ if lab_reach::is_router(lab, id.into()) => NodeKind::Router,
                _ => NodeKind::Device,
            };
            // The ports of a router without a host are those of a switch in it, but for those with an address or a line.
            if matches!(kind, NodeKind::Switch | NodeKind::Router) || role == Some(DeviceRole::Modem) {
                self.forwarders.insert(id);
            }
            let name = self.free_name(&device.name.text);
            self.add_node(&name, kind, &[id.into()]);
        }
        for (id, vm) in lab.vms.iter() {
            let status = vm.status.as_ref().map(|status| status.value);
            if !self.is_in_use(&vm.name.text, status) {
                continue;
            }
            let kind = if lab_reach::is_router(lab, id.into()) { NodeKind::Router } else { NodeKind::Vm };
            let name = self.free_name(&vm.name.text);
            let inside = self.host_of(id);
            let node = self.add_node(&name, kind, &[id.into()]);
            self.plan.nodes[node].inside = inside;
        }
    }

    /// Adds a node for things of the lab.
    pub(super) fn add_node(&mut self, name: &str, kind: NodeKind, things: &[ThingId]) -> usize {
        let node = self.plan.nodes.len();
        let mut made = Node::new(name, kind);
        made.forwards = matches!(kind, NodeKind::Router);
        made.things = things.iter().map(|thing| self.lab.subject(*thing)).collect();
        self.node_of.extend(things.iter().map(|thing| (*thing, node)));
        self.plan.nodes.push(made);
        self.names.push(BTreeSet::new());
        node
    }

    /// `wanted`, or something like it when a node has it already.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        let is_taken = |name: &str| self.plan.nodes.iter().any(|node| node.name == name);
        let plain: String = wanted.chars().map(|c| if c == '/' { '-' } else { c }).collect();
        let numbered = (2..).map(|n| format!("{plain}~{n}"));
        std::iter::once(plain.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(plain)
    }

    fn is_in_use(&mut self, name: &str, status: Option<Status>) -> bool {
        let is_active = status.is_none_or(|status| status == Status::Active);
        if !is_active {
            self.left_out.push((name.to_owned(), "it is not in use".into()));
        }
        is_active
    }

    fn is_device_in_use(&self, status: Option<Status>) -> bool {
        status.is_none_or(|status| status == Status::Active)
    }

    fn wired_devices(&self) -> BTreeSet<DeviceId> {
        let derived = &self.lab.derived;
        let ways = self.ways().into_iter().flat_map(|way| [way.one, way.other]);
        let lines = self.lab.circuits.iter().filter_map(|(_, circuit)| {
            self.lab.devices.find(&circuit.ends_at.as_ref()?.value.device.to_string())
        });
        ways.map(|port| derived.port(port).device).chain(lines).collect()
    }

    /// The node that a virtual machine runs on: its host, or the first host of its cluster that is here.
    fn host_of(&self, vm: VmId) -> Option<usize> {
        let on = self.lab.vms[vm].on.as_ref()?.id?;
        let candidates: Vec<ThingId> = match on.kind {
            Kind::Cluster => self.lab.workers_of(lab_model::lab::ClusterId(on.index)),
            _ => vec![on],
        };
        candidates.iter().find_map(|thing| self.node_of.get(thing).copied())
    }
}
