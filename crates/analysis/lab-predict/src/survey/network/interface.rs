//! Who has a foot in which network: interfaces of hosts, of devices without one, and of virtual machines.

use super::domain::{Carried, Net};
use crate::survey::Surveyor;
use crate::works::{Holder, MachineId};
use lab_model::derived::{Attachment, PortClass, PortId};
use lab_model::lab::{BridgeId, DeviceId, HostId, PrefixId, VmId};
use lab_model::written::{AddressUse, DeviceRole, HostAddress, PrefixKind};
use lab_model::{Kind, Lab, Named, ThingId};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// An interface of a machine or device that sends and receives.
#[derive(Clone, Debug)]
pub(super) struct Interface {
    /// Whose it is.
    pub(super) holder: Holder,
    /// The ports under it. Empty when the lab does not say.
    pub(super) ports: Vec<PortId>,
    /// Its networks; empty when the lab does not say.
    pub(super) nets: Vec<Carried>,
    /// True for a bridge, which forwards to virtual machines.
    pub(super) bridge: bool,
    /// What a person reads.
    pub(super) label: String,
}

/// A network card of a virtual machine.
#[derive(Clone, Debug)]
pub(super) struct VmNic {
    /// The machine.
    pub(super) machine: MachineId,
    /// The hosts it may be on.
    pub(super) hosts: Vec<MachineId>,
    /// Its networks; empty when the lab does not say.
    pub(super) nets: Vec<Net>,
    /// The bridge it is on.
    pub(super) bridge: Option<BridgeId>,
}

/// Where an address is.
enum Place {
    /// On a network that cables and switches carry.
    OnLink(Net),
    /// On none: a loopback, a tunnel, inside a cluster.
    Elsewhere,
    /// Nobody says.
    Unknown,
}

fn place_of(lab: &Lab, address: IpAddr) -> Place {
    let Some(prefix) = lab.derived.prefix_of(address) else { return Place::Unknown };
    let plan = &lab.prefixes[prefix];
    match plan.kind.as_ref().map(|kind| kind.value) {
        Some(PrefixKind::Container) => Place::Unknown,
        Some(
            PrefixKind::Pods
            | PrefixKind::Services
            | PrefixKind::LoadBalancers
            | PrefixKind::Tunnel
            | PrefixKind::Loopback,
        ) => Place::Elsewhere,
        _ => Place::OnLink(net_of_prefix(lab, prefix)),
    }
}

/// The network that a prefix is used in: its VLAN, that of the prefix around it, or itself.
pub(in crate::survey) fn net_of_prefix(lab: &Lab, prefix: PrefixId) -> Net {
    let mut at = Some(prefix);
    while let Some(here) = at {
        let facts = lab.derived.prefix(here);
        if let Some(vlan) = facts.vlan {
            return Net::Vlan(vlan);
        }
        let is_own = lab.prefixes[here].unnumbered_vlan.as_ref().is_some_and(|own| own.value);
        at = facts.parent.filter(|_| !is_own && lab.prefixes[here].kind.is_none());
    }
    Net::Prefix(prefix)
}

/// The network in which an address is used directly, if it is in one.
pub(in crate::survey) fn net_of_address(lab: &Lab, address: IpAddr) -> Option<Net> {
    match place_of(lab, address) {
        Place::OnLink(net) => Some(net),
        Place::Elsewhere | Place::Unknown => None,
    }
}

/// The networks of an interface: what it stands on says, else its addresses. None when it is on no network at all.
fn nets_of(lab: &Lab, attachment: Option<&Attachment>, addresses: &[HostAddress]) -> Option<Vec<Carried>> {
    let tagged = attachment.and_then(|attachment| attachment.tagged) == Some(true);
    if let Some(vlan) = attachment.and_then(|attachment| attachment.vlan) {
        return Some(vec![Carried { net: Net::Vlan(vlan), tagged }]);
    }
    let mut nets = Vec::new();
    let mut elsewhere = false;
    for address in addresses {
        let HostAddress::Fixed(fixed) = address else { continue };
        match place_of(lab, fixed.address) {
            Place::OnLink(net) => nets.push(Carried { net, tagged }),
            Place::Elsewhere => elsewhere = true,
            Place::Unknown => {}
        }
    }
    nets.sort_unstable();
    nets.dedup();
    (!elsewhere || !nets.is_empty()).then_some(nets)
}

fn values(used: &AddressUse) -> Vec<HostAddress> {
    used.address.iter().map(|address| address.value).collect()
}

