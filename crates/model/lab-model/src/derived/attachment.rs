//! What an interface of a machine stands on: the ports of its device, through tags, aggregates and bridges.
//!
//! Names that stand on nothing known are left without ports; whether that is a mistake is for `lab-check`.

use super::Derived;
use super::inventory::PortId;
use crate::lab::{BridgeId, DeviceId, HostId, Kind, Lab, LagId, ThingId, VlanIdOf, VmId};
use crate::record::Text;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What an interface stands on.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// The ports under it: several under an aggregate or a bridge, none when they are not known.
    pub ports: Vec<PortId>,
    /// The aggregate under it.
    pub lag: Option<LagId>,
    /// Bridges under it, the nearest first.
    pub bridges: Vec<BridgeId>,
    /// The VLAN it is in, when it says so itself: by the tag it adds, its untagged VLAN, the VLAN of a virtual card or
    /// of a bridge.
    pub vlan: Option<VlanIdOf>,
    /// Whether its frames leave the ports with the tag of that VLAN; `None` when both are possible.
    pub tagged: Option<bool>,
}

/// Deeper chains of sub-interfaces and bridges are taken for a loop.
const DEPTH_MAX: u8 = 8;

/// Looks up interfaces by the names that machines have for them.
struct Finder<'a> {
    lab: &'a Lab,
    derived: &'a Derived,
    by_os_name: HashMap<(DeviceId, Arc<str>), PortId>,
    lags: HashMap<(DeviceId, Arc<str>), LagId>,
    bridges: HashMap<(ThingId, Arc<str>), BridgeId>,
    vlans: BTreeMap<u16, VlanIdOf>,
}

/// Fills attachments of all interfaces that have an address or are described.
pub(super) fn derive(lab: &Lab, derived: &mut Derived) {
    let finder = Finder::new(lab, derived);
    let mut found: BTreeMap<ThingId, BTreeMap<Arc<str>, Attachment>> = BTreeMap::new();
    let mut add = |owner: ThingId, interface: &Arc<str>| {
        if let Some(attachment) = finder.find(owner, interface, 0) {
            found.entry(owner).or_default().insert(interface.clone(), attachment);
        }
    };
    for (id, host) in lab.hosts.iter() {
        host.addresses.iter().for_each(|(name, _)| add(id.into(), &name.text));
        host.interfaces.iter().for_each(|(name, _)| add(id.into(), &name.text));
    }
    for (id, vm) in lab.vms.iter() {
        vm.addresses.iter().for_each(|(name, _)| add(id.into(), &name.text));
        vm.nics.iter().for_each(|(name, _)| add(id.into(), &name.text));
    }
    for (id, device) in lab.devices.iter() {
        device.addresses.iter().for_each(|(name, _)| add(id.into(), &name.text));
    }
    for (_, bridge) in lab.bridges.iter() {
        if let Some(on) = bridge.on.as_ref().and_then(|on| on.id) {
            add(on, &bridge.name.text);
        }
    }
    derived.attachments = found;
}

impl<'a> Finder<'a> {
    fn new(lab: &'a Lab, derived: &'a Derived) -> Self {
        let mut finder = Self {
            lab,
            derived,
            by_os_name: HashMap::new(),
            lags: HashMap::new(),
            bridges: HashMap::new(),
            vlans: BTreeMap::new(),
        };
        for (index, port) in (0u32..).zip(&derived.ports) {
            if let Some(name) = &port.os_name {
                finder.by_os_name.entry((port.device, name.clone())).or_insert(PortId(index));
            }
        }
        for (id, lag) in lab.lags.iter() {
            for side in [&derived.lag(id).near, &derived.lag(id).far] {
                for &device in &side.devices {
                    for name in side.name.iter().chain([&lag.name.text]) {
                        finder.lags.entry((device, name.clone())).or_insert(id);
                    }
                }
            }
        }
        for (id, bridge) in lab.bridges.iter() {
            let Some(on) = bridge.on.as_ref().and_then(|on| on.id) else { continue };
            let called = bridge.name_in_host();
            for name in [called, &bridge.name.text] {
                finder.bridges.entry((on, name.clone())).or_insert(id);
            }
        }
        for (id, vlan) in lab.vlans.iter() {
            if let Some(number) = &vlan.id {
                finder.vlans.entry(number.value.get()).or_insert(id);
            }
        }
        finder
    }

    fn find(&self, owner: ThingId, interface: &Arc<str>, depth: u8) -> Option<Attachment> {
        if depth > DEPTH_MAX {
            return None;
        }
        match owner.kind {
            Kind::Host => self.of_host(HostId(owner.index), interface, depth),
            Kind::Vm => self.of_vm(VmId(owner.index), interface, depth),
            Kind::Device => self.by_name(owner, Some(DeviceId(owner.index)), interface, depth),
            _ => None,
        }
    }