impl Surveyor<'_> {
    /// Interfaces of hosts and of devices that do not forward.
    pub(super) fn interfaces(&self) -> Vec<Interface> {
        let mut all = Vec::new();
        for (&thing, &machine) in &self.machine_of {
            if let Ok(host) = HostId::try_from(thing) {
                all.extend(self.interfaces_of_host(host, machine));
            }
        }
        for &device in self.unit_of.keys() {
            if !self.is_forwarder(device) {
                all.extend(self.interfaces_of_device(device));
            }
        }
        all
    }

    fn interfaces_of_host(&self, id: HostId, machine: MachineId) -> Vec<Interface> {
        let host = &self.lab.hosts[id];
        let holder = Holder::Machine(machine);
        let mut found = self.addressed(id.into(), holder, &host.addresses);
        for (bridge, record) in self.lab.bridges.iter() {
            if record.on.as_ref().and_then(|on| on.id) == Some(ThingId::from(id)) {
                found.push(self.interface_of_bridge(bridge, holder));
            }
        }
        if let Some(device) = host.on.as_ref().and_then(|on| on.id) {
            self.fill_in_ports(device, holder, &mut found);
        }
        found
    }

    fn interfaces_of_device(&self, device: DeviceId) -> Vec<Interface> {
        let record = &self.lab.devices[device];
        let holder = Holder::Unit(self.unit_of[&device]);
        let mut found = self.addressed(device.into(), holder, &record.addresses);
        if self.active_hosts_on(device) == 0 {
            self.fill_in_ports(device, holder, &mut found);
        }
        found
    }

    /// How many hosts in use are on a device.
    pub(in crate::survey) fn active_hosts_on(&self, device: DeviceId) -> usize {
        self.lab.derived.hosts_on(device).iter().filter(|&&host| self.host(host).is_some()).count()
    }

    fn addressed(&self, owner: ThingId, holder: Holder, addresses: &Named<AddressUse>) -> Vec<Interface> {
        let mut found = Vec::new();
        for (name, used) in addresses.iter() {
            let attachment = self.lab.derived.attachment(owner, &name.text);
            let Some(nets) = nets_of(self.lab, attachment, &values(used)) else { continue };
            found.push(Interface {
                holder,
                ports: attachment.map_or_else(Vec::new, |attachment| attachment.ports.clone()),
                nets,
                bridge: attachment.is_some_and(|attachment| !attachment.bridges.is_empty()),
                label: format!("{name} of {}", self.lab.name(owner)),
            });
        }
        found
    }

    /// A bridge carries its VLANs, the networks of its own addresses, and those of the cards on it.
    fn interface_of_bridge(&self, id: BridgeId, holder: Holder) -> Interface {
        let lab = self.lab;
        let bridge = &lab.bridges[id];
        let on = bridge.on.as_ref().and_then(|on| on.id);
        let attachment = on.and_then(|on| lab.derived.attachment(on, &bridge.name.text));
        let addresses: Vec<HostAddress> = bridge.addresses.iter().map(|address| address.value).collect();
        let mut nets = nets_of(lab, attachment, &addresses).unwrap_or_default();
        let own = bridge.vlan.as_ref().and_then(|vlan| vlan.id).map(Net::Vlan);
        nets.extend(own.map(|net| Carried { net, tagged: false }));
        let tagged: Vec<_> = match bridge.tagged.all {
            true => lab.vlans.iter().map(|(vlan, _)| vlan).collect(),
            false => bridge.tagged.some.ids().collect(),
        };
        nets.extend(tagged.into_iter().map(|vlan| Carried { net: Net::Vlan(vlan), tagged: true }));
        for (vm, record) in lab.vms.iter() {
            for (name, nic) in record.nics.iter() {
                if nic.bridge.as_ref().and_then(|bridge| bridge.id) == Some(id) {
                    nets.extend(
                        self.nets_of_nic(vm, &name.text)
                            .into_iter()
                            .map(|net| Carried { net, tagged: false }),
                    );
                }
            }
        }
        let mut seen = BTreeSet::new();
        nets.retain(|carried| seen.insert(carried.net));
        Interface {
            holder,
            ports: attachment.map_or_else(Vec::new, |attachment| attachment.ports.clone()),
            nets,
            bridge: true,
            label: format!("bridge {}", bridge.name),
        }
    }

    /// Interfaces that stand on no known port are on the cabled ports of the device that nothing else uses; a machine of which no interface is
    /// written has one on each of those.
    fn fill_in_ports(&self, device: DeviceId, holder: Holder, found: &mut Vec<Interface>) {
        let free = self.free_ports(device, found);
        if found.is_empty() {
            found.extend(free.iter().map(|&port| Interface {
                holder,
                ports: vec![port],
                nets: Vec::new(),
                bridge: false,
                label: format!("{} of {}", self.lab.derived.port(port).name, self.lab.devices[device].name),
            }));
        }
        if found.iter().all(|interface| interface.ports.is_empty()) {
            found.iter_mut().for_each(|interface| interface.ports.clone_from(&free));
        }
        let known = found.iter().any(|interface| !interface.nets.is_empty() || !interface.ports.is_empty());
        found.retain(|interface| !known || !interface.nets.is_empty() || !interface.ports.is_empty());
    }

    fn free_ports(&self, device: DeviceId, found: &[Interface]) -> Vec<PortId> {
        let derived = &self.lab.derived;
        let record = &self.lab.devices[device];
        let out_of_band = record.out_of_band.as_ref().and_then(|kind| kind.interface.as_ref());
        let has_host = self.active_hosts_on(device) > 0;
        let is_free = |&port: &PortId| {
            let facts = derived.port(port);
            let is_addressed = has_host && record.addresses.get(&facts.name).is_some();
            let is_apart = out_of_band.is_some_and(|name| name.text == facts.name) && has_host;
            let is_for_management = has_host && facts.management || is_addressed || is_apart;
            facts.class == PortClass::Network
                && !is_for_management
                && derived.paths_from(port).iter().any(|path| self.carries_frames(path))
                && found.iter().all(|interface| !interface.ports.contains(&port))
        };
        derived.device(device).ports.iter().copied().filter(is_free).collect()
    }

    /// True for a device that passes frames from port to port: a switch, an access point, a modem, a router without a host.
    pub(in crate::survey) fn is_forwarder(&self, device: DeviceId) -> bool {
        let facts = self.lab.derived.device(device);
        match facts.role {
            Some(DeviceRole::Switch | DeviceRole::AccessPoint) => true,
            Some(DeviceRole::Router | DeviceRole::Modem) => self.active_hosts_on(device) == 0,
            None | Some(DeviceRole::Other) => {
                let is_cabled = |port: &&PortId| !self.lab.derived.links_of(**port).is_empty();
                self.active_hosts_on(device) == 0
                    && self.lab.devices[device].addresses.is_empty()
                    && facts.ports.iter().filter(is_cabled).count() > 1
            }
            _ => false,
        }
    }

    /// Network cards of virtual machines.
    pub(super) fn nics(&self) -> Vec<VmNic> {
        let mut all = Vec::new();
        for (&thing, &machine) in &self.machine_of {
            let Ok(id) = VmId::try_from(thing) else { continue };
            let hosts = self.hosts_of(id);
            let vm = &self.lab.vms[id];
            let names: BTreeSet<_> = vm
                .nics
                .iter()
                .map(|(name, _)| &name.text)
                .chain(vm.addresses.iter().map(|(name, _)| &name.text))
                .collect();
            for name in names {
                if !self.is_connected(id, name) {
                    continue;
                }
                let nic = vm.nics.get(name);
                let attached =
                    self.lab.derived.attachment(id, name).and_then(|attachment| attachment.bridges.first());
                let bridge = nic.and_then(|nic| nic.bridge.as_ref()).and_then(|bridge| bridge.id);
                let nets = self.nets_of_nic(id, name);
                all.push(VmNic { machine, hosts: hosts.clone(), nets, bridge: bridge.or(attached.copied()) });
            }
        }
        all
    }

    /// Hosts in use that a virtual machine may be on, the usual one first.
    pub(in crate::survey) fn hosts_of(&self, vm: VmId) -> Vec<MachineId> {
        let facts = self.lab.derived.machine(vm);
        facts.into_iter().flat_map(|facts| &facts.hosts).filter_map(|&host| self.host(host)).collect()
    }

    /// False for a card whose link is down. Among stand-ins that share a line, one card is down until it is needed.
    fn is_connected(&self, vm: VmId, name: &str) -> bool {
        let Some(nic) = self.lab.vms[vm].nics.get(name) else { return true };
        if nic.connected.as_ref().is_none_or(|connected| connected.value) {
            return true;
        }
        let shares = |group: &lab_model::written::HaGroup| {
            group.shared_line.is_some() && group.members.ids().any(|member| member == ThingId::from(vm))
        };
        self.lab.ha.iter().any(|(_, group)| shares(group))
    }

    fn nets_of_nic(&self, vm: VmId, name: &str) -> Vec<Net> {
        let lab = self.lab;
        let record = &lab.vms[vm];
        if let Some(vlan) = record.nics.get(name).and_then(|nic| nic.vlan.as_ref()).and_then(|vlan| vlan.id) {
            return vec![Net::Vlan(vlan)];
        }
        let addresses = record.addresses.get(name).map_or_else(Vec::new, values);
        let attachment = lab.derived.attachment(vm, name);
        let nets = nets_of(lab, attachment, &addresses).unwrap_or_default();
        nets.into_iter().map(|carried| carried.net).collect()
    }

    /// The device or machine of a circuit's end that no interface is written for.
    pub(super) fn holder_at(&self, device: DeviceId) -> Option<Holder> {
        debug_assert_eq!(ThingId::from(device).kind, Kind::Device);
        self.holder(device.into())
    }
}