    fn of_host(&self, id: HostId, interface: &Arc<str>, depth: u8) -> Option<Attachment> {
        let host = &self.lab.hosts[id];
        let device = host.on.as_ref().and_then(|on| on.id);
        let Some(said) = host.interfaces.get(interface) else {
            return self.by_name(id.into(), device, interface, depth);
        };
        let other = |text: &Option<Text>| {
            text.as_ref().map(|text| &text.text).filter(|text| *text != interface).cloned()
        };
        let found = if let Some(over) = other(&said.over) {
            self.find(id.into(), &over, depth + 1)
        } else if let Some(lag) = said.lag.as_ref().and_then(|lag| lag.id) {
            device.map(|device| self.of_lag(lag, device))
        } else if let Some(port) = other(&said.port) {
            self.by_name(id.into(), device, &port, depth + 1)
        } else {
            self.by_name(id.into(), device, interface, depth)
        };
        let mut found = found.unwrap_or_default();
        if let Some(vlan) = said.vlan.as_ref().and_then(|vlan| vlan.id) {
            (found.vlan, found.tagged) = (Some(vlan), Some(true));
        } else if let Some(vlan) = said.untagged.as_ref().and_then(|vlan| vlan.id) {
            (found.vlan, found.tagged) = (Some(vlan), Some(false));
        }
        Some(found)
    }

    fn of_vm(&self, id: VmId, interface: &Arc<str>, depth: u8) -> Option<Attachment> {
        let vm = &self.lab.vms[id];
        let called = |name: &Arc<str>| {
            vm.nics.iter().find(|(key, nic)| {
                key.text == *name || nic.os_name.as_ref().is_some_and(|os| os.text == *name)
            })
        };
        let Some((_, nic)) = called(interface) else {
            return self.by_name(id.into(), None, interface, depth);
        };
        let mut found = match nic.bridge.as_ref().and_then(|bridge| bridge.id) {
            Some(bridge) => self.of_bridge(bridge, depth + 1),
            None => Attachment::default(),
        };
        if let Some(vlan) = nic.vlan.as_ref().and_then(|vlan| vlan.id) {
            (found.vlan, found.tagged) = (Some(vlan), Some(true));
        }
        Some(found)
    }

    fn of_lag(&self, lag: LagId, device: DeviceId) -> Attachment {
        let facts = self.derived.lag(lag);
        let here = |side: &super::LagSideFacts| side.devices.contains(&device);
        let side = if here(&facts.near) { &facts.near } else { &facts.far };
        let ports =
            side.ports.iter().copied().filter(|port| self.derived.port(*port).device == device).collect();
        Attachment { ports, lag: Some(lag), tagged: Some(false), ..Attachment::default() }
    }

    fn of_bridge(&self, id: BridgeId, depth: u8) -> Attachment {
        let bridge = &self.lab.bridges[id];
        let mut found = Attachment { bridges: vec![id], tagged: Some(false), ..Attachment::default() };
        for port in &bridge.ports.items {
            let Some(on) = bridge.on.as_ref().and_then(|on| on.id) else { break };
            let Some(below) = self.find(on, &port.text, depth + 1) else { continue };
            found.ports.extend(below.ports);
            found.lag = found.lag.or(below.lag);
            found.bridges.extend(below.bridges);
            if below.vlan.is_some() {
                (found.vlan, found.tagged) = (below.vlan, below.tagged);
            }
        }
        let Some(vlan) = bridge.vlan.as_ref().and_then(|vlan| vlan.id) else { return found };
        match (found.vlan, found.tagged) {
            // Whether the bridge adds the tag, or the port below has the VLAN untagged, is not said.
            (None, _) => (found.vlan, found.tagged) = (Some(vlan), None),
            // The port below keeps frames without a tag for another VLAN, so the bridge adds its own.
            (Some(untagged), Some(false)) if untagged != vlan => {
                (found.vlan, found.tagged) = (Some(vlan), Some(true));
            }
            _ => {}
        }
        found
    }

    fn by_name(
        &self,
        owner: ThingId,
        device: Option<DeviceId>,
        name: &Arc<str>,
        depth: u8,
    ) -> Option<Attachment> {
        if let Some(device) = device {
            let by_os_name = || self.by_os_name.get(&(device, name.clone())).copied();
            if let Some(port) = self.derived.find_port(device, name).or_else(by_os_name) {
                return Some(Attachment { ports: vec![port], tagged: Some(false), ..Attachment::default() });
            }
            if let Some(&lag) = self.lags.get(&(device, name.clone())) {
                return Some(self.of_lag(lag, device));
            }
        }
        if let Some(&bridge) = self.bridges.get(&(owner, name.clone())) {
            return Some(self.of_bridge(bridge, depth + 1));
        }
        let (base, number) = name.rsplit_once('.')?;
        let vlan = number.parse().ok().and_then(|number: u16| self.vlans.get(&number).copied())?;
        let mut found = self.find(owner, &Arc::from(base), depth + 1)?;
        (found.vlan, found.tagged) = (Some(vlan), Some(true));
        Some(found)
    }
}

impl crate::lab::Entry<crate::written::Bridge> {
    /// What its host calls it.
    pub fn name_in_host(&self) -> &Arc<str> {
        self.record.name.as_ref().map_or(&self.name.text, |name| &name.text)
    }
}

impl Derived {
    /// What an interface of a machine or device stands on. `None` for a name that nothing is known of.
    pub fn attachment(&self, owner: impl Into<ThingId>, interface: &str) -> Option<&Attachment> {
        self.attachments.get(&owner.into())?.get(interface)
    }
}
